//! The outbox: encoded frames that a connection has not sent yet, and what becomes of them when it takes too little.
//!
//! While the socket takes bytes, frames are appended to one buffer and nothing is known of them any more: a copy behind
//! the bytes that already wait is cheaper than a queue of shared ones. Once the socket is full, whatever comes is kept
//! frame by frame behind that buffer, in order, so that an event may give way to a later one as its [`Overflow`] says.
//! What has got into the buffer, be it half sent or not at all, stays as it is.
//!
//! Deliberately absent: sockets, tasks, time, locks, and names of events.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::AddAssign;

use bytes::Bytes;

/// `@overflow(…)`: what becomes of an event whose receiver has a full outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// The connection is closed with 4000.
    #[default]
    Close,
    /// The oldest ones of the same event that wait give way.
    DropOldest,
    /// The one of the same event and key that waits gives way, as soon as the socket is full.
    KeepLatest,
    /// Whoever sends it waits until there is room.
    Wait,
}

/// How much may wait. A single frame is let in whatever its size when nothing waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes in all.
    pub bytes: usize,
    /// Frames behind a full socket.
    pub frames: usize,
}

/// An event for an outbox whose socket is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its whole frame.
    pub frame: Bytes,
    /// The number of the event.
    pub event: u16,
    /// What becomes of it without room.
    pub overflow: Overflow,
    /// What tells it from others of its event; only looked at for [`Overflow::KeepLatest`].
    pub key: Bytes,
}

/// Whether an event has been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It will be sent after all that was taken before.
    Taken,
    /// It will not: nothing that might give way would have made room.
    Dropped,
    /// It will not, and the connection is to be closed.
    Overflowed,
    /// Not now: there is no room, and it may be offered again.
    NoRoom,
}

/// What an offer came to, and at whose cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What became of the event itself.
    pub fate: Fate,
    /// What gave way to it; all were of the same event.
    pub cost: Cost,
}

impl Outcome {
    /// It is in, and nothing gave way.
    pub const TAKEN: Self = Self { fate: Fate::Taken, cost: Cost { coalesced: 0, dropped: 0 } };
    /// It is not, and the connection is closed for it.
    pub const OVERFLOWED: Self = Self { fate: Fate::Overflowed, ..Self::TAKEN };
}

/// Events that had been taken and will not be sent after all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// For a later one with the same key.
    pub coalesced: u32,
    /// For want of room.
    pub dropped: u32,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.coalesced += other.coalesced;
        self.dropped += other.dropped;
    }
}

/// Frames in the order in which they are to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Whole frames, of which the first may be half sent.
    bytes: Vec<u8>,
    /// How many of `bytes` have been sent already; less than its length unless both are 0.
    sent: usize,
    /// The socket takes nothing now.
    full: bool,
    /// What came since; boxed, since most sockets are never full.
    queue: Option<Box<Queue>>,
}

impl Outbox {
    /// How many bytes wait, and how many of them already wait behind a full socket does not matter.
    pub fn unsent(&self) -> usize {
        self.bytes.len() - self.sent + self.queue.as_ref().map_or(0, |queue| queue.bytes)
    }

    /// How many frames wait behind a full socket.
    pub fn queued(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.entries.len())
    }

    /// Whether one more frame of `more` bytes is within the bounds.
    pub fn has_room(&self, more: usize, bounds: Bounds) -> bool {
        let unsent = self.unsent();
        unsent == 0 || (unsent.saturating_add(more) <= bounds.bytes && self.queued() < bounds.frames)
    }

    /// Whether the socket takes nothing now.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// The socket takes nothing more.
    pub fn block(&mut self) {
        self.full = true;
    }

    /// The socket takes bytes again: those of [`Self::pending`].
    pub fn unblock(&mut self) {
        self.full = false;
    }

    /// What is to be written next; nothing only when nothing waits.
    pub fn pending(&mut self) -> &[u8] {
        if self.bytes.is_empty() {
            self.refill();
        }
        &self.bytes[self.sent..]
    }

    /// The first `count` of the pending bytes have been sent.
    pub fn advance(&mut self, count: usize) {
        self.sent += count;
        if self.sent >= self.bytes.len() {
            self.empty_bytes();
        } else if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Appends whole frames that never give way. Bounds are the caller's to ask for.
    pub fn push(&mut self, frames: &[u8]) {
        if self.queues() {
            self.queue().push(Entry::lasting(Bytes::copy_from_slice(frames)));
        } else {
            self.bytes.extend_from_slice(frames);
        }
    }

    /// Lets `write` append whole frames that never give way; when it panics, what it has written is taken back.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.queues() {
            let mut frames = Vec::new();
            write(&mut frames);
            return self.queue().push(Entry::lasting(frames.into()));
        }
        let len = self.bytes.len();
        let undo = Undo { bytes: &mut self.bytes, len };
        write(&mut *undo.bytes);
        std::mem::forget(undo);
    }

    /// Takes an event while the socket is full, or does with it as its policy says.
    pub fn offer(&mut self, offer: Offer, bounds: Bounds) -> Outcome {
        let none = Cost::default();
        if offer.overflow == Overflow::KeepLatest {
            return self.offer_latest(offer, bounds);
        }
        if self.has_room(offer.frame.len(), bounds) {
            self.queue().push(Entry::of(offer));
            return Outcome { fate: Fate::Taken, cost: none };
        }
        match offer.overflow {
            Overflow::Close => Outcome { fate: Fate::Overflowed, cost: none },
            Overflow::Wait => Outcome { fate: Fate::NoRoom, cost: none },
            Overflow::DropOldest | Overflow::KeepLatest => self.displace(offer, none, bounds),
        }
    }

    /// Forgets everything, and the memory too when it had grown large; how many bytes that was.
    pub fn clear(&mut self) -> usize {
        let lost = self.unsent();
        self.empty_bytes();
        self.queue = None;
        lost
    }

    fn offer_latest(&mut self, offer: Offer, bounds: Bounds) -> Outcome {
        let mut cost = Cost::default();
        if !self.could_fit(&offer, bounds) {
            return Outcome { fate: Fate::Dropped, cost };
        }
        let queue = self.queue();
        if let Some(place) = queue.latest.get(&(offer.event, offer.key.clone())).copied() {
            queue.remove(place);
            cost.coalesced = 1;
        }
        self.displace(offer, cost, bounds)
    }

    /// Takes a frame, and the oldest ones of its event out for it as far as that is needed and of use.
    fn displace(&mut self, offer: Offer, mut cost: Cost, bounds: Bounds) -> Outcome {
        if !self.could_fit(&offer, bounds) {
            return Outcome { fate: Fate::Dropped, cost };
        }
        while !self.has_room(offer.frame.len(), bounds) && self.queue().remove_oldest(offer.event) {
            cost.dropped += 1;
        }
        self.queue().push(Entry::of(offer));
        Outcome { fate: Fate::Taken, cost }
    }

    /// Whether there would be room without any other of the same event.
    fn could_fit(&self, offer: &Offer, bounds: Bounds) -> bool {
        let (frames, bytes) = self.queue.as_ref().map_or((0, 0), |queue| queue.of_event(offer.event));
        let left = self.unsent() - bytes;
        left == 0 || (left.saturating_add(offer.frame.len()) <= bounds.bytes && self.queued() - frames < bounds.frames)
    }

    /// Behind a full socket, and behind what waits there.
    fn queues(&self) -> bool {
        self.full || self.queue.is_some()
    }

    fn queue(&mut self) -> &mut Queue {
        self.queue.get_or_insert_default()
    }

    /// Moves frames from the queue to the bytes, a few at a time: those that stay behind may still give way.
    fn refill(&mut self) {
        let Some(queue) = &mut self.queue else { return };
        while self.bytes.len() < REFILL_BYTES
            && let Some(entry) = queue.pop()
        {
            self.bytes.extend_from_slice(&entry.frame);
        }
        if queue.entries.is_empty() {
            self.queue = None;
        }
    }

    fn empty_bytes(&mut self) {
        self.sent = 0;
        self.bytes.clear();
        if self.bytes.capacity() > KEEP_BYTES {
            self.bytes = Vec::new();
        }
    }
}

/// Half a frame must never stay: everything behind it would be read as its rest.
struct Undo<'a> {
    bytes: &'a mut Vec<u8>,
    len: usize,
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.len);
    }
}

/// Frames one by one, by the order in which they came.
#[derive(Debug, Default)]
struct Queue {
    entries: BTreeMap<u64, Entry>,
    /// The place of the next one.
    next: u64,
    /// The bytes of all.
    bytes: usize,
    /// The places of each event's, and their bytes.
    events: HashMap<u16, Lane>,
    /// The place of each event's last one of a key.
    latest: HashMap<(u16, Bytes), u64>,
}

#[derive(Debug)]
struct Entry {
    frame: Bytes,
    /// The event, if it may give way.
    event: Option<u16>,
    /// Its key, if a later one with the same key takes its place.
    key: Option<Bytes>,
}

#[derive(Debug, Default)]
struct Lane {
    places: BTreeSet<u64>,
    bytes: usize,
}

impl Entry {
    /// One that does not give way.
    fn lasting(frame: Bytes) -> Self {
        Self { frame, event: None, key: None }
    }

    fn of(offer: Offer) -> Self {
        let Offer { frame, event, overflow, key } = offer;
        let gives_way = matches!(overflow, Overflow::DropOldest | Overflow::KeepLatest);
        let has_key = overflow == Overflow::KeepLatest;
        Self { frame, event: gives_way.then_some(event), key: has_key.then_some(key) }
    }
}

impl Queue {
    fn push(&mut self, entry: Entry) {
        let (place, size) = (self.next, entry.frame.len());
        if size == 0 {
            return;
        }
        self.next += 1;
        self.bytes += size;
        if let Some(event) = entry.event {
            let lane = self.events.entry(event).or_default();
            lane.places.insert(place);
            lane.bytes += size;
            if let Some(key) = &entry.key {
                self.latest.insert((event, key.clone()), place);
            }
        }
        self.entries.insert(place, entry);
    }

    fn pop(&mut self) -> Option<Entry> {
        let (place, _) = self.entries.first_key_value()?;
        self.remove(*place)
    }

    fn remove_oldest(&mut self, event: u16) -> bool {
        let oldest = self.events.get(&event).and_then(|lane| lane.places.first()).copied();
        oldest.is_some_and(|place| self.remove(place).is_some())
    }

    fn remove(&mut self, place: u64) -> Option<Entry> {
        let entry = self.entries.remove(&place)?;
        self.bytes -= entry.frame.len();
        if let Some(event) = entry.event {
            if let Some(lane) = self.events.get_mut(&event) {
                lane.places.remove(&place);
                lane.bytes -= entry.frame.len();
                if lane.places.is_empty() {
                    self.events.remove(&event);
                }
            }
            if let Some(key) = &entry.key {
                self.latest.remove(&(event, key.clone()));
            }
        }
        Some(entry)
    }

    /// How many frames and bytes of this event may give way.
    fn of_event(&self, event: u16) -> (usize, usize) {
        self.events.get(&event).map_or((0, 0), |lane| (lane.places.len(), lane.bytes))
    }
}

/// Capacity that an empty buffer may keep.
pub const KEEP_BYTES: usize = 16 * 1_024;
/// How much of the queue is made ready to be written at once.
pub const REFILL_BYTES: usize = 16 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_leave_in_the_order_they_came() {
        let mut outbox = Outbox::default();
        outbox.push(b"abc");
        outbox.advance(2);
        outbox.push(b"def");
        assert_eq!(outbox.pending(), b"cdef");
        outbox.advance(3);
        assert_eq!(outbox.pending(), b"f");
        outbox.advance(1);
        assert_eq!(outbox.unsent(), 0);
    }

    #[test]
    fn a_large_buffer_is_given_back_when_it_is_empty() {
        let mut outbox = Outbox::default();
        outbox.push(&vec![0; KEEP_BYTES + 1]);
        outbox.advance(KEEP_BYTES + 1);
        assert_eq!(outbox.bytes.capacity(), 0);
    }

    #[test]
    fn a_panic_leaves_no_half_frame() {
        for full in [false, true] {
            let mut outbox = Outbox::default();
            outbox.push(b"whole");
            outbox.full = full;
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                outbox.write(|out| {
                    out.extend_from_slice(b"half");
                    panic!("in the middle");
                });
            }));
            assert!(outcome.is_err());
            assert_eq!(outbox.unsent(), 5);
            assert_eq!(outbox.pending(), b"whole");
        }
    }
}
