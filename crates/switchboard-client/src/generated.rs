//! The façade for generated code: the only names of ours that it mentions.

/// Generated code names the constant of the client that it was made for, so that what does not fit fails to compile.
pub const CLIENT_0_1: () = ();

pub use bytes::Bytes;
pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use regex::Regex;
pub use serde_json::Value;
pub use switchboard_core::*;
pub use uuid::Uuid;

pub use crate::client::Client;
pub use crate::events::{Events, Listening};
pub use crate::failure::Error;
pub use crate::flow::{NoFlow, OneConnection, Stayed};
pub use crate::items::Items;
pub use crate::options::{Address, Options};
pub use crate::presence::{self, Members, Presence, StateChanged};
pub use crate::protocol::{
    Asked, EventInfo, Heard, Message, MessageInfo, Named, NoError, Outgoing, Protocol, append_binary, checked,
    decode_nothing, decode_ok, written,
};
pub use crate::topic::Joined;
