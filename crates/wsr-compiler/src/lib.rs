//! The compiler of the `.wsr` language: text in, model, diagnostics and generated files out.

pub mod model;
pub mod source;
