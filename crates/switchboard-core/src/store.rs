//! Where logs survive a restart: what a store is asked for, whatever it is made of.
//!
//! One thread of the server owns the store and calls it; a call may block. The server holds to these promises because
//! the store holds to its own: a [`Store::commit`] that has returned `Ok` is there after a crash, all of it; one that has
//! failed may be there or not, and what it held may be committed again, in the same places.

use std::error::Error as StdError;

use crate::log::{Epoch, Kept};

/// What a store fails with.
pub type StoreError = Box<dyn StdError + Send + Sync>;

/// Logs by key, on something that lasts.
pub trait Store: Send + 'static {
    /// What was put down by [`Change::Era`]; `None` in a new store.
    ///
    /// # Errors
    /// What it is made of has failed.
    fn era(&mut self) -> Result<Option<Era>, StoreError>;

    /// A log as it is stored, all its events with it.
    ///
    /// # Errors
    /// What it is made of has failed.
    fn load(&mut self, key: &str) -> Result<Option<StoredLog>, StoreError>;

    /// Makes these changes, in order, all or none, and so that they last.
    ///
    /// # Errors
    /// What it is made of has failed.
    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError>;

    /// Up to `count` logs with keys behind `after`, by key.
    ///
    /// # Errors
    /// What it is made of has failed.
    fn list(&mut self, after: Option<&str>, count: usize) -> Result<Vec<Listed>, StoreError>;
}

/// What is new in a log that has not been written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Era {
    /// Its epoch.
    pub epoch: Epoch,
    /// Whether mailboxes with events that nobody had received have been forgotten.
    pub lossy: bool,
}

/// A change of what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// One more event. The first one of a log makes the log.
    Append {
        /// Of this log.
        key: &'a str,
        /// Its epoch, as at each of its events.
        epoch: Epoch,
        /// One more than that of the last event, or the same as one whose commit has failed.
        offset: u64,
        /// The event.
        kept: &'a Kept,
        /// When it is too old to be kept, in milliseconds since 1970.
        until: u64,
    },
    /// Events up to this offset are no longer kept.
    Trim {
        /// Of this log.
        key: &'a str,
        /// The last of them.
        floor: u64,
    },
    /// The owner has received everything up to this offset. Nothing when there is no such log.
    Seen {
        /// Of this log.
        key: &'a str,
        /// The last of them.
        offset: u64,
    },
    /// A log is gone, its events with it.
    Forget {
        /// This one.
        key: &'a str,
    },
    /// What [`Store::era`] is from now on.
    Era(Era),
}

/// A log as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLog {
    /// Its epoch.
    pub epoch: Epoch,
    /// The offset of its last event.
    pub head: u64,
    /// Everything up to here has been received by its owner.
    pub seen: u64,
    /// The last events up to `head`.
    pub kept: Vec<Kept>,
}

/// A log in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// The bytes of its events.
    pub bytes: u64,
    /// The time of its last event.
    pub time: u64,
    /// When all its events are too old.
    pub until: u64,
    /// Whether it has events that its owner has not received.
    pub unseen: bool,
}
