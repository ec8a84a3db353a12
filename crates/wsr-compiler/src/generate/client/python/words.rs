//! Names, literals and docs: what an author wrote, as Python that means just that.

use std::collections::HashSet;

use crate::generate::client::names::Names;
use crate::generate::rust::literal::comment;
use crate::model::{Literal, Number, Origin};

/// Makes names of Python out of those that clients have.
pub(super) fn spell(names: &mut Names) {
    let relayed = names.relayed.iter_mut().flatten();
    let flows = names.flows.iter_mut().flatten();
    let all = names.messages.iter_mut().chain(&mut names.asks).chain(&mut names.events);
    let mut paths: Vec<&mut Vec<String>> = all.chain(relayed).chain(&mut names.topics).chain(flows).collect();
    let mut taken = HashSet::new();
    for path in &mut paths {
        for (depth, name) in path.iter_mut().enumerate() {
            *name = member(name, depth == 0);
        }
        taken.extend((1..path.len()).map(|end| path[..end].to_vec()));
    }
    for path in paths {
        while !taken.insert(path.clone()) {
            path.last_mut().into_iter().for_each(|last| last.push('_'));
        }
    }
}

/// A member of what an application holds.
fn member(name: &str, is_at_root: bool) -> String {
    let name = identifier(name);
    if name.starts_with('_') || is_at_root && AT_THE_ROOT.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// The names of fields as attributes or parameters, each once and none of those that are kept.
pub(super) fn attributes<'n>(names: impl Iterator<Item = &'n str>, kept: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = kept.iter().map(|name| (*name).to_owned()).collect();
    names.map(|name| once(identifier(name), &mut taken)).collect()
}

/// The name, with a line behind it as long as there is one like it.
pub(super) fn once(mut name: String, taken: &mut HashSet<String>) -> String {
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// A name that Python takes, and that it has no other meaning for.
pub(super) fn identifier(name: &str) -> String {
    let name = ascii(name);
    // Two lines in front mean something to Python.
    let name = if name.starts_with("__") { format!("x{name}") } else { name };
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// Letters, digits and `_`, no digit in front.
pub(super) fn ascii(name: &str) -> String {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '_' };
    let name: String = name.chars().map(plain).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() { format!("_{name}") } else { name }
}

/// The member of an enum: `str` has many methods.
pub(super) fn enum_member(name: &str) -> String {
    let name = identifier(name);
    let name = if name.starts_with('_') { format!("x{name}") } else { name };
    if METHODS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// A string literal.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(sign),
            _ if u32::from(sign) <= 0xffff => out.push_str(&format!("\\u{:04x}", u32::from(sign))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(sign))),
        }
    }
    out.push('"');
    out
}

/// A constant.
pub(super) fn constant(value: &Literal) -> String {
    match value {
        Literal::Bool(value) => truth(*value).to_owned(),
        Literal::Number(number) => self::number(*number),
        Literal::Text(text) => literal(text),
    }
}

/// `True`, `False`
pub(super) fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A number.
pub(super) fn number(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// The lines of a docstring: the author's, since when it is there, and why it should not be used any more.
pub(super) fn docs(origin: &Origin) -> Vec<String> {
    let mut lines = origin.docs.clone();
    let more = [
        origin.since.as_ref().map(|version| format!("Since {version}.")),
        origin.deprecated.as_ref().map(|why| format!("Deprecated: {why}")),
    ];
    for line in more.into_iter().flatten() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(line);
    }
    lines.iter().map(|line| doc(line)).collect()
}

/// A line that cannot leave its docstring.
pub(super) fn doc(line: &str) -> String {
    let line = comment(line.trim_end()).replace("§§", "§").replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    match line.strip_suffix('"') {
        Some(rest) if !rest.ends_with('\\') => format!("{rest}\\\""),
        _ => line,
    }
}

/// What a connection has itself.
const AT_THE_ROOT: [&str; 10] =
    ["close", "connect_now", "hear", "on_contract", "on_problem", "on_resumed", "on_state", "ready", "state", "states"];

const KEYWORDS: [&str; 36] = [
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "__debug__",
];

/// What texts and enums of Python have.
const METHODS: [&str; 50] = [
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "mro",
    "name",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "value",
    "zfill",
];
