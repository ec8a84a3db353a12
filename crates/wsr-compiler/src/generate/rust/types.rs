//! Types: how they are spelled in Rust, and what is known about their values.

use std::collections::BTreeSet;

use super::context::{Context, Scope};
use super::literal::within_safe_integers;
use crate::generate::writer::Writer;
use crate::model::{Field, Int, Limits, Number, Payload, Shape, Type, TypeDef, TypeId, TypeKind, Variant};

/// The limits along a chain of aliases, the narrowest of each kind.
#[derive(Clone, Default)]
pub(super) struct Merged {
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
        self.limits.len = outer.len.or(self.limits.len);
        if let Some(range) = outer.range {
            let mut merged = self.limits.range.unwrap_or(range);
            merged.min = range.min.or(merged.min);
            merged.max = range.max.or(merged.max);
            self.limits.range = Some(merged);
        }
        self.limits.unique |= outer.unique;
        self.patterns.extend(outer.pattern.clone());
        self.multiples.extend(outer.multiple_of);
    }

    pub fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.patterns.is_empty() && self.multiples.is_empty()
    }
}

impl<'m> Context<'m> {
    /// The target of an alias that is no type of its own in Rust.
    pub fn plain_alias(&self, id: TypeId) -> Option<&'m Type> {
        let def = self.model.types.get(id)?;
        match &def.kind {
            TypeKind::Alias(ty) if !self.is_newtype(id) && !self.circular.contains(&id) => Some(ty),
            _ => None,
        }
    }

    /// Whether a type is an alias with limits or a secret, hence a struct in Rust.
    pub fn is_newtype(&self, id: TypeId) -> bool {
        self.model.types.get(id).is_some_and(|def| match &def.kind {
            TypeKind::Alias(ty) => (def.secret || !ty.limits.is_empty()) && !self.circular.contains(&id),
            _ => false,
        })
    }

    /// The struct, enum or newtype that values of this type are, if any.
    pub fn own_type(&self, ty: &Type) -> Option<&'m TypeDef> {
        let mut shape = &ty.shape;
        while let Shape::Named(id) = shape {
            match self.plain_alias(*id) {
                Some(target) => shape = &target.shape,
                None => return self.model.types.get(*id),
            }
        }
        None
    }

    /// What is behind all aliases, newtypes too.
    pub fn base_type(&self, ty: &'m Type) -> &'m Type {
        let mut ty = ty;
        while let Shape::Named(id) = &ty.shape {
            match self.model.types.get(*id).map(|def| &def.kind) {
                Some(TypeKind::Alias(target)) if !self.circular.contains(id) => ty = target,
                _ => break,
            }
        }
        ty
    }

    /// The shape of that; unknown for a circle of aliases.
    pub fn base(&self, ty: &'m Type) -> &'m Shape {
        match &self.base_type(ty).shape {
            Shape::Named(id) if self.circular.contains(id) => &Shape::Unknown,
            shape => shape,
        }
    }

    /// All limits of a newtype, those of the aliases behind it included.
    pub fn newtype_limits(&self, ty: &'m Type) -> Merged {
        let mut chain = vec![&ty.limits];
        let mut shape = &ty.shape;
        while let Shape::Named(id) = shape {
            match self.model.types.get(*id).map(|def| &def.kind) {
                Some(TypeKind::Alias(target)) if !self.circular.contains(id) => {
                    chain.push(&target.limits);
                    shape = &target.shape;
                }
                _ => break,
            }
        }
        let mut merged = Merged::default();
        chain.iter().rev().for_each(|limits| merged.add(limits));
        merged
    }

    /// Whether null is a value here, said here or by an alias that this type names.
    pub fn is_nullable(&self, ty: &Type) -> bool {
        let Shape::Named(id) = ty.shape else { return ty.nullable };
        let target = match self.model.types.get(id).map(|def| &def.kind) {
            Some(TypeKind::Alias(target)) if !self.circular.contains(&id) => target,
            _ => return ty.nullable,
        };
        // What is inside a newtype is never null; of two options around a value one is left.
        ty.nullable || if self.is_newtype(id) { target.nullable } else { self.is_nullable(target) }
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
            Shape::Int(int) => int_name(*int),
            Shape::F32 => "f32",
            Shape::F64 => "f64",
            Shape::String => "§String",
            Shape::Bytes => "rt::Bytes",
            Shape::Uuid => "rt::Uuid",
            Shape::Timestamp => "rt::Timestamp",
            Shape::Duration => "::std::time::Duration",
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

    /// A field's type in Rust.
    pub fn field_type(&self, scope: Scope, field: &Field) -> String {
        let present = self.present_field_type(scope, field);
        let option = self.is_nullable(&field.ty) || is_left_out(field);
        if option { format!("§Option<{present}>") } else { present }
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
        !self.reaches(ty, &mut BTreeSet::new(), &|ty| matches!(ty.shape, Shape::F32 | Shape::F64))
    }

    /// The same of fields.
    pub fn are_hashable(&self, fields: &[Field]) -> bool {
        fields.iter().all(|field| self.is_hashable(&field.ty))
    }

    /// Whether an outgoing value of this type may be wrong: newtypes cannot be.
    pub fn needs_check(&self, ty: &Type) -> bool {
        let may_be_wrong = |ty: &Type| {
            let shape_may = matches!(ty.shape, Shape::F32 | Shape::F64 | Shape::Timestamp | Shape::Duration);
            shape_may || !ty.limits.is_empty()
        };
        self.reaches_outside_newtypes(ty, &mut BTreeSet::new(), &may_be_wrong)
    }

    /// Whether a limit stands in this very type, so that no trait knows of it.
    pub fn has_inline_limits(&self, ty: &Type) -> bool {
        let inside = match &ty.shape {
            Shape::List(item) => self.has_inline_limits(item),
            Shape::Map(_, value) => self.has_inline_limits(value),
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

    fn reaches(&self, ty: &Type, seen: &mut BTreeSet<TypeId>, wanted: &dyn Fn(&Type) -> bool) -> bool {
        self.walk(ty, seen, wanted, true)
    }

    fn reaches_outside_newtypes(&self, ty: &Type, seen: &mut BTreeSet<TypeId>, wanted: &dyn Fn(&Type) -> bool) -> bool {
        self.walk(ty, seen, wanted, false)
    }

    fn walk(&self, ty: &Type, seen: &mut BTreeSet<TypeId>, wanted: &dyn Fn(&Type) -> bool, newtypes: bool) -> bool {
        if wanted(ty) {
            return true;
        }
        match &ty.shape {
            Shape::List(item) => self.walk(item, seen, wanted, newtypes),
            Shape::Map(key, value) => {
                self.walk(key, seen, wanted, newtypes) || self.walk(value, seen, wanted, newtypes)
            }
            Shape::Named(id) if seen.insert(*id) && (newtypes || !self.is_newtype(*id)) => {
                match self.model.types.get(*id).map(|def| &def.kind) {
                    Some(TypeKind::Alias(target)) => self.walk(target, seen, wanted, newtypes),
                    Some(TypeKind::Struct(fields)) => {
                        fields.iter().any(|field| self.walk(&field.ty, seen, wanted, newtypes))
                    }
                    Some(TypeKind::Enum(variants) | TypeKind::Error(variants)) => {
                        let mut fields = variants.iter().flat_map(|variant| &variant.fields);
                        fields.any(|field| self.walk(&field.ty, seen, wanted, newtypes))
                    }
                    None => false,
                }
            }
            _ => false,
        }
    }

    /// Aliases that can be reached from themselves through aliases alone.
    pub(super) fn circular_aliases(&self) -> BTreeSet<TypeId> {
        let starts = 0..self.model.types.len();
        starts.filter(|&id| self.alias_reaches(id, id, &mut BTreeSet::new())).collect()
    }

    fn alias_reaches(&self, from: TypeId, wanted: TypeId, seen: &mut BTreeSet<TypeId>) -> bool {
        let Some(TypeKind::Alias(ty)) = self.model.types.get(from).map(|def| &def.kind) else { return false };
        let mut next = Vec::new();
        match &ty.shape {
            // A list inside a newtype is where the circle may end.
            Shape::List(_) | Shape::Map(..) if self.is_newtype(from) => {}
            _ => named(ty, &mut next),
        }
        next.into_iter().any(|id| id == wanted || seen.insert(id) && self.alias_reaches(id, wanted, seen))
    }
}

/// Whether a field may be left out and has no default: `None` when it is.
pub(super) fn is_left_out(field: &Field) -> bool {
    field.optional && field.default.is_none()
}

/// Whether no variant has fields.
pub(super) fn is_plain(variants: &[Variant]) -> bool {
    variants.iter().all(|variant| variant.fields.is_empty())
}

/// The fields of a payload that has some.
pub(super) fn payload_fields(payload: &Payload) -> &[Field] {
    match payload {
        Payload::Fields(fields) => fields,
        _ => &[],
    }
}

/// A type that is asked for nothing but its shape.
pub(super) fn int_name(int: Int) -> &'static str {
    match int {
        Int::U8 => "u8",
        Int::U16 => "u16",
        Int::U32 => "u32",
        Int::U64 => "u64",
        Int::I8 => "i8",
        Int::I16 => "i16",
        Int::I32 => "i32",
        Int::I64 => "i64",
    }
}

/// `impl Debug` for a struct or variant with secrets.
pub(super) fn debug_fields(writer: &mut Writer, head: &str, fields: &[Field], reference: impl Fn(usize) -> String) {
    let mut lines = vec![format!("f.debug_struct({head:?})")];
    for (index, field) in fields.iter().enumerate() {
        let name = crate::generate::casing::field_name(&field.name);
        let value = if field.secret { "&::std::format_args!(\"(secret)\")".to_owned() } else { reference(index) };
        lines.push(format!("    .field({name:?}, {value})"));
    }
    lines.push("    .finish()".to_owned());
    writer.lines(lines);
}

fn named(ty: &Type, found: &mut Vec<TypeId>) {
    match &ty.shape {
        Shape::List(item) => named(item, found),
        Shape::Map(key, value) => {
            named(key, found);
            named(value, found);
        }
        Shape::Named(id) => found.push(*id),
        _ => {}
    }
}
