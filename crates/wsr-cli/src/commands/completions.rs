//! `wsr completions`: what a shell offers behind `wsr`.

use clap::CommandFactory;

use crate::args::{Args, Completions};
use crate::exit::{Exit, Outcome};
use crate::screen;

/// Prints the script of a shell.
pub fn run(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "wsr", &mut script);
    screen::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}
