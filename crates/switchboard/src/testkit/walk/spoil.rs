//! A payload with one thing wrong, and where the server has to say so.

use serde_json::{Map, Value, json};
use switchboard_core::schema::{Field, Schema, Shape, Type, TypeKind};

use super::judge::escaped;
use super::whole::{Carried, EXACT, Whole, definition, fields_of};
use crate::testkit::chance::Chance;

/// A payload as JSON text that is wrong in one place.
#[derive(Clone, Debug)]
pub(super) struct Spoilt {
    pub text: String,
    /// Where, as a JSON pointer.
    pub at: String,
    /// What was done.
    pub how: &'static str,
}

/// Spoils a right payload in one place; none: nothing can be wrong in it.
pub(super) fn spoil<'s>(
    schema: &'s Schema,
    payload: impl Into<Carried<'s>>,
    open: bool,
    value: &Value,
    chance: &mut Chance,
) -> Option<Spoilt> {
    let mut ways = Ways { schema, all: Vec::new() };
    match payload.into() {
        Carried::Type(ty) => ways.value(ty, value, ""),
        Carried::Fields(fields) => ways.object(fields, None, open, value, ""),
    }
    if ways.all.is_empty() {
        return None;
    }
    let Way { at, how, change } = ways.all.swap_remove(chance.below(ways.all.len()));
    Some(Spoilt { text: change.apply(value.clone(), &at), at, how })
}

/// Something that can be done wrong.
struct Way {
    at: String,
    how: &'static str,
    change: Change,
}

enum Change {
    Replace(Value),
    Remove,
    Insert(Value),
    /// The key comes a second time.
    Twice,
}

impl Change {
    fn apply(self, mut payload: Value, at: &str) -> String {
        match self {
            Self::Replace(value) => {
                if let Some(place) = payload.pointer_mut(at) {
                    *place = value;
                }
                payload.to_string()
            }
            Self::Remove => {
                parent(&mut payload, at, |members, key| drop(members.remove(key)));
                payload.to_string()
            }
            Self::Insert(value) => {
                parent(&mut payload, at, |members, key| drop(members.insert(key.to_owned(), value)));
                payload.to_string()
            }
            Self::Twice => {
                // No `Value` has a key twice, so it gets one that nothing else has, for as long as it is no text.
                let twin = payload.pointer(at).cloned().unwrap_or_default();
                let mut name = String::new();
                parent(&mut payload, at, |members, key| {
                    key.clone_into(&mut name);
                    members.insert(TWIN.to_owned(), twin);
                });
                payload.to_string().replacen(&json!(TWIN).to_string(), &json!(name).to_string(), 1)
            }
        }
    }
}

fn parent(payload: &mut Value, at: &str, change: impl FnOnce(&mut Map<String, Value>, &str)) {
    let Some((parent, key)) = at.rsplit_once('/') else { return };
    if let Some(Value::Object(members)) = payload.pointer_mut(parent) {
        change(members, &key.replace("~1", "/").replace("~0", "~"));
    }
}

/// All that can be done wrong with a payload.
struct Ways<'s> {
    schema: &'s Schema,
    all: Vec<Way>,
}

impl<'s> Ways<'s> {
    fn add(&mut self, at: &str, how: &'static str, change: Change) {
        self.all.push(Way { at: at.to_owned(), how, change });
    }

    fn replace(&mut self, at: &str, how: &'static str, value: Value) {
        self.add(at, how, Change::Replace(value));
    }

    fn value(&mut self, ty: &'s Type, value: &Value, at: &str) {
        let asked = Whole::of(self.schema, ty);
        if !asked.nullable && !matches!(asked.shape, Shape::Json) {
            self.replace(at, "null", Value::Null);
        }
        if !value.is_null() {
            self.present(&asked, value, at);
        }
    }

    fn present(&mut self, asked: &Whole<'s>, value: &Value, at: &str) {
        match asked.shape {
            Shape::Json => {}
            Shape::Const { value: Value::String(text) } => {
                self.replace(at, "another constant", json!(format!("{text}x")))
            }
            Shape::Const { .. } => self.replace(at, "another constant", json!("x")),
            Shape::Role => self.replace(at, "no role", json!("no such role")),
            Shape::F32 | Shape::F64 => {
                self.replace(at, "another type", json!("1.5"));
                let ((min, _), (max, _)) = asked.float_bounds();
                if max < 1e30 {
                    self.replace(at, "too much", json!(max + max.abs().max(1.0)));
                }
                if min > -1e30 {
                    self.replace(at, "too little", json!(min - min.abs().max(1.0)));
                }
            }
            Shape::List { of } => self.list(asked, of, value, at),
            Shape::Map { of, .. } => {
                self.replace(at, "another type", json!([]));
                for (name, entry) in value.as_object().into_iter().flatten() {
                    self.value(of, entry, &format!("{at}/{}", escaped(name)));
                }
            }
            Shape::Ref { .. } => self.named(asked.shape, value, at),
            _ => match asked.whole_bounds() {
                Some((min, max)) => self.integer(asked, min, max, at),
                None => self.text(asked, value, at),
            },
        }
    }

    fn integer(&mut self, asked: &Whole<'_>, min: i128, max: i128, at: &str) {
        let spelled = |number: i128| match i64::try_from(number) {
            _ if asked.text => json!(number.to_string()),
            Ok(number) => json!(number),
            Err(_) => u64::try_from(number).map_or(json!(1e300), |number| json!(number)),
        };
        if !asked.text {
            self.replace(at, "text for a number", json!("1"));
            self.replace(at, "a fraction", json!(0.5));
        } else {
            self.replace(at, "a number for text", json!(1));
        }
        if asked.listed().is_none() && (asked.text || max < EXACT) {
            self.replace(at, "one more than the most", spelled(max + 1));
        }
        if asked.listed().is_none() && (asked.text || min > -EXACT) {
            self.replace(at, "one less than the least", spelled(min - 1));
        }
    }

    fn text(&mut self, asked: &Whole<'_>, value: &Value, at: &str) {
        self.replace(at, "another type", json!({}));
        let text = value.as_str().unwrap_or_default();
        match asked.shape {
            Shape::String => {
                // Of what the pattern wants nothing is known here; a server says so anyway when the length is wrong too.
                if let Some(max) = asked.max_len.filter(|max| *max <= 4_000) {
                    let sign = text.chars().next_back().unwrap_or('x');
                    let longer = text.chars().chain(std::iter::repeat(sign)).take(max + 1).collect::<String>();
                    self.replace(at, "one sign too long", json!(longer));
                }
                if asked.min_len > 0 {
                    let shorter = text.chars().take(asked.min_len - 1).collect::<String>();
                    self.replace(at, "one sign too short", json!(shorter));
                }
            }
            Shape::Bool => {}
            _ => self.replace(at, "another form", json!("not at all")),
        }
    }

    fn list(&mut self, asked: &Whole<'s>, of: &'s Type, value: &Value, at: &str) {
        let items = value.as_array().cloned().unwrap_or_default();
        self.replace(at, "another type", json!({}));
        if let (Some(first), true) = (items.first(), asked.unique()) {
            let twice = items.iter().cloned().chain([first.clone()]).collect();
            self.replace(at, "an item twice", Value::Array(twice));
        }
        if let (Some(first), Some(max)) = (items.first(), asked.max_len.filter(|max| *max <= 40)) {
            let more = items.iter().cloned().chain(std::iter::repeat(first.clone())).take(max + 1).collect();
            self.replace(at, "one item too many", Value::Array(more));
        }
        if asked.min_len > 0 && items.len() >= asked.min_len {
            self.replace(at, "one item too few", Value::Array(items[..asked.min_len - 1].to_vec()));
        }
        for (index, item) in items.iter().enumerate().take(3) {
            self.value(of, item, &format!("{at}/{index}"));
        }
    }

    fn named(&mut self, shape: &'s Shape, value: &Value, at: &str) {
        let Some(def) = definition(self.schema, shape) else { return };
        match &def.kind {
            TypeKind::Enum { plain: true, .. } => {
                self.replace(at, "another type", json!(7));
                if !def.open {
                    self.replace(at, "no variant", json!("no such variant"));
                }
            }
            TypeKind::Struct { fields } => self.object(fields, None, def.open, value, at),
            TypeKind::Enum { tag, .. } | TypeKind::Error { tag, .. } => {
                let place = format!("{at}/{}", escaped(tag));
                self.add(&place, "no tag", Change::Remove);
                if !def.open {
                    self.replace(&place, "no variant", json!("no such variant"));
                }
                if let Some(fields) = fields_of(def, value) {
                    self.object(fields, Some(tag), def.open, value, at);
                }
            }
            TypeKind::Alias { .. } => {}
        }
    }

    fn object(&mut self, fields: &'s [Field], tag: Option<&str>, open: bool, value: &Value, at: &str) {
        self.replace(at, "another type", json!(["no object"]));
        if !open && tag.is_none() {
            self.add(&format!("{at}/no_such_key"), "an unknown key", Change::Insert(json!(1)));
        }
        for field in fields {
            let at = format!("{at}/{}", escaped(&field.name));
            let Some(member) = value.get(&field.name) else { continue };
            if !field.optional && field.default.is_none() {
                self.add(&at, "a missing key", Change::Remove);
            }
            self.add(&at, "a key twice", Change::Twice);
            self.value(&field.ty, member, &at);
        }
    }
}

const TWIN: &str = "\u{1}twin";
