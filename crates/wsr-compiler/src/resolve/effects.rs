//! What attributes make of messages, events, topics and what is asked at run time.

use std::time::Duration;

use super::Resolver;
use super::arguments::{refused, span_of};
use super::attributes::{Attributes, Place};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{
    AskId, Concurrent, EventId, Field, History, Limits, MessageId, NamespaceId, Overflow, Path, Payload, Presence,
    Rate, RateBy, Shape, TopicId, Type,
};
use crate::source::Span;
use crate::syntax::tree::{Argument, Attribute, Lead, Number, NumberValue, Value, ValueKind};

impl Resolver<'_, '_, '_> {
    /// What stands above a message, but for what needs to know its payload.
    pub(super) fn message_attributes<'a>(&mut self, id: MessageId, lead: &'a Lead) -> Attributes<'a> {
        let attributes = self.attributes(lead, Place::Message);
        self.flags(&attributes, &["open", "audit", "cancellable"]);
        let wire = self.wire_segment(&attributes).map(|said| said.name);
        let wire =
            self.wire(self.model.messages[id].namespace, wire.as_deref().unwrap_or(&self.model.messages[id].name));
        let (binary, rate) = (self.binary_tag(&attributes), self.rate(&attributes));
        let (limit, deadline) = (self.size_limit(&attributes), self.deadline(&attributes));
        let mut origin = std::mem::take(&mut self.model.messages[id].origin);
        self.age(&attributes, &mut origin);
        let message = &mut self.model.messages[id];
        (message.open, message.audit) = (attributes.flag("open"), attributes.flag("audit"));
        (message.binary, message.rate, message.limit, message.deadline) = (binary, rate, limit, deadline);
        (message.wire, message.cancellable, message.origin) = (wire, attributes.flag("cancellable"), origin);
        attributes
    }

    /// What stands above an event, but for what needs to know its payload.
    pub(super) fn event_attributes<'a>(&mut self, id: EventId, lead: &'a Lead) -> Attributes<'a> {
        let attributes = self.attributes(lead, Place::Event);
        self.flags(&attributes, &["open", "audit"]);
        let wire = self.wire_segment(&attributes).map(|said| said.name);
        let wire = self.wire(self.model.events[id].namespace, wire.as_deref().unwrap_or(&self.model.events[id].name));
        let binary = self.binary_tag(&attributes);
        let mut origin = std::mem::take(&mut self.model.events[id].origin);
        self.age(&attributes, &mut origin);
        let event = &mut self.model.events[id];
        (event.open, event.audit) = (attributes.flag("open"), attributes.flag("audit"));
        (event.wire, event.binary, event.origin) = (wire, binary, origin);
        attributes
    }

    /// What stands above something that is asked.
    pub(super) fn ask_attributes<'a>(&mut self, id: AskId, lead: &'a Lead) -> Attributes<'a> {
        let attributes = self.attributes(lead, Place::Ask);
        self.flags(&attributes, &["audit"]);
        let wire = self.wire_segment(&attributes).map(|said| said.name);
        let wire = self.wire(self.model.asks[id].namespace, wire.as_deref().unwrap_or(&self.model.asks[id].name));
        let deadline = self.deadline(&attributes);
        let mut origin = std::mem::take(&mut self.model.asks[id].origin);
        self.age(&attributes, &mut origin);
        let ask = &mut self.model.asks[id];
        (ask.wire, ask.deadline, ask.audit, ask.origin) = (wire, deadline, attributes.flag("audit"), origin);
        attributes
    }

    /// What stands above a topic; the words in front of its first place, if `@wire` says others.
    pub(super) fn topic_attributes(&mut self, id: TopicId, lead: &Lead) -> Option<Vec<String>> {
        let attributes = self.attributes(lead, Place::Topic);
        self.flags(&attributes, &["authorize"]);
        self.model.topics[id].history = self.history(&attributes);
        self.model.topics[id].presence = self.presence(self.model.topics[id].namespace, &attributes);
        self.model.topics[id].authorize = attributes.flag("authorize");
        self.wire_words(&attributes)
    }

    /// Attributes about fields have no meaning where the payload is of a type declared elsewhere.
    pub(super) fn no_fields_here(&mut self, attributes: &Attributes<'_>, payload: &Payload) {
        let Payload::Type(ty) = payload else { return };
        if self.has_inline(ty) {
            return;
        }
        for name in ["open", "rename_all"] {
            let Some(attribute) = attributes.get(name) else { continue };
            let shown = self.text(ty.span);
            let title = format!("`@{name}` above a payload that is declared elsewhere");
            let report = Diagnostic::new(Code::Attribute, attribute.span, title).label("there are no fields here");
            let help = match self.base(ty) {
                Shape::Named(id) => format!("put it above `{}`", self.model.types[*id].name),
                _ => "remove it".to_owned(),
            };
            let is_struct = matches!(self.base(ty), Shape::Named(_));
            let report = report.also(ty.span, format!("`{shown}` has its own")).help(help);
            self.report(if is_struct { report } else { self.without(report, attribute.span) });
        }
    }

    /// Whether a type is written out here, at least in part.
    fn has_inline(&self, ty: &Type) -> bool {
        match &ty.shape {
            Shape::Named(id) => self.model.types[*id].inline,
            Shape::List(item) => self.has_inline(item),
            Shape::Map(key, value) => self.has_inline(key) || self.has_inline(value),
            _ => false,
        }
    }

    fn binary_tag(&mut self, attributes: &Attributes<'_>) -> Option<u8> {
        let attribute = attributes.get("binary")?;
        let argument = self.only(attribute, "needs one number, the tag")?;
        match argument {
            Argument::Value(Value { kind: ValueKind::Number(number), .. }) if refused(number) => None,
            Argument::Value(Value {
                kind: ValueKind::Number(Number { value: NumberValue::Int(tag), span, .. }),
                ..
            }) => {
                let found = u8::try_from(*tag).ok();
                if found.is_none() {
                    let title = format!("the binary tag {tag} is out of range");
                    let report = Diagnostic::new(Code::BinaryTag, *span, title).label("does not fit into a byte");
                    self.report(report.help("choose one from 0 to 255"));
                }
                found
            }
            _ => {
                self.wrong_argument(attribute, span_of(argument), "needs a whole number, the tag");
                None
            }
        }
    }

    fn rate(&mut self, attributes: &Attributes<'_>) -> Option<Rate> {
        let attribute = attributes.get("rate")?;
        let arguments = self.several(attribute, 1, 2, "needs a number `per` a time")?;
        let Some((Argument::Rate { count, per, span }, rest)) = arguments.split_first() else {
            let first = arguments.first().map_or(attribute.span, span_of);
            self.wrong_argument(attribute, first, "needs a number `per` a time");
            return None;
        };
        let NumberValue::Int(times) = count.value else {
            if !refused(count) {
                self.wrong_argument(attribute, count.span, "needs a whole number");
            }
            return None;
        };
        let per = per.milliseconds?;
        let Some(times) = u32::try_from(times).ok().filter(|&times| times > 0 && per > 0) else {
            self.wrong_argument(attribute, *span, "would let nothing pass, or everything");
            return None;
        };
        let by = self.rate_by(attribute, rest.first())?;
        Some(Rate { count: times, per: Duration::from_millis(per), by })
    }

    fn rate_by(&mut self, attribute: &Attribute, argument: Option<&Argument>) -> Option<RateBy> {
        let Some(argument) = argument else { return Some(RateBy::Connection) };
        let value = self.named_argument(attribute, argument, "by", "only `by: …` may follow")?;
        match self.word_of(attribute, &value, &["connection", "identity", "address"])? {
            0 => Some(RateBy::Connection),
            1 if self.identity.is_none() && !self.broken => {
                let report = Diagnostic::new(Code::Attribute, span_of(argument), "`by: identity` without an identity")
                    .label("nobody to count");
                self.report(report.help("declare what identifies people: `identity UserId`, or count `by: address`"));
                None
            }
            1 => Some(RateBy::Identity),
            _ => Some(RateBy::Address),
        }
    }

    /// The value of `name: value`.
    fn named_argument(
        &mut self,
        attribute: &Attribute,
        argument: &Argument,
        name: &str,
        otherwise: &str,
    ) -> Option<Argument> {
        match argument {
            Argument::Named(written, value) if written.text == name => Some(Argument::Value(value.clone())),
            Argument::Named(written, _) if !guess::nearest(&written.text, [name]).is_empty() => {
                self.refuse_argument(attribute, written.span, "unknown here", Help::did_you_mean(name));
                None
            }
            other => {
                self.wrong_argument(attribute, span_of(other), otherwise);
                None
            }
        }
    }

    /// `@limit(8KiB)`, in bytes.
    fn size_limit(&mut self, attributes: &Attributes<'_>) -> Option<u64> {
        let attribute = attributes.get("limit")?;
        let argument = self.only(attribute, "needs a size such as `8KiB`")?;
        let bytes = match argument {
            Argument::Value(Value { kind: ValueKind::Number(number), .. }) if refused(number) => return None,
            Argument::Value(Value { kind: ValueKind::Number(number), .. }) => match number.value {
                NumberValue::Size(bytes) => Some(bytes),
                NumberValue::Int(bytes) => u64::try_from(bytes).ok(),
                _ => None,
            },
            _ => None,
        };
        let bytes = bytes.filter(|&bytes| bytes > 0);
        if bytes.is_none() {
            self.wrong_argument(attribute, span_of(argument), "needs a size such as `8KiB`");
        }
        bytes
    }

    fn deadline(&mut self, attributes: &Attributes<'_>) -> Option<Duration> {
        let attribute = attributes.get("deadline")?;
        let argument = self.only(attribute, "needs a time such as `2s`")?;
        self.time_argument(attribute, argument, "needs a time such as `2s`")
    }

    /// `@concurrent(4, by: room)`
    pub(super) fn concurrent(
        &mut self,
        attributes: &Attributes<'_>,
        owner: &str,
        payload: &Payload,
    ) -> Option<Concurrent> {
        let attribute = attributes.get("concurrent")?;
        let (count, by) = self.several(attribute, 1, 2, "needs how many, such as `4`")?.split_first()?;
        let count = self.count_argument(attribute, count, "needs a whole number from 1 on")?;
        let by = match by.first() {
            Some(by) => {
                let field = self.named_argument(attribute, by, "by", "only `by: field` may follow")?;
                Some(self.key_field(attribute, &field, owner, payload)?)
            }
            None => None,
        };
        Some(Concurrent { count, by })
    }

    /// `@presence`, or `@presence(Mood)`: what each member says of itself.
    fn presence(&mut self, namespace: NamespaceId, attributes: &Attributes<'_>) -> Option<Presence> {
        let attribute = attributes.get("presence")?;
        let state = match self.several(attribute, 0, 1, "")?.first() {
            None => None,
            Some(Argument::Value(Value { kind: ValueKind::Name(name), span })) => {
                let shape = self.named(namespace, name, *span);
                Some(Type { shape, limits: Limits::default(), nullable: false, span: *span })
            }
            Some(other) => {
                self.wrong_argument(attribute, span_of(other), "needs the name of a type");
                return None;
            }
        };
        if self.identity.is_none() {
            let report = Diagnostic::new(Code::NobodyPresent, attribute.span, "`@presence` without an identity")
                .label("who would be present?");
            self.report(report.help("say at the top of the file what identifies people: `identity UserId`"));
        }
        Some(Presence { state })
    }

    /// `@history(100, 10m)`
    pub(super) fn history(&mut self, attributes: &Attributes<'_>) -> Option<History> {
        let attribute = attributes.get("history")?;
        let form = "needs how many and for how long, such as `100, 10m`";
        let [count, age] = self.several(attribute, 2, 2, form)? else { return None };
        let count = self.count_argument(attribute, count, "needs a whole number from 1 on");
        let age = self.time_argument(attribute, age, "needs a time such as `10m`");
        Some(History { count: count?, age: age?, span: attribute.span })
    }

    /// `@idempotent(field, 5m)`
    pub(super) fn idempotent(
        &mut self,
        attributes: &Attributes<'_>,
        owner: &str,
        payload: &Payload,
    ) -> Option<(Path, Duration)> {
        let attribute = attributes.get("idempotent")?;
        let form = "needs a field and a time, such as `request, 5m`";
        let [field, time] = self.several(attribute, 2, 2, form)? else { return None };
        let key = self.key_field(attribute, field, owner, payload);
        let time = self.time_argument(attribute, time, "needs a time such as `5m`");
        Some((key?, time?))
    }

    /// `@overflow(keep_latest, by: field)`
    pub(super) fn overflow(&mut self, attributes: &Attributes<'_>, owner: &str, payload: &Payload) -> Option<Overflow> {
        let attribute = attributes.get("overflow")?;
        let form = "needs what to do: `drop_oldest`, `keep_latest`, `close` or `wait`";
        let arguments = self.several(attribute, 1, 2, form)?;
        let (what, by) = (arguments.first()?, arguments.get(1));
        let what = self.word_of(attribute, what, &["drop_oldest", "keep_latest", "close", "wait"])?;
        Some(match (what, by) {
            (1, Some(by)) => {
                let field = self.named_argument(attribute, by, "by", "only `by: field` may follow")?;
                Overflow::KeepLatest(Some(self.key_field(attribute, &field, owner, payload)?))
            }
            (_, Some(by)) => {
                let help = "it belongs to `keep_latest`: `@overflow(keep_latest, by: field)`";
                self.refuse_argument(attribute, span_of(by), "nothing may follow", help);
                return None;
            }
            (0, None) => Overflow::DropOldest,
            (1, None) => Overflow::KeepLatest(None),
            (2, None) => Overflow::Close,
            _ => Overflow::Wait,
        })
    }

    /// The name of a field that tells one payload from another: always there, a text, an integer or a bare enum.
    fn key_field(
        &mut self,
        attribute: &Attribute,
        argument: &Argument,
        owner: &str,
        payload: &Payload,
    ) -> Option<Path> {
        let Argument::Value(Value { kind: ValueKind::Name(name), span }) = argument else {
            self.wrong_argument(attribute, span_of(argument), "needs the name of a field");
            return None;
        };
        let fields = self.fields_of(payload)?;
        let report = match fields.iter().find(|field| field.name == *name) {
            None if self.is_ghost(name) || self.is_nameless(&["field"]) => return None,
            None => no_such_field(*span, name, owner, fields),
            Some(field) if field.optional || self.is_nullable(&field.ty) => {
                let what = if field.optional { "may be left out" } else { "may be null" };
                let report =
                    Diagnostic::new(Code::FieldOptional, *span, format!("`{name}` {what}, so there may be no key"))
                        .label(what)
                        .also(field.origin.span, "declared here")
                        .help(if field.optional { "remove the `?`, or give it a default" } else { "remove the `?`" });
                match field.ty.nullable && !field.optional {
                    true => report.fix(Span { start: field.ty.span.end - 1, ..field.ty.span }, ""),
                    false => report,
                }
            }
            Some(field) => match self.base(&field.ty) {
                Shape::Unknown => return None,
                shape if is_key(shape) || self.is_bare_enum(shape) => return Some(vec![name.clone()]),
                _ => {
                    let shown = self.text(field.ty.span);
                    Diagnostic::new(Code::FieldType, *span, format!("`{name}` is of type `{shown}`, which is no key"))
                        .label("no text, uuid, integer or enum without fields")
                        .also(field.origin.span, "declared here")
                        .help("name a field that is a text, a `uuid`, an integer or an enum without fields")
                }
            },
        };
        self.report(report);
        None
    }
}

fn no_such_field(span: Span, name: &str, owner: &str, fields: &[Field]) -> Diagnostic {
    let names = fields.iter().map(|field| field.name.as_str());
    let (title, help) = match guess::did_you_mean(name, names.clone()) {
        _ if fields.is_empty() => {
            (format!("`{owner}` has no fields, so no `{}`", guess::clip(name)), "give it one: `{ key: uuid }`".into())
        }
        Some(near) => (format!("`{owner}` has no field `{}`", guess::clip(name)), near),
        None => (
            format!("`{owner}` has no field `{}`", guess::clip(name)),
            format!("its fields are {}", guess::list(names)).into(),
        ),
    };
    Diagnostic::new(Code::UnknownField, span, title).label("no field of this name").help(help)
}

/// Whether values are few bytes that can be compared: texts of all kinds and integers.
fn is_key(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::String
            | Shape::Int(_)
            | Shape::Uuid
            | Shape::Role
            | Shape::Date
            | Shape::Timestamp
            | Shape::Email
            | Shape::Uri
            | Shape::Ip
    )
}
