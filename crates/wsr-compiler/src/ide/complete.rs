//! What may be written at a place.

use crate::analysis::Analysis;
use crate::source::{FileId, Span};

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A word of the language.
    Keyword,
    /// An alias or struct.
    Type,
    /// A built-in type.
    BuiltIn,
    /// An enum or error.
    Enum,
    /// A variant.
    Variant,
    /// A role.
    Role,
    /// A field.
    Field,
    /// An event.
    Event,
    /// A message.
    Message,
    /// A handler.
    Handler,
    /// A topic.
    Topic,
    /// A state.
    State,
    /// A namespace.
    Namespace,
    /// An attribute.
    Attribute,
    /// Any other value.
    Value,
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// As listed.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside it; may be empty.
    pub detail: String,
    /// Markdown about it; may be empty.
    pub docs: String,
    /// What takes the place of the word at the cursor.
    pub text: String,
    /// The same with places to jump through, `${1:name}`, when there are any.
    pub snippet: Option<String>,
    /// The word at the cursor.
    pub replaces: Span,
    /// Whether it should not be used any more.
    pub deprecated: bool,
}

/// What may be written at an offset, the likeliest first.
pub fn complete(_analysis: &Analysis, _file: FileId, _offset: u32) -> Vec<Completion> {
    Vec::new()
}
