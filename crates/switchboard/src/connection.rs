//! A connection as everybody else sees it: something to append frames to.
//!
//! Frames are appended to the outbox under an uncontended lock and written once at the end of the turn (see
//! [`turn`](crate::turn)), with a direct write and without waking a task. Only when the socket is full, or when there is
//! something to decide, is the connection's own task woken; it reads [`Signals`] before anything else.
//!
//! Invariants: only whole frames are appended; nothing is appended behind a close frame; pushed bytes never pass
//! `Limits::outbox_bytes` (but for one single frame), nor pushed frames behind a full socket `Limits::outbox_frames`. Deliberately absent: reading, names, identities.

mod beside;
mod catching;
mod desk;
mod ear;
mod parting;
mod signals;
mod standing;
pub(crate) mod task;
mod timers;
mod trouble;

use std::fmt;
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use switchboard_core::frame::{Opcode, append_close, append_frame, frames};
use switchboard_core::outbox::{Bounds, Fate, Offer, Outbox, Outcome};
use switchboard_core::pack::Packer;
use tokio::sync::Notify;

use self::catching::Catching;
pub(crate) use self::signals::{Signal, Signals};
pub(crate) use self::standing::Claim;
use self::standing::{Account, Standing};
use crate::close::{self, Farewell};
use crate::config::{FLUSH_BYTES, Limits};
use crate::console::Watched;
use crate::hub::Group;
use crate::metrics::OutboxMetrics;
use crate::parcel::Parcel;
use crate::transport::socket::WriteHalf;
use crate::turn;

/// The number of a connection; no two of one server have the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionId({})", self.0)
    }
}

/// The writing half of a connection, shared by all who send to it.
#[derive(Debug)]
pub(crate) struct Connection {
    id: ConnectionId,
    limits: Arc<Limits>,
    signals: Signals,
    standing: Mutex<Standing>,
    /// Turns what it is sent into MessagePack, if it speaks that.
    packer: Option<Arc<Packer>>,
    account: Account,
    catching: Catching,
    /// What the console wants to know of it, if there is one.
    watched: Option<Arc<Watched>>,
    line: Mutex<Line>,
    /// Heard by those who wait for room.
    progress: Notify,
}

/// What the lock guards.
#[derive(Debug)]
struct Line {
    socket: WriteHalf,
    outbox: Outbox,
    state: State,
    /// It stands on a list of connections to be flushed.
    touched: bool,
    /// All bytes ever sent, to see progress.
    sent: u64,
    /// How many bytes waited when a write failed.
    lost: usize,
    /// What somebody wants the task to close with.
    wanted: Option<Farewell>,
    /// The connection's task.
    task: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Frames are taken.
    Open,
    /// A close frame stands at the end of the outbox, or a write has failed.
    Closed,
}

impl Connection {
    /// A new connection over this socket.
    pub fn new(
        id: ConnectionId,
        socket: WriteHalf,
        limits: Arc<Limits>,
        packer: Option<Arc<Packer>>,
        watched: Option<Arc<Watched>>,
    ) -> Arc<Self> {
        let line = Line {
            socket,
            outbox: Outbox::default(),
            state: State::Open,
            touched: false,
            sent: 0,
            lost: 0,
            wanted: None,
            task: None,
        };
        let (signals, standing, account) = (Signals::default(), Mutex::default(), Account::default());
        let (line, progress) = (Mutex::new(line), Notify::new());
        let catching = Catching::default();
        Arc::new(Self { id, limits, signals, standing, packer, account, catching, watched, line, progress })
    }

    /// Its number.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Its bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What turns envelopes into MessagePack, if it speaks that.
    pub fn packer(&self) -> Option<&Packer> {
        self.packer.as_deref()
    }

    /// What the console wants to know of it, if there is one.
    pub fn watched(&self) -> Option<&Arc<Watched>> {
        self.watched.as_ref()
    }

    /// What the task should look at.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Whether frames are still taken.
    pub fn is_open(&self) -> bool {
        self.line.lock().state == State::Open
    }

    /// Gives the peer an event of `group`; `None`: nothing is taken any more. While the socket takes bytes this is a
    /// copy behind those that wait; else the event's policy is asked, and where that says so the connection is closed.
    pub fn push(self: &Arc<Self>, parcel: &Parcel<'_>, group: Group<'_>) -> Option<Outcome> {
        match &self.packer {
            None => self.push_or(parcel.frames(), || parcel.offer(group)),
            Some(packer) => self.push_packed(packer, parcel, group),
        }
    }

    #[inline(never)]
    fn push_packed(self: &Arc<Self>, packer: &Packer, parcel: &Parcel<'_>, group: Group<'_>) -> Option<Outcome> {
        let frames = parcel.packed(packer)?;
        self.push_or(frames, || Offer { frame: frames.clone(), ..parcel.offer(group) })
    }

    /// The same with an event that was offered before.
    pub fn push_again(self: &Arc<Self>, offer: &Offer) -> Option<Outcome> {
        match self.packer {
            None => self.push_or(&offer.frame, || offer.clone()),
            Some(_) => {
                let offer = self.in_own_form(offer.clone())?;
                self.push_or(&offer.frame, || offer.clone())
            }
        }
    }

    /// An offer in what the peer speaks; `None` when it cannot be said in that.
    pub fn in_own_form(&self, offer: Offer) -> Option<Offer> {
        match &self.packer {
            Some(packer) if frames(&offer.frame).any(|frame| frame.is_text()) => {
                let frame = packed(packer, &offer.frame, None)?.into();
                Some(Offer { frame, ..offer })
            }
            _ => Some(offer),
        }
    }

    fn push_or(self: &Arc<Self>, frames: &[u8], offer: impl FnOnce() -> Offer) -> Option<Outcome> {
        let mut line = self.line.lock();
        if line.is_closing() {
            return None;
        }
        if line.outbox.is_full() || !self.has_room(&mut line, frames.len()) {
            return self.offer(&mut line, offer);
        }
        line.outbox.push(frames);
        self.touch(&mut line);
        Some(Outcome::TAKEN)
    }

    #[cold]
    fn offer(&self, line: &mut Line, offer: impl FnOnce() -> Offer) -> Option<Outcome> {
        // A write that was just tried may have failed.
        if line.is_closing() {
            return None;
        }
        let outcome = line.outbox.offer(offer(), self.bounds());
        if outcome.fate == Fate::Overflowed {
            self.overflow(line);
        }
        Some(outcome)
    }

    /// Closes a connection whose peer takes too little.
    pub fn close_slow(&self) {
        let mut line = self.line.lock();
        if !line.is_closing() {
            self.overflow(&mut line);
        }
    }

    /// Waits until `more` further bytes are within `most` and one more frame within [`Limits::outbox_frames`]; false:
    /// nothing is taken any more.
    ///
    /// For whatever is sent at the pace of the peer: events that are declared with `@overflow(wait)` up to
    /// [`Limits::outbox_bytes`], items of a streamed reply up to less, so that the peer is still read. Nothing is
    /// reserved: ask, then send, then ask again. Who waits is woken when bytes have been written or the connection ends,
    /// and not otherwise; a peer that takes nothing is dropped after [`Limits::write`], which ends this too. One that
    /// takes a little at a time can make it last, so there must be another end to it, such as the deadline of the handler
    /// that waits.
    pub async fn room(&self, more: usize, most: usize) -> bool {
        let mut progress = pin!(self.progress.notified());
        loop {
            // Listens before it looks, so that no progress is missed in between.
            progress.as_mut().enable();
            if let Some(open) = self.has_settled(more, most) {
                return open;
            }
            progress.as_mut().await;
            progress.set(self.progress.notified());
        }
    }

    fn has_settled(&self, more: usize, most: usize) -> Option<bool> {
        let mut line = self.line.lock();
        let bounds = Bounds { bytes: most, ..self.bounds() };
        if line.state == State::Open && !line.outbox.has_room(more, bounds) {
            // It may be that nothing was tried in this turn.
            self.write(&mut line);
        }
        match line.state {
            State::Closed => Some(false),
            State::Open => line.outbox.has_room(more, bounds).then_some(true),
        }
    }

    /// Lets `write` append envelopes in answer to the peer's own; to the message with this number, if it is to one.
    pub fn answer(self: &Arc<Self>, route: Option<u16>, write: impl FnOnce(&mut Vec<u8>)) {
        let Some(packer) = &self.packer else { return self.append(write) };
        let mut json = Vec::new();
        write(&mut json);
        if let Some(frames) = packed(packer, &json, route) {
            self.append(|out| out.extend_from_slice(&frames));
        }
    }

    /// Lets `write` append bytes of frames as they are.
    pub fn append(self: &Arc<Self>, write: impl FnOnce(&mut Vec<u8>)) {
        let mut line = self.line.lock();
        if line.state == State::Open {
            line.outbox.write(write);
            self.touch(&mut line);
        }
    }

    /// Appends a control frame.
    pub fn control(self: &Arc<Self>, opcode: Opcode, payload: &[u8]) {
        self.append(|out| append_frame(out, opcode, |out| out.extend_from_slice(payload)));
    }

    /// Asks the task to close, now or when the handler that runs has ended. The first who asks is heard.
    pub fn close(&self, farewell: Farewell, signal: Signal) {
        let mut line = self.line.lock();
        if line.state == State::Open && line.wanted.is_none() {
            self.ask_to_close(&mut line, farewell, signal);
        }
    }

    /// Tells the task that the server drains.
    pub fn drain(&self) {
        let line = self.line.lock();
        self.signals.raise(Signal::Drain);
        line.wake();
    }

    /// Adds what waits here.
    pub fn measure(&self, outbox: &mut OutboxMetrics) {
        let line = self.line.lock();
        outbox.bytes += line.outbox.unsent() as u64;
        outbox.frames += line.outbox.queued() as u64;
        outbox.full += u64::from(line.outbox.is_full());
    }

    /// Writes what waits, as far as the socket takes it.
    pub fn flush(&self) {
        let mut line = self.line.lock();
        line.touched = false;
        self.write(&mut line);
    }

    /// The task is to go on with what was missed as soon as the socket takes more.
    fn wait_to_catch_up(&self) {
        let line = self.line.lock();
        self.signals.raise(Signal::CatchUp);
        line.wake();
    }

    fn has_room(&self, line: &mut Line, more: usize) -> bool {
        let bounds = self.bounds();
        if line.outbox.has_room(more, bounds) {
            return true;
        }
        // It may be that nothing was tried in this turn.
        self.write(line);
        !line.is_closing() && line.outbox.has_room(more, bounds)
    }

    fn bounds(&self) -> Bounds {
        Bounds { bytes: self.limits.outbox_bytes, frames: self.limits.outbox_frames }
    }

    fn touch(self: &Arc<Self>, line: &mut Line) {
        if line.outbox.is_full() {
            return;
        }
        if line.outbox.unsent() >= FLUSH_BYTES {
            self.write(line);
        } else if !line.touched {
            line.touched = true;
            turn::touch(self);
        }
    }

    fn write(&self, line: &mut Line) {
        while !line.outbox.is_full() && line.outbox.unsent() > 0 {
            let pending = line.outbox.pending();
            let most = pending.len();
            match line.socket.try_write(pending) {
                Ok(0) => return self.fail(line),
                Ok(count) => {
                    line.sent += count as u64;
                    line.outbox.advance(count);
                    if count < most {
                        self.block(line);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.block(line),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.fail(line),
            }
        }
    }

    fn block(&self, line: &mut Line) {
        line.outbox.block();
        self.signals.raise(Signal::Blocked);
        line.wake();
    }

    fn fail(&self, line: &mut Line) {
        line.lost = line.outbox.clear();
        line.outbox.unblock();
        line.state = State::Closed;
        self.signals.raise(Signal::Broken);
        self.progress.notify_waiters();
        line.wake();
    }

    fn overflow(&self, line: &mut Line) {
        self.ask_to_close(line, Farewell::new(close::SLOW_CONSUMER, "reads too slowly"), Signal::Close);
    }

    fn ask_to_close(&self, line: &mut Line, farewell: Farewell, signal: Signal) {
        line.wanted = Some(farewell);
        self.signals.raise(signal);
        self.progress.notify_waiters();
        line.wake();
    }
}

/// For the connection's own task alone.
impl Connection {
    /// Whom to wake.
    pub fn set_task(&self, waker: &Waker) {
        self.line.lock().task = Some(waker.clone());
    }

    /// What somebody wants to close with.
    pub fn take_wanted(&self) -> Option<Farewell> {
        self.line.lock().wanted.take()
    }

    /// Appends a close frame, behind which nothing comes any more.
    pub fn say_farewell(&self, farewell: &Farewell) {
        let mut line = self.line.lock();
        if line.state == State::Open {
            line.outbox.write(|out| append_close(out, farewell.code, &farewell.reason));
            self.shut(&mut line);
        }
    }

    /// Takes no more frames: the answer to the peer's close frame has been appended.
    pub fn seal(&self) {
        self.shut(&mut self.line.lock());
    }

    fn shut(&self, line: &mut Line) {
        line.state = State::Closed;
        self.progress.notify_waiters();
    }

    /// How many bytes have not been sent, for one that has come to its end.
    pub fn lost(&self) -> usize {
        let line = self.line.lock();
        line.lost + line.outbox.unsent()
    }

    /// How many bytes wait, and how many have ever been sent.
    pub fn backlog(&self) -> (usize, u64) {
        let line = self.line.lock();
        (line.outbox.unsent(), line.sent)
    }

    /// Writes on if the socket was full; ready when it no longer is. Registers the task for writability.
    pub fn poll_unblock(&self, task: &mut Context<'_>) -> Poll<()> {
        let mut line = self.line.lock();
        while line.outbox.is_full() {
            match line.socket.poll_write_ready(task) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {
                    line.outbox.unblock();
                    self.signals.lower(Signal::Blocked);
                    self.write(&mut line);
                    self.progress.notify_waiters();
                }
                Poll::Ready(Err(_)) => self.fail(&mut line),
            }
        }
        Poll::Ready(())
    }

    /// Ready when everything has been sent, or cannot be.
    pub fn poll_flush(&self, task: &mut Context<'_>) -> Poll<()> {
        self.flush();
        self.poll_unblock(task)
    }

    /// Says to the peer's system that nothing comes any more.
    pub fn poll_shutdown(&self, task: &mut Context<'_>) -> Poll<()> {
        let mut line = self.line.lock();
        line.socket.poll_shutdown(task).map(drop)
    }
}

/// Envelopes as MessagePack.
pub(crate) fn packed(packer: &Packer, json: &[u8], route: Option<u16>) -> Option<Vec<u8>> {
    let mut frames = Vec::with_capacity(json.len());
    match packer.pack(json, route, &mut frames) {
        Ok(()) => Some(frames),
        Err(error) => {
            tracing::error!(%error, "an envelope was not sent");
            None
        }
    }
}

impl Line {
    /// Whether pushes are refused.
    fn is_closing(&self) -> bool {
        self.state == State::Closed || self.wanted.is_some()
    }

    fn wake(&self) {
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }
}
