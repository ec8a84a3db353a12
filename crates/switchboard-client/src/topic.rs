//! What joining a topic gives.

use std::ops::Deref;

/// A topic that was joined, and the answer to the message that did it.
#[derive(Clone, Debug)]
pub struct Joined<T, R> {
    /// The topic's handle.
    pub topic: T,
    /// The answer.
    pub reply: R,
}

impl<T, R> Joined<T, R> {
    /// For generated code.
    #[doc(hidden)]
    pub fn new(topic: T, reply: R) -> Self {
        Self { topic, reply }
    }
}

impl<T, R> Deref for Joined<T, R> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.topic
    }
}
