//! Flows: which messages are let in when, and where each leads.
//!
//! A flow is a table; a [`Place`] is where something stands in it: a connection ([`Flows`]) or a topic ([`rooms`]).
//! Pure: time comes in as an argument, counted from whatever moment the caller likes.
//! Invariant: a refused or failed message changes nothing.

pub mod rooms;

use std::time::Duration;

/// Time since a moment that the caller has chosen once.
pub type Time = Duration;

/// A flow: which of the messages it covers is allowed when.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// As written.
    pub name: &'static str,
    /// The state of something new.
    pub start: u8,
    /// Its states.
    pub states: &'static [FlowState],
}

/// A state of a flow.
#[derive(Clone, Copy, Debug)]
pub struct FlowState {
    /// As written.
    pub name: &'static str,
    /// `after 30s -> next`
    pub timeout: Option<(Duration, Next)>,
    /// What is allowed here, one slot a message of the protocol.
    pub steps: &'static [Option<Step>],
}

/// A message that a state allows.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// A bit for each role that may send it; 0: anyone.
    pub roles: u64,
    /// Only members of the flow's topic may send it.
    pub member: bool,
    /// Where it leads when it has succeeded.
    pub next: Next,
}

impl Step {
    /// A message that anybody may send.
    pub const fn to(next: Next) -> Self {
        Self { roles: 0, member: false, next }
    }

    /// Only who has one of these roles.
    pub const fn by_roles(self, roles: u64) -> Self {
        Self { roles, ..self }
    }

    /// Only members of the flow's topic.
    pub const fn by_members(self) -> Self {
        Self { member: true, ..self }
    }
}

/// Where a step or a timeout leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nowhere.
    Stay,
    /// To the state with this index.
    State(u8),
    /// The connection is closed, or the topic's flow begins anew.
    End,
}

/// Who sends a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// A bit for each of its roles.
    pub roles: u64,
    /// Whether it is a member of the flow's topic.
    pub member: bool,
}

/// Why a message is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The state does not allow it.
    NotNow,
    /// One of these roles is needed.
    Roles(u64),
    /// Only members of the topic may send it.
    Members,
    /// There is no room for another topic's flow.
    Full,
}

/// What came of a step or a timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The state is the same.
    Stayed,
    /// This state was entered, anew if it was left.
    Entered(u8),
    /// The flow is over.
    Ended,
}

/// Where something stands in a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    state: u8,
    ends: Option<Time>,
}

impl Place {
    /// In the start state.
    pub fn start(flow: &Flow, now: Time) -> Self {
        Self::entered(flow, flow.start, now)
    }

    fn entered(flow: &Flow, state: u8, now: Time) -> Self {
        let timeout = flow.states[usize::from(state)].timeout;
        Self { state, ends: timeout.map(|(after, _)| now.saturating_add(after)) }
    }

    /// The index of the state.
    pub fn index(&self) -> u8 {
        self.state
    }

    /// The state.
    pub fn state(&self, flow: &Flow) -> &'static FlowState {
        &flow.states[usize::from(self.state)]
    }

    /// When [`Self::expire`] has something to do.
    pub fn ends(&self) -> Option<Time> {
        self.ends
    }

    /// Whether this sender may send this message now.
    pub fn admit(&self, flow: &Flow, route: u16, sender: Sender) -> Result<Step, Denied> {
        match self.step(flow, route) {
            None => Err(Denied::NotNow),
            Some(step) if step.roles != 0 && step.roles & sender.roles == 0 => Err(Denied::Roles(step.roles)),
            Some(step) if step.member && !sender.member => Err(Denied::Members),
            Some(step) => Ok(step),
        }
    }

    /// This message has succeeded.
    pub fn succeed(&mut self, flow: &Flow, route: u16, now: Time) -> Moved {
        // A timeout may have moved the flow while the handler ran: then the step is no longer there.
        let next = self.step(flow, route).map_or(Next::Stay, |step| step.next);
        self.go(flow, next, now)
    }

    /// Leaves a state whose time is over.
    pub fn expire(&mut self, flow: &Flow, now: Time) -> Moved {
        if self.ends.is_none_or(|ends| ends > now) {
            return Moved::Stayed;
        }
        self.ends = None;
        let next = self.state(flow).timeout.map_or(Next::Stay, |(_, next)| next);
        self.go(flow, next, now)
    }

    fn go(&mut self, flow: &Flow, next: Next, now: Time) -> Moved {
        match next {
            Next::Stay => Moved::Stayed,
            Next::End => Moved::Ended,
            Next::State(state) => {
                *self = Self::entered(flow, state, now);
                Moved::Entered(state)
            }
        }
    }

    fn step(&self, flow: &Flow, route: u16) -> Option<Step> {
        self.state(flow).steps.get(usize::from(route)).copied().flatten()
    }
}

/// The flows of one connection.
#[derive(Debug)]
pub struct Flows {
    places: Box<[(&'static Flow, Place)]>,
    /// The earliest of the places' ends.
    wake: Option<Time>,
}

impl Flows {
    /// Every flow in its start state.
    pub fn new(flows: &'static [Flow], now: Time) -> Self {
        let places = flows.iter().map(|flow| (flow, Place::start(flow, now))).collect();
        let mut flows = Self { places, wake: None };
        flows.note_wake();
        flows
    }

    /// The flow with this index, and where the connection stands in it.
    pub fn place(&self, flow: u8) -> (&'static Flow, Place) {
        self.places[usize::from(flow)]
    }

    /// Where the connection stands in each of its flows.
    pub fn places(&self) -> impl Iterator<Item = (&'static Flow, Place)> {
        self.places.iter().copied()
    }

    /// Whether a connection with these roles may send this message, which the flow with this index covers, now.
    pub fn admit(&self, flow: u8, route: u16, roles: u64) -> Result<Step, Denied> {
        let (flow, place) = self.place(flow);
        place.admit(flow, route, Sender { roles, member: false })
    }

    /// This message, which the flow with this index covers, has succeeded.
    pub fn succeed(&mut self, flow: u8, route: u16, now: Time) -> Moved {
        let (flow, place) = &mut self.places[usize::from(flow)];
        let moved = place.succeed(flow, route, now);
        self.note_wake();
        moved
    }

    /// When [`Self::expire`] has something to do.
    pub fn wake(&self) -> Option<Time> {
        self.wake
    }

    /// Leaves the states whose time is over; a flow that has come to its end by that.
    pub fn expire(&mut self, now: Time) -> Option<&'static Flow> {
        let over = self.places.iter_mut().find_map(|(flow, place)| match place.expire(flow, now) {
            Moved::Ended => Some(*flow),
            _ => None,
        });
        self.note_wake();
        over
    }

    fn note_wake(&mut self) {
        self.wake = self.places.iter().filter_map(|(_, place)| place.ends).min();
    }
}
