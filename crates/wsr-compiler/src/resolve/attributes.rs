//! Attributes: which are known, and where they may stand. What their arguments mean is read in [`super::arguments`].

use super::Resolver;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::syntax::tree::{Attribute, Lead};

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
    Event,
    Message,
    Ask,
    Identity,
    Field,
    Variant,
    /// Handlers, roles, imports, flows and states: nothing but what stands anywhere.
    Other,
}

/// One attribute of the language.
pub(super) struct Known {
    pub name: &'static str,
    /// Where it has a meaning; empty for everywhere.
    places: &'static [Place],
    /// Its form.
    pub form: &'static str,
}

use Place::{Alias, Ask, Enum, Error, Event, Field, Identity, Message, Namespace, Protocol, Struct, Topic, Variant};

/// The one that may stand anywhere, and several times. The whole protocol is known when it is read, see `allow.rs`.
const ALLOW: &str = "allow";
/// Whatever has a name in Rust that other code may use.
const NAMED: &[Place] = &[Message, Event, Ask, Field, Variant, Alias, Struct, Enum, Error];

pub(super) const KNOWN: &[Known] = &[
    Known { name: "accepts", places: &[Protocol], form: "@accepts(plain, flat, nested)" },
    Known {
        name: "rename_all",
        places: &[Protocol, Struct, Enum, Error, Message, Event],
        form: "@rename_all(camelCase)",
    },
    Known { name: "wire", places: &[Namespace, Message, Event, Ask, Field, Variant, Topic], form: "@wire(\"name\")" },
    Known { name: "open", places: &[Struct, Enum, Message, Event], form: "@open" },
    Known { name: "tag", places: &[Enum, Error], form: "@tag(\"type\")" },
    Known { name: "secret", places: &[Field, Alias], form: "@secret" },
    Known { name: "binary", places: &[Event, Message], form: "@binary(0x10)" },
    Known { name: "deprecated", places: NAMED, form: "@deprecated(\"use Tint\")" },
    Known { name: "since", places: NAMED, form: "@since(\"1.2\")" },
    Known { name: "audit", places: &[Event, Message, Ask], form: "@audit" },
    Known { name: "rate", places: &[Message], form: "@rate(20 per 10s)" },
    Known { name: "limit", places: &[Message], form: "@limit(8KiB)" },
    Known { name: "deadline", places: &[Message, Ask], form: "@deadline(2s)" },
    Known { name: "concurrent", places: &[Message], form: "@concurrent(4)" },
    Known { name: "idempotent", places: &[Message], form: "@idempotent(field, 5m)" },
    Known { name: "overflow", places: &[Event], form: "@overflow(keep_latest, by: field)" },
    Known { name: "cancellable", places: &[Message], form: "@cancellable" },
    Known { name: "history", places: &[Topic, Identity], form: "@history(100, 10m)" },
    Known { name: "authorize", places: &[Topic], form: "@authorize" },
    Known { name: "presence", places: &[Topic], form: "@presence" },
    Known { name: ALLOW, places: &[], form: "@allow(unused, \"why\")" },
];

/// The attributes that may stand above a thing with this keyword, or on a `field` or `variant`, each with its form; all
/// of them when the thing is not known.
pub(crate) fn attributes_of(keyword: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let place = match keyword {
        "protocol" => Some(Place::Protocol),
        "namespace" => Some(Namespace),
        "type" => Some(Alias),
        "struct" => Some(Struct),
        "enum" => Some(Enum),
        "error" => Some(Error),
        "topic" => Some(Topic),
        "event" => Some(Event),
        "message" => Some(Message),
        "ask" => Some(Ask),
        "identity" => Some(Identity),
        "field" => Some(Field),
        "variant" => Some(Variant),
        "roles" | "import" | "handler" | "flow" | "state" | "start" => Some(Place::Other),
        _ => None,
    };
    let fits = move |known: &&Known| place.is_none_or(|place| known.may_stand(place));
    KNOWN.iter().filter(fits).map(|known| (known.name, known.form))
}

impl Known {
    fn may_stand(&self, place: Place) -> bool {
        self.places.is_empty() || self.places.contains(&place)
    }
}

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
    /// Sorts the attributes of something: unknown, misplaced and repeated ones are reported.
    pub(super) fn attributes<'a>(&mut self, lead: &'a Lead, place: Place) -> Attributes<'a> {
        let mut kept = Attributes::default();
        for attribute in &lead.attributes {
            let Some(known) = KNOWN.iter().find(|known| known.name == attribute.name.text) else {
                self.unknown_attribute(attribute, place);
                continue;
            };
            if known.name == ALLOW {
                continue;
            }
            if let Some(first) = kept.get(known.name) {
                let title = format!("`@{}` twice", known.name);
                let report = Diagnostic::new(Code::Attribute, attribute.span, title).label("the second one");
                self.report(report.also(first.span, "the first one").help("keep one of them"));
            } else if known.may_stand(place) {
                kept.found.push(attribute);
            } else {
                self.misplaced_attribute(attribute, known, place);
            }
        }
        kept
    }

    fn unknown_attribute(&mut self, attribute: &Attribute, place: Place) {
        let name = &attribute.name.text;
        let usable: Vec<&str> = KNOWN.iter().filter(|known| known.may_stand(place)).map(|known| known.name).collect();
        let near = guess::nearest(name, usable.iter().copied());
        let near = if near.is_empty() { guess::nearest(name, KNOWN.iter().map(|known| known.name)) } else { near };
        let foreign = foreign(name).filter(|ours| usable.contains(ours));
        let help: Help = match (near.first().copied().or(foreign), usable.as_slice()) {
            (Some(near), _) => Help::did_you_mean(format!("@{near}")),
            (None, usable) => {
                let usable: Vec<String> = usable.iter().map(|name| format!("`@{name}`")).collect();
                format!("here may stand {}", usable.join(", ")).into()
            }
        };
        let report = Diagnostic::new(
            Code::UnknownName,
            attribute.name.span,
            format!("unknown attribute `@{}`", guess::clip(name)),
        );
        self.report(report.label("no attribute of this name").help(help));
    }

    fn misplaced_attribute(&mut self, attribute: &Attribute, known: &Known, place: Place) {
        let places: Vec<&str> = known.places.iter().map(|place| words(*place)).collect();
        let report = Diagnostic::new(Code::Attribute, attribute.span, format!("`@{}` cannot stand here", known.name))
            .label("not here");
        let of_types = known.places.iter().any(|place| matches!(place, Place::Struct | Place::Enum));
        let rest = match place {
            Place::Field if of_types => "; write it above the type's own declaration",
            _ => "",
        };
        self.report(report.help(format!("it belongs to {}{rest}", join(&places))));
    }
}

/// What other languages call our attributes.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "name" | "rename" | "alias" | "json" | "json_name" | "jsonname" | "key" | "serialized_name" | "map" => "wire",
        "case" | "casing" | "naming" => "rename_all",
        "sensitive" | "private" | "hidden" | "password" => "secret",
        "suppress" | "ignore" | "expect" | "suppresswarnings" => ALLOW,
        "obsolete" => "deprecated",
        "added" | "version" | "introduced" => "since",
        "discriminator" | "kind" | "discriminant" => "tag",
        "nonexhaustive" | "non_exhaustive" | "extensible" | "additional" => "open",
        "throttle" | "ratelimit" | "rate_limit" => "rate",
        "timeout" => "deadline",
        "max" | "size" | "max_size" => "limit",
        "log" | "logged" => "audit",
        _ => return None,
    })
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
        Place::Event => "events",
        Place::Message => "messages",
        Place::Ask => "`ask`",
        Place::Identity => "the `identity` line",
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
