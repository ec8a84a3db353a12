//! The roster of a topic, under schedules made at random, against what a reader of its promises would write down.

#[path = "support/random.rs"]
mod random;

use std::collections::BTreeMap;

use random::{Random, cases, seed};
use switchboard_core::roster::{Due, Roster, Settlement, Stamp};

type Frames = Vec<u32>;

/// A topic, the claims that are open, and what everybody has heard.
#[derive(Default)]
struct World {
    roster: Roster<u64, Frames>,
    claims: Vec<Claim>,
    model: BTreeMap<u64, Model>,
    heard: BTreeMap<u64, Frames>,
    sent: u32,
}

struct Claim {
    id: u64,
    stamp: Stamp,
    /// What had been sent when it was made.
    since: u32,
    /// Which time of the connection in the topic it belongs to.
    visit: u32,
}

/// What a connection should be, and have heard.
#[derive(Default)]
struct Model {
    member: bool,
    claims: u32,
    waiting: Frames,
    heard: Frames,
    /// Counts up when everything is forgotten.
    visit: u32,
}

impl Model {
    fn release(&mut self) {
        self.heard.append(&mut self.waiting);
    }

    fn send(&mut self, frame: u32) {
        match (self.claims, self.member) {
            (0, true) => self.heard.push(frame),
            (0, false) => {}
            _ => self.waiting.push(frame),
        }
    }

    fn settle(&mut self, how: Settlement) {
        self.claims -= 1;
        self.member = match how {
            Settlement::Joined => true,
            Settlement::Left => false,
            Settlement::Undone => self.member,
        };
        match self.claims {
            0 if self.member => self.release(),
            0 => self.waiting.clear(),
            _ if how == Settlement::Joined => self.release(),
            _ => {}
        }
    }
}

impl World {
    fn step(&mut self, random: &mut Random) {
        let id = random.below(4) as u64;
        match random.below(10) {
            0..=3 => self.send(random.one_in(3).then_some(id)),
            4 | 5 => self.claim(id, random.one_in(2)),
            6..=7 if !self.claims.is_empty() => {
                let index = random.below(self.claims.len());
                self.settle(index, random.one_in(3));
            }
            8 => self.join(id),
            _ if random.one_in(2) => self.leave(id),
            _ => {}
        }
    }

    fn send(&mut self, except: Option<u64>) {
        self.sent += 1;
        let frame = self.sent;
        for (id, reach) in self.roster.live().filter(|(id, _)| Some(*id) != except) {
            assert_eq!(id, *reach);
            self.heard.entry(id).or_default().push(frame);
        }
        for aside in self.roster.unsettled().filter(|aside| Some(aside.id) != except) {
            assert!(self.model.get(&aside.id).is_none_or(|model| model.member == aside.member));
            aside.waiting.push(frame);
        }
        self.model.iter_mut().filter(|(id, _)| Some(**id) != except).for_each(|(_, model)| model.send(frame));
    }

    fn claim(&mut self, id: u64, leave: bool) {
        let model = self.model.entry(id).or_default();
        let settled = model.claims == 0;
        let nothing_to_do = if leave { settled && !model.member } else { settled && model.member };
        let stamp = if leave { self.roster.claim_leave(id) } else { self.roster.claim_join(id, &id) };
        assert_eq!(stamp.is_none(), nothing_to_do);
        let Some(stamp) = stamp else { return };
        model.claims += 1;
        self.claims.push(Claim { id, stamp, since: self.sent, visit: model.visit });
    }

    fn settle(&mut self, index: usize, undone: bool) {
        let Claim { id, stamp, since, visit } = self.claims.swap_remove(index);
        let how = match () {
            () if undone => Settlement::Undone,
            () if since % 2 == 0 => Settlement::Joined,
            () => Settlement::Left,
        };
        let due = self.roster.settle(id, stamp, how);
        self.take(id, due);
        let model = self.model.entry(id).or_default();
        if visit == model.visit {
            model.settle(how);
        }
    }

    fn join(&mut self, id: u64) {
        let due = self.roster.join(id, &id);
        self.take(id, due);
        let model = self.model.entry(id).or_default();
        model.member = true;
        model.release();
    }

    fn leave(&mut self, id: u64) {
        let model = self.model.entry(id).or_default();
        assert_eq!(self.roster.leave(id), model.member);
        *model = Model { heard: std::mem::take(&mut model.heard), visit: model.visit + 1, ..Model::default() };
    }

    fn take(&mut self, id: u64, due: Due<u64, Frames>) {
        if let Some((reach, frames)) = due {
            assert_eq!(reach, id);
            self.heard.entry(id).or_default().extend(frames);
        }
    }

    fn check(&self) {
        for (id, model) in &self.model {
            let heard = self.heard.get(id).map_or(&[][..], Vec::as_slice);
            assert_eq!(heard, model.heard, "what {id} has heard");
            assert!(heard.is_sorted_by(|a, b| a < b), "twice, or out of order: {heard:?}");
            assert_eq!(self.roster.has(*id), model.member, "whether {id} is a member");
            assert_eq!(self.roster.knows(*id), model.member || model.claims > 0);
        }
        let known = self.model.values().filter(|model| model.member || model.claims > 0).count();
        assert_eq!(self.roster.known().count(), known);
        let members = self.model.values().filter(|model| model.member).count();
        assert_eq!((self.roster.count(), self.roster.members().count()), (members, members));
        assert_eq!(self.roster.is_settled(), self.model.values().all(|model| model.claims == 0));
    }
}

#[test]
fn whatever_happens_in_whatever_order_a_roster_keeps_its_promises() {
    let seed = seed();
    for case in 0..cases(5_000) {
        let outcome = std::panic::catch_unwind(|| {
            let (mut random, mut world) = (Random::new(seed, case), World::default());
            for _ in 0..40 {
                world.step(&mut random);
                world.check();
            }
        });
        assert!(outcome.is_ok(), "SEED={seed} fails in case {case}");
    }
}

#[test]
fn who_joins_hears_what_was_sent_since_once_the_join_is_settled() {
    let mut world = World::default();
    let stamp = world.roster.claim_join(7, &7).expect("a claim");
    world.send(None);
    world.send(None);
    assert!(world.heard.is_empty());
    let due = world.roster.settle(7, stamp, Settlement::Joined);
    assert_eq!(due, Some((7, vec![1, 2])));
}

#[test]
fn a_join_that_is_undone_leaves_nothing() {
    let mut world = World::default();
    let stamp = world.roster.claim_join(7, &7).expect("a claim");
    world.send(None);
    assert_eq!(world.roster.settle(7, stamp, Settlement::Undone), None);
    assert!(world.roster.is_empty());
}

#[test]
fn a_leave_that_is_undone_has_missed_nothing() {
    let mut world = World::default();
    world.join(7);
    let stamp = world.roster.claim_leave(7).expect("a claim");
    world.send(None);
    assert_eq!(world.roster.settle(7, stamp, Settlement::Undone), Some((7, vec![1])));
    assert!(world.roster.has(7));
}

#[test]
fn a_claim_of_an_earlier_visit_is_not_heard() {
    let mut world = World::default();
    let old = world.roster.claim_join(7, &7).expect("a claim");
    world.leave(7);
    let new = world.roster.claim_join(7, &7).expect("a claim");
    assert_eq!(world.roster.settle(7, old, Settlement::Joined), None);
    assert!(!world.roster.has(7));
    assert_eq!(world.roster.settle(7, new, Settlement::Joined), Some((7, vec![])));
}
