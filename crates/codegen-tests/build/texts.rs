//! Protocols that stand in no file of their own: the examples of the reference, and texts made at random.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use wsr_compiler::analyze;
use wsr_compiler::source::SourceFile;

#[path = "../../wsr-compiler/tests/random/protocol.rs"]
mod protocol;

const REFERENCE: &str = "../../docs/language.md";

/// Protocols made at random that are compiled.
const RANDOM: usize = 4;

/// Puts the examples of `docs/language.md` together, each on the lines where it stands there, so that a report names
/// the right line; a block of another file, ` ```wsr shared.wsr `, becomes that file.
pub fn reference(out: &Path) {
    println!("cargo::rerun-if-changed={REFERENCE}");
    let text = fs::read_to_string(REFERENCE).expect("the reference is there");
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    files.insert("language.wsr", String::new());
    let mut block: Option<&str> = None;
    for line in text.lines() {
        let mut kept = "";
        match (block, line.strip_prefix("```wsr")) {
            (None, Some(name)) => block = Some(if name.is_empty() { "language.wsr" } else { name.trim() }),
            (Some(_), _) if line == "```" => block = None,
            (Some(name), _) if name != "language.wsr" => files.entry(name).or_default().push_str(&format!("{line}\n")),
            (Some(_), _) => kept = line,
            (None, None) => {}
        }
        if let Some(root) = files.get_mut("language.wsr") {
            root.push_str(kept);
            root.push('\n');
        }
    }
    for (name, text) in files {
        fs::write(out.join(name), text).expect("OUT_DIR can be written to");
    }
}

/// Writes the first protocols of random seeds that are accepted; `SEED` says from where.
pub fn random(out: &Path) -> Vec<String> {
    println!("cargo::rerun-if-env-changed=SEED");
    println!("cargo::rerun-if-changed=../wsr-compiler/tests/random/protocol.rs");
    let first: u64 = env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let texts = (first..).map(protocol::protocol);
    let accepted = texts.filter(|text| !analyze(vec![SourceFile::new("random.wsr", text.as_str())]).has_errors());
    let named = accepted.take(RANDOM).enumerate().map(|(at, text)| (format!("random_{at}.wsr"), text));
    let written = named.map(|(name, text)| {
        fs::write(out.join(&name), text).expect("OUT_DIR can be written to");
        name
    });
    written.collect()
}
