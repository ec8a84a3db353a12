//! `wsr lsp` in the hands of a real editor: Neovim without a screen, told by a script what its user does.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Whether Neovim can be started; where everything has to be tested it must be.
fn neovim_is_there() -> bool {
    let runs =
        Command::new("nvim").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    let everything = env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    assert!(
        runs || !everything,
        "nvim is not installed, and this run is to test everything: `apt-get install neovim`, or unset CI"
    );
    if !runs {
        eprintln!("skipped: nvim is not installed");
    }
    runs
}

#[test]
fn a_session_in_neovim_from_the_first_error_to_the_last_rename() {
    if !neovim_is_there() {
        return;
    }
    let folder = TempDir::new().expect("a folder can be made");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editors/session.lua");
    let output = Command::new("nvim")
        .args(["--headless", "--clean", "-n", "-S"])
        .arg(&script)
        .current_dir(folder.path())
        .env("WSR", env!("CARGO_BIN_EXE_wsr"))
        .env("HOME", folder.path())
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .stdin(Stdio::null())
        .output()
        .expect("nvim starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("the session is over"), "{said}");
}
