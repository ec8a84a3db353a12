//! One report for one stretch that could not be read: what was expected where.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

use super::advice;
use super::siblings::Wanted;
use super::wording::{self, Found};
use super::{Builder, Grammar, Rule, repair};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Edit, Help};
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
pub(super) struct Stop {
    pub at: usize,
    /// Start of the text that was read.
    pub from: usize,
    pub rules: Vec<Rule>,
}

/// The report of a broken stretch, with the edit that mends it, if there is one.
pub(super) fn report(builder: &mut Builder<'_>, broken: &Broken) -> Diagnostic {
    let prepared = builder.prepared;
    let text = &prepared.text;
    let mut stop = furthest(text, broken);
    stop.at = before_comments(text, stop.from, stop.at);
    let found = wording::token(text, stop.at);
    if stop.from < broken.start {
        // The sibling goes on into the stretch: its last word may be no name at all.
        builder.ghosts(last_word(&text[stop.from..stop.at]));
        builder.ghosts(last_word(&text[stop.from..broken.start]));
    }
    if let Some(report) = line_before(builder, broken) {
        return report;
    }
    if let Some(report) = repair::forgotten_keyword(builder, broken, &stop) {
        return report;
    }
    if let Some(report) = repair::modifier(builder, broken, &stop).or_else(|| roles_forgotten(builder, broken, &stop)) {
        return report;
    }
    if let Some(report) = misspelt_keyword(builder, broken, &stop, &found) {
        return report;
    }
    if let Some(report) = never_closed(builder, &stop, &found) {
        return repair::closed(builder, broken, &stop, report);
    }
    if let Some(report) = foreign_letters(builder, &stop) {
        return report;
    }
    let span = builder.span(stop.at, stop.at + found.len);
    let around = advice::Around { before: &text[stop.from..stop.at], behind: &text[stop.at..] };
    if stop.rules.is_empty() {
        let help = advice::help(&stop.rules, broken.wanted, &found, &around);
        let report = Diagnostic::new(Code::Syntax, span, format!("unexpected {}", found.text));
        return repair::with_fix(builder, broken, &stop, report.label("not expected here").help(help));
    }
    let expected = wording::expected(&stop.rules, broken.wanted, &found);
    let title = format!("expected {}, found {}", expected, found.text);
    let single = !expected.contains(", ") && !expected.contains(" or ") && !stop.rules.contains(&Rule::EOI);
    let label = if single { format!("{expected} is missing here") } else { "not expected here".to_owned() };
    let help = match stop.rules.contains(&Rule::open_brace) || stop.rules.contains(&Rule::payload) {
        true if broken.wanted == Wanted::Item && is_field(text, stop.at) => {
            "fields stand in braces: put a `{` before the first one".to_owned()
        }
        _ => advice::help(&stop.rules, broken.wanted, &found, &around),
    };
    let report = Diagnostic::new(Code::Syntax, span, title).label(label).help(help);
    repair::with_fix(builder, broken, &stop, report)
}

/// Reads the stretch alone, and behind its sibling; keeps what got further.
fn furthest(text: &str, broken: &Broken) -> Stop {
    let alone = read(text, broken.start, broken.end, broken.wanted);
    let Some(previous) = broken.previous else { return alone };
    let behind = read(text, previous, broken.end, broken.wanted);
    let newline_between = text[previous..broken.start].trim_end_matches([' ', '\t']).ends_with('\n');
    let further_in = indent_of(text, broken.start) > indent_of(text, previous);
    let joins = !newline_between || broken.wanted == Wanted::Item && further_in;
    let goes_on = behind.at > broken.start || behind.at == broken.start && joins;
    if goes_on { behind } else { alone }
}

/// The column of the first code on a line.
pub(super) fn indent_of(text: &str, at: usize) -> usize {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[line_start..];
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// A line that ends in `:` or `=` took the name on the next line for its type or value.
fn line_before(builder: &mut Builder<'_>, broken: &Broken) -> Option<Diagnostic> {
    let prepared = builder.prepared;
    let text = &prepared.text;
    let previous = broken.previous.filter(|_| text[broken.start..].starts_with(':'))?;
    let read = text[previous..code_end(text, previous, broken.start)].trim_end_matches('?');
    let name = last_word(read);
    let gap = &read[..read.len() - name.len()];
    let sign = &text[previous..code_end(text, previous, previous + gap.len())];
    if name.is_empty() || !gap[sign.len()..].contains('\n') {
        return None;
    }
    let (expected, help) = match sign.chars().next_back()? {
        ':' => ("a type", "a field is written `name: type`, for example `room: RoomId`"),
        '=' => ("a value", "a default is a literal or a variant: `= true`, `= 1.5`, `= \"text\"`, `= []`, `= normal`"),
        _ => return None,
    };
    builder.ghosts(name);
    // A blank behind the sign belongs to what was written.
    let blanks = gap[sign.len()..].len() - gap[sign.len()..].trim_start_matches([' ', '\t']).len();
    let at = previous + sign.len() + blanks;
    let report =
        Diagnostic::new(Code::Syntax, builder.span(at, at), format!("expected {expected}, found the end of the line"));
    Some(report.label(format!("{expected} is missing here")).help(help))
}

/// Whether `name:` or `name?:` stands there.
fn is_field(text: &str, at: usize) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let rest = text[at..].trim_start_matches(word);
    let behind = rest.trim_start_matches([' ', '?']);
    rest.len() < text.len() - at && behind.starts_with(':') && !behind.starts_with("::")
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

/// A quote or slash that opens a text or pattern without end.
fn never_closed(builder: &Builder<'_>, stop: &Stop, found: &Found) -> Option<Diagnostic> {
    let (what, help) = match found.text.as_str() {
        "`\"`" => ("text", "close it with `\"` on the same line"),
        "`/`" | "`//`" if stop.rules.contains(&Rule::regex) => {
            ("pattern", "close it with `/` on the same line; a `/` in it is written `\\/`")
        }
        _ => return None,
    };
    let span = builder.span(stop.at, stop.at + found.len.max(1));
    Some(Diagnostic::new(Code::Syntax, span, format!("this {what} is never closed")).label("opened here").help(help))
}

/// A name with letters beyond a to z, which reading left in the middle.
fn foreign_letters(builder: &Builder<'_>, stop: &Stop) -> Option<Diagnostic> {
    let text = &builder.prepared.text;
    let next = text[stop.at..].chars().next().filter(|letter| letter.is_alphanumeric() && !letter.is_ascii())?;
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let start = text[..stop.at]
        .rfind(|letter| !word(letter))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[stop.at..].find(|letter| !word(letter)).map_or(text.len(), |length| stop.at + length);
    let name = guess::clip(&text[start..end]);
    let report = Diagnostic::new(Code::Syntax, builder.span(start, end), format!("expected a name, found `{name}`"));
    Some(
        report
            .label(format!("`{next}` is no letter of a name"))
            .help("names are made of the letters a to z, digits and `_`"),
    )
}

/// A stop at the end of a line is one behind its code, not behind the comments below.
fn before_comments(text: &str, from: usize, at: usize) -> usize {
    let rest = text[at..].trim_start_matches([' ', '\t', '\r']);
    if !(rest.is_empty() || rest.starts_with('\n')) {
        return at;
    }
    let code = code_end(text, from, at);
    // A blank behind the code belongs to what was written.
    if text[code..at].trim_matches([' ', '\t']).is_empty() { at } else { code }
}

/// The end of the last code before a place, without blanks and comments.
pub(super) fn code_end(text: &str, from: usize, at: usize) -> usize {
    let mut end = at;
    while end > from {
        let line_start = text[..end].rfind('\n').map_or(0, |newline| newline + 1).max(from);
        let line = &text[line_start..end];
        let code = line.find("//").map_or(line, |comment| &line[..comment]).trim_end();
        if !code.is_empty() {
            return line_start + code.len();
        }
        end = line_start.saturating_sub(1);
    }
    from
}

fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.rfind(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).map_or(0, |at| at + 1);
    &text[start..]
}

/// A line of names and commas alone: the roles, without the word.
fn roles_forgotten(builder: &mut Builder<'_>, broken: &Broken, stop: &Stop) -> Option<Diagnostic> {
    let line = builder.prepared.text[stop.at..broken.end].lines().next().unwrap_or("").trim_end();
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !wording::is_item_word(name)
    };
    let listed = line.strip_suffix(',').unwrap_or(line);
    let names: Vec<&str> = listed.split(',').map(str::trim).collect();
    let begins_line = builder.prepared.text[..stop.at].trim_end_matches([' ', '\t']).ends_with('\n');
    if broken.wanted != Wanted::Item
        || !begins_line
        || code_end(&builder.prepared.text, broken.start, stop.at) != broken.start
        || !line.contains(',')
        || !names.iter().all(|name| is_name(name))
    {
        return None;
    }
    builder.tree.broken_kinds.insert("roles");
    let title = format!("expected an item, found `{}`", guess::clip(names[0]));
    let report = Diagnostic::new(Code::Syntax, builder.span(stop.at, stop.at + names[0].len()), title);
    let help = format!("put `roles` before the names of roles: `roles {}`", guess::clip(line));
    let start = builder.span(stop.at, stop.at);
    Some(
        report
            .label("an item is missing here")
            .help(help)
            .fix_with("write `roles`", vec![Edit { span: start, text: "roles ".to_owned() }]),
    )
}

/// A word near a keyword that would have been legal, here or right before here.
fn misspelt_keyword(builder: &Builder<'_>, broken: &Broken, stop: &Stop, found: &Found) -> Option<Diagnostic> {
    let text = &builder.prepared.text;
    if let Some(word) = found.word.as_deref() {
        let legal = wording::keywords(&stop.rules, broken.wanted);
        let near = guess::nearest(word, legal.iter().copied());
        let longer = || legal.iter().copied().find(|legal| legal.len() >= 3 && word.starts_with(legal));
        if let Some(near) = near.first().copied().or_else(|| wording::foreign_keyword(word, &legal)).or_else(longer) {
            return Some(unknown_keyword(builder, stop.at, word, near));
        }
    }
    let before = text[stop.from..stop.at].trim_end_matches([' ', '\t']);
    let start = before.rfind(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).map_or(0, |at| at + 1);
    let word = &before[start..];
    let lead = before[..start].trim_end();
    let legal: &[&str] = match broken.wanted {
        Wanted::Item if lead.ends_with("->") => &["silent", "reply", "stream", "pass", "join", "leave", "relay"],
        Wanted::Item if lead.ends_with("=>") => &["relay"],
        Wanted::Item if found.word.as_deref() == Some("to") && lead.ends_with([',', 'n']) => &["relay"],
        Wanted::Step if lead.is_empty() => &["after"],
        _ => return None,
    };
    let declared = ["event", "message"].iter().any(|kind| declares(text, kind, word));
    let near = guess::nearest(word, legal.iter().copied());
    near.first().filter(|_| !declared).map(|near| unknown_keyword(builder, stop.from + start, word, near))
}

/// Whether `event name` stands somewhere in the file.
fn declares(text: &str, kind: &str, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
    text.split(&format!("{kind} {name}")).skip(1).any(ends)
}

fn unknown_keyword(builder: &Builder<'_>, at: usize, word: &str, near: &str) -> Diagnostic {
    let title = format!("unknown keyword `{}`", guess::clip(word));
    let span = builder.span(at, at + word.len());
    Diagnostic::new(Code::Keyword, span, title).label("no keyword of this name here").help(Help::did_you_mean(near))
}
