//! Compiles the cases, and one protocol of very many messages.

use std::env;
use std::fmt::Write;
use std::path::PathBuf;

fn main() {
    for case in ["full", "keywords", "shadows", "roots", "station", "chains"] {
        switchboard_build::compile(format!("cases/{case}.wsr"));
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let many = out.join("many.wsr");
    std::fs::write(&many, many_routes()).expect("OUT_DIR can be written to");
    switchboard_build::compile(many);
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
