//! Binary payloads: one byte of tag, fixed fields, one of any length at the end.

use std::collections::HashMap;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Field, Model, Payload, Shape, Type, TypeKind};
use crate::resolve::{Resolved, base};
use crate::source::Span;

/// An index of a variant is one byte.
const MAX_VARIANTS: usize = 256;

/// Refuses tags used twice in one direction, tags that envelopes begin with, and payloads that have no binary form.
pub(super) fn binary_payloads_can_be_read(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    let messages = model.messages.iter().enumerate();
    tags(
        messages.filter_map(|(id, message)| Some((message.binary?, model.message_name(id), message.origin.span))),
        out,
    );
    let events = model.events.iter().enumerate();
    tags(events.filter_map(|(id, event)| Some((event.binary?, model.event_name(id), event.origin.span))), out);
    let messages = model.messages.iter().filter(|message| message.binary.is_some()).map(|message| &message.payload);
    let events = model.events.iter().filter(|event| event.binary.is_some()).map(|event| &event.payload);
    for payload in messages.chain(events) {
        match payload {
            Payload::None => {}
            Payload::Fields(fields) => layout(model, fields, None, out),
            Payload::Type(ty) => match base(&model.types, ty) {
                Shape::Unknown => {}
                Shape::Named(id) if ty == &plain(ty) => match &model.types[*id].kind {
                    TypeKind::Struct(fields) => layout(model, fields, Some(ty.span), out),
                    _ => no_struct(ty.span, out),
                },
                _ => no_struct(ty.span, out),
            },
        }
    }
}

/// The type without `?`.
fn plain(ty: &Type) -> Type {
    Type { nullable: false, ..ty.clone() }
}

fn no_struct(span: Span, out: &mut Diagnostics) {
    let report = Diagnostic::new(Code::BinaryType, span, "a binary payload has fields").label("no fields here");
    out.push(report.help("write them out: `{ data: bytes }`, or name a struct"));
}

/// Whether MessagePack begins a map with this byte.
fn is_map(tag: u8) -> bool {
    matches!(tag, 0x80..=0x8f | 0xde | 0xdf)
}

fn tags(tagged: impl Iterator<Item = (u8, String, Span)>, out: &mut Diagnostics) {
    let mut known: HashMap<u8, (String, Span)> = HashMap::new();
    for (tag, name, span) in tagged {
        if is_map(tag) {
            let title = format!("the tag {tag:#04x} of `{name}` is how an envelope in MessagePack begins");
            let report = Diagnostic::new(Code::BinaryTag, span, title).label("cannot be told from an envelope");
            out.push(report.help("any other will do, but for 0x80 to 0x8f, 0xde and 0xdf"));
        }
        if let Some((first, first_span)) = known.get(&tag) {
            let report = Diagnostic::new(
                Code::BinaryTag,
                span,
                format!("`{first}` and `{name}` have the same binary tag {tag:#04x}"),
            )
            .label("the second one");
            out.push(
                report
                    .also(*first_span, "the first one")
                    .help("give each its own: the tag is all that tells them apart"),
            );
        } else {
            known.insert(tag, (name, span));
        }
    }
}

/// Judges the fields; `used` is where a struct was named, when they are those of one.
fn layout(model: &Model, fields: &[Field], used: Option<Span>, out: &mut Diagnostics) {
    for (at, field) in fields.iter().enumerate() {
        let shape = base(&model.types, &field.ty);
        let report = if let Some((problem, help)) = unfit(model, field, shape) {
            Diagnostic::new(Code::BinaryType, field.ty.span, format!("field `{}` has no binary form", field.name))
                .label(problem)
                .help(help)
        } else if matches!(shape, Shape::Bytes | Shape::String) && at + 1 < fields.len() {
            let title = format!("`{}` can have any length, so what follows it cannot be found", field.name);
            Diagnostic::new(Code::BinaryVarying, field.ty.span, title)
                .label("ends where the payload ends")
                .help("move it to the end")
        } else {
            continue;
        };
        let null_sign = Span { start: field.ty.span.end.saturating_sub(1), ..field.ty.span };
        let report = match field.ty.nullable && report.code == Code::BinaryType && !field.optional {
            true if field.default.is_none() => report.fix(null_sign, ""),
            _ => report,
        };
        out.push(match used {
            Some(used) => report.also(used, "sent as a binary payload here"),
            None => report,
        });
    }
}

fn unfit(model: &Model, field: &Field, shape: &Shape) -> Option<(&'static str, &'static str)> {
    if field.optional || field.default.is_some() {
        return Some(("may be left out", "binary payloads have all their fields: remove the `?` or the default"));
    }
    if may_be_null(model, &field.ty) {
        return Some(("may be null", "binary payloads have all their fields: remove the `?`"));
    }
    match shape {
        Shape::List(_) | Shape::Map(..) => Some(("of varying size", "send it as JSON, or as `bytes` at the end")),
        Shape::Const(_) => Some(("always the same", "leave it out: the tag says which payload it is")),
        Shape::Date | Shape::Email | Shape::Uri | Shape::Ip => {
            Some(("checked text", "send it as JSON, or as a `string` at the end"))
        }
        Shape::Json => Some(("`json` is text", "send it as JSON, or as a `string` at the end")),
        Shape::Named(id) => match &model.types[*id].kind {
            TypeKind::Enum(variants) if variants.iter().any(|variant| !variant.fields.is_empty()) => {
                Some(("an enum with fields", "only enums without fields have one byte"))
            }
            TypeKind::Enum(variants) if variants.len() > MAX_VARIANTS => {
                Some(("more variants than a byte counts", "use an integer"))
            }
            TypeKind::Enum(_) if model.types[*id].open => {
                Some(("an `@open` enum", "a byte has no room for unknown variants: use an enum without `@open`"))
            }
            TypeKind::Enum(_) => None,
            _ => Some(("a struct", "write its fields out one by one")),
        },
        _ => None,
    }
}

fn may_be_null(model: &Model, ty: &Type) -> bool {
    let inner = match ty.shape {
        Shape::Named(id) => match &model.types[id].kind {
            TypeKind::Alias(inner) => may_be_null(model, inner),
            _ => false,
        },
        _ => false,
    };
    ty.nullable || inner
}
