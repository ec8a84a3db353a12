//! The plan: what the runtime of a client has to know of a protocol, as one line of JSON.
//!
//! It is the contract without docs and without what only concerns the server, and with all names looked up: where a type
//! is used, its aliases are followed, and what is asked of values stands there as `checks` in the order in which the server
//! asks, with the words that it uses in refusals. So no client has to know how limits of aliases add up.
//!
//! ```text
//! type     {"is":"u8"…"json", "nullable"?, "checks"?: [check…]}   those of a "ref" are asked when those of its alias held
//!          u64, i64: "text": true when they travel as decimal text; list: "of"; map: "key", "of"; const: "value", "want"
//!          {"is":"ref","to": place in "types"}
//! types    {"is":"alias","type","secret"?}, {"is":"struct","fields","open"?}, {"is":"names","names","want","open"?},
//!          {"is":"variants","tag","variants":[{"name","fields"?}],"want","open"?}   errors too
//! field    {"name","type","optional"?,"default"?,"secret"?}
//! check    {"rule":"len","min","max"?,"want"}, {"rule":"match","regex","want"}, {"rule":"unique"},
//!          {"rule":"range","min"?,"max"?,"above"?,"below"?,"want"}, {"rule":"one_of","of","want"},
//!          {"rule":"multiple_of","of","want","tolerance"?: of floats}   numbers beyond ±(2^53-1) are text
//! payload  "fields" or "type", "open"?, "binary"?: the tag
//! message  {"name","hash","path", payload, "reply"?: {"type"?}, "stream"?, "error"?, "deadline_ms"?, "key"?: of
//!          @idempotent, "cancellable"?, "joins"?, "leaves"?: [{"topic","places"}], "relayed"?: the path of its event}
//! event    {"name","hash","path", payload}
//! ask      {"name","hash","path", payload, "reply", "error"?, "deadline_ms"?}
//! topic    {"path", "segments": text, or the number of a place, "places": [{"name","type"}], "history"?, "presence"?:
//!          {"type"?}, "join"?, "leave"?: the one message that does it, whose fields are the places}
//! flow     {"path","name","states"}   those on topics
//! ```

use super::names::{Names, is_relayed};
use super::pattern::portable;
use crate::contract::json::{Object, list, literal, number, object, string};
use crate::contract::types::{default_value, fields_of, is_nullable, is_text, wire_path};
use crate::contract::{Fingerprints, fingerprints};
use crate::generate::rust::facts::{Facts, is_newtype};
use crate::generate::rust::literal as words;
use crate::generate::rust::types::{Merged, is_plain};
use crate::model::{
    Field, Message, MessageId, Model, Number, Outcome, Path, Payload, Reply, Segment, Shape, TopicId, TopicRef, Type,
    TypeDef, TypeId, TypeKind, Variant,
};

/// The plan of a protocol.
pub(super) fn plan(model: &Model, names: &Names) -> String {
    let mut out = String::new();
    let plan = Plan { model, facts: Facts::of(model), names, fingerprints: fingerprints(model) };
    object(&mut out, |o| plan.protocol(o));
    out
}

struct Plan<'m> {
    model: &'m Model,
    facts: Facts,
    names: &'m Names,
    fingerprints: Fingerprints,
}

impl<'m> Plan<'m> {
    fn protocol(&self, o: &mut Object<'_>) {
        let model = self.model;
        o.text("hash", &self.fingerprints.protocol);
        o.flag("mailbox", model.mailbox_history.is_some());
        if let Some(identity) = &model.identity {
            o.member("identity", |out| self.ty(out, identity));
        }
        let roles: Vec<&str> = model.roles.iter().map(|role| role.name.as_str()).collect();
        o.items("roles", &roles, |out, role| string(out, role));
        let types: Vec<_> = model.types.iter().enumerate().collect();
        o.member("types", |out| list(out, types, |out, (id, def)| object(out, |o| self.type_def(o, id, def))));
        o.member("topics", |out| list(out, 0..model.topics.len(), |out, id| object(out, |o| self.topic(o, id))));
        let events = model.events.iter().zip(&self.fingerprints.events).zip(&self.names.events);
        o.member("events", |out| {
            list(out, events, |out, ((event, hash), path)| {
                object(out, |o| {
                    self.head(o, &event.wire, hash, path);
                    self.payload(o, &event.payload, event.open, event.binary);
                });
            });
        });
        o.member("messages", |out| {
            list(out, 0..model.messages.len(), |out, id| object(out, |o| self.message(o, id)));
        });
        let asks = model.asks.iter().zip(&self.fingerprints.asks).zip(&self.names.asks);
        o.member("asks", |out| {
            list(out, asks, |out, ((ask, hash), path)| {
                object(out, |o| {
                    self.head(o, &ask.wire, hash, path);
                    self.payload(o, &ask.payload, false, None);
                    self.reply(o, Some(&ask.reply));
                    o.number("error", ask.reply.error);
                    o.number("deadline_ms", ask.deadline.map(|time| time.as_millis()));
                });
            });
        });
        let flows = model.flows.iter().zip(&self.names.flows).filter_map(|(flow, path)| Some((flow, path.as_ref()?)));
        o.member("flows", |out| {
            list(out, flows, |out, (flow, path)| {
                object(out, |o| {
                    o.text("name", &flow.name);
                    self.path(o, "path", path);
                    o.items("states", &flow.states, |out, state| string(out, &state.name));
                });
            });
        });
    }

    fn head(&self, o: &mut Object<'_>, wire: &str, hash: &str, path: &[String]) {
        o.text("name", wire);
        o.text("hash", hash);
        self.path(o, "path", path);
    }

    fn path(&self, o: &mut Object<'_>, key: &str, path: &[String]) {
        o.items(key, path, |out, name| string(out, name));
    }

    fn message(&self, o: &mut Object<'_>, id: usize) {
        let message = &self.model.messages[id];
        self.head(o, &message.wire, &self.fingerprints.messages[id], &self.names.messages[id]);
        self.payload(o, &message.payload, message.open, message.binary);
        self.reply(o, message.reply());
        if let Some(stream) = message.stream() {
            o.member("stream", |out| self.ty(out, &stream.item));
        }
        o.number("error", message.error());
        o.number("deadline_ms", message.deadline.map(|time| time.as_millis()));
        if let Some((key, _)) = &message.idempotent {
            let key = self.wire_path(&message.payload, key);
            self.path(o, "key", &key);
        }
        o.flag("cancellable", message.cancellable);
        self.topics_of(o, "joins", message, joins(message));
        self.topics_of(o, "leaves", message, leaves(message));
        if is_relayed(message)
            && let Some(path) = &self.names.relayed[id]
        {
            self.path(o, "relayed", path);
        }
    }

    fn topics_of(&self, o: &mut Object<'_>, key: &str, message: &Message, topics: Vec<&TopicRef>) {
        o.items(key, &topics, |out, topic| {
            object(out, |o| {
                o.number("topic", Some(topic.topic));
                let places: Vec<Vec<String>> =
                    topic.places.iter().map(|path| self.wire_path(&message.payload, path)).collect();
                o.items("places", &places, |out, path| list(out, path, |out, name| string(out, name)));
            });
        });
    }

    fn wire_path(&self, payload: &'m Payload, path: &Path) -> Vec<String> {
        let fields = match payload {
            Payload::None => &[],
            Payload::Fields(fields) => &fields[..],
            Payload::Type(ty) => fields_of(self.model, ty),
        };
        wire_path(self.model, fields, path)
    }

    fn reply(&self, o: &mut Object<'_>, reply: Option<&'m Reply>) {
        o.object("reply", reply, |o, reply| {
            if let Some(ty) = &reply.ty {
                o.member("type", |out| self.ty(out, ty));
            }
        });
    }

    fn payload(&self, o: &mut Object<'_>, payload: &'m Payload, open: bool, binary: Option<u8>) {
        match payload {
            Payload::None => o.member("fields", |out| out.push_str("[]")),
            Payload::Fields(fields) => self.fields(o, fields),
            Payload::Type(ty) => o.member("type", |out| self.ty(out, ty)),
        }
        o.flag("open", open);
        o.number("binary", binary);
    }

    fn topic(&self, o: &mut Object<'_>, id: TopicId) {
        let topic = &self.model.topics[id];
        self.path(o, "path", &self.names.topics[id]);
        let namespace = &self.model.namespaces[topic.namespace].wire;
        let mut places = 0..;
        o.member("segments", |out| {
            let literals = namespace.iter().map(Some);
            let segments = topic.segments.iter().map(|segment| match segment {
                Segment::Literal(text) => Some(text),
                Segment::Place { .. } => None,
            });
            list(out, literals.chain(segments), |out, segment| match segment {
                Some(text) => string(out, text),
                None => out.push_str(&places.next().unwrap_or_default().to_string()),
            });
        });
        let places = topic.segments.iter().filter_map(|segment| match segment {
            Segment::Place { name, ty } => Some((name, ty)),
            Segment::Literal(_) => None,
        });
        o.member("places", |out| {
            list(out, places, |out, (name, ty)| {
                object(out, |o| {
                    o.text("name", name);
                    o.member("type", |out| self.ty(out, ty));
                });
            });
        });
        o.flag("history", topic.history.is_some());
        o.object("presence", topic.presence.as_ref(), |o, presence| {
            if let Some(state) = &presence.state {
                o.member("type", |out| self.ty(out, state));
            }
        });
        o.number("join", only(self.model, id, joins));
        o.number("leave", only(self.model, id, leaves));
    }

    fn type_def(&self, o: &mut Object<'_>, id: TypeId, def: &'m TypeDef) {
        match &def.kind {
            TypeKind::Alias(target) => {
                o.text("is", "alias");
                o.member("type", |out| self.alias(out, id, target));
                o.flag("secret", self.facts.secret[id]);
            }
            TypeKind::Struct(fields) => {
                o.text("is", "struct");
                self.fields(o, fields);
            }
            TypeKind::Enum(variants) if is_plain(variants) => {
                o.text("is", "names");
                o.items("names", variants, |out, variant| string(out, &variant.wire));
                o.text("want", &one_of(variants));
            }
            TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                o.text("is", "variants");
                o.text("tag", &def.tag);
                o.items("variants", variants, |out, variant| {
                    object(out, |o| {
                        o.text("name", &variant.wire);
                        self.fields(o, &variant.fields);
                    });
                });
                o.text("want", &one_of(variants));
            }
        }
        o.flag("open", def.open);
    }

    /// What an alias stands for, with what all aliases on the way ask of it.
    fn alias(&self, out: &mut String, id: TypeId, target: &'m Type) {
        if self.facts.circular[id] {
            return out.push_str(r#"{"is":"json"}"#);
        }
        if !is_newtype(&self.model.types[id]) {
            return self.ty(out, target);
        }
        let last = match &self.model.types[self.facts.last[id]].kind {
            TypeKind::Alias(last) => last,
            _ => target,
        };
        let named = Type { shape: Shape::Named(id), limits: Default::default(), nullable: false, span: target.span };
        object(out, |o| {
            self.shape(o, &last.shape, is_text(self.model, &named));
            checks(o, &self.facts.limits[id], &last.shape);
        });
    }

    fn fields(&self, o: &mut Object<'_>, fields: &'m [Field]) {
        o.member("fields", |out| list(out, fields, |out, field| object(out, |o| self.field(o, field))));
    }

    fn field(&self, o: &mut Object<'_>, field: &'m Field) {
        o.text("name", &field.wire);
        o.member("type", |out| self.ty(out, &field.ty));
        o.flag("optional", field.optional);
        if let Some(value) = &field.default {
            o.member("default", |out| default_value(self.model, out, &field.ty, value));
        }
        o.flag("secret", field.secret);
    }

    fn ty(&self, out: &mut String, ty: &'m Type) {
        object(out, |o| {
            let shape = self.followed(&ty.shape);
            let text = is_text(self.model, ty);
            self.shape(o, shape, text);
            checks(o, &Merged::of(&ty.limits), self.base(shape));
            o.flag("nullable", is_nullable(self.model, ty));
        });
    }

    /// A shape without the aliases that are only other names.
    fn followed(&self, shape: &'m Shape) -> &'m Shape {
        let Shape::Named(id) = shape else { return shape };
        if self.facts.circular[*id] {
            return &Shape::Json;
        }
        let TypeKind::Alias(_) = &self.model.types[*id].kind else { return shape };
        if is_newtype(&self.model.types[*id]) {
            return shape;
        }
        match &self.model.types[self.facts.last_plain[*id]].kind {
            TypeKind::Alias(target) => self.followed(&target.shape),
            _ => shape,
        }
    }

    /// The shape behind all aliases.
    fn base(&self, shape: &'m Shape) -> &'m Shape {
        match shape {
            Shape::Named(id) if !self.facts.circular[*id] => match &self.model.types[self.facts.last[*id]].kind {
                TypeKind::Alias(target) => &target.shape,
                _ => shape,
            },
            _ => shape,
        }
    }

    fn shape(&self, o: &mut Object<'_>, shape: &'m Shape, text: bool) {
        match shape {
            Shape::Named(id) => {
                o.text("is", "ref");
                o.number("to", Some(id));
            }
            Shape::Int(int) => {
                o.text("is", int.name());
                o.flag("text", text);
            }
            Shape::List(item) => {
                o.text("is", "list");
                o.member("of", |out| self.ty(out, item));
            }
            Shape::Map(key, value) => {
                o.text("is", "map");
                o.member("key", |out| self.ty(out, key));
                o.member("of", |out| self.ty(out, value));
            }
            Shape::Const(value) => {
                o.text("is", "const");
                o.member("value", |out| literal(out, value));
                o.text("want", &words::constant(value));
            }
            other => o.text("is", simple(other)),
        }
    }
}

/// The topics that a message joins.
pub(super) fn joins(message: &Message) -> Vec<&TopicRef> {
    let all = outcomes(message).filter_map(|outcome| match outcome {
        Outcome::Join(topic) => Some(topic),
        _ => None,
    });
    all.collect()
}

/// The topics that a message leaves.
pub(super) fn leaves(message: &Message) -> Vec<&TopicRef> {
    let all = outcomes(message).filter_map(|outcome| match outcome {
        Outcome::Leave(topic) => Some(topic),
        _ => None,
    });
    all.collect()
}

fn outcomes(message: &Message) -> impl Iterator<Item = &Outcome> {
    message.chain.iter().flatten().flat_map(|handling| &handling.outcomes)
}

/// The one message that joins or leaves a topic, if there is exactly one, and the places stand in its own fields.
pub(super) fn only(model: &Model, topic: TopicId, uses: fn(&Message) -> Vec<&TopicRef>) -> Option<MessageId> {
    let all = model.messages.iter().enumerate();
    let mut found = all.flat_map(|(id, message)| uses(message).into_iter().map(move |used| (id, used)));
    let mut of_topic = found.by_ref().filter(|(_, used)| used.topic == topic);
    let (id, used) = of_topic.next()?;
    let is_only = of_topic.next().is_none();
    let has_fields = match &model.messages[id].payload {
        Payload::Type(ty) => !fields_of(model, ty).is_empty(),
        _ => true,
    };
    (is_only && has_fields && used.places.iter().all(|path| path.len() == 1)).then_some(id)
}

/// What a shape without parts is called.
fn simple(shape: &Shape) -> &'static str {
    match shape {
        Shape::Bool => "bool",
        Shape::F32 => "f32",
        Shape::F64 => "f64",
        Shape::String => "string",
        Shape::Bytes => "bytes",
        Shape::Uuid => "uuid",
        Shape::Timestamp => "timestamp",
        Shape::Duration => "duration",
        Shape::Date => "date",
        Shape::Email => "email",
        Shape::Uri => "uri",
        Shape::Ip => "ip",
        Shape::Role => "role",
        _ => "json",
    }
}

/// One group of checks, if anything is asked.
fn checks(o: &mut Object<'_>, limits: &Merged, shape: &Shape) {
    let group = group(limits, shape);
    o.items("checks", &group, |out, check| out.push_str(check));
}

/// In the order in which the server asks.
fn group(limits: &Merged, shape: &Shape) -> Vec<String> {
    let mut group = Vec::new();
    let mut check = |rule: &str, want: &str, more: &dyn Fn(&mut Object<'_>)| {
        let mut text = String::new();
        object(&mut text, |o| {
            o.text("rule", rule);
            more(o);
            o.text("want", want);
        });
        group.push(text);
    };
    if let Some(len) = limits.limits.len {
        check("len", &words::bounds(len), &|o| {
            o.number("min", Some(len.min));
            o.number("max", len.max);
        });
    }
    for pattern in &limits.patterns {
        if let Some(regex) = portable(pattern) {
            check("match", &format!("/{pattern}/"), &|o| o.text("regex", &regex));
        }
    }
    if limits.limits.unique {
        check("unique", "no two equal items", &|_| {});
    }
    if let Some(range) = limits.limits.range {
        check("range", &words::range(range), &|o| {
            let bound = |o: &mut Object<'_>, key: &str, bound: Option<Number>| {
                if let Some(bound) = bound {
                    o.member(key, |out| bare(out, bound));
                }
            };
            bound(o, if range.min_exclusive { "above" } else { "min" }, range.min);
            bound(o, if range.max_exclusive { "below" } else { "max" }, range.max);
        });
    }
    if let Some(numbers) = &limits.limits.one_of {
        check("one_of", &words::one_of(numbers), &|o| {
            o.member("of", |out| list(out, numbers, |out, &number| bare(out, number)));
        });
    }
    for &factor in &limits.multiples {
        check("multiple_of", &words::number_text(factor), &|o| {
            o.member("of", |out| bare(out, factor));
            match shape {
                Shape::F32 => o.number("tolerance", Some("1e-6")),
                Shape::F64 => o.number("tolerance", Some("1e-9")),
                _ => {}
            }
        });
    }
    group
}

/// A number that every reader of JSON has exactly; as text if there is none.
fn bare(out: &mut String, value: Number) {
    match value {
        Number::Int(int) if int.abs() > SAFE_INTEGER => string(out, &int.to_string()),
        other => out.push_str(&number(other)),
    }
}

/// `low | normal | high`
fn one_of(variants: &[Variant]) -> String {
    let names: Vec<&str> = variants.iter().map(|variant| variant.wire.as_str()).collect();
    names.join(" | ")
}

/// 2^53-1
const SAFE_INTEGER: i128 = (1 << 53) - 1;
