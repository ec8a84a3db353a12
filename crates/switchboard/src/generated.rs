//! The façade for generated code: the only names of ours that it mentions.
//!
//! Nothing is defined here but the version constant. Applications use the crate's root instead.

/// Generated code names the constant of the runtime it was made for, so that a compiler and a runtime that do not fit
/// fail to compile: use the same version of `switchboard` and `switchboard-build`.
pub const RUNTIME_0_1: () = ();

pub use bytes::Bytes;
pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use phf;
pub use regex::Regex;
pub use serde_json::Value;
pub use switchboard_core::*;
pub use tokio::join;
pub use uuid::Uuid;

pub use crate::ask::{Ask, NoRefusal, decode_ok};
pub use crate::delivery::{Audience, append_binary, append_event, checked};
pub use crate::handler::{Error, Failure, IntoFailure, Reply, guarded};
pub use crate::history::History;
pub use crate::hub::Address;
pub use crate::items::Items;
pub use crate::presence::{Attended, NoState};
pub use crate::protocol::{
    Application, Event, EventInfo, Flow, FlowState, Identity, Next, NoIdentity, NoRole, Once, Overflow, Protocol, Rate,
    RateBy, RoleName, Room, Route, Step, ToAll, ToMailbox, ToRole, ToTopic, TopicInfo, Turn,
};
pub use crate::topic::Topic;
pub use crate::{Cx, Server, Switchboard};
