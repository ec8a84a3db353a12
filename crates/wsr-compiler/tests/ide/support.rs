//! A text with a cursor.

use wsr_compiler::diagnostic::Edit;
use wsr_compiler::source::{FileId, SourceFile, Span};
use wsr_compiler::{Analysis, analyze};

/// A protocol of one file, and where the cursor is in it.
pub fn at(text: &str) -> (Analysis, u32) {
    let offset = text.find("$0").unwrap_or_else(|| panic!("no cursor in {text}"));
    (of(&text.replacen("$0", "", 1)), offset as u32)
}

/// A protocol of one file; the version line is put in front of it where it is missing.
pub fn of(text: &str) -> Analysis {
    analyze(vec![SourceFile::new("routes.wsr", text)])
}

/// A protocol of two files, with the cursor in one of them.
pub fn two(root: &str, part: &str) -> (Analysis, FileId, u32) {
    let files = [root, part];
    let file = files.iter().position(|text| text.contains("$0")).expect("a file has the cursor");
    let offset = files[file].find("$0").expect("it has") as u32;
    let texts = files.map(|text| text.replacen("$0", "", 1));
    let [root, part] = texts;
    let analysis = analyze(vec![SourceFile::new("routes.wsr", root), SourceFile::new("part.wsr", part)]);
    (analysis, file as FileId, offset)
}

/// `line:column text` of a span, from 1; with the file's name when it is not the first.
pub fn shown(analysis: &Analysis, span: Span) -> String {
    let file = &analysis.files[usize::from(span.file)];
    let (line, column) = file.line_column(span.start);
    let name = if span.file == 0 { String::new() } else { format!("{}:", file.name) };
    format!("{name}{line}:{column} {}", &file.text()[span.start as usize..span.end as usize])
}

/// The text of a file once some edits are made.
pub fn edited(analysis: &Analysis, file: FileId, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().filter(|edit| edit.span.file == file).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    let mut text = analysis.files[usize::from(file)].text().to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}
