//! `wsr contract`: what a protocol and its clients have to agree on.

use wsr_compiler::contract::{fingerprints, schema};
use wsr_compiler::model::Model;

use crate::args::{Contract, When};
use crate::commands::complain_about;
use crate::exit::{Exit, Outcome};
use crate::screen;
use crate::workspace;

/// Prints the schema, or with `--hashes` the fingerprints; of a protocol with errors the errors, to standard error.
pub fn run(args: &Contract, color: When) -> Outcome {
    let analysis = workspace::open(args.file.as_deref())?;
    if analysis.has_errors() {
        complain_about(&analysis, color);
        return Ok(Exit::Findings);
    }
    let model = &analysis.model;
    screen::print(&if args.hashes { hashes(model) } else { schema(model) + "\n" })?;
    Ok(Exit::Fine)
}

fn hashes(model: &Model) -> String {
    let found = fingerprints(model);
    let messages = model.messages.iter().map(|message| &message.wire).zip(found.messages);
    let events = model.events.iter().map(|event| &event.wire).zip(found.events);
    let asks = model.asks.iter().map(|ask| &ask.wire).zip(found.asks);
    let mut lines = vec![format!("{} (all)\n", found.protocol)];
    lines.extend(messages.map(|(name, hash)| format!("{hash} message {name}\n")));
    lines.extend(events.map(|(name, hash)| format!("{hash} event {name}\n")));
    lines.extend(asks.map(|(name, hash)| format!("{hash} ask {name}\n")));
    lines.concat()
}
