//! Empty handlers for a namespace.

use std::fs;
use std::path::{Path, PathBuf};

use wsr_compiler::generate::{Surroundings, skeleton};
use wsr_compiler::guess;
use wsr_compiler::model::{Model, NamespaceId};

use crate::args::When;
use crate::commands::complain_about;
use crate::exit::{Exit, Failure, Outcome, did_you_mean};
use crate::screen;
use crate::workspace;

/// What the namespace around all others is called here, as its trait is.
const ROOT: &str = "routes";

/// Prints what is to be imported and the `impl`.
pub fn run(namespace: &str, file: Option<&Path>, color: When) -> Outcome {
    let analysis = workspace::open(file)?;
    if analysis.has_errors() {
        complain_about(&analysis, color);
        return Ok(Exit::Findings);
    }
    let at = surroundings(analysis.files.first().map_or("", |file| file.name.as_str()));
    let code = |id| skeleton(&analysis.model, id, &at, &workspace::options(&analysis));
    let written = find(&analysis.model, namespace).map(code).unwrap_or_default();
    if written.is_empty() {
        return Err(nothing_for(namespace, &analysis.model, &|id| !code(id).is_empty()));
    }
    screen::print(&written)?;
    Ok(Exit::Fine)
}

/// The namespace that is meant by `a/b`, `a::b`, or for the outermost `routes` and nothing at all.
fn find(model: &Model, wanted: &str) -> Option<NamespaceId> {
    let wanted = wanted.replace("::", "/");
    let named = model.namespaces.iter().position(|space| space.path.join("/") == wanted);
    named.or_else(|| (wanted == ROOT).then_some(0))
}

fn nothing_for(wanted: &str, model: &Model, has_handlers: &dyn Fn(NamespaceId) -> bool) -> Failure {
    let name = |id: NamespaceId| match model.namespaces[id].path.join("/") {
        path if path.is_empty() => ROOT.to_owned(),
        path => path,
    };
    let names: Vec<String> = (0..model.namespaces.len()).filter(|id| has_handlers(*id)).map(name).collect();
    let names = || names.iter().map(String::as_str);
    let help = did_you_mean(wanted, names()).unwrap_or_else(|| match names().next() {
        Some(_) => format!("there are handlers in {}", guess::list(names())),
        None => "no message of this protocol needs a handler".to_owned(),
    });
    let what = match find(model, wanted) {
        Some(_) => "needs no handlers",
        None => "does not exist",
    };
    Failure::new(format!("namespace `{}` {what}", guess::clip(wanted))).help(help)
}

/// How the package that the file belongs to names its routes and its application, as far as its text tells.
pub fn surroundings(root: &str) -> Surroundings {
    let mut at = Surroundings::default();
    let src = Path::new(root).parent().unwrap_or(Path::new("")).join("src");
    let sources = rust_files(&src);
    if let Some(module) = sources.iter().find_map(|(file, text)| module_of_routes(&src, file, text)) {
        at.module = module;
    }
    if let Some(app) = sources.iter().find_map(|(_, text)| implementor(text)) {
        at.app = app;
    }
    at
}

/// All `.rs` files in a folder and below, with their texts.
fn rust_files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(fs::read_to_string(&path).ok().map(|text| (path, text)));
        }
    }
    found
}

/// The path of the module in which `routes!` stands, if it is in this file.
fn module_of_routes(src: &Path, file: &Path, text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_call = |line: &&str| {
        let code = line.trim_start();
        code.starts_with("switchboard::routes!") || code.starts_with("routes!")
    };
    let at = lines.iter().position(is_call)?;
    let mut path = vec!["crate".to_owned()];
    for part in file.strip_prefix(src).ok()?.with_extension("").components() {
        path.push(part.as_os_str().to_string_lossy().into_owned());
    }
    if path.len() == 2 && matches!(path[1].as_str(), "lib" | "main") || path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    let inner = lines[..at].last().filter(|_| lines[at].starts_with(char::is_whitespace));
    let module =
        inner.and_then(|line| line.trim().trim_end_matches('{').trim().rsplit_once("mod ")).map(|(_, name)| name);
    path.extend(module.map(str::to_owned));
    Some(path.join("::"))
}

/// The type that has handlers already, `App` of `impl chat::Handlers for App {`.
fn implementor(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("impl ") && line.contains("Handlers for "))?;
    let name = line.split("Handlers for ").nth(1)?.trim_end_matches('{').trim();
    let plain = |letter: char| letter == '_' || letter == ':' || letter.is_alphanumeric();
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{implementor, module_of_routes};

    fn module(file: &str, text: &str) -> Option<String> {
        module_of_routes(Path::new("src"), Path::new(file), text)
    }

    #[test]
    fn the_module_of_the_routes_is_where_the_macro_is_called() {
        let call = "//! x\nswitchboard::routes!(\"routes.wsr\");\n";
        let inner = "pub mod wire {\n    switchboard::routes!(\"routes.wsr\");\n}\n";
        assert_eq!(module("src/lib.rs", call).as_deref(), Some("crate"));
        assert_eq!(module("src/main.rs", inner).as_deref(), Some("crate::wire"));
        assert_eq!(module("src/routes.rs", call).as_deref(), Some("crate::routes"));
        assert_eq!(module("src/net/mod.rs", call).as_deref(), Some("crate::net"));
        assert_eq!(module("src/net/wire.rs", inner).as_deref(), Some("crate::net::wire::wire"));
        assert_eq!(module("src/lib.rs", "// routes!\n"), None);
    }

    #[test]
    fn the_application_is_what_has_handlers() {
        assert_eq!(implementor("struct X;\nimpl chat::Handlers for Studio {\n").as_deref(), Some("Studio"));
        assert_eq!(implementor("impl Handlers for Arc<Studio> {\n"), None);
    }
}
