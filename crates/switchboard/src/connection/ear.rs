//! What a connection's task waits for: messages, signals from others, and time.
//!
//! Messages that may not begin yet wait here, undecoded and within bounds. What is done with them is decided by
//! [`Desk`](super::desk::Desk).

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use switchboard_core::envelope::Glance;
use switchboard_core::frame::Opcode;
use switchboard_core::rate::{Gcra, Quota};
use tokio::time::Instant;

use super::timers::{Alarm, Beat, Pulse};
use super::{Connection, Signal};
use crate::close;
use crate::config::Limits;
use crate::flow::saturating_add;
use crate::protocol::Protocol;
use crate::transport::reader::{Ending, Heard, Inbound, Reader};

/// The listening side of one connection.
pub(super) struct Ear {
    connection: Arc<Connection>,
    reader: Reader,
    limits: Arc<Limits>,
    /// Messages that may not begin yet, and their bytes.
    inbox: VecDeque<Waiting>,
    inbox_bytes: usize,
    most_inbox_bytes: usize,
    /// How the connection has ended.
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

    /// The next message or control frame from the socket, unless the peer does not take what we send.
    pub fn poll_message(&mut self, task: &mut Context<'_>) -> Poll<Result<Inbound, Ending>> {
        if self.paused {
            return Poll::Pending;
        }
        loop {
            match self.reader.poll_read(task, &self.connection) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(ending)) => return Poll::Ready(Err(ending)),
                Poll::Ready(Ok(Heard::Message(message))) => {
                    self.pulse.heard = true;
                    return Poll::Ready(Ok(message));
                }
                // One for each ping of ours, so there cannot be too many.
                Poll::Ready(Ok(Heard::Receipt)) => self.pulse.heard = true,
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

    /// Looks at what others want of this connection. `handling`: a message that is answered runs.
    pub fn attend(&mut self, task: &mut Context<'_>, handling: bool) -> Option<Ending> {
        let connection = Arc::clone(&self.connection);
        let signals = connection.signals();
        if signals.has(Signal::Blocked) {
            self.wait_for_room(task);
        } else {
            (self.paused, self.stall) = (false, None);
        }
        if signals.has(Signal::CatchUp) {
            if !signals.has(Signal::Blocked) {
                connection.pump();
            }
            // One thing after the other: what it says next may be about what it is just given.
            self.paused |= connection.is_catching_up();
        }
        if signals.has(Signal::Broken) {
            return Some(Ending::Gone);
        }
        if signals.has(Signal::Close) || (signals.has(Signal::CloseAfter) && !handling) {
            return connection.take_wanted().map(Ending::Say);
        }
        None
    }

    /// Pings, notices what hangs, and sets the alarm for what comes next.
    pub fn keep_time(&mut self, task: &mut Context<'_>, also: Option<Instant>) -> Option<Ending> {
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

    /// Makes sure that the task is woken at this time, and nothing else.
    pub fn set_alarm(&mut self, at: Instant, task: &mut Context<'_>) {
        let now = self.now();
        self.alarm.set(at, now, task);
    }

    /// The turn is over: the next one has a time of its own.
    pub fn forget_now(&mut self) {
        self.now = None;
    }

    /// The connection ends; it is said at once and kept for [`Self::take_ending`].
    pub fn end(&mut self, ending: Ending) {
        self.connection.begin(&ending);
        self.ended.get_or_insert(ending);
    }

    /// Whether it ends.
    pub fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// How it ends.
    pub fn take_ending(&mut self) -> Option<Ending> {
        self.ended.take()
    }

    /// For the end; see [`super::parting`].
    pub fn into_parts(self) -> (Arc<Connection>, Reader) {
        (self.connection, self.reader)
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
}

/// Messages that wait.
impl Ear {
    /// Whether none does.
    pub fn has_none_waiting(&self) -> bool {
        self.inbox.is_empty()
    }

    /// Whether no more may wait.
    pub fn inbox_is_full(&self) -> bool {
        self.inbox.len() >= self.limits.inbox || self.inbox_bytes >= self.most_inbox_bytes
    }

    /// Keeps a message for later.
    pub fn keep(&mut self, inbound: Inbound) {
        self.inbox_bytes += inbound.len();
        self.inbox.push_back(Waiting { inbound, route: None });
    }

    /// The number of the message that came first, as far as it can be told.
    pub fn first_route<P: Protocol>(&mut self) -> Option<u16> {
        let depth = self.limits.depth;
        self.inbox.front_mut().and_then(|waiting| waiting.route::<P>(depth))
    }

    /// The message that came first.
    pub fn take_first(&mut self) -> Option<Inbound> {
        let waiting = self.inbox.pop_front()?;
        self.inbox_bytes -= waiting.inbound.len();
        Some(waiting.inbound)
    }

    /// Takes a waiting message with this id away, if it is one that may be taken back; its number.
    pub fn take_back<P: Protocol>(&mut self, reference: u64) -> Option<u16> {
        let depth = self.limits.depth;
        let index = self.inbox.iter().position(|waiting| waiting.reference(depth) == Some(reference))?;
        let route = self.inbox.get_mut(index)?.route::<P>(depth)?;
        if !P::ROUTES[usize::from(route)].may_be_dropped() {
            return None;
        }
        let waiting = self.inbox.remove(index)?;
        self.inbox_bytes -= waiting.inbound.len();
        Some(route)
    }

    /// Nothing that waits is handled any more.
    pub fn forget_waiting(&mut self) {
        self.inbox.clear();
        self.inbox_bytes = 0;
    }
}

/// A message that waits, undecoded.
struct Waiting {
    inbound: Inbound,
    /// Its number once it has been looked for.
    route: Option<Option<u16>>,
}

impl Waiting {
    fn route<P: Protocol>(&mut self, depth: usize) -> Option<u16> {
        *self.route.get_or_insert_with(|| match (&self.inbound, self.inbound.envelope()) {
            (Inbound::Binary(bytes), _) => bytes.first().and_then(|tag| P::find_binary(*tag)),
            (_, text) => Glance::new(text?, depth).name().and_then(|name| P::find(&name)),
        })
    }

    fn reference(&self, depth: usize) -> Option<u64> {
        Glance::new(self.inbound.envelope()?, depth).id()
    }
}
