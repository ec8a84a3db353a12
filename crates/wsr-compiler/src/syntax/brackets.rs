//! What is done to the text before the grammar sees it: brackets are paired, block comments blanked.
//!
//! A grammar that meets the end of the file inside a `{` blames the wrong line. Here indentation says which brace
//! was never closed: that one is reported, and its `}` is put where it seems to belong. So the grammar reads
//! balanced text only, and nesting is bounded before anything recursive runs.
//! Bytes are only ever replaced by as many others, or inserted at [`Prepared::inserted`] places; the offsets of the
//! author's own text can always be found again.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

use super::scan::{Scan, Token, scan};

/// Brackets inside brackets; deeper files are refused.
const MAX_DEPTH: usize = 64;
/// Unclosed braces reported in one file.
const MAX_UNCLOSED: usize = 8;

/// Text that the grammar may read.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// Balanced text.
    pub text: String,
    /// Offsets in `text` of the bytes that the author did not write, ascending.
    inserted: Vec<usize>,
    /// Stretches inside unclosed braces, where further syntax errors are consequences.
    pub silenced: Vec<(usize, usize)>,
    /// Closing braces with nothing to close, ascending.
    pub stray: Vec<usize>,
    /// Whether a `/*` without its end took the rest of a line away.
    pub cut: bool,
    /// Opening `(` and `[` with the place of what closes them, as offsets in `text`.
    pub pairs: Vec<(usize, usize)>,
}

impl Prepared {
    /// The author's offset of an offset in `text`.
    pub fn original(&self, offset: usize) -> usize {
        offset - self.inserted.partition_point(|&inserted| inserted < offset)
    }

    /// The first closing brace with nothing to close between these offsets of the author's text.
    pub fn stray_within(&self, start: usize, end: usize) -> Option<usize> {
        let first = self.stray.partition_point(|&stray| stray < start);
        self.stray.get(first).copied().filter(|&stray| stray < end)
    }

    /// Whether a brace between these offsets of the author's text is never closed.
    pub fn is_unclosed_within(&self, start: usize, end: usize) -> bool {
        self.silenced.iter().any(|&(open, _)| (start..end).contains(&open))
    }

    /// Whether a syntax error at this offset of the author's text follows from an unclosed brace.
    pub fn is_silenced(&self, offset: usize) -> bool {
        self.silenced.iter().any(|&(start, end)| (start..=end).contains(&offset))
    }
}

/// Pairs the brackets of a file; `None` when it is nested too deep to be read.
pub(crate) fn prepare(text: &str, file: FileId, out: &mut Diagnostics) -> Option<Prepared> {
    let scanned = scan(text);
    for &(start, end) in &scanned.block_comments {
        out.push(block_comment(text, file, start, end));
    }
    let pairs = pair(&scanned, file, out)?;
    let braces = if pairs.balanced { Braces::default() } else { match_by_indentation(text, &scanned) };
    for &(open, end) in braces.unclosed.iter().take(MAX_UNCLOSED) {
        out.push(
            Diagnostic::new(Code::Unclosed, span(file, open, open + 1), "this `{` is never closed")
                .label("nothing closes it")
                .also(span(file, end, end), words_for_end(text, open, end))
                .help("put a `}` where the block ends")
                .fix(span(file, end, end), closer(text, open, end)),
        );
    }
    Some(patch(text, &scanned, &braces, pairs.round))
}

struct Pairs {
    round: Vec<(usize, usize)>,
    balanced: bool,
}

/// Pairs all brackets, measures the depth, and finds out whether braces are balanced.
fn pair(scanned: &Scan, file: FileId, out: &mut Diagnostics) -> Option<Pairs> {
    let mut stack: Vec<(usize, u8)> = Vec::new();
    let mut pairs = Pairs { round: Vec::new(), balanced: true };
    for token in &scanned.tokens {
        match *token {
            Token::Open { at, bracket, .. } => {
                stack.push((at, bracket));
                if stack.len() > MAX_DEPTH {
                    out.push(too_deep(span(file, at, at + 1)));
                    return None;
                }
            }
            Token::Close { at, bracket, .. } => {
                let opener = opener_of(bracket);
                // A round bracket never closes what was opened outside the braces around it.
                let fence =
                    if opener == b'{' { 0 } else { stack.iter().rposition(|&(_, b)| b == b'{').map_or(0, |i| i + 1) };
                match stack.iter().rposition(|&(_, b)| b == opener).filter(|&index| index >= fence) {
                    Some(index) => {
                        if opener != b'{' && opener != b'<' {
                            pairs.round.push((stack[index].0, at));
                        }
                        stack.truncate(index);
                    }
                    None if bracket == b'}' => pairs.balanced = false,
                    None => {}
                }
            }
            Token::Item { .. } | Token::Arrow { .. } => {}
        }
    }
    pairs.balanced &= stack.iter().all(|&(_, bracket)| bracket != b'{');
    Some(pairs)
}

fn opener_of(closer: u8) -> u8 {
    match closer {
        b'}' => b'{',
        b')' => b'(',
        b']' => b'[',
        _ => b'<',
    }
}

#[derive(Default)]
struct Braces {
    /// Each unclosed `{` with the place where its `}` goes.
    unclosed: Vec<(usize, usize)>,
    stray: Vec<usize>,
}

/// Pairs braces once more, by indentation: only for files whose braces do not add up.
fn match_by_indentation(text: &str, scanned: &Scan) -> Braces {
    let mut braces = Braces::default();
    let mut stack: Vec<Opened> = Vec::new();
    let mut surplus = surplus_of_closers(scanned);
    for token in &scanned.tokens {
        match *token {
            Token::Open { at, bracket: b'{', indent, line } => stack.push(Opened { at, indent, line }),
            Token::Item { indent, anchor } if surplus == 0 => {
                while let Some(open) = stack.pop_if(|open| open.indent >= indent) {
                    braces.unclosed.push((open.at, anchor.max(open.at + 1)));
                }
            }
            Token::Arrow { anchor } if surplus == 0 => {
                while let Some(open) = stack.pop_if(|open| takes_arrows(&text[open.line..])) {
                    braces.unclosed.push((open.at, anchor.max(open.at + 1)));
                }
            }
            Token::Close { at, bracket: b'}', indent, line, first, anchor } => {
                if first && surplus == 0 {
                    close_inner(&mut stack, &mut braces, indent, anchor);
                }
                // More closers than openers: one that closes a block further out than its own line is too many.
                let reaches_out = |open: &Opened| open.indent < indent && (first || open.line < line);
                if surplus > 0 && stack.last().is_none_or(reaches_out) {
                    surplus -= 1;
                    braces.stray.push(at);
                } else if stack.pop().is_none() {
                    braces.stray.push(at);
                }
            }
            Token::Open { .. } | Token::Close { .. } | Token::Item { .. } | Token::Arrow { .. } => {}
        }
    }
    braces.unclosed.extend(stack.into_iter().rev().map(|open| (open.at, scanned.end)));
    // The code before the line of the `{`, when that line begins with `@`: no place for its `}`.
    braces.unclosed.iter_mut().for_each(|(open, place)| *place = (*place).max(*open + 1));
    for (open, end) in &mut braces.unclosed {
        let within = end_within_line(text, *open).filter(|within| within < end);
        *end = within.unwrap_or(*end);
    }
    braces
}

/// Where a block ends that began with something behind its `{`: on the same line, unless that goes on with a comma.
fn end_within_line(text: &str, open: usize) -> Option<usize> {
    let inside = open + 1;
    let line = text[inside..].lines().next().unwrap_or("");
    let code = line.split("//").next().unwrap_or("").trim_end();
    let before = &text[..open];
    let is_place = before.ends_with('/') || before.trim_end().ends_with("mailbox");
    if code.trim().is_empty() || code.ends_with(',') && !is_place {
        return None;
    }
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let has_arrows = takes_arrows(&text[line_start..]);
    let mut depth = 0_i32;
    for (at, letter) in code.char_indices() {
        depth += i32::from(matches!(letter, '(' | '[' | '{')) - i32::from(matches!(letter, ')' | ']' | '}'));
        if depth < 0 {
            return None;
        }
        let read = code[..at].trim();
        let ends = match is_place {
            true => matches!(letter, '/' | ',') || letter == ' ' && !read.is_empty() && !read.ends_with(':'),
            false => has_arrows && [" -> ", " => ", " to "].iter().any(|sign| code[at..].starts_with(sign)),
        };
        if depth == 0 && ends {
            return Some(inside + code[..at].trim_end().len());
        }
    }
    (depth == 0).then_some(inside + code.len())
}

/// An opening brace, with the indentation and start of its line.
struct Opened {
    at: usize,
    indent: usize,
    line: usize,
}

/// Whether what a line begins goes on in arrows: those never stand inside its braces.
fn takes_arrows(line: &str) -> bool {
    let code = line.trim_start();
    ["message ", "event ", "->", "=>"].iter().any(|start| code.starts_with(start))
}

/// A closer at the start of a line closes the block whose line is indented as it is; those inside were not closed.
fn close_inner(stack: &mut Vec<Opened>, braces: &mut Braces, indent: usize, anchor: usize) {
    while let [.., outer, inner] = stack.as_slice() {
        if inner.indent <= indent || outer.indent < indent {
            break;
        }
        braces.unclosed.push((inner.at, anchor.max(inner.at + 1)));
        stack.pop();
    }
}

/// How many more closing braces there are than opening ones.
fn surplus_of_closers(scanned: &Scan) -> usize {
    let count = |wanted: u8| {
        let is = |token: &&Token| matches!(**token, Token::Open { bracket, .. } | Token::Close { bracket, .. } if bracket == wanted);
        scanned.tokens.iter().filter(is).count()
    };
    count(b'}').saturating_sub(count(b'{'))
}

/// The text with blanks for what must not be read and a `}` for each one missing.
fn patch(text: &str, scanned: &Scan, braces: &Braces, pairs: Vec<(usize, usize)>) -> Prepared {
    let cut = scanned.block_comments.iter().any(|&(start, end)| !text[start..end].ends_with("*/"));
    let mut bytes = text.as_bytes().to_vec();
    let mut blank = |start: usize, end: usize| {
        let stretch = bytes.get_mut(start..end).unwrap_or_default();
        stretch.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    };
    scanned.block_comments.iter().for_each(|&(start, end)| blank(start, end));
    braces.stray.iter().for_each(|&at| blank(at, at + 1));
    let mut places: Vec<usize> = braces.unclosed.iter().map(|&(_, place)| place).collect();
    places.sort_unstable();
    let mut inserted = Vec::new();
    for (count, &place) in places.iter().enumerate() {
        // Two bytes each: a line comment may stand in front of the place.
        let at = place + 2 * count;
        bytes.splice(at..at, *b"\n}");
        inserted.extend([at, at + 1]);
    }
    let shifted = |at: usize| at + 2 * places.partition_point(|&place| place <= at);
    let pairs = pairs.into_iter().map(|(open, close)| (shifted(open), shifted(close))).collect();
    // Only whole characters were replaced, by ASCII, so the text is still UTF-8.
    let text = String::from_utf8(bytes).unwrap_or_default();
    Prepared { text, inserted, silenced: braces.unclosed.clone(), stray: braces.stray.clone(), cut, pairs }
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    Span { file, start: start as u32, end: end as u32 }
}

fn words_for_end(text: &str, open: usize, end: usize) -> &'static str {
    let over_lines = text.get(open..end).is_some_and(|block| block.contains('\n'));
    if over_lines { "by the indentation it ends here" } else { "it seems to end here" }
}

/// The `}` for a block, on a line of its own unless the block ends where it begins.
fn closer(text: &str, open: usize, end: usize) -> String {
    if text.get(open..end).is_some_and(|block| block.contains('\n')) {
        format!("\n{}}}", indentation(text, open))
    } else {
        "}".to_owned()
    }
}

/// The blanks with which the line of a place begins.
fn indentation(text: &str, at: usize) -> &str {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let code = text[line_start..].trim_start_matches([' ', '\t']);
    &text[line_start..text.len() - code.len()]
}

fn block_comment(text: &str, file: FileId, start: usize, end: usize) -> Diagnostic {
    let report = Diagnostic::new(
        Code::BlockComment,
        span(file, start, end),
        "there are no block comments, because `chat/*` is a pick",
    )
    .label("`/*` opens nothing")
    .help("begin each line with `//`");
    match as_line_comments(text, start, end) {
        Some(lines) => report.fix(span(file, start, end), lines),
        None => report,
    }
}

/// A comment line by line, unless code stands behind it.
fn as_line_comments(text: &str, start: usize, end: usize) -> Option<String> {
    let inside = text[start..end].strip_prefix("/*")?.strip_suffix("*/")?;
    let behind = text[end..].lines().next().unwrap_or("");
    if !behind.trim().is_empty() {
        return None;
    }
    let indent = indentation(text, start);
    let words = |line: &str| line.trim().trim_start_matches('*').trim().to_owned();
    let mut lines: Vec<String> = inside.lines().map(words).collect();
    while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    if lines.len() > 1 && lines.first().is_some_and(String::is_empty) {
        lines.remove(0);
    }
    let commented = lines.iter().map(|line| format!("// {line}").trim_end().to_owned());
    Some(commented.collect::<Vec<_>>().join(&format!("\n{indent}")))
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, span, format!("more than {MAX_DEPTH} brackets inside each other"))
        .label("one too many")
        .help("give the inner parts names of their own: `type`, `struct`")
}
