//! What is behind the names of types.

use wsr_compiler::model::{Bounds, Limits, Model, Number, Shape, Type, TypeDef, TypeKind};

use super::texts;

/// Whether null is a value of a type, by itself or by the alias that it names.
pub fn may_be_null(model: &Model, ty: &Type) -> bool {
    let by_alias = match ty.shape {
        Shape::Named(id) => match &model.types[id].kind {
            TypeKind::Alias(target) => {
                target.nullable || !has_own_limits(&model.types[id]) && may_be_null(model, target)
            }
            _ => false,
        },
        _ => false,
    };
    ty.nullable || by_alias
}

/// Whether a name is more than another name for the same.
pub fn has_own_limits(def: &TypeDef) -> bool {
    matches!(&def.kind, TypeKind::Alias(target) if def.secret || !target.limits.is_empty())
}

/// Whether an alias, or one that it stands for, is secret.
pub fn is_secret(model: &Model, def: &TypeDef) -> bool {
    match &def.kind {
        TypeKind::Alias(Type { shape: Shape::Named(id), .. }) => def.secret || is_secret(model, &model.types[*id]),
        _ => def.secret,
    }
}

/// The type behind an alias with all limits on the way to it, each the narrowest.
pub fn all_limits(model: &Model, ty: &Type) -> Type {
    let Shape::Named(id) = ty.shape else { return ty.clone() };
    let TypeKind::Alias(target) = &model.types[id].kind else { return ty.clone() };
    let mut whole = all_limits(model, target);
    merge(&mut whole.limits, &ty.limits);
    whole
}

/// Limits further out are narrower, and add to those further in.
fn merge(inner: &mut Limits, outer: &Limits) {
    if let Some(outer) = outer.len {
        let inner_len = inner.len.unwrap_or(Bounds { min: 0, max: None });
        let max = [inner_len.max, outer.max].into_iter().flatten().min();
        inner.len = Some(Bounds { min: inner_len.min.max(outer.min), max });
    }
    if let Some(outer) = outer.range {
        let mut range = inner.range.unwrap_or_default();
        if outer.min.is_some() {
            (range.min, range.min_exclusive) = (outer.min, outer.min_exclusive);
        }
        if outer.max.is_some() {
            (range.max, range.max_exclusive) = (outer.max, outer.max_exclusive);
        }
        inner.range = Some(range);
    }
    inner.one_of = outer.one_of.clone().or(inner.one_of.take());
    inner.unique |= outer.unique;
    inner.pattern = match (inner.pattern.take(), &outer.pattern) {
        (Some(inner), Some(outer)) => Some(format!("{inner}{}{outer}", texts::AND)),
        (inner, outer) => outer.clone().or(inner),
    };
    inner.multiple_of = match (inner.multiple_of, outer.multiple_of) {
        (Some(Number::Int(inner)), Some(Number::Int(outer))) => Some(Number::Int(least_common(inner, outer))),
        (inner, outer) => outer.or(inner),
    };
}

/// What is behind all aliases, with the limits of each group that is judged together, and whether it is secret.
pub fn base(model: &Model, ty: &Type) -> (Shape, Vec<Limits>, bool) {
    let Shape::Named(id) = ty.shape else { return (ty.shape.clone(), vec![ty.limits.clone()], false) };
    let def = &model.types[id];
    match &def.kind {
        TypeKind::Alias(target) if has_own_limits(def) => {
            let whole = all_limits(model, target);
            (whole.shape, vec![whole.limits, ty.limits.clone()], is_secret(model, def))
        }
        TypeKind::Alias(target) => {
            let (shape, mut groups, secret) = base(model, target);
            groups.push(ty.limits.clone());
            (shape, groups, secret)
        }
        _ => (ty.shape.clone(), Vec::new(), false),
    }
}

/// The least number that is a multiple of both.
fn least_common(a: i128, b: i128) -> i128 {
    (1..=b).map(|times| a * times).find(|multiple| multiple % b == 0).unwrap_or(a * b)
}
