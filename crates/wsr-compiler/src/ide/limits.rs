//! What a type asks of its values, all aliases looked through, in words.

use crate::analysis::Analysis;
use crate::model::{Limits, Number, Shape, Type, TypeKind};

/// One phrase a limit: `3 to 32 characters`, `matches /[a-z]*/`.
pub(super) fn in_words(analysis: &Analysis, ty: &Type) -> Vec<String> {
    let layers = layers(analysis, ty);
    let Some(base) = layers.last().map(|layer| &layer.shape) else { return Vec::new() };
    let limits: Vec<&Limits> = layers.iter().map(|layer| &layer.limits).collect();
    let mut words = Vec::new();
    words.extend(length(&limits, base));
    words.extend(range(&limits, base));
    for set in limits.iter().filter_map(|limits| limits.one_of.as_ref()).take(1) {
        words.push(format!("one of {}", set.iter().map(|&number| show(number)).collect::<Vec<_>>().join(", ")));
    }
    let patterns = limits.iter().filter_map(|limits| limits.pattern.as_ref());
    words.extend(patterns.map(|pattern| format!("all of it matches `/{}/`", pattern.replace('/', "\\/"))));
    if limits.iter().any(|limits| limits.unique) {
        words.push("no item twice".to_owned());
    }
    let multiples = limits.iter().filter_map(|limits| limits.multiple_of);
    words.extend(multiples.map(|step| format!("a multiple of {}", show(step))));
    if layers.iter().any(|layer| layer.nullable) {
        words.push("or null".to_owned());
    }
    words
}

/// The type with every alias it goes through, outermost first.
pub(super) fn layers<'a>(analysis: &'a Analysis, ty: &'a Type) -> Vec<&'a Type> {
    let mut layers = vec![ty];
    while let Some(Type { shape: Shape::Named(id), .. }) = layers.last() {
        match analysis.model.types.get(*id).map(|def| &def.kind) {
            Some(TypeKind::Alias(inner)) => layers.push(inner),
            _ => break,
        }
    }
    layers
}

/// What a type is behind its aliases.
pub(super) fn base<'a>(analysis: &'a Analysis, ty: &'a Type) -> &'a Shape {
    layers(analysis, ty).last().map_or(&ty.shape, |layer| &layer.shape)
}

fn length(limits: &[&Limits], base: &Shape) -> Option<String> {
    let bounds: Vec<_> = limits.iter().filter_map(|limits| limits.len).collect();
    let min = bounds.iter().map(|bounds| bounds.min).max()?;
    let max = bounds.iter().filter_map(|bounds| bounds.max).min();
    let unit = match base {
        Shape::Bytes => "byte",
        Shape::List(_) => "item",
        Shape::Map(..) => "entr",
        _ => "character",
    };
    let units = |count: u64| match (unit, count) {
        ("entr", 1) => "entry".to_owned(),
        ("entr", _) => "entries".to_owned(),
        (unit, 1) => unit.to_owned(),
        (unit, _) => format!("{unit}s"),
    };
    Some(match (min, max) {
        (min, Some(max)) if min == max => format!("exactly {max} {}", units(max)),
        (0, Some(max)) => format!("at most {max} {}", units(max)),
        (min, Some(max)) => format!("{min} to {max} {}", units(max)),
        (min, None) => format!("at least {min} {}", units(min)),
    })
}

fn range(limits: &[&Limits], base: &Shape) -> Option<String> {
    let ranges: Vec<_> = limits.iter().filter_map(|limits| limits.range).collect();
    let value = |number: Number| match number {
        Number::Int(value) => value as f64,
        Number::Float(value) => value,
    };
    // Of two bounds the narrower one holds, and of two equal ones the one that keeps the bound itself out.
    let min = ranges.iter().filter_map(|range| range.min.map(|min| (min, range.min_exclusive)));
    let min = min.max_by(|one, other| value(one.0).total_cmp(&value(other.0)).then(one.1.cmp(&other.1)));
    let max = ranges.iter().filter_map(|range| range.max.map(|max| (max, range.max_exclusive)));
    let max = max.min_by(|one, other| value(one.0).total_cmp(&value(other.0)).then(other.1.cmp(&one.1)));
    let unit = if *base == Shape::Duration { " ms" } else { "" };
    let above = |(number, exclusive): (Number, bool)| {
        format!("{} {}{unit}", if exclusive { "more than" } else { "at least" }, show(number))
    };
    let below = |(number, exclusive): (Number, bool)| {
        format!("{} {}{unit}", if exclusive { "less than" } else { "at most" }, show(number))
    };
    Some(match (min, max) {
        (Some((min, false)), Some((max, false))) if value(min) == value(max) => format!("exactly {}{unit}", show(max)),
        (Some((min, false)), Some((max, false))) => format!("{} to {}{unit}", show(min), show(max)),
        (Some(min), Some(max)) => format!("{}, {}", above(min), below(max)),
        (Some(min), None) => above(min),
        (None, Some(max)) => below(max),
        (None, None) => return None,
    })
}

fn show(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}
