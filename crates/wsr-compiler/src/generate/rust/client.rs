//! The other end: a client of a protocol, on the crate `switchboard-client`.
//!
//! Types, checks and coding are those of the server, written by the same functions. What is added is what a client can do:
//! a struct a namespace with a method a message, streams of events, topics, and a type a state of a flow.

mod calls;
mod faces;
mod flows;
mod heard;
mod topics;

use std::collections::BTreeSet;

use super::context::{Context, Scope};
use super::items::Head;
use super::literal;
use super::paths;
use super::types::payload_fields;
use super::{named_by, named_in};
use crate::generate::casing::{field_name, identifier, module_name, type_name};
use crate::generate::writer::Writer;
use crate::model::{Field, Model, NamespaceId, Origin, Payload, Type};

use self::heard::Rows;

/// The client of a protocol; `head` is its first line.
pub(in crate::generate) fn generate(model: &Model, head: &str) -> String {
    let context = Context::of_client(model);
    let client = Client { names: Names::of(&context), rows: Rows::of(&context), context };
    let mut w = Writer::trimming();
    w.line(head);
    client.root(&mut w);
    for id in client.context.children(0) {
        w.blank();
        w.line(paths::ALLOW);
        client.namespace(&mut w, id);
    }
    w.finish()
}

/// A protocol and what its client calls things.
struct Client<'m> {
    context: Context<'m>,
    names: Names,
    rows: Rows<'m>,
}

/// Names of what no author has named.
struct Names {
    /// By namespace: the struct with its methods.
    faces: Vec<String>,
    any_event: String,
    any_ask: String,
    /// What stands for a message, for what is heard, and for an ask, by their numbers.
    sends: String,
    hears: String,
    asks: String,
    /// By flow: the module of its states.
    flows: Vec<String>,
}

impl Names {
    fn of(context: &Context<'_>) -> Self {
        let model = context.model;
        let taken_in = |namespace: NamespaceId| {
            let mut taken = context.type_names(namespace).clone();
            let topics = model.topics.iter().enumerate().filter(|(_, topic)| topic.namespace == namespace);
            taken.extend(topics.map(|(id, _)| context.topic_marker(id)));
            taken.extend(["Role", "Routes", "Option", "Result", "Vec", "String"].map(str::to_owned));
            taken
        };
        let mut root = taken_in(0);
        let protocol = model.protocol.as_ref().map_or("Client".to_owned(), |protocol| type_name(&protocol.name));
        let mut faces = vec![unused(&identifier(&protocol), &mut root)];
        faces.extend((1..model.namespaces.len()).map(|id| unused("Client", &mut taken_in(id))));
        let modules = model.namespaces.iter().filter(|space| space.path.len() == 1);
        let mut modules: BTreeSet<String> = modules.map(|space| module_name(&space.path[0])).collect();
        modules.insert(context.root_module.clone());
        let flows = model.flows.iter().map(|flow| unused(&format!("{}_flow", field_name(&flow.name)), &mut modules));
        Self {
            faces,
            any_event: unused("AnyEvent", &mut root),
            any_ask: unused("AnyAsk", &mut root),
            sends: unused("Sends", &mut root),
            hears: unused("Hears", &mut root),
            asks: unused("Asks", &mut root),
            flows: flows.collect(),
        }
    }
}

/// The name, or with a number what nothing else is called.
fn unused(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut unused = name.to_owned();
    let mut count = 1;
    while !taken.insert(unused.clone()) {
        count += 1;
        unused = format!("{name}{count}");
    }
    unused
}

impl<'m> Client<'m> {
    fn model(&self) -> &'m Model {
        self.context.model
    }

    fn root(&self, w: &mut Writer) {
        let context = &self.context;
        let module = identifier(&context.root_module);
        w.blank();
        w.line(paths::ALLOW);
        w.line(format!("pub use {module}::{{"));
        let names = &self.names;
        let mut exported: BTreeSet<String> = ["Role", "Routes"].map(str::to_owned).into();
        exported.extend([&names.any_event, &names.any_ask, &names.sends, &names.hears, &names.asks].map(Clone::clone));
        exported.insert(names.faces[0].clone());
        exported.extend(context.type_names(0).iter().cloned());
        for (id, _) in self.topics_of(0) {
            exported.insert(context.topic_marker(id));
        }
        exported.extend(self.typed_flows().map(|(id, _)| names.flows[id].clone()));
        for name in exported {
            w.line(format!("    {name},"));
        }
        w.line("};");
        w.blank();
        if let Some(protocol) = &self.model().protocol {
            w.lines(literal::docs(&protocol.origin.docs));
        }
        w.line(paths::ALLOW);
        w.block(format!("pub mod {module}"), |w| {
            let scope = context.scope(0);
            w.line(format!("use {} as {};", paths::CLIENT_RUNTIME, paths::ALIAS));
            let before = w.shadow(context.shadowed(0));
            self.items(w, scope);
            self.glue(w, scope);
            w.shadow(before);
        });
    }

    fn namespace(&self, w: &mut Writer, id: NamespaceId) {
        let space = &self.model().namespaces[id];
        let Some(name) = space.path.last() else { return };
        w.lines(literal::docs(&space.docs));
        w.block(format!("pub mod {}", identifier(&module_name(name))), |w| {
            w.line(format!("use {} as {};", paths::CLIENT_RUNTIME, paths::ALIAS));
            let before = w.shadow(self.context.shadowed(id));
            self.items(w, self.context.scope(id));
            for child in self.context.children(id) {
                w.blank();
                self.namespace(w, child);
            }
            w.shadow(before);
        });
    }

    /// The items of a namespace: types, events, asks, messages, topics, and what can be done with them.
    fn items(&self, w: &mut Writer, scope: Scope) {
        let (model, namespace) = (self.model(), scope.namespace);
        let mut inline = BTreeSet::new();
        for (id, def) in model.types.iter().enumerate() {
            if def.namespace == namespace && !def.inline {
                self.context.named_type(w, scope, id, def);
                self.context.inline_types(w, scope, &mut inline, &named_by(def));
            }
        }
        for event in model.events.iter().filter(|event| event.namespace == namespace) {
            self.received(w, scope, &event.name, &event.payload, &event.origin, event.open);
            let types = super::types::payload_types(&event.payload);
            self.context.inline_types(w, scope, &mut inline, &named_in(&types));
        }
        for ask in model.asks.iter().filter(|ask| ask.namespace == namespace) {
            self.received(w, scope, &ask.name, &ask.payload, &ask.origin, false);
        }
        for message in model.messages.iter().filter(|message| message.namespace == namespace) {
            self.message(w, scope, message);
        }
        for (id, def) in model.types.iter().enumerate() {
            if def.namespace == namespace && def.inline && inline.insert(id) {
                self.context.named_type(w, scope, id, def);
            }
        }
        for (id, topic) in self.topics_of(namespace) {
            self.topic(w, scope, id, topic);
        }
        self.face(w, scope);
    }

    /// The struct of an event or ask, and how it is read.
    fn received(&self, w: &mut Writer, scope: Scope, name: &str, payload: &'m Payload, origin: &Origin, open: bool) {
        let name = identifier(&type_name(name));
        let head = Head { name, above: literal::above(origin), mark: String::new() };
        match payload {
            Payload::Type(ty) => self.wrapped(w, scope, &head, ty),
            payload => {
                let fields: &'m [Field] = payload_fields(payload);
                self.context.structure(w, scope, &head, fields);
                self.context.decode_struct(w, scope, &head.name, fields, open);
            }
        }
    }

    /// A struct around a value, since two events may carry one type.
    fn wrapped(&self, w: &mut Writer, scope: Scope, head: &Head, ty: &'m Type) {
        let context = &self.context;
        let (name, hash) = (&head.name, if context.is_hashable(ty) { ", Eq, Hash" } else { "" });
        w.blank();
        w.lines(&head.above);
        w.line(format!("#[derive(Clone, Debug, PartialEq{hash})]"));
        w.line(format!("pub struct {name}(pub {});", context.rust_type(scope, ty)));
        let read = context.decode(scope, ty).expression();
        super::decode::decode_impl(w, name, |w| w.line(format!("{read}.map(Self)")));
    }

    /// What belongs to no namespace, and no author has written.
    fn glue(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        w.line("/// This protocol, as a type.");
        w.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]");
        w.line("pub struct Routes;");
        self.context.roles(w);
        self.any_event(w, scope);
        self.any_ask(w, scope);
        self.protocol(w, scope);
        for (id, message) in self.model().messages.iter().enumerate() {
            self.sends(w, scope, id, message);
        }
        for (id, flow) in self.typed_flows() {
            self.flow(w, id, flow);
        }
        w.blank();
        w.line("// A client of another version does not have this constant: use the same version of");
        w.line("// `switchboard-client` and of what has generated this.");
        w.line(format!("const _: () = {}::{};", paths::ALIAS, paths::CLIENT_VERSION));
    }

    fn protocol(&self, w: &mut Writer, scope: Scope) {
        let fingerprints = crate::contract::fingerprints(self.model());
        w.blank();
        w.block("impl rt::Protocol for Routes", |w| {
            w.line(format!("type Event = {};", self.names.any_event));
            w.line(format!("type Ask = {};", self.names.any_ask));
            w.blank();
            w.line(format!("const HASH: &'static str = {};", literal::string(&fingerprints.protocol)));
            w.closed_block("const MESSAGES: &'static [rt::MessageInfo] = &[", "];", |w| {
                for (message, hash) in self.model().messages.iter().zip(&fingerprints.messages) {
                    w.line(self.message_info(message, hash));
                }
            });
            self.event_rows(w, &fingerprints.events);
            w.closed_block("const ASKS: &'static [rt::Named] = &[", "];", |w| {
                for (ask, hash) in self.model().asks.iter().zip(&fingerprints.asks) {
                    let (name, hash) = (literal::string(&ask.wire), literal::string(hash));
                    w.line(format!("rt::Named {{ name: {name}, hash: {hash} }},"));
                }
            });
            self.event_decoders(w, scope);
            self.ask_decoder(w, scope);
        });
        self.binary_readers(w, scope);
    }
}
