//! A new name for something, in all files.

use super::{fields, symbol_at, variant};
use crate::analysis::Analysis;
use crate::diagnostic::Edit;
use crate::index::Symbol;
use crate::model::TypeKind;
use crate::source::{FileId, Span};
use crate::syntax::ITEM_KEYWORDS;

/// The edits of a new name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// One a place.
    pub edits: Vec<Edit>,
    /// The old name on the wire, when the new name changes it: clients then have to follow.
    pub changes_wire: Option<String>,
}

/// What can be renamed at an offset, with its present name; `Err` says why not.
pub fn rename_at(analysis: &Analysis, file: FileId, offset: u32) -> Result<(Span, String), String> {
    let Some((symbol, span)) = symbol_at(analysis, file, offset) else {
        return Err("there is no name here that the protocol declares".to_owned());
    };
    let name = super::text(analysis, span).to_owned();
    match refusal(analysis, symbol, &name) {
        Some(why) => Err(why),
        None => Ok((span, name)),
    }
}

/// Gives what is named at an offset another name.
pub fn rename(analysis: &Analysis, file: FileId, offset: u32, new: &str) -> Result<Renaming, String> {
    let (span, old) = rename_at(analysis, file, offset)?;
    let Some((symbol, _)) = symbol_at(analysis, file, span.start) else {
        return Err("there is no name here that the protocol declares".to_owned());
    };
    legal(symbol, new)?;
    if let Some(taken) = clash(analysis, symbol, &old, new) {
        return Err(taken);
    }
    let edits = analysis.index.of(symbol).map(|found| Edit { span: found.span, text: new.to_owned() }).collect();
    Ok(Renaming { edits, changes_wire: wire(analysis, symbol).filter(|wire| ends_with(wire, &old)) })
}

/// Why something keeps its name.
fn refusal(analysis: &Analysis, symbol: &Symbol, name: &str) -> Option<String> {
    let model = &analysis.model;
    match symbol {
        &Symbol::Topic(id) => {
            let literal = |segment: &&crate::model::Segment| matches!(segment, crate::model::Segment::Literal(_));
            let words = model.topics[id].segments.iter().filter(literal).count();
            (words > 1).then(|| "a topic of several words cannot be renamed at once".to_owned())
        }
        Symbol::Handler(namespace, handler) => {
            let own = |message: &&crate::model::Message| message.namespace == *namespace && message.name == *handler;
            let implied = model.messages.iter().find(own)?;
            let written = analysis.index.of(symbol).any(|found| found.span == implied.origin.span);
            (!written).then(|| format!("`{name}` is named after the message `{}`: rename that", implied.wire))
        }
        _ => None,
    }
}

/// Whether a name can be one of such a thing.
fn legal(symbol: &Symbol, new: &str) -> Result<(), String> {
    let word = new.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && new.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !word {
        return Err(format!("`{new}` is no name: letters, digits and `_`, a digit never first"));
    }
    if matches!(new, "self" | "Self" | "super" | "crate" | "_") {
        return Err(format!("`{new}` cannot be a name in Rust"));
    }
    let keyword = ITEM_KEYWORDS.contains(&new);
    let must_not = !matches!(symbol, Symbol::Field(..) | Symbol::Variant(..) | Symbol::Message(_) | Symbol::State(..));
    if keyword && must_not {
        return Err(format!("`{new}` is a keyword of the language"));
    }
    if matches!(symbol, Symbol::State(..)) && new == "end" {
        return Err("`end` closes the connection, so no state is called so".to_owned());
    }
    if matches!(symbol, Symbol::Type(_)) && super::words::built_in(new).is_some() {
        return Err(format!("`{new}` is a built-in type"));
    }
    Ok(())
}

/// What has the new name already.
fn clash(analysis: &Analysis, symbol: &Symbol, old: &str, new: &str) -> Option<String> {
    if old == new {
        return None;
    }
    let model = &analysis.model;
    let taken = match symbol {
        &Symbol::Namespace(id) => {
            let mut path = model.namespaces[id].path.clone();
            path.pop();
            path.push(new.to_owned());
            model.namespaces.iter().any(|other| other.path == path).then_some("namespace")
        }
        &Symbol::Type(id) => {
            let namespace = model.types[id].namespace;
            model.types.iter().any(|other| other.namespace == namespace && other.name == new).then_some("type")
        }
        &Symbol::Event(id) => on_the_wire(analysis, model.events[id].namespace, new),
        &Symbol::Message(id) => on_the_wire(analysis, model.messages[id].namespace, new),
        &Symbol::Ask(id) => on_the_wire(analysis, model.asks[id].namespace, new),
        &Symbol::Field(of, _) => fields(analysis, of).iter().any(|other| other.name == new).then_some("field"),
        &Symbol::Variant(id, _) => match &model.types[id].kind {
            TypeKind::Enum(all) | TypeKind::Error(all) => {
                all.iter().any(|other| other.name == new).then_some("variant")
            }
            _ => None,
        },
        Symbol::Role(_) => model.roles.iter().any(|other| other.name == new).then_some("role"),
        Symbol::Flow(_) => model.flows.iter().any(|other| other.name == new).then_some("flow"),
        &Symbol::State(flow, _) => model.flows[flow].states.iter().any(|other| other.name == new).then_some("state"),
        &Symbol::AnyHandler(id) => handler(analysis, model.any_handlers[id].namespace, new),
        Symbol::Handler(namespace, _) => handler(analysis, *namespace, new),
        Symbol::Topic(_) => None,
    };
    taken.map(|what| format!("there is a {what} `{new}` here already"))
}

/// Messages, events and what is asked share one space of names.
fn on_the_wire(analysis: &Analysis, namespace: usize, new: &str) -> Option<&'static str> {
    let model = &analysis.model;
    let message = model.messages.iter().any(|other| other.namespace == namespace && other.name == new);
    let event = model.events.iter().any(|other| other.namespace == namespace && other.name == new);
    let ask = model.asks.iter().any(|other| other.namespace == namespace && other.name == new);
    [(message, "message"), (event, "event"), (ask, "ask")].into_iter().find(|(taken, _)| *taken).map(|(_, what)| what)
}

fn handler(analysis: &Analysis, namespace: usize, new: &str) -> Option<&'static str> {
    let any = analysis.model.any_handlers.iter().any(|other| other.namespace == namespace && other.name == new);
    let method = analysis.index.uses.iter().any(|found| found.of == Symbol::Handler(namespace, new.to_owned()));
    (any || method).then_some("handler")
}

/// What something is called on the wire.
pub(super) fn wire(analysis: &Analysis, symbol: &Symbol) -> Option<String> {
    let model = &analysis.model;
    match *symbol {
        Symbol::Namespace(id) => Some(model.namespaces.get(id)?.wire.join("/")),
        Symbol::Field(of, index) => Some(fields(analysis, of).get(index)?.wire.clone()),
        Symbol::Variant(id, index) => Some(variant(analysis, id, index)?.wire.clone()),
        Symbol::Event(id) => Some(model.events.get(id)?.wire.clone()),
        Symbol::Message(id) => Some(model.messages.get(id)?.wire.clone()),
        Symbol::Ask(id) => Some(model.asks.get(id)?.wire.clone()),
        Symbol::Role(id) => Some(model.roles.get(id)?.name.clone()),
        _ => None,
    }
}

/// Whether the last part of a name on the wire is the name as written.
fn ends_with(wire: &str, name: &str) -> bool {
    wire.rsplit('/').next() == Some(name)
}
