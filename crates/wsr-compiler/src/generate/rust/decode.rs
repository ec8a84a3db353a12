//! Decoders: values read from JSON and checked on the way.

use super::context::{Context, Scope, locals};
use super::enums::UNKNOWN;
use super::limits::{Around, Place, all_hold, some};
use super::literal;
use super::types::{Merged, is_left_out};
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::writer::{Writer, indented};
use crate::model::{Bounds, Field, Int, Limits, Literal, Number, Shape, Type, TypeDef, Variant};

/// Code that reads a value, given `r: &mut Reader` and `at: &Path`.
pub(super) enum Code {
    /// A function of both.
    Function(&'static str),
    /// An expression.
    Expression(String),
}

impl Code {
    /// As an argument.
    pub fn closure(&self) -> String {
        match self {
            Self::Function(path) => (*path).to_owned(),
            Self::Expression(code) => format!("|r, at| {code}"),
        }
    }

    /// As a value.
    pub fn expression(&self) -> String {
        match self {
            Self::Function(path) => format!("{path}(r, at)"),
            Self::Expression(code) => code.clone(),
        }
    }
}

/// What the trait does.
const DECODE: &str = "rt::Decode::decode";

impl<'m> Context<'m> {
    /// Reads a value of this type.
    pub fn decode(&self, scope: Scope, ty: &'m Type) -> Code {
        let present = self.decode_present(scope, ty);
        if self.is_nullable(ty) {
            return Code::Expression(format!("rt::nullable(r, at, {})", present.closure()));
        }
        present
    }

    /// Reads a value of this type that is not null.
    fn decode_present(&self, scope: Scope, ty: &'m Type) -> Code {
        let limits = Merged::of(&ty.limits);
        if limits.is_empty() {
            return self.decode_shape(scope, ty);
        }
        let around = Around { report: "&mut r.report", at: "at", width: 66 };
        let (read, place, keep) = match (&ty.shape, self.counted(ty)) {
            (Shape::String, _) => ("let text = r.string(at)?;".to_owned(), Place::value("text"), "text.into_owned()"),
            (_, Some((shape, bounds))) => (self.decode_counted(scope, shape, bounds), Place::value("value"), "value"),
            (shape, None) => {
                let rust = self.present_type(scope, shape);
                let read = format!("let value: {rust} = {}?;", self.decode_shape(scope, ty).expression());
                (read, Place::value("value"), "value")
            }
        };
        let newtype = self.own_type(ty).is_some();
        let conditions = self.conditions(scope, self.base(ty), &limits, &place, newtype, around);
        if conditions.is_empty() {
            return self.decode_shape(scope, ty);
        }
        let result = format!("if ok {{ §Ok({keep}) }} else {{ §Err(rt::Fault::Invalid) }}");
        let body = format!("{read}\n{}\n{result}", all_hold(&conditions));
        Code::Expression(format!("{{\n{}\n}}", indented(&body)))
    }

    /// Without the limits that stand at this use; they only say how a 64-bit integer travels.
    fn decode_shape(&self, scope: Scope, ty: &'m Type) -> Code {
        match &ty.shape {
            Shape::Named(id) => match self.plain_alias(*id) {
                Some(target) => match self.base(target) {
                    Shape::Int(int) if self.own_type(target).is_none() => self.decode_integer(*int, &ty.limits),
                    _ => self.decode_present(scope, target),
                },
                None => Code::Function(DECODE),
            },
            Shape::Int(int) => self.decode_integer(*int, &ty.limits),
            shape => self.decode_of_shape(scope, shape),
        }
    }

    /// Reads a value of a shape that is not an integer of 64 bits.
    pub fn decode_of_shape(&self, scope: Scope, shape: &'m Shape) -> Code {
        match shape {
            Shape::List(item) => match self.decode(scope, item) {
                Code::Function(DECODE) => Code::Function(DECODE),
                code => Code::Expression(format!("rt::list(r, at, {})", code.closure())),
            },
            Shape::Map(key_type, value) => {
                let (key, value) = (self.decode_key(scope, key_type), self.decode(scope, value).closure());
                Code::Expression(format!("rt::map(r, {}, {key}, {value})", self.map_path(key_type)))
            }
            Shape::Const(literal) => Code::Expression(decode_constant(literal)),
            _ => Code::Function(DECODE),
        }
    }

    /// The list or map that a type is, if its length is limited where it stands.
    fn counted(&self, ty: &'m Type) -> Option<(&'m Shape, Bounds)> {
        let shape = match &ty.shape {
            Shape::Named(id) => &self.plain_alias(*id)?.shape,
            shape => shape,
        };
        let bounds = ty.limits.len?;
        matches!(shape, Shape::List(_) | Shape::Map(..)).then_some((shape, bounds))
    }

    /// Statements that read a list or map into `value`, and check its length also when something in it is
    /// wrong. With everything right, whoever has the value checks.
    pub fn decode_counted(&self, scope: Scope, shape: &'m Shape, bounds: Bounds) -> String {
        let rust = self.present_type(scope, shape);
        let counting = |code: Code| format!("|r, at| {{\n    count += 1;\n{}\n}}", indented(&code.expression()));
        let read = match shape {
            Shape::List(item) => format!("rt::list(r, at, {})", counting(self.decode(scope, item))),
            Shape::Map(key_type, value) => {
                let (key, at) = (self.decode_key(scope, key_type), self.map_path(key_type));
                format!("rt::map(r, {at}, {key}, {})", counting(self.decode(scope, value)))
            }
            _ => return format!("let value: {rust} = {}?;", self.decode_of_shape(scope, shape).expression()),
        };
        let (min, max, want) = (bounds.min, some(bounds.max), literal::string(&literal::bounds(bounds)));
        [
            "let mut count = 0;".to_owned(),
            format!("let value: rt::Decoded<{rust}> = {read};"),
            "if count > 0 && matches!(value, §Err(rt::Fault::Invalid)) {".to_owned(),
            format!("    rt::limit::len(&mut r.report, at, count, {min}, {max}, {want});"),
            "}".to_owned(),
            "let value = value?;".to_owned(),
        ]
        .join("\n")
    }

    /// Where a map's entries are: pointers show keys, so those of secret ones end before.
    fn map_path(&self, key: &Type) -> &'static str {
        match key.shape {
            Shape::Named(id) if self.facts.secret.get(id) == Some(&true) => "&at.secret()",
            _ => "at",
        }
    }

    /// The function that reads a map's key.
    fn decode_key(&self, scope: Scope, key: &'m Type) -> String {
        let around = Around { report: "report", at: "at", width: 70 };
        let conditions = self.key_conditions(scope, key, &Place::value("key"), around);
        if conditions.is_empty() {
            return "rt::Key::decode_key".to_owned();
        }
        let body = [
            format!("let key: {} = rt::Key::decode_key(text, report, at)?;", self.rust_type(scope, key)),
            all_hold(&conditions),
            "if ok { §Ok(key) } else { §Err(rt::Fault::Invalid) }".to_owned(),
        ];
        format!("|text, report, at| {{\n{}\n}}", indented(&body.join("\n")))
    }

    /// The limits that stand at a map's key.
    pub fn key_conditions(&self, scope: Scope, key: &'m Type, place: &Place, around: Around<'_>) -> Vec<String> {
        let limits = Merged::of(&key.limits);
        if limits.is_empty() {
            return Vec::new();
        }
        self.conditions(scope, self.base(key), &limits, place, self.own_type(key).is_some(), around)
    }

    fn decode_integer(&self, int: Int, limits: &Limits) -> Code {
        match (int, self.is_number(int, limits)) {
            (Int::U64 | Int::I64, true) => Code::Function("rt::decode_int64_number"),
            (Int::U64 | Int::I64, false) => Code::Function("rt::decode_int64_text"),
            _ => Code::Function(DECODE),
        }
    }

    /// `impl Decode` for a struct with these fields.
    pub fn decode_struct(&self, w: &mut Writer, scope: Scope, name: &str, fields: &'m [Field], open: bool) {
        decode_impl(w, name, |w| self.decode_object(w, scope, fields, open));
    }

    /// `impl Decode` for an enum.
    pub fn decode_enum(&self, w: &mut Writer, scope: Scope, name: &str, def: &TypeDef, variants: &'m [Variant]) {
        decode_impl(w, name, |w| {
            w.line("r.object(at)?;");
            w.block(format!("match r.peek_tag({})?.as_deref()", literal::string(&def.tag)), |w| {
                for variant in variants {
                    w.block(format!("§Some({}) =>", literal::string(&variant.wire)), |w| {
                        let head = format!("Self::{}", identifier(&type_name(&variant.name)));
                        self.decode_members(w, scope, &head, &variant.fields, def.open, Some(&def.tag));
                    });
                }
                if def.open {
                    w.line(format!("§Some(_) => r.members(at).map(Self::{UNKNOWN}),"));
                }
                w.block("_ =>", |w| no_variant(w, &def.tag, variants));
            });
        });
    }

    fn decode_object(&self, w: &mut Writer, scope: Scope, fields: &'m [Field], open: bool) {
        w.line("r.object(at)?;");
        self.decode_members(w, scope, "Self", fields, open, None);
    }

    /// Reads the members of an object and makes `head` of them; `tag` is a key that was looked at before.
    fn decode_members(
        &self,
        w: &mut Writer,
        scope: Scope,
        head: &str,
        fields: &'m [Field],
        open: bool,
        tag: Option<&str>,
    ) {
        let locals = locals(fields);
        if tag.is_some() {
            w.line("let mut tag = rt::Slot::<()>::new();");
        }
        for (field, local) in fields.iter().zip(&locals) {
            let slot = self.slot_type(scope, field);
            w.line(format!("let mut {local} = rt::Slot::<{slot}>::new();"));
        }
        w.block("while let §Some(key) = r.next_key()?", |w| {
            w.block("match &*key", |w| {
                if let Some(tag) = tag {
                    let key = literal::string(tag);
                    w.line(format!("{key} => tag.read(r, &at.key({key}), |r, _| r.skip())?,"));
                }
                for (field, local) in fields.iter().zip(&locals) {
                    let (key, at) = (literal::string(&field.wire), field_path(field));
                    w.line(format!("{key} => {local}.read(r, {at}, {})?,", self.decode_field(scope, field)));
                }
                w.line(if open { "_ => r.skip()?," } else { "key => r.unknown_key(at, key)?," });
            });
        });
        for (field, local) in fields.iter().zip(&locals) {
            w.line(format!("let {local} = {local}{};", self.taken_from_slot(scope, field)));
        }
        for (_, local) in fields.iter().zip(&locals).filter(|(field, _)| self.is_fixed(field)) {
            w.line(format!("let () = {local}?;"));
        }
        let members = self.kept(fields).map(|(index, field)| {
            let name = identifier(&field_name(&field.name));
            format!("{name}: {}?", locals[index])
        });
        w.line(construction(head, &members.collect::<Vec<_>>()));
    }

    fn slot_type(&self, scope: Scope, field: &Field) -> String {
        let present = self.present_field_type(scope, field);
        if self.is_nullable(&field.ty) { format!("§Option<{present}>") } else { present }
    }

    /// The function that reads a field's value.
    fn decode_field(&self, scope: Scope, field: &'m Field) -> String {
        let mut code = self.decode_present(scope, &field.ty);
        if field.boxed && !matches!(code, Code::Function(DECODE)) {
            code = Code::Expression(format!("{}.map(§Box::new)", code.expression()));
        }
        if self.is_nullable(&field.ty) {
            code = Code::Expression(format!("rt::nullable(r, at, {})", code.closure()));
        }
        code.closure()
    }

    /// What is asked of a field's slot once the object has ended.
    fn taken_from_slot(&self, scope: Scope, field: &'m Field) -> String {
        if let Some(default) = &field.default {
            let value = self.default_value(scope, field, default);
            let fits = value.len() <= 60;
            let value = if fits { value } else { format!("{{\n{}\n}}", indented(&value)) };
            return format!(".or_default(|| {value})");
        }
        match is_left_out(field) {
            true => ".optional()".to_owned(),
            false => format!(".required(r, {})", field_path(field)),
        }
    }
}

/// `impl Decode` for an enum that is a string on the wire.
pub(super) fn decode_plain_enum(w: &mut Writer, name: &str, variants: &[Variant], open: bool) {
    decode_impl(w, name, |w| {
        w.line("let text = r.string(at)?;");
        w.line("rt::Key::decode_key(&text, &mut r.report, at)");
    });
    w.blank();
    w.block(format!("impl rt::Key for {name}"), |w| {
        let head = "fn decode_key(text: &str, report: &mut rt::Report, at: &rt::Path<'_>) -> rt::Decoded<Self>";
        w.block(head, |w| {
            w.block("match text", |w| {
                for variant in variants {
                    let (wire, name) = (literal::string(&variant.wire), identifier(&type_name(&variant.name)));
                    w.line(format!("{wire} => §Ok(Self::{name}),"));
                }
                match open {
                    true => w.line(format!("other => §Ok(Self::{UNKNOWN}(§String::from(other))),")),
                    false => w.line(format!("other => §Err(report.add(at, \"one_of\", {}, other)),", one_of(variants))),
                }
            });
        });
        w.blank();
        w.block("fn encode_key(&self, out: &mut §Vec<u8>)", |w| w.line("rt::Encode::encode(self, out);"));
    });
}

/// Behind a tag that names no variant, or is missing, or is no text.
fn no_variant(w: &mut Writer, tag: &str, variants: &[Variant]) {
    let key = literal::string(tag);
    w.line("let mut tag = rt::Slot::<§String>::new();");
    w.block("while let §Some(key) = r.next_key()?", |w| {
        w.block("match &*key", |w| {
            w.line(format!("{key} => tag.read(r, &at.key({key}), rt::Decode::decode)?,"));
            w.line("_ => r.skip()?,");
        });
    });
    w.line(format!("let tag = tag.required(r, &at.key({key}))?;"));
    w.line(format!("§Err(r.report.add(&at.key({key}), \"one_of\", {}, tag))", one_of(variants)));
}

/// Reads a value that has to be this one.
fn decode_constant(constant: &Literal) -> String {
    let want = literal::string(&literal::constant(constant));
    match constant {
        Literal::Bool(value) => format!("rt::constant::boolean(r, at, {value})"),
        Literal::Number(Number::Int(value)) => format!("rt::constant::int(r, at, {value}, {want})"),
        Literal::Number(number) => format!("rt::constant::float(r, at, {}, {want})", literal::float(*number)),
        Literal::Text(text) => format!("rt::constant::text(r, at, {}, {want})", literal::string(text)),
    }
}

/// The frame around a decoder's body.
pub(super) fn decode_impl(w: &mut Writer, name: &str, body: impl FnOnce(&mut Writer)) {
    w.blank();
    w.block(format!("impl rt::Decode for {name}"), |w| {
        w.block("fn decode(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self>", body);
    });
}

/// A field's place in the payload.
pub(super) fn field_path(field: &Field) -> String {
    let secret = if field.secret { ".secret()" } else { "" };
    format!("&at.key({}){secret}", literal::string(&field.wire))
}

/// `low | normal | high`, as a literal.
fn one_of(variants: &[Variant]) -> String {
    let names: Vec<&str> = variants.iter().map(|variant| variant.wire.as_str()).collect();
    literal::string(&names.join(" | "))
}

fn construction(head: &str, members: &[String]) -> String {
    let line = format!("§Ok({head} {{ {} }})", members.join(", "));
    if members.is_empty() {
        format!("§Ok({head})")
    } else if line.len() <= 80 {
        line
    } else {
        let members: String = members.iter().map(|member| format!("    {member},\n")).collect();
        format!("§Ok({head} {{\n{members}}})")
    }
}
