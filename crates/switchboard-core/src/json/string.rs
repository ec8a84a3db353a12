//! Strings: found eight bytes at a time, borrowed when they have no escape.

use std::borrow::Cow;

use super::reader::Reader;
use crate::report::{Decoded, Fault};

impl<'a> Reader<'a> {
    /// The string whose opening quote comes next.
    #[inline]
    pub(super) fn quoted(&mut self) -> Decoded<Cow<'a, str>> {
        let start = self.position + 1;
        let end = plain_end(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.position = end + 1;
            return Ok(Cow::Borrowed(&self.text[start..end]));
        }
        self.position = end;
        self.unescape(start).map(Cow::Owned)
    }

    /// Passes the string whose opening quote comes next.
    pub(super) fn skip_string(&mut self) -> Decoded<()> {
        self.position += 1;
        loop {
            self.position = plain_end(self.text.as_bytes(), self.position);
            match self.byte() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(());
                }
                _ => self.escape()?,
            };
        }
    }

    /// The rest of a string that began at `start` and whose plain beginning has been passed.
    #[cold]
    fn unescape(&mut self, start: usize) -> Decoded<String> {
        let mut value = String::from(&self.text[start..self.position]);
        loop {
            if self.byte() == Some(b'"') {
                self.position += 1;
                return Ok(value);
            }
            value.push(self.escape()?);
            let plain = self.position;
            self.position = plain_end(self.text.as_bytes(), plain);
            value.push_str(&self.text[plain..self.position]);
        }
    }

    /// The character that the escape in front of the reader stands for.
    fn escape(&mut self) -> Decoded<char> {
        match self.byte() {
            Some(b'\\') => self.position += 1,
            Some(_) => return Err(self.fail("control character in a string")),
            None => return Err(self.fail("unterminated string")),
        }
        let character = match self.byte() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            Some(_) => return Err(self.fail("unknown escape in a string")),
            None => return Err(self.fail("unterminated string")),
        };
        self.position += 1;
        Ok(character)
    }

    /// `uXXXX`, or two of them that make one character.
    fn unicode_escape(&mut self) -> Decoded<char> {
        let first = self.hex4()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        // Now it is a surrogate: a high one needs a low one behind it.
        if first >= LOW_SURROGATES || !self.text.as_bytes()[self.position..].starts_with(b"\\u") {
            return Err(self.lone_surrogate());
        }
        self.position += 1;
        let second = self.hex4()?;
        if !(LOW_SURROGATES..=LAST_SURROGATE).contains(&second) {
            return Err(self.lone_surrogate());
        }
        let pair = 0x1_0000 + ((first - HIGH_SURROGATES) << 10) + (second - LOW_SURROGATES);
        char::from_u32(pair).ok_or_else(|| self.lone_surrogate())
    }

    fn lone_surrogate(&mut self) -> Fault {
        self.fail("lone surrogate in a string")
    }

    /// The four digits behind the `u` in front of the reader.
    fn hex4(&mut self) -> Decoded<u32> {
        let digits = self.text.as_bytes().get(self.position + 1..self.position + 5);
        let value = digits.and_then(|digits| {
            digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
        });
        match value {
            Some(value) => {
                self.position += 5;
                Ok(value)
            }
            None => Err(self.fail("expected four hexadecimal digits")),
        }
    }
}

/// The index of the first byte from `start` that cannot stand for itself in a string: a quote, a
/// backslash or a control character; the length if there is none.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], start: usize) -> usize {
    let mut index = start;
    while let Some(chunk) = bytes.get(index..).and_then(<[u8]>::first_chunk::<8>) {
        let special = special_bytes(u64::from_le_bytes(*chunk));
        if special != 0 {
            return index + special.trailing_zeros() as usize / 8;
        }
        index += 8;
    }
    while let Some(byte) = bytes.get(index) {
        if matches!(byte, 0..=0x1f | b'"' | b'\\') {
            return index;
        }
        index += 1;
    }
    index
}

/// The high bit of each byte that cannot stand for itself. Bits above the lowest one set may be wrong,
/// since the subtractions borrow; the lowest is always right.
#[inline]
fn special_bytes(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let found = (quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash)
        | (word.wrapping_sub(ONES * 0x20) & !word);
    found & (ONES << 7)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_SURROGATES: u32 = 0xd800;
const LOW_SURROGATES: u32 = 0xdc00;
const LAST_SURROGATE: u32 = 0xdfff;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_found_or_passed_at_every_place() {
        for byte in 0..=255_u8 {
            let special = matches!(byte, 0..=0x1f | b'"' | b'\\');
            for place in 0..20 {
                let mut bytes = [b'x'; 20];
                bytes[place] = byte;
                assert_eq!(plain_end(&bytes, 0), if special { place } else { 20 }, "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn the_first_of_several_special_bytes_is_found() {
        let specials = [0, 1, 0x1f, b'"', b'\\'];
        for first in specials {
            for filler in [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0x9f, 0xa2, 0xdc, 0xff] {
                for second in specials {
                    assert_eq!(plain_end(&[filler, filler, first, second, filler, second, 0, 0], 0), 2);
                }
            }
        }
    }
}
