//! What a connection's task waits for: messages, signals from others, and time.
//!
//! Two ways to wait: [`Ear::poll_next`] for the next message, and [`Ear::poll_aside`] while a handler runs, when control
//! frames are still answered and a few messages are kept for later.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use switchboard_core::frame::Opcode;
use switchboard_core::rate::{Gcra, Quota};
use tokio::time::Instant;

use super::timers::{Alarm, Beat, Pulse};
use super::{Connection, Signal};
use crate::close;
use crate::config::Limits;
use crate::flow::{Flows, saturating_add};
use crate::transport::reader::{Ending, Heard, Inbound, Reader};

/// The listening side of one connection.
pub(super) struct Ear {
    connection: Arc<Connection>,
    reader: Reader,
    limits: Arc<Limits>,
    /// Messages that came while a handler ran, and their bytes.
    inbox: VecDeque<Inbound>,
    inbox_bytes: usize,
    most_inbox_bytes: usize,
    /// How the connection ended while a handler ran.
    ended: Option<Ending>,
    /// The peer does not take what we send, so we do not take what it sends.
    paused: bool,
    /// Since when no byte left, and how many had by then.
    stall: Option<(Instant, u64)>,
    control: (Gcra, Quota),
    pulse: Pulse,
    alarm: Alarm,
    /// The time of this turn, asked for once.
    now: Option<Instant>,
    epoch: Instant,
}

impl Ear {
    /// `epoch` is what [`Self::nanos`] counts from.
    pub fn new(
        connection: Arc<Connection>,
        reader: Reader,
        limits: Arc<Limits>,
        message_bytes: usize,
        epoch: Instant,
    ) -> Self {
        let now = Instant::now();
        let pulse = Pulse::new(now, limits.ping, limits.missed_pings);
        let control = limits.control_frames.max(1);
        Self {
            connection,
            reader,
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            most_inbox_bytes: message_bytes.saturating_mul(4),
            ended: None,
            paused: false,
            stall: None,
            control: (Gcra::new(), Quota::new(2 * control, Duration::from_secs(2))),
            pulse,
            alarm: Alarm::new(now),
            now: Some(now),
            epoch,
            limits,
        }
    }

    /// The time of this turn.
    pub fn now(&mut self) -> Instant {
        *self.now.get_or_insert_with(Instant::now)
    }

    /// The same in nanoseconds since the server began.
    pub fn nanos(&mut self) -> u64 {
        let since = self.now().saturating_duration_since(self.epoch);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }

    /// The next message, in the order they came, or how the connection ends.
    pub fn poll_next(&mut self, task: &mut Context<'_>, flows: &mut Flows) -> Poll<Result<Inbound, Ending>> {
        if self.connection.signals().any()
            && let Some(ending) = self.attend(task, false)
        {
            return Poll::Ready(Err(ending));
        }
        if let Some(message) = self.inbox.pop_front() {
            self.inbox_bytes -= message.len();
            return Poll::Ready(Ok(message));
        }
        if let Some(ending) = self.ended.take() {
            return Poll::Ready(Err(ending));
        }
        if !self.paused
            && let Poll::Ready(heard) = self.poll_message(task)
        {
            return Poll::Ready(heard);
        }
        match self.poll_quiet(task, flows) {
            Some(ending) => Poll::Ready(Err(ending)),
            None => Poll::Pending,
        }
    }

    /// While a handler runs: ready when `deadline` is over. An end of the connection is said at once and kept for
    /// [`Self::poll_next`]; the handler goes on.
    pub fn poll_aside(&mut self, task: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let now = self.now();
        if now >= deadline {
            return Poll::Ready(());
        }
        if self.ended.is_none() {
            self.ended = self.overhear(task).or_else(|| self.keep_time(task, Some(deadline)));
            if let Some(ending) = &self.ended {
                self.connection.begin(ending);
            }
        }
        if self.ended.is_some() {
            self.alarm.set(deadline, now, task);
        }
        self.now = None;
        Poll::Pending
    }

    /// For the end; see [`super::parting`].
    pub fn into_parts(self) -> (Arc<Connection>, Reader) {
        (self.connection, self.reader)
    }

    fn overhear(&mut self, task: &mut Context<'_>) -> Option<Ending> {
        if self.connection.signals().any()
            && let Some(ending) = self.attend(task, true)
        {
            return Some(ending);
        }
        while !self.paused && !self.inbox_is_full() {
            match self.poll_message(task) {
                Poll::Pending => break,
                Poll::Ready(Err(ending)) => return Some(ending),
                Poll::Ready(Ok(message)) => {
                    self.inbox_bytes += message.len();
                    self.inbox.push_back(message);
                }
            }
        }
        None
    }

    fn inbox_is_full(&self) -> bool {
        self.inbox.len() >= self.limits.inbox || self.inbox_bytes >= self.most_inbox_bytes
    }

    fn poll_message(&mut self, task: &mut Context<'_>) -> Poll<Result<Inbound, Ending>> {
        loop {
            match self.reader.poll_read(task, &self.connection) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(ending)) => return Poll::Ready(Err(ending)),
                Poll::Ready(Ok(Heard::Message(message))) => {
                    self.pulse.heard = true;
                    return Poll::Ready(Ok(message));
                }
                Poll::Ready(Ok(Heard::Control)) => {
                    self.pulse.heard = true;
                    let now = self.nanos();
                    let (budget, quota) = &mut self.control;
                    if budget.admit(now, *quota).is_err() {
                        return Poll::Ready(Err(Ending::say(close::POLICY, "too many control frames")));
                    }
                }
            }
        }
    }

    /// Looks at what others want of this connection.
    fn attend(&mut self, task: &mut Context<'_>, handling: bool) -> Option<Ending> {
        let connection = Arc::clone(&self.connection);
        let signals = connection.signals();
        if signals.has(Signal::Blocked) {
            self.wait_for_room(task);
        } else {
            (self.paused, self.stall) = (false, None);
        }
        if signals.has(Signal::Broken) {
            return Some(Ending::Gone);
        }
        if signals.has(Signal::Close) || (signals.has(Signal::CloseAfter) && !handling) {
            return connection.take_wanted().map(Ending::Say);
        }
        None
    }

    fn wait_for_room(&mut self, task: &mut Context<'_>) {
        let freed = self.connection.poll_unblock(task).is_ready();
        let (unsent, sent) = self.connection.backlog();
        self.paused = !freed && unsent > self.limits.pause_bytes;
        self.stall = match self.stall {
            _ if freed => None,
            Some((since, before)) if before == sent => Some((since, before)),
            _ => Some((self.now(), sent)),
        };
    }

    /// There is no message now.
    fn poll_quiet(&mut self, task: &mut Context<'_>, flows: &mut Flows) -> Option<Ending> {
        if self.connection.signals().has(Signal::Drain) {
            return Some(Ending::say(close::GOING_AWAY, "the server is shutting down"));
        }
        let now = self.now();
        if flows.wake().is_some_and(|wake| wake <= now)
            && let Some(flow) = flows.expire(now)
        {
            tracing::debug!(flow, connection = %self.connection.id(), "a flow timed out");
            return Some(Ending::say(close::FLOW_TIMEOUT, "the time for this state is over"));
        }
        let ending = self.keep_time(task, flows.wake());
        self.now = None;
        ending
    }

    /// Pings, notices what hangs, and sets the alarm for what comes next.
    fn keep_time(&mut self, task: &mut Context<'_>, also: Option<Instant>) -> Option<Ending> {
        let now = self.now();
        let listening = !self.paused && !self.inbox_is_full() && self.ended.is_none();
        match self.pulse.beat(now, listening) {
            Beat::Wait => {}
            Beat::Ping => self.connection.control(Opcode::Ping, b""),
            Beat::Stop => return Some(Ending::say(close::UNRESPONSIVE, "pings were not answered")),
        }
        let stalled = self.stall.map(|(since, _)| saturating_add(since, self.limits.write));
        if stalled.is_some_and(|end| end <= now) {
            return Some(Ending::Gone);
        }
        let next = [Some(self.pulse.next()), stalled, also].into_iter().flatten().min();
        self.alarm.set(next.unwrap_or(now), now, task);
        None
    }
}
