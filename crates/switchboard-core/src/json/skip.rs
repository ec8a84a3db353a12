//! Skipping a value: checked like any other, and built of nothing.

use super::reader::Reader;
use crate::report::Decoded;

impl Reader<'_> {
    /// Passes one value of any type. Syntax, depth, escapes and the range of numbers are all checked.
    ///
    /// Does not recurse: the open brackets are bits of a word, of which [`super::DEEPEST`] fit.
    pub fn skip(&mut self) -> Decoded<()> {
        let floor = self.depth;
        // The lowest bit is the innermost open bracket: 1 for an object.
        let mut open = 0_u128;
        loop {
            match self.peek() {
                Some(b'"') => self.skip_string()?,
                Some(b'{') => {
                    self.open()?;
                    open = open << 1 | 1;
                }
                Some(b'[') => {
                    self.open()?;
                    open <<= 1;
                }
                Some(b'-' | b'0'..=b'9') => self.skip_number()?,
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'n') => self.literal("null")?,
                Some(b'b') if self.is_packed() => {
                    self.literal("b")?;
                    self.skip_string()?;
                }
                Some(_) => return Err(self.fail("expected a value")),
                None => return Err(self.fail("unexpected end")),
            }
            loop {
                if self.depth == floor {
                    return Ok(());
                }
                if open & 1 == 0 {
                    if self.next_member(b']')? {
                        break;
                    }
                } else if self.next_member(b'}')? {
                    self.skip_key()?;
                    break;
                }
                open >>= 1;
            }
        }
    }

    fn skip_key(&mut self) -> Decoded<()> {
        self.at_key()?;
        self.skip_string()?;
        self.colon()
    }
}
