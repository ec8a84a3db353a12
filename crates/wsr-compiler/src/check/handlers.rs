//! Handlers: one message each, once a chain.

use std::collections::HashMap;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Handler, Message, MessageId, Model, NamespaceId};
use crate::resolve::Resolved;
use crate::source::Span;

/// A handler as a chain names it.
pub(super) struct Method<'m> {
    pub namespace: NamespaceId,
    pub name: &'m str,
    pub message: MessageId,
    pub span: Span,
}

/// Every handler that takes one message, wherever a chain names it.
pub(super) fn methods(model: &Model) -> impl Iterator<Item = Method<'_>> {
    model.messages.iter().enumerate().flat_map(|(message, written)| {
        written.chain.iter().flatten().filter_map(move |handling| match &handling.handler {
            Handler::Method { namespace, name } => Some(Method { namespace: *namespace, name, message, span: handling.span }),
            _ => None,
        })
    })
}

/// Refuses a handler that different messages name, and one that stands twice in a chain.
pub(super) fn handlers_take_one_message(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    let mut first_use: HashMap<(NamespaceId, &str), Method<'_>> = HashMap::new();
    for method in methods(model) {
        let key = (method.namespace, method.name);
        match first_use.get(&key) {
            None => {
                first_use.insert(key, method);
            }
            Some(first) if first.message != method.message => {
                out.push(takes_two(model, first, &method));
            }
            Some(_) => {}
        }
    }
    model.messages.iter().for_each(|message| once_in_its_chain(model, message, out));
}

fn takes_two(model: &Model, first: &Method<'_>, second: &Method<'_>) -> Diagnostic {
    let full = full_name(model, second.namespace, second.name);
    let (one, other) = (&model.messages[first.message].wire, &model.messages[second.message].wire);
    Diagnostic::new(Code::HandlerNotAny, second.span, format!("`{full}` gets `{one}` there and `{other}` here"))
        .label(format!("takes `{other}` here"))
        .also(first.span, format!("takes `{one}` here"))
        .help(format!("give them two names; a handler that takes every message is declared: `handler {}(any)`", second.name))
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
            Handler::Method { namespace, name } => (Code::HandlerTwiceInChain, twice(model, *namespace, name, message), "remove one of them, or give them two names"),
            Handler::Any(id) => {
                let handler = &model.any_handlers[*id];
                (Code::HandlerTwiceInChain, twice(model, handler.namespace, &handler.name, message), "remove one of them")
            }
        };
        out.push(Diagnostic::new(code, handling.span, title).label("the second one").also(first, "the first one").help(help));
    }
}

fn twice(model: &Model, namespace: NamespaceId, name: &str, message: &Message) -> String {
    format!("`{}` stands twice in the chain of `{}`", full_name(model, namespace, name), message.wire)
}
