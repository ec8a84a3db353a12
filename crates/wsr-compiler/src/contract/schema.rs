//! The checked model as one line of JSON. Things are numbered by their place in the lists they stand in.

use std::time::Duration;

use super::fingerprint::{Fingerprints, fingerprints};
use super::json::{Object, list, literal, number, object, string};
use super::types::{default_value, fields_of, is_nullable, is_plain, is_text, wire_path};
use crate::model::{
    Ask, Event, Field, Flow, Handler, History, Int, Limits, Message, Model, Next, Origin, Outcome, Overflow, Payload,
    RateBy, Reply, Segment, Shape, State, Step, Target, Topic, TopicRef, Type, TypeDef, TypeId, TypeKind, Variant,
};

/// The schema of a protocol. The same model gives the same text.
pub fn schema(model: &Model) -> String {
    let mut out = String::new();
    let writer = Schema { model, fingerprints: fingerprints(model) };
    object(&mut out, |o| writer.protocol(o));
    out
}

struct Schema<'m> {
    model: &'m Model,
    fingerprints: Fingerprints,
}

impl Schema<'_> {
    fn protocol(&self, o: &mut Object<'_>) {
        let model = self.model;
        o.number("schema", Some(VERSION));
        if let Some(protocol) = &model.protocol {
            o.text("name", &protocol.name);
            o.text("version", &protocol.version);
            docs(o, &protocol.origin.docs);
        }
        o.text("hash", &self.fingerprints.protocol);
        o.member("forms", |out| {
            object(out, |o| {
                o.flag("plain", model.accepts.plain);
                o.flag("flat", model.accepts.flat);
                o.flag("nested", model.accepts.nested);
            });
        });
        if let Some(identity) = &model.identity {
            o.member("identity", |out| self.ty(out, identity));
        }
        history(o, "mailbox_history", model.mailbox_history);
        o.items("roles", &model.roles, |out, role| {
            object(out, |o| {
                o.text("name", &role.name);
                about(o, &role.origin);
            });
        });
        let types: Vec<_> = model.types.iter().enumerate().collect();
        o.items("types", &types, |out, (id, def)| object(out, |o| self.type_def(o, *id, def)));
        o.items("topics", &model.topics, |out, topic| object(out, |o| self.topic(o, topic)));
        let events: Vec<_> = model.events.iter().zip(&self.fingerprints.events).collect();
        o.items("events", &events, |out, (event, hash)| object(out, |o| self.event(o, event, hash)));
        let messages: Vec<_> = model.messages.iter().zip(&self.fingerprints.messages).collect();
        o.items("messages", &messages, |out, (message, hash)| object(out, |o| self.message(o, message, hash)));
        let asks: Vec<_> = model.asks.iter().zip(&self.fingerprints.asks).collect();
        o.items("asks", &asks, |out, (ask, hash)| object(out, |o| self.ask(o, ask, hash)));
        o.items("flows", &model.flows, |out, flow| object(out, |o| self.flow(o, flow)));
    }

    fn type_def(&self, o: &mut Object<'_>, id: TypeId, def: &TypeDef) {
        o.text("name", &self.model.full_name(def.namespace, &def.name));
        match &def.kind {
            TypeKind::Alias(target) => {
                o.text("is", "alias");
                o.member("type", |out| self.ty(out, target));
                // What counts of it where it is used, with the aliases behind it.
                let used =
                    Type { shape: Shape::Named(id), limits: Limits::default(), nullable: false, span: def.origin.span };
                o.flag("nullable", is_nullable(self.model, &used));
                o.flag("text", is_text(self.model, &used));
            }
            TypeKind::Struct(fields) => {
                o.text("is", "struct");
                self.fields(o, fields);
            }
            TypeKind::Enum(variants) => {
                o.text("is", "enum");
                o.flag("plain", is_plain(def));
                self.variants(o, def, variants);
            }
            TypeKind::Error(variants) => {
                o.text("is", "error");
                self.variants(o, def, variants);
            }
        }
        o.flag("open", def.open);
        o.flag("secret", def.secret);
        o.flag("inline", def.inline);
        about(o, &def.origin);
    }

    fn variants(&self, o: &mut Object<'_>, def: &TypeDef, variants: &[Variant]) {
        if !is_plain(def) {
            o.text("tag", &def.tag);
        }
        o.items("variants", variants, |out, variant| {
            object(out, |o| {
                o.text("name", &variant.wire);
                self.fields(o, &variant.fields);
                about(o, &variant.origin);
            });
        });
    }

    fn fields(&self, o: &mut Object<'_>, fields: &[Field]) {
        o.items("fields", fields, |out, field| object(out, |o| self.field(o, field)));
    }

    fn field(&self, o: &mut Object<'_>, field: &Field) {
        o.text("name", &field.wire);
        o.member("type", |out| self.ty(out, &field.ty));
        o.flag("optional", field.optional);
        if let Some(value) = &field.default {
            o.member("default", |out| default_value(self.model, out, &field.ty, value));
        }
        o.flag("secret", field.secret);
        about(o, &field.origin);
    }

    fn payload(&self, o: &mut Object<'_>, payload: &Payload) {
        match payload {
            Payload::None => {}
            Payload::Fields(fields) => self.fields(o, fields),
            Payload::Type(ty) => o.member("type", |out| self.ty(out, ty)),
        }
    }

    fn ty(&self, out: &mut String, ty: &Type) {
        object(out, |o| {
            self.shape(o, ty);
            limits(o, &ty.limits);
            o.flag("nullable", ty.nullable);
        });
    }

    fn shape(&self, o: &mut Object<'_>, ty: &Type) {
        o.text("is", shape_name(&ty.shape));
        match &ty.shape {
            Shape::Int(Int::U64 | Int::I64) => o.flag("text", is_text(self.model, ty)),
            Shape::Const(value) => o.member("value", |out| literal(out, value)),
            Shape::List(item) => o.member("of", |out| self.ty(out, item)),
            Shape::Map(key, value) => {
                o.member("key", |out| self.ty(out, key));
                o.member("of", |out| self.ty(out, value));
            }
            Shape::Named(id) => o.number("to", Some(id)),
            _ => {}
        }
    }

    fn topic(&self, o: &mut Object<'_>, topic: &Topic) {
        let namespace = &self.model.namespaces[topic.namespace].wire;
        let segments = topic.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Place { name, .. } => format!("{{{name}}}"),
        });
        o.text("name", &namespace.iter().cloned().chain(segments).collect::<Vec<_>>().join("/"));
        let places = topic.segments.iter().filter_map(|segment| match segment {
            Segment::Place { name, ty } => Some((name, ty)),
            Segment::Literal(_) => None,
        });
        o.items("places", &places.collect::<Vec<_>>(), |out, (name, ty)| {
            object(out, |o| {
                o.text("name", name);
                o.member("type", |out| self.ty(out, ty));
            });
        });
        history(o, "history", topic.history);
        o.object("presence", topic.presence.as_ref(), |o, presence| {
            if let Some(state) = &presence.state {
                o.member("type", |out| self.ty(out, state));
            }
        });
        o.flag("authorize", topic.authorize);
        about(o, &topic.origin);
    }

    fn event(&self, o: &mut Object<'_>, event: &Event, hash: &str) {
        o.text("name", &event.wire);
        o.text("hash", hash);
        self.payload(o, &event.payload);
        o.flag("open", event.open);
        o.number("binary", event.binary);
        if let Some(target) = &event.target {
            o.member("to", |out| self.target(out, target, &event.payload));
        }
        if let Some(overflow) = &event.overflow {
            o.member("overflow", |out| self.overflow(out, overflow, &event.payload));
        }
        o.flag("audit", event.audit);
        about(o, &event.origin);
    }

    fn overflow(&self, out: &mut String, overflow: &Overflow, payload: &Payload) {
        object(out, |o| match overflow {
            Overflow::DropOldest => o.text("is", "drop_oldest"),
            Overflow::KeepLatest(by) => {
                o.text("is", "keep_latest");
                if let Some(by) = by {
                    o.member("by", |out| self.path(out, payload, by));
                }
            }
            Overflow::Close => o.text("is", "close"),
            Overflow::Wait => o.text("is", "wait"),
        });
    }

    fn message(&self, o: &mut Object<'_>, message: &Message, hash: &str) {
        o.text("name", &message.wire);
        o.text("hash", hash);
        self.payload(o, &message.payload);
        o.flag("open", message.open);
        o.number("binary", message.binary);
        self.reply(o, message.reply());
        if let Some(stream) = message.stream() {
            o.member("stream", |out| self.ty(out, &stream.item));
        }
        o.number("error", message.error());
        o.object("rate", message.rate, |o, rate| {
            o.number("count", Some(rate.count));
            milliseconds(o, "per_ms", Some(rate.per));
            o.text(
                "by",
                match rate.by {
                    RateBy::Connection => "connection",
                    RateBy::Identity => "identity",
                    RateBy::Address => "address",
                },
            );
        });
        o.number("limit", message.limit);
        milliseconds(o, "deadline_ms", message.deadline);
        o.object("concurrent", message.concurrent.as_ref(), |o, concurrent| {
            o.number("count", Some(concurrent.count));
            if let Some(by) = &concurrent.by {
                o.member("by", |out| self.path(out, &message.payload, by));
            }
        });
        o.object("idempotent", message.idempotent.as_ref(), |o, (key, time)| {
            o.member("key", |out| self.path(out, &message.payload, key));
            milliseconds(o, "for_ms", Some(*time));
        });
        o.flag("cancellable", message.cancellable);
        o.flag("audit", message.audit);
        self.effects(o, message);
        about(o, &message.origin);
    }

    fn reply(&self, o: &mut Object<'_>, reply: Option<&Reply>) {
        o.object("reply", reply, |o, reply| {
            if let Some(ty) = &reply.ty {
                o.member("type", |out| self.ty(out, ty));
            }
        });
    }

    fn ask(&self, o: &mut Object<'_>, ask: &Ask, hash: &str) {
        o.text("name", &ask.wire);
        o.text("hash", hash);
        self.payload(o, &ask.payload);
        self.reply(o, Some(&ask.reply));
        o.number("error", ask.reply.error);
        milliseconds(o, "deadline_ms", ask.deadline);
        o.flag("audit", ask.audit);
        about(o, &ask.origin);
    }

    /// What a message brings about, in the order of its chain.
    fn effects(&self, o: &mut Object<'_>, message: &Message) {
        let payload = &message.payload;
        let outcomes: Vec<_> = message.chain.iter().flatten().flat_map(|handling| &handling.outcomes).collect();
        let joins: Vec<_> = outcomes.iter().filter_map(|outcome| joined(outcome)).collect();
        o.items("joins", &joins, |out, topic| object(out, |o| self.topic_ref(o, topic, payload)));
        let leaves: Vec<_> = outcomes.iter().filter_map(|outcome| left(outcome)).collect();
        o.items("leaves", &leaves, |out, topic| object(out, |o| self.topic_ref(o, topic, payload)));
        let sends: Vec<_> = outcomes.iter().filter_map(|outcome| self.sent(outcome)).collect();
        o.items("sends", &sends, |out, (event, target)| {
            object(out, |o| {
                o.number("event", Some(event));
                if let Some(target) = target {
                    o.member("to", |out| self.target(out, target, payload));
                }
            });
        });
        let relays = message.chain.iter().flatten().filter_map(|handling| match &handling.handler {
            Handler::Relay(target) => Some(target),
            _ => None,
        });
        o.items("relays", &relays.collect::<Vec<_>>(), |out, target| self.target(out, target, payload));
    }

    fn sent<'o>(&self, outcome: &'o Outcome) -> Option<(usize, Option<&'o Target>)> {
        match outcome {
            Outcome::Deliver { event, target, .. } if *event < self.model.events.len() => {
                Some((*event, target.as_ref()))
            }
            _ => None,
        }
    }

    fn target(&self, out: &mut String, target: &Target, payload: &Payload) {
        object(out, |o| match target {
            Target::All => o.text("is", "all"),
            Target::Others => {
                o.text("is", "all");
                o.flag("others", true);
            }
            Target::Mailbox(path) => {
                o.text("is", "mailbox");
                o.member("of", |out| self.path(out, payload, path));
            }
            Target::Mailboxes => o.text("is", "mailboxes"),
            Target::Topic(topic) | Target::OthersInTopic(topic) => {
                o.text("is", "topic");
                self.topic_ref(o, topic, payload);
                o.flag("others", matches!(target, Target::OthersInTopic(_)));
            }
            Target::Roles(roles) | Target::OthersInRoles(roles) => {
                o.text("is", "roles");
                self.roles(o, roles);
                o.flag("others", matches!(target, Target::OthersInRoles(_)));
            }
        });
    }

    fn topic_ref(&self, o: &mut Object<'_>, topic: &TopicRef, payload: &Payload) {
        o.number("topic", Some(topic.topic));
        o.items("places", &topic.places, |out, path| self.path(out, payload, path));
    }

    fn path(&self, out: &mut String, payload: &Payload, path: &[String]) {
        let fields = match payload {
            Payload::None => &[],
            Payload::Fields(fields) => &fields[..],
            Payload::Type(ty) => fields_of(self.model, ty),
        };
        list(out, wire_path(self.model, fields, path), |out, name| string(out, &name));
    }

    fn roles(&self, o: &mut Object<'_>, roles: &[usize]) {
        let names: Vec<&str> =
            roles.iter().filter_map(|&role| self.model.roles.get(role)).map(|role| role.name.as_str()).collect();
        o.items("roles", &names, |out, name| string(out, name));
    }

    fn flow(&self, o: &mut Object<'_>, flow: &Flow) {
        o.text("name", &flow.name);
        o.object("on", flow.on.as_ref(), |o, topic| {
            // Every covered message has the fields, under the same names.
            let covered = flow.covers.first().and_then(|&id| self.model.messages.get(id));
            self.topic_ref(o, topic, covered.map_or(&Payload::None, |message| &message.payload));
        });
        o.items("covers", &flow.covers, |out, message| out.push_str(&message.to_string()));
        o.number("start", Some(flow.start));
        o.items("states", &flow.states, |out, state| object(out, |o| self.state(o, state)));
        about(o, &flow.origin);
    }

    fn state(&self, o: &mut Object<'_>, state: &State) {
        o.text("name", &state.name);
        o.object("after", state.timeout, |o, (time, next)| {
            milliseconds(o, "ms", Some(time));
            leads_to(o, next);
        });
        o.items("steps", &state.steps, |out, step| object(out, |o| self.step(o, step)));
        about(o, &state.origin);
    }

    fn step(&self, o: &mut Object<'_>, step: &Step) {
        o.number("message", Some(step.message));
        self.roles(o, &step.roles);
        o.flag("member", step.member);
        leads_to(o, step.next);
    }
}

fn joined(outcome: &Outcome) -> Option<&TopicRef> {
    match outcome {
        Outcome::Join(topic) => Some(topic),
        _ => None,
    }
}

fn left(outcome: &Outcome) -> Option<&TopicRef> {
    match outcome {
        Outcome::Leave(topic) => Some(topic),
        _ => None,
    }
}

fn leads_to(o: &mut Object<'_>, next: Next) {
    match next {
        Next::Stay => {}
        Next::State(state) => o.number("next", Some(state)),
        Next::End => o.flag("end", true),
    }
}

fn history(o: &mut Object<'_>, key: &str, history: Option<History>) {
    o.object(key, history, |o, history| {
        o.number("count", Some(history.count));
        milliseconds(o, "age_ms", Some(history.age));
    });
}

fn limits(o: &mut Object<'_>, limits: &Limits) {
    o.object("len", limits.len, |o, len| {
        o.number("min", Some(len.min).filter(|min| *min > 0));
        o.number("max", len.max);
    });
    o.object("range", limits.range, |o, range| {
        o.number("min", range.min.map(number));
        o.number("max", range.max.map(number));
        o.flag("min_exclusive", range.min_exclusive);
        o.flag("max_exclusive", range.max_exclusive);
    });
    o.items("one_of", limits.one_of.as_deref().unwrap_or_default(), |out, one| out.push_str(&number(*one)));
    if let Some(pattern) = &limits.pattern {
        o.text("match", pattern);
    }
    o.flag("unique", limits.unique);
    o.number("multiple_of", limits.multiple_of.map(number));
}

fn shape_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Bool => "bool",
        Shape::Int(int) => int.name(),
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
        Shape::Json | Shape::Unknown => "json",
        Shape::Const(_) => "const",
        Shape::Role => "role",
        Shape::List(_) => "list",
        Shape::Map(..) => "map",
        Shape::Named(_) => "ref",
    }
}

fn milliseconds(o: &mut Object<'_>, key: &str, time: Option<Duration>) {
    o.number(key, time.map(|time| time.as_millis()));
}

fn about(o: &mut Object<'_>, origin: &Origin) {
    docs(o, &origin.docs);
    if let Some(why) = &origin.deprecated {
        o.text("deprecated", why);
    }
    if let Some(version) = &origin.since {
        o.text("since", version);
    }
}

fn docs(o: &mut Object<'_>, lines: &[String]) {
    o.items("docs", lines, |out, line| string(out, line));
}

/// Of the JSON's form; a reader refuses those that it does not know.
const VERSION: u32 = 1;
