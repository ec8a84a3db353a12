//! Outline, search, colours, folds, hints and lenses of a file.

use wsr_compiler::ide::{Outline, folds, hints, lenses, outline, search, tokens};
use wsr_compiler::source::Span;

use crate::support::{of, shown};

const TEXT: &str = "wsr 1
// A.
// B.
import \"a.wsr\"
import \"b.wsr\"
/// Talk.
namespace chat {
  topic rooms/{room: string}
  event posted { room: string } to topic rooms/{room}
  message send {
    room: string
    kind: Kind = calm
  } -> reply ok -> posted
  message relayed -> relay to all
}
enum Kind { calm, loud { volume: u8 } }
flow f covers chat/* {
  start a { chat/send -> b }
  state b { chat/* }
}
";

fn flat(found: &[Outline], depth: usize, lines: &mut Vec<String>) {
    for one in found {
        lines.push(format!("{}{:?} {} {}", "  ".repeat(depth), one.kind, one.name, one.detail).trim_end().to_owned());
        assert!(one.span.start <= one.name_span.start && one.name_span.end <= one.span.end, "{one:?}");
        flat(&one.children, depth + 1, lines);
    }
}

#[test]
fn the_outline_is_a_tree_of_declarations() {
    let mut lines = Vec::new();
    flat(&outline(&of(TEXT), 0), 0, &mut lines);
    let expected = [
        "Namespace chat",
        "  Topic rooms/{room: string}",
        "  Event posted",
        "    Field room string",
        "  Message send",
        "    Field room string",
        "    Field kind Kind",
        "  Message relayed",
        "Enum Kind",
        "  Variant calm",
        "  Variant loud",
        "    Field volume u8",
        "Flow f chat/*",
        "  State a start",
        "  State b",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn search_finds_names_by_some_of_their_letters() {
    let names = |query: &str| {
        let found = search(&of(TEXT), query);
        found.into_iter().map(|(path, one)| format!("{path}/{}", one.name)).collect::<Vec<_>>()
    };
    assert_eq!(names("chsend"), ["chat/send"]);
    assert_eq!(names("KIND"), ["/Kind"]);
    assert_eq!(names("").len(), 7);
    assert!(names("xyz").is_empty());
}

#[test]
fn every_word_has_its_colour() {
    let text = "wsr 1\n@rate(5 per 1m)\nnamespace chat {\n  message type { type: Kind = calm } -> reply ok // x\n}\nenum Kind { calm }\ntopic a/{b: string(match /x/)}\n";
    let analysis = of(text);
    let found: Vec<String> = tokens(&analysis, 0)
        .iter()
        .map(|token| {
            format!("{} {:?}{}", shown(&analysis, token.span), token.kind, if token.declares { "*" } else { "" })
        })
        .collect();
    let expected = [
        "1:1 wsr Keyword",
        "1:5 1 Number",
        "2:1 @rate Attribute",
        "2:7 5 Number",
        "2:9 per Keyword",
        "2:13 1m Number",
        "3:1 namespace Keyword",
        "3:11 chat Namespace*",
        "4:3 message Keyword",
        "4:11 type Message*",
        "4:18 type Field*",
        "4:24 Kind Enum",
        "4:31 calm Variant",
        "4:41 reply Keyword",
        "4:47 ok BuiltIn",
        "4:50 // x Comment",
        "6:1 enum Keyword",
        "6:6 Kind Enum*",
        "6:13 calm Variant*",
        "7:1 topic Keyword",
        "7:7 a Topic*",
        "7:10 b Place",
        "7:13 string BuiltIn",
        "7:20 match Keyword",
        "7:26 /x/ Pattern",
    ];
    assert_eq!(found, expected);
}

#[test]
fn braces_comments_and_imports_fold() {
    let analysis = of(TEXT);
    let file = &analysis.files[0];
    let lines = |at: u32| file.line_column(at).0;
    let found: Vec<String> = folds(&analysis, 0)
        .iter()
        .map(|fold| format!("{:?} {}-{}", fold.kind, lines(fold.start), lines(fold.end)))
        .collect();
    assert_eq!(found, ["Comment 2-3", "Imports 4-5", "Block 7-15", "Block 10-13", "Block 17-20"]);
}

#[test]
fn what_is_left_out_is_hinted_at() {
    let analysis = of(TEXT);
    let file = &analysis.files[0];
    let whole = Span { file: 0, start: 0, end: file.text().len() as u32 };
    let found: Vec<String> = hints(&analysis, whole)
        .iter()
        .map(|hint| {
            let (line, column) = file.line_column(hint.offset);
            format!("{line}:{column}{}", hint.text)
        })
        .collect();
    assert_eq!(found, ["13:4 => send", "13:26 to topic rooms/{room}"]);
    let nowhere = Span { file: 0, start: 0, end: 9 };
    assert!(hints(&analysis, nowhere).is_empty());
}

#[test]
fn lenses_tell_states_and_handlers() {
    let analysis = of(TEXT);
    let found: Vec<String> =
        lenses(&analysis, 0).iter().map(|lens| format!("{}: {}", shown(&analysis, lens.span), lens.text)).collect();
    assert_eq!(found, ["10:11 send: allowed in: a, b · 1 handler", "14:11 relayed: allowed in: b"]);
}
