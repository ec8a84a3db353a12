//! What is shown under the pointer.

use wsr_compiler::ide::hover;

use crate::support::{at, shown};

const BASE: &str = r#"wsr 1
protocol p "1"
identity UserId
roles listener, dj
/// Who.
/// Always the same.
type UserId = uuid
type Name = string(len 3..=32, match /[a-z]+\/?/)
type Nick = Name(len ..=16)
type Token = string(len 43) @secret
@since("1.2")
@deprecated("use `Nick`")
enum Mood {
  /// No wind.
  calm @wire("c")
  loud { volume: f32(>0, <=1) }
}
error Bad { gone }
namespace audit {
  /// Writes it down.
  handler record(any)
}
/// Talk.
namespace chat {
  topic rooms/{room: Name}
  /// Said.
  event posted { room: Name, text: Nick } to topic rooms/{room}
  event whisper { text: Nick }
  /// Say it.
  @rate(5 per 1m)
  message send {
    room: Name
    text?: Nick?
    times: u8(1..=9) = 1 @wire("n")
    tags: [string(len 1..=9)](len ..=3, unique)
  } => check -> reply ok or Bad
    then keep -> posted -> whisper to mailboxes, audit::record
  message leave { room: Name } -> leave rooms/{room}
}
message open -> silent
flow session covers chat/* {
  start member { after 30s -> end, chat/leave -> away, chat/send }
  state away extends member { chat/leave }
}
"#;

/// The example with the cursor in front of the `nth` time this piece stands in it.
fn about(piece: &str, nth: usize) -> String {
    let found = BASE.match_indices(piece).nth(nth).unwrap_or_else(|| panic!("no `{piece}`"));
    let (analysis, offset) = at(&format!("{}$0{}", &BASE[..found.0], &BASE[found.0..]));
    let hover = hover(&analysis, 0, offset).unwrap_or_else(|| panic!("nothing about `{piece}`"));
    let span = shown(&analysis, hover.span);
    format!("{}\n{}", span.split_once(' ').map_or("", |(_, word)| word), hover.markdown)
}

#[track_caller]
fn check(piece: &str, nth: usize, expected: &[&str]) {
    let text = about(piece, nth);
    for part in expected {
        assert!(text.contains(part), "no `{part}` about `{piece}`:\n{text}");
    }
}

#[test]
fn types_show_declaration_docs_limits_and_rust_name() {
    check("UserId", 0, &["```wsr\ntype UserId = uuid\n```", "Who.\nAlways the same.", "`UserId`"]);
    check("Nick = ", 0, &["3 to 16 characters", "all of it matches `/[a-z]+\\/?/`"]);
    check(
        "Mood {",
        0,
        &[
            "@since(\"1.2\")\n@deprecated(\"use `Nick`\")\nenum Mood {",
            "Since 1.2",
            "**Deprecated**: use `Nick`",
            "under `kind`",
        ],
    );
    check("Bad {", 0, &["error Bad { gone }"]);
}

#[test]
fn fields_show_resolved_limits_and_names() {
    check("text?: ", 0, &["text?: Nick?", "3 to 16 characters", "or null", "May be left out", "`text`"]);
    check("times: ", 0, &["1 to 9", "the default is taken", "On the wire: `n`", "In Rust: `times`"]);
    check("tags: ", 0, &["at most 3 items; no item twice"]);
    check("volume: ", 0, &["more than 0, at most 1"]);
}

#[test]
fn variants_show_their_name_on_the_wire() {
    check("calm @", 0, &["calm @wire(\"c\")", "No wind.", "On the wire: `c`", "In Rust: `Calm`"]);
}

#[test]
fn messages_show_the_handler_and_the_states() {
    check(
        "send {",
        0,
        &[
            "@rate(5 per 1m)\nmessage send {\n  room: Name\n",
            "Say it.",
            "Allowed in: `member`, `away` (flow `session`)",
            "On the wire: `chat/send`",
        ],
    );
    check("leave {", 0, &["async fn leave(&self, cx: &Cx, message: &chat::Leave) -> Result<(), switchboard::Error>"]);
    check("send {", 0, &["async fn check(&self, ", "\nasync fn keep(\n"]);
    check("open ->", 0, &["Allowed at any time: no flow covers it"]);
}

#[test]
fn handlers_show_their_signature_and_callers() {
    check(
        "check ->",
        0,
        &["async fn check(&self, cx: &Cx, message: &chat::Send) -> Result<(), routes::Bad>", "Called for `chat/send`"],
    );
    check("keep ->", 0, &["Result<(chat::Posted, (Vec<routes::UserId>, chat::Whisper))"]);
    check("record\n", 0, &["handler record(any)", "Writes it down.", "Called for `chat/send`", "AnyMessage"]);
}

#[test]
fn events_show_who_receives_and_who_sends() {
    check(
        "posted {",
        0,
        &[
            "Said.",
            "Goes by itself to the members of `chat/rooms/{room}`",
            "Sent by `chat/send`",
            "On the wire: `chat/posted`",
        ],
    );
    check("whisper {", 0, &["Goes where each arrow says"]);
}

#[test]
fn topics_roles_namespaces_flows_and_states() {
    check("rooms/{room: ", 0, &["topic rooms/{room: Name}", "On the wire: `chat/rooms/{room}`"]);
    check("dj\n", 0, &["role dj"]);
    check("chat {", 0, &["namespace chat", "Talk.", "`chat/…`"]);
    check("session covers", 0, &["flow session covers chat/*", "Covers 2 messages, starts in `member`"]);
    check(
        "away extends",
        0,
        &["state away extends member { chat/leave }", "- `chat/send`", "- `chat/leave`", "After 30000 ms → end"],
    );
}

#[test]
fn places_and_paths_show_what_they_name() {
    check("room}\n", 0, &["room\n", "room: Name"]);
    check("record\n  message", 0, &["record\n"]);
}

#[test]
fn words_of_the_language_have_a_line_of_help() {
    check("identity", 0, &["identity\n", "the type of who a connection is"]);
    check("uuid", 0, &["uuid\n`uuid`\n\nA hyphenated UUID."]);
    check("len 3", 0, &["len\n", "how long"]);
    check("match", 0, &["match\n"]);
    check("@rate", 0, &["@rate\n", "How many"]);
    check("reply ok", 0, &["reply\n"]);
    check("mailboxes", 0, &["mailboxes\n", "the handler returns"]);
}

#[test]
fn an_allowed_warning_shows_its_page() {
    let (analysis, offset) = at("wsr 1\n@allow(secret-$0event, \"why\")\nevent e to all\n");
    let found = hover(&analysis, 0, offset).expect("there is a page");
    assert!(shown(&analysis, found.span).ends_with(" secret-event"));
    assert!(found.markdown.starts_with("# WSR0408"), "{}", found.markdown);
}

#[test]
fn comments_and_blanks_show_nothing() {
    for text in ["wsr 1\n// $0type\n", "wsr 1\n$0\n", "wsr 1\ntype A = u8 $0 \n", ""] {
        let (analysis, offset) = if text.is_empty() { at("$0") } else { at(text) };
        assert_eq!(hover(&analysis, 0, offset), None, "{text:?}");
    }
}
