//! The language server: `wsr_compiler::ide` in the words of the Language Server Protocol.
//!
//! One thread takes messages in their order. An edit only marks what it touches; the protocol is analyzed again when
//! somebody asks, or when nothing else waits, so that a burst of edits costs one analysis. The modules:
//!
//! - [`server`]: the conversation: handshake, queue, cancellation, shutdown;
//! - [`session`]: open buffers over the disk, and which protocol each file belongs to;
//! - [`protocol`]: one protocol as it is now, and places in its files;
//! - [`requests`]: a function a request;
//! - [`reports`]: diagnostics, pushed when they change;
//! - [`convert`], [`lines`], [`paths`]: our data, positions and names of files in the protocol's forms.

mod client;
mod convert;
mod edits;
mod lines;
mod paths;
mod protocol;
mod reports;
mod requests;
mod server;
mod session;

pub use server::{End, serve};
