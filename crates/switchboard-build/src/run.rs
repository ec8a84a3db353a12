//! One compilation: a file in, two files and cargo directives out.

use std::io;
use std::path::Path;

use wsr_compiler::generate::{Options, generate};
use wsr_compiler::source::SourceFile;
use wsr_compiler::{analyze, render};

use crate::output::Output;

/// Compiles `file` of the package into `out`; returns what cargo has to be told.
pub(crate) fn run(package: &Path, out: &Path, file: &Path) -> io::Result<Vec<String>> {
    let path = package.join(file);
    let output = Output::new(out, &file.file_stem().unwrap_or_default().to_string_lossy());
    let options = Options { source: file.to_string_lossy().replace('\\', "/") };
    let mut directives = vec![format!("cargo::rerun-if-changed={}", path.display())];
    match read(&path) {
        Err(report) => {
            output.write_incomplete_code(&generate(&Default::default(), &options))?;
            output.write_reports(&[report])?;
        }
        Ok(text) => {
            let source = SourceFile::new(path.display().to_string(), text);
            directives.extend(compile(&output, source, &options)?);
            // Cargo says which package; what is left is as the author knows the file.
            let here = format!("{}{}", package.display(), std::path::MAIN_SEPARATOR);
            directives[1..].iter_mut().for_each(|warning| *warning = warning.replace(&here, ""));
        }
    }
    Ok(directives)
}

/// Writes what comes of a file that could be read; returns its warnings.
fn compile(output: &Output, source: SourceFile, options: &Options) -> io::Result<Vec<String>> {
    let analysis = analyze(vec![source]);
    let code = generate(&analysis.model, options);
    let reports: Vec<String> = analysis.errors().map(|error| render::cargo(&analysis, error)).collect();
    if reports.is_empty() {
        output.write_code(&code)?;
    } else {
        output.write_incomplete_code(&code)?;
    }
    output.write_reports(&reports)?;
    Ok(analysis.warnings().map(|warning| format!("cargo::warning={}", render::line(&analysis, warning))).collect())
}

/// The text of the file, or the report that there is none.
fn read(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => unreadable(path, "there is no such file", "1:1", "create it, or correct the name"),
        _ => unreadable(path, &format!("the file cannot be read: {error}"), "1:1", "let the build read it"),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
        let before = valid.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let column = 1 + String::from_utf8_lossy(before).chars().count();
        unreadable(path, "the file is not UTF-8", &format!("{line}:{column}"), "save it as UTF-8")
    })
}

/// A report that no analysis can make, since there is no text.
fn unreadable(path: &Path, title: &str, place: &str, help: &str) -> String {
    format!("[WSR0001] {title}\n --> {}:{place}\n  |\n  = help: {help}", path.display())
}

#[cfg(test)]
mod tests;
