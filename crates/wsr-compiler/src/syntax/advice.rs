//! What to write instead, for syntax errors.

use super::Rule;
use super::siblings::Wanted;
use super::wording::Found;

/// The text on both sides of the error.
pub(super) struct Around<'t> {
    /// What was read up to it.
    pub before: &'t str,
    /// What was not.
    pub behind: &'t str,
}

/// What to write instead.
pub(super) fn help(rules: &[Rule], wanted: Wanted, found: &Found, around: &Around<'_>) -> String {
    let token = found.text.trim_matches('`');
    by_outcome(rules, wanted, token, around)
        .or_else(|| by_token(rules, wanted, token, around.before))
        .or_else(|| by_rules(rules, wanted))
        .unwrap_or_else(|| by_piece(wanted, around.before))
        .to_owned()
}

/// Advice when the word behind an arrow was forgotten.
fn by_outcome(rules: &[Rule], wanted: Wanted, token: &str, around: &Around<'_>) -> Option<&'static str> {
    let arrow = around.before.rfind("->").filter(|_| wanted == Wanted::Item)?;
    let outcome = around.before[arrow + 2..].trim();
    let is_word = outcome.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':'));
    Some(match token {
        "or" if is_word => "an answer is written `-> reply T or E`",
        "/" if is_word && around.behind.starts_with("/{") => {
            "a topic is joined, left or sent to: `-> join rooms/{room}`, `-> posted to topic rooms/{room}`"
        }
        "relay" if rules.contains(&Rule::kw_then) => {
            "`then relay to …` passes the message on when the handlers before have run, `, relay to …` beside them"
        }
        _ => return None,
    })
}

/// Advice for what people type out of habit from other languages.
fn by_token(rules: &[Rule], wanted: Wanted, token: &str, before: &str) -> Option<&'static str> {
    let opened = before.trim_end();
    let before = opened.trim_end_matches(['(', '{']).trim_end();
    let last_word = before.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or("");
    by_words(rules, wanted, token, last_word, before).or_else(|| by_sign(rules, wanted, token, last_word, opened))
}

/// Advice when a struct should take over another one's fields.
const NO_BASE: &str =
    "a struct takes over no fields: write them here too, or hold the other one in a field, `base: Base`";

/// Advice when a word is there that belongs to something else.
fn by_words(rules: &[Rule], wanted: Wanted, token: &str, last_word: &str, before: &str) -> Option<&'static str> {
    let has = |rule: Rule| rules.contains(&rule);
    Some(match token {
        "topic" if matches!(last_word, "join" | "leave") => {
            "`join` and `leave` name the topic right away: `join rooms/{room}`"
        }
        "all" | "others" | "mailbox" | "mailboxes" | "topic" if has(Rule::kw_to) => {
            "put `to` before it: `to all`, `to others`, `to topic …`"
        }
        "reply" | "silent" | "relay" | "join" | "leave" if has(Rule::arrow) => "put an arrow before it: `-> reply ok`",
        "reply" | "silent" | "relay" | "join" | "leave" if has(Rule::handler_name) || has(Rule::handling) => {
            "`=>` names handlers; what comes of them stands behind `->`: `-> reply ok`"
        }
        "KiB" | "MiB" | "B" | "ms" | "s" | "m" | "h" | "d"
            if last_word.ends_with(|last: char| last.is_ascii_digit()) =>
        {
            "number and unit stand together: `8KiB`, `30s`"
        }
        "min" | "max" | "minimum" | "maximum" | "gte" | "lte" if has(Rule::limit) => {
            "both bounds are one range: `len 1..=40`, `0..=31`, `1..`, `..=40`"
        }
        "or" if wanted == Wanted::Item => "there is one error type behind `or`: put both into one `error`",
        "then" | "goto" | "to" if wanted == Wanted::Step => "an arrow leads to the next state: `hello -> member`",
        "extends" if before.split_whitespace().rev().nth(1) == Some("struct") => NO_BASE,
        "wsr" if wanted == Wanted::Item => "the version line stands once, at the top of the file",
        _ => match last_word {
            "role" if !has(Rule::kw_if) => "roles stand in parentheses: `role(dj, engineer)`",
            "mailbox" => "the address is a field, in braces: `to mailbox {to}`",
            "len" if matches!(token, ":" | "=" | "(") => "no sign stands between: `len 1..=40`",
            "optional" | "nullable" | "required" if wanted == Wanted::Field => {
                "a field is required, unless it is written `name?: T` (may be left out) or `name: T?` (may be null)"
            }
            "or" => "`or` names an error type: `-> reply ok or LoginError`",
            _ if has(Rule::kw_then) && before.contains("=> reply") => {
                "`=>` names handlers; what comes of them stands behind `->`: `-> reply ok`"
            }
            _ => return None,
        },
    })
}

/// Advice for signs that other languages use.
fn by_sign(rules: &[Rule], wanted: Wanted, token: &str, last_word: &str, before: &str) -> Option<&'static str> {
    let has = |rule: Rule| rules.contains(&rule);
    let first = token.chars().next()?;
    let (complete, in_a_default) = (has(Rule::EOI), before.lines().last().unwrap_or("").contains('='));
    Some(match first {
        ':' if wanted == Wanted::Variant => "fields of a variant stand in braces: `name { field: type }`",
        ':' if last_word == "reply" => "no `:` stands behind `reply`: `-> reply T`",
        ':' | '$' | '<' if has(Rule::topic_part) || has(Rule::topic_word) || has(Rule::topic_path) => {
            "a place is a field in braces: `rooms/{room}`"
        }
        ';' => "remove it: a new line or a comma parts things here",
        '\'' | '\u{2018}'..='\u{201f}' => "text stands in straight double quotes: `\"…\"`",
        '#' => "a comment begins with `//`, an attribute with `@`",
        '\u{2192}' | '\u{21d2}' => "an arrow is written `->`, the one before handlers `=>`",
        '-' | '=' if has(Rule::arrow) && matches!(token, "-" | "=") => {
            "an arrow is written `->`, the one before handlers `=>`"
        }
        '<' | '>' if has(Rule::limits) || has(Rule::limit) || has(Rule::close_paren) => {
            "bounds are written `>0, <=1`, each for itself"
        }
        '<' => match last_word {
            "Option" | "Optional" | "Maybe" | "optional" => {
                "write `name?: T` if it may be left out, `name: T?` if it may be null"
            }
            "Result" => "errors stand behind `or`: `-> reply T or E`",
            "Map" | "HashMap" | "BTreeMap" | "Record" | "dict" => "a map is written `map<K, T>`",
            _ => "a list is written `[T]`, a map `map<K, T>`",
        },
        '[' | ']' if has(Rule::close_paren) && before.ends_with('/') => "a `/` inside a pattern is written `\\/`",
        'a'..='z' if has(Rule::close_paren) && before.ends_with('/') => {
            "no flags stand behind a pattern; write both cases: `[Aa]`"
        }
        '"' if wanted == Wanted::Variant => {
            "a variant is a name; another one on the wire stands behind it: `high_speed @wire(\"high-speed\")`"
        }
        '{' if wanted == Wanted::Variant && before.ends_with(')') => {
            "an attribute stands behind the fields: `name { field: type } @wire(\"other\")`"
        }
        '.' if wanted == Wanted::Field && token == "..." => NO_BASE,
        '[' | '{' if matches!(last_word, "string" | "bytes") && complete && !before.contains('=') => {
            "limits stand in parentheses: `string(len 1..=40)`"
        }
        '[' if last_word == "map" => "a map is written `map<K, T>`",
        '[' if complete => "a list is written `[T]`",
        '|' if wanted == Wanted::Variant => "variants are parted by commas or new lines",
        '|' if wanted == Wanted::Item => "an error stands behind `or`: `-> reply T or E`",
        '|' if complete => "for one of several, declare an `enum`",
        '(' if before.ends_with('?') => "the `?` comes last: `string(len 1..=9)?`",
        '(' if wanted == Wanted::Item && has(Rule::fat_arrow) => {
            "the payload stands in braces, `{ field: type }`, or is left out"
        }
        '?' if wanted == Wanted::Field => "the `?` stands behind: `name?: T` may be left out, `name: T?` may be null",
        ',' if wanted == Wanted::Item && has(Rule::arrow) && !has(Rule::kw_then) => {
            "each outcome has its own arrow: `-> reply T -> event to all`"
        }
        '=' if token == "=" && has(Rule::colon) => "the type stands behind a `:`; `=` is for the default behind it",
        '.' if complete && last_word.ends_with(|last: char| last.is_ascii_digit()) && token.starts_with("..") => {
            "a range is a limit, and stands behind a type: `u8(1..=3)`"
        }
        '.' if has(Rule::range_op) => "a range is written `1..=40`, `1..` or `..=40`",
        '/' | '.' | ':' if has(Rule::kw_then) => "handlers are named as in Rust: `audit::record`",
        '.' | ':' if wanted == Wanted::Step => "messages are named with `/`: `chat/send`, `chat/*`",
        '.' if has(Rule::kw_to) => "an event of another namespace is named with `/`: `direct/note`",
        '.' if wanted == Wanted::Field && in_a_default => "a variant stands alone: `= normal`",
        ':' if wanted == Wanted::Field && in_a_default => "a variant stands alone: `= normal`",
        '/' if before.split_whitespace().count() == 2 && before.trim_start().starts_with(['m', 'e']) => {
            "the part before the `/` is its namespace: `namespace chat { message send … }`"
        }
        '/' if complete => "names with `/` are written without blanks: `rooms/{room}`",
        '0'..='9' if wanted == Wanted::Item && before.trim_start().starts_with('@') && !before.ends_with('(') => {
            "arguments stand in parentheses: `@rate(5 per 1m)`"
        }
        '0'..='9' if token.contains('.') && (has(Rule::duration) || has(Rule::argument)) => {
            "times are whole numbers: `1500ms` for `1.5s`"
        }
        '0'..='9' if has(Rule::argument) && token.ends_with(['b', 'B']) => "sizes are written `512B`, `8KiB`, `1MiB`",
        '0'..='9' if [Rule::name, Rule::field, Rule::variant].iter().any(|rule| has(*rule)) => {
            "a name begins with a letter"
        }
        '@' if wanted == Wanted::Item => "an attribute stands on the line above its item",
        letter if letter.is_alphabetic() && !letter.is_ascii() => {
            "names are made of the letters a to z, digits and `_`"
        }
        _ => return None,
    })
}

/// Advice for the construct that was being read.
fn by_rules(rules: &[Rule], wanted: Wanted) -> Option<&'static str> {
    let has = |rule: Rule| rules.contains(&rule);
    Some(if has(Rule::target) {
        "`to all`, `to others`, `to mailbox {field}`, `to mailboxes`, `to topic name/{field}` or `to role(a, b)`"
    } else if has(Rule::to_topic) || has(Rule::to_role) || has(Rule::kw_in) || has(Rule::kw_topic) && has(Rule::kw_role)
    {
        "`others in topic rooms/{room}` or `others in role(dj)`"
    } else if has(Rule::topic_path) || has(Rule::topic_part) || has(Rule::topic_word) {
        "a topic is named by its parts: `rooms/{room}`"
    } else if has(Rule::kw_per) || has(Rule::duration) && !has(Rule::argument) {
        "times are written `500ms`, `30s`, `5m`, `1h`; a rate `5 per 1m`"
    } else if has(Rule::argument) {
        "arguments are numbers, sizes (`8KiB`), times (`30s`), rates (`5 per 1m`), names and texts in quotes"
    } else if has(Rule::range_op) {
        "a range is written `1..=40`, `1..` or `..=40`"
    } else if has(Rule::limit) || has(Rule::range) || has(Rule::range_end) && !has(Rule::value) {
        "limits are written `string(len 1..=40, match /^[a-z]+$/)`, `u8(0..=31)`, `[T](len ..=5, unique)`"
    } else if has(Rule::close_paren) && has(Rule::comma) {
        "close it with `)`, or part its members with `,`"
    } else if has(Rule::value) {
        "a default is a literal or a variant: `= true`, `= 1.5`, `= \"text\"`, `= []`, `= normal`"
    } else if has(Rule::kw_covers) {
        "a flow says what it covers: `flow session covers * { … }`"
    } else if has(Rule::kw_then)
        || has(Rule::handler_name)
        || has(Rule::handling)
        || has(Rule::stage)
        || has(Rule::chain)
    {
        "handlers are parted by `,` to run side by side, by `then` to run in order: `=> check then store, index`"
    } else if has(Rule::event_name) {
        "`-> silent`, `-> reply T`, `-> join topic/{field}` or `-> event to all`"
    } else if has(Rule::regex) {
        "a pattern is written `match /^[a-z]+$/`; a `/` in it as `\\/`"
    } else if has(Rule::close_bracket) {
        "a list is written `[T]`"
    } else if has(Rule::colon) && wanted == Wanted::Field {
        "a field is written `name: type`, one that may be left out `name?: type`"
    } else {
        return None;
    })
}

/// Advice for the whole piece, by its keyword.
fn by_piece(wanted: Wanted, before: &str) -> &'static str {
    match wanted {
        Wanted::Field => "a field is written `name: type`, for example `room: RoomId`",
        Wanted::Variant => "a variant is written `name` or `name { field: type }`",
        Wanted::Step => "a step is written `chat/send`, `mixer/* if role(dj)` or `stream/open -> listening`",
        Wanted::State => "a state is written `state name { … }`, the first one `start name { … }`",
        Wanted::Item => by_item(before),
    }
}

fn by_item(before: &str) -> &'static str {
    let code = before
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with('@'));
    match code.and_then(|line| line.split_whitespace().next()).unwrap_or("") {
        "message" => "a message is written `message name { field: type } -> reply ok`",
        "event" => "an event is written `event name { field: type } to all`",
        "type" => "an alias is written `type Name = string(len 1..=40)`",
        "struct" => "a struct is written `struct Name { field: type }`",
        "enum" => "an enum is written `enum Name { one, two }`",
        "error" => "an error is written `error Name { one, two { field: type } }`",
        "topic" => "a topic is written `topic rooms/{room: RoomId}`",
        "handler" => "only handlers that take every message are declared: `handler record(any)`",
        "flow" => "a flow is written `flow name covers * { start first { … } state second { … } }`",
        "protocol" => "the protocol line is written `protocol name \"1.0.0\"`",
        "identity" => "the identity line is written `identity UserId`",
        "roles" => "roles are written `roles listener, dj`",
        "namespace" => "a namespace is written `namespace name { … }`",
        "import" => "an import is written `import \"file.wsr\"`",
        _ => {
            "an item begins with `type`, `struct`, `enum`, `error`, `topic`, `event`, `message`, `handler`, `namespace` or `flow`"
        }
    }
}
