//! Edits that make a broken stretch readable: each candidate is tried, and only one that reads is offered.

use pest::Parser as _;

use super::expected::{Broken, Stop, code_end};
use super::siblings::Wanted;
use super::{Builder, Grammar, Rule};
use crate::diagnostic::{Diagnostic, Edit};

/// Longer stretches are not tried: each candidate reads one again.
const MAX_PIECE_BYTES: usize = 2 << 10;
/// Broken stretches behind this many in one file are only reported.
const MAX_REPAIRED: usize = 50;

/// An edit in offsets of the prepared text, and what it does.
struct Repair {
    title: String,
    edits: Vec<(usize, usize, String)>,
}

impl Repair {
    fn one(title: impl Into<String>, start: usize, end: usize, text: impl Into<String>) -> Self {
        Self { title: title.into(), edits: vec![(start, end, text.into())] }
    }

    fn remove(start: usize, end: usize) -> Self {
        Self::one("remove it", start, end, "")
    }

    fn write(start: usize, end: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::one(format!("write `{}`", text.trim()), start, end, text)
    }
}

/// The report with the edit that mends the stretch, if one does.
pub(super) fn with_fix(builder: &Builder<'_>, broken: &Broken, stop: &Stop, report: Diagnostic) -> Diagnostic {
    if !is_worth_it(builder, broken, stop) {
        return report;
    }
    match repair(&builder.prepared.text, broken, stop) {
        Some(repair) => offered(builder, report, repair),
        None => report,
    }
}

fn is_worth_it(builder: &Builder<'_>, broken: &Broken, stop: &Stop) -> bool {
    builder.syntax_errors <= MAX_REPAIRED && broken.end - stop.from <= MAX_PIECE_BYTES
}

fn offered(builder: &Builder<'_>, report: Diagnostic, repair: Repair) -> Diagnostic {
    let edits = repair.edits.into_iter();
    let edits = edits.map(|(start, end, text)| Edit { span: builder.span(start, end), text });
    report.fix_with(repair.title, edits.collect())
}

fn repair(text: &str, broken: &Broken, stop: &Stop) -> Option<Repair> {
    if text[stop.at..].starts_with('#') && !text[stop.at..].starts_with("#[") {
        return Some(Repair::write(stop.at, stop.at + 1, "//"));
    }
    let reads = |repair: &Repair| reads(text, broken, stop, repair);
    let place = Place::new(text, stop);
    if let Some(found) = replacements(&place, broken.wanted, stop).into_iter().find(reads) {
        return Some(found);
    }
    let mut fitting = insertions(&place, broken.wanted, stop).into_iter().filter(reads);
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

/// What stands around the place where reading stopped.
struct Place<'t> {
    text: &'t str,
    at: usize,
    /// The end of the code before it.
    code: usize,
    /// The last word before it, and its start.
    word: &'t str,
    word_start: usize,
    /// The rest of the line.
    rest: &'t str,
}

impl<'t> Place<'t> {
    fn new(text: &'t str, stop: &Stop) -> Self {
        let code = code_end(text, stop.from, stop.at);
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
        let word = &text[stop.from..code];
        let word = &word[word.trim_end_matches(is_word).len()..];
        let rest = text[stop.at..].lines().next().unwrap_or("");
        Self { text, at: stop.at, code, word, word_start: code - word.len(), rest }
    }

    /// The word that stands there.
    fn found(&self) -> &'t str {
        let end = self.rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        &self.rest[..end.unwrap_or(self.rest.len())]
    }

    /// The quoted text that stands there, without its quotes.
    fn quoted(&self, open: char, close: char) -> Option<&'t str> {
        let inside = self.rest.strip_prefix(open)?;
        Some(&inside[..inside.find(close)?])
    }

    /// The end of a sign of this length with the blanks behind it.
    fn behind(&self, sign: usize) -> usize {
        let rest = self.rest.get(sign..).unwrap_or("");
        self.at + sign + rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    /// The start of the blanks in front.
    fn gap(&self) -> usize {
        self.text[..self.at].trim_end_matches([' ', '\t']).len()
    }
}

/// What may stand in place of what was found.
fn replacements(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Vec<Repair> {
    let has = |rule: Rule| stop.rules.contains(&rule);
    let (at, rest) = (place.at, place.rest);
    let mut all = Vec::new();
    let first = rest.chars().next().unwrap_or('\n');
    match first {
        ';' | '!' => all.push(Repair::remove(at, at + 1)),
        '→' => all.push(Repair::write(at, at + first.len_utf8(), "->")),
        '⇒' => all.push(Repair::write(at, at + first.len_utf8(), "=>")),
        '=' if rest.starts_with("=>") && has(Rule::arrow) => all.push(Repair::write(at, at + 2, "->")),
        '-' if rest.starts_with("->") && has(Rule::fat_arrow) => all.push(Repair::write(at, at + 2, "=>")),
        '=' | ':' if matches!(place.word, "len" | "reply") => {
            all.push(Repair::one("remove it", place.gap(), place.behind(1), " "));
        }
        '=' if place.text[stop.from..].starts_with("enum") => all.extend(alternatives(place)),
        '=' if has(Rule::colon) => all.push(Repair::write(place.gap(), at + 1, ":")),
        ':' if has(Rule::equals) => all.push(Repair::write(place.gap(), at + 1, " =")),
        ',' if has(Rule::arrow) && wanted == Wanted::Item => all.push(Repair::write(place.gap(), at + 1, " ->")),
        '/' if has(Rule::kw_per) => all.push(Repair::write(place.gap(), place.behind(1), " per ")),
        '"' => all.extend(place.quoted('"', '"').into_iter().flat_map(|inside| unquoted(place, stop, inside))),
        '\'' => all.extend(place.quoted('\'', '\'').map(|inside| quoted(at, inside, 1, 1))),
        '\u{2018}'..='\u{201f}' => {
            let close = rest.chars().skip(1).find(|letter| ('\u{2018}'..='\u{201f}').contains(letter));
            let inside = close.and_then(|close| place.quoted(first, close).map(|inside| (inside, close.len_utf8())));
            all.extend(inside.map(|(inside, close)| quoted(at, inside, first.len_utf8(), close)));
        }
        '.' | '/' | ':' | '=' if has(Rule::kw_then) || wanted == Wanted::Step || has(Rule::range_op) => {
            all.extend(joints(place, wanted, stop));
        }
        '/' => all.push(Repair::remove(at, at + 1)),
        '<' => all.extend(angles(place)),
        '[' => all.extend(brackets(place)),
        '(' if place.text[..at].ends_with('?') => all.extend(place.quoted('(', ')').map(|inside| {
            let end = at + inside.len() + 2;
            Repair {
                title: "put the `?` last".to_owned(),
                edits: vec![(at - 1, at, String::new()), (end, end, "?".to_owned())],
            }
        })),
        '{' if has(Rule::EOI) => all.push(Repair::write(at, at, "/")),
        '0'..='9' if place.text[stop.from..].starts_with('@') => {
            let arguments = place.rest.trim_end();
            all.push(Repair::write(place.gap(), at + arguments.len(), format!("({arguments})")));
        }
        '0'..='9' => all.extend(whole_time(place)),
        _ => all.extend(words(place, stop)),
    }
    if stop.rules.is_empty() || rest.trim().is_empty() && place.text[..place.code].ends_with('/') {
        all.push(Repair::remove(place.code.saturating_sub(1), place.code));
    }
    if has(Rule::open_paren) && place.text[stop.from..].starts_with("handler ") {
        all.push(Repair::write(place.code, place.code, "(any)"));
    }
    all
}

/// A text that needs no quotes, or others.
fn unquoted(place: &Place<'_>, stop: &Stop, inside: &str) -> Option<Repair> {
    let (at, end) = (place.at, place.at + inside.len() + 2);
    if stop.rules.contains(&Rule::regex) {
        let pattern = inside.replace("\\\\", "\\").replace('/', "\\/");
        return Some(Repair::write(at, end, format!("/{pattern}/")));
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '/' | '{' | '}');
    (!inside.is_empty() && inside.chars().all(plain)).then(|| Repair::one("remove the quotes", at, end, inside))
}

fn quoted(at: usize, inside: &str, open: usize, close: usize) -> Repair {
    Repair::write(at, at + open + inside.len() + close, format!("\"{}\"", inside.replace('"', "\\\"")))
}

/// `= low | high`
fn alternatives(place: &Place<'_>) -> Option<Repair> {
    let written = place.rest.split("//").next().unwrap_or("").trim_end();
    let names: Vec<&str> =
        written.strip_prefix('=')?.split('|').map(str::trim).filter(|name| !name.is_empty()).collect();
    Some(Repair::write(place.at, place.at + written.len(), format!("{{ {} }}", names.join(", "))))
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

/// The sign between the parts of a name, or between the ends of a range.
fn joints(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Option<Repair> {
    let end = place.at + place.rest.find(|letter| !matches!(letter, '.' | '/' | ':' | '=')).unwrap_or(place.rest.len());
    let sign = match wanted {
        Wanted::Step => "/",
        _ if stop.rules.contains(&Rule::range_op) => "..=",
        _ => "::",
    };
    Some(Repair::write(place.at, end, sign))
}

/// `Vec<T>`, `HashMap<K, V>`.
fn angles(place: &Place<'_>) -> Option<Repair> {
    let inside = place.rest.strip_prefix('<')?;
    let mut depth = 1;
    let close = inside.char_indices().find_map(|(at, letter)| {
        depth += i32::from(letter == '<') - i32::from(letter == '>');
        (depth == 0).then_some(at)
    })?;
    let end = place.at + 1 + close + 1;
    let inside = inside[..close].trim();
    let written = match place.word.rsplit(':').next().unwrap_or("").to_ascii_lowercase().as_str() {
        "vec" | "list" | "array" | "set" | "hashset" | "sequence" | "seq" => format!("[{inside}]"),
        "hashmap" | "btreemap" | "record" | "dict" | "dictionary" | "map" => format!("map<{inside}>"),
        _ => return None,
    };
    Some(Repair::write(place.word_start, end, written))
}

/// `T[]`, `map[K]V`, `map[K, V]`.
fn brackets(place: &Place<'_>) -> Option<Repair> {
    let inside = place.quoted('[', ']')?.trim();
    let behind = &place.rest[place.rest.find(']')? + 1..];
    if place.word == "map" {
        let value =
            behind.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(behind.len());
        let end = place.at + (place.rest.len() - behind.len()) + value;
        let pair = if value == 0 { inside.to_owned() } else { format!("{inside}, {}", &behind[..value]) };
        return Some(Repair::write(place.word_start, end, format!("map<{pair}>")));
    }
    let end = place.at + place.rest.len() - behind.len();
    (inside.is_empty() && !place.word.is_empty())
        .then(|| Repair::write(place.word_start, end, format!("[{}]", place.word)))
}

/// `1.5s` as `1500ms`.
fn whole_time(place: &Place<'_>) -> Option<Repair> {
    let number = place.rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))?;
    let unit = &place.rest[number..];
    let unit = &unit[..unit.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(unit.len())];
    let factor = match unit {
        "s" => 1000.0,
        "m" => 60_000.0,
        "h" => 3_600_000.0,
        _ => return None,
    };
    let milliseconds = place.rest[..number].parse::<f64>().ok()? * factor;
    let whole = milliseconds.fract() == 0.0 && milliseconds < 1e15;
    whole.then(|| Repair::write(place.at, place.at + number + unit.len(), format!("{milliseconds}ms")))
}

/// Words that lack a sign around or in front of them, or have one too many.
fn words(place: &Place<'_>, stop: &Stop) -> Vec<Repair> {
    let has = |rule: Rule| stop.rules.contains(&rule);
    let (at, found) = (place.at, place.found());
    if found.is_empty() {
        return Vec::new();
    }
    let end = at + found.len();
    let mut all = Vec::new();
    match (place.word, found) {
        ("join" | "leave", "topic") => all.push(Repair::remove(place.gap(), end)),
        (_, "KiB" | "MiB" | "B" | "ms" | "s" | "m" | "h" | "d") => {
            all.push(Repair::one("write number and unit together", place.gap(), at, ""));
        }
        ("mailbox", _) => all.push(Repair::write(at, end, format!("{{{found}}}"))),
        ("role", _) if has(Rule::open_paren) => all.push(Repair::write(place.gap(), end, format!("({found})"))),
        ("if", _) => all.push(Repair::write(at, end, format!("role({found})"))),
        (_, "then" | "goto" | "to") if has(Rule::arrow) && !has(Rule::kw_to) => all.push(Repair::write(at, end, "->")),
        (_, "reply" | "silent" | "relay" | "join" | "leave") if has(Rule::arrow) => {
            all.push(Repair::write(at, at, "-> "));
        }
        _ if has(Rule::arrow) && place.rest[found.len()..].starts_with(" to ") => {
            all.push(Repair::write(at, at, "-> "));
        }
        _ => {}
    }
    all
}

/// Signs and words whose absence stopped reading.
fn insertions(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Vec<Repair> {
    let behind = |text: &str| Repair::write(place.code, place.code, text);
    let before = |text: &str| Repair::write(place.at, place.at, text);
    let known = stop.rules.iter().filter_map(|rule| {
        Some(match rule {
            Rule::colon => behind(":"),
            Rule::comma if wanted != Wanted::Step => behind(","),
            Rule::close_paren => behind(")"),
            Rule::close_bracket => behind("]"),
            Rule::greater => behind(">"),
            Rule::equals => before("= "),
            Rule::kw_to => before("to "),
            Rule::kw_per => before("per "),
            _ => return None,
        })
    });
    known.collect()
}
