//! Inline types: `device: { kind: enum { desktop, mobile } }`.
//!
//! Each becomes a [`TypeDef`] right behind its owner, named after its path: the owner, then each field or variant on
//! the way, then `Item` for what a list holds, `Key` and `Value` for what a map holds, `Reply` for the answer of a
//! message, `Passed` for what its handlers pass on, `Payload` for a payload by type and `Value` for what stands behind an alias. The name is one of Rust only:
//! nothing in the language can refer to it.

use std::collections::HashSet;

use super::{Resolver, TypeNode, WrittenType};
use crate::generate::casing::type_name;
use crate::model::{NamespaceId, Origin, TypeDef, TypeId, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{self, ArrowKind, Handling, Lead, Routing};

/// Longer names are cut: a path is as long as its author likes, and every type inside repeats it.
const LONGEST_NAME: usize = 200;

/// The item that inline types stand in.
#[derive(Clone, Copy)]
pub(super) struct Owner<'t> {
    namespace: NamespaceId,
    lead: &'t Lead,
    /// The type, when it is one.
    item: Option<TypeId>,
    /// `@open` on it holds for the structs inside; an enum keeps it for itself.
    open: bool,
}

impl<'t> Owner<'t> {
    pub(super) fn new(namespace: NamespaceId, lead: &'t Lead, item: Option<TypeId>) -> Self {
        Self { namespace, lead, item, open: lead.attributes.iter().any(|attribute| attribute.name.text == "open") }
    }
}

impl<'t> Resolver<'t, '_, '_> {
    /// Declares the inline types inside a type that was just declared.
    pub(super) fn inline_in_type(&mut self, id: TypeId) {
        let WrittenType { lead, node, .. } = self.written.types[id];
        let def = &self.model.types[id];
        let (path, mut owner) = (type_name(&def.name), Owner::new(def.namespace, lead, Some(id)));
        match node {
            TypeNode::Alias(ty) => self.inline_in_alias(&owner, path, ty),
            TypeNode::Struct(fields) => self.inline_in_fields(&owner, &path, fields),
            TypeNode::Enum { variants, .. } => {
                owner.open = false;
                self.inline_in_variants(&owner, &path, variants);
            }
        }
    }

    fn inline_in_alias(&mut self, owner: &Owner<'t>, path: String, ty: &'t tree::Type) {
        let direct = matches!(ty.kind, tree::TypeKind::InlineStruct(_) | tree::TypeKind::InlineEnum { .. });
        self.inline(owner, if direct { path + "Value" } else { path }, ty, None);
    }

    /// Declares the inline types of a message: in its payload, then in its answer.
    pub(super) fn inline_in_message(&mut self, owner: &Owner<'t>, message: &'t tree::Message) {
        self.inline_in_payload(owner, &type_name(&message.name.text), message.payload.as_ref());
        let arrows: Vec<&tree::Arrow> = match &message.routing {
            Routing::Arrows(arrows) => arrows.iter().collect(),
            Routing::Chain(stages) => {
                let handlers = stages.iter().flatten().filter_map(|handling| match handling {
                    Handling::Handler { arrows, .. } => Some(arrows),
                    Handling::Relay(_) => None,
                });
                handlers.flatten().collect()
            }
        };
        let passed = arrows.iter().filter_map(|arrow| match &arrow.kind {
            ArrowKind::Pass(ty) => Some(ty),
            _ => None,
        });
        for (index, ty) in passed.enumerate() {
            let number = if index == 0 { String::new() } else { (index + 1).to_string() };
            let path = format!("{}Passed{number}", type_name(&message.name.text));
            self.inline(&Owner { open: false, ..*owner }, path, ty, None);
        }
        // There is one reply; a second one is refused, and its types need no names.
        let reply = arrows.into_iter().find_map(|arrow| match &arrow.kind {
            ArrowKind::Reply { ty, .. } => ty.as_ref(),
            ArrowKind::Stream { ty, .. } => Some(ty),
            _ => None,
        });
        self.inline_in_reply(owner, &message.name, reply);
    }

    /// Declares the inline types of an answer.
    pub(super) fn inline_in_reply(&mut self, owner: &Owner<'t>, name: &tree::Name, reply: Option<&'t tree::Type>) {
        if let Some(ty) = reply {
            // What the sender may leave open is no part of an answer.
            self.inline(&Owner { open: false, ..*owner }, type_name(&name.text) + "Reply", ty, None);
        }
    }

    /// Declares the inline types of a payload.
    pub(super) fn inline_in_payload(&mut self, owner: &Owner<'t>, path: &str, payload: Option<&'t tree::Payload>) {
        match payload {
            None => {}
            Some(tree::Payload::Fields(fields)) => self.inline_in_fields(owner, path, fields),
            Some(tree::Payload::Type(ty)) => self.inline(owner, format!("{path}Payload"), ty, None),
        }
    }

    fn inline_in_fields(&mut self, owner: &Owner<'t>, path: &str, fields: &'t [tree::Field]) {
        // Of two fields of one name the second is refused: what it holds needs no name.
        let mut seen = HashSet::new();
        for field in fields.iter().filter(|field| seen.insert(field.name.text.as_str())) {
            self.inline(owner, format!("{path}{}", type_name(&field.name.text)), &field.ty, Some(field));
        }
    }

    fn inline_in_variants(&mut self, owner: &Owner<'t>, path: &str, variants: &'t [tree::Variant]) {
        let mut seen = HashSet::new();
        for variant in variants.iter().filter(|variant| seen.insert(variant.name.text.as_str())) {
            self.inline_in_fields(owner, &format!("{path}{}", type_name(&variant.name.text)), &variant.fields);
        }
    }

    /// Declares a type if it is inline, and those inside it; `holder` is the field whose whole type it is.
    fn inline(&mut self, owner: &Owner<'t>, mut path: String, ty: &'t tree::Type, holder: Option<&'t tree::Field>) {
        path.truncate(LONGEST_NAME);
        match &ty.kind {
            tree::TypeKind::List(item) => self.inline(owner, path + "Item", item, None),
            tree::TypeKind::Map(key, value) => {
                self.inline(owner, format!("{path}Key"), key, None);
                self.inline(owner, path + "Value", value, None);
            }
            tree::TypeKind::InlineStruct(fields) => {
                self.declare_inline(owner, &path, ty, holder, TypeNode::Struct(fields));
                self.inline_in_fields(owner, &path, fields);
            }
            tree::TypeKind::InlineEnum { variants, broken } => {
                self.declare_inline(owner, &path, ty, holder, TypeNode::Enum { variants, broken: *broken });
                self.inline_in_variants(&Owner { open: false, ..*owner }, &path, variants);
            }
            tree::TypeKind::Name(_) | tree::TypeKind::Literal(_) => {}
        }
    }

    fn declare_inline(
        &mut self,
        owner: &Owner<'t>,
        name: &str,
        ty: &'t tree::Type,
        holder: Option<&'t tree::Field>,
        node: TypeNode<'t>,
    ) {
        let opening = match node {
            TypeNode::Enum { .. } => "enum".len(),
            _ => "{".len(),
        };
        let begin = Span { end: ty.base_span.start + opening as u32, ..ty.base_span };
        let docs = holder.map_or(&[][..], |field| &field.lead.docs);
        let named = tree::Name { text: name.to_owned(), span: holder.map_or(begin, |field| field.name.span) };
        let origin: Origin = self.origin(&named, docs);
        let kind = match node {
            TypeNode::Enum { .. } => TypeKind::Enum(Vec::new()),
            _ => TypeKind::Struct(Vec::new()),
        };
        self.inline.insert(ty.base_span, self.model.types.len());
        self.model.types.push(TypeDef {
            name: named.text,
            namespace: owner.namespace,
            open: owner.open && matches!(kind, TypeKind::Struct(_)),
            kind,
            secret: false,
            tag: TypeDef::TAG.to_owned(),
            inline: true,
            origin,
        });
        self.written.types.push(WrittenType { lead: owner.lead, node, span: ty.base_span, owner: owner.item });
    }
}
