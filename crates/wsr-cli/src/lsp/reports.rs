//! Diagnostics: pushed for every file of a protocol when they change, and taken back when they are gone.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{env, fs};

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString,
    PublishDiagnosticsParams, Uri,
};
use wsr_compiler::code::Code;
use wsr_compiler::diagnostic::{Diagnostic as Report, Severity};
use wsr_compiler::explain;

use super::paths::uri_of;
use super::protocol::Protocol;
use super::session::Session;

/// What the editor was told last.
#[derive(Default)]
pub struct Published {
    by_file: BTreeMap<PathBuf, Vec<Diagnostic>>,
    /// Files that were edited: the editor waits for a word about them, even that nothing has changed.
    expected: HashSet<PathBuf>,
    /// Where the pages about codes are.
    pages: BTreeMap<Code, Option<Uri>>,
}

impl Published {
    /// The editor waits to hear about these files.
    pub fn expect(&mut self, files: HashSet<PathBuf>) {
        self.expected.extend(files);
    }
}

/// What there is to tell the editor now.
pub fn news(session: &mut Session) -> Vec<PublishDiagnosticsParams> {
    let mut pages = std::mem::take(&mut session.published.pages);
    let expected = std::mem::take(&mut session.published.expected);
    let mut found: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for protocol in session.live() {
        for path in &protocol.paths {
            found.entry(path.clone()).or_default();
        }
        for report in &protocol.analysis.diagnostics {
            let Some(path) = protocol.paths.get(usize::from(report.primary.span.file)) else { continue };
            let page = pages.entry(report.code).or_insert_with(|| page(report.code)).clone();
            let of_file = found.entry(path.clone()).or_default();
            let diagnostic = diagnostic(protocol, report, page);
            // A file of two protocols has the same reports in both.
            if !of_file.contains(&diagnostic) {
                of_file.push(diagnostic);
            }
        }
    }
    let before = std::mem::replace(&mut session.published.by_file, found);
    session.published.pages = pages;
    let now = &session.published.by_file;
    let said = |path: &Path, reports: &[Diagnostic]| {
        let (uri, version) = session.address(path)?;
        Some(PublishDiagnosticsParams { uri, diagnostics: reports.to_vec(), version })
    };
    let gone = before.iter().filter(|(path, reports)| !now.contains_key(*path) && !reports.is_empty());
    let gone = gone.filter_map(|(path, _)| said(path, &[]));
    let news = now.iter().filter(|(path, reports)| {
        expected.contains(*path) || before.get(*path).is_none_or(|before| before != *reports)
    });
    let news =
        news.filter(|(path, reports)| !reports.is_empty() || before.contains_key(*path) || expected.contains(*path));
    gone.chain(news.filter_map(|(path, reports)| said(path, reports))).collect()
}

/// A report in the form of the protocol.
pub fn diagnostic(protocol: &Protocol, report: &Report, page: Option<Uri>) -> Diagnostic {
    let labels = report.labels.iter().filter_map(|label| {
        let location = protocol.location(label.span)?;
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    });
    let labels: Vec<DiagnosticRelatedInformation> = labels.collect();
    let tag = match report.code.as_str() {
        "WSR0801" => Some(DiagnosticTag::UNNECESSARY),
        "WSR0805" => Some(DiagnosticTag::DEPRECATED),
        _ => None,
    };
    Diagnostic {
        range: protocol.range(report.primary.span),
        severity: Some(match report.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(report.code.as_str().to_owned())),
        code_description: page.map(|href| CodeDescription { href }),
        source: Some("wsr".to_owned()),
        message: message(report),
        related_information: (!labels.is_empty()).then_some(labels),
        tags: tag.map(|tag| vec![tag]),
        data: None,
    }
}

/// The title, what stands under the carets, and the help.
fn message(report: &Report) -> String {
    let mut text = report.title.clone();
    if !report.primary.text.is_empty() {
        text += &format!(": {}", report.primary.text);
    }
    if let Some(help) = &report.help {
        text += &format!("\nhelp: {help}");
    }
    text
}

/// The page about a code: in the repository when the package has one, else a copy in the user's cache, since the
/// pages are part of this program.
fn page(code: Code) -> Option<Uri> {
    let repository = env!("CARGO_PKG_REPOSITORY").trim_end_matches('/');
    if !repository.is_empty() {
        let version = env!("CARGO_PKG_VERSION");
        return Uri::from_str(&format!("{repository}/blob/v{version}/crates/wsr-compiler/errors/{code}.md")).ok();
    }
    let folder = cache()?.join("wsr").join(env!("CARGO_PKG_VERSION"));
    let file = folder.join(format!("{code}.md"));
    let text = explain(code);
    if fs::read_to_string(&file).ok().as_deref() != Some(text) {
        fs::create_dir_all(&folder).ok()?;
        fs::write(&file, text).ok()?;
    }
    uri_of(&file)
}

/// Where the system wants files that can be made again.
fn cache() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return set("LOCALAPPDATA");
    }
    let home = || {
        set("HOME")
            .map(|home| if cfg!(target_os = "macos") { home.join("Library/Caches") } else { home.join(".cache") })
    };
    set("XDG_CACHE_HOME").or_else(home)
}
