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
//! Advice about style, bounds and docs counts only in cases named after it.
//!
//! Where no comment fits, a line anywhere in the file says it in words: `// expect WSR0003 at 4:27`.
//! A folder is a case of several files: `routes.wsr`, and what it imports, each with comments of its own.
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
/// Advice about style, bounds and docs, which small cases ignore: given only in those named after it.
const ASIDE: [Code; 3] = [Code::Style, Code::Unbounded, Code::Undocumented];
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

/// One file or folder of the corpus.
#[derive(Clone)]
struct Case {
    /// `check/WSR0101_unknown_type`
    name: String,
    path: PathBuf,
    /// Name and text of each file, the root first.
    files: Vec<(String, String)>,
}

/// A report that a case must give.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    file: String,
    line: u32,
    column: u32,
    code: String,
    /// In characters; zero counts as one. Not known for places given in words.
    width: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}:{}:{}", self.code, self.file, self.line, self.column)?;
        self.width.map_or(Ok(()), |width| write!(f, ", {width} wide"))
    }
}

impl Case {
    fn run(&self) -> Result<(), Failed> {
        let files = self.files.iter().map(|(name, text)| SourceFile::new(name.clone(), text.clone()));
        let mut analysis = analyze(files.collect());
        let advice = ASIDE.iter().filter(|code| !self.name.contains(code.as_str()));
        let aside: Vec<Code> = advice.copied().collect();
        analysis.diagnostics.retain(|report| !aside.contains(&report.code));
        self.compare_places(&analysis)?;
        self.compare_rendering(&analysis)
    }

    /// What the comments ask for.
    fn places(&self) -> Vec<Place> {
        self.files.iter().flat_map(|(name, text)| places(name, text)).collect()
    }

    /// The sources with their line numbers.
    fn listing(&self) -> String {
        let shown = |(name, text): &(String, String)| match self.files.len() {
            1 => listing(text),
            _ => format!("{name}\n{}", listing(text)),
        };
        self.files.iter().map(shown).collect::<Vec<_>>().join("\n")
    }

    fn compare_places(&self, analysis: &Analysis) -> Result<(), Failed> {
        let wanted = self.places();
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
            false => format!("{}\n{}", self.listing(), rendered(analysis)),
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
    Place { file: source.name.clone(), line, column, code: report.code.to_string(), width: Some(width) }
}

fn meets(got: &Place, wanted: &Place) -> bool {
    let width = wanted.width.is_none() || wanted.width == got.width;
    let place = |place: &Place| (place.line, place.column);
    width && place(got) == place(wanted) && (&got.code, &got.file) == (&wanted.code, &wanted.file)
}

/// What the comments of a file ask for.
fn places(file: &str, text: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let mut above = 0;
    for (number, line) in numbered(text) {
        match carets(line) {
            Some((column, width, code)) => {
                found.push(Place { file: file.to_owned(), line: above, column, code, width: Some(width) })
            }
            None => {
                above = number;
                found.extend(in_words(file, line));
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
fn in_words(file: &str, line: &str) -> Option<Place> {
    let (code, place) = line.strip_prefix("// expect ")?.split_once(" at ")?;
    let (line, column) = place.trim_end().split_once(':')?;
    let (line, column) = (line.parse().ok()?, column.parse().ok()?);
    Some(Place { file: file.to_owned(), line, column, code: code.to_owned(), width: None })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let paths = entries(&root().join(folder)).into_iter();
        found.extend(paths.filter(|path| path.extension().is_some_and(|found| found == extension)));
    }
    found.sort();
    found
}

fn cases() -> Vec<Case> {
    let case = |path: PathBuf, files: Vec<(String, String)>| {
        let relative = path.strip_prefix(root()).unwrap_or(&path).with_extension("");
        Case { name: relative.to_string_lossy().replace('\\', "/"), path, files }
    };
    let alone = files("wsr").into_iter().map(|path| {
        let text = read(&path);
        case(path, vec![(FILE_NAME.to_owned(), text)])
    });
    let folders = FOLDERS.into_iter().flat_map(|folder| entries(&root().join(folder))).filter(|path| path.is_dir());
    let several = folders.map(|folder| {
        let mut found = Vec::new();
        files_below(&folder, &folder, &mut found);
        found.sort_by_key(|(name, _)| (name != FILE_NAME, name.clone()));
        case(folder, found)
    });
    alone.chain(several).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

fn files_below(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    for path in entries(folder) {
        if path.is_dir() {
            files_below(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.push((name, read(&path)));
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("cases are text")
}

fn every_code_has_a_case(cases: &[Case]) -> Result<(), Failed> {
    let tested: BTreeSet<String> = cases.iter().flat_map(Case::places).map(|place| place.code).collect();
    let missing: Vec<&str> =
        Code::ALL.iter().map(|code| code.as_str()).filter(|code| !tested.contains(*code)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no case for {}", missing.join(", ")).into()) }
}

fn no_stale_expectations(cases: &[Case]) -> Result<(), Failed> {
    let owners: BTreeSet<PathBuf> = cases.iter().map(|case| case.path.with_extension("expect")).collect();
    let stale = files("expect").into_iter().find(|path| !owners.contains(path));
    stale.map_or(Ok(()), |path| Err(format!("{} has no case", path.display()).into()))
}
