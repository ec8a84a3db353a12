//! What a connection has missed, piece by piece, as fast as it takes it.

use std::sync::Arc;

use bytes::Bytes;

use super::slot::State;
use super::{LogKey, Slot, Standpoint, append_kept};

/// Events from one offset to another on their way to a connection that is not live there yet.
#[derive(Debug)]
pub(crate) struct CatchUp {
    slot: Arc<Slot>,
    /// Everything up to here has been given.
    from: u64,
    /// What comes behind it waits with the hub.
    to: u64,
    /// All of it, if it is little.
    held: Option<Vec<Bytes>>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// There is more.
    More,
    /// That was all.
    Done,
    /// What was to come next is no longer kept: the connection was too slow.
    Lost,
}

impl CatchUp {
    pub fn new(standpoint: &Standpoint) -> Self {
        let greeting = &standpoint.greeting;
        let (from, to) = (greeting.welcome.from, greeting.welcome.position.offset);
        Self { slot: Arc::clone(&standpoint.slot), from, to, held: greeting.missed.clone() }
    }

    /// Appends the frames that come next, until they have `most` bytes.
    pub fn next(&mut self, out: &mut Vec<u8>, most: usize) -> Progress {
        if self.from >= self.to {
            return Progress::Done;
        }
        let key = LogKey::of(&self.slot.key);
        if let Some(held) = &self.held {
            (self.from + 1..).zip(held).for_each(|(offset, bytes)| append_kept(out, key, offset, bytes));
            self.from = self.to;
            return Progress::Done;
        }
        let state = self.slot.state.lock();
        let State::Warm(warm) = &*state else { return Progress::Lost };
        let Some(behind) = warm.log.after(self.from) else { return Progress::Lost };
        for (offset, kept) in behind.take_while(|(offset, _)| *offset <= self.to) {
            if out.len() >= most {
                return Progress::More;
            }
            append_kept(out, key, offset, &kept.bytes);
            self.from = offset;
        }
        Progress::Done
    }

    /// The log, if it is that of a mailbox.
    pub fn mailbox(&self) -> Option<&Slot> {
        matches!(LogKey::of(&self.slot.key), LogKey::Mailbox(_)).then_some(&self.slot)
    }
}
