//! What a client remembers over its connections: what has joined topics, and how far topics and mailbox were heard.

use std::collections::BTreeMap;

use serde_json::Value;
use switchboard_core::{Decode, Decoded, Path, Reader, decode_int64_number, write};

use crate::failure::Refusal;
use crate::protocol::{Outgoing, Protocol};

/// What became of a topic or of the mailbox on a new connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Resumed {
    /// A message that has joined topics was said again.
    Message {
        /// Its name.
        message: &'static str,
        /// What it carried, as JSON.
        payload: String,
        /// The topics, each with what became of it; `None` when it was refused.
        topics: Vec<(String, Option<Outcome>)>,
        /// The answer, or why it was refused; then it is not said again.
        reply: Result<Value, Refusal>,
    },
    /// The sign-in has told of the mailbox.
    Mailbox {
        /// What became of it.
        outcome: Outcome,
        /// How many events are lost, if that is known.
        lost: Option<u64>,
    },
}

/// What became of what was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it follows.
    Recovered,
    /// Not all of it can be had: ask how things stand.
    Lost,
    /// There is no history: what came meanwhile is missed.
    Live,
}

impl Outcome {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Lost => "lost",
            Self::Live => "live",
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By the order in which they came, with the topics that are not left yet.
    joins: BTreeMap<u64, (Outgoing, Vec<String>)>,
    last: u64,
    topics: BTreeMap<String, (String, u64)>,
    /// The epoch of the mailbox, and the last offset that was heard in it.
    mailbox: Option<(String, Option<u64>)>,
}

impl Memory {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// A message has succeeded.
    pub(super) fn succeeded(&mut self, outgoing: &Outgoing) {
        outgoing.leaves.iter().for_each(|topic| self.leave(topic));
        if outgoing.joins.is_empty() || self.joins.values().any(|(kept, _)| kept == outgoing) {
            return;
        }
        self.last += 1;
        self.joins.insert(self.last, (outgoing.clone(), outgoing.joins.clone()));
    }

    /// A topic was left, or nobody is interested in it any more.
    pub(super) fn leave(&mut self, topic: &str) {
        self.topics.remove(topic);
        self.joins.retain(|_, (_, topics)| {
            topics.retain(|joined| joined != topic);
            !topics.is_empty()
        });
    }

    /// What is to be said again, in the order in which it came.
    pub(super) fn joins(&self) -> Vec<(u64, Outgoing)> {
        self.joins.iter().map(|(&key, (outgoing, _))| (key, outgoing.clone())).collect()
    }

    /// How far these topics were heard.
    pub(super) fn since(&self, topics: &[String]) -> Vec<Offset> {
        let known = |topic: &String| {
            let (epoch, offset) = self.topics.get(topic)?;
            Some(Offset { topic: Some(topic.clone()), epoch: epoch.clone(), offset: *offset })
        };
        topics.iter().filter_map(known).collect()
    }

    /// How far the mailbox was heard.
    pub(super) fn mailbox(&self) -> Option<Offset> {
        let (epoch, offset) = self.mailbox.as_ref()?;
        Some(Offset { topic: None, epoch: epoch.clone(), offset: (*offset)? })
    }

    /// Positions were told, of topics that something has joined, or joins now, and of the mailbox.
    pub(super) fn moved(&mut self, positions: &[Position], joins: &[String]) {
        for position in positions {
            let (Some(epoch), Some(offset)) = (&position.epoch, position.offset) else { continue };
            match &position.topic {
                None if position.mailbox && self.mailbox.as_ref().is_none_or(|(known, _)| known != epoch) => {
                    self.mailbox = Some((epoch.clone(), None));
                }
                None => {}
                Some(topic) if !joins.contains(topic) && !self.joins.values().any(|(_, kept)| kept.contains(topic)) => {
                }
                Some(topic) => {
                    let known = self.topics.get(topic).filter(|(known, _)| known == epoch);
                    let heard = known.map(|(_, offset)| *offset).filter(|_| position.recovered == Some(true));
                    self.topics.insert(topic.clone(), (epoch.clone(), heard.unwrap_or(offset)));
                }
            }
        }
    }

    /// Whether an event was heard before; from now on it was.
    pub(super) fn was_heard(&mut self, at: &Offset) -> bool {
        let heard = match &at.topic {
            None => match &mut self.mailbox {
                Some((_, heard)) => heard.get_or_insert(0),
                None => return false,
            },
            Some(topic) => match self.topics.get_mut(topic) {
                Some((_, heard)) => heard,
                None => return false,
            },
        };
        let before = at.offset <= *heard;
        *heard = (*heard).max(at.offset);
        before
    }

    /// What the answer to a message says that was said again, with positions for the topics in `asked`.
    pub(super) fn resumed<P: Protocol>(&self, key: u64, positions: &[Position], reply: Value) -> Option<Resumed> {
        let (outgoing, topics) = self.joins.get(&key)?;
        let outcome = |topic: &String| {
            let position = positions.iter().find(|position| position.topic.as_ref() == Some(topic));
            let outcome = match position.map(|position| position.recovered) {
                None => Outcome::Live,
                Some(Some(true)) => Outcome::Recovered,
                Some(_) => Outcome::Lost,
            };
            (topic.clone(), Some(outcome))
        };
        Some(told::<P>(outgoing, topics.iter().map(outcome).collect(), Ok(reply)))
    }

    /// One that was refused, and is forgotten.
    pub(super) fn not_resumed<P: Protocol>(&mut self, key: u64, refusal: Refusal) -> Option<Resumed> {
        let (outgoing, topics) = self.joins.remove(&key)?;
        for topic in &topics {
            if !self.joins.values().any(|(_, others)| others.contains(topic)) {
                self.topics.remove(topic);
            }
        }
        Some(told::<P>(&outgoing, topics.into_iter().map(|topic| (topic, None)).collect(), Err(refusal)))
    }
}

fn told<P: Protocol>(
    outgoing: &Outgoing,
    topics: Vec<(String, Option<Outcome>)>,
    reply: Result<Value, Refusal>,
) -> Resumed {
    let message = super::info_of::<P>(outgoing).name;
    Resumed::Message { message, payload: String::from_utf8_lossy(&outgoing.payload).into_owned(), topics, reply }
}

/// What an answer says of the mailbox, to a sign-in that said how far it was heard.
pub(super) fn of_mailbox(positions: &[Position]) -> Option<Resumed> {
    let position = positions.iter().find(|position| position.mailbox)?;
    let outcome = if position.recovered == Some(true) { Outcome::Recovered } else { Outcome::Lost };
    Some(Resumed::Mailbox { outcome, lost: position.lost })
}

/// Where an event stands, or how far a topic (`None`: the mailbox) was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    pub(super) topic: Option<String>,
    pub(super) epoch: String,
    pub(super) offset: u64,
}

impl Offset {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match &self.topic {
            None => out.extend_from_slice(b"{\"mailbox\":true,\"epoch\":"),
            Some(topic) => {
                out.extend_from_slice(b"{\"topic\":");
                write::string(out, topic);
                out.extend_from_slice(b",\"epoch\":");
            }
        }
        write::string(out, &self.epoch);
        out.extend_from_slice(format!(",\"offset\":{}}}", self.offset).as_bytes());
    }
}

/// A position as the server tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) topic: Option<String>,
    pub(super) mailbox: bool,
    pub(super) epoch: Option<String>,
    pub(super) offset: Option<u64>,
    pub(super) recovered: Option<bool>,
    pub(super) lost: Option<u64>,
}

impl Position {
    pub(super) fn read(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let mut position = Self::default();
        r.object(at)?;
        while let Some(key) = r.next_key()? {
            position.member(&key, r)?;
        }
        Ok(position)
    }

    /// Reads one member, or passes it over.
    pub(super) fn member(&mut self, key: &str, r: &mut Reader<'_>) -> Decoded<()> {
        let at = &Path::root();
        match key {
            "topic" => self.topic = Some(String::decode(r, at)?),
            "mailbox" => self.mailbox = r.boolean(at)?,
            "epoch" => self.epoch = Some(String::decode(r, at)?),
            "offset" => self.offset = Some(decode_int64_number(r, at)?),
            "recovered" => self.recovered = Some(r.boolean(at)?),
            "lost" => self.lost = if r.null() { None } else { Some(decode_int64_number(r, at)?) },
            _ => r.skip()?,
        }
        Ok(())
    }

    /// Where the event stands that this is beside.
    pub(super) fn offset(self) -> Option<Offset> {
        let offset = self.offset?;
        (self.mailbox || self.topic.is_some()).then(|| Offset { topic: self.topic, epoch: String::new(), offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(topic: &str) -> Position {
        let (topic, epoch) = (Some(topic.to_owned()), Some("e".to_owned()));
        Position { topic, epoch, offset: Some(3), ..Position::default() }
    }

    #[test]
    fn positions_of_topics_that_nobody_has_joined_are_not_kept() {
        let mut memory = Memory::default();
        let joined = ["a".to_owned()];
        memory.moved(&[position("a"), position("b")], &joined);
        for number in 0..1_000 {
            memory.moved(&[position(&number.to_string())], &[]);
        }
        assert_eq!(memory.topics.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(memory.since(&joined)[0].offset, 3);
        memory.leave("a");
        assert_eq!(memory.since(&joined), []);
    }
}
