//! The reference: what a value has to be, written from `docs/language.md` and `docs/protocol.md` and from nothing
//! else, one value at a time and without a thought of speed.
//!
//! It gives the value as an encoder has to write it, or notes what is wrong with it: a set of places and rules.

use std::collections::BTreeSet;

use wsr_compiler::model::{
    Bounds, Field, Int, Limits, Literal, Message, Model, Number, Payload, Shape, Type, TypeDef, TypeId, TypeKind,
    Value, Variant,
};

use super::json::Json;
use super::numbers::{bounds, float, number, travels_as_number};
use super::texts;
use super::types::{all_limits, base, has_own_limits, is_secret, may_be_null};

/// What is wrong: pointer and rule.
pub type Faults = BTreeSet<(String, &'static str)>;

/// What becomes of a value.
#[derive(Debug)]
pub enum Verdict {
    /// It is taken, and written like this.
    Taken(Json),
    Refused(Faults),
    /// A number that is skipped is beyond every float, so the text counts as no JSON.
    Malformed,
}

/// Judges values of one protocol.
pub struct Judge<'m> {
    model: &'m Model,
    faults: Faults,
    malformed: bool,
}

/// A place in a value.
#[derive(Clone, Default)]
struct At {
    steps: Vec<String>,
    /// Steps from here on are not shown.
    secret: Option<usize>,
}

impl At {
    fn key(&self, key: &str) -> Self {
        let mut at = self.clone();
        let shown: String = key.chars().take(64).collect();
        at.steps.push(shown.replace('~', "~0").replace('/', "~1"));
        at
    }

    fn secret(&self, is_secret: bool) -> Self {
        let mut at = self.clone();
        if is_secret && at.secret.is_none() {
            at.secret = Some(at.steps.len());
        }
        at
    }

    fn pointer(&self) -> String {
        let shown = &self.steps[..self.secret.unwrap_or(self.steps.len())];
        let pointer: String = shown.iter().map(|step| format!("/{step}")).collect();
        pointer.chars().take(256).collect()
    }
}

impl<'m> Judge<'m> {
    /// What becomes of a value of a named type.
    pub fn of_type(model: &'m Model, id: TypeId, json: &Json) -> Verdict {
        // A named type that may be null is so where it is used; by itself it is what it is when it is there.
        let named = Type {
            shape: Shape::Named(id),
            limits: Limits::default(),
            nullable: false,
            span: model.types[id].origin.span,
        };
        Self::verdict(model, |judge| judge.present(&named, json, &At::default()))
    }

    /// What becomes of a payload of a message.
    pub fn of_message(model: &'m Model, message: &Message, json: &Json) -> Verdict {
        Self::verdict(model, |judge| {
            let at = At::default();
            match &message.payload {
                Payload::None => judge.object(&[], message.open, None, json, &at),
                Payload::Fields(fields) => judge.object(fields, message.open, None, json, &at),
                Payload::Type(ty) => judge.value(ty, json, &at),
            }
        })
    }

    fn verdict(model: &'m Model, read: impl FnOnce(&mut Self) -> Option<Json>) -> Verdict {
        let mut judge = Self { model, faults: Faults::new(), malformed: false };
        match read(&mut judge) {
            _ if judge.malformed => Verdict::Malformed,
            Some(json) if judge.faults.is_empty() => Verdict::Taken(json),
            _ => Verdict::Refused(judge.faults),
        }
    }

    fn fault(&mut self, at: &At, rule: &'static str) -> Option<Json> {
        self.faults.insert((at.pointer(), rule));
        None
    }

    /// Something that nobody looks at.
    fn skip(&mut self, json: &Json) {
        self.malformed |= json.is_out_of_range();
    }

    fn wrong_type(&mut self, json: &Json, at: &At) -> Option<Json> {
        self.skip(json);
        self.fault(at, "type")
    }

    fn value(&mut self, ty: &Type, json: &Json, at: &At) -> Option<Json> {
        match json {
            Json::Null if may_be_null(self.model, ty) => Some(Json::Null),
            _ => self.present(ty, json, at),
        }
    }

    /// A value that is there. What a named type asks comes before what is asked where it is used.
    fn present(&mut self, ty: &Type, json: &Json, at: &At) -> Option<Json> {
        let Shape::Named(id) = ty.shape else { return self.shaped(ty, json, at) };
        let def = &self.model.types[id];
        match &def.kind {
            TypeKind::Alias(target) if has_own_limits(def) => {
                let at = &at.secret(is_secret(self.model, def));
                let whole = all_limits(self.model, target);
                let json = self.shaped(&whole, json, at)?;
                let holds = self.keeps(&ty.limits, &whole.shape, &json, at);
                holds.then_some(json)
            }
            TypeKind::Alias(target) => {
                // Another name for the same: as if the target stood here.
                let limits = if ty.limits.is_empty() { target.limits.clone() } else { ty.limits.clone() };
                self.present(&Type { limits, ..target.clone() }, json, at)
            }
            TypeKind::Struct(fields) => self.object(fields, def.open, None, json, at),
            TypeKind::Enum(variants) if variants.iter().all(|variant| variant.fields.is_empty()) => match json {
                Json::Text(text) => self.name(variants.iter().map(|variant| &variant.wire), def.open, text, at),
                _ => self.wrong_type(json, at),
            },
            TypeKind::Enum(variants) => self.tagged(def, variants, json, at),
            TypeKind::Error(_) => unreachable!("errors are no types of values"),
        }
    }

    fn name<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n String>,
        open: bool,
        text: &str,
        at: &At,
    ) -> Option<Json> {
        match open || names.into_iter().any(|name| name == text) {
            true => Some(Json::text(text)),
            false => self.fault(at, "one_of"),
        }
    }

    /// A value of a built-in shape with its limits.
    fn shaped(&mut self, ty: &Type, json: &Json, at: &At) -> Option<Json> {
        if let Shape::Named(_) = ty.shape {
            return self.present(ty, json, at);
        }
        let read = match (&ty.shape, json) {
            (Shape::Bool, Json::Bool(_)) => Some(json.clone()),
            (Shape::Int(int), _) => self.integer(*int, travels_as_number(*int, &ty.limits), json, at),
            (Shape::Duration, _) => self.integer(Int::U64, true, json, at),
            (Shape::F32 | Shape::F64, Json::Number(raw)) => self.float(&ty.shape, raw, at),
            (Shape::Json, _) => self.any(json, at),
            (Shape::Const(literal), _) => self.constant(literal, json, at),
            (Shape::List(item), Json::List(items)) => return self.list(ty, item, items, at),
            (Shape::Map(key, value), Json::Object(entries)) => return self.map(ty, key, value, entries, at),
            (Shape::Role, Json::Text(text)) => {
                let roles: Vec<&String> = self.model.roles.iter().map(|role| &role.name).collect();
                self.name(roles, false, text, at)
            }
            (shape, Json::Text(text)) if is_text(shape) => self.text(shape, text, at),
            _ => self.wrong_type(json, at),
        }?;
        self.keeps(&ty.limits, &ty.shape, &read, at).then_some(read)
    }

    fn text(&mut self, shape: &Shape, text: &str, at: &At) -> Option<Json> {
        let listed = |list: &[(&str, bool)]| list.contains(&(text, true)).then(|| text.to_owned());
        let written = match shape {
            Shape::String => Some(text.to_owned()),
            Shape::Bytes => texts::base64_len(text).map(|_| text.to_owned()),
            Shape::Uuid => texts::uuid(text),
            Shape::Timestamp => texts::timestamp(text),
            Shape::Date => texts::date(text),
            Shape::Email => listed(texts::EMAILS),
            Shape::Uri => listed(texts::URIS),
            _ => {
                texts::IPS.iter().find(|(known, _)| *known == text).and_then(|(_, written)| written.map(str::to_owned))
            }
        };
        match written {
            Some(text) => Some(Json::Text(text)),
            None => self.fault(at, "format"),
        }
    }

    fn integer(&mut self, int: Int, as_number: bool, json: &Json, at: &At) -> Option<Json> {
        let raw = match json {
            Json::Number(raw) if as_number => raw,
            Json::Text(text) if !as_number => return self.integer_text(int, text, at),
            _ => return self.wrong_type(json, at),
        };
        if raw.contains(['.', 'e', 'E']) {
            return self.fault(at, if json.is_out_of_range() { "range" } else { "type" });
        }
        let (min, max) = bounds(int, true);
        match raw.parse::<i128>() {
            Ok(value) if (min..=max).contains(&value) => Some(Json::number(value)),
            _ => self.fault(at, "range"),
        }
    }

    /// As JavaScript cannot spoil it, and as keys of maps have it.
    fn integer_text(&mut self, int: Int, text: &str, at: &At) -> Option<Json> {
        if !texts::matches("0|-?[1-9][0-9]*", text) {
            return self.fault(at, "format");
        }
        let (min, max) = bounds(int, false);
        match text.parse::<i128>() {
            Ok(value) if (min..=max).contains(&value) => Some(Json::text(text)),
            _ => self.fault(at, "range"),
        }
    }

    fn float(&mut self, shape: &Shape, raw: &str, at: &At) -> Option<Json> {
        let written = match shape {
            Shape::F32 => raw.parse::<f32>().ok().filter(|value| value.is_finite()).map(|value| format!("{value:?}")),
            _ => raw.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| format!("{value:?}")),
        };
        written.map(Json::Number).or_else(|| self.fault(at, "range"))
    }

    fn constant(&mut self, literal: &Literal, json: &Json, at: &At) -> Option<Json> {
        let holds = match (literal, json) {
            (Literal::Bool(wanted), Json::Bool(value)) => wanted == value,
            (Literal::Text(wanted), Json::Text(text)) => wanted == text,
            (Literal::Number(Number::Int(wanted)), Json::Number(raw)) => raw.parse() == Ok(*wanted),
            (Literal::Number(Number::Float(wanted)), Json::Number(raw)) => raw.parse() == Ok(*wanted),
            _ => {
                self.skip(json);
                false
            }
        };
        if holds { Some(literal_json(literal)) } else { self.fault(at, "const") }
    }

    /// The type `json`: keys come once, numbers are finite; whole ones beyond 64 bits become floats.
    fn any(&mut self, json: &Json, at: &At) -> Option<Json> {
        match json {
            Json::Number(_) if json.is_out_of_range() => self.fault(at, "range"),
            Json::Number(raw) => Some(Json::Number(match raw.parse::<i128>() {
                Ok(value) if raw != "-0" && (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value) => {
                    raw.clone()
                }
                _ => format!("{:?}", raw.parse::<f64>().unwrap()),
            })),
            Json::List(items) => {
                let read: Vec<Option<Json>> =
                    items.iter().enumerate().map(|(index, item)| self.any(item, &at.key(&index.to_string()))).collect();
                read.into_iter().collect::<Option<_>>().map(Json::List)
            }
            Json::Object(members) => {
                let (mut read, mut sound) = (Vec::<(String, Json)>::new(), true);
                let mut seen = BTreeSet::new();
                for (key, value) in members {
                    if seen.contains(key) {
                        self.skip(value);
                        self.fault(&at.key(key), "duplicate_key");
                        sound = false;
                        continue;
                    }
                    match self.any(value, &at.key(key)) {
                        Some(value) => {
                            seen.insert(key);
                            read.push((key.clone(), value));
                        }
                        None => sound = false,
                    }
                }
                sound.then_some(Json::Object(read))
            }
            other => Some(other.clone()),
        }
    }

    /// The length is judged also when an item is wrong; whether items are equal only when none is.
    fn list(&mut self, ty: &Type, item: &Type, items: &[Json], at: &At) -> Option<Json> {
        let read: Vec<Option<Json>> =
            items.iter().enumerate().map(|(index, json)| self.value(item, json, &at.key(&index.to_string()))).collect();
        let sound: Option<Vec<Json>> = read.into_iter().collect();
        match sound {
            Some(items) => {
                let json = Json::List(items);
                self.keeps(&ty.limits, &ty.shape, &json, at).then_some(json)
            }
            None => {
                self.has_len(ty.limits.len, items.len() as u64, at);
                None
            }
        }
    }

    fn map(
        &mut self,
        ty: &Type,
        key_type: &Type,
        value_type: &Type,
        entries: &[(String, Json)],
        at: &At,
    ) -> Option<Json> {
        // A pointer shows keys, so it ends before those that are secret.
        let (list_at, at) = (at, &at.secret(base(self.model, key_type).2));
        let (mut read, mut count, mut sound) = (Vec::<(String, Json)>::new(), 0, true);
        let mut seen = BTreeSet::new();
        for (text, json) in entries {
            let at = &at.key(text);
            let key = self.key(key_type, text, at);
            if key.as_ref().is_some_and(|key| seen.contains(key)) {
                self.skip(json);
                self.fault(at, "duplicate_key");
                sound = false;
                continue;
            }
            count += 1;
            match (key, self.value(value_type, json, at)) {
                (Some(key), Some(value)) => {
                    seen.insert(key.clone());
                    read.push((key, value));
                }
                _ => sound = false,
            }
        }
        let holds = self.has_len(ty.limits.len, count, list_at);
        (sound && holds).then_some(Json::Object(read))
    }

    /// A key as it is written. Integers are text here, whatever their range.
    fn key(&mut self, ty: &Type, text: &str, at: &At) -> Option<String> {
        let (shape, groups, secret) = base(self.model, ty);
        let at = &at.secret(secret);
        let mut json = match &shape {
            Shape::Int(int) => self.integer_text(*int, text, at),
            Shape::Named(_) => {
                let plain = Type { shape: shape.clone(), limits: Limits::default(), nullable: false, span: ty.span };
                self.present(&plain, &Json::text(text), at)
            }
            Shape::Role => {
                let roles: Vec<&String> = self.model.roles.iter().map(|role| &role.name).collect();
                self.name(roles, false, text, at)
            }
            shape => self.text(shape, text, at),
        }?;
        for limits in groups {
            if !self.keeps(&limits, &shape, &json, at) {
                return None;
            }
        }
        match &mut json {
            Json::Text(text) => Some(std::mem::take(text)),
            _ => None,
        }
    }

    /// The members of an object. `tag` is a key that has been looked at.
    fn object(
        &mut self,
        fields: &[Field],
        open: bool,
        tag: Option<(&str, &str)>,
        json: &Json,
        at: &At,
    ) -> Option<Json> {
        let Json::Object(members) = json else { return self.wrong_type(json, at) };
        let mut values: Vec<Option<Option<Json>>> = vec![None; fields.len()];
        let mut tag_came = false;
        for (key, value) in members {
            if tag.is_some_and(|(tag, _)| tag == key) {
                self.skip(value);
                if std::mem::replace(&mut tag_came, true) {
                    self.fault(&at.key(key), "duplicate_key");
                }
                continue;
            }
            match fields.iter().position(|field| field.wire == *key) {
                Some(index) => {
                    let (field, at) = (&fields[index], at.key(key).secret(fields[index].secret));
                    if values[index].is_some() {
                        self.skip(value);
                        self.fault(&at, "duplicate_key");
                    } else {
                        values[index] = Some(self.value(&field.ty, value, &at));
                    }
                }
                None => {
                    self.skip(value);
                    if !open {
                        self.fault(&at.key(key), "unknown_key");
                    }
                }
            }
        }
        let mut written: Vec<(String, Json)> =
            tag.iter().map(|(key, name)| ((*key).to_owned(), Json::text(*name))).collect();
        let mut sound = true;
        for (field, value) in fields.iter().zip(values) {
            let value = match (value, &field.default) {
                (Some(value), _) => value,
                (None, Some(default)) => Some(default_json(self.model, &field.ty, default)),
                (None, None) if field.optional => continue,
                (None, None) => self.fault(&at.key(&field.wire).secret(field.secret), "required"),
            };
            match value {
                Some(value) => written.push((field.wire.clone(), value)),
                None => sound = false,
            }
        }
        sound.then_some(Json::Object(written))
    }

    /// The variant is told by the first text under the tag, wherever it stands.
    fn tagged(&mut self, def: &TypeDef, variants: &[Variant], json: &Json, at: &At) -> Option<Json> {
        let Json::Object(members) = json else { return self.wrong_type(json, at) };
        let tag = members.iter().find_map(|(key, value)| match value {
            Json::Text(text) if *key == def.tag => Some(text),
            _ => None,
        });
        if let Some(tag) = tag {
            if let Some(variant) = variants.iter().find(|variant| variant.wire == *tag) {
                return self.object(&variant.fields, def.open, Some((&def.tag, tag)), json, at);
            }
            if def.open {
                return self.any(json, at);
            }
        }
        // Which variant it is nobody knows, so nothing else is judged.
        let at = at.key(&def.tag);
        let mut found = None;
        for (key, value) in members {
            match (value, &found) {
                _ if *key != def.tag => self.skip(value),
                (_, Some(_)) => {
                    self.skip(value);
                    self.fault(&at, "duplicate_key");
                }
                (Json::Text(_), None) => found = Some("one_of"),
                (_, None) => {
                    self.wrong_type(value, &at);
                    found = Some("type");
                }
            }
        }
        self.fault(&at, found.unwrap_or("required"))
    }

    /// Whether a value that is right otherwise keeps these limits.
    fn keeps(&mut self, limits: &Limits, shape: &Shape, json: &Json, at: &At) -> bool {
        let before = self.faults.len();
        let ask = |holds: bool, rule: &'static str, judge: &mut Self| {
            if !holds {
                judge.fault(at, rule);
            }
            holds
        };
        let mut all = true;
        if let Some(len) = len(shape, json) {
            all &= self.has_len(limits.len, len, at);
        }
        if let (Some(pattern), Json::Text(text)) = (&limits.pattern, json) {
            all &= ask(texts::matches(pattern, text), "match", self);
        }
        if let (true, Json::List(items)) = (limits.unique, json) {
            let twice = items.iter().enumerate().any(|(at, item)| items[..at].iter().any(|other| same(other, item)));
            all &= ask(!twice, "unique", self);
        }
        if let Some(number) = number(shape, json) {
            if let Some(range) = limits.range {
                let above =
                    range.min.is_none_or(|min| number.compare(min, if range.min_exclusive { ">" } else { ">=" }));
                let below =
                    range.max.is_none_or(|max| number.compare(max, if range.max_exclusive { "<" } else { "<=" }));
                all &= ask(above && below, "range", self);
            }
            if let Some(numbers) = &limits.one_of {
                all &= ask(numbers.iter().any(|one| number.compare(*one, "==")), "one_of", self);
            }
            if let Some(factor) = limits.multiple_of {
                all &= ask(number.is_multiple(factor), "multiple_of", self);
            }
        }
        debug_assert!(all || self.faults.len() >= before);
        all
    }

    fn has_len(&mut self, bounds: Option<Bounds>, len: u64, at: &At) -> bool {
        let holds = bounds.is_none_or(|bounds| len >= bounds.min && bounds.max.is_none_or(|max| len <= max));
        if !holds {
            self.fault(at, "len");
        }
        holds
    }
}

/// Characters, bytes, items, entries.
fn len(shape: &Shape, json: &Json) -> Option<u64> {
    match (shape, json) {
        (Shape::Bytes, Json::Text(text)) => texts::base64_len(text),
        (Shape::String | Shape::Email | Shape::Uri, Json::Text(text)) => Some(text.chars().count() as u64),
        (_, Json::List(items)) => Some(items.len() as u64),
        (_, Json::Object(entries)) => Some(entries.len() as u64),
        _ => None,
    }
}

/// Equal items, the members of their objects in any order.
fn same(a: &Json, b: &Json) -> bool {
    a.is_like(b)
}

fn is_text(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::String
            | Shape::Bytes
            | Shape::Uuid
            | Shape::Timestamp
            | Shape::Date
            | Shape::Email
            | Shape::Uri
            | Shape::Ip
    )
}

fn literal_json(literal: &Literal) -> Json {
    match literal {
        Literal::Bool(value) => Json::Bool(*value),
        Literal::Number(Number::Int(value)) => Json::number(value),
        Literal::Number(Number::Float(value)) => Json::Number(format!("{value:?}")),
        Literal::Text(text) => Json::text(text),
    }
}

/// A default, as it is written.
fn default_json(model: &Model, ty: &Type, value: &Value) -> Json {
    let whole = all_limits(model, ty);
    match (&whole.shape, value) {
        (Shape::List(item), Value::List(items)) => {
            Json::List(items.iter().map(|value| default_json(model, item, value)).collect())
        }
        (Shape::Named(id), Value::Variant(index)) => match &model.types[*id].kind {
            TypeKind::Enum(variants) => Json::text(&variants[*index].wire),
            _ => unreachable!("only enums have variants"),
        },
        (Shape::Role, Value::Variant(index)) => Json::text(&model.roles[*index].name),
        (Shape::Int(int), Value::Number(Number::Int(value))) if !travels_as_number(*int, &whole.limits) => {
            Json::text(value.to_string())
        }
        (Shape::F32, Value::Number(number)) => Json::Number(format!("{:?}", float(*number) as f32)),
        (Shape::F64, Value::Number(number)) => Json::Number(format!("{:?}", float(*number))),
        (_, Value::Number(Number::Int(value))) => Json::number(value),
        (_, Value::Number(Number::Float(value))) => Json::number(*value as i128),
        (_, Value::Bool(value)) => Json::Bool(*value),
        (_, Value::Text(text)) => Json::text(text),
        (shape, value) => unreachable!("{value:?} is no {shape:?}"),
    }
}
