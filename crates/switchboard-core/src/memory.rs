//! What has been answered under which key, so that a message that comes twice is handled once.
//!
//! Pure: time comes in as nanoseconds, who waits rings a bell of the caller's. Invariant: what is remembered passes
//! neither bound; the oldest goes first. What runs is not counted: whoever runs messages bounds that.

use std::collections::{BTreeMap, HashMap};

/// Whose message of which name, under which key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose: keys of one owner mean nothing to another.
    pub owner: String,
    /// The message's number.
    pub route: u16,
    /// The key's value.
    pub value: Box<[u8]>,
}

/// Answers that are remembered: `B` is what those wait for who come while the first one runs, `T` an answer.
#[derive(Debug)]
pub struct Memory<B, T> {
    entries: HashMap<Key, Entry<B, T>>,
    /// Answers in the order they were given.
    order: BTreeMap<u64, Key>,
    next: u64,
    bytes: usize,
    most: usize,
    most_bytes: usize,
}

#[derive(Debug)]
struct Entry<B, T> {
    /// What stands for the payload.
    print: u64,
    state: State<B, T>,
}

#[derive(Debug)]
enum State<B, T> {
    Running(B),
    Answered { answer: T, bytes: usize, until: u64, place: u64 },
}

/// What is to be done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim<B, T> {
    /// It is the first one: handle it, then [`Memory::remember`] or [`Memory::forget`].
    First,
    /// The first one runs: wait for this bell, then ask again.
    Busy(B),
    /// This was the answer.
    Known(T),
    /// The first one had another payload.
    Other,
}

impl<B: Clone, T: Clone> Memory<B, T> {
    /// Without anything in it, for so many answers of so many bytes.
    pub fn new(most: usize, most_bytes: usize) -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), next: 0, bytes: 0, most, most_bytes }
    }

    /// Asks for the right to handle a message.
    pub fn claim(&mut self, key: &Key, print: u64, now: u64, bell: impl FnOnce() -> B) -> Claim<B, T> {
        self.drop_old(now);
        let expired = |entry: &Entry<B, T>| matches!(entry.state, State::Answered { until, .. } if until <= now);
        if self.entries.get(key).is_some_and(expired) {
            self.take_out(key);
        }
        match self.entries.get(key) {
            Some(entry) if entry.print != print => Claim::Other,
            Some(Entry { state: State::Running(bell), .. }) => Claim::Busy(bell.clone()),
            Some(Entry { state: State::Answered { answer, .. }, .. }) => Claim::Known(answer.clone()),
            None => {
                self.entries.insert(key.clone(), Entry { print, state: State::Running(bell()) });
                Claim::First
            }
        }
    }

    /// The first one has been answered. The bell to ring.
    pub fn remember(&mut self, key: &Key, answer: T, bytes: usize, until: u64, now: u64) -> Option<B> {
        let entry = self.entries.get_mut(key)?;
        let bytes = bytes + key.owner.len() + key.value.len() + OVERHEAD;
        let state = State::Answered { answer, bytes, until, place: self.next };
        let State::Running(bell) = std::mem::replace(&mut entry.state, state) else { return None };
        self.order.insert(self.next, key.clone());
        self.next += 1;
        self.bytes += bytes;
        self.drop_old(now);
        while (self.order.len() > self.most || self.bytes > self.most_bytes) && self.drop_oldest() {}
        Some(bell)
    }

    /// The first one came to nothing that would be remembered. The bell to ring; none once it has been answered.
    pub fn forget(&mut self, key: &Key) -> Option<B> {
        match self.entries.get(key)?.state {
            State::Running(_) => match self.entries.remove(key)?.state {
                State::Running(bell) => Some(bell),
                State::Answered { .. } => None,
            },
            State::Answered { .. } => None,
        }
    }

    /// How many answers are remembered, and their bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.order.len(), self.bytes)
    }

    /// Forgets from the oldest on what is no longer good.
    fn drop_old(&mut self, now: u64) {
        while let Some((_, key)) = self.order.first_key_value()
            && self
                .entries
                .get(key)
                .is_none_or(|entry| matches!(entry.state, State::Answered { until, .. } if until <= now))
            && self.drop_oldest()
        {}
    }

    fn drop_oldest(&mut self) -> bool {
        let oldest = self.order.first_key_value().map(|(_, key)| key.clone());
        oldest.is_some_and(|key| {
            self.take_out(&key);
            true
        })
    }

    fn take_out(&mut self, key: &Key) {
        if let Some(Entry { state: State::Answered { bytes, place, .. }, .. }) = self.entries.remove(key) {
            self.bytes -= bytes;
            self.order.remove(&place);
        }
    }
}

/// What an entry costs beside its texts, roughly.
const OVERHEAD: usize = 128;
