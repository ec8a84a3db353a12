//! From MessagePack to text that the JSON reader takes.

use std::fmt;

use rmp::Marker;

use crate::json::DEEPEST;
use crate::write;

/// Why bytes are no MessagePack, or hold what JSON cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPack {
    /// How many bytes in front of it are good.
    pub at: usize,
    /// What is wrong.
    pub why: &'static str,
}

impl fmt::Display for NoPack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not MessagePack: {} at byte {}", self.why, self.at)
    }
}

impl std::error::Error for NoPack {}

/// One value as JSON text, with bytes as `b"…"`. At most `max_depth` maps and arrays may be open at once.
///
/// The text has at most six times the bytes of the value. Nothing is reserved for what a length only promises.
///
/// # Errors
/// When it is no MessagePack or more than one value, when a key is no text, and for what JSON does not have: extensions,
/// text that is no UTF-8, floats that are not finite.
pub fn unpack(bytes: &[u8], max_depth: usize) -> Result<String, NoPack> {
    let mut r = Unpacker { bytes, at: 0, left: max_depth.min(DEEPEST), out: Vec::with_capacity(bytes.len() * 2) };
    r.value()?;
    if r.at < bytes.len() {
        return Err(r.fail("bytes behind the end of the value"));
    }
    // Only text is written, and of text that came in only what is UTF-8.
    String::from_utf8(r.out).map_err(|_| NoPack { at: 0, why: "text that is no UTF-8" })
}

struct Unpacker<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Maps and arrays that may still be opened.
    left: usize,
    out: Vec<u8>,
}

impl<'a> Unpacker<'a> {
    fn value(&mut self) -> Result<(), NoPack> {
        let start = self.at;
        match self.marker()? {
            Marker::Null => write::null(&mut self.out),
            Marker::True => write::boolean(&mut self.out, true),
            Marker::False => write::boolean(&mut self.out, false),
            Marker::FixPos(value) => write::int(&mut self.out, value),
            Marker::FixNeg(value) => write::int(&mut self.out, value),
            Marker::U8 => self.integer(1, false)?,
            Marker::U16 => self.integer(2, false)?,
            Marker::U32 => self.integer(4, false)?,
            Marker::U64 => self.integer(8, false)?,
            Marker::I8 => self.integer(1, true)?,
            Marker::I16 => self.integer(2, true)?,
            Marker::I32 => self.integer(4, true)?,
            Marker::I64 => self.integer(8, true)?,
            Marker::F32 => {
                let value = f32::from_bits(self.number(4)? as u32);
                self.float(start, value.into())?;
            }
            Marker::F64 => {
                let value = f64::from_bits(self.number(8)?);
                self.float(start, value)?;
            }
            Marker::FixStr(len) => self.text(len.into())?,
            Marker::Str8 => self.sized(1, Self::text)?,
            Marker::Str16 => self.sized(2, Self::text)?,
            Marker::Str32 => self.sized(4, Self::text)?,
            Marker::Bin8 => self.sized(1, Self::binary)?,
            Marker::Bin16 => self.sized(2, Self::binary)?,
            Marker::Bin32 => self.sized(4, Self::binary)?,
            Marker::FixArray(len) => self.array(len.into())?,
            Marker::Array16 => self.sized(2, Self::array)?,
            Marker::Array32 => self.sized(4, Self::array)?,
            Marker::FixMap(len) => self.map(len.into())?,
            Marker::Map16 => self.sized(2, Self::map)?,
            Marker::Map32 => self.sized(4, Self::map)?,
            Marker::Reserved => return Err(NoPack { at: start, why: "a byte that means nothing" }),
            _ => return Err(NoPack { at: start, why: "an extension type" }),
        }
        Ok(())
    }

    fn marker(&mut self) -> Result<Marker, NoPack> {
        self.take(1).map(|bytes| Marker::from_u8(bytes[0]))
    }

    /// The next bytes; fewer are an error.
    fn take(&mut self, count: usize) -> Result<&'a [u8], NoPack> {
        match self.bytes[self.at..].split_at_checked(count) {
            Some((taken, _)) => {
                self.at += count;
                Ok(taken)
            }
            None => Err(self.fail("unexpected end")),
        }
    }

    /// A number of so many bytes, the largest first.
    fn number(&mut self, size: usize) -> Result<u64, NoPack> {
        Ok(self.take(size)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn integer(&mut self, size: usize, signed: bool) -> Result<(), NoPack> {
        let number = self.number(size)?;
        if signed {
            let unused = 64 - 8 * size as u32;
            write::int(&mut self.out, (number << unused).cast_signed() >> unused);
        } else {
            write::int(&mut self.out, number);
        }
        Ok(())
    }

    fn float(&mut self, start: usize, value: f64) -> Result<(), NoPack> {
        if !value.is_finite() {
            return Err(NoPack { at: start, why: "a float that is not finite" });
        }
        write::float(&mut self.out, value);
        Ok(())
    }

    /// A length of so many bytes, and what has it.
    fn sized(&mut self, size: usize, read: impl FnOnce(&mut Self, usize) -> Result<(), NoPack>) -> Result<(), NoPack> {
        let len = self.number(size)?;
        read(self, usize::try_from(len).unwrap_or(usize::MAX))
    }

    fn text(&mut self, len: usize) -> Result<(), NoPack> {
        let start = self.at;
        match std::str::from_utf8(self.take(len)?) {
            Ok(text) => {
                write::string(&mut self.out, text);
                Ok(())
            }
            Err(error) => Err(NoPack { at: start + error.valid_up_to(), why: "text that is no UTF-8" }),
        }
    }

    fn binary(&mut self, len: usize) -> Result<(), NoPack> {
        let bytes = self.take(len)?;
        self.out.push(b'b');
        write::bytes(&mut self.out, bytes);
        Ok(())
    }

    fn array(&mut self, len: usize) -> Result<(), NoPack> {
        self.nested(b'[', b']', len, Self::value)
    }

    fn map(&mut self, len: usize) -> Result<(), NoPack> {
        self.nested(b'{', b'}', len, |r| {
            let start = r.at;
            match r.marker()? {
                Marker::FixStr(len) => r.text(len.into())?,
                Marker::Str8 => r.sized(1, Self::text)?,
                Marker::Str16 => r.sized(2, Self::text)?,
                Marker::Str32 => r.sized(4, Self::text)?,
                _ => return Err(NoPack { at: start, why: "a key that is no text" }),
            }
            r.out.push(b':');
            r.value()
        })
    }

    /// Each member takes a byte at least, so the bytes bound how long this goes on.
    fn nested(
        &mut self,
        open: u8,
        close: u8,
        len: usize,
        member: impl Fn(&mut Self) -> Result<(), NoPack>,
    ) -> Result<(), NoPack> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.fail("nested too deep"))?;
        self.out.push(open);
        for index in 0..len {
            if index > 0 {
                self.out.push(b',');
            }
            member(self)?;
        }
        self.out.push(close);
        self.left += 1;
        Ok(())
    }

    fn fail(&self, why: &'static str) -> NoPack {
        NoPack { at: self.at, why }
    }
}
