//! The subcommands: one file each, named as they are.

mod check;
mod completions;
mod expand;
mod explain;

use crate::args::{Args, Command};
use crate::exit::Outcome;

/// Runs what the command line says.
pub fn run(args: Args) -> Outcome {
    let color = args.color;
    match args.command {
        Command::Check(check) => check::run(&check, color),
        Command::Explain(explain) => explain::run(&explain, color),
        Command::Expand(expand) => expand::run(&expand, color),
        Command::Completions(completions) => completions::run(&completions),
    }
}
