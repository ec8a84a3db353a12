//! Encoding of the built-in types, and of lists, maps and what may be null.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::decode::Key;
use crate::write;

/// A type that can be written as JSON.
///
/// Integers of 64 bits are left out on purpose: whether they travel as numbers or as text depends on
/// their limits, so whoever knows those calls [`write::int`] or [`write::int_text`].
pub trait Encode {
    /// Appends this value as compact JSON.
    fn encode(&self, out: &mut Vec<u8>);
}

macro_rules! encode {
    ($($type:ty: $value:ident, $out:ident => $write:expr;)*) => {$(
        impl Encode for $type {
            #[inline]
            fn encode(&self, $out: &mut Vec<u8>) {
                let $value = self;
                $write
            }
        }
    )*};
}

encode! {
    bool: value, out => write::boolean(out, *value);
    u8: value, out => write::int(out, *value);
    u16: value, out => write::int(out, *value);
    u32: value, out => write::int(out, *value);
    i8: value, out => write::int(out, *value);
    i16: value, out => write::int(out, *value);
    i32: value, out => write::int(out, *value);
    f32: value, out => write::float(out, *value);
    f64: value, out => write::float(out, *value);
    str: value, out => write::string(out, value);
    String: value, out => write::string(out, value);
    Bytes: value, out => write::bytes(out, value);
    Uuid: value, out => write::uuid(out, value);
    Timestamp: value, out => write::timestamp(out, value);
    Date: value, out => write::display(out, value);
    IpAddr: value, out => write::display(out, value);
    Duration: value, out => write::duration(out, value);
    serde_json::Value: value, out => write::value(out, value);
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        T::encode(self, out);
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        T::encode(self, out);
    }
}

/// `None` is `null`.
impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.encode(out),
            None => write::null(out),
        }
    }
}

impl<T: Encode> Encode for [T] {
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        write::list(out, self, |out, item| item.encode(out));
    }
}

impl<T: Encode> Encode for Vec<T> {
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_slice().encode(out);
    }
}

impl<K: Key, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, out: &mut Vec<u8>) {
        write::map(out, self, |out, value| value.encode(out));
    }
}
