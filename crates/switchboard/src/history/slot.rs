//! A place for one log in memory.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_core::log::{Bounds, Log, Position, Welcome};
use switchboard_core::store::{Era, StoredLog};

use super::LogKey;
use super::receipt::NotKept;

/// One log.
pub(crate) struct Slot {
    pub(super) key: Box<str>,
    pub(super) bounds: Bounds,
    pub(super) state: Mutex<State>,
    /// When it was last written or joined.
    used: AtomicU64,
}

/// What its lock guards.
pub(super) enum State {
    /// It has not been loaded; who waits for that.
    Cold(Vec<Waiter>),
    /// It is here.
    Warm(Warm),
    /// It is no longer in the map; look again.
    Gone,
}

/// A log that is here.
pub(super) struct Warm {
    pub log: Log,
    /// Events that nobody had received may have been forgotten before this log began.
    pub unsure: bool,
}

/// What somebody is told who comes to a log.
#[derive(Clone, Debug)]
pub(crate) struct Greeting {
    /// Where it stands, and what follows.
    pub welcome: Welcome,
    /// Nobody knows what is lost.
    pub unsure: bool,
    /// What follows, if it is little: then it is there whatever the log lets go of meanwhile.
    pub missed: Option<Vec<Bytes>>,
}

/// Called with the log once it is loaded, before anything else is done to it.
pub(super) type Waiter = Box<dyn FnOnce(LogKey<'_>, Result<&mut Warm, &NotKept>) + Send>;

impl Slot {
    pub(super) fn new(key: Box<str>, bounds: Bounds, state: State) -> Self {
        Self { key, bounds, state: Mutex::new(state), used: AtomicU64::new(0) }
    }

    pub fn touch(&self, now: u64) {
        self.used.fetch_max(now, Ordering::Relaxed);
    }

    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Shows where the log stands; nothing is published meanwhile.
    pub fn with_head(&self, act: impl FnOnce(u64)) {
        if let State::Warm(warm) = &*self.state.lock() {
            act(warm.log.position().offset);
        }
    }

    /// Whether it never had an event.
    pub fn is_empty(&self) -> bool {
        matches!(&*self.state.lock(), State::Warm(warm) if warm.log.position().offset == 0)
    }
}

impl State {
    /// A log that begins.
    pub fn new(era: Era, bounds: Bounds) -> Self {
        Self::Warm(Warm { log: Log::new(era.epoch, bounds), unsure: era.lossy })
    }

    /// A log as it was stored.
    pub fn restored(stored: StoredLog, era: Era, bounds: Bounds) -> Self {
        let StoredLog { epoch, head, seen, kept } = stored;
        Self::Warm(Warm { unsure: era.lossy && seen == 0, log: Log::restore(epoch, bounds, head, seen, kept) })
    }
}

impl Warm {
    /// What somebody is told who comes now.
    pub fn greet(&self, key: LogKey<'_>, since: Option<Position>) -> Greeting {
        let welcome = match key {
            LogKey::Topic(_) => self.log.join(since),
            LogKey::Mailbox(_) => self.log.sign_in(since),
        };
        let unsure = matches!(key, LogKey::Mailbox(_)) && self.unsure && welcome.recovered != Some(true);
        Greeting { welcome, unsure, missed: self.few(welcome.from) }
    }

    /// The events behind an offset, if they are few.
    fn few(&self, from: u64) -> Option<Vec<Bytes>> {
        let mut bytes = 0;
        let mut missed = Vec::new();
        for (_, kept) in self.log.after(from)? {
            bytes += kept.bytes.len();
            if bytes > FEW_BYTES {
                return None;
            }
            missed.push(kept.bytes.clone());
        }
        Some(missed)
    }

    /// Whether it has events that the owner has not received.
    pub fn has_unseen(&self) -> bool {
        self.log.seen() < self.log.position().offset
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What is held for each who comes, at most.
const FEW_BYTES: usize = 64 * 1_024;
/// What a log without events is counted as.
pub(super) const OVERHEAD: usize = 256;
