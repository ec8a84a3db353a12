//! Names that generated code, or the language itself, has already.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::casing::{field_name, type_name};
use crate::model::{Model, NamespaceId, Payload, TypeKind};
use crate::resolve::{BUILT_IN, Resolved};
use crate::source::Span;

/// Names of types in every generated module.
const IN_EVERY_MODULE: [&str; 3] = ["Handlers", "Cx", "Role"];
/// And in the module of what stands in no namespace.
const AT_THE_ROOT: [&str; 5] = ["AnyMessage", "Routes", "Wired", "Incoming", "NoIdentity"];
/// Variants of generated error enums.
const INTERNAL: &str = "Internal";

/// Refuses names that would clash with what is generated beside them.
pub(super) fn names_are_free(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for def in &model.types {
        if BUILT_IN.contains(&def.name.as_str()) && def.name != "Role" {
            taken(
                out,
                def.origin.span,
                &format!("`{}` is a built-in type", def.name),
                "built in",
                "choose another name",
            );
        }
    }
    for RustType { kind, name, span, namespace, inline } in rust_types(model) {
        let rust = type_name(name);
        let is_reserved = reserved(namespace).any(|name| name == rust);
        if is_reserved {
            let title = match name == rust {
                true => format!("generated code has a type `{rust}` already"),
                false => format!("{kind} `{name}` becomes `{rust}` in Rust, which generated code has already"),
            };
            taken(out, span, &title, "taken", if inline { NAME_OF_ITS_OWN } else { "choose another name" });
        }
    }
    error_variants(model, out);
    namespaces(resolved, out);
    for topic in &model.topics {
        if topic.namespace == 0 && field_name(&topic.name) == "serve" {
            taken(
                out,
                topic.origin.span,
                "the function of topic `serve` would be `serve`, which generated code has already",
                "taken",
                "choose another name",
            );
        }
    }
}

/// Names of types that a namespace's module has already.
pub(super) fn reserved(namespace: NamespaceId) -> impl Iterator<Item = &'static str> {
    let at_the_root: &[&str] = if namespace == 0 { &AT_THE_ROOT } else { &[] };
    IN_EVERY_MODULE.into_iter().chain(at_the_root.iter().copied())
}

fn taken(out: &mut Diagnostics, span: Span, title: &str, label: &str, help: &str) {
    out.push(Diagnostic::new(Code::Taken, span, title).label(label).help(help));
}

/// What to do about the name of an inline type.
pub(super) const NAME_OF_ITS_OWN: &str =
    "declare the inline type with a name of its own, `struct Name { … }` or `enum Name { … }`, and use that";

/// Something that becomes a type in the module of its namespace.
#[derive(Clone, Copy)]
pub(super) struct RustType<'m> {
    pub kind: &'static str,
    pub name: &'m str,
    pub span: Span,
    pub namespace: NamespaceId,
    /// Named after its path.
    pub inline: bool,
}

/// Everything that becomes a type in the module of its namespace.
pub(super) fn rust_types(model: &Model) -> Vec<RustType<'_>> {
    let types = model.types.iter().map(|def| RustType {
        kind: if def.inline { "inline type" } else { "type" },
        name: &def.name,
        span: def.origin.span,
        namespace: def.namespace,
        inline: def.inline,
    });
    let events = model.events.iter().map(|event| RustType {
        kind: "event",
        name: &event.name,
        span: event.origin.span,
        namespace: event.namespace,
        inline: false,
    });
    let own = model.messages.iter().filter(|message| !matches!(message.payload, Payload::Type(_)));
    let messages = own.map(|message| RustType {
        kind: "message",
        name: &message.name,
        span: message.origin.span,
        namespace: message.namespace,
        inline: false,
    });
    let asks = model.asks.iter().map(|ask| RustType {
        kind: "ask",
        name: &ask.name,
        span: ask.origin.span,
        namespace: ask.namespace,
        inline: false,
    });
    types.chain(events).chain(messages).chain(asks).collect()
}

fn error_variants(model: &Model, out: &mut Diagnostics) {
    for def in &model.types {
        let TypeKind::Error(variants) = &def.kind else { continue };
        for variant in variants.iter().filter(|variant| type_name(&variant.name) == INTERNAL) {
            let title = format!(
                "error variant `{}` becomes `{INTERNAL}` in Rust, which stands for everything unforeseen",
                variant.name
            );
            taken(
                out,
                variant.origin.span,
                &title,
                "taken",
                "remove it: what a handler fails with otherwise is answered as `internal`",
            );
        }
    }
}

fn namespaces(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    for (namespace, span) in resolved.model.namespaces.iter().zip(&resolved.written.namespaces) {
        let (Some(name), Some(span)) = (namespace.path.last(), span) else { continue };
        let rust = field_name(name);
        let why = match (namespace.path.len(), rust.as_str()) {
            (1, "switchboard") => "is the crate that generated code names",
            (1, "routes") => "is the module of messages outside namespaces",
            (_, "rt") => "is the runtime in generated code",
            _ => continue,
        };
        taken(
            out,
            *span,
            &format!("namespace `{name}` becomes module `{rust}`, which {why}"),
            "taken",
            "choose another name",
        );
    }
}
