//! The server over real loopback sockets, driven by a client that nobody here wrote.

mod audit;
mod deliveries;
mod limits;
mod membership;
mod messages;
mod refusals;
mod shutdown;
mod support;
mod testkit;
mod upgrade;
