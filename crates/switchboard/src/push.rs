//! Pushing from anywhere: timers, other tasks, HTTP handlers, other threads.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::audit;
use crate::close::{self, Farewell};
use crate::connection::Signal;
use crate::delivery;
use crate::hub::{Group, Hub};
use crate::parcel::Parcel;
use crate::protocol::{Event, Protocol, RoleName, ToAll, ToMailbox, ToRole, ToTopic, role_mask};
use crate::topic::Topic;

/// A handle to all connections of a server. Clones are cheap and all the same.
pub struct Switchboard<P: Protocol> {
    hub: Arc<Hub>,
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

    /// Whether this identity has a connection.
    pub fn is_online(&self, identity: &P::Identity) -> bool {
        self.hub.mailbox_count(&identity.to_string()) > 0
    }

    /// How many connections have subscribed to this topic.
    pub fn members<T>(&self, topic: &Topic<T>) -> usize {
        self.hub.topic_count(topic.key())
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
        Self { hub: Arc::new(Hub::new(P::Role::all().len())), protocol: PhantomData }
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }
}

impl<P: Protocol> Clone for Switchboard<P> {
    fn clone(&self) -> Self {
        Self { hub: Arc::clone(&self.hub), protocol: PhantomData }
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

impl<P: Protocol, E: Event<P>> Push<'_, P, E> {
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

    fn send(self, group: Group<'_>) -> usize {
        match delivery::checked(&self.event) {
            Ok(()) => {
                let count = delivery::encoded(
                    |out| self.event.append_frame(out),
                    |frames| self.switchboard.hub.send(group, None, &Parcel::new(E::INFO, frames)),
                );
                audit::push(E::INFO, Some(count));
                count
            }
            Err(invalid) => {
                audit::push(E::INFO, None);
                let event = std::any::type_name::<E>();
                tracing::error!(event, %invalid, "an event that breaks its limits was not pushed");
                0
            }
        }
    }
}
