//! The checker finds bugs that were put into good histories; else nobody would have to believe it.

use super::checker::check;
use super::history::{Ask, Entry, History, What};
use super::world;
use crate::reference::random::Random;

/// Runs until `plant` has found a place for its bug in 20 of them; each must be found.
fn found(plant: impl Fn(&mut History, &mut Random) -> bool) {
    let mut planted = 0;
    for seed in 1.. {
        assert!(seed < 1_000, "there is no place for this bug");
        let mut history = world::run(seed);
        check(&history).unwrap_or_else(|broken| panic!("SEED={seed}: {broken}"));
        if plant(&mut history, &mut Random::new(seed, 2)) {
            assert!(check(&history).is_err(), "SEED={seed}: not found in\n{history}");
            planted += 1;
        }
        if planted == 20 {
            return;
        }
    }
}

/// Positions of letters heard, behind which the same connection hears another of the same sender to the same place.
fn heard_before_another(history: &History) -> Vec<(usize, usize)> {
    let heard = |at: usize| match &history.0[at] {
        Entry { session, what: What::Heard(letter) } => Some((*session, letter.from, letter.to.clone())),
        _ => None,
    };
    let all = (0..history.0.len()).filter_map(|at| heard(at).map(|key| (at, key))).collect::<Vec<_>>();
    let next =
        |at: usize, key: &_| all.iter().find(|(later, other)| *later > at && other == key).map(|(later, _)| *later);
    all.iter().filter_map(|(at, key)| next(*at, key).map(|later| (*at, later))).collect()
}

fn pick<T: Copy>(from: &[T], random: &mut Random) -> Option<T> {
    if from.is_empty() { None } else { Some(from[random.below(from.len())]) }
}

#[test]
fn a_letter_that_comes_twice_is_found() {
    found(|history, random| {
        let Some((at, later)) = pick(&heard_before_another(history), random) else { return false };
        let again = history.0[at].clone();
        history.0.insert([at + 1, later + 1][random.below(2)], again);
        true
    });
}

#[test]
fn two_letters_in_the_wrong_order_are_found() {
    found(|history, random| {
        let Some((at, later)) = pick(&heard_before_another(history), random) else { return false };
        history.0.swap(at, later);
        true
    });
}

/// Letters heard by connections that live to the end, had come and gone for the last time, and been told so, before the
/// letter was sent, and whose sender was told that it was taken. Nobody can say that these need not have come.
fn surely_due(history: &History) -> Vec<usize> {
    let moves = |what: &What| matches!(what, What::Sent(_, Ask::SignIn(_) | Ask::Enter(_) | Ask::Part(_)));
    let place = |wanted: &dyn Fn(&Entry) -> bool| history.0.iter().position(wanted);
    let is_due = |at: &usize| {
        let Entry { session, what: What::Heard(letter) } = &history.0[*at] else { return false };
        let Some(sent) = place(&|entry| matches!(&entry.what, What::Sent(_, Ask::Send(other)) if other == letter))
        else {
            return false;
        };
        let Entry { session: sender, what: What::Sent(id, _) } = &history.0[sent] else { return false };
        let taken = Entry { session: *sender, what: What::Answered(*id, Ok(())) };
        let settled = Entry { session: *session, what: What::Settled };
        let still = history.0.iter().enumerate().filter(|(_, entry)| entry.session == *session && moves(&entry.what));
        let mut moved = still.map(|(_, entry)| match entry.what {
            What::Sent(id, _) => place(&|other| {
                other.session == *session && matches!(other.what, What::Answered(answered, _) if answered == id)
            }),
            _ => None,
        });
        !letter.lossy
            && history.0.contains(&taken)
            && history.0.contains(&settled)
            && moved.all(|answered| answered.is_some_and(|at| at < sent))
    };
    (0..history.0.len()).filter(is_due).collect()
}

#[test]
fn a_letter_that_is_lost_is_found() {
    found(|history, random| {
        let Some(at) = pick(&surely_due(history), random) else { return false };
        history.0.remove(at);
        true
    });
}

#[test]
fn a_letter_that_everybody_missed_is_found() {
    found(|history, random| {
        let Some(at) = pick(&surely_due(history), random) else { return false };
        let lost = history.0[at].what.clone();
        history.0.retain(|entry| entry.what != lost);
        true
    });
}

#[test]
fn an_answer_that_never_comes_is_found() {
    found(|history, random| {
        let settled = history.0.iter().filter(|entry| entry.what == What::Settled).map(|entry| entry.session);
        let settled = settled.collect::<Vec<_>>();
        let is_one = |entry: &Entry| matches!(entry.what, What::Answered(..)) && settled.contains(&entry.session);
        let answers = (0..history.0.len()).filter(|at| is_one(&history.0[*at])).collect::<Vec<_>>();
        let Some(at) = pick(&answers, random) else { return false };
        history.0.remove(at);
        true
    });
}

#[test]
fn a_second_answer_is_found() {
    found(|history, random| {
        let is_one = |entry: &Entry| matches!(entry.what, What::Answered(..));
        let answers = (0..history.0.len()).filter(|at| is_one(&history.0[*at])).collect::<Vec<_>>();
        let Some(at) = pick(&answers, random) else { return false };
        let again = history.0[at].clone();
        history.0.insert(at + 1, again);
        true
    });
}

#[test]
fn an_item_that_is_lost_or_comes_twice_is_found() {
    found(|history, random| {
        let ended = |of: &Entry, id: u64| {
            let end = Entry { session: of.session, what: What::Answered(id, Ok(())) };
            history.0.contains(&end)
        };
        let is_one = |entry: &Entry| matches!(entry.what, What::Item(id, _) if ended(entry, id));
        let items = (0..history.0.len()).filter(|at| is_one(&history.0[*at])).collect::<Vec<_>>();
        let Some(at) = pick(&items, random) else { return false };
        if random.one_in(2) {
            history.0.remove(at);
        } else {
            history.0.insert(at, history.0[at].clone());
        }
        true
    });
}

#[test]
fn a_letter_for_somebody_else_is_found() {
    found(|history, random| {
        // Overheard by a connection that never asked for anything.
        let heard = (0..history.0.len()).filter(|at| matches!(history.0[*at].what, What::Heard(_))).collect::<Vec<_>>();
        let Some(at) = pick(&heard, random) else { return false };
        let Entry { what, .. } = history.0[at].clone();
        history.0.insert(at + 1, Entry { session: 999, what });
        true
    });
}

#[test]
fn half_a_letter_is_found() {
    found(|history, random| {
        let heard = (0..history.0.len()).filter(|at| matches!(history.0[*at].what, What::Heard(_))).collect::<Vec<_>>();
        let Some(at) = pick(&heard, random) else { return false };
        let What::Heard(letter) = &mut history.0[at].what else { return false };
        letter.pad = if letter.pad == 0 { 1 } else { letter.pad / 2 };
        true
    });
}
