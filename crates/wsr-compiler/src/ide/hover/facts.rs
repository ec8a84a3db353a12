//! What follows from a declaration, and is not written in it.

use super::path;
use crate::analysis::Analysis;
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::signatures;
use crate::ide::{fields, limits, variant};
use crate::index::Symbol;
use crate::model::{
    Event, Field, Flow, Handler, Message, MessageId, Next, Origin, Outcome, Segment, State, Target, TypeDef, TypeKind,
};

/// Paragraphs of Markdown about something.
pub(super) fn facts(analysis: &Analysis, symbol: &Symbol) -> Vec<String> {
    let mut lines = match symbol {
        &Symbol::Namespace(id) => namespace(analysis, id),
        &Symbol::Type(id) => analysis.model.types.get(id).map(|def| named(analysis, def)).unwrap_or_default(),
        &Symbol::Field(of, index) => fields(analysis, of).get(index).map(|f| field(analysis, f)).unwrap_or_default(),
        &Symbol::Variant(id, index) => variant(analysis, id, index)
            .map(|variant| vec![on_the_wire(&variant.wire), in_rust(&identifier(&type_name(&variant.name)))])
            .unwrap_or_default(),
        &Symbol::Topic(id) => vec![on_the_wire(&topic(analysis, id))],
        &Symbol::Event(id) => event(analysis, id),
        &Symbol::Message(id) => message(analysis, id),
        &Symbol::Ask(id) => {
            let ask = &analysis.model.asks[id];
            let rust = path(analysis, ask.namespace, &identifier(&type_name(&ask.name)));
            vec![on_the_wire(&ask.wire), in_rust(&rust)]
        }
        Symbol::Handler(namespace, name) => handler(analysis, *namespace, name),
        &Symbol::AnyHandler(id) => {
            let handler = &analysis.model.any_handlers[id];
            let takes = |chained: &Handler| *chained == Handler::Any(id);
            [signature(analysis, handler.namespace, &handler.name), called_by(analysis, takes)].concat()
        }
        Symbol::Role(_) => Vec::new(),
        &Symbol::Flow(id) => flow(analysis, id),
        &Symbol::State(flow, state) => self::state(analysis, flow, state),
    };
    if let Some(origin) = crate::ide::origin(analysis, symbol) {
        lines.extend(history(origin));
    }
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { Vec::new() } else { vec![lines.join("\n\n")] }
}

fn on_the_wire(name: &str) -> String {
    format!("On the wire: `{name}`")
}

fn in_rust(name: &str) -> String {
    format!("In Rust: `{name}`")
}

/// Since when, and whether still.
fn history(origin: &Origin) -> Vec<String> {
    let since = origin.since.as_ref().map(|version| format!("Since {version}"));
    let deprecated = origin.deprecated.as_ref().map(|why| match why.as_str() {
        "" => "**Deprecated**".to_owned(),
        why => format!("**Deprecated**: {why}"),
    });
    since.into_iter().chain(deprecated).collect()
}

fn namespace(analysis: &Analysis, id: usize) -> Vec<String> {
    let Some(namespace) = analysis.model.namespaces.get(id) else { return Vec::new() };
    vec![on_the_wire(&format!("{}/…", namespace.wire.join("/"))), in_rust(&format!("{}::…", namespace.path.join("::")))]
}

fn named(analysis: &Analysis, def: &TypeDef) -> Vec<String> {
    let rust = in_rust(&path(analysis, def.namespace, &identifier(&type_name(&def.name))));
    match &def.kind {
        TypeKind::Alias(ty) => vec![allowed(limits::in_words(analysis, ty)), rust],
        TypeKind::Struct(_) => vec![rust],
        TypeKind::Enum(variants) | TypeKind::Error(variants) => {
            let with_fields = variants.iter().any(|variant| !variant.fields.is_empty());
            let is_error = matches!(def.kind, TypeKind::Error(_));
            let form = match with_fields || is_error {
                true => format!("On the wire: an object, the variant's name under `{}`", def.tag),
                false => "On the wire: the variant's name as text".to_owned(),
            };
            vec![form, rust]
        }
    }
}

fn allowed(limits: Vec<String>) -> String {
    if limits.is_empty() { String::new() } else { format!("Values: {}", limits.join("; ")) }
}

fn field(analysis: &Analysis, field: &Field) -> Vec<String> {
    let left_out = match (&field.default, field.optional) {
        (Some(_), _) => "May be left out: the default is taken",
        (None, true) => "May be left out",
        (None, false) => "",
    };
    let secret = if field.secret { "Secret: never shown in logs, `Debug` or refusals" } else { "" };
    vec![
        allowed(limits::in_words(analysis, &field.ty)),
        left_out.to_owned(),
        secret.to_owned(),
        on_the_wire(&field.wire),
        in_rust(&identifier(&field_name(&field.name))),
    ]
}

fn topic(analysis: &Analysis, id: usize) -> String {
    let topic = &analysis.model.topics[id];
    let namespace = analysis.model.namespaces[topic.namespace].wire.iter().cloned();
    let segments = topic.segments.iter().map(|segment| match segment {
        Segment::Literal(word) => word.clone(),
        Segment::Place { name, .. } => format!("{{{name}}}"),
    });
    namespace.chain(segments).collect::<Vec<_>>().join("/")
}

fn event(analysis: &Analysis, id: usize) -> Vec<String> {
    let event = &analysis.model.events[id];
    let sends = |outcome: &Outcome| matches!(outcome, Outcome::Deliver { event, .. } if *event == id);
    let senders = analysis
        .model
        .messages
        .iter()
        .filter(|message| message.chain.iter().flatten().flat_map(|handling| &handling.outcomes).any(sends));
    let senders: Vec<String> = senders.map(|message| format!("`{}`", message.wire)).collect();
    let sent_by = match senders.is_empty() {
        true => "Sent by no message".to_owned(),
        false => format!("Sent by {}", senders.join(", ")),
    };
    let rust = path(analysis, event.namespace, &identifier(&type_name(&event.name)));
    vec![receivers(analysis, event), sent_by, on_the_wire(&event.wire), in_rust(&rust)]
}

fn receivers(analysis: &Analysis, event: &Event) -> String {
    match &event.target {
        None => "Goes where each arrow says".to_owned(),
        Some(target) => format!("Goes by itself to {}", audience(analysis, target)),
    }
}

/// Who receives, in words.
pub(in crate::ide) fn audience(analysis: &Analysis, target: &Target) -> String {
    let roles = |roles: &[usize]| {
        let names = roles.iter().map(|&role| format!("`{}`", analysis.model.roles[role].name));
        names.collect::<Vec<_>>().join(" or ")
    };
    match target {
        Target::All => "every connection".to_owned(),
        Target::Others => "every connection but the sender's".to_owned(),
        Target::Mailbox(path) => format!("every connection of the identity in `{{{}}}`", path.join(".")),
        Target::Mailboxes => "the identities that the handler returns".to_owned(),
        Target::Topic(topic) => format!("the members of `{}`", self::topic(analysis, topic.topic)),
        Target::OthersInTopic(topic) => {
            format!("the other members of `{}`", self::topic(analysis, topic.topic))
        }
        Target::Roles(of) => format!("every connection with the role {}", roles(of)),
        Target::OthersInRoles(of) => format!("every other connection with the role {}", roles(of)),
    }
}

fn message(analysis: &Analysis, id: MessageId) -> Vec<String> {
    let message = &analysis.model.messages[id];
    vec![handlers(analysis, message), allowed_in(analysis, id), on_the_wire(&message.wire)]
}

/// The methods that a message goes through, in its order.
fn handlers(analysis: &Analysis, message: &Message) -> String {
    let mut known: Vec<(usize, Vec<(String, String)>)> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for handling in message.chain.iter().flatten() {
        let Handler::Method { namespace, name } = &handling.handler else { continue };
        if !known.iter().any(|(of, _)| of == namespace) {
            known.push((*namespace, signatures(&analysis.model, *namespace)));
        }
        let methods = known.iter().find(|(of, _)| of == namespace).map_or(&[][..], |(_, methods)| methods);
        lines.extend(method(methods, name));
    }
    lines.dedup();
    if lines.is_empty() { String::new() } else { format!("```rust\n{}\n```", lines.join("\n")) }
}

/// In which states a message is allowed.
fn allowed_in(analysis: &Analysis, id: MessageId) -> String {
    let flows = states_of(analysis, id).into_iter().map(|(flow, states)| match states.is_empty() {
        true => format!("Allowed in no state of flow `{flow}`"),
        false => {
            let states: Vec<String> = states.iter().map(|state| format!("`{state}`")).collect();
            format!("Allowed in: {} (flow `{flow}`)", states.join(", "))
        }
    });
    let flows: Vec<String> = flows.collect();
    if flows.is_empty() { "Allowed at any time: no flow covers it".to_owned() } else { flows.join("\n\n") }
}

/// The flows that cover a message, that of connections first, each with the states that let it in.
pub(in crate::ide) fn states_of(analysis: &Analysis, id: MessageId) -> Vec<(&str, Vec<&str>)> {
    let covers = |flow: &&Flow| flow.covers.binary_search(&id).is_ok();
    let mut flows: Vec<&Flow> = analysis.model.flows.iter().filter(covers).collect();
    flows.sort_by_key(|flow| flow.on.is_some());
    flows.into_iter().map(|flow| (flow.name.as_str(), states_letting_in(flow, id))).collect()
}

fn states_letting_in(flow: &Flow, id: MessageId) -> Vec<&str> {
    let lets_in = |state: &&State| state.steps.iter().any(|step| step.message == id);
    flow.states.iter().filter(lets_in).map(|state| state.name.as_str()).collect()
}

fn handler(analysis: &Analysis, namespace: usize, name: &str) -> Vec<String> {
    let takes = |chained: &Handler| matches!(chained, Handler::Method { namespace: of, name: called } if *of == namespace && called == name);
    [signature(analysis, namespace, name), called_by(analysis, takes)].concat()
}

/// How the method is written in Rust.
fn signature(analysis: &Analysis, namespace: usize, name: &str) -> Vec<String> {
    let found = method(&signatures(&analysis.model, namespace), name);
    found.map(|text| format!("```rust\n{text}\n```")).into_iter().collect()
}

/// The method of a handler among those of its namespace.
fn method(methods: &[(String, String)], name: &str) -> Option<String> {
    let known = [identifier(name), identifier(&field_name(name))];
    methods.iter().find(|(method, _)| known.contains(method)).map(|(_, text)| text.clone())
}

fn called_by(analysis: &Analysis, takes: impl Fn(&Handler) -> bool) -> Vec<String> {
    let messages = analysis.model.messages.iter();
    let callers = messages.filter(|message| message.chain.iter().flatten().any(|handling| takes(&handling.handler)));
    let callers: Vec<String> = callers.map(|message| format!("`{}`", message.wire)).collect();
    if callers.is_empty() { Vec::new() } else { vec![format!("Called for {}", callers.join(", "))] }
}

fn flow(analysis: &Analysis, id: usize) -> Vec<String> {
    let flow = &analysis.model.flows[id];
    let start = flow.states.get(flow.start).map_or("", |state| state.name.as_str());
    let of = flow.on.as_ref().map(|on| format!("One instance for each topic `{}`", topic(analysis, on.topic)));
    of.into_iter().chain([format!("Covers {} messages, starts in `{start}`", flow.covers.len())]).collect()
}

fn state(analysis: &Analysis, flow: usize, state: usize) -> Vec<String> {
    let flow = &analysis.model.flows[flow];
    let Some(state) = flow.states.get(state) else { return Vec::new() };
    let next = |next: Next| match next {
        Next::Stay => String::new(),
        Next::State(index) => flow.states.get(index).map(|next| format!(" → `{}`", next.name)).unwrap_or_default(),
        Next::End => " → end".to_owned(),
    };
    let mut steps = state.steps.clone();
    steps.sort_by_key(|step| step.message);
    let steps = steps.iter().map(|step| {
        let guard = if step.member { " (members)" } else { "" };
        format!("- `{}`{guard}{}", analysis.model.messages[step.message].wire, next(step.next))
    });
    let timeout = state.timeout.map(|(after, to)| format!("After {} ms{}", after.as_millis(), next(to)));
    let allows = match state.steps.is_empty() {
        true => "Allows nothing".to_owned(),
        false => format!("Allows:\n{}", steps.collect::<Vec<_>>().join("\n")),
    };
    [Some(allows), timeout].into_iter().flatten().collect()
}
