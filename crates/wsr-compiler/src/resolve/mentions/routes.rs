//! Names in messages, events and flows.

use super::{Fields, Walk, words};
use crate::index::{FieldOf, Symbol};
use crate::model::{Handler, NamespaceId};
use crate::source::Span;
use crate::syntax::tree::{self, Argument, Arrow, ArrowKind, Name, Routing, ValueKind};

/// The name that closes the connection instead of leading to a state.
const END: &str = "end";

impl<'r> Walk<'r, '_, '_, '_> {
    pub(super) fn event(&mut self, namespace: NamespaceId, item: &tree::Item, event: &tree::Event) {
        self.payload(namespace, event.payload.as_ref());
        let id = match self.declared.get(&event.name.span) {
            Some(&Symbol::Event(id)) => id,
            _ => return,
        };
        let fields = self.payload_fields(FieldOf::Event(id), &self.resolver.model.events[id].payload);
        self.arguments(&item.lead, fields);
        if let Some(target) = &event.target {
            self.target(namespace, target, fields);
        }
    }

    pub(super) fn message(&mut self, namespace: NamespaceId, item: &tree::Item, message: &tree::Message) {
        self.payload(namespace, message.payload.as_ref());
        let fields = match self.declared.get(&message.name.span) {
            Some(&Symbol::Message(id)) => {
                self.payload_fields(FieldOf::Message(id), &self.resolver.model.messages[id].payload)
            }
            _ => None,
        };
        self.arguments(&item.lead, fields);
        match &message.routing {
            Routing::Arrows(arrows) => self.arrows(namespace, arrows, fields),
            Routing::Chain(stages) => {
                for handling in stages.iter().flatten() {
                    self.handling(namespace, handling, fields);
                }
            }
        }
    }

    pub(super) fn ask(&mut self, namespace: NamespaceId, ask: &tree::Ask) {
        self.payload(namespace, ask.payload.as_ref());
        self.answer(namespace, ask.reply.as_ref(), ask.error.as_ref());
    }

    /// What stands behind `reply` and `stream of`.
    fn answer(&mut self, namespace: NamespaceId, ty: Option<&tree::Type>, error: Option<&Name>) {
        if let Some(ty) = ty {
            self.ty(namespace, ty, None);
        }
        if let Some(error) = error {
            self.type_name(namespace, &error.text, error.span);
        }
    }

    fn payload(&mut self, namespace: NamespaceId, payload: Option<&tree::Payload>) {
        match payload {
            None => {}
            Some(tree::Payload::Fields(fields)) => self.fields(namespace, fields),
            Some(tree::Payload::Type(ty)) => self.ty(namespace, ty, None),
        }
    }

    /// Fields that are named in attributes, such as the key of `@idempotent`.
    fn arguments(&mut self, lead: &tree::Lead, fields: Option<Fields<'r>>) {
        let Some((of, fields)) = fields else { return };
        let names_fields = |attribute: &&tree::Attribute| {
            matches!(attribute.name.text.as_str(), "idempotent" | "concurrent" | "overflow")
        };
        let attributes = lead.attributes.iter().filter(names_fields);
        for argument in attributes.flat_map(|attribute| &attribute.arguments) {
            let (Argument::Value(value) | Argument::Named(_, value)) = argument else { continue };
            let ValueKind::Name(name) = &value.kind else { continue };
            if let Some(index) = fields.iter().position(|field| field.name == *name) {
                self.used(value.span, Symbol::Field(of, index));
            }
        }
    }

    fn handling(&mut self, namespace: NamespaceId, handling: &tree::Handling, fields: Option<Fields<'r>>) {
        match handling {
            tree::Handling::Relay(relay) => self.target(namespace, &relay.target, fields),
            tree::Handling::Handler { name, arrows, .. } => {
                self.handler(namespace, name);
                self.arrows(namespace, arrows, fields);
            }
        }
    }

    fn handler(&mut self, from: NamespaceId, written: &Name) {
        let of = match self.resolver.find_handler(from, &written.text) {
            Some(Handler::Method { namespace, name }) => Symbol::Handler(namespace, name),
            Some(Handler::Any(id)) => Symbol::AnyHandler(id),
            _ => return,
        };
        let last = self.path_to(from, &written.text, written.span);
        self.used(last, of);
    }

    fn arrows(&mut self, from: NamespaceId, arrows: &[Arrow], fields: Option<Fields<'r>>) {
        for arrow in arrows {
            match &arrow.kind {
                ArrowKind::Silent => {}
                ArrowKind::Reply { ty, error } => self.answer(from, ty.as_ref(), error.as_ref()),
                ArrowKind::Stream { ty, error } => self.answer(from, Some(ty), error.as_ref()),
                ArrowKind::Pass(ty) => self.ty(from, ty, None),
                ArrowKind::Join(path) | ArrowKind::Leave(path) => self.topic_use(from, path, fields),
                ArrowKind::Deliver { event, target, .. } => {
                    if let Some(id) = self.resolver.find_event(from, &event.text) {
                        let last = self.path_to(from, &event.text, event.span);
                        self.used(last, Symbol::Event(id));
                    }
                    if let Some(target) = target {
                        self.target(from, target, fields);
                    }
                }
                ArrowKind::Relay(relay) => self.target(from, &relay.target, fields),
            }
        }
    }

    pub(super) fn flow(&mut self, flow: &tree::Flow) {
        for pick in &flow.covers {
            self.pick(pick);
        }
        let Some(&Symbol::Flow(id)) = self.declared.get(&flow.name.span) else { return };
        if let Some(path) = &flow.on {
            let message = self.resolver.model.flows[id].covers.first().copied();
            let fields = message.and_then(|message| {
                self.payload_fields(FieldOf::Message(message), &self.resolver.model.messages[message].payload)
            });
            self.topic_use(0, path, fields);
        }
        for state in &flow.states {
            if let Some(parent) = &state.extends {
                self.state(id, parent);
            }
            for timeout in &state.timeouts {
                self.state(id, &timeout.to);
            }
            for step in &state.steps {
                step.picks.iter().for_each(|pick| self.pick(pick));
                step.guard.iter().for_each(|role| self.role(role));
                if let Some(to) = &step.to {
                    self.state(id, to);
                }
            }
        }
    }

    fn state(&mut self, flow: usize, name: &Name) {
        let states = &self.resolver.model.flows[flow].states;
        if let Some(index) = states.iter().position(|state| state.name == name.text && name.text != END) {
            self.used(name.span, Symbol::State(flow, index));
        }
    }

    /// `chat/send`, `chat/*`, `*`
    fn pick(&mut self, pick: &Name) {
        let words: Vec<(&str, Span)> = words(&pick.text, pick.span);
        let Some((&(last, span), way)) = words.split_last() else { return };
        let path = |way: &[(&str, Span)]| way.iter().map(|(word, _)| (*word).to_owned()).collect::<Vec<_>>();
        let tables = &self.resolver.tables;
        let namespace = match way.is_empty() {
            true => Some(0),
            false => tables.namespaces.get(&path(way)).copied(),
        };
        let Some(namespace) = namespace else { return };
        if let Some(&message) = tables.messages.get(&(namespace, last.to_owned())) {
            self.used(span, Symbol::Message(message));
        }
        self.namespaces(namespace, way);
    }
}
