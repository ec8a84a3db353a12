//! Flows on topics: one place for each topic, shared by its members, and one message of a topic at a time.
//!
//! A message takes a ticket, waits until it is its turn, is let in or not, and leaves. Turns are given in the order of
//! the tickets. A topic that nobody has moved yet stands at the start without being kept: only a step that succeeds
//! makes a place for it, so messages that are refused or fail leave nothing behind.
//!
//! Time: a state is left by its timeout between two turns, never within one. Whoever takes a turn settles first.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::{Denied, Flow, Moved, Next, Place, Sender, Time};

/// The right to take part, once: numbers in the order of coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u64);

/// The topics of one flow.
#[derive(Debug)]
pub struct Rooms {
    flow: &'static Flow,
    /// So many topics are kept.
    most: usize,
    rooms: HashMap<Arc<str>, Room>,
    /// Topics that are kept, by the order of their beginning.
    kept: BTreeMap<u64, Arc<str>>,
    /// Places for topics that a running message may begin.
    reserved: usize,
    /// States of topics without a turn that end by themselves.
    ends: BTreeSet<(Time, Arc<str>)>,
    /// The topic that is looked at next when one is to be forgotten.
    hand: u64,
    /// The state of the topic that was forgotten last for want of room, until somebody asks.
    forgotten: Option<u8>,
    next: u64,
}

#[derive(Debug, Default)]
struct Room {
    /// Where it stands; at the start when it is not kept.
    place: Option<(Place, u64)>,
    /// Whether the running message has a place reserved.
    reserved: bool,
    running: Option<Ticket>,
    waiting: VecDeque<Ticket>,
}

impl Room {
    fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting.is_empty()
    }
}

impl Rooms {
    /// Without topics; `most` of them are kept.
    pub fn new(flow: &'static Flow, most: usize) -> Self {
        Self {
            flow,
            most,
            rooms: HashMap::new(),
            kept: BTreeMap::new(),
            reserved: 0,
            ends: BTreeSet::new(),
            hand: 0,
            forgotten: None,
            next: 0,
        }
    }

    /// The flow.
    pub fn flow(&self) -> &'static Flow {
        self.flow
    }

    /// How many topics are kept.
    pub fn count(&self) -> usize {
        self.kept.len()
    }

    /// How many topics are known, those with a turn that are not kept among them.
    pub fn known(&self) -> usize {
        self.rooms.len()
    }

    /// The state of a topic that is kept.
    pub fn kept_state(&self, topic: &str) -> Option<u8> {
        self.rooms.get(topic)?.place.map(|(place, _)| place.index())
    }

    /// The state of the topic that [`Self::admit`] has just forgotten, if it had to.
    pub fn take_forgotten(&mut self) -> Option<u8> {
        self.forgotten.take()
    }

    /// The state of a topic.
    pub fn state(&self, topic: &str) -> &'static str {
        let place = self.rooms.get(topic).and_then(|room| room.place);
        let state = place.map_or(self.flow.start, |(place, _)| place.index());
        self.flow.states[usize::from(state)].name
    }

    /// Where a topic stands.
    pub fn place(&self, topic: &str, now: Time) -> Place {
        let place = self.rooms.get(topic).and_then(|room| room.place);
        place.map_or_else(|| Place::start(self.flow, now), |(place, _)| place)
    }

    /// A message for this topic has come; whether it is its turn at once.
    pub fn enter(&mut self, topic: &str) -> (Ticket, bool) {
        self.next += 1;
        let ticket = Ticket(self.next);
        if !self.rooms.contains_key(topic) {
            self.rooms.insert(topic.into(), Room::default());
        }
        let Some(room) = self.rooms.get_mut(topic) else { return (ticket, false) };
        if !room.is_idle() {
            room.waiting.push_back(ticket);
            return (ticket, false);
        }
        room.running = Some(ticket);
        self.suspend(topic);
        (ticket, true)
    }

    /// Whether it is this message's turn.
    pub fn has_turn(&self, topic: &str, ticket: Ticket) -> bool {
        self.rooms.get(topic).is_some_and(|room| room.running == Some(ticket))
    }

    /// Leaves the topic's state if its time is over. For whoever has the turn, before anything else.
    pub fn settle(&mut self, topic: &str, now: Time) -> Moved {
        let flow = self.flow;
        let Some(room) = self.rooms.get_mut(topic) else { return Moved::Stayed };
        let Some((place, _)) = &mut room.place else { return Moved::Stayed };
        let moved = place.expire(flow, now);
        let place = *place;
        self.put(topic, place, moved);
        moved
    }

    /// Whether the message whose turn it is is let in. `empty` says whether nobody is a member of a topic: when there
    /// is no room for another one, one of those is forgotten.
    pub fn admit(
        &mut self,
        topic: &str,
        route: u16,
        sender: Sender,
        now: Time,
        empty: impl Fn(&str) -> bool,
    ) -> Result<(), Denied> {
        let place = self.rooms.get(topic).and_then(|room| room.place);
        let step = match place {
            Some((place, _)) => place.admit(self.flow, route, sender)?,
            None => Place::start(self.flow, now).admit(self.flow, route, sender)?,
        };
        if place.is_none() && self.is_worth_keeping(step.next) {
            self.reserve(topic, empty)?;
        }
        Ok(())
    }

    /// The message whose turn it is has succeeded.
    pub fn succeed(&mut self, topic: &str, route: u16, now: Time) -> Moved {
        let flow = self.flow;
        let known = self.rooms.get(topic).and_then(|room| room.place);
        let mut place = known.map_or_else(|| Place::start(flow, now), |(place, _)| place);
        let moved = place.succeed(flow, route, now);
        self.put(topic, place, moved);
        moved
    }

    /// The message leaves, whether it was its turn or not; the one whose turn it is now.
    pub fn leave(&mut self, topic: &str, ticket: Ticket) -> Option<Ticket> {
        let room = self.rooms.get_mut(topic)?;
        if room.running != Some(ticket) {
            room.waiting.retain(|waiting| *waiting != ticket);
            return None;
        }
        if std::mem::take(&mut room.reserved) {
            self.reserved -= 1;
        }
        room.running = room.waiting.pop_front();
        let next = room.running;
        if next.is_none() {
            match room.place {
                None => drop(self.rooms.remove(topic)),
                Some(_) => self.resume(topic),
            }
        }
        next
    }

    /// When [`Self::expired`] has something to do.
    pub fn wake(&self) -> Option<Time> {
        self.ends.first().map(|(ends, _)| *ends)
    }

    /// Gives the turn to each topic whose state's time is over and that nobody has: it is to be settled and left.
    pub fn expired(&mut self, now: Time) -> Vec<(Arc<str>, Ticket)> {
        let mut found = Vec::new();
        while let Some((_, topic)) = self.ends.first().filter(|(ends, _)| *ends <= now) {
            let topic = Arc::clone(topic);
            let (ticket, _) = self.enter(&topic);
            found.push((topic, ticket));
        }
        found
    }

    /// Whether a step from the start makes a difference that must be remembered.
    fn is_worth_keeping(&self, next: Next) -> bool {
        let start = self.flow.start;
        let timed = |state: u8| self.flow.states[usize::from(state)].timeout.is_some();
        match next {
            Next::Stay => timed(start),
            Next::State(state) => state != start || timed(start),
            Next::End => false,
        }
    }

    fn reserve(&mut self, topic: &str, empty: impl Fn(&str) -> bool) -> Result<(), Denied> {
        if self.kept.len() + self.reserved >= self.most && !self.forget_an_empty_one(empty) {
            return Err(Denied::Full);
        }
        if let Some(room) = self.rooms.get_mut(topic)
            && !std::mem::replace(&mut room.reserved, true)
        {
            self.reserved += 1;
        }
        Ok(())
    }

    /// Forgets a topic without members, the older ones first; a few are looked at each time.
    fn forget_an_empty_one(&mut self, empty: impl Fn(&str) -> bool) -> bool {
        let from_here = self.kept.range(self.hand..).chain(self.kept.range(..self.hand));
        let mut looked_at =
            from_here.take(LOOKS).map(|(number, topic)| (*number, Arc::clone(topic))).collect::<Vec<_>>();
        self.hand = looked_at.last().map_or(0, |(number, _)| number + 1);
        looked_at.retain(|(_, topic)| self.rooms.get(topic).is_some_and(Room::is_idle) && empty(topic));
        let Some((_, topic)) = looked_at.first() else { return false };
        self.forgotten = self.kept_state(topic);
        self.suspend(topic);
        self.forget(topic);
        self.rooms.remove(topic);
        true
    }

    /// A topic that stands where one stands that nobody has moved yet is not kept.
    fn put(&mut self, topic: &str, place: Place, moved: Moved) {
        let untouched = place.index() == self.flow.start && place.ends().is_none();
        if moved == Moved::Ended || untouched { self.forget(topic) } else { self.keep(topic, place) }
    }

    fn keep(&mut self, topic: &str, place: Place) {
        let Some((key, room)) = self.rooms.get_key_value(topic) else { return };
        let key = Arc::clone(key);
        let number = match room.place {
            Some((_, number)) => number,
            None => {
                self.next += 1;
                self.kept.insert(self.next, key);
                self.next
            }
        };
        if let Some(room) = self.rooms.get_mut(topic) {
            room.place = Some((place, number));
            if std::mem::take(&mut room.reserved) {
                self.reserved -= 1;
            }
        }
    }

    /// The topic is at the start again.
    fn forget(&mut self, topic: &str) {
        let Some(room) = self.rooms.get_mut(topic) else { return };
        if let Some((_, number)) = room.place.take() {
            self.kept.remove(&number);
        }
    }

    /// Somebody has the turn: the state ends by itself no more.
    fn suspend(&mut self, topic: &str) {
        let Some((key, room)) = self.rooms.get_key_value(topic) else { return };
        if let Some(ends) = room.place.and_then(|(place, _)| place.ends()) {
            self.ends.remove(&(ends, Arc::clone(key)));
        }
    }

    /// Nobody has the turn.
    fn resume(&mut self, topic: &str) {
        let Some((key, room)) = self.rooms.get_key_value(topic) else { return };
        if let Some(ends) = room.place.and_then(|(place, _)| place.ends()) {
            self.ends.insert((ends, Arc::clone(key)));
        }
    }
}

/// So many topics are looked at when one without members is to be forgotten.
const LOOKS: usize = 64;
