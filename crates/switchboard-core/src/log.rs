//! A log: the last events of a topic or a mailbox, each with an offset, and what somebody who comes back has missed.
//!
//! Offsets are 1, 2, … without gaps. What is kept is a suffix of them, bounded in number, age and bytes. An *epoch* names
//! one such sequence: where it is not the same, offsets say nothing. Times are milliseconds of the caller's clock; one
//! that goes back is taken as standing still. Deliberately absent: where logs are stored, who reads them.

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;

/// How much a log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Events at most …
    pub count: usize,
    /// … not older than this many milliseconds …
    pub age: u64,
    /// … and no more than these bytes in all.
    pub bytes: usize,
}

/// Names a sequence of offsets; on the wire 16 hexadecimal digits. Never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The epoch with this text, if it is the text of one.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        u64::from_str_radix(text, 16).ok().filter(|&epoch| plain && epoch != 0).map(Self)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Everything up to an offset of an epoch has been received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Of this sequence …
    pub epoch: Epoch,
    /// … up to this one; 0 is before the first.
    pub offset: u64,
}

/// An event that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// When it was published.
    pub time: u64,
    /// What it says; the log does not look into it.
    pub bytes: Bytes,
}

/// What somebody is told who begins to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Where the log stands now.
    pub position: Position,
    /// What follows begins behind this offset.
    pub from: u64,
    /// Whether that is everything behind the position that was given, if one was.
    pub recovered: Option<bool>,
    /// Events that nobody has been given and that are no longer kept.
    pub lost: u64,
}

/// The events of one topic or mailbox.
#[derive(Clone, Debug)]
pub struct Log {
    epoch: Epoch,
    bounds: Bounds,
    /// The offset of the last event there was.
    head: u64,
    /// The last of them, up to `head`.
    kept: VecDeque<Kept>,
    bytes: usize,
    /// For mailboxes: everything up to here has been received by a connection of the owner.
    seen: u64,
}

impl Log {
    /// Without events.
    pub fn new(epoch: Epoch, bounds: Bounds) -> Self {
        Self { epoch, bounds, head: 0, kept: VecDeque::new(), bytes: 0, seen: 0 }
    }

    /// As it was stored: `kept` are the last events up to `head`. What is beyond the bounds, which may be others than
    /// before, is gone at the next [`Self::expire`] or [`Self::append`].
    pub fn restore(epoch: Epoch, bounds: Bounds, head: u64, seen: u64, kept: impl IntoIterator<Item = Kept>) -> Self {
        let kept = kept.into_iter().collect::<VecDeque<_>>();
        let bytes = kept.iter().map(|kept| kept.bytes.len()).sum();
        Self { epoch, bounds, head: head.max(kept.len() as u64), kept, bytes, seen: seen.min(head) }
    }

    /// Keeps one more event; its offset.
    pub fn append(&mut self, now: u64, bytes: Bytes) -> u64 {
        let now = self.kept.back().map_or(now, |last| now.max(last.time));
        self.head += 1;
        self.bytes += bytes.len();
        self.kept.push_back(Kept { time: now, bytes });
        self.expire(now);
        self.head
    }

    /// Lets go of what is too old, or too much.
    pub fn expire(&mut self, now: u64) {
        let Bounds { count, age, bytes } = self.bounds;
        while let Some(first) = self.kept.front()
            && (self.kept.len() > count || self.bytes > bytes || now.saturating_sub(first.time) > age)
        {
            self.forget_first();
        }
    }

    /// Lets go of the oldest events until these bytes, or more, have become free, or nothing is kept.
    pub fn shed(&mut self, bytes: usize) {
        let until = self.bytes.saturating_sub(bytes);
        while self.bytes > until {
            self.forget_first();
        }
    }

    /// A connection of the owner has received everything up to this offset.
    pub fn confirm(&mut self, offset: u64) {
        self.seen = self.seen.max(offset.min(self.head));
    }

    /// For somebody who joins a topic: everything behind `since` if all of it is kept, and else only what comes.
    pub fn join(&self, since: Option<Position>) -> Welcome {
        let whole = since.map(|since| since.offset).filter(|_| since.is_some_and(|since| self.has_all_since(since)));
        let recovered = since.map(|_| whole.is_some());
        Welcome { position: self.position(), from: whole.unwrap_or(self.head), recovered, lost: 0 }
    }

    /// For the owner of a mailbox who signs in: everything behind `since`, or without one everything that has not been
    /// received; what is no longer kept of it is counted.
    pub fn sign_in(&self, since: Option<Position>) -> Welcome {
        let valid = since.filter(|since| since.epoch == self.epoch && since.offset <= self.head);
        let from = valid.map_or(self.seen, |since| since.offset);
        let lost = self.floor().saturating_sub(from);
        let recovered = since.map(|_| valid.is_some() && lost == 0);
        Welcome { position: self.position(), from: from + lost, recovered, lost }
    }

    /// The events behind `offset`, oldest first; `None` when some of them are no longer kept, or there never were so many.
    pub fn after(&self, offset: u64) -> Option<impl ExactSizeIterator<Item = (u64, &Kept)>> {
        let floor = self.floor();
        if offset < floor || offset > self.head {
            return None;
        }
        let skipped = usize::try_from(offset - floor).unwrap_or(usize::MAX);
        let behind = self.kept.range(skipped.min(self.kept.len())..);
        Some(behind.enumerate().map(move |(index, kept)| (offset + 1 + index as u64, kept)))
    }

    /// Everything that is kept, oldest first.
    pub fn all(&self) -> impl Iterator<Item = (u64, &Kept)> {
        let floor = self.floor();
        self.kept.iter().enumerate().map(move |(index, kept)| (floor + 1 + index as u64, kept))
    }

    /// Where it stands: behind the last event.
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, offset: self.head }
    }

    /// The last offset that is no longer kept.
    pub fn floor(&self) -> u64 {
        self.head - self.kept.len() as u64
    }

    /// Everything up to here has been received.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The bytes that are kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How much it keeps.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn has_all_since(&self, since: Position) -> bool {
        since.epoch == self.epoch && (self.floor()..=self.head).contains(&since.offset)
    }

    fn forget_first(&mut self) {
        if let Some(first) = self.kept.pop_front() {
            self.bytes -= first.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { count: 3, age: 100, bytes: 10 };
    const EPOCH: Epoch = Epoch(7);

    fn log(texts: &[&'static str]) -> Log {
        let mut log = Log::new(EPOCH, BOUNDS);
        for text in texts {
            log.append(0, Bytes::from_static(text.as_bytes()));
        }
        log
    }

    fn at(offset: u64) -> Option<Position> {
        Some(Position { epoch: EPOCH, offset })
    }

    fn behind(log: &Log, offset: u64) -> Option<Vec<u64>> {
        log.after(offset).map(|kept| kept.map(|(offset, _)| offset).collect())
    }

    #[test]
    fn an_event_is_let_go_at_one_more_than_the_count_and_at_one_byte_more() {
        assert_eq!(log(&["a", "b", "c"]).floor(), 0);
        assert_eq!(log(&["a", "b", "c", "d"]).floor(), 1);
        assert_eq!(log(&["01234", "56789"]).floor(), 0);
        assert_eq!(log(&["01234", "56789x"]).floor(), 1);
        assert_eq!(log(&["0123456789x"]).floor(), 1);
    }

    #[test]
    fn an_event_is_kept_for_its_whole_age_and_no_longer() {
        let mut log = log(&["a"]);
        log.expire(100);
        assert_eq!(log.floor(), 0);
        log.expire(101);
        assert_eq!((log.floor(), log.position().offset), (1, 1));
    }

    #[test]
    fn a_position_is_good_while_all_behind_it_is_kept() {
        let log = log(&["a", "b", "c", "d"]);
        assert_eq!(log.join(at(1)).recovered, Some(true));
        assert_eq!(log.join(at(4)).recovered, Some(true));
        assert_eq!((log.join(at(0)).recovered, log.join(at(0)).from), (Some(false), 4));
        assert_eq!(log.join(at(5)).recovered, Some(false), "an offset of the future");
        assert_eq!(log.join(Some(Position { epoch: Epoch(8), offset: 2 })).recovered, Some(false));
        assert_eq!((log.join(None).recovered, log.join(None).from), (None, 4));
        assert_eq!(behind(&log, 2), Some(vec![3, 4]));
        assert_eq!((behind(&log, 0), behind(&log, 5)), (None, None));
    }

    #[test]
    fn an_owner_without_a_position_gets_what_nobody_has_received_and_hears_of_what_is_gone() {
        let mut log = log(&["a", "b", "c", "d", "e"]);
        assert_eq!((log.sign_in(None).from, log.sign_in(None).lost), (2, 2));
        log.confirm(1);
        assert_eq!((log.sign_in(None).from, log.sign_in(None).lost), (2, 1));
        log.confirm(4);
        log.confirm(3);
        assert_eq!((log.sign_in(None).from, log.sign_in(None).lost), (4, 0));
        let early = log.sign_in(at(1));
        assert_eq!((early.from, early.recovered, early.lost), (2, Some(false), 1));
        let foreign = log.sign_in(Some(Position { epoch: Epoch(8), offset: 1 }));
        assert_eq!((foreign.from, foreign.recovered, foreign.lost), (4, Some(false), 0));
    }

    #[test]
    fn an_epoch_is_sixteen_digits() {
        assert_eq!(Epoch(0xab).to_string(), "00000000000000ab");
        assert_eq!(Epoch::parse("00000000000000ab"), Some(Epoch(0xab)));
        for wrong in ["", "ab", "00000000000000AB", "+0000000000000ab", "0000000000000000", "00000000000000abc"] {
            assert_eq!(Epoch::parse(wrong), None, "{wrong}");
        }
    }
}
