//! `wsr expand`: the Rust code that a protocol becomes.

use wsr_compiler::generate::generate;

use crate::args::{Expand, When};
use crate::exit::{Exit, Outcome};
use crate::render::{graphical, summary};
use crate::screen::{self, Screen};
use crate::workspace;

/// Prints the code; of a protocol with errors the errors, to standard error, and no code.
pub fn run(args: &Expand, color: When) -> Outcome {
    let analysis = workspace::open(args.file.as_deref())?;
    if analysis.has_errors() {
        let screen = Screen::stderr(color);
        let errors: Vec<_> = analysis.errors().collect();
        screen::complain(&graphical::reports(&analysis, &errors, screen, false));
        screen::complain(&summary::line(&analysis, screen));
        return Ok(Exit::Findings);
    }
    screen::print(&generate(&analysis.model, &workspace::options(&analysis)))?;
    Ok(Exit::Fine)
}
