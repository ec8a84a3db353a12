//! The project's `Cargo.toml`: where Switchboard comes from, and the workspace around it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::exit::Failure;
use crate::workspace::name_of;

const TEMPLATE: &str = include_str!("../../../templates/manifest.toml");

/// What keeps the project apart from a workspace that happens to be around it.
const APART: &str = "
# The project is a workspace of its own, apart from the one around it. To make it a member of that, list it there and
# delete this line.
[workspace]
";

/// Where the project gets Switchboard from.
pub enum Source {
    /// The registry, by this command's own version.
    Registry,
    /// A checkout, seen from the project's folder.
    Checkout(String),
}

impl Source {
    /// The checkout at `path`, for a project in `folder`; both exist.
    pub fn checkout(path: &Path, folder: &Path) -> Result<Self, Failure> {
        let whole = |path: &Path| {
            fs::canonicalize(path).map_err(|error| Failure::io("find", &path.display().to_string(), &error))
        };
        Ok(Self::Checkout(name_of(&relative(&whole(path)?, &whole(folder)?))))
    }

    fn of(&self, package: &str) -> String {
        match self {
            Self::Registry => quoted(env!("CARGO_PKG_VERSION")),
            Self::Checkout(_) => format!("{{ {} }}", self.place(package)),
        }
    }

    fn with_testkit(&self, package: &str) -> String {
        format!("{{ {}, features = [\"testkit\"] }}", self.place(package))
    }

    fn place(&self, package: &str) -> String {
        match self {
            Self::Registry => format!("version = {}", quoted(env!("CARGO_PKG_VERSION"))),
            Self::Checkout(path) => format!("path = {}", quoted(&format!("{path}/crates/{package}"))),
        }
    }
}

/// Refuses a folder that is no checkout of Switchboard.
pub fn expect_checkout(path: &Path) -> Result<(), Failure> {
    let has = |package: &str| path.join("crates").join(package).join("Cargo.toml").is_file();
    if has("switchboard") && has("switchboard-build") {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` is no checkout of Switchboard", path.display()))
        .help("name the folder that has `crates/switchboard` in it"))
}

/// The text of the manifest.
pub fn manifest(name: &str, source: &Source, folder: &Path) -> String {
    let text = TEMPLATE
        .replace("{name}", name)
        .replace("{switchboard}", &source.of("switchboard"))
        .replace("{switchboard-testkit}", &source.with_testkit("switchboard"))
        .replace("{switchboard-build}", &source.of("switchboard-build"));
    if is_inside_a_workspace(folder) { text + APART } else { text }
}

fn is_inside_a_workspace(folder: &Path) -> bool {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let is_root = |above: &Path| {
        let manifest = fs::read_to_string(above.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim_start().starts_with("[workspace"))
    };
    whole.ancestors().skip(1).any(is_root)
}

/// The way from one folder to another; the other itself if there is none.
fn relative(to: &Path, from: &Path) -> PathBuf {
    let (to_parts, from_parts): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (to.components().collect(), from.components().collect());
    let common = to_parts.iter().zip(&from_parts).take_while(|(one, other)| one == other).count();
    if common == 0 {
        return to.to_owned();
    }
    let up = from_parts[common..].iter().map(|_| Component::ParentDir);
    up.chain(to_parts[common..].iter().copied()).collect()
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{quoted, relative};

    #[test]
    fn the_way_goes_up_as_far_as_it_must() {
        let way = |to: &str, from: &str| relative(Path::new(to), Path::new(from));
        assert_eq!(way("/a/switchboard", "/a/hello"), Path::new("../switchboard"));
        assert_eq!(way("/a", "/a/b/c"), Path::new("../.."));
        assert_eq!(way("/a/b", "/a"), Path::new("b"));
    }

    #[test]
    fn paths_stay_what_they_are_in_toml() {
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000A\"");
    }
}
