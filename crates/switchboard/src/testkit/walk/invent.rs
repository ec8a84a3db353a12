//! Values of a type, as chance has them: at their bounds, in between, and now and then one that has been seen before,
//! so that messages speak of things that there are.

use std::collections::HashMap;

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Number, Value, json};
use switchboard_core::schema::{Field, Schema, Shape, Type, TypeKind, Variant};

use super::judge::{Faults, Judge};
use super::whole::{Carried, EXACT, Whole, definition, whole};
use crate::testkit::chance::Chance;

/// Invents values of one protocol.
pub(super) struct Inventor<'w> {
    pub schema: &'w Schema,
    pub judge: &'w mut Judge,
    pub chance: &'w mut Chance,
    pub patterns: &'w mut Patterns,
}

/// Patterns that have been read.
pub(super) type Patterns = HashMap<String, Option<Hir>>;

impl Inventor<'_> {
    /// A payload that keeps every limit; none: chance did not find one.
    pub fn payload(&mut self, payload: &switchboard_core::schema::Payload, open: bool) -> Option<Value> {
        (0..TRIES).find_map(|_| {
            let value = match payload.into() {
                Carried::Type(ty) => self.value(ty, 0),
                Carried::Fields(fields) => self.object(fields, None, 0),
            };
            self.judge.payload(self.schema, payload, open, &value).is_empty().then_some(value)
        })
    }

    /// A value that keeps every limit; none: chance did not find one.
    pub fn of_type(&mut self, ty: &Type) -> Option<Value> {
        (0..TRIES).find_map(|_| {
            let (value, mut faults) = (self.value(ty, 0), Faults::new());
            self.judge.value(self.schema, ty, &value, "", &mut faults);
            faults.is_empty().then_some(value)
        })
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Value {
        if let Shape::Ref { to } = ty.shape
            && let Some(seen) = self.judge.seen.get(&to).filter(|seen| !seen.is_empty())
            && !self.chance.one_in(3)
        {
            return self.chance.pick(seen).clone();
        }
        let asked = Whole::of(self.schema, ty);
        if asked.nullable && (depth > DEEP || self.chance.one_in(4)) {
            return Value::Null;
        }
        let mut value = self.present(&asked, depth);
        // A part of a payload is tried again by itself: all at once would hardly ever succeed.
        for _ in 0..TRIES {
            let mut faults = Faults::new();
            self.judge.value(self.schema, ty, &value, "", &mut faults);
            if faults.is_empty() {
                break;
            }
            value = self.present(&asked, depth);
        }
        value
    }

    fn present(&mut self, asked: &Whole<'_>, depth: usize) -> Value {
        match asked.shape {
            Shape::Bool => Value::Bool(self.chance.one_in(2)),
            Shape::Json => self.chance.pick(&[json!(null), json!({"a": [1, "b"]}), json!("text"), json!(-7)]).clone(),
            Shape::Const { value } => value.clone(),
            Shape::Role if self.schema.roles.is_empty() => Value::Null,
            Shape::Role => json!(self.chance.pick(&self.schema.roles).name),
            Shape::F32 | Shape::F64 => self.float(asked),
            Shape::List { of } => {
                let count = self.count(asked, depth);
                Value::Array((0..count).map(|_| self.value(of, depth + 1)).collect())
            }
            Shape::Map { key, of } => {
                let count = self.count(asked, depth);
                let mut entries = Map::new();
                for _ in 0..count * 3 {
                    if entries.len() < count {
                        let key = match self.value(key, depth + 1) {
                            Value::String(text) => text,
                            other => other.to_string(),
                        };
                        entries.insert(key, self.value(of, depth + 1));
                    }
                }
                Value::Object(entries)
            }
            Shape::Ref { .. } => self.named(asked.shape, depth),
            _ if asked.whole_bounds().is_some() => self.integer(asked),
            shape => Value::String(self.text(shape, asked)),
        }
    }

    fn named(&mut self, shape: &Shape, depth: usize) -> Value {
        let schema = self.schema;
        let Some(def) = definition(schema, shape) else { return Value::Null };
        match &def.kind {
            TypeKind::Struct { fields } => self.object(fields, None, depth),
            TypeKind::Enum { plain: true, variants, .. } => {
                self.variant(variants, depth).map_or(Value::Null, |v| json!(v.name))
            }
            TypeKind::Enum { tag, variants, .. } | TypeKind::Error { tag, variants } => {
                match self.variant(variants, depth) {
                    Some(variant) => self.object(&variant.fields, Some((tag, &variant.name)), depth),
                    None => Value::Null,
                }
            }
            TypeKind::Alias { .. } => Value::Null,
        }
    }

    fn variant<'s>(&mut self, variants: &'s [Variant], depth: usize) -> Option<&'s Variant> {
        if depth > DEEP || variants.is_empty() {
            return variants.iter().min_by_key(|variant| variant.fields.len());
        }
        Some(self.chance.pick(variants))
    }

    fn object(&mut self, fields: &[Field], tag: Option<(&String, &String)>, depth: usize) -> Value {
        let mut members = Map::new();
        if let Some((key, name)) = tag {
            members.insert(key.clone(), json!(name));
        }
        for field in fields {
            let may_miss = field.optional || field.default.is_some();
            if !(may_miss && (depth > DEEP || self.chance.one_in(3))) {
                members.insert(field.name.clone(), self.value(&field.ty, depth + 1));
            }
        }
        Value::Object(members)
    }

    /// How many items there are.
    fn count(&mut self, asked: &Whole<'_>, depth: usize) -> usize {
        if depth > DEEP {
            return asked.min_len;
        }
        let few = asked.min_len + self.chance.below(4);
        match asked.max_len {
            Some(max) if max <= 8 && self.chance.one_in(4) => max,
            Some(max) => few.min(max),
            None => few,
        }
    }

    fn integer(&mut self, asked: &Whole<'_>) -> Value {
        let (mut min, mut max) = asked.whole_bounds().unwrap_or((0, 0));
        if !asked.text {
            (min, max) = (min.max(-EXACT), max.min(EXACT));
        }
        let mut number = match (asked.listed(), self.chance.below(4)) {
            (Some(listed), _) if !listed.is_empty() => whole(self.chance.pick::<&_>(&listed)).unwrap_or(min),
            (_, 0) => min,
            (_, 1) => max,
            (_, 2) => min.max(0).min(max),
            _ => self.chance.between(min, max),
        };
        for factor in asked.factors().filter_map(whole).filter(|factor| *factor != 0) {
            number -= number.rem_euclid(factor);
            number += if number < min { factor } else { 0 };
        }
        if asked.text { json!(number.to_string()) } else { i64::try_from(number).map_or(Value::Null, |n| json!(n)) }
    }

    fn float(&mut self, asked: &Whole<'_>) -> Value {
        let ((min, _), (max, _)) = asked.float_bounds();
        let (low, high) = (min.max(-1e6), max.min(1e6));
        let number = match (asked.listed(), self.chance.below(5)) {
            (Some(listed), _) if !listed.is_empty() => self.chance.pick(&listed[..]).as_f64().unwrap_or(min),
            (_, 0) => min,
            (_, 1) => max,
            (_, 2) => 0.0_f64.clamp(min, max),
            (_, 3) => ((low + high) / 2.0).clamp(min, max),
            (_, _) => {
                let part = self.chance.below(1_000) as f64 / 1_000.0;
                (low + (high - low) * part).clamp(min, max)
            }
        };
        let factor = asked.factors().find_map(Number::as_f64).filter(|factor| *factor != 0.0);
        let number = factor.map_or(number, |factor| (number / factor).trunc() * factor);
        let number = if matches!(asked.shape, Shape::F32) { f64::from(number as f32) } else { number };
        json!(number)
    }

    fn text(&mut self, shape: &Shape, asked: &Whole<'_>) -> String {
        let n = self.chance.below(1_000);
        match shape {
            Shape::Bytes => {
                let wanted = self.length(asked);
                let mut quoted = Vec::new();
                switchboard_core::write::bytes(&mut quoted, &vec![b'x'; wanted]);
                String::from_utf8_lossy(&quoted).trim_matches('"').to_owned()
            }
            Shape::Uuid => uuid::Uuid::from_u64_pair(self.chance.number(), self.chance.number()).to_string(),
            Shape::Timestamp => format!("2026-05-{:02}T{:02}:00:00Z", 1 + n % 28, n % 24),
            Shape::Date => format!("2026-{:02}-{:02}", 1 + n % 12, 1 + n % 28),
            Shape::Email => format!("someone{n}@example.com"),
            Shape::Uri => format!("https://example.com/{n}"),
            Shape::Ip if n.is_multiple_of(2) => format!("192.0.2.{}", n % 250),
            Shape::Ip => format!("2001:db8::{n:x}"),
            _ => match asked.patterns().next_back().map(str::to_owned) {
                Some(pattern) => self.matching(&pattern, asked),
                None => {
                    let wanted = self.length(asked);
                    (0..wanted).map(|_| *self.chance.pick(&SIGNS)).collect()
                }
            },
        }
    }

    fn length(&mut self, asked: &Whole<'_>) -> usize {
        let max = asked.max_len.unwrap_or(asked.min_len + 40);
        match self.chance.below(6) {
            0 => asked.min_len,
            1 if max <= LONG => max,
            _ => (asked.min_len + self.chance.below(12)).min(max),
        }
    }

    fn matching(&mut self, pattern: &str, asked: &Whole<'_>) -> String {
        let parse = || {
            // The server's `\d` and `\w` are those of ASCII.
            let ascii = pattern.replace(r"\d", "[0-9]").replace(r"\w", "[0-9A-Za-z_]");
            regex_syntax::parse(&ascii).ok()
        };
        let Some(hir) = self.patterns.entry(pattern.to_owned()).or_insert_with(parse).clone() else {
            return String::new();
        };
        let mut text = String::new();
        let wanted = u32::try_from(self.length(asked)).unwrap_or(u32::MAX);
        push(&hir, self.chance, wanted, &mut text);
        text
    }
}

/// Appends what matches; repetitions without an end are repeated so often as the whole text is to be long.
fn push(hir: &Hir, chance: &mut Chance, wanted: u32, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) if class.ranges().is_empty() => {}
        HirKind::Class(Class::Unicode(class)) => {
            let range = chance.pick(class.ranges());
            let (start, end) = (u32::from(range.start()), u32::from(range.end()).min(u32::from(range.start()) + 99));
            let sign = start + u32::try_from(chance.below((end - start + 1) as usize)).unwrap_or(0);
            out.extend(char::from_u32(sign));
        }
        HirKind::Repetition(repetition) => {
            let (min, so_far) = (repetition.min, u32::try_from(out.chars().count()).unwrap_or(u32::MAX));
            let rest = wanted.saturating_sub(so_far).max(min);
            let max = repetition.max.unwrap_or(rest).min(rest);
            let spread = usize::try_from(max.saturating_sub(min)).unwrap_or(0);
            let count = if chance.one_in(3) { min + u32::try_from(chance.below(spread + 1)).unwrap_or(0) } else { max };
            (0..count).for_each(|_| push(&repetition.sub, chance, wanted, out));
        }
        HirKind::Capture(capture) => push(&capture.sub, chance, wanted, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| push(part, chance, wanted, out)),
        HirKind::Alternation(parts) => push(chance.pick(parts), chance, wanted, out),
    }
}

const SIGNS: [char; 12] = ['a', 'b', 'Z', '0', '9', ' ', '-', '_', '"', '\\', 'é', '😀'];
/// Texts up to here are now and then as long as they may be.
const LONG: usize = 2_000;
/// Depth from which on things become small.
const DEEP: usize = 3;
/// How often something is invented that does not turn out right.
const TRIES: usize = 40;
