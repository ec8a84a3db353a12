//! The client for Python: a package that can be installed from its folder, with the runtime inside.
//!
//! `types.py` has the classes of values and errors, `_protocol.py` the plan with the classes for it, `__init__.py` what
//! applications call. The runtime is the same for every protocol; its sources are in `python/runtime`.

mod facade;
mod lines;
mod types;
mod words;

use self::types::Types;
use super::names::Names;
use super::plan::plan;
use super::{ADVICE, Files, MARK};
use crate::generate::casing;
use crate::model::Model;

/// `pyproject.toml`, and the package beside it.
pub(super) fn files(model: &Model) -> Files {
    let mut names = Names::of(model, &|_, _| false);
    words::spell(&mut names);
    let types = Types::of(model);
    let package = package(model);
    let head = format!("# {MARK} {ADVICE}\n\n");
    let mut files = Files::default();
    files.add("pyproject.toml", format!("{head}{}", project(model, &package)));
    files.add(&format!("{package}/py.typed"), String::new());
    files.add(&format!("{package}/types.py"), format!("{head}{}", types.module()));
    files.add(&format!("{package}/_protocol.py"), format!("{head}{}", types.protocol(&plan(model, &names))));
    files.add(&format!("{package}/__init__.py"), format!("{head}{}", facade::module(model, &types, &names)));
    for (name, text) in RUNTIME {
        files.add(&format!("{package}/_runtime/{name}"), format!("{head}{text}"));
    }
    files
}

/// `studio_client`
fn package(model: &Model) -> String {
    let name = model.protocol.as_ref().map_or("protocol", |protocol| &protocol.name);
    format!("{}_client", words::ascii(&casing::field_name(name)).to_lowercase())
}

fn project(model: &Model, package: &str) -> String {
    let about = model.protocol.as_ref().and_then(|protocol| protocol.origin.docs.first());
    let description = about.map_or(String::new(), |line| format!("description = {}\n", words::literal(line)));
    let version = model.protocol.as_ref().map(|protocol| protocol.version.as_str()).filter(|text| is_version(text));
    format!(
        "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n\n\
         [project]\nname = \"{}\"\nversion = \"{}\"\n{description}requires-python = \">=3.10\"\n\
         dependencies = [\"websockets>=14\"]\n\n\
         [tool.setuptools]\npackages = [\"{package}\", \"{package}._runtime\"]\n\n\
         [tool.setuptools.package-data]\n{package} = [\"py.typed\"]\n",
        package.replace('_', "-"),
        version.unwrap_or("0.0.0"),
    )
}

/// Whether a protocol's version is one of a Python package too.
fn is_version(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

const RUNTIME: [(&str, &str); 12] = [
    ("__init__.py", include_str!("python/runtime/__init__.py")),
    ("binary.py", include_str!("python/runtime/binary.py")),
    ("check.py", include_str!("python/runtime/check.py")),
    ("client.py", include_str!("python/runtime/client.py")),
    ("convert.py", include_str!("python/runtime/convert.py")),
    ("driver.py", include_str!("python/runtime/driver.py")),
    ("errors.py", include_str!("python/runtime/errors.py")),
    ("jsontext.py", include_str!("python/runtime/jsontext.py")),
    ("listeners.py", include_str!("python/runtime/listeners.py")),
    ("machine.py", include_str!("python/runtime/machine.py")),
    ("schema.py", include_str!("python/runtime/schema.py")),
    ("texts.py", include_str!("python/runtime/texts.py")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analyze, source::SourceFile};

    fn generated(text: &str) -> Files {
        let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
        let errors: Vec<_> = analysis.errors().map(|error| error.title.clone()).collect();
        assert_eq!(errors, Vec::<String>::new());
        files(&analysis.model)
    }

    fn file<'f>(files: &'f Files, path: &str) -> &'f str {
        files.iter().find(|(name, _)| *name == path).map(|(_, text)| text).unwrap()
    }

    #[test]
    fn the_package_is_named_after_the_protocol() {
        let files = generated("wsr 1\nprotocol town_radio \"1.4.0\"\nmessage ping -> reply ok\n");
        assert!(file(&files, "pyproject.toml").contains("name = \"town-radio-client\"\nversion = \"1.4.0\""));
        assert!(file(&files, "town_radio_client/__init__.py").contains("async def ping("));
    }

    #[test]
    fn text_of_an_author_stays_text() {
        let files = generated(
            "wsr 1\n/// \"\"\" + __import__('os').system('x') + \"\"\" \\\nmessage ping { a: string = \"\\\"\\\"\\\"\" } -> reply ok\n",
        );
        let facade = file(&files, "protocol_client/__init__.py");
        assert!(facade.contains(r#"\"\"\" + __import__('os').system('x') + \"\"\" \\"#), "{facade}");
    }

    #[test]
    fn names_that_python_keeps_get_a_line_behind_them() {
        let files = generated("wsr 1\nnamespace class {\n  message del { from: bool, timeout: bool } -> reply ok\n}\n");
        let facade = file(&files, "protocol_client/__init__.py");
        assert!(facade.contains("self.class_ = "), "{facade}");
        assert!(facade.contains("async def del_(self, *, from_: bool, timeout_: bool, timeout: "), "{facade}");
    }
}
