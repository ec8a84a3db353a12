//! From sockets to messages: HTTP and its upgrade, frames in, and what is not let in.

pub(crate) mod accept;
pub(crate) mod gate;
mod meter;
pub(crate) mod pages;
pub(crate) mod reader;
pub(crate) mod upgrade;
