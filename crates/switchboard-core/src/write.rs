//! Writing JSON, compact, into bytes that are already under way to somebody.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use uuid::Uuid;

use crate::decode::Key;
use crate::json::plain_end;
use crate::limit::Float;

/// A string in quotes, with the escapes that JSON asks for and no others.
pub fn string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut start = 0;
    loop {
        let end = plain_end(bytes, start);
        out.extend_from_slice(&bytes[start..end]);
        let Some(&byte) = bytes.get(end) else { break };
        escape(out, byte);
        start = end + 1;
    }
    out.push(b'"');
}

/// A key with its colon, and the comma in front of it unless it is the object's first.
pub fn key(out: &mut Vec<u8>, key: &str) {
    comma(out, b'{');
    string(out, key);
    out.push(b':');
}

/// `null`
pub fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

/// `true` or `false`.
pub fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// An integer as a number; within ±(2^53-1), or other readers will round it.
pub fn int(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// An integer as decimal text.
pub fn int_text(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.push(b'"');
    int(out, value);
    out.push(b'"');
}

/// A float in the fewest digits that read back as the same value; `null` if it is not finite, which
/// [`crate::Check`] finds before it comes to that.
pub fn float(out: &mut Vec<u8>, value: impl Float) {
    if value.into().is_finite() {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    } else {
        null(out);
    }
}

/// Bytes as padded base64.
pub fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    // The room is exactly what padded base64 takes.
    let written = STANDARD.encode_slice(bytes, &mut out[start..]);
    debug_assert_eq!(written, Ok(out.len() - start));
    out.push(b'"');
}

/// A UUID, hyphenated, in lower case.
pub fn uuid(out: &mut Vec<u8>, uuid: &Uuid) {
    let mut buffer = Uuid::encode_buffer();
    out.push(b'"');
    out.extend_from_slice(uuid.hyphenated().encode_lower(&mut buffer).as_bytes());
    out.push(b'"');
}

/// A timestamp as RFC 3339 in UTC.
pub fn timestamp(out: &mut Vec<u8>, timestamp: &Timestamp) {
    display(out, timestamp);
}

/// A duration in whole milliseconds; what is beyond them is left out.
pub fn duration(out: &mut Vec<u8>, duration: &Duration) {
    int(out, duration.as_millis());
}

/// Any JSON value.
pub fn value(out: &mut Vec<u8>, value: &serde_json::Value) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        // Neither the tree nor the vector can fail, but half a value would be worse than none.
        out.truncate(start);
        null(out);
    }
}

/// A string made of what `value` displays, for texts that need no escapes.
pub(crate) fn display(out: &mut Vec<u8>, value: &impl std::fmt::Display) {
    use std::io::Write;
    out.push(b'"');
    // Writing into a vector does not fail.
    let _ = write!(out, "{value}");
    out.push(b'"');
}

/// An array of items, each written by `item`.
pub fn list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for value in items {
        comma(out, b'[');
        item(out, value);
    }
    out.push(b']');
}

/// An object of the entries of a map, the values written by `value`.
pub fn map<K: Key, V>(out: &mut Vec<u8>, entries: &BTreeMap<K, V>, mut value: impl FnMut(&mut Vec<u8>, &V)) {
    out.push(b'{');
    for (key, entry) in entries {
        comma(out, b'{');
        key.encode_key(out);
        out.push(b':');
        value(out, entry);
    }
    out.push(b'}');
}

/// A comma, unless the bracket has only just been opened: no value ends in an opening bracket.
fn comma(out: &mut Vec<u8>, open: u8) {
    if out.last() != Some(&open) {
        out.push(b',');
    }
}

#[cold]
fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        other => {
            let digits = [HEX[usize::from(other >> 4)], HEX[usize::from(other & 15)]];
            out.extend_from_slice(b"\\u00");
            return out.extend_from_slice(&digits);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

const HEX: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests;
