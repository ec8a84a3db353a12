//! Which messages of one connection are handled side by side, and which wait.
//!
//! Messages come in the order sent. The first one that may not begin keeps back all behind it, so nothing overtakes but
//! what is told to: messages of a *lane* (`@concurrent(n)`, streams) run up to n at a time beside everything else, the
//! others one after another. Of a lane with a key (`by: field`), messages of equal keys run in their order: one whose
//! key is taken is *parked* and keeps nobody back.
//!
//! A message that may move a flow keeps back all that this flow covers: whether they are allowed is known only when it
//! has ended. Pure: no message is in here, only numbers of them. Invariants: of a lane no more than n run; of a key one
//! runs; parked messages have a running one of their key in front of them; all together are no more than the bound.

use std::collections::{HashMap, VecDeque};

/// The messages of one connection that are being handled.
#[derive(Debug)]
pub struct Schedule {
    /// Messages running and parked, in no order: few, and mostly one.
    held: Vec<(Slot, Held)>,
    most: usize,
    next: u64,
    /// One that is in no lane runs.
    busy: bool,
    /// How many run in each lane that was used.
    lanes: Vec<(u16, u32)>,
    /// Who waits for the running message of a key.
    keys: HashMap<(u16, Box<[u8]>), VecDeque<Slot>>,
}

/// The number of one message that is being handled; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u64);

/// What is to be known of a message before it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Its lane, and how many may run there; `None`: it waits for its predecessor.
    pub lane: Option<(u16, u32)>,
    /// The flow that covers it.
    pub flow: Option<u8>,
    /// Whether it moves this flow when it succeeds.
    pub moves: bool,
}

/// What becomes of a message that has entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It is to be handled now.
    Runs(Slot),
    /// It is to be handled when [`Schedule::finish`] says so.
    Parked(Slot),
}

#[derive(Debug)]
struct Held {
    claim: Claim,
    key: Option<(u16, Box<[u8]>)>,
}

impl Schedule {
    /// With nothing in it, for at most `most` messages, running and parked.
    pub fn new(most: usize) -> Self {
        let (held, lanes, keys) = (Vec::new(), Vec::new(), HashMap::new());
        Self { held, most: most.max(1), next: 0, busy: false, lanes, keys }
    }

    /// Whether nothing is being handled.
    pub fn is_idle(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether the message that came first of those that wait may enter. It need not be decoded for that.
    pub fn admits(&self, claim: Claim) -> bool {
        let has_place = match claim.lane {
            None => !self.busy,
            Some((lane, most)) => self.running(lane) < most.max(1),
        };
        has_place && self.held.len() < self.most && !claim.flow.is_some_and(|flow| self.is_moved(flow))
    }

    /// Lets a message in that [`Self::admits`] admits. `key` is the value of its lane's key.
    pub fn enter(&mut self, claim: Claim, key: Option<&[u8]>) -> Entry {
        let slot = Slot(self.next);
        self.next += 1;
        let key = claim.lane.zip(key).map(|((lane, _), key)| (lane, Box::from(key)));
        let waiting = key.as_ref().and_then(|key| self.keys.get_mut(key));
        let parked = waiting.is_some();
        match (waiting, &key) {
            (Some(waiting), _) => waiting.push_back(slot),
            (None, Some(key)) => _ = self.keys.insert(key.clone(), VecDeque::new()),
            (None, None) => {}
        }
        self.held.push((slot, Held { claim, key }));
        if parked {
            return Entry::Parked(slot);
        }
        self.begin(claim);
        Entry::Runs(slot)
    }

    /// A running message has ended, however it did. The parked one that is to run in its place, if there is one.
    pub fn finish(&mut self, slot: Slot) -> Option<Slot> {
        let Held { claim, key } = self.take_out(slot)?;
        match claim.lane {
            None => self.busy = false,
            Some((lane, _)) => *self.count(lane) -= 1,
        }
        let key = key?;
        let Some(next) = self.keys.get_mut(&key).and_then(VecDeque::pop_front) else {
            self.keys.remove(&key);
            return None;
        };
        let claim = self.held.iter().find(|(held, _)| *held == next).map(|(_, held)| held.claim)?;
        self.begin(claim);
        Some(next)
    }

    /// A parked message goes away without having run.
    pub fn withdraw(&mut self, slot: Slot) {
        let key = self.take_out(slot).and_then(|held| held.key);
        if let Some(waiting) = key.and_then(|key| self.keys.get_mut(&key)) {
            waiting.retain(|waiting| *waiting != slot);
        }
    }

    fn take_out(&mut self, slot: Slot) -> Option<Held> {
        let index = self.held.iter().position(|(held, _)| *held == slot)?;
        Some(self.held.swap_remove(index).1)
    }

    fn begin(&mut self, claim: Claim) {
        match claim.lane {
            None => self.busy = true,
            Some((lane, _)) => *self.count(lane) += 1,
        }
    }

    fn is_moved(&self, flow: u8) -> bool {
        self.held.iter().any(|(_, held)| held.claim.moves && held.claim.flow == Some(flow))
    }

    fn running(&self, lane: u16) -> u32 {
        self.lanes.iter().find(|(known, _)| *known == lane).map_or(0, |(_, count)| *count)
    }

    fn count(&mut self, lane: u16) -> &mut u32 {
        let index = self.lanes.iter().position(|(known, _)| *known == lane).unwrap_or_else(|| {
            self.lanes.push((lane, 0));
            self.lanes.len() - 1
        });
        &mut self.lanes[index].1
    }
}
