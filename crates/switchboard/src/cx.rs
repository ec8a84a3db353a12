//! The context of a connection: what a handler knows about who is asking, and what it may do to the connection.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{Extensions, HeaderMap};
use parking_lot::Mutex;
use switchboard_core::Invalid;
use switchboard_core::asks::Asks;

use crate::ask::Listen;
use crate::close::{self, Farewell};
use crate::connection::{Claim, Connection, ConnectionId, Signal};
use crate::contract::Known;
use crate::presence::{Attended, Saying, Who};
use crate::protocol::{Protocol, RoleName, role_mask};
use crate::push::Switchboard;
use crate::topic::Topic;

/// One connection, as its handlers see it. Clones are the same connection; one may be kept after it has gone, and then
/// does nothing.
pub struct Cx<P: Protocol> {
    session: Arc<Session<P>>,
}

struct Session<P: Protocol> {
    connection: Arc<Connection>,
    peer: SocketAddr,
    headers: HeaderMap,
    switchboard: Switchboard<P>,
    roles: AtomicU64,
    membership: Mutex<Membership<P>>,
    values: Mutex<Extensions>,
    asks: Mutex<Asks<Box<dyn Listen>>>,
    known: Known,
}

/// What the hub knows of a connection, so that it can be taken back.
struct Membership<P: Protocol> {
    /// The identity and its text.
    identity: Option<(P::Identity, String)>,
    /// The connection has left for good.
    left: bool,
}

/// Who this is, and for whom it is looked after.
impl<P: Protocol> Cx<P> {
    /// The number of this connection.
    pub fn connection_id(&self) -> ConnectionId {
        self.session.connection.id()
    }

    /// Whom the connection belongs to, if somebody has signed in.
    pub fn identity(&self) -> Option<P::Identity> {
        self.session.membership.lock().identity.as_ref().map(|(identity, _)| identity.clone())
    }

    /// The roles it has.
    pub fn roles(&self) -> Vec<P::Role> {
        P::Role::all().iter().copied().filter(|role| self.has_role(*role)).collect()
    }

    /// Whether it has this role.
    pub fn has_role(&self, role: P::Role) -> bool {
        self.role_bits() & role_mask([role]) != 0
    }

    /// The address at the other end of the socket. Behind a proxy that is the proxy's.
    pub fn peer(&self) -> SocketAddr {
        self.session.peer
    }

    /// The headers of the request that opened the connection.
    pub fn headers(&self) -> &HeaderMap {
        &self.session.headers
    }

    /// Whether the connection still takes messages.
    pub fn is_open(&self) -> bool {
        self.session.connection.is_open()
    }

    /// Pushes from anywhere to anyone.
    pub fn switchboard(&self) -> &Switchboard<P> {
        &self.session.switchboard
    }
}

/// Signing in and out, and topics.
impl<P: Protocol> Cx<P> {
    /// The connection belongs to `identity` and has exactly these roles from now on: it gets what goes to that mailbox
    /// and to those roles. Whoever it belonged to before is forgotten; subscriptions stay.
    pub fn identify(&self, identity: P::Identity, roles: impl IntoIterator<Item = P::Role>) {
        let roles = role_mask(roles);
        let key = identity.to_string();
        let mut membership = self.session.membership.lock();
        if membership.left {
            return;
        }
        let (hub, connection) = (self.session.switchboard.hub(), &self.session.connection);
        let new = membership.identity.as_ref().is_none_or(|(_, old)| *old != key);
        if new {
            self.close_mailbox(&mut membership);
        }
        let unattended = match P::MAILBOX {
            Some(history) => connection.sign_in(self.session.switchboard.histories(), &key, history),
            None if new => {
                hub.open_mailbox(&key, connection);
                false
            }
            None => false,
        };
        connection.belong(hub, Some(Who::new::<P>(&identity, &key)));
        membership.identity = Some((identity, key));
        self.change_roles(roles);
        drop(membership);
        if unattended {
            self.attend_sign_in();
        }
    }

    /// The connection has exactly these roles from now on, whoever it belongs to: for protocols without an identity.
    pub fn set_roles(&self, roles: impl IntoIterator<Item = P::Role>) {
        let membership = self.session.membership.lock();
        if !membership.left {
            self.change_roles(role_mask(roles));
        }
    }

    /// The connection belongs to nobody and has no roles and no subscriptions from now on.
    pub fn sign_out(&self) {
        let mut membership = self.session.membership.lock();
        self.withdraw(&mut membership, false);
        membership.identity = None;
    }

    /// The connection gets what goes to this topic, from now on and whatever becomes of the message that is being
    /// handled. Doing it twice is doing it once.
    pub fn subscribe<T>(&self, topic: &Topic<T>) -> Result<(), TooManyTopics> {
        self.session.connection.subscribe(self.session.switchboard.hub(), topic.address())
    }

    /// It no longer does, from now on.
    pub fn unsubscribe<T>(&self, topic: &Topic<T>) {
        self.session.connection.unsubscribe(self.session.switchboard.hub(), topic.key());
    }

    /// The identity of this connection says this of itself in a topic with `@presence(Type)`; all members hear it. For a
    /// connection that is no member yet it is kept until it is: so a handler may say it before the join of its message
    /// takes effect. Without an identity nobody is present, and nothing is said.
    ///
    /// # Errors
    /// A state that breaks its own limits is not said.
    pub fn set_presence<T: Attended>(&self, topic: &Topic<T>, state: T::State) -> Result<(), Invalid> {
        let saying = Saying::new::<T>(state)?;
        self.session.connection.say(self.session.switchboard.hub(), topic.key(), saying);
        Ok(())
    }

    /// Whether it does. A `-> join` of the message that is being handled counts already, a `-> leave` not yet.
    pub fn is_subscribed<T>(&self, topic: &Topic<T>) -> bool {
        self.session.connection.is_subscribed(topic.key())
    }

    /// Whether it is a member by now: a `-> join` or `-> leave` of the message that is being handled does not count yet.
    pub fn is_member<T>(&self, topic: &Topic<T>) -> bool {
        self.session.switchboard.hub().is_member(topic.key(), self.connection_id())
    }

    /// Closes the connection when the handler that runs has ended: its answer still goes out. `code` is 1000 or one of
    /// 3000 to 4999 (see [`close`](crate::close)); a code that must not be sent becomes 1000.
    pub fn close(&self, code: u16, reason: &str) {
        let code = if close::may_be_sent(code) { code } else { close::NORMAL };
        self.session.connection.close(Farewell::new(code, reason.to_owned()), Signal::CloseAfter);
    }
}

/// Values of the application's own that live as long as the connection, one of each type.
impl<P: Protocol> Cx<P> {
    /// Keeps a value in place of the one of the same type.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) {
        let old = self.session.values.lock().insert(value);
        drop(old);
    }

    /// A copy of the value of this type.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.session.values.lock().get().cloned()
    }

    /// Takes the value of this type away.
    pub fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.session.values.lock().remove()
    }
}

impl<P: Protocol> Cx<P> {
    pub(crate) fn new(
        connection: Arc<Connection>,
        peer: SocketAddr,
        headers: HeaderMap,
        switchboard: Switchboard<P>,
    ) -> Self {
        let membership = Mutex::new(Membership { identity: None, left: false });
        let (roles, values) = (AtomicU64::new(0), Mutex::default());
        let asks = Mutex::new(Asks::new(connection.limits().asks));
        let known = Known::default();
        let session = Session { connection, peer, headers, switchboard, roles, membership, values, asks, known };
        Self { session: Arc::new(session) }
    }

    /// What frames are appended to.
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.session.connection
    }

    /// What its client was made for.
    pub(crate) fn known(&self) -> &Known {
        &self.session.known
    }

    /// What its client is asked.
    pub(crate) fn asks(&self) -> &Mutex<Asks<Box<dyn Listen>>> {
        &self.session.asks
    }

    /// Its roles as bits.
    pub(crate) fn role_bits(&self) -> u64 {
        self.session.roles.load(Ordering::Acquire)
    }

    /// The text of its identity.
    pub(crate) fn mailbox(&self) -> Option<String> {
        self.session.membership.lock().identity.as_ref().map(|(_, key)| key.clone())
    }

    /// The connection becomes one of all.
    pub(crate) fn enter(&self) {
        self.session.switchboard.hub().enter(&self.session.connection);
    }

    /// The connection leaves every group for good. Who it was is still known to the hook for closing.
    pub(crate) fn exit(&self) {
        let mut membership = self.session.membership.lock();
        membership.left = true;
        self.withdraw(&mut membership, true);
        self.session.connection.stop_catching_up();
        self.session.switchboard.hub().exit(self.connection_id());
        drop(membership);
        self.close_asks();
    }

    fn withdraw(&self, membership: &mut Membership<P>, for_good: bool) {
        self.close_mailbox(membership);
        self.change_roles(0);
        self.session.connection.withdraw(self.session.switchboard.hub(), for_good);
    }

    fn close_mailbox(&self, membership: &mut Membership<P>) {
        if let Some((_, key)) = &membership.identity {
            self.session.connection.own(None);
            self.session.switchboard.hub().close_mailbox(key, self.connection_id());
            drop(self.session.connection.take_sign_in());
            self.session.connection.give_up(Claim::is_of_mailbox);
        }
    }

    /// Only while the membership is locked.
    fn change_roles(&self, after: u64) {
        let before = self.session.roles.swap(after, Ordering::AcqRel);
        self.session.switchboard.hub().change_roles(&self.session.connection, before, after);
    }
}

impl<P: Protocol> Clone for Cx<P> {
    fn clone(&self) -> Self {
        Self { session: Arc::clone(&self.session) }
    }
}

impl<P: Protocol> fmt::Debug for Cx<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx").field("connection_id", &self.connection_id()).field("peer", &self.peer()).finish()
    }
}

/// A connection has as many subscriptions as [`Limits::subscriptions`](crate::Limits::subscriptions) allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTopics {
    /// That many.
    pub limit: usize,
}

impl fmt::Display for TooManyTopics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a connection has at most {} topics", self.limit)
    }
}

impl std::error::Error for TooManyTopics {}
