//! Whether a value is one of its type, as the schema has it.
//!
//! Written for what servers send and for what a walk is about to send; it says where something is wrong and in a few
//! words why. What it sees of named types it keeps, so that later messages can say them again.

use std::collections::{BTreeSet, HashMap};

use regex::Regex;
use serde_json::Value;
use switchboard_core::schema::{Field, Schema, Shape, Type, TypeKind};
use switchboard_core::{Email, Uri};

use super::whole::{Carried, EXACT, Whole, definition, fields_of, whole};

/// Knows a protocol and the values that have come by.
#[derive(Default)]
pub(super) struct Judge {
    patterns: HashMap<String, Option<Regex>>,
    /// Values of named types, the latest last.
    pub seen: HashMap<usize, Vec<Value>>,
}

/// What is wrong, each with its place.
pub(super) type Faults = Vec<(String, &'static str)>;

impl Judge {
    /// Judges a payload. `open`: unknown keys are fine.
    pub fn payload<'s>(
        &mut self,
        schema: &'s Schema,
        payload: impl Into<Carried<'s>>,
        open: bool,
        value: &Value,
    ) -> Faults {
        let mut faults = Faults::new();
        match payload.into() {
            Carried::Type(ty) => self.value(schema, ty, value, "", &mut faults),
            Carried::Fields(fields) => self.object(schema, fields, None, open, value, "", &mut faults),
        }
        faults
    }

    /// Judges a value.
    pub fn value(&mut self, schema: &Schema, ty: &Type, value: &Value, at: &str, faults: &mut Faults) {
        let asked = Whole::of(schema, ty);
        if value.is_null() {
            if !asked.nullable && !matches!(asked.shape, Shape::Json) {
                faults.push((at.to_owned(), "null"));
            }
            return;
        }
        let before = faults.len();
        self.present(schema, &asked, value, at, faults);
        if let (Shape::Ref { to }, true) = (&ty.shape, faults.len() == before) {
            self.remember(*to, value);
        }
    }

    fn present(&mut self, schema: &Schema, asked: &Whole<'_>, value: &Value, at: &str, faults: &mut Faults) {
        let mut fault = |why| faults.push((at.to_owned(), why));
        match asked.shape {
            Shape::Bool if value.is_boolean() => {}
            Shape::Json => {}
            Shape::Const { value: wanted } => {
                if wanted != value && (wanted.is_string() || wanted.as_f64() != value.as_f64()) {
                    fault("another value than the one there is");
                }
            }
            Shape::Role if schema.roles.iter().any(|role| Some(role.name.as_str()) == value.as_str()) => {}
            Shape::F32 | Shape::F64 => match value.as_f64() {
                Some(number) => faults.extend(float(asked, number).map(|why| (at.to_owned(), why))),
                None => fault("no number"),
            },
            Shape::List { of } => match value {
                Value::Array(items) => {
                    if !fits(asked, items.len()) {
                        fault("the number of items");
                    }
                    if asked.unique() && items.iter().map(Value::to_string).collect::<BTreeSet<_>>().len() < items.len()
                    {
                        fault("equal items");
                    }
                    for (index, item) in items.iter().enumerate() {
                        self.value(schema, of, item, &format!("{at}/{index}"), faults);
                    }
                }
                _ => fault("no list"),
            },
            Shape::Map { key, of } => match value {
                Value::Object(entries) => {
                    if !fits(asked, entries.len()) {
                        fault("the number of entries");
                    }
                    for (name, entry) in entries {
                        let at = format!("{at}/{}", escaped(name));
                        self.key(schema, key, name, &at, faults);
                        self.value(schema, of, entry, &at, faults);
                    }
                }
                _ => fault("no map"),
            },
            Shape::Ref { .. } => self.named(schema, asked.shape, value, at, faults),
            _ if asked.whole_bounds().is_some() => match number_of(asked, value) {
                Some(number) => faults.extend(integer(asked, number).map(|why| (at.to_owned(), why))),
                None => fault("no whole number"),
            },
            shape => match value.as_str() {
                Some(text) => {
                    if !is_of_form(shape, text) {
                        fault("the form of the text");
                    } else if !fits(asked, length(shape, text)) {
                        fault("the length");
                    } else if !asked.patterns().all(|pattern| self.matches(pattern, text)) {
                        fault("the pattern");
                    }
                }
                None => fault("another type"),
            },
        }
    }

    fn named(&mut self, schema: &Schema, shape: &Shape, value: &Value, at: &str, faults: &mut Faults) {
        let Some(def) = definition(schema, shape) else { return };
        let mut fault = |why| faults.push((at.to_owned(), why));
        match &def.kind {
            TypeKind::Enum { plain: true, variants, .. } => match value.as_str() {
                Some(name) if def.open || variants.iter().any(|variant| variant.name == name) => {}
                _ => fault("no variant"),
            },
            TypeKind::Struct { fields } => self.object(schema, fields, None, def.open, value, at, faults),
            TypeKind::Enum { tag, .. } | TypeKind::Error { tag, .. } => match fields_of(def, value) {
                // Only what arrives can have unknown keys, and there they are no fault.
                Some(fields) => self.object(schema, fields, Some(tag), def.open, value, at, faults),
                None if def.open && value.get(tag).is_some_and(Value::is_string) => {}
                None => faults.push((format!("{at}/{}", escaped(tag)), "no variant")),
            },
            TypeKind::Alias { .. } => {}
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a fault needs a place, and an object what may stand in it")]
    fn object(
        &mut self,
        schema: &Schema,
        fields: &[Field],
        tag: Option<&str>,
        open: bool,
        value: &Value,
        at: &str,
        faults: &mut Faults,
    ) {
        let Value::Object(members) = value else { return faults.push((at.to_owned(), "no object")) };
        for field in fields {
            let at = format!("{at}/{}", escaped(&field.name));
            match members.get(&field.name) {
                Some(value) => self.value(schema, &field.ty, value, &at, faults),
                None if field.optional || field.default.is_some() => {}
                None => faults.push((at, "missing")),
            }
        }
        let is_known = |name: &str| tag == Some(name) || fields.iter().any(|field| field.name == name);
        let unknown = members.keys().filter(|name| !open && !is_known(name));
        faults.extend(unknown.map(|name| (format!("{at}/{}", escaped(name)), "unknown")));
    }

    /// The key of a map: text, whatever it stands for.
    fn key(&mut self, schema: &Schema, ty: &Type, name: &str, at: &str, faults: &mut Faults) {
        let asked = Whole::of(schema, ty);
        let is_number = !asked.text && asked.whole_bounds().is_some();
        let value = match name.parse::<serde_json::Number>() {
            Ok(number) if is_number => Value::Number(number),
            _ => Value::String(name.to_owned()),
        };
        self.value(schema, ty, &value, at, faults);
    }

    fn matches(&mut self, pattern: &str, text: &str) -> bool {
        let compile = || Regex::new(&format!("^(?:{pattern})$")).ok();
        let regex = self.patterns.entry(pattern.to_owned()).or_insert_with(compile);
        // `\d` is wider here than it is for the server; nothing that is sent by a walk depends on it.
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    fn remember(&mut self, to: usize, value: &Value) {
        let seen = self.seen.entry(to).or_default();
        if !seen.contains(value) {
            if seen.len() >= SEEN {
                seen.remove(0);
            }
            seen.push(value.clone());
        }
    }
}

fn fits(asked: &Whole<'_>, length: usize) -> bool {
    length >= asked.min_len && asked.max_len.is_none_or(|max| length <= max)
}

fn number_of(asked: &Whole<'_>, value: &Value) -> Option<i128> {
    match value {
        Value::String(text) if asked.text => text.parse().ok(),
        Value::Number(number) if !asked.text && !number.is_f64() => whole(number),
        _ => None,
    }
}

fn integer(asked: &Whole<'_>, number: i128) -> Option<&'static str> {
    let (min, max) = asked.whole_bounds()?;
    if number < min || number > max || (!asked.text && number.abs() > EXACT) {
        return Some("the range");
    }
    if asked.listed().is_some_and(|listed| !listed.iter().any(|one| whole(one) == Some(number))) {
        return Some("none of the numbers");
    }
    let divides = |factor| whole(factor).is_none_or(|factor| factor == 0 || number % factor == 0);
    if asked.factors().all(divides) { None } else { Some("no multiple") }
}

fn float(asked: &Whole<'_>, number: f64) -> Option<&'static str> {
    let ((min, min_too), (max, max_too)) = asked.float_bounds();
    let above = number > min || (min_too && number == min);
    let below = number < max || (max_too && number == max);
    if !above || !below {
        return Some("the range");
    }
    if asked.listed().is_some_and(|listed| !listed.iter().any(|one| one.as_f64() == Some(number))) {
        return Some("none of the numbers");
    }
    let slack = if matches!(asked.shape, Shape::F32) { 1e-6 } else { 1e-9 };
    let divides = |factor: f64| {
        let quotient = number / factor;
        (quotient - quotient.round()).abs() <= slack * quotient.abs().max(1.0)
    };
    if asked.factors().filter_map(serde_json::Number::as_f64).all(divides) { None } else { Some("no multiple") }
}

fn length(shape: &Shape, text: &str) -> usize {
    match shape {
        // Base64 with padding.
        Shape::Bytes => text.len() / 4 * 3 - text.bytes().rev().take_while(|byte| *byte == b'=').count(),
        _ => text.chars().count(),
    }
}

fn is_of_form(shape: &Shape, text: &str) -> bool {
    match shape {
        Shape::Bytes => text.len().is_multiple_of(4) && text.is_ascii(),
        Shape::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        Shape::Timestamp => text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(),
        Shape::Date => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        Shape::Email => Email::new(text).is_ok(),
        Shape::Uri => Uri::new(text).is_ok(),
        Shape::Ip => text.parse::<std::net::IpAddr>().is_ok(),
        Shape::String => true,
        _ => false,
    }
}

/// A key as a step of a JSON pointer (RFC 6901).
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Values of one type that are kept.
const SEEN: usize = 12;
