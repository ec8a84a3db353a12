//! What is declared and never used.

use std::collections::HashSet;

use super::{outcomes, types, types_of_kind, types_outside_types};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Handler, Model, Origin, Outcome, Shape, Target, TypeKind};
use crate::resolve::Resolved;

/// Warns of types, events, errors, topics, roles and handlers that nothing refers to.
pub(super) fn everything_is_used(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    let targets: Vec<&Target> = targets(model);
    used_types(resolved, out);
    used_events(model, out);
    used_topics(model, &targets, out);
    used_roles(model, &targets, out);
    used_handlers(model, out);
    used_mailboxes(model, &targets, out);
}

fn warn(out: &mut Diagnostics, what: &str, name: &str, origin: &Origin, help: &str) {
    out.push(
        Diagnostic::new(Code::Unused, origin.span, format!("{what} `{name}` is never used"))
            .label("nothing refers to it")
            .help(help),
    );
}

fn used_types(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    // An inline type is a part of what it stands in.
    let whole = |id: usize| resolved.written.types[id].owner.unwrap_or(id);
    let mut used = vec![false; model.types.len()];
    // What a type says about itself does not count.
    for (id, def) in model.types.iter().enumerate() {
        for ty in types_of_kind(&def.kind) {
            if let Shape::Named(other) = ty.shape
                && whole(other) != whole(id)
            {
                used[other] = true;
            }
        }
    }
    for ty in types_outside_types(model) {
        if let Shape::Named(id) = ty.shape {
            used[id] = true;
        }
    }
    for outcome in outcomes(model) {
        let error = match outcome {
            Outcome::Reply(reply) => reply.error,
            Outcome::Stream(stream) => stream.error,
            _ => None,
        };
        error.into_iter().for_each(|error| used[error] = true);
    }
    model.asks.iter().filter_map(|ask| ask.reply.error).for_each(|error| used[error] = true);
    for (def, _) in model.types.iter().zip(used).filter(|(def, used)| !used && !def.inline) {
        let what = match def.kind {
            TypeKind::Alias(_) => "type",
            TypeKind::Struct(_) => "struct",
            TypeKind::Enum(_) => "enum",
            TypeKind::Error(_) => "error",
        };
        warn(out, what, &def.name, &def.origin, "remove it, or keep it with `@allow(unused)`");
    }
}

fn used_events(model: &Model, out: &mut Diagnostics) {
    let mut sent = vec![false; model.events.len()];
    for outcome in outcomes(model) {
        if let Outcome::Deliver { event, .. } = outcome {
            sent[*event] = true;
        }
    }
    for (event, sent) in model.events.iter().zip(sent) {
        if !sent && event.target.is_none() {
            warn(
                out,
                "event",
                &event.name,
                &event.origin,
                "send it from a message, or give it a target of its own to push it: `event … to all`",
            );
        }
    }
}

fn used_handlers(model: &Model, out: &mut Diagnostics) {
    let mut used = vec![false; model.any_handlers.len()];
    for handling in model.messages.iter().flat_map(|message| &message.chain).flatten() {
        if let Handler::Any(id) = handling.handler {
            used[id] = true;
        }
    }
    for (handler, _) in model.any_handlers.iter().zip(used).filter(|(_, used)| !used) {
        warn(out, "handler", &handler.name, &handler.origin, "name it in a chain, or remove it");
    }
}

fn used_topics(model: &Model, targets: &[&Target], out: &mut Diagnostics) {
    let mut used = vec![false; model.topics.len()];
    for target in targets {
        if let Target::Topic(topic) | Target::OthersInTopic(topic) = target {
            used[topic.topic] = true;
        }
    }
    for outcome in outcomes(model) {
        if let Outcome::Join(topic) | Outcome::Leave(topic) = outcome {
            used[topic.topic] = true;
        }
    }
    model.flows.iter().filter_map(|flow| flow.on.as_ref()).for_each(|on| used[on.topic] = true);
    for (topic, used) in model.topics.iter().zip(used) {
        if !used {
            warn(out, "topic", &topic.name, &topic.origin, "send an event to it, or remove it");
        }
    }
}

fn used_mailboxes(model: &Model, targets: &[&Target], out: &mut Diagnostics) {
    let Some(history) = model.mailbox_history else { return };
    if !targets.iter().any(|target| matches!(target, Target::Mailbox(_) | Target::Mailboxes)) {
        out.push(
            Diagnostic::new(Code::Unused, history.span, "nothing goes to the mailboxes that are kept")
                .label("there is nothing to keep")
                .help("send something `to mailbox {field}`, or remove the attribute"),
        );
    }
}

fn used_roles(model: &Model, targets: &[&Target], out: &mut Diagnostics) {
    if types(model).iter().any(|ty| ty.shape == Shape::Role) {
        return;
    }
    let guards =
        model.flows.iter().flat_map(|flow| &flow.states).flat_map(|state| &state.steps).flat_map(|step| &step.roles);
    let mut used: HashSet<usize> = guards.copied().collect();
    for target in targets {
        if let Target::Roles(roles) | Target::OthersInRoles(roles) = target {
            used.extend(roles);
        }
    }
    for (_, role) in model.roles.iter().enumerate().filter(|(id, _)| !used.contains(id)) {
        warn(out, "role", &role.name, &role.origin, "name it in a target or in `if role(…)`, or remove it");
    }
}

fn targets(model: &Model) -> Vec<&Target> {
    let own = model.events.iter().filter_map(|event| event.target.as_ref());
    let delivered = outcomes(model).filter_map(|outcome| match outcome {
        Outcome::Deliver { target, .. } => target.as_ref(),
        _ => None,
    });
    let relayed = model.messages.iter().flat_map(|message| &message.chain).flatten().filter_map(|handling| {
        match &handling.handler {
            Handler::Relay(target) => Some(target),
            _ => None,
        }
    });
    own.chain(delivered).chain(relayed).collect()
}
