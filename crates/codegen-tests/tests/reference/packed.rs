//! The way of a value through MessagePack: said in it where it can be said the same, and sent in it.
//!
//! What a value is in MessagePack depends on its type: bytes that are base64 in JSON, long integers that are text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rmpv::Value as Pack;
use switchboard::generated as rt;
use switchboard::schema::{self, Field, Schema, Shape, Type, TypeKind};
use wsr_compiler::contract;
use wsr_compiler::model::{Message, Model, TypeId};

use super::json::Json;

/// For values of one type or message.
pub struct Way {
    schema: Schema,
    packer: rt::pack::Packer,
}

/// What is known of a value.
#[derive(Clone, Copy)]
enum Place<'s> {
    Any,
    Type(&'s Type),
    Fields(&'s [Field]),
}

impl Way {
    pub fn of_type(model: &Model, id: TypeId) -> Self {
        let ty = Type { shape: Shape::Ref { to: id }, limits: schema::Limits::default(), nullable: false };
        Self::new(model, |_| schema::Payload { fields: Vec::new(), ty: Some(ty) })
    }

    pub fn of_message(model: &Model, message: &Message) -> Self {
        Self::new(model, |schema| schema.message(&message.wire).expect("it is declared").payload.clone())
    }

    /// The last message of its schema has this payload and is called `it`.
    fn new(model: &Model, payload: impl FnOnce(&Schema) -> schema::Payload) -> Self {
        let mut schema = Schema::parse(&contract::schema(model)).expect("it was just written");
        let mut message: schema::Message = serde_json::from_str(r#"{"name":"it","hash":""}"#).expect("a message");
        message.payload = payload(&schema);
        schema.messages.push(message);
        Self { packer: rt::pack::Packer::new(schema.clone()), schema }
    }

    /// The value in MessagePack, as the text that the server makes of it. `None`: it cannot be said in it, or means
    /// something else there.
    pub fn text(&self, json: &Json) -> Option<String> {
        let payload = &self.schema.message("it").expect("it was added").payload;
        let place = payload.ty.as_ref().map_or(Place::Fields(&payload.fields), Place::Type);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &self.pack(place, json)?).expect("a vector takes everything");
        Some(rt::pack::unpack(&bytes, 64).expect("it was made by an encoder"))
    }

    /// A written value as it is sent in MessagePack, and then as the text that a server would make of it.
    pub fn sent(&self, written: &str) -> String {
        let mut bytes = Vec::new();
        self.packer.envelope(&format!("{HEAD}{written}}}"), None, &mut bytes).expect("it is JSON");
        let text = rt::pack::unpack(&bytes, 80).expect("it is MessagePack");
        let payload = text.strip_prefix(HEAD).and_then(|rest| rest.strip_suffix('}'));
        payload.expect("the envelope is as it was").to_owned()
    }

    fn pack(&self, place: Place<'_>, json: &Json) -> Option<Pack> {
        Some(match json {
            Json::Null => Pack::Nil,
            Json::Bool(value) => Pack::Boolean(*value),
            Json::Number(raw) => self.number(place, raw)?,
            Json::Text(text) => self.string(place, text)?,
            Json::List(items) => {
                let item = match self.shape(place) {
                    Some((Shape::List { of }, _)) => Place::Type(of),
                    _ => Place::Any,
                };
                Pack::Array(items.iter().map(|next| self.pack(item, next)).collect::<Option<_>>()?)
            }
            Json::Object(members) => {
                let member = |(key, value): &(String, Json)| {
                    Some((key.as_str().into(), self.pack(self.member(place, members, key), value)?))
                };
                Pack::Map(members.iter().map(member).collect::<Option<_>>()?)
            }
        })
    }

    fn shape<'s>(&'s self, place: Place<'s>) -> Option<(&'s Shape, bool)> {
        match place {
            Place::Type(ty) => Some(self.schema.shape(ty)),
            _ => None,
        }
    }

    fn member<'s>(&'s self, place: Place<'s>, members: &[(String, Json)], key: &str) -> Place<'s> {
        let fields = match (place, self.shape(place)) {
            (Place::Fields(fields), _) => fields,
            (_, Some((Shape::Map { of, .. }, _))) => return Place::Type(of),
            (_, Some((shape, _))) => match self.schema.definition(shape).map(|def| &def.kind) {
                Some(TypeKind::Struct { fields }) => fields,
                Some(TypeKind::Enum { tag, variants, .. }) => {
                    let tagged = members.iter().find_map(|(key, value)| match value {
                        Json::Text(name) if key == tag => Some(name),
                        _ => None,
                    });
                    let variant = variants.iter().find(|variant| Some(&variant.name) == tagged);
                    variant.map_or(&[][..], |variant| &variant.fields)
                }
                _ => return Place::Any,
            },
            _ => return Place::Any,
        };
        fields.iter().find(|field| field.name == key).map_or(Place::Any, |field| Place::Type(&field.ty))
    }

    fn number(&self, place: Place<'_>, raw: &str) -> Option<Pack> {
        // A number where JSON has text is wrong there, and right in MessagePack.
        if raw == "-0" || matches!(self.shape(place), Some((_, true))) {
            return None;
        }
        if !raw.contains(['.', 'e', 'E']) {
            return raw.parse::<u64>().map(Pack::from).or_else(|_| raw.parse::<i64>().map(Pack::from)).ok();
        }
        raw.parse::<f64>().ok().filter(|value| value.is_finite()).map(Pack::from)
    }

    fn string(&self, place: Place<'_>, text: &str) -> Option<Pack> {
        match self.shape(place) {
            Some((Shape::Bytes, _)) => STANDARD.decode(text).ok().map(Pack::Binary),
            Some((_, true)) => {
                let number = text.parse::<u64>().map(Pack::from).or_else(|_| text.parse::<i64>().map(Pack::from));
                // What is not written as integers write themselves stays text, and is as wrong as that.
                Some(number.ok().filter(|number| number.to_string() == text).unwrap_or_else(|| text.into()))
            }
            _ => Some(text.into()),
        }
    }
}

/// What stands in front of the payload.
const HEAD: &str = r#"{"name":"it","payload":"#;
