//! `@idempotent`: a repeated answer stands for all that the first message did, so that must be no more than can be
//! answered for.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Message, MessageId, Model, Next, Outcome};
use crate::resolve::Resolved;

/// Refuses `@idempotent` where the second message would have to do something to its own connection.
pub(super) fn what_comes_twice_only_answers(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for (id, message) in model.messages.iter().enumerate().filter(|(_, message)| message.idempotent.is_some()) {
        let Some((what, help)) = more_than_answer(model, id, message) else { continue };
        let name = model.full_name(message.namespace, &message.name);
        let title = format!("`@idempotent` on `{name}`, which {what}");
        let report = Diagnostic::new(Code::OnceMore, message.origin.span, title)
            .label("a second one would get the answer without it");
        out.push(report.help(help));
    }
}

fn more_than_answer(model: &Model, id: MessageId, message: &Message) -> Option<(String, &'static str)> {
    let outcomes = || message.chain.iter().flatten().flat_map(|handling| &handling.outcomes);
    if outcomes().any(|outcome| matches!(outcome, Outcome::Join(_) | Outcome::Leave(_))) {
        return Some(("joins or leaves a topic".to_owned(), "joining twice is joining once: drop `@idempotent`"));
    }
    if outcomes().any(|outcome| matches!(outcome, Outcome::Stream(_))) {
        return Some(("answers with a stream".to_owned(), "streams are not kept: drop `@idempotent`"));
    }
    let flow = model.flows.iter().find(|flow| {
        let steps = flow.states.iter().flat_map(|state| &state.steps);
        steps.into_iter().any(|step| step.message == id && step.next != Next::Stay)
    })?;
    let help = "a flow tells by itself what came before: drop `@idempotent`, or the transition";
    Some((format!("moves the flow `{}`", flow.name), help))
}
