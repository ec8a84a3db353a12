//! `-> stream of T`: what a handler sends one by one to whoever asked.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use switchboard_core::{Invalid, Path, Report, write};

use crate::Cx;
use crate::connection::Connection;
use crate::delivery::append_event;
use crate::protocol::{Protocol, Turn};
use crate::turn;

/// Where a handler of a stream sends its items.
///
/// ```ignore
/// async fn tail(&self, _: &Cx, message: &Tail, items: &Items<Line>) -> Result<(), TailError> {
///     let mut log = self.open(&message.room).await?;
///     while let Some(line) = log.next().await {
///         items.send(line).await?;
///     }
///     Ok(())
/// }
/// ```
pub struct Items<T> {
    connection: Arc<Connection>,
    reference: u64,
    route: Option<u16>,
    encode: fn(&T, &mut Vec<u8>),
    check: fn(&T, &mut Report, &Path<'_>),
    /// Unsent bytes above which an item waits.
    most_unsent: usize,
}

impl<T> Items<T> {
    /// Sends one item, once the client has taken enough of what came before it.
    ///
    /// Nothing is sent of an item that breaks its limits. When the client leaves or takes its message back, this never
    /// returns: the handler is dropped here.
    pub async fn send(&self, item: impl Borrow<T> + Send) -> Result<(), ItemError> {
        let mut report = Report::new();
        (self.check)(item.borrow(), &mut report, &Path::root());
        report.into_result().map_err(ItemError::Invalid)?;
        // A handler that always has something to send does not keep its neighbours waiting.
        tokio::task::consume_budget().await;
        if !self.connection.room(0, self.most_unsent).await {
            return Err(ItemError::Gone);
        }
        self.connection.answer(self.route, |out| {
            append_event(out, b"", |out| {
                out.extend_from_slice(br#"{"re":"#);
                write::int(out, self.reference);
                out.extend_from_slice(br#","item":"#);
                (self.encode)(item.borrow(), out);
            });
        });
        turn::settle();
        Ok(())
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// Why an item was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemError {
    /// It breaks its limits.
    Invalid(Invalid),
    /// The connection takes nothing more.
    Gone,
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(invalid) => write!(f, "an item breaks its limits: {invalid}"),
            Self::Gone => f.write_str("the client has left"),
        }
    }
}

impl std::error::Error for ItemError {}

/// For generated code.
#[doc(hidden)]
impl<P: Protocol> Cx<P> {
    /// The items of this message. What it has joined by now is settled: a stream may last.
    pub fn items<T>(
        &self,
        turn: &Turn,
        encode: fn(&T, &mut Vec<u8>),
        check: fn(&T, &mut Report, &Path<'_>),
    ) -> Items<T> {
        self.end(turn, true);
        Items {
            connection: Arc::clone(self.connection()),
            // A stream without an id is refused before it begins.
            reference: turn.reference().unwrap_or_default(),
            route: turn.route(),
            encode,
            check,
            most_unsent: self.connection().limits().pause_bytes / 2,
        }
    }

    /// Nothing more comes.
    pub fn done(&self, turn: &Turn) {
        if let Some(reference) = turn.reference() {
            self.connection().answer(turn.route(), |out| {
                append_event(out, b"", |out| {
                    out.extend_from_slice(br#"{"re":"#);
                    write::int(out, reference);
                    out.extend_from_slice(br#","done":true"#);
                });
            });
        }
    }
}
