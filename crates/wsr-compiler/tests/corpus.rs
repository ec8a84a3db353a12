//! The corpus: one `.wsr` file a case, all its reports beside it in a file `.expect`.
//!
//! `UPDATE_EXPECT=1 cargo test -p wsr-compiler --test corpus` writes the `.expect` files anew; read what it changed.

use std::fs;
use std::path::{Path, PathBuf};

use wsr_compiler::code::Code;
use wsr_compiler::source::SourceFile;
use wsr_compiler::{analyze, render};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

/// The cases of a folder, by name.
fn cases(name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(name)).expect("the corpus is part of the repository");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).filter(|path| path.extension().is_some_and(|end| end == "wsr")).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no cases in {name}");
    paths
}

/// All reports of a file as `routes!` would show them.
fn reports(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read_to_string(path).expect("a readable case");
    let analysis = analyze(vec![SourceFile::new(name, text)]);
    let rendered = analysis.diagnostics.iter().map(|report| {
        let kind = match report.severity {
            wsr_compiler::diagnostic::Severity::Error => "",
            wsr_compiler::diagnostic::Severity::Warning => "warning: ",
        };
        format!("{kind}{}\n", render::cargo(&analysis, report))
    });
    rendered.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_case_reports_what_stands_beside_it() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failures = Vec::new();
    for path in cases("check").into_iter().chain(cases("syntax")) {
        let (found, beside) = (reports(&path), path.with_extension("expect"));
        if update {
            fs::write(&beside, &found).expect("a writable corpus");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if found != expected {
            failures.push(format!("==== {}\n---- expected\n{expected}\n---- found\n{found}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_case_shows_the_code_it_is_named_after() {
    for path in cases("check").into_iter().chain(cases("syntax")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let code = format!("[WSR{}]", &name[..4]);
        assert!(reports(&path).contains(&code), "{name} has no {code}");
    }
}

#[test]
fn every_code_of_the_registry_has_a_case() {
    let all: String = cases("check").into_iter().chain(cases("syntax")).map(|path| reports(&path)).collect();
    let missing: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).filter(|code| !all.contains(&format!("[{code}]"))).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_report_has_a_label_and_a_help_line() {
    for path in cases("check").into_iter().chain(cases("syntax")) {
        let text = fs::read_to_string(&path).expect("a readable case");
        let analysis = analyze(vec![SourceFile::new("case.wsr", text)]);
        for report in &analysis.diagnostics {
            assert!(report.help.is_some(), "{}: {} has no help", path.display(), report.title);
            assert!(!report.primary.text.is_empty(), "{}: {} has no label", path.display(), report.title);
        }
    }
}

#[test]
fn whole_protocols_are_accepted_without_a_word() {
    for path in cases("accept") {
        assert_eq!(reports(&path), "", "{}", path.display());
    }
}
