//! The glue: the tables and functions by which the server drives a protocol.

use std::collections::BTreeSet;
use std::time::Duration;

use super::context::{Context, Scope};
use super::limits::{Place, some};
use super::literal;
use super::paths;
use crate::contract;
use crate::generate::casing::field_name;
use crate::generate::writer::{Writer, indented};
use crate::model::{Message, MessageId, RateBy};

impl<'m> Context<'m> {
    /// Everything of the root module that is not an author's item.
    pub fn glue(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        w.line("/// What handlers are given beside the message: who is asking, and what can be done about it.");
        w.line("pub type Cx = rt::Cx<Routes>;");
        w.blank();
        w.line("/// This protocol, as a type.");
        w.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]");
        w.line("pub struct Routes;");
        self.roles(w);
        self.any_message(w, scope);
        self.incoming(w, scope);
        self.serve(w, scope);
        self.protocol(w, scope);
        self.wired(w, scope);
        w.blank();
        w.line("// A runtime of another version does not have this constant: use the same version of");
        w.line("// `switchboard` and `switchboard-build`.");
        w.line(format!("const _: () = {}::{};", paths::ALIAS, paths::VERSION));
    }

    fn any_message(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        w.line("/// Any message, by reference: what a handler declared with `(any)` takes.");
        w.line("#[derive(Clone, Copy, Debug)]");
        w.block("pub enum AnyMessage<'a>", |w| {
            for (id, message, variant) in self.routes() {
                w.line(format!("/// `{}`", literal::comment(&message.wire)));
                w.line(format!("{variant}(&'a {}),", self.message_path(scope, id)));
            }
            if self.model.messages.is_empty() {
                w.line("#[doc(hidden)]");
                w.line("Never(&'a ::std::convert::Infallible),");
            }
        });
        w.blank();
        w.block("impl AnyMessage<'_>", |w| {
            w.line("/// The full name on the wire.");
            w.block("pub fn name(&self) -> &'static str", |w| {
                w.block("match self", |w| {
                    for (_, message, variant) in self.routes() {
                        w.line(format!("Self::{variant}(_) => {},", literal::string(&message.wire)));
                    }
                    if self.model.messages.is_empty() {
                        w.line("Self::Never(never) => match **never {},");
                    }
                });
            });
        });
    }

    fn incoming(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        w.line("/// Any message, decoded: holding one proves that it keeps its limits.");
        w.line("#[derive(Debug)]");
        w.block("pub enum Incoming", |w| {
            for (id, message, variant) in self.routes() {
                w.line(format!("/// `{}`", literal::comment(&message.wire)));
                w.line(format!("{variant}({}),", self.message_path(scope, id)));
            }
        });
    }

    fn serve(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        w.line("/// A server of this protocol, not yet listening, whose handlers are those of `app`.");
        let bounds = self.bounds(scope);
        w.line("pub fn serve<App_>(app: ::std::sync::Arc<App_>) -> rt::Server<Routes, Wired<App_>>");
        w.line("where");
        w.line(format!("    App_: {},", bounds.join("\n        + ")));
        w.closed_block("{", "}", |w| w.line("rt::Server::new(Wired { app })"));
        w.blank();
        w.line("/// An application with its handlers wired to the messages.");
        w.line("#[derive(Debug)]");
        w.block("pub struct Wired<App_>", |w| w.line("app: ::std::sync::Arc<App_>,"));
        w.blank();
        w.block("impl<App_> Wired<App_>", |w| {
            w.line("/// The application.");
            w.block("pub fn app(&self) -> &::std::sync::Arc<App_>", |w| w.line("&self.app"));
        });
        w.blank();
        w.block("impl<App_> ::std::clone::Clone for Wired<App_>", |w| {
            w.block("fn clone(&self) -> Self", |w| w.line("Self { app: ::std::sync::Arc::clone(&self.app) }"));
        });
        w.blank();
        w.block("impl<App_> ::std::ops::Deref for Wired<App_>", |w| {
            w.line("type Target = App_;");
            w.blank();
            w.block("fn deref(&self) -> &App_", |w| w.line("&self.app"));
        });
    }

    /// Every `Handlers` there is, spelled out: rustc then names the one that is missing.
    fn bounds(&self, scope: Scope) -> Vec<String> {
        let namespaces = (0..self.model.namespaces.len().max(1)).filter(|&id| self.has_handlers(id));
        let bounds: Vec<String> = namespaces.map(|id| self.handlers_path(scope, id)).collect();
        if bounds.is_empty() { vec!["§Send".to_owned(), "§Sync".to_owned(), "'static".to_owned()] } else { bounds }
    }

    fn wired(&self, w: &mut Writer, scope: Scope) {
        let bounds = self.bounds(scope).join("\n        + ");
        w.blank();
        w.lines(["impl<App_> rt::Application<Routes> for Wired<App_>", "where"]);
        w.line(format!("    App_: {bounds},"));
        w.closed_block("{", "}", |w| {
            w.line("async fn handle(");
            w.lines(["    &self,", "    cx: &Cx,", "    incoming: Incoming,", "    turn: &rt::Turn,"]);
            w.closed_block(") -> §Result<(), rt::Rejection> {", "}", |w| {
                w.block("match incoming", |w| {
                    for (_, _, variant) in self.routes() {
                        let name = function_name(variant);
                        w.line(format!("Incoming::{variant}(message) => self.run_{name}(cx, &message, turn).await,"));
                    }
                });
            });
        });
        w.blank();
        w.line("/// The chains, one a message.");
        w.lines(["impl<App_> Wired<App_>", "where"]);
        w.line(format!("    App_: {bounds},"));
        w.closed_block("{", "}", |w| {
            for (id, ..) in self.routes() {
                self.chain(w, scope, id);
            }
        });
    }

    fn protocol(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        w.block("impl rt::Protocol for Routes", |w| {
            w.line(format!("type Identity = {};", self.identity(scope)));
            w.line("type Role = Role;");
            w.line("type Incoming = Incoming;");
            w.blank();
            let accepts = self.model.accepts;
            w.line(format!(
                "const FORMS: rt::Forms = rt::Forms {{ plain: {}, flat: {}, nested: {} }};",
                accepts.plain, accepts.flat, accepts.nested
            ));
            w.blank();
            if let Some(history) = self.model.mailbox_history {
                w.line(format!("const MAILBOX: §Option<rt::History> = §Some({});", super::topics::history(history)));
                w.blank();
            }
            w.closed_block("const ROUTES: &'static [rt::Route] = &[", "];", |w| {
                for (id, message, _) in self.routes() {
                    w.line(self.route(id, message));
                }
            });
            self.flows(w, scope);
            w.blank();
            self.event_table(w);
            self.schema(w);
            self.find(w);
            self.identity_encoder(w, scope);
            self.decoders(w, scope);
            self.lane_keys(w, scope);
            self.once_keys(w, scope);
        });
        if self.model.messages.iter().all(|message| message.binary.is_none()) {
            return;
        }
        w.blank();
        w.line("/// Binary payloads.");
        w.block("impl Routes", |w| {
            for (id, message, _) in self.routes() {
                if message.binary.is_some() {
                    self.binary_decoder(w, scope, id);
                }
            }
        });
    }

    /// What a message says about itself, beyond its name and what is so for every other.
    fn route(&self, id: MessageId, message: &Message) -> String {
        let rate = message.rate.map(|rate| {
            let by = match rate.by {
                RateBy::Connection => "Connection",
                RateBy::Identity => "Identity",
                RateBy::Address => "Address",
            };
            let per = duration(rate.per);
            format!("rt::Rate {{\n    count: {},\n    per: {per},\n    by: rt::RateBy::{by},\n}}", rate.count)
        });
        let given = |name: &str, value: Option<String>| value.map(|value| format!("{name}: {},", some(Some(value))));
        let named = format!("rt::Route::named({})", literal::string(&message.wire));
        let fields: Vec<String> = [
            given("limit", message.limit.map(|limit| limit.to_string())),
            given("rate", rate),
            given("deadline", message.deadline.map(duration)),
            given("flow", self.flows[id].map(|flow| flow.to_string())),
            given("room", self.room_of(id).map(|room| room.to_string())),
            message.audit.then(|| "audit: true,".to_owned()),
            given("concurrent", message.concurrent.as_ref().map(|concurrent| concurrent.count.to_string())),
            message.cancellable.then(|| "cancellable: true,".to_owned()),
            message.stream().map(|_| "stream: true,".to_owned()),
            given("idempotent", message.idempotent.as_ref().map(|(key, keep)| self.once(message, key, *keep))),
        ]
        .into_iter()
        .flatten()
        .collect();
        if fields.is_empty() {
            return format!("{named},");
        }
        format!("rt::Route {{\n{}\n    ..{named}\n}},", indented(&fields.join("\n")))
    }

    /// One long text, in lines that can be looked at.
    fn schema(&self, w: &mut Writer) {
        w.blank();
        w.closed_block("const SCHEMA: &'static str = ::std::concat!(", ");", |w| {
            let schema = contract::schema(self.model);
            let mut rest = schema.as_str();
            while let Some((end, _)) =
                rest.char_indices().nth(SCHEMA_LINE).or((!rest.is_empty()).then_some((rest.len(), ' ')))
            {
                let (piece, behind) = rest.split_at(end);
                w.line(format!("{},", literal::string(piece)));
                rest = behind;
            }
        });
    }

    /// Names are found by a perfect hash, tags by a jump: neither asks how many there are.
    fn find(&self, w: &mut Writer) {
        w.blank();
        w.block("fn find(name: &str) -> §Option<u16>", |w| {
            let mut seen = BTreeSet::new();
            let mut map = phf_codegen::Map::new();
            map.phf_path(paths::PHF);
            for (id, message, _) in self.routes() {
                if seen.insert(&message.wire) {
                    map.entry(message.wire.as_str(), id.to_string());
                }
            }
            if seen.is_empty() {
                return w.line("§None");
            }
            let map = map.build().to_string().replace('§', "§§");
            w.line(format!("static NAMES: rt::phf::Map<&str, u16> = {map};"));
            w.line("NAMES.get(name).copied()");
        });
        w.blank();
        w.block("fn find_binary(tag: u8) -> §Option<u16>", |w| {
            w.block("match tag", |w| {
                let mut seen = BTreeSet::new();
                for (id, message, _) in self.routes() {
                    if let Some(tag) = message.binary.filter(|tag| seen.insert(*tag)) {
                        let mark = literal::comment(&message.wire);
                        w.line(format!("{tag:#04x} => §Some({id}), // {mark}"));
                    }
                }
                w.line("_ => §None,");
            });
        });
    }

    /// As members with `@presence` see each other.
    fn identity_encoder(&self, w: &mut Writer, scope: Scope) {
        let Some(ty) = &self.model.identity else { return };
        w.blank();
        let head = format!("fn encode_identity(identity: &{}, out: &mut §Vec<u8>)", self.rust_type(scope, ty));
        w.block(head, |w| w.line(self.encode(scope, ty, &Place::reference_to("identity"))));
    }

    fn decoders(&self, w: &mut Writer, scope: Scope) {
        w.blank();
        w.line("fn decode(");
        w.lines(["    route: u16,", "    r: &mut rt::Reader<'_>,", "    at: &rt::Path<'_>,"]);
        w.closed_block(") -> rt::Decoded<Incoming> {", "}", |w| {
            w.block("match route", |w| {
                for (id, message, variant) in self.routes() {
                    let read = match &message.payload {
                        crate::model::Payload::Type(ty) => self.decode(scope, ty).expression(),
                        _ => "rt::Decode::decode(r, at)".to_owned(),
                    };
                    w.line(format!("{id} => {read}.map(Incoming::{variant}),"));
                }
                w.line("// No name leads here.");
                w.line("_ => §Err(rt::Fault::Invalid),");
            });
        });
        w.blank();
        w.line("fn decode_binary(");
        w.lines(["    route: u16,", "    body: rt::Bytes,", "    report: &mut rt::Report,"]);
        w.closed_block(") -> rt::Decoded<Incoming> {", "}", |w| {
            w.block("match route", |w| {
                for (id, message, variant) in self.routes() {
                    if message.binary.is_some() {
                        let name = function_name(variant);
                        w.line(format!("{id} => Self::read_{name}(body, report).map(Incoming::{variant}),"));
                    }
                }
                w.line("// No tag leads here.");
                w.line("_ => §Err(rt::Fault::Invalid),");
            });
        });
    }

    fn routes(&self) -> impl Iterator<Item = (MessageId, &'m Message, &str)> {
        self.model
            .messages
            .iter()
            .enumerate()
            .zip(&self.variants)
            .map(|((id, message), name)| (id, message, name.as_str()))
    }
}

/// The end of the names of a message's functions, after its variant.
pub(super) fn function_name(variant: &str) -> String {
    field_name(variant)
}

/// A duration as an expression.
pub(super) fn duration(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    if nanos == 0 {
        format!("::std::time::Duration::from_secs({seconds})")
    } else {
        format!("::std::time::Duration::new({seconds}, {nanos})")
    }
}

/// Characters of the schema on one line.
const SCHEMA_LINE: usize = 60;
