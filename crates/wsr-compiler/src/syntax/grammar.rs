//! The parser that pest derives from the grammar.
#![allow(missing_docs)]

#[derive(pest_derive::Parser)]
#[grammar = "grammar/wsr.pest"]
pub(crate) struct Grammar;
