//! Switchboard: a WebSocket server whose messages, limits, audiences and flows are declared in `routes.wsr`.
//!
//! An application brings the declarations in with `switchboard::routes!("routes.wsr")`, implements the generated
//! `Handlers` traits, and serves:
//!
//! ```ignore
//! switchboard::routes!("routes.wsr");
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let app = std::sync::Arc::new(Studio::default());
//!     serve(app).pages("web").bind("127.0.0.1:8080").await?.run().await?;
//!     Ok(())
//! }
//! ```
//!
//! # How it is built
//!
//! - **Shards.** Each core has a thread with a single-threaded runtime and connections of its own. The first of them
//!   accepts sockets and deals them out in turn. Handlers run on the shard of their connection, as plain `Send` futures;
//!   work that blocks belongs in [`tokio::task::spawn_blocking`].
//! - **One task a connection.** It reads, decodes, polls the handler's future in place, and goes on with the next
//!   message when that has ended: one connection's messages are handled in order. While a handler waits, pings are
//!   answered and a few messages are kept.
//! - **Direct writes.** Answers, events and control frames are appended, encoded, to a connection's outbox; an event is
//!   encoded once whoever gets it. All connections touched in a turn of the runtime are written to once at its end.
//!   Only a socket that is full wakes a task. The outbox is under a lock, so that any thread may push; the lock is almost
//!   never contended.
//! - **Bounds.** Whatever a peer can make grow has a limit ([`Limits`]), and what happens there is named: a refusal, a
//!   pause, or a [close code](close).
//! - **Failures.** A handler that fails or panics costs its message. The log tells the operator what happened, under an
//!   id that the peer is told too.

mod ask;
mod audit;
mod backlog;
pub mod close;
mod config;
mod connection;
mod console;
mod contract;
mod cx;
mod delivery;
mod dispatch;
mod flow;
pub mod generated;
mod handler;
mod history;
mod hub;
mod items;
mod metrics;
mod once;
mod parcel;
mod presence;
mod protocol;
mod push;
mod rates;
mod rooms;
mod server;
mod shard;
mod shared;
mod shutdown;
#[cfg(feature = "testkit")]
pub mod testkit;
mod topic;
mod transport;
mod turn;

pub use bytes::Bytes;
pub use http::{HeaderMap, HeaderName, HeaderValue};
pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use serde_json::Value;
pub use switchboard_core::contract::Policy as Contract;
pub use switchboard_core::{Code, Email, Invalid, Rejection, Uri, Violation};
pub use switchboard_core::{schema, store};
pub use switchboard_macros::routes;
pub use uuid::Uuid;

pub use crate::ask::AskError;
pub use crate::config::{Limits, MessageRate};
pub use crate::connection::ConnectionId;
pub use crate::console::{Console, UnfitToken};
pub use crate::contract::ClientContract;
pub use crate::cx::{Cx, TooManyTopics};
pub use crate::handler::Error;
pub use crate::history::{Delivered, NotKept, Receipt, Record, Recorded};
pub use crate::items::{ItemError, Items};
pub use crate::metrics::{EventMetrics, FlowMetrics, MessageMetrics, Metrics, OutboxMetrics, Policy};
pub use crate::presence::{NoState, Present};
pub use crate::protocol::{NoIdentity, NoRole};
pub use crate::push::{Push, Switchboard, WaitingPush};
pub use crate::server::{Bound, Server, ServerError};
pub use crate::topic::Topic;
