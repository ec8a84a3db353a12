//! The Rust client of the transcripts' protocol, as it stands where it is driven. `UPDATE_EXPECT=1` writes it anew.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

use std::fs;
use std::path::Path;

use wsr_compiler::analyze;
use wsr_compiler::generate::{Target, client};
use wsr_compiler::source::SourceFile;

#[test]
fn the_client_that_holds_the_transcripts_is_the_one_that_is_generated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("tests/clients/transcripts/protocol.wsr")).unwrap();
    let analysis = analyze(vec![SourceFile::new("protocol.wsr", text)]);
    let files = client(analysis.checked().expect("the protocol has no errors"), Target::Rust);
    for (name, text) in files.iter() {
        let path = root.join("crates/switchboard-client/tests/protocol").join(name);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, text).unwrap();
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{} is stale; UPDATE_EXPECT=1 writes it anew", path.display());
    }
}
