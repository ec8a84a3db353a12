//! What an editor asks about a text: plain data over an [`Analysis`] and a place in it.
//!
//! Places are a file and an offset in bytes. Nothing here knows of editors' protocols; `wsr lsp` translates.
//! Every function answers for broken text too, from what could be understood of it.

mod actions;
mod complete;
mod definition;
mod folding;
mod hover;
mod inlay;
mod lenses;
mod lexer;
mod limits;
mod nodes;
mod references;
mod rename;
mod symbols;
mod tokens;
mod words;

pub use actions::{Action, ActionKind, actions};
pub use complete::{Completion, CompletionKind, complete};
pub use definition::definition;
pub use folding::{Fold, FoldKind, folds};
pub use hover::{Hover, hover};
pub use inlay::{Hint, hints};
pub use lenses::{Lens, lenses};
pub use references::{highlights, references};
pub use rename::{Renaming, rename, rename_at};
pub use symbols::{Outline, SymbolKind, outline, search};
pub use tokens::{TokenKind, Tokened, tokens};

use crate::analysis::Analysis;
use crate::index::{FieldOf, Symbol};
use crate::model::{Field, Origin, Payload, TypeKind};
use crate::source::{FileId, Span};

/// The text of a span.
fn text(analysis: &Analysis, span: Span) -> &str {
    let file = analysis.files.get(usize::from(span.file));
    file.and_then(|file| file.text().get(span.start as usize..span.end as usize)).unwrap_or_default()
}

/// The whole text of a file; empty when there is no such file.
fn file_text(analysis: &Analysis, file: FileId) -> &str {
    analysis.files.get(usize::from(file)).map_or("", |file| file.text())
}

/// The symbol whose name is at an offset.
fn symbol_at(analysis: &Analysis, file: FileId, offset: u32) -> Option<(&Symbol, Span)> {
    analysis.index.at(file, offset).map(|found| (&found.of, found.span))
}

/// The fields of something.
fn fields(analysis: &Analysis, of: FieldOf) -> &[Field] {
    let model = &analysis.model;
    match of {
        FieldOf::Struct(id) => match &model.types[id].kind {
            TypeKind::Struct(fields) => fields,
            _ => &[],
        },
        FieldOf::Variant(id, variant) => match &model.types[id].kind {
            TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                variants.get(variant).map_or(&[], |variant| variant.fields.as_slice())
            }
            _ => &[],
        },
        FieldOf::Message(id) => of_payload(&model.messages[id].payload),
        FieldOf::Event(id) => of_payload(&model.events[id].payload),
        FieldOf::Ask(id) => of_payload(&model.asks[id].payload),
    }
}

fn of_payload(payload: &Payload) -> &[Field] {
    match payload {
        Payload::Fields(fields) => fields,
        Payload::None | Payload::Type(_) => &[],
    }
}

/// The variant that a symbol means.
fn variant(analysis: &Analysis, id: usize, index: usize) -> Option<&crate::model::Variant> {
    match &analysis.model.types.get(id)?.kind {
        TypeKind::Enum(variants) | TypeKind::Error(variants) => variants.get(index),
        _ => None,
    }
}

/// Where something was declared, with its docs; none for namespaces and for methods of handlers.
fn origin<'a>(analysis: &'a Analysis, symbol: &Symbol) -> Option<&'a Origin> {
    let model = &analysis.model;
    Some(match symbol {
        Symbol::Namespace(_) | Symbol::Handler(..) => return None,
        &Symbol::Type(id) => &model.types.get(id)?.origin,
        &Symbol::Field(of, index) => &fields(analysis, of).get(index)?.origin,
        &Symbol::Variant(id, index) => &variant(analysis, id, index)?.origin,
        &Symbol::Topic(id) => &model.topics.get(id)?.origin,
        &Symbol::Event(id) => &model.events.get(id)?.origin,
        &Symbol::Message(id) => &model.messages.get(id)?.origin,
        &Symbol::Ask(id) => &model.asks.get(id)?.origin,
        &Symbol::AnyHandler(id) => &model.any_handlers.get(id)?.origin,
        &Symbol::Role(id) => &model.roles.get(id)?.origin,
        &Symbol::Flow(flow) => &model.flows.get(flow)?.origin,
        &Symbol::State(flow, state) => &model.flows.get(flow)?.states.get(state)?.origin,
    })
}
