//! Limits as written to limits of the model; `judge` asks whether they fit their type.

use super::Resolver;
use super::pattern;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::model::{Bounds, Int, Limits, Number, Range, Shape};
use crate::source::Span;
use crate::syntax::tree::{self, LimitKind, NumberValue};

impl<'t> Resolver<'t, '_, '_> {
    /// What the parentheses ask, without what makes no sense in any type.
    pub(super) fn lower_limits(&mut self, written: &'t tree::Type) -> Limits {
        let mut limits = Limits::default();
        let mut seen: Vec<(&str, &tree::Limit)> = Vec::new();
        if let Some(report) = numbers_for_a_set(written) {
            self.report(report);
            return limits;
        }
        for limit in &written.limits {
            let said = said(&limit.kind);
            if let Some(&(what, first)) = seen.iter().find(|(known, _)| said.contains(known)) {
                self.said_twice(what, limit, first);
                continue;
            }
            seen.extend(said.iter().map(|what| (*what, limit)));
            match &limit.kind {
                LimitKind::Len(range) => limits.len = self.len(range),
                LimitKind::Range(range) => limits.range = self.range(range, ""),
                LimitKind::Match(written) => limits.pattern = self.pattern(written),
                LimitKind::Unique => limits.unique = true,
                LimitKind::MultipleOf(number) => limits.multiple_of = self.multiple_of(number),
                LimitKind::Set(members) => limits.one_of = self.set(members),
                LimitKind::Bound(bound) => Self::bound(&mut limits, bound),
                LimitKind::LenBound(bound) => self.bound_of_length(limit, bound),
            }
        }
        limits
    }

    fn said_twice(&mut self, what: &str, second: &tree::Limit, first: &tree::Limit) {
        let is_range = |limit: &tree::Limit| matches!(limit.kind, LimitKind::Range(_));
        let (title, help) = match (is_range(second), is_range(first)) {
            (true, true) => ("a range is given twice".to_owned(), "keep one of them"),
            (false, false) if what.contains(' ') => (format!("{what} is given twice"), "keep one of them"),
            (false, false) => (format!("`{what}` is given twice"), "keep one of them"),
            _ => ("a range beside a bound".to_owned(), "keep one of them, or write both ends as bounds: `>=0, <1`"),
        };
        let report = Diagnostic::new(Code::LimitTwice, second.span, title).label("the second one");
        self.report(report.also(first.span, "the first one").help(help));
    }

    fn len(&mut self, written: &tree::Range) -> Option<Bounds> {
        let range = self.range(written, "len ")?;
        let bound = |number: Option<Number>| match number {
            None => Some(None),
            Some(Number::Int(value)) if (0..=i128::from(u32::MAX)).contains(&value) => Some(Some(value as u64)),
            Some(_) => None,
        };
        let (Some(min), Some(max)) = (bound(range.min), bound(range.max)) else {
            let report =
                Diagnostic::new(Code::LimitBeyond, written.span, "a length is a whole number from 0 to 2^32-1")
                    .label("not a length");
            self.report(report.help("lengths are written `len 1..=40`"));
            return None;
        };
        Some(Bounds { min: min.unwrap_or(0), max })
    }

    /// A range with both ends included; the other forms are refused.
    fn range(&mut self, written: &tree::Range, word: &str) -> Option<Range> {
        let operator = written.operator.as_ref().map_or("", |operator| operator.text.as_str());
        let text = |number: &Option<tree::Number>| number.as_ref().map_or(String::new(), |number| number.text.clone());
        let (low, high) = (text(&written.min), text(&written.max));
        let right = match (operator, low.is_empty(), high.is_empty()) {
            ("..", false, true) | ("", ..) | ("..=", _, false) => None,
            (_, false, true) => Some(Help::instead("", format!("{low}.."))),
            (_, true, true) => Some("1..=40".into()),
            _ => Some(Help::instead("", format!("{low}..={high}"))),
        };
        if let Some(right) = right {
            self.half_open(written, word, right);
            return None;
        }
        let (min, max) = (number(written.min.as_ref())?, number(written.max.as_ref())?);
        if let (Some(min), Some(max)) = (min, max)
            && below(max, min)
        {
            let report =
                Diagnostic::new(Code::EmptyRange, written.span, format!("no value is in the range `{low}..={high}`"));
            let help = Help::instead(format!("swap the bounds: `{word}{high}..={low}`"), format!("{high}..={low}"));
            self.report(report.label(format!("{low} is above {high}")).help(help));
            return None;
        }
        Some(Range { min, max, ..Range::default() })
    }

    /// The report of a range that may or may not include its end; `right` is how it is written.
    fn half_open(&mut self, written: &tree::Range, word: &str, right: Help) {
        let operator = written.operator.as_ref().map_or("", |operator| operator.text.as_str());
        let text = |number: &Option<tree::Number>| number.as_ref().map_or(String::new(), |number| number.text.clone());
        let (low, high) = (text(&written.min), text(&written.max));
        let (title, label) = match high.is_empty() {
            true => (format!("the range `{low}{operator}` has no upper end"), "ends nowhere"),
            false => (format!("does `{low}{operator}{high}` include {high}?"), "may mean either"),
        };
        let range = right.instead.clone().unwrap_or(right.text);
        // Only numbers have bounds with signs.
        let without_end = match (word, low.is_empty(), high.is_empty()) {
            ("", true, false) => format!("; to leave {high} out: `<{high}`"),
            ("", false, false) => format!("; to leave {high} out: `>={low}, <{high}`"),
            _ => String::new(),
        };
        let help =
            Help { text: format!("ends are always included: `{word}{range}`{without_end}"), instead: right.instead };
        self.report(Diagnostic::new(Code::HalfOpen, written.span, title).label(label).help(help));
    }

    fn multiple_of(&mut self, written: &tree::Number) -> Option<Number> {
        let found = number(Some(written))??;
        if value(found) > 0.0 {
            return Some(found);
        }
        let report =
            Diagnostic::new(Code::Unsatisfiable, written.span, format!("nothing is a multiple of {}", written.text))
                .label("not above 0");
        self.report(report.help("write a number above 0: `multiple_of 5`"));
        None
    }

    fn pattern(&mut self, written: &tree::Name) -> Option<String> {
        match pattern::read(written) {
            Ok(text) => Some(text),
            Err(report) => {
                self.report(*report);
                None
            }
        }
    }
}

/// `u8(1, 2, 4)`: as a whole it can only mean a set.
fn numbers_for_a_set(written: &tree::Type) -> Option<Diagnostic> {
    let [first, .., last] = written.limits.as_slice() else { return None };
    let alone = |limit: &tree::Limit| match &limit.kind {
        LimitKind::Range(tree::Range { min: Some(number), operator: None, .. }) => Some(number.text.clone()),
        _ => None,
    };
    let numbers = written.limits.iter().map(alone).collect::<Option<Vec<_>>>()?.join(" | ");
    let span = Span { end: last.span.end, ..first.span };
    let report = Diagnostic::new(Code::LimitTwice, span, "several numbers, of which each says \"exactly this\"");
    let help = Help::instead(format!("numbers to choose from are a set: `{numbers}`"), numbers);
    Some(report.label("cannot all be").help(help))
}

/// A literal as a number of the model: outer `None` when it was refused already.
pub(super) fn number(written: Option<&tree::Number>) -> Option<Option<Number>> {
    let Some(written) = written else { return Some(None) };
    match written.value {
        NumberValue::Int(value) => Some(Some(Number::Int(value))),
        NumberValue::Float(value) => Some(Some(Number::Float(value))),
        NumberValue::Duration(value) | NumberValue::Size(value) => Some(Some(Number::Int(i128::from(value)))),
        NumberValue::TooLarge => None,
    }
}

/// A number for comparing.
pub(super) fn value(number: Number) -> f64 {
    match number {
        Number::Int(value) => value as f64,
        Number::Float(value) => value,
    }
}

/// Whether a number is less than another; integers are compared as such, since floats cannot tell large ones apart.
pub(super) fn below(one: Number, other: Number) -> bool {
    match (one, other) {
        (Number::Int(one), Number::Int(other)) => one < other,
        (one, other) => value(one) < value(other),
    }
}

/// A number as the author would write it.
pub(super) fn show(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// What a limit says something about; a second word about the same is refused.
fn said(kind: &LimitKind) -> &'static [&'static str] {
    match kind {
        LimitKind::Len(_) | LimitKind::LenBound(_) => &["len"],
        LimitKind::Range(_) => &["the lower bound", "the upper bound"],
        LimitKind::Bound(bound) if bound.operator.text.starts_with('>') => &["the lower bound"],
        LimitKind::Bound(_) => &["the upper bound"],
        LimitKind::Match(_) => &["match"],
        LimitKind::Unique => &["unique"],
        LimitKind::MultipleOf(_) => &["multiple_of"],
        LimitKind::Set(_) => &["a set"],
    }
}

/// A limit in titles.
pub(super) fn word(kind: &LimitKind) -> &'static str {
    match kind {
        LimitKind::Len(_) => "len",
        LimitKind::Range(_) => "a range",
        LimitKind::Match(_) => "match",
        LimitKind::Unique => "unique",
        LimitKind::MultipleOf(_) => "multiple_of",
        LimitKind::Set(_) => "a set",
        LimitKind::Bound(_) | LimitKind::LenBound(_) => "a bound",
    }
}

/// The least and greatest value.
pub(crate) fn int_range(int: Int) -> (i128, i128) {
    match int {
        Int::U8 => (0, 0xff),
        Int::U16 => (0, 0xffff),
        Int::U32 => (0, 0xffff_ffff),
        Int::U64 => (0, (1 << 64) - 1),
        Int::I8 => (-0x80, 0x7f),
        Int::I16 => (-0x8000, 0x7fff),
        Int::I32 => (-0x8000_0000, 0x7fff_ffff),
        Int::I64 => (-(1 << 63), (1 << 63) - 1),
    }
}

/// The name of a built-in type that is no integer.
pub(crate) fn scalar_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Bool => "bool",
        Shape::F32 => "f32",
        Shape::F64 => "f64",
        Shape::String => "string",
        Shape::Bytes => "bytes",
        Shape::Uuid => "uuid",
        Shape::Timestamp => "timestamp",
        Shape::Duration => "duration",
        Shape::Date => "date",
        Shape::Email => "email",
        Shape::Uri => "uri",
        Shape::Ip => "ip",
        Shape::Json => "json",
        Shape::Role => "Role",
        _ => "value",
    }
}
