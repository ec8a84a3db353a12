//! The compiler of the `.wsr` language: text in, model, diagnostics and generated files out.
//!
//! It touches no disk, clock or environment. The modules, in the order in which a file passes them:
//!
//! - [`source`]: text with names and lines, and the spans that point into it;
//! - [`diagnostic`] and [`code`]: reports to the author, and the registry of their codes;
//! - [`syntax`]: text to tree, with recovery from syntax errors;
//! - [`resolve`]: trees to the [`model`], every name looked up, and the [`index`] of where each is named;
//! - [`check`]: rules about the whole model;
//! - [`analysis`]: all of that in one call, [`analyze`], and [`CheckedModel`], the key to generation;
//!   On the way reports that only follow from others are taken out, and those that `@allow` names;
//! - [`render`]: reports as text;
//! - [`contract`]: the model as data, and the fingerprints of its wire;
//! - [`generate`]: the model as Rust code, and as clients;
//! - [`ide`]: what editors ask.
//!
//! Beside them, over [`syntax`] alone: [`mod@format`], a text as everybody lays it out.

mod allow;
pub mod analysis;
mod ascii;
pub mod check;
pub mod code;
mod consequences;
pub mod contract;
pub mod diagnostic;
mod edits;
pub mod format;
pub mod generate;
mod graph;
pub mod guess;
pub mod ide;
mod imports;
pub mod index;
mod leads;
pub mod model;
pub mod render;
pub mod resolve;
pub mod source;
pub mod syntax;

pub use analysis::{Analysis, CheckedModel, analyze, analyze_from};
pub use code::explain;
pub use format::{Formatted, format};
