//! Flows: for each state one slot a message, so that asking costs an index.

use super::context::Context;
use super::limits::some;
use super::literal;
use super::protocol::duration;
use crate::generate::writer::Writer;
use crate::model::{Flow, Next, State, Step};

impl<'m> Context<'m> {
    /// `const FLOWS`, and what fills the slots.
    pub fn flows(&self, w: &mut Writer) {
        w.blank();
        let flows = || self.model.flows.iter().filter(|flow| flow.on.is_none());
        if flows().next().is_none() {
            return w.line("const FLOWS: &'static [rt::Flow] = &[];");
        }
        w.closed_block("const FLOWS: &'static [rt::Flow] = {", "};", |w| {
            self.steps_function(w);
            w.blank();
            w.closed_block("&[", "]", |w| flows().for_each(|flow| self.flow(w, flow)));
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

    fn flow(&self, w: &mut Writer, flow: &Flow) {
        let mark = self.mark(&format!("flow {}", flow.name), flow.origin.place());
        w.closed_block(&format!("rt::Flow {{ {mark}"), "},", |w| {
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
        let roles = if roles == 0 { "0".to_owned() } else { format!("{roles:#b}") };
        w.line(format!("({id}, rt::Step {{ roles: {roles}, next: {} }}), // {wire}", next(step.next)));
    }
}

fn next(next: Next) -> String {
    match next {
        Next::Stay => "rt::Next::Stay".to_owned(),
        Next::State(state) => format!("rt::Next::State({state})"),
        Next::End => "rt::Next::End".to_owned(),
    }
}
