//! `types.py`: a class for each struct, enum and variant, another name for each alias, an exception for each variant of
//! an error. And `_protocol.py`, which says what of the plan they are.

use std::collections::HashSet;
use std::fmt::Write;

use super::lines::Lines;
use super::words;
use crate::generate::casing;
use crate::generate::client::names::is_relayed;
use crate::generate::rust::facts::Facts;
use crate::generate::rust::types::is_plain;
use crate::model::{Field, Model, Origin, Payload, Shape, Type, TypeDef, TypeKind, Value, Variant};

/// The types of a protocol and what they are called.
pub(super) struct Types<'m> {
    model: &'m Model,
    facts: Facts,
    /// By the model's types.
    names: Vec<String>,
    /// What events, asks and relayed messages with fields carry: class, name on the wire, fields.
    payloads: Vec<(String, &'m str, &'m [Field], &'m Origin)>,
    /// The exceptions and classes of variants, by type.
    variants: Vec<Vec<String>>,
}

/// From where types are named.
#[derive(Clone, Copy)]
pub(super) struct From {
    /// In front of the types of the protocol.
    types: &'static str,
    /// In front of `str` and the like, where a member has such a name.
    builtins: &'static str,
}

impl From {
    /// From a class of `types.py` with these attributes.
    fn class(attributes: &[String]) -> Self {
        Self { types: "", builtins: builtins(attributes) }
    }

    /// What stands in front of `str` and the like.
    pub fn builtins(self) -> &'static str {
        self.builtins
    }

    /// From a class of another module that has these members.
    pub fn outside(members: &[String]) -> Self {
        Self { types: "_types.", builtins: builtins(members) }
    }
}

fn builtins(names: &[String]) -> &'static str {
    let hides = names.iter().any(|name| ["str", "int", "float", "bool", "bytes"].contains(&name.as_str()));
    if hides { "_b." } else { "" }
}

impl<'m> Types<'m> {
    pub fn of(model: &'m Model) -> Self {
        let mut taken = HashSet::from(["Role".to_owned()]);
        let mut name = |namespace: usize, name: &str| {
            let path: String = model.namespaces[namespace].path.iter().map(|part| casing::type_name(part)).collect();
            let name = casing::type_name(name);
            // `MixerError` of the mixer says that already.
            let name = if name.len() > path.len() && name.starts_with(&path) { name } else { path + &name };
            words::once(words::identifier(&name), &mut taken)
        };
        let names: Vec<String> = model.types.iter().map(|def| name(def.namespace, &def.name)).collect();
        let events = model.events.iter().map(|it| (it.namespace, &it.name, &it.wire, &it.payload, &it.origin));
        let asks = model.asks.iter().map(|it| (it.namespace, &it.name, &it.wire, &it.payload, &it.origin));
        let relayed = model.messages.iter().filter(|message| is_relayed(message));
        let relayed = relayed.map(|it| (it.namespace, &it.name, &it.wire, &it.payload, &it.origin));
        let payloads = events.chain(asks).chain(relayed).filter_map(|(namespace, own, wire, payload, origin)| {
            let Payload::Fields(fields) = payload else { return None };
            Some((name(namespace, own), wire.as_str(), &fields[..], origin))
        });
        let payloads = payloads.collect();
        let variants = model.types.iter().zip(&names).map(|(def, name)| match &def.kind {
            TypeKind::Enum(variants) | TypeKind::Error(variants) => variants
                .iter()
                .map(|variant| words::once(format!("{name}{}", casing::type_name(&variant.name)), &mut taken))
                .collect(),
            _ => Vec::new(),
        });
        let variants = variants.collect();
        Self { model, facts: Facts::of(model), names, payloads, variants }
    }

    /// What a type is called.
    pub fn annotation(&self, ty: &Type, from: From) -> String {
        let present = self.present(&ty.shape, from);
        if ty.nullable { format!("{present} | None") } else { present }
    }

    fn present(&self, shape: &Shape, from: From) -> String {
        let From { types, builtins } = from;
        match shape {
            Shape::Bool => format!("{builtins}bool"),
            Shape::Int(_) => format!("{builtins}int"),
            Shape::F32 | Shape::F64 => format!("{builtins}float"),
            Shape::Bytes => format!("{builtins}bytes"),
            Shape::Duration => "_datetime.timedelta".to_owned(),
            Shape::Json | Shape::Unknown => "_rt.Json".to_owned(),
            Shape::Role => format!("{types}Role"),
            Shape::Const(value) => format!("_t.Literal[{}]", words::constant(value)),
            Shape::List(item) => format!("_t.Sequence[{}]", self.annotation(item, from)),
            Shape::Map(key, value) => {
                format!("_t.Mapping[{}, {}]", self.annotation(key, from), self.annotation(value, from))
            }
            Shape::Named(id) => {
                let def = &self.model.types[*id];
                let is_open = matches!(&def.kind, TypeKind::Enum(variants) if def.open && is_plain(variants));
                let or_text = if is_open { format!(" | {builtins}str") } else { String::new() };
                format!("{types}{}{or_text}", self.names[*id])
            }
            _ => format!("{builtins}str"),
        }
    }

    /// The class that an event or an ask comes as; `None` without fields.
    pub fn payload(&self, wire: &str, payload: &Payload, from: From) -> String {
        match payload {
            Payload::None => "_rt.Json".to_owned(),
            Payload::Type(ty) => self.annotation(ty, from),
            Payload::Fields(_) => {
                let found = self.payloads.iter().find(|(_, of, ..)| *of == wire);
                found.map_or("_rt.Json".to_owned(), |(name, ..)| format!("{}{name}", from.types))
            }
        }
    }

    /// The fields of a payload, also of one that is a struct by name; `None` when it is another type.
    pub fn fields(&self, payload: &'m Payload) -> Option<&'m [Field]> {
        match payload {
            Payload::None => Some(&[]),
            Payload::Fields(fields) => Some(fields),
            Payload::Type(ty) if self.is_nullable(ty) => None,
            Payload::Type(ty) => match self.base(&ty.shape) {
                Shape::Named(id) => match &self.model.types[*id].kind {
                    TypeKind::Struct(fields) => Some(fields),
                    _ => None,
                },
                _ => None,
            },
        }
    }

    /// Whether only one value will do for a field, so that nobody has to say it.
    pub fn is_fixed(&self, field: &Field) -> bool {
        matches!(self.base(&field.ty.shape), Shape::Const(_)) && !self.is_nullable(&field.ty) && !field.optional
    }

    /// The type of a field, and what it is when nothing is said. `said` are values that go out.
    pub fn field(&self, field: &Field, said: bool, from: From) -> (String, Option<String>) {
        let ty = self.annotation(&field.ty, from);
        let default = field.default.as_ref().filter(|_| !said).and_then(|value| self.default(&field.ty, value));
        match &field.default {
            Some(_) if default.is_some() => (ty, default),
            Some(_) => (format!("{ty} | _rt.Unset"), Some("_rt.UNSET".to_owned())),
            None if field.optional && self.is_nullable(&field.ty) => {
                (format!("{ty} | _rt.Unset"), Some("_rt.UNSET".to_owned()))
            }
            None if field.optional => (format!("{ty} | None"), Some("None".to_owned())),
            None => (ty, None),
        }
    }

    fn default(&self, ty: &Type, value: &Value) -> Option<String> {
        let base = self.base(&ty.shape);
        Some(match (value, base) {
            (Value::Bool(value), _) => words::truth(*value).to_owned(),
            (Value::Number(number), Shape::Duration) => {
                format!("_datetime.timedelta(milliseconds={})", words::number(*number))
            }
            (Value::Number(number), _) => words::number(*number),
            (Value::List(values), Shape::List(item)) => {
                let items: Option<Vec<String>> = values.iter().map(|value| self.default(item, value)).collect();
                format!("[{}]", items?.join(", "))
            }
            (Value::Text(_), Shape::Bytes) => return None,
            (Value::Text(text), _) => words::literal(text),
            (Value::Variant(role), Shape::Role) => {
                format!("Role.{}", self.members(self.model.roles.iter().map(|role| role.name.as_str())).get(*role)?)
            }
            (Value::Variant(variant), Shape::Named(id)) => match &self.model.types[*id].kind {
                TypeKind::Enum(variants) if is_plain(variants) => {
                    let members = self.members(variants.iter().map(|variant| variant.wire.as_str()));
                    format!("{}.{}", self.names[*id], members.get(*variant)?)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn members<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<String> {
        let mut taken = HashSet::new();
        names.map(|name| words::once(words::enum_member(name), &mut taken)).collect()
    }

    fn is_nullable(&self, ty: &Type) -> bool {
        ty.nullable || matches!(ty.shape, Shape::Named(id) if self.facts.nullable[id])
    }

    /// The shape behind all aliases.
    fn base<'t>(&self, shape: &'t Shape) -> &'t Shape
    where
        'm: 't,
    {
        match shape {
            Shape::Named(id) if self.facts.circular[*id] => &Shape::Json,
            Shape::Named(id) => match &self.model.types[self.facts.last[*id]].kind {
                TypeKind::Alias(target) => &target.shape,
                _ => shape,
            },
            _ => shape,
        }
    }

    // ---------------------------------------------------------------- the module

    /// `types.py`. Enums stand first, since defaults name them.
    pub fn module(&self) -> String {
        let mut out = Lines::default();
        out.line("\"\"\"The types of the protocol: classes of values, and exceptions of declared errors.\"\"\"");
        out.blank(1);
        out.line("from __future__ import annotations");
        out.blank(1);
        out.line("import builtins as _b");
        out.line("import datetime as _datetime");
        out.line("import typing as _t");
        out.line("from dataclasses import dataclass as _dataclass, field as _field");
        out.blank(1);
        out.line("from . import _runtime as _rt");
        if !self.model.roles.is_empty() {
            let roles = self.model.roles.iter().map(|role| (role.name.as_str(), &role.origin)).collect::<Vec<_>>();
            self.names_class(&mut out, "Role", &["What a connection may be.".to_owned()], &roles);
        }
        for (id, def) in self.model.types.iter().enumerate() {
            if let TypeKind::Enum(variants) = &def.kind
                && is_plain(variants)
            {
                let variants: Vec<_> =
                    variants.iter().map(|variant| (variant.wire.as_str(), &variant.origin)).collect();
                self.names_class(&mut out, &self.names[id], &words::docs(&def.origin), &variants);
            }
        }
        for (id, def) in self.model.types.iter().enumerate() {
            match &def.kind {
                TypeKind::Alias(target) => self.alias(&mut out, id, def, target),
                TypeKind::Struct(fields) => {
                    self.data_class(&mut out, &self.names[id], &words::docs(&def.origin), None, fields);
                }
                TypeKind::Enum(variants) if !is_plain(variants) => self.union(&mut out, id, def, variants),
                TypeKind::Enum(_) => {}
                TypeKind::Error(variants) => self.error(&mut out, id, def, variants),
            }
        }
        for (name, _, fields, origin) in &self.payloads {
            self.data_class(&mut out, name, &words::docs(origin), None, fields);
        }
        out.finish()
    }

    fn names_class(&self, out: &mut Lines, name: &str, docs: &[String], variants: &[(&str, &Origin)]) {
        out.blank(2);
        out.block(format!("class {name}(_rt.Name):"), |out| {
            out.doc(docs);
            out.blank(1);
            let members = self.members(variants.iter().map(|(name, _)| *name));
            for ((wire, origin), member) in variants.iter().zip(members) {
                out.line(format!("{member} = {}", words::literal(wire)));
                out.doc(&words::docs(origin));
            }
        });
    }

    fn alias(&self, out: &mut Lines, id: usize, def: &TypeDef, target: &Type) {
        out.blank(2);
        let circular = self.facts.circular[id];
        let ty = if circular { "_rt.Json".to_owned() } else { self.annotation(target, From::class(&[])) };
        out.line(format!("{}: _t.TypeAlias = {}", self.names[id], words::literal(&ty)));
        out.doc(&words::docs(&def.origin));
    }

    fn union(&self, out: &mut Lines, id: usize, def: &TypeDef, variants: &[Variant]) {
        for (name, variant) in self.variants[id].iter().zip(variants) {
            let tag = (def.tag.as_str(), variant.wire.as_str());
            self.data_class(out, name, &words::docs(&variant.origin), Some(tag), &variant.fields);
        }
        out.blank(2);
        let unknown = def.open.then(|| "_rt.UnknownVariant".to_owned());
        let all: Vec<String> = self.variants[id].iter().cloned().chain(unknown).collect();
        out.line(format!("{}: _t.TypeAlias = \"{}\"", self.names[id], all.join(" | ")));
        out.doc(&words::docs(&def.origin));
    }

    fn data_class(&self, out: &mut Lines, name: &str, docs: &[String], tag: Option<(&str, &str)>, fields: &[Field]) {
        out.blank(2);
        out.line("@_dataclass(frozen=True, slots=True, kw_only=True)");
        out.block(format!("class {name}:"), |out| {
            out.doc(docs);
            out.blank(1);
            let attributes = attributes(tag.map(|(tag, _)| tag), fields);
            let from = From::class(&attributes);
            if let (Some((_, wire)), Some(attribute)) = (tag, attributes.first()) {
                let wire = words::literal(wire);
                out.line(format!("{attribute}: _t.Literal[{wire}] = _field(default={wire}, init=False, repr=False)"));
            }
            for (field, attribute) in fields.iter().zip(&attributes[usize::from(tag.is_some())..]) {
                if !self.is_fixed(field) {
                    out.line(self.attribute(field, attribute, from));
                    out.doc(&words::docs(&field.origin));
                }
            }
        });
    }

    fn attribute(&self, field: &Field, attribute: &str, from: From) -> String {
        let (ty, default) = self.field(field, false, from);
        let is_secret = field.secret || matches!(field.ty.shape, Shape::Named(id) if self.facts.secret[id]);
        let hidden = if is_secret { ", repr=False" } else { "" };
        match default {
            // Lists can be changed, so each has its own.
            Some(value) if value.starts_with('[') => {
                format!("{attribute}: {ty} = _field(default_factory=lambda: {value}{hidden})")
            }
            Some(value) if is_secret => format!("{attribute}: {ty} = _field(default={value}{hidden})"),
            Some(value) => format!("{attribute}: {ty} = {value}"),
            None if is_secret => format!("{attribute}: {ty} = _field(repr=False)"),
            None => format!("{attribute}: {ty}"),
        }
    }

    fn error(&self, out: &mut Lines, id: usize, def: &TypeDef, variants: &[Variant]) {
        out.blank(2);
        out.block(format!("class {}(_rt.Refused):", self.names[id]), |out| out.doc(&words::docs(&def.origin)));
        for (name, variant) in self.variants[id].iter().zip(variants) {
            out.blank(2);
            out.block(format!("class {name}({}):", self.names[id]), |out| {
                out.doc(&words::docs(&variant.origin));
                out.blank(1);
                self.exception(out, def, variant);
            });
        }
    }

    fn exception(&self, out: &mut Lines, def: &TypeDef, variant: &Variant) {
        let attributes = words::attributes(variant.fields.iter().map(|field| field.wire.as_str()), &OF_EXCEPTIONS);
        let from = From::class(&attributes);
        let kept: Vec<_> = variant.fields.iter().zip(&attributes).filter(|(field, _)| !self.is_fixed(field)).collect();
        let mut parameters = String::new();
        for (field, attribute) in &kept {
            let (ty, default) = self.field(field, true, from);
            out.line(format!("{attribute}: {ty}"));
            out.doc(&words::docs(&field.origin));
            let default = default.map_or(String::new(), |value| format!(" = {value}"));
            let _ =
                write!(parameters, "{}{attribute}: {ty}{default}", if parameters.is_empty() { ", *, " } else { ", " });
        }
        out.blank(1);
        out.block(format!("def __init__(self{parameters}) -> None:"), |out| {
            let (tag, wire) = (words::literal(&def.tag), words::literal(&variant.wire));
            out.line(format!("super().__init__({{\"code\": \"refused\", {tag}: {wire}}})"));
            for (_, attribute) in &kept {
                out.line(format!("self.{attribute} = {attribute}"));
            }
        });
    }

    // ---------------------------------------------------------------- the protocol

    /// `_protocol.py`
    pub fn protocol(&self, plan: &str) -> String {
        let mut out = Lines::default();
        out.line("\"\"\"The protocol as data, and which classes its types are.\"\"\"");
        out.blank(1);
        out.line("from . import _runtime as _rt");
        out.line("from . import types as _types");
        out.blank(1);
        out.line("PROTOCOL = _rt.Protocol(");
        out.line(format!("    plan={},", words::literal(plan)));
        out.line("    classes={");
        for (id, def) in self.model.types.iter().enumerate() {
            if let Some(made) = self.made(id, def) {
                out.line(format!("        {id}: {made},"));
            }
        }
        out.line("    },");
        out.line("    payloads={");
        for (name, wire, fields, _) in &self.payloads {
            out.line(format!("        {}: {},", words::literal(wire), class(name, None, fields, &[])));
        }
        out.line("    },");
        out.line("    errors={");
        for (id, def) in self.model.types.iter().enumerate() {
            if let TypeKind::Error(_) = &def.kind {
                out.line(format!("        {id}: _types.{},", self.names[id]));
            }
        }
        out.line("    },");
        out.line(format!("    role={},", if self.model.roles.is_empty() { "None" } else { "_types.Role" }));
        out.line(")");
        out.finish()
    }

    fn made(&self, id: usize, def: &TypeDef) -> Option<String> {
        let (variants, kept): (_, &[&str]) = match &def.kind {
            TypeKind::Alias(_) => return None,
            TypeKind::Struct(fields) => return Some(class(&self.names[id], None, fields, &[])),
            TypeKind::Enum(variants) if is_plain(variants) => return Some(format!("_types.{}", self.names[id])),
            TypeKind::Enum(variants) => (variants, &[]),
            TypeKind::Error(variants) => (variants, &OF_EXCEPTIONS),
        };
        let tag = matches!(def.kind, TypeKind::Enum(_)).then_some(def.tag.as_str());
        let variants: Vec<String> = variants
            .iter()
            .zip(&self.variants[id])
            .map(|(variant, name)| {
                format!("{}: {}", words::literal(&variant.wire), class(name, tag, &variant.fields, kept))
            })
            .collect();
        Some(format!("{{{}}}", variants.join(", ")))
    }
}

/// The attributes of a class: that of the tag, if there is one, then those of the fields.
fn attributes(tag: Option<&str>, fields: &[Field]) -> Vec<String> {
    words::attributes(tag.into_iter().chain(fields.iter().map(|field| field.wire.as_str())), &[])
}

/// A class with those attributes that are called otherwise in JSON.
fn class(name: &str, tag: Option<&str>, fields: &[Field], kept: &[&str]) -> String {
    let names = tag.into_iter().chain(fields.iter().map(|field| field.wire.as_str()));
    let attributes = words::attributes(names, kept);
    let others: Vec<String> = fields
        .iter()
        .zip(&attributes[usize::from(tag.is_some())..])
        .filter(|(field, attribute)| field.wire != **attribute)
        .map(|(field, attribute)| format!("{}: {}", words::literal(&field.wire), words::literal(attribute)))
        .collect();
    match others.is_empty() {
        true => format!("_rt.Made(_types.{name})"),
        false => format!("_rt.Made(_types.{name}, {{{}}})", others.join(", ")),
    }
}

/// What exceptions have themselves.
const OF_EXCEPTIONS: [&str; 10] =
    ["CODE", "add_note", "args", "code", "details", "error", "message", "self", "with_traceback", "_shown"];
