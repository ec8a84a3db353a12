//! Events, messages and what is asked: what they carry, and the attributes above them.

use super::Resolver;
use super::attributes::Attributes;
use crate::model::{Field, NamespaceId, Payload, Shape, TypeKind};
use crate::syntax::tree;

impl<'t> Resolver<'t, '_, '_> {
    pub(super) fn events(&mut self) {
        for id in 0..self.model.events.len() {
            let (lead, written) = self.written.events[id];
            let attributes = self.event_attributes(id, lead);
            let namespace = self.model.events[id].namespace;
            let payload = self.payload_of(namespace, written.payload.as_ref(), &attributes);
            let name = self.model.full_name(namespace, &self.model.events[id].name);
            self.model.events[id].overflow = self.overflow(&attributes, &name, &payload);
            self.model.events[id].payload = payload;
        }
        // Targets look at payloads, and a delivery without one looks at the event's.
        for id in 0..self.model.events.len() {
            let Some(target) = &self.written.events[id].1.target else { continue };
            let event = &self.model.events[id];
            let (namespace, payload) = (event.namespace, event.payload.clone());
            let name = self.model.full_name(namespace, &event.name);
            self.model.events[id].target = self.target(namespace, target, &name, &payload);
        }
    }

    pub(super) fn messages(&mut self) {
        for id in 0..self.model.messages.len() {
            let (lead, written) = self.written.messages[id];
            let attributes = self.message_attributes(id, lead);
            let namespace = self.model.messages[id].namespace;
            let payload = self.payload_of(namespace, written.payload.as_ref(), &attributes);
            let name = self.model.full_name(namespace, &self.model.messages[id].name);
            self.model.messages[id].idempotent = self.idempotent(&attributes, &name, &payload);
            self.model.messages[id].concurrent = self.concurrent(&attributes, &name, &payload);
            self.model.messages[id].payload = payload;
            self.model.messages[id].chain = self.chain_of(id, written);
        }
    }

    pub(super) fn asks(&mut self) {
        for id in 0..self.model.asks.len() {
            let (lead, written) = self.written.asks[id];
            let attributes = self.ask_attributes(id, lead);
            let namespace = self.model.asks[id].namespace;
            let payload = self.payload_of(namespace, written.payload.as_ref(), &attributes);
            self.model.asks[id].payload = payload;
            if let Some(reply) = self.reply(namespace, written.span, written.reply.as_ref(), written.error.as_ref()) {
                self.model.asks[id].reply = reply;
            }
        }
    }

    /// A payload; its fields are called on the wire what `@rename_all` above it says.
    fn payload_of(
        &mut self,
        namespace: NamespaceId,
        written: Option<&'t tree::Payload>,
        attributes: &Attributes<'_>,
    ) -> Payload {
        self.case = self.rename_all(attributes).or(self.protocol_case);
        let payload = self.payload(namespace, written);
        self.case = self.protocol_case;
        self.no_fields_here(attributes, &payload);
        payload
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
