//! What is offered at each kind of place, in whole text and in text that is being typed.

use wsr_compiler::ide::{Completion, complete};

use crate::support::at;

/// What the cases are typed into.
const BASE: &str = r#"wsr 1
identity UserId
roles listener, dj
type UserId = uuid
type Volume = f32(0.0..=1.0)
type Tags = [string(len 1..=9)](len ..=3)
struct Device { owner: UserId, name: string }
enum Mood { calm, loud }
enum Shape2 { dot, line { width: u8 } }
error TopError { gone }
namespace audit { handler record(any) }
namespace accounts {
  struct Session { user: UserId }
  error LoginError { wrong }
  event kicked { user: UserId } to mailbox {user}
  message login -> reply Session or LoginError
  namespace deep { struct Inner { a: u8 } message dive -> silent }
}
namespace chat {
  topic rooms/{room: string}
  event posted { room: string } to topic rooms/{room}
  event typed { room: string }
  message join { room: string } => check then keep -> reply ok
}
"#;

fn offers(text: &str) -> Vec<Completion> {
    let (analysis, offset) = at(&format!("{BASE}{text}"));
    complete(&analysis, 0, offset)
}

/// The offers at the cursor: these are among them, and those with a `!` are not.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = offers(text);
    let labels: Vec<&str> = found.iter().map(|offer| offer.label.as_str()).collect();
    for wanted in expected {
        match wanted.strip_prefix('!') {
            Some(unwanted) => assert!(!labels.contains(&unwanted), "`{unwanted}` is offered for {text:?}: {labels:?}"),
            None => assert!(labels.contains(wanted), "`{wanted}` is not offered for {text:?}: {labels:?}"),
        }
    }
    if expected.is_empty() {
        assert!(labels.is_empty(), "something is offered for {text:?}: {labels:?}");
    }
}

/// Exactly these are offered, in this order.
#[track_caller]
fn exactly(text: &str, expected: &[&str]) {
    let found = offers(text);
    let labels: Vec<&str> = found.iter().map(|offer| offer.label.as_str()).collect();
    assert_eq!(labels, expected, "{text:?}");
}

/// What stands in the text once the offer of this label is taken.
#[track_caller]
fn taken(text: &str, label: &str) -> String {
    let found = offers(text);
    let offer = found.iter().find(|offer| offer.label == label).unwrap_or_else(|| panic!("no `{label}` for {text:?}"));
    let whole = format!("{BASE}{}", text.replacen("$0", "", 1));
    let mut result = whole.clone();
    let new = offer.snippet.as_deref().unwrap_or(&offer.text);
    result.replace_range(offer.replaces.start as usize..offer.replaces.end as usize, new);
    result[BASE.len()..].to_owned()
}

#[test]
fn items_begin_on_a_line_of_their_own() {
    check("$0", &["message", "event", "struct", "flow", "protocol", "!->"]);
    check("mes$0", &["message", "flow"]);
    check("namespace x {\n  $0\n}", &["message", "topic", "namespace", "!flow", "!protocol", "!identity"]);
    check("namespace x {\n  me$0\n", &["message", "!flow"]);
    check("type A = u8\n$0", &["type", "message"]);
    check("message a -> reply ok\n$0", &["message", "->"]);
    assert!(taken("mes$0", "message").starts_with("message ${1:name} {"));
    assert_eq!(complete(&at("$0").0, 0, 0)[0].label, "wsr 1");
}

#[test]
fn names_that_are_new_are_not_guessed() {
    for text in [
        "message $0",
        "struct Na$0",
        "namespace $0",
        "type X$0",
        "struct A {\n  na$0\n}",
        "enum E { a$0 }",
        "event $0 {",
        "topic $0",
    ] {
        check(text, &[]);
    }
}

#[test]
fn nothing_is_offered_in_comments_texts_patterns_and_numbers() {
    for text in ["// mess$0", "/// mess$0", "import \"fi$0", "type A = string(match /a$0b/)", "type A = u8(1$0..=2)"] {
        check(text, &[]);
    }
}

#[test]
fn types_stand_behind_colons_brackets_and_reply() {
    let types = &["UserId", "Mood", "Device", "string", "accounts::Session", "Role", "!TopError", "!ok", "!message"];
    for text in [
        "struct A { a: $0 }",
        "struct A { a: $0",
        "struct A {\n  a: st$0\n  b: u8\n}",
        "struct A { a?: $0 }",
        "struct A { a: [$0",
        "struct A { a: [$0] }",
        "struct A { a: map<string, $0",
        "struct A { a: { b: $0 } }",
        "enum E { one { a: $0 } }",
        "type X = $0",
        "type X = [$0",
        "message m: $0",
        "message m { a: u8, b: $0",
        "event e { a: $0 }",
        "namespace chat { struct A { a: $0 } }",
    ] {
        check(text, types);
    }
    check("message m -> reply $0", &["ok", "UserId", "accounts::Session", "!TopError"]);
    check("message m -> reply [$0", &["UserId", "!ok"]);
}

#[test]
fn keys_are_fewer_than_types() {
    for text in ["struct A { a: map<$0", "topic a/{b: $0", "identity $0"] {
        check(
            text,
            &["UserId", "Mood", "string", "u8", "uuid", "!Device", "!Volume", "!Tags", "!Shape2", "!bool", "!json"],
        );
    }
}

#[test]
fn paths_lead_into_namespaces() {
    exactly("struct A { a: accounts::$0 }", &["Session", "deep::"]);
    exactly("struct A { a: accounts::Se$0", &["Session", "deep::"]);
    exactly("struct A { a: accounts::deep::$0", &["Inner"]);
    exactly("message m -> reply ok or accounts::$0", &["LoginError", "deep::"]);
    exactly("message m -> accounts/$0", &["kicked", "deep/"]);
    exactly("message m => audit::$0", &["record"]);
    check("struct A { a: nowhere::$0", &[]);
    check("namespace accounts { struct B { a: $0 } }", &["Session", "!accounts::Session", "deep::Inner"]);
}

#[test]
fn errors_stand_behind_or() {
    exactly("message m -> reply ok or $0", &["TopError", "accounts::LoginError"]);
    exactly("namespace accounts { message m -> reply ok or L$0", &["LoginError", "TopError"]);
}

#[test]
fn arrows_lead_to_answers_events_and_topics() {
    let all = &["reply", "silent", "join", "leave", "relay", "chat/posted", "accounts/kicked", "!message", "!UserId"];
    for text in [
        "message m -> $0",
        "message m { a: u8 } -> $0",
        "message m\n  => a\n  then b -> reply ok -> $0",
        "message m -> $0\nmessage n -> silent",
    ] {
        check(text, all);
    }
    check("namespace chat { message m -> $0", &["posted", "typed", "accounts/kicked", "!chat/posted"]);
    // An event that goes somewhere by itself needs no target.
    assert_eq!(taken("namespace chat { message m -> po$0", "posted"), "namespace chat { message m -> posted");
    assert_eq!(taken("namespace chat { message m -> $0", "typed"), "namespace chat { message m -> typed to $0");
    exactly("message m -> chat/posted $0", &["to", "->", "then"]);
    exactly("message m -> reply ok $0", &["or", "->", "then"]);
    exactly("message m { a: u8 } $0", &["->", "=>"]);
    exactly("event e { a: u8 } $0", &["to"]);
}

#[test]
fn handlers_stand_behind_fat_arrows_then_and_commas() {
    exactly("message m => $0", &["m", "audit::record", "relay to"]);
    check("namespace chat { message m => a then $0", &["m", "check", "keep", "audit::record"]);
    check("namespace chat { message m => a, $0", &["check", "audit::record"]);
}

#[test]
fn targets_stand_behind_to() {
    check(
        "namespace chat { message m { room: string } -> typed to $0",
        &["all", "others", "mailbox", "mailboxes", "role", "topic rooms/{room}", "others in topic rooms/{room}"],
    );
    check("event e { a: u8 } to $0", &["all", "topic chat/rooms/{room}"]);
    check("message m -> relay to $0", &["all", "others"]);
    exactly("message m -> relay to others in $0", &["topic chat/rooms/{room}", "role"]);
    check("message m -> relay $0", &["to"]);
}

#[test]
fn topics_come_with_the_fields_that_fit() {
    exactly("namespace chat { message m { where: string } -> join $0", &["rooms/{where}"]);
    let text = "namespace chat { message m { where: string } -> relay to topic $0";
    assert!(taken(text, "rooms/{where}").ends_with("topic rooms/{${1:where}}"));
    exactly("message m { room: string } -> leave chat/$0", &["rooms/{room}"]);
}

#[test]
fn places_name_fields_of_the_payload() {
    exactly("message m { room: string, device: Device } -> join chat/rooms/{$0", &["room", "device"]);
    exactly(
        "message m {\n  room: string(len 1..=3) = \"a\" @wire(\"r\")\n  id?: uuid\n} -> leave chat/rooms/{r$0}",
        &["room", "id"],
    );
    exactly("message m: Device -> relay to mailbox {$0}", &["owner", "name"]);
    exactly("message m { device: Device } -> relay to mailbox {device.$0", &["owner", "name"]);
    exactly("event e { user: UserId, text: string } to mailbox {$0", &["user", "text"]);
    exactly("message m { text: string, user: UserId } -> relay to mailbox $0", &["{user}", "{text}"]);
    exactly(
        "message m { a: u8 }\n  => x -> reply ok\n  then relay to topic chat/rooms/{$0\n\nmessage n -> silent",
        &["a"],
    );
}

#[test]
fn roles_stand_in_the_parentheses_of_role() {
    exactly("message m -> relay to role($0", &["listener", "dj"]);
    exactly("message m -> relay to others in role(dj, $0)", &["listener", "dj"]);
    exactly("flow f covers * { start a { * if role($0", &["listener", "dj"]);
}

#[test]
fn flows_know_their_states_and_all_messages() {
    exactly("flow f $0", &["covers", "on"]);
    let picks = [
        "accounts/login",
        "accounts/deep/dive",
        "chat/join",
        "audit/*",
        "accounts/*",
        "accounts/deep/*",
        "chat/*",
        "*",
    ];
    exactly("flow f covers $0", &picks);
    exactly("flow f covers chat/$0", &["join", "*"]);
    exactly("flow f covers accounts/$0", &["login", "deep/", "*"]);
    exactly("flow f covers * { $0 }", &["state", "start"]);
    exactly("flow f covers * {\n  start a { * -> $0 }\n  state b { * -> a }\n}", &["a", "b", "end"]);
    exactly("flow f covers * {\n  start a { after 3s -> $0\n  state b { * -> a }\n}", &["a", "b", "end"]);
    exactly("flow f covers * {\n  start a { }\n  state b extends $0", &["a", "b"]);
    exactly("flow f covers * { start a { * $0", &["if", "->"]);
    exactly("flow f covers * { start a { * if $0", &["role", "member"]);
    check("flow f covers * {\n  start a {\n    $0\n  }\n}", &["chat/join", "chat/*", "after"]);
    check("flow f covers * {\n  start a {\n    chat/join, $0\n  }\n}", &["accounts/login", "!after"]);
    check("flow f covers * {\n  start a {\n    chat/$0\n  }\n}", &["join", "*"]);
}

#[test]
fn limits_are_those_of_the_type_in_front() {
    exactly("type A = string($0", &["len", "match"]);
    exactly("type A = string(len 1..=4, $0)", &["len", "match"]);
    exactly("struct S { a: [u8]($0", &["len", "unique"]);
    exactly("struct S { a: map<string, u8>($0", &["len"]);
    exactly("struct S { a: u8($0", &["1..=10", "multiple_of"]);
    exactly("struct S { a: Volume($0", &["1..=10", "multiple_of"]);
    exactly("struct S { a: Tags($0", &["len", "unique"]);
    exactly("struct S { a: duration($0", &["1s..=1m"]);
    check("struct S { a: bool($0", &[]);
}

#[test]
fn defaults_are_values_of_the_type() {
    exactly("struct S { a: Mood = $0", &["calm", "loud"]);
    exactly("struct S { a: Role = $0 }", &["listener", "dj"]);
    exactly("struct S { a: bool = $0", &["false", "true"]);
    exactly("struct S { a: Shape2 = $0", &["dot"]);
    exactly("struct S { a: [Mood](len ..=3) = $0", &["[]"]);
    exactly("struct S { a: [Mood](len ..=3) = [$0]", &["calm", "loud"]);
    exactly("struct S { a: [Mood] = [calm, $0]", &["calm", "loud"]);
    exactly("struct S { a: string = $0", &["\"\""]);
    check("struct S { a: u8 = $0", &[]);
}

#[test]
fn attributes_are_those_of_what_stands_below() {
    check("@$0\nmessage m -> silent", &["@rate", "@limit", "@deadline", "@allow", "!@secret", "!@tag", "!@accepts"]);
    check("@ra$0\nmessage m -> silent", &["@rate"]);
    check("@rate(1 per 1s)\n@$0\nmessage m -> silent", &["@limit", "!@rate"]);
    check("@$0\n@rate(1 per 1s)\nmessage m -> silent", &["@limit"]);
    check("struct S {\n  @$0\n  a: u8\n}", &["@wire", "@secret", "!@rate"]);
    check("struct S { a: u8 @$0 }", &["@wire", "@secret", "!@rate"]);
    check("enum E { a @$0 }", &["@wire", "!@secret"]);
    check("type A = u8 @$0\n", &["@secret", "!@wire"]);
    check("@$0\nenum E { a }", &["@open", "@tag", "!@rate"]);
    check("@$0", &["@rate", "@tag"]);
    assert_eq!(taken("@wi$0\nevent e", "@wire"), "@wire(\"${1:name}\")\nevent e");
    assert_eq!(taken("@$0\nmessage m", "@audit"), "@audit\nmessage m");
}

#[test]
fn arguments_of_attributes() {
    exactly("@accepts($0)\nprotocol p \"1\"", &["plain", "flat", "nested"]);
    exactly("@rate(1 $0)\nmessage m -> silent", &["per"]);
    exactly("@rate(1 per 1s, by: $0)\nmessage m -> silent", &["connection", "identity", "address"]);
    exactly("@idempotent($0)\nmessage m { key: string, x: u8 } -> silent", &["key", "x"]);
    check("@allow($0)\nmessage m -> silent", &["unused", "!unknown-type"]);
}

#[test]
fn the_word_at_the_cursor_is_what_gets_replaced() {
    assert_eq!(taken("struct A { a: Us$0 }", "UserId"), "struct A { a: UserId }");
    assert_eq!(taken("struct A { a: accounts::Se$0 }", "Session"), "struct A { a: accounts::Session }");
    assert_eq!(taken("struct A { a: $0 }", "UserId"), "struct A { a: UserId }");
}

#[test]
fn docs_and_details_come_along() {
    let found = offers(
        "/// Where.\ntype Place = string(len 1..=4)\n@deprecated(\"no\")\nstruct Old { a: u8 }\nstruct A { a: $0 }",
    );
    let place = found.iter().find(|offer| offer.label == "Place").expect("it is offered");
    assert_eq!((place.detail.as_str(), place.docs.as_str()), ("string(len 1..=4)", "Where."));
    assert!(found.iter().any(|offer| offer.label == "Old" && offer.deprecated));
}

#[test]
fn every_place_of_a_broken_text_can_be_asked_about() {
    let text =
        format!("{BASE}message m {{ a: [map<string, {{ b: Mood = calm }}>](len ..=3) -> {{ ( [ \"é😀 }} flow f {{ -> ");
    for cut in (0..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
        let analysis = crate::support::of(&text[..cut]);
        complete(&analysis, 0, cut as u32);
        complete(&analysis, 0, cut as u32 + 7);
    }
}
