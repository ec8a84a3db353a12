//! The type `json`: any value, as a tree.

use serde_json::{Map, Number, Value};

use super::reader::Reader;
use crate::path::Path;
use crate::report::{Decoded, Fault};

impl<'a> Reader<'a> {
    /// Any value. Recurses at most as deep as the reader's own limit lets objects and arrays nest.
    ///
    /// A key that comes twice in one object is refused, and so is a number that is not finite.
    pub(crate) fn value(&mut self, at: &Path<'_>) -> Decoded<Value> {
        match self.peek() {
            Some(b'{') => self.value_object(at).map(Value::Object),
            Some(b'[') => crate::decode::list(self, at, Reader::value).map(Value::Array),
            Some(b'"') => Ok(Value::String(self.quoted()?.into_owned())),
            Some(b't' | b'f') => self.boolean(at).map(Value::Bool),
            Some(b'-' | b'0'..=b'9') => self.value_number(at).map(Value::Number),
            _ if self.null() => Ok(Value::Null),
            // No value begins like this: skipping it says so.
            _ => Err(self.mismatch(at, "a value")),
        }
    }

    fn value_object(&mut self, at: &Path<'_>) -> Decoded<Map<String, Value>> {
        self.object(at)?;
        self.value_members(at)
    }

    /// The members of the object that has just been entered.
    pub(super) fn value_members(&mut self, at: &Path<'_>) -> Decoded<Map<String, Value>> {
        let mut members = Map::new();
        let mut sound = true;
        while let Some(key) = self.next_key()? {
            let at = at.key(&key);
            if members.contains_key(&*key) {
                self.duplicate_key(&at)?;
                sound = false;
                continue;
            }
            match self.value(&at) {
                Ok(value) => _ = members.insert(key.into_owned(), value),
                Err(Fault::Malformed) => return Err(Fault::Malformed),
                Err(Fault::Invalid) => sound = false,
            }
        }
        if sound { Ok(members) } else { Err(Fault::Invalid) }
    }

    fn value_number(&mut self, at: &Path<'_>) -> Decoded<Number> {
        let (number, whole) = self.number()?;
        // As serde_json has it, `-0` is the float, for an integer has no sign at zero.
        if whole && number.text != "-0" {
            if let Some(value) = number.as_u64() {
                return Ok(value.into());
            }
            if let Some(value) = number.as_i64() {
                return Ok(value.into());
            }
        }
        let value = number.text.parse().ok().and_then(Number::from_f64);
        value.ok_or_else(|| self.report.add(at, "range", "a finite number", number.text))
    }
}
