//! The clients of all cases as modules, and what drives them.
//!
//! That this crate compiles is the first test: names that Rust reserves, names of its prelude, and the strictest lints of a
//! user.

#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused,
    deprecated,
    clippy::all,
    clippy::pedantic
)]

/// The case `chains`.
pub mod chains {
    switchboard_client::client!("chains");
}

/// The case `deprecated`.
pub mod deprecated {
    switchboard_client::client!("deprecated");
}

/// The case `full`.
pub mod full {
    switchboard_client::client!("full");
}

/// The case `keywords`.
pub mod keywords {
    switchboard_client::client!("keywords");
}

/// The case `packed`.
pub mod packed {
    switchboard_client::client!("packed");
}

/// The case `requests`.
pub mod requests {
    switchboard_client::client!("requests");
}

/// The case `roots`.
pub mod roots {
    switchboard_client::client!("roots");
}

/// The case `shadows`.
pub mod shadows {
    switchboard_client::client!("shadows");
}

/// The case `simulation`.
pub mod simulation {
    switchboard_client::client!("simulation");
}

/// The case `slow`.
pub mod slow {
    switchboard_client::client!("slow");
}

/// The case `station`.
pub mod station {
    switchboard_client::client!("station");
}

/// The case `steps`.
pub mod steps {
    switchboard_client::client!("steps");
}

/// The case `tables`.
pub mod tables {
    switchboard_client::client!("tables");
}

/// The case `topics`.
pub mod topics {
    switchboard_client::client!("topics");
}

/// The case `values`.
pub mod values {
    switchboard_client::client!("values");
}

/// The case `walk`.
pub mod walk {
    switchboard_client::client!("walk");
}

/// The case `wire`.
pub mod wire {
    switchboard_client::client!("wire");
}

/// The studio, which has its names at the root of the client.
pub mod studio {
    switchboard_client::client!("routes");
}

/// What the transcripts speak.
pub mod transcripts {
    switchboard_client::client!("protocol");
}

/// What is driven from one end to the other.
///
/// In a state of a flow there are the messages of that state,
///
/// ```
/// use client_tests::lounge::room::Join;
/// use client_tests::lounge::session_flow::{Flow, Member};
///
/// async fn comes_in(session: Flow<Member>, join: Join) {
///     let _ = session.room_join(&join).await;
///     let _ = session.account_sign_out().await;
/// }
/// ```
///
/// and no others:
///
/// ```compile_fail,E0599
/// use client_tests::lounge::room::Join;
/// use client_tests::lounge::session_flow::{Anonymous, Flow};
///
/// async fn comes_in(session: Flow<Anonymous>, join: Join) {
///     let _ = session.room_join(&join).await;
/// }
/// ```
///
/// A handle that has gone on is gone:
///
/// ```compile_fail,E0382
/// use client_tests::lounge::session_flow::{Flow, Member};
///
/// async fn leaves_twice(session: Flow<Member>) {
///     let _ = session.account_sign_out().await;
///     let _ = session.account_sign_out().await;
/// }
/// ```
pub mod lounge {
    switchboard_client::client!("lounge");
}
