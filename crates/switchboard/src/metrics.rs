//! What has been counted, by message, by event and by state of a flow.
//!
//! Tables of relaxed atomics, indexed by the numbers of routes, events and states, several of each for threads that count at
//! once. A broadcast counts by itself what became
//! of it at its receivers and is added once. What is not counted here is looked up when somebody asks.

mod exposition;
mod snapshot;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use switchboard_core::outbox::{Fate, Outcome};
use switchboard_core::{Code, Rejection};

pub(crate) use self::exposition::{CONTENT_TYPE, expose};
pub use self::snapshot::{EventMetrics, FlowMetrics, MessageMetrics, Metrics, OutboxMetrics, Policy};
use crate::Cx;
use crate::audit;
use crate::protocol::{EventInfo, Flow, Protocol};

/// A message has been dealt with: with success, or with this refusal.
pub(crate) fn message<P: Protocol>(cx: &Cx<P>, route: u16, refusal: Option<&Rejection>) {
    let declared = &P::ROUTES[usize::from(route)];
    audit::message(cx, declared, refusal.map(Rejection::code));
    let counters = cx.switchboard().hub().counters();
    match refusal {
        None => counters.succeeded(route),
        Some(rejection) => counters.refused(route, rejection, Policy::of(declared, rejection)),
    }
}

/// The counters of one server.
#[derive(Debug)]
pub(crate) struct Counters {
    messages: Striped<MessageCounters>,
    events: Striped<EventCounters>,
    /// By flow and state; flows on topics behind those of connections.
    flows: Box<[Box<[AtomicU64]>]>,
    /// Refusals of what has no name, by code.
    stray: PerCode,
    connections: AtomicU64,
    /// Those of them whose client was made for another protocol.
    other_contracts: AtomicU64,
    /// Bytes that were in outboxes of connections that broke.
    lost: AtomicU64,
}

type PerCode = [AtomicU64; Code::ALL.len()];

#[derive(Debug, Default)]
struct MessageCounters {
    received: AtomicU64,
    in_progress: AtomicU64,
    ok: AtomicU64,
    forgiven: AtomicU64,
    refused: PerCode,
    by_policy: [AtomicU64; Policy::ALL.len()],
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
        Self {
            messages: Striped::new(P::ROUTES.len()),
            events: Striped::new(P::EVENTS.len()),
            flows: every_flow::<P>().map(|flow| flow.states.iter().map(|_| AtomicU64::new(0)).collect()).collect(),
            stray: PerCode::default(),
            connections: AtomicU64::new(0),
            other_contracts: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        }
    }

    /// A connection has come.
    pub fn connected(&self) {
        add(&self.connections, 1);
    }

    /// The client of a connection was made for another protocol.
    pub fn other_contract(&self) {
        add(&self.other_contracts, 1);
    }

    /// A connection has broken with so many bytes unsent.
    pub fn lost(&self, bytes: usize) {
        add(&self.lost, bytes);
    }

    /// A message has been let in, and is in progress as long as what is returned lives.
    pub fn begin(self: &Arc<Self>, route: u16) -> InProgress {
        if let Some(row) = self.messages.row(route) {
            row.add(|counters| &counters.received, 1);
            row.add(|counters| &counters.in_progress, 1);
        }
        InProgress { counters: Arc::clone(self), route }
    }

    /// A message has come, whatever becomes of it.
    pub fn received(&self, route: u16) {
        if let Some(row) = self.messages.row(route) {
            row.add(|counters| &counters.received, 1);
        }
    }

    /// A second message with a key that is known: it was answered as the first, or refused.
    pub fn idempotent(&self, route: u16) {
        if let Some(row) = self.messages.row(route) {
            row.add(|counters| &counters.by_policy[Policy::Idempotent as usize], 1);
        }
    }

    /// Something was refused that has no name that we know.
    pub fn stray(&self, code: Code) {
        add(&self.stray[code as usize], 1);
    }

    /// Somebody's flow, or a topic's, is in this state from now on, and no longer in that one. With `None` it begins or
    /// is gone.
    pub fn flow(&self, flow: u8, before: Option<u8>, after: Option<u8>) {
        let Some(states) = self.flows.get(usize::from(flow)) else { return };
        let state = |state: Option<u8>| states.get(usize::from(state?));
        if let Some(after) = state(after) {
            add(after, 1);
        }
        if let Some(before) = state(before) {
            before.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A handler of this message has failed, and its chain goes on.
    pub fn forgiven(&self, route: u16) {
        if let Some(row) = self.messages.row(route) {
            row.add(|counters| &counters.forgiven, 1);
        }
    }

    fn succeeded(&self, route: u16) {
        if let Some(row) = self.messages.row(route) {
            row.add(|counters| &counters.ok, 1);
        }
    }

    fn refused(&self, route: u16, rejection: &Rejection, policy: Option<Policy>) {
        let Some(row) = self.messages.row(route) else { return };
        row.add(|counters| &counters.refused[rejection.code() as usize], 1);
        if let Some(policy) = policy {
            row.add(|counters| &counters.by_policy[policy as usize], 1);
        }
    }

    /// Adds what became of an event.
    pub fn event(&self, info: &EventInfo, tally: &Tally) {
        let Some(row) = self.events.row(info.index) else { return };
        if tally.is_plain() {
            return row.add(|counters| &counters.plain, tally.meant);
        }
        row.add(|counters| &counters.meant, tally.meant);
        row.add(|counters| &counters.taken, tally.reached);
        // These had been taken before.
        row.subtract(|counters| &counters.taken, tally.coalesced + tally.displaced);
        row.add(|counters| &counters.coalesced, tally.coalesced);
        row.add(|counters| &counters.dropped, tally.displaced + tally.dropped);
        row.add(|counters| &counters.refused, tally.refused);
        row.add(|counters| &counters.closed, tally.closed);
    }
}

/// Flows of connections, then those on topics.
fn every_flow<P: Protocol>() -> impl Iterator<Item = &'static Flow> {
    P::FLOWS.iter().chain(P::ROOMS.iter().map(|room| &room.flow))
}

/// Tables that threads count in without fighting over one line of memory: the first ones have one each, to which nobody
/// else writes, so that counting is not even atomic; those that come later share the others. A counter may go down in
/// another table than it went up in: only sums have a meaning.
#[derive(Debug)]
struct Striped<T>([Box<[T]>; OWN + SHARED]);

impl<T: Default> Striped<T> {
    fn new(rows: usize) -> Self {
        Self(std::array::from_fn(|_| (0..rows).map(|_| T::default()).collect()))
    }

    /// A row of the table of this thread.
    fn row(&self, row: u16) -> Option<Row<'_, T>> {
        thread_local! {
            static THREAD: usize = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        // A thread that ends may still count.
        let thread = THREAD.try_with(|thread| *thread).unwrap_or(OWN);
        let own = thread < OWN;
        let table = if own { thread } else { OWN + thread % SHARED };
        self.0[table].get(usize::from(row)).map(|counters| Row { counters, own })
    }

    /// What all tables have in a counter of a row.
    fn sum(&self, row: usize, counter: impl Fn(&T) -> &AtomicU64) -> u64 {
        let rows = self.0.iter().filter_map(|table| table.get(row));
        rows.map(|row| counter(row).load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
    }
}

/// Threads that have a table of their own.
const OWN: usize = 8;
/// Tables that the others share.
const SHARED: usize = 4;

/// The counters of one message or event in one table.
struct Row<'a, T> {
    counters: &'a T,
    /// Only this thread writes here.
    own: bool,
}

impl<T> Row<'_, T> {
    fn add(&self, counter: impl FnOnce(&T) -> &AtomicU64, count: usize) {
        self.change(counter, count as u64);
    }

    fn subtract(&self, counter: impl FnOnce(&T) -> &AtomicU64, count: usize) {
        self.change(counter, (count as u64).wrapping_neg());
    }

    #[inline]
    fn change(&self, counter: impl FnOnce(&T) -> &AtomicU64, count: u64) {
        let counter = counter(self.counters);
        if self.own {
            counter.store(counter.load(Ordering::Relaxed).wrapping_add(count), Ordering::Relaxed);
        } else {
            counter.fetch_add(count, Ordering::Relaxed);
        }
    }
}

/// One message in progress.
#[derive(Debug)]
pub(crate) struct InProgress {
    counters: Arc<Counters>,
    route: u16,
}

impl Drop for InProgress {
    fn drop(&mut self) {
        if let Some(row) = self.counters.messages.row(self.route) {
            row.subtract(|counters| &counters.in_progress, 1);
        }
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
    #[inline]
    pub fn add(&mut self, outcome: Option<Outcome>) {
        self.meant += 1;
        match outcome {
            Some(Outcome::TAKEN) => self.reached += 1,
            other => self.add_odd(other),
        }
    }

    #[cold]
    fn add_odd(&mut self, outcome: Option<Outcome>) {
        let Some(Outcome { fate, cost }) = outcome else {
            self.refused += 1;
            return;
        };
        self.coalesced += cost.coalesced as usize;
        self.displaced += cost.dropped as usize;
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
        let others = self.coalesced + self.displaced + self.dropped + self.refused;
        self.meant == self.reached && others == 0
    }
}

fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_when_more_threads_count_than_have_a_table_of_their_own() {
        const EACH: usize = 10_000;
        let threads = 2 * (OWN + SHARED);
        let striped = Striped::<AtomicU64>::new(1);
        let count = || {
            for _ in 0..EACH {
                if let Some(row) = striped.row(0) {
                    row.add(|counter| counter, 2);
                    row.subtract(|counter| counter, 1);
                }
            }
        };
        std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(count)));
        assert_eq!(striped.sum(0, |counter| counter), (threads * EACH) as u64);
    }

    #[test]
    fn codes_and_policies_are_counted_in_their_own_places() {
        assert!(Code::ALL.iter().enumerate().all(|(index, code)| *code as usize == index));
        assert!(Policy::ALL.iter().enumerate().all(|(index, policy)| *policy as usize == index));
    }
}
