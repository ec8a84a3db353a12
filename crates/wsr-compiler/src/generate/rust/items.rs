//! Structs and enums: of types, messages and events.

use super::context::{Context, Scope};
use super::literal;
use super::types::{debug_fields, is_plain, payload_fields};
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::writer::Writer;
use crate::model::{Field, Message, MessageId, Payload, TypeDef, TypeId, TypeKind, Variant};

/// What a struct or enum is declared with.
pub(super) struct Head<'a> {
    pub name: String,
    pub docs: &'a [String],
    pub mark: String,
}

impl<'m> Context<'m> {
    /// A named type with everything it can do.
    pub fn named_type(&self, w: &mut Writer, scope: Scope, id: TypeId, def: &'m TypeDef) {
        let mark = self.mark(&self.full_name(def.namespace, &def.name), def.origin.place());
        let head = Head { name: identifier(&type_name(&def.name)), docs: &def.origin.docs, mark };
        match &def.kind {
            TypeKind::Alias(ty) => self.alias(w, scope, id, def, ty),
            TypeKind::Struct(fields) => {
                self.structure(w, scope, &head, fields);
                self.decode_struct(w, scope, &head.name, fields, def.open);
                self.encode_struct(w, scope, &head.name, fields);
                self.check_struct(w, scope, &head.name, fields);
            }
            TypeKind::Enum(variants) if is_plain(variants) => {
                plain_enum(w, &head, variants);
                if self.keys.contains(&id) {
                    topic_part(w, &head.name);
                }
            }
            TypeKind::Enum(variants) => {
                self.enumeration(w, scope, &head, variants);
                self.decode_enum(w, scope, &head.name, variants, def.open);
                self.encode_enum(w, scope, &head.name, variants);
                self.check_enum(w, scope, &head.name, variants);
            }
            TypeKind::Error(variants) => self.error(w, scope, &head, variants),
        }
    }

    /// A message's struct and its decoder; the encoder too if it is relayed.
    pub fn message(&self, w: &mut Writer, scope: Scope, id: MessageId, message: &'m Message) {
        if matches!(message.payload, Payload::Type(_)) {
            return;
        }
        let fields = payload_fields(&message.payload);
        let name = identifier(&type_name(&message.name));
        let mark = self.mark(&message.wire, message.origin.place());
        let head = Head { name, docs: &message.origin.docs, mark };
        self.structure(w, scope, &head, fields);
        self.decode_struct(w, scope, &head.name, fields, message.open);
        if self.is_relayed(id) {
            self.encode_struct(w, scope, &head.name, fields);
        }
    }

    /// The `Role` enum.
    pub fn roles(&self, w: &mut Writer) {
        let variants: Vec<Variant> = self
            .model
            .roles
            .iter()
            .map(|role| Variant {
                name: role.name.clone(),
                wire: role.name.clone(),
                fields: Vec::new(),
                origin: role.origin.clone(),
            })
            .collect();
        let place = self.model.roles.first().map(|role| role.origin.place());
        let docs = ["The kinds of client; a connection may have several.".to_owned()];
        let mark = place.map_or_else(String::new, |place| self.mark("roles", place));
        plain_enum(w, &Head { name: "Role".to_owned(), docs: &docs, mark }, &variants);
        topic_part(w, "Role");
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
    pub fn structure(&self, w: &mut Writer, scope: Scope, head: &Head<'_>, fields: &'m [Field]) {
        let hides = self.hides_fields(fields);
        self.open_item(w, head, hides, self.are_hashable(fields));
        let Head { name, mark, .. } = head;
        if fields.is_empty() {
            return w.line(format!("pub struct {name}; {mark}"));
        }
        w.marked_block(format!("pub struct {name}"), mark, |w| {
            for field in fields {
                self.field(w, scope, field, "pub ");
            }
        });
        if hides {
            debug_impl(w, name, |w| {
                let own = |index: usize| format!("&self.{}", identifier(&field_name(&fields[index].name)));
                debug_fields(w, plain_name(name), fields, own);
            });
        }
    }

    /// An enum that is an object on the wire.
    fn enumeration(&self, w: &mut Writer, scope: Scope, head: &Head<'_>, variants: &'m [Variant]) {
        let hides = variants.iter().any(|variant| self.hides_fields(&variant.fields));
        let hashable = variants.iter().all(|variant| self.are_hashable(&variant.fields));
        self.open_item(w, head, hides, hashable);
        w.marked_block(format!("pub enum {}", head.name), &head.mark, |w| self.variants(w, scope, variants));
        if hides {
            debug_impl(w, &head.name, |w| {
                w.block("match self", |w| variants.iter().for_each(|variant| debug_variant(w, variant)));
            });
        }
    }

    fn variants(&self, w: &mut Writer, scope: Scope, variants: &'m [Variant]) {
        for variant in variants {
            w.lines(literal::docs(&variant.origin.docs));
            let name = identifier(&type_name(&variant.name));
            if variant.fields.is_empty() {
                w.line(format!("{name},"));
                continue;
            }
            w.closed_block(&format!("{name} {{"), "},", |w| {
                for field in &variant.fields {
                    self.field(w, scope, field, "");
                }
            });
        }
    }

    fn field(&self, w: &mut Writer, scope: Scope, field: &'m Field, visibility: &str) {
        w.lines(literal::docs(&field.origin.docs));
        let (name, ty) = (identifier(&field_name(&field.name)), self.field_type(scope, field));
        w.line(format!("{visibility}{name}: {ty},"));
    }

    fn open_item(&self, w: &mut Writer, head: &Head<'_>, hides: bool, hashable: bool) {
        w.blank();
        w.lines(literal::docs(head.docs));
        let debug = if hides { "" } else { ", Debug" };
        let hash = if hashable { ", Eq, Hash" } else { "" };
        w.line(format!("#[derive(Clone{debug}, PartialEq{hash})]"));
    }

    /// An error: its variants, and one for everything else that may go wrong.
    fn error(&self, w: &mut Writer, scope: Scope, head: &Head<'_>, variants: &'m [Variant]) {
        let name = &head.name;
        let hides = variants.iter().any(|variant| self.hides_fields(&variant.fields));
        w.blank();
        w.lines(literal::docs(head.docs));
        if !hides {
            w.line("#[derive(Debug)]");
        }
        w.marked_block(format!("pub enum {name}"), &head.mark, |w| {
            self.variants(w, scope, variants);
            w.line("/// Anything else: logged with its causes; the peer hears `internal` and an id.");
            w.line("Internal(rt::Error),");
        });
        if hides {
            debug_impl(w, name, |w| {
                w.block("match self", |w| {
                    variants.iter().for_each(|variant| debug_variant(w, variant));
                    w.line("Self::Internal(error) => f.debug_tuple(\"Internal\").field(error).finish(),");
                });
            });
        }
        w.blank();
        w.line("/// What `?` does with any other error.");
        w.block(format!("impl<E_: ::std::convert::Into<rt::Error>> ::std::convert::From<E_> for {name}"), |w| {
            w.block("fn from(error: E_) -> Self", |w| w.line("Self::Internal(error.into())"));
        });
        self.check_enum(w, scope, name, variants);
        w.blank();
        w.block(format!("impl rt::IntoFailure for {name}"), |w| {
            w.block("fn into_failure(self) -> rt::Failure", |w| self.failure_body(w, scope, variants));
        });
    }

    fn failure_body(&self, w: &mut Writer, scope: Scope, variants: &'m [Variant]) {
        w.line("let mut report = rt::Report::new();");
        w.line("rt::Check::check(&self, &mut report, &rt::Path::root());");
        w.block("if !report.is_empty()", |w| w.line("return rt::Invalid::from(report).into();"));
        w.line("let mut bytes = §Vec::new();");
        w.line("let out = &mut bytes;");
        w.block("match self", |w| {
            for variant in variants {
                w.block(format!("{} =>", super::encode::pattern(variant)), |w| {
                    let locals = super::context::locals(&variant.fields);
                    let open = format!("\"kind\":{}", literal::json(&variant.wire));
                    let place = |index: usize| super::limits::Place::value(locals[index].clone());
                    self.encode_members(w, scope, &open, true, &variant.fields, &place, "");
                });
            }
            w.line("Self::Internal(error) => return rt::Failure::Internal(error),");
        });
        w.line("rt::Failure::Refused(bytes)");
    }
}

/// An enum that is a string on the wire.
fn plain_enum(w: &mut Writer, head: &Head<'_>, variants: &[Variant]) {
    let name = &head.name;
    let names = || variants.iter().map(|variant| identifier(&type_name(&variant.name)));
    w.blank();
    w.lines(literal::docs(head.docs));
    w.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]");
    w.marked_block(format!("pub enum {name}"), &head.mark, |w| {
        for (variant, name) in variants.iter().zip(names()) {
            w.lines(literal::docs(&variant.origin.docs));
            w.line(format!("{name},"));
        }
    });
    w.blank();
    w.block(format!("impl {name}"), |w| {
        w.line("/// All of them, in the order declared.");
        w.block("pub fn all() -> &'static [Self]", |w| {
            let all: Vec<String> = names().map(|name| format!("Self::{name}")).collect();
            w.line(format!("&[{}]", all.join(", ")));
        });
        w.blank();
        w.line("/// The name on the wire.");
        w.block("pub fn as_str(&self) -> &'static str", |w| {
            w.block("match *self", |w| {
                for (variant, name) in variants.iter().zip(names()) {
                    w.line(format!("Self::{name} => {},", literal::string(&variant.wire)));
                }
            });
        });
    });
    w.blank();
    w.block(format!("impl ::std::fmt::Display for {name}"), |w| {
        w.block(FMT, |w| w.line("f.pad(self.as_str())"));
    });
    super::decode::decode_plain_enum(w, name, variants);
    super::encode::encode_plain_enum(w, name, variants);
    super::check::check_impl(w, name, true, |_| {});
}

fn topic_part(w: &mut Writer, name: &str) {
    w.blank();
    w.block(format!("impl rt::TopicPart for {name}"), |w| {
        w.block("fn append(&self, key: &mut §String)", |w| {
            w.line("rt::TopicPart::append(self.as_str(), key);");
        });
    });
}

fn debug_impl(w: &mut Writer, name: &str, body: impl FnOnce(&mut Writer)) {
    w.blank();
    w.line("/// Without what is secret.");
    w.block(format!("impl ::std::fmt::Debug for {name}"), |w| w.block(FMT, body));
}

fn debug_variant(w: &mut Writer, variant: &Variant) {
    let name = identifier(&type_name(&variant.name));
    let pattern = super::encode::pattern(variant);
    if variant.fields.is_empty() {
        return w.line(format!("{pattern} => f.write_str({:?}),", plain_name(&name)));
    }
    let locals = super::context::locals(&variant.fields);
    w.block(format!("{pattern} =>"), |w| {
        debug_fields(w, plain_name(&name), &variant.fields, |index| locals[index].clone());
    });
}

/// A name as people read it.
fn plain_name(name: &str) -> &str {
    name.trim_start_matches("r#")
}

const FMT: &str = "fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result";
