//! The schedule against a model so naive that it can be believed: a list of messages, looked through from the start.

#[path = "support/random.rs"]
mod random;

use std::collections::BTreeMap;

use random::{Random, cases, seed};
use switchboard_core::schedule::{Claim, Entry, Schedule, Slot};

/// One message in the model.
#[derive(Clone, Debug)]
struct Message {
    claim: Claim,
    key: Option<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Parked,
    Running,
    Gone,
}

/// Everything by looking: no counts, no queues.
#[derive(Default)]
struct Naive {
    messages: Vec<Message>,
    most: usize,
}

impl Naive {
    /// Lets in and starts what can be; which ones were started, in order.
    fn settle(&mut self) -> Vec<usize> {
        let mut started = Vec::new();
        for index in 0..self.messages.len() {
            if self.messages[index].state == State::Parked && self.key_is_free(index) {
                self.messages[index].state = State::Running;
                started.push(index);
            }
        }
        while let Some(index) = self.messages.iter().position(|message| message.state == State::Waiting) {
            if !self.admits(index) {
                break;
            }
            let state = if self.key_is_free(index) { State::Running } else { State::Parked };
            self.messages[index].state = state;
            if state == State::Running {
                started.push(index);
            }
        }
        started
    }

    fn admits(&self, index: usize) -> bool {
        let claim = self.messages[index].claim;
        let inside = self.messages.iter().filter(|message| matches!(message.state, State::Running | State::Parked));
        let running = self.messages.iter().filter(|message| message.state == State::Running);
        let in_lane = running.filter(|message| message.claim.lane == claim.lane).count();
        let moved = inside.clone().any(|message| message.claim.moves && message.claim.flow == claim.flow);
        in_lane < claim.lane.map_or(1, |(_, most)| most as usize)
            && inside.count() < self.most
            && !(claim.flow.is_some() && moved)
    }

    /// No earlier one of the same lane and key is still there.
    fn key_is_free(&self, index: usize) -> bool {
        let message = &self.messages[index];
        message.key.is_none()
            || !self.messages[..index].iter().any(|earlier| {
                matches!(earlier.state, State::Running | State::Parked)
                    && (earlier.claim.lane, earlier.key) == (message.claim.lane, message.key)
            })
    }
}

/// The schedule with a queue in front of it, as a connection has one.
struct Real {
    schedule: Schedule,
    slots: BTreeMap<Slot, usize>,
    next: usize,
}

impl Real {
    fn settle(&mut self, messages: &[Message], started: &mut Vec<usize>) {
        while let Some(message) = messages.get(self.next) {
            if message.state == State::Gone {
                self.next += 1;
                continue;
            }
            if !self.schedule.admits(message.claim) {
                break;
            }
            let key = message.key.map(|key| [key]);
            let slot = match self.schedule.enter(message.claim, key.as_ref().map(<[u8; 1]>::as_slice)) {
                Entry::Runs(slot) => {
                    started.push(self.next);
                    slot
                }
                Entry::Parked(slot) => slot,
            };
            self.slots.insert(slot, self.next);
            self.next += 1;
        }
    }

    fn slot_of(&self, index: usize) -> Slot {
        *self.slots.iter().find(|(_, held)| **held == index).unwrap().0
    }
}

fn any_message(random: &mut Random) -> Message {
    let lanes = [None, Some((1, 1)), Some((2, 2)), Some((3, 4))];
    let lane = lanes[random.below(4)];
    let key = (lane.is_some_and(|(lane, _)| lane >= 2) && random.below(4) > 0).then(|| random.below(3) as u8);
    let flow = (random.below(3) == 0).then(|| random.below(2) as u8);
    let claim = Claim { lane, flow, moves: flow.is_some() && random.below(4) == 0 };
    Message { claim, key, state: State::Waiting }
}

fn one_schedule(seed: u64, case: u64) {
    let mut random = Random::new(seed, case);
    let most = 1 + random.below(10);
    let mut naive = Naive { messages: Vec::new(), most };
    let mut real = Real { schedule: Schedule::new(most), slots: BTreeMap::new(), next: 0 };
    for step in 0..120 {
        let mut started = Vec::new();
        let inside: Vec<usize> = (0..naive.messages.len())
            .filter(|index| matches!(naive.messages[*index].state, State::Running | State::Parked))
            .collect();
        match random.below(5) {
            0 | 1 => naive.messages.push(any_message(&mut random)),
            2 | 3 if !inside.is_empty() => {
                let index = inside[random.below(inside.len())];
                let slot = real.slot_of(index);
                match naive.messages[index].state {
                    State::Running => started.extend(real.schedule.finish(slot).map(|next| real.slots[&next])),
                    _ => real.schedule.withdraw(slot),
                }
                real.slots.remove(&slot);
                naive.messages[index].state = State::Gone;
            }
            _ => {
                let waiting = naive.messages.iter().rposition(|message| message.state == State::Waiting);
                if let Some(index) = waiting.filter(|index| *index >= real.next) {
                    naive.messages[index].state = State::Gone;
                }
            }
        }
        real.settle(&naive.messages, &mut started);
        let expected = naive.settle();
        assert_eq!(started, expected, "SEED={seed} case {case} step {step}");
        assert_eq!(real.schedule.is_idle(), real.slots.is_empty(), "SEED={seed} case {case} step {step}");
    }
}

#[test]
fn random_schedules_run_as_a_naive_model_says() {
    let seed = seed();
    (0..cases(2_000)).for_each(|case| one_schedule(seed, case));
}

fn lane(lane: u16, most: u32) -> Claim {
    Claim { lane: Some((lane, most)), ..Claim::default() }
}

fn runs(entry: Entry) -> Slot {
    match entry {
        Entry::Runs(slot) => slot,
        Entry::Parked(slot) => panic!("{slot:?} is parked"),
    }
}

#[test]
fn ordinary_messages_are_handled_one_after_another() {
    let mut schedule = Schedule::new(8);
    let first = runs(schedule.enter(Claim::default(), None));
    assert!(!schedule.admits(Claim::default()));
    assert_eq!(schedule.finish(first), None);
    assert!(schedule.admits(Claim::default()) && schedule.is_idle());
}

#[test]
fn a_lane_takes_as_many_as_it_says_beside_everything_else() {
    let mut schedule = Schedule::new(8);
    runs(schedule.enter(Claim::default(), None));
    let first = runs(schedule.enter(lane(1, 2), None));
    assert!(schedule.admits(lane(1, 2)));
    runs(schedule.enter(lane(1, 2), None));
    assert!(!schedule.admits(lane(1, 2)));
    assert!(schedule.admits(lane(2, 1)));
    schedule.finish(first);
    assert!(schedule.admits(lane(1, 2)));
}

#[test]
fn equal_keys_run_in_their_order_and_keep_others_not_back() {
    let mut schedule = Schedule::new(8);
    let first = runs(schedule.enter(lane(1, 4), Some(b"a")));
    let Entry::Parked(second) = schedule.enter(lane(1, 4), Some(b"a")) else { panic!("two of one key") };
    let Entry::Parked(third) = schedule.enter(lane(1, 4), Some(b"a")) else { panic!("two of one key") };
    runs(schedule.enter(lane(1, 4), Some(b"b")));
    assert_eq!(schedule.finish(first), Some(second));
    assert_eq!(schedule.finish(second), Some(third));
    assert_eq!(schedule.finish(third), None);
    runs(schedule.enter(lane(1, 4), Some(b"a")));
}

#[test]
fn what_is_covered_by_a_flow_waits_for_what_may_move_it() {
    let mut schedule = Schedule::new(8);
    let mover = Claim { flow: Some(0), moves: true, ..Claim::default() };
    let first = runs(schedule.enter(mover, None));
    assert!(!schedule.admits(Claim { flow: Some(0), ..lane(1, 4) }));
    assert!(schedule.admits(Claim { flow: Some(1), ..lane(1, 4) }));
    schedule.finish(first);
    assert!(schedule.admits(Claim { flow: Some(0), ..lane(1, 4) }));
}

#[test]
fn the_bound_counts_parked_messages_too() {
    let mut schedule = Schedule::new(2);
    runs(schedule.enter(lane(1, 9), Some(b"a")));
    let Entry::Parked(parked) = schedule.enter(lane(1, 9), Some(b"a")) else { panic!("two of one key") };
    assert!(!schedule.admits(Claim::default()));
    schedule.withdraw(parked);
    assert!(schedule.admits(Claim::default()));
}
