//! Flows: what they cover, their states, and where each leads.

use super::Resolver;
use super::attributes::Place;
use super::steps::{Allowed, Pick};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::edits;
use crate::guess;
use crate::model::{Flow, MessageId, Next, State, TopicRef};
use crate::source::Span;
use crate::syntax::tree::{self, Name};

/// States and flows have numbers of one byte at run time.
const MAX_NUMBERED: usize = 255;
/// The name that closes the connection instead of leading to a state.
const END: &str = "end";

impl<'t> Resolver<'t, '_, '_> {
    pub(super) fn flows(&mut self) {
        let full = |message: &crate::model::Message| self.model.full_name(message.namespace, &message.name);
        self.message_names = self.model.messages.iter().map(full).collect();
        let declared = std::mem::take(&mut self.model.flows);
        let written = std::mem::take(&mut self.written.flows);
        // By connection and by topic: a message may be covered by one of each.
        let mut covered = [vec![None; self.model.messages.len()], vec![None; self.model.messages.len()]];
        for (mut flow, written) in declared.into_iter().zip(written) {
            if self.model.flows.len() == MAX_NUMBERED {
                self.too_many(written.name.span, &format!("more than {MAX_NUMBERED} flows"));
                break;
            }
            self.contested.clear();
            self.covers_unknown = false;
            flow.covers = self.covers(written, &mut covered[usize::from(written.on.is_some())]);
            flow.on = written.on.as_ref().and_then(|path| self.topic_of_flow(path, &flow.covers));
            let Some((states, start)) = self.states(written, &flow) else { continue };
            (flow.states, flow.start) = (states, start);
            self.model.flows.push(flow);
            self.written.flows.push(written);
        }
    }

    /// The messages a flow covers, each in one flow only.
    fn covers(&mut self, written: &tree::Flow, covered: &mut [Option<usize>]) -> Vec<MessageId> {
        let this = self.model.flows.len();
        let mut found = Vec::new();
        for name in &written.covers {
            let pick = Pick::new(name, &self.message_names);
            if pick.messages.is_empty() {
                self.picks_nothing(name);
                self.covers_unknown = true;
            }
            let other = pick
                .messages
                .iter()
                .find_map(|&message| covered[message].filter(|&flow| flow != this).map(|flow| (message, flow)));
            if let Some((message, flow)) = other {
                self.in_two_flows(name, message, flow);
            }
            for message in pick.messages {
                match covered[message] {
                    None => {
                        covered[message] = Some(this);
                        found.push(message);
                    }
                    Some(flow) if flow != this => self.contested.push(message),
                    Some(_) => {}
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// The topic that a flow is on; every message it covers has a field for each place.
    fn topic_of_flow(&mut self, path: &'t tree::TopicPath, covers: &[MessageId]) -> Option<TopicRef> {
        let topic = self.topic_named(0, path)?;
        let mut complete = true;
        for &message in covers {
            let (name, payload) = (self.message_names[message].clone(), self.model.messages[message].payload.clone());
            complete &= self.topic_ref(0, path, &name, &payload).is_some();
        }
        let places = path.parts.iter().filter_map(|part| match part {
            tree::TopicPart::Place(place) => Some(place.path.clone()),
            tree::TopicPart::Literal(_) => None,
        });
        complete.then(|| TopicRef { topic, places: places.collect() })
    }

    fn in_two_flows(&mut self, pick: &Name, message: MessageId, flow: usize) {
        let full = self.message_names[message].clone();
        let (other, span) = (self.model.flows[flow].name.clone(), self.model.flows[flow].origin.span);
        let report = Diagnostic::new(Code::TwoFlows, pick.span, format!("`{full}` is covered by two flows"))
            .label("covered here");
        self.report(
            report
                .also(span, format!("and by `{other}`"))
                .help("a message belongs to one flow: name fewer behind `covers`"),
        );
    }

    /// A pick that matches no message at all.
    pub(super) fn picks_nothing(&mut self, pick: &Name) {
        let may_be_broken = ["message", "namespace"].iter().any(|kind| self.broken_kinds.contains(kind));
        if self.is_ghost(&pick.text) || may_be_broken {
            return;
        }
        let report =
            Diagnostic::new(Code::PickNothing, pick.span, format!("`{}` matches no message", guess::clip(&pick.text)))
                .label("no message of this name");
        let help = self.help_for_pick(&pick.text);
        self.report(report.help(help));
    }

    fn help_for_pick(&self, pick: &str) -> Help {
        let wide: Vec<String> =
            self.model.namespaces.iter().skip(1).map(|namespace| format!("{}/*", namespace.path.join("/"))).collect();
        let names = || self.message_names.iter().map(String::as_str);
        let is_event = self.model.events.iter().any(|event| self.model.full_name(event.namespace, &event.name) == pick);
        let same_name = self.model.messages.iter().position(|message| message.name == pick);
        if is_event {
            return format!("`{pick}` is an event, which the server sends; flows are about messages").into();
        }
        if wide.iter().any(|wide| wide.strip_suffix("/*") == Some(pick)) {
            return Help::did_you_mean(format!("{pick}/*"));
        }
        if let Some(message) = same_name {
            return Help::did_you_mean(&self.message_names[message]);
        }
        let legal: Vec<&str> =
            if pick.ends_with('*') { wide.iter().map(String::as_str).collect() } else { names().collect() };
        guess::did_you_mean(pick, legal.iter().copied()).unwrap_or_else(|| match legal.is_empty() {
            true => "declare a message first".into(),
            false if pick.ends_with('*') => format!("below which messages are there is {}", guess::list(legal)).into(),
            false => format!("the messages are {}", guess::list(legal)).into(),
        })
    }

    /// The states with all they inherit, and the index of the first one; `None` when there is none to start in.
    fn states(&mut self, written: &'t tree::Flow, flow: &Flow) -> Option<(Vec<State>, usize)> {
        let states = self.distinct_states(written);
        let start = self.start(written, &states)?;
        let own: Vec<Allowed> = states.iter().map(|state| self.allowed(state, &states, flow)).collect();
        let parents = self.parents(&states);
        let mut lowered = Vec::new();
        for (index, state) in states.iter().enumerate() {
            self.attributes(&state.lead, Place::Other);
            let mut allowed = own[index].clone();
            let mut ancestor = parents[index];
            while let Some(parent) = ancestor {
                allowed.inherit(&own[parent]);
                ancestor = parents[parent];
            }
            let origin = self.origin(&state.name, &state.lead.docs);
            lowered.push(State {
                name: state.name.text.clone(),
                timeout: allowed.timeout,
                steps: allowed.into_steps(),
                origin,
            });
        }
        Some((lowered, start))
    }

    fn distinct_states(&mut self, written: &'t tree::Flow) -> Vec<&'t tree::State> {
        let mut states: Vec<&tree::State> = Vec::new();
        for state in &written.states {
            if let Some(first) = states.iter().find(|known| known.name.text == state.name.text) {
                self.declared_twice(&format!("state `{}`", state.name.text), state.name.span, first.name.span);
                continue;
            }
            if state.name.text == END {
                let report = Diagnostic::new(Code::Taken, state.name.span, "no state can be called `end`")
                    .label("closes the connection");
                self.report(report.help("rename it; `-> end` closes the connection"));
                continue;
            }
            if states.len() == MAX_NUMBERED {
                self.too_many(state.name.span, &format!("more than {MAX_NUMBERED} states"));
                break;
            }
            states.push(state);
        }
        states
    }

    fn start(&mut self, written: &tree::Flow, states: &[&tree::State]) -> Option<usize> {
        let mut starts = states.iter().enumerate().filter(|(_, state)| state.start);
        let Some((first, state)) = starts.next() else {
            if !self.broken {
                let report = Diagnostic::new(
                    Code::Start,
                    written.name.span,
                    format!("flow `{}` has no start", written.name.text),
                )
                .label("in which state is a new connection?");
                let report = report.help("write `start` instead of `state` for the first one: `start anonymous { … }`");
                let first = states.first().and_then(|state| self.keyword_of(state, "state"));
                self.report(match first {
                    Some(keyword) => report.fix(keyword, "start"),
                    None => report,
                });
            }
            return (!states.is_empty()).then_some(0);
        };
        for (_, second) in starts {
            let report =
                Diagnostic::new(Code::Start, second.name.span, format!("flow `{}` has two starts", written.name.text))
                    .label("the second one");
            let report =
                report.also(state.name.span, "the first one").help(format!("write `state {}`", second.name.text));
            let keyword = self.keyword_of(second, "start");
            self.report(match keyword {
                Some(keyword) => report.fix(keyword, "state"),
                None => report,
            });
        }
        Some(first)
    }

    fn keyword_of(&self, state: &tree::State, keyword: &str) -> Option<Span> {
        edits::word_before(self.source(state.name.span)?, state.name.span, keyword)
    }

    /// The state that each one extends; circles are reported and cut.
    fn parents(&mut self, states: &[&tree::State]) -> Vec<Option<usize>> {
        let mut parents: Vec<Option<usize>> = Vec::new();
        for state in states {
            let parent = state.extends.as_ref().and_then(|name| self.state_named(name, states, "extends"));
            parents.push(parent);
        }
        for index in 0..states.len() {
            let mut at = index;
            let mut steps = 0;
            while let Some(parent) = parents[at].filter(|_| steps <= states.len()) {
                at = parent;
                steps += 1;
                if at == index {
                    break;
                }
            }
            if steps > 0 && at == index {
                self.extends_circle(states[index]);
                parents[index] = None;
            }
        }
        parents
    }

    fn extends_circle(&mut self, state: &tree::State) {
        let span = state.extends.as_ref().map_or(state.name.span, |name| name.span);
        let report = Diagnostic::new(Code::ExtendsCircle, span, format!("state `{}` extends itself", state.name.text))
            .label("leads back to it");
        self.report(report.help("let the common one extend nothing"));
    }

    /// Where an arrow leads.
    pub(super) fn next(&mut self, name: &Name, states: &[&tree::State]) -> Next {
        if name.text == END {
            return Next::End;
        }
        self.state_named(name, states, "->").map_or(Next::Stay, Next::State)
    }

    fn state_named(&mut self, name: &Name, states: &[&tree::State], word: &str) -> Option<usize> {
        let found = states.iter().position(|state| state.name.text == name.text);
        if found.is_none() && !self.is_ghost(&name.text) && !self.broken_kinds.contains("state") {
            let legal = states.iter().map(|state| state.name.text.as_str()).chain((word == "->").then_some(END));
            let help = guess::did_you_mean(&name.text, legal.clone())
                .unwrap_or_else(|| format!("the states are {}", guess::list(legal)).into());
            let code = if word == "->" { Code::UnknownState } else { Code::UnknownName };
            let report = Diagnostic::new(code, name.span, format!("unknown state `{}`", guess::clip(&name.text)))
                .label("no state of this name");
            self.report(report.help(help));
        }
        found
    }
}
