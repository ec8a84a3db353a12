//! `wsr explain`: the page of a code, or the list of all codes.

use wsr_compiler::code::Code;
use wsr_compiler::guess;

use crate::args::{Explain, When};
use crate::exit::{Exit, Failure, Outcome, did_you_mean};
use crate::render::markdown;
use crate::screen::{self, Screen};

/// Prints a page; without a code the list.
pub fn run(args: &Explain, color: When) -> Outcome {
    let screen = Screen::stdout(color);
    let text = match &args.code {
        None => list(screen),
        Some(wanted) => markdown::page(wsr_compiler::explain(find(wanted)?), screen),
    };
    screen::print(&text)?;
    Ok(Exit::Fine)
}

/// Names in words can be misspelt; numbers cannot be guessed.
fn find(wanted: &str) -> Result<Code, Failure> {
    Code::parse(wanted).ok_or_else(|| {
        let list = "`wsr explain` lists all codes";
        let slugs = Code::ALL.iter().map(|code| code.slug());
        let help = match did_you_mean(&wanted.to_lowercase(), slugs) {
            Some(guess) => format!("{guess} {list}"),
            None => list.to_owned(),
        };
        Failure::new(format!("there is no code `{}`", guess::clip(wanted))).help(help)
    })
}

fn list(screen: Screen) -> String {
    let width = Code::ALL.iter().map(|code| code.slug().len()).max().unwrap_or(0);
    let line = |code: &Code| format!("{}  {:width$}  {}\n", screen.bold(code.as_str()), code.slug(), code.summary());
    Code::ALL.iter().map(line).collect()
}
