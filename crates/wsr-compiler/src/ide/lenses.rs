//! Lines above messages: what is good to know before one changes them.

use super::hover::states_of;
use crate::analysis::Analysis;
use crate::model::Handler;
use crate::source::{FileId, Span};

/// A line above something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name it is about.
    pub span: Span,
    /// `allowed in: member · 3 handlers`
    pub text: String,
}

/// The lines of a file.
pub fn lenses(analysis: &Analysis, file: FileId) -> Vec<Lens> {
    let messages = analysis.model.messages.iter().enumerate();
    let here = messages.filter(|(_, message)| message.origin.span.file == file);
    let lens = |(id, message): (usize, &crate::model::Message)| {
        let states = states_of(analysis, id).into_iter().map(|(_, states)| match states.is_empty() {
            true => "allowed in no state".to_owned(),
            false => format!("allowed in: {}", states.join(", ")),
        });
        let handlings = message.chain.iter().flatten();
        let handlers = handlings.filter(|handling| !matches!(handling.handler, Handler::Relay(_))).count();
        let handlers = match handlers {
            0 => None,
            1 => Some("1 handler".to_owned()),
            several => Some(format!("{several} handlers")),
        };
        let parts: Vec<String> = states.chain(handlers).collect();
        (!parts.is_empty()).then(|| Lens { span: message.origin.span, text: parts.join(" · ") })
    };
    here.filter_map(lens).collect()
}
