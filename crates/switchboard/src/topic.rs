//! Topics: names that connections subscribe to, made only by functions that `routes.wsr` generates.

use std::fmt;
use std::marker::PhantomData;

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
    /// For generated code: `key` is the full name, each place written by [`TopicPart`](switchboard_core::TopicPart).
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
