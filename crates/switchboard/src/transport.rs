//! From sockets to messages: HTTP and its upgrade, frames in, and what is not let in.

pub(crate) mod accept;
pub(crate) mod gate;
#[cfg(feature = "testkit")]
pub(crate) mod memory;
mod meter;
pub(crate) mod pages;
#[cfg(feature = "testkit")]
pub(crate) mod peer;
pub(crate) mod reader;
pub(crate) mod socket;
pub(crate) mod upgrade;
