//! Structs and enums: of types, messages and events.

use super::context::{Context, Scope, Side};
use super::enums::{plain_enum, topic_part};
use super::literal;
use super::types::{is_plain, payload_fields};
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::writer::Writer;
use crate::model::{Field, Message, MessageId, Origin, Payload, TypeDef, TypeId, TypeKind, Variant};

/// What a struct or enum is declared with.
pub(super) struct Head {
    pub name: String,
    /// Docs and attributes.
    pub above: Vec<String>,
    pub mark: String,
}

impl<'m> Context<'m> {
    /// A named type with everything it can do.
    pub fn named_type(&self, w: &mut Writer, scope: Scope, id: TypeId, def: &'m TypeDef) {
        let mark = self.mark(&self.full_name(def.namespace, &def.name), def.origin.place());
        let head = Head { name: identifier(&type_name(&def.name)), above: literal::above(&def.origin), mark };
        match &def.kind {
            TypeKind::Alias(ty) => self.alias(w, scope, id, def, ty),
            TypeKind::Struct(fields) => {
                self.structure(w, scope, &head, fields);
                self.decode_struct(w, scope, &head.name, fields, def.open);
                self.encode_struct(w, scope, &head.name, fields);
                self.check_struct(w, scope, &head.name, fields);
            }
            TypeKind::Enum(variants) if is_plain(variants) => {
                plain_enum(w, &head, variants, def.open);
                if self.keys.contains(&id) {
                    topic_part(w, &head.name);
                }
            }
            TypeKind::Enum(variants) => {
                self.enumeration(w, scope, &head, def, variants);
                self.decode_enum(w, scope, &head.name, def, variants);
                self.encode_enum(w, scope, &head.name, def, variants);
                self.check_enum(w, scope, &head.name, def, variants);
            }
            TypeKind::Error(variants) if self.side == Side::Client => {
                self.enumeration(w, scope, &head, def, variants);
                self.decode_enum(w, scope, &head.name, def, variants);
                self.encode_enum(w, scope, &head.name, def, variants);
                self.check_enum(w, scope, &head.name, def, variants);
            }
            TypeKind::Error(variants) => {
                self.error(w, scope, &head, def, variants);
                self.asked_error(w, scope, id, def);
            }
        }
    }

    /// A message's struct and its decoder; the encoder too if it is relayed, or compared with one that came before.
    pub fn message(&self, w: &mut Writer, scope: Scope, id: MessageId, message: &'m Message) {
        if matches!(message.payload, Payload::Type(_)) {
            return;
        }
        let fields = payload_fields(&message.payload);
        let name = identifier(&type_name(&message.name));
        let mark = self.mark(&message.wire, message.origin.place());
        // As long as it is declared somebody has to handle it, and cannot do so without naming it.
        let head = Head { name, above: literal::above_unavoidable(&message.origin), mark };
        self.structure(w, scope, &head, fields);
        self.decode_struct(w, scope, &head.name, fields, message.open);
        if self.is_relayed(id) || message.idempotent.is_some() {
            self.encode_struct(w, scope, &head.name, fields);
        }
    }

    /// The `Role` enum.
    pub fn roles(&self, w: &mut Writer) {
        let variant = |(name, origin): (&String, &Origin)| Variant {
            name: name.clone(),
            wire: name.clone(),
            fields: Vec::new(),
            origin: origin.clone(),
        };
        let roles = self.model.roles.iter().map(|role| (&role.name, &role.origin));
        let variants: Vec<Variant> = roles.map(variant).collect();
        let place = self.model.roles.first().map(|role| role.origin.place());
        let above = vec!["/// The kinds of client; a connection may have several.".to_owned()];
        let mark = place.map_or_else(String::new, |place| self.mark("roles", place));
        plain_enum(w, &Head { name: "Role".to_owned(), above, mark }, &variants, false);
        topic_part(w, "Role");
        if self.side == Side::Client {
            return;
        }
        w.blank();
        w.block("impl rt::RoleName for Role", |w| {
            w.block("fn index(self) -> u8", |w| {
                if variants.is_empty() { w.line("match self {}") } else { w.line("self as u8") }
            });
            w.blank();
            w.block("fn name(self) -> &'static str", |w| w.line("self.as_str()"));
            w.blank();
            w.block("fn all() -> &'static [Self]", |w| w.line("Self::all()"));
        });
    }

    /// A struct, and a `Debug` of its own if something in it is secret.
    pub fn structure(&self, w: &mut Writer, scope: Scope, head: &Head, fields: &'m [Field]) {
        let hides = self.hides_fields(fields);
        open_item(w, head, hides, self.are_hashable(fields));
        let Head { name, mark, .. } = head;
        if self.kept(fields).next().is_none() {
            w.line(format!("pub struct {name}; {mark}"));
        } else {
            w.marked_block(format!("pub struct {name}"), mark, |w| {
                for (_, field) in self.kept(fields) {
                    self.field(w, scope, field, "pub ");
                }
            });
        }
        if hides {
            debug_impl(w, name, |w| {
                let own = |index: usize| format!("&self.{}", identifier(&field_name(&fields[index].name)));
                self.debug_fields(w, plain_name(name), fields, own);
            });
        }
    }

    /// A field, or a member of a variant.
    pub fn field(&self, w: &mut Writer, scope: Scope, field: &'m Field, visibility: &str) {
        w.lines(literal::above(&field.origin));
        let (name, ty) = (identifier(&field_name(&field.name)), self.field_type(scope, field));
        w.line(format!("{visibility}{name}: {ty},"));
    }

    /// The body of `Debug` for a struct or variant with secrets.
    pub fn debug_fields(&self, w: &mut Writer, head: &str, fields: &'m [Field], reference: impl Fn(usize) -> String) {
        let mut lines = vec![format!("f.debug_struct({head:?})")];
        for (index, field) in self.kept(fields) {
            let name = field_name(&field.name);
            let value = if field.secret { "&::std::format_args!(\"(secret)\")".to_owned() } else { reference(index) };
            lines.push(format!("    .field({name:?}, {value})"));
        }
        lines.push("    .finish()".to_owned());
        w.lines(lines);
    }
}

/// What stands above a struct or enum that is an object on the wire.
pub(super) fn open_item(w: &mut Writer, head: &Head, hides: bool, hashable: bool) {
    w.blank();
    w.lines(&head.above);
    let debug = if hides { "" } else { ", Debug" };
    let hash = if hashable { ", Eq, Hash" } else { "" };
    w.line(format!("#[derive(Clone{debug}, PartialEq{hash})]"));
}

/// `impl Debug` for what has secrets.
pub(super) fn debug_impl(w: &mut Writer, name: &str, body: impl FnOnce(&mut Writer)) {
    w.blank();
    w.line("/// Without what is secret.");
    w.block(format!("impl ::std::fmt::Debug for {name}"), |w| w.block(FMT, body));
}

/// A name as people read it.
pub(super) fn plain_name(name: &str) -> &str {
    name.trim_start_matches("r#")
}

/// The one function of `Debug` and `Display`.
pub(super) const FMT: &str = "fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result";
