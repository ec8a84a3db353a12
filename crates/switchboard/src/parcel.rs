//! A parcel: one event on its way to the outboxes of many.
//!
//! Receivers whose sockets take bytes get a copy of it. What the others need beside that is made when the first of them
//! is met, once for all: most events meet none.

use std::cell::OnceCell;
use std::fmt;

use bytes::Bytes;
use switchboard_core::outbox::{Offer, Overflow};
use switchboard_core::pack::Packer;

use crate::connection::packed;
use crate::hub::Group;
use crate::protocol::EventInfo;

/// What each receiver is given.
pub(crate) struct Parcel<'a> {
    info: &'static EventInfo,
    frames: &'a [u8],
    append_key: &'a dyn Fn(&mut Vec<u8>),
    kept: Option<u64>,
    shared: OnceCell<Bytes>,
    /// In MessagePack; `None` in it when it cannot be said in that.
    packed: OnceCell<Option<Bytes>>,
    key: OnceCell<Bytes>,
}

impl<'a> Parcel<'a> {
    /// An event with its bytes. `append_key` is asked for what `@overflow(keep_latest, by: …)` names.
    pub fn new(info: &'static EventInfo, frames: &'a [u8], append_key: &'a dyn Fn(&mut Vec<u8>)) -> Self {
        let (shared, packed, key) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { info, frames, append_key, kept: None, shared, packed, key }
    }

    /// The same at this offset of a mailbox that keeps it: receivers are asked whether they have it, and who has no room
    /// for it is closed, whatever the event says.
    pub fn kept(self, offset: u64) -> Self {
        Self { kept: Some(offset), ..self }
    }

    /// Its offset in the mailbox that keeps it.
    pub fn offset(&self) -> Option<u64> {
        self.kept
    }

    /// What `@overflow(keep_latest, by: …)` names, for a parcel of the same event that is made later.
    pub fn own_key(&self) -> Vec<u8> {
        let mut key = Vec::new();
        if self.info.overflow == Overflow::KeepLatest {
            (self.append_key)(&mut key);
        }
        key
    }

    /// Which event it is.
    pub fn info(&self) -> &'static EventInfo {
        self.info
    }

    /// Whole frames, encoded.
    pub fn frames(&self) -> &'a [u8] {
        self.frames
    }

    /// The same for those who speak MessagePack; made for the first of them.
    pub fn packed(&self, packer: &Packer) -> Option<&Bytes> {
        self.packed.get_or_init(|| packed(packer, self.frames, None).map(Bytes::from)).as_ref()
    }

    /// The same for an outbox whose socket is full. A parcel is for groups of one kind, and for one topic.
    pub fn offer(&self, group: Group<'_>) -> Offer {
        let frame = self.shared.get_or_init(|| Bytes::copy_from_slice(self.frames)).clone();
        let overflow = if self.kept.is_some() { Overflow::Close } else { self.info.overflow };
        let key = match overflow {
            Overflow::KeepLatest => self.key.get_or_init(|| self.key(group)).clone(),
            _ => Bytes::new(),
        };
        Offer { frame, event: self.info.index, overflow, key }
    }

    /// What is the latest in one topic says nothing of another.
    fn key(&self, group: Group<'_>) -> Bytes {
        let mut key = Vec::new();
        let (kind, topic) = match group {
            Group::Everyone => (0, ""),
            Group::Roles(_) => (1, ""),
            Group::Mailbox(_) => (2, ""),
            Group::Topic(topic) => (3, topic),
        };
        key.push(kind);
        key.extend_from_slice(&(topic.len() as u64).to_be_bytes());
        key.extend_from_slice(topic.as_bytes());
        (self.append_key)(&mut key);
        key.into()
    }
}

impl fmt::Debug for Parcel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel").field("event", &self.info.name).field("bytes", &self.frames.len()).finish()
    }
}
