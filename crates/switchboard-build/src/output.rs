//! The two files in `OUT_DIR`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What stands between two reports; no text has it.
const SEPARATOR: &str = "\u{1e}";

/// Marks code that was made of a file with errors.
const INCOMPLETE: &str = "// Incomplete: the file has errors.";

/// More than so many are counted, not shown.
const MOST: usize = 20;

/// Where the results of one `.wsr` file go.
pub(crate) struct Output {
    code: PathBuf,
    report: PathBuf,
    client: PathBuf,
}

impl Output {
    /// The files for this stem.
    pub(crate) fn new(out: &Path, stem: &str) -> Self {
        let file = |ending| out.join(format!("{stem}.{ending}"));
        Self { code: file("rs"), report: file("report"), client: file("client.rs") }
    }

    /// Leaves the code of a file without errors; does not touch a file that has it already.
    pub(crate) fn write_code(&self, code: &str) -> io::Result<()> {
        write_if_changed(&self.code, code)
    }

    /// Leaves code made of what is sound in a file with errors, unless the code of a time without
    /// errors is still there: that has more in it, so less beside the real errors is reported.
    pub(crate) fn write_incomplete_code(&self, code: &str) -> io::Result<()> {
        let same_compiler = code.lines().next().unwrap_or_default();
        let is_good = |old: String| old.starts_with(same_compiler) && !old.contains(INCOMPLETE);
        if fs::read_to_string(&self.code).is_ok_and(is_good) {
            return Ok(());
        }
        write_if_changed(&self.code, &format!("{code}\n{INCOMPLETE}\n"))
    }

    /// Leaves the client for Rust.
    pub(crate) fn write_client(&self, code: &str) -> io::Result<()> {
        write_if_changed(&self.client, code)
    }

    /// Leaves the reports as errors of whoever brings the client in.
    pub(crate) fn write_no_client(&self, reports: &[String]) -> io::Result<()> {
        let errors: String =
            reports.iter().take(MOST).map(|report| format!("::core::compile_error! {{ {report:?} }}\n")).collect();
        write_if_changed(&self.client, &errors)
    }

    /// Leaves the reports, none for a file without errors.
    pub(crate) fn write_reports(&self, reports: &[String]) -> io::Result<()> {
        write_if_changed(&self.report, &joined(reports))
    }
}

fn joined(reports: &[String]) -> String {
    let mut text = reports[..reports.len().min(MOST)].join(SEPARATOR);
    if let Some(more @ 1..) = reports.len().checked_sub(MOST) {
        let errors = if more == 1 { "error" } else { "errors" };
        text.push_str(&format!("{SEPARATOR}and {more} more {errors} in this file"));
    }
    text
}

fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) { Ok(()) } else { fs::write(path, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_code_outlives_errors() {
        let out = std::env::temp_dir().join(format!("switchboard-build-{}", std::process::id()));
        fs::create_dir_all(&out).unwrap();
        let output = Output::new(&out, "routes");
        let read = || fs::read_to_string(out.join("routes.rs")).unwrap();
        output.write_incomplete_code("// by 1\npartial").unwrap();
        assert!(read().contains("partial") && read().contains(INCOMPLETE));
        output.write_incomplete_code("// by 1\nbetter").unwrap();
        assert!(read().contains("better"), "incomplete code makes way");
        output.write_code("// by 1\ngood").unwrap();
        output.write_incomplete_code("// by 1\nworse").unwrap();
        assert_eq!(read(), "// by 1\ngood");
        output.write_incomplete_code("// by 2\nother compiler").unwrap();
        assert!(read().contains("other compiler"));
        fs::remove_dir_all(&out).unwrap();
    }

    #[test]
    fn twenty_reports_are_shown_and_the_rest_counted() {
        let reports: Vec<String> = (1..=22).map(|number| number.to_string()).collect();
        let text = joined(&reports);
        assert_eq!(text.split(SEPARATOR).count(), 21);
        assert!(text.ends_with("20\u{1e}and 2 more errors in this file"));
        assert_eq!(joined(&reports[..2]), "1\u{1e}2");
        assert_eq!(joined(&[]), "");
    }
}
