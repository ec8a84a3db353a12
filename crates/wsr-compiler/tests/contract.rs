//! The schema and the fingerprints: the same text gives the same, each change of the wire another, and nothing else does.
//!
//! `UPDATE_EXPECT=1` rewrites the golden files.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

use std::collections::BTreeMap;

use wsr_compiler::contract::{fingerprints, schema};
use wsr_compiler::model::Model;
use wsr_compiler::source::SourceFile;
use wsr_compiler::{analyze, render};

const CHAT: &str = include_str!("contract/chat.wsr");

fn model(text: &str) -> Model {
    let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
    let errors: Vec<String> = analysis.errors().map(|report| render::cargo(&analysis, report)).collect();
    assert!(errors.is_empty(), "{text}\n{}", errors.join("\n"));
    analysis.model
}

/// By kind and name, and the whole as `all`.
fn hashes(text: &str) -> BTreeMap<String, String> {
    let model = model(text);
    let found = fingerprints(&model);
    let messages = model.messages.iter().map(|message| format!("message {}", message.wire)).zip(found.messages);
    let events = model.events.iter().map(|event| format!("event {}", event.wire)).zip(found.events);
    let asks = model.asks.iter().map(|ask| format!("ask {}", ask.wire)).zip(found.asks);
    messages.chain(events).chain(asks).chain([("all".to_owned(), found.protocol)]).collect()
}

/// The names whose fingerprints differ, `all` left out; checks that `all` differs with them.
fn differing(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (hashes(before), hashes(after));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let mut differing: Vec<String> = names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
    differing.sort();
    let whole = differing.iter().position(|name| name == "all");
    assert_eq!(whole.is_some(), differing.len() > 1, "{differing:?}");
    differing.retain(|name| name != "all");
    differing
}

/// `CHAT` with one piece of its text in another way.
fn edited(from: &str, to: &str) -> String {
    assert_eq!(CHAT.matches(from).count(), 1, "{from:?} is there once");
    CHAT.replacen(from, to, 1)
}

fn golden(name: &str, found: &str) {
    let path = format!("{}/tests/contract/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == golden, "differs from {path}; UPDATE_EXPECT=1 rewrites it\n{found}");
}

#[test]
fn the_schema_is_as_written_down() {
    // Broken into lines at the things of a list, which no text of the file does.
    golden("chat.json", &(schema(&model(CHAT)).replace("},{\"name\":", "},\n{\"name\":") + "\n"));
}

#[test]
fn fingerprints_are_as_written_down() {
    let lines: Vec<String> = hashes(CHAT).into_iter().map(|(name, hash)| format!("{hash} {name}\n")).collect();
    golden("chat.hashes", &lines.concat());
}

#[test]
fn a_change_of_the_wire_changes_what_it_touches_and_nothing_else() {
    const SEND: &str = "message chat/send";
    const ENTER: &str = "message chat/enter";
    const POSTED: &str = "event chat/posted";
    const FRAME: &str = "event stream/frame";
    const FEED: &str = "message stream/feed";
    const DRAW: &str = "message draw";
    const SET: &str = "message set";
    const TAIL: &str = "message chat/tail";
    const CONFIRM: &str = "ask chat/confirm";
    let edits: &[(&str, &str, &[&str])] = &[
        // Limits, wherever they stand.
        ("len 1..=40", "len 1..=41", &[POSTED, ENTER, SEND, TAIL]),
        ("len 1..=40", "len 1..", &[POSTED, ENTER, SEND, TAIL]),
        ("match /[a-z0-9-]+/", "match /[a-z0-9]+/", &[POSTED, ENTER, SEND, TAIL]),
        ("len 1..=2000", "len 1..=2000, match /.+/", &[CONFIRM, POSTED, SEND]),
        ("size: u8(..=100)", "size: u8(..=99)", &[DRAW]),
        ("size: u8(..=100)", "size: u8(1 | 2)", &[DRAW]),
        ("size: u8(..=100)", "size: u16(..=100)", &[DRAW]),
        ("f64(>0, <=1)", "f64(>=0, <=1)", &[DRAW]),
        ("f64(>0, <=1)", "f64(>0, <1)", &[DRAW]),
        ("multiple_of 2", "multiple_of 3", &[DRAW]),
        ("(len ..=5, unique)", "(len ..=5)", &[SET]),
        ("u64(..=1000)", "u64", &[SET]),
        // Fields.
        ("text: Text }  // sent", "text: Text, more?: u8 }", &[SEND]),
        ("text: Text }  // sent", "text: Text? }", &[SEND]),
        ("text: Text }  // sent", "text: Text = \"x\" }", &[SEND]),
        ("text: Text }  // sent", "text?: Text }", &[SEND]),
        ("text: Text }  // sent", "words: Text }", &[SEND]),
        ("text: Text }  // sent", "text: Text @wire(\"said\") }", &[SEND]),
        ("loud: bool = false", "loud: bool = true", &[SET]),
        ("loud: bool = false", "loud: bool", &[SET]),
        ("home?: uri", "home?: string", &[SET]),
        ("version: 2", "version: 3", &[SET]),
        ("map<RoomId, u32>(len ..=9)", "map<RoomId, i32>(len ..=9)", &[ENTER]),
        // Variants.
        ("{ low, high }", "{ low, high, top }", &[FRAME, DRAW]),
        ("{ low, high }", "{ low, high @wire(\"HIGH\") }", &[FRAME, DRAW]),
        ("circle { radius", "round { radius", &[DRAW]),
        ("circle { radius: f64(>0, <=1) }", "circle { radius: f64(>0, <=1), more: u8 }", &[DRAW]),
        ("@tag(\"type\")", "@tag(\"sort\")", &[DRAW]),
        ("@open\nstruct Node", "struct Node", &[DRAW]),
        ("banned { until: timestamp }", "banned { until: timestamp, why: Text }", &[CONFIRM, ENTER, SEND, TAIL]),
        // Answers.
        ("-> reply ok or ChatError  // sent", "-> reply ok", &[SEND]),
        ("-> reply ok or ChatError  // sent", "-> reply Text or ChatError", &[SEND]),
        ("-> reply ok or ChatError  // sent", "", &[SEND]),
        ("-> stream of u8 or ChatError", "-> stream of u16 or ChatError", &[TAIL]),
        ("-> stream of u8 or ChatError", "-> stream of u8", &[TAIL]),
        ("-> stream of u8 or ChatError", "-> reply u8 or ChatError", &[TAIL]),
        ("-> reply Mood or ChatError  // asked", "-> reply ok or ChatError", &[CONFIRM]),
        ("-> reply Mood or ChatError  // asked", "-> reply Mood", &[CONFIRM]),
        ("ask confirm { text: Text }", "ask confirm { text: RoomId }", &[CONFIRM]),
        // Names and binary forms.
        ("message draw", "message paint", &[DRAW, "message paint"]),
        ("namespace stream", "namespace air", &["event air/frame", FRAME, "message air/feed", FEED]),
        ("@binary(0x10)", "@binary(0x12)", &[FRAME]),
        ("@binary(0x10)\n", "", &[FRAME]),
        ("quality: Quality, seq: u32, data", "seq: u32, quality: Quality, data", &[FRAME]),
        ("{ low, high }", "{ high, low }", &[FRAME]),
        ("@open\n  message feed", "message feed", &[FEED]),
        // Types that contain themselves.
        ("value: u16, next?: Node", "value: u16, next: Node?", &[DRAW]),
        ("value: u16, next?: Node", "value: u16, next?: Other", &[DRAW]),
    ];
    for (from, to, touched) in edits {
        let mut touched: Vec<String> = touched.iter().map(|name| (*name).to_owned()).collect();
        touched.sort();
        assert_eq!(differing(CHAT, &edited(from, to)), touched, "{from:?} to {to:?}");
    }
    // Each of them is another protocol than each other one.
    let mut known = BTreeMap::from([(hashes(CHAT).remove("all"), ("", ""))]);
    for (from, to, _) in edits {
        let before = known.insert(hashes(&edited(from, to)).remove("all"), (from, to));
        assert_eq!(before, None, "{from:?} to {to:?}");
    }
}

#[test]
fn what_is_not_on_the_wire_changes_no_fingerprint() {
    let edits: &[(&str, &str)] = &[
        // Docs and versions.
        ("/// Says something.", "/// Says something else."),
        ("/// Says something.", "/// Says something.\n  @since(\"2.0\")"),
        ("protocol chat \"1.0.0\"", "protocol chat \"2.0.0\""),
        ("protocol chat \"1.0.0\"", "protocol talk \"1.0.0\""),
        // What the server does with it.
        ("@rate(5 per 1m)", "@rate(6 per 1m) @deadline(3s) @limit(3KiB)"),
        ("-> posted  // sent", "-> posted to all"),
        ("-> posted  // sent", ""),
        ("=> look, draw", "=> draw"),
        ("start open { * }", "start open {\n *\n draw -> late\n }\n state late { * }"),
        ("@secret", ""),
        // Order, where it is no binary payload.
        ("room: RoomId, text: Text }  // sent", "text: Text, room: RoomId }"),
        ("{ spoken, shouted }", "{ shouted, spoken }"),
        ("(1 | 2 | 4)", "(4 | 2 | 1)"),
        ("roles guest, keeper", "roles keeper, guest"),
        // Ways of saying the same.
        ("f64(>0, <=1)", "f64(>0.0, <=1.0)"),
        ("size: u8(..=100)", "size: Percent"),
        // A list of three kinds of links is a list of one, when they are equal.
        ("value: u16, next?: Node", "value: u16, next?: { value: u16, next?: { value: u16, next?: Node } }"),
        ("text: Text }  // sent", "text: string(len 1..=2000) }"),
        (
            "message set: Settings",
            "message set { version: 2, loud: bool = false, home?: uri, marks: [u32(1 | 2 | 4)](len ..=5, unique), big: u64(..=1000), mood: Mood }",
        ),
    ];
    for (from, to) in edits {
        assert_eq!(differing(CHAT, &edited(from, to)), [""; 0], "{from:?} to {to:?}");
    }
}

#[test]
fn names_of_types_and_the_order_of_items_change_no_fingerprint() {
    for (from, to) in
        [("RoomId", "Room"), ("Quality", "Grade"), ("ChatError", "Trouble"), ("Node", "Link"), ("Shape", "Form")]
    {
        assert_eq!(differing(CHAT, &CHAT.replace(from, to)), [""; 0], "{from}");
    }
    // Items stand between blank lines, and namespaces may stand anywhere.
    let (head, items) = CHAT.split_once("\n\n// ----\n").unwrap();
    let items = items.replace("\n\n  ", "\n  ");
    let mut items: Vec<&str> = items.trim().split("\n\n").collect();
    for _ in 0..items.len() {
        items.rotate_left(1);
        assert_eq!(differing(CHAT, &format!("{head}\n\n{}\n", items.join("\n\n"))), [""; 0]);
    }
    // A field keeps its name on the wire.
    let renamed =
        edited("seq: u32, data: bytes(len ..=9) }  // feed", "number: u32 @wire(\"seq\"), data: bytes(len ..=9) }");
    assert_eq!(differing(CHAT, &renamed), [""; 0]);
}

#[test]
fn a_type_may_be_split_into_equal_ones() {
    let split = CHAT
        .replace("next?: Node", "next?: Twin")
        .replace("struct Other", "@open\nstruct Twin { value: u16, next?: Node }\n\nstruct Other");
    assert_eq!(differing(CHAT, &split), [""; 0]);
}

#[test]
fn many_types_that_all_know_each_other_take_little_time() {
    let mut text = String::from("wsr 1\nmessage m { a: T0 } -> silent\n");
    for n in 0..150 {
        let fields: Vec<String> = (0..150).map(|other| format!("f{other}?: T{other}")).collect();
        text.push_str(&format!("struct T{n} {{ n{n}: u8, {} }}\n", fields.join(", ")));
    }
    assert_eq!(hashes(&text).len(), 2);
}

#[test]
fn the_same_model_gives_the_same_schema() {
    assert_eq!(schema(&model(CHAT)), schema(&model(CHAT)));
}
