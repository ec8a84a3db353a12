//! Flows on topics under schedules made at random, against the naive reading of what they promise.
//!
//! `SEED=… CASES=… cargo test -p switchboard-core --test flows` tries others.

#[path = "support/random.rs"]
mod random;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use random::{Random, cases, seed};
use switchboard_core::flow::rooms::{Rooms, Ticket};
use switchboard_core::flow::{Denied, Flow, FlowState, Moved, Next, Sender, Step, Time};

const ROUTES: usize = 4;
const TOPICS: [&str; 4] = ["a", "b", "c", "d"];

/// A flow made at random. Leaked: in a protocol it is a constant.
fn flow(random: &mut Random) -> &'static Flow {
    let count = 1 + random.below(4);
    let next = |random: &mut Random| match random.below(6) {
        0 | 1 => Next::Stay,
        2 => Next::End,
        _ => Next::State(random.below(count) as u8),
    };
    let states = (0..count).map(|_| {
        let timeout = random.one_in(2).then(|| (Duration::from_secs(1 + random.below(5) as u64), next(random)));
        let step = |random: &mut Random| Step {
            roles: if random.one_in(4) { 0b10 } else { 0 },
            member: random.one_in(4),
            next: next(random),
        };
        let steps: Vec<_> = (0..ROUTES).map(|_| (!random.one_in(4)).then(|| step(random))).collect();
        FlowState { name: "state", timeout, steps: Vec::leak(steps) }
    });
    let states: Vec<_> = states.collect();
    Box::leak(Box::new(Flow { name: "game", start: random.below(count) as u8, states: Vec::leak(states) }))
}

/// A topic as somebody would keep it who reads the documentation.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Model {
    state: u8,
    ends: Option<Time>,
}

#[derive(Debug, Default)]
struct Line {
    running: Option<Ticket>,
    waiting: VecDeque<Ticket>,
}

struct World {
    flow: &'static Flow,
    rooms: Rooms,
    most: usize,
    now: Time,
    models: HashMap<&'static str, Model>,
    lines: BTreeMap<&'static str, Line>,
    /// Topics with members.
    peopled: [bool; TOPICS.len()],
}

impl World {
    fn entered(&self, state: u8) -> Model {
        let timeout = self.flow.states[usize::from(state)].timeout;
        Model { state, ends: timeout.map(|(after, _)| self.now + after) }
    }

    fn model(&self, topic: &str) -> Model {
        self.models.get(topic).copied().unwrap_or_else(|| self.entered(self.flow.start))
    }

    fn go(&mut self, topic: &'static str, from: Model, next: Next) -> Moved {
        let (model, moved) = match next {
            Next::Stay => (Some(from), Moved::Stayed),
            Next::End => (None, Moved::Ended),
            Next::State(state) => (Some(self.entered(state)), Moved::Entered(state)),
        };
        match model.filter(|model| *model != Model { state: self.flow.start, ends: None }) {
            Some(model) => drop(self.models.insert(topic, model)),
            None => drop(self.models.remove(topic)),
        }
        moved
    }

    fn settle(&mut self, topic: &'static str) {
        let wanted = match self.models.get(topic).copied() {
            Some(model) if model.ends.is_some_and(|ends| ends <= self.now) => {
                let (_, next) = self.flow.states[usize::from(model.state)].timeout.expect("it has one");
                self.go(topic, Model { ends: None, ..model }, next)
            }
            _ => Moved::Stayed,
        };
        assert_eq!(self.rooms.settle(topic, self.now), wanted);
    }

    /// One whole turn of whoever has it, or its beginning and a failure.
    fn turn(&mut self, random: &mut Random, topic: &'static str) {
        self.settle(topic);
        let (route, sender) =
            (random.below(ROUTES), Sender { roles: random.below(4) as u64, member: random.one_in(2) });
        let model = self.model(topic);
        let step = self.flow.states[usize::from(model.state)].steps[route];
        let wanted = match step {
            None => Err(Denied::NotNow),
            Some(step) if step.roles != 0 && step.roles & sender.roles == 0 => Err(Denied::Roles(step.roles)),
            Some(step) if step.member && !sender.member => Err(Denied::Members),
            Some(_) => Ok(()),
        };
        let before = self.rooms.count();
        let peopled = self.peopled;
        let empty = |topic: &str| TOPICS.iter().position(|known| *known == topic).is_some_and(|at| !peopled[at]);
        let found = self.rooms.admit(topic, route as u16, sender, self.now, empty);
        self.forget_what_was_forgotten(before, topic);
        if found == Err(Denied::Full) {
            assert!(wanted.is_ok() && !self.models.contains_key(topic), "full for a topic that is kept, or refused");
            assert!(self.rooms.count() <= self.most);
            return;
        }
        assert_eq!(found, wanted);
        if found.is_ok() && !random.one_in(3) {
            let next = step.map_or(Next::Stay, |step| step.next);
            let moved = self.go(topic, model, next);
            assert_eq!(self.rooms.succeed(topic, route as u16, self.now), moved);
        }
    }

    /// At the bound a topic without members and without a turn is forgotten: found out by asking.
    fn forget_what_was_forgotten(&mut self, before: usize, but: &str) {
        if self.rooms.count() == before {
            return;
        }
        assert_eq!((before, self.rooms.count()), (self.most, self.most - 1), "only one, and only at the bound");
        let idle = |topic: &str| self.lines.get(topic).is_none_or(|line| line.running.is_none());
        let gone = (0..TOPICS.len()).filter(|&at| !self.peopled[at] && TOPICS[at] != but && idle(TOPICS[at]));
        let gone: Vec<&str> = gone.map(|at| TOPICS[at]).collect();
        let kept: Vec<&'static str> = self.models.keys().copied().filter(|topic| gone.contains(topic)).collect();
        // Which of them: the one whose place the rooms no longer have; entering and leaving changes nothing.
        let forgotten = kept.into_iter().find(|topic| {
            let known = self.rooms.known();
            let (ticket, _) = self.rooms.enter(topic);
            let new = self.rooms.known() > known;
            self.rooms.leave(topic, ticket);
            new
        });
        let forgotten = forgotten.expect("one without members and without a turn");
        self.models.remove(forgotten);
    }

    fn leave(&mut self, topic: &'static str, ticket: Ticket) {
        let line = self.lines.get_mut(topic).expect("it has come");
        let next = match line.running == Some(ticket) {
            true => {
                line.running = line.waiting.pop_front();
                line.running
            }
            false => {
                line.waiting.retain(|waiting| *waiting != ticket);
                None
            }
        };
        assert_eq!(self.rooms.leave(topic, ticket), next);
    }

    fn check(&self) {
        assert!(self.rooms.count() <= self.most);
        assert_eq!(self.rooms.count(), self.models.len());
        let busy = |topic: &str| self.lines.get(topic).is_some_and(|line| line.running.is_some());
        let known = TOPICS.iter().filter(|topic| busy(topic) || self.models.contains_key(**topic)).count();
        assert_eq!(self.rooms.known(), known, "nothing is left of a topic that is not kept");
        let wake = self.models.iter().filter(|(topic, _)| !busy(topic)).filter_map(|(_, model)| model.ends).min();
        assert_eq!(self.rooms.wake(), wake);
    }

    fn act(&mut self, random: &mut Random) {
        let at = random.below(TOPICS.len());
        let topic = TOPICS[at];
        let line = self.lines.entry(topic).or_default();
        match random.below(8) {
            0..=2 => {
                let (ticket, turn) = self.rooms.enter(topic);
                assert_eq!(turn, line.running.is_none());
                match turn {
                    true => line.running = Some(ticket),
                    false => line.waiting.push_back(ticket),
                }
                assert_eq!(self.rooms.has_turn(topic, ticket), turn);
            }
            3 | 4 => {
                if let Some(ticket) = line.running {
                    self.turn(random, topic);
                    self.leave(topic, ticket);
                }
            }
            5 => {
                let waiting = line.waiting.len();
                if let Some(&ticket) = line.waiting.get(random.below(waiting)) {
                    self.leave(topic, ticket);
                }
            }
            6 => self.peopled[at] = !self.peopled[at],
            _ => {
                self.now += Duration::from_millis(random.below(3_000) as u64);
                for (topic, ticket) in self.rooms.expired(self.now) {
                    let topic = TOPICS.into_iter().find(|known| **known == *topic).expect("it is known");
                    let line = self.lines.entry(topic).or_default();
                    assert!(line.running.is_none(), "a state ends between two turns");
                    line.running = Some(ticket);
                    self.settle(topic);
                    self.leave(topic, ticket);
                }
                let late = self.models.iter().find(|(topic, model)| {
                    self.lines[**topic].running.is_none() && model.ends.is_some_and(|ends| ends <= self.now)
                });
                assert_eq!(late, None, "no time is over without an end");
            }
        }
        self.check();
    }
}

#[test]
fn topics_keep_to_their_flow_one_message_at_a_time_whatever_comes_when() {
    let seed = seed();
    for case in 0..cases(3_000) {
        let outcome = std::panic::catch_unwind(|| schedule(seed, case));
        assert!(outcome.is_ok(), "SEED={seed}, case {case}");
    }
    println!("SEED={seed}");
}

fn schedule(seed: u64, case: u64) {
    let random = &mut Random::new(seed, case);
    let flow = flow(random);
    let most = 1 + random.below(TOPICS.len());
    let mut world = World {
        flow,
        rooms: Rooms::new(flow, most),
        most,
        now: Duration::ZERO,
        models: HashMap::new(),
        lines: BTreeMap::new(),
        peopled: [false; TOPICS.len()],
    };
    for _ in 0..200 {
        world.act(random);
    }
}
