//! Flows: every message they cover can be sent, every state can be reached and left.

use std::collections::HashSet;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Flow, MessageId, Model, Next, State};
use crate::resolve::Resolved;
use crate::source::Span;

/// Refuses messages and states that can never be; warns of states without a way out.
pub(super) fn flows_let_through(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    if resolved.broken {
        return;
    }
    for flow in &resolved.model.flows {
        // A pick or transition that was reported may be what is missing here.
        if !out.has(Code::PickNothing) {
            let_in(&resolved.model, flow, out);
        }
        if ![Code::UnknownState, Code::Start, Code::ExtendsCircle, Code::PickNothing].iter().any(|&code| out.has(code))
        {
            let reached = reached(flow);
            first_unreached(flow, &reached).into_iter().for_each(|state| out.push(unreachable(resolved, flow, state)));
            // A missing arrow leaves one state without a way out and another out of reach: one report is enough.
            if reached.iter().all(|reached| *reached) {
                ways_out(flow, out);
            }
        }
    }
}

fn let_in(model: &Model, flow: &Flow, out: &mut Diagnostics) {
    let allowed: HashSet<MessageId> =
        flow.states.iter().flat_map(|state| &state.steps).map(|step| step.message).collect();
    for &id in &flow.covers {
        if !allowed.contains(&id) {
            let message = &model.messages[id];
            let report = Diagnostic::new(
                Code::NeverLetIn,
                message.origin.span,
                format!("no state lets `{}` in", model.message_name(id)),
            )
            .label("could never be sent");
            let help = format!("flow `{}` covers it: add it to a state, or cover less", flow.name);
            out.push(report.also(flow.origin.span, "covered by this flow").help(help));
        }
    }
}

/// Which states some way from the start leads to.
fn reached(flow: &Flow) -> Vec<bool> {
    let mut reached = vec![false; flow.states.len()];
    let mut open = vec![flow.start];
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut reached[at], true) {
            continue;
        }
        let state = &flow.states[at];
        open.extend(nexts(state).filter_map(|next| match next {
            Next::State(state) => Some(state),
            _ => None,
        }));
    }
    reached
}

/// The unreached states that no other unreached state leads to: reaching them may reach the others.
fn first_unreached<'f>(flow: &'f Flow, reached: &[bool]) -> Vec<&'f State> {
    let unreached: Vec<usize> = (0..flow.states.len()).filter(|&at| !reached[at]).collect();
    let leads_to = |from: usize, to: usize| nexts(&flow.states[from]).any(|next| next == Next::State(to));
    let first = unreached.iter().filter(|&&at| !unreached.iter().any(|&from| from != at && leads_to(from, at)));
    let mut first: Vec<&State> = first.map(|&at| &flow.states[at]).collect();
    if first.is_empty() {
        first.extend(unreached.first().map(|&at| &flow.states[at]));
    }
    first
}

fn nexts(state: &State) -> impl Iterator<Item = Next> {
    state.steps.iter().map(|step| step.next).chain(state.timeout.map(|(_, next)| next))
}

fn unreachable(resolved: &Resolved<'_>, flow: &Flow, state: &State) -> Diagnostic {
    let model = &resolved.model;
    // The likely arrow: from the start, at a message that leads nowhere so far and sounds like the state.
    let first_word = state.name.split('_').next().unwrap_or("");
    let steps = flow
        .states
        .iter()
        .filter(|other| other.name != state.name)
        .flat_map(|other| other.steps.iter().map(move |step| (other, step)));
    let likely = steps.filter(|(_, step)| step.next == Next::Stay).find(|(_, step)| {
        let name = &model.messages[step.message].name;
        name.len() > 2
            && first_word.len() > 2
            && (first_word.starts_with(name.as_str()) || name.starts_with(first_word))
    });
    let report =
        Diagnostic::new(Code::Unreachable, state.origin.span, format!("state `{}` cannot be reached", state.name))
            .label("no arrow leads here");
    let Some((other, step)) = likely else {
        return report.help(format!("lead to it from another state: `… -> {}`, or remove it", state.name));
    };
    let message = model.message_name(step.message);
    let report = report.help(format!("did you mean `{message} -> {}` in state `{}`?", state.name, other.name));
    match step_without_arrow(resolved, flow, &other.name, &message) {
        Some(span) => report.fix(span, format!("{message} -> {}", state.name)),
        None => report,
    }
}

/// Where a state names just this message, without a guard or an arrow.
fn step_without_arrow(resolved: &Resolved<'_>, flow: &Flow, state: &str, message: &str) -> Option<Span> {
    let written = resolved.written.flows.iter().find(|written| written.name.span == flow.origin.span)?;
    let state = written.states.iter().find(|written| written.name.text == state)?;
    state.steps.iter().find_map(|step| match step.picks.as_slice() {
        [pick] if pick.text == message && step.guard.is_empty() && step.to.is_none() => Some(pick.span),
        _ => None,
    })
}

fn ways_out(flow: &Flow, out: &mut Diagnostics) {
    if flow.states.len() < 2 {
        return;
    }
    for (at, state) in flow.states.iter().enumerate() {
        let leaves = |next: Next| next != Next::Stay && next != Next::State(at);
        if !state.steps.iter().any(|step| leaves(step.next)) && !state.timeout.is_some_and(|(_, next)| leaves(next)) {
            let report =
                Diagnostic::new(Code::NoWayOut, state.origin.span, format!("state `{}` has no way out", state.name))
                    .label("once here, always here");
            out.push(report.help("that may be meant; else lead on: `… -> end` or to another state"));
        }
    }
}
