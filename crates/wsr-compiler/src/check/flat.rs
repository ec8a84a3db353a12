//! The flat form: fields stand beside `name` and `id`, so they cannot be called so.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Field, Message, Model, Payload, Shape, TypeKind};
use crate::resolve::{Resolved, base};

/// Keys of the envelope.
const ENVELOPE: [&str; 5] = ["name", "id", "payload", "since", "trace"];

/// Refuses messages that the flat form cannot carry, in a protocol that accepts it.
pub(super) fn flat_form_has_room(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    if !model.accepts.flat {
        return;
    }
    for message in model.messages.iter().filter(|message| message.binary.is_none()) {
        let Some(fields) = fields(model, message) else {
            let name = model.full_name(message.namespace, &message.name);
            let title = format!("the flat form cannot carry `{name}`, whose payload is no struct");
            let report = Diagnostic::new(Code::FlatField, message.origin.span, title)
                .label("has no fields to stand beside `name`");
            out.push(report.help("put it into a field, or drop `flat` from `@accepts`"));
            continue;
        };
        for field in fields.iter().filter(|field| ENVELOPE.contains(&field.wire.as_str())) {
            let title = format!(
                "in the flat form `{}` of `{}` would stand in the place of the envelope's own `{0}`",
                field.wire,
                model.full_name(message.namespace, &message.name)
            );
            let report = Diagnostic::new(Code::FlatField, field.origin.span, title).label("taken by the envelope");
            out.push(report.help("rename it, or drop `flat` from `@accepts`"));
        }
    }
}

/// The fields of a payload; `None` when it is no object.
fn fields<'m>(model: &'m Model, message: &'m Message) -> Option<&'m [Field]> {
    match &message.payload {
        Payload::None => Some(&[]),
        Payload::Fields(fields) => Some(fields),
        Payload::Type(ty) => match base(&model.types, ty) {
            Shape::Named(id) => match &model.types[*id].kind {
                TypeKind::Struct(fields) => Some(fields),
                _ => None,
            },
            Shape::Unknown => Some(&[]),
            _ => None,
        },
    }
}
