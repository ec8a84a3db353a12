//! Attributes, values and literals.

use super::{Builder, Pair, Rule, tree};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use tree::{NumberValue, ValueKind};

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
        let value = match pair.as_rule() {
            Rule::duration => duration(text).map_or(NumberValue::TooLarge, NumberValue::Duration),
            Rule::size => size(text).map_or(NumberValue::TooLarge, NumberValue::Size),
            _ => number(text),
        };
        match value {
            NumberValue::Exponent => self.out.push(
                Diagnostic::new(Code::NotYet, span, "exponents are not supported yet")
                    .label("an exponent")
                    .help("write the number out: `1000` for `1e3`"),
            ),
            NumberValue::TooLarge => self.out.push(
                Diagnostic::new(Code::LimitBeyond, span, "the number is too large")
                    .label("no type holds it")
                    .help("the largest integer is 2^64-1, of type `u64`"),
            ),
            _ => {}
        }
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

fn number(text: &str) -> NumberValue {
    let digits = text.replace('_', "");
    let (sign, unsigned) = match digits.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, digits.as_str()),
    };
    if let Some(hex) = unsigned.strip_prefix("0x") {
        return i128::from_str_radix(hex, 16)
            .ok()
            .and_then(|value| within(value * sign))
            .unwrap_or(NumberValue::TooLarge);
    }
    if unsigned.contains(['e', 'E']) {
        return NumberValue::Exponent;
    }
    if unsigned.contains('.') {
        let value: Option<f64> = digits.parse().ok().filter(|value: &f64| value.is_finite());
        return value.map_or(NumberValue::TooLarge, NumberValue::Float);
    }
    unsigned.parse::<i128>().ok().and_then(|value| within(value * sign)).unwrap_or(NumberValue::TooLarge)
}

/// Integers that some type can hold; the bound keeps later sums from overflowing.
fn within(value: i128) -> Option<NumberValue> {
    (value.unsigned_abs() <= 1 << 64).then_some(NumberValue::Int(value))
}

fn duration(text: &str) -> Option<u64> {
    let (number, unit) = parted(text);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 86_400_000,
    };
    // A thousand years are enough, and keep sums of times far from overflowing.
    number.parse::<u64>().ok()?.checked_mul(factor).filter(|&milliseconds| milliseconds <= 365_250 * 86_400_000)
}

fn size(text: &str) -> Option<u64> {
    let (number, unit) = parted(text);
    let factor = match unit {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => 1,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

fn parted(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len()))
}
