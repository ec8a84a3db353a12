//! The subcommands: one file each, named as they are.

mod check;
mod completions;
mod contract;
mod expand;
mod explain;
mod fmt;
mod generate;
mod lsp;
mod new;

use wsr_compiler::Analysis;

use crate::args::{Args, Command, When};
use crate::exit::Outcome;
use crate::render::{graphical, summary};
use crate::screen::{self, Screen};

pub use new::surroundings;

/// Runs what the command line says.
pub fn run(args: Args) -> Outcome {
    let color = args.color;
    match args.command {
        Command::Check(check) => check::run(&check, color),
        Command::Fmt(fmt) => fmt::run(&fmt, color),
        Command::Explain(explain) => explain::run(&explain, color),
        Command::Contract(contract) => contract::run(&contract, color),
        Command::Expand(expand) => expand::run(&expand, color),
        Command::Generate(generate) => generate::run(&generate, color),
        Command::New(new) => new::run(&new, color),
        Command::Lsp(_) => lsp::run(),
        Command::Completions(completions) => completions::run(&completions),
    }
}

/// Shows the errors of a file that a command needs to be without, on standard error.
fn complain_about(analysis: &Analysis, color: When) {
    let screen = Screen::stderr(color);
    let errors: Vec<_> = analysis.errors().collect();
    screen::complain(&(graphical::reports(analysis, &errors, screen, false) + &summary::errors(analysis, screen)));
}
