//! Where things are named: the index that editors jump along.
//!
//! A walk of its own over the trees, once everything has its number: it looks names up as the passes before it did,
//! reports nothing, and leaves out what nobody knows. So it also finds names in items that a report kept out of the model.

mod places;
mod routes;

use std::collections::HashMap;

use super::Resolver;
use crate::index::{FieldOf, Index, Symbol, Use};
use crate::model::{self, NamespaceId, Shape, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{self, ItemKind, Name};

impl Resolver<'_, '_, '_> {
    /// Every place where something is named.
    pub(super) fn index(&self, files: &[tree::File]) -> Index {
        let mut walk = Walk { resolver: self, declared: HashMap::new(), uses: Vec::new() };
        walk.declarations();
        for file in files {
            walk.items(0, &file.items);
        }
        walk.uses.sort_by(|one, other| (one.span, &one.of).cmp(&(other.span, &other.of)));
        walk.uses.dedup();
        Index { uses: walk.uses }
    }
}

/// The fields that something has, by their owner.
type Fields<'r> = (FieldOf, &'r [model::Field]);

struct Walk<'r, 't, 's, 'o> {
    resolver: &'r Resolver<'t, 's, 'o>,
    /// What has its name at a place.
    declared: HashMap<Span, Symbol>,
    uses: Vec<Use>,
}

impl<'r> Walk<'r, '_, '_, '_> {
    fn used(&mut self, span: Span, of: Symbol) {
        self.uses.push(Use { span, of, declares: false });
    }

    fn declare(&mut self, span: Span, of: Symbol) {
        self.declared.insert(span, of.clone());
        self.uses.push(Use { span, of, declares: true });
    }

    /// All that the model holds; namespaces and topics are declared where the walk meets them.
    fn declarations(&mut self) {
        let model = &self.resolver.model;
        for (id, def) in model.types.iter().enumerate() {
            if !def.inline {
                self.declare(def.origin.span, Symbol::Type(id));
            }
            match &def.kind {
                TypeKind::Alias(_) => {}
                TypeKind::Struct(fields) => self.declare_fields(FieldOf::Struct(id), fields),
                TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                    for (index, variant) in variants.iter().enumerate() {
                        self.declare(variant.origin.span, Symbol::Variant(id, index));
                        self.declare_fields(FieldOf::Variant(id, index), &variant.fields);
                    }
                }
            }
        }
        for (id, event) in model.events.iter().enumerate() {
            self.declare(event.origin.span, Symbol::Event(id));
            self.declare_payload(FieldOf::Event(id), &event.payload);
        }
        for (id, message) in model.messages.iter().enumerate() {
            self.declare(message.origin.span, Symbol::Message(id));
            self.declare_payload(FieldOf::Message(id), &message.payload);
        }
        for (id, ask) in model.asks.iter().enumerate() {
            self.declare(ask.origin.span, Symbol::Ask(id));
            self.declare_payload(FieldOf::Ask(id), &ask.payload);
        }
        for (id, handler) in model.any_handlers.iter().enumerate() {
            self.declare(handler.origin.span, Symbol::AnyHandler(id));
        }
        for (id, role) in model.roles.iter().enumerate() {
            self.declare(role.origin.span, Symbol::Role(id));
        }
        for (id, topic) in model.topics.iter().enumerate() {
            self.declared.insert(topic.origin.span, Symbol::Topic(id));
        }
        for (id, flow) in model.flows.iter().enumerate() {
            self.declare(flow.origin.span, Symbol::Flow(id));
            for (index, state) in flow.states.iter().enumerate() {
                self.declare(state.origin.span, Symbol::State(id, index));
            }
        }
    }

    fn declare_payload(&mut self, of: FieldOf, payload: &model::Payload) {
        if let model::Payload::Fields(fields) = payload {
            self.declare_fields(of, fields);
        }
    }

    fn declare_fields(&mut self, of: FieldOf, fields: &[model::Field]) {
        for (index, field) in fields.iter().enumerate() {
            self.declare(field.origin.span, Symbol::Field(of, index));
        }
    }

    fn items(&mut self, namespace: NamespaceId, items: &[tree::Item]) {
        for item in items {
            self.item(namespace, item);
        }
    }

    fn item(&mut self, namespace: NamespaceId, item: &tree::Item) {
        match &item.kind {
            ItemKind::Protocol { .. } | ItemKind::Import(_) | ItemKind::Roles(_) | ItemKind::Handler(_) => {}
            ItemKind::Identity(ty) => self.ty(0, ty, None),
            ItemKind::Namespace { name, items } => {
                let mut path = self.resolver.model.namespaces[namespace].path.clone();
                path.push(name.text.clone());
                if let Some(&inner) = self.resolver.tables.namespaces.get(&path) {
                    self.uses.push(Use { span: name.span, of: Symbol::Namespace(inner), declares: true });
                    self.items(inner, items);
                }
            }
            ItemKind::Alias { name, ty } => {
                let known = match self.declared.get(&name.span) {
                    Some(&Symbol::Type(id)) => Some(&self.resolver.model.types[id].kind),
                    _ => None,
                };
                let known = known.and_then(|kind| if let TypeKind::Alias(ty) = kind { Some(ty) } else { None });
                self.ty(namespace, ty, known);
            }
            ItemKind::Struct { fields, .. } => self.fields(namespace, fields),
            ItemKind::Enum { variants, .. } => self.variants(namespace, variants),
            ItemKind::Topic(path) => self.topic(namespace, item, path),
            ItemKind::Event(event) => self.event(namespace, item, event),
            ItemKind::Message(message) => self.message(namespace, item, message),
            ItemKind::Ask(ask) => self.ask(namespace, ask),
            ItemKind::Flow(flow) => self.flow(flow),
        }
    }

    fn fields(&mut self, namespace: NamespaceId, fields: &[tree::Field]) {
        for field in fields {
            let known = self.field_named_at(field.name.span).map(|field| &field.ty);
            self.ty(namespace, &field.ty, known);
            if let (Some(ty), Some(value)) = (known, &field.default) {
                self.value(ty, value);
            }
        }
    }

    fn variants(&mut self, namespace: NamespaceId, variants: &[tree::Variant]) {
        for variant in variants {
            self.fields(namespace, &variant.fields);
        }
    }

    fn field_named_at(&self, span: Span) -> Option<&'r model::Field> {
        let Some(&Symbol::Field(of, index)) = self.declared.get(&span) else { return None };
        let model = &self.resolver.model;
        let fields = match of {
            FieldOf::Struct(id) => match &model.types[id].kind {
                TypeKind::Struct(fields) => fields.as_slice(),
                _ => &[],
            },
            FieldOf::Variant(id, variant) => match &model.types[id].kind {
                TypeKind::Enum(variants) | TypeKind::Error(variants) => variants[variant].fields.as_slice(),
                _ => &[],
            },
            FieldOf::Message(id) => fields_of(&model.messages[id].payload),
            FieldOf::Event(id) => fields_of(&model.events[id].payload),
            FieldOf::Ask(id) => fields_of(&model.asks[id].payload),
        };
        fields.get(index)
    }

    /// The names in a type; `known` is what it became.
    fn ty(&mut self, namespace: NamespaceId, written: &tree::Type, known: Option<&model::Type>) {
        match &written.kind {
            tree::TypeKind::Name(name) => self.type_name(namespace, name, written.base_span),
            tree::TypeKind::List(item) => {
                let inner = known.and_then(|ty| if let Shape::List(item) = &ty.shape { Some(&**item) } else { None });
                self.ty(namespace, item, inner);
            }
            tree::TypeKind::Map(key, value) => {
                let inner =
                    known.and_then(|ty| if let Shape::Map(key, value) = &ty.shape { Some((key, value)) } else { None });
                self.ty(namespace, key, inner.map(|(key, _)| &**key));
                self.ty(namespace, value, inner.map(|(_, value)| &**value));
            }
            tree::TypeKind::InlineStruct(inner) => self.fields(namespace, inner),
            tree::TypeKind::InlineEnum { variants, .. } => self.variants(namespace, variants),
            tree::TypeKind::Literal(_) => {}
        }
    }

    fn type_name(&mut self, namespace: NamespaceId, name: &str, span: Span) {
        let Some(id) = self.resolver.find_type(namespace, name) else { return };
        let last = self.path_to(namespace, name, span);
        self.used(last, Symbol::Type(id));
    }

    /// Notes the namespaces in front of a name, and gives the place of its last word.
    fn path_to(&mut self, from: NamespaceId, name: &str, span: Span) -> Span {
        let words = words(name, span);
        let Some((last, path)) = words.split_last() else { return span };
        let names: Vec<&str> = path.iter().map(|(word, _)| *word).collect();
        if let Some(inner) = self.resolver.find_namespace(from, &names).filter(|_| !path.is_empty()) {
            self.namespaces(inner, path);
        }
        last.1
    }

    /// Notes the words of a path that ends in this namespace.
    fn namespaces(&mut self, inner: NamespaceId, path: &[(&str, Span)]) {
        let mut namespace = Some(inner).filter(|&inner| inner != 0);
        for &(_, span) in path.iter().rev() {
            let Some(id) = namespace else { break };
            self.used(span, Symbol::Namespace(id));
            namespace = self.resolver.model.namespaces[id].parent.filter(|&parent| parent != 0);
        }
    }

    /// Variants and roles in a default.
    fn value(&mut self, ty: &model::Type, value: &tree::Value) {
        match (self.resolver.base(ty), &value.kind) {
            (Shape::Role, tree::ValueKind::Name(name)) => {
                self.role(&Name { text: name.clone(), span: value.span });
            }
            (&Shape::Named(id), tree::ValueKind::Name(name)) => {
                let TypeKind::Enum(variants) = &self.resolver.model.types[id].kind else { return };
                if let Some(index) = variants.iter().position(|variant| variant.name == *name) {
                    self.used(value.span, Symbol::Variant(id, index));
                }
            }
            (Shape::List(item), tree::ValueKind::List(values)) => {
                for value in values {
                    self.value(item, value);
                }
            }
            _ => {}
        }
    }

    fn role(&mut self, name: &Name) {
        if let Some(&role) = self.resolver.tables.roles.get(&name.text) {
            self.used(name.span, Symbol::Role(role));
        }
    }
}

fn fields_of(payload: &model::Payload) -> &[model::Field] {
    match payload {
        model::Payload::Fields(fields) => fields,
        _ => &[],
    }
}

/// The words of a path with their places: `audit::record`, `chat/posted`, `device.kind`.
fn words(path: &str, span: Span) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in path.split([':', '/', '.']) {
        if !word.is_empty() {
            let start = span.start + at as u32;
            found.push((word, Span { start, end: start + word.len() as u32, ..span }));
        }
        at += word.len() + 1;
    }
    found
}
