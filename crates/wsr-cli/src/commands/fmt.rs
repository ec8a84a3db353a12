//! `wsr fmt`: files in the one layout there is.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use wsr_compiler::format;

use crate::args::{Fmt, When};
use crate::exit::{Exit, Failure, Outcome};
use crate::render::diff;
use crate::render::summary::counted;
use crate::screen::{self, Screen};
use crate::workspace::{self, name_of};

/// Formats files in place, or what comes in on standard input; with `--check` only says what would change.
pub fn run(args: &Fmt, color: When) -> Outcome {
    let screen = Screen::stdout(color);
    if args.stdin || args.files.iter().any(|file| file == Path::new("-")) {
        return standard_input(args, screen);
    }
    let mut tally = Tally::default();
    for name in names(&args.files)? {
        let text = read(&name)?;
        let formatted = format(&text);
        tally.files += 1;
        if formatted.broken {
            tally.broken += 1;
            screen::complain(&format!("{name}: what cannot be read stays as it is; `wsr check` tells why\n"));
        }
        if !formatted.changed {
            continue;
        }
        tally.changed += 1;
        if args.check {
            screen::print(&diff::of(&name, &text, &formatted.text, screen))?;
        } else {
            fs::write(&name, &formatted.text).map_err(|error| Failure::io("write", &name, &error))?;
        }
    }
    screen::print(&tally.said(args.check))?;
    let unformatted = args.check && tally.changed > 0;
    Ok(if unformatted || tally.broken > 0 { Exit::Findings } else { Exit::Fine })
}

/// A filter between an editor and its text: without a word about what cannot be read, for that is what editors show
/// themselves.
fn standard_input(args: &Fmt, screen: Screen) -> Outcome {
    if args.files.iter().any(|file| file != Path::new("-")) {
        return Err(Failure::new("standard input and files cannot be formatted in one call"));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::io("read", "standard input", &error))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new("standard input is not UTF-8"))?;
    let formatted = format(&text);
    if !args.check {
        screen::print(&formatted.text)?;
        return Ok(Exit::Fine);
    }
    if formatted.changed {
        screen::print(&diff::of("standard input", &text, &formatted.text, screen))?;
    }
    Ok(if formatted.changed || formatted.broken { Exit::Findings } else { Exit::Fine })
}

#[derive(Default)]
struct Tally {
    files: usize,
    changed: usize,
    broken: usize,
}

impl Tally {
    fn said(&self, check: bool) -> String {
        let Self { files, changed, .. } = *self;
        let unchanged = files - changed;
        match (changed, check) {
            (0, _) if files == self.broken => String::new(),
            (0, _) => format!("{} formatted already\n", counted(files - self.broken, "file")),
            (_, true) => {
                let (subject, verb) = (counted(changed, "file"), if changed == 1 { "is" } else { "are" });
                format!("{subject} of {files} {verb} not formatted: `wsr fmt` does it\n")
            }
            (_, false) if unchanged == 0 => format!("{} changed\n", counted(changed, "file")),
            (_, false) => format!("{} changed, {unchanged} as they should be\n", counted(changed, "file")),
        }
    }
}

/// The files that are meant: those named, those in folders named, else all of the protocol here or above.
fn names(files: &[PathBuf]) -> Result<Vec<String>, Failure> {
    if files.is_empty() {
        let analysis = workspace::open(None)?;
        return Ok(analysis.files.into_iter().map(|file| file.name).collect());
    }
    let mut names = Vec::new();
    for file in files {
        if !file.is_dir() {
            names.push(name_of(file));
            continue;
        }
        let before = names.len();
        collect(file, &mut names)?;
        if names.len() == before {
            return Err(Failure::new(format!("there is no `.wsr` file in `{}`", name_of(file))));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// All `.wsr` files in a folder and below, but for hidden folders and those that builds fill.
fn collect(folder: &Path, names: &mut Vec<String>) -> Result<(), Failure> {
    let unreadable = |error: io::Error| Failure::io("look into", &name_of(folder), &error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let is_folder = entry.file_type().map_err(unreadable)?.is_dir();
        if is_folder && !name.starts_with('.') && !matches!(name.as_ref(), "target" | "node_modules") {
            collect(&path, names)?;
        } else if !is_folder && name.ends_with(".wsr") {
            names.push(name_of(&path));
        }
    }
    Ok(())
}

fn read(name: &str) -> Result<String, Failure> {
    let bytes = fs::read(name).map_err(|error| Failure::io("read", name, &error))?;
    String::from_utf8(bytes).map_err(|_| Failure::new(format!("cannot format `{name}`: it is not UTF-8")))
}
