//! What a connection's task should look at, as bits of one number: one load a message when there is nothing.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

/// One thing to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Signal {
    /// The socket was full when somebody wrote.
    Blocked = 1,
    /// Close now.
    Close = 1 << 1,
    /// Close when the running handler has ended.
    CloseAfter = 1 << 2,
    /// The server drains.
    Drain = 1 << 3,
    /// A write has failed.
    Broken = 1 << 4,
    /// What the connection has missed has not all been given to it.
    CatchUp = 1 << 5,
}

/// The raised ones.
#[derive(Default)]
pub(crate) struct Signals(AtomicU8);

impl Signals {
    /// Raises one; the caller wakes the task.
    pub fn raise(&self, signal: Signal) {
        self.0.fetch_or(signal as u8, Ordering::AcqRel);
    }

    /// Lowers one.
    pub fn lower(&self, signal: Signal) {
        self.0.fetch_and(!(signal as u8), Ordering::AcqRel);
    }

    /// Whether any is raised.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    /// Whether this one is raised.
    pub fn has(&self, signal: Signal) -> bool {
        self.0.load(Ordering::Acquire) & signal as u8 != 0
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signals({:#07b})", self.0.load(Ordering::Relaxed))
    }
}
