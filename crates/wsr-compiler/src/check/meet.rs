//! Names that differ in the file and become one in Rust.

use std::collections::HashMap;

use super::{field_lists, handlers, taken};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::casing::{field_name, type_name};
use crate::model::{Model, Segment, Topic, TypeKind};
use crate::resolve::Resolved;
use crate::source::Span;

/// Refuses two names that become one after case conversion.
pub(super) fn names_stay_apart(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    if resolved.torn {
        return;
    }
    let model = &resolved.model;
    for fields in field_lists(model) {
        let names = fields.iter().map(|field| (field_name(&field.name), field.name.as_str(), field.origin.span));
        apart(out, "field", names, |name| format!("rename one; `@wire(\"{name}\")` keeps the old name on the wire"));
    }
    for def in &model.types {
        if let TypeKind::Enum(variants) | TypeKind::Error(variants) = &def.kind {
            let names =
                variants.iter().map(|variant| (type_name(&variant.name), variant.name.as_str(), variant.origin.span));
            apart(out, "variant", names, |name| {
                format!("rename one; `@wire(\"{name}\")` keeps the old name on the wire")
            });
        }
    }
    for topic in &model.topics {
        let places = topic.segments.iter().filter_map(|segment| match segment {
            Segment::Place { name, ty } => Some((field_name(name), name.as_str(), ty.span)),
            Segment::Literal(_) => None,
        });
        apart(out, "argument", places, rename);
    }
    let roles = model.roles.iter().map(|role| (type_name(&role.name), role.name.as_str(), role.origin.span));
    apart(out, "role", roles, rename);
    for namespace in 0..model.namespaces.len() {
        let types = taken::rust_types(model).into_iter().filter(|(.., home)| *home == namespace);
        apart(out, "type", types.map(|(_, name, span, _)| (type_name(name), name, span)), rename);
        let topics = model.topics.iter().filter(|topic| topic.namespace == namespace);
        let shown: Vec<_> = topics.map(|topic| (field_name(&topic.name), form(topic), topic.origin.span)).collect();
        let names = shown.iter().map(|(rust, form, span)| (rust.clone(), form.as_str(), *span));
        apart(out, "function", names, |_| "give one of them another fixed word".to_owned());
        apart(out, "handler", methods(model, namespace), rename);
        apart(out, "module", modules(resolved, namespace), rename);
    }
}

/// A topic as it is written, without types.
fn form(topic: &Topic) -> String {
    let parts = topic.segments.iter().map(|segment| match segment {
        Segment::Literal(word) => word.clone(),
        Segment::Place { name, .. } => format!("{{{name}}}"),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn rename(_: &str) -> String {
    "rename one of them".to_owned()
}

fn methods(model: &Model, namespace: usize) -> impl Iterator<Item = (String, &str, Span)> {
    let declared = model.any_handlers.iter().filter(move |handler| handler.namespace == namespace);
    let declared = declared.map(|handler| (field_name(&handler.name), handler.name.as_str(), handler.origin.span));
    let used = handlers::methods(model).filter(move |method| method.namespace == namespace);
    declared.chain(used.map(|method| (field_name(method.name), method.name, method.span)))
}

fn modules<'m>(resolved: &'m Resolved<'_>, parent: usize) -> impl Iterator<Item = (String, &'m str, Span)> {
    let all = resolved.model.namespaces.iter().zip(&resolved.written.namespaces);
    all.filter(move |(namespace, _)| namespace.parent == Some(parent)).filter_map(|(namespace, span)| {
        let name = namespace.path.last()?;
        Some((field_name(name), name.as_str(), (*span)?))
    })
}

/// Reports each name that becomes what an earlier, different one became. Equal names are reported elsewhere.
fn apart<'m>(
    out: &mut Diagnostics,
    what: &str,
    names: impl Iterator<Item = (String, &'m str, Span)>,
    help: impl Fn(&str) -> String,
) {
    let mut known: HashMap<String, (&str, Span)> = HashMap::new();
    for (rust, name, span) in names {
        match known.get(&rust) {
            Some(&(first, first_span)) if first != name => {
                let title = format!("`{first}` and `{name}` become the same Rust {what} `{rust}`");
                let report = Diagnostic::new(Code::Meet, span, title).label(format!("becomes `{rust}` too"));
                out.push(report.also(first_span, format!("becomes `{rust}`")).help(help(name)));
            }
            Some(_) => {}
            None => {
                known.insert(rust, (name, span));
            }
        }
    }
}
