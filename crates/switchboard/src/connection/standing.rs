//! Where a connection stands in topics: which it is a member of, or about to join or to leave.
//!
//! Everything about one connection's topics goes through here, under one lock, whichever thread it comes from; so the
//! hub and the list that takes it back never differ. Lock order: this one, then those of the hub.

use std::collections::HashSet;
use std::sync::Arc;

use switchboard_core::roster::{Settlement, Stamp};

use super::Connection;
use crate::cx::TooManyTopics;
use crate::hub::Hub;

/// The topics of one connection.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Those that the hub knows of it, also by a claim alone.
    topics: HashSet<Box<str>>,
    /// The connection has left for good.
    left: bool,
}

/// A join or a leave that takes effect when its message succeeds.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The topic.
    key: Box<str>,
    stamp: Stamp,
    /// What it becomes when all goes well.
    wanted: Settlement,
}

impl Claim {
    /// Whether it is about joining.
    pub fn joins(&self) -> bool {
        self.wanted == Settlement::Joined
    }
}

impl Connection {
    /// Becomes a member at once.
    pub fn subscribe(self: &Arc<Self>, hub: &Hub, key: &str) -> Result<(), TooManyTopics> {
        let mut standing = self.standing.lock();
        if standing.take_up(key, self.limits.subscriptions)? {
            hub.join(key, self);
        }
        Ok(())
    }

    /// No longer is one, nor about to be.
    pub fn unsubscribe(&self, hub: &Hub, key: &str) {
        if self.standing.lock().topics.remove(key) {
            hub.leave(key, self.id);
        }
    }

    /// Whether it is a member or about to be.
    pub fn is_subscribed(&self, key: &str) -> bool {
        self.standing.lock().topics.contains(key)
    }

    /// Is about to become a member; nothing to settle when it is one.
    pub fn claim_join(self: &Arc<Self>, hub: &Hub, key: &str) -> Result<Option<Claim>, TooManyTopics> {
        let mut standing = self.standing.lock();
        if !standing.take_up(key, self.limits.subscriptions)? {
            return Ok(None);
        }
        let stamp = hub.claim_join(key, self);
        Ok(stamp.map(|stamp| Claim { key: key.into(), stamp, wanted: Settlement::Joined }))
    }

    /// Is about to leave; nothing to settle when it is no member.
    pub fn claim_leave(&self, hub: &Hub, key: &str) -> Option<Claim> {
        let standing = self.standing.lock();
        let stamp = standing.topics.contains(key).then(|| hub.claim_leave(key, self.id)).flatten();
        stamp.map(|stamp| Claim { key: key.into(), stamp, wanted: Settlement::Left })
    }

    /// The message of a claim has succeeded, or has not.
    pub fn settle(&self, hub: &Hub, claim: &Claim, succeeded: bool) {
        let mut standing = self.standing.lock();
        let how = if succeeded { claim.wanted } else { Settlement::Undone };
        if !hub.settle(&claim.key, self.id, claim.stamp, how) {
            standing.topics.remove(&claim.key);
        }
    }

    /// Leaves every topic, and for good if so.
    pub fn withdraw(&self, hub: &Hub, for_good: bool) {
        let mut standing = self.standing.lock();
        standing.left |= for_good;
        for key in standing.topics.drain() {
            hub.leave(&key, self.id);
        }
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
}
