//! From a frame to a decoded message, or to a refusal: what is asked before a handler runs.
//!
//! In this order: does the server stay, may the connection send at all, is the name known, is the message small enough,
//! does its flow allow it, is its own rate kept. Only then is the payload decoded. A refusal is written here.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use switchboard_core::control::{self, Control};
use switchboard_core::frame::{Opcode, append_frame};
use switchboard_core::rate::{Gcra, Quota};
use switchboard_core::rejection::nearest;
use switchboard_core::{Code, Fault, Position, Rejection, Report, Source, envelope};
use tokio::time::Instant;

use crate::Cx;
use crate::config::Limits;
use crate::flow::Flows;
use crate::metrics::{self, Counters};
use crate::protocol::{Protocol, RateBy, Turn};
use crate::rates::{Payer, RouteBudgets, SharedBudgets, network, take};

/// What one connection may send, as far as that depends on what it has sent before.
pub(crate) struct Dispatch<P: Protocol> {
    cx: Cx<P>,
    limits: Arc<Limits>,
    shared: Arc<SharedBudgets>,
    counters: Arc<Counters>,
    flows: Flows,
    by_route: RouteBudgets,
    pace: Option<Quota>,
    /// Messages of any name.
    all: Gcra,
    /// Messages beyond that, which are refused at the same pace until it is too much.
    beyond: Gcra,
    /// The number of the message that came last: the next one often has the same name.
    last: u16,
    /// The message that may be handled. It is not handed about: it may be large.
    accepted: Option<Accepted<P>>,
}

/// The time, and whether the server drains.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// Nanoseconds since the server began.
    pub nanos: u64,
    /// No new messages are taken.
    pub draining: bool,
}

/// What is to be done with a message.
pub(crate) enum Verdict<'a> {
    /// The chain of the message with this number is to be run: see [`Dispatch::take_accepted`].
    Run(u16),
    /// It is none, but something for the connection itself.
    Control(Control<'a>),
    /// It has been refused.
    Refused,
    /// It has been refused, and this was once too often.
    Abused,
}

/// A message that may be handled.
pub(crate) struct Accepted<P: Protocol> {
    /// Its number.
    pub route: u16,
    /// Its payload.
    pub incoming: P::Incoming,
    /// Its id.
    pub turn: Turn,
}

impl<P: Protocol> Dispatch<P> {
    /// For a new connection.
    pub fn new(cx: Cx<P>, limits: Arc<Limits>, shared: Arc<SharedBudgets>, now: Instant) -> Self {
        let pace = limits.message_rate.map(Quota::from);
        let counters = Arc::clone(cx.switchboard().hub().counters());
        let flows = Flows::new::<P>(now, Arc::clone(&counters), cx.connection().watched().cloned());
        let by_route = RouteBudgets::default();
        Self {
            cx,
            limits,
            shared,
            counters,
            flows,
            by_route,
            pace,
            all: Gcra::new(),
            beyond: Gcra::new(),
            last: 0,
            accepted: None,
        }
    }

    /// Whether this message would lead its flow elsewhere.
    pub fn moves(&self, route: u16) -> bool {
        self.flows.moves::<P>(route)
    }

    /// The message that was accepted last.
    pub fn take_accepted(&mut self) -> Option<Accepted<P>> {
        self.accepted.take()
    }

    /// Appends the key of its lane; whether it has one.
    pub fn append_lane_key(&self, key: &mut Vec<u8>) -> bool {
        self.accepted.as_ref().is_some_and(|accepted| P::append_lane_key(&accepted.incoming, key))
    }

    /// Where the connection stands in its flows.
    pub fn flows(&mut self) -> &mut Flows {
        &mut self.flows
    }

    /// Takes the envelope in a frame of this size.
    pub fn text<'a>(&mut self, text: Source<'a>, size: usize, moment: Moment) -> Verdict<'a> {
        let mut chosen = None;
        let depth = self.limits.depth;
        let received = envelope::read(
            text,
            P::FORMS,
            depth,
            |name| {
                let route = self.find(name, moment)?;
                chosen = Some(route);
                self.admit(route, size, moment)?;
                Ok(route)
            },
            |route, reader, at| P::decode(*route, reader, at),
        );
        match received.outcome {
            // Only a name that was found lets a payload be decoded.
            Ok(incoming) => self.accept(chosen.unwrap_or_default(), received.reference, received.since, incoming),
            Err(rejection) if rejection.code() == Code::Malformed => match control::read(text, depth) {
                None => self.refuse_route(chosen, &rejection, received.reference, moment),
                Some(Ok(control)) => Verdict::Control(control),
                Some(Err(rejection)) => self.refuse_route(None, &rejection, None, moment),
            },
            Err(rejection) => self.refuse_route(chosen, &rejection, received.reference, moment),
        }
    }

    fn accept(
        &mut self,
        route: u16,
        reference: Option<u64>,
        since: Vec<Position>,
        incoming: P::Incoming,
    ) -> Verdict<'static> {
        let turn = Turn::begun(reference, route, since, self.counters.begin(route));
        self.accepted = Some(Accepted { route, incoming, turn });
        Verdict::Run(route)
    }

    /// Writes a refusal, of a message of this name as far as there is one.
    fn refuse_route(
        &mut self,
        route: Option<u16>,
        rejection: &Rejection,
        reference: Option<u64>,
        moment: Moment,
    ) -> Verdict<'static> {
        match route {
            Some(route) => {
                self.counters.received(route);
                metrics::message(&self.cx, route, Some(rejection));
            }
            None => self.counters.stray(rejection.code()),
        }
        self.refuse_to(route, rejection, reference, moment)
    }

    /// Takes a binary frame: a tag and what belongs to it.
    pub fn binary(&mut self, frame: &Bytes, moment: Moment) -> Verdict<'static> {
        let (route, decoded) = self.decode_binary(frame, moment);
        match decoded {
            Ok(incoming) => self.accept(route.unwrap_or_default(), None, Vec::new(), incoming),
            Err(rejection) => self.refuse_route(route, &rejection, None, moment),
        }
    }

    /// Writes a refusal of something that was no message.
    pub fn refuse(&mut self, rejection: &Rejection, moment: Moment) -> Verdict<'static> {
        self.refuse_to(None, rejection, None, moment)
    }

    /// Writes a refusal of what had this number, as far as it had one, and this id.
    pub fn refuse_to(
        &mut self,
        route: Option<u16>,
        rejection: &Rejection,
        reference: Option<u64>,
        moment: Moment,
    ) -> Verdict<'static> {
        self.cx.connection().answer(route, |out| {
            append_frame(out, Opcode::Text, |out| rejection.encode(reference, out));
        });
        if let Some(watched) = self.cx.connection().watched() {
            watched.refused(route.map(|route| P::ROUTES[usize::from(route)].name), rejection.code());
        }
        self.weigh(rejection.code(), moment)
    }

    /// Writes the refusal of an answer to this ask.
    pub fn refuse_answer(&mut self, ask: u64, rejection: &Rejection, moment: Moment) -> Verdict<'static> {
        self.cx.connection().answer(None, |out| {
            append_frame(out, Opcode::Text, |out| rejection.encode_for_ask(ask, out));
        });
        self.weigh(rejection.code(), moment)
    }

    /// A control envelope counts as a message.
    pub fn pay_for_control(&mut self, moment: Moment) -> Result<(), Rejection> {
        self.pay(1, moment)
    }

    fn weigh(&mut self, code: Code, moment: Moment) -> Verdict<'static> {
        let within = match code {
            Code::Malformed | Code::UnknownMessage => {
                self.pay(GARBAGE_COST, moment).is_ok() || self.beyond(GARBAGE_COST, moment)
            }
            Code::RateLimited => self.beyond(1, moment),
            _ => true,
        };
        if within { Verdict::Refused } else { Verdict::Abused }
    }

    /// The number of the message with the frame's tag, and what is in it.
    fn decode_binary(&mut self, frame: &Bytes, moment: Moment) -> (Option<u16>, Result<P::Incoming, Rejection>) {
        let Some(tag) = frame.first().copied() else {
            return (None, Err(Rejection::malformed("an empty binary message")));
        };
        if moment.draining {
            return (None, Err(Rejection::shutting_down()));
        }
        let Some(route) = P::find_binary(tag) else {
            return (None, Err(Rejection::unknown_message(&format!("binary 0x{tag:02x}"), None)));
        };
        (Some(route), self.decode_body(route, frame, moment))
    }

    fn decode_body(&mut self, route: u16, frame: &Bytes, moment: Moment) -> Result<P::Incoming, Rejection> {
        self.admit(route, frame.len(), moment)?;
        let mut report = Report::new();
        match P::decode_binary(route, frame.slice(1..), &mut report) {
            Ok(incoming) if report.is_empty() => Ok(incoming),
            Err(Fault::Malformed) => Err(Rejection::malformed("not the binary form of this message")),
            _ => Err(Rejection::invalid_payload(report)),
        }
    }

    fn find(&mut self, name: &str, moment: Moment) -> Result<u16, Rejection> {
        if moment.draining {
            return Err(Rejection::shutting_down());
        }
        if P::ROUTES.get(usize::from(self.last)).is_none_or(|last| last.name != name) {
            self.last = P::find(name).ok_or_else(|| unknown::<P>(name))?;
        }
        Ok(self.last)
    }

    fn admit(&mut self, route: u16, size: usize, moment: Moment) -> Result<(), Rejection> {
        self.pay(1, moment)?;
        let declared = &P::ROUTES[usize::from(route)];
        if let Some(limit) = declared.limit.filter(|limit| size as u64 > *limit) {
            return Err(Rejection::too_large(limit));
        }
        if declared.limit.is_none() && size > self.limits.message_bytes {
            return Err(Rejection::too_large(self.limits.message_bytes as u64));
        }
        self.flows.admit::<P>(route, self.cx.role_bits())?;
        match declared.rate {
            None => Ok(()),
            Some(rate) => {
                let kept = self.keep_rate(route, rate.by, rate.into(), moment);
                kept.map_err(|retry_after| Rejection::rate_limited(rate.by.name(), retry_after))
            }
        }
    }

    fn keep_rate(&mut self, route: u16, by: RateBy, quota: Quota, moment: Moment) -> Result<(), Duration> {
        let payer = match by {
            RateBy::Connection => None,
            RateBy::Identity => self.cx.mailbox().map(Payer::Identity),
            RateBy::Address => Some(Payer::Address(network(self.cx.peer().ip()))),
        };
        let shared = payer.and_then(|payer| self.shared.admit(route, payer, quota, moment.nanos));
        shared.unwrap_or_else(|| self.by_route.budget(route).admit(moment.nanos, quota))
    }

    /// Takes `cost` messages from what the connection may send in all.
    fn pay(&mut self, cost: u32, moment: Moment) -> Result<(), Rejection> {
        let paid = self.pace.map_or(Ok(()), |pace| take(&mut self.all, pace, cost, moment.nanos));
        paid.map_err(|retry_after| Rejection::rate_limited("all", retry_after))
    }

    /// Takes `cost` messages from what the connection may send in vain.
    fn beyond(&mut self, cost: u32, moment: Moment) -> bool {
        self.pace.is_none_or(|pace| take(&mut self.beyond, pace, cost, moment.nanos).is_ok())
    }
}

#[cold]
fn unknown<P: Protocol>(name: &str) -> Rejection {
    Rejection::unknown_message(name, nearest(name, P::ROUTES.iter().map(|route| route.name)))
}

/// How many messages one counts for that is none.
const GARBAGE_COST: u32 = 10;
