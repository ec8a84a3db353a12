//! Defaults: of the field's type, and within its limits.

use std::collections::HashSet;

use super::limits::{below, int_range, scalar_name, show, value as as_float};
use super::sets::Key;
use super::{Resolver, TypeNode, limits, pattern, texts};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{self, Int, Limits, Literal, Number, Shape, Type, TypeKind, Value};
use crate::source::Span;
use crate::syntax::tree::{self, NumberValue, ValueKind};

impl Resolver<'_, '_, '_> {
    /// The default of a field of this type; `None` after a report.
    pub(super) fn default(&mut self, ty: &Type, written: &tree::Value) -> Option<Value> {
        if matches!(&written.kind, ValueKind::Name(name) if self.is_ghost(name)) {
            return None;
        }
        let shape = self.base(ty).clone();
        let value = self.of_shape(ty, &shape, written)?;
        let broken = self.layers(ty).iter().find_map(|layer| broken_limit(&layer.limits, &value, written));
        match broken {
            Some(broken) => {
                let report = Diagnostic::new(
                    Code::DefaultBreaksLimit,
                    broken.span,
                    "the default breaks the limits of its own field",
                );
                self.report(report.label(broken.label).help(broken.help));
                None
            }
            None => Some(value),
        }
    }

    fn of_shape(&mut self, ty: &Type, shape: &Shape, written: &tree::Value) -> Option<Value> {
        match (shape, &written.kind) {
            (Shape::Unknown, _) => None,
            (_, ValueKind::Number(number)) if matches!(number.value, NumberValue::TooLarge) => None,
            (Shape::Const(literal), kind) if !is_null(kind) => self.constant_value(literal, written),
            (Shape::Bool, ValueKind::Bool(value)) => Some(Value::Bool(*value)),
            (Shape::Int(int), ValueKind::Number(number)) => self.integer(*int, number),
            (Shape::F32 | Shape::F64, ValueKind::Number(number)) => self.float(shape, number),
            (Shape::Duration, ValueKind::Number(number)) => self.time(ty, number),
            (Shape::String, ValueKind::Text(text)) => Some(Value::Text(text.clone())),
            (shape, ValueKind::Text(text)) if texts::kind(shape).is_some() => {
                self.text_value(shape, text, written.span)
            }
            (Shape::Role, ValueKind::Name(name)) => self.role_value(name, written.span),
            (Shape::Named(id), ValueKind::Name(name)) if matches!(self.model.types[*id].kind, TypeKind::Enum(_)) => {
                self.variant(*id, name, written.span)
            }
            (Shape::List(item), ValueKind::List(values)) => {
                let item = Type::clone(item);
                values.iter().map(|value| self.default(&item, value)).collect::<Option<Vec<_>>>().map(Value::List)
            }
            _ => self.mismatch(ty, shape, written),
        }
    }

    fn other_type(
        &mut self,
        span: Span,
        title: impl Into<String>,
        label: &str,
        help: impl Into<Help>,
    ) -> Option<Value> {
        self.report(Diagnostic::new(Code::DefaultType, span, title).label(label).help(help));
        None
    }

    /// A text of a built-in text type.
    fn text_value(&mut self, shape: &Shape, text: &str, span: Span) -> Option<Value> {
        let kind = texts::kind(shape)?;
        if (kind.is)(text) {
            return Some(Value::Text(text.to_owned()));
        }
        let title = format!("the default is no `{}`", scalar_name(shape));
        self.other_type(span, title, kind.problem, format!("it looks like `\"{}\"`", kind.example))
    }

    /// The default of a constant, which is the constant.
    fn constant_value(&mut self, literal: &Literal, written: &tree::Value) -> Option<Value> {
        let (same, shown, value) = match (literal, &written.kind) {
            (Literal::Bool(wanted), kind) => {
                (matches!(kind, ValueKind::Bool(value) if value == wanted), wanted.to_string(), Value::Bool(*wanted))
            }
            (Literal::Text(wanted), kind) => {
                let same = matches!(kind, ValueKind::Text(text) if text == wanted);
                (same, quoted(wanted), Value::Text(wanted.clone()))
            }
            (Literal::Number(wanted), kind) => {
                let found =
                    if let ValueKind::Number(number) = kind { limits::number(Some(number)).flatten() } else { None };
                let same = found.is_some_and(|found| Key::of(found) == Key::of(*wanted));
                (same, show(*wanted), Value::Number(*wanted))
            }
        };
        if same {
            return Some(value);
        }
        let report =
            Diagnostic::new(Code::DefaultBreaksLimit, written.span, "the default is another value than the constant");
        let help = Help::instead(
            format!("the only value is `{}`: write it, or make the field optional", guess::clip(&shown)),
            shown,
        );
        self.report(report.label("can never be").help(help));
        None
    }

    fn integer(&mut self, int: Int, number: &tree::Number) -> Option<Value> {
        let NumberValue::Int(value) = number.value else {
            let title = format!("the default {} is no whole number", number.text);
            return self.other_type(
                number.span,
                title,
                &format!("the field is a `{}`", int.name()),
                "write a whole number, or make the field a `f64`",
            );
        };
        let (lowest, highest) = int_range(int);
        if (lowest..=highest).contains(&value) {
            return Some(Value::Number(Number::Int(value)));
        }
        let report = Diagnostic::new(
            Code::DefaultBreaksLimit,
            number.span,
            format!("the default {} is no value of its own type", number.text),
        );
        let help = format!("`{}` goes from {lowest} to {highest}", int.name());
        self.report(report.label("outside of the type").help(help));
        None
    }

    fn float(&mut self, shape: &Shape, number: &tree::Number) -> Option<Value> {
        let value = match number.value {
            NumberValue::Int(value) => Number::Int(value),
            NumberValue::Float(value) => Number::Float(value),
            _ => {
                return self.other_type(
                    number.span,
                    "the default is no plain number",
                    &format!("the field is a `{}`", scalar_name(shape)),
                    "write it without a unit",
                );
            }
        };
        if *shape == Shape::F32 && as_float(value).abs() > f64::from(f32::MAX) {
            let report = Diagnostic::new(
                Code::DefaultBreaksLimit,
                number.span,
                format!("the default {} is no value of its own type", number.text),
            );
            self.report(report.label("outside of the type").help("make the field a `f64`"));
            return None;
        }
        Some(Value::Number(value))
    }

    fn time(&mut self, ty: &Type, number: &tree::Number) -> Option<Value> {
        match number.value {
            NumberValue::Duration(milliseconds) => Some(Value::Number(Number::Int(i128::from(milliseconds)))),
            NumberValue::Int(milliseconds @ 0) => Some(Value::Number(Number::Int(milliseconds))),
            _ => self.other_type(
                number.span,
                "the default is no time",
                &format!("the field is a `{}`", self.type_text(ty)),
                "write `500ms`, `30s`, `5m` or `1h`",
            ),
        }
    }

    fn role_value(&mut self, name: &str, span: Span) -> Option<Value> {
        if let Some(&role) = self.tables.roles.get(name) {
            return Some(Value::Variant(role));
        }
        if self.is_ghost(name) || self.broken_kinds.contains("roles") {
            return None;
        }
        let roles: Vec<String> = self.model.roles.iter().map(|role| role.name.clone()).collect();
        let names = roles.iter().map(String::as_str);
        let help = guess::did_you_mean(name, names.clone())
            .unwrap_or_else(|| format!("the roles are {}", guess::list(names)).into());
        self.other_type(span, format!("`{}` is no role", guess::clip(name)), "no role of this name", help)
    }

    fn variant(&mut self, id: usize, name: &str, span: Span) -> Option<Value> {
        // Enums may stand further down in the file: what is written counts.
        let TypeNode::Enum { variants, broken } = self.written.types[id].node else { return None };
        let def = &self.model.types[id];
        let enum_name = if def.inline { "this enum".to_owned() } else { format!("`{}`", def.name) };
        match variants.iter().position(|variant| variant.name.text == name) {
            Some(found) if variants[found].fields.is_empty() => Some(Value::Variant(found)),
            Some(_) => {
                let help = "choose a variant without fields, or make the field optional: `name?: T`";
                self.other_type(
                    span,
                    format!("variant `{name}` of {enum_name} has fields"),
                    "cannot be a default",
                    help,
                )
            }
            None if broken || self.is_ghost(name) || variants.is_empty() => None,
            None => {
                let names = variants.iter().map(|variant| variant.name.text.as_str());
                let short = name.rsplit(':').next().unwrap_or(name);
                let help = names
                    .clone()
                    .find(|known| *known == short && short != name)
                    .map(|known| Help::instead(format!("a variant stands alone: `= {known}`"), known));
                let help = help
                    .or_else(|| guess::did_you_mean(name, names.clone()))
                    .unwrap_or_else(|| format!("its variants are {}", guess::list(names)).into());
                self.other_type(
                    span,
                    format!("{enum_name} has no variant `{}`", guess::clip(name)),
                    "no variant of this name",
                    help,
                )
            }
        }
    }

    /// Whether a text, without its quotes, is a value of the type.
    fn is_literal(&self, shape: &Shape, text: &str) -> bool {
        let is_time = || text.trim_end_matches(char::is_alphabetic).parse::<u32>().is_ok();
        match shape {
            Shape::Bool => matches!(text, "true" | "false"),
            Shape::Int(_) => text.parse::<i64>().is_ok() && !text.starts_with('+'),
            Shape::F32 | Shape::F64 => {
                text.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
                    && text.parse().is_ok_and(f64::is_finite)
            }
            Shape::Duration => ["ms", "s", "m", "h", "d"].iter().any(|unit| text.ends_with(unit)) && is_time(),
            Shape::Role => self.tables.roles.contains_key(text),
            Shape::Named(id) => match self.written.types[*id].node {
                TypeNode::Enum { variants, .. } => {
                    variants.iter().any(|variant| variant.name.text == text && variant.fields.is_empty())
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// A value that the type cannot have at all.
    fn mismatch(&mut self, ty: &Type, shape: &Shape, written: &tree::Value) -> Option<Value> {
        if is_null(&written.kind) {
            return self.other_type(
                written.span,
                "null cannot be a default",
                "nothing is the default",
                "make the field optional: `name?: T`",
            );
        }
        let help = match (shape, &written.kind) {
            (Shape::String, ValueKind::Name(name)) => {
                Help::instead(format!("put it in quotes: `= \"{name}\"`"), format!("\"{name}\""))
            }
            (shape, _) if *shape == Shape::String || texts::kind(shape).is_some() => {
                "write a text in quotes: `= \"…\"`".into()
            }
            (Shape::Bool, _) => "write `true` or `false`".into(),
            (Shape::Int(_) | Shape::F32 | Shape::F64, _) => "write a number without quotes".into(),
            (Shape::Duration, _) => "write `500ms`, `30s`, `5m` or `1h`".into(),
            (Shape::List(_), _) => "write a list: `= []`".into(),
            (Shape::Role, _) => "write the name of a role without quotes".into(),
            (Shape::Named(id), _) if matches!(self.model.types[*id].kind, TypeKind::Enum(_)) => {
                "write the name of a variant without quotes".into()
            }
            _ => "values of this type cannot be written here; make the field optional: `name?: T`".into(),
        };
        let help = match &written.kind {
            ValueKind::Text(text) if self.is_literal(shape, text) => Help { instead: Some(text.clone()), ..help },
            _ => help,
        };
        let title = match &written.kind {
            ValueKind::List(_) => format!("the default is a list, and the field is of type `{}`", self.type_text(ty)),
            ValueKind::Text(_) => format!("the default is a text, and the field is of type `{}`", self.type_text(ty)),
            _ => format!("the default `{}` is no value of `{}`", self.text(written.span), self.type_text(ty)),
        };
        let shown = self.type_text(ty);
        self.other_type(written.span, title, &format!("not of type `{shown}`"), help)
    }
}

fn is_null(kind: &ValueKind) -> bool {
    matches!(kind, ValueKind::Name(name) if name == "null" || name == "none")
}

/// A text as a literal.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t"))
}

/// How a default breaks a limit.
struct Broken {
    span: Span,
    label: String,
    help: Help,
}

fn broken_limit(limits: &Limits, value: &Value, written: &tree::Value) -> Option<Broken> {
    let (label, help) = match value {
        Value::Number(number) => broken_number(limits, *number, is_time(written))?,
        Value::Text(text) => broken_text(limits, text)?,
        Value::List(items) => broken_list(limits, items)?,
        Value::Bool(_) | Value::Variant(_) => return None,
    };
    Some(Broken { span: written.span, label, help })
}

fn is_time(written: &tree::Value) -> bool {
    matches!(&written.kind, ValueKind::Number(tree::Number { value: NumberValue::Duration(_), .. }))
}

/// A number as written: milliseconds with the greatest unit that fits, when it is a time.
fn show_as(number: Number, time: bool) -> String {
    let Number::Int(milliseconds) = number else { return show(number) };
    if !time {
        return show(number);
    }
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
    let unit = units.into_iter().find(|(length, _)| milliseconds > 0 && milliseconds % length == 0);
    unit.map_or_else(|| format!("{milliseconds}ms"), |(length, unit)| format!("{}{unit}", milliseconds / length))
}

/// How a number breaks limits: the problem, and what to write.
pub(super) fn broken_number(limits: &Limits, number: Number, time: bool) -> Option<(String, Help)> {
    let value = as_float(number);
    let show = |number| show_as(number, time);
    if let Some(range) = limits.range {
        let nearest = |end: Number, exclusive: bool, word: &str| match exclusive {
            true => format!("choose a number {word} {}", show(end)).into(),
            false => Help::instead(format!("the nearest allowed value is {}", show(end)), show(end)),
        };
        if let Some(min) = range.min.filter(|&min| below(number, min)) {
            return Some((
                format!("{} is below {}", show(number), show(min)),
                nearest(min, range.min_exclusive, "above"),
            ));
        }
        if let Some(max) = range.max.filter(|&max| below(max, number)) {
            return Some((
                format!("{} is above {}", show(number), show(max)),
                nearest(max, range.max_exclusive, "below"),
            ));
        }
        let is = |end: Option<Number>| end.is_some_and(|end| Key::of(end) == Key::of(number));
        if range.min_exclusive && is(range.min) {
            return Some((format!("{} itself is not allowed", show(number)), nearest(number, true, "above")));
        }
        if range.max_exclusive && is(range.max) {
            return Some((format!("{} itself is not allowed", show(number)), nearest(number, true, "below")));
        }
    }
    if let Some(members) = &limits.one_of
        && !members.iter().any(|member| Key::of(*member) == Key::of(number))
    {
        let names: Vec<String> = members.iter().take(7).map(|member| show(*member)).collect();
        let help = format!("it is one of {}", guess::list(names.iter().map(String::as_str)));
        return Some((format!("{} is not in the set", show(number)), help.into()));
    }
    let factor = limits.multiple_of?;
    let (nearest, is_multiple) = match (number, factor) {
        (Number::Int(value), Number::Int(factor)) if factor > 0 => {
            (Number::Int((value + factor / 2).div_euclid(factor) * factor), value % factor == 0)
        }
        _ => {
            let times = value / as_float(factor);
            (
                Number::Float(times.round() * as_float(factor)),
                (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0),
            )
        }
    };
    let help = || Help::instead(format!("the nearest one is {}", show(nearest)), show(nearest));
    (!is_multiple).then(|| (format!("no multiple of {}", show(factor)), help()))
}

fn broken_text(limits: &Limits, text: &str) -> Option<(String, Help)> {
    let length = text.chars().count() as u64;
    broken_length(limits.len, length, "characters").or_else(|| {
        let pattern = limits.pattern.as_deref().filter(|pattern| !pattern::matches(pattern, text))?;
        Some((
            "does not match the pattern".to_owned(),
            format!("the whole text has to match `/{}/`", guess::clip(pattern)).into(),
        ))
    })
}

fn broken_list(limits: &Limits, items: &[Value]) -> Option<(String, Help)> {
    broken_length(limits.len, items.len() as u64, "items").or_else(|| {
        let mut seen = HashSet::new();
        let twice = limits.unique && items.iter().any(|item| !seen.insert(format!("{item:?}")));
        twice.then(|| ("an item twice".to_owned(), "the list is `unique`: keep one of them".into()))
    })
}

fn broken_length(len: Option<model::Bounds>, length: u64, what: &str) -> Option<(String, Help)> {
    let len = len?;
    if length < len.min {
        return Some((
            format!("{length} {what}, fewer than {}", len.min),
            format!("give it at least {}, or make the field optional", len.min).into(),
        ));
    }
    let max = len.max.filter(|&max| length > max)?;
    Some((format!("{length} {what}, more than {max}"), format!("at most {max} are allowed").into()))
}
