//! Asking a client: `cx.ask(chat::Confirm { … }).await`.
//!
//! The ask goes out as `{"name":"chat/confirm","ask":12,"payload":{…}}`; what the client answers is decoded by the
//! connection's task, which tells it when the answer breaks its limits. Whoever asks waits, up to the deadline.

use std::fmt;
use std::time::Duration;

use switchboard_core::asks::NoAsk;
use switchboard_core::control::Answer;
use switchboard_core::frame::{Opcode, append_frame};
use switchboard_core::{Check, Decoded, Fault, Invalid, Path, Reader, Rejection, Report, Source, write};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::Cx;
use crate::audit;
use crate::delivery::checked;
use crate::protocol::Protocol;
use crate::turn;

/// Something that a client can be asked.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a client of this protocol can be asked",
    label = "not declared as `ask` in routes.wsr",
    note = "what is asked is declared in routes.wsr: `ask name {{ … }} -> reply …`"
)]
pub trait Ask<P: Protocol>: Check + Send + 'static {
    /// What the client answers.
    type Reply: Send + 'static;
    /// What it may refuse with; [`NoRefusal`] when nothing is declared.
    type Error: Send + 'static;

    /// Its full name on the wire.
    const NAME: &'static str;
    /// `@deadline`
    const DEADLINE: Option<Duration>;
    /// `@audit`
    const AUDIT: bool = false;

    /// Appends its payload as JSON.
    fn append_payload(&self, out: &mut Vec<u8>);

    /// Reads and checks an answer.
    fn decode_reply(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self::Reply>;

    /// Reads and checks a declared error.
    fn decode_error(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self::Error>;
}

/// The error of asks that declare none: there is no value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRefusal {}

impl NoRefusal {
    /// A client that refuses without being allowed to.
    pub fn decode(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<Self> {
        r.skip()?;
        Err(r.report.add(at, "type", "a payload: no error is declared", "an error"))
    }
}

/// The answer of asks that only want to hear that all is well: an empty object.
pub fn decode_ok(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<()> {
    r.object(at)?;
    while let Some(key) = r.next_key()? {
        r.unknown_key(at, &key)?;
    }
    Ok(())
}

/// Why an ask has no answer.
#[derive(Debug)]
pub enum AskError<E> {
    /// The client says no.
    Refused(E),
    /// The client did not answer in time.
    Timeout,
    /// The client has left.
    Gone,
    /// What was asked breaks its own limits, and nobody was asked; or all that the client answered in time did.
    Invalid(Invalid),
    /// So many asks are open as a connection may have.
    TooMany {
        /// That many: [`Limits::asks`](crate::Limits::asks).
        limit: usize,
    },
}

impl<E: fmt::Debug> fmt::Display for AskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "the client refused: {error:?}"),
            Self::Timeout => f.write_str("the client did not answer in time"),
            Self::Gone => f.write_str("the client has left"),
            Self::Invalid(invalid) => write!(f, "no valid ask or answer: {invalid}"),
            Self::TooMany { limit } => write!(f, "a connection has at most {limit} open asks"),
        }
    }
}

impl<E: fmt::Debug> std::error::Error for AskError<E> {}

impl<P: Protocol> Cx<P> {
    /// Asks the client and waits for its answer, from a handler or from anywhere else.
    ///
    /// An answer that breaks its limits is refused, and a better one may come until the deadline: what
    /// `@deadline` says, else [`Limits::ask`](crate::Limits::ask). Who stops waiting takes the question back.
    pub async fn ask<A: Ask<P>>(&self, ask: A) -> Result<A::Reply, AskError<A::Error>> {
        checked(&ask).map_err(AskError::Invalid)?;
        let (answer, answered) = oneshot::channel();
        let limits = self.connection().limits();
        let waiting = Waiting::<P, A> { answer: Some(answer), wrong: None };
        let number = self.asks().lock().open(Box::new(waiting)).map_err(|no| match no {
            NoAsk::Full => AskError::TooMany { limit: limits.asks },
            NoAsk::Gone => AskError::Gone,
        })?;
        let open = Open { cx: self, number };
        self.connection().answer(None, |out| append_ask(out, &ask, number));
        turn::settle();
        if A::AUDIT {
            audit::ask(self, A::NAME);
        }
        drop(ask);
        let allowed = A::DEADLINE.unwrap_or(limits.ask);
        match timeout(allowed, answered).await {
            Ok(Ok(Ok(reply))) => Ok(reply),
            Ok(Ok(Err(error))) => Err(AskError::Refused(error)),
            Ok(Err(_)) => Err(AskError::Gone),
            Err(_) => Err(open.give_up(allowed).map_or(AskError::Timeout, AskError::Invalid)),
        }
    }

    /// A client's answer: who waits for it gets it, if it is good.
    pub(crate) fn hear_answer(&self, number: u64, answer: &Answer<'_>) -> Result<(), Rejection> {
        let read = Manner { depth: self.connection().limits().depth, packed: self.connection().packer().is_some() };
        let mut asks = self.asks().lock();
        let Some(waiting) = asks.waiting(number) else {
            return Err(Rejection::malformed("nothing of this number is asked, or no longer"));
        };
        waiting.hear(answer, read)?;
        asks.close(number);
        Ok(())
    }

    /// Nobody answers any more.
    pub(crate) fn close_asks(&self) {
        let closed = self.asks().lock().close_all();
        // Wakes those who wait, so behind the lock.
        closed.for_each(drop);
    }
}

fn append_ask<P: Protocol, A: Ask<P>>(out: &mut Vec<u8>, ask: &A, number: u64) {
    append_frame(out, Opcode::Text, |out| {
        out.push(b'{');
        write::key(out, "name");
        write::string(out, A::NAME);
        write::key(out, "ask");
        write::int(out, number);
        write::key(out, "payload");
        ask.append_payload(out);
        out.push(b'}');
    });
}

/// An ask that somebody waits for; the client hears when nobody does any more.
struct Open<'a, P: Protocol> {
    cx: &'a Cx<P>,
    number: u64,
}

impl<P: Protocol> Open<'_, P> {
    /// Its time is over. What was wrong with the answers, if there were any.
    fn give_up(self, allowed: Duration) -> Option<Invalid> {
        let waiting = self.cx.asks().lock().close(self.number);
        self.tell(waiting.is_some(), &Rejection::timeout(allowed));
        waiting.and_then(|waiting| waiting.wrong())
    }

    fn tell(&self, still_open: bool, rejection: &Rejection) {
        if still_open {
            self.cx.connection().answer(None, |out| {
                append_frame(out, Opcode::Text, |out| rejection.encode_for_ask(self.number, out));
            });
            turn::settle();
        }
    }
}

impl<P: Protocol> Drop for Open<'_, P> {
    fn drop(&mut self) {
        let waiting = self.cx.asks().lock().close(self.number);
        self.tell(waiting.is_some(), &Rejection::cancelled());
    }
}

/// How an answer is read.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    depth: usize,
    packed: bool,
}

/// Who waits for an answer, whatever its type.
pub(crate) trait Listen: Send {
    /// Takes an answer, or says what is wrong with it.
    fn hear(&mut self, answer: &Answer<'_>, manner: Manner) -> Result<(), Rejection>;

    /// What was wrong with the last one.
    fn wrong(self: Box<Self>) -> Option<Invalid>;
}

struct Waiting<P: Protocol, A: Ask<P>> {
    answer: Option<oneshot::Sender<Result<A::Reply, A::Error>>>,
    wrong: Option<Invalid>,
}

impl<P: Protocol, A: Ask<P>> Listen for Waiting<P, A> {
    fn hear(&mut self, answer: &Answer<'_>, manner: Manner) -> Result<(), Rejection> {
        let read = match answer {
            Answer::Payload(text) => read(text, manner, A::decode_reply).map(Ok),
            Answer::Error(text) => read(text, manner, A::decode_error).map(Err),
        };
        match read {
            Ok(outcome) => {
                // Nobody may wait any more; then this is as good as late.
                let _ = self.answer.take().map(|answer| answer.send(outcome));
                Ok(())
            }
            Err(report) => {
                self.wrong = Some(Invalid::from(report.clone()));
                Err(Rejection::invalid_payload(report))
            }
        }
    }

    fn wrong(self: Box<Self>) -> Option<Invalid> {
        self.wrong
    }
}

/// Reads one value that is a whole text.
fn read<T>(
    text: &str,
    manner: Manner,
    decode: impl FnOnce(&mut Reader<'_>, &Path<'_>) -> Decoded<T>,
) -> Result<T, Report> {
    let mut r = Source::of(text, manner.packed).reader(manner.depth);
    match decode(&mut r, &Path::root()) {
        Ok(value) if r.report.is_empty() => Ok(value),
        Err(Fault::Malformed) => {
            // It has been passed over as JSON already, but no deeper than the envelope allowed.
            let mut report = Report::new();
            report.add(&Path::root(), "type", "JSON that can be read", "something else");
            Err(report)
        }
        _ => Err(r.report),
    }
}
