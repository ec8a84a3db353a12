//! The types of a protocol in TypeScript.
//!
//! What comes from the server has all its fields; what is sent may leave out those with defaults. So a type that has such
//! fields, or one inside, is there twice: as `MixerTurn`, and as `MixerTurnInput` for sending.

use std::collections::BTreeSet;

use crate::contract::types::is_nullable;
use crate::contract::{json, types};
use crate::generate::casing::type_name;
use crate::generate::rust::types::is_plain;
use crate::model::{Field, Literal, Model, Number, Origin, Payload, Shape, Type, TypeDef, TypeId, TypeKind, Variant};

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From the server: checked, and complete.
    In,
    /// To the server.
    Out,
}

/// What types are called, each once in the module.
pub(super) struct TypeNames<'m> {
    model: &'m Model,
    names: Vec<String>,
    inputs: Vec<Option<String>>,
    topics: Vec<String>,
}

impl<'m> TypeNames<'m> {
    pub fn of(model: &'m Model, taken: &BTreeSet<String>) -> Self {
        let mut taken = taken.clone();
        let roles = (!model.roles.is_empty()).then(|| "Role".to_owned());
        taken.extend(roles);
        let mut free = |wanted: String| {
            let mut name = wanted;
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        };
        let full = |namespace: usize, name: &str| {
            let path = model.namespaces[namespace].path.iter().map(|part| type_name(part));
            path.chain([type_name(name)]).collect::<String>()
        };
        let names = model.types.iter().map(|def| free(full(def.namespace, &def.name))).collect();
        let differing = differing(model);
        let inputs = model.types.iter().zip(differing);
        let inputs =
            inputs.map(|(def, differs)| differs.then(|| free(full(def.namespace, &def.name) + "Input"))).collect();
        let topics = model.topics.iter().map(|topic| free(full(topic.namespace, &topic.name) + "Topic")).collect();
        Self { model, names, inputs, topics }
    }

    /// The handle of a topic.
    pub fn topic(&self, id: usize) -> &str {
        &self.topics[id]
    }

    /// A named type.
    pub fn named(&self, id: TypeId, way: Way) -> &str {
        match (&self.inputs[id], way) {
            (Some(input), Way::Out) => input,
            _ => &self.names[id],
        }
    }

    /// All declarations.
    pub fn declarations(&self, model: &Model) -> String {
        let mut out = String::new();
        if !model.roles.is_empty() {
            let roles: Vec<String> = model.roles.iter().map(|role| quoted(&role.name)).collect();
            out.push_str(&format!("/** What clients are let do. */\nexport type Role = {};\n\n", roles.join(" | ")));
        }
        for (id, def) in model.types.iter().enumerate() {
            self.declare(&mut out, id, def, Way::In);
            if self.inputs[id].is_some() {
                self.declare(&mut out, id, def, Way::Out);
            }
        }
        out
    }

    fn declare(&self, out: &mut String, id: TypeId, def: &TypeDef, way: Way) {
        let name = self.named(id, way);
        docs(out, "", &def.origin);
        match &def.kind {
            TypeKind::Alias(target) => out.push_str(&format!("export type {name} = {};\n\n", self.ty(target, way))),
            TypeKind::Struct(fields) => {
                out.push_str(&format!("export interface {name} {{\n"));
                self.fields(out, "  ", fields, way);
                out.push_str("}\n\n");
            }
            TypeKind::Enum(variants) if is_plain(variants) => {
                let mut names: Vec<String> = variants.iter().map(|variant| quoted(&variant.wire)).collect();
                if def.open {
                    names.push("(string & {})".to_owned());
                }
                out.push_str(&format!("export type {name} = {};\n\n", names.join(" | ")));
            }
            TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                out.push_str(&format!("export type {name} ="));
                variants.iter().for_each(|variant| self.variant(out, &def.tag, variant, way));
                if def.open {
                    out.push_str("\n  /** One that only newer servers know. */\n");
                    let tag = key(&def.tag);
                    out.push_str(&format!(
                        "  | {{ readonly {tag}: string & {{ readonly unknown: true }}; readonly [key: string]: unknown }}"
                    ));
                }
                out.push_str(if variants.is_empty() && !def.open { " never;\n\n" } else { ";\n\n" });
            }
        }
    }

    fn variant(&self, out: &mut String, tag: &str, variant: &Variant, way: Way) {
        out.push('\n');
        docs(out, "  ", &variant.origin);
        out.push_str(&format!("  | {{\n      readonly {}: {};\n", key(tag), quoted(&variant.wire)));
        self.fields(out, "      ", &variant.fields, way);
        out.push_str("    }");
    }

    pub fn fields(&self, out: &mut String, indent: &str, fields: &[Field], way: Way) {
        for field in fields {
            docs(out, indent, &field.origin);
            let may_be_missing = match way {
                Way::In => field.optional && field.default.is_none(),
                Way::Out => field.optional || field.default.is_some(),
            };
            let mut ty = self.ty(&field.ty, way);
            if may_be_missing && way == Way::Out {
                ty.push_str(" | undefined");
            }
            let question = if may_be_missing { "?" } else { "" };
            out.push_str(&format!("{indent}readonly {}{question}: {ty};\n", key(&field.wire)));
        }
    }

    /// A payload; one without fields is an object without keys.
    pub fn payload(&self, payload: &Payload, way: Way, indent: &str) -> String {
        match payload {
            Payload::Fields(fields) if !fields.is_empty() => self.object(fields, way, indent),
            Payload::Type(ty) => self.ty(ty, way),
            _ => "Record<string, never>".to_owned(),
        }
    }

    /// An object with these fields, whose last line stands at `indent`.
    pub fn object(&self, fields: &[Field], way: Way, indent: &str) -> String {
        let mut out = "{\n".to_owned();
        self.fields(&mut out, &format!("{indent}  "), fields, way);
        out + indent + "}"
    }

    /// A type as used in one place.
    pub fn ty(&self, ty: &Type, way: Way) -> String {
        let present = match &ty.shape {
            Shape::Named(id) => self.named(*id, way).to_owned(),
            Shape::Int(_) if types::is_text(self.model, ty) => "bigint".to_owned(),
            Shape::Int(_) | Shape::F32 | Shape::F64 | Shape::Duration => "number".to_owned(),
            Shape::Bool => "boolean".to_owned(),
            Shape::Bytes => "Uint8Array".to_owned(),
            Shape::Json | Shape::Unknown => "unknown".to_owned(),
            Shape::Role => "Role".to_owned(),
            Shape::Const(Literal::Text(text)) => quoted(text),
            Shape::Const(Literal::Bool(value)) => value.to_string(),
            Shape::Const(Literal::Number(Number::Int(value))) => value.to_string(),
            Shape::Const(Literal::Number(Number::Float(value))) => value.to_string(),
            Shape::List(item) => format!("readonly {}[]", grouped(&self.ty(item, way))),
            Shape::Map(key, value) => self.map(key, value, way),
            _ => "string".to_owned(),
        };
        match is_nullable(self.model, ty) && !present.ends_with("| null") && !self.is_nullable_alias(ty) {
            true => format!("{present} | null"),
            false => present,
        }
    }

    /// Whether the name says already that null is a value.
    fn is_nullable_alias(&self, ty: &Type) -> bool {
        let Shape::Named(id) = ty.shape else { return false };
        match &self.model.types[id].kind {
            TypeKind::Alias(target) => is_nullable(self.model, target),
            _ => false,
        }
    }

    fn map(&self, key: &Type, value: &Type, way: Way) -> String {
        let value = self.ty(value, way);
        let names = match &key.shape {
            Shape::Role => true,
            Shape::Named(id) => matches!(&self.model.types[*id].kind, TypeKind::Enum(_)),
            _ => false,
        };
        match names {
            true => format!("{{ readonly [key in {}]?: {value} }}", self.ty(key, way)),
            false => format!("{{ readonly [key: string]: {value} }}"),
        }
    }
}

/// Which types look otherwise when they are sent: a field with a default is somewhere inside.
fn differing(model: &Model) -> Vec<bool> {
    let mut differs: Vec<bool> =
        model.types.iter().map(|def| fields_of(def).any(|field| field.default.is_some())).collect();
    loop {
        let before = differs.clone();
        for (id, def) in model.types.iter().enumerate() {
            let mut inside = false;
            let mut look = |ty: &Type| inside |= matches!(ty.shape, Shape::Named(id) if before[id]);
            crate::generate::rust::facts::for_each_in(def, &mut look);
            differs[id] |= inside;
        }
        if differs == before {
            return differs;
        }
    }
}

fn fields_of(def: &TypeDef) -> Box<dyn Iterator<Item = &Field> + '_> {
    match &def.kind {
        TypeKind::Alias(_) => Box::new(std::iter::empty()),
        TypeKind::Struct(fields) => Box::new(fields.iter()),
        TypeKind::Enum(variants) | TypeKind::Error(variants) => Box::new(variants.iter().flat_map(|one| &one.fields)),
    }
}

fn grouped(ty: &str) -> String {
    if ty.contains([' ', '"']) { format!("({ty})") } else { ty.to_owned() }
}

/// A literal of text.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    json::string(&mut out, text);
    out
}

/// A key of an object.
pub(super) fn key(name: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let plain = name.chars().all(is_plain) && !name.is_empty() && !name.starts_with(|sign: char| sign.is_ascii_digit());
    if plain { name.to_owned() } else { quoted(name) }
}

/// What an author wrote above something, as one comment that nothing in it can end.
pub(super) fn docs(out: &mut String, indent: &str, origin: &Origin) {
    let mut lines = origin.docs.clone();
    lines.extend(origin.since.as_ref().map(|version| format!("@since {version}")));
    lines.extend(origin.deprecated.as_ref().map(|why| format!("@deprecated {why}")));
    comment(out, indent, &lines);
}

/// The same of lines alone.
pub(super) fn comment(out: &mut String, indent: &str, lines: &[String]) {
    let lines: Vec<String> = lines.iter().map(|line| tame(line.trim_end())).collect();
    match lines.as_slice() {
        [] => {}
        [one] => out.push_str(&format!("{indent}/** {one} */\n")),
        many => {
            out.push_str(&format!("{indent}/**\n"));
            for line in many {
                out.push_str(format!("{indent} * {line}").trim_end());
                out.push('\n');
            }
            out.push_str(&format!("{indent} */\n"));
        }
    }
}

fn tame(line: &str) -> String {
    let is_unseen = |sign: char| {
        sign.is_control()
            || matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    line.chars().map(|sign| if is_unseen(sign) { ' ' } else { sign }).collect::<String>().replace("*/", "*\\/")
}
