//! Numbers: whole ones are summed up as they are read, the others are left to the standard library.

use super::reader::Reader;
use crate::decode::SAFE_INTEGER;
use crate::path::Path;
use crate::report::{Decoded, Fault};

/// A number written without point and exponent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integer<'a> {
    /// As written.
    pub text: &'a str,
    negative: bool,
    /// `None` beyond `u64`.
    magnitude: Option<u64>,
}

impl Integer<'_> {
    /// The value, if it is an `i64`.
    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        let magnitude = self.magnitude?;
        if self.negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
    }

    /// The value, if it is a `u64`; `-0` is 0.
    #[inline]
    pub fn as_u64(&self) -> Option<u64> {
        self.magnitude.filter(|magnitude| !self.negative || *magnitude == 0)
    }
}

impl<'a> Reader<'a> {
    /// A number without point and exponent. Anything else is skipped and recorded.
    #[inline]
    pub(crate) fn integer(&mut self, at: &Path<'_>) -> Decoded<Integer<'a>> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.mismatch(at, "integer"));
        }
        let (integer, whole) = self.number()?;
        if whole { Ok(integer) } else { Err(self.not_whole(at, integer.text)) }
    }

    /// A number as written. Anything else is skipped and recorded.
    #[inline]
    pub(crate) fn number_text(&mut self, at: &Path<'_>) -> Decoded<&'a str> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.mismatch(at, "number"));
        }
        self.number().map(|(number, _)| number.text)
    }

    /// The number that comes next, if it is written as an integer of at most 64 bits.
    #[inline]
    pub(crate) fn number_as_integer(&mut self) -> Decoded<Option<i128>> {
        let (integer, whole) = self.number()?;
        let magnitude = integer.magnitude.filter(|_| whole).map(i128::from);
        Ok(magnitude.map(|magnitude| if integer.negative { -magnitude } else { magnitude }))
    }

    /// The number that comes next, as written.
    pub(crate) fn number_as_text(&mut self) -> Decoded<&'a str> {
        Ok(self.number()?.0.text)
    }

    /// A whole number from 1 to 2^53-1; `None` for any other value, which is skipped.
    #[inline]
    pub(crate) fn safe_positive(&mut self) -> Decoded<Option<u64>> {
        Ok(self.safe_natural()?.filter(|value| *value > 0))
    }

    /// The same from 0 on.
    #[inline]
    pub(crate) fn safe_natural(&mut self) -> Decoded<Option<u64>> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.skip().map(|()| None);
        }
        let start = self.position;
        let (number, whole) = self.number()?;
        if whole && let Some(value @ ..=SAFE_INTEGER) = number.as_u64() {
            return Ok(Some(value));
        }
        // Read once more as what is skipped, which says no to what is not finite.
        self.position = start;
        self.skip_number().map(|()| None)
    }

    /// Passes the number that comes next, which must be finite as an `f64`.
    pub(super) fn skip_number(&mut self) -> Decoded<()> {
        let start = self.position;
        let (number, whole) = self.number()?;
        if whole && number.text.len() <= SURELY_FINITE || self.looking_ahead > 0 || is_finite(number.text) {
            return Ok(());
        }
        self.position = start;
        Err(self.fail("number out of range"))
    }

    /// The number that comes next, and whether it has neither point nor exponent.
    #[inline]
    pub(super) fn number(&mut self) -> Decoded<(Integer<'a>, bool)> {
        let start = self.position;
        let negative = self.byte() == Some(b'-');
        self.position += usize::from(negative);
        let first = self.position;
        let sum = self.digits()?;
        let digit_count = self.position - first;
        if digit_count > 1 && self.text.as_bytes()[first] == b'0' {
            self.position = first;
            return Err(self.fail("number with a leading zero"));
        }
        let whole = !matches!(self.byte(), Some(b'.' | b'e' | b'E'));
        if !whole {
            self.fraction_and_exponent()?;
        }
        let text = &self.text[start..self.position];
        let magnitude =
            if digit_count <= MOST_SAFE_DIGITS { Some(sum) } else { text.trim_start_matches('-').parse().ok() };
        Ok((Integer { text, negative, magnitude }, whole))
    }

    /// One digit or more; their sum is right as long as they are few.
    #[inline]
    fn digits(&mut self) -> Decoded<u64> {
        let start = self.position;
        let mut sum = 0_u64;
        while let Some(byte @ b'0'..=b'9') = self.byte() {
            sum = sum.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            self.position += 1;
        }
        if self.position == start { Err(self.fail("expected a digit")) } else { Ok(sum) }
    }

    fn fraction_and_exponent(&mut self) -> Decoded<()> {
        if self.byte() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// A number with point or exponent where a whole one was wanted; one beyond `f64` is no better here
    /// than where it is skipped, but can be named.
    #[cold]
    fn not_whole(&mut self, at: &Path<'_>, text: &str) -> Fault {
        if is_finite(text) {
            self.report.add(at, "type", "integer", "number with a point or exponent")
        } else {
            self.report.add(at, "range", "a finite number", text)
        }
    }
}

fn is_finite(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Digits that no `u64` is too small for.
const MOST_SAFE_DIGITS: usize = 19;
/// Length of a whole number that is finite as an `f64`, whatever its digits.
const SURELY_FINITE: usize = 300;
