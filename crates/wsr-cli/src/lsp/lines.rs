//! Positions of editors, a line and a column, against our offsets in bytes.

use lsp_types::{Position, PositionEncodingKind};

/// What columns count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16, the one that every editor knows.
    #[default]
    Utf16,
}

impl Encoding {
    /// The name in the protocol.
    pub fn name(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// The columns that a piece of a line takes.
    pub fn width(self, text: &str) -> u32 {
        match self {
            Self::Utf8 => text.len() as u32,
            Self::Utf16 => text.chars().map(|letter| letter.len_utf16() as u32).sum(),
        }
    }

    /// The bytes in front of a column of a line; its end when there are fewer columns.
    fn bytes(self, line: &str, column: u32) -> usize {
        let mut columns = 0;
        for (at, letter) in line.char_indices() {
            columns += match self {
                Self::Utf8 => letter.len_utf8() as u32,
                Self::Utf16 => letter.len_utf16() as u32,
            };
            // A column inside a letter means the letter.
            if columns > column {
                return at;
            }
        }
        line.len()
    }
}

/// Where the lines of a text begin: behind `\n`, `\r\n` and a lone `\r`.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of a text.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes
            .iter()
            .enumerate()
            .filter(|&(at, &byte)| byte == b'\n' || byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        Self { starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The byte at a position; the nearest one for positions outside of the text.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.starts.get(line) else { return text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let line = text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        start + encoding.bytes(line, position.character)
    }

    /// The position of a byte.
    pub fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let before = text.get(self.starts[line]..offset).unwrap_or_default();
        Position { line: line as u32, character: encoding.width(before) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Lines};
    use lsp_types::Position;

    #[test]
    fn every_place_of_a_text_comes_back_from_its_position() {
        let text = "a😀é漢b\r\nzweite\rdritte\n\n𝄞";
        let lines = Lines::of(text);
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (offset, _) in text.char_indices().filter(|(at, _)| !text[*at..].starts_with('\n') || *at == 30) {
                let position = lines.position(text, offset, encoding);
                assert_eq!(lines.offset(text, position, encoding), offset, "{encoding:?} {position:?}");
            }
        }
    }

    #[test]
    fn columns_count_units_of_utf_16_or_bytes() {
        let text = "a😀é漢b";
        let lines = Lines::of(text);
        let at = text.find('b').expect("it is there");
        assert_eq!(lines.position(text, at, Encoding::Utf16), Position::new(0, 5));
        assert_eq!(lines.position(text, at, Encoding::Utf8), Position::new(0, 10));
    }

    #[test]
    fn positions_outside_of_the_text_mean_the_nearest_place() {
        let text = "ab\r\n😀";
        let lines = Lines::of(text);
        let offset = |line, column| lines.offset(text, Position::new(line, column), Encoding::Utf16);
        assert_eq!([offset(0, 9), offset(1, 1), offset(1, 2), offset(1, 99), offset(7, 0)], [2, 4, 8, 8, 8]);
    }
}
