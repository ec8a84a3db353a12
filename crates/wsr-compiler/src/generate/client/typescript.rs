//! The client for browsers and Node: one module without dependencies, its types, and both in one.

use super::names::Names;
use super::plan::plan;
use super::{ADVICE, Files, MARK};
use crate::model::Model;

/// `client.js`, `client.d.ts`, `client.ts`.
pub(super) fn files(model: &Model) -> Files {
    let names = Names::of(model, &is_kept);
    let mut files = Files::default();
    let head = format!("// {MARK} {ADVICE}\n\n");
    files.add("client.js", format!("{head}export const protocol = {};\n", plan(model, &names)));
    files
}

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
