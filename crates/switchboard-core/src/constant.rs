//! Constants: members of which only one value will do, so that nothing of them is kept.

use crate::json::Reader;
use crate::path::Path;
use crate::report::{Decoded, Fault};

/// Reads this text and no other value; `json` is the same with quotes, as it is mostly written.
#[inline]
pub fn text(r: &mut Reader<'_>, at: &Path<'_>, value: &str, json: &'static str) -> Decoded<()> {
    if r.eat(json) { Ok(()) } else { other_text(r, at, value, json) }
}

/// Reads `true` or `false`, whichever it is.
#[inline]
pub fn boolean(r: &mut Reader<'_>, at: &Path<'_>, value: bool) -> Decoded<()> {
    let json = if value { "true" } else { "false" };
    if r.eat(json) { Ok(()) } else { Err(r.not_the_constant(at, json)) }
}

/// Reads this integer, written without point and exponent.
#[inline]
pub fn int(r: &mut Reader<'_>, at: &Path<'_>, value: i128, want: &'static str) -> Decoded<()> {
    number(r, at, want, |r| Ok(r.number_as_integer()? == Some(value)))
}

/// Reads a number that is this one once it is an `f64`.
pub fn float(r: &mut Reader<'_>, at: &Path<'_>, value: f64, want: &'static str) -> Decoded<()> {
    number(r, at, want, |r| Ok(r.number_as_text()?.parse() == Ok(value)))
}

#[cold]
fn other_text(r: &mut Reader<'_>, at: &Path<'_>, value: &str, json: &'static str) -> Decoded<()> {
    if r.peek() != Some(b'"') {
        return Err(r.not_the_constant(at, json));
    }
    let text = r.string(at)?;
    if text == value { Ok(()) } else { Err(r.report.add(at, "const", json, text)) }
}

fn number<'a>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    want: &'static str,
    is_it: impl FnOnce(&mut Reader<'a>) -> Result<bool, Fault>,
) -> Decoded<()> {
    if !matches!(r.peek(), Some(b'-' | b'0'..=b'9')) {
        return Err(r.not_the_constant(at, want));
    }
    let start = r.position();
    if is_it(r)? { Ok(()) } else { Err(r.report.add(at, "const", want, r.text_from(start))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Violation;

    type Read = fn(&mut Reader<'_>, &Path<'_>) -> Decoded<()>;

    fn read(json: &str, read: Read) -> Option<Violation> {
        let mut r = Reader::new(json, 8);
        let found = read(&mut r, &Path::root());
        assert_eq!(r.finish(), Ok(()), "{json}");
        assert_eq!(found.is_ok(), r.report.is_empty());
        r.report.violations().first().cloned()
    }

    #[test]
    fn a_text_is_that_text_however_it_is_escaped() {
        let beat: Read = |r, at| text(r, at, "beat", "\"beat\"");
        for json in ["\"beat\"", " \"beat\" ", r#""b\u0065at""#] {
            assert_eq!(read(json, beat), None, "{json}");
        }
        for (json, got) in [("\"beats\"", "beats"), ("\"Beat\"", "Beat"), ("null", "null"), ("[\"beat\"]", "array")] {
            let found = read(json, beat).unwrap();
            assert_eq!((found.rule, &*found.want, &*found.got), ("const", "\"beat\"", got));
        }
    }

    #[test]
    fn an_integer_is_written_as_one() {
        let two: Read = |r, at| int(r, at, 2, "2");
        assert_eq!(read("2", two), None);
        for json in ["2.0", "2e0", "3", "22", "-2", "1e400", "\"2\"", "true"] {
            assert_eq!(read(json, two).unwrap().rule, "const", "{json}");
        }
        assert_eq!(read("-0", |r, at| int(r, at, 0, "0")), None);
    }

    #[test]
    fn a_float_and_a_truth_value_are_compared_as_values() {
        for json in ["1.5", "15e-1", "1.50"] {
            assert_eq!(read(json, |r, at| float(r, at, 1.5, "1.5")), None, "{json}");
        }
        assert_eq!(read("1.6", |r, at| float(r, at, 1.5, "1.5")).unwrap().got, "1.6");
        assert_eq!(read("true", |r, at| boolean(r, at, true)), None);
        assert_eq!(read("false", |r, at| boolean(r, at, true)).unwrap().want, "true");
    }
}
