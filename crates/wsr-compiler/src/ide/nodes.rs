//! The piece of the tree that declares something.

use crate::analysis::Analysis;
use crate::source::Span;
use crate::syntax::tree::{
    Arrow, ArrowKind, Field, Handling, Item, ItemKind, Lead, Payload, Routing, State, TypeKind, Variant,
};

/// What can have a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'a> {
    Item(&'a Item),
    Field(&'a Field),
    Variant(&'a Variant),
    State(&'a State),
}

impl<'a> Node<'a> {
    /// What stands above it.
    pub fn lead(self) -> &'a Lead {
        match self {
            Self::Item(item) => &item.lead,
            Self::Field(field) => &field.lead,
            Self::Variant(variant) => &variant.lead,
            Self::State(state) => &state.lead,
        }
    }

    /// The place of its name; none for items without one.
    pub fn name(self) -> Option<Span> {
        match self {
            Self::Item(item) => item_name(item),
            Self::Field(field) => Some(field.name.span),
            Self::Variant(variant) => Some(variant.name.span),
            Self::State(state) => Some(state.name.span),
        }
    }
}

/// The place of an item's name; a topic's is its whole path.
pub(super) fn item_name(item: &Item) -> Option<Span> {
    Some(match &item.kind {
        ItemKind::Protocol { name, .. }
        | ItemKind::Namespace { name, .. }
        | ItemKind::Alias { name, .. }
        | ItemKind::Struct { name, .. }
        | ItemKind::Enum { name, .. }
        | ItemKind::Handler(name) => name.span,
        ItemKind::Topic(path) => path.span,
        ItemKind::Event(event) => event.name.span,
        ItemKind::Message(message) => message.name.span,
        ItemKind::Ask(ask) => ask.name.span,
        ItemKind::Flow(flow) => flow.name.span,
        ItemKind::Import(_) | ItemKind::Identity(_) | ItemKind::Roles(_) => return None,
    })
}

/// What has its name at this place.
pub(super) fn declared_at(analysis: &Analysis, name: Span) -> Option<Node<'_>> {
    let mut found = None;
    each(analysis, name.file, &mut |node| {
        if found.is_none() && node.name() == Some(name) {
            found = Some(node);
        }
    });
    found
}

/// Every node of a file, an outer one before those inside.
pub(super) fn each<'a>(analysis: &'a Analysis, file: crate::source::FileId, visit: &mut dyn FnMut(Node<'a>)) {
    if let Some(tree) = analysis.trees.get(usize::from(file)) {
        items(&tree.items, visit);
    }
}

fn items<'a>(all: &'a [Item], visit: &mut dyn FnMut(Node<'a>)) {
    for item in all {
        visit(Node::Item(item));
        match &item.kind {
            ItemKind::Namespace { items: inner, .. } => items(inner, visit),
            ItemKind::Struct { fields: inner, .. } => fields(inner, visit),
            ItemKind::Enum { variants: inner, .. } => variants(inner, visit),
            ItemKind::Event(event) => payload(event.payload.as_ref(), visit),
            ItemKind::Message(message) => {
                payload(message.payload.as_ref(), visit);
                replies(&message.routing, visit);
            }
            ItemKind::Ask(ask) => {
                payload(ask.payload.as_ref(), visit);
                ask.reply.iter().for_each(|ty| inside(&ty.kind, visit));
            }
            ItemKind::Alias { ty, .. } => inside(&ty.kind, visit),
            ItemKind::Flow(flow) => flow.states.iter().for_each(|state| visit(Node::State(state))),
            _ => {}
        }
    }
}

fn payload<'a>(payload: Option<&'a Payload>, visit: &mut dyn FnMut(Node<'a>)) {
    match payload {
        Some(Payload::Fields(inner)) => fields(inner, visit),
        Some(Payload::Type(ty)) => inside(&ty.kind, visit),
        None => {}
    }
}

/// Types that are written behind `reply`.
fn replies<'a>(routing: &'a Routing, visit: &mut dyn FnMut(Node<'a>)) {
    let arrows: Vec<&Arrow> = match routing {
        Routing::Arrows(arrows) => arrows.iter().collect(),
        Routing::Chain(stages) => stages.iter().flatten().flat_map(arrows_of).collect(),
    };
    for arrow in arrows {
        if let ArrowKind::Reply { ty: Some(ty), .. } = &arrow.kind {
            inside(&ty.kind, visit);
        }
    }
}

fn arrows_of(handling: &Handling) -> &[Arrow] {
    match handling {
        Handling::Handler { arrows, .. } => arrows,
        Handling::Relay(_) => &[],
    }
}

fn fields<'a>(all: &'a [Field], visit: &mut dyn FnMut(Node<'a>)) {
    for field in all {
        visit(Node::Field(field));
        inside(&field.ty.kind, visit);
    }
}

fn variants<'a>(all: &'a [Variant], visit: &mut dyn FnMut(Node<'a>)) {
    for variant in all {
        visit(Node::Variant(variant));
        fields(&variant.fields, visit);
    }
}

/// Types that are written in place of another one.
fn inside<'a>(kind: &'a TypeKind, visit: &mut dyn FnMut(Node<'a>)) {
    match kind {
        TypeKind::List(item) => inside(&item.kind, visit),
        TypeKind::Map(key, value) => {
            inside(&key.kind, visit);
            inside(&value.kind, visit);
        }
        TypeKind::InlineStruct(inner) => fields(inner, visit),
        TypeKind::InlineEnum { variants: inner, .. } => variants(inner, visit),
        TypeKind::Name(_) | TypeKind::Literal(_) => {}
    }
}

/// All of a node, from its first attribute to its end, without blanks and comments behind it.
pub(super) fn extent(analysis: &Analysis, node: Node<'_>) -> Span {
    match node {
        Node::Item(item) => {
            // Behind an alias attributes of the next item may follow.
            let end = if let ItemKind::Alias { ty, .. } = &item.kind { ty.span.end } else { item.span.end };
            with_attributes(&item.lead, Span { end, ..item.span })
        }
        Node::Field(field) => {
            let end = field.default.as_ref().map_or(field.ty.span.end, |value| value.span.end);
            with_attributes(&field.lead, Span { end, ..field.name.span })
        }
        Node::Variant(variant) => {
            let last = variant.fields.last().map(|field| extent(analysis, Node::Field(field)).end);
            let end = last.map(|end| closing(analysis, variant.name.span.file, end));
            let end = variant.number.map(|number| number.end).or(end).unwrap_or(variant.name.span.end);
            with_attributes(&variant.lead, Span { end, ..variant.name.span })
        }
        Node::State(state) => state_extent(analysis, state),
    }
}

/// Where a node begins below its docs: at its first attribute, or its own first word.
pub(super) fn begin(analysis: &Analysis, node: Node<'_>) -> Span {
    let own = match node {
        Node::Item(item) => item.keyword,
        Node::Field(field) => field.name.span,
        Node::Variant(variant) => variant.name.span,
        Node::State(state) => state_extent(analysis, state),
    };
    let attributes = node.lead().attributes.iter().map(|attribute| attribute.span.start);
    let start = attributes.fold(own.start, u32::min);
    Span { start, end: start, ..own }
}

/// From the first attribute in front to the last one behind.
fn with_attributes(lead: &Lead, own: Span) -> Span {
    let spans = || lead.attributes.iter().map(|attribute| attribute.span);
    Span {
        start: spans().map(|span| span.start).fold(own.start, u32::min),
        end: spans().map(|span| span.end).fold(own.end, u32::max),
        ..own
    }
}

/// The byte behind the next `}`.
fn closing(analysis: &Analysis, file: crate::source::FileId, from: u32) -> u32 {
    let rest = super::file_text(analysis, file).get(from as usize..).unwrap_or_default();
    rest.find('}').map_or(from, |at| from + at as u32 + 1)
}

fn state_extent(analysis: &Analysis, state: &State) -> Span {
    let file = state.name.span.file;
    let source = super::file_text(analysis, file);
    let before = source.get(..state.name.span.start as usize).unwrap_or_default();
    let keyword = before.trim_end().rfind(|letter: char| !letter.is_alphanumeric()).map_or(0, |at| at + 1);
    let steps = state.steps.iter().flat_map(|step| step.picks.iter().chain(&step.guard).chain(&step.to));
    let names = steps.map(|name| name.span.end).chain(state.timeouts.iter().map(|timeout| timeout.span.end));
    let last = names.max().or(state.extends.as_ref().map(|name| name.span.end)).unwrap_or(state.name.span.end);
    Span { file, start: keyword as u32, end: closing(analysis, file, last) }
}
