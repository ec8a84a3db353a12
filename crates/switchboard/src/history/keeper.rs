//! The keeper: the one thread that talks to the store.
//!
//! It takes what waits, commits all of it at once, and only then keeps the events in memory, gives them to the members
//! and answers their senders, in the order they came. So what anybody has seen is on disk, and an offset that was used
//! is never used again. When a commit fails nothing of it is delivered, and its senders are told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use switchboard_core::log::Kept;
use switchboard_core::store::{Change, Era, Listed, Store, StoreError};
use tokio::sync::oneshot;

use super::receipt::{Delivered, NotKept, Receipt};
use super::slot::{OVERHEAD, Slot, State};
use super::{Histories, History, LogKey, Outgoing, body_of, new_epoch};
use crate::connection::ConnectionId;
use crate::parcel::Parcel;
use crate::protocol::EventInfo;
use crate::turn;

/// Hands work to the thread, which ends when this is dropped.
pub(super) struct Keeper {
    jobs: Sender<Job>,
    waiting: Arc<AtomicUsize>,
}

/// A thing to do.
pub(super) enum Job {
    /// Keep and deliver.
    Publish(Publication),
    /// Have this log in memory.
    Load(Arc<Slot>),
    /// Everything up to this offset has been received.
    Seen(Arc<Slot>, u64),
    /// Say when everything before is done.
    Flush(oneshot::Sender<()>),
}

/// An event that waits to be kept.
pub(super) struct Publication {
    slot: Arc<Slot>,
    kept: Kept,
    except: Option<ConnectionId>,
    info: &'static EventInfo,
    history: History,
    /// What `@overflow(keep_latest, by: …)` names.
    own_key: Vec<u8>,
    receipt: oneshot::Sender<Result<Delivered, NotKept>>,
}

impl Keeper {
    /// Reads what era it is, and starts the thread.
    pub fn start(mut store: Box<dyn Store>, histories: &Arc<Histories>) -> Result<Self, StoreError> {
        let era = match store.era()? {
            Some(era) => era,
            None => {
                let era = Era { epoch: new_epoch(), lossy: false };
                store.commit(&[Change::Era(era)])?;
                era
            }
        };
        *histories.era.lock() = era;
        let (jobs, received) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let thread = Thread {
            store,
            histories: Arc::downgrade(histories),
            era,
            waiting: Arc::clone(&waiting),
            behind: HashMap::new(),
            stored: None,
            last_sweep: 0,
        };
        std::thread::Builder::new().name("switchboard-keeper".into()).spawn(move || thread.run(&received))?;
        Ok(Self { jobs, waiting })
    }

    pub fn publish(&self, slot: Arc<Slot>, outgoing: &Outgoing<'_>, now: u64) -> Receipt {
        let Outgoing { history, except, parcel, .. } = *outgoing;
        let bytes = Bytes::copy_from_slice(body_of(parcel.frames()));
        if self.waiting.fetch_add(bytes.len(), Ordering::Relaxed) > MOST_WAITING {
            self.waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
            return Receipt::ready(Err(NotKept::new("too much waits to be stored")));
        }
        let (receipt, receiver) = oneshot::channel();
        let kept = Kept { time: now, bytes };
        let (info, own_key) = (parcel.info(), parcel.own_key());
        self.send(Job::Publish(Publication { slot, kept, except, info, history, own_key, receipt }));
        Receipt::waiting(receiver)
    }

    pub fn send(&self, job: Job) {
        // The thread ends only when this is dropped; should it have panicked, receipts say so.
        let _ = self.jobs.send(job);
    }

    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        self.send(Job::Flush(done));
        let _ = flushed.await;
    }
}

/// What the thread has.
struct Thread {
    store: Box<dyn Store>,
    /// The server may go while the thread is still busy.
    histories: Weak<Histories>,
    era: Era,
    /// Bytes of what waits.
    waiting: Arc<AtomicUsize>,
    /// Logs of which the store has more events, or a lower mark, than it should.
    behind: HashMap<Box<str>, Behind>,
    /// The bytes in the store, once they have been counted.
    stored: Option<u64>,
    last_sweep: u64,
}

#[derive(Default)]
struct Behind {
    floor: u64,
    seen: u64,
}

/// What is done at once.
#[derive(Default)]
struct Batch {
    publications: Vec<Publication>,
    flushes: Vec<oneshot::Sender<()>>,
}

impl Thread {
    fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let mut batch = Batch::default();
            match jobs.recv_timeout(QUIET) {
                Ok(job) => self.take(job, &mut batch),
                Err(RecvTimeoutError::Timeout) => {
                    self.tidy();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return self.tidy(),
            }
            while batch.publications.len() < MOST_AT_ONCE
                && let Ok(job) = jobs.try_recv()
            {
                self.take(job, &mut batch);
            }
            self.finish(batch);
            self.bound();
        }
    }

    fn take(&mut self, job: Job, batch: &mut Batch) {
        match job {
            Job::Publish(publication) => batch.publications.push(publication),
            Job::Load(slot) => drop(self.load(&slot)),
            Job::Seen(slot, offset) => {
                let behind = self.behind.entry(slot.key.clone()).or_default();
                behind.seen = behind.seen.max(offset);
            }
            Job::Flush(done) => batch.flushes.push(done),
        }
    }

    /// Makes a log warm, and tells those who wait for it.
    fn load(&mut self, slot: &Slot) -> Result<(), NotKept> {
        if !matches!(*slot.state.lock(), State::Cold(_)) {
            return Ok(());
        }
        let loaded = self.store.load(&slot.key).map_err(|error| {
            tracing::error!(log = &*slot.key, %error, "a history could not be loaded");
            NotKept::new(error)
        });
        let mut state = slot.state.lock();
        let State::Cold(waiting) = &mut *state else { return Ok(()) };
        let (waiting, key) = (std::mem::take(waiting), LogKey::of(&slot.key));
        let stored = match loaded {
            Ok(stored) => stored,
            Err(error) => {
                waiting.into_iter().for_each(|waiter| waiter(key, Err(&error)));
                return Err(error);
            }
        };
        *state = match stored {
            Some(stored) => State::restored(stored, self.era, slot.bounds),
            None => State::new(self.era, slot.bounds),
        };
        if let (State::Warm(warm), Some(histories)) = (&mut *state, self.histories.upgrade()) {
            histories.count(0, warm.log.bytes());
            histories.charge(&mut warm.log, |log| log.expire(histories.clock.now()));
            waiting.into_iter().for_each(|waiter| waiter(key, Ok(&mut *warm)));
        }
        Ok(())
    }

    fn finish(&mut self, batch: Batch) {
        let freed: usize = batch.publications.iter().map(|publication| publication.kept.bytes.len()).sum();
        self.keep(batch.publications);
        self.waiting.fetch_sub(freed, Ordering::Relaxed);
        for done in batch.flushes {
            let _ = done.send(());
        }
    }

    /// Commits, then delivers.
    fn keep(&mut self, publications: Vec<Publication>) {
        let mut placed = self.place(publications);
        if placed.is_empty() {
            return;
        }
        let changes = changes(&placed, &self.behind);
        let outcome = self.store.commit(&changes);
        drop(changes);
        match outcome {
            Ok(()) => {
                self.behind.clear();
                self.deliver(placed);
            }
            Err(error) => {
                let events = placed.len();
                tracing::error!(events, %error, "events could not be stored and were not delivered");
                let error = NotKept::new(error);
                for (_, _, publication) in placed.drain(..) {
                    let _ = publication.receipt.send(Err(error.clone()));
                }
            }
        }
    }

    /// Gives each event the offset that comes next in its log.
    fn place(&mut self, publications: Vec<Publication>) -> Vec<Placed> {
        let mut ahead: HashMap<*const Slot, u64> = HashMap::new();
        let mut placed = Vec::with_capacity(publications.len());
        for mut publication in publications {
            if let Err(error) = self.load(&publication.slot) {
                let _ = publication.receipt.send(Err(error));
                continue;
            }
            if matches!(*publication.slot.state.lock(), State::Gone) {
                match self.again(&publication.slot) {
                    Some(slot) => publication.slot = slot,
                    None => continue,
                }
            }
            let state = publication.slot.state.lock();
            let State::Warm(warm) = &*state else { continue };
            let position = warm.log.position();
            drop(state);
            let offset = ahead.entry(Arc::as_ptr(&publication.slot)).or_insert(position.offset);
            *offset += 1;
            placed.push((position.epoch, *offset, publication));
        }
        placed
    }

    /// The log in the place of one that was put away meanwhile.
    fn again(&mut self, gone: &Slot) -> Option<Arc<Slot>> {
        let histories = self.histories.upgrade()?;
        let slot = histories.find_or_make_bounded(&gone.key, || gone.bounds);
        self.load(&slot).ok().map(|()| slot)
    }

    fn deliver(&mut self, placed: Vec<Placed>) {
        let Some(histories) = self.histories.upgrade() else { return };
        let mut receipts = Vec::with_capacity(placed.len());
        for (_, offset, publication) in placed {
            let Publication { slot, kept, except, info, history, own_key, receipt } = publication;
            let append_key = |out: &mut Vec<u8>| out.extend_from_slice(&own_key);
            slot.touch(kept.time);
            let mut state = slot.state.lock();
            let State::Warm(warm) = &mut *state else { continue };
            histories.charge(&mut warm.log, |log| log.append(kept.time, kept.bytes.clone()));
            let parcel = &Parcel::new(info, &[], &append_key);
            let outgoing = Outgoing { key: LogKey::of(&slot.key), history, except, parcel };
            let reached = histories.give(&outgoing, offset, &kept.bytes);
            if warm.log.floor() > 0 {
                self.behind.entry(slot.key.clone()).or_default().floor = warm.log.floor();
            }
            if let Some(stored) = &mut self.stored {
                *stored += kept.bytes.len() as u64;
            }
            receipts.push((receipt, Delivered { offset, reached }));
        }
        turn::settle();
        for (receipt, delivered) in receipts {
            let _ = receipt.send(Ok(delivered));
        }
        histories.relieve(histories.clock.now());
    }

    /// When there is nothing to do: what the store has too much of goes, and marks are put down.
    fn tidy(&mut self) {
        if !self.behind.is_empty() {
            let outcome = self.store.commit(&changes(&[], &self.behind));
            match outcome {
                Ok(()) => self.behind.clear(),
                Err(error) => tracing::error!(%error, "what is no longer kept could not be removed"),
            }
        }
        self.bound();
    }

    fn bound(&mut self) {
        if let Err(error) = self.sweep() {
            tracing::error!(%error, "what is no longer kept could not be removed");
        }
    }
}

/// Bounds on what is stored.
impl Thread {
    /// Removes what is too old, and the least used of what is too much.
    fn sweep(&mut self) -> Result<(), StoreError> {
        let Some(histories) = self.histories.upgrade() else { return Ok(()) };
        let (now, most) = (histories.clock.now(), histories.most.read().store_bytes);
        let full = self.stored.is_none_or(|stored| stored > most);
        if now < self.last_sweep.saturating_add(if full { SWEEP_FULL } else { SWEEP }) {
            return Ok(());
        }
        self.last_sweep = now;
        let mut sizes = Vec::new();
        self.each(|thread, listed| {
            let gone = listed.until < now && thread.let_go(&histories, &listed)?;
            if !gone {
                sizes.push((listed.time, size(&listed)));
            }
            Ok(())
        })?;
        let total = sizes.iter().map(|(_, size)| size).sum();
        self.stored = Some(total);
        match oldest(sizes, total.saturating_sub(most), most / 8) {
            Some(until) => self.forget_until(&histories, until),
            None => Ok(()),
        }
    }

    /// Shows every stored log, some at a time.
    fn each(&mut self, mut visit: impl FnMut(&mut Self, Listed) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let listed = self.store.list(after.as_deref(), PAGE)?;
            let Some(last) = listed.last() else { return Ok(()) };
            after = Some(last.key.clone());
            for listed in listed {
                visit(self, listed)?;
            }
        }
    }

    /// All events of this log are too old. A mailbox with events that nobody has received is remembered, to count them.
    fn let_go(&mut self, histories: &Arc<Histories>, listed: &Listed) -> Result<bool, StoreError> {
        if listed.unseen && matches!(LogKey::of(&listed.key), LogKey::Mailbox(_)) {
            if listed.bytes > 0 {
                self.store.commit(&[Change::Trim { key: &listed.key, floor: u64::MAX }])?;
            }
            return Ok(false);
        }
        self.forget(histories, listed)
    }

    /// Forgets the logs that were not written to since then.
    fn forget_until(&mut self, histories: &Arc<Histories>, until: u64) -> Result<(), StoreError> {
        self.each(|thread, listed| {
            if listed.time <= until && thread.forget(histories, &listed)? {
                thread.stored = thread.stored.map(|stored| stored.saturating_sub(size(&listed)));
            }
            Ok(())
        })
    }

    /// Forgets a log, unless somebody listens to it. What begins anew is another era.
    fn forget(&mut self, histories: &Arc<Histories>, listed: &Listed) -> Result<bool, StoreError> {
        if !histories.release(&listed.key) {
            return Ok(false);
        }
        let lossy = listed.unseen && matches!(LogKey::of(&listed.key), LogKey::Mailbox(_));
        let era = Era { epoch: new_epoch(), lossy: self.era.lossy || lossy };
        self.store.commit(&[Change::Forget { key: &listed.key }, Change::Era(era)])?;
        self.behind.remove(&*listed.key);
        self.era = era;
        Ok(true)
    }
}

fn size(listed: &Listed) -> u64 {
    listed.bytes + (listed.key.len() + OVERHEAD) as u64
}

/// Until when logs must be forgotten to free `excess` bytes, and some more; `None` when there is no need.
fn oldest(mut sizes: Vec<(u64, u64)>, excess: u64, more: u64) -> Option<u64> {
    if excess == 0 {
        return None;
    }
    sizes.sort_unstable();
    let mut freed = 0;
    sizes.into_iter().find_map(|(time, size)| {
        freed += size;
        (freed >= excess + more).then_some(time)
    })
}

type Placed = (switchboard_core::log::Epoch, u64, Publication);

/// One commit: new events, then what is no longer kept.
fn changes<'a>(placed: &'a [Placed], behind: &'a HashMap<Box<str>, Behind>) -> Vec<Change<'a>> {
    let appends = placed.iter().map(|(epoch, offset, publication)| Change::Append {
        key: &publication.slot.key,
        epoch: *epoch,
        offset: *offset,
        kept: &publication.kept,
        until: publication.kept.time.saturating_add(publication.slot.bounds.age),
    });
    let trims = behind.iter().filter(|(_, behind)| behind.floor > 0);
    let trims = trims.map(|(key, behind)| Change::Trim { key, floor: behind.floor });
    let marks = behind.iter().filter(|(_, behind)| behind.seen > 0);
    let marks = marks.map(|(key, behind)| Change::Seen { key, offset: behind.seen });
    appends.chain(trims).chain(marks).collect()
}

/// Events of one commit.
const MOST_AT_ONCE: usize = 1_024;
/// Bytes that may wait to be committed.
const MOST_WAITING: usize = 64 * 1_024 * 1_024;
/// Logs that are looked at together.
const PAGE: usize = 256;
/// Milliseconds between two looks at everything that is stored.
const SWEEP: u64 = 10 * 60 * 1_000;
/// The same when there is too much.
const SWEEP_FULL: u64 = 60 * 1_000;
/// How long the thread waits for something to do before it tidies up.
const QUIET: Duration = Duration::from_secs(1);
