//! Lines of source with carets below them.

use std::fmt;

use miette::{LabeledSpan, SourceCode};
use unicode_width::UnicodeWidthChar;

/// Wider lines are cut around what is marked.
const MAX_WIDTH: usize = 160;
/// What stays in front of a mark when a line is cut.
const LEAD_WIDTH: usize = 60;
/// Bytes around a label that are looked at.
const WINDOW: usize = 1024;
/// What a tab becomes.
const TAB: &str = "    ";

/// A label with the line it begins in.
pub(super) struct Mark {
    file: String,
    /// From 1.
    line: usize,
    /// In the whole line, from 1.
    column: usize,
    /// The line, or the part of it around the label.
    text: String,
    /// Bytes in that text.
    start: usize,
    end: usize,
    label: String,
    primary: bool,
}

/// Finds the line of a label.
pub(super) fn locate(source: &dyn SourceCode, label: &LabeledSpan) -> Option<Mark> {
    // One line around: without it miette cuts the line down to the span.
    let contents = source.read_span(label.inner(), 1, 1).ok()?;
    let data = String::from_utf8_lossy(contents.data());
    let at = label.offset().checked_sub(contents.span().offset())?.min(data.len());
    let before = data.get(..at)?;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let text = data[line_start..].split('\n').next().unwrap_or("").trim_end_matches('\r');
    let start = (at - line_start).min(text.len());
    let end = (start + label.len()).min(text.len());
    // Of a very long line only the neighbourhood is looked at.
    let window = text.floor_char_boundary(start.saturating_sub(WINDOW))
        ..text.ceil_char_boundary((start + WINDOW).min(text.len()));
    Some(Mark {
        file: contents.name().unwrap_or("").to_owned(),
        line: contents.line() + before.matches('\n').count() + 1,
        column: text[..start].chars().count() + 1,
        start: start - window.start,
        end: end.min(window.end) - window.start,
        text: text[window].to_owned(),
        label: label.label().unwrap_or("").to_owned(),
        primary: label.primary(),
    })
}

/// Writes the place of the first mark and all marked lines, file by file; the width of the line numbers.
pub(super) fn write(f: &mut fmt::Formatter<'_>, mut marks: Vec<Mark>) -> Result<usize, fmt::Error> {
    let gutter = marks.iter().map(|mark| mark.line.to_string().len()).max().unwrap_or(1);
    let mut arrow = "-->";
    while let Some(first) = marks.first() {
        let file = first.file.clone();
        write!(f, "\n {arrow} {file}:{}:{}\n{:gutter$} |", first.line, first.column, "")?;
        let (here, elsewhere) = marks.into_iter().partition(|mark| mark.file == file);
        write_lines(f, here, gutter)?;
        marks = elsewhere;
        if !marks.is_empty() {
            write!(f, "\n{:gutter$} |", "")?;
        }
        // As rustc shows places in other files; editors jump to the first arrow.
        arrow = ":::";
    }
    Ok(gutter)
}

/// Writes the marked lines of one file.
fn write_lines(f: &mut fmt::Formatter<'_>, mut marks: Vec<Mark>, gutter: usize) -> fmt::Result {
    marks.sort_by_key(|mark| (mark.line, !mark.primary, mark.start));
    let mut last: Option<usize> = None;
    for same_line in marks.chunk_by(|one, other| one.line == other.line) {
        let Some(mark) = same_line.first() else { continue };
        if last.is_some_and(|last| mark.line > last + 1) {
            write!(f, "\n...")?;
        }
        last = Some(mark.line);
        let shown = Shown::new(mark);
        write!(f, "\n{:>gutter$} |", mark.line)?;
        if !shown.text.is_empty() {
            write!(f, " {}", shown.text)?;
        }
        for mark in same_line {
            write!(f, "\n{:gutter$} | {}", "", shown.carets(mark))?;
        }
    }
    Ok(())
}

/// A line as shown, perhaps cut.
struct Shown {
    text: String,
    /// For each character of the line: its byte, and the column where it is shown.
    columns: Vec<(usize, usize)>,
    /// The column after the last.
    width: usize,
}

impl Shown {
    /// The line of a mark, with enough of it to see the mark.
    fn new(mark: &Mark) -> Self {
        let cells: Vec<(usize, String, usize)> =
            mark.text.char_indices().map(|(byte, letter)| cell(byte, letter)).collect();
        let total: usize = cells.iter().map(|(_, _, width)| width).sum();
        let mut shown = Self { text: String::new(), columns: Vec::new(), width: 0 };
        let mut skipped = 0;
        if total > MAX_WIDTH {
            let to_mark: usize =
                cells.iter().take_while(|(byte, ..)| *byte < mark.start).map(|(_, _, width)| width).sum();
            skipped = to_mark.saturating_sub(LEAD_WIDTH);
        }
        let mut passed = 0;
        for (byte, text, width) in cells {
            if passed < skipped {
                passed += width;
                continue;
            }
            if skipped > 0 && shown.text.is_empty() {
                shown.push("…", 1);
            }
            if shown.width + width > MAX_WIDTH {
                shown.push("…", 1);
                break;
            }
            shown.columns.push((byte, shown.width));
            shown.push(&text, width);
        }
        shown.text.truncate(shown.text.trim_end().len());
        shown
    }

    fn push(&mut self, text: &str, width: usize) {
        self.text.push_str(text);
        self.width += width;
    }

    fn carets(&self, mark: &Mark) -> String {
        let column =
            |byte: usize| self.columns.iter().find(|(at, _)| *at >= byte).map_or(self.width, |(_, column)| *column);
        let (start, end) = (column(mark.start), column(mark.end));
        let sign = if mark.primary { "^" } else { "-" };
        let line = format!("{:start$}{} {}", "", sign.repeat(end.saturating_sub(start).max(1)), mark.label);
        line.trim_end().to_owned()
    }
}

/// A character as shown, with its width.
fn cell(byte: usize, letter: char) -> (usize, String, usize) {
    match letter {
        '\t' => (byte, TAB.to_owned(), TAB.len()),
        letter
            if letter.is_control()
                || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}') =>
        {
            (byte, '\u{fffd}'.to_string(), 1)
        }
        letter => (byte, letter.to_string(), letter.width().unwrap_or(1)),
    }
}
