//! `wsr lsp`, driven over its pipes as an editor does it.

mod conversation;
mod documents;
mod features;
mod support;
