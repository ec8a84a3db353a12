//! Binary payloads: fixed fields in order, one of any length last.

use super::context::{Context, Scope, locals};
use super::decode::field_path;
use super::limits::{Around, Place, all_hold};
use super::literal;
use super::types::Merged;
use crate::generate::casing::{field_name, identifier};
use crate::generate::writer::{Writer, indented};
use crate::model::{Field, MessageId, Payload, Shape, Type, TypeKind};

impl<'m> Context<'m> {
    /// A function that reads the payload of a binary message.
    pub fn binary_decoder(&self, w: &mut Writer, scope: Scope, id: MessageId) {
        let message = &self.model.messages[id];
        let path = self.message_path(scope, id);
        let name = super::protocol::function_name(&self.variants[id]);
        self.binary_reader(w, scope, &name, &message.wire, &path, &message.payload);
    }

    /// A function that reads a binary payload into the struct at `path`.
    pub fn binary_reader(
        &self,
        w: &mut Writer,
        scope: Scope,
        name: &str,
        wire: &str,
        path: &str,
        payload: &'m Payload,
    ) {
        let fields = self.fields_of_payload(payload);
        let locals = locals(fields);
        w.blank();
        w.line(format!("/// Reads a binary `{}`.", literal::comment(wire)));
        let head = format!("fn read_{name}(body: rt::Bytes, report: &mut rt::Report) -> rt::Decoded<{path}>");
        w.block(head, |w| {
            w.line("let mut r = rt::BinaryReader::new(body, report);");
            w.line("let at = &rt::Path::root();");
            for (field, local) in fields.iter().zip(&locals) {
                w.line(format!("let {local} = {};", self.read_field(scope, field)));
            }
            w.line("r.finish()?;");
            let members: Vec<String> = fields
                .iter()
                .zip(&locals)
                .map(|(field, local)| format!("{}: {local}?", identifier(&field_name(&field.name))))
                .collect();
            let made =
                if members.is_empty() { path.to_owned() } else { format!("{path} {{ {} }}", members.join(", ")) };
            w.line(format!("§Ok({made})"));
        });
    }

    fn read_field(&self, scope: Scope, field: &'m Field) -> String {
        let at = field_path(field);
        let shape = self.base(&field.ty);
        let mut read = match shape {
            Shape::Bool => format!("r.boolean({at})"),
            Shape::Int(int) => format!("r.{}({at})", int.name()),
            Shape::F32 => format!("r.f32({at})"),
            Shape::F64 => format!("r.f64({at})"),
            Shape::Uuid => format!("r.uuid({at})"),
            Shape::Timestamp => format!("r.timestamp({at})"),
            Shape::Duration => format!("r.duration({at})"),
            Shape::Bytes => format!("r.rest_bytes({at})"),
            Shape::String => format!("r.rest_text({at})"),
            _ => match self.variants_path(scope, shape) {
                Some(path) => format!("r.index({at}, {path}::all().len()).map(|index| {path}::all()[index])"),
                None => return unfit(&at),
            },
        };
        if let Some(path) = self.newtype_path(scope, &field.ty) {
            read.push_str(&format!("\n    .and_then(|value| {path}::checked(value, r.report, {at}))"));
        }
        let limits = Merged::of(&field.ty.limits);
        if limits.is_empty() {
            return read;
        }
        let newtype = self.own_type(&field.ty).is_some();
        let around = Around { report: "r.report", at: "at", width: 74 };
        let conditions = self.conditions(scope, shape, &limits, &Place::value("value"), newtype, around);
        if conditions.is_empty() {
            return read;
        }
        let key = literal::string(&field.wire);
        let secret = if field.secret { "\nlet at = &at.secret();" } else { "" };
        let body = format!(
            "let at = &at.key({key});{secret}\n{}\nif ok {{ §Ok(value) }} else {{ §Err(rt::Fault::Invalid) }}",
            all_hold(&conditions)
        );
        format!("{read}.and_then(|value| {{\n{}\n}})", indented(&body))
    }

    /// The statements that append the frame of a binary event, or of a message that is relayed.
    pub fn binary_frame(&self, w: &mut Writer, tag: u8, payload: &'m Payload, value: &str) {
        let fields = self.fields_of_payload(payload);
        w.closed_block(&format!("rt::append_binary(out, {tag:#04x}, |out| {{"), "});", |w| {
            if fields.is_empty() {
                return;
            }
            w.line("let mut w = rt::BinaryWriter::new(out);");
            for field in fields {
                let place = format!("{value}.{}", identifier(&field_name(&field.name)));
                w.line(self.write_field(&field.ty, &place));
            }
        });
    }

    fn write_field(&self, ty: &'m Type, place: &str) -> String {
        let newtype = self.own_type(ty).is_some();
        let value = if newtype { format!("{place}.get()") } else { place.to_owned() };
        match self.base(ty) {
            Shape::Bool => format!("w.boolean({value});"),
            Shape::Int(int) => format!("w.{}({value});", int.name()),
            Shape::F32 => format!("w.f32({value});"),
            Shape::F64 => format!("w.f64({value});"),
            Shape::Uuid => format!("w.uuid(&{value});"),
            Shape::Timestamp => format!("w.timestamp(&{value});"),
            Shape::Duration => format!("w.duration(&{value});"),
            Shape::Bytes => format!("w.rest(&{place}[..]);"),
            Shape::String => format!("w.rest({place}.as_bytes());"),
            Shape::Role | Shape::Named(_) => {
                let wrapped = self.own_type(ty).is_some_and(|def| matches!(def.kind, TypeKind::Alias(_)));
                let value = if wrapped { value } else { place.to_owned() };
                format!("w.index({value} as u8);")
            }
            _ => String::new(),
        }
    }

    /// The fields of a payload, also of one that is a struct by name.
    pub fn fields_of_payload(&self, payload: &'m Payload) -> &'m [Field] {
        match payload {
            Payload::None => &[],
            Payload::Fields(fields) => fields,
            Payload::Type(ty) => match self.own_type(ty).map(|def| &def.kind) {
                Some(TypeKind::Struct(fields)) => fields,
                _ => &[],
            },
        }
    }

    fn variants_path(&self, scope: Scope, shape: &Shape) -> Option<String> {
        match shape {
            Shape::Role => Some(self.root_item(scope, "Role")),
            Shape::Named(id) if self.is_plain_enum(self.model.types.get(*id)?) => Some(self.type_path(scope, *id)),
            _ => None,
        }
    }

    fn newtype_path(&self, scope: Scope, ty: &'m Type) -> Option<String> {
        let def = self.own_type(ty)?;
        matches!(def.kind, TypeKind::Alias(_)).then(|| {
            use crate::generate::casing::type_name;
            self.item(scope, def.namespace, &identifier(&type_name(&def.name)))
        })
    }
}

/// For a type that the checks have refused.
fn unfit(at: &str) -> String {
    format!("§Err(r.report.add({at}, \"type\", \"a type for binary payloads\", \"another\"))")
}
