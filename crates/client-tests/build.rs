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

fn main() {
    for case in CASES {
        switchboard_build::protocol(format!("../codegen-tests/cases/{case}.wsr")).rust_client().compile();
    }
    switchboard_build::protocol("protocols/lounge.wsr").rust_client().compile();
    switchboard_build::protocol("../../routes.wsr").rust_client().compile();
    switchboard_build::protocol("../../tests/clients/transcripts/protocol.wsr").rust_client().compile();
}
