//! Binary payloads: fixed fields in order, little-endian, and at most one `bytes` or `string` at the end.
//!
//! The tag byte in front belongs to the frame, not to the payload: it has been taken off before.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use crate::path::Path;
use crate::report::{Decoded, Fault, Report};

/// Reads the fields of one binary payload.
///
/// `at` is where a violation is reported: the root with the field's name as key. A payload that ends too
/// early is reported once, at the field that is cut; the fields behind it then fail without a word.
#[derive(Debug)]
pub struct BinaryReader<'r> {
    /// What has been found wrong so far.
    pub report: &'r mut Report,
    rest: Bytes,
    cut: bool,
}

impl<'r> BinaryReader<'r> {
    /// A reader at the start of `payload`.
    pub fn new(payload: Bytes, report: &'r mut Report) -> Self {
        Self { report, rest: payload, cut: false }
    }

    /// One byte, 0 or 1.
    pub fn boolean(&mut self, at: &Path<'_>) -> Decoded<bool> {
        match self.u8(at)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.report.add(at, "type", "0 or 1", other)),
        }
    }

    /// One byte: the place, from 0, of one of `count` variants.
    pub fn index(&mut self, at: &Path<'_>, count: usize) -> Decoded<usize> {
        let index = usize::from(self.u8(at)?);
        if index < count {
            Ok(index)
        } else {
            Err(self.report.add(at, "range", format!("0..={}", count.saturating_sub(1)), index))
        }
    }

    /// 16 bytes, in the order in which they are written.
    pub fn uuid(&mut self, at: &Path<'_>) -> Decoded<Uuid> {
        self.take(at).map(Uuid::from_bytes)
    }

    /// An `i64`: milliseconds since 1970, as far as the years 0 to 9999 go.
    pub fn timestamp(&mut self, at: &Path<'_>) -> Decoded<Timestamp> {
        let milliseconds = self.i64(at)?;
        match Timestamp::from_millisecond(milliseconds) {
            Ok(timestamp) if milliseconds >= YEAR_0 => Ok(timestamp),
            _ => Err(self.report.add(at, "range", "a year from 0 to 9999", milliseconds)),
        }
    }

    /// A `u64`: milliseconds, at most 2^53-1.
    pub fn duration(&mut self, at: &Path<'_>) -> Decoded<Duration> {
        let milliseconds = self.u64(at)?;
        if milliseconds <= crate::decode::SAFE_INTEGER {
            Ok(Duration::from_millis(milliseconds))
        } else {
            Err(self.report.add(at, "range", "0..=9007199254740991", milliseconds))
        }
    }

    /// All bytes that are left, shared and not copied.
    pub fn rest_bytes(&mut self, _: &Path<'_>) -> Decoded<Bytes> {
        if self.cut { Err(Fault::Invalid) } else { Ok(std::mem::take(&mut self.rest)) }
    }

    /// All bytes that are left, as UTF-8.
    pub fn rest_text(&mut self, at: &Path<'_>) -> Decoded<String> {
        let bytes = self.rest_bytes(at)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let got = format!("another byte at {}", error.valid_up_to());
                Err(self.report.add(at, "format", "UTF-8", got))
            }
        }
    }

    /// Checks that nothing is left.
    pub fn finish(self) -> Decoded<()> {
        if self.cut {
            return Err(Fault::Invalid);
        }
        match self.rest.len() {
            0 => Ok(()),
            left => Err(self.report.add(&Path::root(), "length", "no bytes behind the last field", left)),
        }
    }

    fn take<const N: usize>(&mut self, at: &Path<'_>) -> Decoded<[u8; N]> {
        if self.cut {
            return Err(Fault::Invalid);
        }
        match self.rest.first_chunk::<N>() {
            Some(bytes) => {
                let bytes = *bytes;
                self.rest = self.rest.slice(N..);
                Ok(bytes)
            }
            None => {
                self.cut = true;
                Err(self.report.add(at, "length", format!("{N} bytes"), self.rest.len()))
            }
        }
    }
}

macro_rules! read_integers {
    ($($name:ident)*) => {
        impl BinaryReader<'_> {$(
            /// A little-endian integer of this type.
            #[inline]
            pub fn $name(&mut self, at: &Path<'_>) -> Decoded<$name> {
                self.take(at).map($name::from_le_bytes)
            }
        )*}
    };
}

macro_rules! read_floats {
    ($($name:ident)*) => {
        impl BinaryReader<'_> {$(
            /// A little-endian float of this type, which must be finite.
            #[inline]
            pub fn $name(&mut self, at: &Path<'_>) -> Decoded<$name> {
                let value = self.take(at).map($name::from_le_bytes)?;
                if value.is_finite() { Ok(value) } else { Err(self.report.add(at, "range", "a finite number", value)) }
            }
        )*}
    };
}

read_integers! { u8 u16 u32 u64 i8 i16 i32 i64 }
read_floats! { f32 f64 }

/// Writes the fields of one binary payload.
#[derive(Debug)]
pub struct BinaryWriter<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> BinaryWriter<'o> {
    /// A writer that appends to `out`.
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        Self { out }
    }

    /// One byte, 0 or 1.
    pub fn boolean(&mut self, value: bool) {
        self.out.push(u8::from(value));
    }

    /// One byte: the place, from 0, of a variant.
    pub fn index(&mut self, index: u8) {
        self.out.push(index);
    }

    /// 16 bytes, in the order in which they are written.
    pub fn uuid(&mut self, value: &Uuid) {
        self.out.extend_from_slice(value.as_bytes());
    }

    /// An `i64`: milliseconds since 1970; what is beyond them is left out.
    pub fn timestamp(&mut self, value: &Timestamp) {
        self.i64(value.as_millisecond());
    }

    /// A `u64`: milliseconds; what is beyond them is left out.
    pub fn duration(&mut self, value: &Duration) {
        self.u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX));
    }

    /// The last field.
    pub fn rest(&mut self, bytes: impl AsRef<[u8]>) {
        self.out.extend_from_slice(bytes.as_ref());
    }
}

macro_rules! write_numbers {
    ($($name:ident)*) => {
        impl BinaryWriter<'_> {$(
            /// A little-endian number of this type.
            #[inline]
            pub fn $name(&mut self, value: $name) {
                self.out.extend_from_slice(&value.to_le_bytes());
            }
        )*}
    };
}

write_numbers! { u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 }

/// 0000-01-01T00:00:00Z in milliseconds since 1970.
const YEAR_0: i64 = -62_167_219_200_000;
