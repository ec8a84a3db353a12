//! `@wire` and `@rename_all`: what names are on the wire, and that no two are the same there.
//!
//! Files name things as they are written, whatever the wire says: only what goes over it changes.

use std::collections::HashMap;

use super::arguments::span_of;
use super::attributes::{Attributes, Place};
use super::rename::Case;
use super::{Resolver, WrittenType};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{NamespaceId, TypeId, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{Argument, Attribute, Lead, Value, ValueKind};

/// `@wire` of a namespace, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub name: String,
    pub span: Span,
}

impl Resolver<'_, '_, '_> {
    /// What a field or variant is called on the wire: any text but an empty one.
    pub(super) fn wire_key(&mut self, attributes: &Attributes<'_>, name: &str, case: Option<Case>) -> String {
        let said = attributes.get("wire").and_then(|attribute| self.text_argument(attribute, "one name"));
        match (said, case) {
            (Some((said, _)), _) => said.to_owned(),
            (None, Some(case)) => case.apply(name),
            (None, None) => name.to_owned(),
        }
    }

    /// The case of the fields of a struct; those of an inline one follow the struct, message or event around it.
    pub(super) fn case_of_fields(&self, id: TypeId) -> Option<Case> {
        if !self.model.types[id].inline {
            return self.type_cases.get(&id).copied();
        }
        let WrittenType { lead, owner, .. } = self.written.types[id];
        let of_variants = |id: TypeId| matches!(self.model.types[id].kind, TypeKind::Enum(_) | TypeKind::Error(_));
        if owner.is_some_and(of_variants) {
            return None;
        }
        let attribute = lead.attributes.iter().find(|attribute| attribute.name.text == "rename_all")?;
        match attribute.arguments.as_slice() {
            [Argument::Value(Value { kind: ValueKind::Name(name), .. })] => {
                Case::ALL.into_iter().find(|case| case.name() == name)
            }
            _ => None,
        }
    }

    /// `@wire` of something that is one part of a name: a message, an event, a namespace.
    pub(super) fn wire_segment(&mut self, attributes: &Attributes<'_>) -> Option<Said> {
        let attribute = attributes.get("wire")?;
        let (said, span) = self.text_argument(attribute, "one name")?;
        if said.contains('#') {
            let help = "what the server says of a topic by itself has one in its name: `chat/rooms#joined`";
            self.refuse_argument(attribute, span, "has a `#` in it", help);
            return None;
        }
        if said.contains('/') {
            let help = "it replaces this one name; the namespace around it has a `@wire` of its own";
            self.refuse_argument(attribute, span, "`/` parts a namespace from what is in it", help);
            return None;
        }
        Some(Said { name: said.to_owned(), span })
    }

    /// `@wire` of a topic: the words in front of its first place, parted by `/`.
    pub(super) fn wire_words(&mut self, attributes: &Attributes<'_>) -> Option<Vec<String>> {
        let attribute = attributes.get("wire")?;
        let (said, span) = self.text_argument(attribute, "the words in front of the first place")?;
        let words: Vec<String> = said.split('/').map(str::to_owned).collect();
        if words.iter().any(String::is_empty) {
            self.wrong_argument(attribute, span, "has an empty word in it");
            return None;
        }
        if said.contains('#') {
            let help = "what the server says of a topic by itself has one in its name: `chat/rooms#joined`";
            self.refuse_argument(attribute, span, "has a `#` in it", help);
            return None;
        }
        if said.contains(['{', '}']) {
            let help = "it replaces the words in front of the first place; places stay as they are";
            self.refuse_argument(attribute, span, "has a place in it", help);
            return None;
        }
        Some(words)
    }

    /// What stands above a namespace, which may be opened several times.
    pub(super) fn namespace_attributes(&mut self, id: NamespaceId, lead: &Lead) {
        let attributes = self.attributes(lead, Place::Namespace);
        let Some(said) = self.wire_segment(&attributes) else { return };
        match self.namespace_wires.get(&id) {
            Some(first) if first.name != said.name => {
                let title =
                    format!("namespace `{}` has two names on the wire", self.model.namespaces[id].path.join("/"));
                let report = Diagnostic::new(Code::Attribute, said.span, title).label("the second one");
                let report = report.also(first.span, "the first one");
                self.report(report.help("say it once: it holds wherever the namespace is opened"));
            }
            Some(_) => {}
            None => {
                self.namespace_wires.insert(id, said);
            }
        }
    }

    /// Gives every namespace its name on the wire; two that meet there are refused.
    pub(super) fn namespaces_on_the_wire(&mut self) {
        let mut known: HashMap<Vec<String>, NamespaceId> = HashMap::new();
        for id in 1..self.model.namespaces.len() {
            let namespace = &self.model.namespaces[id];
            let own = namespace.path.last().cloned().unwrap_or_default();
            let mut wire = namespace.parent.map_or(Vec::new(), |parent| self.model.namespaces[parent].wire.clone());
            wire.push(self.namespace_wires.get(&id).map_or(own, |said| said.name.clone()));
            if let Some(&first) = known.get(&wire) {
                let [first, second] = [first, id].map(|id| {
                    let span = self.namespace_wires.get(&id).map(|said| said.span);
                    let span = span.or(self.written.namespaces[id]).unwrap_or_default();
                    (self.model.namespaces[id].path.join("/"), span)
                });
                self.meet_on_the_wire("namespaces ", first, second, &wire.join("/"));
            }
            known.entry(wire.clone()).or_insert(id);
            self.model.namespaces[id].wire = wire;
        }
    }

    /// Refuses messages, events and asks of one name on the wire. Those written alike are reported where they are collected.
    pub(super) fn messages_meet_nowhere(&mut self) {
        let messages = self.model.messages.iter().zip(&self.written.messages);
        let messages = messages
            .map(|(message, (lead, _))| (&message.wire, message.namespace, &message.name, &message.origin, *lead));
        let events = self.model.events.iter().zip(&self.written.events);
        let events = events.map(|(event, (lead, _))| (&event.wire, event.namespace, &event.name, &event.origin, *lead));
        let asks = self.model.asks.iter().zip(&self.written.asks);
        let asks = asks.map(|(ask, (lead, _))| (&ask.wire, ask.namespace, &ask.name, &ask.origin, *lead));
        let mut all: Vec<_> = messages.chain(events).chain(asks).collect();
        all.sort_by_key(|(.., origin, _)| origin.span);
        let mut known: HashMap<&str, (NamespaceId, (String, Span))> = HashMap::new();
        let mut meeting = Vec::new();
        for (wire, namespace, name, origin, lead) in all {
            let this = (self.model.full_name(namespace, name), wire_span(lead).unwrap_or(origin.span));
            match known.get(wire.as_str()) {
                // Where two namespaces meet, one report tells of them and of all that is in them.
                Some((first, _)) if *first != namespace && self.same_on_the_wire(*first, namespace) => {}
                Some((_, first)) => meeting.push((first.clone(), this, wire.clone())),
                None => {
                    known.insert(wire, (namespace, this));
                }
            }
        }
        for (first, second, wire) in meeting {
            self.meet_on_the_wire("", first, second, &wire);
        }
    }

    fn same_on_the_wire(&self, one: NamespaceId, other: NamespaceId) -> bool {
        self.model.namespaces[one].wire == self.model.namespaces[other].wire
    }

    fn meet_on_the_wire(&mut self, what: &str, first: (String, Span), second: (String, Span), wire: &str) {
        let title = format!("{what}`{}` and `{}` are both `{wire}` on the wire", first.0, second.0);
        let report = Diagnostic::new(Code::Duplicate, second.1, title).label("the second one");
        self.report(report.also(first.1, "the first one").help("give one of them another name"));
    }
}

/// The place of the name in `@wire("name")`.
fn wire_span(lead: &Lead) -> Option<Span> {
    let is_wire = |attribute: &&Attribute| attribute.name.text == "wire";
    let attribute = lead.attributes.iter().find(is_wire)?;
    attribute.arguments.first().map(|argument| match argument {
        Argument::Value(Value { kind: ValueKind::Text(_), span }) => *span,
        other => span_of(other),
    })
}
