//! Types that contain themselves: boxed where that can end, refused where it cannot.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{components, in_circles};
use crate::model::{Field, Model, Shape, Type, TypeId, TypeKind};
use crate::resolve::Resolved;

/// Marks recursive fields as boxed; reports types that have no finite value.
pub(super) fn types_end(resolved: &mut Resolved<'_>, out: &mut Diagnostics) {
    let model = &mut resolved.model;
    let count = model.types.len();
    let finite = finite_types(model);
    let component = components(count, |id| inside(model, id));
    let in_circle = in_circles(count, |id| inside(model, id));
    let mut reported = vec![false; count];
    for id in 0..count {
        let alias = matches!(model.types[id].kind, TypeKind::Alias(_));
        if !finite[id] && !alias && in_circle[id] && !std::mem::replace(&mut reported[component[id]], true) {
            out.push(endless(model, id, &finite, &component));
        }
    }
    for (id, def) in model.types.iter_mut().enumerate() {
        for field in fields_mut(&mut def.kind) {
            field.boxed = held(&field.ty).is_some_and(|inner| in_circle[id] && component[inner] == component[id]);
        }
    }
}

fn endless(model: &Model, id: TypeId, finite: &[bool], component: &[usize]) -> Diagnostic {
    let name = &model.types[id].name;
    let leads_back =
        |field: &&Field| required(field).is_some_and(|inner| !finite[inner] && component[inner] == component[id]);
    let field = fields(&model.types[id].kind).into_iter().find(leads_back);
    let (span, help) = match field {
        Some(field) => {
            let inner = held(&field.ty).map_or(&model.types[id], |inner| &model.types[inner]);
            let help = match inner.inline {
                true => format!("make it optional, `{}?: …`, or a list, `[…]`", field.name),
                false => format!("make it optional, `{0}?`, or a list, `[{0}]`", inner.name),
            };
            // An inline type may go on for many lines.
            (if inner.inline { field.origin.span } else { field.ty.span }, help)
        }
        None => (model.types[id].origin.span, format!("make it optional, `{name}?`, or a list, `[{name}]`")),
    };
    Diagnostic::new(Code::Endless, span, format!("`{name}` contains itself without end"))
        .label(format!("always holds another `{name}`"))
        .help(format!("{help} (both are boxed for you)"))
}

/// Which types have a value of finite size.
fn finite_types(model: &Model) -> Vec<bool> {
    let mut finite = vec![false; model.types.len()];
    loop {
        let mut changed = false;
        for id in 0..finite.len() {
            let now = finite[id]
                || match &model.types[id].kind {
                    TypeKind::Alias(ty) => ends(ty, &finite),
                    TypeKind::Struct(fields) => fields.iter().all(|field| field.optional || ends(&field.ty, &finite)),
                    TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                        variants.is_empty()
                            || variants.iter().any(|variant| {
                                variant.fields.iter().all(|field| field.optional || ends(&field.ty, &finite))
                            })
                    }
                };
            changed |= now != finite[id];
            finite[id] = now;
        }
        if !changed {
            return finite;
        }
    }
}

fn ends(ty: &Type, finite: &[bool]) -> bool {
    ty.nullable || held(ty).is_none_or(|inner| finite[inner])
}

/// The types that lie inside a type without a list or map between.
fn inside(model: &Model, id: TypeId) -> Vec<TypeId> {
    match &model.types[id].kind {
        TypeKind::Alias(ty) => held(ty).into_iter().collect(),
        kind => fields(kind).into_iter().filter_map(|field| held(&field.ty)).collect(),
    }
}

/// The named type that a value of this type holds in place.
fn held(ty: &Type) -> Option<TypeId> {
    match ty.shape {
        Shape::Named(id) => Some(id),
        _ => None,
    }
}

/// The named type that a field always holds.
fn required(field: &Field) -> Option<TypeId> {
    held(&field.ty).filter(|_| !field.optional && !field.ty.nullable)
}

fn fields(kind: &TypeKind) -> Vec<&Field> {
    match kind {
        TypeKind::Alias(_) => Vec::new(),
        TypeKind::Struct(fields) => fields.iter().collect(),
        TypeKind::Enum(variants) | TypeKind::Error(variants) => {
            variants.iter().flat_map(|variant| &variant.fields).collect()
        }
    }
}

fn fields_mut(kind: &mut TypeKind) -> Vec<&mut Field> {
    match kind {
        TypeKind::Alias(_) => Vec::new(),
        TypeKind::Struct(fields) => fields.iter_mut().collect(),
        TypeKind::Enum(variants) | TypeKind::Error(variants) => {
            variants.iter_mut().flat_map(|variant| &mut variant.fields).collect()
        }
    }
}
