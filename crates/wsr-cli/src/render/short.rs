//! One line a report, as compilers have always written them: what editors and `grep` understand.

use wsr_compiler::Analysis;
use wsr_compiler::diagnostic::{Diagnostic, Severity};

use super::Place;
use crate::screen::tame;

/// All reports.
pub fn reports(analysis: &Analysis) -> String {
    analysis.diagnostics.iter().map(|report| line(analysis, report)).collect()
}

fn line(analysis: &Analysis, report: &Diagnostic) -> String {
    let Place { file, line, column, .. } = Place::of(analysis, report.primary.span);
    let severity = severity(report.severity);
    format!("{file}:{line}:{column}: {severity}[{}]: {}\n", report.code, tame(&report.title))
}

/// Its name in every format.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
