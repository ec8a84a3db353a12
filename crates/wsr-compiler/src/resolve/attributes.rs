//! Attributes: which are known where, and what their arguments mean.

use std::time::Duration;

use super::Resolver;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{Accepts, Rate, RateBy};
use crate::source::Span;
use crate::syntax::tree::{Argument, Attribute, Lead, Number, NumberValue, Value, ValueKind};

/// What an attribute can stand above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Protocol,
    Namespace,
    Alias,
    Struct,
    Enum,
    Error,
    Topic,
    Handler,
    Event,
    Message,
    Field,
    Variant,
    /// Roles, identity, flows and states: nothing but what stands anywhere.
    Other,
}

/// One attribute of the language.
struct Known {
    name: &'static str,
    /// Where it has a meaning that this compiler keeps.
    places: &'static [Place],
    /// Where it belongs to the language, and is refused for now.
    planned: &'static [Place],
    /// Its form.
    form: &'static str,
}

use Place::{Alias, Enum, Error, Event, Field, Message, Namespace, Protocol, Struct, Topic, Variant};

const KNOWN: &[Known] = &[
    Known { name: "accepts", places: &[Protocol], planned: &[], form: "@accepts(plain, flat, nested)" },
    Known { name: "rate", places: &[Message], planned: &[], form: "@rate(20 per 10s)" },
    Known { name: "limit", places: &[Message], planned: &[], form: "@limit(8KiB)" },
    Known { name: "secret", places: &[Field, Alias], planned: &[], form: "@secret" },
    Known { name: "binary", places: &[Event, Message], planned: &[], form: "@binary(0x10)" },
    Known { name: "open", places: &[Struct, Message], planned: &[Enum, Event], form: "@open" },
    Known {
        name: "wire",
        places: &[Field, Variant],
        planned: &[Namespace, Message, Event, Topic],
        form: "@wire(\"name\")",
    },
    Known { name: "deadline", places: &[Message], planned: &[], form: "@deadline(2s)" },
    Known {
        name: "rename_all",
        places: &[],
        planned: &[Protocol, Struct, Enum, Message, Event],
        form: "@rename_all(camelCase)",
    },
    Known { name: "tag", places: &[], planned: &[Enum, Error], form: "@tag(\"kind\")" },
    Known { name: "deprecated", places: &[], planned: &[Event, Message], form: "@deprecated(\"why\")" },
    Known { name: "since", places: &[], planned: &[Event, Message], form: "@since(\"1.2\")" },
    Known { name: "audit", places: &[], planned: &[Event, Message], form: "@audit" },
    Known { name: "concurrent", places: &[], planned: &[Message], form: "@concurrent(4)" },
    Known { name: "idempotent", places: &[], planned: &[Message], form: "@idempotent(field, 5m)" },
    Known { name: "overflow", places: &[], planned: &[Event], form: "@overflow(drop)" },
    Known { name: "history", places: &[], planned: &[Topic], form: "@history(50, 1h)" },
    Known { name: "presence", places: &[], planned: &[Topic], form: "@presence" },
    Known { name: "allow", places: &[], planned: &[], form: "@allow(CODE, \"why\")" },
];

/// The attributes of one thing that are known there, each once.
#[derive(Default)]
pub(super) struct Attributes<'t> {
    found: Vec<&'t Attribute>,
}

impl<'t> Attributes<'t> {
    pub(super) fn get(&self, name: &str) -> Option<&'t Attribute> {
        self.found.iter().copied().find(|attribute| attribute.name.text == name)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl Resolver<'_, '_, '_> {
    /// Sorts the attributes of something: unknown, misplaced, refused and repeated ones are reported.
    pub(super) fn attributes<'a>(&mut self, lead: &'a Lead, place: Place) -> Attributes<'a> {
        let mut kept = Attributes::default();
        for attribute in &lead.attributes {
            let Some(known) = KNOWN.iter().find(|known| known.name == attribute.name.text) else {
                self.unknown_attribute(attribute, place);
                continue;
            };
            if let Some(first) = kept.get(known.name) {
                let title = format!("`@{}` twice", known.name);
                let report = Diagnostic::new(Code::Attribute, attribute.span, title).label("the second one");
                self.report(report.also(first.span, "the first one").help("keep one of them"));
            } else if known.places.contains(&place) {
                kept.found.push(attribute);
            } else if known.planned.contains(&place) || known.name == "allow" {
                let title = format!(
                    "`@{}` is not supported {}yet",
                    known.name,
                    if known.places.is_empty() { "" } else { "here " }
                );
                let report = Diagnostic::new(Code::NotYet, attribute.span, title).label("has no effect yet");
                self.report(report.help(without(known.name)));
            } else {
                self.misplaced_attribute(attribute, known);
            }
        }
        kept
    }

    fn unknown_attribute(&mut self, attribute: &Attribute, place: Place) {
        let name = &attribute.name.text;
        let usable: Vec<&str> =
            KNOWN.iter().filter(|known| known.places.contains(&place)).map(|known| known.name).collect();
        let any = KNOWN.iter().filter(|known| !known.places.is_empty()).map(|known| known.name);
        let near = guess::nearest(name, usable.iter().copied());
        let near = if near.is_empty() { guess::nearest(name, any) } else { near };
        let help = match (near.first(), usable.as_slice()) {
            (Some(near), _) => Help::did_you_mean(format!("@{near}")),
            (None, []) => "no attribute may stand here: remove it".into(),
            (None, usable) => format!(
                "here may stand {}",
                usable.iter().map(|name| format!("`@{name}`")).collect::<Vec<_>>().join(", ")
            )
            .into(),
        };
        let report = Diagnostic::new(
            Code::UnknownName,
            attribute.name.span,
            format!("unknown attribute `@{}`", guess::clip(name)),
        );
        self.report(report.label("no attribute of this name").help(help));
    }

    fn misplaced_attribute(&mut self, attribute: &Attribute, known: &Known) {
        let places: Vec<&str> = known.places.iter().chain(known.planned).map(|place| words(*place)).collect();
        let report = Diagnostic::new(Code::Attribute, attribute.span, format!("`@{}` cannot stand here", known.name))
            .label("not here");
        self.report(report.help(format!("it belongs to {}", join(&places))));
    }

    fn wrong_arguments(&mut self, attribute: &Attribute, span: Span, what: &str) {
        let form = KNOWN.iter().find(|known| known.name == attribute.name.text).map_or("", |known| known.form);
        let title = format!("wrong arguments of `@{}`", attribute.name.text);
        self.report(Diagnostic::new(Code::Attribute, span, title).label(what).help(format!("it is written `{form}`")));
    }

    /// Attributes that take no arguments have none.
    pub(super) fn flags(&mut self, attributes: &Attributes<'_>, names: &[&str]) {
        for attribute in names.iter().filter_map(|name| attributes.get(name)) {
            if !attribute.arguments.is_empty() {
                self.wrong_arguments(attribute, attribute.span, "takes no arguments");
            }
        }
    }

    pub(super) fn accepts(&mut self, lead: &Lead) -> Accepts {
        let attributes = self.attributes(lead, Place::Protocol);
        let Some(attribute) = attributes.get("accepts") else { return Accepts::default() };
        let mut accepts = Accepts { plain: false, flat: false, nested: false };
        for argument in &attribute.arguments {
            let form = match argument {
                Argument::Value(Value { kind: ValueKind::Name(name), .. }) => name.as_str(),
                _ => "",
            };
            match form {
                "plain" => accepts.plain = true,
                "flat" => accepts.flat = true,
                "nested" => accepts.nested = true,
                _ => self.wrong_arguments(attribute, span_of(argument), "the forms are `plain`, `flat` and `nested`"),
            }
        }
        if attribute.arguments.is_empty() {
            self.wrong_arguments(attribute, attribute.span, "names no form");
        }
        if accepts.plain || accepts.flat || accepts.nested { accepts } else { Accepts::default() }
    }

    /// The new name of `@wire("…")`.
    pub(super) fn wire_name(&mut self, attributes: &Attributes<'_>) -> Option<String> {
        let attribute = attributes.get("wire")?;
        match attribute.arguments.as_slice() {
            [Argument::Value(Value { kind: ValueKind::Text(name), .. })] if !name.is_empty() => Some(name.clone()),
            _ => {
                self.wrong_arguments(attribute, attribute.span, "needs one name in quotes");
                None
            }
        }
    }

    pub(super) fn binary_tag(&mut self, attributes: &Attributes<'_>) -> Option<u8> {
        let attribute = attributes.get("binary")?;
        let [
            Argument::Value(Value {
                kind: ValueKind::Number(Number { value: NumberValue::Int(tag), span, .. }), ..
            }),
        ] = attribute.arguments.as_slice()
        else {
            self.wrong_arguments(attribute, attribute.span, "needs one number, the tag");
            return None;
        };
        let found = u8::try_from(*tag).ok();
        if found.is_none() {
            let report = Diagnostic::new(Code::BinaryTag, *span, format!("the binary tag {tag} is out of range"))
                .label("does not fit into a byte");
            self.report(report.help("choose one from 0 to 255"));
        }
        found
    }

    pub(super) fn rate(&mut self, attributes: &Attributes<'_>) -> Option<Rate> {
        let attribute = attributes.get("rate")?;
        let Some((Argument::Rate { count, per, span }, rest)) = attribute.arguments.split_first() else {
            self.wrong_arguments(attribute, attribute.span, "needs a number `per` a time");
            return None;
        };
        let NumberValue::Int(times) = count.value else {
            if !matches!(count.value, NumberValue::Exponent | NumberValue::TooLarge) {
                self.wrong_arguments(attribute, count.span, "needs a whole number");
            }
            return None;
        };
        let per = per.milliseconds?;
        let Some(times) = u32::try_from(times).ok().filter(|&times| times > 0 && per > 0) else {
            self.wrong_arguments(attribute, *span, "would let nothing pass, or everything");
            return None;
        };
        let by = self.rate_by(attribute, rest)?;
        Some(Rate { count: times, per: Duration::from_millis(per), by })
    }

    fn rate_by(&mut self, attribute: &Attribute, rest: &[Argument]) -> Option<RateBy> {
        let by = match rest {
            [] => return Some(RateBy::Connection),
            [Argument::Named(name, Value { kind: ValueKind::Name(by), .. })] if name.text == "by" => by.as_str(),
            [other, ..] => {
                self.wrong_arguments(attribute, span_of(other), "only `by: …` may follow");
                return None;
            }
        };
        match by {
            "connection" => Some(RateBy::Connection),
            "identity" if self.identity.is_none() && !self.broken => {
                let report = Diagnostic::new(Code::Attribute, attribute.span, "`by: identity` without an identity")
                    .label("nobody to count");
                self.report(report.help("declare what identifies people: `identity UserId`, or count `by: address`"));
                None
            }
            "identity" => Some(RateBy::Identity),
            "address" => Some(RateBy::Address),
            _ => {
                self.wrong_arguments(
                    attribute,
                    rest.first().map_or(attribute.span, span_of),
                    "`connection`, `identity` or `address`",
                );
                None
            }
        }
    }

    /// `@limit(8KiB)`, in bytes.
    pub(super) fn size_limit(&mut self, attributes: &Attributes<'_>) -> Option<u64> {
        let attribute = attributes.get("limit")?;
        let bytes = match attribute.arguments.as_slice() {
            [Argument::Value(Value { kind: ValueKind::Number(number), .. })] => match number.value {
                NumberValue::Size(bytes) => Some(bytes),
                NumberValue::Int(bytes) => u64::try_from(bytes).ok(),
                NumberValue::Exponent | NumberValue::TooLarge => return None,
                NumberValue::Float(_) | NumberValue::Duration(_) => None,
            },
            _ => None,
        };
        if bytes.is_none_or(|bytes| bytes == 0) {
            self.wrong_arguments(attribute, attribute.span, "needs a size such as `8KiB`");
            return None;
        }
        bytes
    }

    pub(super) fn deadline(&mut self, attributes: &Attributes<'_>) -> Option<Duration> {
        let attribute = attributes.get("deadline")?;
        match attribute.arguments.as_slice() {
            [
                Argument::Value(Value {
                    kind: ValueKind::Number(Number { value: NumberValue::Duration(time), .. }),
                    ..
                }),
            ] if *time > 0 => Some(Duration::from_millis(*time)),
            [Argument::Value(Value { kind: ValueKind::Number(Number { value: NumberValue::TooLarge, .. }), .. })] => {
                None
            }
            _ => {
                self.wrong_arguments(attribute, attribute.span, "needs a time such as `2s`");
                None
            }
        }
    }
}

fn span_of(argument: &Argument) -> Span {
    match argument {
        Argument::Named(name, value) => Span { end: value.span.end, ..name.span },
        Argument::Rate { span, .. } => *span,
        Argument::Value(value) => value.span,
    }
}

/// How to do without an attribute that is refused for now.
fn without(name: &str) -> &'static str {
    match name {
        "rename_all" => "rename fields one by one: `@wire(\"camelCase\")`",
        "wire" => "only fields and variants can be renamed so far: give it the name itself",
        "open" => "only structs and messages can be open so far: remove it",
        "tag" => "the tag is always `kind`: remove it",
        "deprecated" | "since" => "say it in the doc comment: `/// Deprecated: …`",
        "allow" => "warnings do not stop the build: remove it",
        _ => "remove it, and do it in the handlers for now",
    }
}

fn words(place: Place) -> &'static str {
    match place {
        Place::Protocol => "the `protocol` line",
        Place::Namespace => "namespaces",
        Place::Alias => "aliases (`type`)",
        Place::Struct => "structs",
        Place::Enum => "enums",
        Place::Error => "errors",
        Place::Topic => "topics",
        Place::Handler => "handlers",
        Place::Event => "events",
        Place::Message => "messages",
        Place::Field => "fields",
        Place::Variant => "variants",
        Place::Other => "nothing",
    }
}

fn join(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
