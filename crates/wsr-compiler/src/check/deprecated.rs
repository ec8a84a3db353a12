//! Uses of what is `@deprecated`, by what is not.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::index::Symbol;
use crate::leads::leads;
use crate::model::{Model, Origin, TypeKind};
use crate::resolve::Resolved;
use crate::source::Span;
use crate::syntax::tree::File;

/// Warns where a deprecated type, event or variant is named outside of what is deprecated itself.
///
/// Naming a message or a field is no use of it: a flow must let it in, a target must find it, as long as it is there.
pub(super) fn nothing_deprecated_is_used(resolved: &Resolved<'_>, files: &[File], out: &mut Diagnostics) {
    let model = &resolved.model;
    let uses = resolved.index.uses.iter().filter(|found| !found.declares);
    let old: Vec<_> = uses.filter_map(|found| Some((found.span, deprecated(model, &found.of)?))).collect();
    if old.is_empty() {
        return;
    }
    let retired = retired(files);
    for (span, (name, origin, why)) in old {
        if within(&retired, span) {
            continue;
        }
        let report = Diagnostic::new(Code::Deprecated, span, format!("{name} is deprecated")).label("used here");
        out.push(report.also(origin.span, "declared here").help(why));
    }
}

/// What a symbol is called, where it is declared, and why it is deprecated.
fn deprecated<'m>(model: &'m Model, of: &Symbol) -> Option<(String, &'m Origin, &'m str)> {
    let (name, origin) = match *of {
        Symbol::Type(id) => {
            let def = model.types.get(id)?;
            (format!("`{}`", def.name), &def.origin)
        }
        Symbol::Event(id) => (format!("event `{}`", model.event_name(id)), &model.events.get(id)?.origin),
        Symbol::Variant(id, index) => {
            let def = model.types.get(id)?;
            let (TypeKind::Enum(variants) | TypeKind::Error(variants)) = &def.kind else { return None };
            let variant = variants.get(index)?;
            (format!("variant `{}` of `{}`", variant.name, def.name), &variant.origin)
        }
        _ => return None,
    };
    Some((name, origin, origin.deprecated.as_deref()?))
}

/// Where deprecated things stand: disjoint, in order.
fn retired(files: &[File]) -> Vec<Span> {
    let is_old = |lead: &crate::syntax::tree::Lead| lead.attributes.iter().any(|found| found.name.text == "deprecated");
    let mut spans: Vec<Span> =
        leads(files).into_iter().filter(|owned| is_old(owned.lead)).map(|owned| owned.span).collect();
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.file == span.file && span.start < last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

fn within(retired: &[Span], place: Span) -> bool {
    let behind = retired.partition_point(|span| (span.file, span.start) <= (place.file, place.start));
    behind.checked_sub(1).is_some_and(|at| retired[at].file == place.file && place.end <= retired[at].end)
}
