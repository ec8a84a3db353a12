//! A parcel: one event on its way to the outboxes of many.

use crate::protocol::EventInfo;

/// What each receiver is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parcel<'a> {
    info: &'static EventInfo,
    frames: &'a [u8],
}

impl<'a> Parcel<'a> {
    /// An event with its bytes.
    pub fn new(info: &'static EventInfo, frames: &'a [u8]) -> Self {
        Self { info, frames }
    }

    /// Which event it is.
    #[expect(dead_code, reason = "the outbox asks for it once it has policies")]
    pub fn info(&self) -> &'static EventInfo {
        self.info
    }

    /// Whole frames, encoded.
    pub fn frames(&self) -> &'a [u8] {
        self.frames
    }
}
