//! What may be written at a place.
//!
//! The line that is being typed is rarely whole, so the tree knows little about it: [`context`] reads the words in
//! front of the cursor instead, and [`offers`] asks the model for what fits there.

mod context;
mod frames;
mod offers;
mod scope;
mod snippets;
mod targets;

use super::file_text;
use super::lexer::{Kind, lex};
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
pub fn complete(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Completion> {
    let text = file_text(analysis, file);
    let cursor = floor(text, offset as usize);
    let tokens = lex(text);
    let at_cursor = tokens.iter().find(|token| token.start < cursor && cursor <= token.end());
    let start = match at_cursor.map(|token| (token.kind, token)) {
        // A text that is closed ends before the cursor.
        Some((Kind::Text, token)) if cursor == token.end() && token.text.len() > 1 && token.text.ends_with('"') => {
            cursor
        }
        Some((Kind::Comment | Kind::Doc | Kind::Text | Kind::Pattern | Kind::Number, _)) => return Vec::new(),
        Some((Kind::Word | Kind::Attribute, token)) => token.start,
        _ => cursor,
    };
    let replaces = Span { file, start: start as u32, end: cursor as u32 };
    let found = frames::Cursor::new(text, &tokens, start);
    let scope = scope::Scope::new(analysis, &found.namespaces());
    let mut offers = offers::Offers { scope, cursor: &found, replaces, found: Vec::new() };
    offers.of(&context::context(&found));
    offers.found
}

/// The nearest place at or in front of an offset that is no middle of a letter.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
