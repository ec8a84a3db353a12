//! What became of an event that is to be kept.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

/// An event is kept, and has been sent to whoever is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Its place in the log of its topic or mailbox; 0 where nothing is kept.
    pub offset: u64,
    /// How many connections it was sent to.
    pub reached: usize,
}

/// Why an event was neither kept nor sent, or a log could not be read. The log of the server says more.
#[derive(Clone, Debug)]
pub struct NotKept {
    why: Arc<str>,
}

impl NotKept {
    pub(crate) fn new(why: impl fmt::Display) -> Self {
        Self { why: why.to_string().into() }
    }
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not kept: {}", self.why)
    }
}

impl std::error::Error for NotKept {}

/// Resolves when an event is kept and has been sent, or when it is known that it is not. Nothing is undone by dropping it.
#[derive(Debug)]
#[must_use = "await it to know what became of the event"]
pub struct Receipt(State);

#[derive(Debug)]
enum State {
    Ready(Result<Delivered, NotKept>),
    Waiting(oneshot::Receiver<Result<Delivered, NotKept>>),
}

impl Receipt {
    pub(crate) fn ready(result: Result<Delivered, NotKept>) -> Self {
        Self(State::Ready(result))
    }

    pub(super) fn waiting(receiver: oneshot::Receiver<Result<Delivered, NotKept>>) -> Self {
        Self(State::Waiting(receiver))
    }

    /// The result, if it is known already.
    pub(crate) fn now(&self) -> Option<&Result<Delivered, NotKept>> {
        match &self.0 {
            State::Ready(result) => Some(result),
            State::Waiting(_) => None,
        }
    }
}

impl Future for Receipt {
    type Output = Result<Delivered, NotKept>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(result) => Poll::Ready(result.clone()),
            State::Waiting(receiver) => Pin::new(receiver)
                .poll(task)
                .map(|result| result.unwrap_or_else(|_| Err(NotKept::new("its thread has ended")))),
        }
    }
}
