//! Generated files: a [`Model`] in, source text out.
//!
//! Pure, deterministic and infallible: a model of a broken file gives what can be generated from
//! its sound parts, so that an editor keeps its completion while the file is being written.
//! Deliberately absent: reading, writing and checking. A model with errors is generated without
//! a word about them; whoever calls has the diagnostics.

pub mod casing;
mod client;
mod rust;
mod writer;

pub use self::client::{Files, Foreign, Target, client};

use crate::model::{Model, NamespaceId};

/// What a caller chooses about generated code.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names of the files in the marks, `// chat/send, routes.wsr:130`, by their ids; the first is the root.
    pub sources: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { sources: vec!["routes.wsr".to_owned()] }
    }
}

/// The Rust code of a protocol, to be included where `routes!` stands.
pub fn generate(model: &Model, options: &Options) -> String {
    rust::generate(model, options)
}

/// Where a skeleton is put.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The path of the module in which `routes!` stands.
    pub module: String,
    /// The type that handles messages.
    pub app: String,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { module: "crate::routes".to_owned(), app: "App".to_owned() }
    }
}

/// Empty handlers for a namespace, to be filled in by the author: what to import, then the `impl`.
///
/// Unlike the trait's own lines they compile with `todo!()` as their bodies. Nothing for a namespace without handlers.
pub fn skeleton(model: &Model, namespace: NamespaceId, at: &Surroundings, options: &Options) -> String {
    rust::skeleton(model, namespace, at, options)
}

/// The methods of a namespace's `Handlers` as their author writes them: names, and what stands in front of the bodies.
pub fn signatures(model: &Model, namespace: NamespaceId) -> Vec<(String, String)> {
    rust::signatures(model, namespace)
}
