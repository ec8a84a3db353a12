//! Attributes, values and literals.

use super::number::{self, Refused};
use super::{Builder, Pair, Rule, tree};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use tree::{NumberValue, ValueKind};

/// The title of numbers beyond every type.
const TOO_LARGE: &str = "the number is too large";

impl Builder<'_> {
    pub(super) fn attribute(&mut self, pair: Pair<'_>) -> tree::Attribute {
        let span = self.tight(&pair);
        let mut name = tree::Name { text: String::new(), span };
        let mut arguments = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::at_name => name = tree::Name { text: part.as_str()[1..].to_owned(), span: self.tight(&part) },
                Rule::argument => {
                    arguments.extend(part.into_inner().next().and_then(|argument| self.argument(argument)))
                }
                _ => {}
            }
        }
        tree::Attribute { name, arguments, span }
    }

    fn argument(&mut self, pair: Pair<'_>) -> Option<tree::Argument> {
        let span = self.tight(&pair);
        match pair.as_rule() {
            Rule::named => {
                let mut parts = pair.into_inner().filter(|part| part.as_rule() != Rule::colon);
                let name = self.name(&parts.next()?);
                Some(tree::Argument::Named(name, self.value(parts.next()?)?))
            }
            Rule::rate => {
                let mut parts = pair.into_inner().filter(|part| part.as_rule() != Rule::kw_per);
                let count = self.number(&parts.next()?);
                Some(tree::Argument::Rate { count, per: self.duration(&parts.next()?), span })
            }
            Rule::dashed => {
                let kind = ValueKind::Name(pair.as_str().to_owned());
                Some(tree::Argument::Value(tree::Value { kind, span }))
            }
            _ => self.value(pair).map(tree::Argument::Value),
        }
    }

    pub(super) fn value(&mut self, pair: Pair<'_>) -> Option<tree::Value> {
        let span = self.tight(&pair);
        let literal = pair.into_inner().next()?;
        let kind = match literal.as_rule() {
            Rule::boolean => ValueKind::Bool(literal.as_str() == "true"),
            Rule::duration | Rule::size | Rule::number => ValueKind::Number(self.number(&literal)),
            Rule::string => ValueKind::Text(self.text(&literal).text),
            Rule::list_value => {
                let values = literal.into_inner().filter(|part| part.as_rule() == Rule::value);
                ValueKind::List(values.filter_map(|value| self.value(value)).collect())
            }
            _ => ValueKind::Name(literal.as_str().to_owned()),
        };
        Some(tree::Value { kind, span })
    }

    /// A number, duration or size.
    pub(super) fn number(&mut self, pair: &Pair<'_>) -> tree::Number {
        let text = pair.as_str();
        let span = self.tight(pair);
        let too_large = "the largest integer is 2^64-1, of type `u64`";
        let found = match pair.as_rule() {
            Rule::duration => number::duration(text).map(NumberValue::Duration).ok_or((TOO_LARGE, too_large)),
            Rule::size => number::size(text).map(NumberValue::Size).ok_or((TOO_LARGE, too_large)),
            _ => number::number(text).map_err(|refused| match refused {
                Refused::BigInteger => (TOO_LARGE, too_large),
                Refused::Infinite => (TOO_LARGE, "the largest number is about 1.8e308, of type `f64`"),
                Refused::Vanishing => {
                    ("the number is too near to 0", "the smallest number above 0 is 5e-324: write `0`")
                }
            }),
        };
        let value = found.unwrap_or_else(|(title, help)| {
            self.out.push(Diagnostic::new(Code::LimitBeyond, span, title).label("no type holds it").help(help));
            NumberValue::TooLarge
        });
        tree::Number { value, text: text.to_owned(), span }
    }

    pub(super) fn duration(&mut self, pair: &Pair<'_>) -> tree::Duration {
        let number = self.number(pair);
        let milliseconds = match number.value {
            NumberValue::Duration(milliseconds) => Some(milliseconds),
            _ => None,
        };
        tree::Duration { milliseconds, span: number.span }
    }

    /// The text of a string literal.
    pub(super) fn text(&mut self, pair: &Pair<'_>) -> tree::Name {
        let span = self.tight(pair);
        let quoted = pair.as_str();
        let mut text = String::new();
        let mut letters = quoted[1..quoted.len() - 1].chars();
        while let Some(letter) = letters.next() {
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            match letters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(same @ ('"' | '\\' | '/')) => text.push(same),
                other => {
                    let title = format!("unknown escape `\\{}` in a text", other.map(String::from).unwrap_or_default());
                    self.out.push(
                        Diagnostic::new(Code::Syntax, span, title).label("in here").help(
                            "known are `\\\"`, `\\\\`, `\\n`, `\\r` and `\\t`; other characters stand as they are",
                        ),
                    );
                }
            }
        }
        tree::Name { text, span }
    }
}
