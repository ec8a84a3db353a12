//! What generated code says about a protocol, so that the machine and the driver can speak it.

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use switchboard_core::{Decode, Decoded, Invalid, Path, Reader, Report};

/// A protocol as its client sees it. Generated code implements it for `Routes`.
pub trait Protocol: Debug + Send + Sync + 'static {
    /// Any event, decoded: what the server sends of itself.
    type Event: Clone + Debug + Send + Sync + 'static;
    /// Any ask, decoded.
    type Ask: Debug + Send + 'static;

    /// The fingerprint of the whole.
    const HASH: &'static str;
    /// Client to server.
    const MESSAGES: &'static [MessageInfo];
    /// Server to client.
    const EVENTS: &'static [EventInfo];
    /// Server to client, which answers.
    const ASKS: &'static [Named];

    /// Reads the payload of the event with this place in [`Protocol::EVENTS`].
    fn decode_event(event: u16, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self::Event>;

    /// The same behind the tag of a binary frame.
    fn decode_binary_event(event: u16, body: Bytes, report: &mut Report) -> Decoded<Self::Event>;

    /// The place of an ask in [`Protocol::ASKS`].
    fn index_of(ask: &Self::Ask) -> u16;

    /// Reads the payload of the ask with this place in [`Protocol::ASKS`].
    fn decode_ask(ask: u16, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self::Ask>;
}

/// A name and what is expected of it.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// The full name on the wire.
    pub name: &'static str,
    /// Its fingerprint.
    pub hash: &'static str,
}

/// What the machine has to know of a message.
#[derive(Clone, Copy, Debug)]
pub struct MessageInfo {
    /// The full name on the wire.
    pub name: &'static str,
    /// Its fingerprint.
    pub hash: &'static str,
    /// It is answered.
    pub reply: bool,
    /// It is answered by items.
    pub stream: bool,
    /// The server's own time for it.
    pub deadline: Option<Duration>,
    /// It may be taken back.
    pub cancellable: bool,
    /// The flow of connections that it may move.
    pub moves: Option<u16>,
}

impl MessageInfo {
    /// A message without anything special.
    pub const fn named(name: &'static str, hash: &'static str) -> Self {
        Self { name, hash, reply: false, stream: false, deadline: None, cancellable: false, moves: None }
    }
}

/// What the machine has to know of an event.
#[derive(Clone, Copy, Debug)]
pub struct EventInfo {
    /// The full name on the wire.
    pub name: &'static str,
    /// Its fingerprint; `None` for what follows from something else: relays, presence, states of flows.
    pub hash: Option<&'static str>,
    /// The tag of its binary form.
    pub binary: Option<u8>,
}

/// A message that keeps its limits, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its place in [`Protocol::MESSAGES`].
    pub message: u16,
    /// The payload as JSON; empty when there is none.
    pub payload: Vec<u8>,
    /// The frame, tag first, when it goes as one: such a message has no answer.
    pub binary: Option<Vec<u8>>,
    /// The full names of the topics that it joins …
    pub joins: Vec<String>,
    /// … and leaves.
    pub leaves: Vec<String>,
    /// It is `@idempotent` and has its key, so that it may be sent twice.
    pub again: bool,
}

/// A message of a protocol. The implementing type only stands for it: two messages may carry one type.
pub trait Message<P: Protocol>: 'static {
    /// What it carries.
    type Payload;
    /// What it is answered with, or one item of that.
    type Reply: Debug + Send + 'static;
    /// The error declared for it.
    type Error: Decode + Debug + Send + 'static;

    /// Its place in [`Protocol::MESSAGES`].
    const INDEX: u16;

    /// The message, ready to be sent.
    ///
    /// # Errors
    /// When the payload breaks its limits.
    fn outgoing(payload: &Self::Payload) -> Result<Outgoing, Invalid>;

    /// Reads a payload under the rules of the server.
    fn decode_payload(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self::Payload>;

    /// Reads an answer, or an item.
    fn decode_reply(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self::Reply>;
}

/// Something that the server sends of itself; the implementing type only stands for it.
pub trait Heard<P: Protocol>: 'static {
    /// What it carries.
    type Payload: Clone + Send + Sync + 'static;

    /// Its payload, if this is one of them.
    fn of(event: &P::Event) -> Option<&Self::Payload>;
}

/// Something that the server asks; the implementing type only stands for it.
pub trait Asked<P: Protocol>: 'static {
    /// What it carries.
    type Payload: Send + 'static;
    /// What it is answered with.
    type Reply: Send + 'static;
    /// The error that it may be answered with.
    type Error: Send + 'static;

    /// Its place in [`Protocol::ASKS`].
    const INDEX: u16;

    /// Its payload, if this is one of them.
    fn of(ask: P::Ask) -> Option<Self::Payload>;

    /// The answer as JSON.
    ///
    /// # Errors
    /// When it breaks its limits.
    fn encode_reply(reply: &Self::Reply) -> Result<Vec<u8>, Invalid>;

    /// The declared error as JSON.
    ///
    /// # Errors
    /// When it breaks its limits.
    fn encode_error(error: &Self::Error) -> Result<Vec<u8>, Invalid>;
}

/// For what declares no error: there is no value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoError {}

impl Decode for NoError {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        r.skip()?;
        Err(r.report.add(at, "type", "no error", "an error that is not declared"))
    }
}

/// The empty object of `reply ok`.
pub fn decode_ok(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<()> {
    r.object(at)?;
    while let Some(key) = r.next_key()? {
        r.unknown_key(at, &key)?;
    }
    Ok(())
}

/// What a message without an answer would answer.
pub fn decode_nothing(r: &mut Reader<'_>, _: &Path<'_>) -> Decoded<()> {
    r.skip()
}

/// Whether nothing is wrong with a value that is about to leave.
///
/// # Errors
/// When something is.
pub fn checked(check: impl FnOnce(&mut Report, &Path<'_>)) -> Result<(), Invalid> {
    let mut report = Report::new();
    check(&mut report, &Path::root());
    report.into_result()
}

/// Bytes that something has written.
pub fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

/// Appends a binary frame: the tag, then what `body` writes.
pub fn append_binary(out: &mut Vec<u8>, tag: u8, body: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    body(out);
}
