//! The outbox against a list that is searched from end to end, over random schedules of senders and of a socket.
//!
//! What is promised: nothing is reordered, no half frame is ever followed by another, nothing is lost but what a policy
//! names and counts, and no event passes the bounds. `SEED=… CASES=…` repeats or prolongs.

mod support {
    pub mod random;
}

use bytes::Bytes;
use support::random::{Random, cases, seed};
use switchboard_core::outbox::{Bounds, Cost, Fate, Offer, Outbox, Outcome, Overflow, REFILL_BYTES};

const POLICIES: [Overflow; 4] = [Overflow::Close, Overflow::DropOldest, Overflow::KeepLatest, Overflow::Wait];

#[test]
fn random_schedules_keep_every_promise() {
    let seed = seed();
    println!("SEED={seed}");
    for case in 0..cases(4_000) {
        let run = std::panic::catch_unwind(|| Schedule::new(Random::new(seed, case)).run());
        assert!(run.is_ok(), "SEED={seed}, case {case}");
    }
}

/// A frame by its number, so long that halves of it are easily told.
#[derive(Clone, Debug, PartialEq)]
struct Frame {
    number: u32,
    size: usize,
    /// The event, its policy and key; none for answers.
    event: Option<(u16, Overflow, u8)>,
}

impl Frame {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size);
        bytes.extend((self.size as u32).to_be_bytes());
        bytes.extend(self.number.to_be_bytes());
        bytes.resize(self.size, self.number as u8);
        bytes
    }

    fn gives_way(&self, other: u16) -> bool {
        self.event.is_some_and(|(event, overflow, _)| {
            event == other && matches!(overflow, Overflow::DropOldest | Overflow::KeepLatest)
        })
    }
}

/// The outbox as one would write it with no thought of speed.
#[derive(Default)]
struct Naive {
    ready: usize,
    queue: Vec<Frame>,
}

impl Naive {
    fn unsent(&self) -> usize {
        self.ready + self.queue.iter().map(|frame| frame.size).sum::<usize>()
    }

    fn fits(&self, size: usize, bounds: Bounds, without: impl Fn(&Frame) -> bool) -> bool {
        let left = self.queue.iter().filter(|frame| !without(frame));
        let (frames, bytes) = left.fold((0, self.ready), |(frames, bytes), frame| (frames + 1, bytes + frame.size));
        bytes == 0 || (bytes + size <= bounds.bytes && frames < bounds.frames)
    }

    fn offer(&mut self, frame: &Frame, bounds: Bounds) -> Outcome {
        let (event, overflow, key) = frame.event.unwrap();
        let mut cost = Cost::default();
        let outcome = |fate, cost| Outcome { fate, cost };
        match overflow {
            Overflow::Close | Overflow::Wait if self.fits(frame.size, bounds, |_| false) => {}
            Overflow::Close => return outcome(Fate::Overflowed, cost),
            Overflow::Wait => return outcome(Fate::NoRoom, cost),
            _ if !self.fits(frame.size, bounds, |other| other.gives_way(event)) => return outcome(Fate::Dropped, cost),
            _ => {
                let before = self.queue.len();
                let same = |other: &Frame| other.event == Some((event, Overflow::KeepLatest, key));
                self.queue.retain(|other| overflow != Overflow::KeepLatest || !same(other));
                cost.coalesced = u32::try_from(before - self.queue.len()).unwrap();
                while !self.fits(frame.size, bounds, |_| false) {
                    let oldest = self.queue.iter().position(|other| other.gives_way(event)).unwrap();
                    self.queue.remove(oldest);
                    cost.dropped += 1;
                }
            }
        }
        self.queue.push(frame.clone());
        outcome(Fate::Taken, cost)
    }

    /// Behind everything, to stay.
    fn append(&mut self, full: bool, frame: &Frame) {
        match full || !self.queue.is_empty() {
            true => self.queue.push(Frame { event: None, ..frame.clone() }),
            false => self.ready += frame.size,
        }
    }

    fn refill(&mut self) {
        while self.ready < REFILL_BYTES && !self.queue.is_empty() {
            self.ready += self.queue.remove(0).size;
        }
    }
}

/// Senders and a socket that do something at random.
struct Schedule {
    random: Random,
    outbox: Outbox,
    naive: Naive,
    bounds: Bounds,
    last: u32,
    /// What the socket has taken.
    stream: Vec<u8>,
    /// What should arrive, unless it gives way.
    taken: Vec<Frame>,
    cost: [Cost; EVENTS],
    /// How many bytes are no events.
    lasting: usize,
}

const EVENTS: usize = 4;

impl Schedule {
    fn new(mut random: Random) -> Self {
        let bounds = Bounds { bytes: 20 + random.below(40_000), frames: 1 + random.below(40) };
        let (outbox, naive, cost) = (Outbox::default(), Naive::default(), [Cost::default(); EVENTS]);
        Self { random, outbox, naive, bounds, last: 0, stream: Vec::new(), taken: Vec::new(), cost, lasting: 0 }
    }

    fn run(mut self) {
        for _ in 0..30 + self.random.below(300) {
            match self.random.below(10) {
                0..=5 => self.send_event(),
                6 => self.answer(),
                7 => self.outbox.block(),
                _ => self.open_socket(),
            }
            assert_eq!(self.outbox.unsent(), self.naive.unsent());
        }
        while self.outbox.unsent() > 0 {
            self.open_socket();
        }
        self.what_arrived_is_what_was_taken_but_for_what_gave_way();
    }

    fn frame(&mut self, event: Option<(u16, Overflow, u8)>) -> Frame {
        self.last += 1;
        let large = self.random.one_in(20);
        Frame { number: self.last, size: 8 + self.random.below(if large { 20_000 } else { 400 }), event }
    }

    /// As a connection does it: straight to the bytes while the socket takes them and there is room.
    fn send_event(&mut self) {
        let event = self.random.below(EVENTS);
        let key = self.random.below(3) as u8;
        let frame = self.frame(Some((event as u16, POLICIES[event], key)));
        if !self.outbox.is_full() && self.outbox.has_room(frame.size, self.bounds) {
            self.outbox.push(&frame.bytes());
            self.naive.append(self.outbox.is_full(), &frame);
            return self.taken.push(frame);
        }
        // Where there is no room, a connection tries to write; this one had no luck.
        self.outbox.block();
        let key = Bytes::copy_from_slice(&[key]);
        let offer = Offer { frame: frame.bytes().into(), event: event as u16, overflow: POLICIES[event], key };
        let had_room = self.outbox.has_room(frame.size, self.bounds);
        let outcome = self.outbox.offer(offer, self.bounds);
        assert_eq!(outcome, self.naive.offer(&frame, self.bounds));
        assert!(!had_room || (outcome.fate == Fate::Taken && outcome.cost.dropped == 0), "lost without need");
        self.cost[event] += outcome.cost;
        if outcome.fate == Fate::Taken {
            let most = self.bounds.bytes.max(frame.size) + self.lasting;
            assert!(self.outbox.unsent() <= most && self.outbox.queued() <= self.bounds.frames.max(1));
            self.taken.push(frame);
        }
    }

    /// Answers are let in whatever waits; whoever gets them is no longer read.
    fn answer(&mut self) {
        let frame = self.frame(None);
        if self.outbox.queued() >= self.bounds.frames {
            return;
        }
        match self.random.one_in(2) {
            true => self.outbox.push(&frame.bytes()),
            false => self.outbox.write(|out| out.extend(frame.bytes())),
        }
        self.lasting += frame.size;
        self.naive.append(self.outbox.is_full(), &frame);
        self.taken.push(frame);
    }

    /// The socket takes some bytes, most often until it is full.
    fn open_socket(&mut self) {
        self.outbox.unblock();
        let mut room = self.random.below(30_000);
        loop {
            if self.naive.ready == 0 {
                self.naive.refill();
            }
            let pending = self.outbox.pending();
            assert_eq!(pending.len(), self.naive.ready);
            let count = pending.len().min(room);
            self.stream.extend_from_slice(&pending[..count]);
            self.outbox.advance(count);
            self.naive.ready -= count;
            room -= count;
            if self.outbox.unsent() == 0 {
                return;
            }
            if room == 0 {
                return self.outbox.block();
            }
            // Nobody promises that whoever writes goes on until nothing more is taken.
            if self.random.one_in(8) {
                return;
            }
        }
    }

    fn what_arrived_is_what_was_taken_but_for_what_gave_way(&self) {
        let mut arrived = Vec::new();
        let mut rest = &self.stream[..];
        while !rest.is_empty() {
            let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let number = u32::from_be_bytes(rest[4..8].try_into().unwrap());
            let place = self.taken.binary_search_by_key(&number, |frame| frame.number).expect("nobody sent this");
            let frame = &self.taken[place];
            assert_eq!(rest[..size], frame.bytes(), "half a frame");
            arrived.push(frame);
            rest = &rest[size..];
        }
        assert!(arrived.is_sorted_by(|one, other| one.number < other.number), "reordered, or sent twice");
        for event in 0..EVENTS {
            let of = |frame: &&Frame| frame.event.is_some_and(|(number, ..)| usize::from(number) == event);
            let arrived = arrived.iter().filter(|frame| of(frame)).count();
            let Cost { coalesced, dropped } = self.cost[event];
            let gave_way = (coalesced + dropped) as usize;
            assert_eq!(self.taken.iter().filter(of).count(), arrived + gave_way, "of event {event}");
        }
        let lasting = self.taken.iter().filter(|frame| frame.event.is_none()).count();
        assert_eq!(arrived.iter().filter(|frame| frame.event.is_none()).count(), lasting);
    }
}

fn offer(number: u8, overflow: Overflow, key: &'static [u8]) -> Offer {
    Offer { frame: vec![number; 10].into(), event: 0, overflow, key: Bytes::from_static(key) }
}

/// The first bytes of the frames of ten bytes that are left.
fn drain(outbox: &mut Outbox) -> Vec<u8> {
    let mut all = Vec::new();
    outbox.unblock();
    while outbox.unsent() > 0 {
        let pending = outbox.pending().to_vec();
        all.extend(pending.iter().step_by(10));
        outbox.advance(pending.len());
    }
    all
}

const ROOMY: Bounds = Bounds { bytes: 1_000, frames: 100 };
const TIGHT: Bounds = Bounds { bytes: 30, frames: 100 };
const FEW: Bounds = Bounds { bytes: 1_000, frames: 2 };

#[test]
fn the_latest_of_a_key_stands_at_the_end_in_place_of_the_one_before() {
    let mut outbox = Outbox::default();
    outbox.push(&[0; 10]);
    outbox.block();
    for (number, key) in [(1, b"a"), (2, b"b")] {
        assert_eq!(outbox.offer(offer(number, Overflow::KeepLatest, key), ROOMY).cost, Cost::default());
    }
    outbox.push(&[3; 10]);
    assert_eq!(outbox.offer(offer(4, Overflow::KeepLatest, b"a"), ROOMY).cost, Cost { coalesced: 1, dropped: 0 });
    assert_eq!(drain(&mut outbox), [0, 2, 3, 4]);
}

#[test]
fn what_the_socket_has_begun_to_take_is_never_replaced() {
    let mut outbox = Outbox::default();
    outbox.block();
    outbox.offer(offer(1, Overflow::KeepLatest, b"a"), ROOMY);
    outbox.unblock();
    assert_eq!(outbox.pending()[..3], [1, 1, 1]);
    outbox.advance(3);
    outbox.block();
    assert_eq!(outbox.offer(offer(2, Overflow::KeepLatest, b"a"), ROOMY).cost, Cost::default());
    assert_eq!(outbox.pending(), [1; 7]);
    outbox.advance(7);
    assert_eq!(drain(&mut outbox), [2]);
}

#[test]
fn the_oldest_of_the_same_event_gives_way_at_either_bound() {
    for (bounds, overflow, left) in [
        (TIGHT, Overflow::DropOldest, &[2, 3, 4][..]),
        (FEW, Overflow::DropOldest, &[3, 4]),
        (TIGHT, Overflow::KeepLatest, &[2, 3, 4]),
        (FEW, Overflow::KeepLatest, &[3, 4]),
    ] {
        let mut outbox = Outbox::default();
        outbox.block();
        for (number, key) in [(1, &b"a"[..]), (2, b"b"), (3, b"c"), (4, b"d")] {
            assert_eq!(outbox.offer(offer(number, overflow, key), bounds).fate, Fate::Taken);
        }
        assert_eq!(drain(&mut outbox), left, "{overflow:?} {bounds:?}");
    }
}

#[test]
fn without_an_older_one_to_give_way_the_new_one_is_dropped_and_others_stay() {
    for overflow in [Overflow::DropOldest, Overflow::KeepLatest] {
        let mut outbox = Outbox::default();
        outbox.block();
        (1..=3).for_each(|number| outbox.push(&[number; 10]));
        let outcome = outbox.offer(offer(4, overflow, b"a"), TIGHT);
        assert_eq!(outcome, Outcome { fate: Fate::Dropped, cost: Cost::default() });
        assert_eq!(drain(&mut outbox), [1, 2, 3]);
    }
}

#[test]
fn close_and_wait_take_nothing_at_the_bound_and_lose_nothing() {
    for (overflow, fate) in [(Overflow::Close, Fate::Overflowed), (Overflow::Wait, Fate::NoRoom)] {
        let mut outbox = Outbox::default();
        outbox.block();
        for number in 1..=3 {
            assert_eq!(outbox.offer(offer(number, overflow, b""), TIGHT).fate, Fate::Taken);
        }
        assert_eq!(outbox.offer(offer(4, overflow, b""), TIGHT), Outcome { fate, cost: Cost::default() });
        assert_eq!(drain(&mut outbox), [1, 2, 3]);
        assert_eq!(outbox.offer(offer(4, overflow, b""), TIGHT).fate, Fate::Taken);
    }
}

#[test]
fn a_single_frame_is_let_in_whatever_its_size() {
    for overflow in POLICIES {
        let mut outbox = Outbox::default();
        outbox.block();
        let large = Offer { frame: vec![1; 100].into(), ..offer(1, overflow, b"") };
        assert_eq!(outbox.offer(large, TIGHT).fate, Fate::Taken, "{overflow:?}");
    }
}
