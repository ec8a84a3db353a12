//! Topics: a function that makes each, and a type that stands for its line.

use super::context::{Context, Scope};
use super::limits::Place;
use super::literal;
use crate::generate::casing::{field_name, identifier};
use crate::generate::writer::Writer;
use crate::model::{History, Presence, Segment, Shape, Topic, TopicId, Type};

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
        let parameters = self.topic_parameters(scope, topic);
        let parameters: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
        let head = format!("pub fn {name}({}) -> rt::Topic<{marker}>", parameters.join(", "));
        w.marked_block(head, &mark, |w| {
            w.line(format!("const LINE: rt::TopicInfo = {};", self.topic_info(topic)));
            self.topic_name(w, topic);
            w.line("rt::Topic::new(topic_name, &LINE)");
        });
        if let Some(presence) = &topic.presence {
            self.attended(w, scope, &marker, presence);
        }
    }

    /// What a topic's places are filled with, each with its type.
    pub fn topic_parameters(&self, scope: Scope, topic: &'m Topic) -> Vec<(String, String)> {
        let places = places(topic).into_iter();
        places.map(|(name, ty)| (name, format!("&{}", self.place_type(scope, ty)))).collect()
    }

    fn topic_info(&self, topic: &Topic) -> String {
        let name = literal::string(&self.topic_words(topic));
        let presence = topic.presence.as_ref().map(|_| "presence: true, ".to_owned());
        let history = topic.history.map(|history| format!("history: §Some({}), ", self::history(history)));
        let said: String = presence.into_iter().chain(history).collect();
        match said.is_empty() {
            true => format!("rt::TopicInfo::named({name})"),
            false => format!("rt::TopicInfo {{ {said}..rt::TopicInfo::named({name}) }}"),
        }
    }

    /// The words of a topic's name on the wire.
    pub fn topic_words(&self, topic: &Topic) -> String {
        let mut parts: Vec<&str> = self.wire_path(topic.namespace).iter().map(String::as_str).collect();
        parts.extend(topic.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Place { .. } => None,
        }));
        parts.join("/")
    }

    /// What members of a topic with `@presence` say of themselves.
    fn attended(&self, w: &mut Writer, scope: Scope, marker: &str, presence: &'m Presence) {
        w.blank();
        w.block(format!("impl rt::Attended for {marker}"), |w| match &presence.state {
            None => {
                w.line("type State = rt::NoState;");
                w.blank();
                w.line("fn encode(state: &rt::NoState, _: &mut §Vec<u8>) { match *state {} }");
                w.line("fn check(_: &rt::NoState, _: &mut rt::Report, _: &rt::Path<'_>) {}");
            }
            Some(ty) => self.member_state(w, scope, ty),
        });
    }

    fn member_state(&self, w: &mut Writer, scope: Scope, ty: &'m Type) {
        let (state, place) = (self.rust_type(scope, ty), Place::reference_to("state"));
        w.line(format!("type State = {state};"));
        w.blank();
        let encode = format!("fn encode(state: &{state}, out: &mut §Vec<u8>)");
        w.block(encode, |w| w.line(self.encode(scope, ty, &place)));
        w.blank();
        let checks = self.check(scope, ty, &place, "at");
        if checks.is_empty() {
            return w.line(format!("fn check(_: &{state}, _: &mut rt::Report, _: &rt::Path<'_>) {{}}"));
        }
        let check = format!("fn check(state: &{state}, report: &mut rt::Report, at: &rt::Path<'_>)");
        w.block(check, |w| w.lines(&checks));
    }

    fn place_type(&self, scope: Scope, ty: &'m Type) -> String {
        match ty.shape {
            Shape::String => "str".to_owned(),
            _ => self.rust_type(scope, ty),
        }
    }

    /// Statements that make the name of a topic, `topic_name`.
    pub fn topic_name(&self, w: &mut Writer, topic: &'m Topic) {
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
    }

    /// A topic as it is on the wire, with the names of its places.
    pub fn topic_text(&self, topic: &Topic) -> String {
        let mut parts: Vec<String> = self.wire_path(topic.namespace).to_vec();
        parts.extend(topic.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Place { name, .. } => format!("{{{name}}}"),
        }));
        parts.join("/")
    }
}

/// `@history` as an expression.
pub(super) fn history(history: History) -> String {
    format!("rt::History {{ count: {}, age: {} }}", history.count, super::protocol::duration(history.age))
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
