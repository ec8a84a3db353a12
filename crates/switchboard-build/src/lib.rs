//! Compiles a `.wsr` file from build.rs.
//!
//! ```no_run
//! // build.rs
//! fn main() {
//!     switchboard_build::compile("routes.wsr");
//! }
//! ```
//!
//! It also writes clients of the protocol where the rest of the project finds them:
//!
//! ```no_run
//! fn main() {
//!     switchboard_build::protocol("routes.wsr").typescript("web").compile();
//! }
//! ```
//!
//! What is wrong with the file is no failure of the build script: it leaves reports beside the
//! generated code, and `switchboard::routes!("routes.wsr")` shows them as errors of the compiler. So
//! editors keep their completion while the file is being written, and all errors are seen at once.

#![allow(clippy::needless_doctest_main, reason = "the example is a whole build.rs")]

mod clients;
mod output;
mod run;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wsr_compiler::generate::Target;

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
    protocol(path).compile();
}

/// A file to be compiled, given relative to the package's Cargo.toml; and what else is to be made of it.
pub fn protocol(path: impl AsRef<Path>) -> Protocol {
    Protocol { path: path.as_ref().to_owned(), clients: Vec::new(), rust_client: false }
}

/// What is to be made of a `.wsr` file.
#[derive(Clone, Debug)]
#[must_use = "nothing is done before `compile`"]
pub struct Protocol {
    path: PathBuf,
    clients: Vec<(Target, PathBuf)>,
    rust_client: bool,
}

impl Protocol {
    /// Also writes the client for browsers and Node: `client.js`, `client.d.ts` and `client.ts`, into this folder,
    /// given relative to the package's Cargo.toml.
    ///
    /// They are written when they would change, and never while the file has errors. A file in their place that was
    /// not generated stays, and the build fails. Cargo refuses to package what build scripts change, so commit them.
    pub fn typescript(self, folder: impl AsRef<Path>) -> Self {
        self.client(Target::TypeScript, folder.as_ref())
    }

    /// The same with the client for Python: a package with its `pyproject.toml`, to be installed from this folder.
    pub fn python(self, folder: impl AsRef<Path>) -> Self {
        self.client(Target::Python, folder.as_ref())
    }

    /// Also makes the client for Rust, in `OUT_DIR`; for a file `protocols/routes.wsr`,
    /// `switchboard_client::client!("routes")` brings it in, or says what is wrong with the file.
    pub fn rust_client(mut self) -> Self {
        self.rust_client = true;
        self
    }

    fn client(mut self, target: Target, folder: &Path) -> Self {
        self.clients.push((target, folder.to_owned()));
        self
    }

    /// Does it all, as [`compile`] does. A client that cannot be written is an error of the build.
    ///
    /// # Panics
    ///
    /// When it does not run in a build script, or `OUT_DIR` cannot be written to.
    pub fn compile(self) {
        let began = SystemTime::now();
        let directory = |name: &str| match std::env::var_os(name) {
            Some(path) => PathBuf::from(path),
            None => panic!("switchboard_build is for build.rs: cargo has not set {name}"),
        };
        let (package, out) = (directory("CARGO_MANIFEST_DIR"), directory("OUT_DIR"));
        match run::run(&package, &out, &self, began) {
            Ok(directives) => directives.iter().for_each(|directive| println!("{directive}")),
            Err(error) => panic!("cannot write to {}: {error}", out.display()),
        }
    }
}
