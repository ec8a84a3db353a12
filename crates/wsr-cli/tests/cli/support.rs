//! Running the command in folders made for it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder that goes away with the value.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Runs `wsr` here.
    pub fn wsr(&self, args: &[&str]) -> Ran {
        ran(&mut self.command(args))
    }

    /// Runs `wsr` in a folder below.
    pub fn wsr_in(&self, folder: &str, args: &[&str]) -> Ran {
        ran(self.command(args).current_dir(self.path().join(folder)))
    }

    /// Runs `wsr` with this text on its standard input.
    pub fn wsr_fed(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }

    /// The command, in an environment that says nothing about colours and has a locale of UTF-8.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsr"));
        command.args(args).current_dir(self.path()).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LANG", "LC_CTYPE"] {
            command.env_remove(name);
        }
        command
    }
}

/// What a call did.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output of a call that ended so, and said nothing on standard error.
    #[track_caller]
    pub fn expect(self, code: i32) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(code), ""), "{}", self.out);
        self.out
    }

    /// Standard error of a call that could not do its work.
    #[track_caller]
    pub fn failed(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(2), ""), "{}", self.err);
        self.err
    }
}

pub fn ran(command: &mut Command) -> Ran {
    Ran::of(command.output().unwrap())
}

/// The workspace of this crate.
pub fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap().to_owned()
}

/// `cargo` in a folder, without the network and with the target folder of this build, so that little is compiled.
pub fn cargo(folder: &Path, args: &[&str]) -> Ran {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    fs::copy(checkout().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut command = Command::new(env!("CARGO"));
    command.args(args).args(["--offline", "--quiet"]).current_dir(folder);
    command.env("CARGO_TARGET_DIR", target).env("CARGO_TERM_COLOR", "never");
    // As the workspace has it, so that what builds need is there already.
    command.env("CARGO_PROFILE_DEV_BUILD_OVERRIDE_OPT_LEVEL", "2");
    command.env_remove("RUSTFLAGS").env_remove("OUT_DIR");
    ran(&mut command)
}
