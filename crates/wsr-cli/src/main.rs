//! `wsr`: the command of the `.wsr` language.
//!
//! A door of the compiler: it reads files, calls `wsr_compiler`, and prints. What a protocol means is decided there, not
//! here. The modules, in the order in which a call passes them:
//!
//! - [`args`]: the command line;
//! - [`commands`]: one file a subcommand;
//! - [`lsp`]: the language server;
//! - [`workspace`]: files on disk, and where `routes.wsr` is;
//! - [`render`]: reports in each format;
//! - [`screen`]: what standard output can show, and printing to it;
//! - [`exit`]: how a call ends.

mod args;
mod commands;
mod exit;
mod lsp;
mod render;
mod screen;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    match commands::run(args) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report(),
    }
}
