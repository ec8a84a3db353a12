//! Author's text as Rust source: literals, comments and docs that stay text whatever they hold.

use crate::model::{Bounds, Limits, Literal, Number, Origin, Range};

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
pub(in crate::generate) fn json(text: &str) -> String {
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
pub(in crate::generate) fn comment(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect::<String>().replace('§', "§§")
}

/// What stands above an item: its docs, since when it is there, and why it should not be used any more.
pub(super) fn above(origin: &Origin) -> Vec<String> {
    let mut lines = docs_since(origin);
    lines.extend(origin.deprecated.as_ref().map(|why| format!("#[deprecated = {}]", string(why))));
    lines
}

/// The same for what an application cannot help using: it is told, not warned.
pub(super) fn above_unavoidable(origin: &Origin) -> Vec<String> {
    let mut lines = docs_since(origin);
    if let Some(why) = &origin.deprecated {
        paragraph(&mut lines, &format!("Deprecated: {why}"));
    }
    lines
}

fn docs_since(origin: &Origin) -> Vec<String> {
    let mut lines = docs(&origin.docs);
    if let Some(version) = &origin.since {
        paragraph(&mut lines, &format!("Since {version}."));
    }
    lines
}

fn paragraph(lines: &mut Vec<String>, text: &str) {
    if !lines.is_empty() {
        lines.push("///".to_owned());
    }
    lines.push(format!("/// {}", comment(text)));
}

/// A constant as it is mostly written in JSON.
pub(in crate::generate) fn constant(literal: &Literal) -> String {
    match literal {
        Literal::Bool(value) => value.to_string(),
        Literal::Number(number) => number_text(*number),
        Literal::Text(text) => json(text),
    }
}

/// `1 | 2 | 4`
pub(in crate::generate) fn one_of(numbers: &[Number]) -> String {
    numbers.iter().map(|&number| number_text(number)).collect::<Vec<_>>().join(" | ")
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
pub(in crate::generate) fn bounds(bounds: Bounds) -> String {
    match bounds {
        Bounds { min, max: Some(max) } if min == max => min.to_string(),
        Bounds { min: 0, max: Some(max) } => format!("..={max}"),
        Bounds { min, max: Some(max) } => format!("{min}..={max}"),
        Bounds { min, max: None } => format!("{min}.."),
    }
}

/// `-60.0..=12.0`, `..=5`, `1..`, `>0, <=1`
pub(in crate::generate) fn range(range: Range) -> String {
    if range.min_exclusive || range.max_exclusive {
        let bound = |number: Option<Number>, exclusive: bool, sign: char| {
            number.map(|number| format!("{sign}{}{}", if exclusive { "" } else { "=" }, number_text(number)))
        };
        let bounds = [bound(range.min, range.min_exclusive, '>'), bound(range.max, range.max_exclusive, '<')];
        return bounds.into_iter().flatten().collect::<Vec<_>>().join(", ");
    }
    let show = |number: Option<Number>| number.map(number_text).unwrap_or_default();
    let separator = if range.max.is_some() { "..=" } else { ".." };
    format!("{}{separator}{}", show(range.min), show(range.max))
}

/// A number as it was written, near enough.
pub(in crate::generate) fn number_text(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// Whether these limits keep an integer where every JSON reader is exact.
pub(super) fn within_safe_integers(limits: &Limits, signed: bool) -> bool {
    if let Some(numbers) = &limits.one_of {
        return numbers.iter().all(|&number| as_integer(number).abs() <= SAFE_INTEGER);
    }
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
        let between =
            Range { min: Some(Number::Int(0)), max: Some(Number::Int(1)), min_exclusive: true, max_exclusive: false };
        assert_eq!(range(between), ">0, <=1");
        assert_eq!(range(Range { max: None, ..between }), ">0");
        assert_eq!(one_of(&[Number::Int(1), Number::Float(2.5)]), "1 | 2.5");
    }
}
