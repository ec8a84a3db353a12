//! Pushing from anywhere: timers, other tasks, HTTP handlers, other threads.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::audit;
use crate::close::{self, Farewell};
use crate::connection::Signal;
use crate::contract::OwnContract;
use crate::delivery;
use crate::hub::{Group, Hub};
use crate::metrics::{Counters, Metrics, OutboxMetrics};
use crate::parcel::Parcel;
use crate::presence::{Attended, Present};
use crate::protocol::{Event, Protocol, RoleName, ToAll, ToMailbox, ToRole, ToTopic, role_mask};
use crate::topic::Topic;

/// A handle to all connections of a server. Clones are cheap and all the same.
pub struct Switchboard<P: Protocol> {
    hub: Arc<Hub>,
    contract: Arc<OwnContract>,
    protocol: PhantomData<fn() -> P>,
}

impl<P: Protocol> Switchboard<P> {
    /// Begins a push: say where to with one of the methods of [`Push`].
    ///
    /// Only what `routes.wsr` allows type-checks.
    pub fn push<E: Event<P>>(&self, event: E) -> Push<'_, P, E> {
        Push { switchboard: self, event }
    }

    /// How many connections there are.
    pub fn connection_count(&self) -> usize {
        self.hub.count()
    }

    /// What has been counted, and what waits in outboxes now; looks at every connection.
    pub fn metrics(&self) -> Metrics {
        let (mut count, mut outbox) = (0, OutboxMetrics::default());
        self.hub.each(Group::Everyone, |connection| {
            count += 1;
            connection.measure(&mut outbox);
        });
        Metrics::of::<P>(self.hub.counters(), count, outbox)
    }

    /// Whether this identity has a connection.
    pub fn is_online(&self, identity: &P::Identity) -> bool {
        self.hub.mailbox_count(&identity.to_string()) > 0
    }

    /// How many connections have subscribed to this topic.
    pub fn members<T>(&self, topic: &Topic<T>) -> usize {
        self.hub.topic_count(topic.key())
    }

    /// The fingerprint of the protocol that is served: 16 digits that change when something looks otherwise on the wire.
    pub fn contract_hash(&self) -> &str {
        self.contract.contract().hash()
    }

    /// Everybody who is present in this topic, each identity once.
    pub fn present<T: Attended>(&self, topic: &Topic<T>) -> Vec<Present<P::Identity, T::State>> {
        let mut present = Vec::new();
        self.hub.present(topic.key(), |who, saying| present.extend(Present::of(who, saying)));
        present
    }

    /// Ends the membership of every connection of this identity at once, also where one is just joining; how many there
    /// were. They are not told: push something if they should be.
    ///
    /// For rights that are taken away while somebody is connected: take them away first, so that `authorize` says no to
    /// who tries again, then call this.
    pub fn revoke<T>(&self, topic: &Topic<T>, identity: &P::Identity) -> usize {
        let mut connections = Vec::new();
        self.hub.each(Group::Mailbox(&identity.to_string()), |connection| connections.push(Arc::clone(connection)));
        connections.iter().filter(|connection| connection.unsubscribe(&self.hub, topic.key())).count()
    }

    /// Closes every connection of this identity at once; how many there were. For codes see
    /// [`Cx::close`](crate::Cx::close).
    pub fn close_all(&self, identity: &P::Identity, code: u16, reason: &str) -> usize {
        let code = if close::may_be_sent(code) { code } else { close::NORMAL };
        let mut count = 0;
        self.hub.each(Group::Mailbox(&identity.to_string()), |connection| {
            connection.close(Farewell::new(code, reason.to_owned()), Signal::Close);
            count += 1;
        });
        count
    }

    pub(crate) fn new() -> Self {
        let hub = Hub::new(P::Role::all().len(), Counters::new::<P>());
        Self { hub: Arc::new(hub), contract: Arc::new(OwnContract::new::<P>()), protocol: PhantomData }
    }

    /// The protocol as data.
    pub(crate) fn own_contract(&self) -> &OwnContract {
        &self.contract
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }
}

impl<P: Protocol> Clone for Switchboard<P> {
    fn clone(&self) -> Self {
        Self { hub: Arc::clone(&self.hub), contract: Arc::clone(&self.contract), protocol: PhantomData }
    }
}

impl<P: Protocol> fmt::Debug for Switchboard<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switchboard").field("connection_count", &self.connection_count()).finish()
    }
}

/// An event on its way; each method sends it and tells how many connections it was sent to.
///
/// An event that breaks its own limits is sent to nobody, and the log says why.
#[must_use = "say where the event goes to"]
#[derive(Debug)]
pub struct Push<'a, P: Protocol, E> {
    switchboard: &'a Switchboard<P>,
    event: E,
}

impl<'a, P: Protocol, E: Event<P>> Push<'a, P, E> {
    /// To every connection.
    pub fn to_all(self) -> usize
    where
        E: ToAll,
    {
        self.send(Group::Everyone)
    }

    /// To every connection of this identity.
    pub fn to_mailbox(self, identity: &P::Identity) -> usize
    where
        E: ToMailbox,
    {
        self.send(Group::Mailbox(&identity.to_string()))
    }

    /// To every connection that has subscribed to this topic.
    pub fn to_topic<T>(self, topic: &Topic<T>) -> usize
    where
        E: ToTopic<T>,
    {
        self.send(Group::Topic(topic.key()))
    }

    /// To every connection that has this role.
    pub fn to_role(self, role: P::Role) -> usize
    where
        E: ToRole,
    {
        self.to_roles(&[role])
    }

    /// To every connection that has one of these roles, once.
    pub fn to_roles(self, roles: &[P::Role]) -> usize
    where
        E: ToRole,
    {
        self.send(Group::Roles(role_mask(roles.iter().copied())))
    }

    /// Waits for receivers without room, if the event is declared with `@overflow(wait)`: its methods are `async`.
    ///
    /// Without this such an event waits for nobody: a receiver that has no room for it is closed with 4000.
    pub fn waiting(self) -> WaitingPush<'a, P, E> {
        WaitingPush(self)
    }

    fn send(self, group: Group<'_>) -> usize {
        self.send_by(|parcel| self.switchboard.hub.send(group, None, parcel))
    }

    /// Sends an event that keeps its limits; how many took it, of those that are not waited for.
    fn send_by(&self, send: impl FnOnce(&Parcel<'_>) -> usize) -> usize {
        if let Err(invalid) = delivery::checked(&self.event) {
            audit::push(E::INFO, None);
            let event = std::any::type_name::<E>();
            tracing::error!(event, %invalid, "an event that breaks its limits was not pushed");
            return 0;
        }
        let append_key = |key: &mut Vec<u8>| self.event.append_key(key);
        let count = delivery::encoded(
            |out| self.event.append_frame(out),
            |frames| send(&Parcel::new(E::INFO, frames, &append_key)),
        );
        audit::push(E::INFO, Some(count));
        count
    }
}

/// A push at the pace of its receivers; each method sends it, waits for those that have no room, and tells how many
/// took it.
///
/// Who takes nothing at all is dropped after [`Limits::write`], and no longer waited for; who takes a little at a time
/// may be waited for as long as that lasts, so put a time around it where that matters. A push that is dropped before
/// its end has reached those that had room.
#[must_use = "say where the event goes to"]
#[derive(Debug)]
pub struct WaitingPush<'a, P: Protocol, E>(Push<'a, P, E>);

impl<P: Protocol, E: Event<P>> WaitingPush<'_, P, E> {
    /// To every connection.
    pub async fn to_all(self) -> usize
    where
        E: ToAll,
    {
        self.send(Group::Everyone).await
    }

    /// To every connection of this identity.
    pub async fn to_mailbox(self, identity: &P::Identity) -> usize
    where
        E: ToMailbox,
    {
        self.send(Group::Mailbox(&identity.to_string())).await
    }

    /// To every connection that has subscribed to this topic.
    pub async fn to_topic<T>(self, topic: &Topic<T>) -> usize
    where
        E: ToTopic<T>,
    {
        self.send(Group::Topic(topic.key())).await
    }

    /// To every connection that has this role.
    pub async fn to_role(self, role: P::Role) -> usize
    where
        E: ToRole,
    {
        self.to_roles(&[role]).await
    }

    /// To every connection that has one of these roles, once.
    pub async fn to_roles(self, roles: &[P::Role]) -> usize
    where
        E: ToRole,
    {
        self.send(Group::Roles(role_mask(roles.iter().copied()))).await
    }

    fn send(self, group: Group<'_>) -> impl Future<Output = usize> + Send + use<P, E> {
        let hub = &self.0.switchboard.hub;
        let mut backlog = hub.backlog(E::INFO);
        let reached = self.0.send_by(|parcel| hub.send_or_wait(group, None, parcel, &mut backlog));
        async move { reached + backlog.clear().await }
    }
}
