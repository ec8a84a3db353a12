//! What is promised, asked of a history.
//!
//! - Each message with an id is answered once, in the order sent; as long as the connection lives, each is.
//! - What is answered while other messages are handled is answered once too; the items of a stream come in order, none is
//!   missing before its end, and none comes behind it.
//! - One sender's letters reach each receiver in the order sent, whatever place they were sent to, each at most once,
//!   as they were sent, and none that was refused.
//! - Who is not a member hears nothing of a place, and nothing of a room before the answer to coming in; who is hears
//!   everything but what may be dropped. Between what a client sends and the answer to it, it may be either, so only what
//!   was sent after the answer, and answered before the client sends the next of its kind, must be heard.
//!
//! Positions in a history are when the client has heard, which is never before the server has done it; that makes all
//! of this safe to ask.

use std::collections::{BTreeMap, HashMap};

use super::history::{Ask, End, Entry, History, Letter, Place, What};

/// How much there was to check, so that nobody believes a check of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub answered: usize,
    pub refused: usize,
    pub heard: usize,
    /// Letters that a receiver had to hear.
    pub due: usize,
    pub closed: usize,
    pub streamed: usize,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        self.refused += other.refused;
        self.heard += other.heard;
        self.due += other.due;
        self.closed += other.closed;
        self.streamed += other.streamed;
    }
}

/// Asks for everything; the first broken promise.
pub fn check(history: &History) -> Result<Tally, String> {
    let sessions = sessions(history);
    let letters = letters(&sessions)?;
    let mut tally = Tally::default();
    for (number, session) in &sessions {
        session.answers(*number, &mut tally)?;
        session.streams(*number, &mut tally)?;
        session.hearing(*number, &letters, &mut tally)?;
        session.membership(*number)?;
        session.completeness(*number, &letters, &mut tally)?;
    }
    Ok(tally)
}

/// One connection's part of the history, with positions.
#[derive(Default)]
struct Session<'h> {
    sent: Vec<(usize, u64, &'h Ask)>,
    pushed: Vec<(usize, &'h Letter)>,
    answers: Vec<(usize, u64, &'h Result<(), String>)>,
    items: Vec<(usize, u64, u64)>,
    heard: Vec<(usize, &'h Letter)>,
    all: Vec<(usize, &'h What)>,
    settled: bool,
}

/// A letter, when it was sent, and when it was known to be taken, if that is known.
struct Post {
    sent: usize,
    taken: Option<usize>,
    refused: bool,
    letter: Letter,
}

type Letters = HashMap<(u32, u32), Post>;

fn sessions(history: &History) -> BTreeMap<u32, Session<'_>> {
    let mut sessions = BTreeMap::<u32, Session<'_>>::new();
    for (at, Entry { session, what }) in history.0.iter().enumerate() {
        let session = sessions.entry(*session).or_default();
        session.all.push((at, what));
        match what {
            What::Sent(id, ask) => session.sent.push((at, *id, ask)),
            What::Pushed(letter) => session.pushed.push((at, letter)),
            What::Answered(id, outcome) => session.answers.push((at, *id, outcome)),
            What::Item(id, number) => session.items.push((at, *id, *number)),
            What::Heard(letter) => session.heard.push((at, letter)),
            What::Ended(_) => {}
            What::Settled => session.settled = true,
        }
    }
    sessions
}

fn letters(sessions: &BTreeMap<u32, Session<'_>>) -> Result<Letters, String> {
    let mut letters = Letters::new();
    let mut add = |post: Post| {
        let key = (post.letter.from, post.letter.seq);
        let old = letters.insert(key, post);
        old.map_or(Ok(()), |_| Err(format!("the simulation itself sent {key:?} twice")))
    };
    for session in sessions.values() {
        for (at, letter) in &session.pushed {
            add(Post { sent: *at, taken: Some(*at), refused: false, letter: (*letter).clone() })?;
        }
        for (at, id, ask) in &session.sent {
            let Ask::Send(letter) = ask else { continue };
            let answer = session.answer(*id);
            let taken = answer.and_then(|(at, outcome)| outcome.is_ok().then_some(at));
            let refused = answer.is_some_and(|(_, outcome)| outcome.is_err());
            add(Post { sent: *at, taken, refused, letter: letter.clone() })?;
        }
    }
    Ok(letters)
}

impl Session<'_> {
    fn answer(&self, id: u64) -> Option<(usize, &Result<(), String>)> {
        self.answers.iter().find(|(_, answered, _)| *answered == id).map(|(at, _, outcome)| (*at, *outcome))
    }

    /// Each id once, in order; all of them if the connection lives.
    fn answers(&self, number: u32, tally: &mut Tally) -> Result<(), String> {
        let is_aside = |id: &u64| self.sent.iter().any(|(_, other, ask)| other == id && matches!(ask, Ask::Count(_)));
        let mut expected = self.sent.iter().map(|(at, id, _)| (*at, *id)).filter(|(_, id)| !is_aside(id));
        for (at, id, outcome) in self.answers.iter().filter(|(_, id, _)| !is_aside(id)) {
            match expected.next() {
                Some((sent, next)) if next == *id && sent < *at => {}
                next => return Err(format!("#{number} heard an answer to {id} at {at}, and was to hear {next:?}")),
            }
            if outcome.is_ok() { tally.answered += 1 } else { tally.refused += 1 }
        }
        match expected.next() {
            Some((at, id)) if self.settled => Err(format!("#{number} lives and was never answered {id}, sent at {at}")),
            _ => Ok(()),
        }
    }

    /// Streams are answered at any time, once, after all of their items, which are the numbers from 1 on.
    fn streams(&self, number: u32, tally: &mut Tally) -> Result<(), String> {
        for (sent, id, ask) in &self.sent {
            let Ask::Count(to) = ask else { continue };
            let items = self.items.iter().filter(|(_, of, _)| of == id).collect::<Vec<_>>();
            for (expected, (at, _, item)) in (1..).zip(&items) {
                if *item != expected || at < sent {
                    return Err(format!("#{number} heard item {item} of {id} at {at}, and was to hear {expected}"));
                }
            }
            let answers = self.answers.iter().filter(|(_, answered, _)| answered == id).collect::<Vec<_>>();
            let last = items.last().map_or(*sent, |(at, ..)| *at);
            match answers[..] {
                [] if self.settled => return Err(format!("#{number} lives and the stream {id} has no end")),
                [] => {}
                [(at, ..)] if *at < last => {
                    return Err(format!("#{number} heard items of {id} behind its end at {at}"));
                }
                [(at, _, Ok(()))] if items.len() as u64 != *to => {
                    return Err(format!("#{number} heard {} of {to} items of {id}, which ended at {at}", items.len()));
                }
                [_] => tally.streamed += 1,
                _ => return Err(format!("#{number} heard several ends of {id}")),
            }
        }
        Ok(())
    }

    /// What was heard was sent so, once, and in order.
    fn hearing(&self, number: u32, letters: &Letters, tally: &mut Tally) -> Result<(), String> {
        let mut last = HashMap::new();
        for (at, letter) in &self.heard {
            let Letter { from, seq, .. } = letter;
            match letters.get(&(*from, *seq)) {
                Some(post) if post.letter == **letter && post.sent < *at && !post.refused => {}
                Some(post) if post.refused => {
                    return Err(format!("#{number} heard what was refused, at {at}: {letter:?}"));
                }
                _ => return Err(format!("#{number} heard what nobody sent, at {at}: {letter:?}")),
            }
            match last.insert(*from, *seq) {
                Some(before) if before == *seq => return Err(format!("#{number} heard twice, at {at}: {letter:?}")),
                Some(before) if before > *seq => {
                    return Err(format!("#{number} heard in another order, at {at}: {letter:?} after {before}"));
                }
                _ => tally.heard += 1,
            }
        }
        tally.closed += self.all.iter().filter(|(_, what)| matches!(what, What::Ended(End::Closed(_)))).count();
        Ok(())
    }

    /// Nothing was heard of a place before the client asked to be in it, nor after it knew that it was not.
    fn membership(&self, number: u32) -> Result<(), String> {
        for (at, letter) in &self.heard {
            let mut may_be = false;
            for (_, id, ask) in self.sent.iter().filter(|(asked, ..)| asked < at) {
                let answered = self.answer(*id).filter(|(answered, outcome)| answered < at && outcome.is_ok());
                let refused = self.answer(*id).is_some_and(|(answered, outcome)| answered < *at && outcome.is_err());
                match effect(ask, &letter.to) {
                    // Of a room nothing comes before the answer.
                    Some(true) if matches!(letter.to, Place::Mailbox(_)) => may_be |= !refused,
                    Some(true) => may_be |= answered.is_some(),
                    Some(false) if answered.is_some() => may_be = false,
                    _ => {}
                }
            }
            if !may_be {
                return Err(format!("#{number} heard, at {at}, what it is no member of: {letter:?}"));
            }
        }
        Ok(())
    }

    /// What was sent while it surely was a member has been heard; of a connection that ended, up to what it heard last.
    fn completeness(&self, number: u32, letters: &Letters, tally: &mut Tally) -> Result<(), String> {
        for (from, until, place) in self.stays() {
            for post in letters.values().filter(|post| post.letter.to == place) {
                let due = !post.letter.lossy && post.sent > from && post.taken.is_some_and(|taken| taken < until);
                if !due || !(self.settled || self.heard_later(&post.letter)) {
                    continue;
                }
                tally.due += 1;
                if !self.heard.iter().any(|(_, heard)| **heard == post.letter) {
                    let letter = &post.letter;
                    return Err(format!(
                        "#{number} was in {place:?} from {from} to {until} and never heard {letter:?}, sent at {} and taken at {:?}",
                        post.sent, post.taken
                    ));
                }
            }
        }
        Ok(())
    }

    /// A later letter of the same sender to the same place has been heard.
    fn heard_later(&self, letter: &Letter) -> bool {
        self.heard.iter().any(|(_, heard)| heard.from == letter.from && heard.to == letter.to && heard.seq > letter.seq)
    }

    /// When it was surely a member of what: from an answer to the next message that may change it.
    fn stays(&self) -> Vec<(usize, usize, Place)> {
        let mut stays = Vec::new();
        for (_, id, ask) in &self.sent {
            let place = match ask {
                Ask::Enter(room) => Place::Room(room.clone()),
                Ask::SignIn(user) => Place::Mailbox(user.clone()),
                _ => continue,
            };
            let Some((from, Ok(()))) = self.answer(*id) else { continue };
            let is_next = |(_, other, ask): &&(usize, u64, &Ask)| *other > *id && effect(ask, &place) == Some(false);
            let until = self.sent.iter().find(is_next).map_or(usize::MAX, |(at, ..)| *at);
            stays.push((from, until, place));
        }
        stays
    }
}

/// What a message does to the membership of a place.
fn effect(ask: &Ask, place: &Place) -> Option<bool> {
    match (ask, place) {
        (Ask::Enter(room), Place::Room(place)) if room == place => Some(true),
        (Ask::Part(room), Place::Room(place)) if room == place => Some(false),
        (Ask::SignIn(user), Place::Mailbox(place)) => Some(user == place),
        _ => None,
    }
}
