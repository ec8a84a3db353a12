//! `wsr new`: a project that builds, runs and has a test; or empty handlers for a namespace.

mod handlers;
mod manifest;
mod name;
mod project;

pub use handlers::surroundings;

use crate::args::{New, When};
use crate::exit::Outcome;

/// Makes a project, or prints handlers.
pub fn run(args: &New, color: When) -> Outcome {
    match (&args.handlers, &args.target) {
        (Some(namespace), file) => handlers::run(namespace, file.as_deref(), color),
        (None, Some(folder)) => project::run(folder, args.switchboard.as_deref()),
        // The command line asks for one of them.
        (None, None) => Err(crate::exit::Failure::new("the project needs a name: `wsr new hello`")),
    }
}
