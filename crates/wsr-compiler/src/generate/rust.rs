//! Rust code: a module a namespace, and a root module with what belongs to none.
//!
//! What is written here is included into a module of the user's, so the outermost level brings in
//! nothing but the modules, the items of the root and the few names promised in
//! [`paths::ROOT_NAMES`]. Inside the modules the runtime is called `rt`.

mod asks;
mod binary;
mod chain;
mod check;
mod client;
mod context;
mod decode;
mod defaults;
mod encode;
mod enums;
mod errors;
mod events;
pub(super) mod facts;
mod flows;
mod handlers;
mod items;
mod limits;
pub(super) mod literal;
mod newtypes;
mod paths;
mod pattern;
mod protocol;
mod repeats;
mod skeleton;
mod topics;
pub(super) mod types;

use std::collections::BTreeSet;

pub(super) use self::client::generate as generate_client;
pub(super) use self::skeleton::{signatures, skeleton};

use self::context::{Context, Scope};
use self::facts::{for_each_in, for_each_type};
use self::types::payload_types;
use super::Options;
use super::casing::{field_name, identifier, module_name};
use super::writer::Writer;
use crate::model::{Model, NamespaceId, Shape, Type, TypeDef, TypeId};

/// The Rust code of a protocol.
pub(super) fn generate(model: &Model, options: &Options) -> String {
    let context = Context::new(model, &options.sources);
    let mut w = Writer::default();
    context.header(&mut w);
    context.root(&mut w);
    for id in context.children(0) {
        w.blank();
        w.line(paths::ALLOW);
        context.namespace(&mut w, id);
    }
    w.finish()
}

impl Context<'_> {
    fn header(&self, w: &mut Writer) {
        let (source, version) = (literal::comment(self.root_source()), env!("CARGO_PKG_VERSION"));
        w.line(format!("// Generated from {source} by wsr-compiler {version}."));
        w.line(format!("// Changes are lost with the next build: change {source} instead."));
    }

    /// The root module, and what of it is seen outside.
    fn root(&self, w: &mut Writer) {
        let module = identifier(&self.root_module);
        w.blank();
        w.line(paths::ALLOW);
        w.line(format!("pub use {module}::{{"));
        let mut names: BTreeSet<String> = paths::ROOT_NAMES.map(str::to_owned).into();
        names.extend(self.type_names(0).iter().cloned());
        if self.has_handlers(0) {
            names.insert("Handlers".to_owned());
        }
        for (id, topic) in self.model.topics.iter().enumerate().filter(|(_, topic)| topic.namespace == 0) {
            names.insert(self.topic_marker(id));
            names.insert(identifier(&field_name(&topic.name)));
        }
        for name in names {
            w.line(format!("    {name},"));
        }
        w.line("};");
        w.blank();
        if let Some(protocol) = &self.model.protocol {
            w.lines(literal::docs(&protocol.origin.docs));
        }
        w.line(paths::ALLOW);
        w.block(format!("pub mod {module}"), |w| {
            let scope = self.scope(0);
            w.line(format!("use {} as {};", paths::RUNTIME, paths::ALIAS));
            let before = w.shadow(self.shadowed(0));
            self.items(w, scope);
            self.glue(w, scope);
            w.shadow(before);
        });
    }

    fn namespace(&self, w: &mut Writer, id: NamespaceId) {
        let space = &self.model.namespaces[id];
        let Some(name) = space.path.last() else { return };
        w.lines(literal::docs(&space.docs));
        w.block(format!("pub mod {}", identifier(&module_name(name))), |w| {
            let scope = self.scope(id);
            w.line(format!("use {} as {};", paths::RUNTIME, paths::ALIAS));
            w.blank();
            w.line(format!("use {}Cx;", "super::".repeat(scope.depth)));
            let before = w.shadow(self.shadowed(id));
            self.items(w, scope);
            for child in self.children(id) {
                w.blank();
                self.namespace(w, child);
            }
            w.shadow(before);
        });
    }

    /// The items of a namespace: types, topics, events, messages, handlers.
    fn items(&self, w: &mut Writer, scope: Scope) {
        let namespace = scope.namespace;
        let mut inline = BTreeSet::new();
        for (id, def) in self.model.types.iter().enumerate() {
            if def.namespace == namespace && !def.inline {
                self.named_type(w, scope, id, def);
                self.inline_types(w, scope, &mut inline, &named_by(def));
            }
        }
        for (id, topic) in self.model.topics.iter().enumerate() {
            if topic.namespace == namespace {
                self.topic(w, scope, id, topic);
            }
        }
        for (id, event) in self.model.events.iter().enumerate() {
            if event.namespace == namespace {
                self.event(w, scope, id, event);
                self.inline_types(w, scope, &mut inline, &named_in(&payload_types(&event.payload)));
            }
        }
        for ask in self.model.asks.iter().filter(|ask| ask.namespace == namespace) {
            self.ask(w, scope, ask);
            let mut types = payload_types(&ask.payload);
            types.extend(ask.reply.ty.as_ref());
            self.inline_types(w, scope, &mut inline, &named_in(&types));
        }
        for (id, message) in self.model.messages.iter().enumerate() {
            if message.namespace == namespace {
                self.message(w, scope, id, message);
                let mut types = payload_types(&message.payload);
                types.extend(message.reply().and_then(|reply| reply.ty.as_ref()));
                types.extend(message.stream().map(|stream| &stream.item));
                self.inline_types(w, scope, &mut inline, &named_in(&types));
            }
        }
        for (id, def) in self.model.types.iter().enumerate() {
            if def.namespace == namespace && def.inline && inline.insert(id) {
                self.named_type(w, scope, id, def);
            }
        }
        self.handlers(w, scope);
    }

    /// Types that were written in place of a name come behind what they were written in.
    fn inline_types(&self, w: &mut Writer, scope: Scope, written: &mut BTreeSet<TypeId>, named: &[TypeId]) {
        for &id in named {
            let Some(def) = self.model.types.get(id) else { continue };
            if def.inline && def.namespace == scope.namespace && written.insert(id) {
                self.named_type(w, scope, id, def);
                self.inline_types(w, scope, written, &named_by(def));
            }
        }
    }

    /// Names that a namespace's module takes from the prelude.
    fn shadowed(&self, namespace: NamespaceId) -> BTreeSet<String> {
        let topics = self.model.topics.iter().enumerate().filter(|(_, topic)| topic.namespace == namespace);
        let mut names = self.type_names(namespace).clone();
        names.extend(topics.map(|(id, _)| self.topic_marker(id)));
        names
    }

    fn children(&self, parent: NamespaceId) -> Vec<NamespaceId> {
        let spaces = self.model.namespaces.iter().enumerate();
        spaces.filter(|(id, space)| *id != 0 && space.parent == Some(parent)).map(|(id, _)| id).collect()
    }
}

/// The types that a definition names.
fn named_by(def: &TypeDef) -> Vec<TypeId> {
    let mut named = Vec::new();
    for_each_in(def, &mut |ty| named.extend(named_id(ty)));
    named
}

/// The same of some types.
fn named_in(types: &[&Type]) -> Vec<TypeId> {
    let mut named = Vec::new();
    types.iter().for_each(|ty| for_each_type(ty, &mut |ty| named.extend(named_id(ty))));
    named
}

fn named_id(ty: &Type) -> Option<TypeId> {
    match ty.shape {
        Shape::Named(id) => Some(id),
        _ => None,
    }
}
