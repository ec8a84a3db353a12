//! How fast a client reads.

use std::task::Context;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// A client that reads slowly, as told; for [`Kit::connect_slow`](super::Kit::connect_slow).
///
/// What it does not read stays in the connection's buffer, then in the server's outbox, until the server does
/// something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowReader(Speed);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speed {
    Bytes(usize),
    PerSecond(usize),
}

impl SlowReader {
    /// Reads nothing once it is connected.
    pub fn paused() -> Self {
        Self::after(0)
    }

    /// Reads so many bytes and then nothing.
    pub fn after(bytes: usize) -> Self {
        Self(Speed::Bytes(bytes))
    }

    /// Reads so many bytes a second, in steps of a tenth of it.
    pub fn bytes_per_second(bytes: usize) -> Self {
        Self(Speed::PerSecond(bytes))
    }
}

/// How much may be read now.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// None: everything.
    allowance: Option<usize>,
    slow: Option<Trickle>,
}

#[derive(Debug)]
struct Trickle {
    a_second: usize,
    /// Tenths of bytes.
    owed: usize,
    tick: Interval,
}

impl From<SlowReader> for Pace {
    fn from(SlowReader(speed): SlowReader) -> Self {
        match speed {
            Speed::Bytes(bytes) => Self { allowance: Some(bytes), slow: None },
            Speed::PerSecond(a_second) => {
                let mut tick = interval(Duration::from_millis(100));
                tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
                Self { allowance: Some(0), slow: Some(Trickle { a_second, owed: 0, tick }) }
            }
        }
    }
}

impl Pace {
    /// Reads nothing more.
    pub fn pause(&mut self) {
        (self.allowance, self.slow) = (Some(0), None);
    }

    /// Reads everything.
    pub fn resume(&mut self) {
        (self.allowance, self.slow) = (None, None);
    }

    /// Reads so many bytes more than it would.
    pub fn allow(&mut self, bytes: usize) {
        self.allowance = self.allowance.map(|allowance| allowance.saturating_add(bytes));
    }

    /// How many bytes may be read now; the task is woken when it is more.
    pub fn poll_allowed(&mut self, task: &mut Context<'_>) -> usize {
        let Some(allowance) = &mut self.allowance else { return usize::MAX };
        if let Some(Trickle { a_second, owed, tick }) = &mut self.slow {
            while tick.poll_tick(task).is_ready() {
                *owed += *a_second;
                *allowance = (*allowance + *owed / 10).min(*a_second);
                *owed %= 10;
            }
        }
        *allowance
    }

    /// So many have been.
    pub fn spend(&mut self, bytes: usize) {
        self.allowance = self.allowance.map(|allowance| allowance.saturating_sub(bytes));
    }
}
