//! Limits of outgoing values: what the application made is checked before anybody hears of it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::decode::{Key, SAFE_INTEGER};
use crate::path::Path;
use crate::report::Report;

/// A value whose limits can be asked. Types that cannot hold a bad value have nothing to say.
pub trait Check {
    /// Adds to the report what is wrong with this value, which is at `at`.
    fn check(&self, report: &mut Report, at: &Path<'_>);
}

macro_rules! always_holds {
    ($($type:ty)*) => {$(
        impl Check for $type {
            #[inline]
            fn check(&self, _: &mut Report, _: &Path<'_>) {}
        }
    )*};
}

always_holds! { () bool u8 u16 u32 u64 i8 i16 i32 i64 str String Bytes Uuid IpAddr serde_json::Value }

macro_rules! must_be_finite {
    ($($type:ty)*) => {$(
        impl Check for $type {
            #[inline]
            fn check(&self, report: &mut Report, at: &Path<'_>) {
                if !self.is_finite() {
                    report.add(at, "range", "a finite number", self);
                }
            }
        }
    )*};
}

must_be_finite! { f32 f64 }

impl Check for Duration {
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        if self.as_millis() > u128::from(SAFE_INTEGER) {
            report.add(at, "range", "at most 9007199254740991 ms", self.as_millis());
        }
    }
}

impl Check for Timestamp {
    /// RFC 3339 has no years before 0.
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        if self.as_second() < YEAR_0 {
            report.add(at, "range", "a year from 0 to 9999", self);
        }
    }
}

impl Check for Date {
    /// Nor days of such years.
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        if self.year() < 0 {
            report.add(at, "range", "a year from 0 to 9999", self);
        }
    }
}

impl<T: Check + ?Sized> Check for &T {
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        T::check(self, report, at);
    }
}

impl<T: Check + ?Sized> Check for Box<T> {
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        T::check(self, report, at);
    }
}

impl<T: Check> Check for Option<T> {
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        if let Some(value) = self {
            value.check(report, at);
        }
    }
}

impl<T: Check> Check for [T] {
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        for (index, item) in self.iter().enumerate() {
            item.check(report, &at.index(index));
        }
    }
}

impl<T: Check> Check for Vec<T> {
    #[inline]
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        self.as_slice().check(report, at);
    }
}

impl<K: Key, V: Check> Check for BTreeMap<K, V> {
    fn check(&self, report: &mut Report, at: &Path<'_>) {
        for (key, value) in self {
            let mut first_look = Report::new();
            value.check(&mut first_look, at);
            // The key's text is only made when there is something to say about its value.
            if !first_look.is_empty() {
                value.check(report, &at.key(&key_text(key)));
            }
        }
    }
}

/// Whether a value keeps what its type asks; for constructors of types that may hold no other.
pub fn holds(value: &impl Check, report: &mut Report, at: &Path<'_>) -> bool {
    let before = report.count();
    value.check(report, at);
    report.count() == before
}

/// What is wrong with the object of a variant that the protocol does not know: it says by its tag which it is, and
/// that is none of those that are `known`.
pub fn unknown_variant(value: &serde_json::Value, tag: &str, known: &[&str], report: &mut Report, at: &Path<'_>) {
    match value.as_object().map(|members| members.get(tag)) {
        None => _ = report.add(at, "type", "object", "another value"),
        Some(Some(serde_json::Value::String(name))) if known.contains(&name.as_str()) => {
            report.add(&at.key(tag), "one_of", "a variant that is not declared", name);
        }
        Some(Some(serde_json::Value::String(_))) => {}
        Some(Some(_)) => _ = report.add(&at.key(tag), "type", "string", "another value"),
        Some(None) => _ = report.add(&at.key(tag), "required", "a value", "nothing"),
    }
}

fn key_text(key: &impl Key) -> String {
    let mut quoted = Vec::new();
    key.encode_key(&mut quoted);
    serde_json::from_slice(&quoted).unwrap_or_default()
}

/// 0000-01-01T00:00:00Z in seconds since 1970.
const YEAR_0: i64 = -62_167_219_200;

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(value: &impl Check) -> Vec<String> {
        let mut report = Report::new();
        value.check(&mut report, &Path::root());
        report.violations().iter().map(|violation| violation.at.clone()).collect()
    }

    #[test]
    fn a_number_that_json_cannot_write_is_found_wherever_it_is() {
        assert_eq!(violations(&vec![1.0, f64::NAN, 2.0, f64::INFINITY]), ["/1", "/3"]);
        assert_eq!(violations(&BTreeMap::from([("a/b".to_owned(), Some(f32::NAN))])), ["/a~1b"]);
        assert!(violations(&Some(Box::new(1.5))).is_empty());
    }

    #[test]
    fn durations_and_timestamps_that_no_reader_takes_are_found() {
        assert_eq!(violations(&Duration::from_millis(SAFE_INTEGER)).len(), 0);
        assert_eq!(violations(&Duration::from_millis(SAFE_INTEGER + 1)), [""]);
        assert_eq!(violations(&"0000-01-01T00:00:00Z".parse::<Timestamp>().unwrap()).len(), 0);
        assert_eq!(violations(&Timestamp::MIN), [""]);
        assert_eq!(violations(&Timestamp::MAX).len(), 0);
        assert_eq!(violations(&Date::MIN), [""]);
        assert_eq!(violations(&Date::MAX).len(), 0);
    }
}
