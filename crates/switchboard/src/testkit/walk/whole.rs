//! All that is asked of a value of a type, its aliases included.

use serde_json::{Number, Value};
use switchboard_core::schema::{Base, Field, Payload, Schema, Shape, Type, TypeDef, TypeKind};

/// A type with its aliases followed, and the limits of all of them together.
pub(super) struct Whole<'s> {
    pub shape: &'s Shape,
    pub nullable: bool,
    /// A 64-bit integer as decimal text.
    pub text: bool,
    pub min_len: usize,
    pub max_len: Option<usize>,
    base: Base<'s>,
}

impl<'s> Whole<'s> {
    pub fn of(schema: &'s Schema, ty: &'s Type) -> Self {
        let base = schema.base(ty);
        let lens = || base.limits.iter().filter_map(|limits| limits.len);
        let size = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
        let (min_len, max_len) =
            (lens().map(|len| size(len.min)).max(), lens().filter_map(|len| len.max).map(size).min());
        Self {
            shape: base.shape,
            nullable: base.nullable,
            text: base.text,
            min_len: min_len.unwrap_or(0),
            max_len,
            base,
        }
    }

    /// The patterns that a text matches, the innermost alias first.
    pub fn patterns(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.base.limits.iter().filter_map(|limits| limits.pattern.as_deref())
    }

    pub fn unique(&self) -> bool {
        self.base.limits.iter().any(|limits| limits.unique)
    }

    /// The numbers there are, if they are listed.
    pub fn listed(&self) -> Option<Vec<&Number>> {
        let mut lists = self.base.limits.iter().map(|limits| &limits.one_of).filter(|list| !list.is_empty());
        let first = lists.next()?;
        let others = lists.collect::<Vec<_>>();
        Some(first.iter().filter(|number| others.iter().all(|list| list.contains(number))).collect())
    }

    pub fn factors(&self) -> impl Iterator<Item = &Number> {
        self.base.limits.iter().filter_map(|limits| limits.multiple_of.as_ref())
    }

    /// The bounds of whole numbers, those of the shape included.
    pub fn whole_bounds(&self) -> Option<(i128, i128)> {
        let (mut min, mut max) = match self.shape {
            Shape::U8 => (0, u8::MAX.into()),
            Shape::U16 => (0, u16::MAX.into()),
            Shape::U32 => (0, u32::MAX.into()),
            Shape::U64 { .. } => (0, u64::MAX.into()),
            Shape::I8 => (i8::MIN.into(), i8::MAX.into()),
            Shape::I16 => (i16::MIN.into(), i16::MAX.into()),
            Shape::I32 => (i32::MIN.into(), i32::MAX.into()),
            Shape::I64 { .. } => (i64::MIN.into(), i64::MAX.into()),
            Shape::Duration => (0, EXACT),
            _ => return None,
        };
        for range in self.base.limits.iter().filter_map(|limits| limits.range.as_ref()) {
            if let Some(bound) = range.min.as_ref().and_then(whole) {
                min = min.max(bound + i128::from(range.min_exclusive));
            }
            if let Some(bound) = range.max.as_ref().and_then(whole) {
                max = max.min(bound - i128::from(range.max_exclusive));
            }
        }
        Some((min, max))
    }

    /// The bounds of floats, and whether each is one of the values.
    pub fn float_bounds(&self) -> ((f64, bool), (f64, bool)) {
        let most = if matches!(self.shape, Shape::F32) { f64::from(f32::MAX) } else { f64::MAX };
        let (mut min, mut max) = ((-most, true), (most, true));
        for range in self.base.limits.iter().filter_map(|limits| limits.range.as_ref()) {
            if let Some(bound) = range.min.as_ref().and_then(Number::as_f64).filter(|bound| *bound >= min.0) {
                min = (bound, !range.min_exclusive && (bound > min.0 || min.1));
            }
            if let Some(bound) = range.max.as_ref().and_then(Number::as_f64).filter(|bound| *bound <= max.0) {
                max = (bound, !range.max_exclusive && (bound < max.0 || max.1));
            }
        }
        (min, max)
    }
}

/// A whole number, also one that stands there as text or with a point.
pub(super) fn whole(number: &Number) -> Option<i128> {
    let exact = || number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    // A bound such as 1e12 is a float that stands for a whole number.
    exact().or_else(|| number.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i128))
}

/// The type definition behind a shape.
pub(super) fn definition<'s>(schema: &'s Schema, shape: &Shape) -> Option<&'s TypeDef> {
    match shape {
        Shape::Ref { to } => schema.types.get(*to),
        _ => None,
    }
}

/// What an object of a definition with this value has beside its tag; none: there is no such variant.
pub(super) fn fields_of<'s>(def: &'s TypeDef, value: &Value) -> Option<&'s [Field]> {
    match &def.kind {
        TypeKind::Struct { fields } => Some(fields),
        TypeKind::Enum { tag, variants, .. } | TypeKind::Error { tag, variants } => {
            let name = value.get(tag)?.as_str()?;
            Some(&variants.iter().find(|variant| variant.name == name)?.fields)
        }
        TypeKind::Alias { .. } => None,
    }
}

/// A payload as a type or as fields.
pub(super) enum Carried<'s> {
    Type(&'s Type),
    Fields(&'s [Field]),
}

impl<'s> From<&'s Payload> for Carried<'s> {
    fn from(payload: &'s Payload) -> Self {
        match &payload.ty {
            Some(ty) => Self::Type(ty),
            None => Self::Fields(&payload.fields),
        }
    }
}

/// What doubles hold exactly.
pub(super) const EXACT: i128 = (1 << 53) - 1;
