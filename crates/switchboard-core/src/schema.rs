//! A protocol as data: what generated code keeps of `routes.wsr` for those who have no types of it.
//!
//! [`Schema::parse`] reads the JSON that the compiler wrote. Things name each other by their places in the lists. Names are
//! those on the wire; what something is called in Rust is not in here.

use std::fmt;

use serde::Deserialize;
use serde_json::{Number, Value};

use crate::envelope::Forms;

/// Everything that a protocol declares.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Schema {
    /// The form of the data; this module reads form 1.
    pub schema: u32,
    /// The name of the protocol.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its fingerprint: 16 digits that say what all messages, events and asks look like on the wire.
    pub hash: String,
    /// The envelope forms that clients may use.
    pub forms: AcceptedForms,
    /// The type of an identity.
    pub identity: Option<Type>,
    /// `@history` of the mailboxes.
    pub mailbox_history: Option<History>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The named types.
    pub types: Vec<TypeDef>,
    /// The topics.
    pub topics: Vec<Topic>,
    /// Server to client.
    pub events: Vec<Event>,
    /// Client to server; by the numbers of the routes.
    pub messages: Vec<Message>,
    /// Server to one client, which answers.
    pub asks: Vec<Ask>,
    /// What is allowed when.
    pub flows: Vec<Flow>,
    /// The lines above `protocol`.
    pub docs: Vec<String>,
}

impl Schema {
    /// Reads a schema.
    ///
    /// ```
    /// use switchboard_core::schema::Schema;
    ///
    /// let text = r#"{"schema":1,"hash":"1f5c","messages":[{"name":"ping","hash":"77ab"}]}"#;
    /// assert_eq!(Schema::parse(text).unwrap().messages[0].name, "ping");
    /// ```
    ///
    /// # Errors
    /// When the text is none, or of a form that is not known here.
    pub fn parse(text: &str) -> Result<Self, NoSchema> {
        let schema: Self = serde_json::from_str(text).map_err(|error| NoSchema(error.to_string()))?;
        match schema.schema {
            FORM => Ok(schema),
            other => Err(NoSchema(format!("form {other}, and only {FORM} is known"))),
        }
    }

    /// The message with this name.
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.name == name)
    }

    /// The event with this name.
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.name == name)
    }

    /// The ask with this name.
    pub fn ask(&self, name: &str) -> Option<&Ask> {
        self.asks.iter().find(|ask| ask.name == name)
    }

    /// A type with its aliases followed.
    pub fn base<'s>(&'s self, ty: &'s Type) -> Base<'s> {
        let mut base =
            Base { shape: &ty.shape, limits: vec![&ty.limits], nullable: ty.nullable, secret: false, text: false };
        if let Shape::U64 { text } | Shape::I64 { text } = ty.shape {
            base.text = text;
        }
        let mut is_outermost = true;
        while let Shape::Ref { to } = *base.shape
            && let Some(def) = self.types.get(to)
            && let TypeKind::Alias { target, nullable, text } = &def.kind
            && base.limits.len() <= self.types.len()
        {
            base.secret |= def.secret;
            if std::mem::take(&mut is_outermost) {
                (base.nullable, base.text) = (base.nullable | nullable, *text);
            }
            base.limits.push(&target.limits);
            base.shape = &target.shape;
        }
        base.limits.reverse();
        base.limits.retain(|limits| **limits != Limits::default());
        base
    }

    /// What is behind the aliases of a type, and whether it is a 64-bit integer that travels as decimal text in JSON.
    pub fn shape<'s>(&'s self, ty: &'s Type) -> (&'s Shape, bool) {
        let (mut shape, mut text) = (&ty.shape, None);
        for _ in 0..=self.types.len() {
            let Some(TypeKind::Alias { target, text: is_text, .. }) = self.definition(shape).map(|def| &def.kind)
            else {
                break;
            };
            text.get_or_insert(*is_text);
            shape = &target.shape;
        }
        (shape, text.unwrap_or(matches!(shape, Shape::U64 { text: true } | Shape::I64 { text: true })))
    }

    /// The definition that a shape refers to.
    pub fn definition(&self, shape: &Shape) -> Option<&TypeDef> {
        match shape {
            Shape::Ref { to } => self.types.get(*to),
            _ => None,
        }
    }
}

/// A type with its aliases followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Base<'s> {
    /// No alias, but in a circle of them.
    pub shape: &'s Shape,
    /// What is asked, all of it; that of the innermost alias comes first.
    pub limits: Vec<&'s Limits>,
    /// Null is a value.
    pub nullable: bool,
    /// Never shown.
    pub secret: bool,
    /// A 64-bit integer that travels as decimal text in JSON.
    pub text: bool,
}

/// Why a text is no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSchema(String);

impl fmt::Display for NoSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a schema: {}", self.0)
    }
}

impl std::error::Error for NoSchema {}

/// The envelope forms that clients may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AcceptedForms {
    /// `{"name":"a/b","id":1,"payload":{…}}`
    pub plain: bool,
    /// `{"name":"a/b","id":1,"field":…}`
    pub flat: bool,
    /// `{"name":{"a":{"name":"b"}},"id":1,"payload":{…}}`
    pub nested: bool,
}

impl From<AcceptedForms> for Forms {
    fn from(AcceptedForms { plain, flat, nested }: AcceptedForms) -> Self {
        Self { plain, flat, nested }
    }
}

/// What an author wrote above something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct About {
    /// The lines of the `///` text.
    pub docs: Vec<String>,
    /// `@deprecated("why")`
    pub deprecated: Option<String>,
    /// `@since("1.2")`
    pub since: Option<String>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Role {
    /// As on the wire.
    pub name: String,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// A named type.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TypeDef {
    /// As files call it: `chat/Text`. It is not on the wire.
    pub name: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: TypeKind,
    /// Unknown keys of a struct are ignored, unknown variants of an enum are kept.
    #[serde(default)]
    pub open: bool,
    /// Never shown.
    #[serde(default)]
    pub secret: bool,
    /// Written in place of a type, and named after its path.
    #[serde(default)]
    pub inline: bool,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// The kinds of named types.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum TypeKind {
    /// Another name for a type, perhaps with limits; see [`Schema::base`].
    Alias {
        /// What it stands for.
        #[serde(rename = "type")]
        target: Type,
        /// Null is a value of it, by itself or by an alias behind it.
        #[serde(default)]
        nullable: bool,
        /// It is a 64-bit integer that travels as decimal text in JSON.
        #[serde(default)]
        text: bool,
    },
    /// An object.
    Struct {
        /// Its members.
        #[serde(default)]
        fields: Vec<Field>,
    },
    /// One of its variants.
    Enum {
        /// No variant has fields: a text, the variant's name.
        #[serde(default)]
        plain: bool,
        /// The key of the variant's name; empty for a plain one.
        #[serde(default)]
        tag: String,
        /// Its variants.
        #[serde(default)]
        variants: Vec<Variant>,
    },
    /// What a handler may fail with: an object with a tag, always.
    Error {
        /// The key of the variant's name.
        tag: String,
        /// Its variants.
        #[serde(default)]
        variants: Vec<Variant>,
    },
}

/// A variant of an enum or error.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Variant {
    /// As on the wire.
    pub name: String,
    /// The members beside the tag.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Field {
    /// The key.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// It may be left out.
    #[serde(default)]
    pub optional: bool,
    /// What is meant when it is left out; it may be.
    #[serde(default)]
    pub default: Option<Value>,
    /// Never shown.
    #[serde(default)]
    pub secret: bool,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// A type as used in one place.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Type {
    /// What values look like.
    #[serde(flatten)]
    pub shape: Shape,
    /// What is asked of them here.
    #[serde(flatten)]
    pub limits: Limits,
    /// Null is a value.
    #[serde(default)]
    pub nullable: bool,
}

/// The shape of a type.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
#[allow(missing_docs, reason = "they are called as in the language")]
pub enum Shape {
    Bool,
    U8,
    U16,
    U32,
    U64 {
        /// In JSON it travels as decimal text.
        #[serde(default)]
        text: bool,
    },
    I8,
    I16,
    I32,
    I64 {
        /// In JSON it travels as decimal text.
        #[serde(default)]
        text: bool,
    },
    F32,
    F64,
    String,
    Bytes,
    Uuid,
    Timestamp,
    Duration,
    Date,
    Email,
    Uri,
    Ip,
    Json,
    Role,
    Const {
        /// The only value there is.
        value: Value,
    },
    List {
        /// The type of its items.
        of: Box<Type>,
    },
    Map {
        /// The type of its keys, which are text.
        key: Box<Type>,
        /// The type of what stands under them.
        of: Box<Type>,
    },
    Ref {
        /// Which of [`Schema::types`].
        to: usize,
    },
}

/// Limits on values.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Unicode scalar values of a text, bytes, items or entries.
    pub len: Option<Len>,
    /// Bounds of a number; of a duration in milliseconds.
    pub range: Option<Range>,
    /// One of these numbers, if any are listed.
    pub one_of: Vec<Number>,
    /// The whole text matches this.
    #[serde(rename = "match")]
    pub pattern: Option<String>,
    /// No two items are equal.
    pub unique: bool,
    /// A multiple of this number.
    pub multiple_of: Option<Number>,
}

/// Bounds of a length, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Len {
    /// The least.
    pub min: u64,
    /// The most.
    pub max: Option<u64>,
}

/// Bounds of a number.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Range {
    /// The lower one.
    pub min: Option<Number>,
    /// The upper one.
    pub max: Option<Number>,
    /// The lower one itself is not allowed.
    pub min_exclusive: bool,
    /// The upper one itself is not allowed.
    pub max_exclusive: bool,
}

/// What something carries: fields, or one value of a type; neither: an empty object.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Payload {
    /// The members of its object.
    pub fields: Vec<Field>,
    /// Its type, and then there are no fields.
    #[serde(rename = "type")]
    pub ty: Option<Type>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Topic {
    /// `chat/rooms/{room}`
    pub name: String,
    /// What stands in its places, in their order.
    #[serde(default)]
    pub places: Vec<Place>,
    /// How many events are kept.
    #[serde(default)]
    pub history: Option<History>,
    /// Members are announced to each other.
    #[serde(default)]
    pub presence: Option<Presence>,
    /// The application decides who may join.
    #[serde(default)]
    pub authorize: bool,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// A place of a topic.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Place {
    /// `room`
    pub name: String,
    /// What may stand there.
    #[serde(rename = "type")]
    pub ty: Type,
}

/// `@history`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct History {
    /// So many events at most …
    pub count: u32,
    /// … for so long.
    pub age_ms: u64,
}

/// `@presence`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Presence {
    /// What each member says of itself.
    #[serde(rename = "type", default)]
    pub state: Option<Type>,
}

/// Server to client.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Event {
    /// Its full name.
    pub name: String,
    /// Its fingerprint.
    pub hash: String,
    /// What it carries.
    #[serde(flatten)]
    pub payload: Payload,
    /// Receivers ignore unknown keys.
    #[serde(default)]
    pub open: bool,
    /// The tag of its binary form, which is then the only one.
    #[serde(default)]
    pub binary: Option<u8>,
    /// Who hears of it when nobody else is said.
    #[serde(default)]
    pub to: Option<Target>,
    /// What becomes of it when a receiver is slow.
    #[serde(default)]
    pub overflow: Option<Overflow>,
    /// Each one is logged.
    #[serde(default)]
    pub audit: bool,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// `@overflow`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Overflow {
    /// The oldest goes.
    DropOldest,
    /// The latest stays, one for each value of a field.
    KeepLatest {
        /// The path of that field.
        #[serde(default)]
        by: Option<Vec<String>>,
    },
    /// The connection is closed.
    Close,
    /// The sender waits.
    Wait,
}

/// Client to server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Message {
    /// Its full name.
    pub name: String,
    /// Its fingerprint.
    pub hash: String,
    /// What it carries.
    #[serde(flatten)]
    pub payload: Payload,
    /// Unknown keys are ignored.
    #[serde(default)]
    pub open: bool,
    /// The tag of its binary form.
    #[serde(default)]
    pub binary: Option<u8>,
    /// How it is answered; none: it is not, unless it is refused.
    #[serde(default)]
    pub reply: Option<Reply>,
    /// It is answered by many items of this type.
    #[serde(default)]
    pub stream: Option<Type>,
    /// The error that may refuse it, one of [`Schema::types`].
    #[serde(default)]
    pub error: Option<usize>,
    /// `@rate`
    #[serde(default)]
    pub rate: Option<Rate>,
    /// `@limit`, in bytes of the frame.
    #[serde(default)]
    pub limit: Option<u64>,
    /// `@deadline`
    #[serde(default)]
    pub deadline_ms: Option<u64>,
    /// `@concurrent`
    #[serde(default)]
    pub concurrent: Option<Concurrent>,
    /// `@idempotent`
    #[serde(default)]
    pub idempotent: Option<Idempotent>,
    /// `@cancellable`
    #[serde(default)]
    pub cancellable: bool,
    /// Each one is logged.
    #[serde(default)]
    pub audit: bool,
    /// The topics that its sender becomes a member of.
    #[serde(default)]
    pub joins: Vec<TopicRef>,
    /// The topics that its sender leaves.
    #[serde(default)]
    pub leaves: Vec<TopicRef>,
    /// The events that it may cause.
    #[serde(default)]
    pub sends: Vec<Sends>,
    /// To whom it is passed on as it is.
    #[serde(default)]
    pub relays: Vec<Target>,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// How a message is answered.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Reply {
    /// With a value of this type; none: with an empty object.
    #[serde(rename = "type", default)]
    pub ty: Option<Type>,
}

/// `@rate`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rate {
    /// So many …
    pub count: u32,
    /// … in this time.
    pub per_ms: u64,
    /// `connection`, `identity` or `address`.
    pub by: String,
}

/// `@concurrent`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Concurrent {
    /// So many of one connection at a time.
    pub count: u32,
    /// Those with one value of this field one after another.
    #[serde(default)]
    pub by: Option<Vec<String>>,
}

/// `@idempotent`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Idempotent {
    /// The path of the field that tells two of them apart.
    pub key: Vec<String>,
    /// For how long.
    pub for_ms: u64,
}

/// An event that a message may cause.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sends {
    /// Which of [`Schema::events`].
    pub event: usize,
    /// To whom; none: to whom the event goes by itself.
    #[serde(default)]
    pub to: Option<Target>,
}

/// Who receives.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Target {
    /// Every connection.
    All {
        /// But the sender's.
        #[serde(default)]
        others: bool,
    },
    /// Every connection of the identity in this field.
    Mailbox {
        /// The path of the field.
        of: Vec<String>,
    },
    /// The connections of the identities that the handler names.
    Mailboxes,
    /// The members of a topic.
    Topic {
        /// Which.
        #[serde(flatten)]
        topic: TopicRef,
        /// But the sender's.
        #[serde(default)]
        others: bool,
    },
    /// Those with one of these roles.
    Roles {
        /// Their names.
        roles: Vec<String>,
        /// But the sender's.
        #[serde(default)]
        others: bool,
    },
}

/// A topic with its places filled from fields.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TopicRef {
    /// Which of [`Schema::topics`].
    pub topic: usize,
    /// The paths of the fields, in the order of its places.
    #[serde(default)]
    pub places: Vec<Vec<String>>,
}

/// Server to one client, which answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Ask {
    /// Its full name.
    pub name: String,
    /// Its fingerprint.
    pub hash: String,
    /// What it carries.
    #[serde(flatten)]
    pub payload: Payload,
    /// What the client answers.
    pub reply: Reply,
    /// The error that the client may answer, one of [`Schema::types`].
    #[serde(default)]
    pub error: Option<usize>,
    /// How long it is waited for.
    #[serde(default)]
    pub deadline_ms: Option<u64>,
    /// Each one is logged.
    #[serde(default)]
    pub audit: bool,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// What is allowed when.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Flow {
    /// As written.
    pub name: String,
    /// One instance for each such topic; none: one for each connection.
    #[serde(default)]
    pub on: Option<TopicRef>,
    /// Which of [`Schema::messages`] it covers.
    #[serde(default)]
    pub covers: Vec<usize>,
    /// Which of the states is the first.
    #[serde(default)]
    pub start: usize,
    /// Its states.
    #[serde(default)]
    pub states: Vec<State>,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// A state of a flow.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct State {
    /// As written.
    pub name: String,
    /// Where it leads by itself.
    #[serde(default)]
    pub after: Option<After>,
    /// What is allowed, with what it inherits.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Its docs.
    #[serde(flatten)]
    pub about: About,
}

/// `after 30s -> next`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct After {
    /// After this time.
    pub ms: u64,
    /// Where to.
    #[serde(flatten)]
    pub leads: Leads,
}

/// A message that a state allows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Step {
    /// Which of [`Schema::messages`].
    pub message: usize,
    /// One of these is needed, if any are listed.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Only members of the flow's topic.
    #[serde(default)]
    pub member: bool,
    /// Where it leads when it has succeeded.
    #[serde(flatten)]
    pub leads: Leads,
}

/// Where a step or a time leads; nowhere when neither is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Leads {
    /// To this state.
    pub next: Option<usize>,
    /// The connection is closed, or the topic's instance forgotten.
    pub end: bool,
}

/// What this module reads.
const FORM: u32 = 1;
