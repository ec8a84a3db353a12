//! Every text is laid out once and for all; one that can be read says the same afterwards.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wsr_compiler::diagnostic::Diagnostics;
use wsr_compiler::format;
use wsr_compiler::source::SourceFile;
use wsr_compiler::syntax::parse;

fuzz_target!(|text: &str| {
    let formatted = format(text);
    assert_eq!(formatted.changed, formatted.text != text);
    let again = format(&formatted.text);
    assert!(!again.changed, "not settled\n{text}\n---\n{}\n---\n{}", formatted.text, again.text);
    let (before, after) = (outline(text), outline(&formatted.text));
    assert_eq!(before.is_some(), after.is_some(), "reports appeared or went\n{text}\n---\n{}", formatted.text);
    if before.is_some() {
        assert!(!formatted.broken, "can be read, but not laid out\n{text}");
        assert_eq!(before, after, "says something else\n{text}\n---\n{}", formatted.text);
    }
});

/// What a text says, without the places; nothing when it has errors.
fn outline(text: &str) -> Option<String> {
    let mut reports = Diagnostics::default();
    let tree = parse(&SourceFile::new("routes.wsr", text), 0, &mut reports);
    let debug = format!("{:?}", tree.items);
    let mut parts = debug.split("Span { file: ");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('}').map_or("", |(_, rest)| rest));
    (!reports.has_errors()).then(|| rest.fold(first, |text, part| text + part))
}
