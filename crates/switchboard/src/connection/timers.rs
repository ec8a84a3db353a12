//! One timer a connection, set late: it is moved only when something is due before it rings.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::flow::saturating_add;

/// Wakes a task at some time, or before.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
    /// When it will ring; none: it is not set.
    set: Option<Instant>,
}

impl Alarm {
    /// One that is not set.
    pub fn new(now: Instant) -> Self {
        Self { sleep: Box::pin(sleep_until(now)), set: None }
    }

    /// Makes sure that `task` is woken at `at` or before.
    pub fn set(&mut self, at: Instant, now: Instant, task: &mut Context<'_>) {
        if self.set.is_some_and(|set| now < set && set <= at) {
            return;
        }
        self.sleep.as_mut().reset(at);
        // Without budget the timer would not be registered, and nobody would come back to do it.
        if !has_budget_remaining() || self.sleep.as_mut().poll(task).is_ready() {
            self.set = None;
            task.waker().wake_by_ref();
        } else {
            self.set = Some(at);
        }
    }
}

/// Whether the peer still lives.
#[derive(Debug)]
pub(super) struct Pulse {
    /// Something came since the last ping.
    pub heard: bool,
    missed: u32,
    next: Instant,
    every: Duration,
    most: u32,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing now.
    Wait,
    /// Ping it.
    Ping,
    /// It is gone.
    Stop,
}

impl Pulse {
    /// A peer that has just come.
    pub fn new(now: Instant, every: Duration, most: u32) -> Self {
        Self { heard: true, missed: 0, next: saturating_add(now, every), every, most }
    }

    /// When [`Self::beat`] has something to do.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// `listening`: we read from the peer, so its silence means something.
    pub fn beat(&mut self, now: Instant, listening: bool) -> Beat {
        if now < self.next {
            return Beat::Wait;
        }
        self.next = saturating_add(now, self.every);
        self.missed = if std::mem::take(&mut self.heard) || !listening { 0 } else { self.missed + 1 };
        if self.missed >= self.most { Beat::Stop } else { Beat::Ping }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_after_two_pings_is_the_end() {
        let (start, every) = (Instant::now(), Duration::from_secs(25));
        let mut pulse = Pulse::new(start, every, 2);
        assert_eq!(pulse.beat(start + every / 2, true), Beat::Wait);
        assert_eq!(pulse.beat(start + every, true), Beat::Ping);
        assert_eq!(pulse.beat(start + 2 * every, true), Beat::Ping);
        assert_eq!(pulse.beat(start + 3 * every, true), Beat::Stop);
    }

    #[test]
    fn any_sign_of_life_is_enough_and_who_is_not_listened_to_cannot_give_one() {
        let (start, every) = (Instant::now(), Duration::from_secs(25));
        let mut pulse = Pulse::new(start, every, 1);
        for beat in 1..10 {
            pulse.heard = beat % 2 == 0;
            assert_eq!(pulse.beat(start + beat * every, beat % 2 == 0), Beat::Ping);
        }
    }
}
