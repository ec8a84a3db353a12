//! `wsr expand`: the Rust code that a protocol becomes.

use wsr_compiler::generate::generate;

use crate::args::{Expand, When};
use crate::commands::complain_about;
use crate::exit::{Exit, Outcome};
use crate::screen;
use crate::workspace;

/// Prints the code; of a protocol with errors the errors, to standard error, and no code.
pub fn run(args: &Expand, color: When) -> Outcome {
    let analysis = workspace::open(args.file.as_deref())?;
    if analysis.has_errors() {
        complain_about(&analysis, color);
        return Ok(Exit::Findings);
    }
    screen::print(&generate(&analysis.model, &workspace::options(&analysis)))?;
    Ok(Exit::Fine)
}
