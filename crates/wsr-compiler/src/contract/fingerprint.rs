//! Fingerprints: sixteen digits that change when the wire of something does, and only then.
//!
//! What counts is all that the other side can notice: the name, the payload with its limits, what is answered, and all
//! types reached, by what is in them. What they are called in the file, in which order they stand and what their docs say
//! does not count, nor what is the server's own affair: rates, flows, handlers, who hears of it.

use sha2::{Digest, Sha256};

use super::graph::Graph;
use crate::model::{Ask, Event, Message, Model, Payload, Reply};

/// The fingerprints of a protocol, in the order of the model's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    /// Of all of it.
    pub protocol: String,
    /// Of each message.
    pub messages: Vec<String>,
    /// Of each event.
    pub events: Vec<String>,
    /// Of each ask.
    pub asks: Vec<String>,
}

/// The fingerprints of a protocol.
pub fn fingerprints(model: &Model) -> Fingerprints {
    let contract = Contract::new(model);
    let messages: Vec<String> = model.messages.iter().map(|message| contract.message(message)).collect();
    let events: Vec<String> = model.events.iter().map(|event| contract.event(event)).collect();
    let asks: Vec<String> = model.asks.iter().map(|ask| contract.ask(ask)).collect();
    let names = model.messages.iter().map(|message| ("message", &message.wire));
    let names = names.chain(model.events.iter().map(|event| ("event", &event.wire)));
    let names = names.chain(model.asks.iter().map(|ask| ("ask", &ask.wire)));
    let hashes = messages.iter().chain(&events).chain(&asks);
    let mut lines: Vec<String> =
        names.zip(hashes).map(|((kind, name), hash)| format!("{kind} {name} {hash}")).collect();
    lines.sort_unstable();
    Fingerprints { protocol: hash(&lines), messages, events, asks }
}

struct Contract<'m> {
    /// For what travels as JSON.
    loose: Graph<'m>,
    /// For binary payloads, whose fields have no names on the wire but an order.
    strict: Option<Graph<'m>>,
}

impl<'m> Contract<'m> {
    fn new(model: &'m Model) -> Self {
        let messages = model.messages.iter().map(|message| (&message.payload, message.open, message.binary));
        let events = model.events.iter().map(|event| (&event.payload, event.open, event.binary));
        let asks = model.asks.iter().map(|ask| (&ask.payload, false, None));
        let all: Vec<_> = messages.chain(events).chain(asks).collect();
        let payloads = || all.iter().map(|&(payload, open, _)| (payload, open));
        let is_binary = all.iter().any(|(_, _, binary)| binary.is_some());
        Self {
            loose: Graph::new(model, false, payloads()),
            strict: is_binary.then(|| Graph::new(model, true, payloads())),
        }
    }

    fn message(&self, message: &Message) -> String {
        let mut parts = self.payload("message", &message.wire, &message.payload, message.open, message.binary);
        parts.extend(message.reply().map(|reply| self.reply(reply)));
        parts.extend(message.stream().map(|stream| format!("stream {}", self.loose.describe(Some(&stream.item)))));
        parts.push(format!("error {}", self.loose.named(message.error())));
        hash(&parts)
    }

    fn ask(&self, ask: &Ask) -> String {
        let mut parts = self.payload("ask", &ask.wire, &ask.payload, false, None);
        parts.push(self.reply(&ask.reply));
        parts.push(format!("error {}", self.loose.named(ask.reply.error)));
        hash(&parts)
    }

    fn reply(&self, reply: &Reply) -> String {
        format!("reply {}", self.loose.describe(reply.ty.as_ref()))
    }

    fn event(&self, event: &Event) -> String {
        hash(&self.payload("event", &event.wire, &event.payload, event.open, event.binary))
    }

    fn payload(&self, kind: &str, wire: &str, payload: &Payload, open: bool, binary: Option<u8>) -> Vec<String> {
        let mut parts = vec![format!("{kind} {wire}"), self.loose.payload(payload, open)];
        if let (Some(tag), Some(strict)) = (binary, &self.strict) {
            parts.push(format!("binary {tag} {}", strict.payload(payload, open)));
        }
        parts
    }
}

/// Sixteen digits of the hash of some texts, each with its length, so that none runs into the next.
fn hash(parts: &[String]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
