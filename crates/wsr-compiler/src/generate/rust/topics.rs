//! Topics: a function that makes each, and a type that stands for its line.

use super::context::{Context, Scope};
use super::literal;
use crate::generate::casing::{field_name, identifier};
use crate::generate::writer::Writer;
use crate::model::{Segment, Shape, Topic, TopicId, Type};

impl<'m> Context<'m> {
    /// `pub struct Rooms;` and `pub fn rooms(room: &RoomId) -> rt::Topic<Rooms>`.
    pub fn topic(&self, w: &mut Writer, scope: Scope, id: TopicId, topic: &'m Topic) {
        let marker = self.topic_marker(id);
        let shown = self.topic_text(topic);
        let mark = self.mark(&shown, topic.origin.place());
        w.blank();
        w.line(format!("/// Stands for the topics `{}`.", literal::comment(&shown)));
        w.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]");
        w.line(format!("pub struct {marker}; {mark}"));
        w.blank();
        w.line(format!("/// The topic `{}`.", literal::comment(&shown)));
        if !topic.origin.docs.is_empty() {
            w.line("///");
            w.lines(literal::docs(&topic.origin.docs));
        }
        let name = identifier(&field_name(&topic.name));
        let places: Vec<(String, &Type)> = places(topic);
        let parameters: Vec<String> =
            places.iter().map(|(name, ty)| format!("{name}: &{}", self.place_type(scope, ty))).collect();
        let head = format!("pub fn {name}({}) -> rt::Topic<{marker}>", parameters.join(", "));
        w.marked_block(head, &mark, |w| self.key(w, topic));
    }

    fn place_type(&self, scope: Scope, ty: &'m Type) -> String {
        match ty.shape {
            Shape::String => "str".to_owned(),
            _ => self.rust_type(scope, ty),
        }
    }

    fn key(&self, w: &mut Writer, topic: &'m Topic) {
        let mut literal: String = self.wire_path(topic.namespace).iter().map(|part| format!("{part}/")).collect();
        let mut names = places(topic).into_iter();
        let mut begun = false;
        for (index, segment) in topic.segments.iter().enumerate() {
            if index > 0 {
                literal.push('/');
            }
            match segment {
                Segment::Literal(text) => literal.push_str(text),
                Segment::Place { .. } => {
                    push(w, &mut literal, &mut begun);
                    if let Some((name, _)) = names.next() {
                        w.line(format!("rt::TopicPart::append({name}, &mut topic_name);"));
                    }
                }
            }
        }
        if !literal.is_empty() || !begun {
            push(w, &mut literal, &mut begun);
        }
        w.line("rt::Topic::new(topic_name)");
    }

    fn topic_text(&self, topic: &Topic) -> String {
        let mut parts: Vec<String> = self.wire_path(topic.namespace).to_vec();
        parts.extend(topic.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Place { name, .. } => format!("{{{name}}}"),
        }));
        parts.join("/")
    }
}

/// The places with the names of their parameters.
fn places(topic: &Topic) -> Vec<(String, &Type)> {
    let places = topic.segments.iter().filter_map(|segment| match segment {
        Segment::Place { name, ty } => Some((identifier(&field_name(name)), ty)),
        Segment::Literal(_) => None,
    });
    places.collect()
}

fn push(w: &mut Writer, literal: &mut String, begun: &mut bool) {
    let text = super::literal::string(literal);
    match *begun {
        false => w.line(format!("let mut topic_name = §String::from({text});")),
        true => w.line(format!("topic_name.push_str({text});")),
    }
    *begun = true;
    literal.clear();
}
