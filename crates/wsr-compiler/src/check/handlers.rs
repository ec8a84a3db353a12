//! Handlers: one message each, once a chain.

use std::collections::{HashMap, HashSet};

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{
    EventId, Handler, Handling, Message, MessageId, Model, NamespaceId, Outcome, Payload, Shape, Target, Type, TypeId,
};
use crate::resolve::Resolved;
use crate::source::Span;

/// A handler as a chain names it.
pub(super) struct Method<'m> {
    pub namespace: NamespaceId,
    pub name: &'m str,
    pub message: MessageId,
    pub span: Span,
    stage: usize,
    handling: &'m Handling,
}

/// Every handler that takes one message, wherever a chain names it.
pub(super) fn methods(model: &Model) -> impl Iterator<Item = Method<'_>> {
    model.messages.iter().enumerate().flat_map(|(message, written)| {
        let handlings = written.chain.iter().enumerate();
        let handlings = handlings.flat_map(|(stage, of)| of.iter().map(move |handling| (stage, handling)));
        handlings.filter_map(move |(stage, handling)| match &handling.handler {
            Handler::Method { namespace, name } => {
                Some(Method { namespace: *namespace, name, message, span: handling.span, stage, handling })
            }
            _ => None,
        })
    })
}

/// Refuses a handler that different messages name, and one that stands twice in a chain.
pub(super) fn handlers_take_one_message(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    let mut first_use: HashMap<(NamespaceId, &str), Method<'_>> = HashMap::new();
    let mut reported: HashSet<(NamespaceId, &str)> = HashSet::new();
    for method in methods(model).filter(|_| !resolved.broken_handlers) {
        let key = (method.namespace, method.name);
        match first_use.get(&key) {
            None => {
                first_use.insert(key, method);
            }
            Some(first) if first.message != method.message => {
                let clash = clash(model, first, &method);
                out_once(&mut reported, key, clash.map(|clash| report(model, first, &method, &clash)), out);
            }
            Some(_) => {}
        }
    }
    model.messages.iter().for_each(|message| once_in_its_chain(model, message, out));
}

/// Takes the first report about a handler.
fn out_once<'m>(
    reported: &mut HashSet<(NamespaceId, &'m str)>,
    key: (NamespaceId, &'m str),
    report: Option<Diagnostic>,
    out: &mut Diagnostics,
) {
    if let Some(report) = report
        && reported.insert(key)
    {
        out.push(report);
    }
}

/// How two uses of a handler differ.
enum Clash {
    /// In what it takes.
    Message,
    /// In what it returns.
    Values,
    /// In what it is handed by the stage before.
    Passed,
    /// In how it may fail.
    Error,
}

/// One method can serve several messages of one payload type, if it returns the same each time.
fn clash(model: &Model, first: &Method<'_>, second: &Method<'_>) -> Option<Clash> {
    let (one, other) = (&model.messages[first.message], &model.messages[second.message]);
    match (named_payload(one), named_payload(other)) {
        (Some(one), Some(other)) if one == other => {}
        _ => return Some(Clash::Message),
    }
    if carried(first.handling) != carried(second.handling) {
        return Some(Clash::Values);
    }
    if passed(one, first.stage) != passed(other, second.stage) {
        return Some(Clash::Passed);
    }
    (error_of(one) != error_of(other)).then_some(Clash::Error)
}

fn named_payload(message: &Message) -> Option<TypeId> {
    match &message.payload {
        Payload::Type(Type { shape: Shape::Named(id), limits, nullable: false, .. }) if limits.is_empty() => Some(*id),
        _ => None,
    }
}

/// What the handlers of a stage are handed; where a type was written does not matter.
fn passed(message: &Message, stage: usize) -> Vec<Type> {
    message.passed_to(stage).into_iter().map(|ty| Type { span: Span::default(), ..ty.clone() }).collect()
}

fn error_of(message: &Message) -> Option<TypeId> {
    message.error()
}

/// What a handler returns for one arrow.
#[derive(PartialEq)]
enum Carried {
    Value(Type),
    Items(Type),
    Passed(Type),
    Event { event: EventId, optional: bool, addressed: bool },
}

fn carried(handling: &Handling) -> Vec<Carried> {
    let values = handling.outcomes.iter().filter_map(|outcome| match outcome {
        // Where a type was written does not matter.
        Outcome::Reply(reply) => reply.ty.clone().map(|ty| Carried::Value(Type { span: Span::default(), ..ty })),
        Outcome::Stream(stream) => Some(Carried::Items(Type { span: Span::default(), ..stream.item.clone() })),
        Outcome::Pass(ty) => Some(Carried::Passed(Type { span: Span::default(), ..ty.clone() })),
        Outcome::Deliver { event, optional, target } => {
            Some(Carried::Event { event: *event, optional: *optional, addressed: *target == Some(Target::Mailboxes) })
        }
        _ => None,
    });
    values.collect()
}

fn report(model: &Model, first: &Method<'_>, second: &Method<'_>, clash: &Clash) -> Diagnostic {
    let full = full_name(model, second.namespace, second.name);
    let (one, other) = (model.message_name(first.message), model.message_name(second.message));
    let new = |title: String, here: String, there: String| {
        Diagnostic::new(Code::HandlerNotAny, second.span, title).label(here).also(first.span, there)
    };
    match clash {
        Clash::Message => new(
            format!("`{full}` gets `{other}` here and `{one}` there"),
            format!("takes `{other}`"),
            format!("takes `{one}`"),
        )
        .help(format!("give them two names; if it takes every message, declare it: `handler {}(any)`", second.name)),
        Clash::Values => new(
            format!("`{full}` returns other values for `{other}` than for `{one}`"),
            "returns this".to_owned(),
            "and that".to_owned(),
        )
        .help("give them two names, or the same arrows with the same types"),
        Clash::Passed => new(
            format!("`{full}` is handed other values for `{other}` than for `{one}`"),
            "after one stage".to_owned(),
            "after another one".to_owned(),
        )
        .help("give them two names, or let the stages before pass the same types"),
        Clash::Error => new(
            format!("`{full}` may fail with other errors for `{other}` than for `{one}`"),
            "one error".to_owned(),
            "another one".to_owned(),
        )
        .help("give them two names, or the same error behind `or`"),
    }
}

fn full_name(model: &Model, namespace: NamespaceId, name: &str) -> String {
    let mut parts: Vec<&str> = model.namespaces[namespace].path.iter().map(String::as_str).collect();
    parts.push(name);
    parts.join("::")
}

fn once_in_its_chain(model: &Model, message: &Message, out: &mut Diagnostics) {
    let mut known: Vec<(&Handler, Span)> = Vec::new();
    for handling in message.chain.iter().flatten() {
        let first = known.iter().find(|(handler, _)| *handler == &handling.handler).map(|(_, span)| *span);
        let Some(first) = first else {
            known.push((&handling.handler, handling.span));
            continue;
        };
        let (code, title, help) = match &handling.handler {
            Handler::Relay(_) => (Code::DeliveryTwice, "the same relay twice".to_owned(), "remove one of them"),
            Handler::Method { namespace, name } => (
                Code::HandlerTwiceInChain,
                twice(model, *namespace, name, message),
                "remove one of them, or give them two names",
            ),
            Handler::Any(id) => {
                let handler = &model.any_handlers[*id];
                (
                    Code::HandlerTwiceInChain,
                    twice(model, handler.namespace, &handler.name, message),
                    "remove one of them",
                )
            }
        };
        out.push(
            Diagnostic::new(code, handling.span, title).label("the second one").also(first, "the first one").help(help),
        );
    }
}

fn twice(model: &Model, namespace: NamespaceId, name: &str, message: &Message) -> String {
    format!(
        "`{}` stands twice in the chain of `{}`",
        full_name(model, namespace, name),
        model.full_name(message.namespace, &message.name)
    )
}
