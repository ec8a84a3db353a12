//! `@audit`: a line in the log for each message and event that asks for one, and never what it carried.
//!
//! Target `switchboard::audit`, level info. Without a subscriber that wants it, nothing but one comparison is done.

use switchboard_core::Code;

use crate::Cx;
use crate::protocol::{EventInfo, Protocol, Route};

/// A message has been dealt with: with success, or with this refusal.
#[inline]
pub(crate) fn message<P: Protocol>(cx: &Cx<P>, route: &Route, refusal: Option<Code>) {
    if route.audit {
        line(cx, "message", route.name, refusal.map_or("ok", Code::as_str));
    }
}

/// The client of this connection has been asked something.
pub(crate) fn ask<P: Protocol>(cx: &Cx<P>, name: &'static str) {
    line(cx, "ask", name, "sent");
}

/// An event has been sent by a chain of this connection.
#[inline]
pub(crate) fn event<P: Protocol>(cx: &Cx<P>, info: &EventInfo) {
    if info.audit {
        line(cx, "event", info.name, "sent");
    }
}

/// An event has been pushed by nobody's chain: to so many connections, or to none since it breaks its limits.
pub(crate) fn push(info: &EventInfo, receivers: Option<usize>) {
    if info.audit {
        let outcome = if receivers.is_some() { "sent" } else { "invalid" };
        tracing::info!(target: TARGET, kind = "push", name = info.name, outcome, receivers);
    }
}

#[cold]
fn line<P: Protocol>(cx: &Cx<P>, kind: &'static str, name: &'static str, outcome: &'static str) {
    tracing::info!(
        target: TARGET,
        kind,
        name,
        outcome,
        connection = %cx.connection_id(),
        identity = cx.mailbox().as_deref(),
    );
}

const TARGET: &str = "switchboard::audit";
