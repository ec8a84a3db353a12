//! One report for one stretch that could not be read: what was expected where.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

use super::siblings::Wanted;
use super::wording::{self, Found};
use super::{Builder, Grammar, Rule};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::guess;

/// A stretch that could not be read.
pub(super) struct Broken {
    /// Start of the sibling before it, which may be the beginning of what was meant.
    pub previous: Option<usize>,
    pub start: usize,
    pub end: usize,
    pub wanted: Wanted,
}

/// Where reading stopped, and what would have been legal there.
struct Stop {
    at: usize,
    /// Start of the text that was read.
    from: usize,
    rules: Vec<Rule>,
}

/// The report of a broken stretch.
pub(super) fn report(builder: &Builder<'_>, broken: Broken) -> Diagnostic {
    let text = &builder.prepared.text;
    let stop = furthest(text, &broken);
    let found = wording::token(text, stop.at);
    if let Some(report) = misspelt_keyword(builder, &broken, &stop, &found) {
        return report;
    }
    let span = builder.span(stop.at, stop.at + found.len);
    let expected = wording::expected(&stop.rules, broken.wanted, &found);
    let before = &text[stop.from..stop.at];
    let title = format!("expected {}, found {}", expected, found.text);
    let label = if expected.contains(", ") || expected.contains(" or ") { "not expected here".to_owned() } else { format!("{expected} is missing here") };
    let help = wording::help(&stop.rules, broken.wanted, &found, before);
    Diagnostic::new(Code::Syntax, span, title).label(label).help(help)
}

/// Reads the stretch alone, and behind its sibling; keeps what got further.
fn furthest(text: &str, broken: &Broken) -> Stop {
    let alone = read(text, broken.start, broken.end, broken.wanted);
    let Some(previous) = broken.previous else { return alone };
    let behind = read(text, previous, broken.end, broken.wanted);
    let newline_between = text[previous..broken.start].trim_end_matches([' ', '\t']).ends_with('\n');
    let goes_on = behind.at > broken.start || behind.at == broken.start && !newline_between;
    if goes_on { behind } else { alone }
}

fn read(text: &str, from: usize, to: usize, wanted: Wanted) -> Stop {
    match Grammar::parse(wanted.rule(), &text[from..to]) {
        Ok(_) => Stop { at: from, from, rules: Vec::new() },
        Err(error) => {
            let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
            let rules = match error.variant {
                ErrorVariant::ParsingError { positives, .. } => positives,
                ErrorVariant::CustomError { .. } => Vec::new(),
            };
            Stop { at: from + at, from, rules }
        }
    }
}

/// A word near a keyword that would have been legal, here or right before here.
fn misspelt_keyword(builder: &Builder<'_>, broken: &Broken, stop: &Stop, found: &Found) -> Option<Diagnostic> {
    let text = &builder.prepared.text;
    if let Some(word) = found.word.as_deref() {
        let legal = wording::keywords(&stop.rules, broken.wanted);
        let near = guess::nearest(word, legal.iter().copied());
        if let Some(near) = near.first().copied().or_else(|| wording::foreign_keyword(word, &legal)) {
            return Some(unknown_keyword(builder, stop.at, word, near));
        }
    }
    let before = text[stop.from..stop.at].trim_end_matches([' ', '\t']);
    let start = before.rfind(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).map_or(0, |at| at + 1);
    let word = &before[start..];
    let lead = before[..start].trim_end();
    let legal: &[&str] = match broken.wanted {
        Wanted::Item if lead.ends_with("->") => &["silent", "reply", "join", "leave", "relay"],
        Wanted::Item if lead.ends_with("=>") => &["relay"],
        Wanted::Step if lead.is_empty() => &["after"],
        _ => return None,
    };
    let near = guess::nearest(word, legal.iter().copied());
    near.first().map(|near| unknown_keyword(builder, stop.from + start, word, near))
}

fn unknown_keyword(builder: &Builder<'_>, at: usize, word: &str, near: &str) -> Diagnostic {
    let title = format!("unknown keyword `{}`", guess::clip(word));
    let span = builder.span(at, at + word.len());
    Diagnostic::new(Code::Keyword, span, title).label("no keyword of this name here").help(format!("did you mean `{near}`?"))
}
