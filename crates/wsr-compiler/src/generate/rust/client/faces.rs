//! A struct a namespace, with a method for each thing that can be done with it.

use std::collections::BTreeSet;

use super::Client;
use super::heard::What;
use crate::generate::casing::{field_name, identifier, module_name};
use crate::generate::rust::context::Scope;
use crate::generate::rust::literal;
use crate::generate::writer::Writer;
use crate::model::{Message, MessageId};

impl<'m> Client<'m> {
    pub(super) fn face(&self, w: &mut Writer, scope: Scope) {
        let Some(face) = self.names.faces.get(scope.namespace).or(self.names.faces.first()) else { return };
        let routes = self.context.root_item(scope, "Routes");
        let is_root = scope.namespace == 0;
        w.blank();
        match is_root {
            true => {
                w.line("/// A client of this protocol: what stands in no namespace, and the way to each namespace.")
            }
            false => {
                let path = self.context.path(scope.namespace).join("/");
                w.line(format!("/// What there is in `{}`.", literal::comment(&path)));
            }
        }
        w.line("#[derive(Clone, Debug)]");
        w.block(format!("pub struct {face}"), |w| w.line(format!("client: rt::Client<{routes}>,")));
        w.blank();
        w.block(format!("impl ::std::convert::From<rt::Client<{routes}>> for {face}"), |w| {
            w.block(format!("fn from(client: rt::Client<{routes}>) -> Self"), |w| w.line("Self { client }"));
        });
        w.blank();
        w.block(format!("impl ::std::ops::Deref for {face}"), |w| {
            w.line(format!("type Target = rt::Client<{routes}>;"));
            w.blank();
            w.block("fn deref(&self) -> &Self::Target", |w| w.line("&self.client"));
        });
        w.blank();
        w.block(format!("impl {face}"), |w| {
            w.line("/// The same, where a message fails after this time.");
            w.block("pub fn within(&self, time: ::std::time::Duration) -> Self", |w| {
                w.line("Self { client: self.client.within(time) }");
            });
            self.methods(w, scope, is_root);
        });
    }

    fn methods(&self, w: &mut Writer, scope: Scope, is_root: bool) {
        let mut taken: BTreeSet<String> = ["within".to_owned(), "from".to_owned()].into();
        if is_root {
            taken.extend(["connect".to_owned()]);
            w.blank();
            w.line("/// Connects to a server, now and after each loss; what is said before waits.");
            w.line("///");
            w.line("/// # Panics");
            w.line("/// Outside of a runtime of tokio.");
            let head = "pub fn connect(to: impl ::std::convert::Into<rt::Address>, options: rt::Options<Self>) -> Self";
            w.block(head, |w| w.line("Self { client: rt::Client::connect(to.into(), options) }"));
        }
        for child in self.context.children(scope.namespace) {
            let Some(name) = self.model().namespaces[child].path.last() else { continue };
            let method = unused(&module_name(name), "namespace", &mut taken);
            let path = self.context.item(scope, child, &self.names.faces[child]);
            w.blank();
            w.lines(literal::docs(&self.model().namespaces[child].docs));
            w.block(format!("pub fn {method}(&self) -> {path}"), |w| {
                w.line(format!("{path}::from(self.client.clone())"))
            });
        }
        for (id, message) in self.model().messages.iter().enumerate() {
            if message.namespace == scope.namespace {
                let method = unused(&field_name(&message.name), "message", &mut taken);
                self.call(w, scope, id, message, &method);
            }
        }
        self.ask_methods(w, scope, &mut taken);
        self.event_methods(w, scope, &mut taken);
        for (id, topic) in self.topics_of(scope.namespace) {
            let method = unused(&field_name(&topic.name), "topic", &mut taken);
            self.topic_method(w, scope, id, topic, &method);
        }
        if is_root {
            for (id, flow) in self.typed_flows() {
                let method = unused(&field_name(&flow.name), "flow", &mut taken);
                self.flow_method(w, id, flow, &method);
            }
        }
    }

    /// How a message is given to a method: by reference, or not at all when there is nothing to say.
    pub(super) fn parameter(&self, scope: Scope, id: MessageId, message: &'m Message) -> (String, String) {
        let path = self.context.message_path(scope, id);
        let bare = match &message.payload {
            crate::model::Payload::None => true,
            crate::model::Payload::Fields(fields) => self.context.kept(fields).next().is_none(),
            crate::model::Payload::Type(_) => false,
        };
        if bare { (String::new(), format!("&{path}")) } else { (format!(", message: &{path}"), "message".to_owned()) }
    }

    fn call(&self, w: &mut Writer, scope: Scope, id: MessageId, message: &'m Message, method: &str) {
        let (reply, error) = self.outcome(scope, message);
        let (parameter, given) = self.parameter(scope, id, message);
        let sends = self.context.root_item(scope, &self.names.sends);
        w.blank();
        w.lines(literal::above(&message.origin));
        if message.stream().is_some() {
            let head = format!("pub fn {method}(&self{parameter}) -> rt::Items<{reply}, {error}>");
            return w.block(head, |w| w.line(format!("self.client.stream::<{sends}<{id}>>({given})")));
        }
        let head = format!("pub fn {method}(&self{parameter}) -> {}", answer(&reply, &error));
        w.block(head, |w| w.line(format!("self.client.call::<{sends}<{id}>>({given})")));
    }

    fn ask_methods(&self, w: &mut Writer, scope: Scope, taken: &mut BTreeSet<String>) {
        for (number, ask) in self.model().asks.iter().enumerate().filter(|(_, ask)| ask.namespace == scope.namespace) {
            let method = unused(&format!("on_{}", field_name(&ask.name)), "ask", taken);
            let asks = self.context.root_item(scope, &self.names.asks);
            let (reply, error) = self.ask_outcome(scope, ask);
            let payload = identifier(&crate::generate::casing::type_name(&ask.name));
            w.blank();
            w.lines(literal::above(&ask.origin));
            w.line("///");
            w.line("/// Answers it from now on, in place of who did before, until the guard is dropped.");
            w.line("#[must_use = \"dropping it ends it\"]");
            w.line(format!("pub fn {method}<Answer_, Future_>(&self, answer: Answer_) -> rt::Listening"));
            w.line("where");
            w.line(format!("    Answer_: ::std::ops::Fn({payload}) -> Future_ + §Send + §Sync + 'static,"));
            let output = format!("§Result<{reply}, {error}>");
            w.line(format!("    Future_: ::std::future::Future<Output = {output}> + §Send + 'static,"));
            w.closed_block("{", "}", |w| w.line(format!("self.client.answer::<{asks}<{number}>, _, _>(answer)")));
        }
    }

    fn event_methods(&self, w: &mut Writer, scope: Scope, taken: &mut BTreeSet<String>) {
        for (number, row) in self.rows.0.iter().enumerate().filter(|(_, row)| row.namespace == scope.namespace) {
            let (base, origin) = match row.what {
                What::Event(id) => (field_name(&row.name), Some(&self.model().events[id].origin)),
                What::Relayed(id) => (field_name(&row.name), Some(&self.model().messages[id].origin)),
                What::Presence(..) => (format!("{}_presence", field_name(&row.name)), None),
                What::States(_) => (format!("{}_state", field_name(&row.name)), None),
            };
            let stream = unused(&base, "event", taken);
            let callback = unused(&format!("on_{base}"), "event", taken);
            let hears = self.context.root_item(scope, &self.names.hears);
            let payload = self.heard_type(scope, row.what);
            w.blank();
            let docs = origin.map_or(Vec::new(), literal::above);
            w.lines(&docs);
            w.block(format!("pub fn {stream}(&self) -> rt::Events<{payload}>"), |w| {
                w.line(format!("self.client.events::<{hears}<{number}>>()"));
            });
            w.blank();
            w.lines(&docs);
            w.line("///");
            w.line("/// Calls back with each, where the connection is read, until the guard is dropped.");
            w.line("#[must_use = \"dropping it ends it\"]");
            let bound = format!("impl ::std::ops::Fn(&{payload}) + §Send + §Sync + 'static");
            w.block(format!("pub fn {callback}(&self, callback: {bound}) -> rt::Listening"), |w| {
                w.line(format!("self.client.on::<{hears}<{number}>>(callback)"));
            });
        }
    }
}

/// The type of a future that is an answer, and borrows nothing.
pub(super) fn answer(reply: &str, error: &str) -> String {
    let outcome = format!("§Result<{reply}, rt::Error<{error}>>");
    format!("impl ::std::future::Future<Output = {outcome}> + §Send + 'static + use<>")
}

/// The name, with its kind behind it if something else has it.
pub(super) fn unused(name: &str, kind: &str, taken: &mut BTreeSet<String>) -> String {
    let name = if taken.contains(name) { format!("{name}_{kind}") } else { name.to_owned() };
    identifier(&super::unused(&name, taken))
}
