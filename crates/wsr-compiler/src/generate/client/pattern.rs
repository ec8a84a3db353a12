//! Patterns of `match` for other languages' regular expressions.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::ascii;

/// A pattern as text that means the same to JavaScript (flag `u`) and to Python's `re`: characters and ranges of them,
/// groups, alternatives and counts, nothing else. It has to match the whole text. `None` for what is no pattern.
pub(super) fn portable(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(&ascii::spelled_out(pattern)).ok()?;
    let mut out = String::new();
    write(&hir, &mut out)?;
    Some(out)
}

fn write(hir: &Hir, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok()?.chars().for_each(|sign| character(sign, out));
        }
        HirKind::Class(class) => write_class(class, out),
        HirKind::Look(look) => out.push_str(assertion(*look)),
        HirKind::Repetition(repetition) => {
            out.push_str("(?:");
            write(&repetition.sub, out)?;
            out.push(')');
            match (repetition.min, repetition.max) {
                (0, None) => out.push('*'),
                (1, None) => out.push('+'),
                (0, Some(1)) => out.push('?'),
                (min, None) => out.push_str(&format!("{{{min},}}")),
                (min, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
            }
        }
        HirKind::Capture(capture) => {
            out.push_str("(?:");
            write(&capture.sub, out)?;
            out.push(')');
        }
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, out)?;
            }
        }
        HirKind::Alternation(parts) => {
            out.push_str("(?:");
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                write(part, out)?;
            }
            out.push(')');
        }
    }
    Some(())
}

fn write_class(class: &Class, out: &mut String) {
    let mut ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    ranges.retain(|(first, last)| first <= last);
    if ranges.is_empty() {
        return out.push_str("(?!)");
    }
    out.push('[');
    for (first, last) in ranges {
        character(first, out);
        if first != last {
            out.push('-');
            character(last, out);
        }
    }
    out.push(']');
}

/// A character that stands for itself, also inside a class.
fn character(sign: char, out: &mut String) {
    match sign {
        '0'..='9' | 'A'..='Z' | 'a'..='z' | ' ' | '_' => out.push(sign),
        '\0'..='\x7f' => out.push_str(&format!("\\x{:02x}", u32::from(sign))),
        '\u{80}'..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(sign))),
        _ => out.push(sign),
    }
}

/// The whole text is matched, so lines do not matter; words are those of ASCII.
fn assertion(look: Look) -> &'static str {
    match look {
        Look::Start => "^",
        Look::End => "(?![\\s\\S])",
        Look::WordAscii | Look::WordUnicode => {
            "(?:(?<![0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<=[0-9A-Za-z_])(?![0-9A-Za-z_]))"
        }
        _ => "(?:(?<![0-9A-Za-z_])(?![0-9A-Za-z_])|(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_]))",
    }
}

#[cfg(test)]
mod tests {
    use super::portable;

    #[test]
    fn what_is_written_has_no_classes_that_languages_take_differently() {
        for (pattern, written) in [
            (r"[A-Za-z0-9_-]*", r"(?:[\x2d0-9A-Z_a-z])*"),
            (r"\d{2,3}x?", r"(?:[0-9]){2,3}(?:x)?"),
            (r"a.b|c+", r"(?:a[\x00-\x09\x0b-\u{10ffff}]b|(?:c)+)"),
            (r"^a$", r"^a(?![\s\S])"),
            (r"é\.😀", r"\u00e9\x2e😀"),
            (r"", r"(?:)"),
        ] {
            assert_eq!(portable(pattern).as_deref(), Some(&*written.replace(r"\u{10ffff}", "\u{10ffff}")), "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_none() {
        assert_eq!(portable("("), None);
    }

    #[test]
    fn what_is_written_means_the_same() {
        let texts = ["", "a", "ab", "a b", "A_9", "é", "\n", "12", "a-b", "x\u{1f600}y", "/"];
        for pattern in
            [r"\w+", r"\W*", r"\s", r"[^a-z]+", r"(a|b)*", r"\bab\b|12", r"a\Bb", r".*", r"[\w-]+/?", r"\D{2}"]
        {
            let portable = portable(pattern).unwrap();
            // `regex` knows no look-around, which only assertions become.
            let Ok(one) = regex_syntax::parse(&portable) else { continue };
            let machine = |hir: &regex_syntax::hir::Hir| {
                regex_automata::nfa::thompson::pikevm::PikeVM::new(&format!(r"\A(?:{hir})\z")).unwrap()
            };
            let (one, other) =
                (machine(&one), machine(&regex_syntax::parse(&crate::ascii::spelled_out(pattern)).unwrap()));
            for text in texts {
                let is_match =
                    |vm: &regex_automata::nfa::thompson::pikevm::PikeVM| vm.is_match(&mut vm.create_cache(), text);
                assert_eq!(is_match(&one), is_match(&other), "{pattern} {portable} {text:?}");
            }
        }
    }
}
