//! A connection as everybody else sees it: something to append frames to.
//!
//! Frames are appended to the outbox under an uncontended lock and written once at the end of the turn (see
//! [`turn`](crate::turn)), with a direct write and without waking a task. Only when the socket is full, or when there is
//! something to decide, is the connection's own task woken; it reads [`Signals`] before anything else.
//!
//! Invariants: only whole frames are appended; nothing is appended behind a close frame; pushed bytes never pass
//! `Limits::outbox_bytes` (but for one single frame). Deliberately absent: reading, names, identities.

mod beside;
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
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use switchboard_core::frame::{Opcode, append_close, append_frame};

pub(crate) use self::signals::{Signal, Signals};
pub(crate) use self::standing::Claim;
use self::standing::Standing;
use crate::close::{self, Farewell};
use crate::config::{FLUSH_BYTES, Limits};
use crate::outbox::Outbox;
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
    line: Mutex<Line>,
}

/// What the lock guards.
#[derive(Debug)]
struct Line {
    socket: WriteHalf,
    outbox: Outbox,
    state: State,
    /// It stands on a list of connections to be flushed.
    touched: bool,
    /// The socket is full; the task waits until it is not.
    blocked: bool,
    /// All bytes ever sent, to see progress.
    sent: u64,
    /// What somebody wants the task to close with.
    wanted: Option<Farewell>,
    /// The connection's task.
    task: Option<Waker>,
    /// Who waits until less is unsent.
    waiting: Vec<Waker>,
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
    pub fn new(id: ConnectionId, socket: WriteHalf, limits: Arc<Limits>) -> Arc<Self> {
        let line = Line {
            socket,
            outbox: Outbox::default(),
            state: State::Open,
            touched: false,
            blocked: false,
            sent: 0,
            wanted: None,
            task: None,
            waiting: Vec::new(),
        };
        let (signals, standing) = (Signals::default(), Mutex::default());
        Arc::new(Self { id, limits, signals, standing, line: Mutex::new(line) })
    }

    /// Its number.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Its bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the task should look at.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Whether frames are still taken.
    pub fn is_open(&self) -> bool {
        self.line.lock().state == State::Open
    }

    /// Appends frames that the peer did not ask for. A peer that leaves too many of them unread is closed.
    pub fn push(self: &Arc<Self>, parcel: &Parcel<'_>) -> bool {
        self.push_frames(parcel.frames())
    }

    /// The same with frames of several events.
    pub fn push_frames(self: &Arc<Self>, frames: &[u8]) -> bool {
        let mut line = self.line.lock();
        if line.state == State::Closed || line.wanted.is_some() {
            return false;
        }
        if !self.has_room(&mut line, frames.len()) {
            self.ask_to_close(&mut line, Farewell::new(close::SLOW_CONSUMER, "reads too slowly"));
            return false;
        }
        line.outbox.push(frames);
        self.touch(&mut line);
        true
    }

    /// Lets `write` append frames in answer to the peer's own.
    pub fn answer(self: &Arc<Self>, write: impl FnOnce(&mut Vec<u8>)) {
        let mut line = self.line.lock();
        if line.state == State::Open {
            line.outbox.write(write);
            self.touch(&mut line);
        }
    }

    /// Appends a control frame.
    pub fn control(self: &Arc<Self>, opcode: Opcode, payload: &[u8]) {
        self.answer(|out| append_frame(out, opcode, |out| out.extend_from_slice(payload)));
    }

    /// Asks the task to close, now or when the handler that runs has ended. The first who asks is heard.
    pub fn close(&self, farewell: Farewell, signal: Signal) {
        let mut line = self.line.lock();
        if line.state == State::Open && line.wanted.is_none() {
            line.wanted = Some(farewell);
            self.signals.raise(signal);
            line.wake();
        }
    }

    /// Tells the task that the server drains.
    pub fn drain(&self) {
        let line = self.line.lock();
        self.signals.raise(Signal::Drain);
        line.wake();
    }

    /// Ready when no more than `most` bytes are unsent, with whether frames are still taken.
    pub fn poll_room(&self, most: usize, task: &mut Context<'_>) -> Poll<bool> {
        let mut line = self.line.lock();
        if line.state == State::Open && line.outbox.unsent() > most {
            self.write(&mut line);
        }
        if line.state == State::Closed {
            return Poll::Ready(false);
        }
        if line.outbox.unsent() <= most {
            return Poll::Ready(true);
        }
        if !line.waiting.iter().any(|waiting| waiting.will_wake(task.waker())) {
            line.waiting.push(task.waker().clone());
        }
        Poll::Pending
    }

    /// Writes what waits, as far as the socket takes it.
    pub fn flush(&self) {
        let mut line = self.line.lock();
        line.touched = false;
        self.write(&mut line);
    }

    fn has_room(&self, line: &mut Line, more: usize) -> bool {
        let fits = |line: &Line| match line.outbox.unsent() {
            0 => true,
            unsent => unsent + more <= self.limits.outbox_bytes,
        };
        if !fits(line) {
            // It may be that nothing was tried in this turn.
            self.write(line);
        }
        fits(line)
    }

    fn touch(self: &Arc<Self>, line: &mut Line) {
        if line.blocked {
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
        while !line.blocked && line.outbox.unsent() > 0 {
            match line.socket.try_write(line.outbox.pending()) {
                Ok(0) => return self.fail(line),
                Ok(count) => {
                    line.sent += count as u64;
                    line.outbox.advance(count);
                    line.tell_waiting();
                    if line.outbox.unsent() > 0 {
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
        line.blocked = true;
        self.signals.raise(Signal::Blocked);
        line.wake();
    }

    fn fail(&self, line: &mut Line) {
        line.outbox.clear();
        line.state = State::Closed;
        line.blocked = false;
        line.tell_waiting();
        self.signals.raise(Signal::Broken);
        line.wake();
    }

    fn ask_to_close(&self, line: &mut Line, farewell: Farewell) {
        line.wanted = Some(farewell);
        self.signals.raise(Signal::Close);
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
            line.state = State::Closed;
            line.tell_waiting();
        }
    }

    /// Takes no more frames: the answer to the peer's close frame has been appended.
    pub fn seal(&self) {
        let mut line = self.line.lock();
        line.state = State::Closed;
        line.tell_waiting();
    }

    /// How many bytes wait, and how many have ever been sent.
    pub fn backlog(&self) -> (usize, u64) {
        let line = self.line.lock();
        (line.outbox.unsent(), line.sent)
    }

    /// Writes on if the socket was full; ready when it no longer is. Registers the task for writability.
    pub fn poll_unblock(&self, task: &mut Context<'_>) -> Poll<()> {
        let mut line = self.line.lock();
        while line.blocked {
            match line.socket.poll_write_ready(task) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {
                    line.blocked = false;
                    self.signals.lower(Signal::Blocked);
                    self.write(&mut line);
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

impl Line {
    /// Something has been sent, or nothing will be any more.
    fn tell_waiting(&mut self) {
        self.waiting.drain(..).for_each(Waker::wake);
    }

    fn wake(&self) {
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }
}
