//! Names in targets: topics, roles, and the fields in their places.

use super::{Fields, Walk, words};
use crate::index::{FieldOf, Symbol};
use crate::model::{Field, NamespaceId, Payload, Shape, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{Argument, Item, Lead, Place, Target, TargetKind, TopicPart, TopicPath, Value, ValueKind};

impl<'r> Walk<'r, '_, '_, '_> {
    /// A topic where it is declared.
    pub(super) fn topic(&mut self, namespace: NamespaceId, item: &Item, path: &TopicPath) {
        self.presence(namespace, &item.lead);
        let topic = self.declared.get(&path.span).cloned();
        for part in &path.parts {
            match part {
                TopicPart::Literal(word) => {
                    if let Some(topic) = &topic {
                        self.declare(word.span, topic.clone());
                    }
                }
                TopicPart::Place(place) => {
                    if let Some(ty) = &place.ty {
                        self.ty(namespace, ty, None);
                    }
                }
            }
        }
    }

    /// The type in `@presence(Mood)`.
    fn presence(&mut self, namespace: NamespaceId, lead: &Lead) {
        let attributes = lead.attributes.iter().filter(|attribute| attribute.name.text == "presence");
        for argument in attributes.flat_map(|attribute| &attribute.arguments) {
            if let Argument::Value(Value { kind: ValueKind::Name(name), span }) = argument {
                self.type_name(namespace, name, *span);
            }
        }
    }

    /// A topic where it is used; its places are fields of this payload.
    pub(super) fn topic_use(&mut self, from: NamespaceId, path: &TopicPath, payload: Option<Fields<'r>>) {
        let literals =
            path.parts.iter().filter_map(|part| if let TopicPart::Literal(w) = part { Some(w) } else { None });
        let literals: Vec<(&str, Span)> = literals.map(|word| (word.text.as_str(), word.span)).collect();
        if let Some(topic) = self.resolver.find_topic(from, path) {
            // What stands before the topic's own words is the way to its namespace.
            let own = self.resolver.model.topics[topic].segments.iter();
            let own = own.filter(|segment| matches!(segment, crate::model::Segment::Literal(_))).count();
            let (way, words) = literals.split_at(literals.len().saturating_sub(own));
            for &(_, span) in words {
                self.used(span, Symbol::Topic(topic));
            }
            self.namespaces(self.resolver.model.topics[topic].namespace, way);
        }
        for part in &path.parts {
            if let TopicPart::Place(place) = part {
                self.place(place, payload);
            }
        }
    }

    pub(super) fn target(&mut self, from: NamespaceId, target: &Target, payload: Option<Fields<'r>>) {
        match &target.kind {
            TargetKind::All | TargetKind::Others | TargetKind::Mailboxes => {}
            TargetKind::Mailbox(place) => self.place(place, payload),
            TargetKind::Topic { path, .. } => self.topic_use(from, path, payload),
            TargetKind::Roles { roles, .. } => roles.iter().for_each(|role| self.role(role)),
        }
    }

    fn place(&mut self, place: &Place, payload: Option<Fields<'r>>) {
        let mut fields = payload;
        let path = place.path.join(".");
        for (word, span) in words(&path, place.path_span) {
            let Some((of, known)) = fields else { return };
            let Some(index) = known.iter().position(|field| field.name == word) else { return };
            self.used(span, Symbol::Field(of, index));
            fields = self.fields_inside(&known[index]);
        }
    }

    /// The fields of the struct that a field holds.
    fn fields_inside(&self, field: &'r Field) -> Option<Fields<'r>> {
        self.fields_of_shape(self.resolver.base(&field.ty))
    }

    fn fields_of_shape(&self, shape: &Shape) -> Option<Fields<'r>> {
        let &Shape::Named(id) = shape else { return None };
        match &self.resolver.model.types[id].kind {
            TypeKind::Struct(fields) => Some((FieldOf::Struct(id), fields)),
            _ => None,
        }
    }

    /// The fields of a payload, whoever they belong to.
    pub(super) fn payload_fields(&self, of: FieldOf, payload: &'r Payload) -> Option<Fields<'r>> {
        match payload {
            Payload::None => None,
            Payload::Fields(fields) => Some((of, fields)),
            Payload::Type(ty) => self.fields_of_shape(self.resolver.base(ty)),
        }
    }
}
