//! One file a namespace of `routes.wsr`, in its order. `messages` has none: it only relays.

mod accounts;
mod chat;
mod direct;
mod log;
mod mixer;
mod poll;
mod presence;
mod stream;
