//! Names in the style of their kind: types like `RoomId`, all else like `room_id`.

use std::collections::{HashMap, HashSet};

use super::places::Places;

use super::field_lists;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Edit};
use crate::generate::casing::{field_name, type_name};
use crate::model::{Model, Segment, TypeKind};
use crate::resolve::Resolved;
use crate::source::{SourceFile, Span};
use crate::syntax::tree::TopicPart;

/// Something that has a name.
struct Named<'m> {
    what: &'static str,
    name: &'m str,
    span: Span,
    /// What it is on the wire, where `@wire` can say so.
    wire: Option<&'m str>,
    /// Whether `@wire` may stand right in front of the name.
    inside: bool,
}

/// Warns of names in another style than the rest of the language has.
pub(super) fn names_have_the_style_of_their_kind(resolved: &Resolved<'_>, reported: &Places, out: &mut Diagnostics) {
    let mut words: Option<HashMap<&str, usize>> = None;
    for named in names(resolved) {
        let wanted = match named.what {
            "type" => type_style(named.name),
            _ => word_style(named.name),
        };
        let Some(wanted) = wanted.filter(|_| !reported.contains(&named.span)) else { continue };
        let report = report(&named, &wanted);
        let words = words.get_or_insert_with(|| words_of(resolved.sources));
        out.push(match edit(&named, &wanted, words) {
            Some(edit) => {
                let title = report.help.clone().unwrap_or_default();
                report.fix_with(title, vec![edit])
            }
            None => report,
        });
    }
}

/// The name in `CamelCase`, if it is in another one.
fn type_style(name: &str) -> Option<String> {
    let good = name.starts_with(|first: char| first.is_ascii_uppercase()) && !name.contains('_');
    (!good).then(|| type_name(name))
}

/// The name in `snake_case`, if it is in another one.
fn word_style(name: &str) -> Option<String> {
    name.contains(|letter: char| letter.is_ascii_uppercase()).then(|| field_name(name))
}

fn report(named: &Named<'_>, wanted: &str) -> Diagnostic {
    let Named { what, name, span, wire, .. } = *named;
    let style = if what == "type" { "CamelCase" } else { "snake_case" };
    let title = format!("{what} `{name}` is not in {style}");
    let help = match wire {
        Some(wire) if wire == name => format!("write `{wanted}`; `@wire(\"{name}\")` keeps the name on the wire"),
        _ => format!("write `{wanted}`"),
    };
    Diagnostic::new(Code::Style, span, title).label(format!("{what}s are in {style}")).help(help)
}

/// The help as an edit, where nothing but this place knows the name: not another one in the files, nor any Rust code.
fn edit(named: &Named<'_>, wanted: &str, words: &HashMap<&str, usize>) -> Option<Edit> {
    let rust = match named.what {
        "variant" => type_name,
        _ => field_name,
    };
    let alone = words.get(named.name) == Some(&1) && !words.contains_key(wanted);
    if !named.inside || !alone || rust(named.name) != rust(wanted) {
        return None;
    }
    let text = match named.wire {
        Some(wire) if wire == named.name => format!("@wire(\"{wire}\") {wanted}"),
        _ => wanted.to_owned(),
    };
    Some(Edit { span: named.span, text })
}

/// How often each word stands in the files.
fn words_of(sources: &[SourceFile]) -> HashMap<&str, usize> {
    let mut words = HashMap::new();
    for source in sources {
        for word in source.text().split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
            *words.entry(word).or_insert(0) += 1;
        }
    }
    words
}

fn names<'m>(resolved: &'m Resolved<'_>) -> Vec<Named<'m>> {
    let model = &resolved.model;
    let mut names = Vec::new();
    let mut add = |what, name, span, wire, inside| names.push(Named { what, name, span, wire, inside });
    let mut seen = HashSet::new();
    for (namespace, span) in model.namespaces.iter().zip(&resolved.written.namespaces) {
        if let (Some(name), Some(span)) = (namespace.path.last(), span) {
            add("namespace", name, *span, namespace.wire.last().map(String::as_str), false);
        }
    }
    for def in model.types.iter() {
        if !def.inline {
            add("type", &def.name, def.origin.span, None, false);
        }
        if let TypeKind::Enum(variants) | TypeKind::Error(variants) = &def.kind {
            for variant in variants {
                add("variant", &variant.name, variant.origin.span, Some(&variant.wire), true);
            }
        }
    }
    for field in field_lists(model).into_iter().flatten().filter(|field| seen.insert(field.origin.span)) {
        add("field", &field.name, field.origin.span, Some(&field.wire), true);
    }
    for message in &model.messages {
        add("message", &message.name, message.origin.span, last(&message.wire), false);
    }
    for event in &model.events {
        add("event", &event.name, event.origin.span, last(&event.wire), false);
    }
    for ask in &model.asks {
        add("ask", &ask.name, ask.origin.span, last(&ask.wire), false);
    }
    for handler in &model.any_handlers {
        add("handler", &handler.name, handler.origin.span, None, false);
    }
    for role in &model.roles {
        add("role", &role.name, role.origin.span, None, false);
    }
    for flow in &model.flows {
        add("flow", &flow.name, flow.origin.span, None, false);
        for state in &flow.states {
            add("state", &state.name, state.origin.span, None, false);
        }
    }
    topics(resolved, model, &mut add);
    names
}

/// The fixed words and the places of topics.
fn topics<'m>(
    resolved: &Resolved<'m>,
    model: &'m Model,
    add: &mut impl FnMut(&'static str, &'m str, Span, Option<&'m str>, bool),
) {
    for (topic, (_, written)) in model.topics.iter().zip(&resolved.written.topics) {
        let on_the_wire = |word: &str| topic.segments.iter().any(|part| *part == Segment::Literal(word.to_owned()));
        for part in &written.parts {
            match part {
                TopicPart::Literal(word) => {
                    let wire = on_the_wire(&word.text).then_some(word.text.as_str());
                    add("topic", &word.text, word.span, wire, false);
                }
                TopicPart::Place(place) => {
                    if let [name] = place.path.as_slice() {
                        add("place", name, place.path_span, None, false);
                    }
                }
            }
        }
    }
}

fn last(wire: &str) -> Option<&str> {
    wire.rsplit('/').next()
}
