//! How a call ends: the three exit codes, and what is said when nothing could be done.

use std::fmt;
use std::io;
use std::process::ExitCode;

use wsr_compiler::guess;

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Exit code 0: nothing to complain about.
    Fine,
    /// Exit code 1: the files have findings.
    Findings,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => Self::SUCCESS,
            Exit::Findings => Self::from(1),
        }
    }
}

/// How a command ends.
pub type Outcome = Result<Exit, Failure>;

/// Exit code 2: the command could not do its work. No fault of what a file says.
#[derive(Debug)]
pub struct Failure {
    what: String,
    help: Option<String>,
}

impl Failure {
    /// Could not be done, for this reason.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None }
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Could not be done to this file, because the system said so.
    pub fn io(doing: &str, name: &str, error: &io::Error) -> Self {
        Self::new(format!("cannot {doing} `{name}`: {}", in_words(error)))
    }

    /// Says it on standard error.
    pub fn report(self) -> ExitCode {
        crate::screen::complain(&format!("{self}\n"));
        ExitCode::from(2)
    }
}

/// "did you mean `a`?", if a legal name is near.
pub fn did_you_mean<'a>(wrong: &str, legal: impl IntoIterator<Item = &'a str>) -> Option<String> {
    match guess::nearest(wrong, legal).as_slice() {
        [] => None,
        [one] => Some(format!("did you mean `{one}`?")),
        [one, two, ..] => Some(format!("did you mean `{one}` or `{two}`?")),
    }
}

/// What the system says, without its number.
pub fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

impl fmt::Display for Failure {
    /// As clap words what is wrong with the command line itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.help {
            Some(help) => write!(f, "\n\n  help: {help}"),
            None => Ok(()),
        }
    }
}
