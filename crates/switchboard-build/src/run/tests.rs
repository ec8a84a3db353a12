use std::fs;
use std::path::PathBuf;

use super::*;

/// A package of its own in the temporary folder, removed at the end.
struct Package(PathBuf);

impl Package {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("switchboard-build-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("out")).unwrap();
        Self(path)
    }

    fn compile(&self, text: impl AsRef<[u8]>) -> Vec<String> {
        fs::write(self.0.join("routes.wsr"), text).unwrap();
        self.run()
    }

    fn run(&self) -> Vec<String> {
        self.run_with(&crate::protocol("routes.wsr"))
    }

    fn run_with(&self, protocol: &Protocol) -> Vec<String> {
        run(&self.0, &self.0.join("out"), protocol, SystemTime::now()).unwrap()
    }

    fn code(&self) -> String {
        fs::read_to_string(self.0.join("out/routes.rs")).unwrap()
    }

    fn reports(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.join("out/routes.report")).unwrap();
        text.split('\u{1e}').filter(|report| !report.is_empty()).map(str::to_owned).collect()
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const GOOD: &str =
    "wsr 1\n\nnamespace chat {\n  /// Say it.\n  message send { text: string(len ..=9) } -> reply ok\n}\n";

#[test]
fn a_good_file_leaves_code_and_no_report() {
    let package = Package::new("good");
    let directives = package.compile(GOOD);
    assert!(package.code().contains("pub struct Send"));
    assert!(package.reports().is_empty());
    assert!(directives[0].starts_with("cargo::rerun-if-changed=") && directives[0].ends_with("routes.wsr"));
}

#[test]
fn errors_leave_one_report_each_and_the_last_good_code() {
    let package = Package::new("errors");
    package.compile(GOOD);
    let good = package.code();
    let bad = GOOD.replace("string(len ..=9)", "strng").replace("reply ok", "reply Nothing");
    let directives = package.compile(bad);
    assert_eq!(package.code(), good);
    let reports = package.reports();
    assert_eq!(reports.len(), 2, "{reports:?}");
    let place = format!(" --> {}:5:24", package.0.join("routes.wsr").display());
    assert!(reports[0].lines().nth(1).unwrap_or_default().trim_start().ends_with(place.trim_start()), "{}", reports[0]);
    assert!(directives[0].starts_with("cargo::rerun-if-changed="));
}

#[test]
fn a_file_that_was_never_good_leaves_what_is_sound() {
    let package = Package::new("never");
    package.compile(format!("{GOOD}type X = strng\n"));
    assert!(package.code().contains("pub struct Send"));
    assert_eq!(package.reports().len(), 1);
}

#[test]
fn an_unreadable_file_is_a_report() {
    let package = Package::new("unreadable");
    package.run();
    assert!(package.reports()[0].starts_with("[WSR0001] there is no such file\n --> "));
    package.compile(b"wsr 1\n\xff");
    assert!(package.reports()[0].starts_with("[WSR0001] the file is not UTF-8\n --> "));
    assert!(package.reports()[0].contains("routes.wsr:2:1"));
}

#[test]
fn imported_files_are_watched_and_compiled_together() {
    let package = Package::new("imports");
    fs::create_dir_all(package.0.join("parts")).unwrap();
    fs::write(package.0.join("parts/chat.wsr"), GOOD.replace("string(len ..=9)", "Text")).unwrap();
    fs::write(package.0.join("types.wsr"), "wsr 1\n\ntype Text = string(len ..=9)\n").unwrap();
    let directives = package.compile("wsr 1\n\nimport \"types.wsr\"\nimport \"./parts/chat.wsr\"\n");
    assert_eq!(package.reports(), Vec::<String>::new());
    assert!(package.code().contains("// chat/send, parts/chat.wsr:5"), "{}", package.code());
    let watched: Vec<&str> = directives.iter().filter_map(|line| line.rsplit(['/', '\\']).next()).collect();
    assert_eq!(watched, ["routes.wsr", "types.wsr", "chat.wsr"]);
}

#[test]
fn a_report_in_an_imported_file_names_that_file() {
    let package = Package::new("imported-report");
    fs::write(package.0.join("chat.wsr"), GOOD.replace("reply ok", "reply Nothing")).unwrap();
    package.compile("wsr 1\n\nimport \"chat.wsr\"\n");
    let reports = package.reports();
    assert_eq!(reports.len(), 1);
    assert!(reports[0].contains("chat.wsr:5:52"), "{}", reports[0]);
}

#[test]
fn a_missing_import_is_watched_so_that_the_build_runs_again_when_it_appears() {
    let package = Package::new("missing-import");
    let directives = package.compile("wsr 1\n\nimport \"chat.wsr\"\n");
    assert!(directives.iter().any(|line| line.starts_with("cargo::rerun-if-changed=") && line.ends_with("chat.wsr")));
    assert!(package.reports()[0].starts_with("[WSR0008] cannot import `chat.wsr`: there is no such file"));
}

#[test]
fn what_has_not_changed_is_not_written() {
    let package = Package::new("unchanged");
    package.compile(GOOD);
    let modified = || fs::metadata(package.0.join("out/routes.rs")).unwrap().modified().unwrap();
    let before = modified();
    package.compile(GOOD);
    assert_eq!(modified(), before);
}

fn with_client() -> Protocol {
    crate::protocol("routes.wsr").typescript("web")
}

#[test]
fn a_client_is_written_into_the_package_and_watched() {
    let package = Package::new("client");
    package.compile(GOOD);
    let directives = package.run_with(&with_client());
    let text = fs::read_to_string(package.0.join("web/client.js")).unwrap();
    assert!(text.contains("chat/send"), "{text}");
    let watched = |name: &str| format!("cargo::rerun-if-changed={}", package.0.join("web").join(name).display());
    assert!(directives.contains(&watched("client.js")), "{directives:?}");
}

#[test]
fn a_client_that_would_not_change_is_not_written() {
    let package = Package::new("client-unchanged");
    package.compile(GOOD);
    package.run_with(&with_client());
    let file = fs::File::options().write(true).open(package.0.join("web/client.js")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    package.run_with(&with_client());
    assert_eq!(file.metadata().unwrap().modified().unwrap(), SystemTime::UNIX_EPOCH);
}

#[test]
fn what_was_written_looks_older_than_the_build_script_so_that_cargo_does_not_run_it_again() {
    let package = Package::new("client-older");
    package.compile(GOOD);
    let before = SystemTime::now();
    package.run_with(&with_client());
    assert!(fs::metadata(package.0.join("web/client.js")).unwrap().modified().unwrap() < before);
}

#[test]
fn a_file_with_errors_leaves_the_client_as_it_was() {
    let package = Package::new("client-errors");
    package.compile(GOOD);
    package.run_with(&with_client());
    let client = || fs::read_to_string(package.0.join("web/client.js")).unwrap();
    let before = client();
    fs::write(package.0.join("routes.wsr"), GOOD.replace("string(len ..=9)", "strng")).unwrap();
    package.run_with(&with_client());
    assert_eq!(client(), before);
}

#[test]
fn a_foreign_file_stays_and_fails_the_build() {
    let package = Package::new("client-foreign");
    fs::create_dir_all(package.0.join("web")).unwrap();
    fs::write(package.0.join("web/client.js"), "mine").unwrap();
    package.compile(GOOD);
    let directives = package.run_with(&with_client());
    assert_eq!(fs::read_to_string(package.0.join("web/client.js")).unwrap(), "mine");
    let error = directives.iter().find(|line| line.starts_with("cargo::error=")).unwrap();
    assert!(error.contains("`web/client.js` was not generated"), "{error}");
}

#[test]
fn a_client_for_rust_is_made_beside_the_code_and_of_errors_errors() {
    let package = Package::new("rust-client");
    let protocol = crate::protocol("routes.wsr").rust_client();
    let client = || fs::read_to_string(package.0.join("out/routes.client.rs")).unwrap();
    fs::write(package.0.join("routes.wsr"), GOOD).unwrap();
    package.run_with(&protocol);
    assert!(client().contains("pub struct Send") && client().contains("::switchboard_client::generated"));
    fs::write(package.0.join("routes.wsr"), "wsr 1\nmessage a { b: strng } -> reply ok\nmessage a -> \"\n").unwrap();
    package.run_with(&protocol);
    let errors = client();
    assert!(errors.lines().all(|line| line.starts_with("::core::compile_error! { \"[WSR")), "{errors}");
    assert_eq!(errors.lines().count(), package.reports().len());
    fs::remove_file(package.0.join("routes.wsr")).unwrap();
    package.run_with(&protocol);
    assert!(client().contains("WSR0001"));
}
