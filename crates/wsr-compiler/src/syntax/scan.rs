//! A first look at the text: where brackets, item keywords and block comments are.
//!
//! It knows just enough to skip comments, strings and patterns, the same way the grammar does.

use super::ITEM_KEYWORDS;

/// What the first look finds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub tokens: Vec<Token>,
    /// Start and end of each `/* … */`.
    pub block_comments: Vec<(usize, usize)>,
    /// The end of the last thing in the file that is neither blank nor comment.
    pub end: usize,
}

/// Something that matters for pairing brackets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token {
    /// `{`, `(`, `[`, and the `<` of `map<`; with the indentation and start of its line.
    Open { at: usize, bracket: u8, indent: usize, line: usize },
    /// What closes them; `first` on its line, or not.
    Close { at: usize, bracket: u8, indent: usize, line: usize, first: bool, anchor: usize },
    /// A line that begins an item, such as `message x`.
    Item { indent: usize, anchor: usize },
    /// A line that begins with an arrow, or with `to` and an audience.
    Arrow { anchor: usize },
}

/// What begins the states of a flow.
const STATE_WORDS: [&str; 2] = ["start", "state"];

/// What stands behind `to`; a field of that name has a colon there.
const AUDIENCES: [&[u8]; 6] = [b" all", b" others", b" mailbox ", b" mailboxes", b" topic ", b" role("];

/// Looks through a text once.
pub(super) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
        line: Line::default(),
        anchor: 0,
        word: (0, 0),
        no_more_ends: false,
        found: Scan::default(),
    };
    while scanner.at < scanner.bytes.len() {
        scanner.step();
    }
    scanner.found.end = scanner.anchor_of_code();
    scanner.found
}

#[derive(Default)]
struct Line {
    start: usize,
    /// Blanks before the first character; known once that was seen.
    indent: Option<usize>,
    /// Whether it begins with `@`, so that it belongs to what follows.
    attribute: bool,
    /// End of the last code on it.
    code_end: Option<usize>,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    line: Line,
    /// End of the last code above this line that does not belong to what follows.
    anchor: usize,
    /// The last word.
    word: (usize, usize),
    /// Whether no `*/` follows, so that nobody looks for one again and again.
    no_more_ends: bool,
    found: Scan,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let byte = self.bytes[self.at];
        match byte {
            b'\n' => self.new_line(),
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'/' if self.peek(1) == Some(b'/') => self.at = self.end_of_line(),
            b'/' if self.peek(1) == Some(b'*') && !self.follows(b"match") && !self.is_pick() => self.block_comment(),
            _ => self.code(byte),
        }
    }

    fn code(&mut self, byte: u8) {
        let first = self.line.indent.is_none();
        let indent = *self.line.indent.get_or_insert(self.at - self.line.start);
        if first {
            self.line.attribute = byte == b'@';
        }
        let start = self.at;
        match byte {
            b'"' => self.quoted(b'"'),
            b'/' if self.follows(b"match") => self.quoted(b'/'),
            b'{' | b'(' | b'[' => self.open(byte, indent),
            b'<' if self.follows(b"map") => self.open(byte, indent),
            b'}' | b')' | b']' => self.close(byte, indent, first),
            b'>' if !matches!(self.before(), Some(b'-' | b'=')) => self.close(byte, indent, first),
            byte if is_word(byte) => self.word(indent, first),
            b'-' | b'=' if first && self.peek(1) == Some(b'>') => {
                self.found.tokens.push(Token::Arrow { anchor: self.anchor });
                self.at += 2;
            }
            _ => self.at += 1,
        }
        self.line.code_end = Some(self.at.max(start + 1));
    }

    fn open(&mut self, bracket: u8, indent: usize) {
        self.found.tokens.push(Token::Open { at: self.at, bracket, indent, line: self.line.start });
        self.at += 1;
    }

    fn close(&mut self, bracket: u8, indent: usize, first: bool) {
        let anchor = self.anchor_of_code();
        let line = self.line.start;
        self.found.tokens.push(Token::Close { at: self.at, bracket, indent, line, first, anchor });
        self.at += 1;
    }

    fn word(&mut self, indent: usize, first: bool) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        self.word = (start, self.at);
        let word = &self.bytes[start..self.at];
        if first && word == b"to" && AUDIENCES.iter().any(|known| self.bytes[self.at..].starts_with(known)) {
            self.found.tokens.push(Token::Arrow { anchor: self.anchor });
            return;
        }
        if !first || !ITEM_KEYWORDS.iter().chain(&STATE_WORDS).any(|known| known.as_bytes() == word) {
            return;
        }
        let rest = &self.bytes[self.at..self.end_of_line()];
        let name = rest.trim_ascii_start();
        if name.len() < rest.len() && name.first().is_some_and(|&byte| is_word(byte)) {
            self.found.tokens.push(Token::Item { indent, anchor: self.anchor });
        }
    }

    /// Skips a string or pattern that ends on its line; else only its first character.
    fn quoted(&mut self, quote: u8) {
        let mut at = self.at + 1;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\n' | b'\r' => break,
                b'\\' => at += 1 + usize::from(!matches!(self.bytes.get(at + 1), Some(b'\n' | b'\r') | None)),
                byte if byte == quote => {
                    self.at = at + 1;
                    return;
                }
                _ => at += 1,
            }
        }
        self.at += 1;
    }

    fn block_comment(&mut self) {
        let closed = match self.no_more_ends {
            true => None,
            false => self.bytes[self.at + 2..]
                .windows(2)
                .position(|pair| pair == b"*/")
                .map(|length| self.at + 2 + length + 2),
        };
        self.no_more_ends = closed.is_none();
        let end = closed.unwrap_or_else(|| self.end_of_line());
        self.found.block_comments.push((self.at, end));
        let newline = self.bytes[self.at..end].iter().rposition(|&byte| byte == b'\n');
        if let Some(newline) = newline {
            let resume = self.at + newline;
            self.at = resume;
            self.new_line();
        }
        self.at = end;
    }

    /// `chat/*` in a flow: a name stands right before the slash and nothing closes a comment on this line, in front of
    /// a comment of the other kind.
    fn is_pick(&self) -> bool {
        let rest = &self.bytes[self.at + 2..self.end_of_line()];
        let next = rest.windows(2).find(|&pair| pair == b"*/" || pair == b"//");
        self.before().is_some_and(is_word) && next.is_none_or(|pair| pair == b"//")
    }

    fn new_line(&mut self) {
        self.anchor = self.anchor_of_code();
        self.at += 1;
        self.line = Line { start: self.at, ..Line::default() };
    }

    /// The end of the last code so far, without a line that begins with `@`.
    fn anchor_of_code(&self) -> usize {
        self.line.code_end.filter(|_| !self.line.attribute).unwrap_or(self.anchor)
    }

    /// Whether this word stands before the current place, with blanks between at most.
    fn follows(&self, word: &[u8]) -> bool {
        let (start, end) = self.word;
        self.bytes.get(start..end) == Some(word)
            && self.bytes[end..self.at].iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).copied()
    }

    fn end_of_line(&self) -> usize {
        self.bytes[self.at..].iter().position(|&byte| byte == b'\n').map_or(self.bytes.len(), |length| self.at + length)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
