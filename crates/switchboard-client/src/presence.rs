//! Who is there: what members of a topic hear of each other, and a list that is kept up to date by it.

use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_core::{Decode, Decoded, Path, Reader, Slot};

use crate::client::Client;
use crate::events::Listening;
use crate::protocol::{Heard, Protocol};

/// What members of a topic hear of each other. `who` is an identity; `state` what it has said of itself, if it has.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence<I, S> {
    /// Everybody, for who has become a member.
    Here {
        /// The topic's full name.
        topic: String,
        /// Everybody, oneself included.
        members: Vec<Member<I, S>>,
        /// How many are left out.
        omitted: u64,
    },
    /// The first connection of somebody has joined.
    Joined {
        /// The topic's full name.
        topic: String,
        /// Who it is.
        member: Member<I, S>,
    },
    /// Somebody says something else of itself.
    Changed {
        /// The topic's full name.
        topic: String,
        /// Who it is.
        member: Member<I, S>,
    },
    /// The last connection of somebody is gone.
    Left {
        /// The topic's full name.
        topic: String,
        /// Who it was.
        who: I,
    },
}

impl<I, S> Presence<I, S> {
    /// The topic's full name.
    pub fn topic(&self) -> &str {
        match self {
            Self::Here { topic, .. } | Self::Joined { topic, .. } | Self::Changed { topic, .. } => topic,
            Self::Left { topic, .. } => topic,
        }
    }
}

/// Somebody in a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<I, S> {
    /// Who it is.
    pub who: I,
    /// What it says of itself.
    pub state: Option<S>,
}

/// Who is in a topic, kept up to date. Clones are the same list.
#[derive(Clone, Debug)]
pub struct Members<I, S> {
    list: Arc<Mutex<Listed<I, S>>>,
    _guard: Arc<Listening>,
}

#[derive(Debug)]
struct Listed<I, S> {
    members: Vec<Member<I, S>>,
    omitted: u64,
}

impl<I: Clone + PartialEq + Send + 'static, S: Clone + Send + 'static> Members<I, S> {
    /// For generated code: begins to listen.
    #[doc(hidden)]
    pub fn of<P: Protocol, H: Heard<P, Payload = Presence<I, S>>>(client: &Client<P>, topic: &str) -> Self {
        let list = Arc::new(Mutex::new(Listed { members: Vec::new(), omitted: 0 }));
        let (kept, topic) = (Arc::clone(&list), topic.to_owned());
        let guard = client.on::<H>(move |presence| {
            if presence.topic() == topic {
                kept.lock().hear(presence);
            }
        });
        Self { list, _guard: Arc::new(guard) }
    }

    /// Everybody, in the order in which they were heard of. While the connection is lost, who was there last.
    pub fn list(&self) -> Vec<Member<I, S>> {
        self.list.lock().members.clone()
    }

    /// How many more there were when this client joined.
    pub fn omitted(&self) -> u64 {
        self.list.lock().omitted
    }
}

impl<I: Clone + PartialEq, S: Clone> Listed<I, S> {
    fn hear(&mut self, presence: &Presence<I, S>) {
        match presence {
            Presence::Here { members, omitted, .. } => (self.members, self.omitted) = (members.clone(), *omitted),
            Presence::Joined { member, .. } | Presence::Changed { member, .. } => {
                match self.members.iter_mut().find(|known| known.who == member.who) {
                    Some(known) => known.clone_from(member),
                    None => self.members.push(member.clone()),
                }
            }
            Presence::Left { who, .. } => self.members.retain(|known| known.who != *who),
        }
    }
}

/// The state of a flow on a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChanged {
    /// The topic's full name.
    pub topic: String,
    /// The state's name; `end` when it came to its end, and begins anew with the next message.
    pub state: String,
}

impl Decode for StateChanged {
    fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        let (mut topic, mut state) = (Slot::new(), Slot::new());
        r.object(at)?;
        while let Some(key) = r.next_key()? {
            match &*key {
                "topic" => topic.read(r, &at.key("topic"), String::decode)?,
                "state" => state.read(r, &at.key("state"), String::decode)?,
                key => r.unknown_key(at, key)?,
            }
        }
        let topic = topic.required(r, &at.key("topic"));
        let state = state.required(r, &at.key("state"));
        Ok(Self { topic: topic?, state: state? })
    }
}

/// Reads the payload of `#here`.
#[doc(hidden)]
pub fn here<'a, I, S>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    mut who: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<I>,
    mut state: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<S>,
) -> Decoded<Presence<I, S>> {
    let (mut topic, mut members, mut omitted) = (Slot::new(), Slot::new(), Slot::new());
    r.object(at)?;
    while let Some(key) = r.next_key()? {
        match &*key {
            "topic" => topic.read(r, &at.key("topic"), String::decode)?,
            "members" => members.read(r, &at.key("members"), |r, at| {
                switchboard_core::list(r, at, |r, at| read(r, at, &mut who, &mut state).and_then(WithTopic::member))
            })?,
            "omitted" => omitted.read(r, &at.key("omitted"), switchboard_core::decode_int64_number)?,
            key => r.unknown_key(at, key)?,
        }
    }
    let topic = topic.required(r, &at.key("topic"));
    let members = members.required(r, &at.key("members"));
    Ok(Presence::Here { topic: topic?, members: members?, omitted: omitted.or_default(|| 0)? })
}

/// Reads the payload of `#joined`.
#[doc(hidden)]
pub fn joined<'a, I, S>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    mut who: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<I>,
    mut state: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<S>,
) -> Decoded<Presence<I, S>> {
    let (topic, member) = read(r, at, &mut who, &mut state)?.of_topic(r, at)?;
    Ok(Presence::Joined { topic, member })
}

/// Reads the payload of `#changed`.
#[doc(hidden)]
pub fn changed<'a, I, S>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    mut who: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<I>,
    mut state: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<S>,
) -> Decoded<Presence<I, S>> {
    let (topic, member) = read(r, at, &mut who, &mut state)?.of_topic(r, at)?;
    Ok(Presence::Changed { topic, member })
}

/// Reads the payload of `#left`.
#[doc(hidden)]
pub fn left<'a, I, S>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    mut who: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<I>,
    mut state: impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<S>,
) -> Decoded<Presence<I, S>> {
    let (topic, member) = read(r, at, &mut who, &mut state)?.of_topic(r, at)?;
    Ok(Presence::Left { topic, who: member.who })
}

/// A member, and the topic if it is said beside it.
struct WithTopic<I, S> {
    topic: Slot<String>,
    member: Member<I, S>,
}

impl<I, S> WithTopic<I, S> {
    fn member(self) -> Decoded<Member<I, S>> {
        Ok(self.member)
    }

    fn of_topic(self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<(String, Member<I, S>)> {
        Ok((self.topic.required(r, &at.key("topic"))?, self.member))
    }
}

fn read<'a, I, S>(
    r: &mut Reader<'a>,
    at: &Path<'_>,
    who: &mut impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<I>,
    state: &mut impl FnMut(&mut Reader<'a>, &Path<'_>) -> Decoded<S>,
) -> Decoded<WithTopic<I, S>> {
    let (mut topic, mut member, mut said) = (Slot::new(), Slot::new(), Slot::new());
    r.object(at)?;
    while let Some(key) = r.next_key()? {
        match &*key {
            "topic" => topic.read(r, &at.key("topic"), String::decode)?,
            "who" => member.read(r, &at.key("who"), &mut *who)?,
            "state" => said.read(r, &at.key("state"), &mut *state)?,
            key => r.unknown_key(at, key)?,
        }
    }
    let who = member.required(r, &at.key("who"));
    Ok(WithTopic { topic, member: Member { who: who?, state: said.optional()? } })
}
