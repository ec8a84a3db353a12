//! Edits that make a broken stretch readable: each candidate is tried, and only one that reads is offered.

mod candidates;
mod habits;
mod place;
mod types;

use pest::Parser as _;

use super::expected::{Broken, Stop};
use super::siblings::Wanted;
use super::{Builder, Grammar, Rule};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Edit};
use place::Place;

/// Longer stretches are not tried: each candidate reads one again.
const MAX_PIECE_BYTES: usize = 2 << 10;
/// Broken stretches behind this many in one file are only reported.
const MAX_REPAIRED: usize = 50;

/// Items longer than this are not tried with other keywords.
const MAX_ITEM_BYTES: usize = 8 << 10;

/// An edit in offsets of the prepared text, and what it does.
struct Repair {
    title: String,
    /// Advice that says more than that of the report.
    help: Option<String>,
    edits: Vec<(usize, usize, String)>,
}

impl Repair {
    fn one(title: impl Into<String>, start: usize, end: usize, text: impl Into<String>) -> Self {
        Self { title: title.into(), help: None, edits: vec![(start, end, text.into())] }
    }

    fn remove(start: usize, end: usize) -> Self {
        Self::one("remove it", start, end, "")
    }

    fn write(start: usize, end: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::one(format!("write `{}`", text.trim()), start, end, text)
    }

    /// With a second edit.
    fn and(mut self, start: usize, end: usize, text: impl Into<String>) -> Self {
        self.edits.push((start, end, text.into()));
        self
    }

    /// With advice of its own.
    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// The report with the edit that mends the stretch, if one does.
pub(super) fn with_fix(builder: &Builder<'_>, broken: &Broken, stop: &Stop, report: Diagnostic) -> Diagnostic {
    if !is_worth_it(builder, broken, stop) {
        return report;
    }
    match brace(builder, broken, stop).or_else(|| repair(&builder.prepared.text, broken, stop)) {
        Some(repair) => offered(builder, report, repair),
        None => report,
    }
}

/// The report of an item or state without the word that begins it: `UserId = uuid`.
pub(super) fn forgotten_keyword(builder: &mut Builder<'_>, broken: &Broken, stop: &Stop) -> Option<Diagnostic> {
    let text = &builder.prepared.text;
    let is_worth_it = builder.syntax_errors <= MAX_REPAIRED && broken.end - broken.start <= MAX_ITEM_BYTES;
    let is_lead = |line: &str| line.trim().is_empty() || line.trim().starts_with(['@', '/']);
    if !is_worth_it || !text[broken.start..stop.at.max(broken.start)].lines().all(is_lead) {
        return None;
    }
    let place = Place::new(text, stop);
    let found = place.found();
    let behind = place.rest[found.len()..].trim_start();
    if found.is_empty()
        || behind.starts_with(char::is_alphabetic)
            && !["covers ", "extends "].iter().any(|word| behind.starts_with(word))
    {
        return None;
    }
    let what = if broken.wanted == Wanted::State { "a state" } else { "an item" };
    let words: Vec<&'static str> = keywords(broken.wanted, found)
        .iter()
        .copied()
        .filter(|word| {
            let repair = Repair::write(stop.at, stop.at, format!("{word} "));
            reads_until(text, broken.end, broken.wanted, stop, &repair)
        })
        .collect();
    if words.is_empty() || words.len() > 3 {
        return None;
    }
    let span = builder.span(stop.at, stop.at + found.len());
    let start = builder.span(stop.at, stop.at);
    words.iter().for_each(|word| _ = builder.tree.broken_kinds.insert(word));
    let named: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let named = match named.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => named.concat(),
    };
    let title = format!("expected {what}, found `{}`", crate::guess::clip(found));
    let report = Diagnostic::new(Code::Syntax, span, title).label(format!("{named} is missing here"));
    let report = report.help(format!("put {named} before it"));
    Some(match words.as_slice() {
        [word] => report.fix(start, format!("{word} ")),
        _ => report,
    })
}

/// What may begin something of this name: types begin with a capital.
fn keywords(wanted: Wanted, name: &str) -> &'static [&'static str] {
    match wanted {
        Wanted::Item if name.starts_with(|letter: char| letter.is_ascii_uppercase()) => {
            &["type", "struct", "enum", "error", "identity"]
        }
        Wanted::Item => &["message", "event", "topic", "namespace", "flow", "handler", "protocol"],
        Wanted::State => &["start", "state"],
        _ => &[],
    }
}

/// The report of a word of another language in front of an item: `export struct Room`.
pub(super) fn modifier(builder: &Builder<'_>, broken: &Broken, stop: &Stop) -> Option<Diagnostic> {
    let place = Place::new(&builder.prepared.text, stop);
    let repair = (broken.wanted == Wanted::Item).then(|| habits::item_modifier(&place))??;
    let found = place.found();
    let span = builder.span(stop.at, stop.at + found.len());
    let report = Diagnostic::new(Code::Syntax, span, format!("expected an item, found `{found}`"));
    Some(offered(builder, report.label("not expected here"), repair))
}

fn is_worth_it(builder: &Builder<'_>, broken: &Broken, stop: &Stop) -> bool {
    builder.syntax_errors <= MAX_REPAIRED && broken.end - stop.from <= MAX_PIECE_BYTES
}

fn offered(builder: &Builder<'_>, report: Diagnostic, repair: Repair) -> Diagnostic {
    let edits = repair.edits.into_iter();
    let edits = edits.map(|(start, end, text)| Edit { span: builder.span(start, end), text });
    let report = match repair.help {
        Some(help) => report.help(help),
        None => report,
    };
    report.fix_with(repair.title, edits.collect())
}

/// A `{` in front of something that a `}` on the same line closes.
fn brace(builder: &Builder<'_>, broken: &Broken, stop: &Stop) -> Option<Repair> {
    let prepared = builder.prepared;
    let line_end = stop.at + prepared.text[stop.at..].find('\n').unwrap_or(prepared.text.len() - stop.at);
    let stray = prepared.stray_within(stop.at, line_end)?;
    let place = Place::new(&prepared.text, stop);
    [place.at, place.word_start].into_iter().find_map(|at| {
        let open = if place.text[..at].ends_with(['/', ' ']) && place.text[at..].starts_with(' ') { "{" } else { "{ " };
        let repair = Repair::write(at, at, open);
        let whole = Repair::write(at, at, open).and(stray, stray + 1, "}");
        reads(&prepared.text, broken, stop, &whole).then_some(repair)
    })
}

fn repair(text: &str, broken: &Broken, stop: &Stop) -> Option<Repair> {
    if text[stop.at..].starts_with('#') && !text[stop.at..].starts_with("#[") {
        return Some(Repair::write(stop.at, stop.at + 1, "//"));
    }
    let reads = |repair: &Repair| reads(text, broken, stop, repair);
    let place = Place::new(text, stop);
    if broken.wanted == Wanted::Item && place.found() == "wsr" && place.is_first() {
        return Some(Repair::remove(stop.at, stop.at + place.rest.len()));
    }
    if broken.wanted == Wanted::Variant && place.rest.starts_with(';') {
        return Some(habits::semicolons(&place));
    }
    if let Some(found) = types::quoted_variants(&place).filter(|_| broken.wanted == Wanted::Variant) {
        return Some(found);
    }
    let habits = habits::all(&place, broken.wanted, stop).into_iter().chain(types::all(&place, stop));
    if let Some(found) = habits.chain(candidates::replacements(&place, broken.wanted, stop)).find(reads) {
        return Some(found);
    }
    let mut fitting = candidates::insertions(&place, broken.wanted, stop).into_iter().filter(reads);
    let found = fitting.next();
    found.filter(|_| fitting.next().is_none())
}

/// Whether the stretch, or it with the rest of its line, can be read as one whole after an edit.
fn reads(text: &str, broken: &Broken, stop: &Stop, repair: &Repair) -> bool {
    let line_end = text[broken.end..].find('\n').map_or(text.len(), |length| broken.end + length);
    let mut ends = [broken.end, line_end].into_iter().filter(|end| end - stop.from <= MAX_PIECE_BYTES);
    ends.any(|end| reads_until(text, end, broken.wanted, stop, repair))
}

fn reads_until(text: &str, end: usize, wanted: Wanted, stop: &Stop, repair: &Repair) -> bool {
    let mut piece = text[stop.from..end].to_owned();
    let mut edits: Vec<_> = repair.edits.iter().collect();
    edits.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
    for (start, end, new) in edits {
        let range = start.checked_sub(stop.from).zip(end.checked_sub(stop.from));
        let Some((start, end)) = range.filter(|&(_, end)| end <= piece.len()) else { return false };
        piece.replace_range(start..end, new);
    }
    // What the grammar skips over, or reads in order to refuse it, is no way out.
    let is_refused = |pair: pest::iterators::Pair<'_, Rule>| match pair.as_rule() {
        Rule::bad_item | Rule::bad_line => true,
        Rule::range => pair.as_str().trim_end().ends_with('='),
        _ => false,
    };
    Grammar::parse(wanted.rule(), &piece).is_ok_and(|pairs| !pairs.flatten().any(is_refused))
}

/// A quote or slash where the text or pattern seems to end.
pub(super) fn closed(builder: &Builder<'_>, broken: &Broken, stop: &Stop, report: Diagnostic) -> Diagnostic {
    if !is_worth_it(builder, broken, stop) {
        return report;
    }
    let text = &builder.prepared.text;
    let line = text[stop.at..].lines().next().unwrap_or("");
    let sign = &line[..line.chars().next().map_or(0, char::len_utf8)];
    let code = line.trim_end();
    let inner = code.trim_end_matches([' ', ')', ']', ',', '}', '?']);
    let places = [code.len(), inner.len()].into_iter().chain(code.rfind(')'));
    let places = places.filter(|&at| at > sign.len()).map(|at| stop.at + at);
    let mut repairs = places.map(|at| Repair::write(at, at, sign));
    match repairs.find(|repair| reads(text, broken, stop, repair)) {
        Some(repair) => offered(builder, report, repair),
        None => report,
    }
}
