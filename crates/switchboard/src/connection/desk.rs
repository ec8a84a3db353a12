//! What a connection's task decides: which message begins, beside which others, and what is heard out of turn.
//!
//! Messages wait in the ear's inbox until the [`Schedule`] admits the first of them. One without a lane is handed to the
//! task, which polls it in place; the others run [`Beside`]. Cancels and answers to asks are looked at as soon as they
//! have been read, whatever runs or waits.
//!
//! When the client leaves, what may be dropped is dropped and the rest runs to its end: what was sent is done, and who
//! wants it otherwise says so (`@cancellable`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use switchboard_core::control::{self, Control, Hello};
use switchboard_core::frame::{Opcode, append_frame};
use switchboard_core::schedule::{Claim, Entry, Schedule, Slot};
use switchboard_core::{Rejection, Source};
use tokio::time::Instant;
use tracing::Instrument;

use super::Signal;
use super::beside::{Beside, Running};
use super::ear::Ear;
use super::task::message_span;
use super::trouble::Trouble;
use crate::Cx;
use crate::close;
use crate::contract;
use crate::dispatch::{Accepted, Dispatch, Moment, Verdict};
use crate::flow::saturating_add;
use crate::handler::{Failure, panicked};
use crate::metrics;
use crate::once;
use crate::protocol::{Application, Protocol, Route, Turn};
use crate::shared::Shared;
use crate::transport::reader::{Ending, Inbound};

/// The deciding half of one connection.
pub(super) struct Desk<P: Protocol, A> {
    shared: Arc<Shared<P, A>>,
    cx: Cx<P>,
    ear: Ear,
    dispatch: Dispatch<P>,
    schedule: Schedule,
    beside: Beside,
    /// Messages that wait for one with their key.
    parked: Vec<(Slot, Accepted<P>)>,
    /// What the task polls in place.
    current: Option<Current>,
}

/// The message that the task polls in place.
struct Current {
    reference: Option<u64>,
    droppable: bool,
    cancelled: bool,
}

/// What the task is to do next.
pub(super) enum Next {
    /// Poll the chain of [`Desk::take_accepted`] in place.
    Handle(Slot),
    /// Nothing more.
    End(Ending),
}

impl<P: Protocol, A: Application<P>> Desk<P, A> {
    /// For a new connection.
    pub fn new(shared: Arc<Shared<P, A>>, cx: Cx<P>, mut ear: Ear) -> Self {
        let (limits, budgets) = (Arc::clone(&shared.limits), Arc::clone(&shared.budgets));
        let schedule = Schedule::new(limits.in_flight);
        let dispatch = Dispatch::new(cx.clone(), limits, budgets, ear.now());
        let (beside, parked, current) = (Beside::default(), Vec::new(), None);
        Self { shared, cx, ear, dispatch, schedule, beside, parked, current }
    }

    /// The time of this turn.
    pub fn now(&mut self) -> Instant {
        self.ear.now()
    }

    /// For the end.
    pub fn into_ear(self) -> Ear {
        self.ear
    }

    /// While nothing is polled in place.
    pub fn poll_next(&mut self, task: &mut Context<'_>) -> Poll<Next> {
        loop {
            self.look(task);
            self.poll_beside(task);
            match self.poll_first(task) {
                Poll::Ready(Some(inbound)) => {
                    if let Some(next) = self.receive(&inbound) {
                        return Poll::Ready(next);
                    }
                }
                Poll::Ready(None) => {}
                Poll::Pending if self.ear.has_ended() => return self.poll_end(task),
                Poll::Pending => match self.poll_quiet(task) {
                    Some(ending) => self.stop(ending),
                    None => return Poll::Pending,
                },
            }
        }
    }

    /// The message that may begin now; `None` when something else was heard.
    fn poll_first(&mut self, task: &mut Context<'_>) -> Poll<Option<Inbound>> {
        if self.first_may_enter() {
            return Poll::Ready(self.ear.take_first());
        }
        if self.ear.has_ended() || self.ear.inbox_is_full() {
            return Poll::Pending;
        }
        let Poll::Ready(heard) = self.ear.poll_message(task) else { return Poll::Pending };
        match heard {
            // The ordinary case, which does not go through the inbox.
            Ok(inbound) if self.is_idle() && self.ear.has_none_waiting() => return Poll::Ready(Some(inbound)),
            Ok(inbound) => self.hear(inbound),
            Err(ending) => self.leave(ending),
        }
        Poll::Ready(None)
    }

    /// The message that [`Next::Handle`] is about.
    pub fn take_accepted(&mut self) -> Option<Accepted<P>> {
        self.dispatch.take_accepted()
    }

    /// A message is polled in place from now on; see [`Self::poll_aside`].
    pub fn set_current(&mut self, route: u16, turn: &Turn) {
        self.cx.begin(turn);
        let droppable = P::ROUTES[usize::from(route)].may_be_dropped();
        self.current = Some(Current { reference: turn.reference(), droppable, cancelled: false });
    }

    /// While a message is polled in place: ready when it is to be dropped.
    pub fn poll_aside(&mut self, task: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let now = self.ear.now();
        if now >= deadline {
            return Poll::Ready(());
        }
        self.poll_beside(task);
        if !self.ear.has_ended() {
            self.overhear(task);
        }
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        let wake = self.beside.wake().map_or(deadline, |wake| wake.min(deadline));
        if !self.ear.has_ended()
            && let Some(ending) = self.ear.keep_time(task, Some(wake))
        {
            self.leave(ending);
            if self.is_cancelled() {
                return Poll::Ready(());
            }
        }
        if self.ear.has_ended() {
            self.ear.set_alarm(wake, task);
        }
        self.ear.forget_now();
        Poll::Pending
    }

    /// Whether the message polled in place is no longer wanted.
    pub fn is_cancelled(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.cancelled)
    }

    /// The message polled in place has ended.
    pub fn end_current(&mut self, slot: Slot, route: u16, turn: &Turn, outcome: Result<(), Trouble>) {
        self.current = None;
        self.conclude(route, turn, outcome);
        self.schedule.finish(slot);
    }

    /// Whether nothing is being handled.
    fn is_idle(&self) -> bool {
        self.current.is_none() && self.schedule.is_idle() && self.beside.is_empty()
    }

    fn moment(&mut self) -> Moment {
        Moment { nanos: self.ear.nanos(), draining: self.cx.connection().signals().has(Signal::Drain) }
    }
}

/// What may begin.
impl<P: Protocol, A: Application<P>> Desk<P, A> {
    #[inline]
    fn first_may_enter(&mut self) -> bool {
        !self.ear.has_none_waiting() && self.waiting_may_enter()
    }

    fn waiting_may_enter(&mut self) -> bool {
        if self.cx.connection().is_catching_up() {
            return false;
        }
        if self.is_idle() {
            return true;
        }
        let route = self.ear.first_route::<P>();
        self.schedule.admits(route.map_or(Claim::default(), |route| self.claim(route)))
    }

    fn claim(&self, route: u16) -> Claim {
        let declared = &P::ROUTES[usize::from(route)];
        let lane = match (declared.stream, declared.concurrent) {
            // A stream that finds no place is refused, since there may never be one.
            (true, _) => Some((route, u32::MAX)),
            (false, most) => most.map(|most| (route, most)),
        };
        Claim { lane, flow: declared.flow, moves: self.dispatch.moves(route) }
    }

    /// Reads a message and begins it. What the task is to do with it, if anything.
    fn receive(&mut self, inbound: &Inbound) -> Option<Next> {
        let moment = self.moment();
        let received = catch_unwind(AssertUnwindSafe(|| match inbound {
            Inbound::Text(text) => self.dispatch.text(Source::from(text.as_str()), text.len(), moment),
            Inbound::Packed(packed) => self.dispatch.text(Source::packed(&packed.text), packed.size, moment),
            Inbound::Garbled(why) => self.dispatch.refuse(&Rejection::malformed(why.as_str()), moment),
            Inbound::Binary(bytes) => self.dispatch.binary(bytes, moment),
        }));
        let verdict = received.unwrap_or_else(|panic| {
            let failure = Failure::Internal(panicked(panic.as_ref()));
            let rejection = self.cx.reject(failure, "(decoding)");
            self.dispatch.refuse(&rejection, moment)
        });
        match verdict {
            Verdict::Run(route) => return self.begin(route),
            Verdict::Control(control) => self.heed(control),
            Verdict::Refused => {}
            Verdict::Abused => self.abused(),
        }
        None
    }

    /// Begins the message that has just been accepted.
    fn begin(&mut self, route: u16) -> Option<Next> {
        let declared = &P::ROUTES[usize::from(route)];
        if declared.stream || (self.ear.has_ended() && declared.may_be_dropped()) {
            let accepted = self.dispatch.take_accepted()?;
            if !self.ear.has_ended() {
                self.begin_stream(declared, accepted);
            }
            return None;
        }
        let claim = self.claim(route);
        let mut key = Vec::new();
        let keyed = claim.lane.is_some() && self.dispatch.append_lane_key(&mut key);
        match self.schedule.enter(claim, keyed.then_some(&key)) {
            Entry::Runs(slot) if claim.lane.is_none() => return Some(Next::Handle(slot)),
            Entry::Runs(slot) => {
                let accepted = self.dispatch.take_accepted()?;
                self.start(Some(slot), accepted);
            }
            Entry::Parked(slot) => {
                let accepted = self.dispatch.take_accepted()?;
                self.parked.push((slot, accepted));
            }
        }
        None
    }

    fn begin_stream(&mut self, declared: &'static Route, accepted: Accepted<P>) {
        let moment = self.moment();
        let (streams, of_this) = self.beside.streams(accepted.route);
        let most = declared.concurrent.map_or(usize::MAX, |most| most as usize);
        let rejection = if accepted.turn.reference().is_none() {
            let why = format!("`{}` answers with a stream: it needs an `id`", declared.name);
            Rejection::malformed(why)
        } else if streams >= self.shared.limits.streams || of_this >= most {
            Rejection::too_many_at_once()
        } else {
            return self.start(None, accepted);
        };
        metrics::message(&self.cx, accepted.route, Some(&rejection));
        if matches!(
            self.dispatch.refuse_to(Some(accepted.route), &rejection, accepted.turn.reference(), moment),
            Verdict::Abused
        ) {
            self.abused();
        }
    }

    /// Begins a message beside the others.
    fn start(&mut self, slot: Option<Slot>, accepted: Accepted<P>) {
        let Accepted { route, incoming, turn } = accepted;
        let declared = &P::ROUTES[usize::from(route)];
        self.cx.begin(&turn);
        let turn = Arc::new(turn);
        let allowed = match declared.stream {
            true => declared.deadline,
            false => Some(declared.deadline.unwrap_or(self.shared.limits.handler)),
        };
        let now = self.ear.now();
        let deadline = allowed.map(|allowed| (saturating_add(now, allowed), allowed));
        let droppable = declared.may_be_dropped();
        let running = Running { route, slot, turn: Arc::clone(&turn), droppable, deadline };
        let (shared, cx) = (Arc::clone(&self.shared), self.cx.clone());
        let chain = async move { once::run(&*shared, &cx, route, incoming, &turn).await };
        self.beside.begin(running, Box::pin(chain.instrument(message_span(declared))));
    }

    /// Lets those beside go on, and begins what waited for them.
    #[inline]
    fn poll_beside(&mut self, task: &mut Context<'_>) {
        if !self.beside.is_empty() {
            self.poll_those_beside(task);
        }
    }

    fn poll_those_beside(&mut self, task: &mut Context<'_>) {
        let now = self.ear.now();
        self.beside.expire(now);
        while let Poll::Ready((running, outcome)) = self.beside.poll_ended(task) {
            self.conclude(running.route, &running.turn, outcome);
            let next = running.slot.and_then(|slot| self.schedule.finish(slot));
            if let Some(next) = next
                && let Some(index) = self.parked.iter().position(|(slot, _)| *slot == next)
            {
                let (slot, accepted) = self.parked.remove(index);
                self.start(Some(slot), accepted);
            }
        }
    }

    /// A message has been dealt with.
    #[inline]
    fn conclude(&mut self, route: u16, turn: &Turn, outcome: Result<(), Trouble>) {
        if let Err(trouble) = outcome {
            return self.conclude_badly(route, turn, trouble);
        }
        self.cx.end(turn, true);
        metrics::message(&self.cx, route, None);
        let now = self.ear.now();
        if self.dispatch.flows().succeed::<P>(route, now) {
            self.stop(Ending::say(close::NORMAL, "the flow has come to its end"));
        }
    }

    #[cold]
    fn conclude_badly(&mut self, route: u16, turn: &Turn, trouble: Trouble) {
        self.cx.end(turn, false);
        let rejection = trouble.tell(&self.cx, &P::ROUTES[usize::from(route)]);
        metrics::message(&self.cx, route, Some(&rejection));
        let moment = self.moment();
        self.dispatch.refuse_to(Some(route), &rejection, turn.reference(), moment);
    }
}

/// What is heard meanwhile.
impl<P: Protocol, A: Application<P>> Desk<P, A> {
    /// Reads on while something runs in place, and begins what may run beside it.
    fn overhear(&mut self, task: &mut Context<'_>) {
        self.look(task);
        while !self.ear.has_ended() {
            while self.first_may_enter()
                && let Some(inbound) = self.ear.take_first()
            {
                // Nothing that would be polled in place is admitted beside what is.
                self.receive(&inbound);
                self.poll_beside(task);
            }
            if self.ear.inbox_is_full() {
                return;
            }
            match self.ear.poll_message(task) {
                Poll::Pending => return,
                Poll::Ready(Ok(inbound)) => self.hear(inbound),
                Poll::Ready(Err(ending)) => self.leave(ending),
            }
        }
    }

    /// Takes what came out of turn: a control envelope at once, anything else waits.
    fn hear(&mut self, inbound: Inbound) {
        if let Some(text) = inbound.envelope()
            && let Some(control) = control::read(text, self.shared.limits.depth)
        {
            return match control {
                Ok(control) => self.heed(control),
                Err(rejection) => {
                    let moment = self.moment();
                    if matches!(self.dispatch.refuse(&rejection, moment), Verdict::Abused) {
                        self.abused();
                    }
                }
            };
        }
        self.ear.keep(inbound);
    }

    fn heed(&mut self, control: Control<'_>) {
        let moment = self.moment();
        let verdict = match (self.dispatch.pay_for_control(moment), control) {
            (Err(rejection), Control::Answer(ask, _)) => self.dispatch.refuse_answer(ask, &rejection, moment),
            (Err(rejection), _) => self.dispatch.refuse(&rejection, moment),
            (Ok(()), Control::Cancel(reference)) => return self.cancel(reference),
            (Ok(()), Control::Ping(number)) => return self.pong(number),
            (Ok(()), Control::Hello(hello)) => match self.hear_hello(&hello) {
                Ok(()) => return,
                Err(rejection) => self.dispatch.refuse(&rejection, moment),
            },
            (Ok(()), Control::Answer(ask, answer)) => match self.cx.hear_answer(ask, &answer) {
                Ok(()) => return,
                Err(rejection) => self.dispatch.refuse_answer(ask, &rejection, moment),
            },
        };
        if matches!(verdict, Verdict::Abused) {
            self.abused();
        }
    }

    /// A sign of life.
    fn pong(&self, number: u64) {
        self.cx.connection().answer(None, |out| {
            append_frame(out, Opcode::Text, |out| {
                out.extend_from_slice(br#"{"pong":"#);
                switchboard_core::write::int(out, number);
                out.push(b'}');
            });
        });
    }

    /// The client says what it was made for, once.
    fn hear_hello(&mut self, hello: &Hello<'_>) -> Result<(), Rejection> {
        let most = self.shared.limits.hello_names;
        if hello.all().nth(most).is_some() {
            return Err(Rejection::malformed(format!("a hello with more than {most} names")));
        }
        match self.cx.hear_hello(hello, self.shared.contract) {
            Some(true) => Ok(()),
            Some(false) => {
                self.stop(Ending::Say(contract::farewell()));
                Ok(())
            }
            None => Err(Rejection::malformed("a second hello")),
        }
    }

    /// The client no longer wants the answer to this message. Where nothing can be taken back, nothing is said.
    fn cancel(&mut self, reference: u64) {
        if let Some(current) = self.current.as_mut().filter(|current| current.reference == Some(reference)) {
            current.cancelled |= current.droppable;
            return;
        }
        if self.beside.cancel(reference) {
            return;
        }
        let parked = |(_, accepted): &(Slot, Accepted<P>)| accepted.turn.reference() == Some(reference);
        if let Some(index) = self.parked.iter().position(parked) {
            if P::ROUTES[usize::from(self.parked[index].1.route)].may_be_dropped() {
                let (slot, accepted) = self.parked.remove(index);
                self.schedule.withdraw(slot);
                self.conclude(accepted.route, &accepted.turn, Err(Trouble::Cancelled));
            }
            return;
        }
        if let Some(route) = self.ear.take_back::<P>(reference) {
            self.cx.switchboard().hub().counters().received(route);
            self.conclude(route, &Turn::new(Some(reference)), Err(Trouble::Cancelled));
        }
    }

    /// Looks at what others want of this connection.
    fn look(&mut self, task: &mut Context<'_>) {
        if self.ear.has_ended() || !self.cx.connection().signals().any() {
            return;
        }
        if self.cx.connection().signals().has(Signal::Drain) {
            self.beside.drain();
        }
        let handling = self.current.is_some() || !self.schedule.is_idle();
        if let Some(ending) = self.ear.attend(task, handling) {
            match handling {
                true => self.leave(ending),
                false => self.stop(ending),
            }
        }
    }
}

/// The end.
impl<P: Protocol, A: Application<P>> Desk<P, A> {
    /// There is no message now that could begin.
    fn poll_quiet(&mut self, task: &mut Context<'_>) -> Option<Ending> {
        if self.is_idle() && self.cx.connection().signals().has(Signal::Drain) {
            let returning = self.cx.switchboard().hub().count();
            return Some(Ending::Say(close::going_away(self.cx.connection().id().0, returning)));
        }
        let now = self.ear.now();
        let flows = self.dispatch.flows();
        if flows.wake().is_some_and(|wake| wake <= now)
            && let Some(flow) = flows.expire(now)
        {
            tracing::debug!(flow, connection = %self.cx.connection_id(), "a flow timed out");
            return Some(Ending::say(close::FLOW_TIMEOUT, "the time for this state is over"));
        }
        let wake = [flows.wake(), self.beside.wake()].into_iter().flatten().min();
        let ending = self.ear.keep_time(task, wake);
        self.ear.forget_now();
        ending
    }

    /// The connection has ended, but what it has sent is still done.
    fn leave(&mut self, ending: Ending) {
        if self.ear.has_ended() {
            return;
        }
        self.ear.end(ending);
        self.cx.close_asks();
        self.beside.leave();
        if let Some(current) = &mut self.current {
            current.cancelled |= current.droppable;
        }
        for (slot, _) in
            self.parked.extract_if(.., |(_, accepted)| P::ROUTES[usize::from(accepted.route)].may_be_dropped())
        {
            self.schedule.withdraw(slot);
        }
    }

    /// The connection has ended, and what waits is not done any more.
    fn stop(&mut self, ending: Ending) {
        self.leave(ending);
        self.ear.forget_waiting();
        for (slot, _) in self.parked.drain(..) {
            self.schedule.withdraw(slot);
        }
    }

    fn abused(&mut self) {
        self.stop(Ending::say(close::POLICY, "too many messages"));
    }

    /// Waits for what still runs.
    fn poll_end(&mut self, task: &mut Context<'_>) -> Poll<Next> {
        if self.is_idle()
            && self.ear.has_none_waiting()
            && let Some(ending) = self.ear.take_ending()
        {
            return Poll::Ready(Next::End(ending));
        }
        if let Some(wake) = self.beside.wake() {
            self.ear.set_alarm(wake, task);
        }
        self.ear.forget_now();
        Poll::Pending
    }
}
