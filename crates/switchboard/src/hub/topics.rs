//! Topics: each has a lock of its own, so that a large fan-out stalls nobody who is not in it.
//!
//! A topic begins with whoever comes first and is forgotten when nobody is left. Whoever still has it in hand then
//! sees that it is gone, and looks again. Lock order: a connection's standing, the map, the topic, a connection's line.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::{RwLock, RwLockWriteGuard};
use switchboard_core::outbox::{Fate, Offer, Outcome};
use switchboard_core::roster::{Due, Roster, Settlement, Stamp};

use super::Group;
use crate::connection::{Connection, ConnectionId};
use crate::metrics::{Counters, Tally};
use crate::parcel::Parcel;
use crate::protocol::EventInfo;

type Members = Roster<Arc<Connection>, Waiting>;

/// Frames that wait for a connection that is about to join or to leave.
#[derive(Debug, Default)]
struct Waiting {
    parcels: Vec<Kept>,
    bytes: usize,
    /// They were too many, and the connection is being closed for it.
    lost: bool,
}

/// An event, and what an outbox is given of it.
type Kept = (&'static EventInfo, Offer);

/// All topics of one server, in several maps so that a busy one stalls few others.
#[derive(Debug)]
pub(super) struct Topics {
    shards: [RwLock<HashMap<Box<str>, Arc<Topic>>>; SHARDS],
    hasher: RandomState,
    counters: Arc<Counters>,
}

/// One topic.
#[derive(Debug, Default)]
struct Topic {
    state: RwLock<State>,
}

/// What its lock guards.
#[derive(Debug, Default)]
struct State {
    roster: Members,
    /// It is no longer in the map.
    gone: bool,
}

impl Topics {
    pub fn new(counters: Arc<Counters>) -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::default()), hasher: RandomState::new(), counters }
    }

    /// A connection is a member at once.
    pub fn join(&self, key: &str, connection: &Arc<Connection>) {
        self.open(key, |state| state.release(&self.counters, |roster| roster.join(connection.id().0, connection)));
    }

    /// It no longer is, and none of its claims is heard.
    pub fn leave(&self, key: &str, id: ConnectionId) {
        self.change(key, |state| state.roster.leave(id.0));
    }

    /// A connection is about to become a member; `None` when it is one.
    pub fn claim_join(&self, key: &str, connection: &Arc<Connection>) -> Option<Stamp> {
        self.open(key, |state| state.roster.claim_join(connection.id().0, connection))
    }

    /// A connection is about to leave; `None` when it is not here.
    pub fn claim_leave(&self, key: &str, id: ConnectionId) -> Option<Stamp> {
        self.change(key, |state| state.roster.claim_leave(id.0)).flatten()
    }

    /// Ends a claim. Whether the connection still is a member, or has other claims.
    pub fn settle(&self, key: &str, id: ConnectionId, stamp: Stamp, how: Settlement) -> bool {
        let settle = |state: &mut State| {
            state.release(&self.counters, |roster| roster.settle(id.0, stamp, how));
            state.roster.knows(id.0)
        };
        self.change(key, settle).unwrap_or(false)
    }

    /// How many members there are.
    pub fn count(&self, key: &str) -> usize {
        self.find(key).map_or(0, |topic| topic.state.read().roster.count())
    }

    /// Shows every member to `visit`, which gives it the parcel; sets that aside for those that join or leave just now.
    pub fn send(
        &self,
        key: &str,
        except: Option<ConnectionId>,
        parcel: &Parcel<'_>,
        visit: impl FnMut(&Arc<Connection>),
    ) {
        let Some(topic) = self.find(key) else { return };
        let state = topic.state.read();
        if state.roster.is_settled() {
            return state.live().for_each(visit);
        }
        drop(state);
        let mut state = topic.state.write();
        state.set_aside(except, &(parcel.info(), parcel.offer(Group::Topic(key))), &self.counters);
        state.live().for_each(visit);
    }

    /// Shows every member to `visit`, which must not come back to the hub.
    pub fn each(&self, key: &str, visit: impl FnMut(&Arc<Connection>)) {
        if let Some(topic) = self.find(key) {
            topic.state.read().roster.members().for_each(visit);
        }
    }

    fn find(&self, key: &str) -> Option<Arc<Topic>> {
        self.shard(key).read().get(key).cloned()
    }

    /// Lets `change` have the topic, made if there is none, and forgets it if nobody is left.
    fn open<R>(&self, key: &str, change: impl FnOnce(&mut State) -> R) -> R {
        loop {
            let topic = self.find(key).unwrap_or_else(|| self.create(key));
            let mut state = topic.state.write();
            if !state.gone {
                let result = change(&mut state);
                self.sweep(key, &topic, state);
                return result;
            }
            drop(state);
            self.forget(key, &topic);
        }
    }

    /// The same with a topic that there is.
    fn change<R>(&self, key: &str, change: impl FnOnce(&mut State) -> R) -> Option<R> {
        let topic = self.find(key)?;
        let mut state = topic.state.write();
        if state.gone {
            return None;
        }
        let result = change(&mut state);
        self.sweep(key, &topic, state);
        Some(result)
    }

    fn create(&self, key: &str) -> Arc<Topic> {
        Arc::clone(self.shard(key).write().entry(key.into()).or_default())
    }

    fn sweep(&self, key: &str, topic: &Arc<Topic>, mut state: RwLockWriteGuard<'_, State>) {
        if !state.roster.is_empty() {
            return;
        }
        state.gone = true;
        drop(state);
        self.forget(key, topic);
    }

    fn forget(&self, key: &str, topic: &Arc<Topic>) {
        let mut topics = self.shard(key).write();
        if topics.get(key).is_some_and(|known| Arc::ptr_eq(known, topic)) {
            topics.remove(key);
        }
        if topics.capacity() > SPARE && topics.len() < topics.capacity() / 4 {
            topics.shrink_to_fit();
        }
    }

    fn shard(&self, key: &str) -> &RwLock<HashMap<Box<str>, Arc<Topic>>> {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }
}

impl State {
    fn live(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.roster.live().map(|(_, member)| member)
    }

    fn set_aside(&mut self, except: Option<ConnectionId>, parcel: &Kept, counters: &Counters) {
        for (id, connection, waiting) in self.roster.unsettled() {
            if except != Some(ConnectionId(id)) {
                waiting.add(connection, parcel, counters);
            }
        }
    }

    /// Sends what has waited, if it is due. Nobody can wait here for a connection without room.
    fn release(&mut self, counters: &Counters, change: impl FnOnce(&mut Members) -> Due<Arc<Connection>, Waiting>) {
        let Some((connection, waiting)) = change(&mut self.roster) else { return };
        for (info, offer) in &waiting.parcels {
            let outcome = match connection.push_again(offer) {
                Some(Outcome { fate: Fate::NoRoom, .. }) => {
                    connection.close_slow();
                    Some(Outcome::OVERFLOWED)
                }
                outcome => outcome,
            };
            counters.event(info, &Tally::of(outcome));
        }
    }
}

impl Waiting {
    /// What waits is bounded as what has not been taken is.
    fn add(&mut self, connection: &Arc<Connection>, parcel: &Kept, counters: &Counters) {
        let (limits, size) = (connection.limits(), parcel.1.frame.len());
        let too_many = self.bytes + size > limits.outbox_bytes || self.parcels.len() >= limits.outbox_frames;
        if !self.parcels.is_empty() && too_many {
            connection.close_slow();
            for (info, _) in self.parcels.drain(..) {
                counters.event(info, &Tally::of(None));
            }
            self.lost = true;
        }
        if self.lost {
            counters.event(parcel.0, &Tally::of(Some(Outcome::OVERFLOWED)));
        } else {
            self.bytes += size;
            self.parcels.push(parcel.clone());
        }
    }
}

const SHARDS: usize = 16;
/// Capacity that a map may keep whatever it holds.
const SPARE: usize = 1_024;
