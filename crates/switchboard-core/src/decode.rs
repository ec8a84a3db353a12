//! Decoding of the built-in types, and of lists, maps and what may be null.
//!
//! Everything here returns a value that keeps the rules of its type, or records which rule it breaks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::json::Reader;
use crate::path::Path;
use crate::report::{Decoded, Fault, Report};
use crate::write;

/// A type that can be read from JSON. When it returns [`Fault::Invalid`], the reader stands behind the value.
pub trait Decode: Sized {
    /// Reads the value that comes next, which is at `at` in the payload.
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self>;
}

impl Decode for bool {
    #[inline]
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        r.boolean(at)
    }
}

macro_rules! decode_integers {
    ($($type:ty: $range:literal,)*) => {$(
        impl Decode for $type {
            #[inline]
            fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
                let integer = r.integer(at)?;
                match integer.as_i64().and_then(|value| Self::try_from(value).ok()) {
                    Some(value) => Ok(value),
                    None => Err(r.report.add(at, "range", $range, integer.text)),
                }
            }
        }
    )*};
}

decode_integers! {
    u8: "0..=255",
    u16: "0..=65535",
    u32: "0..=4294967295",
    i8: "-128..=127",
    i16: "-32768..=32767",
    i32: "-2147483648..=2147483647",
}

macro_rules! decode_floats {
    ($($type:ty: $want:literal,)*) => {$(
        impl Decode for $type {
            #[inline]
            fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
                let text = r.number_text(at)?;
                match text.parse::<$type>() {
                    Ok(value) if value.is_finite() => Ok(value),
                    _ => Err(r.report.add(at, "range", $want, text)),
                }
            }
        }
    )*};
}

decode_floats! {
    f32: "a finite f32",
    f64: "a finite f64",
}

impl Decode for String {
    #[inline]
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        r.string(at).map(Cow::into_owned)
    }
}

/// Padded base64 in the standard alphabet.
impl Decode for Bytes {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let text = if r.is_packed() { r.packed_bytes(at)? } else { r.string(at)? };
        match STANDARD.decode(text.as_bytes()) {
            Ok(bytes) => Ok(bytes.into()),
            Err(_) => Err(r.report.add(at, "format", "padded base64", text)),
        }
    }
}

/// Hyphenated, 36 characters, in either case.
impl Decode for Uuid {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let text = r.string(at)?;
        Self::decode_key(&text, &mut r.report, at)
    }
}

/// RFC 3339 in UTC: `2026-05-04T09:00:00.25Z`, with at most nine digits of a second.
impl Decode for Timestamp {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let text = r.string(at)?;
        Self::decode_key(&text, &mut r.report, at)
    }
}

/// RFC 3339 `full-date`: `2026-05-04`.
impl Decode for Date {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let text = r.string(at)?;
        Self::decode_key(&text, &mut r.report, at)
    }
}

/// `192.0.2.1` without leading zeros, or IPv6 in any of its spellings but without a zone.
impl Decode for IpAddr {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let text = r.string(at)?;
        Self::decode_key(&text, &mut r.report, at)
    }
}

/// A whole number of milliseconds, at most 2^53-1.
impl Decode for Duration {
    #[inline]
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        decode_int64_number::<u64>(r, at).map(Self::from_millis)
    }
}

/// Any value, as deep as the reader allows; keys come once, numbers are finite.
impl Decode for serde_json::Value {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        r.value(at)
    }
}

impl<T: Decode> Decode for Box<T> {
    #[inline]
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        T::decode(r, at).map(Box::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    #[inline]
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        list(r, at, T::decode)
    }
}

/// The integers of 64 bits, which JSON numbers cannot all hold safely.
pub trait Int64: Copy + Display + sealed::Sealed {
    /// What is wanted of a number: the range in which each integer is exact in every JSON reader.
    const SAFE: &'static str;
    /// What is wanted of decimal text: the range of the type.
    const WHOLE: &'static str;
    #[doc(hidden)]
    fn from_integer(integer: sealed::Number<'_>) -> Option<Self>;
    #[doc(hidden)]
    fn from_decimal(text: &str) -> Option<Self>;
    #[doc(hidden)]
    fn is_safe(self) -> bool;
}

impl Int64 for u64 {
    const SAFE: &'static str = "0..=9007199254740991";
    const WHOLE: &'static str = "0..=18446744073709551615";
    #[inline]
    fn from_integer(integer: sealed::Number<'_>) -> Option<Self> {
        integer.0.as_u64()
    }
    fn from_decimal(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    #[inline]
    fn is_safe(self) -> bool {
        self <= SAFE_INTEGER
    }
}

impl Int64 for i64 {
    const SAFE: &'static str = "-9007199254740991..=9007199254740991";
    const WHOLE: &'static str = "-9223372036854775808..=9223372036854775807";
    #[inline]
    fn from_integer(integer: sealed::Number<'_>) -> Option<Self> {
        integer.0.as_i64()
    }
    fn from_decimal(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    #[inline]
    fn is_safe(self) -> bool {
        self.unsigned_abs() <= SAFE_INTEGER
    }
}

mod sealed {
    /// Keeps [`super::Int64`] to the two types it is about.
    pub trait Sealed {}
    impl Sealed for u64 {}
    impl Sealed for i64 {}

    /// An integer as read; hidden behind a name that nobody outside can spell.
    pub struct Number<'a>(pub(crate) crate::json::Integer<'a>);
}

/// A 64-bit integer whose declared range fits JSON numbers: within ±(2^53-1).
#[inline]
pub fn decode_int64_number<T: Int64>(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<T> {
    let integer = r.integer(at)?;
    match T::from_integer(sealed::Number(integer)).filter(|value| value.is_safe()) {
        Some(value) => Ok(value),
        None => Err(r.report.add(at, "range", T::SAFE, integer.text)),
    }
}

/// A 64-bit integer that travels as decimal text: no plus sign, no leading zeros, no `-0`.
pub fn decode_int64_text<T: Int64>(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<T> {
    if r.is_packed() && r.peek() != Some(b'"') {
        let integer = r.integer(at)?;
        let value = T::from_integer(sealed::Number(integer));
        return value.ok_or_else(|| r.report.add(at, "range", T::WHOLE, integer.text));
    }
    let text = r.string(at)?;
    integer_from_text(&text, &mut r.report, at, T::from_decimal, T::WHOLE)
}

/// All items of an array; each is read, also behind one that breaks a rule.
#[inline]
pub fn list<'a, T>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    mut item: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<T>,
) -> Decoded<Vec<T>> {
    r.array(at)?;
    let mut items = Vec::new();
    let mut index = 0;
    let mut sound = true;
    while r.next_item()? {
        match item(r, &at.index(index)) {
            Ok(value) => items.push(value),
            Err(Fault::Malformed) => return Err(Fault::Malformed),
            Err(Fault::Invalid) => sound = false,
        }
        index += 1;
    }
    if sound { Ok(items) } else { Err(Fault::Invalid) }
}

/// All entries of an object whose keys are data. Keys that are equal once decoded are refused.
pub fn map<'a, K: Ord, V>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    mut key: impl FnMut(&str, &mut Report, &Path<'_>) -> Decoded<K>,
    mut value: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<V>,
) -> Decoded<BTreeMap<K, V>> {
    r.object(at)?;
    let mut entries = BTreeMap::new();
    let mut sound = true;
    while let Some(text) = r.next_key()? {
        let at = at.key(&text);
        let key = key(&text, &mut r.report, &at);
        if key.as_ref().is_ok_and(|key| entries.contains_key(key)) {
            r.duplicate_key(&at)?;
            sound = false;
            continue;
        }
        match (key, value(r, &at)) {
            (Ok(key), Ok(value)) => _ = entries.insert(key, value),
            (_, Err(Fault::Malformed)) => return Err(Fault::Malformed),
            _ => sound = false,
        }
    }
    if sound { Ok(entries) } else { Err(Fault::Invalid) }
}

/// A value, or `None` for `null`.
#[inline]
pub fn nullable<'a, T>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    value: impl FnOnce(&mut Reader<'a>, &Path<'_>) -> Decoded<T>,
) -> Decoded<Option<T>> {
    if r.null() { Ok(None) } else { value(r, at).map(Some) }
}

/// A type that can be the key of a map, hence has one text for each value.
pub trait Key: Ord + Sized {
    /// The value of a key; for [`map`].
    fn decode_key(text: &str, report: &mut Report, at: &Path<'_>) -> Decoded<Self>;

    /// Appends the key as a JSON string, quotes included.
    fn encode_key(&self, out: &mut Vec<u8>);
}

impl Key for String {
    #[inline]
    fn decode_key(text: &str, _: &mut Report, _: &Path<'_>) -> Decoded<Self> {
        Ok(text.to_owned())
    }

    #[inline]
    fn encode_key(&self, out: &mut Vec<u8>) {
        write::string(out, self);
    }
}

impl Key for Uuid {
    fn decode_key(text: &str, report: &mut Report, at: &Path<'_>) -> Decoded<Self> {
        // Of the forms that the library reads, only the hyphenated one is this long.
        let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
        match Self::try_parse(text) {
            Ok(uuid) if hyphenated => Ok(uuid),
            _ => Err(report.add(at, "format", "a hyphenated UUID", text)),
        }
    }

    fn encode_key(&self, out: &mut Vec<u8>) {
        write::uuid(out, self);
    }
}

impl Key for Timestamp {
    fn decode_key(text: &str, report: &mut Report, at: &Path<'_>) -> Decoded<Self> {
        match text.parse() {
            Ok(timestamp) if is_utc_rfc3339(text) => Ok(timestamp),
            _ => Err(report.add(at, "format", "RFC 3339 in UTC, ending in Z", text)),
        }
    }

    fn encode_key(&self, out: &mut Vec<u8>) {
        write::timestamp(out, self);
    }
}

impl Key for Date {
    fn decode_key(text: &str, report: &mut Report, at: &Path<'_>) -> Decoded<Self> {
        full_date(text).ok_or_else(|| report.add(at, "format", "RFC 3339 full-date", text))
    }

    fn encode_key(&self, out: &mut Vec<u8>) {
        write::display(out, self);
    }
}

impl Key for IpAddr {
    fn decode_key(text: &str, report: &mut Report, at: &Path<'_>) -> Decoded<Self> {
        text.parse().map_err(|_| report.add(at, "format", "an IPv4 or IPv6 address", text))
    }

    fn encode_key(&self, out: &mut Vec<u8>) {
        write::display(out, self);
    }
}

macro_rules! integer_keys {
    ($($type:ty: $range:literal,)*) => {$(
        impl Key for $type {
            fn decode_key(text: &str, report: &mut Report, at: &Path<'_>) -> Decoded<Self> {
                integer_from_text(text, report, at, |text| text.parse().ok(), $range)
            }

            fn encode_key(&self, out: &mut Vec<u8>) {
                write::int_text(out, *self);
            }
        }
    )*};
}

integer_keys! {
    u8: "0..=255",
    u16: "0..=65535",
    u32: "0..=4294967295",
    u64: "0..=18446744073709551615",
    i8: "-128..=127",
    i16: "-32768..=32767",
    i32: "-2147483648..=2147483647",
    i64: "-9223372036854775808..=9223372036854775807",
}

fn integer_from_text<T>(
    text: &str,
    report: &mut Report,
    at: &Path<'_>,
    parse: impl FnOnce(&str) -> Option<T>,
    range: &'static str,
) -> Decoded<T> {
    if !is_canonical_integer(text) {
        return Err(report.add(at, "format", "an integer in decimal digits", text));
    }
    parse(text).ok_or_else(|| report.add(at, "range", range, text))
}

/// Whether `text` is how an integer writes itself, so that no two texts mean the same.
fn is_canonical_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0'] => text == "0",
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Whether `text` has the shape `YYYY-MM-DDTHH:MM:SS[.digits]Z`. The numbers are left to the parser, but
/// for second 60, which it would turn into 59.
fn is_utc_rfc3339(text: &str) -> bool {
    let Some((head, tail)) = text.as_bytes().split_at_checked(SECONDS.len()) else {
        return false;
    };
    let shaped = head.iter().zip(SECONDS).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    });
    let fraction_holds = match tail {
        b"Z" => true,
        [b'.', digits @ .., b'Z'] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    shaped && fraction_holds && !head.ends_with(b"60")
}

/// The day that `YYYY-MM-DD` is, if there is such a day.
fn full_date(text: &str) -> Option<Date> {
    let digits = |from: usize, to: usize| -> Option<i16> {
        let digits = text.as_bytes().get(from..to).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        Some(digits.iter().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0')))
    };
    let shaped = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok().filter(|_| shaped)
}

const SECONDS: &[u8] = b"0000-00-00T00:00:00";
/// 2^53-1: up to here every integer is an exact `f64`, and no neighbour rounds to it.
pub(crate) const SAFE_INTEGER: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests;
