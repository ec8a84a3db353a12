//! Encoders: compact JSON, with everything that is always the same folded into literals.

use super::context::{Context, Scope, locals};
use super::enums::UNKNOWN;
use super::limits::Place;
use super::literal;
use super::types::is_left_out;
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::writer::{Writer, indented};
use crate::model::{Field, Int, Limits, Shape, Type, TypeDef, Variant};

impl<'m> Context<'m> {
    /// Statements that append a value of this type to `out`.
    pub fn encode(&self, scope: Scope, ty: &'m Type, place: &Place) -> String {
        if !self.is_nullable(ty) {
            return self.encode_present(scope, ty, place);
        }
        let present = self.encode_present(scope, ty, &Place::reference_to("value"));
        if is_by_trait(&present) {
            return by_trait(place);
        }
        [
            format!("match {} {{", place.reference()),
            "    §None => rt::write::null(out),".to_owned(),
            format!("    §Some(value) => {{\n{}\n    }}", indented(&indented(&present))),
            "}".to_owned(),
        ]
        .join("\n")
    }

    /// The same for a value that is there.
    pub fn encode_present(&self, scope: Scope, ty: &'m Type, place: &Place) -> String {
        match &ty.shape {
            Shape::Named(id) => match self.plain_alias(*id) {
                Some(target) => match self.base(target) {
                    Shape::Int(int) if self.own_type(target).is_none() => self.encode_integer(*int, &ty.limits, place),
                    _ => self.encode_present(scope, target, place),
                },
                None => by_trait(place),
            },
            Shape::Int(int) => self.encode_integer(*int, &ty.limits, place),
            shape => self.encode_of_shape(scope, shape, place),
        }
    }

    /// The same for a shape that is not an integer of 64 bits.
    pub fn encode_of_shape(&self, scope: Scope, shape: &'m Shape, place: &Place) -> String {
        match shape {
            Shape::List(item) => {
                let code = self.encode(scope, item, &Place::reference_to("item"));
                if is_by_trait(&code) {
                    return by_trait(place);
                }
                let items = place.reference();
                format!("rt::write::list(out, {items}, |out, item| {{\n{}\n}});", indented(&code))
            }
            Shape::Map(_, value) => {
                let code = self.encode(scope, value, &Place::reference_to("value"));
                if is_by_trait(&code) {
                    return by_trait(place);
                }
                let entries = place.reference();
                format!("rt::write::map(out, {entries}, |out, value| {{\n{}\n}});", indented(&code))
            }
            Shape::Const(constant) => {
                format!("out.extend_from_slice({});", literal::bytes(&literal::constant(constant)))
            }
            _ => by_trait(place),
        }
    }

    fn encode_integer(&self, int: Int, limits: &Limits, place: &Place) -> String {
        match (int, self.is_number(int, limits)) {
            (Int::U64 | Int::I64, true) => format!("rt::write::int(out, {});", place.copy()),
            (Int::U64 | Int::I64, false) => format!("rt::write::int_text(out, {});", place.copy()),
            _ => by_trait(place),
        }
    }

    /// `impl Encode` for a struct with these fields.
    pub fn encode_struct(&self, w: &mut Writer, scope: Scope, name: &str, fields: &'m [Field]) {
        encode_impl(w, name, |w| {
            let place = |index: usize| Place::value(format!("self.{}", identifier(&field_name(&fields[index].name))));
            self.encode_object(w, scope, "{", false, fields, &place);
        });
    }

    /// `impl Encode` for an enum.
    pub fn encode_enum(&self, w: &mut Writer, scope: Scope, name: &str, def: &TypeDef, variants: &'m [Variant]) {
        encode_impl(w, name, |w| {
            w.block("match self", |w| {
                for variant in variants {
                    w.block(format!("{} =>", pattern(self, variant)), |w| {
                        let open = format!("{{{}:{}", literal::json(&def.tag), literal::json(&variant.wire));
                        let locals = locals(&variant.fields);
                        let place = |index: usize| Place::reference_to(locals[index].clone());
                        self.encode_object(w, scope, &open, true, &variant.fields, &place);
                    });
                }
                if def.open {
                    w.line(format!("Self::{UNKNOWN}(value) => rt::Encode::encode(value, out),"));
                }
            });
        });
    }

    /// The members of an object after `open`, and its end. `begun` says that a member stands in `open`.
    pub fn encode_object(
        &self,
        w: &mut Writer,
        scope: Scope,
        open: &str,
        begun: bool,
        fields: &'m [Field],
        place: &dyn Fn(usize) -> Place,
    ) {
        self.encode_members(w, scope, open, begun, fields, place, "}");
    }

    /// The members of an object between two literals.
    #[expect(clippy::too_many_arguments, reason = "one place for the rules of commas")]
    pub fn encode_members(
        &self,
        w: &mut Writer,
        scope: Scope,
        open: &str,
        begun: bool,
        fields: &'m [Field],
        place: &dyn Fn(usize) -> Place,
        close: &str,
    ) {
        let (mut text, mut begun, mut ends_in_comma) = (open.to_owned(), begun, false);
        for (index, field) in fields.iter().enumerate() {
            let key = format!("{}:", literal::json(&field.wire));
            if is_left_out(field) {
                flush(w, &mut text);
                let value = self.encode(scope, &field.ty, &Place::reference_to("value"));
                w.block(format!("if let §Some(value) = {}", place(index).reference()), |w| {
                    // Until a member has come that is always there, commas stand behind, not in front.
                    flush(w, &mut if begun { format!(",{key}") } else { key });
                    w.line(value);
                    if !begun {
                        w.line("out.push(b',');");
                    }
                });
                ends_in_comma |= !begun;
                continue;
            }
            if begun {
                text.push(',');
            }
            text.push_str(&key);
            if let (true, Shape::Const(constant)) = (self.is_fixed(field), self.base(&field.ty)) {
                text.push_str(&literal::constant(constant));
                (begun, ends_in_comma) = (true, false);
                continue;
            }
            flush(w, &mut text);
            w.line(self.encode(scope, &field.ty, &place(index)));
            (begun, ends_in_comma) = (true, false);
        }
        if ends_in_comma {
            w.block("if out.last() == §Some(&b',')", |w| w.line("out.pop();"));
        }
        text.push_str(close);
        flush(w, &mut text);
    }
}

/// The pattern that takes a variant apart.
pub(super) fn pattern<'m>(context: &Context<'m>, variant: &'m Variant) -> String {
    let name = identifier(&type_name(&variant.name));
    let locals = locals(&variant.fields);
    let members = context.kept(&variant.fields).map(|(index, field)| {
        let (name, local) = (identifier(&field_name(&field.name)), &locals[index]);
        if name == *local { name } else { format!("{name}: {local}") }
    });
    let members: Vec<String> = members.collect();
    if members.is_empty() { format!("Self::{name}") } else { format!("Self::{name} {{ {} }}", members.join(", ")) }
}

/// The frame around an encoder's body.
pub(super) fn encode_impl(w: &mut Writer, name: &str, body: impl FnOnce(&mut Writer)) {
    w.blank();
    w.block(format!("impl rt::Encode for {name}"), |w| {
        w.block("fn encode(&self, out: &mut §Vec<u8>)", body);
    });
}

/// `impl Encode` for an enum that is a string on the wire.
pub(super) fn encode_plain_enum(w: &mut Writer, name: &str, variants: &[Variant], open: bool) {
    encode_impl(w, name, |w| {
        if open {
            return w.line("rt::write::string(out, self.as_str());");
        }
        w.closed_block("out.extend_from_slice(match *self {", "});", |w| {
            for variant in variants {
                let (name, wire) = (identifier(&type_name(&variant.name)), literal::json(&variant.wire));
                w.line(format!("Self::{name} => {},", literal::bytes(&wire)));
            }
        });
    });
}

fn by_trait(place: &Place) -> String {
    format!("{BY_TRAIT}{}, out);", place.reference())
}

fn is_by_trait(code: &str) -> bool {
    code.starts_with(BY_TRAIT)
}

const BY_TRAIT: &str = "rt::Encode::encode(";

fn flush(w: &mut Writer, literal: &mut String) {
    match literal.len() {
        0 => {}
        1 => w.line(format!("out.push({});", literal::bytes(literal).replacen("b\"", "b'", 1).replace('"', "'"))),
        _ => w.line(format!("out.extend_from_slice({});", literal::bytes(literal))),
    }
    literal.clear();
}
