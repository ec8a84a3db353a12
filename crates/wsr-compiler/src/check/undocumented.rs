//! Messages and events that say nothing about themselves, where most of the others do.
//!
//! A first `message ping -> reply ok` needs no documentation. Once more than half of a protocol has it, the rest was
//! forgotten.

use super::places::Places;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Origin;
use crate::resolve::Resolved;

/// Warns of messages and events without a doc comment in a protocol where more than half have one.
pub(super) fn messages_are_documented(resolved: &Resolved<'_>, places: &Places, out: &mut Diagnostics) {
    let model = &resolved.model;
    let messages = model.messages.iter().map(|message| ("message", message.namespace, &message.name, &message.origin));
    let events = model.events.iter().map(|event| ("event", event.namespace, &event.name, &event.origin));
    let asks = model.asks.iter().map(|ask| ("ask", ask.namespace, &ask.name, &ask.origin));
    let all: Vec<_> = messages.chain(events).chain(asks).collect();
    let documented = all.iter().filter(|(.., origin)| is_documented(origin)).count();
    if documented * 2 <= all.len() {
        return;
    }
    for (what, namespace, name, origin) in all.into_iter().filter(|(.., origin)| !is_documented(origin)) {
        if places.contains(&origin.span) {
            continue;
        }
        let title = format!("{what} `{}` has no doc comment", model.full_name(namespace, name));
        let report = Diagnostic::new(Code::Undocumented, origin.span, title).label("most others here have one");
        out.push(report.help("say above it what it is for: `/// …`"));
    }
}

fn is_documented(origin: &Origin) -> bool {
    origin.docs.iter().any(|line| !line.trim().is_empty())
}
