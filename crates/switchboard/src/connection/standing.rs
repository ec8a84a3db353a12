//! Where a connection stands in topics: which it is a member of, or about to join or to leave, and for whom.
//!
//! Everything about one connection's topics goes through here, under one lock, whichever thread it comes from; so the
//! hub and the list that takes it back never differ. Lock order: this one, then those of the hub.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use switchboard_core::log::Position;
use switchboard_core::roster::{Settlement, Stamp};

use super::Connection;
use crate::cx::TooManyTopics;
use crate::history::{Histories, History, LogKey, Opening};
use crate::hub::{Address, Arrival, Hub};
use crate::presence::{Saying, Who};

/// The topics of one connection.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Those that the hub knows of it, also by a claim alone.
    topics: HashSet<Box<str>>,
    /// Whom it belongs to.
    who: Option<Arc<Who>>,
    /// What was said for topics that it is not yet a member of; the oldest gives way.
    wishes: VecDeque<(Box<str>, Arc<Saying>)>,
    /// The connection has left for good.
    left: bool,
}

/// A join or a leave that takes effect when its message succeeds.
#[derive(Debug)]
pub(crate) struct Claim {
    place: Place,
    key: Box<str>,
    /// `None`: nothing has to be settled.
    stamp: Option<Stamp>,
    /// What it becomes when all goes well.
    wanted: Settlement,
    /// The log of the place, if it has one.
    opening: Option<Opening>,
}

/// What is joined or left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Topic,
    Mailbox,
}

impl Claim {
    fn join(place: Place, key: &str, stamp: Option<Stamp>, opening: Option<Opening>) -> Self {
        Self { place, key: key.into(), stamp, wanted: Settlement::Joined, opening }
    }

    /// Whether it is about joining.
    pub fn joins(&self) -> bool {
        self.wanted == Settlement::Joined
    }

    /// Whether it is about a mailbox.
    pub fn is_of_mailbox(&self) -> bool {
        self.place == Place::Mailbox
    }

    /// The log of what it joins.
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }
}

impl Connection {
    /// Becomes a member at once.
    pub fn subscribe(self: &Arc<Self>, hub: &Hub, topic: Address<'_>) -> Result<(), TooManyTopics> {
        let mut standing = self.standing.lock();
        if standing.take_up(topic.key, self.limits.subscriptions)? {
            let saying = standing.take_wish(topic.key);
            hub.join(topic, self, Arrival { who: standing.who.as_ref(), saying });
        }
        Ok(())
    }

    /// No longer is one, nor about to be. Whether it was one of these.
    pub fn unsubscribe(&self, hub: &Hub, key: &str) -> bool {
        let mut standing = self.standing.lock();
        standing.take_wish(key);
        let known = standing.topics.remove(key);
        if known {
            hub.leave(key, self.id);
        }
        // What is given of the past ends too; that is done under a lock which comes before this one.
        drop(standing);
        if known {
            self.give_up(|claim| claim.place == Place::Topic && *claim.key == *key);
        }
        known
    }

    /// Whether it is a member or about to be.
    pub fn is_subscribed(&self, key: &str) -> bool {
        self.standing.lock().topics.contains(key)
    }

    /// The topics that it is a member of, or about to be.
    pub fn topics(&self) -> Vec<Box<str>> {
        self.standing.lock().topics.iter().cloned().collect()
    }

    /// Whom it belongs to.
    pub fn who(&self) -> Option<Arc<Who>> {
        self.standing.lock().who.clone()
    }

    /// Is about to become a member; nothing to settle when it is one. A member that says how far it has come is given
    /// what is behind that as if it came anew.
    pub fn claim_join(
        self: &Arc<Self>,
        histories: &Arc<Histories>,
        topic: Address<'_>,
        since: Option<Position>,
    ) -> Result<Option<Claim>, TooManyTopics> {
        let hub = histories.hub();
        let mut standing = self.standing.lock();
        if !standing.take_up(topic.key, self.limits.subscriptions)? {
            return Ok(None);
        }
        let Some(history) = topic.line.history else {
            let stamp = hub.claim_join(topic, self);
            return Ok(stamp.map(|stamp| Claim::join(Place::Topic, topic.key, Some(stamp), None)));
        };
        let again = |stamp: Option<Stamp>| stamp.or_else(|| since.and_then(|_| hub.claim_leave(topic.key, self.id)));
        let claim = || again(hub.claim_join(topic, self));
        let (stamp, opening) = histories.arrive(LogKey::Topic(topic.key), history, since, claim);
        Ok(Some(Claim::join(Place::Topic, topic.key, stamp, Some(opening))))
    }

    /// Is about to be one of the connections of a kept mailbox, in the same way.
    pub fn claim_mailbox(
        self: &Arc<Self>,
        histories: &Arc<Histories>,
        key: &str,
        history: History,
        since: Option<Position>,
    ) -> Claim {
        let claim = || histories.hub().claim_mailbox(key, self, since.is_some());
        let (stamp, opening) = histories.arrive(LogKey::Mailbox(key), history, since, claim);
        Claim::join(Place::Mailbox, key, stamp, Some(opening))
    }

    /// Is about to leave; nothing to settle when it is no member.
    pub fn claim_leave(&self, hub: &Hub, key: &str) -> Option<Claim> {
        let standing = self.standing.lock();
        let stamp = standing.topics.contains(key).then(|| hub.claim_leave(key, self.id)).flatten();
        stamp.map(|stamp| Claim {
            place: Place::Topic,
            key: key.into(),
            stamp: Some(stamp),
            wanted: Settlement::Left,
            opening: None,
        })
    }

    /// The message of a claim has succeeded, or has not.
    pub fn settle(self: &Arc<Self>, hub: &Hub, claim: &Claim, succeeded: bool) {
        let Some(stamp) = claim.stamp else { return };
        let how = if succeeded { claim.wanted } else { Settlement::Undone };
        if claim.place == Place::Mailbox {
            return hub.settle_mailbox(&claim.key, self, (stamp, how));
        }
        let mut standing = self.standing.lock();
        let saying = claim.joins().then(|| standing.take_wish(&claim.key)).flatten();
        let arrival = Arrival { who: standing.who.as_ref(), saying };
        if !hub.settle(&claim.key, self, (stamp, how), arrival) {
            standing.topics.remove(&claim.key);
        }
    }

    /// Whether the topic of a claim has been left since.
    pub fn has_left(&self, claim: &Claim) -> bool {
        claim.place == Place::Topic && !self.is_subscribed(&claim.key)
    }

    /// Belongs to somebody else now, or to nobody, also where it is a member.
    pub fn belong(&self, hub: &Hub, who: Option<Arc<Who>>) {
        let mut standing = self.standing.lock();
        if standing.left || standing.who == who {
            return;
        }
        standing.who = who;
        standing.topics.iter().for_each(|key| hub.seat(key, self.id, standing.who.as_ref()));
    }

    /// Says something of the identity in a topic, now or with the next join.
    pub fn say(&self, hub: &Hub, key: &str, saying: Arc<Saying>) {
        let mut standing = self.standing.lock();
        if standing.topics.contains(key) && hub.say(key, self.id, &saying) {
            return;
        }
        standing.take_wish(key);
        if standing.wishes.len() >= self.limits.subscriptions {
            standing.wishes.pop_front();
        }
        if !standing.left {
            standing.wishes.push_back((key.into(), saying));
        }
    }

    /// Leaves every topic and belongs to nobody, and that for good if so.
    pub fn withdraw(&self, hub: &Hub, for_good: bool) {
        let mut standing = self.standing.lock();
        standing.left |= for_good;
        for key in standing.topics.drain() {
            hub.leave(&key, self.id);
        }
        standing.wishes.clear();
        standing.who = None;
        drop(standing);
        self.give_up(|claim| claim.place == Place::Topic);
    }

    /// The bytes that wait for it in topics.
    pub fn account(&self) -> &Account {
        &self.account
    }
}

impl Standing {
    /// Notes a topic, within the limit. Whether the hub is to hear of it.
    fn take_up(&mut self, key: &str, limit: usize) -> Result<bool, TooManyTopics> {
        if self.left || self.topics.contains(key) {
            return Ok(!self.left);
        }
        if self.topics.len() >= limit {
            return Err(TooManyTopics { limit });
        }
        self.topics.insert(key.into());
        Ok(true)
    }

    fn take_wish(&mut self, key: &str) -> Option<Arc<Saying>> {
        let index = self.wishes.iter().position(|(wished, _)| **wished == *key)?;
        self.wishes.remove(index).map(|(_, saying)| saying)
    }
}

/// Bytes that wait for one connection, in whichever topic.
#[derive(Debug, Default)]
pub(crate) struct Account(AtomicUsize);

impl Account {
    /// Adds `bytes`, unless they would pass `most`; a first one is always let in.
    pub fn charge(&self, bytes: usize, most: usize) -> bool {
        let charged = |held: usize| (held == 0 || held.saturating_add(bytes) <= most).then(|| held + bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, charged).is_ok()
    }

    /// They no longer wait.
    pub fn discharge(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}
