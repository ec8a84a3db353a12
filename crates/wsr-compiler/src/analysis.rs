//! All that is known about some files, and the door to generation.

use std::ops::Deref;

use crate::check;
use crate::consequences::without_consequences;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::Model;
use crate::resolve;
use crate::source::{FileId, SourceFile};
use crate::syntax;

/// What a protocol says, and what is wrong with it. Always exists, however broken the text is.
#[derive(Debug)]
pub struct Analysis {
    /// The files, in the order given.
    pub files: Vec<SourceFile>,
    /// All that could be understood.
    pub model: Model,
    /// All reports, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks files that together are one protocol.
///
/// ```
/// use wsr_compiler::{analyze, source::SourceFile};
///
/// let analysis = analyze(vec![SourceFile::new("routes.wsr", "wsr 1\nmessage ping -> reply okay\n")]);
/// let report = analysis.errors().next().expect("`okay` is no type");
/// assert_eq!(report.title, "unknown type `okay`");
/// ```
pub fn analyze(files: Vec<SourceFile>) -> Analysis {
    let mut out = Diagnostics::default();
    let trees: Vec<_> =
        files.iter().zip(0..=FileId::MAX).map(|(source, file)| syntax::parse(source, file, &mut out)).collect();
    let mut resolved = resolve::resolve(&trees, &files, &mut out);
    check::check(&mut resolved, &mut out);
    let diagnostics = without_consequences(out.into_sorted(), &files);
    Analysis { model: resolved.model, diagnostics, files }
}

impl Analysis {
    /// Whether something stops the build.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// What stops the build, by place.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|report| report.severity == Severity::Error)
    }

    /// Advice, by place.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|report| report.severity == Severity::Warning)
    }

    /// The model, if no error stands.
    pub fn checked(&self) -> Option<CheckedModel<'_>> {
        (!self.has_errors()).then_some(CheckedModel(&self.model))
    }
}

/// A model without errors.
#[derive(Clone, Copy, Debug)]
pub struct CheckedModel<'a>(&'a Model);

impl Deref for CheckedModel<'_> {
    type Target = Model;

    fn deref(&self) -> &Model {
        self.0
    }
}
