//! Where each declared thing is named: what editors jump along.

use crate::model::{AskId, EventId, HandlerId, MessageId, NamespaceId, RoleId, TopicId, TypeId};
use crate::source::{FileId, Span};

/// A thing that has a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symbol {
    /// A namespace.
    Namespace(NamespaceId),
    /// An alias, struct, enum or error.
    Type(TypeId),
    /// A field of something.
    Field(FieldOf, usize),
    /// A variant of an enum or error.
    Variant(TypeId, usize),
    /// A topic.
    Topic(TopicId),
    /// An event.
    Event(EventId),
    /// A message.
    Message(MessageId),
    /// Something that is asked.
    Ask(AskId),
    /// `handler x(any)`
    AnyHandler(HandlerId),
    /// A method of the `Handlers` of a namespace.
    Handler(NamespaceId, String),
    /// A role.
    Role(RoleId),
    /// A flow.
    Flow(usize),
    /// A state of a flow.
    State(usize, usize),
}

/// What has fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldOf {
    /// A struct.
    Struct(TypeId),
    /// A variant of an enum or error.
    Variant(TypeId, usize),
    /// The payload of a message.
    Message(MessageId),
    /// The payload of an event.
    Event(EventId),
    /// What is asked.
    Ask(AskId),
}

/// One place where a thing is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Where.
    pub span: Span,
    /// What.
    pub of: Symbol,
    /// Whether it is declared there.
    pub declares: bool,
}

/// All places where things are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// In the order of their places, which do not overlap.
    pub uses: Vec<Use>,
}

impl Index {
    /// What is named at an offset of a file; the end of a name counts, so that a cursor behind a name finds it.
    pub fn at(&self, file: FileId, offset: u32) -> Option<&Use> {
        let behind = self.uses.partition_point(|found| (found.span.file, found.span.start) <= (file, offset));
        // Names do not overlap; two can meet at the offset, where one ends and the other begins.
        let near = self.uses[..behind].iter().rev().take(4);
        let inside = |found: &&Use| found.span.file == file && offset <= found.span.end;
        near.filter(inside).min_by_key(|found| (found.span.end - found.span.start, found.span.start != offset))
    }

    /// Every place where this is named, its declaration among them.
    pub fn of<'a>(&'a self, symbol: &'a Symbol) -> impl Iterator<Item = &'a Use> {
        self.uses.iter().filter(move |found| found.of == *symbol)
    }
}
