//! Topics: each has a lock of its own, so that a large fan-out stalls nobody who is not in it.
//!
//! A topic begins with whoever comes first and is forgotten when nobody is left. Whoever still has it in hand then
//! sees that it is gone, and looks again. Lock order: a connection's standing, the map, the topic, a connection's line.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::{RwLock, RwLockWriteGuard};
use switchboard_core::outbox::Offer;
use switchboard_core::roster::{Due, Roster, Settlement, Stamp};

use super::attendance::Attended;
use super::waiting::{Kept, Waiting};
use super::{Address, Arrival, Group};
use crate::connection::{Connection, ConnectionId};
use crate::metrics::Counters;
use crate::parcel::Parcel;
use crate::presence::{Saying, Who};

type Members = Roster<Arc<Connection>, Waiting>;

/// All topics of one server, in several maps so that a busy one stalls few others.
#[derive(Debug)]
pub(super) struct Topics {
    shards: [RwLock<HashMap<Box<str>, Arc<Topic>>>; SHARDS],
    hasher: RandomState,
    counters: Arc<Counters>,
}

/// One topic.
#[derive(Debug)]
struct Topic {
    state: RwLock<State>,
}

/// What its lock guards.
#[derive(Debug)]
struct State {
    roster: Members,
    /// Who is present, if that is kept.
    presence: Option<Attended>,
    /// It is no longer in the map.
    gone: bool,
}

impl Topics {
    pub fn new(counters: Arc<Counters>) -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::default()), hasher: RandomState::new(), counters }
    }

    /// A connection is a member at once.
    pub fn join(&self, topic: Address<'_>, connection: &Arc<Connection>, arrival: Arrival<'_>) {
        self.open(topic, |state| {
            let join = |roster: &mut Members| roster.join(connection.id().0, connection);
            state.change(connection, arrival, &self.counters, join);
        });
    }

    /// It no longer is, and none of its claims is heard.
    pub fn leave(&self, key: &str, id: ConnectionId) {
        self.with(key, |state| {
            state.roster.leave(id.0);
            state.seat(id, None, None, &self.counters);
        });
    }

    /// A connection is about to become a member; `None` when it is one.
    pub fn claim_join(&self, topic: Address<'_>, connection: &Arc<Connection>) -> Option<Stamp> {
        self.open(topic, |state| state.roster.claim_join(connection.id().0, connection))
    }

    /// A connection is about to leave; `None` when it is not here.
    pub fn claim_leave(&self, key: &str, id: ConnectionId) -> Option<Stamp> {
        self.with(key, |state| state.roster.claim_leave(id.0)).flatten()
    }

    /// Ends a claim. Whether the connection still is a member, or has other claims.
    pub fn settle(
        &self,
        key: &str,
        connection: &Arc<Connection>,
        (stamp, how): (Stamp, Settlement),
        arrival: Arrival<'_>,
    ) -> bool {
        let id = connection.id().0;
        let settle = |state: &mut State| {
            state.change(connection, arrival, &self.counters, |roster| roster.settle(id, stamp, how));
            state.roster.knows(id)
        };
        self.with(key, settle).unwrap_or(false)
    }

    /// A connection belongs to somebody else now, or to nobody.
    pub fn seat(&self, key: &str, id: ConnectionId, who: Option<&Arc<Who>>) {
        self.with(key, |state| {
            let who = who.filter(|_| state.roster.has(id.0));
            state.seat(id, who, None, &self.counters);
        });
    }

    /// The identity of a connection says this of itself. Whether the connection is a member.
    pub fn say(&self, key: &str, id: ConnectionId, saying: &Arc<Saying>) -> bool {
        let say = |state: &mut State| {
            let member = state.roster.has(id.0);
            let news = state.presence.as_mut().and_then(|presence| presence.set(id, saying).filter(|_| member));
            news.iter().for_each(|news| state.announce(news, None, &self.counters));
            member
        };
        self.with(key, say).unwrap_or(false)
    }

    /// Shows everybody who is present to `visit`.
    pub fn present(&self, key: &str, mut visit: impl FnMut(&Who, Option<&Saying>)) {
        let Some(topic) = self.find(key) else { return };
        let state = topic.state.read();
        let here = state.presence.iter().flat_map(Attended::people);
        here.for_each(|(who, saying)| visit(who, saying.map(|saying| &**saying)));
    }

    /// How many members there are.
    pub fn count(&self, key: &str) -> usize {
        self.find(key).map_or(0, |topic| topic.state.read().roster.count())
    }

    /// Whether there is such a topic: somebody is in it, or about to be.
    pub fn is_known(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Whether this connection is one.
    pub fn has(&self, key: &str, id: ConnectionId) -> bool {
        self.find(key).is_some_and(|topic| topic.state.read().roster.has(id.0))
    }

    /// Shows every member to `visit`, which gives it the parcel; sets that aside for those that join or leave just now.
    pub fn send(
        &self,
        (key, group): (&str, Group<'_>),
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
        let kept = (Some(parcel.info()), parcel.offer(group));
        state.set_aside(&kept, &self.counters, |id, _| Some(id) != except);
        state.live().for_each(visit);
    }

    /// Shows every member to `visit`, which must not come back to the hub.
    pub fn each(&self, key: &str, visit: impl FnMut(&Arc<Connection>)) {
        if let Some(topic) = self.find(key) {
            topic.state.read().roster.members().for_each(visit);
        }
    }

    /// The same with those that are only about to join.
    pub fn each_known(&self, key: &str, visit: impl FnMut(&Arc<Connection>)) {
        if let Some(topic) = self.find(key) {
            topic.state.read().roster.known().for_each(visit);
        }
    }

    fn find(&self, key: &str) -> Option<Arc<Topic>> {
        self.shard(key).read().get(key).cloned()
    }

    /// Lets `change` have the topic, made if there is none, and forgets it if nobody is left.
    fn open<R>(&self, topic: Address<'_>, change: impl FnOnce(&mut State) -> R) -> R {
        let Address { key, .. } = topic;
        loop {
            let topic = self.find(key).unwrap_or_else(|| self.create(topic));
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
    fn with<R>(&self, key: &str, change: impl FnOnce(&mut State) -> R) -> Option<R> {
        let topic = self.find(key)?;
        let mut state = topic.state.write();
        if state.gone {
            return None;
        }
        let result = change(&mut state);
        self.sweep(key, &topic, state);
        Some(result)
    }

    fn create(&self, topic: Address<'_>) -> Arc<Topic> {
        let mut topics = self.shard(topic.key).write();
        Arc::clone(topics.entry(topic.key.into()).or_insert_with(|| Arc::new(Topic::new(topic))))
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

impl Topic {
    fn new(topic: Address<'_>) -> Self {
        let state = State { roster: Roster::new(), presence: Attended::new(topic), gone: false };
        Self { state: RwLock::new(state) }
    }
}

impl State {
    /// A change of the roster that concerns one connection: if it makes it a member, it hears who is here, then what
    /// has waited for it.
    fn change(
        &mut self,
        connection: &Arc<Connection>,
        arrival: Arrival<'_>,
        counters: &Counters,
        change: impl FnOnce(&mut Members) -> Due<Arc<Connection>, Waiting>,
    ) {
        let id = connection.id();
        let before = self.roster.has(id.0);
        let due = change(&mut self.roster);
        let after = self.roster.has(id.0);
        match (before, after) {
            (false, true) => self.seat(id, arrival.who, Some((connection, arrival.saying)), counters),
            (true, false) => self.seat(id, None, None, counters),
            _ => {}
        }
        if let Some((connection, waiting)) = due {
            waiting.release(&connection, counters);
        }
    }

    /// A connection is here for this identity, or for nobody. Members hear what is new by that; one that is `new`, and may
    /// have something to say of itself, hears who is here instead.
    fn seat(
        &mut self,
        id: ConnectionId,
        who: Option<&Arc<Who>>,
        new: Option<(&Arc<Connection>, Option<Arc<Saying>>)>,
        counters: &Counters,
    ) {
        let Some(presence) = &mut self.presence else { return };
        let except = new.as_ref().map(|_| id);
        let (connection, saying) = new.unzip();
        let news = presence.seat(id, who, saying.flatten());
        if let Some(connection) = connection {
            connection.push_again(&presence.here(connection.limits().presence));
        }
        news.into_iter().for_each(|news| self.announce(&news, except, counters));
    }

    /// Tells members something about the topic itself. Who is about to join will be told all of it then.
    fn announce(&mut self, news: &Offer, except: Option<ConnectionId>, counters: &Counters) {
        let kept = (None, news.clone());
        self.set_aside(&kept, counters, |id, member| member && Some(id) != except);
        let others = self.live().filter(|member| Some(member.id()) != except);
        others.for_each(|member| _ = member.push_again(news));
    }

    fn live(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.roster.live().map(|(_, member)| member)
    }

    /// Keeps something for those with claims that are `wanted`, by number and by whether it is a member.
    fn set_aside(&mut self, kept: &Kept, counters: &Counters, wanted: impl Fn(ConnectionId, bool) -> bool) {
        for unsettled in self.roster.unsettled() {
            if wanted(ConnectionId(unsettled.id), unsettled.member) {
                unsettled.waiting.add(unsettled.reach, kept, counters);
            }
        }
    }
}

const SHARDS: usize = 16;
/// Capacity that a map may keep whatever it holds.
const SPARE: usize = 1_024;
