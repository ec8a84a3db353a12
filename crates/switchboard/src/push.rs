//! Pushing from anywhere: timers, other tasks, HTTP handlers, other threads.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::audit;
use crate::close::{self, Farewell};
use crate::connection::{ConnectionId, Signal};
use crate::contract::OwnContract;
use crate::delivery;
use crate::history::{Delivered, Histories, History, LogKey, NotKept, Outgoing, Receipt, Record};
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
    histories: Arc<Histories>,
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
        self.hub.is_known(Group::Mailbox(&identity.to_string()))
    }

    /// How many connections have subscribed to this topic.
    pub fn members<T>(&self, topic: &Topic<T>) -> usize {
        self.hub.topic_count(topic.key())
    }

    /// The fingerprint of the protocol that is served: 16 digits that change when something looks otherwise on the wire.
    pub fn contract_hash(&self) -> &str {
        self.contract.contract().hash()
    }

    /// What a topic with `@history` keeps.
    ///
    /// # Errors
    /// It has no history, or the store has failed.
    pub async fn history<T>(&self, topic: &Topic<T>) -> Result<Record, NotKept> {
        let history = topic.address().line.history.ok_or_else(|| NotKept::new("the topic keeps nothing"))?;
        self.histories.record(LogKey::Topic(topic.key()), history).await
    }

    /// What the mailbox of this identity keeps.
    ///
    /// # Errors
    /// Mailboxes keep nothing, or the store has failed.
    pub async fn mailbox(&self, identity: &P::Identity) -> Result<Record, NotKept> {
        let history = P::MAILBOX.ok_or_else(|| NotKept::new("mailboxes keep nothing"))?;
        self.histories.record(LogKey::Mailbox(&identity.to_string()), history).await
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
        let hub = Arc::new(Hub::new(P::Role::all().len(), Counters::new::<P>()));
        let histories = Histories::new(Arc::clone(&hub));
        Self { hub, histories, contract: Arc::new(OwnContract::new::<P>()), protocol: PhantomData }
    }

    /// The protocol as data.
    pub(crate) fn own_contract(&self) -> &OwnContract {
        &self.contract
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(crate) fn histories(&self) -> &Arc<Histories> {
        &self.histories
    }

    /// To how many an event was sent, or will be as it looks now.
    fn count(&self, receipt: &Receipt, group: Group<'_>) -> usize {
        match receipt.now() {
            Some(Ok(delivered)) => delivered.reached,
            Some(Err(_)) => 0,
            None => self.hub.member_count(group),
        }
    }

    /// Sends to a group, and keeps it first if that has a history.
    pub(crate) fn send(
        &self,
        group: Group<'_>,
        history: Option<History>,
        except: Option<ConnectionId>,
        parcel: &Parcel<'_>,
    ) -> Receipt {
        match (LogKey::of_group(group), history) {
            (Some(key), Some(history)) => self.histories.publish(&Outgoing { key, history, except, parcel }),
            _ => Receipt::ready(Ok(Delivered { offset: 0, reached: self.hub.send(group, except, parcel) })),
        }
    }
}

impl<P: Protocol> Clone for Switchboard<P> {
    fn clone(&self) -> Self {
        let (hub, histories) = (Arc::clone(&self.hub), Arc::clone(&self.histories));
        Self { hub, histories, contract: Arc::clone(&self.contract), protocol: PhantomData }
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

    /// To every connection of this identity. What a store on disk keeps is on its way then: it is counted to how many.
    pub fn to_mailbox(self, identity: &P::Identity) -> usize
    where
        E: ToMailbox,
    {
        let switchboard = self.switchboard;
        let receipt = self.deliver_to_mailbox(identity);
        switchboard.count(&receipt, Group::Mailbox(&identity.to_string()))
    }

    /// The same, and tells what became of it: whether the mailbox keeps it, and to how many connections it was sent.
    pub fn deliver_to_mailbox(self, identity: &P::Identity) -> Receipt
    where
        E: ToMailbox,
    {
        self.deliver(Group::Mailbox(&identity.to_string()), P::MAILBOX)
    }

    /// To every connection that has subscribed to this topic. What a store on disk keeps is on its way then: it is
    /// counted to how many.
    pub fn to_topic<T>(self, topic: &Topic<T>) -> usize
    where
        E: ToTopic<T>,
    {
        let switchboard = self.switchboard;
        let receipt = self.deliver_to_topic(topic);
        switchboard.count(&receipt, Group::Topic(topic.key()))
    }

    /// The same, and tells what became of it: its offset, if the topic has a history, and to how many it was sent.
    pub fn deliver_to_topic<T>(self, topic: &Topic<T>) -> Receipt
    where
        E: ToTopic<T>,
    {
        self.deliver(Group::Topic(topic.key()), topic.address().line.history)
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
        let sent = self.encoded(send);
        if let Ok(count) = sent {
            audit::push(E::INFO, Some(count));
        }
        sent.unwrap_or(0)
    }

    fn deliver(self, group: Group<'_>, history: Option<History>) -> Receipt {
        let receipt = self.encoded(|parcel| self.switchboard.send(group, history, None, parcel));
        if let Ok(receipt) = &receipt {
            audit::push(E::INFO, Some(self.switchboard.count(receipt, group)));
        }
        receipt.unwrap_or_else(|error| Receipt::ready(Err(error)))
    }

    fn encoded<R>(&self, send: impl FnOnce(&Parcel<'_>) -> R) -> Result<R, NotKept> {
        if let Err(invalid) = delivery::checked(&self.event) {
            audit::push(E::INFO, None);
            let event = std::any::type_name::<E>();
            tracing::error!(event, %invalid, "an event that breaks its limits was not pushed");
            return Err(NotKept::new(invalid));
        }
        let append_key = |key: &mut Vec<u8>| self.event.append_key(key);
        Ok(delivery::encoded(
            |out| self.event.append_frame(out),
            |frames| send(&Parcel::new(E::INFO, frames, &append_key)),
        ))
    }
}

/// A push at the pace of its receivers; each method sends it, waits for those that have no room, and tells how many
/// took it.
///
/// Who takes nothing at all is dropped after [`Limits::write`](crate::Limits::write), and no longer waited for; who takes a little at a time
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
        match P::MAILBOX {
            Some(_) => self.0.deliver_to_mailbox(identity).await.map_or(0, |delivered| delivered.reached),
            None => self.send(Group::Mailbox(&identity.to_string())).await,
        }
    }

    /// To every connection that has subscribed to this topic.
    pub async fn to_topic<T>(self, topic: &Topic<T>) -> usize
    where
        E: ToTopic<T>,
    {
        match topic.address().line.history {
            Some(_) => self.0.deliver_to_topic(topic).await.map_or(0, |delivered| delivered.reached),
            None => self.send(Group::Topic(topic.key())).await,
        }
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
