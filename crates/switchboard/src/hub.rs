//! The hub: who is a member of what. Everyone, roles, mailboxes, topics.
//!
//! Joining and leaving cost the same however many members there are; a group without members is forgotten. A fan-out
//! walks a dense list under a read lock, so a publisher's messages reach each member in the order published.
//! Deliberately absent: types of a protocol, encoding, sockets.

mod attendance;
mod topics;
mod waiting;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indexmap::IndexMap;
use parking_lot::RwLock;
use switchboard_core::outbox::{Fate, Outcome};
use switchboard_core::roster::{Settlement, Stamp};

use self::topics::Topics;
use crate::backlog::Backlog;
use crate::connection::{Connection, ConnectionId};
use crate::metrics::{Counters, Tally};
use crate::parcel::Parcel;
use crate::presence::{Saying, Who};
use crate::protocol::{EventInfo, TopicInfo};
use crate::turn;

type Members = IndexMap<ConnectionId, Arc<Connection>>;
/// The members of one role, each with all its roles.
type RoleMembers = IndexMap<ConnectionId, (Arc<Connection>, u64)>;

/// Who receives, by key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Group<'a> {
    /// Every connection.
    Everyone,
    /// Those that have one of these roles, each once.
    Roles(u64),
    /// Those of the identity with this text.
    Mailbox(&'a str),
    /// Those that have subscribed.
    Topic(&'a str),
}

/// A topic: its full name, and its line in `routes.wsr`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address<'a> {
    /// The full name.
    pub key: &'a str,
    /// What all topics of the line have in common.
    pub line: &'static TopicInfo,
}

/// For whom a connection becomes a member, and what that one says of itself.
#[derive(Debug, Default)]
pub(crate) struct Arrival<'a> {
    /// Nobody: it will be a member, but not present.
    pub who: Option<&'a Arc<Who>>,
    /// What has been said for the occasion.
    pub saying: Option<Arc<Saying>>,
}

/// All groups of one server.
#[derive(Debug)]
pub(crate) struct Hub {
    last_id: AtomicU64,
    everyone: RwLock<Members>,
    roles: RwLock<Vec<RoleMembers>>,
    mailboxes: Groups,
    topics: Topics,
    counters: Arc<Counters>,
}

impl Hub {
    /// Without connections.
    pub fn new(role_count: usize, counters: Counters) -> Self {
        let counters = Arc::new(counters);
        Self {
            last_id: AtomicU64::new(0),
            everyone: RwLock::default(),
            roles: RwLock::new(vec![RoleMembers::new(); role_count]),
            mailboxes: Groups::new(),
            topics: Topics::new(Arc::clone(&counters)),
            counters,
        }
    }

    /// A number that no connection had before.
    pub fn next_id(&self) -> ConnectionId {
        ConnectionId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The number that was given last.
    #[cfg(feature = "testkit")]
    pub fn newest(&self) -> ConnectionId {
        ConnectionId(self.last_id.load(Ordering::Relaxed))
    }

    /// The roles of a connection, as bits.
    #[cfg(feature = "testkit")]
    pub fn roles_of(&self, id: ConnectionId) -> u64 {
        self.roles.read().iter().find_map(|members| members.get(&id).map(|(_, roles)| *roles)).unwrap_or(0)
    }

    /// A connection has come.
    pub fn enter(&self, connection: &Arc<Connection>) {
        self.counters.connected();
        self.everyone.write().insert(connection.id(), Arc::clone(connection));
    }

    /// A connection has gone; it must have left its other groups.
    pub fn exit(&self, id: ConnectionId) {
        self.everyone.write().swap_remove(&id);
    }

    /// A connection that had the roles `before` has the roles `after`.
    pub fn change_roles(&self, connection: &Arc<Connection>, before: u64, after: u64) {
        if before == 0 && after == 0 {
            return;
        }
        for (index, members) in self.roles.write().iter_mut().enumerate() {
            if after & 1 << index != 0 {
                members.insert(connection.id(), (Arc::clone(connection), after));
            } else if before & 1 << index != 0 {
                members.swap_remove(&connection.id());
            }
        }
    }

    /// A connection belongs to this mailbox.
    pub fn open_mailbox(&self, key: &str, connection: &Arc<Connection>) {
        self.mailboxes.join(key, connection);
    }

    /// It no longer does.
    pub fn close_mailbox(&self, key: &str, id: ConnectionId) {
        self.mailboxes.leave(key, id);
    }

    /// A connection is a member of this topic at once.
    pub fn join(&self, topic: Address<'_>, connection: &Arc<Connection>, arrival: Arrival<'_>) {
        self.topics.join(topic, connection, arrival);
        turn::settle();
    }

    /// It no longer is, and none of its claims is heard.
    pub fn leave(&self, topic: &str, id: ConnectionId) {
        self.topics.leave(topic, id);
        turn::settle();
    }

    /// A connection is about to become a member: what is sent waits for it. `None` when it is one.
    pub fn claim_join(&self, topic: Address<'_>, connection: &Arc<Connection>) -> Option<Stamp> {
        self.topics.claim_join(topic, connection)
    }

    /// A connection is about to leave: what is sent waits for it. `None` when it is no member.
    pub fn claim_leave(&self, topic: &str, id: ConnectionId) -> Option<Stamp> {
        self.topics.claim_leave(topic, id)
    }

    /// Ends a claim. Whether the connection still is a member, or has other claims.
    pub fn settle(
        &self,
        topic: &str,
        connection: &Arc<Connection>,
        end: (Stamp, Settlement),
        arrival: Arrival<'_>,
    ) -> bool {
        let here = self.topics.settle(topic, connection, end, arrival);
        turn::settle();
        here
    }

    /// A connection belongs to somebody else now, or to nobody.
    pub fn seat(&self, topic: &str, id: ConnectionId, who: Option<&Arc<Who>>) {
        self.topics.seat(topic, id, who);
        turn::settle();
    }

    /// The identity of a connection says this of itself. Whether the connection is a member.
    pub fn say(&self, topic: &str, id: ConnectionId, saying: &Arc<Saying>) -> bool {
        let member = self.topics.say(topic, id, saying);
        turn::settle();
        member
    }

    /// Shows everybody who is present in a topic to `visit`, which must not come back to the hub.
    pub fn present(&self, topic: &str, visit: impl FnMut(&Who, Option<&Saying>)) {
        self.topics.present(topic, visit);
    }

    /// Whether a connection is a member of a topic. One that is joining is not yet, one that is leaving still is.
    pub fn is_member(&self, topic: &str, id: ConnectionId) -> bool {
        self.topics.has(topic, id)
    }

    /// How many connections there are.
    pub fn count(&self) -> usize {
        self.everyone.read().len()
    }

    /// How many belong to this mailbox.
    pub fn mailbox_count(&self, key: &str) -> usize {
        self.mailboxes.count(key)
    }

    /// How many have subscribed to this topic.
    pub fn topic_count(&self, key: &str) -> usize {
        self.topics.count(key)
    }

    /// Gives `parcel` to every member but `except`; how many took it. A member that would have to be waited for is
    /// closed: nobody waits here.
    pub fn send(&self, group: Group<'_>, except: Option<ConnectionId>, parcel: &Parcel<'_>) -> usize {
        let (mut tally, full) = self.hand_out(group, except, parcel);
        for member in full {
            member.close_slow();
            tally.add(Some(Outcome::OVERFLOWED));
        }
        self.counters.event(parcel.info(), &tally);
        tally.reached
    }

    /// The same, but for the members that have to be waited for: those become part of `backlog`.
    pub fn send_or_wait(
        &self,
        group: Group<'_>,
        except: Option<ConnectionId>,
        parcel: &Parcel<'_>,
        backlog: &mut Backlog,
    ) -> usize {
        let (mut tally, full) = self.hand_out(group, except, parcel);
        tally.meant += full.len();
        self.counters.event(parcel.info(), &tally);
        backlog.add(full, || parcel.offer(group));
        tally.reached
    }

    /// What has been counted.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// A backlog of this event.
    pub fn backlog(&self, info: &'static EventInfo) -> Backlog {
        Backlog::new(info, Arc::clone(&self.counters))
    }

    fn hand_out(
        &self,
        group: Group<'_>,
        except: Option<ConnectionId>,
        parcel: &Parcel<'_>,
    ) -> (Tally, Vec<Arc<Connection>>) {
        let (mut tally, mut full) = (Tally::default(), Vec::new());
        let visit = |member: &Arc<Connection>| {
            if Some(member.id()) == except {
                return;
            }
            match member.push(parcel, group) {
                Some(Outcome { fate: Fate::NoRoom, .. }) => full.push(Arc::clone(member)),
                outcome => tally.add(outcome),
            }
        };
        match group {
            Group::Topic(key) => self.topics.send(key, except, parcel, visit),
            _ => self.each(group, visit),
        }
        turn::settle();
        (tally, full)
    }

    /// Shows every member to `visit`, which must not come back to the hub.
    pub fn each(&self, group: Group<'_>, mut visit: impl FnMut(&Arc<Connection>)) {
        match group {
            Group::Everyone => self.everyone.read().values().for_each(visit),
            Group::Mailbox(key) => self.mailboxes.each(key, visit),
            Group::Topic(key) => self.topics.each(key, visit),
            Group::Roles(mask) => {
                for (index, members) in self.roles.read().iter().enumerate().filter(|(index, _)| mask & 1 << index != 0)
                {
                    // A member of several of these groups is met in the first of them.
                    let first = |roles: u64| (roles & mask).trailing_zeros() as usize == index;
                    members.values().filter(|(_, roles)| first(*roles)).for_each(|(member, _)| visit(member));
                }
            }
        }
    }
}

/// Mailboxes, in several maps so that a busy one stalls few others.
#[derive(Debug)]
struct Groups {
    shards: [RwLock<HashMap<Box<str>, Members>>; SHARDS],
    hasher: RandomState,
}

impl Groups {
    fn new() -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::default()), hasher: RandomState::new() }
    }

    fn join(&self, key: &str, connection: &Arc<Connection>) {
        let mut groups = self.shard(key).write();
        let member = (connection.id(), Arc::clone(connection));
        match groups.get_mut(key) {
            Some(members) => drop(members.insert(member.0, member.1)),
            None => drop(groups.insert(key.into(), Members::from_iter([member]))),
        }
    }

    fn leave(&self, key: &str, id: ConnectionId) {
        let mut groups = self.shard(key).write();
        let Some(members) = groups.get_mut(key) else { return };
        members.swap_remove(&id);
        if members.is_empty() {
            groups.remove(key);
        }
        if groups.capacity() > SPARE && groups.len() < groups.capacity() / 4 {
            groups.shrink_to_fit();
        }
    }

    fn count(&self, key: &str) -> usize {
        self.shard(key).read().get(key).map_or(0, Members::len)
    }

    fn each(&self, key: &str, visit: impl FnMut(&Arc<Connection>)) {
        if let Some(members) = self.shard(key).read().get(key) {
            members.values().for_each(visit);
        }
    }

    fn shard(&self, key: &str) -> &RwLock<HashMap<Box<str>, Members>> {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }
}

const SHARDS: usize = 16;
/// Capacity that a map may keep whatever it holds.
const SPARE: usize = 1_024;
