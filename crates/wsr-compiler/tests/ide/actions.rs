//! What can be done about a place.

use wsr_compiler::ide::{Action, ActionKind, actions};
use wsr_compiler::source::Span;

use crate::support::{at, edited};

fn found(text: &str) -> (wsr_compiler::Analysis, Vec<Action>) {
    let (analysis, offset) = at(text);
    let found = actions(&analysis, Span { file: 0, start: offset, end: offset });
    (analysis, found)
}

/// Doing what this title says makes this text.
#[track_caller]
fn check(text: &str, title: &str, expected: &str) {
    let (analysis, found) = found(text);
    let titles: Vec<&str> = found.iter().map(|action| action.title.as_str()).collect();
    let action = found.iter().find(|action| action.title.contains(title));
    let action = action.unwrap_or_else(|| panic!("no `{title}` among {titles:?}"));
    assert_eq!(edited(&analysis, 0, &action.edits), expected);
}

#[test]
fn the_help_of_a_report_is_an_action_when_it_is_an_edit() {
    let (analysis, found) = found("wsr 1\nmessage m { a: st$0rng } -> reply ok\n");
    let fix = &found[0];
    assert_eq!((fix.kind, fix.report), (ActionKind::Fix, Some(0)));
    assert_eq!(edited(&analysis, 0, &fix.edits), "wsr 1\nmessage m { a: string } -> reply ok\n");
}

#[test]
fn a_warning_can_be_allowed() {
    check("wsr 1\ntype $0A = u8\n", "allow", "wsr 1\n@allow(unused)\ntype A = u8\n");
    check(
        "wsr 1\nnamespace n {\n  /// Doc.\n  type $0A = u8\n}\n",
        "allow",
        "wsr 1\nnamespace n {\n  /// Doc.\n  @allow(unused)\n  type A = u8\n}\n",
    );
}

#[test]
fn docs_can_be_added_to_what_has_none() {
    check("wsr 1\nmessage $0m -> silent\n", "doc comment", "wsr 1\n/// \nmessage m -> silent\n");
    check(
        "wsr 1\nstruct S {\n  $0a: u8\n}\nmessage m: S -> silent\n",
        "doc comment",
        "wsr 1\nstruct S {\n  /// \n  a: u8\n}\nmessage m: S -> silent\n",
    );
    let (_, found) = found("wsr 1\n/// Doc.\nmessage $0m -> silent\n");
    assert!(found.iter().all(|action| !action.title.contains("doc comment")));
}

#[test]
fn a_name_can_be_kept_on_the_wire() {
    check(
        "wsr 1\nmessage m { $0a: u8 = 1 } -> silent\n",
        "on the wire",
        "wsr 1\nmessage m { a: u8 = 1 @wire(\"a\") } -> silent\n",
    );
    check("wsr 1\nmessage $0m -> silent\n", "on the wire", "wsr 1\n@wire(\"m\")\nmessage m -> silent\n");
}

#[test]
fn handlers_can_be_written_for_the_namespace_under_the_cursor() {
    let skeleton = |text: &str| {
        let (_, found) = found(text);
        found.into_iter().find_map(|action| action.skeleton.map(|namespace| (namespace, action.title)))
    };
    let text = "wsr 1\nnamespace chat { message $0m -> silent }\n";
    assert_eq!(skeleton(text), Some((1, "write `impl chat::Handlers for App`".to_owned())));
    assert_eq!(skeleton("wsr 1\nnamespace $0chat { type A = u8 }\n"), None);
}
