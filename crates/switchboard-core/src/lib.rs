//! Switchboard without sockets: what is said on the wire, and how it is checked.
//!
//! Everything in here is a function of its arguments. There is no task, no socket, no clock and no
//! `unsafe`; the server brings bytes and instants, and takes values, refusals and bytes away.
//!
//! The way of a text frame: [`envelope::read`] finds name, id and payload in one pass over the text,
//! asks whether the message is let in, and has the payload decoded by generated code, which drives a
//! [`Reader`] and collects in its [`Report`] whatever breaks the declared limits. Out comes a value or a
//! [`Rejection`]. The way back is [`Encode`] into the bytes of a frame begun by [`frame`].
//!
//! Invariant: nothing that was not understood gets past the reader. Text that is skipped is checked as
//! strictly as text that is read.

#![forbid(unsafe_code)]

pub mod asks;
pub mod attendance;
pub mod binary;
pub mod check;
pub mod constant;
pub mod contract;
pub mod control;
pub mod decode;
pub mod encode;
pub mod envelope;
pub mod flow;
pub mod frame;
pub mod json;
pub mod limit;
pub mod log;
pub mod memory;
pub mod outbox;
pub mod pack;
pub mod path;
pub mod position;
pub mod rate;
pub mod rejection;
pub mod report;
pub mod roster;
pub mod schedule;
pub mod schema;
pub mod slot;
pub mod store;
pub mod text;
pub mod topic_part;
pub mod write;

pub use binary::{BinaryReader, BinaryWriter};
pub use check::Check;
pub use control::Control;
pub use decode::{Decode, Key, decode_int64_number, decode_int64_text, list, map, nullable};
pub use encode::Encode;
pub use envelope::{Forms, Received};
pub use json::{Reader, Source};
pub use path::Path;
pub use position::Position;
pub use rejection::{Code, Rejection};
pub use report::{Decoded, Fault, Invalid, Report, Violation};
pub use slot::Slot;
pub use text::{Email, Uri};
pub use topic_part::TopicPart;
