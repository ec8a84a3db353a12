//! Reports for people: the source with marks in it, drawn by miette.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents, ThemeCharacters, ThemeStyles,
};
use wsr_compiler::Analysis;
use wsr_compiler::diagnostic::{Diagnostic, Label, Severity};
use wsr_compiler::render::{self, Located};
use wsr_compiler::source::SourceFile;

use super::Place;
use super::summary::counted;
use crate::screen::{GLUE, Screen, glued, tame};

/// More than so many are counted, not shown.
const MOST: usize = 20;
/// Lines with more bytes are shown by the renderer that cuts them around the mark; miette shows all of them.
const LONGEST_LINE: usize = 400;

/// The reports with an empty line behind each, and how many were left out.
pub fn reports(analysis: &Analysis, reports: &[&Diagnostic], screen: Screen, all: bool) -> String {
    let shown = if all { reports.to_vec() } else { most_serious(reports) };
    let tame_files: Vec<SourceFile> =
        analysis.files.iter().map(|file| SourceFile::new(file.name.clone(), tame(file.text()))).collect();
    let painter = Painter { analysis, files: &tame_files, handler: handler(screen) };
    let mut text: String = shown.iter().map(|report| painter.paint(report) + "\n").collect();
    if let Some(more @ 1..) = reports.len().checked_sub(shown.len()) {
        text.push_str(&format!("and {} (`--all` shows them)\n\n", counted(more, "more finding").as_str()));
    }
    text
}

/// At most twenty, in the order of their places; errors take the room of warnings.
fn most_serious<'a>(reports: &[&'a Diagnostic]) -> Vec<&'a Diagnostic> {
    let errors = reports.iter().filter(|report| report.severity == Severity::Error).count().min(MOST);
    let mut room = [(Severity::Error, errors), (Severity::Warning, MOST - errors)];
    let mut fits = |report: &Diagnostic| {
        let left = room.iter_mut().find(|(severity, left)| *severity == report.severity && *left > 0);
        left.map(|(_, left)| *left -= 1).is_some()
    };
    reports.iter().copied().filter(|report| fits(report)).collect()
}

fn handler(screen: Screen) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if screen.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if screen.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    // Without `with_links(false)` miette writes hyperlinks whatever the theme is; with no line of context it cuts the
    // source line down to the span.
    GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_context_lines(1)
        .with_width(screen.width)
        .with_break_words(false)
        .without_syntax_highlighting()
}

struct Painter<'a> {
    analysis: &'a Analysis,
    /// The files as they may be shown.
    files: &'a [SourceFile],
    handler: GraphicalReportHandler,
}

impl Painter<'_> {
    fn paint(&self, report: &Diagnostic) -> String {
        let report = tame_report(report);
        match Shown::new(self.files, &report) {
            Some(shown) => self.draw(&shown) + &self.elsewhere(&report),
            None => tame(&render::cargo(self.analysis, &report).replace(GLUE, " ")) + "\n",
        }
    }

    fn draw(&self, shown: &Shown<'_>) -> String {
        let mut text = String::new();
        // Writing to a string does not fail; should the drawing, the title is there already.
        let _ = self.handler.render_report(&mut text, shown);
        text.replace(GLUE, " ")
    }

    /// The places in other files: miette knows one file a report.
    fn elsewhere(&self, report: &Diagnostic) -> String {
        let others = report.labels.iter().filter(|label| label.span.file != report.primary.span.file);
        let line = |label: &Label| {
            let Place { file, line, column, .. } = Place::of(self.analysis, label.span);
            let place = format!("{file}:{line}:{column}");
            let said = report.help.as_ref().is_some_and(|help| help.contains(&place));
            (!said).then(|| format!("  also: {place}: {}\n", label.text))
        };
        others.filter_map(line).collect()
    }
}

fn tame_report(report: &Diagnostic) -> Diagnostic {
    let mut report = report.clone();
    report.title = glued(&tame(&report.title));
    report.help = report.help.map(|help| glued(&tame(&help)));
    for label in report.labels.iter_mut().chain([&mut report.primary]) {
        label.text = tame(&label.text);
    }
    report
}

/// A report as miette is to see it.
#[derive(Debug)]
struct Shown<'a> {
    located: Located<'a>,
    file: &'a SourceFile,
}

impl<'a> Shown<'a> {
    /// `None` when a line of it is too long to be shown whole.
    fn new(files: &'a [SourceFile], report: &'a Diagnostic) -> Option<Self> {
        let file = files.get(usize::from(report.primary.span.file))?;
        let places =
            report.labels.iter().chain([&report.primary]).filter(|label| label.span.file == report.primary.span.file);
        let too_long = |line: u32| file.line_range(line).len() > LONGEST_LINE;
        for label in places {
            let first = file.line_column(label.span.start).0;
            let last = file.line_column(label.span.end.max(label.span.start)).0;
            if (first.saturating_sub(1).max(1)..=last + 1).any(too_long) {
                return None;
            }
        }
        Some(Self { located: Located::new(files, report)?, file })
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.located.fmt(f)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        miette::Diagnostic::code(&self.located)
    }

    fn severity(&self) -> Option<miette::Severity> {
        miette::Diagnostic::severity(&self.located)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        miette::Diagnostic::help(&self.located)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        miette::Diagnostic::labels(&self.located)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }
}

impl SourceCode for Shown<'_> {
    /// As the report's own source does it, but for the question without context: that is asked for the column of the
    /// header, and the data is not looked at.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let source = miette::Diagnostic::source_code(&self.located).ok_or(MietteError::OutOfBounds)?;
        let contents = source.read_span(span, before, after)?;
        if before > 0 {
            return Ok(contents);
        }
        let (line, column) = self.file.line_column(span.offset() as u32);
        Ok(Box::new(MietteSpanContents::new_named(
            self.file.name.clone(),
            contents.data(),
            *contents.span(),
            line as usize - 1,
            column as usize - 1,
            contents.line_count(),
        )))
    }
}
