//! Text with the way it is to be read.

use super::reader::Reader;

/// A text: JSON, or what [`unpack`](crate::pack::unpack) has made of MessagePack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    text: &'a str,
    packed: bool,
}

impl<'a> From<&'a str> for Source<'a> {
    /// JSON.
    fn from(text: &'a str) -> Self {
        Self { text, packed: false }
    }
}

impl<'a> From<&'a String> for Source<'a> {
    fn from(text: &'a String) -> Self {
        Self::from(text.as_str())
    }
}

impl<'a> Source<'a> {
    /// What was MessagePack before.
    pub fn packed(text: &'a str) -> Self {
        Self { text, packed: true }
    }

    /// The text, and whether it was MessagePack before.
    pub fn of(text: &'a str, packed: bool) -> Self {
        Self { text, packed }
    }

    /// A reader at its start; see [`Reader::new`].
    #[inline]
    pub fn reader(self, max_depth: usize) -> Reader<'a> {
        match self.packed {
            false => Reader::new(self.text, max_depth),
            true => Reader::packed(self.text, max_depth),
        }
    }
}
