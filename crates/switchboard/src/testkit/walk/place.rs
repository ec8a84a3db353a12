//! Where a client stands in the flows of its protocol, as its own messages and the time tell.

use std::time::Duration;

use switchboard_core::schema::{Leads, Schema, Step};
use tokio::time::Instant;

/// The states of one client; of flows that each connection has for itself.
#[derive(Clone, Debug)]
pub(super) struct Places(Vec<Place>);

#[derive(Clone, Debug)]
struct Place {
    flow: usize,
    state: usize,
    /// When its time is over: not before the first and surely by the second.
    ends: Option<(Instant, Instant)>,
}

/// What is to be expected of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing<'s> {
    /// It is let in.
    Allowed,
    /// Its state does not have it.
    NotNow { flow: &'s str, state: &'s str },
    /// It takes one of these roles.
    NotAllowed,
}

impl Places {
    /// Of a client that connected at some time between these two.
    pub fn new(schema: &Schema, since: Instant, now: Instant) -> Self {
        let flows = schema.flows.iter().enumerate().filter(|(_, flow)| flow.on.is_none());
        let mut places = Self(flows.map(|(flow, _)| Place { flow, state: 0, ends: None }).collect());
        for place in &mut places.0 {
            place.enter(schema, schema.flows[place.flow].start, since, now);
        }
        places
    }

    /// Whether the message with this number is let in from a client with these roles.
    pub fn standing<'s>(&self, schema: &'s Schema, message: usize, roles: &[String]) -> Standing<'s> {
        for place in &self.0 {
            let flow = &schema.flows[place.flow];
            if !flow.covers.contains(&message) {
                continue;
            }
            let state = &flow.states[place.state];
            match place.step(schema, message) {
                None => return Standing::NotNow { flow: &flow.name, state: &state.name },
                Some(step) if !step.roles.is_empty() && !step.roles.iter().any(|role| roles.contains(role)) => {
                    return Standing::NotAllowed;
                }
                Some(_) => {}
            }
        }
        Standing::Allowed
    }

    /// A message has succeeded, sent and answered between these two times. Whether the connection is closed for it.
    pub fn succeed(&mut self, schema: &Schema, message: usize, since: Instant, now: Instant) -> bool {
        let mut over = false;
        for place in &mut self.0 {
            let leads = match place.step(schema, message) {
                Some(step) if schema.flows[place.flow].covers.contains(&message) => step.leads,
                _ => continue,
            };
            over |= place.follow(schema, leads, since, now);
        }
        over
    }

    /// Whether the time of a state may be over by now, or not yet: then nothing is sure, for so long.
    pub fn unsure(&self, now: Instant) -> Option<Duration> {
        let unsure = |(from, until): (Instant, Instant)| from <= now + MOMENT && now < until + MOMENT;
        let ends = self.0.iter().filter_map(|place| place.ends).filter(|ends| unsure(*ends));
        ends.map(|(_, until)| (until + 2 * MOMENT).saturating_duration_since(now)).max()
    }

    /// Leaves the states whose time is over. Whether the connection is closed for it.
    pub fn expire(&mut self, schema: &Schema, now: Instant) -> bool {
        let mut over = false;
        for place in &mut self.0 {
            while let Some((from, until)) = place.ends.filter(|(_, until)| *until <= now) {
                let after = schema.flows[place.flow].states[place.state].after.as_ref();
                place.ends = None;
                over |= after.is_some_and(|after| place.follow(schema, after.leads, from, until));
            }
        }
        over
    }
}

impl Place {
    fn step<'s>(&self, schema: &'s Schema, message: usize) -> Option<&'s Step> {
        schema.flows[self.flow].states[self.state].steps.iter().find(|step| step.message == message)
    }

    fn follow(&mut self, schema: &Schema, leads: Leads, since: Instant, now: Instant) -> bool {
        if let Some(next) = leads.next {
            self.enter(schema, next, since, now);
        }
        leads.end
    }

    fn enter(&mut self, schema: &Schema, state: usize, since: Instant, now: Instant) {
        self.state = state;
        let after = schema.flows[self.flow].states[state].after.as_ref();
        self.ends = after.map(|after| (since + Duration::from_millis(after.ms), now + Duration::from_millis(after.ms)));
    }
}

/// How exact the clock of a test is.
const MOMENT: Duration = Duration::from_millis(5);
