//! `__init__.py`: what applications call, a class for each namespace.

use std::collections::HashSet;

use super::lines::Lines;
use super::types::{From, Types};
use super::words;
use crate::generate::casing;
use crate::generate::client::names::Names;
use crate::model::{Field, Message, Model, Outcome, Payload, Reply, Segment, Topic, TopicRef, Type};

/// The module.
pub(super) fn module(model: &Model, types: &Types<'_>, names: &Names) -> String {
    let root = root_name(model);
    let mut facade =
        Facade { model, types, names, taken: HashSet::from([root.clone(), "connect".to_owned()]), topics: Vec::new() };
    facade.topics = (0..model.topics.len()).map(|id| facade.once(&names.topics[id], "Topic")).collect();
    let mut out = Lines::default();
    facade.head(&mut out);
    for id in 0..model.topics.len() {
        facade.topic(&mut out, id);
    }
    let mut namespaces = facade.namespaces();
    namespaces.iter_mut().for_each(|place| place.class = facade.once(&place.path, ""));
    // Those inside come first.
    for place in namespaces.iter().rev() {
        let inner: Vec<&Place> = namespaces.iter().filter(|other| is_inside(other, place)).collect();
        facade.namespace(&mut out, place, &inner);
    }
    let inner: Vec<&Place> = namespaces.iter().filter(|place| place.path.len() == 1).collect();
    facade.root(&mut out, &root, &inner);
    facade.tail(&mut out, &root);
    out.finish()
}

fn root_name(model: &Model) -> String {
    let name = model.protocol.as_ref().map_or("Client", |protocol| &protocol.name);
    words::identifier(&casing::type_name(name))
}

/// A namespace of the client.
struct Place {
    path: Vec<String>,
    class: String,
    docs: Vec<String>,
}

fn is_inside(inner: &Place, outer: &Place) -> bool {
    inner.path.len() == outer.path.len() + 1 && inner.path.starts_with(&outer.path)
}

struct Facade<'m> {
    model: &'m Model,
    types: &'m Types<'m>,
    names: &'m Names,
    taken: HashSet<String>,
    /// The classes of topics.
    topics: Vec<String>,
}

/// Where the members of a class stand, and what hides what in it.
#[derive(Clone, Copy)]
struct Scope<'s> {
    path: &'s [String],
    from: From,
    /// How the class reaches the client.
    client: &'static str,
}

impl Facade<'_> {
    /// The name of a private class.
    fn once(&mut self, path: &[String], kind: &str) -> String {
        let parts: String = path.iter().map(|part| casing::type_name(part)).collect();
        words::once(words::ascii(&format!("_{parts}{kind}")), &mut self.taken)
    }

    fn head(&self, out: &mut Lines) {
        let about = self.model.protocol.as_ref().map(|protocol| words::docs(&protocol.origin)).unwrap_or_default();
        if about.is_empty() {
            out.line("\"\"\"A client of the protocol.\"\"\"");
        }
        out.doc(&about);
        out.blank(1);
        out.line("from __future__ import annotations");
        out.blank(1);
        out.line("import builtins as _b");
        out.line("import datetime as _datetime");
        out.line("import typing as _t");
        out.blank(1);
        out.line("from . import _runtime as _rt");
        out.line("from . import types as _types");
        out.line("from ._protocol import PROTOCOL as _PROTOCOL");
        out.line("from ._runtime import (");
        for name in EXPORTED {
            out.line(format!("    {name} as {name},"));
        }
        out.line(")");
    }

    fn tail(&self, out: &mut Lines, root: &str) {
        out.blank(2);
        let parameters = [
            "url: _rt.Address".to_owned(),
            "*".to_owned(),
            format!("sign_in: _t.Callable[[{root}], _t.Awaitable[object]] | None = None"),
            "offline: _rt.OfflinePolicy = \"keep_oldest\"".to_owned(),
            "queue: int = 64".to_owned(),
        ];
        out.block(head("def connect", &parameters, &format!("_rt.Connecting[{root}]")), |out| {
            out.line(CONNECT_DOCS);
            out.line(format!("return _rt.Connecting({root}, url, sign_in, offline, queue)"));
        });
    }

    /// All places of namespaces, those around others first.
    fn namespaces(&self) -> Vec<Place> {
        let names = self.names;
        let all = names.messages.iter().chain(&names.asks).chain(&names.events).chain(names.relayed.iter().flatten());
        let mut paths: Vec<Vec<String>> = all
            .chain(&names.topics)
            .chain(names.flows.iter().flatten())
            .flat_map(|path| (1..path.len()).map(|end| path[..end].to_vec()))
            .collect();
        paths.sort();
        paths.dedup();
        let docs = |path: &[String]| {
            let is_it = |wire: &[String]| {
                wire.len() == path.len() && wire.iter().zip(path).all(|(wire, name)| words::identifier(wire) == *name)
            };
            let found = self.model.namespaces.iter().filter(|namespace| is_it(&namespace.wire));
            found.flat_map(|namespace| &namespace.docs).map(|line| words::doc(line)).collect()
        };
        paths.into_iter().map(|path| Place { docs: docs(&path), path, class: String::new() }).collect()
    }

    fn namespace(&self, out: &mut Lines, place: &Place, inner: &[&Place]) {
        out.blank(2);
        out.block(format!("class {}:", place.class), |out| {
            out.doc(&place.docs);
            out.blank(1);
            let scope = self.scope(&place.path, inner, "self._client");
            out.block("def __init__(self, client: _rt.Client) -> None:", |out| {
                out.line("self._client = client");
                self.attributes(out, scope, inner, "client");
            });
            self.methods(out, scope);
        });
    }

    fn root(&self, out: &mut Lines, name: &str, inner: &[&Place]) {
        out.blank(2);
        out.block(format!("class {name}(_rt.Client):"), |out| {
            let about = self.model.protocol.as_ref().map(|protocol| words::docs(&protocol.origin)).unwrap_or_default();
            out.doc(&about);
            out.blank(1);
            let scope = self.scope(&[], inner, "self");
            out.block("def __init__(self) -> None:", |out| {
                out.line("super().__init__(_PROTOCOL)");
                self.attributes(out, scope, inner, "self");
            });
            self.methods(out, scope);
        });
    }

    fn scope<'s>(&self, path: &'s [String], inner: &[&Place], client: &'static str) -> Scope<'s> {
        let names = self.names;
        let all = names.messages.iter().chain(&names.asks).chain(&names.events).chain(names.relayed.iter().flatten());
        let here = all.chain(&names.topics).chain(names.flows.iter().flatten()).chain(inner.iter().map(|it| &it.path));
        let members: Vec<String> = here.filter(|other| own(other, path)).filter_map(|it| it.last().cloned()).collect();
        Scope { path, from: From::outside(&members), client }
    }

    fn attributes(&self, out: &mut Lines, scope: Scope<'_>, inner: &[&Place], client: &str) {
        let Scope { path, from, .. } = scope;
        for place in inner {
            if let Some(name) = place.path.last() {
                out.line(format!("self.{name} = {}({client})", place.class));
                out.doc(&place.docs);
            }
        }
        let mut event = |at: &[String], wire: &str, ty: String, docs: &[String]| {
            if let (true, Some(name)) = (own(at, path), at.last()) {
                let wire = words::literal(wire);
                out.line(format!("self.{name}: _rt.Event[{ty}] = {client}._event({wire})"));
                out.doc(docs);
            }
        };
        for (it, at) in self.model.events.iter().zip(&self.names.events) {
            event(at, &it.wire, self.types.payload(&it.wire, &it.payload, from), &words::docs(&it.origin));
        }
        for (it, at) in self.model.messages.iter().zip(&self.names.relayed) {
            if let Some(at) = at {
                event(at, &it.wire, self.types.payload(&it.wire, &it.payload, from), &words::docs(&it.origin));
            }
        }
        for (it, at) in self.model.flows.iter().zip(&self.names.flows) {
            if let Some(at) = at {
                event(at, &format!("{}#state", it.name), "_rt.FlowState".to_owned(), &words::docs(&it.origin));
            }
        }
        for (it, at) in self.model.asks.iter().zip(&self.names.asks) {
            if let (true, Some(name)) = (own(at, path), at.last()) {
                let payload = self.types.payload(&it.wire, &it.payload, from);
                let ty = format!("_rt.Ask[{payload}, {}]", self.reply(Some(&it.reply), from));
                out.line(format!("self.{name}: {ty} = _rt.Ask({client}, {})", words::literal(&it.wire)));
                out.doc(&words::docs(&it.origin));
            }
        }
    }

    fn methods(&self, out: &mut Lines, scope: Scope<'_>) {
        for (message, at) in self.model.messages.iter().zip(&self.names.messages) {
            if let (true, Some(name)) = (own(at, scope.path), at.last()) {
                out.blank(1);
                self.message(out, scope, name, message);
            }
        }
        for (id, (topic, at)) in self.model.topics.iter().zip(&self.names.topics).enumerate() {
            if let (true, Some(name)) = (own(at, scope.path), at.last()) {
                out.blank(1);
                self.topic_method(out, scope, name, id, topic);
            }
        }
    }

    fn message(&self, out: &mut Lines, scope: Scope<'_>, name: &str, message: &Message) {
        let from = scope.from;
        let (parameters, values) = self.parameters(&message.payload, from, &[]);
        let wire = words::literal(&message.wire);
        let docs = self.message_docs(message, &[]);
        if let Some(stream) = message.stream() {
            let item = self.types.annotation(&stream.item, from);
            let head = head(&format!("def {name}"), &parameters, &format!("_rt.Stream[{item}]"));
            return out.block(head, |out| {
                out.doc(&docs);
                out.line(format!("return _rt.Stream({}, {wire}, {values}, timeout)", scope.client));
            });
        }
        let result = self.reply(message.reply(), from);
        out.block(head(&format!("async def {name}"), &parameters, &result), |out| {
            out.doc(&docs);
            let call = format!("await {}._call({wire}, {values}, timeout)", scope.client);
            if result == "None" {
                return out.line(call);
            }
            out.line(format!("result: {result} = {call}"));
            out.line("return result");
        });
    }

    fn reply(&self, reply: Option<&Reply>, from: From) -> String {
        let ty = reply.and_then(|reply| reply.ty.as_ref());
        ty.map_or("None".to_owned(), |ty: &Type| self.types.annotation(ty, from))
    }

    /// The parameters of a message, and the expression that its payload is made of. Fields that are `given` stand there
    /// already, as expressions by their names on the wire.
    fn parameters(&self, payload: &Payload, from: From, given: &[(&str, String)]) -> (Vec<String>, String) {
        let timeout = format!("timeout: {}float | None = None", from.builtins());
        let Some(fields) = self.types.fields(payload) else {
            let ty = match payload {
                Payload::Type(ty) => self.types.annotation(ty, from),
                _ => "_rt.Json".to_owned(),
            };
            let parameters = vec!["self".to_owned(), format!("payload: {ty}"), "*".to_owned(), timeout];
            return (parameters, "payload".to_owned());
        };
        let mut parameters = vec!["self".to_owned(), "*".to_owned()];
        let mut values = Vec::new();
        for (field, name) in fields.iter().zip(parameter_names(fields)) {
            let wire = words::literal(&field.wire);
            if let Some((_, value)) = given.iter().find(|(name, _)| *name == field.wire) {
                values.push(format!("{wire}: {value}"));
            } else if !self.types.is_fixed(field) {
                let (ty, default) = self.types.field(field, true, from);
                let default = default.map_or(String::new(), |value| format!(" = {value}"));
                parameters.push(format!("{name}: {ty}{default}"));
                values.push(format!("{wire}: {name}"));
            }
        }
        parameters.push(timeout);
        (parameters, format!("{{{}}}", values.join(", ")))
    }

    /// What is said of a message, and of its fields that are parameters.
    fn message_docs(&self, message: &Message, given: &[(&str, String)]) -> Vec<String> {
        let mut docs = words::docs(&message.origin);
        let fields = self.types.fields(&message.payload).unwrap_or_default();
        let mut lines = Vec::new();
        for (field, name) in fields.iter().zip(parameter_names(fields)) {
            let about = words::docs(&field.origin).join(" ");
            if !about.is_empty() && !given.iter().any(|(given, _)| *given == field.wire) {
                lines.push(format!("{name}: {about}"));
            }
        }
        if !lines.is_empty() && !docs.is_empty() {
            docs.push(String::new());
        }
        docs.extend(lines);
        docs
    }

    // ---------------------------------------------------------------- topics

    fn topic_method(&self, out: &mut Lines, scope: Scope<'_>, name: &str, id: usize, topic: &Topic) {
        let places = places(topic);
        let names = words::attributes(places.iter().map(|(name, _)| *name), &["self"]);
        let parameters: String = places
            .iter()
            .zip(&names)
            .map(|((_, ty), name)| format!(", {name}: {}", self.types.annotation(ty, scope.from)))
            .collect();
        let class = &self.topics[id];
        out.block(format!("def {name}(self{parameters}) -> {class}:"), |out| {
            out.doc(&words::docs(&topic.origin));
            out.line(format!("return {class}({}, {id}, [{}])", scope.client, names.join(", ")));
        });
    }

    fn topic(&self, out: &mut Lines, id: usize) {
        let topic = &self.model.topics[id];
        let from = From::outside(&[]);
        let joins = self.about(id, |outcome| match outcome {
            Outcome::Join(topic) => Some(topic),
            _ => None,
        });
        let leaves = self.about(id, |outcome| match outcome {
            Outcome::Leave(topic) => Some(topic),
            _ => None,
        });
        let joined = match &joins[..] {
            [(message, _)] => self.reply(message.reply(), from),
            _ => "None".to_owned(),
        };
        let base = match (&topic.presence, &self.model.identity) {
            (Some(presence), Some(identity)) => {
                let who = self.types.annotation(identity, from);
                let state = presence.state.as_ref().map_or("None".to_owned(), |ty| self.types.annotation(ty, from));
                format!("_rt.PresentTopic[{joined}, {who}, {state}]")
            }
            _ => format!("_rt.Topic[{joined}]"),
        };
        let class = &self.topics[id];
        out.blank(2);
        out.block(format!("class {class}({base}):"), |out| {
            out.doc(&words::docs(&topic.origin));
            out.blank(1);
            out.block("def __init__(self, client: _rt.Client, topic: int, places: list[_t.Any]) -> None:", |out| {
                out.line("super().__init__(client, topic, places)");
                out.line("self._places = places");
            });
            if let [(message, topic)] = &joins[..] {
                self.member(out, "join", message, topic, class, from);
            }
            if let [(message, topic)] = &leaves[..] {
                self.member(out, "leave", message, topic, class, from);
            }
        });
    }

    /// The messages that join or leave a topic by their own fields.
    fn about(&self, id: usize, pick: impl Fn(&Outcome) -> Option<&TopicRef>) -> Vec<(&Message, &TopicRef)> {
        let mut found = Vec::new();
        for message in &self.model.messages {
            let outcomes = message.chain.iter().flatten().flat_map(|handling| &handling.outcomes);
            let own = |topic: &&TopicRef| topic.topic == id && topic.places.iter().all(|path| path.len() == 1);
            found.extend(outcomes.filter_map(&pick).filter(own).map(|topic| (message, topic)));
        }
        found
    }

    fn member(&self, out: &mut Lines, name: &str, message: &Message, topic: &TopicRef, class: &str, from: From) {
        let Some(fields) = self.types.fields(&message.payload) else { return };
        let places = topic.places.iter().enumerate();
        let given: Vec<(&str, String)> = places
            .filter_map(|(place, path)| {
                let field = fields.iter().find(|field| Some(&field.name) == path.first())?;
                Some((field.wire.as_str(), format!("self._places[{place}]")))
            })
            .collect();
        let (parameters, values) = self.parameters(&message.payload, from, &given);
        let wire = words::literal(&message.wire);
        let result = if name == "join" { class.to_owned() } else { self.reply(message.reply(), from) };
        out.blank(1);
        out.block(head(&format!("async def {name}"), &parameters, &result), |out| {
            out.doc(&self.message_docs(message, &given));
            match (name, result.as_str()) {
                ("join", _) => out.line(format!("return await self._join({wire}, {values}, timeout)")),
                (_, "None") => out.line(format!("await self._client._call({wire}, {values}, timeout)")),
                _ => {
                    out.line(format!("result: {result} = await self._client._call({wire}, {values}, timeout)"));
                    out.line("return result");
                }
            }
        });
    }
}

/// Whether something stands right in a namespace.
fn own(path: &[String], namespace: &[String]) -> bool {
    path.len() == namespace.len() + 1 && path.starts_with(namespace)
}

fn parameter_names(fields: &[Field]) -> Vec<String> {
    words::attributes(fields.iter().map(|field| field.wire.as_str()), &["self", "timeout", "result"])
}

fn places(topic: &Topic) -> Vec<(&str, &Type)> {
    topic.segments.iter().filter_map(place).collect()
}

fn place(segment: &Segment) -> Option<(&str, &Type)> {
    match segment {
        Segment::Place { name, ty } => Some((name, ty)),
        Segment::Literal(_) => None,
    }
}

/// The first line of a function, or a line for each parameter.
fn head(def: &str, parameters: &[String], result: &str) -> String {
    let line = format!("{def}({}) -> {result}:", parameters.join(", "));
    if line.len() <= 96 {
        return line;
    }
    let lines: String = parameters.iter().map(|parameter| format!("    {parameter},\n")).collect();
    format!("{def}(\n{lines}) -> {result}:")
}

const CONNECT_DOCS: &str = "\"\"\"A connection that comes back when it is lost: `async with connect(url) as client:`.

url: where the server is, or a function, also an async one, that is asked before each attempt.
sign_in: what is to be done first on each connection; what it sends goes out at once, all else waits for it.
offline: what becomes of messages while there is no connection: the first `queue` of them wait, or the last, or none.
\"\"\"";

/// What of the runtime applications name.
const EXPORTED: [&str; 31] = [
    "UNSET",
    "Cancelled",
    "ConnectionLost",
    "Event",
    "Events",
    "Failure",
    "FlowState",
    "Internal",
    "InvalidPayload",
    "Malformed",
    "NotAllowed",
    "NotNow",
    "Offline",
    "Presence",
    "Problem",
    "QueueFull",
    "RateLimited",
    "Refused",
    "Resumed",
    "ShuttingDown",
    "State",
    "Stream",
    "TimedOut",
    "TooLarge",
    "Topic",
    "UnknownMessage",
    "UnknownVariant",
    "Unreadable",
    "Unset",
    "Violation",
    "Ask",
];
