//! Patterns: byte loops for the simple ones, an anchored regular expression for the rest.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::ascii;

/// How a pattern is matched.
pub(super) enum Lowered {
    /// A condition over `bytes`.
    Bytes(String),
    /// The text of a regular expression that matches the whole text.
    Regex(String),
}

/// `None` for what is no pattern; the checks have refused it.
pub(super) fn lower(pattern: &str) -> Option<Lowered> {
    let pattern = ascii::spelled_out(pattern);
    let hir = regex_syntax::parse(&pattern).ok()?;
    if let Some(pieces) = pieces(&hir) {
        return Some(Lowered::Bytes(condition(&pieces)));
    }
    let anchored = format!(r"\A(?:{pattern})\z");
    // A pattern in verbose mode may end in a comment, which would swallow what stands behind it.
    let whole = if regex_syntax::parse(&anchored).is_ok() { anchored } else { format!(r"\A(?:{hir})\z") };
    Some(Lowered::Regex(whole))
}

/// So many bytes of a class.
struct Piece {
    ranges: Vec<(u8, u8)>,
    min: u32,
    max: Option<u32>,
}

impl Piece {
    fn is_fixed(&self) -> bool {
        self.max == Some(self.min)
    }
}

/// The pattern as classes of ASCII with fixed counts, of which the last may vary.
fn pieces(hir: &Hir) -> Option<Vec<Piece>> {
    let mut parts: &[Hir] = match hir.kind() {
        HirKind::Concat(parts) => parts,
        _ => std::slice::from_ref(hir),
    };
    if let [first, rest @ ..] = parts
        && is_look(first, Look::Start)
    {
        parts = rest;
    }
    if let [rest @ .., last] = parts
        && is_look(last, Look::End)
    {
        parts = rest;
    }
    let mut pieces = Vec::new();
    for part in parts {
        push_pieces(part, &mut pieces)?;
    }
    let (_, fixed) = pieces.split_last()?;
    let bounded = fixed.iter().map(|piece| u64::from(piece.min)).sum::<u64>() <= MOST_FIXED;
    (bounded && fixed.iter().all(Piece::is_fixed)).then_some(pieces)
}

fn is_look(hir: &Hir, look: Look) -> bool {
    matches!(hir.kind(), HirKind::Look(found) if *found == look)
}

fn push_pieces(hir: &Hir, pieces: &mut Vec<Piece>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => {
            for &byte in &*literal.0 {
                pieces.push(Piece { ranges: vec![(byte, byte)], min: 1, max: Some(1) });
            }
            literal.0.is_ascii().then_some(())?;
        }
        HirKind::Class(class) => pieces.push(Piece { ranges: ascii(class)?, min: 1, max: Some(1) }),
        HirKind::Repetition(repetition) => {
            let ranges = match repetition.sub.kind() {
                HirKind::Class(class) => ascii(class)?,
                HirKind::Literal(literal) => match *literal.0 {
                    [byte] if byte.is_ascii() => vec![(byte, byte)],
                    _ => return None,
                },
                _ => return None,
            };
            pieces.push(Piece { ranges, min: repetition.min, max: repetition.max });
        }
        HirKind::Capture(capture) => return push_pieces(&capture.sub, pieces),
        HirKind::Concat(parts) => {
            for part in parts {
                push_pieces(part, pieces)?;
            }
        }
        HirKind::Look(_) | HirKind::Alternation(_) => return None,
    }
    Some(())
}

fn ascii(class: &Class) -> Option<Vec<(u8, u8)>> {
    let Class::Unicode(class) = class else { return None };
    let ranges = class.ranges().iter();
    ranges
        .map(|range| Some((u8::try_from(range.start()).ok()?, u8::try_from(range.end()).ok()?)))
        .collect::<Option<_>>()
        .filter(|ranges: &Vec<(u8, u8)>| ranges.iter().all(|(_, end)| end.is_ascii()))
}

/// Lengths first, then the fixed bytes one by one, then the rest in a loop.
fn condition(pieces: &[Piece]) -> String {
    let Some((last, fixed)) = pieces.split_last() else { return "bytes.is_empty()".to_owned() };
    let before: u64 = fixed.iter().map(|piece| u64::from(piece.min)).sum();
    let (min, max) = (before + u64::from(last.min), last.max.map(|max| before + u64::from(max)));
    let mut conditions = vec![length(min, max)];
    let mut index = 0_u64;
    for piece in fixed {
        for _ in 0..piece.min {
            conditions.push(format!("matches!(bytes[{index}], {})", class(&piece.ranges)));
            index += 1;
        }
    }
    if last.max != Some(0) {
        let rest = if before == 0 { "bytes.iter()".to_owned() } else { format!("bytes[{before}..].iter()") };
        conditions.push(format!("{rest}.all(|byte| matches!(byte, {}))", class(&last.ranges)));
    }
    conditions.retain(|condition| !condition.is_empty());
    conditions.join("\n    && ")
}

fn length(min: u64, max: Option<u64>) -> String {
    match max {
        Some(max) if max == min => format!("bytes.len() == {min}"),
        Some(max) => format!("({min}..={max}).contains(&bytes.len())"),
        None if min == 0 => String::new(),
        None => format!("bytes.len() >= {min}"),
    }
}

fn class(ranges: &[(u8, u8)]) -> String {
    let pattern = |&(start, end): &(u8, u8)| match start == end {
        true => byte(start),
        false => format!("{}..={}", byte(start), byte(end)),
    };
    let patterns: Vec<String> = ranges.iter().map(pattern).collect();
    if patterns.is_empty() { "_ if false".to_owned() } else { patterns.join(" | ") }
}

fn byte(byte: u8) -> String {
    match byte {
        b'\'' | b'\\' => format!("b'\\{}'", char::from(byte)),
        b' '..=b'~' => format!("b'{}'", char::from(byte)),
        other => format!("0x{other:02x}"),
    }
}

/// Beyond so many single bytes a regular expression is the shorter code.
const MOST_FIXED: u64 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn lowered(pattern: &str) -> String {
        match lower(pattern) {
            Some(Lowered::Bytes(condition)) => condition,
            Some(Lowered::Regex(regex)) => format!("regex {regex}"),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn one_class_is_a_loop() {
        let wanted = "(3..=32).contains(&bytes.len())\n    \
                      && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'_' | b'a'..=b'z'))";
        assert_eq!(lowered("^[a-z0-9_]{3,32}$"), wanted);
        assert_eq!(lowered("[a-z]*"), "bytes.iter().all(|byte| matches!(byte, b'a'..=b'z'))");
    }

    #[test]
    fn fixed_pieces_come_before_the_loop() {
        let wanted = "bytes.len() >= 1\n    && matches!(bytes[0], b'a'..=b'z')\n    \
                      && bytes[1..].iter().all(|byte| matches!(byte, b'0'..=b'9'))";
        assert_eq!(lowered("^[a-z][0-9]*$"), wanted);
        assert_eq!(lowered(r"\d{6}"), "bytes.len() == 6\n    && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9'))");
        assert!(lowered("v[0-9]+").starts_with("bytes.len() >= 2\n    && matches!(bytes[0], b'v')"));
    }

    #[test]
    fn what_needs_memory_is_a_regular_expression_of_the_whole_text() {
        assert_eq!(lowered("^[a-z]+(-[a-z]+)*$"), r"regex \A(?:^[a-z]+(-[a-z]+)*$)\z");
        assert_eq!(lowered("a|b+"), r"regex \A(?:a|b+)\z");
        assert_eq!(lowered("(?x)a|b+ # either"), r"regex \A(?:(?:a|b+))\z");
        assert_eq!(lowered("(ab"), "none");
    }

    #[test]
    fn empty_patterns_match_empty_text() {
        assert_eq!(lowered("^$"), r"regex \A(?:^$)\z");
    }
}
