//! Where one connection stands in each flow of its protocol.
//!
//! What a flow does is [`switchboard_core::flow`]'s; this says it in the words of a protocol and with the clock's times.

use std::sync::Arc;
use std::time::Duration;

use switchboard_core::Rejection;
use switchboard_core::flow::{self, Denied, Flow, Moved, Next, Place};
use tokio::time::Instant;

use crate::console::Watched;
use crate::metrics::Counters;
use crate::protocol::{Protocol, RoleName, role_mask};

/// The flows of one connection.
#[derive(Debug)]
pub(crate) struct Flows {
    flows: flow::Flows,
    /// What their times are counted from.
    epoch: Instant,
    counters: Arc<Counters>,
    /// What the console shows.
    watched: Option<Arc<Watched>>,
}

impl Flows {
    /// Every flow in its start state.
    pub fn new<P: Protocol>(now: Instant, counters: Arc<Counters>, watched: Option<Arc<Watched>>) -> Self {
        let flows = Self { flows: flow::Flows::new(P::FLOWS, Duration::ZERO), epoch: now, counters, watched };
        flows.count(|place| (None, Some(place.index())));
        flows
    }

    /// Whether a connection with these roles may send this message now.
    pub fn admit<P: Protocol>(&self, route: u16, roles: u64) -> Result<(), Rejection> {
        let Some(flow) = P::ROUTES[usize::from(route)].flow else { return Ok(()) };
        match self.flows.admit(flow, route, roles) {
            Ok(_) => Ok(()),
            Err(Denied::Roles(needed)) => Err(not_allowed::<P>(needed)),
            Err(_) => {
                let (flow, place) = self.flows.place(flow);
                Err(not_now::<P>(flow, place))
            }
        }
    }

    /// Whether this message would lead elsewhere if it succeeded now.
    pub fn moves<P: Protocol>(&self, route: u16) -> bool {
        let Some(flow) = P::ROUTES[usize::from(route)].flow else { return false };
        let (flow, place) = self.flows.place(flow);
        place.state(flow).steps[usize::from(route)].is_some_and(|step| step.next != Next::Stay)
    }

    /// This message has succeeded. Whether its flow has come to its end.
    pub fn succeed<P: Protocol>(&mut self, route: u16, now: Instant) -> bool {
        let Some(flow) = P::ROUTES[usize::from(route)].flow else { return false };
        let before = self.flows.place(flow).1.index();
        let moved = self.flows.succeed(flow, route, self.time(now));
        let after = self.flows.place(flow).1.index();
        if before != after {
            self.note(flow, Some(before), Some(after));
        }
        moved == Moved::Ended
    }

    /// When [`Self::expire`] has something to do.
    pub fn wake(&self) -> Option<Instant> {
        self.flows.wake().map(|wake| saturating_add(self.epoch, wake))
    }

    /// Leaves the states whose time is over; the name of a flow that has come to its end by that.
    pub fn expire(&mut self, now: Instant) -> Option<&'static str> {
        let before: Vec<u8> = self.flows.places().map(|(_, place)| place.index()).collect();
        let over = self.flows.expire(self.time(now)).map(|flow| flow.name);
        let mut before = before.into_iter();
        self.count(|place| (before.next(), Some(place.index())));
        over
    }

    /// Notes for each flow which state it has left and which one it has entered.
    fn count(&self, mut change: impl FnMut(Place) -> (Option<u8>, Option<u8>)) {
        for (flow, (_, place)) in (0..).zip(self.flows.places()) {
            let (before, after) = change(place);
            if before != after {
                self.note(flow, before, after);
            }
        }
    }

    fn note(&self, flow: u8, before: Option<u8>, after: Option<u8>) {
        self.counters.flow(flow, before, after);
        if let (Some(watched), Some(after)) = (&self.watched, after) {
            watched.moved(flow, after);
        }
    }

    fn time(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.epoch)
    }
}

impl Drop for Flows {
    fn drop(&mut self) {
        self.count(|place| (Some(place.index()), None));
    }
}

/// Writes down which messages each state lets in.
pub(crate) fn describe<P: Protocol>() {
    for flow in P::FLOWS.iter().chain(P::ROOMS.iter().map(|room| &room.flow)) {
        for state in flow.states {
            let steps = state.steps.iter().zip(P::ROUTES);
            let messages: Vec<&str> = steps.filter_map(|(step, route)| step.map(|_| route.name)).collect();
            tracing::debug!(flow = flow.name, state = state.name, messages = messages.join(" "), "lets in");
        }
    }
}

/// What is allowed where a connection stands in its flow.
pub(crate) fn allowed<P: Protocol>(flow: &Flow, place: Place) -> Vec<&'static str> {
    let steps = place.state(flow).steps.iter().zip(P::ROUTES);
    steps.filter_map(|(step, route)| step.map(|_| route.name)).collect()
}

fn not_now<P: Protocol>(flow: &Flow, place: Place) -> Rejection {
    Rejection::not_now(flow.name, place.state(flow).name, allowed::<P>(flow, place))
}

pub(crate) fn not_allowed<P: Protocol>(needed: u64) -> Rejection {
    let names = P::Role::all().iter().filter(|role| role_mask([**role]) & needed != 0).map(|role| role.name());
    Rejection::not_allowed(names.collect::<Vec<_>>())
}

/// A time that never comes instead of a panic, for limits such as `Duration::MAX`.
pub(crate) fn saturating_add(now: Instant, after: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 10);
    now + after.min(FAR)
}

#[cfg(test)]
pub(crate) mod tests {
    use bytes::Bytes;
    use switchboard_core::{Code, Decoded, Fault, Forms, Path, Reader, Report};

    use super::*;
    use crate::protocol::{EventInfo, FlowState, NoIdentity, NoRole, Route, Step};

    /// From the hall to a seat by `knock`, to the street after a second; the seat is for two seconds.
    pub(crate) struct House;

    const SECOND: Duration = Duration::from_secs(1);
    const KNOCK: u16 = 0;
    const SIT: u16 = 1;
    const FREE: u16 = 2;

    const fn step(next: Next) -> Option<Step> {
        Some(Step::to(next))
    }

    const fn state(name: &'static str, timeout: (Duration, Next), steps: &'static [Option<Step>]) -> FlowState {
        FlowState { name, timeout: Some(timeout), steps }
    }

    impl Protocol for House {
        type Identity = NoIdentity;
        type Role = NoRole;
        type Incoming = ();

        const FORMS: Forms = Forms { plain: true, flat: false, nested: false };
        const ROUTES: &'static [Route] = &[
            Route { flow: Some(0), ..Route::named("knock") },
            Route { flow: Some(0), ..Route::named("sit") },
            Route::named("free"),
        ];
        const EVENTS: &'static [EventInfo] = &[];
        const FLOWS: &'static [Flow] = &[Flow {
            name: "visit",
            start: 0,
            states: &[
                state("hall", (SECOND, Next::State(2)), &[step(Next::State(1)), None, None]),
                state("waiting", (Duration::from_secs(2), Next::End), &[None, step(Next::Stay), None]),
                FlowState { name: "street", timeout: None, steps: &[None, step(Next::End), None] },
            ],
        }];

        fn find(_: &str) -> Option<u16> {
            None
        }

        fn find_binary(_: u8) -> Option<u16> {
            None
        }

        fn decode(_: u16, _: &mut Reader<'_>, _: &Path<'_>) -> Decoded<()> {
            Err(Fault::Malformed)
        }

        fn decode_binary(_: u16, _: Bytes, _: &mut Report) -> Decoded<()> {
            Err(Fault::Malformed)
        }
    }

    fn begun(now: Instant) -> Flows {
        Flows::new::<House>(now, Arc::new(Counters::new::<House>()), None)
    }

    fn admitted(flows: &Flows, route: u16) -> Result<(), Code> {
        flows.admit::<House>(route, 0).map_err(|rejection| rejection.code())
    }

    #[test]
    fn a_message_is_let_in_where_its_state_says_so() {
        let now = Instant::now();
        let mut flows = begun(now);
        assert_eq!(admitted(&flows, KNOCK), Ok(()));
        assert_eq!(admitted(&flows, SIT), Err(Code::NotNow));
        assert!(!flows.succeed::<House>(KNOCK, now));
        assert_eq!(admitted(&flows, KNOCK), Err(Code::NotNow));
        assert_eq!(admitted(&flows, SIT), Ok(()));
    }

    #[test]
    fn a_message_that_no_flow_covers_is_always_let_in_and_changes_nothing() {
        let now = Instant::now();
        let mut flows = begun(now);
        assert_eq!(admitted(&flows, FREE), Ok(()));
        assert!(!flows.succeed::<House>(FREE, now));
        assert_eq!(admitted(&flows, KNOCK), Ok(()));
    }

    #[test]
    fn a_timeout_may_lead_elsewhere() {
        let now = Instant::now();
        let mut flows = begun(now);
        assert_eq!(flows.wake(), Some(now + SECOND));
        assert_eq!(flows.expire(now + SECOND / 2), None);
        assert_eq!(admitted(&flows, KNOCK), Ok(()));
        assert_eq!(flows.expire(now + SECOND), None);
        assert_eq!(admitted(&flows, KNOCK), Err(Code::NotNow));
        assert_eq!(flows.wake(), None);
        assert!(flows.succeed::<House>(SIT, now + SECOND), "the street is the end");
    }

    #[test]
    fn states_are_counted() {
        let now = Instant::now();
        let counters = Arc::new(Counters::new::<House>());
        let states = |counters: &Counters| {
            let metrics = crate::metrics::Metrics::of::<House>(counters, 0, Default::default());
            metrics.flows[0].states.iter().map(|(_, count)| *count).collect::<Vec<_>>()
        };
        let mut first = Flows::new::<House>(now, Arc::clone(&counters), None);
        let mut second = Flows::new::<House>(now, Arc::clone(&counters), None);
        assert_eq!(states(&counters), [2, 0, 0]);
        first.succeed::<House>(KNOCK, now);
        second.expire(now + SECOND);
        assert_eq!(states(&counters), [0, 1, 1]);
        drop((first, second));
        assert_eq!(states(&counters), [0, 0, 0]);
    }

    #[test]
    fn staying_does_not_win_time() {
        let now = Instant::now();
        let mut flows = begun(now);
        flows.succeed::<House>(KNOCK, now);
        for tenth in 1..20 {
            let later = now + tenth * SECOND / 10;
            assert_eq!(flows.expire(later), None);
            assert!(!flows.succeed::<House>(SIT, later));
        }
        assert_eq!(flows.expire(now + 2 * SECOND), Some("visit"));
    }
}
