//! What `@history` promises, asked of servers over real sockets, also when they are killed.

mod client;
mod kill;
mod mailboxes;
mod storage;
mod storm;
mod topics;
