//! Words and signs of a text, however broken it is: what the tree cannot tell about a line that is being typed.

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `message`, `login`
    Word,
    /// `@rate`; also the bare `@`.
    Attribute,
    /// `1.5`, `30s`, `8KiB`, `0x10`
    Number,
    /// `"text"`
    Text,
    /// `/…/` behind `match`
    Pattern,
    /// `// …`
    Comment,
    /// `/// …`
    Doc,
    /// Anything else: `->`, `..=`, `{`
    Sign,
}

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Its first byte.
    pub start: usize,
    /// Whether it is the first one of its line.
    pub first: bool,
    /// Columns of blanks at the start of its line.
    pub indent: usize,
}

impl Token<'_> {
    /// The byte behind it.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this sign or word.
    pub fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Sign)
    }

    /// Whether it says nothing to the language.
    pub fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::Comment | Kind::Doc)
    }
}

/// Signs of more than one character, longer ones first.
const SIGNS: [&str; 10] = ["..=", "...", "..<", "..", "->", "=>", "::", ">=", "<=", "/*"];

/// All pieces of a text, blanks left out.
pub(super) fn lex(text: &str) -> Vec<Token<'_>> {
    let mut found: Vec<Token<'_>> = Vec::new();
    let (mut at, mut line, mut first) = (0, 0, true);
    while let Some(letter) = text[at..].chars().next() {
        if letter == '\n' {
            (line, first) = (at + 1, true);
        }
        if letter.is_whitespace() {
            at += letter.len_utf8();
            continue;
        }
        let behind_match = found.last().is_some_and(|last| last.is("match"));
        let (kind, length) = piece(&text[at..], behind_match);
        let indent = match first {
            true => at - line,
            false => found.last().map_or(0, |last| last.indent),
        };
        found.push(Token { kind, text: &text[at..at + length], start: at, first, indent });
        (at, first) = (at + length, false);
    }
    found
}

/// What a text begins with, and how long that is.
fn piece(text: &str, behind_match: bool) -> (Kind, usize) {
    let first = text.chars().next().unwrap_or('\0');
    if text.starts_with("//") {
        let kind = if text.starts_with("///") && !text.starts_with("////") { Kind::Doc } else { Kind::Comment };
        return (kind, line_length(text));
    }
    if first == '/' && behind_match {
        return (Kind::Pattern, quoted(text, '/'));
    }
    if first == '"' {
        return (Kind::Text, quoted(text, '"'));
    }
    if first == '@' {
        return (Kind::Attribute, 1 + word_length(&text[1..]));
    }
    if first.is_ascii_digit() || first == '-' && text[1..].starts_with(|next: char| next.is_ascii_digit()) {
        return (Kind::Number, number_length(text));
    }
    match word_length(text) {
        0 => {
            let sign = SIGNS.iter().find(|sign| text.starts_with(**sign)).map_or(first.len_utf8(), |sign| sign.len());
            (Kind::Sign, sign)
        }
        length => (Kind::Word, length),
    }
}

fn line_length(text: &str) -> usize {
    text.find(['\n', '\r']).unwrap_or(text.len())
}

/// Up to the closing sign, or to the end of the line.
fn quoted(text: &str, sign: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' | '\r' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == sign => return at + sign.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        let fraction = byte == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        let sign = matches!(byte, b'+' | b'-')
            && matches!(bytes[at - 1], b'e' | b'E')
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(byte.is_ascii_alphanumeric() || byte == b'_' || fraction || sign) {
            break;
        }
        at += 1;
    }
    at
}

/// How many bytes of a word a text begins with.
pub(super) fn word_length(text: &str) -> usize {
    text.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count()
}

#[cfg(test)]
mod tests {
    use super::{Kind, lex};

    #[test]
    fn a_text_falls_into_words_and_signs() {
        let kinds = |text| lex(text).iter().map(|token| (token.kind, token.text.to_owned())).collect::<Vec<_>>();
        let sign = |text: &str| (Kind::Sign, text.to_owned());
        let word = |text: &str| (Kind::Word, text.to_owned());
        let number = |text: &str| (Kind::Number, text.to_owned());
        assert_eq!(kinds("a->b..=-2e-3"), [word("a"), sign("->"), word("b"), sign("..="), number("-2e-3")]);
        assert_eq!(kinds("1..=30s"), [number("1"), sign("..="), number("30s")]);
        assert_eq!(kinds("match /a\\/b/ /"), [word("match"), (Kind::Pattern, "/a\\/b/".into()), sign("/")]);
        assert_eq!(kinds("\"a\\\"é"), [(Kind::Text, "\"a\\\"é".into())]);
        assert_eq!(
            kinds("/// é\n//// x\r\n@"),
            [(Kind::Doc, "/// é".into()), (Kind::Comment, "//// x".into()), (Kind::Attribute, "@".into())]
        );
        assert_eq!(kinds("é…"), [sign("é"), sign("…")]);
    }
}
