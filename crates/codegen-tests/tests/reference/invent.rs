//! Values of a type as chance has them: right ones, and ones that are wrong in one place or in many.
//!
//! Nothing here knows whether a value is right; the judge does. What is invented only has to be interesting: at the
//! bounds and one beyond them, of the wrong type, with members that are missing, unknown or there twice.

use wsr_compiler::model::{
    Bounds, Field, Int, Limits, Literal, Message, Model, Number, Payload, Shape, Type, TypeDef, TypeId, TypeKind,
    Variant,
};

use super::json::Json;
use super::numbers::{float as real, travels_as_number};
use super::pattern;
use super::random::Random;
use super::texts;
use super::types::{all_limits, may_be_null};

/// Invents values of one protocol.
pub struct Inventor<'m, 'r> {
    pub model: &'m Model,
    pub random: &'r mut Random,
    /// One place of so many is wrong; 0: none, as far as it can be helped.
    pub wrong: usize,
}

impl Inventor<'_, '_> {
    /// A value of a named type.
    pub fn of_type(&mut self, id: TypeId) -> Json {
        let span = self.model.types[id].origin.span;
        let named = Type { shape: Shape::Named(id), limits: Limits::default(), nullable: false, span };
        self.present(&named, 0)
    }

    /// A payload of a message.
    pub fn of_message(&mut self, message: &Message) -> Json {
        match &message.payload {
            Payload::None => self.object(&[], None, 0),
            Payload::Fields(fields) => self.object(fields, None, 0),
            Payload::Type(ty) => self.value(ty, 0),
        }
    }

    fn is_wrong(&mut self) -> bool {
        self.wrong > 0 && self.random.one_in(self.wrong)
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Json {
        if self.is_wrong() {
            return self.anything(0);
        }
        if may_be_null(self.model, ty) && (depth > DEEP || self.random.one_in(4)) {
            return Json::Null;
        }
        self.present(ty, depth)
    }

    fn present(&mut self, ty: &Type, depth: usize) -> Json {
        if depth > DEEPEST {
            return Json::Null;
        }
        let whole = all_limits(self.model, ty);
        let limits = &whole.limits;
        match &whole.shape {
            Shape::Bool => Json::Bool(self.random.one_in(2)),
            Shape::Int(int) => self.integer(*int, limits, &whole),
            Shape::Duration => self.integer(Int::U64, limits, &whole),
            Shape::F32 | Shape::F64 => self.float(limits),
            Shape::Json => self.anything(1),
            Shape::Const(literal) => self.constant(literal),
            Shape::Role => {
                let roles: Vec<&str> = self.model.roles.iter().map(|role| role.name.as_str()).collect();
                self.name(&roles)
            }
            Shape::List(item) => self.list(item, limits, depth),
            Shape::Map(key, value) => self.map(key, value, limits, depth),
            Shape::Named(id) => self.named(&self.model.types[*id].clone(), depth),
            shape => Json::Text(self.text(shape, limits)),
        }
    }

    fn named(&mut self, def: &TypeDef, depth: usize) -> Json {
        match &def.kind {
            TypeKind::Struct(fields) => self.object(fields, None, depth),
            TypeKind::Enum(variants) if variants.iter().all(|variant| variant.fields.is_empty()) => {
                let names: Vec<&str> = variants.iter().map(|variant| variant.wire.as_str()).collect();
                self.name(&names)
            }
            TypeKind::Enum(variants) => {
                let variant = self.variant(variants, depth).clone();
                let name = if self.is_wrong() { Json::text("no_such_one") } else { Json::text(&variant.wire) };
                let mut object = self.object(&variant.fields, Some((&def.tag, name)), depth);
                if let (Json::Object(members), true) = (&mut object, def.open && self.random.one_in(4)) {
                    let unknown = members.iter_mut().find(|(key, _)| *key == def.tag);
                    unknown.into_iter().for_each(|(_, name)| *name = Json::text("a new one"));
                }
                object
            }
            TypeKind::Alias(_) | TypeKind::Error(_) => Json::Null,
        }
    }

    /// Deep down, one that has little in it.
    fn variant<'v>(&mut self, variants: &'v [Variant], depth: usize) -> &'v Variant {
        let any = &variants[self.random.below(variants.len())];
        let least = variants.iter().min_by_key(|variant| variant.fields.len());
        if depth > DEEP { least.unwrap_or(any) } else { any }
    }

    fn name(&mut self, names: &[&str]) -> Json {
        if names.is_empty() || self.is_wrong() {
            let wrong = ["", "RED", "no_such_one", "red ", "é"];
            return Json::text(self.random.pick(&wrong));
        }
        Json::text(self.random.pick(names))
    }

    fn constant(&mut self, literal: &Literal) -> Json {
        let wrong = self.is_wrong();
        match literal {
            Literal::Bool(value) => Json::Bool(value ^ wrong),
            Literal::Text(text) if wrong => Json::text(format!("{text}x")),
            Literal::Text(text) => Json::text(text),
            Literal::Number(Number::Int(value)) => self.spelled(value + i128::from(wrong)),
            Literal::Number(Number::Float(value)) => {
                let spelled = [format!("{value:?}"), format!("{value:e}"), format!("{}", value + 0.5)];
                Json::Number(spelled[if wrong { 2 } else { self.random.below(2) }].clone())
            }
        }
    }

    fn integer(&mut self, int: Int, limits: &Limits, whole: &Type) -> Json {
        let value = self.whole_number(int, limits);
        let as_text = Type { shape: whole.shape.clone(), ..whole.clone() };
        let travels = match as_text.shape {
            Shape::Int(Int::U64 | Int::I64) => travels_as_number(int, limits),
            _ => true,
        };
        if travels != self.is_wrong() {
            return self.spelled(value);
        }
        let odd = ["+1", "01", "-0", "", " 1", "1.0", "1e3", "99999999999999999999", "-99999999999999999999"];
        let odd = if self.is_wrong() { Some(*self.random.pick(&odd.each_ref().map(|odd| odd))) } else { None };
        Json::text(odd.map_or_else(|| value.to_string(), str::to_owned))
    }

    /// A whole number, now and then as no integer is written.
    fn spelled(&mut self, value: i128) -> Json {
        if !self.is_wrong() {
            return Json::number(value);
        }
        let odd = [
            format!("{value}.0"),
            format!("{value}e0"),
            "1e2".to_owned(),
            "-0".to_owned(),
            "0.5".to_owned(),
            "1e400".to_owned(),
            "9".repeat(30),
            "9".repeat(400),
        ];
        Json::Number(odd[self.random.below(odd.len())].clone())
    }

    fn whole_number(&mut self, int: Int, limits: &Limits) -> i128 {
        let (least, most) = match int {
            Int::U8 => (0, u8::MAX.into()),
            Int::U16 => (0, u16::MAX.into()),
            Int::U32 => (0, u32::MAX.into()),
            Int::U64 => (0, u64::MAX.into()),
            Int::I8 => (i8::MIN.into(), i8::MAX.into()),
            Int::I16 => (i16::MIN.into(), i16::MAX.into()),
            Int::I32 => (i32::MIN.into(), i32::MAX.into()),
            Int::I64 => (i64::MIN.into(), i64::MAX.into()),
        };
        let range = limits.range.unwrap_or_default();
        let (mut min, mut max) = (range.min.map_or(least, whole), range.max.map_or(most, whole));
        if travels_as_number(int, limits) || int == Int::U64 && limits.range.is_none() {
            max = max.min((1 << 53) - 1);
            min = min.max(-(1 << 53) + 1);
        }
        if let Some(numbers) = &limits.one_of {
            let one = whole(numbers[self.random.below(numbers.len())]);
            return if self.is_wrong() { one + 1 } else { one };
        }
        let mut value = match self.random.below(4) {
            0 => min,
            1 => max,
            2 => min.max(0).min(max),
            _ => self.random.between(min, max),
        };
        if let Some(factor) = limits.multiple_of {
            value -= value % whole(factor);
            if value < min {
                value += whole(factor);
            }
        }
        if !self.is_wrong() {
            return value;
        }
        [min - 1, max + 1, least - 1, most + 1, value + 1, (1 << 53), -(1 << 53)][self.random.below(7)]
    }

    fn float(&mut self, limits: &Limits) -> Json {
        let range = limits.range.unwrap_or_default();
        let (min, max) = (range.min.map_or(-1e6, real), range.max.map_or(1e6, real));
        let mut value = match self.random.below(4) {
            0 if !range.min_exclusive => min,
            1 if !range.max_exclusive => max,
            2 if min < 0.5 && max > 0.5 => 0.5,
            _ => min + (max - min) * (1 + self.random.below(998)) as f64 / 1000.0,
        };
        if let Some(factor) = limits.multiple_of {
            value = ((min / real(factor)).ceil() + self.random.below(8) as f64) * real(factor);
        }
        if let Some(numbers) = &limits.one_of {
            value = real(numbers[self.random.below(numbers.len())]);
        }
        if self.is_wrong() {
            let odd = [min, max, min - 0.001, max + 0.001, value + 0.01, 3.5e38, -3.5e38, 1e-300];
            value = odd[self.random.below(odd.len())];
            if self.random.one_in(4) {
                return Json::Number((*self.random.pick(&["1e400", "-1e400", "-0", "0", "1E+2"])).to_owned());
            }
        }
        let spelled = [format!("{value}"), format!("{value:?}"), format!("{value:e}")];
        Json::Number(spelled[self.random.below(3)].clone())
    }

    fn text(&mut self, shape: &Shape, limits: &Limits) -> String {
        let wrong = self.is_wrong();
        match shape {
            Shape::Bytes => self.base64(limits.len, wrong),
            Shape::Uuid => {
                self.odd(wrong, "01234567-89ab-CDEF-0123-456789abcdef", &["0123456789abcdef0123456789abcdef"])
            }
            Shape::Timestamp => self.odd(
                wrong,
                "2026-05-04T09:00:00.250Z",
                &["2026-02-30T00:00:00Z", "2026-05-04T09:00:00+00:00", "0000-02-29T23:59:59Z", "9999-12-31T00:00:00Z"],
            ),
            Shape::Date => self.odd(wrong, "2024-02-29", &["2023-02-29", "0000-01-01", "2026-5-4", "9999-12-31", "x"]),
            Shape::Email => {
                self.listed(texts::EMAILS.iter().map(|(text, good)| (*text, *good)).collect(), limits, wrong)
            }
            Shape::Uri => self.listed(texts::URIS.iter().map(|(text, good)| (*text, *good)).collect(), limits, wrong),
            Shape::Ip => {
                let ips = texts::IPS.iter().map(|(text, written)| (*text, written.is_some())).collect();
                self.listed(ips, limits, wrong)
            }
            _ => self.string(limits, wrong),
        }
    }

    fn odd(&mut self, wrong: bool, good: &str, odd: &[&str]) -> String {
        if wrong { (*self.random.pick(odd)).to_owned() } else { good.to_owned() }
    }

    fn listed(&mut self, all: Vec<(&str, bool)>, limits: &Limits, wrong: bool) -> String {
        let fits = |text: &str| match limits.len {
            Some(len) => (len.min..=len.max.unwrap_or(u64::MAX)).contains(&(text.chars().count() as u64)),
            None => true,
        };
        let matches = |text: &str| limits.pattern.as_ref().is_none_or(|pattern| texts::matches(pattern, text));
        let some: Vec<&str> = all
            .iter()
            .filter(|(text, good)| wrong || *good && fits(text) && matches(text))
            .map(|(text, _)| *text)
            .collect();
        if some.is_empty() { String::new() } else { (*self.random.pick(&some)).to_owned() }
    }

    fn string(&mut self, limits: &Limits, wrong: bool) -> String {
        let bounds = limits.len.unwrap_or(Bounds { min: 0, max: None });
        let most = bounds.max.unwrap_or(bounds.min + 12);
        let mut text = match &limits.pattern {
            Some(pattern) => self.matching(pattern, bounds.min, most),
            None => {
                let len = [
                    bounds.min,
                    most.min(bounds.min + 300),
                    self.random.between(bounds.min.into(), most.into()) as u64,
                ];
                let len = len[self.random.below(3)].min(bounds.min + 300);
                (0..len).map(|_| *self.random.pick(&SIGNS.each_ref())).collect()
            }
        };
        if wrong {
            match self.random.below(4) {
                0 => {
                    text.push_str(&"x".repeat((most + 1).saturating_sub(text.chars().count() as u64).min(300) as usize))
                }
                1 => text = text.chars().take((bounds.min as usize).saturating_sub(1)).collect(),
                2 => text.push('\n'),
                _ => text.insert(0, 'ä'),
            }
        }
        text
    }

    fn matching(&mut self, pattern: &str, min: u64, max: u64) -> String {
        let mut text = String::new();
        for _ in 0..30 {
            text = pattern::text(pattern, self.random);
            if (min..=max).contains(&(text.chars().count() as u64)) {
                return text;
            }
        }
        // What may be repeated as often as one likes seldom is as long as it must be.
        while (text.chars().count() as u64) < min.min(300) {
            text.push_str(&pattern::text(pattern, self.random));
            if text.is_empty() {
                break;
            }
        }
        text.chars().take(max as usize).collect()
    }

    fn base64(&mut self, bounds: Option<Bounds>, wrong: bool) -> String {
        let bounds = bounds.unwrap_or(Bounds { min: 0, max: None });
        let most = bounds.max.unwrap_or(bounds.min + 9).min(bounds.min + 30);
        let mut len = self.random.between(bounds.min.into(), most.into()) as usize;
        if wrong && self.random.one_in(2) {
            len = [(bounds.min as usize).saturating_sub(1), most as usize + 1][self.random.below(2)];
        }
        let mut text = "AAAA".repeat(len / 3);
        text.push_str(["", "/w==", "AAE="][len % 3]);
        if wrong && self.random.one_in(2) {
            text.push_str(self.random.pick(&["=", "AA", "_", "AB==", "AA==AAAA", " "]));
        }
        text
    }

    fn list(&mut self, item: &Type, limits: &Limits, depth: usize) -> Json {
        let len = self.count(limits.len, depth);
        let mut items: Vec<Json> = Vec::new();
        for _ in 0..len {
            let mut next = self.value(item, depth + 1);
            for _ in 0..20 {
                if !limits.unique || !items.contains(&next) {
                    break;
                }
                next = self.value(item, depth + 1);
            }
            items.push(next);
        }
        if !items.is_empty() && self.is_wrong() {
            items.push(items[self.random.below(items.len())].clone());
        }
        Json::List(items)
    }

    fn count(&mut self, bounds: Option<Bounds>, depth: usize) -> usize {
        let bounds = bounds.unwrap_or(Bounds { min: 0, max: None });
        let most = bounds.max.unwrap_or(bounds.min + 3).min(bounds.min + 4);
        if self.is_wrong() {
            let beyond = bounds.max.filter(|max| *max < 40).map_or(most, |max| max + 1);
            return [bounds.min.saturating_sub(1), beyond][self.random.below(2)] as usize;
        }
        if depth > DEEP { bounds.min as usize } else { self.random.between(bounds.min.into(), most.into()) as usize }
    }

    fn map(&mut self, key: &Type, value: &Type, limits: &Limits, depth: usize) -> Json {
        let len = self.count(limits.len, depth);
        let mut entries: Vec<(String, Json)> = Vec::new();
        for _ in 0..len {
            let mut text = self.key(key);
            for _ in 0..20 {
                if !entries.iter().any(|(other, _)| *other == text) {
                    break;
                }
                text = self.key(key);
            }
            let value = self.value(value, depth + 1);
            entries.push((text, value));
        }
        if !entries.is_empty() && self.is_wrong() {
            let again = entries[self.random.below(entries.len())].0.clone();
            entries.push((again, self.value(value, depth + 1)));
        }
        Json::Object(entries)
    }

    fn key(&mut self, key: &Type) -> String {
        if self.is_wrong() {
            return (*self.random.pick(&["", "01", "-0", "a/b~c", "é", "300", "x"])).to_owned();
        }
        let whole = all_limits(self.model, key);
        if let Shape::Int(int) = whole.shape {
            return self.whole_number(int, &whole.limits).to_string();
        }
        match self.present(key, 0) {
            Json::Text(text) | Json::Number(text) => text,
            _ => "x".to_owned(),
        }
    }

    fn object(&mut self, fields: &[Field], tag: Option<(&str, Json)>, depth: usize) -> Json {
        let mut members: Vec<(String, Json)> = Vec::new();
        for field in fields {
            let may_miss = field.optional || field.default.is_some();
            let missing = may_miss && (depth > DEEP || self.random.one_in(2)) || self.is_wrong();
            if !missing {
                members.push((field.wire.clone(), self.value(&field.ty, depth + 1)));
            }
        }
        if let Some((key, name)) = tag {
            match self.is_wrong() {
                false => members.push((key.to_owned(), name)),
                true if self.random.one_in(2) => members.push((key.to_owned(), self.anything(0))),
                true => {}
            }
        }
        if self.is_wrong() {
            let key = ["other", "name", "id", "payload", "Kind", ""][self.random.below(6)];
            members.push((key.to_owned(), self.anything(1)));
        }
        if !members.is_empty() && self.is_wrong() {
            let again = members[self.random.below(members.len())].clone();
            let value = if self.random.one_in(2) { again.1 } else { self.anything(0) };
            members.push((again.0, value));
        }
        self.random.shuffle(&mut members);
        Json::Object(members)
    }

    /// Any JSON at all. Where nothing is to be wrong it is right as the type `json`.
    fn anything(&mut self, depth: usize) -> Json {
        match self.random.below(if depth > 3 { 9 } else { 11 }) {
            0 => Json::Null,
            1 => Json::Bool(self.random.one_in(2)),
            2 => Json::text(self.random.pick(&["", "x", "1", "é\n\"", "2026-05-04"])),
            3 if self.is_wrong() => Json::Number("1e400".to_owned()),
            3..=6 => Json::Number(
                (*self.random.pick(&[
                    "0",
                    "-1",
                    "7",
                    "1.5",
                    "1e2",
                    "-0",
                    "18446744073709551615",
                    "18446744073709551616",
                ]))
                .to_owned(),
            ),
            7 => Json::List(Vec::new()),
            8 => Json::Object(Vec::new()),
            9 => Json::List((0..self.random.below(3)).map(|_| self.anything(depth + 1)).collect()),
            _ => {
                let mut members: Vec<(String, Json)> =
                    (0..self.random.below(3)).map(|index| (format!("k{index}"), self.anything(depth + 1))).collect();
                if !members.is_empty() && self.is_wrong() {
                    members.push(members[0].clone());
                }
                Json::Object(members)
            }
        }
    }
}

fn whole(number: Number) -> i128 {
    match number {
        Number::Int(value) => value,
        Number::Float(value) => value as i128,
    }
}

/// From here on as little as possible.
const DEEP: usize = 4;
/// From here on nothing.
const DEEPEST: usize = 14;
/// Of one to four bytes, and what JSON has to escape.
const SIGNS: [char; 10] = ['a', 'Z', '0', ' ', '"', '\\', '\n', 'ü', '漢', '🎧'];
