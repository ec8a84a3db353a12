//! Each feature once, as it travels; what they say in every case is tested beside `wsr_compiler::ide`.

use serde_json::Value;

use crate::support::{Editor, marked, range};

const CHAT: &str = r#"wsr 1
type RoomId = string(len 1..=40)
/// What went wrong.
error Bad { gone }
namespace chat {
  topic rooms/{room: RoomId}
  /// Somebody wrote.
  event posted { room: RoomId } to topic rooms/{room}
  /// Write.
  message send { room: RoomId } -> reply ok or Bad -> posted
}
"#;

fn open(text: &str) -> (Editor, (u32, u32)) {
    let (text, place) = marked(text);
    let mut editor = Editor::start();
    editor.open("routes.wsr", &text);
    (editor, place)
}

/// The example with the mark in front of this piece of it.
fn at(piece: &str) -> (Editor, (u32, u32)) {
    assert!(CHAT.contains(piece), "{piece}");
    open(&CHAT.replacen(piece, &format!("$0{piece}"), 1))
}

#[test]
fn hover_shows_markdown_about_a_name() {
    let (mut editor, place) = at("send {");
    let hover = editor.at("textDocument/hover", "routes.wsr", place);
    assert_eq!(range(&hover["range"]), "9:10-9:14");
    assert_eq!(hover["contents"]["kind"], "markdown");
    let text = hover["contents"]["value"].as_str().expect("it is text");
    for part in
        ["message send { room: RoomId }", "Write.", "chat/send", "async fn send(&self, cx: &Cx, message: &chat::Send)"]
    {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
}

#[test]
fn definition_leads_to_the_declaration() {
    let (mut editor, place) = at("posted\n");
    let found = editor.at("textDocument/definition", "routes.wsr", place);
    assert_eq!(range(&found[0]["range"]), "7:8-7:14");
}

#[test]
fn references_and_highlights_find_every_place() {
    let (mut editor, place) = at("RoomId = ");
    assert_eq!(editor.at("textDocument/references", "routes.wsr", place).as_array().map(Vec::len), Some(4));
    let marks = editor.at("textDocument/documentHighlight", "routes.wsr", place);
    let kinds: Vec<&Value> = marks.as_array().expect("a list").iter().map(|mark| &mark["kind"]).collect();
    assert_eq!(kinds, [3, 2, 2, 2]);
}
