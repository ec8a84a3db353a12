//! The other end of a connection in memory: a WebSocket client that does what a test tells it, also what no good
//! client would.
//!
//! A task of its own reads, answers pings and writes on, as a browser does whatever its page is busy with. What it
//! reads is kept for the test, in order. Frames in are tungstenite's to judge; frames out are bytes that the test has
//! made.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper_tungstenite::tungstenite::error::Error;
use hyper_tungstenite::tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use hyper_tungstenite::tungstenite::{Message, Utf8Bytes};
use parking_lot::Mutex;
use tokio::io::ReadBuf;
use tokio::sync::Notify;

use super::memory::Stream;
use crate::testkit::pace::Pace;
use crate::testkit::transcript::{Transcript, hex};

/// A client's connection; when this is dropped, its end of the pipe is, without a word.
#[derive(Debug)]
pub(crate) struct Peer(Arc<Shared>);

/// What has arrived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arrived {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// A close frame.
    Closed(u16, String),
    /// The end, without a close frame before it.
    Lost(String),
}

impl Arrived {
    fn note(&self, transcript: &Transcript) {
        match self {
            Self::Text(text) => transcript.heard(text.as_str()),
            Self::Binary(bytes) => transcript.heard(hex(bytes)),
            Self::Closed(code, reason) => transcript.happened(format!("is closed with {code} {reason}")),
            Self::Lost(why) => transcript.happened(format!("has lost the connection: {why}")),
        }
    }
}

#[derive(Debug)]
struct Shared {
    wire: Mutex<Wire>,
    news: Notify,
}

#[derive(Debug)]
struct Wire {
    /// None: this end has gone.
    stream: Option<Stream>,
    context: WebSocketContext,
    /// What waits to be written.
    outgoing: VecDeque<u8>,
    pace: Pace,
    habits: Habits,
    arrived: VecDeque<Arrived>,
    transcript: Transcript,
    over: bool,
    task: Option<Waker>,
}

/// How it behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// It answers pings and close frames.
    pub polite: bool,
    /// It is still there: it reads and writes.
    pub present: bool,
}

impl Peer {
    /// A client of an upgraded connection, from which `early` has been read already.
    pub fn start(stream: Stream, early: Vec<u8>, pace: Pace, habits: Habits, transcript: Transcript) -> Self {
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None).write_buffer_size(0);
        let wire = Wire {
            stream: Some(stream),
            context: WebSocketContext::from_partially_read(early, Role::Client, Some(config)),
            outgoing: VecDeque::new(),
            pace,
            habits,
            arrived: VecDeque::new(),
            transcript,
            over: false,
            task: None,
        };
        let shared = Arc::new(Shared { wire: Mutex::new(wire), news: Notify::new() });
        let pump = Arc::clone(&shared);
        tokio::spawn(poll_fn(move |task| pump.poll(task)));
        Self(shared)
    }

    /// Sends bytes, at once as far as there is room.
    pub fn send(&self, bytes: &[u8]) {
        self.change(|wire| wire.outgoing.extend(bytes));
    }

    /// How many bytes wait, because the server does not read.
    pub fn unsent(&self) -> usize {
        self.0.wire.lock().outgoing.len()
    }

    /// How many bytes wait to be read, because this end does not.
    pub fn unread(&self) -> usize {
        self.0.wire.lock().stream.as_ref().map_or(0, |stream| stream.receiver.waiting())
    }

    /// Reads at another pace from now on.
    pub fn set_pace(&self, change: impl FnOnce(&mut Pace)) {
        self.change(|wire| change(&mut wire.pace));
    }

    /// Behaves otherwise from now on.
    pub fn set_habits(&self, change: impl FnOnce(&mut Habits)) {
        self.change(|wire| change(&mut wire.habits));
    }

    /// Ends the connection so that what was on its way is lost.
    pub fn reset(&self) {
        self.change(|wire| {
            if let Some(stream) = wire.stream.take() {
                stream.sender.reset();
            }
        });
    }

    /// Is gone without a word.
    pub fn hang_up(&self) {
        self.change(|wire| drop(wire.stream.take()));
    }

    /// Says that nothing comes any more, and still reads.
    pub fn half_close(&self) {
        self.change(|wire| {
            if let Some(stream) = &wire.stream {
                stream.sender.shutdown();
            }
        });
    }

    /// Takes what has arrived.
    pub fn take(&self) -> Vec<Arrived> {
        self.0.wire.lock().arrived.drain(..).collect()
    }

    /// Resolves when something has arrived since [`Self::take`].
    pub async fn news(&self) {
        self.0.news.notified().await;
    }

    fn change(&self, change: impl FnOnce(&mut Wire)) {
        let mut wire = self.0.wire.lock();
        change(&mut wire);
        if let Some(task) = wire.task.take() {
            task.wake();
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.hang_up();
    }
}

impl Shared {
    fn poll(&self, task: &mut Context<'_>) -> Poll<()> {
        let mut wire = self.wire.lock();
        let before = wire.arrived.len();
        if wire.habits.present {
            wire.read(task);
            wire.write(task);
        }
        wire.task = Some(task.waker().clone());
        if wire.arrived.len() > before {
            self.news.notify_one();
        }
        if wire.stream.is_none() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Wire {
    fn read(&mut self, task: &mut Context<'_>) {
        loop {
            let Self { stream: Some(stream), context, outgoing, pace, habits, .. } = self else { return };
            let mut end = End { stream, outgoing, pace, polite: habits.polite, task };
            let arrived = match context.read(&mut end) {
                Ok(Message::Text(text)) => Arrived::Text(text),
                Ok(Message::Binary(bytes)) => Arrived::Binary(bytes),
                Ok(Message::Close(frame)) => {
                    self.over = true;
                    let (code, reason) = frame.map_or((1005, String::new()), |f| (f.code.into(), f.reason.to_string()));
                    Arrived::Closed(code, reason)
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    self.stream = None;
                    if std::mem::replace(&mut self.over, true) {
                        return;
                    }
                    Arrived::Lost(error.to_string())
                }
            };
            arrived.note(&self.transcript);
            self.arrived.push_back(arrived);
        }
    }

    fn write(&mut self, task: &mut Context<'_>) {
        let Self { stream: Some(stream), outgoing, .. } = self else { return };
        while !outgoing.is_empty() {
            match stream.sender.poll_write(task, outgoing.as_slices().0) {
                Poll::Ready(Ok(count)) => drop(outgoing.drain(..count)),
                Poll::Pending => return,
                // The reader is told what has become of the connection.
                Poll::Ready(Err(_)) => return outgoing.clear(),
            }
        }
    }
}

/// What tungstenite takes for the socket.
struct End<'a, 'b> {
    stream: &'a Stream,
    outgoing: &'a mut VecDeque<u8>,
    pace: &'a mut Pace,
    polite: bool,
    task: &'a mut Context<'b>,
}

impl Read for End<'_, '_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = self.pace.poll_allowed(self.task).min(bytes.len());
        if most == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let mut buffer = ReadBuf::new(&mut bytes[..most]);
        match self.stream.receiver.poll_read(self.task, &mut buffer) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) => {
                self.pace.spend(buffer.filled().len());
                Ok(buffer.filled().len())
            }
        }
    }
}

impl Write for End<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.polite {
            self.outgoing.extend(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
