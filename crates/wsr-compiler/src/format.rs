//! The one layout of `.wsr` files: no options, two spaces, no columns.
//!
//! What an author decided stays: comments where they are, one blank line where there were any, a payload on one line
//! or over several. The rules, each where it is enforced:
//!
//! - `trivia`: what stands between two tokens; comments and doc comments alike are never moved or joined;
//! - `layout`: tokens with what parts them, one row of them, lists in brackets;
//! - `blocks`: payloads, namespaces, flows and states;
//! - `routing`: what comes of a message;
//! - `pieces`: items that cannot be read, which stay as they are;
//! - `page`: lines, their indentation, and what fits on one.
//!
//! Tokens and their order never change, but for commas: they part what stands on one line, and nothing else does.

mod blocks;
mod layout;
mod page;
mod pieces;
mod routing;
mod trivia;

use pest::Parser as _;

use crate::code::Code;
use crate::diagnostic::Diagnostics;
use crate::source::SourceFile;
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::{brackets, parse, unreadable};

/// Longer lines are broken where they can be.
const MAX_COLUMNS: usize = 100;

/// A text that went through the formatter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The text to write.
    pub text: String,
    /// Whether it differs from what was given.
    pub changed: bool,
    /// Whether something in it could not be read, and was left as it is.
    pub broken: bool,
}

/// Lays a text out. What cannot be read stays as it is; so does the whole text when nothing can be told apart.
///
/// Lines end as most of them did. A byte order mark is dropped, the last line gets its end.
pub fn format(text: &str) -> Formatted {
    match lay_out(text).filter(is_settled) {
        Some(laid) => Formatted { changed: laid.text != text, text: laid.text, broken: laid.broken },
        None => Formatted { text: text.to_owned(), changed: false, broken: true },
    }
}

struct Laid {
    text: String,
    broken: bool,
}

fn lay_out(text: &str) -> Option<Laid> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reports = Diagnostics::default();
    drop(parse(&SourceFile::new("", text), 0, &mut reports));
    if reports.has(Code::Unreadable) {
        return None;
    }
    let prepared = brackets::prepare(text, 0, &mut Diagnostics::default())?;
    let file = Grammar::parse(Rule::file, &prepared.text).ok()?.next()?;
    let pieces = pieces::of_file(&file, text, &prepared, &reports.into_sorted());
    let broken = pieces.iter().any(pieces::Piece::is_broken);
    let laid = page::print(&layout::Layout::new(text, &prepared).file(pieces), newline_of(text));
    let sound = same_tokens(text, &laid) && unreadable(&SourceFile::new("", laid.as_str()), 0).is_none();
    sound.then_some(Laid { text: laid, broken })
}

/// What is broken is guessed at. A layout that makes the guess come out otherwise is worth nothing.
fn is_settled(laid: &Laid) -> bool {
    !laid.broken || lay_out(&laid.text).is_some_and(|again| again.text == laid.text)
}

/// Whether nothing got lost: a formatter that eats code is worse than none.
fn same_tokens(before: &str, after: &str) -> bool {
    let tokens = |text| str::chars(text).filter(|&letter| !letter.is_whitespace() && letter != ',');
    tokens(before).eq(tokens(after))
}

/// How most lines end.
fn newline_of(text: &str) -> &'static str {
    let lines = text.bytes().filter(|&byte| byte == b'\n').count();
    if text.matches("\r\n").count() * 2 > lines { "\r\n" } else { "\n" }
}
