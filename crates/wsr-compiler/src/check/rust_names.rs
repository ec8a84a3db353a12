//! Names that cannot be spelled in Rust at all.

use super::field_lists;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Model, Segment, TypeKind};
use crate::resolve::Resolved;
use crate::source::Span;

/// Words that not even `r#` makes names.
const IMPOSSIBLE: [&str; 4] = ["self", "Self", "super", "crate"];

/// Refuses `self`, `Self`, `super`, `crate` and names without a letter.
pub(super) fn names_are_possible(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    for (kind, name, span) in names(&resolved.model, resolved) {
        if IMPOSSIBLE.contains(&name) || !name.chars().any(char::is_alphanumeric) {
            let help = match kind {
                "field" | "variant" => format!("`@wire(\"{name}\")` above another name keeps `{name}` on the wire"),
                _ => "choose another name".to_owned(),
            };
            let report = Diagnostic::new(
                Code::NoRustName,
                span,
                format!("{} {kind} cannot be called `{name}` in Rust", article(kind)),
            );
            out.push(report.label("no name of Rust").help(help));
        }
    }
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// Every name that becomes one in Rust, with what it names.
fn names<'m>(model: &'m Model, resolved: &Resolved<'_>) -> Vec<(&'static str, &'m str, Span)> {
    let mut names: Vec<(&'static str, &str, Span)> = Vec::new();
    for (namespace, span) in model.namespaces.iter().zip(&resolved.written.namespaces) {
        if let (Some(name), Some(span)) = (namespace.path.last(), span) {
            names.push(("namespace", name, *span));
        }
    }
    for def in &model.types {
        if !def.inline {
            names.push(("type", &def.name, def.origin.span));
        }
        if let TypeKind::Enum(variants) | TypeKind::Error(variants) = &def.kind {
            names.extend(variants.iter().map(|variant| ("variant", variant.name.as_str(), variant.origin.span)));
        }
    }
    names.extend(model.roles.iter().map(|role| ("role", role.name.as_str(), role.origin.span)));
    names.extend(model.messages.iter().map(|message| ("message", message.name.as_str(), message.origin.span)));
    names.extend(model.events.iter().map(|event| ("event", event.name.as_str(), event.origin.span)));
    names.extend(model.asks.iter().map(|ask| ("ask", ask.name.as_str(), ask.origin.span)));
    names.extend(model.any_handlers.iter().map(|handler| ("handler", handler.name.as_str(), handler.origin.span)));
    for topic in &model.topics {
        names.push(("topic", &topic.name, topic.origin.span));
        let places = topic.segments.iter().filter_map(|segment| match segment {
            Segment::Place { name, ty } => Some(("place", name.as_str(), ty.span)),
            Segment::Literal(_) => None,
        });
        names.extend(places);
    }
    let methods = super::handlers::methods(model).filter(|_| !resolved.broken);
    names.extend(methods.map(|method| ("handler", method.name, method.span)));
    names.extend(
        field_lists(model).into_iter().flatten().map(|field| ("field", field.name.as_str(), field.origin.span)),
    );
    names
}
