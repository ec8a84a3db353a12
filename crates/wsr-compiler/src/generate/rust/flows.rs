//! Flows: for each state one slot a message, so that asking costs an index.

use super::context::{Context, Scope};
use super::limits::some;
use super::literal;
use super::protocol::duration;
use crate::generate::writer::Writer;
use crate::model::{Flow, MessageId, Next, State, Step, TopicRef};

impl<'m> Context<'m> {
    /// `const FLOWS` and `const ROOMS`, and what fills the slots.
    pub fn flows(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        let of_connections = || self.model.flows.iter().filter(|flow| flow.on.is_none());
        match of_connections().next() {
            None => w.line("const FLOWS: &'static [rt::Flow] = &[];"),
            Some(_) => w.closed_block("const FLOWS: &'static [rt::Flow] = {", "};", |w| {
                self.steps_function(w);
                w.blank();
                w.closed_block("&[", "]", |w| of_connections().for_each(|flow| self.flow(w, "", flow, ",")));
            }),
        }
        if self.flows_on_topics().next().is_some() {
            self.rooms(w, scope);
        }
    }

    /// The flows on topics, in the order of their numbers at run time.
    pub fn flows_on_topics(&self) -> impl Iterator<Item = (&'m Flow, &'m TopicRef)> {
        self.model.flows.iter().filter_map(|flow| Some((flow, flow.on.as_ref()?)))
    }

    /// The number of the flow on topics that covers a message.
    pub fn room_of(&self, id: MessageId) -> Option<usize> {
        self.flows_on_topics().position(|(flow, _)| flow.covers.contains(&id))
    }

    /// What a flow on topics says to members, `game#state`.
    pub fn state_event(flow: &Flow) -> String {
        format!("{}#state", flow.name)
    }

    fn rooms(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        let first = self.first_state_event();
        w.closed_block("const ROOMS: &'static [rt::Room] = {", "};", |w| {
            self.steps_function(w);
            w.blank();
            w.closed_block("&[", "]", |w| {
                for (number, (flow, _)) in self.flows_on_topics().enumerate() {
                    w.closed_block("rt::Room {", "},", |w| {
                        self.flow(w, "flow: ", flow, ",");
                        let name = literal::string(&Self::state_event(flow));
                        w.line(format!("event: rt::EventInfo::named({name}, {}),", first + number));
                    });
                }
            });
        });
        w.blank();
        w.block("fn room(incoming: &Incoming) -> §Option<§String>", |w| {
            w.block("match incoming", |w| {
                let mut covered = 0;
                for (flow, topic) in self.flows_on_topics() {
                    for &id in &flow.covers {
                        covered += 1;
                        let call = self.topic_call(scope, topic, "message");
                        let place = if topic.places.is_empty() { "_" } else { "message" };
                        w.line(format!("Incoming::{}({place}) => §Some({call}.key().to_owned()),", self.variants[id]));
                    }
                }
                if covered < self.model.messages.len() {
                    w.line("_ => §None,");
                }
            });
        });
    }

    /// Nothing is allowed in a state but what is listed.
    fn steps_function(&self, w: &mut Writer) {
        let slots = format!("[§Option<rt::Step>; {}]", self.model.messages.len());
        w.block(format!("const fn allowed(steps: &[(usize, rt::Step)]) -> {slots}"), |w| {
            w.line(format!("let mut slots = [§None; {}];", self.model.messages.len()));
            w.line("let mut index = 0;");
            w.block("while index < steps.len()", |w| {
                w.line("slots[steps[index].0] = §Some(steps[index].1);");
                w.line("index += 1;");
            });
            w.line("slots");
        });
    }

    fn flow(&self, w: &mut Writer, before: &str, flow: &Flow, behind: &str) {
        let mark = self.mark(&format!("flow {}", flow.name), flow.origin.place());
        w.closed_block(&format!("{before}rt::Flow {{ {mark}"), &format!("}}{behind}"), |w| {
            w.line(format!("name: {},", literal::string(&flow.name)));
            w.line(format!("start: {},", flow.start));
            w.closed_block("states: &[", "],", |w| flow.states.iter().for_each(|state| self.state(w, state)));
        });
    }

    fn state(&self, w: &mut Writer, state: &State) {
        let mark = self.mark(&format!("state {}", state.name), state.origin.place());
        w.closed_block(&format!("rt::FlowState {{ {mark}"), "},", |w| {
            w.line(format!("name: {},", literal::string(&state.name)));
            let timeout = state.timeout.map(|(after, to)| format!("({}, {})", duration(after), next(to)));
            w.line(format!("timeout: {},", some(timeout)));
            w.closed_block("steps: &allowed(&[", "]),", |w| {
                for step in &state.steps {
                    self.step(w, step);
                }
            });
        });
    }

    fn step(&self, w: &mut Writer, step: &Step) {
        let Some(message) = self.model.messages.get(step.message) else { return };
        let roles = step.roles.iter().filter(|&&role| role < 64).fold(0_u64, |mask, &role| mask | 1 << role);
        let (id, wire) = (step.message, literal::comment(&message.wire));
        let roles = if roles == 0 { String::new() } else { format!(".by_roles({roles:#b})") };
        let member = if step.member { ".by_members()" } else { "" };
        w.line(format!("({id}, rt::Step::to({}){roles}{member}), // {wire}", next(step.next)));
    }
}

fn next(next: Next) -> String {
    match next {
        Next::Stay => "rt::Next::Stay".to_owned(),
        Next::State(state) => format!("rt::Next::State({state})"),
        Next::End => "rt::Next::End".to_owned(),
    }
}
