//! Everywhere something is named.

use super::symbol_at;
use crate::analysis::Analysis;
use crate::source::{FileId, Span};

/// All places in all files that name what is named at an offset.
pub fn references(analysis: &Analysis, file: FileId, offset: u32, with_declaration: bool) -> Vec<Span> {
    let Some((symbol, _)) = symbol_at(analysis, file, offset) else { return Vec::new() };
    let uses = analysis.index.of(symbol).filter(|found| with_declaration || !found.declares);
    uses.map(|found| found.span).collect()
}

/// The places in this file that name what is named at an offset, and whether each declares it.
pub fn highlights(analysis: &Analysis, file: FileId, offset: u32) -> Vec<(Span, bool)> {
    let Some((symbol, _)) = symbol_at(analysis, file, offset) else { return Vec::new() };
    let uses = analysis.index.of(symbol).filter(|found| found.span.file == file);
    uses.map(|found| (found.span, found.declares)).collect()
}
