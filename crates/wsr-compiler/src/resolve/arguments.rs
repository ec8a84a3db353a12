//! What stands in the parentheses of attributes: the forms that several of them share.

use std::time::Duration;

use super::Resolver;
use super::attributes::{Attributes, KNOWN};
use super::rename::Case;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{Accepts, Origin};
use crate::source::Span;
use crate::syntax::tree::{Argument, Attribute, Lead, Number, NumberValue, Value, ValueKind};

use super::attributes::Place;

impl Resolver<'_, '_, '_> {
    /// Refuses an argument, with the form of its attribute as help.
    pub(super) fn wrong_argument(&mut self, attribute: &Attribute, span: Span, label: &str) {
        let form = KNOWN.iter().find(|known| known.name == attribute.name.text).map_or("", |known| known.form);
        self.refuse_argument(attribute, span, label, format!("it is written `{form}`"));
    }

    /// Refuses an argument.
    pub(super) fn refuse_argument(&mut self, attribute: &Attribute, span: Span, label: &str, help: impl Into<Help>) {
        let title = format!("wrong arguments of `@{}`", attribute.name.text);
        self.report(Diagnostic::new(Code::Attribute, span, title).label(label).help(help));
    }

    /// The arguments when there are `least` to `most` of them; the first one too many is refused otherwise.
    pub(super) fn several<'a>(
        &mut self,
        attribute: &'a Attribute,
        least: usize,
        most: usize,
        missing: &str,
    ) -> Option<&'a [Argument]> {
        let arguments = attribute.arguments.as_slice();
        if let Some(extra) = arguments.get(most) {
            let label = if most == 0 { "takes no arguments" } else { "one argument too many" };
            self.wrong_argument(attribute, span_of(extra), label);
            return None;
        }
        if arguments.len() < least {
            self.wrong_argument(attribute, attribute.span, missing);
            return None;
        }
        Some(arguments)
    }

    /// The only argument.
    pub(super) fn only<'a>(&mut self, attribute: &'a Attribute, missing: &str) -> Option<&'a Argument> {
        self.several(attribute, 1, 1, missing)?.first()
    }

    /// Attributes that take no arguments have none.
    pub(super) fn flags(&mut self, attributes: &Attributes<'_>, names: &[&str]) {
        for attribute in names.iter().filter_map(|name| attributes.get(name)) {
            self.several(attribute, 0, 0, "");
        }
    }

    /// A text in quotes, neither empty nor with control characters, and its place.
    pub(super) fn text_argument<'a>(&mut self, attribute: &'a Attribute, what: &str) -> Option<(&'a str, Span)> {
        let argument = self.only(attribute, &format!("needs {what} in quotes"))?;
        let Argument::Value(Value { kind: ValueKind::Text(text), span }) = argument else {
            self.wrong_argument(attribute, span_of(argument), &format!("needs {what} in quotes"));
            return None;
        };
        if text.trim().is_empty() {
            self.wrong_argument(attribute, *span, "says nothing");
            return None;
        }
        if text.chars().any(char::is_control) {
            self.wrong_argument(attribute, *span, "has a control character in it");
            return None;
        }
        Some((text, *span))
    }

    /// A whole number above 0.
    pub(super) fn count_argument(&mut self, attribute: &Attribute, argument: &Argument, what: &str) -> Option<u32> {
        match argument {
            Argument::Value(Value { kind: ValueKind::Number(number), .. }) if refused(number) => None,
            Argument::Value(Value {
                kind: ValueKind::Number(Number { value: NumberValue::Int(count), .. }), ..
            }) if (1..=i128::from(u32::MAX)).contains(count) => u32::try_from(*count).ok(),
            _ => {
                self.wrong_argument(attribute, span_of(argument), what);
                None
            }
        }
    }

    /// A time above 0.
    pub(super) fn time_argument(&mut self, attribute: &Attribute, argument: &Argument, what: &str) -> Option<Duration> {
        match argument {
            Argument::Value(Value { kind: ValueKind::Number(number), .. }) if refused(number) => None,
            Argument::Value(Value {
                kind: ValueKind::Number(Number { value: NumberValue::Duration(time), .. }),
                ..
            }) if *time > 0 => Some(Duration::from_millis(*time)),
            _ => {
                self.wrong_argument(attribute, span_of(argument), what);
                None
            }
        }
    }

    /// `@deprecated("why")` and `@since("1.2")`.
    pub(super) fn age(&mut self, attributes: &Attributes<'_>, origin: &mut Origin) {
        if let Some(attribute) = attributes.get("deprecated") {
            origin.deprecated = self.text_argument(attribute, "the reason").map(|(text, _)| text.to_owned());
        }
        if let Some(attribute) = attributes.get("since") {
            let version = self.text_argument(attribute, "a version");
            if let Some((text, span)) = version {
                if text.chars().any(char::is_whitespace) || !text.chars().any(|sign| sign.is_ascii_digit()) {
                    self.wrong_argument(attribute, span, "is no version");
                } else {
                    origin.since = Some(text.to_owned());
                }
            }
        }
    }

    /// What stands above the `protocol` line.
    pub(super) fn protocol_attributes(&mut self, lead: &Lead) {
        let attributes = self.attributes(lead, Place::Protocol);
        self.model.accepts = self.accepts(&attributes);
        self.protocol_case = self.rename_all(&attributes);
    }

    fn accepts(&mut self, attributes: &Attributes<'_>) -> Accepts {
        const FORMS: [&str; 3] = ["plain", "flat", "nested"];
        let Some(attribute) = attributes.get("accepts") else { return Accepts::default() };
        let mut found = [false; 3];
        for argument in &attribute.arguments {
            match self.word_of(attribute, argument, &FORMS) {
                Some(form) if found[form] => {
                    self.wrong_argument(attribute, span_of(argument), "named twice");
                }
                Some(form) => found[form] = true,
                None => {}
            }
        }
        if attribute.arguments.is_empty() {
            self.wrong_argument(attribute, attribute.span, "names no form");
        }
        let [plain, flat, nested] = found;
        if plain || flat || nested { Accepts { plain, flat, nested } } else { Accepts::default() }
    }

    /// `@rename_all(camelCase)`
    pub(super) fn rename_all(&mut self, attributes: &Attributes<'_>) -> Option<Case> {
        let attribute = attributes.get("rename_all")?;
        let argument = self.only(attribute, "needs the name of a case")?;
        let names: Vec<&str> = Case::ALL.iter().map(|case| case.name()).collect();
        self.word_of(attribute, argument, &names).map(|index| Case::ALL[index])
    }

    /// `@tag("type")`, of something whose wire form has these keys already.
    pub(super) fn tag(&mut self, attributes: &Attributes<'_>, taken: &[&str]) -> Option<String> {
        let attribute = attributes.get("tag")?;
        let (text, span) = self.text_argument(attribute, "a key")?;
        if taken.contains(&text) {
            self.refuse_argument(
                attribute,
                span,
                "says `refused` in the answer of every error",
                "name another key: `@tag(\"type\")`",
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// The index of a word among those that an attribute knows; a guess if it is none of them.
    pub(super) fn word_of(&mut self, attribute: &Attribute, argument: &Argument, legal: &[&str]) -> Option<usize> {
        let word = match argument {
            Argument::Value(Value { kind: ValueKind::Name(word) | ValueKind::Text(word), .. }) => word.as_str(),
            _ => "",
        };
        let quoted = matches!(argument, Argument::Value(Value { kind: ValueKind::Text(_), .. }));
        if let Some(index) = legal.iter().position(|legal| *legal == word) {
            if !quoted {
                return Some(index);
            }
            let help = Help::instead(format!("write it without quotes: `{word}`"), word);
            self.refuse_argument(attribute, span_of(argument), "in quotes", help);
            return None;
        }
        let list: Vec<String> = legal.iter().map(|word| format!("`{word}`")).collect();
        let help = guess::did_you_mean(word, legal.iter().copied()).unwrap_or_else(|| match list.as_slice() {
            [rest @ .., last] if !rest.is_empty() => format!("write {} or {last}", rest.join(", ")).into(),
            list => format!("write {}", list.concat()).into(),
        });
        self.refuse_argument(attribute, span_of(argument), "unknown here", help);
        None
    }
}

/// The place of an argument.
pub(super) fn span_of(argument: &Argument) -> Span {
    match argument {
        Argument::Named(name, value) => Span { end: value.span.end, ..name.span },
        Argument::Rate { span, .. } => *span,
        Argument::Value(value) => value.span,
    }
}

/// Whether a number was refused where it was read.
pub(super) fn refused(number: &Number) -> bool {
    matches!(number.value, NumberValue::TooLarge)
}
