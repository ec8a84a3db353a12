//! What a file declares, as a tree; and what a protocol declares, by a piece of its name.

use super::nodes;
use crate::analysis::Analysis;
use crate::source::{FileId, Span};
use crate::syntax::tree::{Ask, Event, Field, Flow, Item, ItemKind, Lead, Message, Name, Payload, Type, Variant};

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// The `protocol` line.
    Protocol,
    /// `namespace`
    Namespace,
    /// `type`
    Alias,
    /// `struct`
    Struct,
    /// `enum`
    Enum,
    /// `error`
    Error,
    /// A field.
    Field,
    /// A variant.
    Variant,
    /// `topic`
    Topic,
    /// `handler`
    Handler,
    /// `event`
    Event,
    /// `message`
    Message,
    /// `ask`
    Ask,
    /// A role.
    Role,
    /// `flow`
    Flow,
    /// `state`, `start`
    State,
}

/// A declaration and those inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// A few words beside it, such as the type of a field; may be empty.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// Its name's place.
    pub name_span: Span,
    /// Whether `@deprecated` stands above it.
    pub deprecated: bool,
    /// What is declared inside.
    pub children: Vec<Outline>,
}

/// What a file declares.
pub fn outline(analysis: &Analysis, file: FileId) -> Vec<Outline> {
    let items = analysis.trees.get(usize::from(file)).map_or(&[][..], |tree| &tree.items);
    items.iter().flat_map(|item| of_item(analysis, item)).collect()
}

/// What all files declare whose name has these letters in this order: messages, events, types and so on, with the
/// path of their namespace.
pub fn search(analysis: &Analysis, query: &str) -> Vec<(String, Outline)> {
    let mut found = Vec::new();
    for file in 0..analysis.trees.len() {
        let Ok(file) = FileId::try_from(file) else { break };
        for item in outline(analysis, file) {
            collect(item, "", query, &mut found);
        }
    }
    found
}

fn collect(item: Outline, path: &str, query: &str, found: &mut Vec<(String, Outline)>) {
    let Outline { name, kind, children, .. } = &item;
    let full = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
    if *kind == SymbolKind::Namespace {
        for child in children.clone() {
            collect(child, &full, query, found);
        }
    }
    if has_letters(&full, query) {
        found.push((path.to_owned(), Outline { children: Vec::new(), ..item }));
    }
}

/// Whether the letters of a query stand in a name, in their order.
fn has_letters(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}

fn of_item(analysis: &Analysis, item: &Item) -> Vec<Outline> {
    let one = |kind, name: &Name, detail: String, children| {
        vec![entry(kind, name, detail, nodes::extent(analysis, nodes::Node::Item(item)), &item.lead, children)]
    };
    match &item.kind {
        ItemKind::Import(_) | ItemKind::Identity(_) => Vec::new(),
        ItemKind::Protocol { name, version } => one(SymbolKind::Protocol, name, version.text.clone(), Vec::new()),
        ItemKind::Roles(roles) => {
            let role =
                |name: &Name| entry(SymbolKind::Role, name, String::new(), name.span, &Lead::default(), Vec::new());
            roles.iter().map(|written| role(&written.name)).collect()
        }
        ItemKind::Namespace { name, items } => {
            let inside = items.iter().flat_map(|item| of_item(analysis, item)).collect();
            one(SymbolKind::Namespace, name, String::new(), inside)
        }
        ItemKind::Alias { name, ty } => one(SymbolKind::Alias, name, type_text(analysis, ty), Vec::new()),
        ItemKind::Struct { name, fields } => one(SymbolKind::Struct, name, String::new(), of_fields(analysis, fields)),
        ItemKind::Enum { name, variants, error, .. } => {
            let kind = if *error { SymbolKind::Error } else { SymbolKind::Enum };
            one(kind, name, String::new(), variants.iter().map(|variant| of_variant(analysis, variant)).collect())
        }
        ItemKind::Topic(path) => {
            let name = Name { text: super::text(analysis, path.span).to_owned(), span: path.span };
            one(SymbolKind::Topic, &name, String::new(), Vec::new())
        }
        ItemKind::Handler(name) => one(SymbolKind::Handler, name, "any".to_owned(), Vec::new()),
        ItemKind::Event(Event { name, payload, .. }) => {
            let (detail, children) = of_payload(analysis, payload.as_ref());
            one(SymbolKind::Event, name, detail, children)
        }
        ItemKind::Message(Message { name, payload, .. }) => {
            let (detail, children) = of_payload(analysis, payload.as_ref());
            one(SymbolKind::Message, name, detail, children)
        }
        ItemKind::Ask(Ask { name, payload, .. }) => {
            let (detail, children) = of_payload(analysis, payload.as_ref());
            one(SymbolKind::Ask, name, detail, children)
        }
        ItemKind::Flow(flow) => one(SymbolKind::Flow, &flow.name, covers(flow), states(analysis, flow)),
    }
}

fn covers(flow: &Flow) -> String {
    flow.covers.iter().map(|pick| pick.text.as_str()).collect::<Vec<_>>().join(", ")
}

fn states(analysis: &Analysis, flow: &Flow) -> Vec<Outline> {
    let states = flow.states.iter().map(|state| {
        let span = nodes::extent(analysis, nodes::Node::State(state));
        let detail = if state.start { "start".to_owned() } else { String::new() };
        entry(SymbolKind::State, &state.name, detail, span, &state.lead, Vec::new())
    });
    states.collect()
}

fn of_payload(analysis: &Analysis, payload: Option<&Payload>) -> (String, Vec<Outline>) {
    match payload {
        None => (String::new(), Vec::new()),
        Some(Payload::Fields(fields)) => (String::new(), of_fields(analysis, fields)),
        Some(Payload::Type(ty)) => (type_text(analysis, ty), Vec::new()),
    }
}

fn of_fields(analysis: &Analysis, fields: &[Field]) -> Vec<Outline> {
    let field = |field: &Field| {
        let span = nodes::extent(analysis, nodes::Node::Field(field));
        let detail = type_text(analysis, &field.ty);
        entry(SymbolKind::Field, &field.name, detail, span, &field.lead, Vec::new())
    };
    fields.iter().map(field).collect()
}

fn of_variant(analysis: &Analysis, variant: &Variant) -> Outline {
    let span = nodes::extent(analysis, nodes::Node::Variant(variant));
    let fields = of_fields(analysis, &variant.fields);
    entry(SymbolKind::Variant, &variant.name, String::new(), span, &variant.lead, fields)
}

/// A type as written, on one line.
fn type_text(analysis: &Analysis, ty: &Type) -> String {
    let words: Vec<&str> = super::text(analysis, ty.span).split_whitespace().collect();
    words.join(" ")
}

fn entry(kind: SymbolKind, name: &Name, detail: String, span: Span, lead: &Lead, children: Vec<Outline>) -> Outline {
    let deprecated = lead.attributes.iter().any(|attribute| attribute.name.text == "deprecated");
    let span = Span { start: span.start.min(name.span.start), end: span.end.max(name.span.end), ..span };
    Outline { name: name.text.clone(), detail, kind, span, name_span: name.span, deprecated, children }
}
