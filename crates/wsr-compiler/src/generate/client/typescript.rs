//! The client for browsers and Node: one module without dependencies, its types, and both in one.
//!
//! The runtime is written in TypeScript, in four files beside this one; what `tsc` makes of it is kept in `js/`, and a test
//! of `tests/clients/node` compares. Here they are joined into one module, behind which stands what a protocol adds: the
//! plan, and types.

mod facade;
mod types;

use std::collections::BTreeSet;

use self::types::TypeNames;
use super::names::Names;
use super::plan::plan;
use super::{ADVICE, Files, MARK};
use crate::model::Model;

/// `client.js`, `client.d.ts`, `client.ts`.
pub(super) fn files(model: &Model) -> Files {
    let names = Names::of(model, &is_kept);
    let plan = plan(model, &names);
    let types = TypeNames::of(model, &taken());
    let declared = types.declarations(model) + &facade::client(model, &names, &types);
    let head = format!("// {MARK} {ADVICE}\n\n");
    let mut files = Files::default();
    files.add("client.js", format!("{head}{}{}", joined(&JS), connect_js(&plan)));
    files.add("client.d.ts", format!("{head}{}{declared}{CONNECT_TYPES}", joined(&[API_TYPES])));
    files.add("client.ts", format!("{head}{}{declared}{}", joined(&TS), connect_ts(&plan)));
    files
}

/// The parts of the runtime, what applications see first.
const TS: [&str; 4] = [
    include_str!("typescript/api.ts"),
    include_str!("typescript/values.ts"),
    include_str!("typescript/machine.ts"),
    include_str!("typescript/runtime.ts"),
];
const JS: [&str; 4] = [
    include_str!("typescript/js/api.js"),
    include_str!("typescript/js/values.js"),
    include_str!("typescript/js/machine.js"),
    include_str!("typescript/js/runtime.js"),
];
const API_TYPES: &str = include_str!("typescript/js/api.d.ts");

fn connect_js(plan: &str) -> String {
    format!(
        "const protocol = {plan};\n\n{CONNECT_DOCS}export function connect(url, options) {{\n  return open(protocol, url, options);\n}}\n"
    )
}

fn connect_ts(plan: &str) -> String {
    format!(
        "const protocol = {plan} as unknown as Plan;\n\n{CONNECT_DOCS}export function connect(url?: Address, options?: Options<Client>): Client {{\n  \
         return open<Client>(protocol, url, options);\n}}\n"
    )
}

const CONNECT_TYPES: &str = "
/** Connects, to the page's own server when no address is given; the client comes back by itself when the connection is lost. */
export declare function connect(url?: Address, options?: Options<Client>): Client;
";
const CONNECT_DOCS: &str = "/** Connects, to the page's own server when no address is given; the client comes back by itself when the connection is lost. */\n";

/// Files of one program as one file: without their imports of each other, and only the first exports anything.
fn joined(files: &[&str]) -> String {
    let mut text = String::new();
    for (index, file) in files.iter().enumerate() {
        for line in file.lines().filter(|line| !line.starts_with("import ") && *line != "export {};") {
            let inside = if index == 0 { None } else { line.strip_prefix("export ") };
            text.push_str(inside.unwrap_or(line));
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// Names that types of a protocol cannot have: those of the runtime, and of what it uses of the language.
fn taken() -> BTreeSet<String> {
    let declared = TS.iter().flat_map(|file| file.lines()).filter_map(|line| {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        let kinds = ["class ", "interface ", "type ", "function ", "const "];
        let name = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
        Some(name.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next().unwrap_or_default().to_owned())
    });
    declared.chain(OF_THE_LANGUAGE.map(str::to_owned)).collect()
}

/// Types of JavaScript that are named in what is generated, and what a module has itself.
const OF_THE_LANGUAGE: [&str; 24] = [
    "Array",
    "ArrayBuffer",
    "AsyncIterableIterator",
    "BigInt",
    "Boolean",
    "Client",
    "DataView",
    "Date",
    "Error",
    "Function",
    "IteratorResult",
    "JSON",
    "Map",
    "Math",
    "NonNullable",
    "Number",
    "Object",
    "Promise",
    "Record",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "Uint8Array",
];

/// Names that JavaScript or the runtime has a meaning for.
fn is_kept(name: &str, is_root: bool) -> bool {
    KEPT.contains(&name) || is_root && AT_THE_ROOT.contains(&name)
}

/// In every object, or not to be used as names; `then` would make a promise of it.
const KEPT: [&str; 58] = [
    "__proto__",
    "prototype",
    "constructor",
    "toString",
    "toJSON",
    "valueOf",
    "hasOwnProperty",
    "then",
    "on",
    "try",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "arguments",
    "eval",
];
/// What a connection has itself.
const AT_THE_ROOT: [&str; 3] = ["state", "close", "connect"];

#[cfg(test)]
mod tests;
