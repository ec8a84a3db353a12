//! Flows on topics: whose turn it is, what members hear, and the clock.
//!
//! What may happen is decided by [`switchboard_core::flow::rooms`]. A message of such a flow waits for its topic's turn
//! within its own future: one that is dropped, for its deadline or because the client has left, gives the turn to the
//! next. Time is kept by one task a flow, which is there as long as some state ends by itself; it takes turns like a
//! message does, so members hear of states in their order.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_core::flow::rooms::{Rooms as Machine, Ticket};
use switchboard_core::flow::{Denied, Moved, Sender, Time};
use switchboard_core::{Rejection, write};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::Cx;
use crate::delivery::{append_event, encoded};
use crate::flow::{allowed, not_allowed, saturating_add};
use crate::hub::Group;
use crate::parcel::Parcel;
use crate::protocol::{Application, Protocol, Room, Turn};
use crate::push::Switchboard;
use crate::shared::Shared;

/// Every flow on topics of a server.
pub(crate) struct Rooms<P: Protocol> {
    flows: Box<[Arc<Table<P>>]>,
}

impl<P: Protocol> Rooms<P> {
    /// Each topic at the start; of each flow so many topics are kept that are elsewhere.
    pub fn new(switchboard: &Switchboard<P>, most: usize, epoch: Instant) -> Self {
        let table = |(number, room): (u8, &'static Room)| {
            let state = State { machine: Machine::new(&room.flow, most), wakers: HashMap::new(), watched: None };
            let (switchboard, earlier) = (switchboard.clone(), Notify::new());
            Arc::new(Table { number, room, state: Mutex::new(state), switchboard, epoch, earlier })
        };
        // Their numbers in metrics are behind those of flows of connections.
        let first = u8::try_from(P::FLOWS.len()).unwrap_or(u8::MAX);
        Self { flows: (first..=u8::MAX).zip(P::ROOMS).map(table).collect() }
    }
}

impl<P: Protocol, A: Application<P>> Shared<P, A> {
    /// Runs the chain of a message: in its topic's turn, if a flow on topics covers it.
    pub async fn handle(&self, cx: &Cx<P>, route: u16, incoming: P::Incoming, turn: &Turn) -> Result<(), Rejection> {
        let table = P::ROUTES[usize::from(route)].room.map(|flow| &self.rooms.flows[usize::from(flow)]);
        let Some((table, topic)) = table.and_then(|table| Some((table, P::room(&incoming)?))) else {
            return self.application.handle(cx, incoming, turn).await;
        };
        let held = Table::take(table, topic.into()).await;
        held.admit(cx, route)?;
        self.application.handle(cx, incoming, turn).await?;
        held.succeed(route);
        Ok(())
    }
}

/// One flow and its topics.
struct Table<P: Protocol> {
    /// Among all flows of the protocol.
    number: u8,
    room: &'static Room,
    state: Mutex<State>,
    switchboard: Switchboard<P>,
    /// What the machine's times are counted from.
    epoch: Instant,
    /// Some state ends earlier than the keeper thinks.
    earlier: Notify,
}

struct State {
    machine: Machine,
    /// Of those who wait for their turn.
    wakers: HashMap<Ticket, Waker>,
    /// What the keeper sleeps until; none when there is no keeper.
    watched: Option<Time>,
}

impl<P: Protocol> Table<P> {
    /// Waits for a topic's turn.
    async fn take(this: &Arc<Self>, topic: Arc<str>) -> Held<P> {
        let (ticket, at_once) = this.state.lock().machine.enter(&topic);
        // From here on whoever stops waiting leaves.
        let held = Held { table: Arc::clone(this), topic, ticket };
        if !at_once {
            poll_fn(|task| {
                let mut state = this.state.lock();
                if state.machine.has_turn(&held.topic, ticket) {
                    return Poll::Ready(());
                }
                state.wakers.insert(ticket, task.waker().clone());
                Poll::Pending
            })
            .await;
        }
        held.settle();
        held
    }

    /// A topic that is kept has left this state and entered that one.
    fn count(&self, before: Option<u8>, after: Option<u8>) {
        if before != after {
            self.switchboard.hub().counters().flow(self.number, before, after);
        }
    }

    fn now(&self) -> Time {
        Instant::now().saturating_duration_since(self.epoch)
    }

    /// Sees to it that somebody is awake when the next state ends by itself.
    fn watch(this: &Arc<Self>, state: &mut State) {
        let Some(wake) = state.machine.wake() else { return };
        match state.watched {
            Some(watched) if watched <= wake => return,
            Some(_) => this.earlier.notify_one(),
            // Without a runtime the server has ended.
            None => match Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn(Self::keep(Arc::clone(this)))),
                Err(_) => return,
            },
        }
        state.watched = Some(wake);
    }

    /// Ends states at their time, until none ends by itself.
    async fn keep(this: Arc<Self>) {
        loop {
            let wake = {
                let mut state = this.state.lock();
                state.watched = state.machine.wake();
                state.watched
            };
            let Some(wake) = wake else { return };
            tokio::select! {
                () = sleep_until(saturating_add(this.epoch, wake)) => {}
                () = this.earlier.notified() => continue,
            }
            let expired = this.state.lock().machine.expired(this.now());
            for (topic, ticket) in expired {
                Held { table: Arc::clone(&this), topic, ticket }.settle();
            }
        }
    }
}

/// A topic whose turn it is, or who waits for it; given back when it is dropped.
struct Held<P: Protocol> {
    table: Arc<Table<P>>,
    topic: Arc<str>,
    ticket: Ticket,
}

impl<P: Protocol> Held<P> {
    /// Leaves a state whose time is over.
    fn settle(&self) {
        let now = self.table.now();
        self.change(|machine| machine.settle(&self.topic, now));
    }

    /// Whether the message is let in.
    fn admit(&self, cx: &Cx<P>, route: u16) -> Result<(), Rejection> {
        let member = cx.switchboard().hub().is_member(&self.topic, cx.connection_id());
        let sender = Sender { roles: cx.role_bits(), member };
        let hub = self.table.switchboard.hub();
        let empty = |topic: &str| hub.topic_count(topic) == 0;
        let (flow, place, denied) = {
            let (now, mut state) = (self.table.now(), self.table.state.lock());
            let admitted = state.machine.admit(&self.topic, route, sender, now, empty);
            self.table.count(state.machine.take_forgotten(), None);
            match admitted {
                Ok(()) => return Ok(()),
                Err(denied) => (state.machine.flow(), state.machine.place(&self.topic, now), denied),
            }
        };
        Err(match denied {
            Denied::NotNow => {
                let allowed = allowed::<P>(flow, place);
                Rejection::not_now(flow.name, place.state(flow).name, allowed).of_topic(&self.topic)
            }
            Denied::Roles(needed) => not_allowed::<P>(needed),
            Denied::Members => Rejection::barred(&*self.topic),
            Denied::Full => {
                tracing::warn!(flow = flow.name, "as many topics as there may be are in a state of this flow");
                Rejection::rate_limited("topics", WHEN_FULL)
            }
        })
    }

    /// The message has succeeded.
    fn succeed(&self, route: u16) {
        let now = self.table.now();
        self.change(|machine| machine.succeed(&self.topic, route, now));
    }

    /// Changes the topic's state, counts it, and lets members know.
    fn change(&self, change: impl FnOnce(&mut Machine) -> Moved) {
        let moved = {
            let machine = &mut self.table.state.lock().machine;
            let before = machine.kept_state(&self.topic);
            let moved = change(machine);
            self.table.count(before, machine.kept_state(&self.topic));
            moved
        };
        self.tell(moved);
    }

    /// Lets members know of another state.
    fn tell(&self, moved: Moved) {
        let Room { flow, event } = self.table.room;
        let state = match moved {
            Moved::Stayed => return,
            Moved::Entered(state) => flow.states[usize::from(state)].name,
            Moved::Ended => "end",
        };
        tracing::debug!(flow = flow.name, topic = &*self.topic, state, "another state");
        let payload = |out: &mut Vec<u8>| {
            out.extend_from_slice(br#"{"topic":"#);
            write::string(out, &self.topic);
            out.extend_from_slice(br#","state":"#);
            write::string(out, state);
            out.push(b'}');
        };
        let prefix = |out: &mut Vec<u8>| {
            out.extend_from_slice(br#"{"name":"#);
            write::string(out, event.name);
            out.extend_from_slice(br#","payload":"#);
            payload(out);
        };
        let hub = self.table.switchboard.hub();
        encoded(
            |out| append_event(out, b"", prefix),
            |frames| hub.send(Group::Topic(&self.topic), None, &Parcel::new(event, frames, &|_| ())),
        );
    }
}

impl<P: Protocol> Drop for Held<P> {
    fn drop(&mut self) {
        let next = {
            let mut state = self.table.state.lock();
            state.wakers.remove(&self.ticket);
            let next = state.machine.leave(&self.topic, self.ticket);
            let next = next.and_then(|next| state.wakers.remove(&next));
            Table::watch(&self.table, &mut state);
            next
        };
        if let Some(next) = next {
            next.wake();
        }
    }
}

/// After what time it is worth trying again when there is no room for another topic's flow.
const WHEN_FULL: Duration = Duration::from_secs(1);
