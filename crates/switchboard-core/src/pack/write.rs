//! From frames of JSON to frames of MessagePack.

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rmp::Marker;
use rmp::encode;

use crate::frame::{Opcode, append_frame, frames};
use crate::json::{DEEPEST, Reader};
use crate::path::Path;
use crate::report::{Decoded, Fault};
use crate::schema::{Field, Schema, Shape, Type, TypeKind};

/// What turns the JSON frames of one protocol into MessagePack.
#[derive(Debug)]
pub struct Packer {
    schema: Schema,
    /// By name: what the payload of something with this name is.
    payloads: HashMap<String, Payload>,
    /// By type: nothing in it looks different in MessagePack.
    plain: Vec<bool>,
}

/// What stands under `payload`.
#[derive(Clone, Copy, Debug)]
enum Payload {
    Message(usize),
    Event(usize),
    Ask(usize),
    /// Of a topic's members and what they say of themselves.
    Presence(usize),
}

/// What a value is known to be.
#[derive(Clone, Copy)]
enum Known<'s> {
    /// Something that looks the same.
    Plain,
    Type(&'s Type),
    Fields(&'s [Field]),
    /// An object with `members`, each with a `who` and a `state`, or with these of its own.
    Presence(Option<&'s Type>),
    /// A refusal: perhaps of this error, whose fields stand beside the code.
    Refusal(&'s TypeKind),
}

/// A frame that was not JSON, or nested beyond what any reader takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpackable;

impl fmt::Display for Unpackable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame that cannot be turned into MessagePack")
    }
}

impl std::error::Error for Unpackable {}

impl Packer {
    /// For a protocol.
    pub fn new(schema: Schema) -> Self {
        let mut payloads = HashMap::new();
        for (id, topic) in schema.topics.iter().enumerate().filter(|(_, topic)| topic.presence.is_some()) {
            for about in PRESENCE {
                let fixed = topic.name.split('/').filter(|segment| !segment.starts_with('{'));
                payloads.insert(fixed.collect::<Vec<_>>().join("/") + about, Payload::Presence(id));
            }
        }
        payloads.extend(schema.asks.iter().enumerate().map(|(id, ask)| (ask.name.clone(), Payload::Ask(id))));
        let messages = schema.messages.iter().enumerate();
        payloads.extend(messages.map(|(id, message)| (message.name.clone(), Payload::Message(id))));
        payloads.extend(schema.events.iter().enumerate().map(|(id, event)| (event.name.clone(), Payload::Event(id))));
        let plain = plain_types(&schema);
        Self { schema, payloads, plain }
    }

    /// Appends server frames as MessagePack: those of text, which are envelopes; others as they are. `route` is the number
    /// of the message that is answered, if it is an answer.
    ///
    /// # Errors
    /// When a frame is no envelope; nothing has been appended then.
    pub fn pack(&self, json: &[u8], route: Option<u16>, out: &mut Vec<u8>) -> Result<(), Unpackable> {
        let start = out.len();
        for frame in frames(json) {
            if frame.opcode != Opcode::Text as u8 {
                out.extend_from_slice(frame.whole);
                continue;
            }
            let mut outcome = Err(Unpackable);
            append_frame(out, Opcode::Binary, |out| {
                if let Ok(text) = std::str::from_utf8(frame.payload) {
                    outcome = self.envelope(text, route, out);
                }
            });
            if outcome.is_err() {
                out.truncate(start);
                return outcome;
            }
        }
        Ok(())
    }

    /// Appends one envelope, without a frame around it.
    ///
    /// # Errors
    /// When it is no JSON.
    pub fn envelope(&self, text: &str, route: Option<u16>, out: &mut Vec<u8>) -> Result<(), Unpackable> {
        let mut r = Reader::new(text, DEEPEST);
        let mut writer = Writer { packer: self, r: &mut r, out };
        let written = writer.envelope(route).and_then(|()| writer.r.finish());
        if written.is_ok() && r.report.is_empty() { Ok(()) } else { Err(Unpackable) }
    }

    /// What the payload of something with this name is.
    fn named(&self, name: &str) -> Known<'_> {
        let payload = match self.payloads.get(name) {
            Some(Payload::Message(id)) => &self.schema.messages[*id].payload,
            Some(Payload::Event(id)) => &self.schema.events[*id].payload,
            Some(Payload::Ask(id)) => &self.schema.asks[*id].payload,
            Some(Payload::Presence(id)) => {
                let presence = self.schema.topics[*id].presence.as_ref();
                return Known::Presence(presence.and_then(|presence| presence.state.as_ref()));
            }
            None => return Known::Plain,
        };
        payload.ty.as_ref().map_or(Known::Fields(&payload.fields), Known::Type)
    }

    /// What this member of an envelope is, which has this name or answers this message.
    fn member(&self, key: &str, name: Option<&str>, route: Option<u16>) -> Known<'_> {
        let message = || self.schema.messages.get(usize::from(route?));
        let known = match (key, name) {
            ("payload", Some(name)) => return self.named(name),
            ("payload", None) => message().and_then(|message| message.reply.as_ref()?.ty.as_ref()).map(Known::Type),
            ("item", _) => message().and_then(|message| message.stream.as_ref()).map(Known::Type),
            ("error", _) => {
                message().and_then(|message| self.schema.types.get(message.error?)).map(|def| Known::Refusal(&def.kind))
            }
            _ => None,
        };
        known.unwrap_or(Known::Plain)
    }

    fn is_plain(&self, ty: &Type) -> bool {
        is_plain(&self.schema, &self.plain, ty)
    }
}

/// One text on its way.
struct Writer<'p, 'r, 't, 'o> {
    packer: &'p Packer,
    r: &'r mut Reader<'t>,
    out: &'o mut Vec<u8>,
}

impl<'p> Writer<'p, '_, '_, '_> {
    fn envelope(&mut self, route: Option<u16>) -> Decoded<()> {
        let mut name = None;
        self.object(|w, key| {
            if key == "name" && w.r.peek() == Some(b'"') {
                let text = w.r.string(&Path::root())?;
                w.text(&text);
                name = Some(text);
                return Ok(());
            }
            let known = w.packer.member(key, name.as_deref(), route);
            w.value(known)
        })
    }

    fn value(&mut self, known: Known<'p>) -> Decoded<()> {
        match (known, self.r.peek()) {
            (Known::Type(ty), Some(first)) if first != b'n' && !self.packer.is_plain(ty) => self.typed(ty),
            (Known::Fields(fields), Some(b'{')) => self.fields(fields),
            (Known::Presence(state), Some(b'{')) => self.presence(state),
            (Known::Refusal(error), Some(b'{')) => self.tagged(error),
            (_, Some(b'{')) => self.object(|w, _| w.value(Known::Plain)),
            (_, Some(b'[')) => self.array(|w| w.value(Known::Plain)),
            (_, Some(b'"')) => {
                let text = self.r.string(&Path::root())?;
                self.text(&text);
                Ok(())
            }
            (_, Some(b't' | b'f')) => {
                let value = self.r.boolean(&Path::root())?;
                self.byte(if value { Marker::True } else { Marker::False });
                Ok(())
            }
            _ if self.r.null() => {
                self.byte(Marker::Null);
                Ok(())
            }
            _ => self.number(),
        }
    }

    /// A value that has something in it which looks different.
    fn typed(&mut self, ty: &'p Type) -> Decoded<()> {
        let schema = &self.packer.schema;
        let (shape, text) = schema.shape(ty);
        match (shape, self.r.peek()) {
            (Shape::Bytes, Some(b'"')) => self.bytes(),
            (Shape::U64 { .. } | Shape::I64 { .. }, Some(b'"')) if text => self.integer_text(),
            (Shape::List { of }, Some(b'[')) => self.array(|w| w.value(Known::Type(of))),
            (Shape::Map { of, .. }, Some(b'{')) => self.object(|w, _| w.value(Known::Type(of))),
            (Shape::Ref { to }, Some(b'{')) => match schema.types.get(*to).map(|def| &def.kind) {
                Some(TypeKind::Struct { fields }) => self.fields(fields),
                Some(kind) => self.tagged(kind),
                None => self.value(Known::Plain),
            },
            _ => self.value(Known::Plain),
        }
    }

    fn fields(&mut self, fields: &'p [Field]) -> Decoded<()> {
        self.object(|w, key| w.field(fields, key))
    }

    fn field(&mut self, fields: &'p [Field], key: &str) -> Decoded<()> {
        let field = fields.iter().find(|field| field.name == key);
        self.value(field.map_or(Known::Plain, |field| Known::Type(&field.ty)))
    }

    /// An object whose other members depend on a tag.
    fn tagged(&mut self, kind: &'p TypeKind) -> Decoded<()> {
        let (TypeKind::Enum { tag, variants, .. } | TypeKind::Error { tag, variants }) = kind else {
            return self.value(Known::Plain);
        };
        let mut fields = None;
        self.object(|w, key| {
            if key == tag && w.r.peek() == Some(b'"') {
                let name = w.r.string(&Path::root())?;
                w.text(&name);
                fields = variants.iter().find(|variant| variant.name == name).map(|variant| &variant.fields);
                return Ok(());
            }
            w.field(fields.map_or(&[], Vec::as_slice), key)
        })
    }

    fn presence(&mut self, state: Option<&'p Type>) -> Decoded<()> {
        let who = self.packer.schema.identity.as_ref();
        self.object(|w, key| match (key, w.r.peek()) {
            ("who", _) => w.value(who.map_or(Known::Plain, Known::Type)),
            ("state", _) => w.value(state.map_or(Known::Plain, Known::Type)),
            ("members", Some(b'[')) => w.array(|w| w.value(Known::Presence(state))),
            _ => w.value(Known::Plain),
        })
    }

    fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Decoded<()>) -> Decoded<()> {
        self.r.object(&Path::root())?;
        let start = self.begin();
        let mut count = 0;
        while let Some(key) = self.r.next_key()? {
            self.text(&key);
            member(self, &key)?;
            count += 1;
        }
        self.end(start, count, [Marker::FixMap(0), Marker::Map16, Marker::Map32])
    }

    fn array(&mut self, mut item: impl FnMut(&mut Self) -> Decoded<()>) -> Decoded<()> {
        self.r.array(&Path::root())?;
        let start = self.begin();
        let mut count = 0;
        while self.r.next_item()? {
            item(self)?;
            count += 1;
        }
        self.end(start, count, [Marker::FixArray(0), Marker::Array16, Marker::Array32])
    }

    /// Leaves room for the header of few members; what has more is moved, as with the headers of frames.
    fn begin(&mut self) -> usize {
        self.out.push(0);
        self.out.len() - 1
    }

    fn end(&mut self, start: usize, count: usize, [few, some, many]: [Marker; 3]) -> Decoded<()> {
        if count < 16 {
            self.out[start] = few.to_u8() | count as u8;
        } else if let Ok(count) = u16::try_from(count) {
            self.out[start] = some.to_u8();
            self.out.splice(start + 1..start + 1, count.to_be_bytes());
        } else {
            let count = u32::try_from(count).map_err(|_| Fault::Invalid)?;
            self.out[start] = many.to_u8();
            self.out.splice(start + 1..start + 1, count.to_be_bytes());
        }
        Ok(())
    }

    fn number(&mut self) -> Decoded<()> {
        let text = self.r.number_text(&Path::root())?;
        if let Ok(value) = text.parse::<u64>() {
            done(encode::write_uint(self.out, value).map(drop))
        } else if let Ok(value) = text.parse::<i64>() {
            done(encode::write_sint(self.out, value).map(drop))
        } else {
            let value = text.parse().map_err(|_| Fault::Invalid)?;
            done(encode::write_f64(self.out, value))
        }
    }

    fn integer_text(&mut self) -> Decoded<()> {
        let text = self.r.string(&Path::root())?;
        if let Ok(value) = text.parse::<u64>() {
            done(encode::write_uint(self.out, value).map(drop))
        } else {
            let value = text.parse::<i64>().map_err(|_| Fault::Invalid)?;
            done(encode::write_sint(self.out, value).map(drop))
        }
    }

    fn bytes(&mut self) -> Decoded<()> {
        let text = self.r.string(&Path::root())?;
        let bytes = STANDARD.decode(text.as_bytes()).map_err(|_| Fault::Invalid)?;
        done(encode::write_bin(self.out, &bytes))
    }

    fn text(&mut self, text: &str) {
        // A vector takes everything.
        let _ = encode::write_str(self.out, text);
    }

    fn byte(&mut self, marker: Marker) {
        self.out.push(marker.to_u8());
    }
}

/// A vector takes everything, but that is not said by the types.
fn done<E>(written: Result<(), E>) -> Decoded<()> {
    written.map_err(|_| Fault::Invalid)
}

/// By type: whether nothing in it looks different in MessagePack.
fn plain_types(schema: &Schema) -> Vec<bool> {
    let mut plain = vec![true; schema.types.len()];
    // Each round finds one at least, or is the last.
    loop {
        let next: Vec<bool> =
            schema.types.iter().map(|def| types_of(&def.kind).all(|ty| is_plain(schema, &plain, ty))).collect();
        if next == plain {
            return plain;
        }
        plain = next;
    }
}

fn types_of(kind: &TypeKind) -> Box<dyn Iterator<Item = &Type> + '_> {
    match kind {
        TypeKind::Alias { target, .. } => Box::new(std::iter::once(target)),
        TypeKind::Struct { fields } => Box::new(fields.iter().map(|field| &field.ty)),
        TypeKind::Enum { variants, .. } | TypeKind::Error { variants, .. } => {
            Box::new(variants.iter().flat_map(|variant| &variant.fields).map(|field| &field.ty))
        }
    }
}

fn is_plain(schema: &Schema, plain: &[bool], ty: &Type) -> bool {
    let (shape, text) = schema.shape(ty);
    match shape {
        Shape::Bytes => false,
        Shape::U64 { .. } | Shape::I64 { .. } => !text,
        Shape::List { of } | Shape::Map { of, .. } => is_plain(schema, plain, of),
        Shape::Ref { to } => plain.get(*to).copied().unwrap_or(true),
        _ => true,
    }
}

/// What stands behind a topic's name in the names of what is said about its members.
const PRESENCE: [&str; 4] = ["#here", "#joined", "#changed", "#left"];
