//! The words of syntax errors: what a rule is called, what a token is called, what to write instead.

use super::Rule;
use super::siblings::Wanted;
use crate::guess::clip;

/// What stands at a place of the text.
pub(super) struct Found {
    /// As titles name it, quoted if it is text.
    pub text: String,
    /// Its length in bytes; 0 at the end of a line.
    pub len: usize,
    /// The word, if it is one.
    pub word: Option<String>,
}

/// The token at a place, or what ends the line there.
pub(super) fn token(text: &str, at: usize) -> Found {
    let rest = text.get(at..).unwrap_or("");
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    let here = &rest[blank..];
    if here.is_empty() {
        return Found { text: "the end of the file".into(), len: 0, word: None };
    }
    if here.starts_with('\n') || here.starts_with("//") && !here.starts_with("///") {
        return Found { text: "the end of the line".into(), len: 0, word: None };
    }
    let length = token_length(here);
    let token = &here[..length];
    let is_word = token.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    // Blanks in front are there when reading stopped at the end of a broken stretch: the caret stays at its end.
    let len = if blank > 0 { 0 } else { length };
    Found { text: format!("`{}`", clip(token)), len, word: (is_word && blank == 0).then(|| token.to_owned()) }
}

fn token_length(text: &str) -> usize {
    const SYMBOLS: [&str; 9] = ["..=", "...", "///", "..", "->", "=>", "::", ">=", "<="];
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| text.starts_with(**symbol)) {
        return symbol.len();
    }
    let first = text.chars().next().unwrap_or(' ');
    if word(first) {
        return text.find(|letter| !word(letter)).unwrap_or(text.len());
    }
    if first == '"' {
        let line = text.lines().next().unwrap_or(text);
        return line[1..].find('"').map_or(1, |end| end + 2);
    }
    first.len_utf8()
}

const ITEMS: [&str; 14] = [
    "type",
    "struct",
    "enum",
    "error",
    "topic",
    "event",
    "message",
    "handler",
    "namespace",
    "flow",
    "protocol",
    "identity",
    "roles",
    "import",
];

/// Whether a word begins items.
pub(super) fn is_item_word(word: &str) -> bool {
    ITEMS.contains(&word)
}

/// The keywords that would have been legal.
pub(super) fn keywords(rules: &[Rule], wanted: Wanted) -> Vec<&'static str> {
    let mut words = Vec::new();
    for &rule in rules {
        match rule {
            Rule::item => words.extend(ITEMS),
            Rule::target => words.extend(["all", "others", "mailbox", "mailboxes", "topic", "role"]),
            Rule::limit | Rule::limits => words.extend(["len", "match", "unique", "multiple_of"]),
            Rule::len => words.push("len"),
            Rule::pattern => words.push("match"),
            Rule::unique => words.push("unique"),
            Rule::multiple => words.push("multiple_of"),
            Rule::state => words.extend(["start", "state"]),
            Rule::extends => words.push("extends"),
            Rule::guard => words.push("if"),
            Rule::to_topic => words.push("topic"),
            Rule::to_role => words.push("role"),
            Rule::arrows => {}
            rule => words.extend(keyword(rule)),
        }
    }
    if wanted != Wanted::Item {
        words.retain(|word| !matches!(*word, "import" | "protocol"));
    }
    words
}

fn keyword(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::kw_protocol => "protocol",
        Rule::kw_import => "import",
        Rule::kw_identity => "identity",
        Rule::kw_roles => "roles",
        Rule::kw_namespace => "namespace",
        Rule::kw_type => "type",
        Rule::kw_struct => "struct",
        Rule::kw_enum => "enum",
        Rule::kw_error => "error",
        Rule::kw_topic => "topic",
        Rule::kw_handler => "handler",
        Rule::kw_event => "event",
        Rule::kw_message => "message",
        Rule::kw_flow => "flow",
        Rule::kw_covers => "covers",
        Rule::kw_start => "start",
        Rule::kw_state => "state",
        Rule::kw_extends => "extends",
        Rule::kw_after => "after",
        Rule::kw_if => "if",
        Rule::kw_then => "then",
        Rule::kw_to => "to",
        Rule::kw_or => "or",
        Rule::kw_per => "per",
        Rule::kw_all => "all",
        Rule::kw_any => "any",
        Rule::kw_others => "others",
        Rule::kw_mailbox => "mailbox",
        Rule::kw_mailboxes => "mailboxes",
        Rule::kw_in => "in",
        Rule::kw_role => "role",
        Rule::kw_len => "len",
        Rule::kw_match => "match",
        Rule::kw_unique => "unique",
        Rule::kw_multiple => "multiple_of",
        _ => return None,
    })
}

/// The keyword of this language for a word that others use, if it is legal here.
pub(super) fn foreign_keyword(word: &str, legal: &[&'static str]) -> Option<&'static str> {
    let ours = match word.to_ascii_lowercase().as_str() {
        "interface" | "class" | "record" | "model" | "object" | "data" => "struct",
        "union" | "choice" | "variant" => "enum",
        "route" | "request" | "command" | "rpc" | "op" | "operation" | "endpoint" | "msg" => "message",
        "broadcast" | "notification" | "push" | "signal" | "notify" => "event",
        "channel" | "room" => "topic",
        "mod" | "module" | "group" | "package" | "service" => "namespace",
        "include" | "use" | "require" => "import",
        "alias" | "typedef" | "newtype" => "type",
        "user" | "actor" => "identity",
        "everyone" | "everybody" | "broadcast_all" => "all",
        "other" | "rest" => "others",
        "regex" | "pattern" => "match",
        "length" | "size" => "len",
        "initial" | "begin" => "start",
        _ => return None,
    };
    legal.contains(&ours).then_some(ours)
}

/// The keyword with which a broken stretch begins, or was meant to begin, and whether a name follows it.
pub(super) fn kind(text: &str, wanted: Wanted) -> Option<(&'static str, bool)> {
    if wanted != Wanted::Item {
        return (wanted == Wanted::State).then_some(("state", true));
    }
    let code = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with('@'))?;
    let word = code.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next()?;
    let exact = ITEMS.into_iter().find(|item| *item == word);
    let kind = exact
        .or_else(|| crate::guess::nearest(word, ITEMS).first().copied())
        .or_else(|| foreign_keyword(word, &ITEMS))?;
    let behind = code.get(word.len()..).unwrap_or("").trim_start();
    Some((kind, behind.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')))
}

/// The legal continuations as "`,`, `)` or a name".
pub(super) fn expected(rules: &[Rule], wanted: Wanted, found: &Found) -> String {
    if is_item_start(rules) {
        return "an item".to_owned();
    }
    if rules.contains(&Rule::range_op) && found.text.starts_with("`.") {
        return "`..=`".to_owned();
    }
    let mut names: Vec<(u8, String)> = Vec::new();
    for &rule in rules {
        let (rank, text) = name(rule, wanted);
        if !text.is_empty() && !names.iter().any(|(_, known)| *known == text) {
            names.push((rank, text));
        }
    }
    if names.iter().any(|&(rank, _)| rank < LESSER) {
        names.retain(|&(rank, _)| rank < LESSER);
    }
    names.sort();
    let mut names: Vec<String> = names.into_iter().map(|(_, text)| text).collect();
    if names.len() > 5 {
        names.truncate(4);
        names.push("…".to_owned());
    }
    match names.as_slice() {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] if last == "…" => format!("{}, …", rest.join(", ")),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// From this rank on, a continuation is always possible and hardly ever what was meant.
const LESSER: u8 = 100;

/// The rank and words of a rule; empty words when it says nothing.
fn name(rule: Rule, wanted: Wanted) -> (u8, String) {
    if let Some(word) = keyword(rule) {
        return (20, format!("`{word}`"));
    }
    let (rank, text) = match rule {
        Rule::open_brace | Rule::body | Rule::variants => (10, "`{`"),
        Rule::payload => (10, "`{`"),
        Rule::colon => (11, "`:`"),
        Rule::fat_arrow => (12, "`=>`"),
        Rule::arrow | Rule::arrows => (13, "`->`"),
        Rule::comma => (14, "`,`"),
        Rule::close_paren => (15, "`)`"),
        Rule::close_bracket => (15, "`]`"),
        Rule::close_brace => (15, "`}`"),
        Rule::less => (15, "`<`"),
        Rule::greater => (15, "`>`"),
        Rule::range_op => (16, "`..=`"),
        Rule::guard => (20, "`if`"),
        Rule::extends => (20, "`extends`"),
        Rule::to_topic => (20, "`topic`"),
        Rule::to_role => (20, "`role`"),
        Rule::kw_silent => (20, "`silent`"),
        Rule::kw_reply => (20, "`reply`"),
        Rule::kw_relay | Rule::relay => (20, "`relay`"),
        Rule::membership | Rule::kw_join | Rule::kw_leave => (21, "`join`"),
        Rule::target => (22, "`all`, `others`, `mailbox`, `mailboxes`, `topic` or `role`"),
        Rule::limit => (22, "a limit"),
        Rule::ty | Rule::ty_name | Rule::name_ref => (30, "a type"),
        Rule::name | Rule::place_path | Rule::place_word => (31, "a name"),
        Rule::field => (31, "a field"),
        Rule::variant => (31, "a variant"),
        Rule::state => (31, "a state"),
        Rule::value | Rule::value_name => (32, "a value"),
        Rule::argument => (32, "an argument"),
        Rule::number | Rule::range | Rule::range_end => (33, "a number"),
        Rule::string => (34, "a text in quotes"),
        Rule::regex => (34, "a pattern between slashes"),
        Rule::duration | Rule::timeout => (35, "a time such as `30s`"),
        Rule::handler_name | Rule::handling | Rule::stage | Rule::chain => (36, "the name of a handler"),
        Rule::event_name | Rule::delivery => (37, "the name of an event"),
        Rule::error_name => (37, "the name of an error"),
        Rule::role_name | Rule::role => (37, "the name of a role"),
        Rule::topic_path | Rule::topic_part | Rule::topic_word => (38, "the name of a topic"),
        Rule::place => (38, "a place such as `{room}`"),
        Rule::pick | Rule::step => (39, "the name of a message"),
        Rule::state_name => (39, "the name of a state"),
        Rule::EOI => (50, end_of(wanted)),
        Rule::equals => (LESSER, "`=`"),
        Rule::open_paren | Rule::limits => (LESSER, "`(`"),
        Rule::open_bracket => (LESSER, "`[`"),
        Rule::optional => (LESSER + 1, "`?`"),
        _ => (LESSER, ""),
    };
    (rank, text.to_owned())
}

fn end_of(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Item => "the next item",
        Wanted::State => "the next state",
        Wanted::Field => "the next field",
        Wanted::Variant => "the next variant",
        Wanted::Step => "the next step",
    }
}

/// Whether any item would have been legal.
fn is_item_start(rules: &[Rule]) -> bool {
    rules.contains(&Rule::item) || rules.contains(&Rule::kw_message) && rules.contains(&Rule::kw_struct)
}

/// What to write instead; `before` is what was read up to the error.
pub(super) fn help(rules: &[Rule], wanted: Wanted, found: &Found, before: &str) -> String {
    let token = found.text.trim_matches('`');
    by_token(rules, wanted, token, before)
        .or_else(|| by_rules(rules, wanted))
        .unwrap_or_else(|| by_piece(wanted, before))
        .to_owned()
}

/// Advice for what people type out of habit from other languages.
fn by_token(rules: &[Rule], wanted: Wanted, token: &str, before: &str) -> Option<&'static str> {
    let first = token.chars().next()?;
    let before = before.trim_end().trim_end_matches(['(', '{']).trim_end();
    let last_word = before.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or("");
    let complete = rules.contains(&Rule::EOI);
    Some(match first {
        _ if rules.contains(&Rule::kw_to) && matches!(token, "all" | "others" | "mailbox" | "mailboxes" | "topic") => {
            "put `to` before it: `to all`, `to others`, `to topic …`"
        }
        _ if last_word == "role" => "roles stand in parentheses: `role(dj, engineer)`",
        _ if matches!(token, "KiB" | "MiB" | "B" | "ms" | "s" | "m" | "h" | "d") => {
            "number and unit stand together: `8KiB`, `30s`"
        }
        _ if matches!(token, "reply" | "silent" | "relay" | "join" | "leave") && rules.contains(&Rule::arrow) => {
            "put an arrow before it: `-> reply ok`"
        }
        _ if last_word == "mailbox" => "the address is a field, in braces: `to mailbox {to}`",
        _ if token == "wsr" && wanted == Wanted::Item => "the version line stands once, at the top of the file",
        ';' => "remove it: a new line or a comma parts things here",
        '\'' | '\u{2018}'..='\u{201f}' => "text stands in straight double quotes: `\"…\"`",
        '#' => "a comment begins with `//`",
        '<' => match last_word {
            "Option" | "Optional" | "Maybe" => "write `name?: T` if it may be left out, `name: T?` if it may be null",
            "Map" | "HashMap" | "BTreeMap" | "Record" | "dict" => "a map is written `map<K, T>`",
            _ => "a list is written `[T]`, a map `map<K, T>`",
        },
        '[' if complete => "a list is written `[T]`",
        '|' if complete => "for one of several, declare an `enum`",
        '(' if before.ends_with('?') => "the `?` comes last: `string(len 1..=9)?`",
        '=' if token == "=" && rules.contains(&Rule::colon) => {
            "the type stands behind a `:`; `=` is for the default behind it"
        }
        '.' if rules.contains(&Rule::range_op) => "a range is written `1..=40`, `1..` or `..=40`",
        '/' if rules.contains(&Rule::kw_then) => "handlers are named as in Rust: `audit::record`",
        '0'..='9' if [Rule::name, Rule::field, Rule::variant].iter().any(|rule| rules.contains(rule)) => {
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
    } else if has(Rule::to_topic) || has(Rule::to_role) {
        "`others in topic rooms/{room}` or `others in role(dj)`"
    } else if has(Rule::topic_path) || has(Rule::topic_part) || has(Rule::topic_word) {
        "a topic is named by its parts: `rooms/{room}`"
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
    } else if has(Rule::duration) || has(Rule::kw_per) {
        "times are written `500ms`, `30s`, `5m`, `1h`; a rate `5 per 1m`"
    } else if has(Rule::handler_name) || has(Rule::handling) || has(Rule::stage) || has(Rule::chain) {
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
