//! Signs and words that may be missing, doubled or of another language.

use super::place::Place;
use super::{Repair, habits};
use crate::syntax::Rule;
use crate::syntax::expected::Stop;
use crate::syntax::siblings::Wanted;

/// What may stand in place of what was found.
pub(super) fn replacements(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Vec<Repair> {
    let has = |rule: Rule| stop.rules.contains(&rule);
    let (at, rest) = (place.at, place.rest);
    let mut all = Vec::new();
    let first = rest.chars().next().unwrap_or('\n');
    match first {
        ';' => all.push(Repair::remove(at, at + 1)),
        '→' => all.push(Repair::write(at, at + first.len_utf8(), "->")),
        '⇒' => all.push(Repair::write(at, at + first.len_utf8(), "=>")),
        '=' if rest.starts_with("=>") && has(Rule::arrow) => all.push(Repair::write(at, at + 2, "->")),
        '-' if rest.starts_with("->") && has(Rule::fat_arrow) => all.push(Repair::write(at, at + 2, "=>")),
        '=' | ':' if matches!(place.word, "len" | "reply") => {
            all.push(Repair::one("remove it", place.gap(), place.behind(1), " "));
        }
        '=' if place.line().starts_with("enum") => all.extend(alternatives(place)),
        '=' if has(Rule::colon) && habits::is_type_name(&rest[1..]) => {
            all.push(Repair::write(place.gap(), at + 1, ":"))
        }
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
        '.' | '/' | ':' | '=' | '-' if has(Rule::kw_then) || wanted == Wanted::Step || has(Rule::range_op) => {
            all.extend(joints(place, wanted, stop));
        }
        '/' => all.push(Repair::remove(at, at + 1)),
        '<' => all.extend(angles(place)),
        '[' => all.extend(brackets(place)),
        '(' if place.text[..at].ends_with('?') => all.extend(place.quoted('(', ')').map(|inside| {
            let end = at + inside.len() + 2;
            Repair::one("put the `?` last", at - 1, at, "").and(end, end, "?")
        })),
        '{' if has(Rule::EOI) => all.push(Repair::write(at, at, "/")),
        '0'..='9' if place.before().starts_with('@') && !place.before().contains('(') => {
            let arguments = place.rest.trim_end();
            all.push(Repair::write(place.gap(), at + arguments.len(), format!("({arguments})")));
        }
        '0'..='9' => all.extend(whole_time(place)),
        _ => all.extend(words(place, wanted, stop)),
    }
    if stop.rules.is_empty() || rest.trim().is_empty() && place.text[..place.code].ends_with('/') {
        all.push(Repair::remove(place.code.saturating_sub(1), place.code));
    }
    if has(Rule::open_paren) && place.line().starts_with("handler ") {
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

/// The sign between the parts of a name, or between the ends of a range.
fn joints(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Option<Repair> {
    let end =
        place.at + place.rest.find(|letter| !matches!(letter, '.' | '/' | ':' | '=' | '-')).unwrap_or(place.rest.len());
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
    // `string(len 1..=3)[]`: the type begins behind the last colon.
    let line = place.text[..place.at].rfind('\n').map_or(0, |newline| newline + 1);
    let colon = place.text[line..place.at].rfind(": ").map(|colon| line + colon + 2);
    let start = if place.word.is_empty() { colon? } else { place.word_start };
    let written = format!("[{}]", &place.text[start..place.at]);
    inside.is_empty().then(|| Repair::write(start, end, written).help("a list is written `[T]`"))
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
fn words(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Vec<Repair> {
    let has = |rule: Rule| stop.rules.contains(&rule);
    let (at, found) = (place.at, place.found());
    if found.is_empty() {
        return Vec::new();
    }
    let end = at + found.len();
    let mut all = Vec::new();
    match (place.word, found) {
        ("join" | "leave", "topic") => all.push(Repair::remove(place.gap(), end)),
        (number, "KiB" | "MiB" | "B" | "ms" | "s" | "m" | "h" | "d")
            if number.ends_with(|last: char| last.is_ascii_digit()) =>
        {
            all.push(Repair::one("write number and unit together", place.gap(), at, ""));
        }
        ("mailbox", _) => all.push(Repair::write(at, end, format!("{{{found}}}"))),
        ("role", _) if has(Rule::open_paren) => all.push(Repair::write(place.gap(), end, format!("({found})"))),
        ("if", _) => all.push(Repair::write(at, end, format!("role({found})"))),
        (_, "to") if has(Rule::range_op) => all.push(Repair::write(place.gap(), place.behind(2), "..=")),
        (_, "then" | "goto" | "to") if wanted == Wanted::Step && has(Rule::arrow) => {
            all.push(Repair::write(at, end, "->"))
        }
        ("to", _) if has(Rule::kw_then) => all.push(Repair::write(place.word_start, place.word_start, "relay ")),
        (_, "relay") if has(Rule::kw_then) => {}
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
pub(super) fn insertions(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Vec<Repair> {
    let behind = |text: &str| Repair::write(place.code, place.code, text);
    let before = |text: &str| Repair::write(place.at, place.at, text);
    let known = stop.rules.iter().filter_map(|rule| {
        Some(match rule {
            Rule::colon => behind(":"),
            Rule::payload if habits::is_type_name(place.rest) => behind(":"),
            Rule::comma if wanted != Wanted::Step && !stop.rules.contains(&Rule::kw_then) => behind(","),
            Rule::close_paren => behind(")"),
            Rule::close_bracket => behind("]"),
            Rule::greater => behind(">"),
            Rule::equals if !place.rest.starts_with(['[', '=']) => before("= "),
            Rule::kw_to => before("to "),
            Rule::kw_per => before("per "),
            Rule::kw_or => before("or "),
            Rule::kw_in => before("in "),
            Rule::kw_any => before("any"),
            Rule::kw_then if place.is_first() => before("then "),
            Rule::kw_covers => before("covers "),
            Rule::kw_extends | Rule::extends => before("extends "),
            Rule::kw_if | Rule::guard => before("if "),
            Rule::kw_after | Rule::timeout => before("after "),
            Rule::kw_match | Rule::pattern | Rule::limit if place.rest.starts_with('/') => before("match "),
            Rule::kw_topic | Rule::to_topic => before("topic "),
            Rule::kw_role | Rule::to_role if place.rest.starts_with('(') => before("role"),
            Rule::ty if place.rest.starts_with('<') => before("map"),
            Rule::target => return target(place),
            _ => return None,
        })
    });
    let mut known: Vec<Repair> = known.collect();
    known.dedup_by(|one, other| one.edits == other.edits);
    known
}

/// The word that a target lacks.
fn target(place: &Place<'_>) -> Option<Repair> {
    let word = match place.rest.chars().next()? {
        '{' => "mailbox ",
        '(' => "role",
        'i' if place.found() == "in" => "others ",
        _ if place.rest[place.found().len()..].starts_with('/') => "topic ",
        _ => return None,
    };
    Some(Repair::write(place.at, place.at, word))
}
