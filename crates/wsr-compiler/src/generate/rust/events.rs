//! Events: their structs, their frames, and where each may go.

use std::collections::BTreeSet;

use super::check::check_impl;
use super::context::{Context, Scope};
use super::encode::encode_impl;
use super::items::Head;
use super::limits::Place;
use super::literal;
use super::types::payload_fields;
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::writer::Writer;
use crate::model::{Event, EventId, MessageId, Model, Origin, Outcome, Overflow, Path, Payload, Target, TopicId, Type};

/// The audiences that `routes.wsr` gives an event, somewhere.
#[derive(Clone, Default)]
pub(super) struct Audiences {
    all: bool,
    mailbox: bool,
    role: bool,
    topics: BTreeSet<TopicId>,
}

impl Audiences {
    /// Those without the sender count as the whole: a push from nowhere has no sender.
    fn add(&mut self, target: &Target) {
        match target {
            Target::All | Target::Others => self.all = true,
            Target::Mailbox(_) | Target::Mailboxes => self.mailbox = true,
            Target::Roles(_) | Target::OthersInRoles(_) => self.role = true,
            Target::Topic(topic) | Target::OthersInTopic(topic) => _ = self.topics.insert(topic.topic),
        }
    }
}

impl<'m> Context<'m> {
    /// An event's struct with its encoder, checks, frame and audiences.
    pub fn event(&self, w: &mut Writer, scope: Scope, id: EventId, event: &'m Event) {
        let name = identifier(&type_name(&event.name));
        self.sent(w, scope, &name, &event.wire, &event.payload, &event.origin);
        let protocol = self.root_item(scope, "Routes");
        w.blank();
        w.block(format!("impl rt::Event<{protocol}> for {name}"), |w| {
            w.line(format!("const INFO: &'static rt::EventInfo = {};", self.event_info(scope, id)));
            w.blank();
            w.block("fn append_frame(&self, out: &mut §Vec<u8>)", |w| self.frame(w, event));
            if let Some(Overflow::KeepLatest(Some(path))) = &event.overflow {
                self.append_key(w, scope, event, path);
            }
        });
        self.write_audiences(w, scope, id, &name);
    }

    /// The struct of something that is sent to clients, with its encoder and checks.
    pub fn sent(&self, w: &mut Writer, scope: Scope, name: &str, wire: &str, payload: &'m Payload, origin: &Origin) {
        let mark = self.mark(wire, origin.place());
        let head = Head { name: name.to_owned(), above: literal::above(origin), mark };
        match payload {
            Payload::Type(ty) => self.wrapped_payload(w, scope, &head, ty),
            payload => {
                let fields = payload_fields(payload);
                self.structure(w, scope, &head, fields);
                self.encode_struct(w, scope, name, fields);
                self.check_struct(w, scope, name, fields);
            }
        }
    }

    /// The row of an event in the table of them all.
    fn event_info(&self, scope: Scope, row: usize) -> String {
        format!("&<{} as rt::Protocol>::EVENTS[{row}]", self.root_item(scope, "Routes"))
    }

    /// The row of a relayed message.
    pub fn relayed_info(&self, scope: Scope, id: MessageId) -> String {
        let relayed = (0..id).filter(|&id| self.is_relayed(id)).count();
        self.event_info(scope, self.model.events.len() + relayed)
    }

    /// The row of the first flow on topics.
    pub fn first_state_event(&self) -> usize {
        let relayed = (0..self.model.messages.len()).filter(|&id| self.is_relayed(id)).count();
        self.model.events.len() + relayed
    }

    /// The table: every event, then every message that is relayed somewhere, then what flows on topics say.
    pub fn event_table(&self, w: &mut Writer) {
        let events = self.model.events.iter().map(|event| (event.wire.clone(), overflow(event), event.audit));
        let relayed = self.model.messages.iter().enumerate().filter(|&(id, _)| self.is_relayed(id));
        // `@audit` on the message writes a line for the message; one for what it became would say the same.
        let relayed = relayed.map(|(_, message)| (message.wire.clone(), None, false));
        let states = self.flows_on_topics().map(|(flow, _)| (Self::state_event(flow), None, false));
        w.closed_block("const EVENTS: &'static [rt::EventInfo] = &[", "];", |w| {
            for (index, (wire, overflow, audit)) in events.chain(relayed).chain(states).enumerate() {
                let overflow = overflow.map(|policy| format!("overflow: rt::Overflow::{policy},"));
                let fields: Vec<String> =
                    overflow.into_iter().chain(audit.then(|| "audit: true,".to_owned())).collect();
                let named = format!("rt::EventInfo::named({}, {index})", literal::string(&wire));
                match fields.is_empty() {
                    true => w.line(format!("{named},")),
                    false => w.line(format!("rt::EventInfo {{ {} ..{named} }},", fields.join(" "))),
                }
            }
        });
    }

    /// `event changed: Settings` is a struct around the value, since two events may carry one type.
    fn wrapped_payload(&self, w: &mut Writer, scope: Scope, head: &Head, ty: &'m Type) {
        let Head { name, above, mark } = head;
        let inner = self.rust_type(scope, ty);
        let hash = if self.is_hashable(ty) { ", Eq, Hash" } else { "" };
        w.blank();
        w.lines(above);
        w.line(format!("#[derive(Clone, Debug, PartialEq{hash})]"));
        w.line(format!("pub struct {name}(pub {inner}); {mark}"));
        let place = Place::value("self.0");
        encode_impl(w, name, |w| w.line(self.encode(scope, ty, &place)));
        let checks = self.check(scope, ty, &place, "at");
        check_impl(w, name, checks.is_empty(), |w| w.lines(&checks));
    }

    /// What tells one event of `keep_latest` from another.
    fn append_key(&self, w: &mut Writer, scope: Scope, event: &'m Event, path: &Path) {
        let fields = self.fields_of_payload(&event.payload);
        let Some(field) = fields.iter().find(|field| path.first() == Some(&field.name)) else { return };
        let value = if matches!(event.payload, Payload::Type(_)) { "self.0" } else { "self" };
        let place = Place::value(format!("{value}.{}", identifier(&field_name(&field.name))));
        w.blank();
        w.block("fn append_key(&self, out: &mut §Vec<u8>)", |w| w.line(self.encode(scope, &field.ty, &place)));
    }

    fn frame(&self, w: &mut Writer, event: &'m Event) {
        match event.binary {
            Some(tag) => {
                let value = if matches!(event.payload, Payload::Type(_)) { "self.0" } else { "self" };
                self.binary_frame(w, tag, &event.payload, value);
            }
            None => {
                let prefix = literal::bytes(&self.frame_prefix(&event.wire));
                w.line(format!("const PREFIX: &[u8] = {prefix};"));
                w.line("rt::append_event(out, PREFIX, |out| rt::Encode::encode(self, out));");
            }
        }
    }

    /// What stands in front of the payload of a frame.
    pub fn frame_prefix(&self, wire: &str) -> String {
        format!("{{\"name\":{},\"payload\":", literal::json(wire))
    }

    fn write_audiences(&self, w: &mut Writer, scope: Scope, id: EventId, name: &str) {
        let audiences = &self.audiences[id];
        w.blank();
        for (is_one, marker) in [(audiences.all, "ToAll"), (audiences.mailbox, "ToMailbox"), (audiences.role, "ToRole")]
        {
            if is_one {
                w.line(format!("impl rt::{marker} for {name} {{}}"));
            }
        }
        for &topic in &audiences.topics {
            let marker = self.topic_marker_path(scope, topic);
            w.line(format!("impl rt::ToTopic<{marker}> for {name} {{}}"));
        }
    }
}

/// By event: where its own target and every arrow with it lead.
pub(super) fn audiences(model: &Model) -> Vec<Audiences> {
    let mut audiences: Vec<Audiences> = model.events.iter().map(own_audience).collect();
    let handlings = model.messages.iter().flat_map(|message| message.chain.iter().flatten());
    for outcome in handlings.flat_map(|handling| &handling.outcomes) {
        if let Outcome::Deliver { event, target: Some(target), .. } = outcome
            && let Some(audience) = audiences.get_mut(*event)
        {
            audience.add(target);
        }
    }
    audiences
}

/// The policy of an event, unless it is that of every other.
fn overflow(event: &Event) -> Option<&'static str> {
    match event.overflow.as_ref()? {
        Overflow::Close => None,
        Overflow::DropOldest => Some("DropOldest"),
        Overflow::KeepLatest(_) => Some("KeepLatest"),
        Overflow::Wait => Some("Wait"),
    }
}

fn own_audience(event: &Event) -> Audiences {
    let mut audiences = Audiences::default();
    event.target.iter().for_each(|target| audiences.add(target));
    audiences
}
