//! Limits: lowered as written, then judged against the type they stand on.

use super::Resolver;
use super::pattern;
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Bounds, Int, Limits, Number, Range, Shape, Type, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{self, LimitKind, NumberValue};

impl<'t> Resolver<'t, '_, '_> {
    /// What the parentheses ask, without what makes no sense in any type.
    pub(super) fn lower_limits(&mut self, written: &'t tree::Type) -> Limits {
        let mut limits = Limits::default();
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for limit in &written.limits {
            let word = word(&limit.kind);
            let known = seen.iter().find(|(known, _)| *known == word).filter(|_| !matches!(limit.kind, LimitKind::Set | LimitKind::Exclusive));
            if let Some(&(_, first)) = known {
                let quoted = if word.contains(' ') { word.to_owned() } else { format!("`{word}`") };
                let report = Diagnostic::new(Code::LimitTwice, limit.span, format!("{quoted} is given twice")).label("the second one");
                self.report(report.also(first, "the first one").help("keep one of them"));
                continue;
            }
            seen.push((word, limit.span));
            match &limit.kind {
                LimitKind::Len(range) => limits.len = self.len(range),
                LimitKind::Range(range) => limits.range = self.range(range, ""),
                LimitKind::Match(written) => limits.pattern = self.pattern(written),
                LimitKind::Unique => limits.unique = true,
                LimitKind::MultipleOf(number) => limits.multiple_of = self.multiple_of(number),
                LimitKind::Set => {
                    self.not_yet(limit.span, "a set of numbers", "declare an `enum`, or a range: `u8(1..=4)`");
                }
                LimitKind::Exclusive => {
                    self.not_yet(limit.span, "a bound with `<` or `>`", "write a range with both ends included: `1..=9`, `1..` or `..=9`");
                }
            }
        }
        limits
    }

    fn len(&mut self, written: &tree::Range) -> Option<Bounds> {
        let range = self.range(written, "len ")?;
        let bound = |number: Option<Number>| match number {
            None => Some(None),
            Some(Number::Int(value)) if (0..=i128::from(u32::MAX)).contains(&value) => Some(Some(value as u64)),
            Some(_) => None,
        };
        let (Some(min), Some(max)) = (bound(range.min), bound(range.max)) else {
            let report = Diagnostic::new(Code::LimitBeyond, written.span, "a length is a whole number from 0 to 2^32-1").label("not a length");
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
            (_, false, true) => Some(format!("{word}{low}..")),
            (_, true, true) => Some(format!("{word}1..=40")),
            _ => Some(format!("{word}{low}..={high}")),
        };
        if let Some(right) = right {
            let (title, label) = match (operator, high.is_empty()) {
                (_, true) => (format!("the range `{low}{operator}` has no upper end"), "ends nowhere"),
                _ => (format!("does `{low}{operator}{high}` include {high}?"), "may mean either"),
            };
            self.report(Diagnostic::new(Code::HalfOpen, written.span, title).label(label).help(format!("ends are always included: `{right}`")));
            return None;
        }
        let (min, max) = (number(written.min.as_ref())?, number(written.max.as_ref())?);
        if let (Some(min), Some(max)) = (min, max)
            && value(min) > value(max)
        {
            let report = Diagnostic::new(Code::EmptyRange, written.span, format!("no value is in the range `{low}..={high}`"));
            self.report(report.label(format!("{low} is above {high}")).help(format!("swap the bounds: `{word}{high}..={low}`")));
            return None;
        }
        Some(Range { min, max })
    }

    fn multiple_of(&mut self, written: &tree::Number) -> Option<Number> {
        let found = number(Some(written))??;
        if value(found) > 0.0 {
            return Some(found);
        }
        let report = Diagnostic::new(Code::Unsatisfiable, written.span, format!("nothing is a multiple of {}", written.text)).label("not above 0");
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

    /// Judges all limits that wait for it: do they fit the type, and can they be met?
    pub(super) fn judge_limits(&mut self) {
        for (ty, written) in std::mem::take(&mut self.limits) {
            let shape = self.base(&ty).clone();
            if shape == Shape::Unknown {
                continue;
            }
            let fits = written.limits.iter().all(|limit| self.fits(&ty, &shape, limit));
            let inside = fits && written.limits.iter().all(|limit| self.within_alias(&ty, limit));
            if inside {
                self.satisfiable(&ty, &shape, written);
            }
        }
    }

    /// Whether a limit has a meaning on this shape.
    fn fits(&mut self, ty: &Type, shape: &Shape, limit: &tree::Limit) -> bool {
        let (fits, help) = match &limit.kind {
            LimitKind::Len(_) => (
                matches!(shape, Shape::String | Shape::Bytes | Shape::List(_) | Shape::Map(..)),
                if is_number(shape) { "a number has a range: `u8(0..=31)`" } else { "`len` is for `string`, `bytes`, lists and maps" },
            ),
            LimitKind::Range(range) => {
                let fits = is_number(shape) || *shape == Shape::Duration;
                return match fits {
                    true => self.range_fits(shape, range),
                    false => self.misfit(ty, limit, if measured(shape) { "for a length write `len` before it" } else { "ranges are for numbers and durations" }),
                };
            }
            LimitKind::Match(_) => (*shape == Shape::String, "`match` is for `string`"),
            LimitKind::Unique => (matches!(shape, Shape::List(_)), "`unique` is for lists"),
            LimitKind::MultipleOf(factor) => {
                if matches!(shape, Shape::Int(_)) && matches!(factor.value, NumberValue::Float(_)) {
                    return self.misfit(ty, limit, "an integer is a multiple of an integer");
                }
                (is_number(shape), "`multiple_of` is for numbers")
            }
            LimitKind::Set | LimitKind::Exclusive => return true,
        };
        fits || self.misfit(ty, limit, help)
    }

    fn misfit(&mut self, ty: &Type, limit: &tree::Limit, help: &str) -> bool {
        let shown = self.shape_text(ty);
        let title = match word(&limit.kind) {
            word if word.contains(' ') => format!("{word} does not fit {shown}"),
            word => format!("`{word}` does not fit {shown}"),
        };
        self.report(Diagnostic::new(Code::LimitMisfit, limit.span, title).label("no such limit on this type").help(help));
        false
    }

    /// The words for a type in titles.
    pub(super) fn shape_text(&self, ty: &Type) -> String {
        match self.base(ty) {
            Shape::List(_) => "a list".to_owned(),
            Shape::Map(..) => "a map".to_owned(),
            Shape::Named(id) => match self.model.types[*id].kind {
                TypeKind::Struct(_) => "a struct".to_owned(),
                _ => "an enum".to_owned(),
            },
            Shape::Int(int) => article(int_name(*int)),
            shape => article(scalar_name(shape)),
        }
    }

    /// Whether the ends of a range are values of the type.
    fn range_fits(&mut self, shape: &Shape, range: &tree::Range) -> bool {
        for end in [range.min.as_ref(), range.max.as_ref()].into_iter().flatten() {
            let Some(problem) = beyond(shape, end) else { continue };
            let help = match shape {
                Shape::Int(int) => format!("`{}` goes from {} to {}", int_name(*int), int_range(*int).0, int_range(*int).1),
                Shape::Duration => "a duration is 0 or more; its range is written `1s..=5m`".to_owned(),
                _ => "choose a number that the type can hold".to_owned(),
            };
            let what = article(if let Shape::Int(int) = shape { int_name(*int) } else { scalar_name(shape) });
            self.report(Diagnostic::new(Code::LimitBeyond, end.span, format!("{} is no value of {what}", end.text)).label(problem).help(help));
            return false;
        }
        true
    }

    /// A limit may only narrow what the alias allows.
    fn within_alias(&mut self, ty: &Type, limit: &tree::Limit) -> bool {
        let (mine, word) = match (&limit.kind, &ty.limits) {
            (LimitKind::Len(_), Limits { len: Some(len), .. }) => (as_range(*len), "len "),
            (LimitKind::Range(_), Limits { range: Some(range), .. }) => (*range, ""),
            _ => return true,
        };
        let Some((outer, alias)) = self.outer_limit(ty, word.is_empty()) else { return true };
        let below = |a: Option<Number>, b: Option<Number>| matches!((a, b), (Some(a), Some(b)) if value(a) < value(b));
        // A length from 0 says nothing about the lower end.
        let lower_is_said = word.is_empty() || mine.min.is_some_and(|min| value(min) > 0.0);
        let wider = below(outer.max, mine.max) || below(mine.max, outer.min) || lower_is_said && (below(mine.min, outer.min) || below(outer.max, mine.min));
        if wider {
            let (name, span) = (self.model.types[alias].name.clone(), self.model.types[alias].origin.span);
            let allowed = show_range(outer, word);
            let report = Diagnostic::new(Code::Wider, limit.span, format!("`{}` allows more than `{name}` does", self.text(limit.span)));
            self.report(report.label(format!("`{name}` allows {allowed}")).also(span, "the alias").help("an alias can only be narrowed; use the type behind it for more"));
        }
        !wider
    }

    /// The nearest limit of this kind among the aliases that a type goes through.
    fn outer_limit(&self, ty: &Type, number: bool) -> Option<(Range, usize)> {
        let layers = self.layers(ty);
        layers.windows(2).find_map(|pair| {
            let Shape::Named(alias) = pair[0].shape else { return None };
            let range = if number { pair[1].limits.range } else { pair[1].limits.len.map(as_range) };
            Some((range?, alias))
        })
    }

    /// Whether some value meets all limits together.
    fn satisfiable(&mut self, ty: &Type, shape: &Shape, written: &tree::Type) {
        let all: Vec<Limits> = self.layers(ty).iter().map(|layer| layer.limits.clone()).collect();
        let span = written.limits_span.unwrap_or(written.span);
        let problem = pattern::against_length(&all).or_else(|| no_multiple(shape, &all)).or_else(|| self.too_few_values(shape, &all));
        if let Some((problem, help)) = problem {
            self.report(Diagnostic::new(Code::Unsatisfiable, span, "no value meets these limits").label(problem).help(help));
        }
    }

    /// `[bool](len 3.., unique)`: fewer values than items wanted.
    fn too_few_values(&self, shape: &Shape, all: &[Limits]) -> Option<(String, String)> {
        let Shape::List(item) = shape else { return None };
        let count = match self.base(item) {
            Shape::Bool => 2,
            Shape::Role => self.model.roles.len(),
            Shape::Named(id) => match &self.written.types[*id].kind {
                tree::ItemKind::Enum { variants, .. } if variants.iter().all(|variant| variant.fields.is_empty()) => variants.len(),
                _ => return None,
            },
            _ => return None,
        };
        let wanted = all.iter().filter_map(|limits| limits.len).map(|len| len.min).max()?;
        let unique = all.iter().any(|limits| limits.unique) && !item.nullable;
        (unique && wanted > count as u64).then(|| (format!("there are only {count} different items"), format!("ask for {count} at most: `len ..={count}`")))
    }
}

/// No multiple of the factor between the ends.
fn no_multiple(shape: &Shape, all: &[Limits]) -> Option<(String, String)> {
    let Shape::Int(int) = shape else { return None };
    let factor = all.iter().find_map(|limits| match limits.multiple_of {
        Some(Number::Int(factor)) => Some(factor),
        _ => None,
    })?;
    let ends = |pick: fn(&Range) -> Option<Number>| {
        all.iter().filter_map(|limits| limits.range.as_ref().and_then(pick)).filter_map(|end| if let Number::Int(end) = end { Some(end) } else { None }).collect::<Vec<_>>()
    };
    let (lowest, highest) = int_range(*int);
    let min = ends(|range| range.min).into_iter().fold(lowest, i128::max);
    let max = ends(|range| range.max).into_iter().fold(highest, i128::min);
    let first = min.div_euclid(factor) * factor;
    let first = if first < min { first + factor } else { first };
    (first > max).then(|| (format!("no multiple of {factor} is between {min} and {max}"), format!("the next ones are {} and {first}", first - factor)))
}

/// Why a number is no value of a shape.
fn beyond(shape: &Shape, end: &tree::Number) -> Option<&'static str> {
    match (shape, end.value) {
        (_, NumberValue::Exponent | NumberValue::TooLarge) => None,
        (Shape::Duration, NumberValue::Duration(_)) => None,
        (Shape::Duration, NumberValue::Int(value)) => (value < 0).then_some("below 0"),
        (_, NumberValue::Duration(_)) => Some("a time"),
        (_, NumberValue::Size(_)) => Some("a size"),
        (Shape::Int(int), NumberValue::Int(value)) => {
            let (lowest, highest) = int_range(*int);
            (!(lowest..=highest).contains(&value)).then_some("outside of the type")
        }
        (Shape::Int(_) | Shape::Duration, NumberValue::Float(_)) => Some("not a whole number"),
        (Shape::F32, NumberValue::Float(value)) => (value.abs() > f64::from(f32::MAX)).then_some("outside of the type"),
        _ => None,
    }
}

/// A literal as a number of the model: outer `None` when it was refused already.
fn number(written: Option<&tree::Number>) -> Option<Option<Number>> {
    let Some(written) = written else { return Some(None) };
    match written.value {
        NumberValue::Int(value) => Some(Some(Number::Int(value))),
        NumberValue::Float(value) => Some(Some(Number::Float(value))),
        NumberValue::Duration(value) | NumberValue::Size(value) => Some(Some(Number::Int(i128::from(value)))),
        NumberValue::Exponent | NumberValue::TooLarge => None,
    }
}

pub(super) fn value(number: Number) -> f64 {
    match number {
        Number::Int(value) => value as f64,
        Number::Float(value) => value,
    }
}

fn as_range(len: Bounds) -> Range {
    Range { min: Some(Number::Int(i128::from(len.min))), max: len.max.map(|max| Number::Int(i128::from(max))) }
}

pub(super) fn show(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

fn show_range(range: Range, word: &str) -> String {
    let low = range.min.map(show).unwrap_or_default();
    match range.max {
        Some(high) => format!("`{word}{low}..={}`", show(high)),
        None => format!("`{word}{low}..`"),
    }
}

fn word(kind: &LimitKind) -> &'static str {
    match kind {
        LimitKind::Len(_) => "len",
        LimitKind::Range(_) => "a range",
        LimitKind::Match(_) => "match",
        LimitKind::Unique => "unique",
        LimitKind::MultipleOf(_) => "multiple_of",
        LimitKind::Set => "a set",
        LimitKind::Exclusive => "a bound",
    }
}

fn is_number(shape: &Shape) -> bool {
    matches!(shape, Shape::Int(_) | Shape::F32 | Shape::F64)
}

fn measured(shape: &Shape) -> bool {
    matches!(shape, Shape::String | Shape::Bytes | Shape::List(_) | Shape::Map(..))
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

/// The name in the language.
pub(crate) fn int_name(int: Int) -> &'static str {
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
        Shape::Json => "json",
        Shape::Role => "Role",
        _ => "value",
    }
}

fn article(name: &str) -> String {
    format!("{} `{name}`", if matches!(name, "i8" | "i16" | "i32" | "i64") { "an" } else { "a" })
}
