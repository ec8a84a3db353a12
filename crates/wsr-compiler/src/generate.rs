//! Generated files: a [`Model`] in, source text out.
//!
//! Pure, deterministic and infallible: a model of a broken file gives what can be generated from
//! its sound parts, so that an editor keeps its completion while the file is being written.
//! Deliberately absent: reading, writing and checking. A model with errors is generated without
//! a word about them; whoever calls has the diagnostics.

pub mod casing;
mod rust;
mod writer;

use crate::model::Model;

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
