//! What of a type can be said only when the aliases that it names are followed.

use crate::model::{Field, Int, Limits, Model, Number, Shape, Type, TypeDef, TypeId, TypeKind, Value};

use super::json::{list, number, string};

/// A type with its aliases followed.
pub(super) struct Base<'m> {
    /// No alias.
    pub shape: &'m Shape,
    /// What is asked, that of the innermost alias first; none of them empty.
    pub limits: Vec<&'m Limits>,
    /// Null is a value.
    pub nullable: bool,
    /// An integer that travels as decimal text.
    pub text: bool,
}

/// Follows the aliases of a type. Of a circle of aliases nothing is known.
pub(super) fn base<'m>(model: &'m Model, ty: &'m Type) -> Base<'m> {
    let mut limits: Vec<&Limits> = Vec::new();
    let mut shape = &ty.shape;
    let mut next = Some(ty);
    for _ in 0..=model.types.len() {
        let Some(ty) = next else { break };
        limits.push(&ty.limits);
        shape = &ty.shape;
        next = alias(model, shape).map(|(_, target)| target);
    }
    if next.is_some() {
        shape = &Shape::Unknown;
    }
    limits.reverse();
    limits.retain(|limits| !limits.is_empty());
    Base { shape, limits, nullable: is_nullable(model, ty), text: is_text(model, ty) }
}

/// Whether null is a value, by the type or by an alias that it names. A newtype inside hides it.
pub(crate) fn is_nullable(model: &Model, ty: &Type) -> bool {
    let mut next = Some(ty);
    for _ in 0..=model.types.len() {
        match next {
            Some(ty) if ty.nullable => return true,
            Some(ty) => next = alias(model, &ty.shape).and_then(through),
            None => return false,
        }
    }
    false
}

/// The target of an alias, seen from outside. A newtype's own `?` counts, but not one of the aliases behind it.
fn through<'m>((def, target): (&'m TypeDef, &'m Type)) -> Option<&'m Type> {
    if is_newtype(def) && !target.nullable { None } else { Some(target) }
}

/// Whether a 64-bit integer travels as decimal text. Decided where the type gets limits of its own, not where it is used.
pub(crate) fn is_text(model: &Model, ty: &Type) -> bool {
    let mut limits: Vec<&Limits> = Vec::new();
    let mut ty = ty;
    let mut is_closed = false;
    for _ in 0..=model.types.len() {
        if let Shape::Int(int) = ty.shape {
            // Limits at a use count only when nothing has a name.
            if !is_closed {
                limits.clear();
            }
            limits.push(&ty.limits);
            limits.reverse();
            return is_text_within(int, &limits);
        }
        let Some((def, target)) = alias(model, &ty.shape) else { return false };
        if is_closed {
            limits.push(&ty.limits);
        }
        is_closed |= is_newtype(def);
        ty = target;
    }
    false
}

fn is_text_within(int: Int, limits: &[&Limits]) -> bool {
    let lowest = match int {
        Int::U64 => 0,
        Int::I64 => i128::from(i64::MIN),
        _ => return false,
    };
    // Those further out are narrower.
    let last = |pick: &dyn Fn(&Limits) -> Option<Number>| limits.iter().rev().find_map(|limits| pick(limits));
    if let Some(numbers) = limits.iter().rev().find_map(|limits| limits.one_of.as_ref()) {
        return !numbers.iter().all(|&number| whole(number).abs() <= SAFE_INTEGER);
    }
    let min = last(&|limits| limits.range.and_then(|range| range.min)).map_or(lowest, whole);
    let max = last(&|limits| limits.range.and_then(|range| range.max)).map_or(i128::MAX, whole);
    min < -SAFE_INTEGER || max > SAFE_INTEGER
}

fn whole(number: Number) -> i128 {
    match number {
        Number::Int(value) => value,
        Number::Float(value) => value as i128,
    }
}

/// The alias that a shape names.
pub(super) fn alias<'m>(model: &'m Model, shape: &Shape) -> Option<(&'m TypeDef, &'m Type)> {
    let Shape::Named(id) = shape else { return None };
    let def = model.types.get(*id)?;
    match &def.kind {
        TypeKind::Alias(target) => Some((def, target)),
        _ => None,
    }
}

/// Whether a name is more than another name for the same.
fn is_newtype(def: &TypeDef) -> bool {
    matches!(&def.kind, TypeKind::Alias(target) if def.secret || !target.limits.is_empty())
}

/// Whether no variant of an enum has fields, so that it is a text on the wire.
pub(crate) fn is_plain(def: &TypeDef) -> bool {
    matches!(&def.kind, TypeKind::Enum(variants) if variants.iter().all(|variant| variant.fields.is_empty()))
}

/// A default value as it would come over the wire.
pub(crate) fn default_value(model: &Model, out: &mut String, ty: &Type, value: &Value) {
    let base = base(model, ty);
    match (value, base.shape) {
        (Value::List(values), Shape::List(item)) => {
            list(out, values, |out, value| default_value(model, out, item, value))
        }
        (Value::List(values), _) => list(out, values, |out, value| default_value(model, out, ty, value)),
        (Value::Variant(index), shape) => string(out, variant_name(model, shape, *index)),
        (Value::Bool(value), _) => out.push_str(&value.to_string()),
        (Value::Text(text), _) => string(out, text),
        (Value::Number(value), Shape::F32 | Shape::F64) => out.push_str(&number(*value)),
        (Value::Number(value), _) if base.text => string(out, &whole(*value).to_string()),
        (Value::Number(value), _) => out.push_str(&whole(*value).to_string()),
    }
}

fn variant_name<'m>(model: &'m Model, shape: &Shape, index: usize) -> &'m str {
    let name = match shape {
        Shape::Role => model.roles.get(index).map(|role| role.name.as_str()),
        Shape::Named(id) => match model.types.get(*id).map(|def| &def.kind) {
            Some(TypeKind::Enum(variants)) => variants.get(index).map(|variant| variant.wire.as_str()),
            _ => None,
        },
        _ => None,
    };
    name.unwrap_or_default()
}

/// A path of field names as written, with the names that the fields have on the wire.
pub(crate) fn wire_path(model: &Model, fields: &[Field], path: &[String]) -> Vec<String> {
    let mut fields = fields;
    let mut wire = Vec::with_capacity(path.len());
    for name in path {
        let field = fields.iter().find(|field| field.name == *name);
        wire.push(field.map_or(name, |field| &field.wire).clone());
        fields = field.map_or(&[], |field| fields_of(model, &field.ty));
    }
    wire
}

/// The fields of a type that is a struct.
pub(crate) fn fields_of<'m>(model: &'m Model, ty: &'m Type) -> &'m [Field] {
    match base(model, ty).shape {
        Shape::Named(id) => struct_fields(model, *id),
        _ => &[],
    }
}

fn struct_fields(model: &Model, id: TypeId) -> &[Field] {
    match model.types.get(id).map(|def| &def.kind) {
        Some(TypeKind::Struct(fields)) => fields,
        _ => &[],
    }
}

/// 2^53-1
const SAFE_INTEGER: i128 = (1 << 53) - 1;
