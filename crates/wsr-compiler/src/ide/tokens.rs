//! What each word of a file is, for colours that a pattern cannot give.

use super::file_text;
use super::lexer::{Kind, Token, lex};
use super::words;
use crate::analysis::Analysis;
use crate::index::{Symbol, Use};
use crate::source::{FileId, Span};

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word of the language.
    Keyword,
    /// A built-in type.
    BuiltIn,
    /// A declared alias or struct.
    Type,
    /// A declared enum, or an error.
    Enum,
    /// A variant, or a role.
    Variant,
    /// A field.
    Field,
    /// The place of a topic's name where it is declared.
    Place,
    /// A namespace.
    Namespace,
    /// An event.
    Event,
    /// A message.
    Message,
    /// A handler.
    Handler,
    /// A topic.
    Topic,
    /// A flow, or a state of one.
    State,
    /// `@rate`
    Attribute,
    /// A number, time or size.
    Number,
    /// A text in quotes.
    Text,
    /// A regular expression.
    Pattern,
    /// A comment.
    Comment,
    /// A doc comment.
    Doc,
}

/// A piece of text on one line, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokened {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: TokenKind,
    /// Whether it is declared there.
    pub declares: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
}

/// All words of a file that are something, in their order. Signs are left out.
pub fn tokens(analysis: &Analysis, file: FileId) -> Vec<Tokened> {
    let all = lex(file_text(analysis, file));
    let from = analysis.index.uses.partition_point(|found| found.span.file < file);
    let mut named = analysis.index.uses[from..].iter().take_while(|found| found.span.file == file).peekable();
    let mut found = Vec::with_capacity(all.len());
    for (at, token) in all.iter().enumerate() {
        let start = token.start as u32;
        while named.peek().is_some_and(|named| named.span.start < start) {
            named.next();
        }
        let span = Span { file, start, end: token.end() as u32 };
        let of = named.peek().filter(|named| named.span == span);
        found.extend(match of {
            Some(named) => Some(of_name(analysis, named)),
            None => of_word(&all, at).map(|kind| Tokened { span, kind, declares: false, deprecated: false }),
        });
    }
    found
}

fn of_name(analysis: &Analysis, named: &Use) -> Tokened {
    let kind = match &named.of {
        Symbol::Namespace(_) => TokenKind::Namespace,
        &Symbol::Type(id) => match analysis.model.types.get(id).map(|def| &def.kind) {
            Some(crate::model::TypeKind::Enum(_) | crate::model::TypeKind::Error(_)) => TokenKind::Enum,
            _ => TokenKind::Type,
        },
        Symbol::Field(..) => TokenKind::Field,
        Symbol::Variant(..) | Symbol::Role(_) => TokenKind::Variant,
        Symbol::Topic(_) => TokenKind::Topic,
        Symbol::Event(_) => TokenKind::Event,
        Symbol::Message(_) | Symbol::Ask(_) => TokenKind::Message,
        Symbol::AnyHandler(_) | Symbol::Handler(..) => TokenKind::Handler,
        Symbol::Flow(_) | Symbol::State(..) => TokenKind::State,
    };
    let deprecated = super::origin(analysis, &named.of).is_some_and(|origin| origin.deprecated.is_some());
    Tokened { span: named.span, kind, declares: named.declares, deprecated }
}

fn of_word(all: &[Token<'_>], at: usize) -> Option<TokenKind> {
    let token = &all[at];
    let before = at.checked_sub(1).map_or("", |before| all[before].text);
    let behind = all.get(at + 1).map_or("", |behind| behind.text);
    Some(match token.kind {
        Kind::Attribute => TokenKind::Attribute,
        Kind::Number => TokenKind::Number,
        Kind::Text => TokenKind::Text,
        Kind::Pattern => TokenKind::Pattern,
        Kind::Comment => TokenKind::Comment,
        Kind::Doc => TokenKind::Doc,
        Kind::Sign => return None,
        // A topic's place, or a field in a stretch that could not be read.
        Kind::Word if behind == ":" && before == "{" => TokenKind::Place,
        Kind::Word if behind == ":" && !matches!(before, "(" | ",") => TokenKind::Field,
        Kind::Word if is_type(token.text, before) => TokenKind::BuiltIn,
        Kind::Word if words::keyword(token.text).or_else(|| words::limit(token.text)).is_some() => TokenKind::Keyword,
        Kind::Word if words::built_in(token.text).is_some() => TokenKind::BuiltIn,
        Kind::Word => return None,
    })
}

/// Whether a word is a built-in type where types stand.
fn is_type(word: &str, before: &str) -> bool {
    words::built_in(word).is_some() && matches!(before, ":" | "[" | "<" | "," | "reply" | "identity" | "=")
}
