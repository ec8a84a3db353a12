//! Limits of values: each function adds its violation to the report and returns whether the limit holds.
//!
//! What is wanted is text that the generator made from the protocol, such as `3..=32`.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::ops::{Bound, RangeBounds};

use regex::Regex;

use crate::path::Path;
use crate::report::Report;

/// Rule `len`: `n` bytes, items or entries.
#[inline]
pub fn len(report: &mut Report, at: &Path<'_>, n: usize, min: u64, max: Option<u64>, want: &'static str) -> bool {
    let count = n as u64;
    let holds = count >= min && max.is_none_or(|max| count <= max);
    holds || broken(report, at, "len", want, n)
}

/// Rule `len` for text, whose length is counted in Unicode scalar values.
///
/// They are only counted when the length in bytes leaves a doubt: a character has one to four.
#[inline]
pub fn text_len(
    report: &mut Report,
    at: &Path<'_>,
    text: &str,
    min: u64,
    max: Option<u64>,
    want: &'static str,
) -> bool {
    let bytes = text.len() as u64;
    if bytes.div_ceil(4) >= min && max.is_none_or(|max| bytes <= max) {
        return true;
    }
    len(report, at, chars(text), min, max, want)
}

/// How many Unicode scalar values `text` has.
#[inline]
pub fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Rule `range` for integers and, in milliseconds, durations.
#[inline]
pub fn int(
    report: &mut Report,
    at: &Path<'_>,
    value: impl Into<i128>,
    min: Option<i128>,
    max: Option<i128>,
    want: &'static str,
) -> bool {
    let value = value.into();
    let holds = min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max);
    holds || broken(report, at, "range", want, value)
}

/// Rule `range` for floats. Bounds are of the value's own type, so that `f32(..=0.1)` lets 0.1 in.
#[inline]
pub fn float<F: Float>(
    report: &mut Report,
    at: &Path<'_>,
    value: F,
    min: Option<F>,
    max: Option<F>,
    want: &'static str,
) -> bool {
    let holds = min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max);
    // NaN is neither above nor below anything, and never holds.
    holds && value.into().is_finite() || broken(report, at, "range", want, value)
}

/// Rule `range` for floats where a bound itself may be shut out.
#[inline]
pub fn float_between<F: Float>(
    report: &mut Report,
    at: &Path<'_>,
    value: F,
    min: Bound<F>,
    max: Bound<F>,
    want: &'static str,
) -> bool {
    (min, max).contains(&value) && value.into().is_finite() || broken(report, at, "range", want, value)
}

/// Rule `one_of` for integers and, in milliseconds, durations.
#[inline]
pub fn one_of_int(
    report: &mut Report,
    at: &Path<'_>,
    value: impl Into<i128>,
    allowed: &[i128],
    want: &'static str,
) -> bool {
    let value = value.into();
    allowed.contains(&value) || broken(report, at, "one_of", want, value)
}

/// Rule `one_of` for floats, which are compared in the value's own type.
#[inline]
pub fn one_of_float<F: Float>(report: &mut Report, at: &Path<'_>, value: F, allowed: &[F], want: &'static str) -> bool {
    allowed.contains(&value) || broken(report, at, "one_of", want, value)
}

/// Rule `multiple_of` for integers.
#[inline]
pub fn multiple_of_int(
    report: &mut Report,
    at: &Path<'_>,
    value: impl Into<i128>,
    factor: i128,
    want: &'static str,
) -> bool {
    let value = value.into();
    let holds = value.checked_rem(factor) == Some(0);
    holds || broken(report, at, "multiple_of", want, value)
}

/// Rule `multiple_of` for floats, which are seldom exact: 0.3 is a multiple of 0.1.
#[inline]
pub fn multiple_of_float<F: Float>(
    report: &mut Report,
    at: &Path<'_>,
    value: F,
    factor: F,
    want: &'static str,
) -> bool {
    let quotient: f64 = value.into() / factor.into();
    let holds = (quotient - quotient.round()).abs() <= F::TOLERANCE * quotient.abs().max(1.0);
    holds || broken(report, at, "multiple_of", want, value)
}

/// Rule `match`: the pattern, which the generator anchors at both ends, matches.
#[inline]
pub fn pattern(report: &mut Report, at: &Path<'_>, text: &str, regex: &Regex, want: &'static str) -> bool {
    regex.is_match(text) || broken(report, at, "match", want, text)
}

/// Rule `match` for a pattern that is one class of ASCII characters repeated: `table` has `true` for each
/// byte that is in it. How many there may be is left to [`len`].
#[inline]
pub fn class(report: &mut Report, at: &Path<'_>, text: &str, table: &[bool; 256], want: &'static str) -> bool {
    text.bytes().all(|byte| table[usize::from(byte)]) || broken(report, at, "match", want, text)
}

/// Rule `unique`: no two items are equal.
pub fn unique<T: Hash + Eq>(report: &mut Report, at: &Path<'_>, items: &[T]) -> bool {
    unique_by(report, at, items, |item| item)
}

/// Rule `unique` for items that are compared by a key; for floats that is `to_bits`.
pub fn unique_by<'a, T, K: Hash + Eq>(
    report: &mut Report,
    at: &Path<'_>,
    items: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> bool {
    let second = if items.len() <= FEW { second_of_few(items, key) } else { second_of_many(items, key) };
    match second {
        None => true,
        Some(index) => broken(report, at, "unique", "no two equal items", format_args!("item {index} again")),
    }
}

fn second_of_few<'a, T, K: Eq>(items: &'a [T], key: impl Fn(&'a T) -> K) -> Option<usize> {
    (1..items.len()).find(|&index| items[..index].iter().any(|earlier| key(earlier) == key(&items[index])))
}

/// Peers choose the items, so the set's hash has a seed of its own in each process.
fn second_of_many<'a, T, K: Hash + Eq>(items: &'a [T], key: impl Fn(&'a T) -> K) -> Option<usize> {
    let mut seen = HashSet::with_capacity(items.len());
    items.iter().position(|item| !seen.insert(key(item)))
}

/// `f32` and `f64`.
pub trait Float: Copy + PartialOrd + Display + Into<f64> + ryu::Float + sealed::Sealed {
    /// How far from whole a quotient may be, in parts of itself, to count as whole.
    const TOLERANCE: f64;
}

impl Float for f32 {
    const TOLERANCE: f64 = 1e-6;
}

impl Float for f64 {
    const TOLERANCE: f64 = 1e-9;
}

mod sealed {
    /// Keeps [`super::Float`] to the two types it is about.
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

#[cold]
fn broken(report: &mut Report, at: &Path<'_>, rule: &'static str, want: &'static str, got: impl Display) -> bool {
    report.add(at, rule, want, got);
    false
}

/// Items that are compared each with each faster than they are hashed.
const FEW: usize = 8;

#[cfg(test)]
mod tests;
