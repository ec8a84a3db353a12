//! `wsr lsp`: what an editor talks to.

use crate::exit::{Exit, Failure, Outcome};
use crate::lsp::{self, End};

/// Serves until the editor says that it is enough.
pub fn run() -> Outcome {
    match lsp::serve() {
        Ok(End::Asked) => Ok(Exit::Fine),
        // The protocol wants the exit code 1 when nobody asked for the shutdown.
        Ok(End::Unasked) => Ok(Exit::Findings),
        Err(error) => Err(Failure::new(format!("the connection to the editor broke: {error}"))),
    }
}
