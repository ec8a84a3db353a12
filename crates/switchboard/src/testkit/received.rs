//! What a client receives, as tests look at it.

use std::fmt;

use bytes::Bytes;
use serde_json::Value;

use super::transcript::{Transcript, hex};
use crate::transport::peer::Arrived;

/// Something that a client has received.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Received {
    /// An event, or a relayed message.
    Event(Event),
    /// The answer to a message, or its refusal.
    Answer(Answer),
    /// A binary event: its tag and what belongs to it.
    Binary(Bytes),
    /// Something else that the server says.
    Other(Value),
    /// The server has closed the connection.
    Closed {
        /// Why, as a number; see [`close`](crate::close).
        code: u16,
        /// Why, in words.
        reason: String,
    },
    /// The connection has ended without a close frame.
    Lost,
}

/// An event, or a relayed message.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its full name.
    pub name: String,
    /// What it carries.
    pub payload: Value,
    /// All of it, with whatever stands beside the payload.
    pub envelope: Value,
}

/// The answer to a message, or its refusal.
#[derive(Clone, Debug)]
pub struct Answer {
    envelope: Value,
    who: String,
    transcript: Transcript,
}

impl Received {
    pub(super) fn new(arrived: Arrived, who: &str, transcript: &Transcript) -> Self {
        match arrived {
            Arrived::Binary(bytes) => Self::Binary(bytes),
            Arrived::Closed(code, reason) => Self::Closed { code, reason },
            Arrived::Lost(_) => Self::Lost,
            Arrived::Text(text) => match serde_json::from_str::<Value>(&text) {
                Ok(envelope) => Self::text(envelope, who, transcript),
                Err(_) => Self::Other(Value::String(text.to_string())),
            },
        }
    }

    fn text(envelope: Value, who: &str, transcript: &Transcript) -> Self {
        if envelope.get("re").is_some() && (envelope.get("payload").is_some() || envelope.get("error").is_some()) {
            return Self::Answer(Answer { envelope, who: who.to_owned(), transcript: transcript.clone() });
        }
        match (&envelope["name"], envelope.get("ask")) {
            (Value::String(name), None) => {
                Self::Event(Event { name: name.clone(), payload: envelope["payload"].clone(), envelope })
            }
            _ => Self::Other(envelope),
        }
    }

    /// In a few words.
    pub(super) fn summary(&self) -> String {
        match self {
            Self::Event(event) => format!("the event `{}`", event.name),
            Self::Answer(answer) => match answer.result() {
                Ok(_) => format!("the answer to {}", answer.reference().unwrap_or(&Value::Null)),
                Err(error) => format!("the refusal {error}"),
            },
            Self::Binary(bytes) => format!("the binary event {}", hex(bytes)),
            Self::Other(value) => value.to_string(),
            Self::Closed { code, reason } => format!("the end of the connection: {code} {reason}"),
            Self::Lost => "the end of the connection, without a word".to_owned(),
        }
    }
}

impl Answer {
    /// What was answered.
    ///
    /// # Panics
    /// When the message was refused.
    #[track_caller]
    pub fn payload(self) -> Value {
        match self.result() {
            Ok(payload) => payload.clone(),
            Err(error) => self.fail(&format!("an answer, and was refused: {error}")),
        }
    }

    /// The refusal, which has this code: `not_now`, `invalid_payload`, … as in `docs/protocol.md`.
    ///
    /// # Panics
    /// When the message was not refused, or with another code.
    #[track_caller]
    pub fn refused(self, code: &str) -> Value {
        match self.result() {
            Err(error) if error["code"] == code => error.clone(),
            _ => self.fail(&format!("the refusal `{code}`, and got {}", self.envelope)),
        }
    }

    /// The declared error of the protocol with which the message was refused: its variant, by the key `kind`.
    ///
    /// # Panics
    /// When the message was not refused, or with something else.
    #[track_caller]
    pub fn error(self, kind: &str) -> Value {
        match self.result() {
            Err(error) if error["code"] == "refused" && error["kind"] == kind => error.clone(),
            _ => self.fail(&format!("the error `{kind}`, and got {}", self.envelope)),
        }
    }

    /// The payload, or the refusal.
    pub fn result(&self) -> Result<&Value, &Value> {
        match self.envelope.get("error") {
            None => Ok(&self.envelope["payload"]),
            Some(error) => Err(error),
        }
    }

    /// All of it, with whatever stands beside the payload.
    pub fn envelope(&self) -> &Value {
        &self.envelope
    }

    pub(super) fn reference(&self) -> Option<&Value> {
        self.envelope.get("re").filter(|reference| !reference.is_null())
    }

    #[track_caller]
    fn fail(&self, what: &str) -> ! {
        panic!("{} expected {what}\nwhat {} sent and heard:\n{}", self.who, self.who, self.transcript)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.envelope, f)
    }
}
