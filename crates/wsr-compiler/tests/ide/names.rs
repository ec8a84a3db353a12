//! Definition, references and new names.

use wsr_compiler::ide::{definition, highlights, references, rename, rename_at};

use crate::support::{at, edited, shown, two};

#[track_caller]
fn check_definition(text: &str, expected: &[&str]) {
    let (analysis, offset) = at(text);
    let found: Vec<String> = definition(&analysis, 0, offset).iter().map(|&span| shown(&analysis, span)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn definitions_are_where_things_are_declared() {
    check_definition("wsr 1\ntype A = u8\nstruct S { a: $0A }", &["2:6 A"]);
    check_definition("wsr 1\ntype A = u8\nstruct S { a: A$0 }", &["2:6 A"]);
    check_definition("wsr 1\nerror E { x }\nmessage m -> reply ok or $0E", &["2:7 E"]);
    check_definition("wsr 1\nevent e to all\nmessage m -> $0e", &["2:7 e"]);
    check_definition("wsr 1\nenum E { one, two }\nstruct S { e: E = t$0wo }", &["2:15 two"]);
    check_definition(
        "wsr 1\nmessage m { room: string } -> join rooms/{$0room}\ntopic rooms/{room: string}",
        &["2:13 room"],
    );
    check_definition(
        "wsr 1\nmessage m { room: string } -> join r$0ooms/{room}\ntopic rooms/{room: string}",
        &["3:7 rooms"],
    );
    check_definition("wsr 1\nmessage m -> silent\nflow f covers $0m { start a { m } }", &["2:9 m"]);
    check_definition(
        "wsr 1\nmessage m -> silent\nflow f covers m { start a { m -> $0b } state b { m -> a } }",
        &["3:44 b"],
    );
    check_definition("wsr 1\nnamespace a { handler h(any) }\nmessage m => a::$0h -> silent", &["2:23 h"]);
    check_definition(
        "wsr 1\nnamespace a { type T = u8 }\nnamespace a { type U = u8 }\nmessage m: $0a::T -> silent",
        &["2:11 a", "3:11 a"],
    );
    check_definition("wsr 1\nmessage m => $0check then store -> silent", &["2:14 check"]);
    check_definition("wsr 1\n$0", &[]);
}

#[test]
fn an_import_leads_to_its_file() {
    let (analysis, file, offset) = two("wsr 1\nimport \"par$0t.wsr\"\nmessage m: A -> silent", "wsr 1\ntype A = u8\n");
    let found = definition(&analysis, file, offset);
    assert_eq!((found.len(), found[0].file, found[0].start), (1, 1, 0));
    let (analysis, file, offset) = two("wsr 1\nimport \"part.wsr\"\nmessage m: $0A -> silent", "wsr 1\ntype A = u8\n");
    let found: Vec<String> = definition(&analysis, file, offset).iter().map(|&span| shown(&analysis, span)).collect();
    assert_eq!(found, ["part.wsr:2:6 A"]);
}

#[test]
fn references_are_in_all_files() {
    let (analysis, file, offset) =
        two("wsr 1\nimport \"part.wsr\"\nmessage m: A -> reply [A]", "wsr 1\ntype $0A = u8\nstruct S { a: A }\n");
    let all: Vec<String> =
        references(&analysis, file, offset, true).iter().map(|&span| shown(&analysis, span)).collect();
    assert_eq!(all, ["3:12 A", "3:24 A", "part.wsr:2:6 A", "part.wsr:3:15 A"]);
    assert_eq!(references(&analysis, file, offset, false).len(), 3);
    assert_eq!(highlights(&analysis, file, offset).len(), 2);
}

#[track_caller]
fn check_rename(text: &str, new: &str, expected: &str) {
    let (analysis, offset) = at(text);
    let found = rename(&analysis, 0, offset, new).unwrap_or_else(|why| panic!("{why}: {text}"));
    assert_eq!(edited(&analysis, 0, &found.edits), expected);
}

#[track_caller]
fn check_refused(text: &str, new: &str, expected: &str) {
    let (analysis, offset) = at(text);
    let why = rename(&analysis, 0, offset, new).expect_err("it is refused");
    assert!(why.contains(expected), "{why}");
}

#[test]
fn a_new_name_is_written_everywhere() {
    check_rename(
        "wsr 1\ntype $0A = u8\nstruct S { a: [A], b: map<A, A> }\n",
        "Amount",
        "wsr 1\ntype Amount = u8\nstruct S { a: [Amount], b: map<Amount, Amount> }\n",
    );
    check_rename(
        "wsr 1\nnamespace a { event e to all }\nmessage m => $0h, a::k -> a/e\n",
        "first",
        "wsr 1\nnamespace a { event e to all }\nmessage m => first, a::k -> a/e\n",
    );
    check_rename(
        "wsr 1\nnamespace a { event e to all }\nmessage m => h, $0a::k -> a/e\n",
        "b",
        "wsr 1\nnamespace b { event e to all }\nmessage m => h, b::k -> b/e\n",
    );
    check_rename(
        "wsr 1\nmessage m { room: string } -> join rooms/{$0room}\ntopic rooms/{room: string}\n",
        "where",
        "wsr 1\nmessage m { where: string } -> join rooms/{where}\ntopic rooms/{room: string}\n",
    );
    check_rename(
        "wsr 1\nroles a, $0b\nstruct S { r: Role = b }\nmessage m -> relay to role(a, b)\n",
        "c",
        "wsr 1\nroles a, c\nstruct S { r: Role = c }\nmessage m -> relay to role(a, c)\n",
    );
}

#[test]
fn a_new_name_that_reaches_the_wire_says_so() {
    let changes = |text: &str| {
        let (analysis, offset) = at(text);
        rename(&analysis, 0, offset, "other").expect("it can be renamed").changes_wire
    };
    assert_eq!(changes("wsr 1\nnamespace a { message $0m -> silent }\n").as_deref(), Some("a/m"));
    assert_eq!(changes("wsr 1\nstruct S { $0f: u8 }\n").as_deref(), Some("f"));
    assert_eq!(changes("wsr 1\nstruct S { $0f: u8 @wire(\"g\") }\n"), None);
    assert_eq!(changes("wsr 1\ntype $0T = u8\n"), None);
}

#[test]
fn names_that_cannot_be_are_refused() {
    check_refused("wsr 1\ntype $0A = u8\n", "a b", "is no name");
    check_refused("wsr 1\ntype $0A = u8\n", "", "is no name");
    check_refused("wsr 1\ntype $0A = u8\n", "9x", "is no name");
    check_refused("wsr 1\ntype $0A = u8\n", "message", "is a keyword");
    check_refused("wsr 1\ntype $0A = u8\n", "string", "is a built-in type");
    check_refused("wsr 1\ntype $0A = u8\ntype B = u8\n", "B", "there is a type `B`");
    check_refused("wsr 1\nstruct S { $0a: u8, b: u8 }\n", "b", "there is a field `b`");
    check_refused("wsr 1\nstruct S { $0a: u8 }\n", "self", "cannot be a name in Rust");
    check_refused("wsr 1\nmessage $0m -> silent\nevent e to all\n", "e", "there is a event `e`");
    check_refused("wsr 1\nstruct S { a: $0u8 }\n", "x", "no name here");
    check_refused("wsr 1\nmessage $0x -> silent\nmessage y => x\n", "y", "there is a message");
    check_refused("wsr 1\nmessage x -> silent\nmessage y => $0x\n", "z", "named after the message `x`");
}

#[test]
fn what_can_be_renamed_is_shown_with_its_present_name() {
    let (analysis, offset) = at("wsr 1\nnamespace a { type T = u8 }\nmessage m: a::T$0 -> silent\n");
    let (span, name) = rename_at(&analysis, 0, offset).expect("it can");
    assert_eq!((shown(&analysis, span).as_str(), name.as_str()), ("3:15 T", "T"));
}
