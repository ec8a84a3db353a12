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
    if first.is_ascii_digit() {
        let part = |text: &str| text.find(|letter| !word(letter)).unwrap_or(text.len());
        let whole = part(text);
        let fraction =
            text[whole..].strip_prefix('.').filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
        return whole + fraction.map_or(0, |rest| 1 + part(rest));
    }
    if word(first) {
        return text.find(|letter| !word(letter)).unwrap_or(text.len());
    }
    if first == '"' {
        let line = text.lines().next().unwrap_or(text);
        return line[1..].find('"').map_or(1, |end| end + 2);
    }
    first.len_utf8()
}

const ITEMS: [&str; 15] = [
    "type",
    "struct",
    "enum",
    "error",
    "topic",
    "event",
    "message",
    "ask",
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
            Rule::member => words.push("member"),
            Rule::on_topic => words.push("on"),
            Rule::fallback => words.push("else"),
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
        Rule::kw_ask => "ask",
        Rule::kw_flow => "flow",
        Rule::kw_on => "on",
        Rule::kw_covers => "covers",
        Rule::kw_start => "start",
        Rule::kw_state => "state",
        Rule::kw_extends => "extends",
        Rule::kw_after => "after",
        Rule::kw_if => "if",
        Rule::kw_member => "member",
        Rule::kw_then => "then",
        Rule::kw_else => "else",
        Rule::kw_continue => "continue",
        Rule::kw_of => "of",
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
        "route" | "request" | "command" | "rpc" | "op" | "operation" | "endpoint" | "msg" | "fn" | "function"
        | "def" | "func" => "message",
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
        "when" | "where" | "requires" => "if",
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
    if let Some(word) = rare(rule) {
        return (LESSER, format!("`{word}`"));
    }
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
        Rule::member => (20, "`member`"),
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

/// Words that are possible where others are far likelier.
fn rare(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::on_topic | Rule::kw_on => "on",
        Rule::fallback | Rule::kw_else => "else",
        Rule::kw_stream | Rule::stream => "stream",
        Rule::kw_pass | Rule::pass => "pass",
        _ => return None,
    })
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
