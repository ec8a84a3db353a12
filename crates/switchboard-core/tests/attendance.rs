//! Who is present in a topic, under schedules made at random: whoever has seen the list once and hears the news since
//! knows as much as somebody who counts anew.

#[path = "support/random.rs"]
mod random;

use std::collections::{BTreeMap, BTreeSet};

use random::{Random, cases, seed};
use switchboard_core::attendance::{Attendance, News};

type View = BTreeMap<&'static str, Option<u32>>;

const PEOPLE: [&str; 3] = ["ann", "bob", "eve"];

#[derive(Default)]
struct World {
    attendance: Attendance<&'static str, u32>,
    /// The naive one: for whom each connection is here.
    seats: BTreeMap<u64, &'static str>,
    /// What each has said of itself since it came.
    said: BTreeMap<&'static str, u32>,
    /// What some have made of a list and of the news since.
    views: Vec<View>,
}

impl World {
    fn step(&mut self, random: &mut Random) {
        let id = random.below(6) as u64;
        let state = random.one_in(3).then(|| random.below(100) as u32);
        match random.below(8) {
            0 => self.views.push(self.list()),
            1 => self.set(id, random.below(100) as u32),
            2 => self.seat(id, None, state),
            _ => self.seat(id, Some(PEOPLE[random.below(3)]), state),
        }
    }

    fn list(&self) -> View {
        self.attendance.here().map(|(who, state)| (*who, state.copied())).collect()
    }

    fn seat(&mut self, id: u64, who: Option<&'static str>, state: Option<u32>) {
        let news: Vec<_> = self.attendance.seat(id, who.as_ref(), state).collect();
        news.into_iter().for_each(|news| self.hear(news));
        match who {
            Some(who) => self.seats.insert(id, who),
            None => self.seats.remove(&id),
        };
        if let (Some(who), Some(state)) = (who, state) {
            self.said.insert(who, state);
        }
        let here: BTreeSet<_> = self.seats.values().copied().collect();
        self.said.retain(|who, _| here.contains(who));
    }

    fn set(&mut self, id: u64, state: u32) {
        let news = self.attendance.set(id, state);
        assert_eq!(news.is_some(), self.seats.contains_key(&id));
        if let Some(who) = self.seats.get(&id) {
            self.said.insert(who, state);
        }
        news.into_iter().for_each(|news| self.hear(news));
    }

    fn hear(&mut self, news: News<&'static str, u32>) {
        for view in &mut self.views {
            match news {
                News::Joined(who, state) => assert!(view.insert(who, state).is_none(), "{who} has come twice"),
                News::Changed(who, state) => assert!(view.insert(who, Some(state)).is_some(), "{who} is not here"),
                News::Left(who) => assert!(view.remove(who).is_some(), "{who} has left twice"),
            }
        }
    }

    fn check(&self) {
        let truth: View = self.seats.values().map(|who| (*who, self.said.get(who).copied())).collect();
        assert_eq!(self.list(), truth);
        assert_eq!(self.attendance.count(), truth.len());
        assert!(self.views.iter().all(|view| *view == truth), "{:?} of {truth:?}", self.views);
    }
}

#[test]
fn a_list_and_the_news_since_tell_who_is_present_whatever_happens() {
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
fn several_connections_of_somebody_are_one() {
    let mut attendance = Attendance::<_, ()>::new();
    assert_eq!(attendance.seat(1, Some(&"ann"), None).collect::<Vec<_>>(), [News::Joined("ann", None)]);
    assert_eq!(attendance.seat(2, Some(&"ann"), None).count(), 0);
    assert_eq!(attendance.seat(1, None, None).count(), 0);
    assert_eq!(attendance.seat(2, None, None).collect::<Vec<_>>(), [News::Left("ann")]);
}

#[test]
fn who_becomes_somebody_else_leaves_and_joins() {
    let mut attendance = Attendance::<_, u8>::new();
    let _ = attendance.seat(1, Some(&"ann"), Some(7));
    let news: Vec<_> = attendance.seat(1, Some(&"bob"), None).collect();
    assert_eq!(news, [News::Left("ann"), News::Joined("bob", None)]);
}
