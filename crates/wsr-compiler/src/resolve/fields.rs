//! Fields, variants and the types made of them.

use std::collections::HashMap;

use super::attributes::Place;
use super::rename::Case;
use super::{Resolver, TypeNode, WrittenType};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Edit};
use crate::edits;
use crate::generate::casing::{field_name, type_name};
use crate::model::{self, NamespaceId, TypeKind};
use crate::source::Span;
use crate::syntax::tree;

impl<'t> Resolver<'t, '_, '_> {
    /// Structs, enums and errors; aliases are known by now.
    pub(super) fn other_types(&mut self) {
        for id in 0..self.model.types.len() {
            let namespace = self.model.types[id].namespace;
            match self.written.types[id] {
                WrittenType { node: TypeNode::Struct(fields), .. } => {
                    self.case = self.case_of_fields(id).or(self.protocol_case);
                    let fields = self.fields(namespace, fields);
                    self.case = self.protocol_case;
                    self.model.types[id].kind = TypeKind::Struct(fields);
                }
                WrittenType { node: TypeNode::Enum { variants, broken }, span, .. } => {
                    if variants.is_empty() && !broken {
                        self.no_variants(id, span);
                    }
                    let case = self.type_cases.get(&id).copied();
                    let variants = self.variants(namespace, variants, case);
                    self.model.types[id].kind = match self.model.types[id].kind {
                        TypeKind::Error(_) => TypeKind::Error(variants),
                        _ => TypeKind::Enum(variants),
                    };
                }
                WrittenType { node: TypeNode::Alias(_), .. } => {}
            }
        }
    }

    /// Takes away defaults that name a variant which a report left out.
    pub(super) fn drop_dangling_defaults(&mut self) {
        let counts: Vec<usize> = self
            .model
            .types
            .iter()
            .map(|def| if let TypeKind::Enum(variants) = &def.kind { variants.len() } else { 0 })
            .collect();
        let model::Model { types, messages, events, .. } = &mut self.model;
        let shapes: Vec<model::TypeDef> = types.clone();
        let in_types = types.iter_mut().flat_map(|def| match &mut def.kind {
            TypeKind::Struct(fields) => fields.iter_mut().collect::<Vec<_>>(),
            TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                variants.iter_mut().flat_map(|variant| &mut variant.fields).collect()
            }
            TypeKind::Alias(_) => Vec::new(),
        });
        let payloads = messages
            .iter_mut()
            .map(|message| &mut message.payload)
            .chain(events.iter_mut().map(|event| &mut event.payload));
        let in_payloads = payloads.flat_map(|payload| match payload {
            model::Payload::Fields(fields) => fields.iter_mut().collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        for field in in_types.chain(in_payloads) {
            let dangles = field.default.as_ref().is_some_and(|default| dangles(&shapes, &counts, &field.ty, default));
            if dangles {
                field.default = None;
            }
        }
    }

    fn no_variants(&mut self, id: model::TypeId, span: Span) {
        let def = &self.model.types[id];
        let what = if matches!(def.kind, TypeKind::Error(_)) { "error" } else { "enum" };
        let (title, form) = match def.inline {
            true => ("this enum has no variants".to_owned(), "enum { … }".to_owned()),
            false => (format!("{what} `{}` has no variants", def.name), format!("{what} {} {{ … }}", def.name)),
        };
        let report = Diagnostic::new(Code::NoVariants, span, title).label("no value is possible");
        self.report(report.help(format!("name at least one: `{form}`")));
    }

    fn numbered(&mut self, number: Span) {
        let report = Diagnostic::new(Code::Syntax, number, "a variant has no number")
            .label("would not be sent")
            .help("on the wire a variant is its name; `@wire(\"name\")` gives it another one");
        let sign = self.source(number).and_then(|source| {
            let equals = edits::word_before(source, number, "=")?;
            Some(edits::removal(source, Span { start: equals.start, ..number }))
        });
        self.report(match sign {
            Some(sign) => report.fix_with("remove it", vec![Edit { span: sign, text: String::new() }]),
            None => report,
        });
    }

    /// `case` is that of the enum or error itself: those around it are about fields.
    fn variants(
        &mut self,
        namespace: NamespaceId,
        written: &'t [tree::Variant],
        case: Option<Case>,
    ) -> Vec<model::Variant> {
        let mut variants: Vec<model::Variant> = Vec::new();
        let mut seen = Seen::default();
        for variant in written {
            let attributes = self.attributes(&variant.lead, Place::Variant);
            let wire = self.wire_key(&attributes, &variant.name.text, case);
            if let Some(number) = variant.number {
                self.numbered(number);
            }
            if let Some(first) = seen.earlier(&variant.name, &wire) {
                self.twice("variant", &variant.name, first, &wire);
                if type_name(&first.text) == type_name(&variant.name.text) {
                    continue;
                }
            }
            let fields = self.fields(namespace, &variant.fields);
            let mut origin = self.origin(&variant.name, &variant.lead.docs);
            self.age(&attributes, &mut origin);
            variants.push(model::Variant { name: variant.name.text.clone(), wire, fields, origin });
        }
        variants
    }

    pub(super) fn fields(&mut self, namespace: NamespaceId, written: &'t [tree::Field]) -> Vec<model::Field> {
        let mut fields: Vec<model::Field> = Vec::new();
        let mut seen = Seen::default();
        for field in written {
            let lowered = self.field(namespace, field);
            if let Some(first) = seen.earlier(&field.name, &lowered.wire) {
                self.twice("field", &field.name, first, &lowered.wire);
                if field_name(&first.text) == field_name(&field.name.text) {
                    continue;
                }
            }
            fields.push(lowered);
        }
        fields
    }

    fn twice(&mut self, what: &str, second: &tree::Name, first: &tree::Name, wire: &str) {
        let title = match second.text == first.text {
            true => format!("{what} `{}` twice", second.text),
            false => format!("{what}s `{}` and `{}` are both `{wire}` on the wire", first.text, second.text),
        };
        let report = Diagnostic::new(Code::DuplicateField, second.span, title).label("the second one");
        self.report(report.also(first.span, "the first one").help("rename one of them"));
    }

    fn field(&mut self, namespace: NamespaceId, written: &'t tree::Field) -> model::Field {
        let attributes = self.attributes(&written.lead, Place::Field);
        let wire = self.wire_key(&attributes, &written.name.text, self.case);
        self.flags(&attributes, &["secret"]);
        let ty = self.ty(namespace, &written.ty);
        self.judge_limits();
        if let (true, Some(value)) = (written.optional, &written.default) {
            let report = Diagnostic::new(
                Code::DefaultType,
                value.span,
                format!("`{}` may be left out, and has a default", written.name.text),
            );
            let report =
                report.label("one of the two").help("remove the `?`: a field with a default may always be left out");
            let name = written.name.span;
            let sign = self.source(name).and_then(|source| edits::sign_behind(source, name, '?'));
            self.report(match sign {
                Some(sign) => report.fix(sign, ""),
                None => report,
            });
        }
        let default = written.default.as_ref().and_then(|value| self.default(&ty, value));
        let alias_is_secret = self.is_secret(&ty);
        let mut origin = self.origin(&written.name, &written.lead.docs);
        self.age(&attributes, &mut origin);
        model::Field {
            name: written.name.text.clone(),
            wire,
            ty,
            optional: written.optional && default.is_none(),
            default,
            secret: attributes.flag("secret") || alias_is_secret,
            boxed: false,
            origin,
        }
    }

    /// Whether the type is, through aliases, one that is `@secret`.
    pub(super) fn is_secret(&self, ty: &model::Type) -> bool {
        self.layers(ty)
            .iter()
            .any(|layer| matches!(layer.shape, model::Shape::Named(id) if self.model.types[id].secret))
    }
}

fn dangles(types: &[model::TypeDef], counts: &[usize], ty: &model::Type, value: &model::Value) -> bool {
    match (super::types::base(types, ty), value) {
        (model::Shape::Named(id), model::Value::Variant(index)) => *index >= counts[*id],
        (model::Shape::List(item), model::Value::List(values)) => {
            values.iter().any(|value| dangles(types, counts, item, value))
        }
        _ => false,
    }
}

/// The names of fields or variants so far, in the file and on the wire.
#[derive(Default)]
struct Seen<'t> {
    names: HashMap<&'t str, &'t tree::Name>,
    wires: HashMap<String, &'t tree::Name>,
}

impl<'t> Seen<'t> {
    /// The first one of this name, here or there; takes this one if there is none.
    fn earlier(&mut self, name: &'t tree::Name, wire: &str) -> Option<&'t tree::Name> {
        let first = self.names.get(name.text.as_str()).or_else(|| self.wires.get(wire)).copied();
        if first.is_none() {
            self.names.insert(&name.text, name);
            self.wires.insert(wire.to_owned(), name);
        }
        first
    }
}
