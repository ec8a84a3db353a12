//! The one task of a connection: messages in order, until the end.
//!
//! The chain of an ordinary message is polled here, without a box and without a task of its own; what goes on beside it
//! is the [`Desk`]'s. Whatever a handler does, the task outlives it: a panic or a timeout costs the message.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use http::HeaderMap;
use switchboard_core::Rejection;
use switchboard_core::schedule::Slot;
use tracing::{Instrument, Span};

use super::Connection;
use super::desk::{Desk, Next};
use super::ear::Ear;
use super::parting::part;
use super::trouble::Trouble;
use crate::Cx;
use crate::config::Limits;
use crate::console::Watched;
use crate::contract::with_hello_due;
use crate::dispatch::Accepted;
use crate::flow::saturating_add;
use crate::handler::panicked;
use crate::once;
use crate::protocol::{Application, Protocol, Route};
use crate::shared::{Hook, Shared};
use crate::transport::gate::Permit;
use crate::transport::reader::{Ending, Reader};
use crate::transport::socket::Socket;
use crate::transport::upgrade::{Format, Offered};

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
    /// What it wants to speak.
    pub offered: Offered,
    /// What the console wants to know of it.
    pub watched: Option<Arc<Watched>>,
    /// Its place among the counted.
    pub permit: Arc<Permit>,
}

/// Serves one connection to its end.
pub(crate) async fn serve<P: Protocol, A: Application<P>>(shared: Arc<Shared<P, A>>, arrival: Arrival) {
    let Arrival { socket, early, peer, headers, offered, watched, permit } = arrival;
    let (read, write) = socket.into_split();
    let (id, limits) = (shared.switchboard.hub().next_id(), Arc::clone(&shared.limits));
    let packer = match offered.format() {
        Format::Json => None,
        Format::MessagePack => Some(shared.switchboard.own_contract().packer()),
    };
    let connection = Connection::new(id, write, limits, packer, watched);
    let span = tracing::debug_span!("connection", id = %connection.id(), %peer);
    async {
        let reader = Reader::new(read, &early, shared.message_bytes, &shared.limits);
        drop(early);
        let cx = Cx::new(Arc::clone(&connection), peer, headers, shared.switchboard.clone());
        let ear = Ear::new(connection, reader, Arc::clone(&shared.limits), shared.message_bytes, shared.epoch);
        let (limits, switchboard) = (Arc::clone(&shared.limits), shared.switchboard.clone());
        let owes_a_hello = cx.note_offered_contract(offered.contract, shared.contract);
        let conversation = Conversation::begin(shared, cx.clone(), ear).await.run();
        let (ear, ending) = match owes_a_hello {
            false => conversation.await,
            true => Box::pin(with_hello_due(cx, limits.handshake, conversation)).await,
        };
        tracing::debug!(?ending, "closing");
        let (connection, reader) = ear.into_parts();
        part(Arc::clone(&connection), reader, &ending, &limits).await;
        switchboard.hub().counters().lost(connection.lost());
    }
    .instrument(span)
    .await;
    drop(permit);
}

/// A connection that is a member of the hub.
struct Conversation<P: Protocol, A> {
    shared: Arc<Shared<P, A>>,
    present: Present<P, A>,
    desk: Desk<P, A>,
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
    async fn begin(shared: Arc<Shared<P, A>>, cx: Cx<P>, ear: Ear) -> Self {
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
        let desk = Desk::new(Arc::clone(&shared), cx.clone(), ear);
        call(shared.on_open.as_ref(), &cx);
        let present = Present { shared: Arc::clone(&shared), cx };
        Self { shared, present, desk }
    }

    async fn run(mut self) -> (Ear, Ending) {
        loop {
            match poll_fn(|task| self.desk.poll_next(task)).await {
                Next::Handle(slot) => self.handle(slot).await,
                Next::End(ending) => return (self.desk.into_ear(), ending),
            }
        }
    }

    /// Runs the chain of one message in place.
    async fn handle(&mut self, slot: Slot) {
        let Some(Accepted { route, incoming, turn }) = self.desk.take_accepted() else { return };
        let declared = &P::ROUTES[usize::from(route)];
        let (shared, cx) = (&*self.shared, &self.present.cx);
        self.desk.set_current(route, &turn);
        let outcome = if declared.is_plain() {
            let chain = pin!(shared.application.handle(cx, incoming, &turn));
            attended(&mut self.desk, declared, &shared.limits, chain).await
        } else {
            let chain = pin!(once::run(shared, cx, route, incoming, &turn));
            attended(&mut self.desk, declared, &shared.limits, chain).await
        };
        self.desk.end_current(slot, route, &turn, outcome);
    }
}

/// Polls a chain to its end, or until it is to be dropped, and the desk beside it.
async fn attended<P: Protocol, A: Application<P>>(
    desk: &mut Desk<P, A>,
    declared: &Route,
    limits: &Limits,
    mut chain: Pin<&mut impl Future<Output = Result<(), Rejection>>>,
) -> Result<(), Trouble> {
    let allowed = declared.deadline.unwrap_or(limits.handler);
    let span = message_span(declared);
    let mut deadline = None;
    poll_fn(|task| {
        let poll = || span.in_scope(|| chain.as_mut().poll(task));
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Ready(outcome)) => Poll::Ready(outcome.map_err(Trouble::Refused)),
            Err(panic) => Poll::Ready(Err(Trouble::Panicked(panicked(panic.as_ref())))),
            Ok(Poll::Pending) => {
                let deadline = *deadline.get_or_insert_with(|| saturating_add(desk.now(), allowed));
                desk.poll_aside(task, deadline).map(|()| match desk.is_cancelled() {
                    true => Err(Trouble::Cancelled),
                    false => Err(Trouble::TooLate(allowed)),
                })
            }
        }
    })
    .await
}

/// What the chain of a message is polled in.
pub(super) fn message_span(declared: &Route) -> Span {
    tracing::debug_span!("message", name = declared.name)
}

/// A hook that panics costs nothing but itself.
fn call<P: Protocol>(hook: Option<&Hook<P>>, cx: &Cx<P>) {
    let Some(hook) = hook else { return };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| hook(cx))) {
        tracing::error!(error = panicked(panic.as_ref()).chain(), "a hook panicked");
    }
}
