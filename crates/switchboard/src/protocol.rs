//! What generated code tells the server about a protocol: tables of constants and a few functions.
//!
//! Nothing here is written by hand in an application; `switchboard::routes!` writes all of it.

use std::fmt::{self, Display};
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_core::log::{self, Epoch};
pub use switchboard_core::outbox::Overflow;
use switchboard_core::{Check, Decoded, Forms, Path, Position, Reader, Rejection, Report, write};

pub use switchboard_core::flow::{Flow, FlowState, Next, Step};

use crate::Cx;
use crate::connection::Claim;
use crate::history::{History, Opening, Receipt};
use crate::metrics::InProgress;

/// A whole protocol, as `routes.wsr` declares it.
pub trait Protocol: Send + Sync + Sized + 'static {
    /// Whom a connection can belong to; the type after `identity`.
    type Identity: Identity;
    /// The roles a connection can have.
    type Role: RoleName;
    /// Any message, decoded and checked.
    type Incoming: Send + Sync + 'static;
    /// `@history` above the identity: what is kept of each mailbox.
    const MAILBOX: Option<History> = None;
    /// The envelope forms that clients may use.
    const FORMS: Forms;
    /// Every message, in the order of their numbers.
    const ROUTES: &'static [Route];
    /// Every flow of connections.
    const FLOWS: &'static [Flow];
    /// Every flow on topics.
    const ROOMS: &'static [Room] = &[];
    /// Every event, in the order of their numbers; behind them every message that is relayed somewhere, then
    /// what flows on topics say.
    const EVENTS: &'static [EventInfo];
    /// All of it as JSON, for [`Schema::parse`](crate::schema::Schema::parse).
    const SCHEMA: &'static str = r#"{"schema":1}"#;

    /// The number of the message with this full name.
    fn find(name: &str) -> Option<u16>;

    /// The number of the binary message with this tag.
    fn find_binary(tag: u8) -> Option<u16>;

    /// Appends an identity as JSON.
    fn encode_identity(identity: &Self::Identity, out: &mut Vec<u8>) {
        write::string(out, &identity.to_string());
    }

    /// Reads and checks the payload of a message.
    fn decode(route: u16, reader: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self::Incoming>;

    /// Reads and checks the payload of a binary message, without its tag.
    fn decode_binary(route: u16, body: Bytes, report: &mut Report) -> Decoded<Self::Incoming>;

    /// Appends the field that `@concurrent(…, by: field)` names; whether there is one.
    fn append_lane_key(_: &Self::Incoming, _: &mut Vec<u8>) -> bool {
        false
    }

    /// Appends the field that `@idempotent` names to `key`, and to `payload` all that the message carries.
    fn append_once_key(_: &Self::Incoming, _key: &mut Vec<u8>, _payload: &mut Vec<u8>) {}

    /// The full name of the topic that a message is about, if a flow on topics covers it.
    fn room(_: &Self::Incoming) -> Option<String> {
        None
    }
}

/// What runs a protocol's chains: the user's handlers, wired by generated code.
pub trait Application<P: Protocol>: Send + Sync + 'static {
    /// Runs the chain of one message. `Ok` means that it succeeded and has answered by itself; an `Err` is written by
    /// the connection, and the flow stays where it is.
    fn handle(
        &self,
        cx: &Cx<P>,
        incoming: P::Incoming,
        turn: &Turn,
    ) -> impl Future<Output = Result<(), Rejection>> + Send;
}

/// The message being handled.
#[derive(Debug)]
pub struct Turn {
    reference: Option<u64>,
    route: Option<u16>,
    /// What comes up on the way; most messages have nothing of that, and no lock to take.
    ledger: OnceLock<Box<Mutex<Ledger>>>,
    /// Counts it as in progress for as long as this lives.
    _progress: Option<InProgress>,
}

/// What becomes of a message beside its answer.
#[derive(Debug, Default)]
struct Ledger {
    /// How far the client says it has heard what it joins.
    since: Vec<Position>,
    /// What takes effect when it succeeds.
    claims: Vec<Claim>,
    /// Events that are being kept.
    receipts: Vec<Receipt>,
    /// Whether the payload of the answer is kept, and what is.
    captures: bool,
    captured: Option<Arc<[u8]>>,
}

impl Turn {
    pub(crate) fn new(reference: Option<u64>) -> Self {
        Self { reference, route: None, ledger: OnceLock::new(), _progress: None }
    }

    /// Of a message with this number and these positions, which is counted as in progress.
    #[inline]
    pub(crate) fn begun(reference: Option<u64>, route: u16, since: Vec<Position>, progress: InProgress) -> Self {
        let turn = Self { reference, route: Some(route), ledger: OnceLock::new(), _progress: Some(progress) };
        if !since.is_empty() {
            turn.note(|ledger| ledger.since = since);
        }
        turn
    }

    /// The number of the message.
    pub(crate) fn route(&self) -> Option<u16> {
        self.route
    }

    /// From now on what is answered is kept, for who sends the same again.
    pub(crate) fn capture(&self) {
        self.note(|ledger| ledger.captures = true);
    }

    /// Whether it is.
    pub(crate) fn captures(&self) -> bool {
        self.noted(|ledger| ledger.captures)
    }

    /// Keeps the payload of the answer.
    pub(crate) fn keep(&self, payload: Vec<u8>) -> Arc<[u8]> {
        let payload: Arc<[u8]> = payload.into();
        self.note(|ledger| ledger.captured = Some(Arc::clone(&payload)));
        payload
    }

    /// What has been kept.
    pub(crate) fn take_captured(&self) -> Option<Arc<[u8]>> {
        self.noted(|ledger| ledger.captured.take())
    }

    /// How far the client says it has heard a topic that it joins, or its mailbox.
    pub(crate) fn heard(&self, topic: Option<&str>) -> Option<log::Position> {
        self.noted(|ledger| {
            let position = ledger.since.iter().find(|position| position.topic.as_deref() == topic)?;
            Some(log::Position { epoch: Epoch::parse(&position.epoch).unwrap_or(Epoch(0)), offset: position.offset })
        })
    }

    /// Notes an event that is being kept.
    pub(crate) fn expect(&self, receipt: Receipt) {
        if !matches!(receipt.now(), Some(Ok(_))) {
            self.note(|ledger| ledger.receipts.push(receipt));
        }
    }

    /// Takes the events that are being kept.
    pub(crate) fn take_receipts(&self) -> Vec<Receipt> {
        self.noted(|ledger| std::mem::take(&mut ledger.receipts))
    }

    /// The logs of what is joined.
    pub(crate) fn openings(&self) -> Vec<Opening> {
        self.noted(|ledger| ledger.claims.iter().filter_map(Claim::opening).cloned().collect())
    }

    /// The `id` that the client gave it; without one there is no answer.
    pub fn reference(&self) -> Option<u64> {
        self.reference
    }

    /// Notes what takes effect when the message succeeds.
    pub(crate) fn claim(&self, claim: Claim) {
        self.note(|ledger| ledger.claims.push(claim));
    }

    /// How many claims there are by now, for generated code.
    #[doc(hidden)]
    pub fn mark(&self) -> usize {
        self.noted(|ledger| ledger.claims.len())
    }

    /// Takes the claims that were made since.
    pub(crate) fn take_claims_since(&self, mark: usize) -> Vec<Claim> {
        self.noted(|ledger| ledger.claims.split_off(mark.min(ledger.claims.len())))
    }

    /// Takes the claims that `wanted` picks, in the order they were made.
    pub(crate) fn take_claims(&self, wanted: impl Fn(&Claim) -> bool) -> Vec<Claim> {
        self.noted(|ledger| ledger.claims.extract_if(.., |claim| wanted(claim)).collect())
    }

    /// Whether nothing was noted.
    #[inline]
    pub(crate) fn is_blank(&self) -> bool {
        self.ledger.get().is_none()
    }

    fn note(&self, note: impl FnOnce(&mut Ledger)) {
        note(&mut self.ledger.get_or_init(Box::default).lock());
    }

    /// What is read or taken of the ledger; nothing when nothing was noted.
    #[inline]
    fn noted<R: Default>(&self, read: impl FnOnce(&mut Ledger) -> R) -> R {
        self.ledger.get().map(|ledger| read(&mut ledger.lock())).unwrap_or_default()
    }
}

/// A message's name and bounds.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Its full name on the wire.
    pub name: &'static str,
    /// `@limit`, in bytes of the frame's payload.
    pub limit: Option<u64>,
    /// `@rate`
    pub rate: Option<Rate>,
    /// `@deadline`
    pub deadline: Option<Duration>,
    /// The flow of connections that covers it, an index into [`Protocol::FLOWS`].
    pub flow: Option<u8>,
    /// The flow on topics that covers it, an index into [`Protocol::ROOMS`].
    pub room: Option<u8>,
    /// `@audit`
    pub audit: bool,
    /// `@concurrent`: so many of one connection at a time, beside everything else.
    pub concurrent: Option<u32>,
    /// `@cancellable`
    pub cancellable: bool,
    /// It answers with a stream.
    pub stream: bool,
    /// `@idempotent`
    pub idempotent: Option<Once>,
}

/// `@idempotent(key, keep)`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// Where the key stands in the payload.
    pub at: &'static [&'static str],
    /// How long an answer is remembered.
    pub keep: Duration,
}

impl Route {
    /// Whether its chain is all there is to it: no turn of a topic to wait for, and no earlier answer to look for.
    pub(crate) fn is_plain(&self) -> bool {
        self.room.is_none() && self.idempotent.is_none()
    }

    /// Whether its chain is dropped when the client leaves or takes it back.
    pub(crate) fn may_be_dropped(&self) -> bool {
        self.cancellable || self.stream
    }

    /// A message of this name that says nothing else about itself. Generated code and tests fill in the rest by
    /// `Route { rate: …, ..Route::named("…") }`, so that what a message may say can grow.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            limit: None,
            rate: None,
            deadline: None,
            flow: None,
            room: None,
            audit: false,
            concurrent: None,
            cancellable: false,
            stream: false,
            idempotent: None,
        }
    }
}

/// A flow on topics.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The flow.
    pub flow: Flow,
    /// What members hear when it is in another state, `game#state`.
    pub event: EventInfo,
}

/// A `topic` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// The words of its name on the wire, without the places: `chat/rooms`.
    pub name: &'static str,
    /// `@presence`
    pub presence: bool,
    /// `@history`
    pub history: Option<History>,
}

impl TopicInfo {
    /// A line of this name without attributes.
    pub const fn named(name: &'static str) -> Self {
        Self { name, presence: false, history: None }
    }
}

/// `@rate(count per per, by: by)`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages allowed …
    pub count: u32,
    /// … in this time.
    pub per: Duration,
    /// Who is counted.
    pub by: RateBy,
}

/// Who a rate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateBy {
    /// Each connection by itself.
    Connection,
    /// All connections of one identity together; a connection without one by itself.
    Identity,
    /// All connections from one IP address together.
    Address,
}

impl RateBy {
    /// As written, and as in refusals.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Identity => "identity",
            Self::Address => "address",
        }
    }
}

/// Who a connection can belong to. Its text is the key of the mailbox, so it must differ where identities differ.
pub trait Identity: Clone + Eq + Hash + Display + Send + Sync + 'static {}

impl<T: Clone + Eq + Hash + Display + Send + Sync + 'static> Identity for T {}

/// The identity of protocols without an `identity` line: there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoIdentity {}

impl Display for NoIdentity {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// The roles of a protocol; at most 64.
pub trait RoleName: Copy + Eq + Send + Sync + 'static {
    /// Its place in the `roles` line.
    fn index(self) -> u8;

    /// As written, and as on the wire.
    fn name(self) -> &'static str;

    /// All of them, by index.
    fn all() -> &'static [Self];
}

/// The roles of protocols without a `roles` line: there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoRole {}

impl RoleName for NoRole {
    fn index(self) -> u8 {
        match self {}
    }

    fn name(self) -> &'static str {
        match self {}
    }

    fn all() -> &'static [Self] {
        &[]
    }
}

/// The bits of these roles.
pub(crate) fn role_mask<R: RoleName>(roles: impl IntoIterator<Item = R>) -> u64 {
    roles.into_iter().fold(0, |mask, role| mask | 1 << role.index())
}

/// An event: something that the server sends.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event of this protocol",
    label = "not declared as `event` in routes.wsr",
    note = "what is pushed is declared in routes.wsr: `event name {{ … }} to …`"
)]
pub trait Event<P: Protocol>: Check {
    /// What does not depend on its fields; stands in [`Protocol::EVENTS`].
    const INFO: &'static EventInfo;

    /// Appends it as a whole server frame.
    fn append_frame(&self, out: &mut Vec<u8>);

    /// Appends the value of the field after `@overflow(keep_latest, by: …)`: of two events with the same one, only the
    /// later has to arrive.
    fn append_key(&self, _out: &mut Vec<u8>) {}
}

/// What the server knows of an event without looking into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventInfo {
    /// Its full name on the wire.
    pub name: &'static str,
    /// Its place in [`Protocol::EVENTS`].
    pub index: u16,
    /// `@overflow`
    pub overflow: Overflow,
    /// `@audit`
    pub audit: bool,
}

impl EventInfo {
    /// The event with this full name in this place of the table, as one without attributes is.
    pub const fn named(name: &'static str, index: u16) -> Self {
        Self { name, index, overflow: Overflow::Close, audit: false }
    }
}

/// An event that may go to everybody.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared to go to all",
    label = "no `to all` for this event in routes.wsr",
    note = "declare it: `event … to all`, or an outcome `-> … to all`"
)]
pub trait ToAll {}

/// An event that may go to mailboxes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared to go to a mailbox",
    label = "no `to mailbox` for this event in routes.wsr",
    note = "declare it: `event … to mailbox {{field}}`, or an outcome `-> … to mailbox {{field}}`"
)]
pub trait ToMailbox {}

/// An event that may go to roles.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared to go to roles",
    label = "no `to role(…)` for this event in routes.wsr",
    note = "declare it: `event … to role(…)`, or an outcome `-> … to role(…)`"
)]
pub trait ToRole {}

/// An event that may go to the topics of line `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared to go to the topic `{T}`",
    label = "no `to topic …` with this topic for this event in routes.wsr",
    note = "declare it: `event … to topic …`, or an outcome `-> … to topic …`"
)]
pub trait ToTopic<T> {}
