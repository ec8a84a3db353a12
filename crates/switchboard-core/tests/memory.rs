//! What is remembered of messages that may come twice: by hand, and against a list that is looked through.

#[path = "support/random.rs"]
mod random;

use std::collections::HashMap;

use random::{Random, cases, seed};
use switchboard_core::memory::{Claim, Key, Memory};

const MINUTE: u64 = 60_000_000_000;

fn key(value: &str) -> Key {
    Key { owner: "@kevin".to_owned(), route: 3, value: value.as_bytes().into() }
}

fn claim(memory: &mut Memory<char, u32>, value: &str, print: u64, now: u64) -> Claim<char, u32> {
    memory.claim(&key(value), print, now, || 'b')
}

#[test]
fn the_first_one_runs_and_who_comes_meanwhile_waits_for_it() {
    let mut memory = Memory::new(8, 10_000);
    assert_eq!(claim(&mut memory, "a", 1, 0), Claim::First);
    assert_eq!(claim(&mut memory, "a", 1, 0), Claim::Busy('b'));
    assert_eq!(claim(&mut memory, "b", 1, 0), Claim::First);
    assert_eq!(memory.remember(&key("a"), 7, 4, MINUTE, 0), Some('b'));
    assert_eq!(claim(&mut memory, "a", 1, 1), Claim::Known(7));
}

#[test]
fn keys_of_others_and_of_other_messages_are_other_keys() {
    let mut memory = Memory::<char, u32>::new(8, 10_000);
    for (owner, route) in [("@kevin", 3), ("@kevin", 4), ("#kevin", 3), ("@anna", 3)] {
        let key = Key { owner: owner.to_owned(), route, value: b"a"[..].into() };
        assert_eq!(memory.claim(&key, 1, 0, || 'b'), Claim::First, "{owner} {route}");
    }
}

#[test]
fn another_payload_under_the_same_key_is_told_at_once_and_later() {
    let mut memory = Memory::new(8, 10_000);
    claim(&mut memory, "a", 1, 0);
    assert_eq!(claim(&mut memory, "a", 2, 0), Claim::Other);
    memory.remember(&key("a"), 7, 4, MINUTE, 0);
    assert_eq!(claim(&mut memory, "a", 2, 1), Claim::Other);
}

#[test]
fn what_came_to_nothing_runs_again() {
    let mut memory = Memory::new(8, 10_000);
    claim(&mut memory, "a", 1, 0);
    assert_eq!(memory.forget(&key("a")), Some('b'));
    assert_eq!(memory.forget(&key("a")), None);
    assert_eq!(claim(&mut memory, "a", 2, 0), Claim::First);
    memory.remember(&key("a"), 7, 4, MINUTE, 0);
    assert_eq!(memory.forget(&key("a")), None, "what has been answered stays");
    assert_eq!(claim(&mut memory, "a", 2, 0), Claim::Known(7));
}

#[test]
fn an_answer_is_good_until_its_time_is_over() {
    let mut memory = Memory::new(8, 10_000);
    claim(&mut memory, "a", 1, 0);
    memory.remember(&key("a"), 7, 4, MINUTE, 0);
    assert_eq!(claim(&mut memory, "a", 1, MINUTE - 1), Claim::Known(7));
    assert_eq!(claim(&mut memory, "a", 2, MINUTE), Claim::First);
    assert_eq!(memory.size(), (0, 0));
}

#[test]
fn the_oldest_answer_gives_way_at_either_bound() {
    for (most, most_bytes) in [(2, usize::MAX), (usize::MAX, 2 * (128 + 6 + 1 + 100))] {
        let mut memory = Memory::new(most, most_bytes);
        for value in ["a", "b", "c"] {
            claim(&mut memory, value, 1, 0);
            memory.remember(&key(value), 7, 100, MINUTE, 0);
        }
        assert_eq!(memory.size().0, 2);
        assert_eq!(claim(&mut memory, "b", 1, 1), Claim::Known(7));
        assert_eq!(claim(&mut memory, "a", 1, 1), Claim::First);
    }
}

#[test]
fn random_messages_are_handled_once_while_remembered() {
    let seed = seed();
    for case in 0..cases(2_000) {
        let mut random = Random::new(seed, case);
        let mut memory = Memory::new(usize::MAX, usize::MAX);
        let mut model: HashMap<usize, (u64, Option<(u32, u64)>)> = HashMap::new();
        for now in 0..60 {
            let (value, print) = (random.below(4), random.next() % 2);
            let name = value.to_string();
            if model.get(&value).is_some_and(|(_, answered)| answered.is_some_and(|(_, until)| until <= now)) {
                model.remove(&value);
            }
            match random.below(4) {
                0 | 1 => {
                    let expected = match model.get(&value) {
                        None => Claim::First,
                        Some((known, _)) if *known != print => Claim::Other,
                        Some((_, None)) => Claim::Busy('b'),
                        Some((_, Some((answer, _)))) => Claim::Known(*answer),
                    };
                    assert_eq!(claim(&mut memory, &name, print, now), expected, "SEED={seed} case {case} at {now}");
                    model.entry(value).or_insert((print, None));
                }
                2 => {
                    let until = now + 1 + random.below(20) as u64;
                    if let Some((_, answered @ None)) = model.get_mut(&value) {
                        *answered = Some((now as u32, until));
                        assert_eq!(memory.remember(&key(&name), now as u32, 1, until, now), Some('b'));
                    }
                }
                _ => {
                    let running = model.get(&value).is_some_and(|(_, answered)| answered.is_none());
                    assert_eq!(memory.forget(&key(&name)).is_some(), running, "SEED={seed} case {case} at {now}");
                    if running {
                        model.remove(&value);
                    }
                }
            }
        }
    }
}
