//! The queries name nodes that there are, and colours, folds and outlines are as a reader expects.

use tree_sitter::{Query, QueryCursor, StreamingIterator};
use tree_sitter_wsr::{FOLDS_QUERY, HIGHLIGHTS_QUERY, INDENTS_QUERY, LANGUAGE, TAGS_QUERY};

use crate::{parse, read, repository};

/// What a query captures in a text: the capture and the captured, in the order of the query's matches.
fn captures(query: &str, text: &str) -> Vec<(String, String)> {
    let query = Query::new(&LANGUAGE.into(), query).expect("the query fits the grammar");
    let tree = parse(text);
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.captures(&query, tree.root_node(), text.as_bytes());
    let mut found = Vec::new();
    while let Some((matched, at)) = matches.next() {
        let capture = matched.captures()[*at];
        let name = query.capture_names()[capture.index as usize].to_owned();
        let words = capture.node.utf8_text(text.as_bytes()).expect("the text is UTF-8");
        found.push((name, words.to_owned()));
    }
    found
}

/// The colour of the first place with these letters: the last pattern that captures it.
fn colour(text: &str, words: &str) -> Option<String> {
    captures(HIGHLIGHTS_QUERY, text).into_iter().filter(|(_, found)| found == words).map(|(name, _)| name).next_back()
}

const TEXT: &str = r#"wsr 1
/// Docs.
// Aside.
@rate(5 per 1m, by: address)
message send { type: string(len 1..=9, match /a\/b/), at: audit::Stamp = soon }
  => check
  then audit::keep -> reply Answer or Failure -> posted to topic rooms/{room}
"#;

#[test]
fn colours_are_as_a_reader_expects() {
    let expected = [
        ("wsr", "keyword"),
        ("/// Docs.", "comment.documentation"),
        ("// Aside.", "comment"),
        ("rate", "attribute"),
        ("by", "property"),
        ("address", "constant"),
        ("message", "keyword"),
        ("send", "function"),
        ("type", "property"),
        ("string", "type.builtin"),
        ("len", "keyword"),
        ("..=", "operator"),
        (r"/a\/b/", "string.regexp"),
        ("audit", "module"),
        ("Stamp", "type"),
        ("soon", "constant"),
        ("check", "function.call"),
        ("keep", "function.call"),
        ("then", "keyword"),
        ("Answer", "type"),
        ("Failure", "type"),
        ("posted", "type"),
        ("rooms", "string.special"),
        ("room", "variable.parameter"),
        ("->", "operator"),
    ];
    for (words, name) in expected {
        assert_eq!(colour(TEXT, words).as_deref(), Some(name), "of `{words}`");
    }
}

#[test]
fn every_block_of_the_showcase_folds() {
    let folds = captures(FOLDS_QUERY, &read(repository("routes.wsr")));
    assert!(folds.iter().any(|(_, text)| text.starts_with("{\n  /// Who you are now.")), "a namespace folds");
    assert!(folds.iter().any(|(_, text)| text.starts_with("=> claim_up")), "a chain folds");
}

#[test]
fn the_indentation_query_fits() {
    let indents = captures(INDENTS_QUERY, TEXT);
    assert!(indents.iter().any(|(name, _)| name == "indent.begin"));
}

#[test]
fn an_outline_names_what_is_declared() {
    let tags = captures(TAGS_QUERY, "wsr 1\nnamespace chat { message send -> reply ok }\nstruct Room { id: u8 }\n");
    let names: Vec<&str> = tags.iter().filter(|(name, _)| name == "name").map(|(_, text)| text.as_str()).collect();
    assert_eq!(names, ["chat", "send", "ok", "Room", "u8"]);
}
