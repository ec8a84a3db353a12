//! Reports as text: the form that `routes!` shows as a compile error, and one line for warnings.
//!
//! The first form looks as rustc's own reports do, because rustc prints it, and because its second line,
//! ` --> routes.wsr:4:15`, is what editors jump to. There are no colours: rustc would show their codes.

mod snippet;

use std::fmt;

use miette::{LabeledSpan, MietteError, MietteSpanContents, ReportHandler, SourceCode, SourceSpan, SpanContents};

use crate::analysis::Analysis;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::SourceFile;

/// A report as rustc would show it, of several lines, without a newline at the end.
pub fn cargo(analysis: &Analysis, report: &Diagnostic) -> String {
    struct Shown<'a>(&'a [SourceFile], &'a Diagnostic);
    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Shown(files, report) = *self;
            let places =
                std::iter::once((&report.primary, true)).chain(report.labels.iter().map(|label| (label, false)));
            let marks = places.filter_map(|(label, primary)| {
                let source = files.get(usize::from(label.span.file))?;
                snippet::locate(&File(source), &spanned(label, primary))
            });
            write!(f, "[{}] {}", report.code, report.title)?;
            let gutter = snippet::write(f, marks.collect())?;
            write_help(f, gutter, report.help.as_deref())
        }
    }
    if usize::from(report.primary.span.file) >= analysis.files.len() {
        return line(analysis, report);
    }
    Shown(&analysis.files, report).to_string()
}

/// The last line of a report.
fn write_help(f: &mut fmt::Formatter<'_>, gutter: usize, help: Option<&str>) -> fmt::Result {
    match help {
        Some(help) => write!(f, "\n{:gutter$} |\n{:gutter$} = help: {help}", "", ""),
        None => Ok(()),
    }
}

fn spanned(label: &Label, primary: bool) -> LabeledSpan {
    let text = Some(label.text.clone()).filter(|text| !text.is_empty());
    let span = (label.span.start as usize, (label.span.end - label.span.start.min(label.span.end)) as usize);
    match primary {
        true => LabeledSpan::new_primary_with_span(text, span),
        false => LabeledSpan::new_with_span(text, span),
    }
}

/// A report in one line: ``[WSR0801] type `Colour` is never used --> routes.wsr:22:6``.
pub fn line(analysis: &Analysis, report: &Diagnostic) -> String {
    let head = format!("[{}] {}", report.code, report.title);
    let Some(source) = analysis.files.get(report.primary.span.file as usize) else { return head };
    let (line, column) = source.line_column(report.primary.span.start);
    format!("{head} --> {}:{line}:{column}", source.name)
}

/// A report together with the files it points into: what miette's handlers can show.
#[derive(Debug)]
pub struct Located<'a> {
    report: &'a Diagnostic,
    source: File<'a>,
    files: &'a [SourceFile],
}

#[derive(Debug)]
struct File<'a>(&'a SourceFile);

impl<'a> Located<'a> {
    /// Pairs a report with the file of its first place; `None` if that file is not among them.
    pub fn new(files: &'a [SourceFile], report: &'a Diagnostic) -> Option<Self> {
        let source = files.get(report.primary.span.file as usize)?;
        Some(Self { report, source: File(source), files })
    }
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report.title)
    }
}

impl std::error::Error for Located<'_> {}

impl miette::Diagnostic for Located<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.report.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.report.severity {
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    /// The help, with the places in other files, which miette would look for in the first one.
    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let mut help = self.report.help.clone()?;
        for label in self.report.labels.iter().filter(|label| label.span.file != self.report.primary.span.file) {
            let Some(source) = self.files.get(usize::from(label.span.file)) else { continue };
            let (line, column) = source.line_column(label.span.start);
            let place = format!("{}:{line}:{column}", source.name);
            if !help.contains(&place) {
                help.push_str(&format!("\n{place}: {}", label.text));
            }
        }
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    /// The places in the file of the first one; miette knows one file a report.
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = &self.report.primary;
        let others = self.report.labels.iter().filter(|label| label.span.file == primary.span.file);
        let others = others.map(|label| spanned(label, false));
        Some(Box::new(std::iter::once(spanned(primary, true)).chain(others)))
    }
}

impl SourceCode for File<'_> {
    /// Whole lines, found by the file's own index: a report costs the same wherever in the file it is.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.0.text();
        let end = span.offset() + span.len();
        if end > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let line_of = |offset: usize| self.0.line_column(offset as u32).0;
        let first = line_of(span.offset()).saturating_sub(before as u32).max(1);
        let last = line_of(end).saturating_add(after as u32).min(line_of(text.len()));
        let (start, end) = (self.0.line_range(first).start, self.0.line_range(last).end);
        let place = SourceSpan::new(start.into(), end - start);
        let lines = (last - first + 1) as usize;
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.name.clone(),
            &text.as_bytes()[start..end],
            place,
            first as usize - 1,
            0,
            lines,
        )))
    }
}

/// Shows any miette diagnostic the way rustc shows its own, without colours.
#[derive(Clone, Copy, Debug, Default)]
pub struct CargoHandler;

impl ReportHandler for CargoHandler {
    fn debug(&self, error: &dyn miette::Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = error.code() {
            write!(f, "[{code}] ")?;
        }
        write!(f, "{error}")?;
        let mut gutter = 1;
        if let (Some(source), Some(labels)) = (error.source_code(), error.labels()) {
            let marks = labels.filter_map(|label| snippet::locate(source, &label)).collect();
            gutter = snippet::write(f, marks)?;
        }
        write_help(f, gutter, error.help().map(|help| help.to_string()).as_deref())
    }
}

#[cfg(test)]
mod tests {
    use miette::ReportHandler;

    use super::{CargoHandler, Located, cargo, line};
    use crate::analysis::analyze;
    use crate::source::SourceFile;

    #[test]
    fn a_report_looks_as_rustc_shows_its_own() {
        let analysis = analyze(vec![SourceFile::new("app/routes.wsr", "wsr 1\nmessage a { b: strng } -> silent\n")]);
        let report = &analysis.diagnostics[0];
        let expected = "[WSR0101] unknown type `strng`\n --> app/routes.wsr:2:16\n  |\n\
                        2 | message a { b: strng } -> silent\n  |                ^^^^^ no type of this name\n  |\n  = help: did you mean `string`?";
        assert_eq!(cargo(&analysis, report), expected);
        assert_eq!(line(&analysis, report), "[WSR0101] unknown type `strng` --> app/routes.wsr:2:16");
    }

    #[test]
    fn diagnostics_of_other_origin_are_shown_too() {
        struct Shown(miette::MietteDiagnostic);
        impl std::fmt::Display for Shown {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                CargoHandler.debug(&self.0, f)
            }
        }
        assert_eq!(
            Shown(miette::MietteDiagnostic::new("no place").with_help("none")).to_string(),
            "no place\n  |\n  = help: none"
        );
    }

    #[test]
    fn a_report_is_a_miette_diagnostic_with_its_labels_in_one_file() {
        use miette::Diagnostic as _;
        let analysis =
            analyze(vec![SourceFile::new("a.wsr", "wsr 1\nenum A { b, b }\nmessage m { a: A } -> silent\n")]);
        let located = Located::new(&analysis.files, &analysis.diagnostics[0]).expect("its file is there");
        assert_eq!(located.code().map(|code| code.to_string()).as_deref(), Some("WSR0105"));
        let labels: Vec<_> =
            located.labels().into_iter().flatten().map(|label| (label.offset(), label.primary())).collect();
        assert_eq!(labels, [(18, true), (15, false)]);
    }
}
