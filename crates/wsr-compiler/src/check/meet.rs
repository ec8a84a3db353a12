//! Names that differ in the file and become one in Rust.

use std::collections::HashMap;

use super::taken::{NAME_OF_ITS_OWN, RustType};
use super::{field_lists, handlers, taken};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::casing::{field_name, type_name};
use crate::model::{Model, NamespaceId, Segment, Topic, TypeKind};
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
    types_apart(model, out);
    for topics in by_namespace(model, &model.topics, |topic| topic.namespace) {
        let shown: Vec<_> =
            topics.iter().map(|topic| (field_name(&topic.name), form(topic), topic.origin.span)).collect();
        let names = shown.iter().map(|(rust, form, span)| (rust.clone(), form.as_str(), *span));
        apart(out, "function", names, |_| "give one of them another fixed word".to_owned());
    }
    let forms: Vec<String> = model.topics.iter().map(|topic| format!("@authorize topic {}", form(topic))).collect();
    for methods in by_namespace(model, methods(model, &forms), |method| method.0) {
        let names = methods.into_iter().map(|(_, rust, name, span)| (rust, name, span));
        apart(out, "handler", names, rename);
    }
    for modules in by_namespace(model, modules(resolved), |module| module.0) {
        apart(out, "module", modules.into_iter().map(|(_, name, span)| (field_name(name), name, span)), rename);
    }
}

/// Things sorted into the namespaces they stand in.
fn by_namespace<T>(
    model: &Model,
    all: impl IntoIterator<Item = T>,
    home: impl Fn(&T) -> NamespaceId,
) -> impl Iterator<Item = Vec<T>> {
    let mut sorted: Vec<Vec<T>> = model.namespaces.iter().map(|_| Vec::new()).collect();
    for one in all {
        sorted[home(&one)].push(one);
    }
    sorted.into_iter()
}

/// Types of one namespace; two of one name are no less a clash when they are of different kinds.
fn types_apart(model: &Model, out: &mut Diagnostics) {
    let mut known: HashMap<(usize, String), RustType<'_>> = HashMap::new();
    let mut types = taken::rust_types(model);
    types.sort_by_key(|found| found.span);
    for second in types {
        let rust = type_name(second.name);
        let Some(first) = known.get(&(second.namespace, rust.clone())) else {
            known.insert((second.namespace, rust), second);
            continue;
        };
        let title = match first.name == second.name {
            true => format!("two types would be called `{rust}` in Rust"),
            false => format!("`{}` and `{}` become the same Rust type `{rust}`", first.name, second.name),
        };
        let help = if first.inline || second.inline { NAME_OF_ITS_OWN } else { "rename one of them" };
        let report = Diagnostic::new(Code::Meet, second.span, title).label(format!("{} too", becomes(&second, &rust)));
        out.push(report.also(first.span, becomes(first, &rust)).help(help));
    }
}

fn becomes(found: &RustType<'_>, rust: &str) -> String {
    match found.inline {
        true => format!("its inline type becomes `{rust}`"),
        false => format!("becomes `{rust}`"),
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

/// Every method of a `Handlers`: its namespace, its name in Rust, and where that comes from.
fn methods<'m>(model: &'m Model, forms: &'m [String]) -> impl Iterator<Item = (NamespaceId, String, &'m str, Span)> {
    let declared = model.any_handlers.iter();
    let declared = declared.map(|handler| (handler.namespace, handler.name.as_str(), handler.origin.span));
    let named = declared.chain(handlers::methods(model).map(|method| (method.namespace, method.name, method.span)));
    let asked = model.topics.iter().zip(forms).filter(|(topic, _)| topic.authorize).map(|(topic, form)| {
        let rust = format!("authorize_{}", field_name(&topic.name));
        (topic.namespace, rust, form.as_str(), topic.origin.span)
    });
    named.map(|(namespace, name, span)| (namespace, field_name(name), name, span)).chain(asked)
}

/// Every namespace with the one around it.
fn modules<'m>(resolved: &'m Resolved<'_>) -> impl Iterator<Item = (NamespaceId, &'m str, Span)> {
    let all = resolved.model.namespaces.iter().zip(&resolved.written.namespaces);
    all.filter_map(|(namespace, span)| Some((namespace.parent?, namespace.path.last()?.as_str(), (*span)?)))
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
