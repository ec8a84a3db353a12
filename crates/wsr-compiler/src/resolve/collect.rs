//! The first pass: what is declared, where, and not twice.

use super::attributes::{Attributes, Place};
use super::inline::Owner;
use super::{Resolver, TypeNode, WrittenType};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::generate::casing::type_name;
use crate::model::{self, NamespaceId};
use crate::source::Span;
use crate::syntax::tree::{self, ItemKind, Lead, Name};

/// Roles are kept in one machine word at run time.
const MAX_ROLES: usize = 64;

impl<'t> Resolver<'t, '_, '_> {
    pub(super) fn collect(&mut self, items: &'t [tree::Item], namespace: NamespaceId) {
        for item in items {
            if namespace != 0 && !may_stand_in_namespace(&item.kind) {
                self.misplaced(item);
                continue;
            }
            self.item(item, namespace);
        }
    }

    fn item(&mut self, item: &'t tree::Item, namespace: NamespaceId) {
        match &item.kind {
            ItemKind::Protocol { name, version } => self.protocol(item, name, version),
            // Followed before the model is made.
            ItemKind::Import(_) => {
                self.attributes(&item.lead, Place::Other);
            }
            ItemKind::Identity(ty) => self.identity_line(item, ty),
            ItemKind::Roles(roles) => self.roles(item, roles),
            ItemKind::Namespace { name, items } => {
                let inner = self.namespace(namespace, name, &item.lead);
                self.namespace_attributes(inner, &item.lead);
                self.collect(items, inner);
            }
            ItemKind::Alias { name, .. } | ItemKind::Struct { name, .. } | ItemKind::Enum { name, .. } => {
                self.type_def(item, name, namespace)
            }
            ItemKind::Topic(path) => self.topic(item, path, namespace),
            ItemKind::Handler(name) => self.any_handler(item, name, namespace),
            ItemKind::Event(event) => self.event(item, event, namespace),
            ItemKind::Message(message) => self.message(item, message, namespace),
            ItemKind::Ask(ask) => self.ask(item, ask, namespace),
            ItemKind::Flow(flow) => self.flow(item, flow),
        }
    }

    fn misplaced(&mut self, item: &tree::Item) {
        let keyword = self.text(item.keyword);
        self.report(
            Diagnostic::new(Code::Syntax, item.keyword, format!("`{keyword}` inside a namespace"))
                .label("belongs to the whole protocol")
                .help("move it out of the braces of the namespace"),
        );
    }

    fn protocol(&mut self, item: &'t tree::Item, name: &Name, version: &Name) {
        if let Some(first) = self.model.protocol.as_ref().map(|protocol| protocol.origin.span) {
            return self.declared_twice("the protocol", name.span, first);
        }
        let origin = self.origin(name, &item.lead.docs);
        self.model.protocol = Some(model::Protocol { name: name.text.clone(), version: version.text.clone(), origin });
        self.protocol_attributes(&item.lead);
    }

    fn identity_line(&mut self, item: &'t tree::Item, ty: &'t tree::Type) {
        let found = self.attributes(&item.lead, Place::Identity);
        match self.identity {
            Some((_, first)) => self.declared_twice("the identity", item.keyword, first),
            None => {
                self.identity = Some((ty, item.keyword));
                self.model.mailbox_history = self.history(&found);
            }
        }
    }

    fn roles(&mut self, item: &tree::Item, roles: &[tree::Role]) {
        self.attributes(&item.lead, Place::Other);
        if let Some(first) = self.model.roles.first().map(|role| role.origin.span) {
            return self.declared_twice("`roles`", item.keyword, first);
        }
        for role in roles {
            if let Some(&first) = self.tables.roles.get(&role.name.text) {
                let first = self.model.roles[first].origin.span;
                self.declared_twice(&format!("role `{}`", role.name.text), role.name.span, first);
                continue;
            }
            if self.model.roles.len() == MAX_ROLES {
                self.too_many(role.name.span, &format!("more than {MAX_ROLES} roles"));
                break;
            }
            self.tables.roles.insert(role.name.text.clone(), self.model.roles.len());
            let origin = self.origin(&role.name, &role.docs);
            self.model.roles.push(model::Role { name: role.name.text.clone(), origin });
        }
    }

    pub(super) fn too_many(&mut self, span: Span, title: &str) {
        let report = Diagnostic::new(Code::TooMany, span, title).label("one too many");
        self.report(report.help("part the protocol, or put what they have in common into a payload"));
    }

    /// The namespace of this name inside another; several blocks of one name are one namespace.
    fn namespace(&mut self, parent: NamespaceId, name: &Name, lead: &Lead) -> NamespaceId {
        let mut path = self.model.namespaces[parent].path.clone();
        path.push(name.text.clone());
        if let Some(&known) = self.tables.namespaces.get(&path) {
            self.model.namespaces[known].docs.extend(lead.docs.iter().cloned());
            return known;
        }
        let id = self.model.namespaces.len();
        self.tables.namespaces.insert(path.clone(), id);
        self.model.namespaces.push(model::Namespace {
            wire: path.clone(),
            path,
            parent: Some(parent),
            docs: lead.docs.clone(),
        });
        self.written.namespaces.push(Some(name.span));
        id
    }

    fn type_def(&mut self, item: &'t tree::Item, name: &Name, namespace: NamespaceId) {
        let key = (namespace, name.text.clone());
        if let Some(&first) = self.tables.types.get(&key) {
            let first = self.model.types[first].origin.span;
            return self.declared_twice(&format!("type `{}`", name.text), name.span, first);
        }
        let (place, kind, node) = match &item.kind {
            ItemKind::Struct { fields, .. } => {
                (Place::Struct, model::TypeKind::Struct(Vec::new()), TypeNode::Struct(fields))
            }
            ItemKind::Enum { variants, error, broken, .. } => {
                let node = TypeNode::Enum { variants, broken: *broken };
                match error {
                    false => (Place::Enum, model::TypeKind::Enum(Vec::new()), node),
                    true => (Place::Error, model::TypeKind::Error(Vec::new()), node),
                }
            }
            ItemKind::Alias { ty, .. } => {
                (Place::Alias, model::TypeKind::Alias(super::types::unknown(name.span)), TypeNode::Alias(ty))
            }
            _ => return,
        };
        let found = self.attributes(&item.lead, place);
        self.flags(&found, &["secret", "open"]);
        let mut origin = self.origin(name, &item.lead.docs);
        self.age(&found, &mut origin);
        let def = model::TypeDef {
            name: name.text.clone(),
            namespace,
            kind,
            secret: found.flag("secret"),
            open: found.flag("open"),
            tag: self.type_tag(item, &found),
            inline: false,
            origin,
        };
        if let Some(case) = self.rename_all(&found) {
            self.type_cases.insert(self.model.types.len(), case);
        }
        self.tables.types.insert(key, self.model.types.len());
        let id = self.model.types.len();
        self.model.types.push(def);
        self.written.types.push(WrittenType { lead: &item.lead, node, span: name.span, owner: None });
        self.inline_in_type(id);
    }

    /// The key that holds a variant's name.
    fn type_tag(&mut self, item: &tree::Item, found: &Attributes<'_>) -> String {
        let (is_error, has_fields) = match &item.kind {
            ItemKind::Enum { variants, error, broken, .. } => {
                (*error, *broken || variants.iter().any(|variant| !variant.fields.is_empty()))
            }
            _ => (false, true),
        };
        let taken: &[&str] = if is_error { &["code"] } else { &[] };
        let said = self.tag(found, taken);
        if let (Some(attribute), false, false) = (found.get("tag"), is_error, has_fields) {
            let report = Diagnostic::new(Code::Attribute, attribute.span, "`@tag` above an enum without any fields")
                .label("there is no object to put it into");
            let report = report.help("remove it: without fields a variant is its name, a text");
            self.report(self.without(report, attribute.span));
        }
        said.unwrap_or_else(|| model::TypeDef::TAG.to_owned())
    }

    fn topic(&mut self, item: &'t tree::Item, path: &'t tree::TopicPath, namespace: NamespaceId) {
        let literals = path.parts.iter().filter_map(|part| match part {
            tree::TopicPart::Literal(name) => Some(name.text.as_str()),
            tree::TopicPart::Place(_) => None,
        });
        let name = literals.collect::<Vec<_>>().join("_");
        if !matches!(path.parts.first(), Some(tree::TopicPart::Literal(_))) {
            self.report(
                Diagnostic::new(Code::Places, path.span, "a topic begins with a fixed word")
                    .label("begins with a place")
                    .help("put a word before it: `topic rooms/{room: RoomId}`"),
            );
            // Its uses may be right.
            self.nameless_kinds.insert("topic");
            return;
        }
        let mut origin = self.origin(&Name { text: name.clone(), span: path.span }, &item.lead.docs);
        origin.span = path.span;
        self.model.topics.push(model::Topic {
            name,
            namespace,
            segments: Vec::new(),
            history: None,
            authorize: false,
            presence: None,
            origin,
        });
        self.written.topics.push((&item.lead, path));
    }

    fn any_handler(&mut self, item: &tree::Item, name: &Name, namespace: NamespaceId) {
        self.attributes(&item.lead, Place::Other);
        let key = (namespace, name.text.clone());
        if let Some(&first) = self.tables.handlers.get(&key) {
            let first = self.model.any_handlers[first].origin.span;
            let full = self.rust_path(namespace, &name.text);
            let help = format!("the first one is at {}", self.place(first));
            let report = Diagnostic::new(Code::HandlerTwice, name.span, format!("handler `{full}` is declared twice"));
            return self.report(report.label("the second one").also(first, "the first one").help(help));
        }
        self.tables.handlers.insert(key, self.model.any_handlers.len());
        let origin = self.origin(name, &item.lead.docs);
        self.model.any_handlers.push(model::AnyHandler { name: name.text.clone(), namespace, origin });
    }

    /// Messages, events and what is asked share one space of names.
    fn declared_on_the_wire(&mut self, namespace: NamespaceId, name: &Name) -> bool {
        let key = (namespace, name.text.clone());
        let message = self.tables.messages.get(&key).map(|&id| self.model.messages[id].origin.span);
        let first = message
            .or_else(|| self.tables.events.get(&key).map(|&id| self.model.events[id].origin.span))
            .or_else(|| self.tables.asks.get(&key).map(|&id| self.model.asks[id].origin.span));
        if let Some(first) = first {
            let full = self.model.full_name(namespace, &name.text);
            self.declared_twice(&format!("`{full}`"), name.span, first);
        }
        first.is_some()
    }

    fn event(&mut self, item: &'t tree::Item, event: &'t tree::Event, namespace: NamespaceId) {
        if self.declared_on_the_wire(namespace, &event.name) {
            return;
        }
        self.tables.events.insert((namespace, event.name.text.clone()), self.model.events.len());
        self.model.events.push(model::Event {
            name: event.name.text.clone(),
            wire: String::new(),
            namespace,
            payload: model::Payload::None,
            binary: None,
            target: None,
            open: false,
            audit: false,
            overflow: None,
            origin: self.origin(&event.name, &item.lead.docs),
        });
        self.written.events.push((&item.lead, event));
        let owner = Owner::new(namespace, &item.lead, None);
        self.inline_in_payload(&owner, &type_name(&event.name.text), event.payload.as_ref());
    }

    fn message(&mut self, item: &'t tree::Item, message: &'t tree::Message, namespace: NamespaceId) {
        if self.declared_on_the_wire(namespace, &message.name) {
            return;
        }
        if self.model.messages.len() == usize::from(u16::MAX) {
            return self.too_many(message.name.span, "more than 65535 messages");
        }
        self.tables.messages.insert((namespace, message.name.text.clone()), self.model.messages.len());
        self.model.messages.push(model::Message {
            name: message.name.text.clone(),
            wire: String::new(),
            namespace,
            payload: model::Payload::None,
            open: false,
            binary: None,
            rate: None,
            limit: None,
            deadline: None,
            audit: false,
            concurrent: None,
            cancellable: false,
            idempotent: None,
            chain: Vec::new(),
            origin: self.origin(&message.name, &item.lead.docs),
        });
        self.written.messages.push((&item.lead, message));
        self.inline_in_message(&Owner::new(namespace, &item.lead, None), message);
    }

    fn ask(&mut self, item: &'t tree::Item, ask: &'t tree::Ask, namespace: NamespaceId) {
        if self.declared_on_the_wire(namespace, &ask.name) {
            return;
        }
        self.tables.asks.insert((namespace, ask.name.text.clone()), self.model.asks.len());
        self.model.asks.push(model::Ask {
            name: ask.name.text.clone(),
            wire: String::new(),
            namespace,
            payload: model::Payload::None,
            deadline: None,
            audit: false,
            reply: model::Reply { ty: None, error: None },
            origin: self.origin(&ask.name, &item.lead.docs),
        });
        self.written.asks.push((&item.lead, ask));
        let owner = Owner::new(namespace, &item.lead, None);
        self.inline_in_payload(&owner, &type_name(&ask.name.text), ask.payload.as_ref());
        self.inline_in_reply(&owner, &ask.name, ask.reply.as_ref());
    }

    fn flow(&mut self, item: &'t tree::Item, flow: &'t tree::Flow) {
        self.attributes(&item.lead, Place::Other);
        if let Some(&first) = self.tables.flows.get(&flow.name.text) {
            let first = self.model.flows[first].origin.span;
            return self.declared_twice(&format!("flow `{}`", flow.name.text), flow.name.span, first);
        }
        self.tables.flows.insert(flow.name.text.clone(), self.model.flows.len());
        let origin = self.origin(&flow.name, &item.lead.docs);
        self.model.flows.push(model::Flow {
            name: flow.name.text.clone(),
            on: None,
            covers: Vec::new(),
            states: Vec::new(),
            start: 0,
            origin,
        });
        self.written.flows.push(flow);
    }
}

fn may_stand_in_namespace(kind: &ItemKind) -> bool {
    !matches!(
        kind,
        ItemKind::Protocol { .. }
            | ItemKind::Import(_)
            | ItemKind::Identity(_)
            | ItemKind::Roles(_)
            | ItemKind::Flow(_)
    )
}
