//! The command line.

use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

const AFTER_HELP: &str = "\
Where FILE is left out, `routes.wsr` is looked for here and in every folder above.

Exit codes:
  0  nothing to complain about
  1  the files have findings: errors, denied warnings, or text that is not formatted
  2  the command could not do its work: wrong arguments, a file that cannot be read or written";

/// Checks, formats, explains and starts protocols written in .wsr
#[derive(Debug, Parser)]
#[command(name = "wsr", version, about, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Args {
    /// Whether to print colours; `auto` asks the terminal, NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to print colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// When the stream is a terminal and the environment does not say otherwise
    Auto,
    /// Also into files and pipes
    Always,
    /// Nowhere
    Never,
}

/// One variant a file of `commands`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Report what is wrong with a protocol
    Check(Check),
    /// Put files into the one layout there is
    Fmt(Fmt),
    /// Say more about a code, such as WSR0101
    Explain(Explain),
    /// Print the Rust code that a protocol becomes
    Expand(Expand),
    /// Print a protocol as data, or the fingerprints of its messages
    Contract(Contract),
    /// Write a client of a protocol
    Generate(Generate),
    /// Start a project, or print empty handlers for a namespace
    New(New),
    /// Serve an editor: the language server, over standard input and output
    Lsp(Lsp),
    /// Print the completions of a shell, for its startup file
    Completions(Completions),
}

/// `wsr check`
#[derive(Debug, Arguments)]
pub struct Check {
    /// The file that a build names; those it imports are read too
    pub file: Option<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Graphical)]
    pub format: Format,
    /// Let these findings fail the command too
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Denied>,
    /// Show all findings, not the first 20 (the other formats always do)
    #[arg(long)]
    pub all: bool,
}

/// How `wsr check` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: the source with marks in it
    Graphical,
    /// An array of objects; see the crate's README
    Json,
    #[allow(rustdoc::broken_intra_doc_links, reason = "it is the help that is shown, and no link")]
    /// file:line:column: error[WSR0101]: message
    Short,
    /// SARIF 2.1.0, which code hosts show beside the source
    Sarif,
}

/// What else fails `wsr check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Denied {
    /// Warnings
    Warnings,
}

/// `wsr fmt`
#[derive(Debug, Arguments)]
pub struct Fmt {
    /// Files, folders, or `-` for standard input; left out: the protocol here or above with all that it imports
    #[arg(value_name = "FILES")]
    pub files: Vec<PathBuf>,
    /// Change nothing; show what would change, and end with code 1 if anything would
    #[arg(long)]
    pub check: bool,
    /// Read standard input and write to standard output, as `-` does
    #[arg(long)]
    pub stdin: bool,
}

/// `wsr explain`
#[derive(Debug, Arguments)]
pub struct Explain {
    /// WSR0101, 0101, 101 or unknown-type; left out: the list of all
    pub code: Option<String>,
}

/// `wsr expand`
#[derive(Debug, Arguments)]
pub struct Expand {
    /// The file that a build names; those it imports are read too
    pub file: Option<PathBuf>,
}

/// `wsr contract`
#[derive(Debug, Arguments)]
pub struct Contract {
    /// The file that a build names; those it imports are read too
    pub file: Option<PathBuf>,
    /// Print a line for each message, event and ask, its fingerprint and its name; the first line is that of the whole
    #[arg(long)]
    pub hashes: bool,
}

/// `wsr generate`
#[derive(Debug, Arguments)]
pub struct Generate {
    /// In which language
    #[arg(value_enum)]
    pub target: Target,
    /// The file that a build names; those it imports are read too
    pub file: Option<PathBuf>,
    /// The folder that the files are written into; made if there is none
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write nothing; list the files that would be written, and end with code 1 if there are any
    #[arg(long)]
    pub check: bool,
}

/// In which language `wsr generate` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// client.js and client.d.ts, for browsers and Node, and client.ts with both in one
    #[value(name = "typescript")]
    TypeScript,
    /// a package for asyncio, to be installed from its folder
    Python,
    /// client.rs, a module on the crate switchboard-client
    Rust,
}

/// `wsr new`
#[derive(Debug, Arguments)]
#[command(override_usage = "wsr new [--switchboard PATH] NAME\n       wsr new --handlers NS [FILE]")]
pub struct New {
    /// The folder of the new project, which is called as that is; with --handlers the file that a build names
    #[arg(value_name = "NAME", required_unless_present = "handlers")]
    pub target: Option<PathBuf>,
    /// Print the handlers of this namespace, to be filled in; `routes` for what is in no namespace
    #[arg(long, value_name = "NS", conflicts_with = "switchboard")]
    pub handlers: Option<String>,
    /// Let the project use this checkout of Switchboard, not a published version
    #[arg(long, value_name = "PATH")]
    pub switchboard: Option<PathBuf>,
}

/// `wsr lsp`
#[derive(Debug, Arguments)]
pub struct Lsp {
    /// Speak over standard input and output, as is done without it too; editors pass it out of habit
    #[arg(long)]
    pub stdio: bool,
}

/// `wsr completions`
#[derive(Debug, Arguments)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    pub shell: Shell,
}
