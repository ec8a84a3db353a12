//! JSON being written: keys in the order given, nothing between the signs, nothing for what is not there.

use std::fmt::Display;

use crate::model::{Literal, Number};

/// An object being written.
pub(crate) struct Object<'o> {
    out: &'o mut String,
    is_first: bool,
}

/// Writes an object.
pub(crate) fn object(out: &mut String, members: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    members(&mut Object { out, is_first: true });
    out.push('}');
}

/// Writes a list.
pub(crate) fn list<T>(out: &mut String, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut String, T)) {
    out.push('[');
    for (index, next) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        item(out, next);
    }
    out.push(']');
}

impl Object<'_> {
    /// A member of any kind.
    pub fn member(&mut self, key: &str, value: impl FnOnce(&mut String)) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(',');
        }
        string(self.out, key);
        self.out.push(':');
        value(self.out);
    }

    /// A text.
    pub fn text(&mut self, key: &str, text: &str) {
        self.member(key, |out| string(out, text));
    }

    /// A number, if there is one.
    pub fn number(&mut self, key: &str, number: Option<impl Display>) {
        if let Some(number) = number {
            self.member(key, |out| out.push_str(&number.to_string()));
        }
    }

    /// `true`, or nothing.
    pub fn flag(&mut self, key: &str, flag: bool) {
        if flag {
            self.member(key, |out| out.push_str("true"));
        }
    }

    /// A list, if anything is in it.
    pub fn items<T>(&mut self, key: &str, items: &[T], item: impl FnMut(&mut String, &T)) {
        if !items.is_empty() {
            self.member(key, |out| list(out, items, item));
        }
    }

    /// The members of something that may be missing.
    pub fn object<T>(&mut self, key: &str, value: Option<T>, members: impl FnOnce(&mut Object<'_>, T)) {
        if let Some(value) = value {
            self.member(key, |out| object(out, |o| members(o, value)));
        }
    }
}

/// A text with its quotes.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..='\x1f' => out.push_str(&format!("\\u{:04x}", u32::from(sign))),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// A number as it was written, near enough.
pub(crate) fn number(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// The value of a constant.
pub(crate) fn literal(out: &mut String, literal: &Literal) {
    match literal {
        Literal::Bool(value) => out.push_str(&value.to_string()),
        Literal::Number(value) => out.push_str(&number(*value)),
        Literal::Text(text) => string(out, text),
    }
}
