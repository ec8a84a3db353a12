//! Patterns of `match`: valid, portable, small enough to run, and what lengths they allow.

use regex_automata::nfa::thompson::{self, pikevm::PikeVM};
use regex_syntax::ast::{self, Ast, ErrorKind};
use regex_syntax::hir::{Hir, HirKind, translate::Translator};

use crate::ascii;
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::model::Limits;
use crate::source::Span;
use crate::syntax::tree::Name;

/// A little less than what the `regex` crate allows, so that generated code never fails to build its patterns.
const MAX_COMPILED_BYTES: usize = 8 << 20;

/// The pattern with `\/` unescaped, or the report of what is wrong with it.
pub(super) fn read(written: &Name) -> Result<String, Box<Diagnostic>> {
    let source = Source::new(written);
    let tree = ast::parse::Parser::new().parse(&source.text).map_err(|error| Box::new(source.invalid(&error)))?;
    if let Err(foreign) = ast::visit(&tree, Portable) {
        return Err(Box::new(source.foreign(&foreign)));
    }
    if let Err(error) = Translator::new().translate(&source.text, &tree) {
        let report =
            Diagnostic::new(Code::Regex, source.span(error.span()), "this pattern is not a valid regular expression");
        return Err(Box::new(report.label(error.kind().to_string()).help("write the characters themselves: `[a-z]`")));
    }
    if machine(&source.text).is_none() {
        let report = Diagnostic::new(Code::RegexDialect, written.span, "this pattern is too large to run")
            .label("repeats too much");
        return Err(Box::new(report.help("bound the length with `len`, and repeat with `*` or `+`")));
    }
    Ok(source.text)
}

/// Whether the whole text matches.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some(machine) = machine(pattern) else { return true };
    machine.is_match(&mut machine.create_cache(), text)
}

fn machine(pattern: &str) -> Option<PikeVM> {
    let config = thompson::Config::new().nfa_size_limit(Some(MAX_COMPILED_BYTES));
    PikeVM::builder().thompson(config).build(&format!("^(?:{})$", ascii::spelled_out(pattern))).ok()
}

/// A pattern without its escapes of `/`, and where each of its bytes stands in the file.
struct Source {
    text: String,
    /// Offsets from the start of the pattern in the file, one a byte and one for the end.
    offsets: Vec<u32>,
    start: Span,
}

impl Source {
    fn new(written: &Name) -> Self {
        let mut text = String::with_capacity(written.text.len());
        let mut offsets = Vec::with_capacity(written.text.len() + 1);
        let mut letters = written.text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let mut pushed = |letter: char, at: usize| {
                offsets.extend((0..letter.len_utf8()).map(|byte| (at + byte) as u32));
                text.push(letter);
            };
            match (letter, letters.peek().copied()) {
                ('\\', Some((next, '/'))) => {
                    letters.next();
                    pushed('/', next);
                }
                ('\\', Some((next, escaped))) => {
                    letters.next();
                    pushed('\\', at);
                    pushed(escaped, next);
                }
                _ => pushed(letter, at),
            }
        }
        offsets.push(written.text.len() as u32);
        Self { text, offsets, start: written.span }
    }

    fn span(&self, span: &ast::Span) -> Span {
        let at =
            |offset: usize| self.start.start + self.offsets.get(offset).or(self.offsets.last()).copied().unwrap_or(0);
        let (start, end) = (at(span.start.offset), at(span.end.offset));
        Span { file: self.start.file, start, end: end.max(start) }
    }

    fn invalid(&self, error: &ast::Error) -> Diagnostic {
        let span = self.span(error.span());
        let foreign = |what: &str, help: &str| {
            Diagnostic::new(Code::RegexDialect, span, format!("{what} is not supported in patterns"))
                .label("works in some languages only")
                .help(help)
        };
        let (label, help) = match error.kind() {
            ErrorKind::UnsupportedLookAround => {
                return foreign(
                    "look-around",
                    "write what the text is, not what stands around it; check the rest in a handler",
                );
            }
            ErrorKind::UnsupportedBackreference => return foreign("a backreference", "check it in a handler"),
            ErrorKind::ClassUnclosed => {
                ("this `[` is never closed".to_owned(), "close it with `]`, or write `\\[` for the character")
            }
            ErrorKind::GroupUnclosed => {
                ("this `(` is never closed".to_owned(), "close it with `)`, or write `\\(` for the character")
            }
            ErrorKind::GroupUnopened => {
                ("this `)` closes nothing".to_owned(), "open it with `(`, or write `\\)` for the character")
            }
            ErrorKind::RepetitionMissing => {
                ("nothing stands before it".to_owned(), "put what is repeated before it, or escape it with `\\`")
            }
            ErrorKind::RepetitionCountInvalid => {
                ("from more to less".to_owned(), "the smaller count comes first: `{1,9}`")
            }
            ErrorKind::ClassRangeInvalid => {
                ("from a later character to an earlier one".to_owned(), "turn it round, or escape the `-`")
            }
            ErrorKind::EscapeUnrecognized => {
                ("no such escape".to_owned(), "letters stand for themselves; `\\d`, `\\w` and `\\s` are classes")
            }
            kind => (kind.to_string(), "escape characters with a meaning of their own with `\\`"),
        };
        Diagnostic::new(Code::Regex, span, "this pattern is not a valid regular expression").label(label).help(help)
    }

    fn foreign(&self, foreign: &Foreign) -> Diagnostic {
        let title = format!(
            "{} in a pattern {} not portable",
            foreign.what,
            if matches!(foreign.what, "flags" | "named classes") { "are" } else { "is" }
        );
        Diagnostic::new(Code::RegexDialect, self.span(&foreign.span), title)
            .label("works in some languages only")
            .help(foreign.help)
    }
}

/// Something that not every target's regular expressions know.
struct Foreign {
    span: ast::Span,
    what: &'static str,
    help: &'static str,
}

struct Portable;

impl ast::Visitor for Portable {
    type Output = ();
    type Err = Foreign;

    fn finish(self) -> Result<(), Foreign> {
        Ok(())
    }

    fn visit_pre(&mut self, tree: &Ast) -> Result<(), Foreign> {
        let (span, what, help) = match tree {
            // Elsewhere the sign alone is an error, and here it is most likely one.
            Ast::Literal(literal) if literal.kind == ast::LiteralKind::Verbatim && literal.c == ']' => {
                (literal.span, "a `]` that closes nothing", "open it with `[`, or write `\\]` for the character")
            }
            Ast::Literal(literal) if literal.kind == ast::LiteralKind::Verbatim && literal.c == '}' => {
                (literal.span, "a `}` that closes nothing", "open it with `{`, or write `\\}` for the character")
            }
            Ast::Repetition(outer) if matches!(*outer.ast, Ast::Repetition(_)) => (
                outer.op.span,
                "a repetition of a repetition",
                "leave it out, or put what it repeats in a group: `(a*)+`",
            ),
            Ast::Flags(flags) => (flags.span, "flags", "write both cases: `[Aa]`"),
            Ast::Group(group) => match &group.kind {
                ast::GroupKind::NonCapturing(flags) if !flags.items.is_empty() => {
                    (group.span, "flags", "write both cases: `[Aa]`")
                }
                ast::GroupKind::CaptureName { starts_with_p: true, .. } => {
                    (group.span, "`(?P<…>)`", "a plain group is enough: `(…)`")
                }
                _ => return Ok(()),
            },
            Ast::Assertion(assertion) => match assertion.kind {
                ast::AssertionKind::StartLine
                | ast::AssertionKind::EndLine
                | ast::AssertionKind::WordBoundary
                | ast::AssertionKind::NotWordBoundary => {
                    return Ok(());
                }
                _ => (
                    assertion.span,
                    "this assertion",
                    "`match` means the whole text anyway; `^` and `$` are known everywhere",
                ),
            },
            _ => return Ok(()),
        };
        Err(Foreign { span, what, help })
    }

    fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), Foreign> {
        match item {
            ast::ClassSetItem::Ascii(class) => {
                Err(Foreign { span: class.span, what: "named classes", help: characters(class) })
            }
            ast::ClassSetItem::Bracketed(class) => Err(Foreign {
                span: class.span,
                what: "a class inside a class",
                help: "write one class, or `\\[` for the character",
            }),
            _ => Ok(()),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, operation: &ast::ClassSetBinaryOp) -> Result<(), Foreign> {
        Err(Foreign {
            span: operation.span,
            what: "an operation on classes",
            help: "write the characters that remain, or escape the sign",
        })
    }
}

/// What to write instead of a named class.
fn characters(class: &ast::ClassAscii) -> &'static str {
    use ast::ClassAsciiKind as Kind;
    match (class.negated, &class.kind) {
        (false, Kind::Alnum) => "write the characters: `0-9A-Za-z` for `[:alnum:]`",
        (false, Kind::Alpha) => "write the characters: `A-Za-z` for `[:alpha:]`",
        (false, Kind::Digit) => "write the characters: `0-9` for `[:digit:]`",
        (false, Kind::Lower) => "write the characters: `a-z` for `[:lower:]`",
        (false, Kind::Upper) => "write the characters: `A-Z` for `[:upper:]`",
        (false, Kind::Space) => "write `\\s` for `[:space:]`",
        (false, Kind::Word) => "write `\\w` for `[:word:]`",
        (false, Kind::Xdigit) => "write the characters: `0-9A-Fa-f` for `[:xdigit:]`",
        _ => "write the characters: `a-z` for `[:lower:]`",
    }
}

/// A pattern that no text of the wanted lengths matches.
pub(super) fn against_length(all: &[Limits]) -> Option<(String, String)> {
    let min = all.iter().filter_map(|limits| limits.len).map(|len| len.min).max().unwrap_or(0);
    let max = all.iter().filter_map(|limits| limits.len).filter_map(|len| len.max).min();
    for pattern in all.iter().filter_map(|limits| limits.pattern.as_deref()) {
        let Ok(hir) = regex_syntax::parse(pattern) else { continue };
        let Some((shortest, longest)) = lengths(&hir) else {
            return Some((
                "the pattern matches nothing".to_owned(),
                "write a pattern that some text matches".to_owned(),
            ));
        };
        if let Some(max) = max.filter(|&max| shortest > max) {
            return Some((
                format!("the pattern needs {shortest} characters or more"),
                format!("`len` allows only {max}: change one of them"),
            ));
        }
        if let Some(longest) = longest.filter(|&longest| longest < min) {
            return Some((
                format!("the pattern allows {longest} characters at most"),
                format!("`len` wants {min} or more: change one of them"),
            ));
        }
    }
    None
}

/// The length of the longest text that a pattern matches, if there is a longest one.
pub(crate) fn longest_match(pattern: &str) -> Option<u64> {
    lengths(&regex_syntax::parse(pattern).ok()?)?.1
}

/// The least and greatest number of characters; `None` for a pattern that matches nothing.
fn lengths(hir: &Hir) -> Option<(u64, Option<u64>)> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some((0, Some(0))),
        HirKind::Literal(literal) => {
            let characters = String::from_utf8_lossy(&literal.0).chars().count() as u64;
            Some((characters, Some(characters)))
        }
        HirKind::Class(class) => (!class.is_empty()).then_some((1, Some(1))),
        HirKind::Capture(capture) => lengths(&capture.sub),
        HirKind::Repetition(repetition) => {
            let Some((least, most)) = lengths(&repetition.sub) else {
                return (repetition.min == 0).then_some((0, Some(0)));
            };
            let most = match (most, repetition.max) {
                (Some(0), _) => Some(0),
                (Some(most), Some(times)) => Some(most.saturating_mul(u64::from(times))),
                _ => None,
            };
            Some((least.saturating_mul(u64::from(repetition.min)), most))
        }
        HirKind::Concat(parts) => parts.iter().try_fold((0, Some(0)), |(least, most): (u64, Option<u64>), part| {
            let (part_least, part_most) = lengths(part)?;
            Some((least.saturating_add(part_least), most.zip(part_most).map(|(a, b)| a.saturating_add(b))))
        }),
        HirKind::Alternation(parts) => {
            parts.iter().filter_map(lengths).reduce(|(least, most), (other_least, other_most)| {
                (least.min(other_least), most.zip(other_most).map(|(a, b)| a.max(b)))
            })
        }
    }
}
