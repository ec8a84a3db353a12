//! Lists with `unique`: their items can be compared exactly.

use super::{fields_of_kind, types};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Model, Shape, Type, TypeKind};
use crate::resolve::{Resolved, base};

/// Refuses `unique` where floats or `json` are inside the items.
pub(super) fn items_can_be_compared(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    for ty in types(model).into_iter().filter(|ty| ty.limits.unique) {
        let Shape::List(item) = base(&model.types, ty) else { continue };
        if let Some(inner) = without_equality(model, item) {
            let report =
                Diagnostic::new(Code::LimitMisfit, ty.span, format!("`unique` does not fit items with {inner} inside"));
            out.push(report.label("cannot be compared exactly").help("remove `unique`, and compare in a handler"));
        }
    }
}

fn without_equality(model: &Model, item: &Type) -> Option<&'static str> {
    let mut seen = vec![false; model.types.len()];
    let mut open = vec![&item.shape];
    while let Some(shape) = open.pop() {
        match shape {
            Shape::F32 => return Some("`f32`"),
            Shape::F64 => return Some("`f64`"),
            Shape::Json => return Some("`json`"),
            Shape::List(item) => open.push(&item.shape),
            Shape::Map(key, value) => open.extend([&key.shape, &value.shape]),
            Shape::Named(id) if !std::mem::replace(&mut seen[*id], true) => match &model.types[*id].kind {
                TypeKind::Alias(ty) => open.push(&ty.shape),
                kind => open.extend(fields_of_kind(kind).map(|field| &field.ty.shape)),
            },
            _ => {}
        }
    }
    None
}
