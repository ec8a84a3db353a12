//! One compilation: a file in, two files and cargo directives out.

use std::io;
use std::path::Path;
use std::time::SystemTime;

use wsr_compiler::generate::{Options, Target, client, generate};
use wsr_compiler::source::{ReadError, SourceFile};
use wsr_compiler::{Analysis, analyze_from, render};

use crate::Protocol;
use crate::clients;
use crate::output::Output;

/// Compiles a file of the package into `out`, and writes its clients; returns what cargo has to be told. `began` is when
/// all this did.
pub(crate) fn run(package: &Path, out: &Path, protocol: &Protocol, began: SystemTime) -> io::Result<Vec<String>> {
    let file = &protocol.path;
    let path = package.join(file);
    let output = Output::new(out, &file.file_stem().unwrap_or_default().to_string_lossy());
    match read(&path) {
        Err(why) => {
            let options = Options { sources: vec![shown(package, &path.display().to_string())] };
            output.write_incomplete_code(&generate(&Default::default(), &options))?;
            let reports = [unreadable(&path, &why)];
            output.write_reports(&reports)?;
            if protocol.rust_client {
                output.write_no_client(&reports)?;
            }
            Ok(vec![rerun_if_changed(&path.display().to_string())])
        }
        Ok(text) => {
            let root = SourceFile::new(path.display().to_string(), text);
            let analysis = analyze_from(root, &mut |name| read(Path::new(name)));
            let mut directives: Vec<String> = analysis.watched.iter().map(|name| rerun_if_changed(name)).collect();
            directives.extend(compile(&output, &analysis, package)?);
            if protocol.rust_client {
                rust_client(&output, &analysis)?;
            }
            directives.extend(clients::write(package, protocol, &analysis, began));
            Ok(directives)
        }
    }
}

/// Writes what comes of files that could be read; returns their warnings.
fn compile(output: &Output, analysis: &Analysis, package: &Path) -> io::Result<Vec<String>> {
    let sources = analysis.files.iter().map(|file| shown(package, &file.name)).collect();
    let code = generate(&analysis.model, &Options { sources });
    let reports: Vec<String> = analysis.errors().map(|error| render::cargo(analysis, error)).collect();
    if reports.is_empty() {
        output.write_code(&code)?;
    } else {
        output.write_incomplete_code(&code)?;
    }
    output.write_reports(&reports)?;
    // Cargo says which package; what is left is as the author knows the file.
    let warning = |report| format!("cargo::warning={}", shown(package, &render::line(analysis, report)));
    Ok(analysis.warnings().map(warning).collect())
}

/// Writes the client for Rust, or why there is none.
fn rust_client(output: &Output, analysis: &Analysis) -> io::Result<()> {
    match analysis.checked() {
        Some(model) => {
            let code: String = client(model, Target::Rust).iter().map(|(_, text)| text).collect();
            output.write_client(&code)
        }
        None => {
            let reports: Vec<String> = analysis.errors().map(|error| render::cargo(analysis, error)).collect();
            output.write_no_client(&reports)
        }
    }
}

pub(crate) fn rerun_if_changed(name: &str) -> String {
    format!("cargo::rerun-if-changed={name}")
}

/// A text with paths as they are seen from the package, with `/`.
fn shown(package: &Path, text: &str) -> String {
    let package = package.display().to_string();
    let portable = package.replace('\\', "/");
    let text = text.replace(&format!("{package}{}", std::path::MAIN_SEPARATOR), "");
    text.replace(&format!("{portable}/"), "")
}

/// The text of a file, or why there is none.
fn read(path: &Path) -> Result<String, ReadError> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::NotFound,
        _ => ReadError::Other(error.to_string()),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        ReadError::NotUtf8(String::from_utf8_lossy(valid).into_owned())
    })
}

/// A report that no analysis can make, since there is no text.
fn unreadable(path: &Path, why: &ReadError) -> String {
    let (place, help) = match why {
        ReadError::NotFound => ("1:1".to_owned(), "create it, or correct the name"),
        ReadError::NotUtf8(before) => {
            let line = 1 + before.matches('\n').count();
            let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
            (format!("{line}:{column}"), "save it as UTF-8")
        }
        ReadError::Other(_) => ("1:1".to_owned(), "let the build read it"),
    };
    format!("[WSR0001] {}\n --> {}:{place}\n  |\n  = help: {help}", why.words(), path.display())
}

#[cfg(test)]
mod tests;
