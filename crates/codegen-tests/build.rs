//! Compiles the cases, one protocol of very many messages, the examples of the reference and some random ones;
//! lists the types of the cases for the tests.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use wsr_compiler::generate::casing::{identifier, module_name, type_name};
use wsr_compiler::model::{Model, TypeDef, TypeKind};
use wsr_compiler::source::{ReadError, SourceFile};

#[path = "build/texts.rs"]
mod texts;

const CASES: &[&str] = &[
    "full",
    "keywords",
    "shadows",
    "roots",
    "station",
    "chains",
    "values",
    "walk",
    "wire",
    "deprecated",
    "simulation",
    "slow",
    "tables",
    "steps",
    "topics",
    "requests",
    "packed",
];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let mut table = String::from(
        "/// Every case, and every type that is read and written.\n#[allow(deprecated, reason = \"some are\")]\nconst CASES: &[Case] = &[\n",
    );
    for case in CASES {
        switchboard_build::compile(format!("cases/{case}.wsr"));
        table_of(case, &mut table);
    }
    table.push_str("];\n");
    fs::write(out.join("table.rs"), table).expect("OUT_DIR can be written to");
    let many = out.join("many.wsr");
    fs::write(&many, many_routes()).expect("OUT_DIR can be written to");
    switchboard_build::compile(many);
    texts::reference(&out);
    switchboard_build::compile(out.join("language.wsr"));
    for name in texts::random(&out) {
        switchboard_build::compile(out.join(name));
    }
}

/// The types of a case with the functions that read them.
fn table_of(case: &str, table: &mut String) {
    let text = |name: &str| fs::read_to_string(format!("cases/{name}"));
    let file = format!("{case}.wsr");
    let root = SourceFile::new(&file, text(&file).expect("the case is there"));
    let analysis = wsr_compiler::analyze_from(root, &mut |name| text(name).map_err(|_| ReadError::NotFound));
    let model = &analysis.model;
    // Writing into a String cannot fail.
    let _ = write!(table, "    Case {{\n        file: {file:?},\n        types: &[\n");
    for def in model.types.iter().filter(|def| is_read_and_written(def)) {
        let name = model.full_name(def.namespace, &def.name);
        let _ = writeln!(table, "            ({name:?}, probe::<codegen_tests::{case}::{}>),", path(model, def));
    }
    let _ = write!(table, "        ],\n        message: message::<codegen_tests::{case}::Routes>,\n    }},\n");
}

/// Whether a type is one of its own in Rust, and no error.
fn is_read_and_written(def: &TypeDef) -> bool {
    match &def.kind {
        TypeKind::Struct(_) | TypeKind::Enum(_) => true,
        TypeKind::Alias(target) => def.secret || !target.limits.is_empty(),
        TypeKind::Error(_) => false,
    }
}

fn path(model: &Model, def: &TypeDef) -> String {
    let modules = model.namespaces[def.namespace].path.iter().map(|name| identifier(&module_name(name)));
    modules.chain([identifier(&type_name(&def.name))]).collect::<Vec<_>>().join("::")
}

/// 20 namespaces of 25 messages each.
fn many_routes() -> String {
    let mut text = String::from("wsr 1\n");
    for space in 0..20 {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "namespace space_{space} {{");
        for message in 0..25 {
            let _ = writeln!(text, "  /// One of many.\n  message call_{message} {{ n: u8 }} -> silent");
        }
        text.push_str("}\n");
    }
    text
}
