//! What can stand at the cursor, told by what stands in front of it.

use super::frames::{Cursor, Frame, Inside, Piece};
use crate::ide::lexer::Kind;

/// What can stand somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// Nothing that could be guessed: a new name, a number.
    Nothing,
    /// An item; in a namespace fewer kinds. Behind a message also what goes on with it.
    Item { inner: bool, goes_on: Vec<&'static str> },
    /// One of these words.
    Words(Vec<&'static str>),
    /// A type, behind the words of a path. `keys`: one that can be a key; `reply`: or `ok`.
    Type { path: Vec<String>, keys: bool, reply: bool },
    /// An error type.
    Error(Vec<String>),
    /// What an arrow leads to.
    Arrow(Vec<String>),
    /// A handler.
    Handler(Vec<String>),
    /// Who receives.
    Target,
    /// `topic` or `role`, behind `in`.
    Audience,
    /// A topic, behind the words of its namespace.
    Topic(Vec<String>),
    /// `{field}`, braces included.
    Mailbox,
    /// A field of the payload, or of the field that the path leads to.
    Place(Vec<String>),
    /// A role.
    Role,
    /// A message or a namespace's `*`.
    Pick(Vec<String>),
    /// A state of the flow; `end` too, behind an arrow.
    State { end: bool },
    /// A step of a state: a pick, or `after`.
    Step,
    /// What a type may be limited by; the type as written.
    Limit(String),
    /// A value of the type, as that is written.
    Value(String),
    /// An attribute of the thing with this keyword; empty when that is not known.
    Attribute(String),
    /// An argument of this attribute; the second one says what stands in front: `by`, `per`, or nothing.
    Argument(String, String),
}

/// What can stand at the cursor.
pub(super) fn context(cursor: &Cursor<'_>) -> Context {
    if let Some(token) = cursor.tokens.get(cursor.before)
        && token.kind == Kind::Attribute
        && token.start == cursor.start
    {
        return Context::Attribute(annotated(cursor));
    }
    let frame = cursor.frame();
    let (pieces, path) = path(&frame.pieces);
    let last = pieces.last().map_or("", Piece::text);
    match &frame.inside {
        Inside::File | Inside::Namespace(_) => item(cursor, frame, pieces, path),
        Inside::Fields => field(cursor, pieces, path),
        Inside::List => Context::Type { path, keys: false, reply: false },
        Inside::Map => Context::Type { path, keys: frame.before == 0, reply: false },
        Inside::TopicPlace if last == ":" => Context::Type { path, keys: true, reply: false },
        Inside::Place => Context::Place(dotted(&frame.pieces)),
        Inside::Roles => Context::Role,
        Inside::Any => Context::Words(vec!["any"]),
        Inside::Flow => flow(pieces),
        Inside::State => step(pieces, path),
        Inside::Limits(start, end) if pieces.is_empty() => Context::Limit(cursor.text[*start..*end].to_owned()),
        Inside::Values => Context::Value(item_type(&value_type(cursor)).to_owned()),
        Inside::Arguments(name) => argument(name, pieces),
        Inside::Limits(..) | Inside::Variants | Inside::TopicPlace | Inside::Other => Context::Nothing,
    }
}

/// Parts what was written into the path in front of the cursor, `accounts::`, and what stands before that.
fn path<'p, 'a>(pieces: &'p [Piece<'a>]) -> (&'p [Piece<'a>], Vec<String>) {
    let (mut rest, mut path) = (pieces, Vec::new());
    while let [before @ .., word, sign] = rest
        && matches!(sign.text(), "::" | "/")
        && (word.is_word() || matches!(word, Piece::Group(b'{', ..)))
    {
        path.insert(0, word.text().to_owned());
        rest = before;
    }
    (rest, path)
}

/// `device.` as the words in front of the dot.
fn dotted(pieces: &[Piece<'_>]) -> Vec<String> {
    let words = pieces.iter().filter(|piece| piece.is_word());
    words.map(|piece| piece.text().to_owned()).collect()
}

fn item(cursor: &Cursor<'_>, frame: &Frame<'_>, pieces: &[Piece<'_>], path: Vec<String>) -> Context {
    let inner = frame.inside != Inside::File;
    let found = match frame.keyword() {
        "" => return Context::Item { inner, goes_on: Vec::new() },
        "wsr" if pieces.len() == 1 => return Context::Words(vec!["1"]),
        "identity" if pieces.len() == 1 => Context::Type { path, keys: true, reply: false },
        "type" => match pieces.last().map_or("", Piece::text) {
            "=" => Context::Type { path, keys: false, reply: false },
            _ => Context::Nothing,
        },
        "flow" => match pieces.last().map_or("", Piece::text) {
            "covers" | "," => Context::Pick(path),
            "on" => Context::Topic(path),
            _ if pieces.len() == 2 => Context::Words(vec!["covers", "on"]),
            _ if path.is_empty() && !pieces.iter().any(|piece| piece.text() == "covers") => {
                Context::Words(vec!["covers"])
            }
            _ => Context::Nothing,
        },
        "event" | "message" | "ask" => route(frame, pieces, path),
        _ => Context::Nothing,
    };
    // On a line of its own an item may begin, unless something is missing on the one before.
    match found {
        Context::Words(goes_on) if cursor.first => Context::Item { inner, goes_on },
        Context::Nothing if cursor.first && pieces.len() > 1 => Context::Item { inner, goes_on: Vec::new() },
        found => found,
    }
}

/// What goes on with a message or an event.
fn route(frame: &Frame<'_>, pieces: &[Piece<'_>], path: Vec<String>) -> Context {
    let is_message = frame.keyword() == "message";
    let last = pieces.last().map_or("", Piece::text);
    let written = |word: &str| pieces.iter().any(|piece| piece.text() == word);
    match last {
        ":" => Context::Type { path, keys: false, reply: false },
        "->" if is_message => Context::Arrow(path),
        "->" => Context::Words(vec!["reply"]),
        "stream" => Context::Words(vec!["of"]),
        "of" | "pass" => Context::Type { path, keys: false, reply: false },
        "else" => Context::Words(vec!["continue"]),
        "=>" | "then" if is_message => Context::Handler(path),
        "," if is_message => Context::Handler(path),
        "reply" => Context::Type { path, keys: false, reply: true },
        "or" => Context::Error(path),
        "to" => Context::Target,
        "topic" | "join" | "leave" => Context::Topic(path),
        "in" => Context::Audience,
        "mailbox" => Context::Mailbox,
        "relay" => Context::Words(vec!["to"]),
        _ if !path.is_empty() || pieces.len() < 2 => Context::Nothing,
        "others" => Context::Words(with_more(vec!["in"], is_message)),
        _ if frame.keyword() == "ask" => Context::Words(match written("->") {
            false => vec!["->"],
            true if written("or") => Vec::new(),
            true => vec!["or"],
        }),
        _ if !is_message => Context::Words(if written("to") { Vec::new() } else { vec!["to"] }),
        _ if !written("->") && !written("=>") => Context::Words(vec!["->", "=>"]),
        _ => Context::Words(with_more(behind_arrow(pieces), true)),
    }
}

/// Words behind what the last arrow leads to.
fn behind_arrow(pieces: &[Piece<'_>]) -> Vec<&'static str> {
    let arrow = pieces.iter().rposition(|piece| piece.text() == "->");
    let Some(behind) = arrow.map(|at| &pieces[at + 1..]) else { return Vec::new() };
    let written = |word: &str| behind.iter().any(|piece| piece.text() == word);
    let first = behind.first().map_or("", Piece::text);
    match first {
        "" | "silent" | "join" | "leave" | "relay" | "pass" => Vec::new(),
        "reply" | "stream" if !written("or") => vec!["or"],
        "reply" | "stream" => Vec::new(),
        _ if !written("to") && !written("then") => vec!["to"],
        _ => Vec::new(),
    }
}

fn with_more(mut words: Vec<&'static str>, is_message: bool) -> Vec<&'static str> {
    if is_message {
        words.extend(["->", "then"]);
    }
    words
}

fn field(cursor: &Cursor<'_>, pieces: &[Piece<'_>], path: Vec<String>) -> Context {
    match pieces.last().map_or("", Piece::text) {
        ":" => Context::Type { path, keys: false, reply: false },
        "=" => Context::Value(value_type(cursor)),
        _ => Context::Nothing,
    }
}

/// The type of the field whose value is being written, as it is written.
fn value_type(cursor: &Cursor<'_>) -> String {
    let fields = cursor.frames.iter().rev().find(|frame| frame.inside == Inside::Fields);
    let pieces = fields.map_or(&[][..], |frame| &frame.pieces);
    let colon = pieces.iter().position(|piece| piece.text() == ":");
    let equals = pieces.iter().position(|piece| piece.text() == "=");
    let text = match (colon, equals) {
        (Some(colon), Some(equals)) => cursor.text.get(pieces[colon].end()..pieces[equals].start()),
        _ => None,
    };
    let lists = cursor.frames.iter().filter(|frame| frame.inside == Inside::Values).count();
    let mut ty = text.unwrap_or_default().trim();
    // Of values in brackets in brackets the item's item, and so on; the innermost one is taken off by the caller.
    for _ in 1..lists {
        ty = item_type(ty);
    }
    ty.to_owned()
}

/// `T` of `[T]`.
fn item_type(ty: &str) -> &str {
    ty.trim().strip_prefix('[').map_or("", |rest| rest.rfind(']').map_or(rest, |end| &rest[..end])).trim()
}

fn flow(pieces: &[Piece<'_>]) -> Context {
    match pieces {
        [] => Context::Words(vec!["state", "start"]),
        [.., last] if last.text() == "extends" => Context::State { end: false },
        [word, _] if matches!(word.text(), "state" | "start") => Context::Words(vec!["extends"]),
        _ => Context::Nothing,
    }
}

fn step(pieces: &[Piece<'_>], path: Vec<String>) -> Context {
    match pieces.last().map_or("", Piece::text) {
        "" if path.is_empty() && pieces.is_empty() => Context::Step,
        "" | "," => Context::Pick(path),
        "->" => Context::State { end: true },
        "if" => Context::Words(vec!["role", "member"]),
        "after" => Context::Nothing,
        _ if keyword_is(pieces, "after") => Context::Words(vec!["->"]),
        _ if pieces.iter().any(|piece| piece.text() == "->") => Context::Nothing,
        _ if pieces.iter().any(|piece| piece.text() == "if") => Context::Words(vec!["->"]),
        _ => Context::Words(vec!["if", "->"]),
    }
}

fn keyword_is(pieces: &[Piece<'_>], word: &str) -> bool {
    pieces.first().is_some_and(|first| first.text() == word)
}

fn argument(name: &str, pieces: &[Piece<'_>]) -> Context {
    let before = match pieces {
        [] => "",
        [.., word, colon] if colon.text() == ":" => word.text(),
        [.., last] => last.text(),
    };
    Context::Argument(name.to_owned(), before.to_owned())
}

/// The keyword of what the attribute at the cursor stands above or behind: `message`, `field` and so on.
fn annotated(cursor: &Cursor<'_>) -> String {
    let frame = cursor.frame();
    let behind = !cursor.first && !frame.pieces.is_empty();
    match frame.inside {
        Inside::Fields => "field".to_owned(),
        Inside::Variants => "variant".to_owned(),
        Inside::Flow => "state".to_owned(),
        Inside::File | Inside::Namespace(_) if behind && frame.keyword() == "type" => "type".to_owned(),
        Inside::File | Inside::Namespace(_) => word_below(cursor).to_owned(),
        _ => String::new(),
    }
}

/// The first word below that belongs to no attribute.
fn word_below<'a>(cursor: &Cursor<'a>) -> &'a str {
    let mut depth = 0;
    for token in cursor.tokens.iter().skip(cursor.before + 1) {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            text if depth == 0 && token.kind == Kind::Word => return text,
            _ => {}
        }
    }
    ""
}
