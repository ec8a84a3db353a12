//! All that is known about some files, and the door to generation.

use std::collections::HashMap;
use std::ops::Deref;

use crate::allow;
use crate::check;
use crate::consequences::without_consequences;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::imports::{self, Imports};
use crate::index::Index;
use crate::model::Model;
use crate::resolve;
use crate::source::{ReadError, SourceFile};
use crate::syntax::tree;

/// What a protocol says, and what is wrong with it. Always exists, however broken the text is.
#[derive(Debug)]
pub struct Analysis {
    /// The files, in the order given.
    pub files: Vec<SourceFile>,
    /// What is written in them, file by file.
    pub trees: Vec<tree::File>,
    /// All that could be understood.
    pub model: Model,
    /// Where its things are named.
    pub index: Index,
    /// All reports, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Names of the files that were read or looked for: when one of them changes, so may all of this.
    pub watched: Vec<String>,
}

/// Checks files that together are one protocol: the first is the root, imports are looked for among the others.
///
/// ```
/// use wsr_compiler::{analyze, source::SourceFile};
///
/// let analysis = analyze(vec![SourceFile::new("routes.wsr", "wsr 1\nmessage ping -> reply okay\n")]);
/// let report = analysis.errors().next().expect("`okay` is no type");
/// assert_eq!(report.title, "unknown type `okay`");
/// ```
pub fn analyze(files: Vec<SourceFile>) -> Analysis {
    let mut files = files.into_iter();
    let root = files.next().unwrap_or_else(|| SourceFile::new("", ""));
    let others: HashMap<String, String> = files.map(|file| (file.name.clone(), file.text().to_owned())).collect();
    analyze_from(root, &mut |name| others.get(name).cloned().ok_or(ReadError::NotFound))
}

/// Checks a protocol from its root; `read` is asked for the text of each imported file, by the path in `import`
/// [joined](crate::source::join) on the name of the importing one.
pub fn analyze_from(root: SourceFile, read: &mut dyn FnMut(&str) -> Result<String, ReadError>) -> Analysis {
    let mut out = Diagnostics::default();
    let Imports { files, trees, watched, .. } = imports::follow(root, read, &mut out);
    let mut resolved = resolve::resolve(&trees, &files, &mut out);
    let allowed = allow::read(&trees, &mut out);
    check::check(&mut resolved, &trees, &mut out);
    let diagnostics = without_consequences(out.into_sorted(), &files);
    let diagnostics = allow::silence(allowed, diagnostics, &files);
    let (model, index) = (resolved.model, resolved.index);
    Analysis { model, index, diagnostics, files, trees, watched }
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
