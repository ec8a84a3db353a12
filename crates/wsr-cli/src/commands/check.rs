//! `wsr check`: what is wrong with a protocol.

use wsr_compiler::Analysis;
use wsr_compiler::diagnostic::Diagnostic;

use crate::args::{Check, Denied, Format, When};
use crate::exit::{Exit, Outcome};
use crate::render::{graphical, json, sarif, short, summary};
use crate::screen::{self, Screen};
use crate::workspace;

/// Reports in the wanted format, on standard output.
pub fn run(args: &Check, color: When) -> Outcome {
    let analysis = workspace::open(args.file.as_deref())?;
    let text = match args.format {
        Format::Graphical => for_people(&analysis, Screen::stdout(color), args.all),
        Format::Json => json::reports(&analysis),
        Format::Short => short::reports(&analysis),
        Format::Sarif => sarif::reports(&analysis),
    };
    screen::print(&text)?;
    let denied = args.deny == Some(Denied::Warnings) && !analysis.diagnostics.is_empty();
    Ok(if analysis.has_errors() || denied { Exit::Findings } else { Exit::Fine })
}

fn for_people(analysis: &Analysis, screen: Screen, all: bool) -> String {
    let reports: Vec<&Diagnostic> = analysis.diagnostics.iter().collect();
    graphical::reports(analysis, &reports, screen, all) + &summary::line(analysis, screen)
}
