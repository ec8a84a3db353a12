//! The clients of the cases of `codegen-tests`, of the studio, and of the transcripts' protocol.

const CASES: [&str; 17] = [
    "chains",
    "deprecated",
    "full",
    "keywords",
    "packed",
    "requests",
    "roots",
    "shadows",
    "simulation",
    "slow",
    "station",
    "steps",
    "tables",
    "topics",
    "values",
    "walk",
    "wire",
];

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    for case in CASES {
        switchboard_build::protocol(format!("../codegen-tests/cases/{case}.wsr")).rust_client().compile();
    }
    corpus();
    switchboard_build::protocol("protocols/lounge.wsr").rust_client().compile();
    switchboard_build::protocol("../../routes.wsr").rust_client().compile();
    switchboard_build::protocol("../../tests/clients/transcripts/protocol.wsr").rust_client().compile();
}

/// A table of what stands for each message of each case.
fn corpus() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    let mut table =
        String::from("/// By case, how each of its messages is said.\nconst CASES: &[(&str, &[Said])] = &[\n");
    for case in CASES {
        let client = fs::read_to_string(out.join(format!("{case}.client.rs"))).expect("written just now");
        let heads = client.lines().filter_map(|line| line.trim().strip_prefix("impl rt::Message<Routes> for "));
        let rows = heads.filter_map(|head| head.strip_suffix(" {"));
        let rows: String = rows.map(|row| format!("        said::<_, client_tests::{case}::{row}>,\n")).collect();
        table.push_str(&format!("    (\"{case}\", &[\n{rows}    ]),\n"));
    }
    fs::write(out.join("corpus.rs"), format!("{table}];\n")).expect("OUT_DIR can be written to");
}
