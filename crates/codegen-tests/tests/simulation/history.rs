//! What happened in a run: what each connection sent and heard, in one order that is each connection's own order too.

use std::fmt;

/// All that happened.
#[derive(Clone, Debug, Default)]
pub struct History(pub Vec<Entry>);

/// Something that a connection did or heard; connection 0 is the server's own hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub session: u32,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It sent a message with this id.
    Sent(u64, Ask),
    /// The server pushed this by itself.
    Pushed(Letter),
    /// It heard the answer to this id, or the code of its refusal.
    Answered(u64, Result<(), String>),
    /// It heard an item of the stream that answers this id.
    Item(u64, u64),
    /// It heard an event.
    Heard(Letter),
    /// It is over.
    Ended(End),
    /// It lives at the end of the run, and nothing is on its way any more.
    Settled,
}

/// What a message wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    SignIn(String),
    Enter(String),
    Part(String),
    Send(Letter),
    Echo,
    /// To be told all numbers up to this one, while other things go on.
    Count(u64),
    /// To be asked what comes after this one.
    Quiz(u64),
}

/// Something that is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Letter {
    pub from: u32,
    pub seq: u32,
    pub to: Place,
    /// How long its text is.
    pub pad: usize,
    /// It may be dropped on its way to who is slow.
    pub lossy: bool,
}

/// Where it goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    Room(String),
    Mailbox(String),
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The server closed it.
    Closed(u16),
    /// Without a word.
    Lost,
    /// The client went, one way or another.
    Went(&'static str),
}

impl History {
    pub fn add(&mut self, session: u32, what: What) {
        self.0.push(Entry { session, what });
    }
}

/// The last lines, for the message of a test that fails.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Entry { session, what }) in self.0.iter().enumerate() {
            writeln!(f, "{at:>5}  #{session}  {what:?}")?;
        }
        Ok(())
    }
}
