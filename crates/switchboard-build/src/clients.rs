//! Clients, written into the package beside what people wrote.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use wsr_compiler::Analysis;
use wsr_compiler::generate::{Files, client};

use crate::Protocol;
use crate::run::rerun_if_changed;

/// Writes all clients of a protocol, of one with errors none; returns what cargo has to be told.
pub(crate) fn write(package: &Path, protocol: &Protocol, analysis: &Analysis, began: SystemTime) -> Vec<String> {
    let Some(model) = analysis.checked() else { return Vec::new() };
    let mut directives = Vec::new();
    for (target, folder) in &protocol.clients {
        let files = client(model, *target);
        for (path, _) in files.iter() {
            // A client that is deleted or changed by hand comes back.
            directives.push(rerun_if_changed(&package.join(folder).join(path).display().to_string()));
        }
        if let Err(why) = write_files(package, folder, &files, began) {
            directives.push(format!("cargo::error={why}"));
        }
    }
    directives
}

fn write_files(package: &Path, folder: &Path, files: &Files, began: SystemTime) -> Result<(), String> {
    let shown = |path: &str| folder.join(path).display().to_string().replace('\\', "/");
    let stale = files.stale(|path| fs::read(package.join(folder).join(path)).ok());
    let stale = stale.map_err(|foreign| {
        format!(
            "`{}` was not generated, so it is not written over: move it away, or name another folder",
            shown(&foreign.path)
        )
    })?;
    for (path, text) in stale {
        let file = package.join(folder).join(path);
        write_file(&file, text, began).map_err(|error| format!("cannot write `{}`: {error}", shown(path)))?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str, began: SystemTime) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    // Cargo runs a build script again when what it watches is newer than the script's start.
    fs::File::options().write(true).open(path)?.set_modified(began - BEFORE_THE_SCRIPT)
}

/// So long before we began the script had not been started, most likely.
const BEFORE_THE_SCRIPT: Duration = Duration::from_secs(10);
