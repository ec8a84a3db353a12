//! What the server sends of itself: events, messages that are relayed, presence, states of flows on topics, and asks.

use std::collections::BTreeSet;

use super::Client;
use super::calls::decoder;
use crate::generate::casing::{identifier, type_name};
use crate::generate::rust::context::{Context, Scope};
use crate::generate::rust::limits::{Place, some};
use crate::generate::rust::literal;
use crate::generate::writer::{Writer, indented};
use crate::model::{Ask, EventId, MessageId, NamespaceId, Payload, Presence, TopicId};

/// Everything that may be heard, in the order of the variants of `AnyEvent`.
pub(super) struct Rows<'m>(pub(super) Vec<Row<'m>>);

pub(super) struct Row<'m> {
    pub(super) what: What<'m>,
    /// The variant of `AnyEvent`.
    pub(super) variant: String,
    pub(super) namespace: NamespaceId,
    /// What its methods are called after.
    pub(super) name: String,
}

#[derive(Clone, Copy)]
pub(super) enum What<'m> {
    Event(EventId),
    Relayed(MessageId),
    Presence(TopicId, &'m Presence),
    /// The states of this flow.
    States(usize),
}

impl<'m> Rows<'m> {
    pub(super) fn of(context: &Context<'m>) -> Self {
        let model = context.model;
        let mut taken = BTreeSet::new();
        let mut rows = Vec::new();
        let mut add = |what, namespace: NamespaceId, name: &str, suffix: &str| {
            let path = context.path(namespace).iter().map(String::as_str);
            let variant: String = path.chain([name, suffix]).map(type_name_or_nothing).collect();
            rows.push(Row { what, variant: super::unused(&variant, &mut taken), namespace, name: name.to_owned() });
        };
        for (id, event) in model.events.iter().enumerate() {
            add(What::Event(id), event.namespace, &event.name, "");
        }
        for (id, message) in model.messages.iter().enumerate().filter(|(id, _)| context.is_relayed(*id)) {
            add(What::Relayed(id), message.namespace, &message.name, "");
        }
        for (id, topic) in model.topics.iter().enumerate() {
            if let Some(presence) = &topic.presence {
                add(What::Presence(id, presence), topic.namespace, &topic.name, "presence");
            }
        }
        for (id, flow) in model.flows.iter().enumerate().filter(|(_, flow)| flow.on.is_some()) {
            add(What::States(id), 0, &flow.name, "state");
        }
        Self(rows)
    }
}

fn type_name_or_nothing(name: &str) -> String {
    if name.is_empty() { String::new() } else { type_name(name) }
}

impl<'m> Client<'m> {
    /// The number of what is heard of a topic's members.
    pub(super) fn presence_row(&self, topic: TopicId) -> Option<usize> {
        self.rows.0.iter().position(|row| matches!(row.what, What::Presence(id, _) if id == topic))
    }

    /// What a row carries, in Rust.
    pub(super) fn heard_type(&self, scope: Scope, what: What<'m>) -> String {
        match what {
            What::Event(id) => self.context.event_path(scope, id),
            What::Relayed(id) => self.context.message_path(scope, id),
            What::Presence(_, presence) => {
                let (who, state) = self.member_types(scope, presence);
                format!("rt::Presence<{who}, {state}>")
            }
            What::States(_) => "rt::StateChanged".to_owned(),
        }
    }

    /// Identity and state of a member, in Rust.
    pub(super) fn member_types(&self, scope: Scope, presence: &'m Presence) -> (String, String) {
        let who = self.model().identity.as_ref();
        let who = who.map_or("rt::Value".to_owned(), |ty| self.context.rust_type(scope, ty));
        (who, presence.state.as_ref().map_or("()".to_owned(), |ty| self.context.rust_type(scope, ty)))
    }

    pub(super) fn any_event(&self, w: &mut Writer, scope: Scope) {
        let name = &self.names.any_event;
        w.blank();
        w.line("/// Anything that the server sends of itself.");
        w.line("#[derive(Clone, Debug)]");
        w.block(format!("pub enum {name}"), |w| {
            for row in &self.rows.0 {
                w.line(format!("{}({}),", row.variant, self.heard_type(scope, row.what)));
            }
        });
        w.blank();
        w.lines(["/// Stands for something that is heard.", "#[doc(hidden)]", "#[derive(Debug)]"]);
        w.line(format!("pub enum {}<const N: usize> {{}}", self.names.hears));
        for (number, row) in self.rows.0.iter().enumerate() {
            w.blank();
            w.block(format!("impl rt::Heard<Routes> for {}<{number}>", self.names.hears), |w| {
                w.line(format!("type Payload = {};", self.heard_type(scope, row.what)));
                w.blank();
                w.block(format!("fn of(event: &{name}) -> §Option<&Self::Payload>"), |w| {
                    w.block("match event", |w| {
                        w.line(format!("{name}::{}(payload) => §Some(payload),", row.variant));
                        if self.rows.0.len() > 1 {
                            w.line("_ => §None,");
                        }
                    });
                });
            });
        }
    }

    /// The names on the wire: one a row, but four for presence.
    pub(super) fn event_rows(&self, w: &mut Writer, hashes: &[String]) {
        let line = |w: &mut Writer, name: &str, hash: Option<&String>, binary: Option<u8>| {
            let hash = some(hash.map(|hash| literal::string(hash)));
            let (name, binary) = (literal::string(name), some(binary));
            w.line(format!("rt::EventInfo {{ name: {name}, hash: {hash}, binary: {binary} }},"));
        };
        w.closed_block("const EVENTS: &'static [rt::EventInfo] = &[", "];", |w| {
            for row in &self.rows.0 {
                match row.what {
                    What::Event(id) => {
                        let event = &self.model().events[id];
                        line(w, &event.wire, hashes.get(id), event.binary);
                    }
                    What::Relayed(id) => {
                        let message = &self.model().messages[id];
                        line(w, &message.wire, None, message.binary);
                    }
                    What::Presence(id, _) => {
                        let words = self.context.topic_words(&self.model().topics[id]);
                        for said in PRESENCE {
                            line(w, &format!("{words}#{said}"), None, None);
                        }
                    }
                    What::States(id) => line(w, &Context::state_event(&self.model().flows[id]), None, None),
                }
            }
        });
    }

    pub(super) fn event_decoders(&self, w: &mut Writer, scope: Scope) {
        let name = &self.names.any_event;
        w.blank();
        let head = "fn decode_event(event: u16, r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self::Event>";
        w.block(head, |w| {
            w.block("match event", |w| {
                let mut number = 0;
                for row in &self.rows.0 {
                    for read in self.event_reads(scope, row.what) {
                        w.line(format!("{number} => {read}.map({name}::{}),", row.variant));
                        number += 1;
                    }
                }
                w.lines(["// No name leads here.", "_ => §Err(rt::Fault::Invalid),"]);
            });
        });
        w.blank();
        w.line("fn decode_binary_event(");
        w.lines(["    event: u16,", "    body: rt::Bytes,", "    report: &mut rt::Report,"]);
        w.closed_block(") -> rt::Decoded<Self::Event> {", "}", |w| {
            w.block("match event", |w| {
                for (number, (row, wrap)) in self.binary_rows(scope) {
                    let read = format!("Self::read_{number}(body, report){wrap}");
                    w.line(format!("{number} => {read}.map({name}::{}),", row.variant));
                }
                w.lines(["// No tag leads here.", "_ => §Err(rt::Fault::Invalid),"]);
            });
        });
    }

    /// Expressions that read a row's payloads, one a name.
    fn event_reads(&self, scope: Scope, what: What<'m>) -> Vec<String> {
        let context = &self.context;
        match what {
            What::Event(_) => vec!["rt::Decode::decode(r, at)".to_owned()],
            What::Relayed(id) => match &self.model().messages[id].payload {
                Payload::Type(ty) => vec![context.decode(scope, ty).expression()],
                _ => vec!["rt::Decode::decode(r, at)".to_owned()],
            },
            What::States(_) => vec!["rt::Decode::decode(r, at)".to_owned()],
            What::Presence(_, presence) => {
                let who = self.model().identity.as_ref();
                let who = who.map_or("rt::Decode::decode".to_owned(), |ty| context.decode(scope, ty).closure());
                let state = presence.state.as_ref();
                let state = state.map_or("rt::decode_nothing".to_owned(), |ty| context.decode(scope, ty).closure());
                PRESENCE.map(|said| format!("rt::presence::{said}(r, at, {who}, {state})")).into()
            }
        }
    }

    /// What may come as a binary frame, with its number, and how the value is wrapped.
    fn binary_rows(&self, scope: Scope) -> Vec<(usize, (&Row<'m>, String))> {
        let mut rows = Vec::new();
        let mut number = 0;
        for row in &self.rows.0 {
            match row.what {
                What::Event(id) if self.model().events[id].binary.is_some() => {
                    let wrapped = matches!(self.model().events[id].payload, Payload::Type(_));
                    let path = self.context.event_path(scope, id);
                    rows.push((number, (row, if wrapped { format!(".map({path})") } else { String::new() })));
                }
                What::Relayed(id) if self.model().messages[id].binary.is_some() => {
                    rows.push((number, (row, String::new())));
                }
                _ => {}
            }
            number += if matches!(row.what, What::Presence(..)) { PRESENCE.len() } else { 1 };
        }
        rows
    }

    pub(super) fn binary_readers(&self, w: &mut Writer, scope: Scope) {
        let rows = self.binary_rows(scope);
        if rows.is_empty() {
            return;
        }
        w.blank();
        w.line("/// Binary payloads.");
        w.block("impl Routes", |w| {
            for (number, (row, _)) in rows {
                let (wire, payload, path) = match row.what {
                    What::Event(id) => {
                        let event = &self.model().events[id];
                        let path = match &event.payload {
                            Payload::Type(ty) => self.context.rust_type(scope, ty),
                            _ => self.context.event_path(scope, id),
                        };
                        (&event.wire, &event.payload, path)
                    }
                    What::Relayed(id) => {
                        let message = &self.model().messages[id];
                        (&message.wire, &message.payload, self.context.message_path(scope, id))
                    }
                    What::Presence(..) | What::States(_) => continue,
                };
                self.context.binary_reader(w, scope, &number.to_string(), wire, &path, payload);
            }
        });
    }

    /// Names of asks, as variants of `AnyAsk`.
    fn ask_variants(&self) -> Vec<String> {
        let mut taken = BTreeSet::new();
        let name = |ask: &Ask| {
            let path = self.context.path(ask.namespace).iter();
            let variant: String = path.chain([&ask.name]).map(|part| type_name(part)).collect();
            super::unused(&variant, &mut taken)
        };
        self.model().asks.iter().map(name).collect()
    }

    fn ask_path(&self, scope: Scope, ask: &Ask) -> String {
        self.context.item(scope, ask.namespace, &identifier(&type_name(&ask.name)))
    }

    pub(super) fn any_ask(&self, w: &mut Writer, scope: Scope) {
        let name = &self.names.any_ask;
        let variants = self.ask_variants();
        w.blank();
        w.line("/// Anything that the server asks.");
        w.line("#[derive(Clone, Debug)]");
        w.block(format!("pub enum {name}"), |w| {
            for (ask, variant) in self.model().asks.iter().zip(&variants) {
                w.line(format!("{variant}({}),", self.ask_path(scope, ask)));
            }
        });
        w.blank();
        w.lines(["/// Stands for something that is asked.", "#[doc(hidden)]", "#[derive(Debug)]"]);
        w.line(format!("pub enum {}<const N: usize> {{}}", self.names.asks));
        for (number, (ask, variant)) in self.model().asks.iter().zip(&variants).enumerate() {
            w.blank();
            w.block(format!("impl rt::Asked<Routes> for {}<{number}>", self.names.asks), |w| {
                self.asked(w, scope, ask, number, variant);
            });
        }
        w.blank();
        w.lines(["/// Stands for a message.", "#[doc(hidden)]", "#[derive(Debug)]"]);
        w.line(format!("pub enum {}<const N: usize> {{}}", self.names.sends));
    }

    /// The types of an ask's answer and error in Rust.
    pub(super) fn ask_outcome(&self, scope: Scope, ask: &'m Ask) -> (String, String) {
        let reply = ask.reply.ty.as_ref().map_or("()".to_owned(), |ty| self.context.rust_type(scope, ty));
        (reply, ask.reply.error.map_or("rt::NoError".to_owned(), |id| self.context.type_path(scope, id)))
    }

    fn asked(&self, w: &mut Writer, scope: Scope, ask: &'m Ask, number: usize, variant: &str) {
        let (context, name) = (&self.context, &self.names.any_ask);
        let (reply, error) = self.ask_outcome(scope, ask);
        w.line(format!("type Payload = {};", self.ask_path(scope, ask)));
        w.line(format!("type Reply = {reply};"));
        w.line(format!("type Error = {error};"));
        w.blank();
        w.line(format!("const INDEX: u16 = {number};"));
        w.blank();
        w.block(format!("fn of(ask: {name}) -> §Option<Self::Payload>"), |w| {
            w.block("match ask", |w| {
                w.line(format!("{name}::{variant}(payload) => §Some(payload),"));
                if self.model().asks.len() > 1 {
                    w.line("_ => §None,");
                }
            });
        });
        w.blank();
        w.block("fn encode_reply(reply: &Self::Reply) -> §Result<§Vec<u8>, rt::Invalid>", |w| {
            let Some(ty) = &ask.reply.ty else { return w.line("§Ok(b\"{}\".to_vec())") };
            let place = Place::reference_to("reply");
            let checks = context.check(scope, ty, &place, "at");
            if !checks.is_empty() {
                w.closed_block("rt::checked(|report, at| {", "})?;", |w| w.lines(checks));
            }
            w.line(format!("§Ok(rt::written(|out| {{\n{}\n}}))", indented(&context.encode(scope, ty, &place))));
        });
        w.blank();
        w.block("fn encode_error(error: &Self::Error) -> §Result<§Vec<u8>, rt::Invalid>", |w| {
            if ask.reply.error.is_none() {
                return w.line("match *error {}");
            }
            w.line("rt::checked(|report, at| rt::Check::check(error, report, at))?;");
            w.line("§Ok(rt::written(|out| rt::Encode::encode(error, out)))");
        });
    }

    pub(super) fn ask_decoder(&self, w: &mut Writer, _: Scope) {
        let name = &self.names.any_ask;
        w.blank();
        w.block("fn index_of(ask: &Self::Ask) -> u16", |w| {
            if self.model().asks.is_empty() {
                return w.line("match *ask {}");
            }
            w.block("match ask", |w| {
                for (number, variant) in self.ask_variants().iter().enumerate() {
                    w.line(format!("{name}::{variant}(_) => {number},"));
                }
            });
        });
        w.blank();
        w.block(decoder("decode_ask", "Ask").replacen("(r:", "(ask: u16, r:", 1), |w| {
            w.block("match ask", |w| {
                for (number, variant) in self.ask_variants().iter().enumerate() {
                    w.line(format!("{number} => rt::Decode::decode(r, at).map({name}::{variant}),"));
                }
                w.lines(["// No name leads here.", "_ => §Err(rt::Fault::Invalid),"]);
            });
        });
    }
}

/// What members hear of each other.
const PRESENCE: [&str; 4] = ["here", "joined", "changed", "left"];
