//! Reports for tools: an array of objects, described in the crate's README.

use serde::Serialize;
use wsr_compiler::Analysis;
use wsr_compiler::diagnostic::Diagnostic;
use wsr_compiler::source::Span;

use super::Place;
use super::short::severity;

#[derive(Serialize)]
struct Report<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    label: &'a str,
    help: Option<&'a str>,
    labels: Vec<Words<'a>>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    edits: Vec<Words<'a>>,
}

/// A place and what is said of it, or what is to stand there.
#[derive(Serialize)]
struct Words<'a> {
    #[serde(flatten)]
    place: Place,
    text: &'a str,
}

/// All reports.
pub fn reports(analysis: &Analysis) -> String {
    let reports: Vec<Report<'_>> = analysis.diagnostics.iter().map(|report| described(analysis, report)).collect();
    pretty(&reports)
}

/// Indented JSON with a newline behind it.
pub fn pretty(value: &impl Serialize) -> String {
    // Only maps with keys that are no text, and failing `Serialize`s, cannot be written; there are neither.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn described<'a>(analysis: &Analysis, report: &'a Diagnostic) -> Report<'a> {
    let words = |span: Span, text: &'a str| Words { place: Place::of(analysis, span), text };
    let fix = |fix: &'a wsr_compiler::diagnostic::Fix| Fix {
        title: &fix.title,
        edits: fix.edits.iter().map(|edit| words(edit.span, &edit.text)).collect(),
    };
    Report {
        code: report.code.as_str(),
        severity: severity(report.severity),
        message: &report.title,
        place: Place::of(analysis, report.primary.span),
        label: &report.primary.text,
        help: report.help.as_deref(),
        labels: report.labels.iter().map(|label| words(label.span, &label.text)).collect(),
        fix: report.fix.as_ref().map(fix),
    }
}
