//! Reports in each format, and what the formats share.

pub mod diff;
pub mod graphical;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod short;
pub mod summary;

use serde::Serialize;
use wsr_compiler::Analysis;
use wsr_compiler::source::Span;

/// A span as people and tools count: from 1, columns in Unicode scalar values, the end not included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// As the reports name it: relative to the current directory, `/` between folders.
    pub file: String,
    /// Where it begins.
    pub line: u32,
    /// Where it begins in the line.
    pub column: u32,
    /// Where it ends.
    pub end_line: u32,
    /// The column behind its last character.
    pub end_column: u32,
}

impl Place {
    /// Where this is.
    pub fn of(analysis: &Analysis, span: Span) -> Self {
        let Some(source) = analysis.files.get(usize::from(span.file)) else {
            return Self { file: String::new(), line: 1, column: 1, end_line: 1, end_column: 1 };
        };
        let (line, column) = source.line_column(span.start);
        let (end_line, end_column) = source.line_column(span.end.max(span.start));
        Self { file: source.name.clone(), line, column, end_line, end_column }
    }
}
