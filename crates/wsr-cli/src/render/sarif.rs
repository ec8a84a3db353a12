//! Reports as SARIF 2.1.0, the form that code hosts and their scanners take.

use serde_json::{Value, json};
use wsr_compiler::Analysis;
use wsr_compiler::code::Code;
use wsr_compiler::diagnostic::{Diagnostic, Edit, Fix};
use wsr_compiler::source::{FileId, Span};

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
    let page = wsr_compiler::explain(code);
    json!({
        "id": code.as_str(),
        "name": pascal_case(code.slug()),
        "shortDescription": { "text": code.summary() },
        "fullDescription": { "text": first_paragraph(page) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": severity(code.severity()) },
    })
}

/// What the page says below its title.
fn first_paragraph(page: &str) -> String {
    page.split("\n\n").nth(1).unwrap_or_default().replace('\n', " ")
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
    if let Some(offered) = &report.fix {
        result["fixes"] = json!([fix(analysis, offered)]);
    }
    result
}

/// A fix changes files, each in some places.
fn fix(analysis: &Analysis, fix: &Fix) -> Value {
    let mut files: Vec<FileId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let change = |file: &FileId| {
        let edits: Vec<&Edit> = fix.edits.iter().filter(|edit| edit.span.file == *file).collect();
        let name = edits.first().map(|edit| Place::of(analysis, edit.span).file).unwrap_or_default();
        let replacements = edits.iter().map(|edit| {
            let deleted = region(&Place::of(analysis, edit.span));
            json!({ "deletedRegion": deleted, "insertedContent": { "text": edit.text } })
        });
        json!({ "artifactLocation": { "uri": uri(&name) }, "replacements": replacements.collect::<Vec<_>>() })
    };
    json!({ "description": { "text": fix.title }, "artifactChanges": files.iter().map(change).collect::<Vec<_>>() })
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
