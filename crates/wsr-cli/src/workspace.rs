//! Files on disk: where `routes.wsr` is, and reading a protocol.

use std::env;
use std::fs;
use std::io;
use std::path::{Component, Path};

use wsr_compiler::code::Code;
use wsr_compiler::diagnostic::Diagnostic;
use wsr_compiler::generate::Options;
use wsr_compiler::source::{ReadError, SourceFile, Span};
use wsr_compiler::{Analysis, analyze, analyze_from};

use crate::exit::{Failure, in_words};

/// The name that builds use.
pub const ROOT: &str = "routes.wsr";

/// Reads and checks the protocol of this file, or of the `routes.wsr` here or above.
pub fn open(file: Option<&Path>) -> Result<Analysis, Failure> {
    let name = match file {
        Some(file) => name_of(file),
        None => find()?,
    };
    let bytes = fs::read(&name).map_err(|error| unreadable(&name, &error))?;
    match decode(bytes) {
        Ok(text) => Ok(analyze_from(SourceFile::new(name, text), &mut read)),
        Err((valid, bytes)) => Ok(not_utf8(name, valid, &bytes)),
    }
}

/// The text of a file, such as an imported one.
pub fn read(name: &str) -> Result<String, ReadError> {
    let bytes = fs::read(name).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::NotFound,
        _ => ReadError::Other(in_words(&error)),
    })?;
    decode(bytes).map_err(|(valid, bytes)| ReadError::NotUtf8(String::from_utf8_lossy(&bytes[..valid]).into_owned()))
}

/// UTF-8, or how much of it is.
fn decode(bytes: Vec<u8>) -> Result<String, (usize, Vec<u8>)> {
    String::from_utf8(bytes).map_err(|error| (error.utf8_error().valid_up_to(), error.into_bytes()))
}

/// What generated code says about its sources: their names as seen from the root's folder.
pub fn options(analysis: &Analysis) -> Options {
    let root = analysis.files.first().map_or("", |file| file.name.as_str());
    let folder = root.rfind('/').map_or("", |slash| &root[..=slash]);
    let name = |file: &SourceFile| file.name.strip_prefix(folder).unwrap_or(&file.name).to_owned();
    Options { sources: analysis.files.iter().map(name).collect() }
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    let failure = Failure::io("read", name, error);
    let inside = format!("{}/{ROOT}", name.trim_end_matches('/'));
    if Path::new(&inside).is_file() {
        return failure.help(format!("did you mean `{inside}`?"));
    }
    failure
}

/// The nearest `routes.wsr`, here or above, as seen from here.
fn find() -> Result<String, Failure> {
    let here = env::current_dir()
        .map_err(|error| Failure::new(format!("cannot tell what the current directory is: {error}")))?;
    let above = here.ancestors().position(|folder| folder.join(ROOT).is_file());
    match above {
        Some(levels) => Ok("../".repeat(levels) + ROOT),
        None => Err(Failure::new(format!("there is no `{ROOT}` here, nor in any folder above"))
            .help("name the file: `wsr check app/routes.wsr`")),
    }
}

/// A path as reports show it: without `./` and with `/` between folders.
pub fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for part in path.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => name.push('/'),
            part => {
                if !name.is_empty() && !name.ends_with('/') {
                    name.push('/');
                }
                name.push_str(&part.as_os_str().to_string_lossy().replace('\\', "/"));
            }
        }
    }
    if name.is_empty() { ".".to_owned() } else { name }
}

/// An analysis that says that the file is no text.
fn not_utf8(name: String, valid: usize, bytes: &[u8]) -> Analysis {
    let before = String::from_utf8_lossy(&bytes[..valid]);
    let text = before.trim_start_matches('\u{feff}').len() as u32;
    let lossy = String::from_utf8_lossy(bytes).into_owned();
    let mut analysis = analyze(vec![SourceFile::new(name, lossy)]);
    let span = Span { file: 0, start: text, end: text + '\u{fffd}'.len_utf8() as u32 };
    let report = Diagnostic::new(Code::Unreadable, span, "the file is not UTF-8")
        .label("the first byte that is not")
        .help("save it as UTF-8");
    analysis.diagnostics = vec![report];
    analysis
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::name_of;

    #[test]
    fn names_are_paths_without_detours() {
        for (path, name) in [
            ("./a.wsr", "a.wsr"),
            ("a//b/./c.wsr", "a/b/c.wsr"),
            ("../a/", "../a"),
            ("/x/y.wsr", "/x/y.wsr"),
            (".", "."),
            ("/", "/"),
        ] {
            assert_eq!(name_of(Path::new(path)), name);
        }
    }
}
