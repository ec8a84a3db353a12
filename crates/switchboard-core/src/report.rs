//! What is wrong with a payload: every violation, with its place, its rule, what was wanted and what came.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use crate::path::Path;

/// Violations of one payload; an empty one does not allocate.
///
/// At most [`Report::MOST`] are kept and the others are counted, so that what a peer hears about its
/// mistakes stays bounded however many it makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    violations: Vec<Violation>,
    omitted: usize,
}

impl Report {
    /// Violations kept; further ones are only counted.
    pub const MOST: usize = 32;

    /// An empty report.
    #[inline]
    pub const fn new() -> Self {
        Self { violations: Vec::new(), omitted: 0 }
    }

    /// Whether nothing is wrong.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }

    /// What is wrong, in the order found.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many violations were found, kept or not.
    pub fn count(&self) -> usize {
        self.violations.len() + self.omitted
    }

    /// How many violations were found beyond those kept.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// Records a violation and returns [`Fault::Invalid`], for `return Err(report.add(…))`.
    ///
    /// `got` is cut to 64 characters; at a secret place it is `(secret)`.
    #[cold]
    pub fn add(
        &mut self,
        at: &Path<'_>,
        rule: &'static str,
        want: impl Into<Cow<'static, str>>,
        got: impl Display,
    ) -> Fault {
        if self.violations.len() == Self::MOST {
            self.omitted += 1;
            return Fault::Invalid;
        }
        let got = if at.is_secret() { SECRET.to_owned() } else { cut(got) };
        self.violations.push(Violation { at: at.pointer(), rule, want: want.into(), got });
        Fault::Invalid
    }

    /// `Ok` when nothing is wrong.
    pub fn into_result(self) -> Result<(), Invalid> {
        if self.is_empty() { Ok(()) } else { Err(Invalid::from(self)) }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the payload; for a binary payload the field's name behind a slash.
    pub at: String,
    /// Which rule was broken, in a word: `type`, `required`, `range`, `len` …
    pub rule: &'static str,
    /// What the protocol asks for.
    pub want: Cow<'static, str>,
    /// What came, cut to 64 characters, or `(secret)`.
    pub got: String,
}

impl Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        write!(f, "{}: want {}, got {}", self.rule, self.want, self.got)
    }
}

/// Why reading stopped or goes on without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// A whole word: as a byte it would make every `Decoded` value be copied in odd pieces, a sixth of all time.
#[repr(usize)]
pub enum Fault {
    /// The text is not JSON, so there is nothing to go on with; the reader knows where and why.
    Malformed,
    /// Violations were recorded; the reader stands behind the value and reading may go on.
    Invalid,
}

/// What reading a value gives.
pub type Decoded<T> = Result<T, Fault>;

/// A value that breaks the limits of its type, as an error for Rust code.
///
/// Constructors of limited types return it, and so does sending a value whose limits do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    violations: Vec<Violation>,
}

impl Invalid {
    /// What is wrong; never empty.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

impl From<Report> for Invalid {
    fn from(report: Report) -> Self {
        Self { violations: report.violations }
    }
}

impl Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.violations.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            Display::fmt(violation, f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// The text of `value`, at most 64 characters of it.
pub(crate) fn cut(value: impl Display) -> String {
    let mut shown = Cut { text: String::new(), left: LONGEST_GOT };
    // An error only says that the rest was left out.
    let _ = write!(shown, "{value}");
    shown.text
}

/// Takes the first characters written and refuses the rest, so that a long value is not formatted whole.
struct Cut {
    text: String,
    left: usize,
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(character);
        }
        Ok(())
    }
}

const SECRET: &str = "(secret)";
const LONGEST_GOT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_cut_to_64_characters() {
        let mut report = Report::new();
        report.add(&Path::root().key("text"), "len", "1..=9", "ü".repeat(65));
        assert_eq!(report.violations()[0].got, "ü".repeat(64));
    }

    #[test]
    fn a_secret_is_never_shown() {
        let mut report = Report::new();
        let root = Path::root();
        report.add(&root.key("password").secret(), "len", "8..", "hunter2");
        assert_eq!(report.violations()[0].got, "(secret)");
        assert_eq!(report.violations()[0].at, "/password");
    }

    #[test]
    fn only_32_violations_are_kept_and_the_rest_counted() {
        let mut report = Report::new();
        for index in 0..40 {
            assert_eq!(report.add(&Path::root().index(index), "type", "string", "number"), Fault::Invalid);
        }
        assert_eq!((report.violations().len(), report.omitted()), (32, 8));
    }

    #[test]
    fn an_invalid_value_says_what_is_wrong() {
        let mut report = Report::new();
        report.add(&Path::root(), "len", "3..=32", 2);
        report.add(&Path::root().key("a"), "type", "string", "null");
        let invalid = report.into_result().unwrap_err();
        assert_eq!(invalid.to_string(), "len: want 3..=32, got 2; /a: type: want string, got null");
    }
}
