//! `@idempotent`: a second message with the key of an earlier one gets its answer and does nothing.
//!
//! The table is [`Memory`], one for a server; here is what waits at it. Only what is final is remembered: success and
//! declared errors. When the first one breaks, is too late or is taken back, the next one with its key runs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_core::memory::{Claim, Key, Memory};
use switchboard_core::{Code, Path, Rejection, Report};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::Cx;
use crate::config::Limits;
use crate::protocol::{Application, Once, Protocol, Turn};
use crate::shared::Shared;

/// What has been answered under a key: the payload of the answer, if there was one, or a declared error.
type Answered = Result<Option<Arc<[u8]>>, Rejection>;

/// Runs the chain of a message, unless its answer is known.
pub(crate) async fn run<P: Protocol, A: Application<P>>(
    shared: &Shared<P, A>,
    cx: &Cx<P>,
    route: u16,
    incoming: P::Incoming,
    turn: &Turn,
) -> Result<(), Rejection> {
    match &P::ROUTES[usize::from(route)].idempotent {
        None => shared.handle(cx, route, incoming, turn).await,
        // Boxed, so that other messages are not handled in a future that is large enough for this.
        Some(once) => Box::pin(run_once(shared, cx, route, once, incoming, turn)).await,
    }
}

async fn run_once<P: Protocol, A: Application<P>>(
    shared: &Shared<P, A>,
    cx: &Cx<P>,
    route: u16,
    once: &Once,
    incoming: P::Incoming,
    turn: &Turn,
) -> Result<(), Rejection> {
    let (mut value, mut payload) = (Vec::new(), Vec::new());
    P::append_once_key(&incoming, &mut value, &mut payload);
    let key = Key { owner: owner(cx), route, value: value.into() };
    let print = shared.answers.print(&payload);
    let mine = loop {
        match shared.answers.claim(&key, print) {
            Ok(mine) => break mine,
            Err(Claim::Known(answered)) => {
                cx.switchboard().hub().counters().idempotent(route);
                return repeat(cx, turn, answered);
            }
            // Closed by whoever has it, so this is never granted; the next turn of the loop sees what came of it.
            Err(Claim::Busy(bell)) => drop(bell.acquire().await),
            Err(Claim::First | Claim::Other) => {
                cx.switchboard().hub().counters().idempotent(route);
                return Err(another_payload(once));
            }
        }
    };
    turn.capture();
    let outcome = shared.handle(cx, route, incoming, turn).await;
    match &outcome {
        Ok(()) => mine.remember(once, Ok(turn.take_captured())),
        Err(rejection) if rejection.code() == Code::Refused => mine.remember(once, Err(rejection.clone())),
        Err(_) => {}
    }
    outcome
}

/// Keys belong to an identity, over all its connections and their lives; without one to the connection.
fn owner<P: Protocol>(cx: &Cx<P>) -> String {
    cx.mailbox().map_or_else(|| format!("#{}", cx.connection_id()), |identity| format!("@{identity}"))
}

fn repeat<P: Protocol>(cx: &Cx<P>, turn: &Turn, answered: Answered) -> Result<(), Rejection> {
    if let Some(payload) = answered? {
        cx.reply_again(turn, &payload);
    }
    Ok(())
}

fn another_payload(once: &Once) -> Rejection {
    let mut report = Report::new();
    let at = once.at.iter().fold(Vec::new(), |mut path, key| {
        path.push(*key);
        path
    });
    add_at(&mut report, &Path::root(), &at);
    Rejection::invalid_payload(report)
}

/// Adds the violation at the end of the keys that are left.
fn add_at(report: &mut Report, at: &Path<'_>, keys: &[&'static str]) {
    match keys {
        [] => _ = report.add(at, "idempotent", "the payload that came with this key before", "another payload"),
        [key, rest @ ..] => add_at(report, &at.key(key), rest),
    }
}

/// What a server has answered.
#[derive(Debug)]
pub(crate) struct Answers {
    memory: Mutex<Memory<Arc<Semaphore>, Answered>>,
    hasher: RandomState,
    epoch: Instant,
}

impl Answers {
    /// Without any.
    pub fn new(limits: &Limits, epoch: Instant) -> Self {
        let memory = Mutex::new(Memory::new(limits.remembered, limits.remembered_bytes));
        Self { memory, hasher: RandomState::new(), epoch }
    }

    /// What stands for a payload.
    fn print(&self, payload: &[u8]) -> u64 {
        self.hasher.hash_one(payload)
    }

    fn claim<'a>(&'a self, key: &'a Key, print: u64) -> Result<Mine<'a>, Claim<Arc<Semaphore>, Answered>> {
        let now = self.now();
        match self.memory.lock().claim(key, print, now, || Arc::new(Semaphore::new(0))) {
            Claim::First => Ok(Mine { answers: self, key }),
            other => Err(other),
        }
    }

    /// Nanoseconds since the server began.
    fn now(&self) -> u64 {
        let since = Instant::now().saturating_duration_since(self.epoch);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The right to run the message of a key; gives way to the next one when it is dropped.
struct Mine<'a> {
    answers: &'a Answers,
    key: &'a Key,
}

impl Mine<'_> {
    fn remember(self, once: &Once, answered: Answered) {
        let bytes = match &answered {
            Ok(payload) => payload.as_ref().map_or(0, |payload| payload.len()),
            Err(rejection) => rejection.to_string().len(),
        };
        let now = self.answers.now();
        let keep = u64::try_from(once.keep.as_nanos()).unwrap_or(u64::MAX);
        let bell = self.answers.memory.lock().remember(self.key, answered, bytes, now.saturating_add(keep), now);
        bell.iter().for_each(|bell| bell.close());
    }
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        // What has been remembered stays.
        let bell = self.answers.memory.lock().forget(self.key);
        bell.iter().for_each(|bell| bell.close());
    }
}
