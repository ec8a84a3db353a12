//! Every text is checked, what is wrong with it is printed, and code is made of what is sound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wsr_compiler::generate::{Options, generate};
use wsr_compiler::source::SourceFile;
use wsr_compiler::{analyze, render};

fuzz_target!(|text: &str| {
    let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
    for report in &analysis.diagnostics {
        assert!(!report.title.is_empty() && !report.title.contains('\n'), "a title is one line: {:?}", report.title);
        assert!(render::cargo(&analysis, report).contains(report.code.as_str()));
        assert!(!render::line(&analysis, report).contains('\n'));
    }
    assert!(!generate(&analysis.model, &Options::default()).is_empty());
});
