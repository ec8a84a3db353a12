//! Topics and the identity: things whose values become text in a key.

use super::{Resolver, TypeNode};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{NamespaceId, Segment, Shape, Type, TypeKind};
use crate::source::Span;
use crate::syntax::tree;

impl<'t> Resolver<'t, '_, '_> {
    pub(super) fn topics(&mut self) {
        for id in 0..self.model.topics.len() {
            let (lead, path) = self.written.topics[id];
            let words = self.topic_attributes(id, lead);
            let segments = self.segments(self.model.topics[id].namespace, path);
            self.model.topics[id].segments = match words {
                Some(words) => {
                    let places = segments.into_iter().skip_while(|segment| matches!(segment, Segment::Literal(_)));
                    words.into_iter().map(Segment::Literal).chain(places).collect()
                }
                None => segments,
            };
        }
        for second in 1..self.model.topics.len() {
            let first = (0..second).find(|&first| self.may_meet(first, second));
            if let Some(first) = first {
                let title = format!("topic `{}`", self.text(self.written.topics[second].1.span));
                let (second, first) = (self.written.topics[second].1.span, self.written.topics[first].1.span);
                self.one_key_two_topics(&title, second, first);
            }
        }
    }

    fn one_key_two_topics(&mut self, title: &str, second: Span, first: Span) {
        if self.text(second) == self.text(first) {
            return self.declared_twice(title, second, first);
        }
        let report =
            Diagnostic::new(Code::Duplicate, second, format!("{title} may be the same as `{}`", self.text(first)));
        let help = "begin one of them with another word".to_owned();
        self.report(report.label("a place here may hold the word there").also(first, "the first one").help(help));
    }

    /// Whether two topics can have one full name.
    fn may_meet(&self, first: usize, second: usize) -> bool {
        let parts = |id: usize| {
            let topic = &self.model.topics[id];
            let path = self.model.namespaces[topic.namespace].wire.iter().map(|word| Some(word.as_str()));
            let segments = topic.segments.iter().map(|segment| match segment {
                Segment::Literal(word) => Some(word.as_str()),
                Segment::Place { .. } => None,
            });
            path.chain(segments).collect::<Vec<_>>()
        };
        let (first, second) = (parts(first), parts(second));
        first.len() == second.len()
            && first.iter().zip(&second).all(|(one, other)| one.is_none() || other.is_none() || one == other)
    }

    fn segments(&mut self, namespace: NamespaceId, path: &'t tree::TopicPath) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        for part in &path.parts {
            match part {
                tree::TopicPart::Literal(word) => segments.push(Segment::Literal(word.text.clone())),
                tree::TopicPart::Place(place) => {
                    let ty = self.place_type(namespace, place);
                    let name = place.path.join("_");
                    if segments
                        .iter()
                        .any(|known| matches!(known, Segment::Place { name: known, .. } if *known == name))
                    {
                        let report =
                            Diagnostic::new(Code::DuplicateField, place.path_span, format!("place `{name}` twice"))
                                .label("the second one");
                        self.report(report.help("rename one of them"));
                    }
                    segments.push(Segment::Place { name, ty });
                }
            }
        }
        segments
    }

    fn place_type(&mut self, namespace: NamespaceId, place: &'t tree::Place) -> Type {
        let name = place.path.join(".");
        if place.path.len() > 1 {
            let report = Diagnostic::new(Code::Places, place.path_span, format!("`{name}` is no name of a place"))
                .label("a path");
            self.report(report.help("a place has one name: `{room: RoomId}`; paths are for where the topic is used"));
        }
        let Some(written) = &place.ty else {
            let report = Diagnostic::new(Code::Places, place.span, format!("place `{name}` has no type"))
                .label("what stands here?");
            self.report(report.help(format!("give it one: `{{{name}: string}}`")));
            return super::types::unknown(place.span);
        };
        if self.is_inline(written, &format!("place `{name}`")) {
            return super::types::unknown(place.span);
        }
        let ty = self.ty(namespace, written);
        self.judge_limits();
        if !self.must_be_key(&ty, &format!("place `{name}`")) {
            // Nothing can be right for it where the topic is used.
            return super::types::unknown(ty.span);
        }
        ty
    }

    pub(super) fn identity(&mut self) {
        let Some((written, _)) = self.identity else { return };
        if self.is_inline(written, "the identity") {
            return;
        }
        let ty = self.ty(0, written);
        self.judge_limits();
        if self.must_be_key(&ty, "the identity") {
            self.model.identity = Some(ty);
        }
    }

    /// Refuses an inline type where fields elsewhere must have the same one.
    fn is_inline(&mut self, written: &tree::Type, what: &str) -> bool {
        let (keyword, length) = match &written.kind {
            tree::TypeKind::InlineStruct(_) => ("struct", 1),
            tree::TypeKind::InlineEnum { .. } => ("enum", 4),
            _ => return false,
        };
        let span = Span { end: written.base_span.start + length, ..written.base_span };
        let report = Diagnostic::new(Code::FieldType, span, format!("{what} cannot be of an inline type"))
            .label("no field can have this very type");
        self.report(report.help(format!("declare it, `{keyword} Name {{ … }}`, and write its name here")));
        true
    }

    /// Whether it is an enum without fields, as it was written: what its variants carry may not be known yet.
    pub(super) fn is_bare_enum(&self, shape: &Shape) -> bool {
        let Shape::Named(id) = shape else { return false };
        match self.written.types[*id].node {
            TypeNode::Enum { variants, .. } => variants.iter().all(|variant| variant.fields.is_empty()),
            _ => false,
        }
    }

    /// Text, an integer, a uuid, a role or an enum without fields; always there, and no secret.
    fn must_be_key(&mut self, ty: &Type, what: &str) -> bool {
        let shape = self.base(ty);
        let problem = match shape {
            Shape::Unknown => return false,
            _ if self.is_nullable(ty) => Some("may be null"),
            _ if self.is_secret(ty) => Some("is a secret, and would be shown in keys and logs"),
            Shape::String | Shape::Int(_) | Shape::Uuid | Shape::Role => None,
            Shape::Date | Shape::Email | Shape::Uri | Shape::Ip => None,
            Shape::Const(_) => Some("is a constant"),
            Shape::Named(id) => match shape {
                shape if self.is_bare_enum(shape) => None,
                _ if matches!(self.model.types[*id].kind, TypeKind::Enum(_)) => Some("is an enum with fields"),
                _ => Some("is a struct"),
            },
            _ => Some("is no key"),
        };
        let Some(problem) = problem else { return true };
        let shown = self.type_text(ty);
        let report =
            Diagnostic::new(Code::FieldType, ty.span, format!("{what} cannot be of type `{shown}`")).label(problem);
        self.report(
            report.help("use a text type such as `string` or `uuid`, an integer, `Role` or an enum without fields, or an alias of one"),
        );
        false
    }
}
