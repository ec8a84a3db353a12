//! The cases as modules, and what drives them.
//!
//! That this crate compiles is the first test: names that Rust reserves, names of its prelude, and the
//! strictest lints of a user.

#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused,
    deprecated,
    clippy::all,
    clippy::pedantic
)]

use switchboard::generated as rt;

/// Everything that the language accepts.
pub mod full {
    switchboard::routes!("cases/full.wsr");
}

/// Keywords of Rust as names.
pub mod keywords {
    switchboard::routes!("cases/keywords.wsr");
}

/// Names of Rust's prelude, of the runtime and of generated code's own variables as names.
pub mod shadows {
    switchboard::routes!("cases/shadows.wsr");
}

/// Nothing in a namespace, and no identity or roles.
pub mod roots {
    switchboard::routes!("cases/roots.wsr");
}

/// A radio station, as the documents have it.
pub mod station {
    switchboard::routes!("cases/station.wsr");
}

/// Chains that fail in every way.
pub mod chains {
    switchboard::routes!("cases/chains.wsr");
}

/// Topics that ask who may join and tell who is here.
pub mod topics {
    switchboard::routes!("cases/topics.wsr");
}

/// Values of every kind, at every place where they may stand.
pub mod values {
    switchboard::routes!("cases/values.wsr");
}

/// Names on the wire that are not those in the file, tags, and what is open to what comes later.
pub mod wire {
    switchboard::routes!("cases/wire.wsr");
}

/// What a random walk walks over.
pub mod walk {
    switchboard::routes!("cases/walk.wsr");
}

/// Messages side by side, repeated, taken back and streamed, and what the server asks.
pub mod requests {
    switchboard::routes!("cases/requests.wsr");
}

/// What the simulation of a whole server speaks.
pub mod simulation {
    switchboard::routes!("cases/simulation.wsr");
}

/// Events of every policy for slow receivers.
pub mod slow {
    switchboard::routes!("cases/slow.wsr");
}

/// What stages hand to each other.
pub mod steps {
    switchboard::routes!("cases/steps.wsr");
}

/// Flows on topics.
pub mod tables {
    switchboard::routes!("cases/tables.wsr");
}

/// What is on its way out.
pub mod deprecated {
    switchboard::routes!("cases/deprecated.wsr");
}

/// Bytes and long integers, wherever they may stand.
pub mod packed {
    switchboard::routes!("cases/packed.wsr");
}

/// Five hundred messages.
pub mod many {
    switchboard::routes!("many.wsr");
}

/// The examples of `docs/language.md`, which are one protocol.
pub mod language {
    switchboard::routes!("language.wsr");
}

/// Protocols made at random; `SEED=7 cargo test -p codegen-tests` takes others.
pub mod random {
    /// The first.
    pub mod first {
        switchboard::routes!("random_0.wsr");
    }
    /// The second.
    pub mod second {
        switchboard::routes!("random_1.wsr");
    }
    /// The third.
    pub mod third {
        switchboard::routes!("random_2.wsr");
    }
    /// The fourth.
    pub mod fourth {
        switchboard::routes!("random_3.wsr");
    }
}

/// Reads a value, or says what is wrong with it, a line a violation: `/at rule want got`.
///
/// # Errors
///
/// When the text is no JSON, or the value breaks a limit.
pub fn read<T: rt::Decode>(text: &str) -> Result<T, Vec<String>> {
    read_with(text, T::decode)
}

/// The same with another function than a type's own.
///
/// # Errors
///
/// When the text is no JSON, or the value breaks a limit.
pub fn read_with<T>(
    text: &str,
    read: impl FnOnce(&mut rt::Reader<'_>, &rt::Path<'_>) -> rt::Decoded<T>,
) -> Result<T, Vec<String>> {
    let mut reader = rt::Reader::new(text, 32);
    let value = read(&mut reader, &rt::Path::root());
    let malformed = Err(vec!["malformed".to_owned()]);
    match (value, reader.finish()) {
        (Err(rt::Fault::Malformed), _) | (_, Err(_)) => malformed,
        (Ok(value), _) if reader.report.is_empty() => Ok(value),
        _ => Err(lines(&reader.report)),
    }
}

/// Reads a message of a protocol by its name.
///
/// # Errors
///
/// When the text is no JSON, or the value breaks a limit.
pub fn receive<P: rt::Protocol>(name: &str, payload: &str) -> Result<P::Incoming, Vec<String>> {
    let route = P::find(name).ok_or_else(|| vec![format!("no message {name}")])?;
    read_with(payload, |r, at| P::decode(route, r, at))
}

/// Reads a binary message of a protocol: tag and payload.
///
/// # Errors
///
/// When the payload breaks a rule.
pub fn receive_binary<P: rt::Protocol>(frame: &[u8]) -> Result<P::Incoming, Vec<String>> {
    let (tag, body) = frame.split_first().ok_or_else(|| vec!["no tag".to_owned()])?;
    let route = P::find_binary(*tag).ok_or_else(|| vec![format!("no tag {tag}")])?;
    let mut report = rt::Report::new();
    let value = P::decode_binary(route, rt::Bytes::copy_from_slice(body), &mut report);
    value.map_err(|_| lines(&report))
}

/// A value as JSON.
pub fn write(value: &impl rt::Encode) -> String {
    let mut out = Vec::new();
    value.encode(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// What is wrong with an outgoing value.
pub fn faults(value: &impl rt::Check) -> Vec<String> {
    let mut report = rt::Report::new();
    value.check(&mut report, &rt::Path::root());
    lines(&report)
}

/// The payload of the frame of an event, behind its header of two or four bytes.
pub fn frame<P: rt::Protocol>(event: &impl rt::Event<P>) -> Vec<u8> {
    let mut out = Vec::new();
    event.append_frame(&mut out);
    let header = if out.get(1).is_some_and(|len| *len < 126) { 2 } else { 4 };
    out.split_off(header)
}

fn lines(report: &rt::Report) -> Vec<String> {
    let violations = report.violations().iter();
    violations.map(|found| format!("{} {} want {} got {}", found.at, found.rule, found.want, found.got)).collect()
}
