//! Events and messages: what they carry, and the attributes above them.

use super::Resolver;
use super::attributes::Place;
use crate::model::{Field, MessageId, NamespaceId, Payload, Shape, TypeKind};
use crate::syntax::tree;

impl<'t> Resolver<'t, '_, '_> {
    pub(super) fn events(&mut self) {
        for id in 0..self.model.events.len() {
            let (lead, written) = self.written.events[id];
            let attributes = self.attributes(lead, Place::Event);
            self.model.events[id].binary = self.binary_tag(&attributes);
            let namespace = self.model.events[id].namespace;
            self.model.events[id].payload = self.payload(namespace, written.payload.as_ref());
        }
        // Targets look at payloads, and a delivery without one looks at the event's.
        for id in 0..self.model.events.len() {
            let Some(target) = &self.written.events[id].1.target else { continue };
            let event = &self.model.events[id];
            let (namespace, wire, payload) = (event.namespace, event.wire.clone(), event.payload.clone());
            self.model.events[id].target = self.target(namespace, target, &wire, &payload);
        }
    }

    pub(super) fn messages(&mut self) {
        for id in 0..self.model.messages.len() {
            let (lead, written) = self.written.messages[id];
            self.message_attributes(id, lead);
            let namespace = self.model.messages[id].namespace;
            self.model.messages[id].payload = self.payload(namespace, written.payload.as_ref());
            self.model.messages[id].chain = self.chain_of(id, written);
        }
    }

    fn message_attributes(&mut self, id: MessageId, lead: &tree::Lead) {
        let attributes = self.attributes(lead, Place::Message);
        self.flags(&attributes, &["open"]);
        let (binary, rate) = (self.binary_tag(&attributes), self.rate(&attributes));
        let (limit, deadline) = (self.size_limit(&attributes), self.deadline(&attributes));
        let message = &mut self.model.messages[id];
        message.open = attributes.flag("open");
        (message.binary, message.rate, message.limit, message.deadline) = (binary, rate, limit, deadline);
    }

    fn payload(&mut self, namespace: NamespaceId, written: Option<&'t tree::Payload>) -> Payload {
        match written {
            None => Payload::None,
            Some(tree::Payload::Fields(fields)) => match self.fields(namespace, fields) {
                fields if fields.is_empty() => Payload::None,
                fields => Payload::Fields(fields),
            },
            Some(tree::Payload::Type(ty)) => {
                let ty = self.ty(namespace, ty);
                self.judge_limits();
                Payload::Type(ty)
            }
        }
    }

    /// The fields of a payload, written out or those of the struct it names; `None` when they cannot be known.
    pub(super) fn fields_of<'a>(&'a self, payload: &'a Payload) -> Option<&'a [Field]> {
        match payload {
            Payload::None => Some(&[]),
            Payload::Fields(fields) => Some(fields),
            Payload::Type(ty) => self.fields_of_shape(self.base(ty)),
        }
    }

    /// The fields of a struct, none of anything else.
    pub(super) fn fields_of_shape<'a>(&'a self, shape: &'a Shape) -> Option<&'a [Field]> {
        match shape {
            Shape::Named(id) => match &self.model.types[*id].kind {
                TypeKind::Struct(fields) => Some(fields),
                _ => Some(&[]),
            },
            Shape::Unknown => None,
            _ => Some(&[]),
        }
    }
}
