//! Limits against the type they stand on: do they fit it, stay inside its alias, and can they be met?

use super::limits::{below, int_range, scalar_name, value, word};
use super::pattern;
use super::sets::{Key, no_member, show_range, whole_bounds};
use super::{Resolver, TypeNode};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::model::{Bounds, Limits, Number, Range, Shape, Type, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{self, LimitKind, NumberValue};

impl Resolver<'_, '_, '_> {
    /// Judges all limits that wait for it: do they fit the type, and can they be met?
    pub(super) fn judge_limits(&mut self) {
        for (mut ty, written) in std::mem::take(&mut self.limits) {
            whole_bounds(&self.model.types, &mut ty);
            let shape = self.base(&ty).clone();
            if shape == Shape::Unknown {
                continue;
            }
            if let (Shape::Const(_), Some(limit), Some(all)) = (&shape, written.limits.first(), written.limits_span) {
                let report = self.misfitting(&ty, limit, "a constant is one value: remove the limits");
                self.report(report.fix(all, ""));
                continue;
            }
            let fits = written.limits.iter().enumerate().all(|(at, limit)| {
                let before = at.checked_sub(1).and_then(|before| written.limits.get(before));
                self.fits(&ty, &shape, limit, before)
            });
            let inside = fits
                && self.bounds_meet(&ty, &shape, written)
                && written.limits.iter().all(|limit| self.within_alias(&ty, limit));
            if inside {
                self.satisfiable(&ty, &shape, written);
            }
        }
    }

    /// Whether a limit has a meaning on this shape.
    fn fits(&mut self, ty: &Type, shape: &Shape, limit: &tree::Limit, before: Option<&tree::Limit>) -> bool {
        let (fits, help): (bool, &str) = match &limit.kind {
            // Refused already.
            LimitKind::LenBound(_) => return false,
            LimitKind::Len(_) => (
                measured(shape),
                if is_number(shape) {
                    "a number has a range: `u8(0..=31)`"
                } else {
                    "`len` is for `string`, `email`, `uri`, `bytes`, lists and maps"
                },
            ),
            LimitKind::Range(range) => {
                return match is_measure(shape) {
                    true => [&range.min, &range.max].into_iter().flatten().all(|end| self.number_fits(shape, end)),
                    false => {
                        let report = self.range_misfitting(ty, shape, limit, before);
                        self.report(report);
                        false
                    }
                };
            }
            LimitKind::Bound(bound) if is_measure(shape) => return self.number_fits(shape, &bound.end),
            LimitKind::Bound(_) if measured(shape) => (false, "for a length write a range: `len 1..=40`"),
            LimitKind::Bound(_) => (false, "bounds are for numbers and durations"),
            LimitKind::Set(members) if is_measure(shape) => {
                return members.iter().all(|member| self.number_fits(shape, member));
            }
            LimitKind::Set(_) => {
                (false, "sets are for numbers and durations; for one of several texts declare an `enum`")
            }
            LimitKind::Match(_) => (
                matches!(shape, Shape::String | Shape::Email | Shape::Uri),
                "`match` is for `string`, `email` and `uri`",
            ),
            LimitKind::Unique => (matches!(shape, Shape::List(_)), "`unique` is for lists"),
            LimitKind::MultipleOf(factor) => {
                if matches!(shape, Shape::Int(_)) && matches!(factor.value, NumberValue::Float(_)) {
                    return self.misfit(ty, limit, "an integer is a multiple of an integer");
                }
                (is_number(shape), "`multiple_of` is for numbers")
            }
        };
        fits || self.misfit(ty, limit, help)
    }

    fn misfit(&mut self, ty: &Type, limit: &tree::Limit, help: impl Into<Help>) -> bool {
        self.report(self.misfitting(ty, limit, help));
        false
    }

    fn misfitting(&self, ty: &Type, limit: &tree::Limit, help: impl Into<Help>) -> Diagnostic {
        let shown = self.shape_text(ty);
        let title = match word(&limit.kind) {
            word if word.contains(' ') => format!("{word} does not fit {shown}"),
            word => format!("`{word}` does not fit {shown}"),
        };
        Diagnostic::new(Code::LimitMisfit, limit.span, title).label("no such limit on this type").help(help)
    }

    /// What was meant by a range on something that has none.
    fn range_misfitting(
        &self,
        ty: &Type,
        shape: &Shape,
        limit: &tree::Limit,
        before: Option<&tree::Limit>,
    ) -> Diagnostic {
        let new = |help: Help| self.misfitting(ty, limit, help);
        let one = |limit: &tree::Limit| match &limit.kind {
            LimitKind::Range(range) | LimitKind::Len(range) if range.operator.is_none() => {
                range.min.as_ref().map(|number| number.text.clone())
            }
            _ => None,
        };
        let written = self.text(limit.span);
        match before {
            _ if !measured(shape) => new("ranges are for numbers and durations".into()),
            // `len 3, 32`
            Some(len @ tree::Limit { kind: LimitKind::Len(_), .. }) => match (one(len), one(limit)) {
                (Some(low), Some(high)) => {
                    let range = format!("len {low}..={high}");
                    let both = Span { end: limit.span.end, ..len.span };
                    new(format!("did you mean `{range}`?").into()).fix(both, range)
                }
                _ => self.without(new("the length is given already: remove it".into()), limit.span),
            },
            _ => match one(limit) {
                Some(number) => {
                    new(format!("write `len ..={number}` for that length at most, `len {number}` for exactly that one")
                        .into())
                }
                None => new(Help::instead("for a length write `len` before it", format!("len {written}"))),
            },
        }
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
            Shape::Int(int) => article(int.name()),
            Shape::Const(_) => "a constant".to_owned(),
            shape => article(scalar_name(shape)),
        }
    }

    /// Whether a number in a limit is a value of the type.
    fn number_fits(&mut self, shape: &Shape, written: &tree::Number) -> bool {
        let Some(problem) = beyond(shape, written) else { return true };
        let help = match shape {
            Shape::Int(int) => {
                format!("`{}` goes from {} to {}", int.name(), int_range(*int).0, int_range(*int).1)
            }
            Shape::Duration => "write times with their unit: `500ms`, `60s`, `5m`, `1h`".to_owned(),
            _ => "choose a number that the type can hold".to_owned(),
        };
        let what = article(if let Shape::Int(int) = shape { int.name() } else { scalar_name(shape) });
        let title = format!("{} is no value of {what}", written.text);
        self.report(Diagnostic::new(Code::LimitBeyond, written.span, title).label(problem).help(help));
        false
    }

    /// A limit may only narrow what the alias allows.
    fn within_alias(&mut self, ty: &Type, limit: &tree::Limit) -> bool {
        let (mine, word) = match (&limit.kind, &ty.limits) {
            (LimitKind::Len(_), Limits { len: Some(len), .. }) => (as_range(*len), "len "),
            (LimitKind::Range(_), Limits { range: Some(range), .. }) => (*range, ""),
            (LimitKind::Bound(bound), Limits { range: Some(range), .. }) => {
                let lower = bound.operator.text.starts_with('>');
                let other_end = Range { min: None, min_exclusive: false, ..*range };
                (if lower { Range { max: None, max_exclusive: false, ..*range } } else { other_end }, "")
            }
            (LimitKind::Set(members), _) => return self.members_fit(ty, members),
            _ => return true,
        };
        let Some((outer, alias)) = self.outer_limit(ty, word.is_empty()) else { return true };
        let is_below = |a: Option<Number>, b: Option<Number>| matches!((a, b), (Some(a), Some(b)) if below(a, b));
        let same = |a: Option<Number>, b: Option<Number>| a.is_some() && a.map(Key::of) == b.map(Key::of);
        // A length from 0 says nothing about the lower end.
        let lower_is_said = word.is_empty() || mine.min.is_some_and(|min| value(min) > 0.0);
        let takes_the_end = outer.min_exclusive && !mine.min_exclusive && same(outer.min, mine.min)
            || outer.max_exclusive && !mine.max_exclusive && same(outer.max, mine.max);
        let wider = takes_the_end
            || is_below(outer.max, mine.max)
            || is_below(mine.max, outer.min)
            || lower_is_said && (is_below(mine.min, outer.min) || is_below(outer.max, mine.min));
        if wider {
            let (name, span) = (self.model.types[alias].name.clone(), self.model.types[alias].origin.span);
            let allowed = show_range(outer, word);
            let report = Diagnostic::new(
                Code::Wider,
                limit.span,
                format!("`{}` allows more than `{name}` does", self.text(limit.span)),
            );
            self.report(
                report
                    .label(format!("`{name}` allows {allowed}"))
                    .also(span, "the alias")
                    .help("an alias can only be narrowed; use the type behind it for more"),
            );
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
        let problem = pattern::against_length(&all)
            .or_else(|| no_multiple(shape, &all))
            .or_else(|| no_member(&all))
            .or_else(|| self.too_few_values(shape, &all));
        if let Some((problem, help)) = problem {
            self.report(
                Diagnostic::new(Code::Unsatisfiable, span, "no value meets these limits").label(problem).help(help),
            );
        }
    }

    /// `[bool](len 3.., unique)`: fewer values than items wanted.
    fn too_few_values(&self, shape: &Shape, all: &[Limits]) -> Option<(String, String)> {
        let Shape::List(item) = shape else { return None };
        let members = self.layers(item).iter().find_map(|layer| layer.limits.one_of.as_ref().map(Vec::len));
        let count = match self.base(item) {
            _ if members.is_some() => members?,
            Shape::Const(_) => 1,
            Shape::Bool => 2,
            Shape::Role => self.model.roles.len(),
            Shape::Named(id) => match self.written.types[*id].node {
                TypeNode::Enum { variants, .. } if variants.iter().all(|variant| variant.fields.is_empty()) => {
                    variants.len()
                }
                _ => return None,
            },
            _ => return None,
        };
        let wanted = all.iter().filter_map(|limits| limits.len).map(|len| len.min).max()?;
        let unique = all.iter().any(|limits| limits.unique) && !item.nullable;
        (unique && wanted > count as u64).then(|| {
            let problem = match count {
                1 => "all items would be the same".to_owned(),
                count => format!("there are only {count} different items"),
            };
            (problem, format!("ask for {count} at most: `len ..={count}`"))
        })
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
        all.iter()
            .filter_map(|limits| limits.range.as_ref().and_then(pick))
            .filter_map(|end| if let Number::Int(end) = end { Some(end) } else { None })
            .collect::<Vec<_>>()
    };
    let (lowest, highest) = int_range(*int);
    let min = ends(|range| range.min).into_iter().fold(lowest, i128::max);
    let max = ends(|range| range.max).into_iter().fold(highest, i128::min);
    let first = min.div_euclid(factor) * factor;
    let first = if first < min { first + factor } else { first };
    (first > max).then(|| {
        (
            format!("no multiple of {factor} is between {min} and {max}"),
            format!("the next ones are {} and {first}", first - factor),
        )
    })
}

/// Why a number is no value of a shape.
fn beyond(shape: &Shape, end: &tree::Number) -> Option<&'static str> {
    match (shape, end.value) {
        (_, NumberValue::TooLarge) => None,
        (Shape::Duration, NumberValue::Duration(_)) => None,
        (Shape::Duration, NumberValue::Int(0)) => None,
        (Shape::Duration, NumberValue::Int(_)) => Some("no unit"),
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

fn as_range(len: Bounds) -> Range {
    Range {
        min: Some(Number::Int(i128::from(len.min))),
        max: len.max.map(|max| Number::Int(i128::from(max))),
        ..Range::default()
    }
}

fn is_number(shape: &Shape) -> bool {
    matches!(shape, Shape::Int(_) | Shape::F32 | Shape::F64)
}

/// What has ranges, bounds and sets.
fn is_measure(shape: &Shape) -> bool {
    is_number(shape) || *shape == Shape::Duration
}

/// What has a length.
fn measured(shape: &Shape) -> bool {
    matches!(shape, Shape::String | Shape::Email | Shape::Uri | Shape::Bytes | Shape::List(_) | Shape::Map(..))
}

fn article(name: &str) -> String {
    format!("{} `{name}`", if name.starts_with(['i', 'e']) { "an" } else { "a" })
}
