//! What has been counted, by message and by event.
//!
//! Tables of relaxed atomics, indexed by the numbers of routes and events. A broadcast counts by itself what became of it
//! at its receivers and is added once.

use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_core::outbox::{Fate, Outcome};

use crate::protocol::{EventInfo, Protocol};

/// The counters of one server.
#[derive(Debug)]
pub(crate) struct Counters {
    events: Box<[EventCounters]>,
}

/// What became of an event at its receivers: each that was meant is counted under one of the other names too, but for
/// those that are waited for.
#[derive(Debug, Default)]
struct EventCounters {
    /// Meant and taken, and nothing else to be said; the other two are about the rest.
    plain: AtomicU64,
    meant: AtomicU64,
    taken: AtomicU64,
    coalesced: AtomicU64,
    dropped: AtomicU64,
    refused: AtomicU64,
    closed: AtomicU64,
}

impl Counters {
    /// Everything at 0.
    pub fn new<P: Protocol>() -> Self {
        Self { events: P::EVENTS.iter().map(|_| EventCounters::default()).collect() }
    }

    /// Adds what became of an event.
    pub fn event(&self, info: &EventInfo, tally: &Tally) {
        let Some(counters) = self.events.get(usize::from(info.index)) else { return };
        if tally.is_plain() {
            return add(&counters.plain, tally.meant);
        }
        add(&counters.meant, tally.meant);
        add(&counters.taken, tally.reached);
        // These had been taken before.
        counters.taken.fetch_sub((tally.coalesced + tally.displaced) as u64, Ordering::Relaxed);
        add(&counters.coalesced, tally.coalesced);
        add(&counters.dropped, tally.displaced + tally.dropped);
        add(&counters.refused, tally.refused);
        add(&counters.closed, tally.closed);
    }
}

/// What became of one event at some receivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Whom it was for.
    pub meant: usize,
    /// Who took it.
    pub reached: usize,
    /// Earlier ones of the event that were taken and gave way to it, by their key …
    pub coalesced: usize,
    /// … or for want of room.
    pub displaced: usize,
    /// Who had no room for it.
    pub dropped: usize,
    /// Who takes nothing any more.
    pub refused: usize,
    /// Who takes nothing any more because of it.
    pub closed: usize,
}

impl Tally {
    /// Of one receiver.
    pub fn of(outcome: Option<Outcome>) -> Self {
        let mut tally = Self::default();
        tally.add(outcome);
        tally
    }

    /// One more receiver. One that is waited for is none yet.
    pub fn add(&mut self, outcome: Option<Outcome>) {
        self.meant += 1;
        let Some(Outcome { fate, cost }) = outcome else {
            self.refused += 1;
            return;
        };
        self.coalesced += cost.coalesced;
        self.displaced += cost.dropped;
        match fate {
            Fate::Taken => self.reached += 1,
            Fate::Dropped => self.dropped += 1,
            Fate::Overflowed => {
                self.refused += 1;
                self.closed += 1;
            }
            Fate::NoRoom => self.meant -= 1,
        }
    }

    fn is_plain(&self) -> bool {
        self.meant == self.reached && self.coalesced + self.displaced == 0
    }
}

fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}
