//! Enums: strings on the wire, or objects with a tag; and those that keep what they do not know.

use super::check::check_impl;
use super::context::{Context, Scope, locals};
use super::decode::decode_plain_enum;
use super::encode::{encode_plain_enum, pattern};
use super::items::{FMT, Head, debug_impl, open_item, plain_name};
use super::literal;
use crate::generate::casing::{identifier, type_name};
use crate::generate::writer::Writer;
use crate::model::{TypeDef, Variant};

/// The variant of an `@open` enum for what the protocol does not name.
pub const UNKNOWN: &str = "Unknown";

impl<'m> Context<'m> {
    /// An enum that is an object on the wire.
    pub fn enumeration(&self, w: &mut Writer, scope: Scope, head: &Head, def: &TypeDef, variants: &'m [Variant]) {
        let hides = variants.iter().any(|variant| self.hides_fields(&variant.fields));
        let hashable = variants.iter().all(|variant| self.are_hashable(&variant.fields));
        open_item(w, head, hides, hashable);
        w.marked_block(format!("pub enum {}", head.name), &head.mark, |w| {
            self.variants(w, scope, variants);
            if def.open {
                w.line("/// One that this version of the protocol does not know: the whole object.");
                w.line(format!("{UNKNOWN}(rt::Value),"));
            }
        });
        if hides {
            debug_impl(w, &head.name, |w| {
                w.block("match self", |w| {
                    variants.iter().for_each(|variant| self.debug_variant(w, variant));
                    if def.open {
                        // Who knows what is secret in it?
                        w.line(format!("Self::{UNKNOWN}(_) => f.write_str(\"{UNKNOWN}\"),"));
                    }
                });
            });
        }
    }

    /// The variants as they stand in an enum or error.
    pub fn variants(&self, w: &mut Writer, scope: Scope, variants: &'m [Variant]) {
        for variant in variants {
            w.lines(literal::above(&variant.origin));
            let name = identifier(&type_name(&variant.name));
            if self.kept(&variant.fields).next().is_none() {
                w.line(format!("{name},"));
                continue;
            }
            w.closed_block(&format!("{name} {{"), "},", |w| {
                for (_, field) in self.kept(&variant.fields) {
                    self.field(w, scope, field, "");
                }
            });
        }
    }

    /// The arm of `Debug` for a variant.
    pub fn debug_variant(&self, w: &mut Writer, variant: &'m Variant) {
        let name = identifier(&type_name(&variant.name));
        let pattern = pattern(self, variant);
        if self.kept(&variant.fields).next().is_none() {
            return w.line(format!("{pattern} => f.write_str({:?}),", plain_name(&name)));
        }
        let locals = locals(&variant.fields);
        w.block(format!("{pattern} =>"), |w| {
            self.debug_fields(w, plain_name(&name), &variant.fields, |index| locals[index].clone());
        });
    }
}

/// An enum that is a string on the wire.
pub(super) fn plain_enum(w: &mut Writer, head: &Head, variants: &[Variant], open: bool) {
    let name = &head.name;
    let names = || variants.iter().map(|variant| identifier(&type_name(&variant.name)));
    w.blank();
    w.lines(&head.above);
    let copy = if open { "" } else { " Copy," };
    w.line(format!("#[derive(Clone,{copy} Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]"));
    w.marked_block(format!("pub enum {name}"), &head.mark, |w| {
        for (variant, name) in variants.iter().zip(names()) {
            w.lines(literal::above(&variant.origin));
            w.line(format!("{name},"));
        }
        if open {
            w.line("/// One that this version of the protocol does not know: its name.");
            w.line(format!("{UNKNOWN}(§String),"));
        }
    });
    w.blank();
    w.block(format!("impl {name}"), |w| {
        w.line("/// All that are declared, in that order.");
        w.block("pub fn all() -> &'static [Self]", |w| {
            let all: Vec<String> = names().map(|name| format!("Self::{name}")).collect();
            w.line(format!("&[{}]", all.join(", ")));
        });
        w.blank();
        w.line("/// The name on the wire.");
        let (text, this) = if open { ("&str", "self") } else { ("&'static str", "*self") };
        w.block(format!("pub fn as_str(&self) -> {text}"), |w| {
            w.block(format!("match {this}"), |w| {
                for (variant, name) in variants.iter().zip(names()) {
                    w.line(format!("Self::{name} => {},", literal::string(&variant.wire)));
                }
                if open {
                    w.line(format!("Self::{UNKNOWN}(name) => name,"));
                }
            });
        });
    });
    w.blank();
    w.block(format!("impl ::std::fmt::Display for {name}"), |w| {
        w.block(FMT, |w| w.line("f.pad(self.as_str())"));
    });
    decode_plain_enum(w, name, variants, open);
    encode_plain_enum(w, name, variants, open);
    check_impl(w, name, true, |_| {});
}

/// What stands in a topic's place.
pub(super) fn topic_part(w: &mut Writer, name: &str) {
    w.blank();
    w.block(format!("impl rt::TopicPart for {name}"), |w| {
        w.block("fn append(&self, key: &mut §String)", |w| {
            w.line("rt::TopicPart::append(self.as_str(), key);");
        });
    });
}
