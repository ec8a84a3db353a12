//! The resolved protocol: what every later stage reads.
//!
//! Made by [`crate::resolve`], which replaces each name by an index into one of the arenas
//! below. An unknown name leaves [`Shape::Unknown`] or is left out, so the model of a broken
//! file is smaller than its text but never inconsistent: every index in it is valid.
//! Deliberately absent: spelling of the source beyond names and docs, wire encoding, Rust.

use std::time::Duration;

use crate::source::{FileId, Span};

/// Index of a [`Namespace`]; 0 is the root, which has no name.
pub type NamespaceId = usize;
/// Index of a [`TypeDef`].
pub type TypeId = usize;
/// Index of a [`Topic`].
pub type TopicId = usize;
/// Index of an [`Event`].
pub type EventId = usize;
/// Index of a [`Message`]; also the route number at run time.
pub type MessageId = usize;
/// Index of an [`Ask`]; also its number at run time.
pub type AskId = usize;
/// Index of an [`AnyHandler`].
pub type HandlerId = usize;
/// Index of a role in [`Model::roles`]; at most 64.
pub type RoleId = usize;

/// A whole protocol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// `protocol studio "1.4.0"`, when there is such a line.
    pub protocol: Option<Protocol>,
    /// The envelope forms that clients may use; plain alone when nothing is said.
    pub accepts: Accepts,
    /// The type of an identity, hence of a mailbox's owner. Never optional.
    pub identity: Option<Type>,
    /// `@history(200, 30d)` above the identity: every mailbox keeps what is delivered to it.
    pub mailbox_history: Option<History>,
    /// The roles, in the order written.
    pub roles: Vec<Role>,
    /// Every namespace; parents stand before their children, the root is first.
    pub namespaces: Vec<Namespace>,
    /// Aliases, structs, enums and errors of all namespaces, in source order.
    pub types: Vec<TypeDef>,
    /// Topics, in source order.
    pub topics: Vec<Topic>,
    /// Events, in source order.
    pub events: Vec<Event>,
    /// Messages, in source order.
    pub messages: Vec<Message>,
    /// What the server asks clients, in source order.
    pub asks: Vec<Ask>,
    /// Handlers declared with `handler x(any)`.
    pub any_handlers: Vec<AnyHandler>,
    /// Flows, in source order.
    pub flows: Vec<Flow>,
}

impl Model {
    /// What files call something: its name with its namespaces in front, `chat/send`, whatever `@wire` says.
    pub fn full_name(&self, namespace: NamespaceId, name: &str) -> String {
        let mut parts = self.namespaces[namespace].path.clone();
        parts.push(name.to_owned());
        parts.join("/")
    }

    /// What files call a message from outside its namespace, `chat/send`.
    pub fn message_name(&self, id: MessageId) -> String {
        self.full_name(self.messages[id].namespace, &self.messages[id].name)
    }

    /// What files call an event from outside its namespace, `chat/posted`.
    pub fn event_name(&self, id: EventId) -> String {
        self.full_name(self.events[id].namespace, &self.events[id].name)
    }
}

/// Where an item stands, and what its author wrote above it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// The span of the item's name.
    pub span: Span,
    /// Line of the name, from 1.
    pub line: u32,
    /// Lines of the `///` text, without the slashes and one leading blank.
    pub docs: Vec<String>,
    /// `@deprecated("why")`: why, on types, fields, variants, events and messages.
    pub deprecated: Option<String>,
    /// `@since("1.2")`: the first version that has it, on the same things.
    pub since: Option<String>,
}

impl Origin {
    /// The file and the line of the name.
    pub fn place(&self) -> (FileId, u32) {
        (self.span.file, self.line)
    }
}

/// The `protocol` line.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// Its name.
    pub name: String,
    /// Its version text.
    pub version: String,
    /// Place and docs.
    pub origin: Origin,
}

/// Envelope forms that come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepts {
    /// `{"name":"a/b","id":1,"payload":{…}}`
    pub plain: bool,
    /// `{"name":"a/b","id":1,"field":…}`
    pub flat: bool,
    /// `{"name":{"a":{"name":"b"}},"id":1,"payload":{…}}`
    pub nested: bool,
}

impl Default for Accepts {
    fn default() -> Self {
        Self { plain: true, flat: false, nested: false }
    }
}

/// One role.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// As written, and as on the wire.
    pub name: String,
    /// Place and docs.
    pub origin: Origin,
}

/// A namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Namespace {
    /// Names from the outermost inwards; empty for the root.
    pub path: Vec<String>,
    /// The same on the wire, where `@wire` may say otherwise; joined by `/`.
    pub wire: Vec<String>,
    /// The namespace around it; `None` for the root alone.
    pub parent: Option<NamespaceId>,
    /// Lines of its `///` text.
    pub docs: Vec<String>,
}

/// A named type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeDef {
    /// As written, in `CamelCase` by convention.
    pub name: String,
    /// Where it was declared.
    pub namespace: NamespaceId,
    /// What it is.
    pub kind: TypeKind,
    /// `@secret`: never shown in logs, `Debug` or refusals. Aliases only.
    pub secret: bool,
    /// `@open`: unknown keys of a struct are ignored, unknown variants of an enum are kept.
    pub open: bool,
    /// The key beside a variant's fields that holds its name: `kind`, or what `@tag` says. Enums and errors.
    pub tag: String,
    /// Written in place of a type, `device: { … }`, and named after its path.
    pub inline: bool,
    /// Place and docs.
    pub origin: Origin,
}

impl TypeDef {
    /// The tag of enums and errors without `@tag`.
    pub const TAG: &'static str = "kind";
}

/// The kinds of named types.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `type X = …`. With limits or `@secret`: a newtype that cannot hold a bad value; else a plain alias.
    Alias(Type),
    /// `struct X { … }`
    Struct(Vec<Field>),
    /// `enum X { … }`; a string on the wire when no variant has fields, else an object with a tag.
    Enum(Vec<Variant>),
    /// `error X { … }`; always an object with a tag, inside the refusal `refused`.
    Error(Vec<Variant>),
}

/// One variant of an enum or error.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// As written.
    pub name: String,
    /// On the wire: the name, or what `@wire` or `@rename_all` says.
    pub wire: String,
    /// Its fields; empty for most.
    pub fields: Vec<Field>,
    /// Place and docs.
    pub origin: Origin,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// As written.
    pub name: String,
    /// On the wire: the name, or what `@wire` or `@rename_all` says.
    pub wire: String,
    /// Its type; `ty.nullable` for `field: T?`.
    pub ty: Type,
    /// `field?: T`: may be left out; null is then refused unless the type is nullable too.
    pub optional: bool,
    /// The value taken when it is left out; already checked against the type.
    pub default: Option<Value>,
    /// `@secret` on the field, or on the alias it names.
    pub secret: bool,
    /// The type contains itself here: boxed in Rust.
    pub boxed: bool,
    /// Place and docs.
    pub origin: Origin,
}

/// A type as used in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// What values look like.
    pub shape: Shape,
    /// What is asked of them here, beyond what a named type asks already.
    pub limits: Limits,
    /// `T?`: null is a value.
    pub nullable: bool,
    /// Where it was written.
    pub span: Span,
}

/// The shape of a type.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// `bool`
    Bool,
    /// `u8` … `i64`. As decimal text on the wire when values beyond ±(2^53-1) are allowed.
    Int(Int),
    /// `f32`, always finite
    F32,
    /// `f64`, always finite
    F64,
    /// `string`
    String,
    /// `bytes`: base64 in JSON, raw in a binary payload
    Bytes,
    /// `uuid`, hyphenated
    Uuid,
    /// `timestamp`, RFC 3339 in UTC
    Timestamp,
    /// `duration`, a whole number of milliseconds
    Duration,
    /// `date`, a day of the calendar: RFC 3339 `full-date`
    Date,
    /// `email`, one address without a display name
    Email,
    /// `uri`, RFC 3986, with a scheme
    Uri,
    /// `ip`, an IPv4 or IPv6 address
    Ip,
    /// `json`, any value
    Json,
    /// `"heartbeat"`, `2`, `true`: exactly this value
    Const(Literal),
    /// `Role`
    Role,
    /// `[T]`
    List(Box<Type>),
    /// `map<K, T>`; K is a text type, an enum without fields or an integer
    Map(Box<Type>, Box<Type>),
    /// A named type; never an error type.
    Named(TypeId),
    /// The name is unknown; an error has been reported.
    Unknown,
}

/// A literal in place of a type.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
}

/// The integer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Int {
    /// 0..=255
    U8,
    /// 0..=65535
    U16,
    /// 0..=2^32-1
    U32,
    /// 0..=2^64-1
    U64,
    /// -128..=127
    I8,
    /// -32768..=32767
    I16,
    /// -2^31..=2^31-1
    I32,
    /// -2^63..=2^63-1
    I64,
}

impl Int {
    /// The name, in the language as in Rust.
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
        }
    }
}

/// Limits on values; empty for most types.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// `len a..=b`: Unicode scalar values of a string, bytes, items or entries.
    pub len: Option<Bounds>,
    /// `a..=b`, `>a`, `<=b` on numbers and durations (milliseconds).
    pub range: Option<Range>,
    /// `1 | 2 | 4`: one of these numbers, in the order written, none twice.
    pub one_of: Option<Vec<Number>>,
    /// `match /…/`: the whole text; the text between the slashes, `\/` already unescaped.
    pub pattern: Option<String>,
    /// `unique`: no two items of a list are equal.
    pub unique: bool,
    /// `multiple_of n`
    pub multiple_of: Option<Number>,
}

impl Limits {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Bounds of a length, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// 0 when not written.
    pub min: u64,
    /// `None` when not written.
    pub max: Option<u64>,
}

/// Bounds of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// The lower bound, if written.
    pub min: Option<Number>,
    /// The upper bound, if written.
    pub max: Option<Number>,
    /// `>a`: the lower bound itself is not allowed. Floats only: on integers `>0` is kept as `1..`.
    pub min_exclusive: bool,
    /// `<b`: the upper bound itself is not allowed. Floats only.
    pub max_exclusive: bool,
}

/// A number as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Without a point.
    Int(i128),
    /// With a point.
    Float(f64),
}

/// A default value, already of its field's type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true`, `false`
    Bool(bool),
    /// A number; also a duration in milliseconds.
    Number(Number),
    /// Text, for strings and text-like types.
    Text(String),
    /// The variant with this index of the field's enum, or the role with this index.
    Variant(usize),
    /// `[…]`
    List(Vec<Value>),
}

/// What an event or message carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// No braces at all, or empty ones.
    None,
    /// `{ … }`: in Rust a struct named after the message or event.
    Fields(Vec<Field>),
    /// `: Type`
    Type(Type),
}

/// A topic; its full name is the namespace's path and its segments joined by `/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// The literal segments as written, joined by `_`; names the Rust function and marker type.
    pub name: String,
    /// Where it was declared.
    pub namespace: NamespaceId,
    /// Literal parts and places, in order, as on the wire.
    pub segments: Vec<Segment>,
    /// `@history(100, 10m)`: how many events are kept, and how long.
    pub history: Option<History>,
    /// `@authorize`: a method of the application decides who may join. No effect yet.
    pub authorize: bool,
    /// `@presence`, `@presence(Mood)`: members are announced to each other. No effect yet.
    pub presence: Option<Presence>,
    /// Place and docs.
    pub origin: Origin,
}

/// `@presence` or `@presence(T)`
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    /// What each member says of itself: a type without parentheses, `Mood`.
    pub state: Option<Type>,
}

/// `@history(count, age)`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// Events kept at most …
    pub count: u32,
    /// … for so long.
    pub age: Duration,
    /// The attribute.
    pub span: Span,
}

/// One part of a topic's name.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// Fixed text.
    Literal(String),
    /// `{room: RoomId}`
    Place {
        /// Name of the place.
        name: String,
        /// Type of what stands there: text, integer, uuid, role or an enum without fields.
        ty: Type,
    },
}

/// Server to client.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// As written.
    pub name: String,
    /// Full name on the wire, `chat/posted`.
    pub wire: String,
    /// Where it was declared.
    pub namespace: NamespaceId,
    /// What it carries.
    pub payload: Payload,
    /// `@binary(tag)`
    pub binary: Option<u8>,
    /// `event … to …`; places name fields of the event itself.
    pub target: Option<Target>,
    /// `@open`: receivers ignore unknown keys.
    pub open: bool,
    /// `@audit`: each one sent is logged.
    pub audit: bool,
    /// `@overflow(…)`: what becomes of it when a receiver is slow. No effect yet.
    pub overflow: Option<Overflow>,
    /// Place and docs.
    pub origin: Origin,
}

/// `@overflow(…)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// `drop_oldest`
    DropOldest,
    /// `keep_latest by field`: one event for each value of the field.
    KeepLatest(Option<Path>),
    /// `close`
    Close,
    /// `wait`
    Wait,
}

/// Client to server.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// As written.
    pub name: String,
    /// Full name on the wire, `chat/send`.
    pub wire: String,
    /// Where it was declared.
    pub namespace: NamespaceId,
    /// What it carries.
    pub payload: Payload,
    /// `@open`: unknown keys are ignored.
    pub open: bool,
    /// `@binary(tag)`
    pub binary: Option<u8>,
    /// `@rate(…)`
    pub rate: Option<Rate>,
    /// `@limit(8KiB)`, in bytes of the frame's payload.
    pub limit: Option<u64>,
    /// `@deadline(2s)`: the whole chain's time.
    pub deadline: Option<Duration>,
    /// `@audit`: each one that arrives is logged.
    pub audit: bool,
    /// `@concurrent(4, by: room)`: so many of one connection may be handled at a time.
    pub concurrent: Option<Concurrent>,
    /// `@cancellable`: its chain is dropped when the client leaves or says so.
    pub cancellable: bool,
    /// `@idempotent(field, 5m)`: a second one with the same key gets the first one's answer.
    pub idempotent: Option<(Path, Duration)>,
    /// Stages run one after another; the handlings of one stage run side by side.
    pub chain: Vec<Vec<Handling>>,
    /// Place and docs.
    pub origin: Origin,
}

impl Message {
    /// What the handlers of this stage are handed by the one before; relays in between take no part.
    pub fn passed_to(&self, stage: usize) -> Vec<&Type> {
        let is_handler = |handling: &Handling| !matches!(handling.handler, Handler::Relay(_));
        let before = self.chain.iter().take(stage).rev().find(|stage| stage.iter().any(is_handler));
        before.into_iter().flatten().flat_map(Handling::passes).collect()
    }

    /// The type of the items and the declared error, when it answers with a stream.
    pub fn stream(&self) -> Option<&Stream> {
        self.chain.iter().flatten().flat_map(|handling| &handling.outcomes).find_map(|outcome| match outcome {
            Outcome::Stream(stream) => Some(stream),
            _ => None,
        })
    }

    /// The declared error, which every handler of the chain may return.
    pub fn error(&self) -> Option<TypeId> {
        self.reply().map_or_else(|| self.stream().and_then(|stream| stream.error), |reply| reply.error)
    }

    /// The reply's type and the declared error, wherever in the chain they stand.
    pub fn reply(&self) -> Option<&Reply> {
        self.chain.iter().flatten().flat_map(|handling| &handling.outcomes).find_map(|outcome| match outcome {
            Outcome::Reply(reply) => Some(reply),
            _ => None,
        })
    }
}

/// Server to one client, which answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// As written.
    pub name: String,
    /// Full name on the wire, `chat/confirm`.
    pub wire: String,
    /// Where it was declared.
    pub namespace: NamespaceId,
    /// What it carries.
    pub payload: Payload,
    /// `@deadline(5s)`: how long its answer is waited for.
    pub deadline: Option<Duration>,
    /// `@audit`: each one sent is logged.
    pub audit: bool,
    /// What clients answer.
    pub reply: Reply,
    /// Place and docs.
    pub origin: Origin,
}

/// `@concurrent(count, by: field)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concurrent {
    /// So many of one connection at a time.
    pub count: u32,
    /// Those with one value of this field one after another.
    pub by: Option<Path>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateBy {
    /// Each connection by itself.
    #[default]
    Connection,
    /// All connections of one identity together; a connection without one by itself.
    Identity,
    /// All connections from one IP address together.
    Address,
}

/// One handler of a chain with the arrows behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Handling {
    /// Who runs.
    pub handler: Handler,
    /// Where what it returns goes, in the order written. Empty for a relay.
    pub outcomes: Vec<Outcome>,
    /// `else continue`: what it fails with is logged, and the chain goes on.
    pub lenient: bool,
    /// Where it was written.
    pub span: Span,
    /// Line of `span`, from 1.
    pub line: u32,
}

impl Handling {
    /// The types of what it hands to the next stage.
    pub fn passes(&self) -> impl Iterator<Item = &Type> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Pass(ty) => Some(ty),
            _ => None,
        })
    }
}

/// Who runs in a chain.
#[derive(Clone, Debug, PartialEq)]
pub enum Handler {
    /// A method of `Handlers` of that namespace, taking this message.
    Method {
        /// The trait's namespace.
        namespace: NamespaceId,
        /// The method's name as written.
        name: String,
    },
    /// A declared handler that takes every message.
    Any(HandlerId),
    /// `relay to …`: the validated payload, written anew under the message's own name.
    Relay(Target),
}

/// `handler record(any)`: a method of `Handlers` of its namespace, taking `AnyMessage`.
#[derive(Clone, Debug, PartialEq)]
pub struct AnyHandler {
    /// As written.
    pub name: String,
    /// Where it was declared.
    pub namespace: NamespaceId,
    /// Place and docs.
    pub origin: Origin,
}

/// One arrow.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// `-> silent`: returns nothing.
    Silent,
    /// `-> reply …`
    Reply(Reply),
    /// `-> stream of T`
    Stream(Stream),
    /// `-> pass T`: handed to the handlers of the next stage.
    Pass(Type),
    /// `-> join topic`: returns nothing; done before the handler's events go out.
    Join(TopicRef),
    /// `-> leave topic`
    Leave(TopicRef),
    /// `-> event to …`
    Deliver {
        /// Which event.
        event: EventId,
        /// `-> event? to …`: the handler may send nothing.
        optional: bool,
        /// Where to; `None`: to the event's own target.
        target: Option<Target>,
    },
}

/// `reply T or E`
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// `None` for `reply ok`: an empty object on the wire, nothing in Rust.
    pub ty: Option<Type>,
    /// The error type after `or`; every handler of the chain may return it.
    pub error: Option<TypeId>,
}

/// `stream of T or E`
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The type of its items.
    pub item: Type,
    /// The error type after `or`; every handler of the chain may return it.
    pub error: Option<TypeId>,
}

/// Who receives.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Every connection, the sender included.
    All,
    /// Every connection but the sender.
    Others,
    /// Every connection of the identity that this field holds.
    Mailbox(Path),
    /// The handler returns the identities together with the event.
    Mailboxes,
    /// Every member, the sender included.
    Topic(TopicRef),
    /// Every member but the sender.
    OthersInTopic(TopicRef),
    /// Every connection that has one of these roles, the sender included.
    Roles(Vec<RoleId>),
    /// The same without the sender.
    OthersInRoles(Vec<RoleId>),
}

/// A topic with its places filled from payload fields.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicRef {
    /// Which topic.
    pub topic: TopicId,
    /// One path a place, in the topic's order; each field has the place's type and is always there.
    pub places: Vec<Path>,
}

/// A field of a payload, `{room}` or `{device.kind}`: names as written, outermost first.
pub type Path = Vec<String>;

/// A flow: which of the covered messages is allowed when.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// As written.
    pub name: String,
    /// `on rooms/{room}`: one instance for each such topic, its places filled from the message; `None`: one for each
    /// connection.
    pub on: Option<TopicRef>,
    /// The messages it covers, each in one flow of connections and one of topics at most.
    pub covers: Vec<MessageId>,
    /// Its states; `start` says which one a new connection or topic is in.
    pub states: Vec<State>,
    /// Index of the start state.
    pub start: usize,
    /// Place and docs.
    pub origin: Origin,
}

/// One state, with what it inherits already written out.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// As written.
    pub name: String,
    /// `after 30s -> next`
    pub timeout: Option<(Duration, Next)>,
    /// What is allowed, by message; every other covered message is refused.
    pub steps: Vec<Step>,
    /// Place and docs.
    pub origin: Origin,
}

/// One allowed message of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Which message.
    pub message: MessageId,
    /// `if role(…)`: one of these is needed; empty: nobody is asked.
    pub roles: Vec<RoleId>,
    /// `if member`: only members of the flow's topic. Flows on topics only.
    pub member: bool,
    /// Where it leads once the message has succeeded.
    pub next: Next,
}

/// Where a step or timeout leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nowhere: the state stays.
    Stay,
    /// To the state with this index.
    State(usize),
    /// `end`: the connection is closed, or the topic's instance forgotten.
    End,
}
