//! Chains: what is passed on is taken, and who replies is heard.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Handler, Handling, Message, Model};
use crate::resolve::Resolved;

/// Refuses values that are passed on to nobody.
pub(super) fn what_is_passed_on_is_taken(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    if resolved.broken {
        return;
    }
    for message in &resolved.model.messages {
        for (index, stage) in message.chain.iter().enumerate() {
            let next = message.chain.iter().skip(index + 1).find(|stage| stage.iter().any(is_handler));
            if next.is_some_and(|next| next.iter().any(takes)) {
                continue;
            }
            for ty in stage.iter().flat_map(Handling::passes) {
                let title = "what is passed on here is taken by nobody";
                let report = Diagnostic::new(Code::PassedOn, ty.span, title);
                out.push(match next {
                    None => report
                        .label("no stage follows")
                        .help("let a stage follow that takes it: `then handle`, or remove the arrow"),
                    Some(_) => report
                        .label("the next stage has no handler of its own")
                        .help("handlers of every message take nothing: let another one stand beside them, or remove the arrow"),
                });
            }
        }
    }
}

/// Warns of replies to binary messages, which have no id.
pub(super) fn replies_are_heard(model: &Model, out: &mut Diagnostics) {
    for message in model.messages.iter().filter(|message| message.binary.is_some() && answers(message)) {
        let title = format!("`{}` replies, and a binary frame has no id", message.name);
        let report = Diagnostic::new(Code::ReplyUnheard, message.origin.span, title)
            .label("who sends it in binary hears nothing");
        out.push(report.help("only who sends it in an envelope is answered; `-> silent`, or an event, is for both"));
    }
}

fn answers(message: &Message) -> bool {
    message.reply().is_some() || message.stream().is_some()
}

fn is_handler(handling: &Handling) -> bool {
    !matches!(handling.handler, Handler::Relay(_))
}

fn takes(handling: &Handling) -> bool {
    matches!(handling.handler, Handler::Method { .. })
}
