//! Text to tree: the grammar, recovery from syntax errors, and their reports.
//!
//! [`parse`] never fails: what cannot be read is reported and left out. Only the modules below, and those of
//! [`mod@crate::format`], say "pest".

mod advice;
pub(crate) mod brackets;
mod expected;
pub(crate) mod grammar;
mod items;
mod leaves;
mod number;
mod repair;
mod routing;
mod scan;
mod siblings;
pub mod tree;
mod types;
mod wording;

use std::collections::HashSet;

use pest::Parser as _;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Help};
use crate::source::{FileId, SourceFile, Span};
use grammar::{Grammar, Rule};

/// The words that begin items.
pub(crate) const ITEM_KEYWORDS: [&str; 15] = [
    "protocol",
    "import",
    "identity",
    "roles",
    "namespace",
    "type",
    "struct",
    "enum",
    "error",
    "topic",
    "handler",
    "event",
    "message",
    "ask",
    "flow",
];

pub(crate) type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// Larger files are refused.
const MAX_FILE_BYTES: usize = 8 << 20;
/// Longer lines are refused: nobody wrote them by hand, and every look at the rest of a line would cost.
const MAX_LINE_BYTES: usize = 16 << 10;

/// Closing braces with nothing to close that are reported in one file.
const MAX_STRAY: usize = 8;

/// The version that this compiler reads.
const VERSION: &str = "1";

/// Reads one file.
pub fn parse(source: &SourceFile, file: FileId, out: &mut Diagnostics) -> tree::File {
    let broken = tree::File { broken: true, ..tree::File::default() };
    if let Some(report) = unreadable(source, file) {
        out.push(report);
        return broken;
    }
    let Some(prepared) = brackets::prepare(source.text(), file, out) else { return broken };
    let mut builder = Builder {
        file,
        source,
        prepared: &prepared,
        out,
        tree: tree::File { broken: prepared.cut || !prepared.silenced.is_empty(), ..tree::File::default() },
        pending: Vec::new(),
        syntax_errors: 0,
        read_until: 0,
        broken_after: HashSet::new(),
        torn_lines: HashSet::new(),
    };
    match Grammar::parse(Rule::file, &prepared.text) {
        Ok(mut pairs) => {
            if let Some(pair) = pairs.next() {
                builder.file(pair);
            }
        }
        Err(error) => builder.unparsed(&error),
    }
    builder.finish()
}

/// What speaks against reading the file at all.
pub(crate) fn unreadable(source: &SourceFile, file: FileId) -> Option<Diagnostic> {
    if source.text().len() > MAX_FILE_BYTES {
        let title = format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20);
        return Some(
            Diagnostic::new(Code::Unreadable, Span { file, start: 0, end: 0 }, title)
                .help("part it into several files"),
        );
    }
    let mut start = 0;
    for line in source.text().split('\n') {
        if line.len() > MAX_LINE_BYTES {
            let span = Span { file, start: start as u32, end: start as u32 };
            let title = format!("a line of more than {} KiB", MAX_LINE_BYTES >> 10);
            return Some(
                Diagnostic::new(Code::Unreadable, span, title).label("this line").help("break it into several lines"),
            );
        }
        start += line.len() + 1;
    }
    None
}

/// Makes the tree from what pest matched.
struct Builder<'a> {
    file: FileId,
    source: &'a SourceFile,
    prepared: &'a brackets::Prepared,
    out: &'a mut Diagnostics,
    tree: tree::File,
    /// Attributes that stood on lines behind a sibling: they belong to the next one.
    pending: Vec<tree::Attribute>,
    syntax_errors: usize,
    /// Broken stretches before this offset are parts of one that has been reported.
    read_until: usize,
    /// Starts of siblings with a broken stretch right behind them, which may have been part of them.
    broken_after: HashSet<usize>,
    /// Starts of lines with a surplus `}` that something was said about.
    torn_lines: HashSet<usize>,
}

impl Builder<'_> {
    fn file(&mut self, pair: Pair<'_>) {
        let mut rest = Vec::new();
        let mut version = None;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::version => version = Some(pair),
                Rule::early_doc | Rule::EOI => {}
                _ => rest.push(pair),
            }
        }
        let skip = self.version(version, rest.first());
        self.tree.items = self.items(rest.into_iter().skip(skip));
    }

    /// Judges the version line; the number of broken items that were a try at one.
    fn version(&mut self, version: Option<Pair<'_>>, first: Option<&Pair<'_>>) -> usize {
        let help = format!("write `wsr {VERSION}` as the first line");
        if let Some(pair) = version {
            let span = self.tight(&pair);
            let written = pair.into_inner().find(|part| part.as_rule() == Rule::version_text);
            let text = written.map_or("", |part| part.as_str()).trim();
            let help = Help::instead(help, format!("wsr {VERSION}"));
            if text != VERSION {
                let title = match text {
                    "" => "which version of the language?".to_owned(),
                    text => format!("unknown version `{}` of the language", crate::guess::clip(text)),
                };
                self.out.push(
                    Diagnostic::new(Code::Version, span, title).label("this compiler reads version 1").help(help),
                );
            }
            return 0;
        }
        let attempt = first.filter(|pair| pair.as_rule() == Rule::bad_item && looks_like_version(pair.as_str()));
        let span = match attempt {
            Some(pair) => self.first_line(pair),
            None => Span { file: self.file, start: 0, end: 0 },
        };
        let end = if attempt.is_some() { "" } else { "\n\n" };
        let help = Help::instead(help, format!("wsr {VERSION}{end}"));
        self.out.push(
            Diagnostic::new(Code::Version, span, "the version line is missing").label("expected `wsr 1`").help(help),
        );
        usize::from(attempt.is_some_and(|pair| pair.as_str().trim().lines().count() == 1))
    }

    /// Reports of things that only the whole file shows, then the tree.
    fn finish(mut self) -> tree::File {
        if self.syntax_errors == 0 {
            for &at in self.prepared.stray.iter().take(MAX_STRAY) {
                let span = Span { file: self.file, start: at as u32, end: at as u32 + 1 };
                self.out.push(
                    Diagnostic::new(Code::Syntax, span, "unexpected `}`")
                        .label("closes nothing")
                        .help("remove it, or look above for a `{` that is missing"),
                );
            }
        }
        let unbalanced = !self.prepared.stray.is_empty() || !self.prepared.silenced.is_empty();
        self.tree.torn = unbalanced || self.tree.broken_kinds.contains("namespace");
        if self.tree.torn {
            // Any name may be declared in a namespace that ended early.
            let prepared = self.prepared;
            let mut words = prepared
                .text
                .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .filter(|word| !word.is_empty());
            while let Some(word) = words.next() {
                if wording::is_item_word(word)
                    && let Some(name) = words.next()
                {
                    self.ghosts(name);
                }
            }
        }
        self.tree.broken |= self.syntax_errors > 0 || !self.prepared.stray.is_empty();
        self.tree
    }

    /// The whole file failed, which recovery should have prevented: one report at the furthest place.
    fn unparsed(&mut self, error: &pest::error::Error<Rule>) {
        let at = match error.location {
            pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
        };
        self.syntax_errors += 1;
        let found = wording::token(&self.prepared.text, at);
        let span = self.span(at, at + found.len);
        self.out.push(
            Diagnostic::new(Code::Syntax, span, format!("unexpected {}", found.text))
                .label("not expected here")
                .help("look for a bracket or a quote that is not closed above"),
        );
    }

    /// A span of the author's text.
    fn span(&self, start: usize, end: usize) -> Span {
        let last = self.source.text().len();
        let start = self.prepared.original(start).min(last);
        let end = self.prepared.original(end).clamp(start, last);
        Span { file: self.file, start: start as u32, end: end as u32 }
    }

    /// Where a pair stands, without the blanks and comments that pest lets it take behind its last part.
    fn tight(&self, pair: &Pair<'_>) -> Span {
        self.span(pair.as_span().start(), tight_end(pair))
    }

    fn first_line(&self, pair: &Pair<'_>) -> Span {
        let start = pair.as_span().start();
        let length = pair.as_str().lines().next().map_or(0, |line| line.trim_end().len());
        self.span(start, start + length)
    }

    fn name(&self, pair: &Pair<'_>) -> tree::Name {
        tree::Name { text: pair.as_str().to_owned(), span: self.tight(pair) }
    }
}

/// The end of the last leaf in a pair.
fn tight_end(pair: &Pair<'_>) -> usize {
    let mut last = pair.clone();
    while let Some(inner) = last.clone().into_inner().next_back() {
        last = inner;
    }
    last.as_span().start() + last.as_str().trim_end().len()
}

/// `WSR 1`, `version 1`, `syntax = 1`: a line that tries to be the version line.
fn looks_like_version(text: &str) -> bool {
    let line = text.lines().next().unwrap_or("");
    if line.trim() == VERSION {
        return true;
    }
    let word: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
    let rest = &line[word.len()..];
    let near =
        ["wsr", "version", "syntax", "wsr1"].iter().any(|wanted| wanted.eq_ignore_ascii_case(&word)) || near_wsr(&word);
    near && (rest.chars().any(|letter| letter.is_ascii_digit()) || word.ends_with('1'))
}

fn near_wsr(word: &str) -> bool {
    !crate::guess::nearest(word, ["wsr"]).is_empty()
}
