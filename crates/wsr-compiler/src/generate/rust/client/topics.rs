//! Topics: a handle each, by which one joins and leaves, and hears who is there.

use super::Client;
use super::faces::answer;
use crate::generate::casing::{field_name, identifier};
use crate::generate::rust::context::Scope;
use crate::generate::rust::literal;
use crate::generate::rust::types::payload_fields;
use crate::generate::writer::Writer;
use crate::model::{Field, Message, MessageId, NamespaceId, Outcome, Payload, Segment, Shape, Topic, TopicId, Type};

impl<'m> Client<'m> {
    pub(super) fn topics_of(&self, namespace: NamespaceId) -> impl Iterator<Item = (TopicId, &'m Topic)> {
        let topics = self.model().topics.iter().enumerate();
        topics.filter(move |(_, topic)| topic.namespace == namespace)
    }

    /// The struct of a topic: its name, and the values of its places.
    pub(super) fn topic(&self, w: &mut Writer, scope: Scope, id: TopicId, topic: &'m Topic) {
        let context = &self.context;
        let (marker, routes) = (context.topic_marker(id), context.root_item(scope, "Routes"));
        let shown = literal::comment(&context.topic_text(topic));
        let places = places(topic);
        w.blank();
        w.line(format!("/// A topic `{shown}`."));
        if !topic.origin.docs.is_empty() {
            w.line("///");
            w.lines(literal::docs(&topic.origin.docs));
        }
        w.line("#[derive(Clone, Debug)]");
        w.block(format!("pub struct {marker}"), |w| {
            w.line(format!("client: rt::Client<{routes}>,"));
            w.line("topic: §String,");
            if let Some(presence) = &topic.presence {
                let (who, state) = self.member_types(scope, presence);
                w.line(format!("members: rt::Members<{who}, {state}>,"));
            }
            for (index, (_, ty)) in places.iter().enumerate() {
                w.line(format!("place_{index}: {},", context.rust_type(scope, ty)));
            }
        });
        w.blank();
        w.block(format!("impl {marker}"), |w| {
            let parameters = context.topic_parameters(scope, topic);
            let declared: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
            w.line("/// The full name of such a topic.");
            w.block(format!("pub fn name_of({}) -> §String", declared.join(", ")), |w| {
                context.topic_name(w, topic);
                w.line("topic_name");
            });
            w.blank();
            w.lines(["/// For generated code.", "#[doc(hidden)]"]);
            let mut declared_too = vec![format!("client: rt::Client<{routes}>")];
            declared_too.extend(declared.iter().enumerate().map(|(index, _)| format!("place_{index}: {}", parameters[index].1)));
            w.block(format!("pub fn made({}) -> Self", declared_too.join(", ")), |w| {
                let given: Vec<String> = (0..places.len()).map(|index| format!("place_{index}")).collect();
                w.line(format!("let topic = Self::name_of({});", given.join(", ")));
                w.closed_block("Self {", "}", |w| {
                    if topic.presence.is_some() {
                        let row = self.presence_row(id).unwrap_or_default();
                        let hears = context.root_item(scope, &self.names.hears);
                        w.line(format!("members: rt::Members::of::<_, {hears}<{row}>>(&client, &topic),"));
                    }
                    w.lines(["client,", "topic,"]);
                    for (index, (_, ty)) in places.iter().enumerate() {
                        let owned = if ty.shape == Shape::String { "to_owned" } else { "clone" };
                        w.line(format!("place_{index}: place_{index}.{owned}(),"));
                    }
                });
            });
            w.blank();
            w.line("/// The full name.");
            w.block("pub fn name(&self) -> &str", |w| w.line("&self.topic"));
            w.blank();
            w.line("/// Is no longer interested: what has joined it is not said again after a loss. The server is told nothing.");
            w.block("pub fn forget(&self)", |w| w.line("self.client.forget(&self.topic);"));
            if let Some(presence) = &topic.presence {
                let (who, state) = self.member_types(scope, presence);
                w.blank();
                w.line("/// Who is there, kept up to date since this handle was made: make it before joining.");
                w.block(format!("pub fn members(&self) -> &rt::Members<{who}, {state}>"), |w| w.line("&self.members"));
            }
            self.joining(w, scope, id, topic);
        });
    }

    /// `join` and `leave`, where one message does it and its fields are those of the places, and others.
    fn joining(&self, w: &mut Writer, scope: Scope, id: TopicId, topic: &'m Topic) {
        if let Some((number, message, filled)) = self.by_one(id, topic, true) {
            let (reply, error) = self.outcome(scope, message);
            w.blank();
            w.line(format!("/// Joins it by `{}`.", literal::comment(&message.wire)));
            let (parameters, payload) = self.payload(scope, number, message, &filled);
            let head = format!(
                "pub async fn join(self{parameters}) -> §Result<rt::Joined<Self, {reply}>, rt::Error<{error}>>"
            );
            w.block(head, |w| {
                let sends = self.context.root_item(scope, &self.names.sends);
                w.line(format!("let message = {payload};"));
                w.line(format!("let reply = self.client.call::<{sends}<{number}>>(&message).await?;"));
                w.line("§Ok(rt::Joined::new(self, reply))");
            });
        }
        if let Some((number, message, filled)) = self.by_one(id, topic, false) {
            let (reply, error) = self.outcome(scope, message);
            w.blank();
            w.line(format!("/// Leaves it by `{}`.", literal::comment(&message.wire)));
            let (parameters, payload) = self.payload(scope, number, message, &filled);
            w.block(format!("pub fn leave(&self{parameters}) -> {}", answer(&reply, &error)), |w| {
                let sends = self.context.root_item(scope, &self.names.sends);
                w.line(format!("let message = {payload};"));
                w.line(format!("self.client.call::<{sends}<{number}>>(&message)"));
            });
        }
    }

    /// The one message that joins a topic, or leaves it, with the field that each place is filled from.
    fn by_one(&self, id: TopicId, topic: &'m Topic, joins: bool) -> Option<(MessageId, &'m Message, Vec<&'m Field>)> {
        let reference = |message: &'m Message| {
            message.chain.iter().flatten().flat_map(|handling| &handling.outcomes).find_map(|outcome| match outcome {
                Outcome::Join(found) if joins && found.topic == id => Some(found),
                Outcome::Leave(found) if !joins && found.topic == id => Some(found),
                _ => None,
            })
        };
        let mut all = self
            .model()
            .messages
            .iter()
            .enumerate()
            .filter_map(|(id, message)| Some((id, message, reference(message)?)));
        let (number, message, reference) = all.next()?;
        let Payload::Fields(fields) = &message.payload else {
            let bare = matches!(message.payload, Payload::None) && reference.places.is_empty();
            return (bare && all.next().is_none()).then_some((number, message, Vec::new()));
        };
        if all.next().is_some() || message.stream().is_some() {
            return None;
        }
        let root = self.context.scope(0);
        let mut filled = Vec::new();
        for (path, (_, ty)) in reference.places.iter().zip(places(topic)) {
            let [name] = path.as_slice() else { return None };
            let field = fields.iter().find(|field| field.name == *name)?;
            let same = self.context.field_type(root, field) == self.context.rust_type(root, ty);
            if !same || filled.iter().any(|other: &&Field| other.name == field.name) {
                return None;
            }
            filled.push(field);
        }
        Some((number, message, filled))
    }

    /// Parameters for what the places do not say, and the message made of both.
    fn payload(&self, scope: Scope, id: MessageId, message: &'m Message, filled: &[&Field]) -> (String, String) {
        let (mut parameters, mut members) = (String::new(), Vec::new());
        for (_, field) in self.context.kept(payload_fields(&message.payload)) {
            let name = identifier(&field_name(&field.name));
            match filled.iter().position(|other| other.name == field.name) {
                Some(index) => members.push(format!("{name}: self.place_{index}.clone()")),
                None => {
                    let given = format!("{}_", field_name(&field.name));
                    parameters.push_str(&format!(", {given}: {}", self.context.field_type(scope, field)));
                    members.push(format!("{name}: {given}"));
                }
            }
        }
        let path = self.context.message_path(scope, id);
        let made = if members.is_empty() { path } else { format!("{path} {{ {} }}", members.join(", ")) };
        (parameters, made)
    }

    /// The method of a face that gives a topic.
    pub(super) fn topic_method(&self, w: &mut Writer, scope: Scope, id: TopicId, topic: &'m Topic, name: &str) {
        let marker = self.context.topic_marker(id);
        let parameters = self.context.topic_parameters(scope, topic);
        let declared: String =
            parameters.iter().enumerate().map(|(index, (_, ty))| format!(", place_{index}: {ty}")).collect();
        let given: String = (0..parameters.len()).map(|index| format!(", place_{index}")).collect();
        w.blank();
        let shown = literal::comment(&self.context.topic_text(topic));
        w.line(format!("/// The topic `{shown}`."));
        w.block(format!("pub fn {name}(&self{declared}) -> {marker}"), |w| {
            w.line(format!("{marker}::made(self.client.clone(){given})"));
        });
    }
}

/// What stands in a topic's places.
fn places(topic: &Topic) -> Vec<(&str, &Type)> {
    let places = topic.segments.iter().filter_map(|segment| match segment {
        Segment::Place { name, ty } => Some((name.as_str(), ty)),
        Segment::Literal(_) => None,
    });
    places.collect()
}
