//! What people write out of habit from other languages, with what it is here.

use super::Repair;
use super::place::Place;
use crate::resolve::BUILT_IN;
use crate::syntax::Rule;
use crate::syntax::expected::Stop;
use crate::syntax::siblings::Wanted;
use crate::syntax::wording::is_item_word;

/// Words before a field or an item that say nothing here.
const MODIFIERS: [&str; 16] = [
    "pub",
    "public",
    "private",
    "protected",
    "export",
    "readonly",
    "required",
    "static",
    "final",
    "const",
    "abstract",
    "async",
    "let",
    "var",
    "val",
    "repeated",
];
const NOTHING: [&str; 5] = ["null", "undefined", "none", "nil", "void"];
/// Words for a lower or an upper bound, and whether it is the upper one.
const BOUNDS: [(&str, bool); 10] = [
    ("minimum", false),
    ("minlength", false),
    ("min_length", false),
    ("min", false),
    ("gte", false),
    ("maximum", true),
    ("maxlength", true),
    ("max_length", true),
    ("max", true),
    ("lte", true),
];

/// Edits that turn a habit into this language.
pub(super) fn all(place: &Place<'_>, wanted: Wanted, stop: &Stop) -> Vec<Repair> {
    let found = match wanted {
        Wanted::Field => vec![
            numbered(place),
            type_first(place),
            modifier(place),
            default(place),
            qualified(place),
            union(place),
            limits(place, stop),
        ],
        Wanted::Item => vec![
            chain(place, stop),
            outcome(place, stop),
            before_brace(place),
            limits(place, stop),
            version(place, stop),
        ],
        _ => Vec::new(),
    };
    found.into_iter().chain([exclamation(place)]).flatten().collect()
}

/// Whether a text begins with what is most likely a type.
pub(super) fn is_type_name(text: &str) -> bool {
    let text = text.trim_start();
    let word = word(text);
    text.starts_with(['[', '{'])
        || word.starts_with(|letter: char| letter.is_ascii_uppercase())
        || BUILT_IN.contains(&word)
}

fn word(text: &str) -> &str {
    &text[..text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(text.len())]
}

/// `user: UserId = 1;`
fn numbered(place: &Place<'_>) -> Option<Repair> {
    place.rest.strip_prefix(';')?;
    let before = place.text[..place.at].trim_end();
    let sign = before.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end();
    if sign.len() == before.len() {
        return None;
    }
    let start = sign.strip_suffix('=')?.trim_end().len();
    Some(Repair::remove(start, place.at + 1).help("fields have no numbers: on the wire they are known by their names"))
}

/// `UserId user`, perhaps with `= 1;` behind it.
fn type_first(place: &Place<'_>) -> Option<Repair> {
    let name = place.found();
    if name.is_empty() || !is_type_name(place.word) {
        return None;
    }
    let behind = place.rest[name.len()..]
        .trim_start_matches([' ', '='])
        .trim_start_matches(|letter: char| letter.is_ascii_digit());
    let end =
        if behind.starts_with(';') { place.at + place.rest.len() - behind.len() + 1 } else { place.at + name.len() };
    let written = format!("{name}: {}", place.word);
    Some(Repair::write(place.word_start, end, written).help("the name comes first: `name: type`"))
}

/// `readonly user: UserId`, `optional note: Text`
fn modifier(place: &Place<'_>) -> Option<Repair> {
    let name = place.found();
    if name.is_empty() {
        return None;
    }
    if place.word == "optional" {
        let end = place.at + name.len();
        return Some(
            Repair::write(place.word_start, end, format!("{name}?"))
                .help("a field that may be left out is written `name?: type`"),
        );
    }
    let help = match place.word {
        "required" => "fields are required unless they are written `name?: type`: remove it",
        "repeated" => return None,
        _ => "fields have no modifiers: remove it",
    };
    MODIFIERS.contains(&place.word).then(|| Repair::remove(place.word_start, place.at).help(help))
}

/// `pub struct Room`
pub(super) fn item_modifier(place: &Place<'_>) -> Option<Repair> {
    let found = place.found();
    let next = place.rest.get(found.len()..)?.trim_start();
    let named =
        next.get(word(next).len()..)?.trim_start().starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    (MODIFIERS.contains(&found) && is_item_word(word(next)) && named)
        .then(|| Repair::remove(place.at, place.behind(found.len())).help("items have no modifiers: remove it"))
}

/// `remember: bool default false`
fn default(place: &Place<'_>) -> Option<Repair> {
    (place.found() == "default").then(|| {
        Repair::write(place.at, place.at + "default".len(), "=").help("a default stands behind `=`: `= false`")
    })
}

/// `T | null`, `"a" | "b"`
fn union(place: &Place<'_>) -> Option<Repair> {
    let behind = place.rest.strip_prefix('|')?.trim_start();
    let nothing = word(behind);
    if NOTHING.contains(&nothing.to_ascii_lowercase().as_str()) {
        let end = place.at + place.rest.len() - behind.len() + nothing.len();
        return Some(Repair::write(place.gap(), end, "?").help("`name: T?` may be null, `name?: T` may be left out"));
    }
    let line = place.text[..place.code].rfind('\n').map_or(0, |newline| newline + 1);
    let start = line + place.text[line..place.code].rfind(':')? + 1;
    let start = start + place.text[start..].len() - place.text[start..].trim_start().len();
    let written = &place.text[start..place.at + place.rest.len()];
    let mut length = 0;
    let mut names = Vec::new();
    for part in written.split_inclusive('|') {
        let name = part.trim_end_matches('|').trim().strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (name, rest) = name.filter(|(name, _)| !name.is_empty() && word(name) == *name)?;
        names.push(name);
        length += if part.ends_with('|') { part.len() } else { part.trim_end().len() - rest.trim_end().len() };
    }
    let written = format!("enum {{ {} }}", names.join(", "));
    Some(
        Repair::write(start, start + length, written.clone())
            .help(format!("one of several texts is an `enum`: `{written}`")),
    )
}

/// `string len 1..=80`, `len(1..=80)`, `string(min 1, max 80)`
fn limits(place: &Place<'_>, stop: &Stop) -> Option<Repair> {
    const HELP: &str = "limits stand in parentheses: `string(len 1..=40)`";
    let found = place.found();
    if matches!(found, "len" | "match" | "unique") && !stop.rules.contains(&Rule::kw_len) {
        let end = place.rest.find([',', '}']).unwrap_or(place.rest.len());
        let written = place.rest[..end].split("//").next().unwrap_or("").trim_end();
        return Some(Repair::write(place.gap(), place.at + written.len(), format!("({written})")).help(HELP));
    }
    if let Some(inside) = place.quoted('(', ')').filter(|_| place.word == "len") {
        let end = place.at + inside.len() + 2;
        return Some(
            Repair::write(place.at, end, format!(" {}", inside.trim())).help("no sign stands between: `len 1..=40`"),
        );
    }
    bounds(place)
}

/// `min 1, max 80` as one range.
fn bounds(place: &Place<'_>) -> Option<Repair> {
    let inside = &place.rest[..place.rest.find(')')?];
    let (mut low, mut high, mut is_length) = ("", "", false);
    for part in inside.split(',') {
        let part = part.trim();
        let name = word(part);
        let (known, upper) = BOUNDS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let number = part[name.len()..].trim_start_matches([' ', ':', '=']);
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')) {
            return None;
        }
        is_length |= known.contains("length");
        *(if upper { &mut high } else { &mut low }) = number;
    }
    let owner = place.text[..place.at].trim_end().strip_suffix('(')?.trim_end();
    let has_length =
        is_length || ["string", "bytes"].iter().any(|name| owner.ends_with(name)) || owner.ends_with([']', '>']);
    let range = if high.is_empty() { format!("{low}..") } else { format!("{low}..={high}") };
    let written = if has_length { format!("len {range}") } else { range };
    let help = format!("both bounds are one range: `{written}`");
    Some(Repair::write(place.at, place.at + inside.len(), written).help(help))
}

/// A second `=>`, or `then` behind outcomes.
fn chain(place: &Place<'_>, stop: &Stop) -> Option<Repair> {
    if place.rest.starts_with("=>") && stop.rules.contains(&Rule::kw_then) {
        let help = "`=>` stands once; what runs after something stands behind `then`: `=> check then store`";
        return Some(Repair::write(place.at, place.at + 2, "then").help(help));
    }
    let before = &place.text[stop.from..place.at];
    if place.found() == "then" && !before.contains("=>") {
        let arrow = stop.from + before.find("->")?;
        let help = "`then` belongs to a chain of handlers, which begins with `=>`: `=> check then store`";
        return Some(Repair::write(arrow, arrow + 2, "=>").help(help));
    }
    let is_outcome = matches!(place.found(), "reply" | "silent" | "join" | "leave");
    let arrow = place.text[..place.code].strip_suffix("=>")?.len();
    is_outcome.then(|| Repair::write(arrow, arrow + 2, "->"))
}

/// `reply ok | SendError`, `reply ok SendError`, `-> Room or SendError`
fn outcome(place: &Place<'_>, stop: &Stop) -> Option<Repair> {
    let before = &place.text[stop.from..place.code];
    let arrow = stop.from + before.rfind("->").map_or(0, |arrow| arrow + 2);
    if place.found() == "or" && place.text[arrow..place.code].trim() == place.word {
        return Some(Repair::write(place.word_start, place.word_start, "reply "));
    }
    if stop.rules.contains(&Rule::kw_or) && place.found().starts_with(|letter: char| letter.is_ascii_uppercase()) {
        return Some(Repair::write(place.at, place.at, "or "));
    }
    (place.rest.starts_with('|') && stop.rules.contains(&Rule::kw_or))
        .then(|| Repair::write(place.at, place.at + 1, "or"))
}

/// `struct Track: {`, `struct Track = {`, `enum Quality: string {`
fn before_brace(place: &Place<'_>) -> Option<Repair> {
    let brace = place.rest.find('{').filter(|_| place.rest.starts_with([':', '=']) && !place.rest.starts_with("=>"))?;
    let what = word(place.line());
    let plain =
        place.rest[1..brace].chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '_'));
    let help = match what {
        "enum" | "error" => "a variant is its name on the wire, of no other type: remove it",
        "struct" | "flow" | "namespace" => "no sign stands before the `{`: remove it",
        _ => return None,
    };
    plain.then(|| Repair::one("remove it", place.gap(), place.at + brace, " ").help(help))
}

/// `protocol studio 1.4.0`
fn version(place: &Place<'_>, stop: &Stop) -> Option<Repair> {
    let version = place.rest.split([' ', '\t']).next().unwrap_or("").trim_end();
    let fits = !version.is_empty()
        && version.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+'));
    (fits && stop.rules.contains(&Rule::string) && place.line().starts_with("protocol"))
        .then(|| Repair::write(place.at, place.at + version.len(), format!("\"{version}\"")))
}

/// `UserId!`, `[UserId!]!`
fn exclamation(place: &Place<'_>) -> Option<Repair> {
    let signs: Vec<usize> =
        place.rest.starts_with('!').then(|| place.rest.match_indices('!'))?.map(|(at, _)| place.at + at).collect();
    let repair = Repair { title: "remove it".to_owned(), help: None, edits: Vec::new() };
    let all = signs.into_iter().fold(repair, |repair, at| repair.and(at, at + 1, ""));
    Some(all.help("nothing is null unless it is written `T?`: remove it"))
}

/// `{ low; normal; high }`
pub(super) fn semicolons(place: &Place<'_>) -> Repair {
    let signs = place.rest.match_indices(';').map(|(at, _)| place.at + at);
    let repair = Repair { title: "write `,`".to_owned(), help: None, edits: Vec::new() };
    signs.fold(repair, |repair, at| repair.and(at, at + 1, ",")).help("variants are parted by commas or new lines")
}

/// `= Quality.normal`
fn qualified(place: &Place<'_>) -> Option<Repair> {
    let before = place.text[..place.word_start].trim_end();
    (place.rest.starts_with('.') && before.ends_with('=') && !place.word.is_empty())
        .then(|| Repair::remove(place.word_start, place.at + 1))
}
