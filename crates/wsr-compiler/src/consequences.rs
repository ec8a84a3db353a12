//! Reports that only follow from others, taken out at the very end: one mistake gives one report.

use std::collections::{BTreeMap, HashSet};

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix, Label};
use crate::source::{FileId, SourceFile, Span};

/// Names whose declarations are looked for; more of them misspelt in one file are no accident of typing.
const MAX_DECLARATIONS: usize = 20;

/// The reports without those that say nothing new.
pub(crate) fn without_consequences(reports: Vec<Diagnostic>, files: &[SourceFile]) -> Vec<Diagnostic> {
    let reports = without_repetitions(without_echoes(reports, files));
    with_misspelt_declarations(reports, files)
}

/// A line that the whole file lacks is missed once, not at each use.
fn without_repetitions(mut reports: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut missed: HashSet<(Code, String)> = HashSet::new();
    let is_whole = |report: &Diagnostic| report.code == Code::NoIdentity || report.title == "`Role` without roles";
    reports.retain(|report| !is_whole(report) || missed.insert((report.code, report.title.clone())));
    reports
}

/// A line that could not be read is not judged: what stands on it was guessed.
fn without_echoes(mut reports: Vec<Diagnostic>, files: &[SourceFile]) -> Vec<Diagnostic> {
    let line = |report: &Diagnostic| {
        let span = report.primary.span;
        Some((span.file, files.get(usize::from(span.file))?.line_column(span.start).0))
    };
    let is_syntax = |code: Code| matches!(code, Code::Syntax | Code::Keyword | Code::Unclosed);
    let unread: HashSet<_> = reports.iter().filter(|report| is_syntax(report.code)).filter_map(line).collect();
    reports.retain(|report| !may_echo(report.code) || line(report).is_none_or(|line| !unread.contains(&line)));
    // What a broken line declares may have been meant otherwise.
    let reads = |label: &Label| {
        let source = files.get(usize::from(label.span.file));
        source.is_none_or(|source| !unread.contains(&(label.span.file, source.line_column(label.span.start).0)))
    };
    reports.retain(|report| report.code != Code::Meet || report.labels.iter().all(reads));
    reports
}

/// Kinds of reports that a word lost or doubled on the same line brings about.
fn may_echo(code: Code) -> bool {
    matches!(
        code,
        Code::Attribute
            | Code::DuplicateField
            | Code::ItemKeyword
            | Code::DefaultBreaksLimit
            | Code::DefaultType
            | Code::Endless
            | Code::BigInteger
            | Code::NoOutcome
            | Code::NoTarget
            | Code::UnknownField
            | Code::Places
            | Code::PickNothing
    )
}

/// Where every use of a name is unknown and the name meant stands nowhere but in its declaration, the declaration
/// is what is misspelt: one report for all uses.
fn with_misspelt_declarations(reports: Vec<Diagnostic>, files: &[SourceFile]) -> Vec<Diagnostic> {
    let mut uses: BTreeMap<(Code, String), Vec<usize>> = BTreeMap::new();
    for (index, report) in reports.iter().enumerate().filter(|(_, report)| is_unknown_name(report.code)) {
        uses.entry((report.code, report.title.clone())).or_default().push(index);
    }
    let mut repeated: Vec<Vec<usize>> = uses.into_values().filter(|uses| uses.len() > 1).collect();
    repeated.sort();
    let mut dropped: HashSet<usize> = HashSet::new();
    let mut reports = reports;
    for uses in repeated.into_iter().take(MAX_DECLARATIONS) {
        let Some(meant) = guess(&reports[uses[0]]).map(str::to_owned) else { continue };
        let Some(declared) = only_place(&meant, files) else { continue };
        dropped.extend(&uses[1..]);
        let report = &mut reports[uses[0]];
        let used = report.title.rsplit('`').nth(1).unwrap_or("").to_owned();
        report.labels.push(Label { span: declared, text: format!("never used as `{meant}`") });
        report.help = Some(format!("all {} uses say `{used}`: is it misspelt where it is declared?", uses.len()));
        report.fix =
            Some(Fix { title: format!("declare it as `{used}`"), edits: vec![Edit { span: declared, text: used }] });
    }
    let mut index = 0;
    reports.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
    reports
}

fn is_unknown_name(code: Code) -> bool {
    matches!(code, Code::UnknownType | Code::UnknownName | Code::DefaultType)
}

/// The one name in "did you mean `name`?".
fn guess(report: &Diagnostic) -> Option<&str> {
    let quoted = report.help.as_deref()?.strip_prefix("did you mean `")?.strip_suffix("`?")?;
    let name = quoted.split('/').next().unwrap_or(quoted);
    let is_name = !name.is_empty() && name.bytes().all(is_word);
    is_name.then_some(name)
}

/// The only place where a word stands, if there is just one.
fn only_place(word: &str, files: &[SourceFile]) -> Option<Span> {
    let mut found = None;
    for (file, source) in (0..=FileId::MAX).zip(files) {
        let text = source.text().as_bytes();
        for (start, _) in source.text().match_indices(word) {
            let end = start + word.len();
            let inside = start > 0 && is_word(text[start - 1]) || text.get(end).is_some_and(|&byte| is_word(byte));
            if inside {
                continue;
            }
            if found.is_some() {
                return None;
            }
            found = Some(Span { file, start: start as u32, end: end as u32 });
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
