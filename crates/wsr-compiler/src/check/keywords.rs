//! Item keywords as names: they would take the next item when a name is forgotten.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::resolve::Resolved;
use crate::source::Span;
use crate::syntax::ITEM_KEYWORDS;
use crate::syntax::tree::{ArrowKind, Routing};

/// Refuses them as names of types, events and handlers; a message may have one if `=>` names its handlers.
pub(super) fn item_keywords_are_no_names(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    let model = &resolved.model;
    let mut refuse = |what: &str, name: &str, span: Span, help: &str| {
        if ITEM_KEYWORDS.contains(&name) {
            let report = Diagnostic::new(Code::ItemKeyword, span, format!("{what} cannot be called `{name}`"));
            out.push(report.label("begins an item").help(help));
        }
    };
    model.types.iter().for_each(|def| refuse("a type", &def.name, def.origin.span, "choose another name"));
    model.events.iter().for_each(|event| refuse("an event", &event.name, event.origin.span, "choose another name"));
    model
        .any_handlers
        .iter()
        .for_each(|handler| refuse("a handler", &handler.name, handler.origin.span, "choose another name"));
    for (message, (_, written)) in model.messages.iter().zip(&resolved.written.messages) {
        let has_own_handler = match &written.routing {
            Routing::Arrows(arrows) => arrows.iter().any(|arrow| !matches!(arrow.kind, ArrowKind::Relay(_))),
            Routing::Chain(_) => false,
        };
        if has_own_handler {
            let help = "name its handler: `=> handle -> …`, or choose another name";
            refuse("the handler of a message", &message.name, message.origin.span, help);
        }
    }
}
