//! Joins whose end nobody hears of.

use super::places::Places;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Message, Outcome};
use crate::resolve::Resolved;

/// Warns of messages that join something and are never answered: a client cannot know whether and since when it is in.
pub(super) fn joins_are_answered(resolved: &Resolved<'_>, places: &Places, out: &mut Diagnostics) {
    let model = &resolved.model;
    for (id, message) in model.messages.iter().enumerate() {
        if !joins(message) || message.reply().is_some() || message.stream().is_some() {
            continue;
        }
        let span = message.origin.span;
        if places.contains(&span) {
            continue;
        }
        let title = format!("message `{}` joins a topic and is not answered", model.message_name(id));
        let report = Diagnostic::new(Code::UnansweredJoin, span, title).label("has no `reply`");
        out.push(report.help("add `-> reply ok`: behind the answer come the topic's events, and none is missed"));
    }
}

fn joins(message: &Message) -> bool {
    let mut outcomes = message.chain.iter().flatten().flat_map(|handling| &handling.outcomes);
    outcomes.any(|outcome| matches!(outcome, Outcome::Join(_)))
}
