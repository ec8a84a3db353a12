//! Whole pieces of text for words that begin something.

/// The text behind an item's keyword, with places to jump through.
pub(super) fn item(keyword: &str) -> &'static str {
    match keyword {
        "protocol" => "protocol ${1:name} \"${2:0.1.0}\"",
        "import" => "import \"${1:file}.wsr\"",
        "identity" => "identity ${1:UserId}",
        "roles" => "roles ${1:listener}",
        "namespace" => "namespace ${1:name} {\n  $0\n}",
        "type" => "type ${1:Name} = ${2:string}",
        "struct" => "struct ${1:Name} {\n  ${2:field}: ${3:string}\n}",
        "enum" => "enum ${1:Name} { ${2:one}, ${3:other} }",
        "error" => "error ${1:Name} {\n  ${2:why}\n}",
        "topic" => "topic ${1:rooms}/{${2:room}: ${3:string}}",
        "handler" => "handler ${1:record}(any)",
        "event" => "event ${1:name} {\n  ${2:field}: ${3:string}\n}",
        "message" => "message ${1:name} {\n  ${2:field}: ${3:string}\n} -> ${4:reply ok}",
        "ask" => "ask ${1:name} {\n  ${2:field}: ${3:string}\n} -> reply ${4:ok}",
        "flow" => "flow ${1:session} covers ${2:*} {\n  start ${3:anonymous} {\n    $0\n  }\n}",
        _ => "",
    }
}

/// The items, the likeliest first, and whether they may stand in a namespace.
pub(super) const ITEMS: [(&str, bool); 15] = [
    ("message", true),
    ("event", true),
    ("ask", true),
    ("struct", true),
    ("enum", true),
    ("error", true),
    ("type", true),
    ("topic", true),
    ("namespace", true),
    ("handler", true),
    ("flow", false),
    ("identity", false),
    ("roles", false),
    ("import", false),
    ("protocol", false),
];

/// What is put in for a word, when it is more than the word.
pub(super) fn word(word: &str) -> Option<&'static str> {
    Some(match word {
        "role" => "role(${1})",
        "state" => "state ${1:name} {\n  $0\n}",
        "start" => "start ${1:name} {\n  $0\n}",
        "after" => "after ${1:30s} -> ${2:end}",
        _ => return None,
    })
}

/// An attribute in its form, what stands in its parentheses as the place to write.
pub(super) fn attribute(form: &str) -> Option<String> {
    let (name, arguments) = form.split_once('(')?;
    let arguments = arguments.strip_suffix(')')?;
    let quoted = arguments.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('"'));
    Some(match quoted {
        Some(text) => format!("{name}(\"${{1:{}}}\")", escaped(text)),
        None => format!("{name}(${{1:{}}})", escaped(arguments)),
    })
}

/// Text as it may stand in a snippet.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

/// A snippet as plain text: places as what stands in them.
pub(super) fn plain(snippet: &str) -> String {
    let (mut text, mut rest) = (String::new(), snippet);
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('{') {
            Some(place) => {
                let end = place.find('}').unwrap_or(place.len());
                text.push_str(place[..end].split_once(':').map_or("", |(_, name)| name));
                rest = place.get(end + 1..).unwrap_or_default();
            }
            None => rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit()),
        }
    }
    text + rest
}
