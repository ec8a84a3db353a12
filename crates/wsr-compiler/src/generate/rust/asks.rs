//! Asks: what the server may ask a client, and how its answers are read.

use super::context::{Context, Scope};
use super::limits::some;
use super::literal;
use super::protocol::duration;
use crate::generate::casing::{identifier, type_name};
use crate::generate::writer::Writer;
use crate::model::{Ask, TypeDef, TypeId, TypeKind};

impl<'m> Context<'m> {
    /// An ask's struct with its encoder and checks, and the types of its answers.
    pub fn ask(&self, w: &mut Writer, scope: Scope, ask: &'m Ask) {
        let name = identifier(&type_name(&ask.name));
        self.sent(w, scope, &name, &ask.wire, &ask.payload, &ask.origin);
        let protocol = self.root_item(scope, "Routes");
        let reply = ask.reply.ty.as_ref();
        let error = ask.reply.error.map_or("rt::NoRefusal".to_owned(), |id| self.type_path(scope, id));
        w.blank();
        w.block(format!("impl rt::Ask<{protocol}> for {name}"), |w| {
            w.line(format!("type Reply = {};", reply.map_or("()".to_owned(), |ty| self.rust_type(scope, ty))));
            w.line(format!("type Error = {error};"));
            w.blank();
            w.line(format!("const NAME: &'static str = {};", literal::string(&ask.wire)));
            let deadline = some(ask.deadline.map(duration));
            w.line(format!("const DEADLINE: §Option<::std::time::Duration> = {deadline};"));
            w.line(format!("const AUDIT: bool = {};", ask.audit));
            w.blank();
            w.block("fn append_payload(&self, out: &mut §Vec<u8>)", |w| w.line("rt::Encode::encode(self, out);"));
            w.blank();
            let read = reply.map_or("rt::decode_ok(r, at)".to_owned(), |ty| self.decode(scope, ty).expression());
            w.block(decoder("decode_reply", "Reply"), |w| w.line(read));
            w.blank();
            let read = match ask.reply.error {
                Some(_) => "rt::Decode::decode(r, at)",
                None => "rt::NoRefusal::decode(r, at)",
            };
            w.block(decoder("decode_error", "Error"), |w| w.line(read));
        });
    }

    /// The decoder of an error that clients may answer with; handlers only write theirs.
    pub fn asked_error(&self, w: &mut Writer, scope: Scope, id: TypeId, def: &'m TypeDef) {
        let TypeKind::Error(variants) = &def.kind else { return };
        if self.model.asks.iter().any(|ask| ask.reply.error == Some(id)) {
            self.decode_enum(w, scope, &identifier(&type_name(&def.name)), def, variants);
        }
    }
}

fn decoder(name: &str, ty: &str) -> String {
    format!("fn {name}(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self::{ty}>")
}
