//! Messages: their structs, and how each is sent and answered.

use super::Client;
use crate::generate::casing::{field_name, identifier, type_name};
use crate::generate::rust::chain::field;
use crate::generate::rust::context::Scope;
use crate::generate::rust::items::Head;
use crate::generate::rust::limits::{Place, some};
use crate::generate::rust::literal;
use crate::generate::rust::protocol::duration;
use crate::generate::rust::types::{is_left_out, payload_fields};
use crate::generate::writer::{Writer, indented};
use crate::model::{Message, MessageId, Outcome, Payload, TopicRef, Type};

impl<'m> Client<'m> {
    /// A message's struct with encoder, decoder and checks.
    pub(super) fn message(&self, w: &mut Writer, scope: Scope, message: &'m Message) {
        if matches!(message.payload, Payload::Type(_)) {
            return;
        }
        let fields = payload_fields(&message.payload);
        let name = identifier(&type_name(&message.name));
        let head = Head { name, above: literal::above(&message.origin), mark: String::new() };
        self.context.structure(w, scope, &head, fields);
        self.context.decode_struct(w, scope, &head.name, fields, message.open);
        self.context.encode_struct(w, scope, &head.name, fields);
        self.context.check_struct(w, scope, &head.name, fields);
    }

    /// The row of a message in the table of them all.
    pub(super) fn message_info(&self, message: &Message, hash: &str) -> String {
        let given = |name: &str, value: Option<String>| value.map(|value| format!("{name}: {},", some(Some(value))));
        let named = format!("rt::MessageInfo::named({}, {})", literal::string(&message.wire), literal::string(hash));
        let fields: Vec<String> = [
            message.reply().map(|_| "reply: true,".to_owned()),
            message.stream().map(|_| "stream: true,".to_owned()),
            given("deadline", message.deadline.map(duration)),
            message.cancellable.then(|| "cancellable: true,".to_owned()),
            given("moves", self.moves(message).map(|flow| flow.to_string())),
        ]
        .into_iter()
        .flatten()
        .collect();
        match fields.is_empty() {
            true => format!("{named},"),
            false => format!("rt::MessageInfo {{\n{}\n    ..{named}\n}},", indented(&fields.join("\n"))),
        }
    }

    /// The type that a message is answered with, or of its items.
    pub(super) fn reply_type(&self, message: &'m Message) -> Option<&'m Type> {
        message.stream().map(|stream| &stream.item).or_else(|| message.reply()?.ty.as_ref())
    }

    /// The types of answer and error in Rust.
    pub(super) fn outcome(&self, scope: Scope, message: &'m Message) -> (String, String) {
        let reply = self.reply_type(message).map_or("()".to_owned(), |ty| self.context.rust_type(scope, ty));
        let error = message.error().map_or("rt::NoError".to_owned(), |id| self.context.type_path(scope, id));
        (reply, error)
    }

    /// What stands for a message: how it leaves, and how its answer is read.
    pub(super) fn sends(&self, w: &mut Writer, scope: Scope, id: MessageId, message: &'m Message) {
        let context = &self.context;
        let (reply, error) = self.outcome(scope, message);
        w.blank();
        w.line(format!("/// `{}`", literal::comment(&message.wire)));
        w.block(format!("impl rt::Message<Routes> for {}<{id}>", self.names.sends), |w| {
            w.line(format!("type Payload = {};", context.message_path(scope, id)));
            w.line(format!("type Reply = {reply};"));
            w.line(format!("type Error = {error};"));
            w.blank();
            w.line(format!("const INDEX: u16 = {id};"));
            w.blank();
            w.block("fn outgoing(message: &Self::Payload) -> §Result<rt::Outgoing, rt::Invalid>", |w| {
                self.outgoing(w, scope, id, message);
            });
            w.blank();
            let read = match &message.payload {
                Payload::Type(ty) => context.decode(scope, ty).expression(),
                _ => "rt::Decode::decode(r, at)".to_owned(),
            };
            w.block(decoder("decode_payload", "Payload"), |w| w.line(read));
            w.blank();
            let read = match (self.reply_type(message), message.reply()) {
                (Some(ty), _) => context.decode(scope, ty).expression(),
                (None, Some(_)) => "rt::decode_ok(r, at)".to_owned(),
                (None, None) => "rt::decode_nothing(r, at)".to_owned(),
            };
            w.block(decoder("decode_reply", "Reply"), |w| w.line(read));
        });
    }

    fn outgoing(&self, w: &mut Writer, scope: Scope, id: MessageId, message: &'m Message) {
        let context = &self.context;
        let place = Place::reference_to("message");
        match &message.payload {
            Payload::Type(ty) => {
                let checks = context.check(scope, ty, &place, "at");
                if !checks.is_empty() {
                    w.closed_block("rt::checked(|report, at| {", "})?;", |w| w.lines(checks));
                }
            }
            _ => w.line("rt::checked(|report, at| rt::Check::check(message, report, at))?;"),
        }
        let payload = match &message.payload {
            Payload::None => "§Vec::new()".to_owned(),
            Payload::Type(ty) => format!("rt::written(|out| {{\n{}\n}})", indented(&context.encode(scope, ty, &place))),
            Payload::Fields(fields) if fields.is_empty() => "§Vec::new()".to_owned(),
            Payload::Fields(_) => "rt::written(|out| rt::Encode::encode(message, out))".to_owned(),
        };
        let unanswered = message.reply().is_none() && message.stream().is_none();
        w.closed_block("§Ok(rt::Outgoing {", "})", |w| {
            w.line(format!("message: {id},"));
            w.line(format!("payload: {payload},"));
            match message.binary.filter(|_| unanswered) {
                None => w.line("binary: §None,"),
                Some(tag) => w.closed_block("binary: §Some(rt::written(|out| {", "})),", |w| {
                    context.binary_frame(w, tag, &message.payload, "message");
                }),
            }
            let outcomes = || message.chain.iter().flatten().flat_map(|handling| &handling.outcomes);
            let joins = outcomes().filter_map(|outcome| match outcome {
                Outcome::Join(topic) => Some(self.named_topic(scope, topic)),
                _ => None,
            });
            w.line(list("joins", joins.collect()));
            let leaves = outcomes().filter_map(|outcome| match outcome {
                Outcome::Leave(topic) => Some(self.named_topic(scope, topic)),
                _ => None,
            });
            w.line(list("leaves", leaves.collect()));
            w.line(format!("again: {},", self.again(message)));
        });
    }

    /// The name of a topic whose places are fields of `message`.
    fn named_topic(&self, scope: Scope, topic: &TopicRef) -> String {
        let marker = self.context.topic_marker_path(scope, topic.topic);
        let places: Vec<String> = topic.places.iter().map(|path| format!("&{}", field("message", path))).collect();
        format!("{marker}::name_of({})", places.join(", "))
    }

    /// Whether a message may be sent twice, as an expression.
    fn again(&self, message: &'m Message) -> String {
        let Some((key, _)) = &message.idempotent else { return "false".to_owned() };
        match self.context.key_field(message, key) {
            Some(key) if is_left_out(key) => format!("message.{}.is_some()", identifier(&field_name(&key.name))),
            Some(_) => "true".to_owned(),
            None => "false".to_owned(),
        }
    }
}

fn list(name: &str, items: Vec<String>) -> String {
    match items.is_empty() {
        true => format!("{name}: §Vec::new(),"),
        false => format!("{name}: ::std::vec![{}],", items.join(", ")),
    }
}

pub(super) fn decoder(name: &str, ty: &str) -> String {
    format!("fn {name}(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self::{ty}>")
}
