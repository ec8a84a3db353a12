//! JSON as a tree that can hold what a reader has to refuse: keys that come twice, numbers of any spelling.

use super::random::Random;

/// Any value, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn number(number: impl ToString) -> Self {
        Self::Number(number.to_string())
    }

    /// Whether a number in it is beyond every `f64`.
    pub fn is_out_of_range(&self) -> bool {
        match self {
            Self::Number(raw) => raw.parse::<f64>().is_ok_and(f64::is_infinite),
            Self::List(items) => items.iter().any(Self::is_out_of_range),
            Self::Object(members) => members.iter().any(|(_, value)| value.is_out_of_range()),
            _ => false,
        }
    }

    /// The same value, wherever the members of its objects stand and however its floats are written.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => {
                let bits = |raw: &str| raw.parse::<f64>().unwrap().to_bits();
                a == b || is_float(a) && is_float(b) && bits(a) == bits(b)
            }
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_like(b)),
            (Self::Object(a), Self::Object(b)) => {
                let has = |(key, a): &(String, Self)| b.iter().any(|(other, b)| key == other && a.is_like(b));
                a.len() == b.len() && a.iter().all(has)
            }
            _ => self == other,
        }
    }

    /// Written down, with white space and escapes as chance has them.
    pub fn write(&self, random: &mut Random, out: &mut String) {
        blank(random, out);
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(raw) => out.push_str(raw),
            Self::Text(text) => quote(text, random, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write(random, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    blank(random, out);
                    quote(key, random, out);
                    blank(random, out);
                    out.push(':');
                    value.write(random, out);
                }
                out.push('}');
            }
        }
        blank(random, out);
    }

    /// Reads what an encoder has written, which is well-formed and has no white space.
    pub fn read(text: &str) -> Self {
        let mut rest = text;
        let value = value(&mut rest);
        assert_eq!(rest, "", "text behind the value: {text}");
        value
    }
}

fn is_float(raw: &str) -> bool {
    raw.contains(['.', 'e', 'E'])
}

fn blank(random: &mut Random, out: &mut String) {
    if random.one_in(12) {
        out.push_str(random.pick(&[" ", "\n", "\t", "\r\n", "  "]));
    }
}

fn quote(text: &str, random: &mut Random, out: &mut String) {
    out.push('"');
    let escapes = random.one_in(4);
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..='\x1f' => out.push_str(&format!("\\u{:04x}", u32::from(sign))),
            _ if escapes && random.one_in(4) => {
                let mut units = [0; 2];
                for unit in sign.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            }
            _ => out.push(sign),
        }
    }
    out.push('"');
}

fn value(rest: &mut &str) -> Json {
    let first = rest.chars().next().expect("a value");
    match first {
        'n' => word(rest, "null", Json::Null),
        't' => word(rest, "true", Json::Bool(true)),
        'f' => word(rest, "false", Json::Bool(false)),
        '"' => Json::Text(string(rest)),
        '[' => Json::List(members(rest, ']', value)),
        '{' => Json::Object(members(rest, '}', |rest| {
            let key = string(rest);
            eat(rest, ':');
            (key, value(rest))
        })),
        _ => {
            let end = rest.find([',', ']', '}']).unwrap_or(rest.len());
            let (raw, behind) = rest.split_at(end);
            assert!(raw.parse::<f64>().is_ok(), "no number: {raw}");
            *rest = behind;
            Json::Number(raw.to_owned())
        }
    }
}

fn members<T>(rest: &mut &str, close: char, member: impl Fn(&mut &str) -> T) -> Vec<T> {
    *rest = &rest[1..];
    let mut found = Vec::new();
    while !rest.starts_with(close) {
        if !found.is_empty() {
            eat(rest, ',');
        }
        found.push(member(rest));
    }
    eat(rest, close);
    found
}

fn word(rest: &mut &str, word: &str, value: Json) -> Json {
    *rest = rest.strip_prefix(word).expect("a word of JSON");
    value
}

fn eat(rest: &mut &str, sign: char) {
    *rest = rest.strip_prefix(sign).unwrap_or_else(|| panic!("no `{sign}` before {rest}"));
}

fn string(rest: &mut &str) -> String {
    eat(rest, '"');
    let mut text = String::new();
    let mut signs = rest.char_indices();
    loop {
        match signs.next().expect("the end of a string") {
            (at, '"') => {
                *rest = &rest[at + 1..];
                return text;
            }
            (_, '\\') => match signs.next().expect("an escape").1 {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'b' => text.push('\u{8}'),
                'f' => text.push('\u{c}'),
                'u' => {
                    let digits: String = signs.by_ref().take(4).map(|(_, digit)| digit).collect();
                    // Encoders escape control characters alone.
                    text.push(char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap());
                }
                other => text.push(other),
            },
            (_, sign) => text.push(sign),
        }
    }
}
