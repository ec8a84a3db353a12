//! Integers that JavaScript cannot hold exactly.

use super::types;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Int, Model, Number, Payload, Range, Shape, Type};
use crate::resolve::Resolved;
use crate::source::Span;

/// The greatest integer that JavaScript holds exactly.
const SAFE: i128 = (1 << 53) - 1;

/// Warns of 64-bit integers that therefore travel as text.
pub(super) fn integers_fit_javascript(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    // A bound that was refused may be the one that is missing here.
    if [Code::LimitBeyond, Code::HalfOpen, Code::EmptyRange].iter().any(|&code| out.has(code)) {
        return;
    }
    let binary = in_binary_payloads(&resolved.model);
    for ty in types(&resolved.model).into_iter().filter(|ty| !binary.contains(&ty.span)) {
        let Some(name) = beyond(ty) else { continue };
        let example = limited(name, ty);
        let title = format!("64-bit integers (`{name}`) travel as text, since JavaScript cannot hold them exactly");
        let report = Diagnostic::new(Code::BigInteger, ty.span, title).label("may pass 2^53-1");
        let report = report.help(format!("fine if clients expect text; limited it travels as a number: `{example}`"));
        // Only a bare name can be replaced as a whole.
        let is_bare = (ty.span.end - ty.span.start) as usize == name.len();
        out.push(if is_bare { report.fix(ty.span, example) } else { report });
    }
}

/// Where types stand that travel as bytes.
fn in_binary_payloads(model: &Model) -> Vec<Span> {
    let messages = model.messages.iter().filter(|message| message.binary.is_some()).map(|message| &message.payload);
    let events = model.events.iter().filter(|event| event.binary.is_some()).map(|event| &event.payload);
    let fields = messages.chain(events).flat_map(|payload| match payload {
        Payload::Fields(fields) => fields.as_slice(),
        _ => &[],
    });
    fields.map(|field| field.ty.span).collect()
}

fn beyond(ty: &Type) -> Option<&'static str> {
    let Range { min, max, .. } = ty.limits.range.unwrap_or_default();
    let inside = |end: Option<Number>| matches!(end, Some(Number::Int(end)) if (-SAFE..=SAFE).contains(&end));
    if ty.limits.one_of.as_ref().is_some_and(|members| members.iter().all(|member| inside(Some(*member)))) {
        return None;
    }
    match ty.shape {
        Shape::Int(Int::U64) if !inside(max) => Some("u64"),
        Shape::Int(Int::I64) if !inside(min) || !inside(max) => Some("i64"),
        _ => None,
    }
}

/// The type with the bounds it has, as far as JavaScript holds them, and with those it lacks.
fn limited(name: &str, ty: &Type) -> String {
    let Range { min, max, .. } = ty.limits.range.unwrap_or_default();
    let end = |end: Option<Number>| match end {
        Some(Number::Int(end)) if (-SAFE..=SAFE).contains(&end) => Some(end),
        _ => None,
    };
    let max = end(max).unwrap_or(SAFE);
    match (end(min), name) {
        (None | Some(0), "u64") => format!("u64(..={max})"),
        (min, _) => format!("{name}({}..={max})", min.unwrap_or(-SAFE)),
    }
}
