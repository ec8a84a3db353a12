//! Secrets in what the server sends out.

use super::fields_of_kind;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Field, Model, Payload, Shape, Type, TypeId, TypeKind};
use crate::resolve::Resolved;

/// Warns of events that carry a secret.
pub(super) fn events_tell_no_secrets(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for event in &model.events {
        let name = model.full_name(event.namespace, &event.name);
        let fields: &[Field] = match &event.payload {
            Payload::Fields(fields) => fields,
            Payload::Type(ty) if holds_secret(model, ty) => {
                out.push(warning(&name, ty.span));
                continue;
            }
            _ => continue,
        };
        for field in fields.iter().filter(|field| field.secret || holds_secret(model, &field.ty)) {
            out.push(warning(&name, field.origin.span));
        }
    }
}

/// Warns of topics whose members would tell each other a secret.
pub(super) fn presence_tells_no_secrets(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    let states = model.topics.iter().filter_map(|topic| topic.presence.as_ref()?.state.as_ref());
    for state in states.filter(|state| holds_secret(model, state)) {
        let report = Diagnostic::new(Code::SecretEvent, state.span, "what members say of themselves tells a secret");
        out.push(report.label("goes out to all members").help("use a type without a secret"));
    }
}

fn warning(name: &str, span: crate::source::Span) -> Diagnostic {
    Diagnostic::new(Code::SecretEvent, span, format!("event `{name}` tells a secret"))
        .label("goes out to its receivers")
        .help("leave it out, or answer with it: `-> reply …`")
}

fn holds_secret(model: &Model, ty: &Type) -> bool {
    let mut seen = vec![false; model.types.len()];
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        match &ty.shape {
            Shape::List(item) => open.push(item),
            Shape::Map(key, value) => open.extend([&**key, &**value]),
            Shape::Named(id) if !std::mem::replace(&mut seen[*id], true) => {
                if is_secret(model, *id) {
                    return true;
                }
                match &model.types[*id].kind {
                    TypeKind::Alias(inner) => open.push(inner),
                    kind => open.extend(fields_of_kind(kind).map(|field| &field.ty)),
                }
            }
            _ => {}
        }
    }
    false
}

fn is_secret(model: &Model, id: TypeId) -> bool {
    let def = &model.types[id];
    def.secret || fields_of_kind(&def.kind).any(|field| field.secret)
}
