//! Limits as conditions: expressions that add a violation and say whether the limit holds.

use super::context::{Context, Scope};
use super::literal;
use super::pattern;
use super::types::Merged;
use crate::generate::writer::indented;
use crate::model::{Number, Shape};

/// A value in generated code.
#[derive(Clone)]
pub(super) struct Place {
    base: String,
    is_reference: bool,
}

impl Place {
    /// An expression that is the value: `self.room`.
    pub fn value(base: impl Into<String>) -> Self {
        Self { base: base.into(), is_reference: false }
    }

    /// An expression that is a reference to the value.
    pub fn reference_to(base: impl Into<String>) -> Self {
        Self { base: base.into(), is_reference: true }
    }

    /// A reference.
    pub fn reference(&self) -> String {
        if self.is_reference { self.base.clone() } else { format!("&{}", self.base) }
    }

    /// The value itself, for what can be copied.
    pub fn copy(&self) -> String {
        if self.is_reference { format!("*{}", self.base) } else { self.base.clone() }
    }

    /// What methods are called on.
    pub fn receiver(&self) -> &str {
        &self.base
    }
}

/// Where conditions find what they need.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// `&mut Report`
    pub report: &'a str,
    /// `&Path`
    pub at: &'a str,
    /// How much of a line is left.
    pub width: usize,
}

impl<'m> Context<'m> {
    /// One condition a limit. `newtype` says that the value is a newtype around `shape`.
    pub fn conditions(
        &self,
        scope: Scope,
        shape: &'m Shape,
        limits: &Merged,
        place: &Place,
        newtype: bool,
        around: Around<'_>,
    ) -> Vec<String> {
        match shape {
            Shape::String | Shape::Email | Shape::Uri => text_conditions(limits, place, around),
            Shape::Bytes | Shape::List(_) | Shape::Map(..) => {
                let unique = limits.limits.unique.then(|| self.unique_condition(scope, shape, place, around));
                len_condition(limits, place, around).into_iter().chain(unique.flatten()).collect()
            }
            Shape::Int(_) => integer_conditions(limits, &number(place, newtype), around),
            Shape::Duration => {
                let millis = format!("{}.as_millis() as i128", receiver(place, newtype));
                integer_conditions(limits, &millis, around)
            }
            Shape::F32 | Shape::F64 => float_conditions(limits, &number(place, newtype), around),
            _ => Vec::new(),
        }
    }

    /// Floats and what holds them are compared as they are written.
    fn unique_condition(&self, scope: Scope, shape: &'m Shape, place: &Place, around: Around<'_>) -> Option<String> {
        let Shape::List(item) = shape else { return None };
        let (report, at, items) = (around.report, around.at, place.reference());
        if self.is_hashable(item) {
            return Some(format!("rt::limit::unique({report}, {at}, {items})"));
        }
        let encode = self.encode(scope, item, &Place::reference_to("item"));
        let body = indented(&format!("let mut bytes = §Vec::new();\nlet out = &mut bytes;\n{encode}\nbytes"));
        Some(format!("rt::limit::unique_by({report}, {at}, {items}, |item| {{\n{body}\n}})"))
    }
}

/// `ok` is whether all of these conditions hold; each is evaluated.
pub(super) fn all_hold(conditions: &[String]) -> String {
    let mut lines = Vec::new();
    for (index, condition) in conditions.iter().enumerate() {
        let start = match (index, conditions.len()) {
            (0, 1) => "let ok =",
            (0, _) => "let mut ok =",
            _ => "ok &=",
        };
        lines.push(format!("{start} {condition};"));
    }
    lines.join("\n")
}

fn text_conditions(limits: &Merged, place: &Place, around: Around<'_>) -> Vec<String> {
    let Around { report, at, .. } = around;
    let text = place.reference();
    let len = limits.limits.len.map(|bounds| {
        let (min, max, want) = (bounds.min, some(bounds.max), literal::string(&literal::bounds(bounds)));
        call("rt::limit::text_len", &[report, at, &text, &min.to_string(), &max, &want], around.width)
    });
    let patterns = limits.patterns.iter().filter_map(|pattern| pattern_condition(pattern, place, around));
    len.into_iter().chain(patterns).collect()
}

fn pattern_condition(pattern: &str, place: &Place, around: Around<'_>) -> Option<String> {
    let Around { report, at, .. } = around;
    let text = place.reference();
    let want = literal::string(&format!("/{pattern}/"));
    match pattern::lower(pattern)? {
        pattern::Lowered::Bytes(matches) => {
            // A method call borrows by itself.
            let report = report.trim_start_matches("&mut ");
            let body = [
                format!("let bytes = {}.as_bytes();", place.receiver()),
                format!("let holds = {matches};"),
                "if !holds {".to_owned(),
                format!("    {report}.add({at}, \"match\", {want}, {text});"),
                "}".to_owned(),
                "holds".to_owned(),
            ];
            Some(format!("{{\n{}\n}}", indented(&body.join("\n"))))
        }
        pattern::Lowered::Regex(regex) => {
            let lazy = "::std::sync::LazyLock";
            let body = [
                format!("static PATTERN: {lazy}<rt::Regex> = {lazy}::new("),
                format!("    || rt::Regex::new({})", literal::string(&regex)),
                "        .expect(\"checked by the compiler\"),".to_owned(),
                ");".to_owned(),
                format!("rt::limit::pattern({report}, {at}, {text}, &PATTERN, {want})"),
            ];
            Some(format!("{{\n{}\n}}", indented(&body.join("\n"))))
        }
    }
}

fn len_condition(limits: &Merged, place: &Place, around: Around<'_>) -> Option<String> {
    let bounds = limits.limits.len?;
    let (min, max, want) = (bounds.min, some(bounds.max), literal::string(&literal::bounds(bounds)));
    let len = format!("{}.len()", place.receiver());
    Some(call("rt::limit::len", &[around.report, around.at, &len, &min.to_string(), &max, &want], around.width))
}

fn integer_conditions(limits: &Merged, value: &str, around: Around<'_>) -> Vec<String> {
    let Around { report, at, .. } = around;
    let range = limits.limits.range.map(|range| {
        let (min, max) = (some(range.min.map(literal::integer)), some(range.max.map(literal::integer)));
        call("rt::limit::int", &[report, at, value, &min, &max, &literal::string(&literal::range(range))], around.width)
    });
    let factors = limits.multiples.iter().map(|&factor| {
        let want = literal::string(&literal::number_text(factor));
        call("rt::limit::multiple_of_int", &[report, at, value, &literal::integer(factor), &want], around.width)
    });
    let one_of = limits.limits.one_of.as_ref().map(|numbers| {
        let allowed: Vec<String> = numbers.iter().map(|&number| literal::integer(number)).collect();
        let (allowed, want) = (format!("&[{}]", allowed.join(", ")), literal::string(&literal::one_of(numbers)));
        call("rt::limit::one_of_int", &[report, at, value, &allowed, &want], around.width)
    });
    range.into_iter().chain(one_of).chain(factors).collect()
}

/// A float is always asked to be finite.
fn float_conditions(limits: &Merged, value: &str, around: Around<'_>) -> Vec<String> {
    let Around { report, at, .. } = around;
    let range = limits.limits.range;
    let want = literal::string(&range.map_or("a finite number".to_owned(), literal::range));
    let range = range.unwrap_or_default();
    let range = if range.min_exclusive || range.max_exclusive {
        let (min, max) = (bound(range.min, range.min_exclusive), bound(range.max, range.max_exclusive));
        call("rt::limit::float_between", &[report, at, value, &min, &max, &want], around.width)
    } else {
        let (min, max) = (some(range.min.map(literal::float)), some(range.max.map(literal::float)));
        call("rt::limit::float", &[report, at, value, &min, &max, &want], around.width)
    };
    let one_of = limits.limits.one_of.as_ref().map(|numbers| {
        let allowed: Vec<String> = numbers.iter().map(|&number| literal::float(number)).collect();
        let (allowed, want) = (format!("&[{}]", allowed.join(", ")), literal::string(&literal::one_of(numbers)));
        call("rt::limit::one_of_float", &[report, at, value, &allowed, &want], around.width)
    });
    let factors = limits.multiples.iter().map(|&factor| {
        let want = literal::string(&literal::number_text(factor));
        call("rt::limit::multiple_of_float", &[report, at, value, &literal::float(factor), &want], around.width)
    });
    [range].into_iter().chain(one_of).chain(factors).collect()
}

/// A bound that may be shut out.
fn bound(number: Option<Number>, exclusive: bool) -> String {
    let name = if exclusive { "Excluded" } else { "Included" };
    match number {
        Some(number) => format!("::std::ops::Bound::{name}({})", literal::float(number)),
        None => "::std::ops::Bound::Unbounded".to_owned(),
    }
}

fn number(place: &Place, newtype: bool) -> String {
    if newtype { format!("{}.get()", place.receiver()) } else { place.copy() }
}

fn receiver(place: &Place, newtype: bool) -> String {
    if newtype { format!("{}.get()", place.receiver()) } else { place.receiver().to_owned() }
}

/// `Some(…)` or `None` in generated code.
pub(super) fn some(value: Option<impl std::fmt::Display>) -> String {
    value.map_or("§None".to_owned(), |value| format!("§Some({value})"))
}

/// A call on one line, or with an argument a line when that would be long.
pub(super) fn call(function: &str, arguments: &[&str], width: usize) -> String {
    let line = format!("{function}({})", arguments.join(", "));
    if line.len() <= width {
        return line;
    }
    let arguments: String = arguments.iter().map(|argument| format!("    {argument},\n")).collect();
    format!("{function}(\n{arguments})")
}
