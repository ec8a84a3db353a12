//! What comes by itself, for the application: streams that keep a bounded number, callbacks, and guards that end them.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use futures_util::Stream;
use parking_lot::Mutex;

use crate::machine::{Contract, Problem, Resumed, State};

/// What a client tells of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// It has another state.
    State(State),
    /// Why a socket could not be opened, in words; another attempt follows.
    Unreachable(String),
    /// What became of a topic or the mailbox on a new connection.
    Resumed(Resumed),
    /// The server has another protocol; what is the same still works.
    Contract(Contract),
    /// What the application should know and cannot help.
    Problem(Problem),
}

/// Events as they come. At most 1,024 wait to be taken: then the oldest is lost, and counted.
///
/// It ends when the client has closed for good.
pub struct Events<T> {
    buffer: Arc<Buffer<T>>,
    _guard: Listening,
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("lost", &self.lost()).finish_non_exhaustive()
    }
}

impl<T> Events<T> {
    pub(crate) fn new(buffer: Arc<Buffer<T>>, guard: Listening) -> Self {
        Self { buffer, _guard: guard }
    }

    /// How many were lost, since they were not taken in time.
    pub fn lost(&self) -> u64 {
        self.buffer.0.lock().lost
    }

    /// The next one, or `None` once the client has closed for good.
    pub async fn next(&mut self) -> Option<T> {
        std::future::poll_fn(|cx| self.buffer.poll(cx)).await
    }
}

impl<T> Stream for Events<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.buffer.poll(cx)
    }
}

/// As long as it lives something listens; dropping it ends that.
#[must_use = "dropping it ends it"]
pub struct Listening(Option<Box<dyn FnOnce() + Send + Sync>>);

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listening")
    }
}

impl Listening {
    pub(crate) fn until(end: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(end)))
    }

    /// Listens as long as the client lives.
    pub fn forever(mut self) {
        self.0 = None;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

/// A bounded queue that loses its oldest.
pub(crate) struct Buffer<T>(Mutex<Queue<T>>);

struct Queue<T> {
    waiting: VecDeque<T>,
    lost: u64,
    ended: bool,
    waker: Option<Waker>,
}

impl<T> Buffer<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Queue { waiting: VecDeque::new(), lost: 0, ended: false, waker: None })))
    }

    pub(crate) fn push(&self, value: T) {
        let waker = {
            let mut queue = self.0.lock();
            if queue.waiting.len() >= MOST {
                queue.waiting.pop_front();
                queue.lost += 1;
            }
            queue.waiting.push_back(value);
            queue.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    fn end(&self) {
        let waker = {
            let mut queue = self.0.lock();
            queue.ended = true;
            queue.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut queue = self.0.lock();
        match queue.waiting.pop_front() {
            Some(value) => Poll::Ready(Some(value)),
            None if queue.ended => Poll::Ready(None),
            None => {
                queue.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Callbacks, each with its number, and what is told that nothing comes any more.
pub(crate) struct Registry<E>(Mutex<Arc<Vec<Entry<E>>>>, Mutex<u64>);

struct Entry<E> {
    number: u64,
    hear: Arc<dyn Fn(&E) + Send + Sync>,
    end: Arc<dyn Fn() + Send + Sync>,
}

impl<E> Clone for Entry<E> {
    fn clone(&self) -> Self {
        Self { number: self.number, hear: Arc::clone(&self.hear), end: Arc::clone(&self.end) }
    }
}

impl<E: 'static> Registry<E> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Arc::new(Vec::new())), Mutex::new(0)))
    }

    /// Calls back until the guard is dropped.
    pub(crate) fn listen(self: &Arc<Self>, hear: impl Fn(&E) + Send + Sync + 'static) -> Listening {
        self.add(Arc::new(hear), Arc::new(|| {}))
    }

    /// A stream of what `pick` makes of it.
    pub(crate) fn stream<T: Send + 'static>(
        self: &Arc<Self>,
        pick: impl Fn(&E) -> Option<T> + Send + Sync + 'static,
    ) -> Events<T> {
        let buffer = Buffer::new();
        let (filled, ended) = (Arc::clone(&buffer), Arc::clone(&buffer));
        let hear = move |event: &E| pick(event).into_iter().for_each(|value| filled.push(value));
        let guard = self.add(Arc::new(hear), Arc::new(move || ended.end()));
        Events::new(buffer, guard)
    }

    /// Tells everybody; a callback that panics harms nobody else.
    pub(crate) fn tell(&self, event: &E) {
        let entries = Arc::clone(&self.0.lock());
        for entry in entries.iter() {
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (entry.hear)(event)));
        }
    }

    /// Nothing comes any more.
    pub(crate) fn end(&self) {
        let entries = Arc::clone(&self.0.lock());
        entries.iter().for_each(|entry| (entry.end)());
    }

    fn add(self: &Arc<Self>, hear: Arc<dyn Fn(&E) + Send + Sync>, end: Arc<dyn Fn() + Send + Sync>) -> Listening {
        let number = {
            let mut last = self.1.lock();
            *last += 1;
            *last
        };
        let mut entries = self.0.lock();
        Arc::make_mut(&mut entries).push(Entry { number, hear, end });
        drop(entries);
        let registry: Weak<Self> = Arc::downgrade(self);
        Listening::until(move || {
            let Some(registry) = registry.upgrade() else { return };
            let removed = {
                let mut entries = registry.0.lock();
                let mut kept: Vec<Entry<E>> = entries.iter().cloned().collect();
                kept.retain(|entry| entry.number != number);
                std::mem::replace(&mut *entries, Arc::new(kept))
            };
            // What a callback holds may end other listeners: not under the lock.
            drop(removed);
        })
    }
}

/// Events of a stream that may wait to be taken.
const MOST: usize = 1_024;
