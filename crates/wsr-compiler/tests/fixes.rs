//! The fixes of reports: each one, applied to its file, makes its report go away and breaks nothing.
//!
//! They are tried on every case of the corpus. A help that is an edit should have a fix; where the exact edit is not
//! known, a wrong one would be worse than none.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use wsr_compiler::code::Code;
use wsr_compiler::diagnostic::{Diagnostic, Edit};
use wsr_compiler::source::SourceFile;
use wsr_compiler::{Analysis, analyze, render};

/// Reports that a fix must not bring about.
const SYNTAX: [Code; 5] = [Code::Syntax, Code::Keyword, Code::Unclosed, Code::BlockComment, Code::HalfOpen];

#[test]
fn every_fix_makes_its_report_go_away_without_a_new_syntax_error() {
    let mut problems = Vec::new();
    let mut tried = 0;
    for (name, text) in cases() {
        let before = read(&text);
        for report in &before.diagnostics {
            let Some(fix) = &report.fix else { continue };
            tried += 1;
            let after = read(&applied(&text, &fix.edits));
            let problem = problem(&before, report, &after, &fix.edits);
            let shown = render::cargo(&before, report);
            problems.extend(problem.map(|problem| format!("{name}: {problem}\n{shown}\nfix: {:?}\n", fix.edits)));
        }
    }
    assert!(tried > 100, "the corpus shows {tried} fixes only");
    assert!(problems.is_empty(), "{} of {tried} fixes\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn a_help_that_names_what_was_meant_has_a_fix() {
    let mut without = Vec::new();
    for (name, text) in cases() {
        let analysis = read(&text);
        for report in &analysis.diagnostics {
            let help = report.help.as_deref().unwrap_or("");
            let is_edit = help.starts_with("did you mean `") && !help.contains("` or `") && !help.contains("? ");
            if is_edit && report.fix.is_none() {
                without.push(format!("{name}: {} {help}", report.code));
            }
        }
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn edits_of_a_fix_do_not_overlap() {
    for (name, text) in cases() {
        for fix in read(&text).diagnostics.iter().filter_map(|report| report.fix.as_ref()) {
            let mut spans: Vec<_> = fix.edits.iter().map(|edit| edit.span).collect();
            spans.sort();
            assert!(!fix.edits.is_empty() && !fix.title.is_empty(), "{name}");
            assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "{name}: {:?}", fix.edits);
        }
    }
}

/// What a fix did wrong.
fn problem(before: &Analysis, report: &Diagnostic, after: &Analysis, edits: &[Edit]) -> Option<String> {
    let place = moved(report.primary.span.start, edits);
    let same = |other: &&Diagnostic| {
        other.code == report.code && other.title == report.title && other.primary.span.start == place
    };
    if after.diagnostics.iter().any(|other| same(&other)) {
        return Some("the report is still there".to_owned());
    }
    let count = |analysis: &Analysis| analysis.diagnostics.iter().filter(|found| SYNTAX.contains(&found.code)).count();
    let allowed = count(before) - usize::from(SYNTAX.contains(&report.code));
    (count(after) > allowed).then(|| {
        let found = after.diagnostics.iter().filter(|found| SYNTAX.contains(&found.code));
        let shown: Vec<String> = found.map(|report| render::cargo(after, report)).collect();
        format!("a new syntax error\n{}", shown.join("\n"))
    })
}

/// Where an offset is after some edits.
fn moved(offset: u32, edits: &[Edit]) -> u32 {
    let shift: i64 = edits
        .iter()
        .filter(|edit| edit.span.end <= offset)
        .map(|edit| edit.text.len() as i64 - i64::from(edit.span.end - edit.span.start))
        .sum();
    (i64::from(offset) + shift) as u32
}

fn applied(text: &str, edits: &[Edit]) -> String {
    let mut text = text.trim_start_matches('\u{feff}').to_owned();
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

fn read(text: &str) -> Analysis {
    analyze(vec![SourceFile::new("routes.wsr", text)])
}

/// Every case of the corpus.
fn cases() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folders = ["check", "syntax", "accept"].map(|folder| root.join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("every folder of the corpus is there"));
    let paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    let cases = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "wsr"));
    let name = |path: &Path| path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
    cases.map(|path| (name(path), fs::read_to_string(path).expect("cases are text"))).collect()
}
