//! The hub: who is a member of what. Everyone, roles, mailboxes, topics.
//!
//! Joining and leaving cost the same however many members there are; a group without members is forgotten. A fan-out
//! walks a dense list under a read lock, so a publisher's messages reach each member in the order published.
//! Deliberately absent: types of a protocol, encoding, sockets.

mod attendance;
mod topics;
mod waiting;

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
pub struct Address<'a> {
    /// The full name.
    pub(crate) key: &'a str,
    /// What all topics of the line have in common.
    pub(crate) line: &'static TopicInfo,
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
    mailboxes: Topics,
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
            mailboxes: Topics::new(Arc::clone(&counters)),
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
        self.mailboxes.join(mailbox(key), connection, Arrival::default());
    }

    /// A connection is about to belong to this mailbox; `None` when it does, and `again` was not wanted.
    pub fn claim_mailbox(&self, key: &str, connection: &Arc<Connection>, again: bool) -> Option<Stamp> {
        let stamp = self.mailboxes.claim_join(mailbox(key), connection);
        stamp.or_else(|| again.then(|| self.mailboxes.claim_leave(key, connection.id())).flatten())
    }

    /// Ends such a claim.
    pub fn settle_mailbox(&self, key: &str, connection: &Arc<Connection>, end: (Stamp, Settlement)) {
        self.mailboxes.settle(key, connection, end, Arrival::default());
        turn::settle();
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

    /// Whether anybody is in this topic or mailbox, or about to be.
    pub fn is_known(&self, group: Group<'_>) -> bool {
        match group {
            Group::Topic(key) => self.topics.is_known(key),
            Group::Mailbox(key) => self.mailboxes.is_known(key),
            Group::Everyone | Group::Roles(_) => true,
        }
    }

    /// How many are in this topic or mailbox; 0 for others.
    pub fn member_count(&self, group: Group<'_>) -> usize {
        match group {
            Group::Topic(key) => self.topics.count(key),
            Group::Mailbox(key) => self.mailboxes.count(key),
            Group::Everyone | Group::Roles(_) => 0,
        }
    }

    /// How many have subscribed to this topic.
    pub fn topic_count(&self, key: &str) -> usize {
        self.topics.count(key)
    }

    /// Gives `parcel` to every member but `except`; how many took it. A member that would have to be waited for is
    /// closed: nobody waits here.
    pub fn send(&self, group: Group<'_>, except: Option<ConnectionId>, parcel: &Parcel<'_>) -> usize {
        let reached = self.give(group, except, parcel);
        turn::settle();
        reached
    }

    /// The same, but threads without turns have to [settle](turn::settle) by themselves.
    pub fn give(&self, group: Group<'_>, except: Option<ConnectionId>, parcel: &Parcel<'_>) -> usize {
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
        turn::settle();
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
                outcome => {
                    tally.add(outcome);
                    if let (Some(_), Some(offset)) = (outcome, parcel.offset()) {
                        member.kept(offset);
                    }
                }
            }
        };
        match group {
            Group::Topic(key) => self.topics.send((key, group), except, parcel, visit),
            Group::Mailbox(key) => self.mailboxes.send((key, group), except, parcel, visit),
            Group::Everyone | Group::Roles(_) => self.each(group, visit),
        }
        (tally, full)
    }

    /// Shows every member to `visit`, which must not come back to the hub.
    pub fn each(&self, group: Group<'_>, mut visit: impl FnMut(&Arc<Connection>)) {
        match group {
            Group::Everyone => self.everyone.read().values().for_each(visit),
            // Who has signed in is the owner, also while it is still given what it missed.
            Group::Mailbox(key) => self.mailboxes.each_known(key, visit),
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

/// Mailboxes are like topics that nobody can name.
fn mailbox(key: &str) -> Address<'_> {
    static MAILBOX: TopicInfo = TopicInfo::named("");
    Address { key, line: &MAILBOX }
}
