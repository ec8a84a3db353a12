//! A whole server with its clients, simulated: connections in memory, time that stands still, and a seed that decides
//! everything. Thousands of short runs, each of which ends with a history that is held to what is promised.
//!
//! `SEEDS=100000` runs more, from a first seed that is printed; `SEED=n` repeats one run and prints its history.

mod app;
mod checker;
mod history;
mod planted;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::checker::{Tally, check};
use crate::reference::random::seed;

#[test]
fn whatever_clients_do_the_promises_are_kept() {
    if std::env::var("SEED").is_ok() {
        let history = world::run(seed());
        println!("{history}\n{:?}", check(&history));
        return check(&history).map(drop).expect("the promises are kept");
    }
    let (first, count) =
        (seed(), std::env::var("SEEDS").map_or(1_000, |seeds| seeds.parse().expect("SEEDS is a number")));
    println!("SEED={first} and the {count} from there on");
    let mut total = Tally::default();
    for seed in (0..count).map(|number| first.wrapping_add(number)) {
        let history = catch_unwind(AssertUnwindSafe(|| world::run(seed)));
        let history = history.unwrap_or_else(|_| panic!("SEED={seed}: the run has failed"));
        match check(&history) {
            Ok(tally) => total.add(&tally),
            Err(broken) => panic!("SEED={seed}: {broken}\n{history}"),
        }
    }
    println!("{total:?}");
    let Tally { answered, refused, heard, due, closed, streamed } = total;
    let count = usize::try_from(count).expect("a small number");
    assert!(
        answered > 10 * count && heard > 10 * count && due > 2 * count && streamed > count / 2,
        "too little happens: {total:?}"
    );
    assert!(refused > 0 && (closed > 0 || count < 100), "too little goes wrong: {total:?}");
}

#[test]
fn a_seed_gives_the_same_run_again() {
    for seed in 1..20 {
        assert_eq!(world::run(seed).0, world::run(seed).0, "SEED={seed}");
    }
}
