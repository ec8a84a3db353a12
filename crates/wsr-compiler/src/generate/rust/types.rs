//! Types: how they are spelled in Rust, and what is known about their values.

use super::context::{Context, Scope};
use super::facts::{for_each_type, is_newtype};
use super::literal::within_safe_integers;
use crate::model::{Bounds, Field, Int, Limits, Number, Payload, Shape, Type, TypeDef, TypeId, TypeKind, Variant};

/// The limits along a chain of aliases, the narrowest of each kind.
#[derive(Clone, Default)]
pub(in crate::generate) struct Merged {
    pub limits: Limits,
    /// All patterns: a value has to match each.
    pub patterns: Vec<String>,
    /// All factors.
    pub multiples: Vec<Number>,
}

impl Merged {
    pub fn of(limits: &Limits) -> Self {
        let mut merged = Self::default();
        merged.add(limits);
        merged
    }

    /// Adds the limits of an alias further out, which are narrower.
    pub fn add(&mut self, outer: &Limits) {
        self.limits.len = match (self.limits.len, outer.len) {
            (Some(inner), Some(outer)) => Some(both(inner, outer)),
            (inner, outer) => outer.or(inner),
        };
        if let Some(range) = outer.range {
            let mut merged = self.limits.range.unwrap_or(range);
            if range.min.is_some() {
                (merged.min, merged.min_exclusive) = (range.min, range.min_exclusive);
            }
            if range.max.is_some() {
                (merged.max, merged.max_exclusive) = (range.max, range.max_exclusive);
            }
            self.limits.range = Some(merged);
        }
        if outer.one_of.is_some() {
            self.limits.one_of.clone_from(&outer.one_of);
        }
        self.limits.unique |= outer.unique;
        self.patterns.extend(outer.pattern.clone());
        self.multiples.extend(outer.multiple_of);
    }

    pub fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.patterns.is_empty() && self.multiples.is_empty()
    }
}

/// The lengths that keep both: a bound left open does not lift the other's.
fn both(inner: Bounds, outer: Bounds) -> Bounds {
    let max = [inner.max, outer.max].into_iter().flatten().min();
    Bounds { min: inner.min.max(outer.min), max }
}

impl<'m> Context<'m> {
    /// What an alias that is no type of its own in Rust stands for: never another such alias.
    pub fn plain_alias(&self, id: TypeId) -> Option<&'m Type> {
        if self.is_newtype(id) || self.is_circular(id) {
            return None;
        }
        match &self.model.types.get(id)?.kind {
            TypeKind::Alias(_) => self.target(self.facts.last_plain[id]),
            _ => None,
        }
    }

    /// Whether a type is an alias with limits or a secret, hence a struct in Rust.
    pub fn is_newtype(&self, id: TypeId) -> bool {
        self.model.types.get(id).is_some_and(is_newtype) && !self.is_circular(id)
    }

    /// Whether an alias leads to itself.
    pub fn is_circular(&self, id: TypeId) -> bool {
        self.facts.circular.get(id).is_none_or(|&circular| circular)
    }

    /// The struct, enum or newtype that values of this type are, if any.
    pub fn own_id(&self, ty: &Type) -> Option<TypeId> {
        let Shape::Named(id) = ty.shape else { return None };
        match self.plain_alias(id).map(|target| &target.shape) {
            None => Some(id),
            Some(Shape::Named(id)) => Some(*id),
            Some(_) => None,
        }
    }

    /// The same with all that is known of it.
    pub fn own_type(&self, ty: &Type) -> Option<&'m TypeDef> {
        self.model.types.get(self.own_id(ty)?)
    }

    /// What is behind all aliases, newtypes too.
    pub fn base_type(&self, ty: &'m Type) -> &'m Type {
        match ty.shape {
            Shape::Named(id) if !self.is_circular(id) => self.target(self.facts.last[id]).unwrap_or(ty),
            _ => ty,
        }
    }

    /// The shape of that; unknown for a circle of aliases.
    pub fn base(&self, ty: &'m Type) -> &'m Shape {
        match &self.base_type(ty).shape {
            Shape::Named(id) if self.is_circular(*id) => &Shape::Unknown,
            shape => shape,
        }
    }

    /// All limits of an alias, those of the aliases behind it included.
    pub fn newtype_limits(&self, id: TypeId) -> Merged {
        self.facts.limits.get(id).cloned().unwrap_or_default()
    }

    /// Whether null is a value here, said here or by an alias that this type names.
    pub fn is_nullable(&self, ty: &Type) -> bool {
        // Of two options around a value one is left.
        ty.nullable || matches!(ty.shape, Shape::Named(id) if self.facts.nullable.get(id) == Some(&true))
    }

    fn target(&self, id: TypeId) -> Option<&'m Type> {
        match &self.model.types.get(id)?.kind {
            TypeKind::Alias(target) => Some(target),
            _ => None,
        }
    }

    /// A type in Rust, `Option` included.
    pub fn rust_type(&self, scope: Scope, ty: &Type) -> String {
        let present = self.present_type(scope, &ty.shape);
        if self.is_nullable(ty) { format!("§Option<{present}>") } else { present }
    }

    /// A type in Rust without the `Option` around it.
    pub fn present_type(&self, scope: Scope, shape: &Shape) -> String {
        let simple = match shape {
            Shape::Bool => "bool",
            Shape::Int(int) => int.name(),
            Shape::F32 => "f32",
            Shape::F64 => "f64",
            Shape::String => "§String",
            Shape::Bytes => "rt::Bytes",
            Shape::Uuid => "rt::Uuid",
            Shape::Timestamp => "rt::Timestamp",
            Shape::Duration => "::std::time::Duration",
            Shape::Date => "rt::Date",
            Shape::Email => "rt::Email",
            Shape::Uri => "rt::Uri",
            Shape::Ip => "::std::net::IpAddr",
            Shape::Const(_) => "()",
            Shape::Json | Shape::Unknown => "rt::Value",
            Shape::Role => return self.root_item(scope, "Role"),
            Shape::List(item) => return format!("§Vec<{}>", self.rust_type(scope, item)),
            Shape::Map(key, value) => {
                let (key, value) = (self.rust_type(scope, key), self.rust_type(scope, value));
                return format!("::std::collections::BTreeMap<{key}, {value}>");
            }
            Shape::Named(id) => match self.plain_alias(*id) {
                Some(target) if self.is_nullable(target) => return self.present_type(scope, &target.shape),
                _ => return self.type_path(scope, *id),
            },
        };
        simple.to_owned()
    }

    /// A field's type in Rust without the `Option` around it.
    pub fn present_field_type(&self, scope: Scope, field: &Field) -> String {
        let present = self.present_type(scope, &field.ty.shape);
        if field.boxed { format!("§Box<{present}>") } else { present }
    }

    /// A field's type in Rust: an `Option` for what may be left out, and another for what may be null.
    pub fn field_type(&self, scope: Scope, field: &Field) -> String {
        let mut ty = self.present_field_type(scope, field);
        for option in [self.is_nullable(&field.ty), is_left_out(field)] {
            if option {
                ty = format!("§Option<{ty}>");
            }
        }
        ty
    }

    /// Whether only one value will do for a field, so that Rust need not keep it.
    pub fn is_fixed(&self, field: &'m Field) -> bool {
        let constant = matches!(self.base(&field.ty), Shape::Const(_)) && self.own_type(&field.ty).is_none();
        constant && !self.is_nullable(&field.ty) && !is_left_out(field)
    }

    /// The fields that Rust has, with their places among all.
    pub fn kept(&self, fields: &'m [Field]) -> impl Iterator<Item = (usize, &'m Field)> {
        fields.iter().enumerate().filter(|(_, field)| !self.is_fixed(field))
    }

    /// Whether an integer travels as a number; as text otherwise.
    pub fn is_number(&self, int: Int, limits: &Limits) -> bool {
        match int {
            Int::U64 => within_safe_integers(limits, false),
            Int::I64 => within_safe_integers(limits, true),
            _ => true,
        }
    }

    /// Whether two values are equal or not, and can be hashed: no float is in them.
    pub fn is_hashable(&self, ty: &Type) -> bool {
        let is_float = |ty: &Type| match ty.shape {
            Shape::F32 | Shape::F64 => true,
            Shape::Named(id) => self.facts.floats.get(id) == Some(&true),
            _ => false,
        };
        !any(ty, &is_float)
    }

    /// The same of fields.
    pub fn are_hashable(&self, fields: &[Field]) -> bool {
        fields.iter().all(|field| self.is_hashable(&field.ty))
    }

    /// Whether an outgoing value of this type may be wrong: newtypes cannot be.
    pub fn needs_check(&self, ty: &Type) -> bool {
        let may_be_wrong = |ty: &Type| match ty.shape {
            _ if !ty.limits.is_empty() => true,
            Shape::F32 | Shape::F64 | Shape::Timestamp | Shape::Date | Shape::Duration => true,
            Shape::Named(id) => self.facts.may_be_wrong.get(id) == Some(&true),
            _ => false,
        };
        any(ty, &may_be_wrong)
    }

    /// Whether a limit stands in this very type, so that no trait knows of it.
    pub fn has_inline_limits(&self, ty: &Type) -> bool {
        let inside = match &ty.shape {
            Shape::List(item) => self.has_inline_limits(item),
            Shape::Map(key, value) => !key.limits.is_empty() || self.has_inline_limits(value),
            Shape::Named(id) => self.plain_alias(*id).is_some_and(|target| self.has_inline_limits(target)),
            _ => false,
        };
        inside || !ty.limits.is_empty()
    }

    /// Whether fields have something that logs must not show, beyond what hides itself.
    pub fn hides_fields(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| field.secret)
    }

    /// Whether a type is an enum that is a string on the wire.
    pub fn is_plain_enum(&self, def: &TypeDef) -> bool {
        matches!(&def.kind, TypeKind::Enum(variants) if is_plain(variants))
    }
}

/// Whether a field may be left out and has no default: `None` when it is.
pub(super) fn is_left_out(field: &Field) -> bool {
    field.optional && field.default.is_none()
}

/// Whether no variant has fields.
pub(in crate::generate) fn is_plain(variants: &[Variant]) -> bool {
    variants.iter().all(|variant| variant.fields.is_empty())
}

/// The types that a payload is made of.
pub(super) fn payload_types(payload: &Payload) -> Vec<&Type> {
    match payload {
        Payload::None => Vec::new(),
        Payload::Fields(fields) => fields.iter().map(|field| &field.ty).collect(),
        Payload::Type(ty) => vec![ty],
    }
}

/// The fields of a payload that has some.
pub(super) fn payload_fields(payload: &Payload) -> &[Field] {
    match payload {
        Payload::Fields(fields) => fields,
        _ => &[],
    }
}

/// Whether the type or one written inside it is wanted.
fn any(ty: &Type, wanted: &dyn Fn(&Type) -> bool) -> bool {
    let mut found = false;
    for_each_type(ty, &mut |ty| found |= wanted(ty));
    found
}
