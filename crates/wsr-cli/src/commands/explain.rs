//! `wsr explain`: the page of a code, or the list of all codes.

use wsr_compiler::code::Code;
use wsr_compiler::guess;

use crate::args::{Explain, When};
use crate::exit::{Exit, Failure, Outcome};
use crate::screen::{self, Screen};

/// Prints a page; without a code the list.
pub fn run(args: &Explain, color: When) -> Outcome {
    let screen = Screen::stdout(color);
    let text = match &args.code {
        None => list(screen),
        Some(wanted) => page(find(wanted)?, screen),
    };
    screen::print(&text)?;
    Ok(Exit::Fine)
}

fn find(wanted: &str) -> Result<Code, Failure> {
    let code = Code::ALL.iter().copied().find(|code| {
        let number = code.as_str().trim_start_matches("WSR");
        wanted.eq_ignore_ascii_case(code.as_str()) || wanted == number || wanted == code.slug()
    });
    code.ok_or_else(|| unknown(wanted))
}

/// Names in words can be misspelt; numbers cannot be guessed.
fn unknown(wanted: &str) -> Failure {
    let slugs = Code::ALL.iter().map(|code| code.slug());
    let list = "`wsr explain` lists all codes";
    let help = match guess::did_you_mean(&wanted.to_lowercase(), slugs) {
        Some(guess) => format!("{guess} {list}"),
        None => list.to_owned(),
    };
    Failure::new(format!("there is no code `{}`", guess::clip(wanted))).help(help)
}

fn list(screen: Screen) -> String {
    let width = Code::ALL.iter().map(|code| code.slug().len()).max().unwrap_or(0);
    let line = |code: &Code| format!("{}  {:width$}  {}\n", screen.bold(code.as_str()), code.slug(), code.summary());
    Code::ALL.iter().map(line).collect()
}

fn page(code: Code, screen: Screen) -> String {
    format!("{}: {}\n", screen.bold(code.as_str()), code.summary())
}
