//! The house is as ARCHITECTURE.md says: who may import whom, and one grammar.
//! Reads text only; the map cannot drift, because the map is the test's input.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the table "Who may import whom": a crate and those of ours that it may name.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let map = read("ARCHITECTURE.md");
    let section = map.split("## Who may import whom").nth(1).expect("ARCHITECTURE.md has the section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>());
        let name = cells.next().and_then(|cell| cell.into_iter().next()).expect("the first cell names a crate");
        (name, cells.next().expect("the second cell lists crates"))
    })
    .collect()
}

/// Every manifest of the workspace: the package's name and the crates of ours that it depends on.
fn actual() -> BTreeMap<String, BTreeSet<String>> {
    let elsewhere = ["Cargo.toml", "crates/switchboard/macros/Cargo.toml", "editors/tree-sitter-wsr/Cargo.toml"];
    let mut manifests: Vec<PathBuf> = elsewhere.iter().map(|path| root().join(path)).collect();
    let crates = fs::read_dir(root().join("crates")).expect("crates/ is there");
    manifests.extend(crates.map(|entry| entry.expect("crates/ can be listed").path().join("Cargo.toml")));
    let texts: Vec<String> = manifests.iter().map(read).collect();
    let names: BTreeSet<String> = texts.iter().map(|text| package_name(text)).collect();
    texts.iter().map(|text| (package_name(text), dependencies(text, &names))).collect()
}

fn package_name(manifest: &str) -> String {
    let package = manifest.split("[package]").nth(1).expect("a manifest has a package");
    let line = package.lines().find(|line| line.starts_with("name")).expect("a package has a name");
    line.split('"').nth(1).expect("a name is quoted").to_owned()
}

fn dependencies(manifest: &str, ours: &BTreeSet<String>) -> BTreeSet<String> {
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && !line.starts_with("[workspace");
        }
        let key = line.split(['=', '.', ' ']).next().unwrap_or_default();
        if inside && ours.contains(key) {
            found.insert(key.to_owned());
        }
    }
    found
}

#[test]
fn crates_import_only_what_the_map_allows() {
    let allowed = allowed();
    for (name, dependencies) in actual() {
        let may = allowed.get(&name).unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for `{name}`"));
        let more: Vec<_> = dependencies.difference(may).collect();
        assert!(more.is_empty(), "`{name}` depends on {more:?}, which ARCHITECTURE.md does not allow");
    }
}

#[test]
fn the_map_names_no_crate_and_no_import_that_is_gone() {
    let actual = actual();
    for (name, may) in allowed() {
        let dependencies = actual.get(&name).unwrap_or_else(|| panic!("`{name}` is in ARCHITECTURE.md only"));
        let gone: Vec<_> = may.difference(dependencies).collect();
        assert!(gone.is_empty(), "ARCHITECTURE.md lets `{name}` import {gone:?}, and it does not");
    }
}

#[test]
fn the_compiler_is_built_from_the_grammar_at_the_root() {
    let inside = read("crates/wsr-compiler/grammar/wsr.pest");
    assert!(
        inside == read("grammar/wsr.pest"),
        "crates/wsr-compiler/grammar/wsr.pest must be a link to (or a copy of) grammar/wsr.pest"
    );
}

#[test]
fn the_page_shows_an_excerpt_that_is_in_routes_wsr() {
    let page = read("web/index.html");
    let (_, excerpt) = page.split_once("<pre").expect("the page shows an excerpt");
    let (excerpt, _) = excerpt.split_once("</pre>").expect("it ends");
    let (_, excerpt) = excerpt.split_once('>').expect("the tag ends");
    let text: String = excerpt.split('<').map(|part| part.rsplit('>').next().unwrap_or_default()).collect();
    let lines = text.replace("&gt;", ">").replace("&lt;", "<");
    let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    assert!(read("routes.wsr").contains(&indented), "routes.wsr has no such lines:\n{indented}");
}
