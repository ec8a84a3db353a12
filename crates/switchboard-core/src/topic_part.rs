//! What may stand in the places of a topic's name.

use std::fmt::Write;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::text::{Email, Uri};

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
