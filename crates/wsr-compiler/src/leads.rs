//! Everything that attributes can stand above, with the stretch of text that is its own.

use crate::source::Span;
use crate::syntax::tree::{
    self, ArrowKind, Attribute, Field, File, Handling, Item, ItemKind, Lead, Payload, Routing, State, Type, TypeKind,
    Variant,
};

/// Something with what stands above it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owned<'t> {
    /// What stands above it.
    pub lead: &'t Lead,
    /// All of it, from its first attribute to its end.
    pub span: Span,
    /// Whether it is the `protocol` line.
    pub protocol: bool,
}

/// All of it, in every file.
pub(crate) fn leads(files: &[File]) -> Vec<Owned<'_>> {
    let mut walk = Walk { found: Vec::new() };
    files.iter().for_each(|file| walk.items(&file.items));
    walk.found
}

struct Walk<'t> {
    found: Vec<Owned<'t>>,
}

impl<'t> Walk<'t> {
    fn take(&mut self, lead: &'t Lead, span: Span) {
        let span = lead.attributes.iter().fold(span, |span, attribute| around(span, attribute.span));
        self.found.push(Owned { lead, span, protocol: false });
    }

    fn items(&mut self, items: &'t [Item]) {
        for item in items {
            self.take(&item.lead, item.span);
            match &item.kind {
                ItemKind::Protocol { .. } => {
                    if let Some(last) = self.found.last_mut() {
                        last.protocol = true;
                    }
                }
                ItemKind::Namespace { items, .. } => self.items(items),
                ItemKind::Alias { ty, .. } => self.ty(ty),
                ItemKind::Struct { fields, .. } => self.fields(fields),
                ItemKind::Enum { variants, .. } => self.variants(variants),
                ItemKind::Event(event) => self.payload(event.payload.as_ref()),
                ItemKind::Message(message) => {
                    self.payload(message.payload.as_ref());
                    self.routing(&message.routing);
                }
                ItemKind::Ask(ask) => {
                    self.payload(ask.payload.as_ref());
                    ask.reply.iter().for_each(|ty| self.ty(ty));
                }
                ItemKind::Flow(flow) => flow.states.iter().for_each(|state| self.state(state)),
                ItemKind::Import(_)
                | ItemKind::Identity(_)
                | ItemKind::Roles(_)
                | ItemKind::Topic(_)
                | ItemKind::Handler(_) => {}
            }
        }
    }

    fn payload(&mut self, payload: Option<&'t Payload>) {
        match payload {
            None => {}
            Some(Payload::Fields(fields)) => self.fields(fields),
            Some(Payload::Type(ty)) => self.ty(ty),
        }
    }

    /// Answers may be inline types, whose fields have attributes.
    fn routing(&mut self, routing: &'t Routing) {
        let arrows: Vec<&tree::Arrow> = match routing {
            Routing::Arrows(arrows) => arrows.iter().collect(),
            Routing::Chain(stages) => {
                let handlers = stages.iter().flatten().filter_map(|handling| match handling {
                    Handling::Handler { arrows, .. } => Some(arrows),
                    Handling::Relay(_) => None,
                });
                handlers.flatten().collect()
            }
        };
        for arrow in arrows {
            if let ArrowKind::Reply { ty: Some(ty), .. } | ArrowKind::Stream { ty, .. } | ArrowKind::Pass(ty) =
                &arrow.kind
            {
                self.ty(ty);
            }
        }
    }

    fn ty(&mut self, ty: &'t Type) {
        match &ty.kind {
            TypeKind::List(item) => self.ty(item),
            TypeKind::Map(key, value) => {
                self.ty(key);
                self.ty(value);
            }
            TypeKind::InlineStruct(fields) => self.fields(fields),
            TypeKind::InlineEnum { variants, .. } => self.variants(variants),
            _ => {}
        }
    }

    fn fields(&mut self, fields: &'t [Field]) {
        for field in fields {
            self.take(&field.lead, extent(field));
            self.ty(&field.ty);
        }
    }

    fn variants(&mut self, variants: &'t [Variant]) {
        for variant in variants {
            let span = variant.fields.iter().fold(variant.name.span, |span, field| around(span, extent(field)));
            self.take(&variant.lead, span);
            self.fields(&variant.fields);
        }
    }

    fn state(&mut self, state: &'t State) {
        let timeouts = state.timeouts.iter().map(|timeout| timeout.span);
        let steps = state.steps.iter().flat_map(|step| step.picks.iter().chain(&step.guard).chain(&step.to));
        let parts = timeouts.chain(steps.map(|name| name.span)).chain(state.extends.iter().map(|name| name.span));
        self.take(&state.lead, parts.fold(state.name.span, around));
    }
}

/// A field with its type, its default and the attributes around it.
fn extent(field: &Field) -> Span {
    let attributes = field.lead.attributes.iter().map(|attribute: &Attribute| attribute.span);
    let default = field.default.iter().map(|value| value.span);
    attributes.chain(default).chain([field.ty.span]).fold(field.name.span, around)
}

fn around(one: Span, other: Span) -> Span {
    Span { start: one.start.min(other.start), end: one.end.max(other.end), ..one }
}
