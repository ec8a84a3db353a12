//! The cases of the compiler: small protocols with the reports that they must give, and no others.
//!
//! A case is a `.wsr` file in `corpus/check`, `corpus/syntax` or `corpus/accept`. Under the text that a report points at
//! stands a comment of carets with the code:
//!
//! ```text
//! message open { room: strng } -> reply ok
//! //                   ^^^^^ WSR0101
//! ```
//!
//! Where no comment fits, a line anywhere in the file says it in words: `// expect WSR0003 at 4:27`.
//! Beside it `.expect` holds the reports as the build prints them; `UPDATE_EXPECT=1` writes those files anew.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use wsr_compiler::code::Code;
use wsr_compiler::diagnostic::Diagnostic;
use wsr_compiler::source::SourceFile;
use wsr_compiler::{Analysis, analyze, render};

/// The folders of cases; those in the last one give no reports but what their comments say.
const FOLDERS: [&str; 3] = ["check", "syntax", "accept"];
/// What the cases are called in reports.
const FILE_NAME: &str = "routes.wsr";
/// Longer lines are cut where the source is shown.
const SHOWN_COLUMNS: usize = 140;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = cases();
    let mut trials: Vec<Trial> = Vec::new();
    let all = cases.clone();
    trials.push(Trial::test("every_registered_code_has_a_case", move || every_code_has_a_case(&all)));
    let all = cases.clone();
    trials.push(Trial::test("every_expectation_belongs_to_a_case", move || no_stale_expectations(&all)));
    trials.extend(cases.into_iter().map(|case| {
        let name = case.name.clone();
        Trial::test(name, move || case.run())
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One file of the corpus.
#[derive(Clone)]
struct Case {
    /// `check/WSR0101_unknown_type`
    name: String,
    path: PathBuf,
    text: String,
}

/// A report that a case must give.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    line: u32,
    column: u32,
    code: String,
    /// In characters; zero counts as one. Not known for places given in words.
    width: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}:{}", self.code, self.line, self.column)?;
        self.width.map_or(Ok(()), |width| write!(f, ", {width} wide"))
    }
}

impl Case {
    fn run(&self) -> Result<(), Failed> {
        let analysis = analyze(vec![SourceFile::new(FILE_NAME, self.text.clone())]);
        self.compare_places(&analysis)?;
        self.compare_rendering(&analysis)
    }

    fn compare_places(&self, analysis: &Analysis) -> Result<(), Failed> {
        let wanted = places(&self.text);
        let got: Vec<Place> = analysis.diagnostics.iter().map(|report| place(analysis, report)).collect();
        let missing = wanted.iter().filter(|wanted| !got.iter().any(|got| meets(got, wanted)));
        let unwanted = got.iter().filter(|got| !wanted.iter().any(|wanted| meets(got, wanted)));
        let differences: Vec<String> = missing
            .map(|place| format!("missing:  {place}"))
            .chain(unwanted.map(|place| format!("unwanted: {place}")))
            .collect();
        if differences.is_empty() && wanted.len() == got.len() {
            return Ok(());
        }
        Err(format!("{}\n\n{}", differences.join("\n"), rendered(analysis)).into())
    }

    fn compare_rendering(&self, analysis: &Analysis) -> Result<(), Failed> {
        let path = self.path.with_extension("expect");
        let actual = match analysis.diagnostics.is_empty() {
            true => String::new(),
            false => format!("{}\n{}", listing(&self.text), rendered(analysis)),
        };
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected == actual {
            return Ok(());
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            if actual.is_empty() {
                fs::remove_file(path)?
            } else {
                fs::write(path, actual)?
            }
            return Ok(());
        }
        let shown = path.display();
        Err(format!("{shown} differs; UPDATE_EXPECT=1 writes it anew\n--- expected\n{expected}\n--- actual\n{actual}")
            .into())
    }
}

/// The source with its line numbers.
fn listing(text: &str) -> String {
    let mut out = String::new();
    for (number, line) in numbered(text) {
        let mut shown: String = line.chars().take(SHOWN_COLUMNS).collect();
        if shown.len() < line.len() {
            shown.push('…');
        }
        out.push_str(format!("{number:3}  {shown}").trim_end());
        out.push('\n');
    }
    out
}

fn numbered(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.trim_start_matches('\u{feff}').lines())
}

/// All reports as the build prints them.
fn rendered(analysis: &Analysis) -> String {
    let reports = analysis.diagnostics.iter().map(|report| render::cargo(analysis, report));
    reports.map(|report| format!("{}\n", report.trim_end())).collect::<Vec<_>>().join("\n")
}

fn place(analysis: &Analysis, report: &Diagnostic) -> Place {
    let span = report.primary.span;
    let source = &analysis.files[usize::from(span.file)];
    let (line, column) = source.line_column(span.start);
    let rest = (source.line(line).chars().count() as u32 + 1).saturating_sub(column);
    let text = &source.text()[span.start as usize..span.end as usize];
    let width = (text.chars().count() as u32).min(rest).max(1);
    Place { line, column, code: report.code.to_string(), width: Some(width) }
}

fn meets(got: &Place, wanted: &Place) -> bool {
    let width = wanted.width.is_none() || wanted.width == got.width;
    width && (got.line, got.column, &got.code) == (wanted.line, wanted.column, &wanted.code)
}

/// What the comments of a case ask for.
fn places(text: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let mut above = 0;
    for (number, line) in numbered(text) {
        match carets(line) {
            Some((column, width, code)) => found.push(Place { line: above, column, code, width: Some(width) }),
            None => {
                above = number;
                found.extend(in_words(line));
            }
        }
    }
    found
}

/// Column, width and code of `//   ^^^ WSR0101`.
fn carets(line: &str) -> Option<(u32, u32, String)> {
    let comment = line.trim_start().strip_prefix("//")?.trim_start();
    let code = comment.trim_start_matches('^');
    let width = comment.len() - code.len();
    let before = line.len() - comment.len();
    let code = code.strip_prefix(' ').filter(|code| width > 0 && code.starts_with("WSR"))?;
    Some((line[..before].chars().count() as u32 + 1, width as u32, code.trim_end().to_owned()))
}

/// The place of `// expect WSR0003 at 4:27`.
fn in_words(line: &str) -> Option<Place> {
    let (code, place) = line.strip_prefix("// expect ")?.split_once(" at ")?;
    let (line, column) = place.trim_end().split_once(':')?;
    Some(Place { line: line.parse().ok()?, column: column.parse().ok()?, code: code.to_owned(), width: None })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let entries = fs::read_dir(root().join(folder)).expect("every folder of the corpus is there");
        let paths = entries.map(|entry| entry.expect("the folder can be read").path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|found| found == extension)));
    }
    found.sort();
    found
}

fn cases() -> Vec<Case> {
    let case = |path: PathBuf| {
        let relative = path.strip_prefix(root()).unwrap_or(&path).with_extension("");
        let name = relative.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).expect("cases are text");
        Case { name, path, text }
    };
    files("wsr").into_iter().map(case).collect()
}

fn every_code_has_a_case(cases: &[Case]) -> Result<(), Failed> {
    let tested: BTreeSet<String> = cases.iter().flat_map(|case| places(&case.text)).map(|place| place.code).collect();
    let missing: Vec<&str> =
        Code::ALL.iter().map(|code| code.as_str()).filter(|code| !tested.contains(*code)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no case for {}", missing.join(", ")).into()) }
}

fn no_stale_expectations(cases: &[Case]) -> Result<(), Failed> {
    let owners: BTreeSet<PathBuf> = cases.iter().map(|case| case.path.with_extension("expect")).collect();
    let stale = files("expect").into_iter().find(|path| !owners.contains(path));
    stale.map_or(Ok(()), |path| Err(format!("{} has no case", path.display()).into()))
}
