//! Flows against what else is said of their messages.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Flow, MessageId, Next, State};
use crate::resolve::Resolved;
use crate::source::Span;

/// Refuses `if member` where there is no topic to be a member of.
pub(super) fn members_are_of_a_topic(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    for flow in resolved.written.flows.iter().filter(|flow| flow.on.is_none()) {
        let guards = flow.states.iter().flat_map(|state| &state.steps).filter_map(|step| step.member);
        for span in guards {
            let title = format!("`if member` in flow `{}`, which is on no topic", flow.name.text);
            let report = Diagnostic::new(Code::MemberGuard, span, title).label("a member of what?");
            out.push(report.help(format!("say which topic: `flow {} on rooms/{{room}} covers …`", flow.name.text)));
        }
    }
}

/// Refuses `@concurrent` on what leads a connection's flow elsewhere: the next message waits for it anyway.
pub(super) fn what_leads_elsewhere_runs_alone(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for (id, message) in model.messages.iter().enumerate().filter(|(_, message)| message.concurrent.is_some()) {
        let leads = |state: &State| state.steps.iter().any(|step| step.message == id && step.next != Next::Stay);
        let Some(flow) = of_connections(resolved).find(|flow| flow.states.iter().any(leads)) else { continue };
        let title = format!("`{}` leads flow `{}` to another state", model.message_name(id), flow.name);
        let span = attribute(resolved, id, "concurrent").unwrap_or(message.origin.span);
        let report = Diagnostic::new(Code::SideBySide, span, title).label("the next message must know the state");
        let report = report.also(flow.origin.span, "the flow");
        out.push(report.help("remove `@concurrent`, or let another message make the transition"));
    }
}

/// Warns of deadlines that are later than the end of the connection.
pub(super) fn answers_come_before_the_end(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for (id, message) in model.messages.iter().enumerate() {
        let Some(deadline) = message.deadline else { continue };
        for flow in of_connections(resolved).filter(|flow| flow.covers.contains(&id)) {
            let lets_in = |state: &&State| state.steps.iter().any(|step| step.message == id);
            let states: Vec<&State> = flow.states.iter().filter(lets_in).collect();
            let ends = |state: &&State| matches!(state.timeout, Some((after, Next::End)) if after < deadline);
            if states.is_empty() || !states.iter().all(ends) {
                continue;
            }
            let span = attribute(resolved, id, "deadline").unwrap_or(message.origin.span);
            let title = format!(
                "the deadline of `{}` is later than the end of every state that lets it in",
                model.message_name(id)
            );
            let report = Diagnostic::new(Code::DeadlineLate, span, title).label("the connection may be closed by then");
            let report = report.also(states[0].origin.span, "ends earlier");
            out.push(report.help("shorten the deadline, or lengthen the time of the state"));
        }
    }
}

/// The flows whose `end` closes the connection.
fn of_connections<'r>(resolved: &'r Resolved<'_>) -> impl Iterator<Item = &'r Flow> {
    resolved.model.flows.iter().filter(|flow| flow.on.is_none())
}

fn attribute(resolved: &Resolved<'_>, id: MessageId, name: &str) -> Option<Span> {
    let (lead, _) = resolved.written.messages.get(id)?;
    lead.attributes.iter().find(|attribute| attribute.name.text == name).map(|attribute| attribute.span)
}
