//! What `@history` keeps: events that have an envelope, in which their offset travels.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{EventId, Handler, History, Model, Outcome, Target};
use crate::resolve::Resolved;
use crate::source::Span;

/// Refuses binary events, and binary messages that are relayed, where events are kept.
pub(super) fn binary_events_are_not_kept(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for (id, event) in model.events.iter().enumerate().filter(|(_, event)| event.binary.is_some()) {
        if let Some(kept) = targets_of(model, id).into_iter().find_map(|target| kept(model, target)) {
            refuse(&model.event_name(id), event.origin.span, kept, out);
        }
    }
    for (id, message) in model.messages.iter().enumerate().filter(|(_, message)| message.binary.is_some()) {
        let mut handlers = message.chain.iter().flatten().map(|handling| &handling.handler);
        let relayed = handlers.find_map(|handler| match handler {
            Handler::Relay(target) => kept(model, target),
            _ => None,
        });
        if let Some(kept) = relayed {
            refuse(&model.message_name(id), message.origin.span, kept, out);
        }
    }
}

fn targets_of(model: &Model, id: EventId) -> Vec<&Target> {
    let handlings = model.messages.iter().flat_map(|message| message.chain.iter().flatten());
    let arrows = handlings.flat_map(|handling| &handling.outcomes).filter_map(|outcome| match outcome {
        Outcome::Deliver { event, target: Some(target), .. } if *event == id => Some(target),
        _ => None,
    });
    model.events[id].target.iter().chain(arrows).collect()
}

/// The `@history` of what an event goes to.
fn kept(model: &Model, target: &Target) -> Option<History> {
    match target {
        Target::Topic(topic) | Target::OthersInTopic(topic) => model.topics[topic.topic].history,
        Target::Mailbox(_) | Target::Mailboxes => model.mailbox_history,
        _ => None,
    }
}

fn refuse(name: &str, span: Span, kept: History, out: &mut Diagnostics) {
    let title = format!("`{name}` is binary, and goes where events are kept");
    let report = Diagnostic::new(Code::BinaryKept, span, title).label("has no envelope to carry an offset");
    out.push(
        report
            .also(kept.span, "events are kept here")
            .help("send it as JSON, without `@binary`, or to a topic without `@history`"),
    );
}
