//! Sets of numbers, `u8(1 | 2 | 4)`, and bounds with a sign, `f64(>0, <=1)`.

use std::collections::{HashMap, HashSet};

use super::Resolver;
use super::limits::{below, int_range, number, show};
use super::values::broken_number;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::model::{Limits, Number, Range, Shape, Type, TypeDef, TypeKind};
use crate::resolve::base;
use crate::syntax::tree::{self, LimitKind, NumberValue};

/// Numbers in one set; more of them are a table, and belong into a handler.
const MAX_MEMBERS: usize = 1000;

impl Resolver<'_, '_, '_> {
    /// The numbers of a set, none twice.
    pub(super) fn set(&mut self, written: &[tree::Number]) -> Option<Vec<Number>> {
        if let Some(one_too_many) = written.get(MAX_MEMBERS) {
            self.too_many(one_too_many.span, &format!("a set of more than {MAX_MEMBERS} numbers"));
            return None;
        }
        let mut known = HashMap::new();
        let mut members = Vec::new();
        for member in written {
            let found = number(Some(member))??;
            match known.get(&Key::of(found)) {
                Some(&first) => {
                    let title = format!("{} is in the set twice", member.text);
                    let report = Diagnostic::new(Code::LimitTwice, member.span, title).label("the second one");
                    self.report(report.also(first, "the first one").help("keep one of them"));
                }
                None => {
                    known.insert(Key::of(found), member.span);
                    members.push(found);
                }
            }
        }
        Some(members)
    }

    /// Adds a bound to what is known of the range.
    pub(super) fn bound(limits: &mut Limits, written: &tree::Bound) {
        let Some(Some(end)) = number(Some(&written.end)) else { return };
        let range = limits.range.get_or_insert_default();
        match written.operator.text.as_str() {
            ">" => (range.min, range.min_exclusive) = (Some(end), true),
            ">=" => range.min = Some(end),
            "<" => (range.max, range.max_exclusive) = (Some(end), true),
            _ => range.max = Some(end),
        }
    }

    /// Lengths have no bounds with a sign: they are whole, so a range says the same.
    pub(super) fn bound_of_length(&mut self, limit: &tree::Limit, written: &tree::Bound) {
        let operator = written.operator.text.as_str();
        let report = Diagnostic::new(Code::LimitMisfit, limit.span, format!("`{operator}` does not fit a length"))
            .label("lengths are whole numbers");
        let end = match (written.end.value, operator) {
            (NumberValue::Int(end), ">") => Some(format!("len {}..", end + 1)),
            (NumberValue::Int(end), ">=") => Some(format!("len {end}..")),
            (NumberValue::Int(end), "<") => Some(format!("len ..={}", end - 1)),
            (NumberValue::Int(end), _) => Some(format!("len ..={end}")),
            _ => None,
        };
        self.report(match end.filter(|end| !end.contains('-')) {
            Some(range) => report.help(Help::instead(format!("write a range: `{range}`"), range)),
            None => report.help("write a range: `len 1..=40`"),
        });
    }

    /// Whether some value is between the bounds of a type, when they have signs.
    pub(super) fn bounds_meet(&mut self, ty: &Type, shape: &Shape, written: &tree::Type) -> bool {
        let bound = |limit: &&tree::Limit| matches!(limit.kind, LimitKind::Bound(_));
        let (Some(range), Some(limit)) = (ty.limits.range, written.limits.iter().rev().find(bound)) else {
            return true;
        };
        let open = range.min_exclusive || range.max_exclusive;
        if let (Some(min), Some(max)) = (range.min, range.max)
            && (below(max, min) || open && !below(min, max))
        {
            let report = Diagnostic::new(Code::EmptyRange, limit.span, "no value is between these bounds")
                .label("nothing is left");
            let first = written.limits.iter().find(bound).filter(|first| first.span != limit.span);
            let report = first.map_or(report.clone(), |first| report.also(first.span, "with this"));
            self.report(report.help("move them apart: `>0, <=1`"));
            return false;
        }
        let Shape::Int(int) = shape else { return true };
        let (lowest, highest) = int_range(*int);
        let beyond = range.min.is_some_and(|min| below(Number::Int(highest), min))
            || range.max.is_some_and(|max| below(max, Number::Int(lowest)));
        if beyond {
            let title = format!("no `{}` is {}", int.name(), in_words(limit));
            let help = format!("`{}` goes from {lowest} to {highest}", int.name());
            self.report(Diagnostic::new(Code::EmptyRange, limit.span, title).label("nothing is left").help(help));
        }
        !beyond
    }

    /// Whether each number of a set keeps the other limits of the type, and those of its aliases.
    pub(super) fn members_fit(&mut self, ty: &Type, members: &[tree::Number]) -> bool {
        let own = Limits { one_of: None, ..ty.limits.clone() };
        for member in members {
            let Some(Some(found)) = number(Some(member)) else { continue };
            let time = matches!(member.value, NumberValue::Duration(_));
            if let Some((problem, _)) = broken_number(&own, found, time) {
                let title = format!("{} is in the set, and can never be", member.text);
                let report = Diagnostic::new(Code::Unsatisfiable, member.span, title).label(problem);
                self.report(report.help("remove it, or change the other limit"));
                return false;
            }
            let layers = self.layers(ty);
            let broken = layers.windows(2).find_map(|pair| {
                let Shape::Named(alias) = pair[0].shape else { return None };
                broken_number(&pair[1].limits, found, time).map(|(problem, _)| (problem, alias))
            });
            if let Some((problem, alias)) = broken {
                let (name, span) = (self.model.types[alias].name.clone(), self.model.types[alias].origin.span);
                let title = format!("`{name}` does not allow {}", member.text);
                let report = Diagnostic::new(Code::Wider, member.span, title).label(problem).also(span, "the alias");
                self.report(report.help("an alias can only be narrowed; use the type behind it for more"));
                return false;
            }
        }
        true
    }

    /// Writes `>0` on integers and durations as `1..`, wherever aliases have it.
    pub(super) fn whole_bounds_of_aliases(&mut self) {
        let open = |def: &TypeDef| matches!(&def.kind, TypeKind::Alias(ty) if has_open_bounds(ty));
        let found: Vec<usize> = (0..self.model.types.len()).filter(|&id| open(&self.model.types[id])).collect();
        for id in found {
            let TypeKind::Alias(ty) = &self.model.types[id].kind else { continue };
            let mut ty = ty.clone();
            whole_bounds(&self.model.types, &mut ty);
            self.model.types[id].kind = TypeKind::Alias(ty);
        }
    }
}

/// `below 0`, for `<0`
fn in_words(limit: &tree::Limit) -> String {
    let LimitKind::Bound(bound) = &limit.kind else { return String::new() };
    let word = if bound.operator.text.starts_with('>') { "above" } else { "below" };
    format!("{word} {}", bound.end.text)
}

/// None of the numbers in a set keeps all limits.
pub(super) fn no_member(all: &[Limits]) -> Option<(String, String)> {
    let members = all.iter().find_map(|limits| limits.one_of.as_ref())?;
    let sets: Vec<HashSet<Key>> =
        all.iter().filter_map(|limits| Some(limits.one_of.as_ref()?.iter().copied().map(Key::of).collect())).collect();
    let others: Vec<Limits> = all.iter().map(|limits| Limits { one_of: None, ..limits.clone() }).collect();
    let fits = |member: &Number| {
        let in_all = sets.iter().all(|set| set.contains(&Key::of(*member)));
        in_all && others.iter().all(|limits| broken_number(limits, *member, false).is_none())
    };
    if members.iter().any(fits) {
        return None;
    }
    Some(("none of the numbers in the set is left".to_owned(), "change the set, or the other limit".to_owned()))
}

/// A number by its value: 1 and 1.0 are the same one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Int(i128),
    Float(u64),
}

impl Key {
    pub(super) fn of(number: Number) -> Self {
        match number {
            Number::Int(value) => Self::Int(value),
            // Beyond 2^64 no integer is written.
            Number::Float(value) if value.fract() == 0.0 && value.abs() <= 1.8e19 => Self::Int(value as i128),
            Number::Float(value) => Self::Float(value.to_bits()),
        }
    }
}

fn has_open_bounds(ty: &Type) -> bool {
    let own = ty.limits.range.is_some_and(|range| range.min_exclusive || range.max_exclusive);
    own || match &ty.shape {
        Shape::List(item) => has_open_bounds(item),
        Shape::Map(key, value) => has_open_bounds(key) || has_open_bounds(value),
        _ => false,
    }
}

/// Writes `>0` on integers and durations as `1..`: their neighbours are known.
pub(super) fn whole_bounds(types: &[TypeDef], ty: &mut Type) {
    let whole = matches!(base(types, ty), Shape::Int(_) | Shape::Duration);
    if let Some(range) = ty.limits.range.as_mut().filter(|_| whole) {
        *range = without_open_ends(*range);
    }
    match &mut ty.shape {
        Shape::List(item) => whole_bounds(types, item),
        Shape::Map(key, value) => {
            whole_bounds(types, key);
            whole_bounds(types, value);
        }
        _ => {}
    }
}

fn without_open_ends(mut range: Range) -> Range {
    if let (true, Some(Number::Int(min))) = (range.min_exclusive, range.min) {
        (range.min, range.min_exclusive) = (Some(Number::Int(min + 1)), false);
    }
    if let (true, Some(Number::Int(max))) = (range.max_exclusive, range.max) {
        (range.max, range.max_exclusive) = (Some(Number::Int(max - 1)), false);
    }
    range
}

/// A range as the author could have written it.
pub(super) fn show_range(range: Range, word: &str) -> String {
    let bound = |end: Option<Number>, sign: &str| end.map(|end| format!("{sign}{}", show(end)));
    if range.min_exclusive || range.max_exclusive {
        let low = bound(range.min, if range.min_exclusive { ">" } else { ">=" });
        let high = bound(range.max, if range.max_exclusive { "<" } else { "<=" });
        return format!("`{}`", low.into_iter().chain(high).collect::<Vec<_>>().join(", "));
    }
    let low = range.min.map(show).unwrap_or_default();
    match range.max {
        Some(high) => format!("`{word}{low}..={}`", show(high)),
        None => format!("`{word}{low}..`"),
    }
}
