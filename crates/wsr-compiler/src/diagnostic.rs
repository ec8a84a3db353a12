//! Reports to the author of a `.wsr` file, and the sink that collects them.
//!
//! A title is one line, lower case, without a full stop, names in backticks: what is wrong. The help says what to write.

use crate::code::Code;
use crate::source::Span;

/// Whether a report stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Advice: the build goes on.
    Warning,
    /// No code is made while one stands.
    Error,
}

/// A place with a few words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What about it; may be empty.
    pub text: String,
}

/// A change to the text that would make a report go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub title: String,
    /// Pieces to replace; none overlap.
    pub edits: Vec<Edit>,
}

/// New text in place of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// Advice, perhaps with the text that it says to write in place of what is underlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// What to write, in words.
    pub text: String,
    /// What to write, as it is written.
    pub instead: Option<String>,
}

impl Help {
    /// "did you mean `name`?"
    pub fn did_you_mean(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { text: format!("did you mean `{name}`?"), instead: Some(name) }
    }

    /// Advice in other words, with what it says to write.
    pub fn instead(text: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { text: text.into(), instead: Some(instead.into()) }
    }
}

impl From<String> for Help {
    fn from(text: String) -> Self {
        Self { text, instead: None }
    }
}

impl From<&str> for Help {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of report it is.
    pub code: Code,
    /// Whether it stops the build.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// The place to look at first.
    pub primary: Label,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
    /// The help as an edit, when it is one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A report of this code at this place.
    pub fn new(code: Code, span: Span, title: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            title: title.into(),
            primary: Label { span, text: String::new() },
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// With these words under the carets.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// With a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// With this advice; when it says what to write in place of what is underlined, that is the fix.
    #[must_use]
    pub fn help(mut self, help: impl Into<Help>) -> Self {
        let Help { text, instead } = help.into();
        self.help = Some(text);
        match instead {
            Some(instead) => {
                let span = self.primary.span;
                self.fix(span, instead)
            }
            None => self,
        }
    }

    /// With the help as an edit: this text in place of that piece.
    #[must_use]
    pub fn fix(self, span: Span, text: impl Into<String>) -> Self {
        let title = self.help.clone().unwrap_or_else(|| self.title.clone());
        self.fix_with(title, vec![Edit { span, text: text.into() }])
    }

    /// With several edits that together are what the title says.
    #[must_use]
    pub fn fix_with(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { title: title.into(), edits });
        self
    }
}

/// Collects reports; the same code at the same place counts once.
#[derive(Debug, Default)]
pub struct Diagnostics {
    reports: Vec<Diagnostic>,
    seen: std::collections::HashSet<(Code, Span)>,
}

impl Diagnostics {
    /// Takes a report.
    pub fn push(&mut self, report: Diagnostic) {
        if self.seen.insert((report.code, report.primary.span)) {
            self.reports.push(report);
        }
    }

    /// Whether an error has been reported so far.
    pub fn has_errors(&self) -> bool {
        self.reports.iter().any(|report| report.severity == Severity::Error)
    }

    /// Whether a report of this code was taken.
    pub fn has(&self, code: Code) -> bool {
        self.reports.iter().any(|report| report.code == code)
    }

    /// Where something was reported so far, labels included.
    pub(crate) fn places(&self) -> Vec<Span> {
        let labels = self.reports.iter().flat_map(|report| &report.labels).map(|label| label.span);
        self.reports.iter().map(|report| report.primary.span).chain(labels).collect()
    }

    /// All reports in the order of their places.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.reports.sort_by_key(|report| (report.primary.span, report.code));
        self.reports
    }
}
