//! Typed clients of a Switchboard server, generated from its `routes.wsr`.
//!
//! `wsr generate rust routes.wsr --out src` writes the module `client.rs`, or build.rs makes it with
//! `switchboard_build::protocol("routes.wsr").rust_client()` and [`client!`] brings it in. It has a type for everything that the
//! protocol declares, with the checks of the server, and a struct with a method a message:
//!
//! ```ignore
//! let studio = Studio::connect("ws://127.0.0.1:8080/ws", Options::new());
//! let session = studio.accounts().login(&Login { username, password }).await?;
//! let mut posted = studio.chat().posted();
//! let room = studio.chat().rooms(&lobby).join().await?;
//! while let Some(message) = posted.next().await {
//!     println!("{}", message.text);
//! }
//! ```
//!
//! A client comes back by itself after a loss, joins its topics again and asks for what it has missed; how, is said in the
//! chapter "Clients" of `docs/protocol.md`. [`machine`] is that chapter without sockets.
//! Deliberately absent: MessagePack, and anything that needs another runtime than tokio.

#![forbid(unsafe_code)]

mod client;
mod driver;
mod events;
mod failure;
mod flow;
#[doc(hidden)]
pub mod generated;
mod items;
pub mod machine;
mod options;
pub mod presence;
mod protocol;
mod topic;

pub use client::Client;
pub use events::{Events, Listening, Notice};
pub use failure::{Ended, Error, Failure, Refusal};
pub use flow::{NoFlow, OneConnection, Stayed};
pub use futures_util::{Stream, StreamExt};
pub use items::Items;
pub use machine::{Contract, Offline, Outcome, Problem, Resumed, State};
pub use options::{Address, Options};
pub use presence::{Member, Members, Presence, StateChanged};
pub use protocol::NoError;
pub use switchboard_core::{Email, Invalid, Uri, Violation};
pub use topic::Joined;

/// Brings in the client that build.rs has made of a `.wsr` file by `switchboard_build::protocol(…).rust_client()`: its
/// argument is the file's name without folders and ending, `client!("routes")`.
#[macro_export]
macro_rules! client {
    ($stem:literal) => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $stem, ".client.rs"));
    };
}
