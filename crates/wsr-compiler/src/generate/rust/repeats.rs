//! Keys: what tells messages apart that run side by side (`@concurrent(…, by: field)`) or come twice (`@idempotent`).

use std::time::Duration;

use super::context::{Context, Scope};
use super::limits::Place;
use super::literal;
use super::protocol::duration;
use crate::generate::casing::{field_name, identifier};
use crate::generate::writer::Writer;
use crate::model::{Field, Message, MessageId, Path, Payload, Shape, TypeKind};

impl<'m> Context<'m> {
    /// The row of `@idempotent` in the table of messages.
    pub fn once(&self, message: &'m Message, key: &Path, keep: Duration) -> String {
        let wire = self.key_field(message, key).map_or("", |field| &field.wire);
        format!("rt::Once {{\n    at: &[{}],\n    keep: {},\n}}", literal::string(wire), duration(keep))
    }

    /// The function that writes the key of a message's lane.
    pub fn lane_keys(&self, w: &mut Writer, scope: Scope) {
        let keyed = |message: &'m Message| message.concurrent.as_ref()?.by.as_ref();
        if !self.model.messages.iter().any(|message| keyed(message).is_some()) {
            return;
        }
        w.blank();
        w.block("fn append_lane_key(incoming: &Incoming, out: &mut §Vec<u8>) -> bool", |w| {
            w.block("match incoming", |w| {
                for (id, message) in self.model.messages.iter().enumerate() {
                    if let Some(field) = keyed(message).and_then(|key| self.key_field(message, key)) {
                        w.block(format!("Incoming::{}(message) =>", self.variants[id]), |w| {
                            w.line(self.encode(scope, &field.ty, &place_of(field)));
                            w.line("true");
                        });
                    }
                }
                w.line("_ => false,");
            });
        });
    }

    /// The function that writes what a message that may come twice is known by, and all that it carries.
    pub fn once_keys(&self, w: &mut Writer, scope: Scope) {
        if !self.model.messages.iter().any(|message| message.idempotent.is_some()) {
            return;
        }
        w.blank();
        w.block("fn append_once_key(incoming: &Incoming, key: &mut §Vec<u8>, payload: &mut §Vec<u8>)", |w| {
            w.block("match incoming", |w| {
                for (id, message) in self.model.messages.iter().enumerate() {
                    let key = message.idempotent.as_ref().and_then(|(key, _)| self.key_field(message, key));
                    if let Some(field) = key {
                        w.block(format!("Incoming::{}(message) =>", self.variants[id]), |w| {
                            w.line("let out = key;");
                            w.line(self.encode(scope, &field.ty, &place_of(field)));
                            w.line("let out = payload;");
                            w.line(self.encode_payload(scope, id));
                        });
                    }
                }
                w.line("_ => {}");
            });
        });
    }

    fn encode_payload(&self, scope: Scope, id: MessageId) -> String {
        match &self.model.messages[id].payload {
            Payload::Type(ty) => self.encode(scope, ty, &Place::reference_to("message")),
            _ => "rt::Encode::encode(message, out);".to_owned(),
        }
    }

    /// The field that a key names; the payload may be a struct by way of aliases.
    pub fn key_field(&self, message: &'m Message, key: &Path) -> Option<&'m Field> {
        let fields = match &message.payload {
            Payload::None => return None,
            Payload::Fields(fields) => fields,
            Payload::Type(ty) => match self.base(ty) {
                Shape::Named(id) => match &self.model.types.get(*id)?.kind {
                    TypeKind::Struct(fields) => fields,
                    _ => return None,
                },
                _ => return None,
            },
        };
        fields.iter().find(|field| Some(&field.name) == key.first())
    }
}

fn place_of(field: &Field) -> Place {
    Place::value(format!("message.{}", identifier(&field_name(&field.name))))
}
