//! Compiles a `.wsr` file from build.rs.
//!
//! ```no_run
//! // build.rs
//! fn main() {
//!     switchboard_build::compile("routes.wsr");
//! }
//! ```
//!
//! What is wrong with the file is no failure of the build script: it leaves reports beside the
//! generated code, and `switchboard::routes!("routes.wsr")` shows them as errors of the compiler. So
//! editors keep their completion while the file is being written, and all errors are seen at once.

#![allow(clippy::needless_doctest_main, reason = "the example is a whole build.rs")]

mod output;
mod run;

use std::path::{Path, PathBuf};

/// Compiles a file, given relative to the package's Cargo.toml.
///
/// Writes `routes.rs` and `routes.report` into `OUT_DIR`, and tells cargo to come back when the file
/// changes. Warnings are shown by cargo.
///
/// # Panics
///
/// When it does not run in a build script, or `OUT_DIR` cannot be written to. Never because of what
/// the file says, or because there is none.
pub fn compile(path: impl AsRef<Path>) {
    let directory = |name: &str| match std::env::var_os(name) {
        Some(path) => PathBuf::from(path),
        None => panic!("switchboard_build::compile is for build.rs: cargo has not set {name}"),
    };
    let (package, out) = (directory("CARGO_MANIFEST_DIR"), directory("OUT_DIR"));
    match run::run(&package, &out, path.as_ref()) {
        Ok(directives) => directives.iter().for_each(|directive| println!("{directive}")),
        Err(error) => panic!("cannot write to {}: {error}", out.display()),
    }
}
