//! Author's text as Rust source: literals, comments and docs that stay text whatever they hold.

use crate::model::{Bounds, Limits, Number, Range};

/// A string literal.
pub(super) fn string(text: &str) -> String {
    format!("{text:?}").replace('§', "§§")
}

/// A byte string literal of UTF-8 text.
pub(super) fn bytes(text: &str) -> String {
    let mut literal = String::from("b\"");
    for &byte in text.as_bytes() {
        match byte {
            b'"' => literal.push_str("\\\""),
            b'\\' => literal.push_str("\\\\"),
            b' '..=b'~' => literal.push(char::from(byte)),
            other => literal.push_str(&format!("\\x{other:02x}")),
        }
    }
    literal.push('"');
    literal
}

/// A JSON string with its quotes.
pub(super) fn json(text: &str) -> String {
    let mut literal = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\0'..='\x1f' => literal.push_str(&format!("\\u{:04x}", u32::from(sign))),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// Text that may stand in a line comment: one line, nothing that reorders it on a screen.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect::<String>().replace('§', "§§")
}

/// Doc comment lines. Code in them is never taken for a Rust example to be run.
pub(super) fn docs(lines: &[String]) -> Vec<String> {
    let mut fenced = false;
    lines.iter().map(|line| doc(line, &mut fenced)).collect()
}

fn doc(line: &str, fenced: &mut bool) -> String {
    let text = comment(line.trim_end());
    let inner = text.trim_start();
    let fence = inner.starts_with("```") || inner.starts_with("~~~");
    let text = match (fence, *fenced) {
        (true, false) => format!("{}text", &inner[..3]),
        (false, false) if text.len() - inner.len() > 3 => format!("   {inner}"),
        _ => text,
    };
    *fenced ^= fence;
    if text.is_empty() { "///".to_owned() } else { format!("/// {text}") }
}

/// An integer or float literal of a float type.
pub(super) fn float(number: Number) -> String {
    match number {
        Number::Int(value) => format!("{:?}", value as f64),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// A literal of an integer type; a number with a point loses it.
pub(super) fn integer(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => (value as i128).to_string(),
    }
}

/// `3..=32`, `..=5`, `1..`
pub(super) fn bounds(bounds: Bounds) -> String {
    match bounds {
        Bounds { min, max: Some(max) } if min == max => min.to_string(),
        Bounds { min: 0, max: Some(max) } => format!("..={max}"),
        Bounds { min, max: Some(max) } => format!("{min}..={max}"),
        Bounds { min, max: None } => format!("{min}.."),
    }
}

/// `-60.0..=12.0`, `..=5`, `1..`
pub(super) fn range(range: Range) -> String {
    let show = |number: Option<Number>| number.map(number_text).unwrap_or_default();
    let separator = if range.max.is_some() { "..=" } else { ".." };
    format!("{}{separator}{}", show(range.min), show(range.max))
}

/// A number as it was written, near enough.
pub(super) fn number_text(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// Whether these limits keep an integer where every JSON reader is exact.
pub(super) fn within_safe_integers(limits: &Limits, signed: bool) -> bool {
    let Some(range) = limits.range else { return false };
    let low_is_safe = match range.min {
        Some(min) => as_integer(min) >= -SAFE_INTEGER,
        None => !signed,
    };
    low_is_safe && range.max.is_some_and(|max| as_integer(max) <= SAFE_INTEGER)
}

fn as_integer(number: Number) -> i128 {
    match number {
        Number::Int(value) => value,
        Number::Float(value) => value as i128,
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// 2^53-1
const SAFE_INTEGER: i128 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_any_text() {
        assert_eq!(string("a\"b\\\n\u{202e}"), r#""a\"b\\\n\u{202e}""#);
        assert_eq!(bytes("é\"\n"), r#"b"\xc3\xa9\"\x0a""#);
        assert_eq!(json("a\"\n"), r#""a\"\u000a""#);
    }

    #[test]
    fn docs_stay_one_comment_and_run_no_code() {
        let lines = ["*/ \u{202e}x\ry".to_owned(), "```".into(), "    let x;".into(), "```".into(), "    y".into()];
        assert_eq!(docs(&lines), ["/// */  x y", "/// ```text", "///     let x;", "/// ```", "///    y"]);
        assert_eq!(docs(&[String::new()]), ["///"]);
    }

    #[test]
    fn ranges_read_as_written() {
        assert_eq!(bounds(Bounds { min: 3, max: Some(32) }), "3..=32");
        assert_eq!(bounds(Bounds { min: 0, max: Some(5) }), "..=5");
        assert_eq!(
            range(Range { min: Some(Number::Float(-60.0)), max: Some(Number::Int(12)), ..Range::default() }),
            "-60.0..=12"
        );
        assert_eq!(range(Range { min: Some(Number::Int(1)), ..Range::default() }), "1..");
    }
}
