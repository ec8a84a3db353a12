//! Messages that are handled beside others: boxed chains that the connection's own task polls.
//!
//! Nothing is decided here but when a chain's time is over. Why one was stopped is kept until its future has been
//! dropped, which is at its next await.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::FuturesUnordered;
use switchboard_core::Rejection;
use switchboard_core::schedule::Slot;
use tokio::time::Instant;

use super::trouble::Trouble;
use crate::handler::panicked;
use crate::protocol::Turn;

/// The chain of one message.
pub(super) type Chain = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send>>;

/// The chains of one connection that run beside each other.
#[derive(Default)]
pub(super) struct Beside {
    jobs: FuturesUnordered<Job>,
    /// What is known of them, in the order they began.
    entries: Vec<Entry>,
    next: u64,
}

/// One message that is being handled.
pub(super) struct Running {
    /// Which one.
    pub route: u16,
    /// Its place in the schedule; a stream has none.
    pub slot: Option<Slot>,
    /// What belongs to it.
    pub turn: Arc<Turn>,
    /// Whether it may be stopped before its time is over.
    pub droppable: bool,
    /// Its time, and when it is over.
    pub deadline: Option<(Instant, Duration)>,
}

impl Running {
    /// Whether it answers with a stream.
    pub fn is_stream(&self) -> bool {
        self.slot.is_none()
    }
}

struct Entry {
    id: u64,
    running: Running,
    handle: AbortHandle,
    /// Why it has been stopped.
    why: Option<Trouble>,
}

impl Entry {
    /// The first reason stands.
    fn stop(&mut self, why: Trouble) {
        self.why.get_or_insert(why);
        self.handle.abort();
    }
}

impl Beside {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many streams run, and how many of them of this message.
    pub fn streams(&self, route: u16) -> (usize, usize) {
        let streams = self.entries.iter().filter(|entry| entry.running.is_stream());
        (streams.clone().count(), streams.filter(|entry| entry.running.route == route).count())
    }

    /// Begins one.
    pub fn begin(&mut self, running: Running, chain: Chain) {
        let id = self.next;
        self.next += 1;
        let (handle, registration) = AbortHandle::new_pair();
        self.entries.push(Entry { id, running, handle, why: None });
        self.jobs.push(Job { id, chain: Abortable::new(chain, registration) });
    }

    /// The next one that has ended, and how.
    pub fn poll_ended(&mut self, task: &mut Context<'_>) -> Poll<(Running, Result<(), Trouble>)> {
        while !self.entries.is_empty()
            && let Poll::Ready(Some((id, outcome))) = self.jobs.poll_next_unpin(task)
        {
            let Some(index) = self.entries.iter().position(|entry| entry.id == id) else { continue };
            let Entry { running, why, .. } = self.entries.remove(index);
            let outcome = outcome.unwrap_or_else(|| Err(why.unwrap_or(Trouble::Cancelled)));
            return Poll::Ready((running, outcome));
        }
        Poll::Pending
    }

    /// The client takes back the message with this id; whether there is one.
    pub fn cancel(&mut self, reference: u64) -> bool {
        let found = self.entries.iter_mut().find(|entry| entry.running.turn.reference() == Some(reference));
        let Some(entry) = found else { return false };
        if entry.running.droppable {
            entry.stop(Trouble::Cancelled);
        }
        true
    }

    /// Stops what may be stopped.
    pub fn leave(&mut self) {
        let droppable = self.entries.iter_mut().filter(|entry| entry.running.droppable);
        droppable.for_each(|entry| entry.stop(Trouble::Cancelled));
    }

    /// Stops the streams, which would go on for ever.
    pub fn drain(&mut self) {
        let streams = self.entries.iter_mut().filter(|entry| entry.running.is_stream());
        streams.for_each(|entry| entry.stop(Trouble::Draining));
    }

    /// Stops those whose time is over.
    pub fn expire(&mut self, now: Instant) {
        for entry in &mut self.entries {
            if let Some((_, allowed)) = entry.running.deadline.filter(|(end, _)| *end <= now) {
                entry.stop(Trouble::TooLate(allowed));
            }
        }
    }

    /// When [`Self::expire`] has something to do; nothing more with those that have been stopped already.
    pub fn wake(&self) -> Option<Instant> {
        let going = self.entries.iter().filter(|entry| entry.why.is_none());
        going.filter_map(|entry| entry.running.deadline).map(|(end, _)| end).min()
    }
}

/// A chain that can be stopped, whose panics are its own.
struct Job {
    id: u64,
    chain: Abortable<Chain>,
}

impl Future for Job {
    /// Its number, and how it ended unless it was stopped.
    type Output = (u64, Option<Result<(), Trouble>>);

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let id = self.id;
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.chain).poll(task)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(outcome)) => {
                Poll::Ready((id, outcome.ok().map(|outcome| outcome.map_err(Trouble::Refused))))
            }
            Err(panic) => Poll::Ready((id, Some(Err(Trouble::Panicked(panicked(panic.as_ref())))))),
        }
    }
}
