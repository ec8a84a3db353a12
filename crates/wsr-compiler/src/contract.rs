//! The contract of a protocol: what its server and its clients have to agree on, as data.
//!
//! [`schema`] writes the whole checked model as one line of JSON, for whoever has no compiler at hand: the server at run
//! time, test tools, clients in other languages. [`fingerprints`] says in sixteen digits what the wire of each message is.
//! Deliberately absent: reading the JSON again, which is `switchboard-core`'s part, and how things are called in Rust.

mod fingerprint;
mod graph;
pub(crate) mod json;
mod schema;
pub(crate) mod types;

pub use self::fingerprint::{Fingerprints, fingerprints};
pub use self::schema::schema;
