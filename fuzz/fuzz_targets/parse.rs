//! Every text is read: a tree and reports, each at a place in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wsr_compiler::diagnostic::Diagnostics;
use wsr_compiler::source::SourceFile;
use wsr_compiler::syntax::parse;

fuzz_target!(|text: &str| {
    let source = SourceFile::new("routes.wsr", text);
    let mut reports = Diagnostics::default();
    parse(&source, 0, &mut reports);
    for report in reports.into_sorted() {
        let places = std::iter::once(&report.primary).chain(&report.labels);
        for span in places.map(|label| label.span) {
            let piece = source.text().get(span.start as usize..span.end as usize);
            assert!(piece.is_some(), "{span:?} is no piece of the text: {report:?}");
        }
    }
});
