//! `wsr generate`: clients of a protocol.

use std::fs;
use std::path::Path;

use wsr_compiler::generate::{self, Files, client};

use crate::args::{Generate, Target, When};
use crate::commands::complain_about;
use crate::exit::{Exit, Failure, Outcome};
use crate::render::summary::counted;
use crate::screen;
use crate::workspace::{self, name_of};

/// Writes the files that are not there as they should be; with `--check` only lists them. Of a protocol with errors it
/// prints the errors, to standard error, and writes nothing.
pub fn run(args: &Generate, color: When) -> Outcome {
    let analysis = workspace::open(args.file.as_deref())?;
    let Some(model) = analysis.checked() else {
        complain_about(&analysis, color);
        return Ok(Exit::Findings);
    };
    let files = client(model, target(args.target));
    let stale = stale(&files, &args.out)?;
    let (all, fresh) = (files.iter().count(), files.iter().count() - stale.len());
    let counted = |count| counted(count, "file");
    if args.check {
        let lines: String =
            stale.iter().map(|(path, _)| format!("{} is not up to date\n", shown(&args.out, path))).collect();
        screen::print(&match stale.len() {
            0 => format!("{} up to date\n", counted(all)),
            few => format!("{lines}{} of {all} to be written: `wsr generate` does it\n", counted(few)),
        })?;
        return Ok(if stale.is_empty() { Exit::Fine } else { Exit::Findings });
    }
    for (path, text) in &stale {
        write(&args.out, path, text)?;
    }
    screen::print(&match (stale.len(), fresh) {
        (0, _) => format!("{} up to date already\n", counted(all)),
        (few, 0) => format!("{} written\n", counted(few)),
        (few, fresh) => format!("{} written, {fresh} as they should be\n", counted(few)),
    })?;
    Ok(Exit::Fine)
}

fn target(target: Target) -> generate::Target {
    match target {
        Target::TypeScript => generate::Target::TypeScript,
        Target::Python => generate::Target::Python,
        Target::Rust => generate::Target::Rust,
    }
}

fn stale<'f>(files: &'f Files, out: &Path) -> Result<Vec<(&'f str, &'f str)>, Failure> {
    let mut failure = None;
    let stale = files.stale(|path| match fs::read(out.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            failure.get_or_insert(Failure::io("read", &shown(out, path), &error));
            None
        }
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    stale.map_err(|foreign| {
        Failure::new(format!("`{}` was not generated, so it is not written over", shown(out, &foreign.path)))
            .help("move it away, or name another folder")
    })
}

fn write(out: &Path, path: &str, text: &str) -> Result<(), Failure> {
    let file = out.join(path);
    let folder = file.parent().unwrap_or(out);
    fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", &name_of(folder), &error))?;
    fs::write(&file, text).map_err(|error| Failure::io("write", &shown(out, path), &error))
}

fn shown(out: &Path, path: &str) -> String {
    name_of(&out.join(path))
}
