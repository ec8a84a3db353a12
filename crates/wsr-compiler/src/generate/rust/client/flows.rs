//! Flows of connections: a type a state, with the messages of that state and no others.

use std::collections::BTreeSet;

use super::Client;
use super::faces::{answer, unused};
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::rust::context::Scope;
use crate::generate::rust::{literal, paths};
use crate::generate::writer::Writer;
use crate::model::{Flow, Message, Next, State, Step};

impl<'m> Client<'m> {
    /// Flows of connections, whose states are types.
    pub(super) fn typed_flows(&self) -> impl Iterator<Item = (usize, &'m Flow)> {
        self.model().flows.iter().enumerate().filter(|(_, flow)| flow.on.is_none())
    }

    /// The flow that a message moves, somewhere.
    pub(super) fn moves(&self, message: &Message) -> Option<usize> {
        let leads = |step: &Step| {
            let found = self.model().messages.get(step.message);
            found.is_some_and(|found| found.wire == message.wire) && step.next != Next::Stay
        };
        let mut flows = self.typed_flows();
        flows.find(|(_, flow)| flow.states.iter().flat_map(|state| &state.steps).any(leads)).map(|(id, _)| id)
    }

    pub(super) fn flow(&self, w: &mut Writer, id: usize, flow: &'m Flow) {
        let names = states(flow);
        let start = names.get(flow.start).map_or("()", String::as_str);
        // Written from inside of a module of the root's module.
        let scope = Scope { namespace: usize::MAX, depth: 2 };
        w.blank();
        w.line(format!(
            "/// The states of the flow `{}`, each with the messages that it allows.",
            literal::comment(&flow.name)
        ));
        w.block(format!("pub mod {}", self.names.flows[id]), |w| {
            w.line(format!("use {} as {};", paths::CLIENT_RUNTIME, paths::ALIAS));
            w.blank();
            w.lines(literal::docs(&flow.origin.docs));
            if !flow.origin.docs.is_empty() {
                w.line("///");
            }
            w.line("/// A connection in one of the states. It ends with the connection: then its messages fail with `ConnectionLost`,");
            w.line("/// and the flow is begun anew on another one.");
            let routes = self.context.root_item(scope, "Routes");
            w.line("#[derive(Debug)]");
            w.block("pub struct Flow<State_>", |w| {
                w.line(format!("on: rt::OneConnection<{routes}>,"));
                w.line("state: ::std::marker::PhantomData<fn() -> State_>,");
            });
            w.blank();
            w.block(format!("impl ::std::convert::From<rt::OneConnection<{routes}>> for Flow<{start}>"), |w| {
                w.line("/// In the first state.");
                w.block(format!("fn from(on: rt::OneConnection<{routes}>) -> Self"), |w| w.line("in_state(on)"));
            });
            w.blank();
            w.block(format!("fn in_state<State_>(on: rt::OneConnection<{routes}>) -> Flow<State_>"), |w| {
                w.line("Flow { on, state: ::std::marker::PhantomData }");
            });
            for (state, name) in flow.states.iter().zip(&names) {
                w.blank();
                w.lines(literal::docs(&state.origin.docs));
                w.line(format!("/// The state `{}`.", literal::comment(&state.name)));
                w.lines(after(state, flow));
                w.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]");
                w.line(format!("pub enum {name} {{}}"));
            }
            for (state, name) in flow.states.iter().zip(&names) {
                self.state(w, scope, state, name, &names);
            }
        });
    }

    fn state(&self, w: &mut Writer, scope: Scope, state: &'m State, name: &str, names: &[String]) {
        let mut taken = BTreeSet::new();
        w.blank();
        w.line(format!("/// What the state `{}` allows.", literal::comment(&state.name)));
        w.block(format!("impl Flow<{name}>"), |w| {
            for step in &state.steps {
                self.step(w, scope, step, names, &mut taken);
            }
        });
    }

    fn step(&self, w: &mut Writer, scope: Scope, step: &'m Step, names: &[String], taken: &mut BTreeSet<String>) {
        let Some(message) = self.model().messages.get(step.message) else { return };
        let id = step.message;
        let method = unused(&field_name(&self.context.variants[id]), "message", taken);
        let (reply, error) = self.outcome(scope, message);
        let (parameter, given) = self.parameter(scope, id, message);
        let sends = format!("{}<{id}>", self.context.root_item(scope, &self.names.sends));
        w.blank();
        let mut docs = literal::docs(&message.origin.docs);
        if !docs.is_empty() {
            docs.push("///".to_owned());
        }
        docs.push(format!("/// `{}`{}", literal::comment(&message.wire), self.roles_of(step)));
        w.lines(docs);
        if message.stream().is_some() {
            let head = format!("pub fn {method}(&self{parameter}) -> rt::Items<{reply}, {error}>");
            return w.block(head, |w| w.line(format!("self.on.stream::<{sends}>({given})")));
        }
        match step.next {
            Next::Stay => {
                let head = format!("pub fn {method}(&self{parameter}) -> {}", answer(&reply, &error));
                w.block(head, |w| w.line(format!("self.on.call::<{sends}>({given})")));
            }
            Next::End => {
                w.line("///");
                w.line("/// The connection ends with it.");
                let head =
                    format!("pub async fn {method}(self{parameter}) -> §Result<{reply}, rt::Stayed<{error}, Self>>");
                w.block(head, |w| {
                    w.block(format!("match self.on.call::<{sends}>({given}).await"), |w| {
                        w.line("§Ok(reply) => §Ok(reply),");
                        w.line("§Err(error) => §Err(rt::Stayed { error, flow: self }),");
                    });
                });
            }
            Next::State(next) => {
                let next = names.get(next).map_or("", String::as_str);
                w.line("///");
                w.line(format!("/// Leads to [`{next}`]; on an error the flow stays here."));
                let head = format!(
                    "pub async fn {method}(self{parameter}) -> §Result<({reply}, Flow<{next}>), rt::Stayed<{error}, Self>>"
                );
                w.block(head, |w| {
                    w.block(format!("match self.on.call::<{sends}>({given}).await"), |w| {
                        w.line("§Ok(reply) => §Ok((reply, in_state(self.on))),");
                        w.line("§Err(error) => §Err(rt::Stayed { error, flow: self }),");
                    });
                });
            }
        }
    }

    fn roles_of(&self, step: &Step) -> String {
        let roles = step.roles.iter().filter_map(|&role| self.model().roles.get(role));
        let roles: Vec<String> = roles.map(|role| format!("`{}`", literal::comment(&role.name))).collect();
        if roles.is_empty() { String::new() } else { format!(", only with the role {}", roles.join(" or ")) }
    }

    /// The method of the root that begins a flow.
    pub(super) fn flow_method(&self, w: &mut Writer, id: usize, flow: &'m Flow, method: &str) {
        let names = states(flow);
        let Some(start) = names.get(flow.start) else { return };
        let module = &self.names.flows[id];
        w.blank();
        w.line(format!(
            "/// The flow `{}` of the connection that is there, in its first state: once a connection, and",
            literal::comment(&flow.name)
        ));
        w.line(
            "/// only as long as no other message has moved it. After a loss it is begun anew, best while signing in.",
        );
        w.line("///");
        w.line("/// # Errors");
        w.line("/// `Offline` without a connection, `Begun` when it is no longer in its first state.");
        let head = format!("pub fn {method}(&self) -> §Result<{module}::Flow<{module}::{start}>, rt::NoFlow>");
        w.block(head, |w| w.line(format!("self.client.begin_flow({id}).map(::std::convert::From::from)")));
    }
}

/// The types of a flow's states.
fn states(flow: &Flow) -> Vec<String> {
    let mut taken: BTreeSet<String> = ["Flow".to_owned()].into();
    flow.states
        .iter()
        .map(|state| super::unused(identifier(&type_name(&state.name)).trim_end_matches('_'), &mut taken))
        .collect()
}

/// Where time leads.
fn after(state: &State, flow: &Flow) -> Vec<String> {
    let Some((time, next)) = state.timeout else { return Vec::new() };
    let leads = match next {
        Next::Stay => "it stays here".to_owned(),
        Next::End => "the server ends the connection".to_owned(),
        Next::State(next) => {
            let name = flow.states.get(next).map_or("", |state| state.name.as_str());
            format!("the server goes on to `{}`, and refuses what that does not allow", literal::comment(name))
        }
    };
    vec!["///".to_owned(), format!("/// After {time:?} {leads}.")]
}
