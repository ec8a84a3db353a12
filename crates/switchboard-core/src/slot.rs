//! A field while its object is being read: not yet seen, seen and wrong, or there.

use crate::json::Reader;
use crate::path::Path;
use crate::report::{Decoded, Fault};

/// One field of an object that is being read; members may come in any order, each once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot<T> {
    /// The key has not come.
    #[default]
    Absent,
    /// The key has come and its value broke a rule, which the report has.
    Faulty,
    /// The key has come with this value.
    Value(T),
}

impl<T> Slot<T> {
    /// A slot whose key has not come.
    #[inline]
    pub const fn new() -> Self {
        Self::Absent
    }

    /// Reads the field's value with `read`; a second time, skips it and records `duplicate_key`.
    ///
    /// The error is always [`Fault::Malformed`]: a violation is remembered here instead, so that the
    /// fields behind it are read and checked as well.
    #[inline]
    pub fn read<'a>(
        &mut self,
        r: &mut Reader<'a>,
        at: &Path<'_>,
        read: impl FnOnce(&mut Reader<'a>, &Path<'_>) -> Decoded<T>,
    ) -> Result<(), Fault> {
        if !matches!(self, Self::Absent) {
            return r.duplicate_key(at);
        }
        *self = match read(r, at) {
            Ok(value) => Self::Value(value),
            Err(Fault::Invalid) => Self::Faulty,
            Err(Fault::Malformed) => return Err(Fault::Malformed),
        };
        Ok(())
    }

    /// The value; if the key has not come, records `required` at the field's own path.
    #[inline]
    pub fn required(self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<T> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Faulty => Err(Fault::Invalid),
            Self::Absent => Err(r.report.add(at, "required", "a value", "nothing")),
        }
    }

    /// The value, or the default if the key has not come.
    #[inline]
    pub fn or_default(self, default: impl FnOnce() -> T) -> Decoded<T> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Faulty => Err(Fault::Invalid),
            Self::Absent => Ok(default()),
        }
    }

    /// The value, or `None` if the key has not come.
    #[inline]
    pub fn optional(self) -> Decoded<Option<T>> {
        match self {
            Self::Value(value) => Ok(Some(value)),
            Self::Faulty => Err(Fault::Invalid),
            Self::Absent => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decode;

    #[test]
    fn a_second_value_is_refused_and_skipped() {
        let mut r = Reader::new("1 2", 8);
        let root = Path::root();
        let at = root.key("n");
        let mut slot = Slot::new();
        slot.read(&mut r, &at, u8::decode).unwrap();
        slot.read(&mut r, &at, u8::decode).unwrap();
        assert_eq!(r.finish(), Ok(()));
        assert_eq!(r.report.violations()[0].rule, "duplicate_key");
        assert_eq!(r.report.violations()[0].at, "/n");
    }

    #[test]
    fn a_faulty_value_is_neither_absent_nor_defaulted() {
        let mut r = Reader::new("300", 8);
        let mut slot = Slot::new();
        slot.read(&mut r, &Path::root(), u8::decode).unwrap();
        assert_eq!(slot, Slot::Faulty);
        assert_eq!(slot.or_default(|| 5), Err(Fault::Invalid));
        assert_eq!(r.report.violations().len(), 1);
    }

    #[test]
    fn an_absent_field_is_required_defaulted_or_none() {
        let mut r = Reader::new("", 8);
        let root = Path::root();
        assert_eq!(Slot::<u8>::new().required(&mut r, &root.key("n")), Err(Fault::Invalid));
        assert_eq!(r.report.violations()[0].at, "/n");
        assert_eq!(r.report.violations()[0].rule, "required");
        assert_eq!(Slot::new().or_default(|| 5), Ok(5));
        assert_eq!(Slot::<u8>::new().optional(), Ok(None));
    }
}
