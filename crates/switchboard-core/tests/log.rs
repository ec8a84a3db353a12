//! Random schedules of a log against a model that remembers everything and looks up what is still kept.

#[path = "support/random.rs"]
mod random;

use bytes::Bytes;
use random::{Random, cases, seed};
use switchboard_core::log::{Bounds, Epoch, Kept, Log, Position};

/// Every event there ever was, and how many of them are gone.
struct Model {
    epoch: Epoch,
    bounds: Bounds,
    events: Vec<Kept>,
    gone: usize,
    seen: usize,
}

impl Model {
    /// Finds the longest suffix that keeps all bounds, by trying each.
    fn expire(&mut self, now: u64) {
        let fits = |kept: &[Kept]| {
            kept.len() <= self.bounds.count
                && kept.iter().map(|kept| kept.bytes.len()).sum::<usize>() <= self.bounds.bytes
                && kept.iter().all(|kept| now.saturating_sub(kept.time) <= self.bounds.age)
        };
        let longest = (self.gone..=self.events.len()).find(|&gone| fits(&self.events[gone..]));
        self.gone = longest.unwrap_or(self.events.len());
    }

    fn append(&mut self, now: u64, bytes: Bytes) -> u64 {
        let latest = self.events.iter().skip(self.gone).map(|kept| kept.time).max().unwrap_or(0);
        self.events.push(Kept { time: now.max(latest), bytes });
        self.expire(now.max(latest));
        self.events.len() as u64
    }

    /// What somebody with this position has missed, if it can be told.
    fn missed(&self, since: Position) -> Option<&[Kept]> {
        let offset = usize::try_from(since.offset).ok()?;
        (since.epoch == self.epoch && offset >= self.gone).then(|| self.events.get(offset..)).flatten()
    }
}

#[test]
fn a_log_is_what_a_model_that_remembers_everything_says() {
    let seed = seed();
    for case in 0..cases(5_000) {
        let mut random = Random::new(seed, case);
        let bounds = Bounds { count: 1 + random.below(8), age: random.below(200) as u64, bytes: 1 + random.below(120) };
        let mut log = Log::new(Epoch(1), bounds);
        let mut model = Model { epoch: Epoch(1), bounds, events: Vec::new(), gone: 0, seen: 0 };
        let mut now = 1_000_u64;
        for step in 0..60 {
            let what = format!("SEED={seed}, case {case}, step {step}: {log:?}");
            now = (now + random.below(60) as u64).saturating_sub(if random.one_in(5) { 40 } else { 0 });
            match random.below(8) {
                0..=2 => {
                    let bytes = Bytes::from(vec![step as u8; random.below(40)]);
                    assert_eq!(log.append(now, bytes.clone()), model.append(now, bytes), "{what}");
                }
                3 => {
                    log.expire(now);
                    model.expire(now);
                }
                4 => {
                    let offset = random.below(model.events.len() + 3);
                    log.confirm(offset as u64);
                    model.seen = model.seen.max(offset.min(model.events.len()));
                }
                5 => {
                    let kept: Vec<Kept> = log.all().map(|(_, kept)| kept.clone()).collect();
                    log = Log::restore(Epoch(1), bounds, log.position().offset, log.seen(), kept);
                }
                6 => {
                    let most = random.below(50);
                    let before = log.bytes();
                    log.shed(most);
                    assert!(before - log.bytes() >= most.min(before), "{what}");
                    model.gone = model.events.len() - log.all().count();
                }
                _ => judge(&log, &model, &mut random, &what),
            }
        }
    }
}

fn judge(log: &Log, model: &Model, random: &mut Random, what: &str) {
    let head = model.events.len() as u64;
    let epoch = Epoch(1 + u64::from(random.one_in(6)));
    let since = Position { epoch, offset: random.below(model.events.len() + 3) as u64 };
    let missed = model.missed(since);

    let welcome = log.join(Some(since));
    assert_eq!(welcome.recovered, Some(missed.is_some()), "{what} join {since:?}");
    assert_eq!(welcome.position, Position { epoch: model.epoch, offset: head }, "{what}");
    assert_eq!(follows(log, welcome.from), missed.unwrap_or_default(), "{what} join {since:?}");
    assert_eq!(log.join(None).from, head, "{what}");

    let welcome = log.sign_in(Some(since));
    assert_eq!(welcome.recovered, Some(missed.is_some()), "{what} sign in {since:?}");
    let known = since.epoch == model.epoch && since.offset <= head;
    let first = if known { since.offset as usize } else { model.seen };
    judge_mailbox(log, model, first, welcome.from, welcome.lost, what);
    let welcome = log.sign_in(None);
    judge_mailbox(log, model, model.seen, welcome.from, welcome.lost, what);
}

/// What follows and what is told as lost are together all that came behind `first`.
fn judge_mailbox(log: &Log, model: &Model, first: usize, from: u64, lost: u64, what: &str) {
    assert_eq!(follows(log, from), model.events[first.max(model.gone)..], "{what}");
    assert_eq!(lost as usize, model.gone.saturating_sub(first), "{what}");
    assert_eq!(from as usize, first.max(model.gone), "{what}");
}

fn follows(log: &Log, from: u64) -> Vec<Kept> {
    let behind = log.after(from).expect("a welcome leads to what is kept");
    behind
        .enumerate()
        .map(|(index, (offset, kept))| {
            assert_eq!(offset, from + 1 + index as u64);
            kept.clone()
        })
        .collect()
}
