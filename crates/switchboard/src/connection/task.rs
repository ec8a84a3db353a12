//! The one task of a connection: messages in order, one at a time, until the end.
//!
//! The handler's future is polled here, without a box and without a task of its own. While it waits, pings are answered
//! and a few messages are kept. Whatever a handler does, the task outlives it: a panic or a timeout costs the message.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use http::HeaderMap;
use switchboard_core::Rejection;
use tracing::Instrument;

use super::ear::Ear;
use super::parting::part;
use super::{Connection, Signal};
use crate::Cx;
use crate::audit;
use crate::close;
use crate::dispatch::{Accepted, Dispatch, Moment, Verdict};
use crate::flow::saturating_add;
use crate::handler::{Error, Failure, panicked};
use crate::protocol::{Application, Protocol};
use crate::shared::{Hook, Shared};
use crate::transport::gate::Permit;
use crate::transport::reader::{Ending, Inbound, Reader};
use crate::transport::socket::Socket;

/// An upgraded socket and what the request said.
pub(crate) struct Arrival {
    /// The socket.
    pub socket: Socket,
    /// What was read from it behind the request.
    pub early: Vec<u8>,
    /// The other end.
    pub peer: SocketAddr,
    /// The request's headers.
    pub headers: HeaderMap,
    /// Its place among the counted.
    pub permit: Arc<Permit>,
}

/// Serves one connection to its end.
pub(crate) async fn serve<P: Protocol, A: Application<P>>(shared: Arc<Shared<P, A>>, arrival: Arrival) {
    let Arrival { socket, early, peer, headers, permit } = arrival;
    let (read, write) = socket.into_split();
    let connection = Connection::new(shared.switchboard.hub().next_id(), write, Arc::clone(&shared.limits));
    let span = tracing::debug_span!("connection", id = %connection.id(), %peer);
    async {
        let reader = Reader::new(read, &early, shared.message_bytes, &shared.limits);
        drop(early);
        let cx = Cx::new(Arc::clone(&connection), peer, headers, shared.switchboard.clone());
        let ear = Ear::new(connection, reader, Arc::clone(&shared.limits), shared.message_bytes, shared.epoch);
        let limits = Arc::clone(&shared.limits);
        let (ear, ending) = Conversation::begin(shared, cx, ear).await.run().await;
        tracing::debug!(?ending, "closing");
        let (connection, reader) = ear.into_parts();
        part(connection, reader, &ending, &limits).await;
    }
    .instrument(span)
    .await;
    drop(permit);
}

/// A connection that is a member of the hub.
struct Conversation<P: Protocol, A> {
    shared: Arc<Shared<P, A>>,
    present: Present<P, A>,
    ear: Ear,
    dispatch: Dispatch<P>,
}

/// Takes the connection out of the hub, also when its task panics.
struct Present<P: Protocol, A> {
    shared: Arc<Shared<P, A>>,
    cx: Cx<P>,
}

impl<P: Protocol, A> Drop for Present<P, A> {
    fn drop(&mut self) {
        self.cx.exit();
        call(self.shared.on_close.as_ref(), &self.cx);
        tracing::debug!("gone");
    }
}

impl<P: Protocol, A: Application<P>> Conversation<P, A> {
    async fn begin(shared: Arc<Shared<P, A>>, cx: Cx<P>, mut ear: Ear) -> Self {
        // The task is never polled by another waker: it is the whole of a spawned task.
        poll_fn(|task| {
            cx.connection().set_task(task.waker());
            Poll::Ready(())
        })
        .await;
        cx.enter();
        if shared.is_draining() {
            cx.connection().drain();
        }
        tracing::debug!("open");
        let now = ear.now();
        let dispatch = Dispatch::new(cx.clone(), Arc::clone(&shared.limits), Arc::clone(&shared.budgets), now);
        call(shared.on_open.as_ref(), &cx);
        let present = Present { shared: Arc::clone(&shared), cx };
        Self { shared, present, ear, dispatch }
    }

    async fn run(mut self) -> (Ear, Ending) {
        let ending = loop {
            let inbound = poll_fn(|task| self.ear.poll_next(task, self.dispatch.flows())).await;
            let ending = match inbound {
                Ok(inbound) => match self.receive(&inbound) {
                    Verdict::Run(accepted) => self.handle(accepted).await,
                    Verdict::Refused => None,
                    Verdict::Abused => Some(Ending::say(close::POLICY, "too many messages")),
                },
                Err(ending) => Some(ending),
            };
            if let Some(ending) = ending {
                break ending;
            }
        };
        (self.ear, ending)
    }

    fn receive(&mut self, inbound: &Inbound) -> Verdict<P> {
        let moment = self.moment();
        let received = catch_unwind(AssertUnwindSafe(|| match inbound {
            Inbound::Text(text) => self.dispatch.text(text, moment),
            Inbound::Binary(bytes) => self.dispatch.binary(bytes, moment),
        }));
        received.unwrap_or_else(|panic| {
            let failure = Failure::Internal(panicked(panic.as_ref()));
            let rejection = self.present.cx.reject(failure, "(decoding)");
            self.dispatch.refuse(&rejection, None, moment)
        })
    }

    /// Runs the chain of one message; how the connection ends if it ends by that.
    async fn handle(&mut self, accepted: Accepted<P>) -> Option<Ending> {
        let Accepted { route, incoming, turn } = accepted;
        let declared = &P::ROUTES[usize::from(route)];
        let outcome = {
            let allowed = declared.deadline.unwrap_or(self.shared.limits.handler);
            let mut handling = pin!(self.shared.application.handle(&self.present.cx, incoming, &turn));
            let (ear, mut deadline) = (&mut self.ear, None);
            poll_fn(|task| match catch_unwind(AssertUnwindSafe(|| handling.as_mut().poll(task))) {
                Ok(Poll::Ready(outcome)) => Poll::Ready(outcome.map_err(Trouble::Refused)),
                Err(panic) => Poll::Ready(Err(Trouble::Panicked(panicked(panic.as_ref())))),
                Ok(Poll::Pending) => {
                    let deadline = *deadline.get_or_insert_with(|| saturating_add(ear.now(), allowed));
                    ear.poll_aside(task, deadline).map(|()| Err(Trouble::TooLate))
                }
            })
            .await
        };
        let rejection = match outcome {
            Ok(()) => {
                self.present.cx.end(&turn, true);
                audit::message(&self.present.cx, declared, None);
                let now = self.ear.now();
                let over = self.dispatch.flows().succeed::<P>(route, now);
                return over.then(|| Ending::say(close::NORMAL, "the flow has come to its end"));
            }
            Err(Trouble::Refused(rejection)) => rejection,
            Err(Trouble::Panicked(error)) => self.present.cx.reject(Failure::Internal(error), declared.name),
            Err(Trouble::TooLate) => {
                // Who declares a deadline has planned for it.
                if declared.deadline.is_none() {
                    tracing::warn!(message = declared.name, "a handler took too long and was dropped");
                }
                Rejection::timeout(declared.deadline.unwrap_or(self.shared.limits.handler))
            }
        };
        self.present.cx.end(&turn, false);
        audit::message(&self.present.cx, declared, Some(rejection.code()));
        let moment = self.moment();
        self.dispatch.refuse(&rejection, turn.reference(), moment);
        None
    }

    fn moment(&mut self) -> Moment {
        let draining = self.present.cx.connection().signals().has(Signal::Drain);
        Moment { nanos: self.ear.nanos(), draining }
    }
}

/// Why a chain did not succeed.
enum Trouble {
    /// It says so.
    Refused(Rejection),
    /// Outside of any handler.
    Panicked(Error),
    /// Its time was over.
    TooLate,
}

/// A hook that panics costs nothing but itself.
fn call<P: Protocol>(hook: Option<&Hook<P>>, cx: &Cx<P>) {
    let Some(hook) = hook else { return };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| hook(cx))) {
        tracing::error!(error = panicked(panic.as_ref()).chain(), "a hook panicked");
    }
}
