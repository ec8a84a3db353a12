//! Picks and steps: what one state allows.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Resolver;
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Flow, MessageId, Next, Step};
use crate::source::Span;
use crate::syntax::tree::{self, Name};

/// A pick with the messages it matches.
pub(super) struct Pick {
    /// Ascending.
    pub messages: Vec<MessageId>,
    /// Greater wins: a whole name over any `x/*`, a longer one of those over a shorter one.
    pub weight: usize,
}

impl Pick {
    pub(super) fn new(name: &Name, names: &[String]) -> Self {
        let text = name.text.as_str();
        let everything = text == "*";
        let below = text.strip_suffix("/*");
        let matches = |full: &str| match below {
            _ if everything => true,
            Some(prefix) => full.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')),
            None => full == text,
        };
        let messages = (0..names.len()).filter(|&id| matches(&names[id])).collect();
        let weight = match below {
            _ if everything => 0,
            Some(prefix) => prefix.split('/').count(),
            None => usize::MAX,
        };
        Self { messages, weight }
    }
}

/// What a state allows, by message.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowed {
    steps: BTreeMap<MessageId, Weighed>,
    pub timeout: Option<(Duration, Next)>,
}

#[derive(Clone, Debug)]
struct Weighed {
    weight: usize,
    span: Span,
    step: Step,
}

impl Allowed {
    /// Takes over what another state allows, unless a pick of the same weight or more is here.
    pub(super) fn inherit(&mut self, other: &Allowed) {
        for (&message, theirs) in &other.steps {
            if self.steps.get(&message).is_none_or(|mine| mine.weight < theirs.weight) {
                self.steps.insert(message, theirs.clone());
            }
        }
        self.timeout = self.timeout.or(other.timeout);
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps.into_values().map(|weighed| weighed.step).collect()
    }
}

impl<'t> Resolver<'t, '_, '_> {
    /// What a state itself allows.
    pub(super) fn allowed(&mut self, state: &'t tree::State, states: &[&tree::State], flow: &Flow) -> Allowed {
        let mut allowed = Allowed { steps: BTreeMap::new(), timeout: self.timeout(state, states) };
        for step in &state.steps {
            let roles = step.guard.iter().filter_map(|role| self.role(role)).collect::<Vec<_>>();
            let next = step.to.as_ref().map_or(Next::Stay, |name| self.next(name, states));
            for name in &step.picks {
                let pick = Pick::new(name, &self.message_names);
                let covered: Vec<MessageId> = pick
                    .messages
                    .iter()
                    .copied()
                    .filter(|message| flow.covers.binary_search(message).is_ok())
                    .collect();
                if pick.messages.is_empty() {
                    self.picks_nothing(name);
                } else if covered.is_empty()
                    && !self.covers_unknown
                    && !pick.messages.iter().any(|message| self.contested.contains(message))
                {
                    self.not_covered(name, flow);
                }
                let mut clash = None;
                for message in covered {
                    let weighed = Weighed {
                        weight: pick.weight,
                        span: name.span,
                        step: Step { message, roles: roles.clone(), member: step.member.is_some(), next },
                    };
                    match allowed.steps.get(&message) {
                        Some(known) if known.weight == pick.weight => clash = clash.or(Some((message, known.span))),
                        Some(known) if known.weight > pick.weight => {}
                        _ => {
                            allowed.steps.insert(message, weighed);
                        }
                    }
                }
                // In a file with broken lines one of the two may be half a line.
                if let Some((message, first)) = clash.filter(|_| !self.broken) {
                    self.two_steps(name, message, first, &state.name.text);
                }
            }
        }
        allowed
    }

    fn timeout(&mut self, state: &tree::State, states: &[&tree::State]) -> Option<(Duration, Next)> {
        let (first, rest) = state.timeouts.split_first()?;
        for second in rest {
            let report =
                Diagnostic::new(Code::TwoSteps, second.span, format!("state `{}` has two timeouts", state.name.text))
                    .label("the second one");
            self.report(report.also(first.span, "the first one").help("keep the one that is meant"));
        }
        let next = self.next(&first.to, states);
        Some((Duration::from_millis(first.after.milliseconds?), next))
    }

    fn not_covered(&mut self, pick: &Name, flow: &Flow) {
        let report = Diagnostic::new(
            Code::PickNothing,
            pick.span,
            format!("`{}` is not covered by flow `{}`", pick.text, flow.name),
        )
        .label("allowed anyway");
        self.report(
            report
                .also(flow.origin.span, "covers other messages")
                .help(format!("add `{}` behind `covers`, or remove it here", pick.text)),
        );
    }

    fn two_steps(&mut self, pick: &Name, message: MessageId, first: Span, state: &str) {
        let full = self.message_names[message].clone();
        let report = Diagnostic::new(Code::TwoSteps, pick.span, format!("`{full}` has two steps in state `{state}`"))
            .label("the second one");
        self.report(
            report
                .also(first, "the first one")
                .help("keep one of them; a more exact pick may stand beside a wider one"),
        );
    }
}
