//! Clients against servers: ours, and ones that do what no server should.

mod hostile;
mod lounge;
mod scripted;
mod server;
mod values;
