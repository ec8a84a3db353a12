//! Frames in: tungstenite's protocol half reads from the socket, its answers go to the outbox.
//!
//! Small read buffers, since tungstenite zeroes what it is about to read into. Nothing is read while the caller does not
//! ask, which is how a peer that does not take its answers is held back.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper_tungstenite::tungstenite::error::{Error, ProtocolError};
use hyper_tungstenite::tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use hyper_tungstenite::tungstenite::{Message, Utf8Bytes};
use switchboard_core::{Source, pack};
use tokio::io::ReadBuf;

use super::meter::{Breach, Meter};
use super::socket::ReadHalf;
use crate::close::{self, Farewell};
use crate::config::{LINGER_BYTES, Limits, READ_BYTES};
use crate::connection::Connection;

/// The reading half of a connection.
pub(crate) struct Reader {
    socket: ReadHalf,
    context: WebSocketContext,
    meter: Meter,
    breach: Option<Breach>,
}

/// What was read.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A message for a handler.
    Message(Inbound),
    /// A ping, which has been answered, or a pong.
    Control,
    /// The pong to a ping of ours that asked for it.
    Receipt,
}

/// A whole message, of any number of fragments.
#[derive(Debug)]
pub(crate) enum Inbound {
    /// An envelope.
    Text(Utf8Bytes),
    /// An envelope that was MessagePack, as text for [`Source::packed`](switchboard_core::Source::packed).
    Packed(Packed),
    /// Nothing that this connection speaks: what is wrong with it.
    Garbled(String),
    /// A tag and what belongs to it.
    Binary(Bytes),
}

/// What was MessagePack.
#[derive(Debug)]
pub(crate) struct Packed {
    /// The text that it has become.
    pub text: String,
    /// The bytes that it was.
    pub size: usize,
}

impl Inbound {
    /// Of a text frame.
    fn text(text: Utf8Bytes, connection: &Connection) -> Self {
        match connection.packer() {
            None => Self::Text(text),
            Some(_) => Self::Garbled("envelopes are MessagePack here, in binary messages".to_owned()),
        }
    }

    /// Of a binary frame.
    fn binary(bytes: Bytes, connection: &Connection) -> Self {
        if connection.packer().is_none() || !pack::is_envelope(&bytes) {
            return Self::Binary(bytes);
        }
        match pack::unpack(&bytes, connection.limits().depth) {
            Ok(text) => Self::Packed(Packed { text, size: bytes.len() }),
            Err(error) => Self::Garbled(error.to_string()),
        }
    }

    /// The envelope that it is, if it is one.
    pub fn envelope(&self) -> Option<Source<'_>> {
        match self {
            Self::Text(text) => Some(Source::from(text.as_str())),
            Self::Packed(packed) => Some(Source::packed(&packed.text)),
            Self::Garbled(_) | Self::Binary(_) => None,
        }
    }

    /// The memory that it takes, near enough.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Packed(packed) => packed.text.len(),
            Self::Garbled(why) => why.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// Why a connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// We close it.
    Say(Farewell),
    /// The peer has closed it; the answer is in the outbox.
    Answered,
    /// There is nobody to say anything to.
    Gone,
}

impl Ending {
    /// We close it for this reason.
    pub fn say(code: u16, reason: &'static str) -> Self {
        Self::Say(Farewell::new(code, reason))
    }
}

impl Reader {
    /// `early` has been read from the socket already; no message may be larger than `message_bytes`.
    pub fn new(socket: ReadHalf, early: &[u8], message_bytes: usize, limits: &Limits) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(message_bytes))
            .max_frame_size(Some(message_bytes));
        let mut meter = Meter::new(limits.fragments);
        let (early, breach) = match meter.feed(early) {
            Ok(()) => (early, None),
            Err((in_front, breach)) => (&early[..in_front], Some(breach)),
        };
        let context = WebSocketContext::from_partially_read(early.to_vec(), Role::Server, Some(config));
        Self { socket, context, meter, breach }
    }

    /// The next message or control frame.
    pub fn poll_read(&mut self, task: &mut Context<'_>, connection: &Arc<Connection>) -> Poll<Result<Heard, Ending>> {
        let Self { socket, context, meter, breach } = self;
        let mut stream = Stream { socket, task, connection, meter, breach };
        Poll::Ready(match context.read(&mut stream) {
            Ok(Message::Text(text)) => Ok(Heard::Message(Inbound::text(text, connection))),
            Ok(Message::Binary(bytes)) => Ok(Heard::Message(Inbound::binary(bytes, connection))),
            Ok(Message::Close(_)) => {
                // Writes the answer; the outcome only says that the connection is over.
                let _ = context.flush(&mut stream);
                connection.seal();
                Err(Ending::Answered)
            }
            Ok(Message::Pong(payload)) if connection.pong(&payload) => Ok(Heard::Receipt),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(Heard::Control),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) => Err(ending(&error, *breach)),
        })
    }

    /// Throws away what still comes, until the peer has closed too or `budget` is used up.
    pub fn poll_discard(&mut self, task: &mut Context<'_>, budget: &mut usize) -> Poll<()> {
        let mut bytes = [0; READ_BYTES];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            match self.socket.poll_read(task, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() && *budget > 0 => {
                    *budget = budget.saturating_sub(buffer.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
    }

    /// What [`Self::poll_discard`] may throw away in all.
    pub const DISCARD: usize = LINGER_BYTES;
}

fn ending(error: &Error, breach: Option<Breach>) -> Ending {
    match (error, breach) {
        (Error::Io(_), Some(Breach::Protocol)) => Ending::say(close::PROTOCOL, "a frame that RFC 6455 forbids"),
        (Error::Io(_), Some(Breach::Fragments)) => Ending::say(close::POLICY, "too many fragments"),
        (Error::Utf8(_), _) => Ending::say(close::BAD_TEXT, "text is not UTF-8"),
        (Error::Capacity(_), _) => Ending::say(close::TOO_BIG, "the message is too large"),
        (Error::Protocol(ProtocolError::ResetWithoutClosingHandshake), _) => Ending::Gone,
        (Error::Protocol(_), _) => Ending::say(close::PROTOCOL, "a frame that RFC 6455 forbids"),
        _ => Ending::Gone,
    }
}

/// What tungstenite takes for the socket: reads are metered, writes go to the outbox.
struct Stream<'a, 'b> {
    socket: &'a mut ReadHalf,
    task: &'a mut Context<'b>,
    connection: &'a Arc<Connection>,
    meter: &'a mut Meter,
    breach: &'a mut Option<Breach>,
}

impl Read for Stream<'_, '_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.breach.is_some() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut buffer = ReadBuf::new(bytes);
        match self.socket.poll_read(self.task, &mut buffer) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) => match self.meter.feed(buffer.filled()) {
                Ok(()) => Ok(buffer.filled().len()),
                // What stands in front of the bad frame is still good.
                Err((in_front, breach)) => {
                    *self.breach = Some(breach);
                    if in_front > 0 { Ok(in_front) } else { Err(io::ErrorKind::InvalidData.into()) }
                }
            },
        }
    }
}

impl Write for Stream<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.connection.append(|out| out.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
