//! How a message fails: as the server says, or as the client finds by itself.

use std::fmt::{self, Display};
use std::time::Duration;

use serde_json::{Map, Value};
use switchboard_core::{Decode, Invalid, Path, Reader};

use crate::machine::DEEPEST;

/// Why a message has failed; `E` is the error that is declared for it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The application on the server says no.
    Declared(E),
    /// The server refuses it, for a reason that every message may be refused for.
    Refused(Refusal),
    /// It breaks the limits of the protocol and was not sent.
    InvalidPayload(Invalid),
    /// No answer has come in this time. It may have been done or not.
    Timeout(Duration),
    /// The connection was lost before an answer came. It may have been done or not.
    ConnectionLost,
    /// There is no connection, and nothing waits for one. It was not sent.
    Offline,
    /// Too many messages wait for the connection, and it was not sent; or too many items wait to be read.
    QueueFull,
    /// The application has given up.
    Cancelled,
    /// The answer is not what the protocol says.
    Unreadable(Invalid),
}

impl<E> Error<E> {
    /// The code: one of the server's refusals or of the client's own, such as `connection_lost`.
    pub fn code(&self) -> &str {
        match self {
            Self::Declared(_) => "refused",
            Self::Refused(refusal) => refusal.code(),
            Self::InvalidPayload(_) => "invalid_payload",
            Self::Timeout(_) => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::Offline => "offline",
            Self::QueueFull => "queue_full",
            Self::Cancelled => "cancelled",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl<E: Decode> From<Failure> for Error<E> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.declared().map_or(Self::Refused(refusal), Self::Declared),
            Failure::InvalidPayload(invalid) => Self::InvalidPayload(invalid),
            Failure::Timeout(after) => Self::Timeout(after),
            Failure::ConnectionLost => Self::ConnectionLost,
            Failure::Offline => Self::Offline,
            Failure::QueueFull => Self::QueueFull,
            Failure::Cancelled => Self::Cancelled,
            Failure::Unreadable(invalid) => Self::Unreadable(invalid),
        }
    }
}

impl<E: fmt::Debug> Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(error) => write!(f, "refused: {error:?}"),
            Self::Refused(refusal) => Display::fmt(refusal, f),
            Self::InvalidPayload(invalid) | Self::Unreadable(invalid) => write!(f, "{}: {invalid}", self.code()),
            Self::Timeout(after) => write!(f, "timeout after {after:?}"),
            other => f.write_str(other.code()),
        }
    }
}

impl<E: fmt::Debug> std::error::Error for Error<E> {}

/// The same without types, as the machine has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// By the server.
    Refused(Refusal),
    /// It breaks limits.
    InvalidPayload(Invalid),
    /// No answer in this time.
    Timeout(Duration),
    /// No answer and no connection.
    ConnectionLost,
    /// Not sent, since there is no connection.
    Offline,
    /// Not sent, since too many wait.
    QueueFull,
    /// The application has given up.
    Cancelled,
    /// An answer that is none.
    Unreadable(Invalid),
}

/// A client that has ended, and begins anew only when it is told to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The close code.
    pub code: u16,
    /// What the peer said, or the client itself.
    pub reason: String,
}

impl Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the client has ended ({}): {}", self.code, self.reason)
    }
}

impl std::error::Error for Ended {}

/// A refusal by the server.
#[derive(Clone, PartialEq)]
pub struct Refusal {
    text: String,
    members: Map<String, Value>,
}

impl Refusal {
    /// The object under `error`; `None` if it is no object with a code.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::lenient(text, DEEPEST);
        match Value::decode(&mut reader, &Path::root()) {
            Ok(Value::Object(members)) if members.get("code").is_some_and(Value::is_string) => {
                Some(Self { text: text.to_owned(), members })
            }
            _ => None,
        }
    }

    /// Which of the reasons: `rate_limited`, `not_now` …
    pub fn code(&self) -> &str {
        self.members.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// All that the server says, `code` included.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// When the same may be tried again, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.members.get("retry_after_ms")?.as_u64().map(Duration::from_millis)
    }

    /// The declared error, if it is one of `E`.
    pub fn declared<E: Decode>(&self) -> Option<E> {
        if self.code() != "refused" {
            return None;
        }
        let mut reader = Reader::lenient(&self.text, DEEPEST);
        let error = E::decode(&mut reader, &Path::root()).ok()?;
        reader.report.is_empty().then_some(error)
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({})", self.text)
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match self.members.iter().find(|(key, value)| value.is_string() && *key != "code") {
            Some((key, Value::String(value))) => write!(f, ", {key}: {value}"),
            _ => Ok(()),
        }
    }
}
