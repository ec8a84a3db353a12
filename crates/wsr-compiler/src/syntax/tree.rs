//! The file as written: one node for each thing its author wrote, with its place.
//!
//! Names are not looked up here, limits are not judged. Broken stretches are not in the tree;
//! the words in them are kept in [`File::ghosts`], so that nobody reports them as unknown too.

use std::collections::HashSet;

use crate::source::Span;

/// A word or text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// One file.
#[derive(Debug, Default)]
pub struct File {
    /// Its items, in order.
    pub items: Vec<Item>,
    /// The words inside broken stretches.
    pub ghosts: HashSet<String>,
    /// The keywords with which broken stretches begin, as far as they can be recognised.
    pub broken_kinds: HashSet<&'static str>,
    /// Those of them without a name behind them: any unknown name may be theirs.
    pub nameless_kinds: HashSet<&'static str>,
    /// Whether some stretch could not be read.
    pub broken: bool,
    /// Whether namespaces may end elsewhere than their author meant.
    pub torn: bool,
}

/// `@name(arguments)`
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Without the `@`.
    pub name: Name,
    /// What stands in the parentheses.
    pub arguments: Vec<Argument>,
    /// All of it.
    pub span: Span,
}

/// One argument of an attribute.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `by: identity`
    Named(Name, Value),
    /// `5 per 1m`
    Rate {
        /// How many.
        count: Number,
        /// In how long.
        per: Duration,
        /// All of it.
        span: Span,
    },
    /// Anything else.
    Value(Value),
}

/// What stands above an item, field or variant.
#[derive(Clone, Debug, Default)]
pub struct Lead {
    /// Lines of the doc comment, without slashes and one leading blank.
    pub docs: Vec<String>,
    /// Attributes, those behind it included.
    pub attributes: Vec<Attribute>,
}

/// One item.
#[derive(Debug)]
pub struct Item {
    /// What stands above it.
    pub lead: Lead,
    /// From its first attribute or keyword to its end.
    pub span: Span,
    /// The place of its keyword.
    pub keyword: Span,
    /// What it is.
    pub kind: ItemKind,
}

/// The kinds of items.
#[derive(Debug)]
pub enum ItemKind {
    /// `protocol name "version"`
    Protocol {
        /// Its name.
        name: Name,
        /// Its version, unquoted.
        version: Name,
    },
    /// `import "path"`
    Import(Name),
    /// `identity T`
    Identity(Type),
    /// `roles a, b`
    Roles(Vec<Role>),
    /// `namespace x { … }`
    Namespace {
        /// Its name.
        name: Name,
        /// What stands in it.
        items: Vec<Item>,
    },
    /// `type X = T`
    Alias {
        /// Its name.
        name: Name,
        /// What it stands for.
        ty: Type,
    },
    /// `struct X { … }`
    Struct {
        /// Its name.
        name: Name,
        /// Its fields.
        fields: Vec<Field>,
    },
    /// `enum X { … }` or `error X { … }`
    Enum {
        /// Its name.
        name: Name,
        /// Its variants.
        variants: Vec<Variant>,
        /// Whether it was written `error`.
        error: bool,
        /// Whether a stretch inside could not be read.
        broken: bool,
    },
    /// `topic a/{b: T}`
    Topic(TopicPath),
    /// `handler x(any)`
    Handler(Name),
    /// `event …`
    Event(Event),
    /// `message …`
    Message(Message),
    /// `ask …`
    Ask(Ask),
    /// `flow …`
    Flow(Flow),
}

/// One role.
#[derive(Debug)]
pub struct Role {
    /// Its name.
    pub name: Name,
    /// What stands above it.
    pub docs: Vec<String>,
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// What stands above and behind it.
    pub lead: Lead,
    /// Its name.
    pub name: Name,
    /// `name?:`
    pub optional: bool,
    /// Its type.
    pub ty: Type,
    /// What stands behind `=`.
    pub default: Option<Value>,
}

/// One variant.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What stands above and behind it.
    pub lead: Lead,
    /// Its name.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<Field>,
    /// `= 3`, which has no meaning yet.
    pub number: Option<Span>,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct Type {
    /// Without limits and `?`.
    pub kind: TypeKind,
    /// What stands in the parentheses.
    pub limits: Vec<Limit>,
    /// The place of the parentheses.
    pub limits_span: Option<Span>,
    /// `T?`
    pub nullable: bool,
    /// Without limits and `?`.
    pub base_span: Span,
    /// All of it.
    pub span: Span,
}

/// The forms of types.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// A built-in or declared name, possibly with `::`.
    Name(String),
    /// `[T]`
    List(Box<Type>),
    /// `map<K, T>`
    Map(Box<Type>, Box<Type>),
    /// `{ … }` in place of a type: its fields.
    InlineStruct(Vec<Field>),
    /// `enum { … }` in place of a type.
    InlineEnum {
        /// Its variants.
        variants: Vec<Variant>,
        /// Whether a stretch inside could not be read.
        broken: bool,
    },
    /// A literal in place of a type: `"heartbeat"`, `2`, `true`.
    Literal(Value),
}

/// One limit with its place.
#[derive(Clone, Debug)]
pub struct Limit {
    /// What is asked.
    pub kind: LimitKind,
    /// All of it.
    pub span: Span,
}

/// The forms of limits.
#[derive(Clone, Debug)]
pub enum LimitKind {
    /// `len a..=b`
    Len(Range),
    /// `a..=b`
    Range(Range),
    /// `match /…/`: the text between the slashes as written, and its place.
    Match(Name),
    /// `unique`
    Unique,
    /// `multiple_of n`
    MultipleOf(Number),
    /// `1 | 2 | 4`
    Set(Vec<Number>),
    /// `>0`, `<=1`
    Bound(Bound),
    /// `len >0`, which a check refuses.
    LenBound(Bound),
}

/// `>0`, `>=0`, `<1`, `<=1`
#[derive(Clone, Debug)]
pub struct Bound {
    /// The sign.
    pub operator: Name,
    /// What stands behind it.
    pub end: Number,
}

/// A range as written.
#[derive(Clone, Debug)]
pub struct Range {
    /// What stands before the operator, or alone.
    pub min: Option<Number>,
    /// What stands behind it; the same as `min` when it stands alone.
    pub max: Option<Number>,
    /// `..=`, `..` and so on, with its place; none when one number stands alone.
    pub operator: Option<Name>,
    /// All of it.
    pub span: Span,
}

/// A number as written.
#[derive(Clone, Debug)]
pub struct Number {
    /// Its value.
    pub value: NumberValue,
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// What a number literal says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberValue {
    /// Without a point, or whole with an exponent.
    Int(i128),
    /// With a point, or with an exponent and not whole.
    Float(f64),
    /// `30s`, in milliseconds.
    Duration(u64),
    /// `8KiB`, in bytes.
    Size(u64),
    /// Beyond what any type holds, which has been reported.
    TooLarge,
}

/// `30s`, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Duration {
    /// Its value; none when it is too large to count.
    pub milliseconds: Option<u64>,
    /// Where.
    pub span: Span,
}

/// A value: a default or an argument.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where.
    pub span: Span,
}

/// The forms of values.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// `true`, `false`
    Bool(bool),
    /// A number, duration or size.
    Number(Number),
    /// `"text"`, unquoted.
    Text(String),
    /// A bare name.
    Name(String),
    /// `[…]`
    List(Vec<Value>),
}

/// What an event or message carries.
#[derive(Debug)]
pub enum Payload {
    /// `{ … }`
    Fields(Vec<Field>),
    /// `: T`
    Type(Type),
}

/// `event …`
#[derive(Debug)]
pub struct Event {
    /// Its name.
    pub name: Name,
    /// What it carries.
    pub payload: Option<Payload>,
    /// `to …`
    pub target: Option<Target>,
}

/// `message …`
#[derive(Debug)]
pub struct Message {
    /// Its name.
    pub name: Name,
    /// What it carries.
    pub payload: Option<Payload>,
    /// What comes of it.
    pub routing: Routing,
    /// Whether the stretch behind it could not be read, so that an arrow may be in there.
    pub broken: bool,
}

/// `ask …`
#[derive(Debug)]
pub struct Ask {
    /// Its name.
    pub name: Name,
    /// What it carries.
    pub payload: Option<Payload>,
    /// Without the `->`.
    pub span: Span,
    /// What clients answer; a check explains a missing type.
    pub reply: Option<Type>,
    /// The error's name.
    pub error: Option<Name>,
}

/// What comes of a message.
#[derive(Debug)]
pub enum Routing {
    /// `-> …`, possibly none.
    Arrows(Vec<Arrow>),
    /// `=> …`: stages of handlings.
    Chain(Vec<Vec<Handling>>),
}

/// One handler of a chain.
#[derive(Debug)]
pub enum Handling {
    /// `relay to …`
    Relay(Relay),
    /// `store -> …`
    Handler {
        /// As written, possibly with `::`.
        name: Name,
        /// What stands behind it.
        arrows: Vec<Arrow>,
        /// The place of `else continue`.
        fallback: Option<Span>,
    },
}

/// `relay to …`
#[derive(Debug)]
pub struct Relay {
    /// Who receives.
    pub target: Target,
    /// All of it.
    pub span: Span,
}

/// One arrow.
#[derive(Debug)]
pub struct Arrow {
    /// Without the `->`.
    pub span: Span,
    /// Where it leads.
    pub kind: ArrowKind,
}

/// Where an arrow leads.
#[derive(Debug)]
pub enum ArrowKind {
    /// `silent`
    Silent,
    /// `reply T or E`
    Reply {
        /// The type; a check explains a missing one.
        ty: Option<Type>,
        /// The error's name.
        error: Option<Name>,
    },
    /// `stream of T or E`
    Stream {
        /// The type of its items.
        ty: Type,
        /// The error's name.
        error: Option<Name>,
    },
    /// `pass T`
    Pass(Type),
    /// `join topic`
    Join(TopicPath),
    /// `leave topic`
    Leave(TopicPath),
    /// `event? to …`
    Deliver {
        /// As written, possibly with `::` or `/`.
        event: Name,
        /// `event?`
        optional: bool,
        /// Who receives.
        target: Option<Target>,
    },
    /// `relay to …`
    Relay(Relay),
}

/// Who receives.
#[derive(Debug)]
pub struct Target {
    /// All of it, without `to`.
    pub span: Span,
    /// Who.
    pub kind: TargetKind,
}

/// The audiences.
#[derive(Debug)]
pub enum TargetKind {
    /// `all`
    All,
    /// `others`
    Others,
    /// `mailbox {field}`
    Mailbox(Place),
    /// `mailboxes`
    Mailboxes,
    /// `topic …`, `others in topic …`
    Topic {
        /// Which.
        path: TopicPath,
        /// Whether the sender is left out.
        others: bool,
    },
    /// `role(…)`, `others in role(…)`
    Roles {
        /// Which.
        roles: Vec<Name>,
        /// Whether the sender is left out.
        others: bool,
    },
}

/// `rooms/{room}`
#[derive(Debug)]
pub struct TopicPath {
    /// Its parts.
    pub parts: Vec<TopicPart>,
    /// All of it.
    pub span: Span,
}

/// One part of a topic.
#[derive(Debug)]
pub enum TopicPart {
    /// Fixed text.
    Literal(Name),
    /// `{…}`
    Place(Place),
}

/// `{room: RoomId}` or `{device.id}`
#[derive(Debug)]
pub struct Place {
    /// The words, parted by dots.
    pub path: Vec<String>,
    /// Place of the words.
    pub path_span: Span,
    /// What stands behind the colon.
    pub ty: Option<Type>,
    /// All of it.
    pub span: Span,
}

/// `flow …`
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: Name,
    /// `on topic`: one instance for each topic of that form.
    pub on: Option<TopicPath>,
    /// The picks behind `covers`.
    pub covers: Vec<Name>,
    /// Its states.
    pub states: Vec<State>,
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// What stands above it.
    pub lead: Lead,
    /// Its name.
    pub name: Name,
    /// Whether it was written `start`.
    pub start: bool,
    /// `extends x`
    pub extends: Option<Name>,
    /// `after 30s -> x`
    pub timeouts: Vec<Timeout>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// `after 30s -> x`
#[derive(Debug)]
pub struct Timeout {
    /// How long.
    pub after: Duration,
    /// Where to.
    pub to: Name,
    /// All of it.
    pub span: Span,
}

/// `chat/*, direct/* if role(dj) -> x`
#[derive(Debug)]
pub struct Step {
    /// The picks.
    pub picks: Vec<Name>,
    /// The roles of the guard, when there is one.
    pub guard: Vec<Name>,
    /// `member` in the guard.
    pub member: Option<Span>,
    /// Where to.
    pub to: Option<Name>,
}
