//! A project that builds, runs and has a test.

use std::fs;
use std::io;
use std::path::Path;

use super::manifest::{Source, expect_checkout, manifest};
use super::name;
use crate::exit::{Exit, Failure, Outcome};
use crate::screen;
use crate::workspace::name_of;

/// The files of a project besides its manifest; `{name}` and `{crate}` are put in.
const FILES: [(&str, &str); 7] = [
    (".gitignore", include_str!("../../../templates/gitignore")),
    ("README.md", include_str!("../../../templates/README.md")),
    ("build.rs", include_str!("../../../templates/build.rs")),
    ("routes.wsr", include_str!("../../../templates/routes.wsr")),
    ("src/lib.rs", include_str!("../../../templates/lib.rs")),
    ("src/main.rs", include_str!("../../../templates/main.rs")),
    ("tests/server.rs", include_str!("../../../templates/server.rs")),
];

/// Makes the project's folder and all that is in it.
pub fn run(folder: &Path, switchboard: Option<&Path>) -> Outcome {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(why) = name::complaint(&name) {
        return Err(Failure::new(format!("a package cannot be called `{name}`: {why}")).help("try `wsr new hello`"));
    }
    if let Some(path) = switchboard {
        expect_checkout(path)?;
    }
    expect_free(folder)?;
    fs::create_dir_all(folder).map_err(|error| Failure::io("create", &name_of(folder), &error))?;
    let source = match switchboard {
        Some(path) => Source::checkout(path, folder)?,
        None => Source::Registry,
    };
    write(folder, "Cargo.toml", &manifest(&name, &source, folder))?;
    for (file, template) in FILES {
        let text = template.replace("{name}", &name).replace("{crate}", &name.replace('-', "_"));
        write(folder, file, &text)?;
    }
    screen::print(&said(&name_of(folder), &source))?;
    Ok(Exit::Fine)
}

/// Refuses to write where something is.
fn expect_free(folder: &Path) -> Result<(), Failure> {
    let shown = name_of(folder);
    match fs::read_dir(folder).map(|entries| entries.count()) {
        Ok(0) => Ok(()),
        Ok(_) => Err(Failure::new(format!("there is something in `{shown}` already")).help("choose another name")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(Failure::new(format!("`{shown}` is a file")).help("choose another name"))
        }
        Err(error) => Err(Failure::io("look into", &shown, &error)),
    }
}

fn write(folder: &Path, file: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(file);
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(&path, text)).map_err(|error| Failure::io("write", &name_of(&path), &error))
}

fn said(folder: &str, source: &Source) -> String {
    let mut text = format!(
        "made {folder}: the protocol is in routes.wsr, its handler in src/lib.rs, its test in tests/server.rs\n\n  \
         cd {folder}\n  cargo test\n  cargo run\n"
    );
    if matches!(source, Source::Registry) {
        text.push_str("\nTo use a checkout of Switchboard instead of a published version: --switchboard PATH\n");
    }
    text
}
