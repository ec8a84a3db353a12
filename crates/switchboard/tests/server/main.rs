//! The server over real loopback sockets, driven by a client that nobody here wrote.

mod asks;
mod audit;
mod cancels;
mod console;
mod contract;
mod deliveries;
mod limits;
mod membership;
mod message_pack;
mod messages;
mod presence;
mod promises;
mod refusals;
mod repeats;
mod scripts;
mod shutdown;
mod side_by_side;
mod streams;
mod support;
mod testkit;
mod upgrade;
