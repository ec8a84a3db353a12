//! Which brackets are open around the cursor, and what was written in each of them so far.

use crate::ide::lexer::{Kind, Token};
use crate::syntax::ITEM_KEYWORDS;

/// What stands between a pair of brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// A file, outside of all brackets.
    File,
    /// A namespace of this name.
    Namespace(String),
    /// Fields.
    Fields,
    /// Variants.
    Variants,
    /// States.
    Flow,
    /// Steps.
    State,
    /// `{room: RoomId}`, where a topic is declared.
    TopicPlace,
    /// `{room}`, where a field is named.
    Place,
    /// `[T]`
    List,
    /// `map<K, T>`
    Map,
    /// `[…]` as a value.
    Values,
    /// `(…)` behind a type, which stands in these bytes.
    Limits(usize, usize),
    /// `(…)` behind `role`.
    Roles,
    /// `(…)` behind an attribute of this name.
    Arguments(String),
    /// `(any)` behind a handler.
    Any,
    /// Something else.
    Other,
}

/// A word or sign, or all that stands between two brackets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    Token(Token<'a>),
    /// The bytes from the opening bracket to the closing one.
    Group(u8, usize, usize),
}

impl<'a> Piece<'a> {
    pub fn text(&self) -> &'a str {
        match self {
            Self::Token(token) => token.text,
            Self::Group(..) => "",
        }
    }

    pub fn is_word(&self) -> bool {
        matches!(self, Self::Token(token) if token.kind == Kind::Word)
    }

    pub fn start(&self) -> usize {
        match self {
            Self::Token(token) => token.start,
            Self::Group(_, start, _) => *start,
        }
    }

    pub fn end(&self) -> usize {
        match self {
            Self::Token(token) => token.end(),
            Self::Group(_, _, end) => *end,
        }
    }
}

/// An open bracket.
#[derive(Clone, Debug)]
pub(super) struct Frame<'a> {
    pub inside: Inside,
    open: Token<'a>,
    /// What was written since the last thing between the brackets was complete.
    pub pieces: Vec<Piece<'a>>,
    /// How many things came before it.
    pub before: usize,
}

/// All that is known about the place of the cursor.
pub(super) struct Cursor<'a> {
    pub text: &'a str,
    /// All words and signs of the file but comments.
    pub tokens: Vec<Token<'a>>,
    /// How many of them stand in front of the word at the cursor.
    pub before: usize,
    /// The word begins here.
    pub start: usize,
    /// Whether the word is the first on its line.
    pub first: bool,
    /// The open brackets, outer ones first; never empty.
    pub frames: Vec<Frame<'a>>,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str, tokens: &[Token<'a>], start: usize) -> Self {
        let tokens: Vec<Token<'a>> = tokens.iter().copied().filter(|token| !token.is_comment()).collect();
        let before = tokens.iter().take_while(|token| token.end() <= start).count();
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let first = text[line..start].trim().is_empty();
        let file = Token { kind: Kind::Sign, text: "", start: 0, first: true, indent: 0 };
        let frames = vec![Frame { inside: Inside::File, open: file, pieces: Vec::new(), before: 0 }];
        let mut cursor = Self { text, tokens, before, start, first, frames };
        for at in 0..before {
            cursor.take(at);
        }
        cursor.arrive();
        cursor
    }

    /// The innermost bracket.
    pub fn frame(&self) -> &Frame<'a> {
        self.frames.last().unwrap_or(&self.frames[0])
    }

    /// The names of the namespaces around the cursor.
    pub fn namespaces(&self) -> Vec<&str> {
        let names = self.frames.iter().filter_map(|frame| match &frame.inside {
            Inside::Namespace(name) => Some(name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// The item around the cursor: what was written of it, outside of brackets that are still open.
    pub fn item(&self) -> &[Piece<'a>] {
        let items = self.frames.iter().rev().find(|frame| frame.holds_items());
        items.map_or(&[], |frame| &frame.pieces)
    }

    fn take(&mut self, at: usize) {
        let token = self.tokens[at];
        self.recover(at);
        match (token.kind, token.text) {
            (Kind::Sign, "{" | "(" | "[") => self.open(token),
            (Kind::Sign, "<") if self.frame().pieces.last().is_some_and(|last| last.text() == "map") => {
                self.open(token)
            }
            (Kind::Sign, "}" | ")" | "]" | ">") => self.close(token),
            _ => self.add(at),
        }
    }

    /// Gives up on brackets that an item on a line of its own shows to be forgotten.
    fn recover(&mut self, at: usize) {
        let token = self.tokens[at];
        let item = token.first && token.kind == Kind::Word && ITEM_KEYWORDS.contains(&token.text);
        let named = self.tokens.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Text));
        if !item || !named {
            return;
        }
        while self.frames.len() > 1 {
            let frame = self.frame();
            let narrow = !matches!(
                frame.inside,
                Inside::Namespace(_) | Inside::Fields | Inside::Variants | Inside::Flow | Inside::State | Inside::Other
            );
            if !narrow && frame.open.indent < token.indent {
                break;
            }
            self.frames.pop();
        }
    }

    fn open(&mut self, token: Token<'a>) {
        let inside = inside(self.frame(), token, self.text);
        self.frames.push(Frame { inside, open: token, pieces: Vec::new(), before: 0 });
    }

    fn close(&mut self, token: Token<'a>) {
        if self.frames.len() < 2 {
            return;
        }
        if let Some(closed) = self.frames.pop()
            && let Some(frame) = self.frames.last_mut()
        {
            let group = Piece::Group(
                closed.open.text.as_bytes().first().copied().unwrap_or_default(),
                closed.open.start,
                token.end(),
            );
            frame.pieces.push(group);
            // What is in braces is whole, but for a payload.
            if matches!(closed.inside, Inside::Namespace(_) | Inside::Flow | Inside::State) {
                frame.pieces.clear();
                frame.before += 1;
            }
        }
    }

    fn add(&mut self, at: usize) {
        let token = self.tokens[at];
        let behind = self.tokens.get(at + 1).map_or("", |next| next.text);
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.begins(&token, behind) {
            frame.pieces.clear();
            frame.before += 1;
        }
        if token.text == "," && !frame.holds_items() && !matches!(frame.inside, Inside::State) {
            return;
        }
        frame.pieces.push(Piece::Token(token));
    }

    /// A new line begins a new thing between brackets.
    fn arrive(&mut self) {
        let first = self.first;
        let Some(frame) = self.frames.last_mut() else { return };
        let open_end = frame.pieces.last().is_some_and(|last| matches!(last.text(), "," | ":" | "=" | "->" | "if"));
        if first && !open_end && matches!(frame.inside, Inside::Fields | Inside::Variants | Inside::State) {
            frame.pieces.clear();
        }
    }
}

impl<'a> Frame<'a> {
    /// The byte of its opening bracket.
    pub fn start(&self) -> usize {
        self.open.start
    }

    /// The indentation of that line.
    pub fn indent(&self) -> usize {
        self.open.indent
    }

    /// Whether items stand in it.
    pub fn holds_items(&self) -> bool {
        matches!(self.inside, Inside::File | Inside::Namespace(_))
    }

    /// The keyword of the item that is being written.
    pub fn keyword(&self) -> &'a str {
        keyword(&self.pieces)
    }

    /// Whether something new begins with this word.
    fn begins(&self, token: &Token<'_>, behind: &str) -> bool {
        let last = self.pieces.last().map_or("", Piece::text);
        match &self.inside {
            Inside::File | Inside::Namespace(_) => {
                let names_it = self.pieces.len() == 1 && ITEM_KEYWORDS.contains(&last);
                let part = matches!(last, "::" | "/") || token.text == "topic" && matches!(last, "to" | "in");
                let keyword = token.kind == Kind::Word && (ITEM_KEYWORDS.contains(&token.text) || token.text == "wsr");
                let lead = token.kind == Kind::Attribute && token.first && !self.is_lead();
                lead || keyword && !names_it && !part && !self.is_lead()
            }
            Inside::Fields | Inside::Variants => {
                let goes_on = matches!(token.text, ":" | "=" | "?") || token.kind == Kind::Attribute && !token.first;
                let named =
                    token.kind == Kind::Word && matches!(behind, ":" | "?") && !matches!(last, ":" | "=" | "::");
                token.text == "," || token.first && !goes_on || named && !self.pieces.is_empty() && !self.is_lead()
            }
            Inside::State => token.first && !matches!(token.text, "->" | "if" | ",") && last != ",",
            Inside::Flow => matches!(token.text, "state" | "start") && !matches!(last, "state" | "start" | "extends"),
            _ => token.text == ",",
        }
    }

    /// Whether nothing but attributes was written so far.
    fn is_lead(&self) -> bool {
        keyword(&self.pieces).is_empty() && !self.pieces.is_empty()
    }
}

/// The first word that belongs to no attribute.
pub(super) fn keyword<'a>(pieces: &[Piece<'a>]) -> &'a str {
    pieces.iter().find(|piece| piece.is_word()).map_or("", Piece::text)
}

/// What stands in a bracket that opens here.
fn inside(frame: &Frame<'_>, token: Token<'_>, text: &str) -> Inside {
    let pieces = &frame.pieces;
    let last = pieces.last();
    let word = last.map_or("", Piece::text);
    match token.text {
        "(" => parentheses(frame, text),
        "<" => Inside::Map,
        "[" => match &frame.inside {
            Inside::Fields if pieces.iter().any(|piece| piece.text() == "=") => Inside::Values,
            Inside::Values | Inside::Arguments(_) => Inside::Values,
            _ => Inside::List,
        },
        _ if word == "enum" && pieces.len() > 1 && frame.holds_items() => Inside::Variants,
        _ => match &frame.inside {
            Inside::File | Inside::Namespace(_) => braces(frame, word),
            Inside::Fields | Inside::List | Inside::Map if word == "enum" => Inside::Variants,
            Inside::Fields | Inside::Variants | Inside::List | Inside::Map => Inside::Fields,
            Inside::Flow => Inside::State,
            _ => Inside::Other,
        },
    }
}

fn braces(frame: &Frame<'_>, word: &str) -> Inside {
    match frame.keyword() {
        "namespace" => Inside::Namespace(word.to_owned()),
        "struct" => Inside::Fields,
        "enum" | "error" => Inside::Variants,
        "flow" => Inside::Flow,
        "topic" => Inside::TopicPlace,
        _ if matches!(word, "mailbox" | "/" | "topic" | "join" | "leave") => Inside::Place,
        "message" | "event" | "type" => Inside::Fields,
        _ => Inside::Other,
    }
}

fn parentheses(frame: &Frame<'_>, text: &str) -> Inside {
    let Some(last) = frame.pieces.last() else { return Inside::Other };
    match last {
        Piece::Token(token) if token.kind == Kind::Attribute => Inside::Arguments(token.text[1..].to_owned()),
        Piece::Token(token) if token.text == "role" => Inside::Roles,
        Piece::Token(_) if frame.holds_items() && frame.keyword() == "handler" => Inside::Any,
        Piece::Token(token) if token.kind == Kind::Word => {
            // All of `accounts::Session`.
            let path = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
            let start = text[..token.end()].trim_end_matches(path).len();
            Inside::Limits(start, token.end())
        }
        Piece::Group(b'[', start, end) => Inside::Limits(*start, *end),
        Piece::Group(b'<', ..) => Inside::Limits(last.start().saturating_sub("map".len()), last.end()),
        _ => Inside::Other,
    }
}
