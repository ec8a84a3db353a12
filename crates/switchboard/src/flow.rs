//! Where one connection stands in each flow of its protocol.
//!
//! Pure: time comes in as an argument. Invariant: a refused or failed message changes nothing.

use std::time::Duration;

use switchboard_core::Rejection;
use tokio::time::Instant;

use crate::protocol::{Flow, FlowState, Next, Protocol, RoleName, Step, role_mask};

/// The flows of one connection.
#[derive(Debug)]
pub(crate) struct Flows {
    places: Box<[Place]>,
    /// The earliest of the places' ends.
    wake: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    flow: &'static Flow,
    state: u8,
    ends: Option<Instant>,
}

impl Place {
    fn state(&self) -> &'static FlowState {
        &self.flow.states[usize::from(self.state)]
    }

    fn enter(&mut self, state: u8, now: Instant) {
        self.state = state;
        self.ends = self.state().timeout.map(|(after, _)| saturating_add(now, after));
    }
}

impl Flows {
    /// Every flow in its start state.
    pub fn new<P: Protocol>(now: Instant) -> Self {
        let place = |flow: &'static Flow| {
            let mut place = Place { flow, state: flow.start, ends: None };
            place.enter(flow.start, now);
            place
        };
        let mut flows = Self { places: P::FLOWS.iter().map(place).collect(), wake: None };
        flows.note_wake();
        flows
    }

    /// Whether a connection with these roles may send this message now.
    pub fn admit<P: Protocol>(&self, route: u16, roles: u64) -> Result<(), Rejection> {
        let Some(place) = self.place::<P>(route) else { return Ok(()) };
        match place.state().steps[usize::from(route)] {
            None => Err(not_now::<P>(place)),
            Some(Step { roles: needed, .. }) if needed != 0 && needed & roles == 0 => Err(not_allowed::<P>(needed)),
            Some(_) => Ok(()),
        }
    }

    /// Whether this message would lead elsewhere if it succeeded now.
    pub fn moves<P: Protocol>(&self, route: u16) -> bool {
        let step = self.place::<P>(route).and_then(|place| place.state().steps[usize::from(route)]);
        step.is_some_and(|step| step.next != Next::Stay)
    }

    /// This message has succeeded. Whether its flow has come to its end.
    pub fn succeed<P: Protocol>(&mut self, route: u16, now: Instant) -> bool {
        let Some(flow) = P::ROUTES[usize::from(route)].flow else { return false };
        let place = &mut self.places[usize::from(flow)];
        // A timeout may have moved the flow while the handler ran: then the step is no longer there.
        let next = place.state().steps[usize::from(route)].map_or(Next::Stay, |step| step.next);
        self.go(usize::from(flow), next, now)
    }

    /// When [`Self::expire`] has something to do.
    pub fn wake(&self) -> Option<Instant> {
        self.wake
    }

    /// Leaves the states whose time is over; the name of a flow that has come to its end by that.
    pub fn expire(&mut self, now: Instant) -> Option<&'static str> {
        for index in 0..self.places.len() {
            let place = self.places[index];
            if place.ends.is_none_or(|ends| ends > now) {
                continue;
            }
            let next = place.state().timeout.map_or(Next::Stay, |(_, next)| next);
            self.places[index].ends = None;
            if self.go(index, next, now) {
                return Some(place.flow.name);
            }
        }
        self.note_wake();
        None
    }

    fn go(&mut self, index: usize, next: Next, now: Instant) -> bool {
        match next {
            Next::Stay => false,
            Next::End => true,
            Next::State(state) => {
                self.places[index].enter(state, now);
                self.note_wake();
                false
            }
        }
    }

    fn place<P: Protocol>(&self, route: u16) -> Option<&Place> {
        P::ROUTES[usize::from(route)].flow.map(|flow| &self.places[usize::from(flow)])
    }

    fn note_wake(&mut self) {
        self.wake = self.places.iter().filter_map(|place| place.ends).min();
    }
}

fn not_now<P: Protocol>(place: &Place) -> Rejection {
    let steps = place.state().steps.iter().zip(P::ROUTES);
    let allowed = steps.filter_map(|(step, route)| step.map(|_| route.name)).collect::<Vec<_>>();
    Rejection::not_now(place.flow.name, place.state().name, allowed)
}

fn not_allowed<P: Protocol>(needed: u64) -> Rejection {
    let names = P::Role::all().iter().filter(|role| role_mask([**role]) & needed != 0).map(|role| role.name());
    Rejection::not_allowed(names.collect::<Vec<_>>())
}

/// A time that never comes instead of a panic, for limits such as `Duration::MAX`.
pub(crate) fn saturating_add(now: Instant, after: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 10);
    now + after.min(FAR)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use switchboard_core::{Code, Decoded, Fault, Forms, Path, Reader, Report};

    use super::*;
    use crate::protocol::{EventInfo, NoIdentity, NoRole, Route};

    /// From the hall to a seat by `knock`, to the street after a second; the seat is for two seconds.
    struct House;

    const SECOND: Duration = Duration::from_secs(1);
    const KNOCK: u16 = 0;
    const SIT: u16 = 1;
    const FREE: u16 = 2;

    const fn step(next: Next) -> Option<Step> {
        Some(Step { roles: 0, next })
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

    fn admitted(flows: &Flows, route: u16) -> Result<(), Code> {
        flows.admit::<House>(route, 0).map_err(|rejection| rejection.code())
    }

    #[test]
    fn a_message_is_let_in_where_its_state_says_so() {
        let now = Instant::now();
        let mut flows = Flows::new::<House>(now);
        assert_eq!(admitted(&flows, KNOCK), Ok(()));
        assert_eq!(admitted(&flows, SIT), Err(Code::NotNow));
        assert!(!flows.succeed::<House>(KNOCK, now));
        assert_eq!(admitted(&flows, KNOCK), Err(Code::NotNow));
        assert_eq!(admitted(&flows, SIT), Ok(()));
    }

    #[test]
    fn a_message_that_no_flow_covers_is_always_let_in_and_changes_nothing() {
        let now = Instant::now();
        let mut flows = Flows::new::<House>(now);
        assert_eq!(admitted(&flows, FREE), Ok(()));
        assert!(!flows.succeed::<House>(FREE, now));
        assert_eq!(admitted(&flows, KNOCK), Ok(()));
    }

    #[test]
    fn a_timeout_may_lead_elsewhere() {
        let now = Instant::now();
        let mut flows = Flows::new::<House>(now);
        assert_eq!(flows.wake(), Some(now + SECOND));
        assert_eq!(flows.expire(now + SECOND / 2), None);
        assert_eq!(admitted(&flows, KNOCK), Ok(()));
        assert_eq!(flows.expire(now + SECOND), None);
        assert_eq!(admitted(&flows, KNOCK), Err(Code::NotNow));
        assert_eq!(flows.wake(), None);
        assert!(flows.succeed::<House>(SIT, now + SECOND), "the street is the end");
    }

    #[test]
    fn staying_does_not_win_time() {
        let now = Instant::now();
        let mut flows = Flows::new::<House>(now);
        flows.succeed::<House>(KNOCK, now);
        for tenth in 1..20 {
            let later = now + tenth * SECOND / 10;
            assert_eq!(flows.expire(later), None);
            assert!(!flows.succeed::<House>(SIT, later));
        }
        assert_eq!(flows.expire(now + 2 * SECOND), Some("visit"));
    }
}
