//! Keys of maps: text on the wire, always.

use super::types;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Model, Shape, Type, TypeKind};
use crate::resolve::{Resolved, base};

/// Refuses keys that are no text, integer or enum without fields.
pub(super) fn keys_are_text(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for ty in types(model) {
        let Shape::Map(key, _) = &ty.shape else { continue };
        if let Some(problem) = problem(model, key) {
            let report = Diagnostic::new(Code::MapKey, key.span, "a key of a map is text").label(problem);
            out.push(
                report.help(
                    "use a text type such as `string` or `uuid`, an integer or an enum without fields; or a list of structs",
                ),
            );
        }
    }
}

fn problem(model: &Model, key: &Type) -> Option<&'static str> {
    if is_nullable(model, key) {
        return Some("may be null");
    }
    match base(&model.types, key) {
        Shape::Unknown | Shape::String | Shape::Uuid | Shape::Timestamp | Shape::Int(_) => None,
        Shape::Date | Shape::Email | Shape::Uri | Shape::Ip => None,
        Shape::Const(_) => Some("always the same"),
        Shape::Named(id) => match &model.types[*id].kind {
            TypeKind::Enum(variants) if variants.iter().all(|variant| variant.fields.is_empty()) => None,
            TypeKind::Enum(_) => Some("an enum with fields"),
            _ => Some("a struct"),
        },
        _ => Some("not of a text type"),
    }
}

fn is_nullable(model: &Model, ty: &Type) -> bool {
    let through = match ty.shape {
        Shape::Named(id) => match &model.types[id].kind {
            TypeKind::Alias(inner) => is_nullable(model, inner),
            _ => false,
        },
        _ => false,
    };
    ty.nullable || through
}
