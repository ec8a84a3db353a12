//! What has been counted up to now, to be looked at.

use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_core::{Code, Rejection};

use super::{Counters, EventCounters, MessageCounters, PerCode, Striped};
use crate::protocol::{Protocol, Route};

/// What a server has counted since it was made, and what there is now; see
/// [`Switchboard::metrics`](crate::Switchboard::metrics).
///
/// Counters are read one after the other while they go on counting: sums fit exactly only when nothing happens meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Connections now.
    pub connections: u64,
    /// Connections that have come.
    pub connections_total: u64,
    /// Those of them whose client was made for another version of the protocol, and has said so.
    pub other_contracts: u64,
    /// Every message, in the order of `routes.wsr`.
    pub messages: Vec<MessageMetrics>,
    /// Every event, and every message that is relayed somewhere.
    pub events: Vec<EventMetrics>,
    /// How many connections are in each state of each flow; of flows on topics, how many topics that are kept.
    pub flows: Vec<FlowMetrics>,
    /// Refusals of what has no name that is known: malformed and unknown messages, by code.
    pub stray: Vec<(Code, u64)>,
    /// What waits in outboxes.
    pub outbox: OutboxMetrics,
}

/// What was counted of one message. `received` is `ok`, `refused` and `in_progress` together, and those that were left
/// unfinished when their connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageMetrics {
    /// Its full name on the wire.
    pub name: &'static str,
    /// Messages that came.
    pub received: u64,
    /// Those that succeeded.
    pub ok: u64,
    /// Failures of handlers behind `else continue`, which cost nothing but themselves.
    pub forgiven: u64,
    /// Those that were refused, by code; codes that never were are left out.
    pub refused: Vec<(Code, u64)>,
    /// The attributes that had something to say, and how often.
    pub by_policy: Vec<(Policy, u64)>,
    /// Those that are being handled, or wait for that.
    pub in_progress: u64,
}

/// What became of one event at its receivers: `meant` is `taken`, `coalesced`, `dropped` and `refused` together, and those
/// that are being waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventMetrics {
    /// Its full name on the wire.
    pub name: &'static str,
    /// Receivers that it was for.
    pub meant: u64,
    /// Receivers whose outboxes took it and have sent it, or will if the connection lasts.
    pub taken: u64,
    /// Taken at first, then replaced by a later one: `@overflow(keep_latest)`.
    pub coalesced: u64,
    /// Dropped for want of room: `@overflow(drop_oldest)`, and those that `@overflow(wait)` no longer waited for.
    pub dropped: u64,
    /// Not taken, since the connection was closing.
    pub refused: u64,
    /// How many of these it was that closed it: `@overflow(close)`.
    pub closed: u64,
}

/// How many stand in each state of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowMetrics {
    /// As written.
    pub name: &'static str,
    /// Each state, as written, with how many are in it.
    pub states: Vec<(&'static str, u64)>,
}

/// What waits in the outboxes of all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutboxMetrics {
    /// Bytes in all.
    pub bytes: u64,
    /// Frames behind sockets that are full.
    pub frames: u64,
    /// Connections whose sockets are full.
    pub full: u64,
    /// Bytes that were never sent, of connections that broke.
    pub lost_bytes: u64,
}

/// An attribute of a message that decides over it at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// `@rate`
    Rate,
    /// [`Limits::message_rate`](crate::Limits::message_rate), which is about messages of every name.
    MessageRate,
    /// `@limit`
    Limit,
    /// `@concurrent`
    Concurrent,
    /// `@deadline`
    Deadline,
    /// `@idempotent`: a second message with the same key, whether it got the answer of the first or was refused.
    Idempotent,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Rate, Self::MessageRate, Self::Limit, Self::Concurrent, Self::Deadline, Self::Idempotent];

    /// As it is in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::MessageRate => "message_rate",
            Self::Limit => "limit",
            Self::Concurrent => "concurrent",
            Self::Deadline => "deadline",
            Self::Idempotent => "idempotent",
        }
    }

    /// The one that refused a message, if one did.
    pub(super) fn of(route: &Route, rejection: &Rejection) -> Option<Self> {
        match rejection.code() {
            Code::TooLarge if route.limit.is_some() => Some(Self::Limit),
            Code::Timeout if route.deadline.is_some() => Some(Self::Deadline),
            Code::RateLimited => match rejection.limited_by()? {
                "connection" | "identity" | "address" => Some(Self::Rate),
                "all" => Some(Self::MessageRate),
                "concurrent" => Some(Self::Concurrent),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Metrics {
    /// What was counted of the message with this full name.
    pub fn message(&self, name: &str) -> Option<&MessageMetrics> {
        self.messages.iter().find(|message| message.name == name)
    }

    /// What became of the event with this full name.
    pub fn event(&self, name: &str) -> Option<&EventMetrics> {
        self.events.iter().find(|event| event.name == name)
    }

    pub(crate) fn of<P: Protocol>(counters: &Counters, connections: usize, outbox: OutboxMetrics) -> Self {
        let messages = P::ROUTES.iter().enumerate();
        let events = P::EVENTS.iter().enumerate();
        let flows = counters.flows.iter().zip(super::every_flow::<P>());
        Self {
            connections: connections as u64,
            connections_total: read(&counters.connections),
            other_contracts: read(&counters.other_contracts),
            messages: messages.map(|(row, route)| MessageMetrics::of(route.name, &counters.messages, row)).collect(),
            events: events.map(|(row, info)| EventMetrics::of(info.name, &counters.events, row)).collect(),
            flows: flows
                .map(|(counted, flow)| FlowMetrics {
                    name: flow.name,
                    states: flow.states.iter().map(|state| state.name).zip(counted.iter().map(read)).collect(),
                })
                .collect(),
            stray: by_code(&counters.stray),
            outbox: OutboxMetrics { lost_bytes: read(&counters.lost), ..outbox },
        }
    }
}

impl MessageMetrics {
    /// How often it was refused with this code.
    pub fn refused_with(&self, code: Code) -> u64 {
        self.refused.iter().find(|(counted, _)| *counted == code).map_or(0, |(_, count)| *count)
    }

    /// How often this attribute had something to say.
    pub fn by(&self, policy: Policy) -> u64 {
        self.by_policy.iter().find(|(counted, _)| *counted == policy).map_or(0, |(_, count)| *count)
    }

    fn of(name: &'static str, counters: &Striped<MessageCounters>, row: usize) -> Self {
        let sum = |counter: fn(&MessageCounters) -> &AtomicU64| counters.sum(row, counter);
        let refused = Code::ALL.map(|code| (code, counters.sum(row, |counted| &counted.refused[code as usize])));
        let by_policy =
            Policy::ALL.map(|policy| (policy, counters.sum(row, |counted| &counted.by_policy[policy as usize])));
        Self {
            name,
            received: sum(|counted| &counted.received),
            ok: sum(|counted| &counted.ok),
            forgiven: sum(|counted| &counted.forgiven),
            refused: refused.into_iter().filter(|(_, count)| *count > 0).collect(),
            by_policy: by_policy.into_iter().filter(|(_, count)| *count > 0).collect(),
            in_progress: sum(|counted| &counted.in_progress),
        }
    }
}

impl EventMetrics {
    fn of(name: &'static str, counters: &Striped<EventCounters>, row: usize) -> Self {
        let sum = |counter: fn(&EventCounters) -> &AtomicU64| counters.sum(row, counter);
        let plain = sum(|counted| &counted.plain);
        Self {
            name,
            meant: plain + sum(|counted| &counted.meant),
            // More may have been taken back than was taken in the rest.
            taken: plain.wrapping_add(sum(|counted| &counted.taken)),
            coalesced: sum(|counted| &counted.coalesced),
            dropped: sum(|counted| &counted.dropped),
            refused: sum(|counted| &counted.refused),
            closed: sum(|counted| &counted.closed),
        }
    }
}

fn by_code(counted: &PerCode) -> Vec<(Code, u64)> {
    Code::ALL.into_iter().zip(counted.iter().map(read)).filter(|(_, count)| *count > 0).collect()
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
