//! What applications see of a protocol: an object for each namespace, with messages, events, asks and topics in it.

use std::collections::BTreeMap;

use super::super::names::Names;
use super::super::plan::{joins, leaves, only};
use super::types::{TypeNames, Way, comment, docs, key};
use crate::model::{Field, Message, Model, Origin, Payload, Segment, Type};

/// The handles of topics, and the interface `Client`.
pub(super) fn client(model: &Model, names: &Names, types: &TypeNames<'_>) -> String {
    let facade = Facade { model, types };
    let mut out = String::new();
    (0..model.topics.len()).for_each(|id| facade.topic(&mut out, id));
    let mut root = Place::default();
    for (namespace, path) in model.namespaces.iter().zip(&names.namespaces) {
        root.at(path).docs.extend(namespace.docs.iter().cloned());
    }
    for (id, message) in model.messages.iter().enumerate() {
        root.put(&names.messages[id], &message.origin, |indent| facade.message(message, indent));
        if let Some(path) = &names.relayed[id] {
            root.put(path, &message.origin, |indent| facade.event(&message.payload, indent));
        }
    }
    for (event, path) in model.events.iter().zip(&names.events) {
        root.put(path, &event.origin, |indent| facade.event(&event.payload, indent));
    }
    for (ask, path) in model.asks.iter().zip(&names.asks) {
        root.put(path, &ask.origin, |indent| {
            let question = types.payload(&ask.payload, Way::In, indent);
            let answer = ask.reply.ty.as_ref().map_or("void".to_owned(), |ty| types.ty(ty, Way::Out));
            let error = ask.reply.error.map_or("never", |id| types.named(id, Way::Out));
            format!("Ask<{question}, {answer}, {error}>")
        });
    }
    for (id, path) in names.topics.iter().enumerate() {
        root.put(path, &model.topics[id].origin, |_| facade.topic_function(id));
    }
    for (flow, path) in model.flows.iter().zip(&names.flows) {
        if let Some(path) = path {
            root.put(path, &flow.origin, |indent| {
                let mut states: Vec<String> =
                    flow.states.iter().map(|state| super::types::quoted(&state.name)).collect();
                if !flow.states.iter().any(|state| state.name == "end") {
                    states.push("\"end\"".to_owned());
                }
                let states = states.join(" | ");
                format!("Event<{{\n{indent}  readonly topic: string;\n{indent}  readonly state: {states};\n{indent}}}>")
            });
        }
    }
    let lines: Vec<String> = model.protocol.iter().flat_map(|protocol| protocol.origin.docs.clone()).collect();
    comment(&mut out, "", &lines);
    out.push_str("export interface Client extends Connection {\n");
    root.write(&mut out, "  ");
    out.push_str("}\n");
    out
}

/// What stands in an object: other objects, and what has a type. The order is that of names, so that it is the same for
/// files that mean the same.
#[derive(Default)]
struct Place {
    docs: Vec<String>,
    inside: BTreeMap<String, Place>,
    /// What its docs are, and its type at an indentation.
    leaf: Option<(String, String)>,
}

impl Place {
    fn at(&mut self, path: &[String]) -> &mut Self {
        path.iter().fold(self, |place, name| place.inside.entry(name.clone()).or_default())
    }

    fn put(&mut self, path: &[String], origin: &Origin, ty: impl FnOnce(&str) -> String) {
        let indent = "  ".repeat(path.len());
        let mut above = String::new();
        docs(&mut above, &indent, origin);
        self.at(path).leaf = Some((above, ty(&indent)));
    }

    fn write(&self, out: &mut String, indent: &str) {
        for (name, place) in &self.inside {
            let name = key(name);
            if let Some((docs, ty)) = &place.leaf {
                out.push_str(&format!("{docs}{indent}readonly {name}: {ty};\n"));
            } else if !place.inside.is_empty() {
                comment(out, indent, &place.docs);
                out.push_str(&format!("{indent}readonly {name}: {{\n"));
                place.write(out, &format!("{indent}  "));
                out.push_str(&format!("{indent}}};\n"));
            }
        }
    }
}

struct Facade<'m> {
    model: &'m Model,
    types: &'m TypeNames<'m>,
}

impl Facade<'_> {
    fn message(&self, message: &Message, indent: &str) -> String {
        let payload = self.types.payload(&message.payload, Way::Out, indent);
        let failure = self.failure(message);
        match message.stream() {
            Some(stream) => format!("StreamCall<{payload}, {}, {failure}>", self.types.ty(&stream.item, Way::In)),
            None => format!("Call<{payload}, {}, {failure}>", self.reply(message)),
        }
    }

    fn reply(&self, message: &Message) -> String {
        let ty = message.reply().and_then(|reply| reply.ty.as_ref());
        ty.map_or("undefined".to_owned(), |ty| self.types.ty(ty, Way::In))
    }

    fn failure(&self, message: &Message) -> String {
        let declared = message.error().map(|id| format!("Declares<{}>", self.types.named(id, Way::In)));
        let too_many = (!joins(message).is_empty()).then(|| "TooManyTopics".to_owned());
        let all: Vec<String> = declared.into_iter().chain(too_many).collect();
        if all.is_empty() { "Failure".to_owned() } else { format!("Failure<{}>", all.join(" | ")) }
    }

    fn event(&self, payload: &Payload, indent: &str) -> String {
        format!("Event<{}>", self.types.payload(payload, Way::In, indent))
    }

    /// `(room: RoomId) => ChatRoomsTopic`
    fn topic_function(&self, id: usize) -> String {
        let places: Vec<String> =
            self.places(id).map(|(name, ty)| format!("{}: {}", parameter(name), self.types.ty(ty, Way::Out))).collect();
        format!("({}) => {}", places.join(", "), self.types.topic(id))
    }

    fn places(&self, id: usize) -> impl Iterator<Item = (&str, &Type)> {
        self.model.topics[id].segments.iter().filter_map(|segment| match segment {
            Segment::Place { name, ty } => Some((name.as_str(), ty)),
            Segment::Literal(_) => None,
        })
    }

    /// The handle of a topic.
    fn topic(&self, out: &mut String, id: usize) {
        let (topic, name) = (&self.model.topics[id], self.types.topic(id));
        let mut parts = vec!["Topic".to_owned()];
        if let Some(message) = only(self.model, id, joins).map(|message| &self.model.messages[message]) {
            let rest = self.rest(message, id, joins(message));
            parts.push(format!("Joinable<{rest}, {}, {name}>", self.reply(message)));
        }
        if let Some(message) = only(self.model, id, leaves).map(|message| &self.model.messages[message]) {
            let rest = self.rest(message, id, leaves(message));
            parts.push(format!("Leavable<{rest}, {}>", self.reply(message)));
        }
        if let Some(presence) = &topic.presence {
            let who = self.model.identity.as_ref().map_or("unknown".to_owned(), |ty| self.types.ty(ty, Way::In));
            let state = presence.state.as_ref().map_or("never".to_owned(), |ty| self.types.ty(ty, Way::In));
            parts.push(format!("Presence<{who}, {state}>"));
        }
        docs(out, "", &topic.origin);
        out.push_str(&format!("export interface {name} extends {} {{}}\n\n", parts.join(", ")));
    }

    /// The fields of a message that are no places of the topic.
    fn rest(&self, message: &Message, topic: usize, uses: Vec<&crate::model::TopicRef>) -> String {
        let used = uses.into_iter().find(|used| used.topic == topic);
        let filled: Vec<&String> = used.into_iter().flat_map(|used| &used.places).flatten().collect();
        let rest: Vec<Field> =
            self.fields(&message.payload).iter().filter(|field| !filled.contains(&&field.name)).cloned().collect();
        if rest.is_empty() { "Record<string, never>".to_owned() } else { self.types.object(&rest, Way::Out, "") }
    }

    fn fields<'p>(&'p self, payload: &'p Payload) -> &'p [Field] {
        match payload {
            Payload::None => &[],
            Payload::Fields(fields) => fields,
            Payload::Type(ty) => crate::contract::types::fields_of(self.model, ty),
        }
    }
}

/// A place as the name of a parameter.
fn parameter(name: &str) -> String {
    if super::is_kept(name, false) { format!("{name}_") } else { name.to_owned() }
}
