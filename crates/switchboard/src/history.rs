//! Histories: the logs of topics and mailboxes with `@history`, in memory and, with a store, on disk.
//!
//! Each log has a lock. An event gets its offset, is kept and is given to the members under this one lock, so members
//! receive offsets in order and without gaps, whoever publishes; and whoever joins under it misses nothing. With a store
//! the [keeper](keeper)'s thread does the same once the event is on disk; it alone changes logs then. Without one there
//! is no thread.
//!
//! Lock order: a connection's standing, a shard of logs, a log, then those of the hub. Deliberately absent: what is kept
//! and told, which is [`switchboard_core::log`]'s.

mod catch_up;
mod keeper;
mod opening;
mod receipt;
mod record;
mod slot;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use switchboard_core::log::{Bounds, Epoch, Log, Position};
use switchboard_core::store::{Era, Store, StoreError};
use tokio::time::Instant;
use uuid::Uuid;

pub(crate) use self::catch_up::{CatchUp, Progress};
use self::keeper::{Job, Keeper};
pub(crate) use self::opening::{Opening, Standpoint};
pub use self::receipt::{Delivered, NotKept, Receipt};
pub use self::record::{Record, Recorded};
pub(crate) use self::slot::Slot;
use self::slot::{OVERHEAD, State};
use crate::config::Limits;
use crate::connection::ConnectionId;
use crate::hub::{Group, Hub};
use crate::parcel::Parcel;
use crate::{delivery, turn};

/// `@history(count, age)`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// Events kept at most …
    pub count: u32,
    /// … for so long.
    pub age: Duration,
}

/// Whose log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogKey<'a> {
    /// Of the topic with this name.
    Topic(&'a str),
    /// Of the identity with this text.
    Mailbox(&'a str),
}

/// An event that is to be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing<'a> {
    /// In this log.
    pub key: LogKey<'a>,
    /// As `routes.wsr` has it.
    pub history: History,
    /// Who hears nothing of it.
    pub except: Option<ConnectionId>,
    /// The event without an offset.
    pub parcel: &'a Parcel<'a>,
}

/// All logs of one server.
pub(crate) struct Histories {
    hub: Arc<Hub>,
    logs: [Mutex<HashMap<Box<str>, Arc<Slot>>>; SHARDS],
    hasher: RandomState,
    era: Mutex<Era>,
    /// What is in memory.
    bytes: AtomicUsize,
    most: RwLock<Most>,
    clock: Clock,
    keeper: OnceLock<Keeper>,
}

/// The limits that are about logs.
#[derive(Clone, Copy, Debug)]
struct Most {
    log_bytes: usize,
    bytes: usize,
    store_bytes: u64,
}

impl Histories {
    pub fn new(hub: Arc<Hub>) -> Arc<Self> {
        let era = Era { epoch: new_epoch(), lossy: false };
        Arc::new(Self {
            hub,
            logs: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            era: Mutex::new(era),
            bytes: AtomicUsize::new(0),
            most: RwLock::new(Most::from(&Limits::default())),
            clock: Clock::new(),
            keeper: OnceLock::new(),
        })
    }

    /// Keeps what was and what comes in this store. Once, before anything is kept.
    pub fn attach(self: &Arc<Self>, store: Box<dyn Store>) -> Result<(), StoreError> {
        let keeper = Keeper::start(store, self)?;
        self.keeper.set(keeper).map_err(|_| "the server has a store already".into())
    }

    pub fn set_limits(&self, limits: &Limits) {
        *self.most.write() = Most::from(limits);
    }

    /// Who listens.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Waits until everything that was published is committed.
    pub async fn flush(&self) {
        if let Some(keeper) = self.keeper.get() {
            keeper.flush().await;
        }
    }

    /// Keeps an event, then gives it to the members.
    pub fn publish(self: &Arc<Self>, outgoing: &Outgoing<'_>) -> Receipt {
        let now = self.clock.now();
        if let Some(keeper) = self.keeper.get() {
            let slot = self.open(outgoing.key, outgoing.history, |slot, _| Arc::clone(slot));
            return keeper.publish(slot, outgoing, now);
        }
        let delivered = self.open(outgoing.key, outgoing.history, |slot, state| {
            slot.touch(now);
            let State::Warm(warm) = state else { return Delivered { offset: 0, reached: 0 } };
            let body = Bytes::copy_from_slice(body_of(outgoing.parcel.frames()));
            self.charge(&mut warm.log, |log| log.append(now, body.clone()));
            let offset = warm.log.position().offset;
            let reached = self.give(outgoing, offset, &body);
            Delivered { offset, reached }
        });
        turn::settle();
        self.relieve(now);
        Receipt::ready(Ok(delivered))
    }

    /// Lets `claim` change who is a member, under the log's lock, and tells where the log stood then.
    pub fn arrive<R>(
        self: &Arc<Self>,
        key: LogKey<'_>,
        history: History,
        since: Option<Position>,
        claim: impl FnOnce() -> R,
    ) -> (R, Opening) {
        let now = self.clock.now();
        self.open(key, history, |slot, state| {
            slot.touch(now);
            let claimed = claim();
            let opening = match state {
                State::Warm(warm) => {
                    self.charge(&mut warm.log, |log| log.expire(now));
                    Opening::now(self, slot, Ok(warm.greet(key, since)))
                }
                State::Cold(waiting) => {
                    let (opening, waiter) = Opening::later(self, slot, since);
                    waiting.push(waiter);
                    opening
                }
                State::Gone => Opening::now(self, slot, Err(NotKept::new("the log is gone"))),
            };
            if let (true, Some(keeper)) = (opening.is_awaited(), self.keeper.get()) {
                keeper.send(Job::Load(Arc::clone(slot)));
            }
            (claimed, opening)
        })
    }

    /// A connection of the owner has received everything of a mailbox up to this offset.
    pub fn confirm(&self, slot: &Arc<Slot>, offset: u64) {
        let mut state = slot.state.lock();
        let State::Warm(warm) = &mut *state else { return };
        warm.unsure = false;
        let before = warm.log.seen();
        warm.log.confirm(offset);
        let seen = warm.log.seen();
        drop(state);
        if let (true, Some(keeper)) = (seen > before, self.keeper.get()) {
            keeper.send(Job::Seen(Arc::clone(slot), seen));
        }
    }

    /// Gives an event that is kept to the members. Only under the lock of its log.
    fn give(&self, outgoing: &Outgoing<'_>, offset: u64, body: &[u8]) -> usize {
        let Outgoing { key, except, parcel, .. } = *outgoing;
        let own_key = parcel.own_key();
        let append_key = |out: &mut Vec<u8>| out.extend_from_slice(&own_key);
        delivery::encoded(
            |out| append_kept(out, key, offset, body),
            |frame| {
                let parcel = Parcel::new(parcel.info(), frame, &append_key);
                let parcel = if let LogKey::Mailbox(_) = key { parcel.kept(offset) } else { parcel };
                self.hub.give(key.group(), except, &parcel)
            },
        )
    }

    /// Lets `act` have a log that is not gone, made if there is none.
    fn open<R>(
        self: &Arc<Self>,
        key: LogKey<'_>,
        history: History,
        act: impl FnOnce(&Arc<Slot>, &mut State) -> R,
    ) -> R {
        let text = key.text();
        loop {
            let slot = self.find_or_make(&text, history);
            let mut state = slot.state.lock();
            if !matches!(*state, State::Gone) {
                return act(&slot, &mut state);
            }
        }
    }

    fn find_or_make(&self, text: &str, history: History) -> Arc<Slot> {
        self.find_or_make_bounded(text, || self.bounds(history))
    }

    fn find_or_make_bounded(&self, text: &str, bounds: impl FnOnce() -> Bounds) -> Arc<Slot> {
        let mut logs = self.shard(text).lock();
        if let Some(slot) = logs.get(text) {
            return Arc::clone(slot);
        }
        let bounds = bounds();
        let state = match self.keeper.get() {
            Some(_) => State::Cold(Vec::new()),
            None => State::new(*self.era.lock(), bounds),
        };
        let slot = Arc::new(Slot::new(text.into(), bounds, state));
        self.bytes.fetch_add(text.len() + OVERHEAD, Ordering::Relaxed);
        logs.insert(text.into(), Arc::clone(&slot));
        slot
    }

    fn bounds(&self, history: History) -> Bounds {
        let age = u64::try_from(history.age.as_millis()).unwrap_or(u64::MAX);
        Bounds { count: history.count as usize, age, bytes: self.most.read().log_bytes }
    }

    fn shard(&self, text: &str) -> &Mutex<HashMap<Box<str>, Arc<Slot>>> {
        &self.logs[self.hasher.hash_one(text) as usize % SHARDS]
    }

    /// Changes a log, and counts what that does to the memory in use.
    fn charge<R>(&self, log: &mut Log, change: impl FnOnce(&mut Log) -> R) -> R {
        let before = log.bytes();
        let result = change(log);
        self.count(before, log.bytes());
        result
    }

    fn count(&self, before: usize, after: usize) {
        if after > before {
            self.bytes.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub(before - after, Ordering::Relaxed);
        }
    }
}

/// Making room.
impl Histories {
    /// When the logs hold more than they may in all: those that nobody listens to go, the least used first, then what is
    /// oldest of the others.
    fn relieve(&self, now: u64) {
        let most = self.most.read().bytes;
        if self.bytes.load(Ordering::Relaxed) <= most {
            return;
        }
        // Some more than needed, so that it is not done for each event.
        let wanted = most - most / 8;
        let mut slots: Vec<Arc<Slot>> = self.logs.iter().flat_map(|logs| slots_of(&logs.lock())).collect();
        slots.sort_by_cached_key(|slot| (!slot.is_empty(), slot.used()));
        for slot in &slots {
            if self.bytes.load(Ordering::Relaxed) <= wanted {
                return;
            }
            self.put_away(slot);
        }
        for slot in &slots {
            let excess = self.bytes.load(Ordering::Relaxed).saturating_sub(wanted);
            if excess == 0 {
                return;
            }
            if let State::Warm(warm) = &mut *slot.state.lock() {
                self.charge(&mut warm.log, |log| {
                    log.expire(now);
                    log.shed(excess);
                });
            }
        }
    }

    /// Forgets a log that nobody listens to; one that is stored stays there. Whether it is not in memory now.
    fn put_away(&self, slot: &Arc<Slot>) -> bool {
        let mut logs = self.shard(&slot.key).lock();
        let mut state = slot.state.lock();
        let warm = match &*state {
            State::Warm(warm) => warm,
            State::Cold(_) => return false,
            State::Gone => return true,
        };
        if self.hub.is_known(LogKey::of(&slot.key).group()) {
            return false;
        }
        if self.keeper.get().is_none() && warm.log.position().offset > 0 {
            let lossy = matches!(LogKey::of(&slot.key), LogKey::Mailbox(_)) && warm.has_unseen();
            let mut era = self.era.lock();
            *era = Era { epoch: new_epoch(), lossy: era.lossy || lossy };
        }
        self.bytes.fetch_sub(warm.log.bytes() + slot.key.len() + OVERHEAD, Ordering::Relaxed);
        *state = State::Gone;
        drop(state);
        logs.remove(&slot.key);
        true
    }

    /// Has this log no longer in memory, unless somebody listens to it.
    fn release(&self, text: &str) -> bool {
        let slot = self.shard(text).lock().get(text).cloned();
        slot.is_none_or(|slot| self.put_away(&slot))
    }
}

fn slots_of(logs: &HashMap<Box<str>, Arc<Slot>>) -> Vec<Arc<Slot>> {
    logs.values().cloned().collect()
}

impl<'a> LogKey<'a> {
    /// The key under which it is kept and stored.
    fn text(self) -> String {
        match self {
            Self::Topic(key) => format!("t/{key}"),
            Self::Mailbox(key) => format!("m/{key}"),
        }
    }

    /// The reverse of [`Self::text`].
    fn of(text: &'a str) -> Self {
        match text.strip_prefix("m/") {
            Some(key) => Self::Mailbox(key),
            None => Self::Topic(text.strip_prefix("t/").unwrap_or(text)),
        }
    }

    /// The log of a topic or a mailbox.
    pub fn of_group(group: Group<'a>) -> Option<Self> {
        match group {
            Group::Topic(key) => Some(Self::Topic(key)),
            Group::Mailbox(key) => Some(Self::Mailbox(key)),
            Group::Everyone | Group::Roles(_) => None,
        }
    }

    /// Who hears what comes in.
    pub fn group(self) -> Group<'a> {
        match self {
            Self::Topic(key) => Group::Topic(key),
            Self::Mailbox(key) => Group::Mailbox(key),
        }
    }
}

/// The envelope in a text frame without its last brace: what is kept.
fn body_of(frame: &[u8]) -> &[u8] {
    let header = match frame.get(1) {
        Some(126) => 4,
        Some(127) => 10,
        _ => 2,
    };
    frame.get(header..frame.len().saturating_sub(1)).unwrap_or_default()
}

/// Appends the frame of an event that is kept.
fn append_kept(out: &mut Vec<u8>, key: LogKey<'_>, offset: u64, body: &[u8]) {
    use switchboard_core::frame::{Opcode, append_frame};
    append_frame(out, Opcode::Text, |out| {
        out.extend_from_slice(body);
        append_log(out, key);
        out.extend_from_slice(br#","offset":"#);
        switchboard_core::write::int(out, offset);
        out.push(b'}');
    });
}

/// Appends which log is meant, as in events and positions.
fn append_log(out: &mut Vec<u8>, key: LogKey<'_>) {
    match key {
        LogKey::Topic(key) => {
            out.extend_from_slice(br#","topic":"#);
            switchboard_core::write::string(out, key);
        }
        LogKey::Mailbox(_) => out.extend_from_slice(br#","mailbox":true"#),
    }
}

/// Milliseconds since 1970 that never go back, and that a test's clock can move.
#[derive(Debug)]
struct Clock {
    epoch: u64,
    start: Instant,
}

impl Clock {
    fn new() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { epoch: millis(epoch), start: Instant::now() }
    }

    fn now(&self) -> u64 {
        self.epoch.saturating_add(millis(Instant::now().saturating_duration_since(self.start)))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn new_epoch() -> Epoch {
    Epoch(Uuid::new_v4().as_u64_pair().0.max(1))
}

impl From<&Limits> for Most {
    fn from(limits: &Limits) -> Self {
        Self { log_bytes: limits.log_bytes, bytes: limits.history_bytes, store_bytes: limits.store_bytes }
    }
}

impl fmt::Debug for Histories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histories").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

const SHARDS: usize = 16;
