//! Reports as SARIF 2.1.0, the form that code hosts and their scanners take.

use serde_json::{Value, json};
use wsr_compiler::Analysis;
use wsr_compiler::code::Code;
use wsr_compiler::diagnostic::Diagnostic;
use wsr_compiler::source::Span;

use super::Place;
use super::json::pretty;
use super::short::severity;

/// One run with all reports.
pub fn reports(analysis: &Analysis) -> String {
    let mut codes: Vec<Code> = analysis.diagnostics.iter().map(|report| report.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let results: Vec<Value> = analysis.diagnostics.iter().map(|report| result(analysis, &codes, report)).collect();
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "wsr",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().copied().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "name": pascal_case(code.slug()),
        "shortDescription": { "text": code.summary() },
        "help": { "text": code.summary() },
        "defaultConfiguration": { "level": severity(code.severity()) },
    })
}

fn result(analysis: &Analysis, codes: &[Code], report: &Diagnostic) -> Value {
    let mut message = report.title.clone();
    if let Some(help) = &report.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let mut result = json!({
        "ruleId": report.code.as_str(),
        "ruleIndex": codes.iter().position(|code| *code == report.code),
        "level": severity(report.severity),
        "message": { "text": message },
        "locations": [location(analysis, report.primary.span, &report.primary.text)],
    });
    if !report.labels.is_empty() {
        let labels = report.labels.iter();
        result["relatedLocations"] = labels.map(|label| location(analysis, label.span, &label.text)).collect();
    }
    result
}

fn location(analysis: &Analysis, span: Span, text: &str) -> Value {
    let place = Place::of(analysis, span);
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&place.file) }, "region": region(&place) },
    });
    if !text.is_empty() {
        location["message"] = json!({ "text": text });
    }
    location
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

/// A path as a relative reference, or as a `file:` one if it is absolute.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { String::from("file://") } else { String::new() };
    for &byte in path.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// `unknown-type` is `UnknownType`.
fn pascal_case(slug: &str) -> String {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    slug.split('-').map(capitalized).collect()
}
