//! Topics: names that connections subscribe to, made only by functions that `routes.wsr` generates.

use std::fmt::{self, Write};
use std::marker::PhantomData;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use switchboard_core::{Email, Uri};
use uuid::Uuid;

use crate::hub::Address;
use crate::protocol::TopicInfo;

/// One topic, such as `chat/rooms/lobby`; `T` is the marker of the `topic` line that it comes from, so that only
/// events with that audience can be pushed to it.
///
/// Generated functions make them: `chat::rooms(&room)`.
pub struct Topic<T> {
    key: String,
    info: &'static TopicInfo,
    line: PhantomData<fn() -> T>,
}

impl<T> Topic<T> {
    /// For generated code: `key` is the full name, each place written by [`TopicPart::append`].
    #[doc(hidden)]
    pub fn new(key: String, info: &'static TopicInfo) -> Self {
        Self { key, info, line: PhantomData }
    }

    /// The full name.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name and the line.
    #[doc(hidden)]
    pub fn address(&self) -> Address<'_> {
        Address { key: &self.key, line: self.info }
    }
}

impl<T> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self::new(self.key.clone(), self.info)
    }
}

impl<T> fmt::Debug for Topic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({})", self.key)
    }
}

impl<T> fmt::Display for Topic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

impl<T> PartialEq for Topic<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<T> Eq for Topic<T> {}

impl<T> AsRef<str> for Topic<T> {
    fn as_ref(&self) -> &str {
        &self.key
    }
}

/// A value that may stand in a topic's place.
pub trait TopicPart {
    /// Appends it to a topic's name. `/` and `%` are percent-encoded, so that no value can reach another topic.
    fn append(&self, key: &mut String);
}

impl TopicPart for str {
    fn append(&self, key: &mut String) {
        for part in self.split_inclusive(['/', '%']) {
            match part.strip_suffix(['/', '%']) {
                None => key.push_str(part),
                Some(plain) => {
                    key.push_str(plain);
                    key.push_str(if part.ends_with('/') { "%2F" } else { "%25" });
                }
            }
        }
    }
}

impl TopicPart for String {
    fn append(&self, key: &mut String) {
        self.as_str().append(key);
    }
}

impl<T: TopicPart + ?Sized> TopicPart for &T {
    fn append(&self, key: &mut String) {
        (**self).append(key);
    }
}

macro_rules! displayed {
    ($($ty:ty),*) => {$(
        impl TopicPart for $ty {
            fn append(&self, key: &mut String) {
                // Writing into a String cannot fail.
                let _ = write!(key, "{self}");
            }
        }
    )*};
}

displayed!(u8, u16, u32, u64, i8, i16, i32, i64, bool, Uuid, Timestamp, Date, IpAddr);

macro_rules! texts {
    ($($ty:ty),*) => {$(
        impl TopicPart for $ty {
            fn append(&self, key: &mut String) {
                self.as_str().append(key);
            }
        }
    )*};
}

texts!(Email, Uri);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_reach_another_topic() {
        let mut key = String::from("chat/rooms/");
        "a/b%2F".append(&mut key);
        assert_eq!(key, "chat/rooms/a%2Fb%252F");
    }

    #[test]
    fn numbers_are_written_as_they_are() {
        let mut key = String::from("mixer/");
        31_u8.append(&mut key);
        assert_eq!(key, "mixer/31");
    }
}
