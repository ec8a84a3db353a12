//! Rules about the whole model. All only report, but for two: `recursion` marks what must be boxed, `untangle`
//! renames what would clash in Rust when there are errors anyway.

mod advice;
mod binary;
mod chains;
mod deprecated;
mod flat;
mod flows;
mod handlers;
mod joins;
mod kept;
mod keywords;
mod map_keys;
mod meet;
mod once;
mod places;
mod reachable;
mod recursion;
mod rust_names;
mod secrets;
mod style;
mod tags;
mod taken;
mod unbounded;
mod undocumented;
mod unique;
mod untangle;
mod unused;

use crate::diagnostic::Diagnostics;
use crate::model::{Field, Model, Outcome, Payload, Segment, Shape, Type, TypeKind};
use crate::resolve::Resolved;
use crate::syntax::tree::File;
use places::Places;

/// Runs every rule.
pub fn check(resolved: &mut Resolved<'_>, files: &[File], out: &mut Diagnostics) {
    recursion::types_end(resolved, out);
    report(resolved, out);
    if !out.has_errors() {
        advise(resolved, files, out);
    } else {
        untangle::names_are_told_apart(&mut resolved.model);
    }
}

fn report(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    rust_names::names_are_possible(resolved, out);
    keywords::item_keywords_are_no_names(resolved, out);
    taken::names_are_free(resolved, out);
    tags::tags_have_no_rivals(resolved, out);
    meet::names_stay_apart(resolved, out);
    map_keys::keys_are_text(resolved, out);
    unique::items_can_be_compared(resolved, out);
    flat::flat_form_has_room(resolved, out);
    handlers::handlers_take_one_message(resolved, out);
    chains::what_is_passed_on_is_taken(resolved, out);
    chains::replies_are_heard(&resolved.model, out);
    once::what_comes_twice_only_answers(resolved, out);
    secrets::events_tell_no_secrets(resolved, out);
    secrets::presence_tells_no_secrets(resolved, out);
    binary::binary_payloads_can_be_read(resolved, out);
    kept::binary_events_are_not_kept(resolved, out);
    reachable::flows_let_through(resolved, out);
    flows::members_are_of_a_topic(resolved, out);
    flows::what_leads_elsewhere_runs_alone(resolved, out);
    flows::answers_come_before_the_end(resolved, out);
    advice::integers_fit_javascript(resolved, out);
}

/// Rules that only ever warn, and look at what is not there: with an error in the files it may be what is broken.
fn advise(resolved: &Resolved<'_>, files: &[File], out: &mut Diagnostics) {
    unused::everything_is_used(resolved, out);
    deprecated::nothing_deprecated_is_used(resolved, files, out);
    // What follows tells of things that nobody has complained about yet.
    let places = Places::new(out.places());
    style::names_have_the_style_of_their_kind(resolved, &places, out);
    joins::joins_are_answered(resolved, &places, out);
    unbounded::clients_cannot_send_without_end(resolved, &places, out);
    undocumented::messages_are_documented(resolved, &places, out);
}

/// Every type as written, those inside lists and maps included.
fn types(model: &Model) -> Vec<&Type> {
    let declared = model.types.iter().flat_map(|def| types_of_kind(&def.kind));
    declared.chain(types_outside_types(model)).collect()
}

/// The types as written in one declaration.
fn types_of_kind(kind: &TypeKind) -> Vec<&Type> {
    match kind {
        TypeKind::Alias(ty) => with_inner(vec![ty]),
        kind => with_inner(fields_of_kind(kind).map(|field| &field.ty).collect()),
    }
}

/// The types as written in payloads, answers, topics, what is passed on, and the identity line.
fn types_outside_types(model: &Model) -> Vec<&Type> {
    let mut roots: Vec<&Type> = Vec::new();
    let payloads =
        model.messages.iter().map(|message| &message.payload).chain(model.events.iter().map(|event| &event.payload));
    for payload in payloads.chain(model.asks.iter().map(|ask| &ask.payload)) {
        match payload {
            Payload::None => {}
            Payload::Fields(fields) => roots.extend(fields.iter().map(|field| &field.ty)),
            Payload::Type(ty) => roots.push(ty),
        }
    }
    roots.extend(outcomes(model).filter_map(|outcome| match outcome {
        Outcome::Reply(reply) => reply.ty.as_ref(),
        Outcome::Stream(stream) => Some(&stream.item),
        Outcome::Pass(ty) => Some(ty),
        _ => None,
    }));
    roots.extend(model.asks.iter().filter_map(|ask| ask.reply.ty.as_ref()));
    roots.extend(model.topics.iter().filter_map(|topic| topic.presence.as_ref()?.state.as_ref()));
    roots.extend(model.topics.iter().flat_map(|topic| &topic.segments).filter_map(|segment| match segment {
        Segment::Place { ty, .. } => Some(ty),
        Segment::Literal(_) => None,
    }));
    roots.extend(&model.identity);
    with_inner(roots)
}

fn with_inner(mut open: Vec<&Type>) -> Vec<&Type> {
    let mut all = Vec::new();
    while let Some(ty) = open.pop() {
        all.push(ty);
        match &ty.shape {
            Shape::List(item) => open.push(item),
            Shape::Map(key, value) => open.extend([&**key, &**value]),
            _ => {}
        }
    }
    all
}

/// The fields of a struct, or of all variants.
fn fields_of_kind(kind: &TypeKind) -> impl Iterator<Item = &Field> {
    let (fields, variants): (&[Field], &[crate::model::Variant]) = match kind {
        TypeKind::Alias(_) => (&[], &[]),
        TypeKind::Struct(fields) => (fields, &[]),
        TypeKind::Enum(variants) | TypeKind::Error(variants) => (&[], variants),
    };
    fields.iter().chain(variants.iter().flat_map(|variant| &variant.fields))
}

/// Every list of fields that becomes one struct or variant in Rust.
fn field_lists(model: &Model) -> Vec<&[Field]> {
    let mut lists: Vec<&[Field]> = Vec::new();
    for def in &model.types {
        match &def.kind {
            TypeKind::Alias(_) => {}
            TypeKind::Struct(fields) => lists.push(fields),
            TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                lists.extend(variants.iter().map(|variant| variant.fields.as_slice()))
            }
        }
    }
    let payloads =
        model.messages.iter().map(|message| &message.payload).chain(model.events.iter().map(|event| &event.payload));
    lists.extend(payloads.chain(model.asks.iter().map(|ask| &ask.payload)).filter_map(|payload| match payload {
        Payload::Fields(fields) => Some(fields.as_slice()),
        _ => None,
    }));
    lists
}

/// Every arrow of every chain.
fn outcomes(model: &Model) -> impl Iterator<Item = &Outcome> {
    model.messages.iter().flat_map(|message| &message.chain).flatten().flat_map(|handling| &handling.outcomes)
}
