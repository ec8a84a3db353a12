//! Types and limits as other languages write them.

use super::Repair;
use super::place::Place;
use crate::syntax::Rule;
use crate::syntax::expected::Stop;

/// Edits that turn a habit into a type or limit.
pub(super) fn all(place: &Place<'_>, stop: &Stop) -> Vec<Repair> {
    let found = [
        keyword(place),
        named(place),
        enum_of_texts(place),
        constant(place),
        number(place),
        date(place),
        texts_as_limit(place, stop),
        set(place),
        comparison(place, stop),
        and(place, stop),
    ];
    found.into_iter().flatten().collect()
}

/// Where the code behind a word begins.
fn behind_word(place: &Place<'_>, word: &str) -> usize {
    place.behind(word.len()) - place.at
}

/// `at: struct { x: u8 }`
fn keyword(place: &Place<'_>) -> Option<Repair> {
    let found = place.found();
    let next = behind_word(place, found);
    (matches!(found, "struct" | "type") && place.rest[next..].starts_with('{'))
        .then(|| Repair::remove(place.at, place.at + next).help("fields in place of a type stand alone: `{ x: u8 }`"))
}

/// `at: Point { x: u8 }`, `mode: enum Mode { a, b }`
fn named(place: &Place<'_>) -> Option<Repair> {
    let found = place.found();
    let next = behind_word(place, found);
    if place.word == "enum" && !found.is_empty() && place.rest[next..].starts_with('{') {
        let help = "an enum in place of a type has no name: `enum { a, b }`";
        return Some(Repair::remove(place.at, place.at + next).help(help));
    }
    let before = place.text[..place.word_start].trim_end_matches([' ', '\t']);
    (place.rest.starts_with('{') && !place.word.is_empty() && before.ends_with(':')).then(|| {
        Repair::remove(place.word_start, place.at)
            .help("fields in place of a type stand alone, without a name: `{ x: u8 }`")
    })
}

/// `mode: enum("a", "b")`, `mode: enum[a, b]`
fn enum_of_texts(place: &Place<'_>) -> Option<Repair> {
    let inside = place.quoted('(', ')').or_else(|| place.quoted('[', ']')).filter(|_| place.word == "enum")?;
    let written = variants(inside, ',')?;
    let end = place.at + inside.len() + 2;
    Some(
        Repair::write(place.at, end, format!("{{ {written} }}"))
            .help(format!("variants stand in braces: `enum {{ {written} }}`")),
    )
}

/// Names parted by a sign, perhaps in quotes, as variants.
fn variants(text: &str, sign: char) -> Option<String> {
    let name = |part: &str| {
        let name = part.trim().trim_matches(['"', '\'']).to_owned();
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        is_name.then_some(name)
    };
    text.split(sign).map(name).collect::<Option<Vec<_>>>().map(|names| names.join(", "))
}

/// `kind: const "a"`, `kind: literal 2`
fn constant(place: &Place<'_>) -> Option<Repair> {
    let is_literal = place.rest.starts_with(|first: char| matches!(first, '"' | '-' | '0'..='9'));
    (is_literal && matches!(place.word, "const" | "literal" | "constant")).then(|| {
        Repair::remove(place.word_start, place.at).help("a constant is written as what it is: `\"text\"`, `2`, `true`")
    })
}

/// `.5`, `+1`
fn number(place: &Place<'_>) -> Option<Repair> {
    let digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    if place.rest.strip_prefix('.').is_some_and(digit) {
        return Some(Repair::one("write `0.`", place.at, place.at, "0").help("a number begins with a digit: `0.5`"));
    }
    place.rest.strip_prefix('+').filter(|rest| digit(rest))?;
    Some(Repair::remove(place.at, place.at + 1).help("numbers above 0 have no sign: `1`"))
}

/// `= 2026-05-04`
fn date(place: &Place<'_>) -> Option<Repair> {
    let behind = place.text[place.word_start..].get(..10)?;
    let is_date = behind.char_indices().all(|(at, letter)| match at {
        4 | 7 => letter == '-',
        _ => letter.is_ascii_digit(),
    });
    let before = place.text[..place.word_start].trim_end();
    (is_date && before.ends_with('=')).then(|| {
        let written = format!("\"{behind}\"");
        let help = format!("dates stand in quotes: `= {written}`");
        Repair::write(place.word_start, place.word_start + 10, written).help(help)
    })
}

/// `string("a" | "b")`
fn texts_as_limit(place: &Place<'_>, stop: &Stop) -> Option<Repair> {
    let open = place.text[..place.at].trim_end().strip_suffix('(')?.trim_end();
    let name = open.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).next()?;
    let inside = &place.rest[..place.rest.find(')')?];
    let in_bars = inside.starts_with('"') && stop.rules.contains(&Rule::limit) && name == "string";
    let written = in_bars.then(|| variants(inside, if inside.contains('|') { '|' } else { ',' }))??;
    let (start, end) = (open.len() - name.len(), place.at + inside.len() + 1);
    let written = format!("enum {{ {written} }}");
    Some(Repair::write(start, end, written.clone()).help(format!("one of several texts is an `enum`: `{written}`")))
}

/// `u8(1 or 2)`, `u8(1 || 2)`, `u8(1 | 2 |)`
fn set(place: &Place<'_>) -> Option<Repair> {
    const HELP: &str = "numbers to choose from are parted by `|`: `u8(1 | 2 | 4)`";
    let before = place.text[..place.at].trim_end();
    if place.rest.starts_with(')') && before.ends_with('|') {
        return Some(Repair::remove(before[..before.len() - 1].trim_end().len(), place.at).help(HELP));
    }
    if place.rest.starts_with('|') && before.ends_with('(') {
        return Some(Repair::remove(place.at, place.behind(1)).help(HELP));
    }
    let sign = ["or ", "||", "/"].into_iter().find(|sign| place.rest.starts_with(sign))?;
    let inside = &place.rest[..place.rest.find(')')?];
    let is_number = before.ends_with(|last: char| last.is_ascii_digit());
    let written = inside.split(sign.trim()).map(str::trim).collect::<Vec<_>>().join(" | ");
    is_number.then(|| {
        let start = before.len();
        Repair::one("write `|`", start, place.at + inside.len(), format!(" {}", written.trim())).help(HELP)
    })
}

/// `f64(=>0)`, `f64(0 < 1)`
fn comparison(place: &Place<'_>, stop: &Stop) -> Option<Repair> {
    if stop.rules.contains(&Rule::limit) {
        let sign = match place.rest.get(..2)? {
            "=>" => ">=",
            "=<" => "<=",
            _ => return None,
        };
        return Some(Repair::write(place.at, place.at + 2, sign));
    }
    let two = place.rest.starts_with(['<', '>']) && stop.rules.contains(&Rule::comma);
    let has_sign = place.before().rsplit('(').next().is_some_and(|limits| limits.trim().starts_with(['<', '>']));
    (two && has_sign && stop.rules.contains(&Rule::close_paren)).then(|| {
        Repair::one("write `,`", place.gap(), place.at, ", ").help("two bounds are parted by a comma: `>0, <=1`")
    })
}

/// `f64(>= 0 && < 1)`
fn and(place: &Place<'_>, stop: &Stop) -> Option<Repair> {
    let sign = ["&&", "&", "and "].into_iter().find(|sign| place.rest.starts_with(sign))?;
    let in_limits = stop.rules.contains(&Rule::comma) && stop.rules.contains(&Rule::close_paren);
    in_limits.then(|| {
        Repair::one("write `,`", place.gap(), place.behind(sign.len()), ", ")
            .help("limits are parted by commas, and all of them hold: `>=0, <1`")
    })
}

/// `enum { "a", "b" }`
pub(super) fn quoted_variants(place: &Place<'_>) -> Option<Repair> {
    let inside = &place.rest[..place.rest.find('}').unwrap_or(place.rest.len())];
    let inside = inside.trim_end();
    let written = place.rest.starts_with('"').then(|| variants(inside, ','))??;
    Some(
        Repair::write(place.at, place.at + inside.len(), written)
            .help("variants have no quotes; another name on the wire is given by `@wire(\"name\")`"),
    )
}
