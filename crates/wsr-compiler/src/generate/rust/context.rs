//! What the whole generation knows: names of items and where they stand.

use std::collections::{BTreeMap, BTreeSet};

use super::events::{Audiences, audiences};
use super::facts::Facts;
use super::paths;
use crate::generate::casing::{field_name, identifier, module_name, type_name};
use crate::model::{
    EventId, Field, Handler, HandlerId, Handling, MessageId, Model, NamespaceId, Payload, Shape, TopicId, Type, TypeId,
    TypeKind,
};
use crate::source::FileId;

/// The module that code is being written for.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Modules between it and the place of `routes!`.
    pub depth: usize,
}

/// For which end of the wire code is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Reads messages and answers to asks, writes everything else.
    Server,
    /// The other way round.
    Client,
}

/// A model with everything that is worked out once.
pub(super) struct Context<'m> {
    pub model: &'m Model,
    pub side: Side,
    sources: &'m [String],
    /// The module of what stands in no namespace.
    pub root_module: String,
    /// One variant of `Incoming` and `AnyMessage` a message.
    pub variants: Vec<String>,
    /// What is true of each type.
    pub facts: Facts,
    /// The first message that each method of a `Handlers` trait takes; others may carry the same type.
    pub methods: BTreeMap<(NamespaceId, String), MessageId>,
    /// Types that are keys of a map or stand in a topic's place.
    pub keys: BTreeSet<TypeId>,
    /// By namespace: names of its structs and enums.
    names: Vec<BTreeSet<String>>,
    /// By event: where it may go.
    pub audiences: Vec<Audiences>,
    /// By message: the flow that covers it.
    pub flows: Vec<Option<usize>>,
}

impl<'m> Context<'m> {
    pub fn new(model: &'m Model, sources: &'m [String]) -> Self {
        let mut context = Self {
            model,
            side: Side::Server,
            sources,
            root_module: root_module(model),
            variants: variants(model),
            facts: Facts::of(model),
            methods: methods(model),
            keys: BTreeSet::new(),
            names: type_names(model),
            audiences: audiences(model),
            flows: flows(model),
        };
        context.keys = context.key_types();
        context
    }

    /// The same model for the other end.
    pub fn of_client(model: &'m Model) -> Self {
        Self { side: Side::Client, ..Self::new(model, &[]) }
    }

    /// The scope of a namespace.
    pub fn scope(&self, namespace: NamespaceId) -> Scope {
        Scope { namespace, depth: self.path(namespace).len().max(1) }
    }

    /// The path of an item, seen from `scope`.
    pub fn item(&self, scope: Scope, namespace: NamespaceId, name: &str) -> String {
        if scope.namespace == namespace {
            return name.to_owned();
        }
        let mut path = "super::".repeat(scope.depth);
        for module in self.path(namespace) {
            path.push_str(&identifier(&module_name(module)));
            path.push_str("::");
        }
        path + name
    }

    /// The path of an item of the root, such as `Role` or `Cx`.
    pub fn root_item(&self, scope: Scope, name: &str) -> String {
        self.item(scope, 0, name)
    }

    /// The path of a named type.
    pub fn type_path(&self, scope: Scope, id: TypeId) -> String {
        let Some(def) = self.model.types.get(id) else { return "rt::Value".to_owned() };
        self.item(scope, def.namespace, &identifier(&type_name(&def.name)))
    }

    /// The path of an event's struct.
    pub fn event_path(&self, scope: Scope, id: EventId) -> String {
        let event = &self.model.events[id];
        self.item(scope, event.namespace, &identifier(&type_name(&event.name)))
    }

    /// The path of what a message's handlers take.
    pub fn message_path(&self, scope: Scope, id: MessageId) -> String {
        let message = &self.model.messages[id];
        match &message.payload {
            Payload::Type(ty) => self.rust_type(scope, ty),
            _ => self.item(scope, message.namespace, &identifier(&type_name(&message.name))),
        }
    }

    /// The path of the function that makes a topic.
    pub fn topic_path(&self, scope: Scope, id: TopicId) -> String {
        let topic = &self.model.topics[id];
        self.item(scope, topic.namespace, &identifier(&field_name(&topic.name)))
    }

    /// The name of the type that stands for a topic line; out of the way of types of that name.
    pub fn topic_marker(&self, id: TopicId) -> String {
        let topic = &self.model.topics[id];
        let name = identifier(&type_name(&topic.name));
        if self.type_names(topic.namespace).contains(&name) { format!("{name}Topic") } else { name }
    }

    /// The path of that type.
    pub fn topic_marker_path(&self, scope: Scope, id: TopicId) -> String {
        self.item(scope, self.model.topics[id].namespace, &self.topic_marker(id))
    }

    /// The path of a namespace's `Handlers`.
    pub fn handlers_path(&self, scope: Scope, namespace: NamespaceId) -> String {
        self.item(scope, namespace, "Handlers")
    }

    /// The method of a handler and the namespace of its trait; `None` for a relay, and for a name that a
    /// message of another type has taken.
    pub fn method(&self, message: MessageId, handler: &Handler) -> Option<(NamespaceId, String)> {
        match handler {
            Handler::Method { namespace, name } => {
                let name = field_name(name);
                let owner = *self.methods.get(&(*namespace, name.clone()))?;
                let root = self.scope(0);
                let same = owner == message || self.message_path(root, owner) == self.message_path(root, message);
                same.then(|| (*namespace, identifier(&name)))
            }
            Handler::Any(id) => {
                let handler = self.model.any_handlers.get(*id)?;
                Some((handler.namespace, identifier(&field_name(&handler.name))))
            }
            Handler::Relay(_) => None,
        }
    }

    /// The handlers that take any message, of a namespace.
    pub fn any_handlers(&self, namespace: NamespaceId) -> impl Iterator<Item = HandlerId> {
        let handlers = self.model.any_handlers.iter().enumerate();
        handlers.filter(move |(_, handler)| handler.namespace == namespace).map(|(id, _)| id)
    }

    /// Whether a namespace has a `Handlers` trait.
    pub fn has_handlers(&self, namespace: NamespaceId) -> bool {
        let asked = self.model.topics.iter().any(|topic| topic.authorize && topic.namespace == namespace);
        asked
            || self.methods.keys().any(|(owner, _)| *owner == namespace)
            || self.any_handlers(namespace).next().is_some()
    }

    /// Names of structs and enums in a namespace's module.
    pub fn type_names(&self, namespace: NamespaceId) -> &BTreeSet<String> {
        &self.names[namespace]
    }

    /// ` // chat/send, routes.wsr:130`, for the end of a line.
    pub fn mark(&self, wire: &str, (file, line): (FileId, u32)) -> String {
        use super::literal::comment;
        // A client is made for people who may not have the file.
        if self.side == Side::Client {
            return String::new();
        }
        let source = self.sources.get(usize::from(file)).map_or("", String::as_str);
        format!("// {}, {}:{line}", comment(wire), comment(source))
    }

    /// The name of the file that imports the others.
    pub fn root_source(&self) -> &str {
        self.sources.first().map_or("", String::as_str)
    }

    /// The wire-like name of an item that has none: `chat/Room`.
    pub fn full_name(&self, namespace: NamespaceId, name: &str) -> String {
        let mut parts: Vec<&str> = self.path(namespace).iter().map(String::as_str).collect();
        parts.push(name);
        parts.join("/")
    }

    /// A namespace as users name its module, `chat` or `routes`.
    pub fn module_path(&self, namespace: NamespaceId) -> String {
        match self.path(namespace) {
            [] => self.root_module.clone(),
            path => path.iter().map(|name| identifier(&module_name(name))).collect::<Vec<_>>().join("::"),
        }
    }

    pub(super) fn path(&self, namespace: NamespaceId) -> &[String] {
        self.model.namespaces.get(namespace).map_or(&[], |namespace| &namespace.path)
    }

    /// The same on the wire.
    pub(super) fn wire_path(&self, namespace: NamespaceId) -> &[String] {
        self.model.namespaces.get(namespace).map_or(&[], |namespace| &namespace.wire)
    }

    /// All types as written anywhere, the outermost of each place.
    pub(super) fn all_types(&self) -> Vec<&'m Type> {
        let mut types = Vec::new();
        for def in &self.model.types {
            match &def.kind {
                TypeKind::Alias(ty) => types.push(ty),
                TypeKind::Struct(fields) => types.extend(fields.iter().map(|field| &field.ty)),
                TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                    types.extend(variants.iter().flat_map(|variant| &variant.fields).map(|field| &field.ty));
                }
            }
        }
        let messages = self.model.messages.iter().map(|message| &message.payload);
        let events = self.model.events.iter().map(|event| &event.payload);
        for payload in messages.chain(events).chain(self.model.asks.iter().map(|ask| &ask.payload)) {
            match payload {
                Payload::None => {}
                Payload::Fields(fields) => types.extend(fields.iter().map(|field| &field.ty)),
                Payload::Type(ty) => types.push(ty),
            }
        }
        types.extend(self.model.messages.iter().filter_map(|message| message.reply()?.ty.as_ref()));
        let handlings = self.model.messages.iter().flat_map(|message| message.chain.iter().flatten());
        types.extend(handlings.flat_map(Handling::passes));
        types.extend(self.model.messages.iter().filter_map(|message| Some(&message.stream()?.item)));
        types.extend(self.model.asks.iter().filter_map(|ask| ask.reply.ty.as_ref()));
        types
    }

    fn key_types(&self) -> BTreeSet<TypeId> {
        let mut keys = BTreeSet::new();
        for ty in self.all_types() {
            self.collect_keys(ty, &mut keys);
        }
        for topic in &self.model.topics {
            for segment in &topic.segments {
                if let crate::model::Segment::Place { ty, .. } = segment {
                    keys.extend(self.own_id(ty));
                }
            }
        }
        keys
    }

    fn collect_keys(&self, ty: &Type, keys: &mut BTreeSet<TypeId>) {
        match &ty.shape {
            Shape::List(item) => self.collect_keys(item, keys),
            Shape::Map(key, value) => {
                keys.extend(self.own_id(key));
                self.collect_keys(value, keys);
            }
            _ => {}
        }
    }
}

/// Local names for a struct's fields: a field called `at` must not hide the parameter `at`.
pub(super) fn locals(fields: &[Field]) -> Vec<String> {
    let names: BTreeSet<String> = fields.iter().map(|field| field_name(&field.name)).collect();
    let mut given = BTreeSet::new();
    let local = |field: &Field| {
        let mut name = field_name(&field.name);
        if TAKEN.contains(&name.as_str()) || given.contains(&name) {
            name.push('_');
            while names.contains(&name) || given.contains(&name) {
                name.push('_');
            }
        }
        given.insert(name.clone());
        identifier(&name)
    };
    fields.iter().map(local).collect()
}

/// A name for a variable that none of `given` has; adds it to them.
pub(super) fn fresh(name: &str, given: &mut BTreeSet<String>) -> String {
    let mut fresh = name.to_owned();
    let mut count = 1;
    while TAKEN.contains(&fresh.as_str()) || !given.insert(fresh.clone()) {
        count += 1;
        fresh = format!("{name}_{count}");
    }
    identifier(&fresh)
}

/// One set more than there are namespaces needs no care about a model without any.
fn type_names(model: &Model) -> Vec<BTreeSet<String>> {
    let mut names = vec![BTreeSet::new(); model.namespaces.len() + 1];
    let mut add = |namespace: NamespaceId, name: &str| {
        if let Some(names) = names.get_mut(namespace) {
            names.insert(identifier(&type_name(name)));
        }
    };
    model.types.iter().for_each(|def| add(def.namespace, &def.name));
    model.events.iter().for_each(|event| add(event.namespace, &event.name));
    model.asks.iter().for_each(|ask| add(ask.namespace, &ask.name));
    for message in &model.messages {
        if !matches!(message.payload, Payload::Type(_)) {
            add(message.namespace, &message.name);
        }
    }
    names
}

/// The flow of connections that covers each message, by its place among those.
fn flows(model: &Model) -> Vec<Option<usize>> {
    let mut flows = vec![None; model.messages.len()];
    for (flow, declared) in model.flows.iter().filter(|flow| flow.on.is_none()).enumerate() {
        for &message in &declared.covers {
            if let Some(covered @ None) = flows.get_mut(message) {
                *covered = Some(flow);
            }
        }
    }
    flows
}

fn root_module(model: &Model) -> String {
    let taken = |name: &str| model.namespaces.iter().any(|space| space.path == [name]);
    let mut name = paths::ROOT.to_owned();
    while taken(&name) {
        name.push_str("_root");
    }
    name
}

/// `chat/send` is `ChatSend`; the second of two equal ones gets a number.
fn variants(model: &Model) -> Vec<String> {
    let mut given = BTreeSet::new();
    let name = |message: &crate::model::Message| {
        let path = model.namespaces.get(message.namespace).map_or(&[][..], |space| &space.path);
        let name: String = path.iter().chain([&message.name]).map(|part| capitalized(&type_name(part))).collect();
        fresh(&name, &mut given)
    };
    model.messages.iter().map(name).collect()
}

fn capitalized(name: &str) -> String {
    let mut signs = name.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// The first message that names a handler is the one it takes.
fn methods(model: &Model) -> BTreeMap<(NamespaceId, String), MessageId> {
    let mut methods = BTreeMap::new();
    for (id, message) in model.messages.iter().enumerate() {
        for handling in message.chain.iter().flatten() {
            if let Handler::Method { namespace, name } = &handling.handler {
                methods.entry((*namespace, field_name(name))).or_insert(id);
            }
        }
    }
    methods
}

/// Names that generated functions use for themselves.
const TAKEN: [&str; 24] = [
    "app", "at", "body", "cx", "error", "event", "f", "failed", "failure", "item", "items", "key", "kind", "message",
    "ok", "out", "r", "report", "tag", "to", "topic", "turn", "value", "w",
];
