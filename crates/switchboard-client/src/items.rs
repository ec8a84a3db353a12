//! The items of a stream that answers a message.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::{mpsc, oneshot};

use crate::events::Listening;
use crate::failure::Error;

/// Items as they come. Dropping it takes the message back.
///
/// At most 1,024 wait to be taken: then the message is taken back, and the stream ends with `QueueFull`.
pub struct Items<T, E> {
    items: mpsc::Receiver<T>,
    end: Option<oneshot::Receiver<Option<Error<E>>>>,
    _guard: Option<Listening>,
}

impl<T, E> fmt::Debug for Items<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Items")
    }
}

impl<T, E> Items<T, E> {
    pub(crate) fn new(
        items: mpsc::Receiver<T>,
        end: oneshot::Receiver<Option<Error<E>>>,
        guard: Option<Listening>,
    ) -> Self {
        Self { items, end: Some(end), _guard: guard }
    }

    /// The next item, or why there is none; `None` when all have come.
    ///
    /// # Errors
    /// When the message has failed. Nothing comes behind it.
    pub async fn next(&mut self) -> Option<Result<T, Error<E>>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error<E>>>> {
        match self.items.poll_recv(cx) {
            Poll::Ready(Some(item)) => return Poll::Ready(Some(Ok(item))),
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => {}
        }
        // The end was told before the items' other end was dropped, or never will be.
        let end = self.end.take().map(|mut end| end.try_recv());
        Poll::Ready(match end {
            None | Some(Ok(None)) => None,
            Some(Ok(Some(error))) => Some(Err(error)),
            Some(Err(_)) => Some(Err(Error::ConnectionLost)),
        })
    }
}

impl<T, E> Stream for Items<T, E> {
    type Item = Result<T, Error<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T, E> Unpin for Items<T, E> {}

/// Items of a stream that may wait to be taken.
pub(crate) const MOST: usize = 1_024;
