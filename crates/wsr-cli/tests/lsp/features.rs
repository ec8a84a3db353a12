//! Each feature once, as it travels; what they say in every case is tested beside `wsr_compiler::ide`.

use serde_json::{Value, json};

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

#[test]
fn completions_are_edits_with_places_to_jump_through() {
    let (mut editor, place) = open("wsr 1\nstruct S { 😀: u8 }\nmes$0\n");
    let found = editor.at("textDocument/completion", "routes.wsr", place);
    let message = &found[0];
    assert_eq!(
        (&message["label"], &message["insertTextFormat"], &message["kind"]),
        (&json!("message"), &json!(2), &json!(14))
    );
    assert_eq!(range(&message["textEdit"]["range"]), "2:0-2:3");
    assert!(message["textEdit"]["newText"].as_str().is_some_and(|text| text.starts_with("message ${1:name}")));
    // Without snippets the text stands for itself.
    let mut editor = Editor::start_with(json!({}));
    editor.open("routes.wsr", "wsr 1\nmes\n");
    let found = editor.at("textDocument/completion", "routes.wsr", (1, 3));
    assert_eq!(found[0]["insertTextFormat"], 1);
    assert!(found[0]["textEdit"]["newText"].as_str().is_some_and(|text| !text.contains('$')));
}

#[test]
fn completion_counts_columns_in_units_of_utf_16() {
    let (mut editor, place) =
        open("wsr 1\ntype UserId = uuid\nmessage m { a: string = \"😀漢\", b: Us$0 } -> silent\n");
    let found = editor.at("textDocument/completion", "routes.wsr", place);
    let user = found.as_array().expect("a list").iter().find(|item| item["label"] == "UserId").expect("it is offered");
    assert_eq!(range(&user["textEdit"]["range"]), "2:34-2:36");
}

#[test]
fn a_new_name_is_written_in_all_files_with_a_note_about_the_wire() {
    let mut editor = Editor::start_with(json!({
        "workspace": { "workspaceEdit": { "documentChanges": true, "changeAnnotationSupport": {} } },
    }));
    editor.write("part.wsr", "wsr 1\nevent other to all\n");
    editor.open("routes.wsr", "wsr 1\nimport \"part.wsr\"\nmessage m -> other\n");
    let uri = editor.uri("routes.wsr");
    let prepared = editor.at("textDocument/prepareRename", "routes.wsr", (2, 14));
    assert_eq!((&prepared["placeholder"], range(&prepared["range"]).as_str()), (&json!("other"), "2:13-2:18"));
    let params = |name: &str| json!({ "textDocument": { "uri": uri }, "position": { "line": 2, "character": 14 }, "newName": name });
    let edit = editor.request("textDocument/rename", params("told"));
    let changes = edit["documentChanges"].as_array().expect("a list");
    let place = |change: &Value| format!("{} {}", change["textDocument"]["uri"], range(&change["edits"][0]["range"]));
    let mut places: Vec<String> = changes.iter().map(place).collect();
    places.sort();
    assert_eq!(places, [format!("{} 1:6-1:11", json!(editor.uri("part.wsr"))), format!("{} 2:13-2:18", json!(uri))]);
    assert_eq!(changes[0]["edits"][0]["newText"], "told");
    assert!(edit["changeAnnotations"]["on-the-wire"]["label"].is_string(), "{edit}");
    let refused = editor.refused("textDocument/rename", params("no name"));
    assert_eq!(refused["code"], -32803);
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("is no name")), "{refused}");
}

#[test]
fn symbols_of_a_file_and_of_all_files() {
    let (mut editor, _) = at("send {");
    let found = editor.whole("textDocument/documentSymbol", "routes.wsr");
    let names: Vec<&Value> = found.as_array().expect("a list").iter().map(|symbol| &symbol["name"]).collect();
    assert_eq!(names, ["RoomId", "Bad", "chat"]);
    assert_eq!(found[2]["children"].as_array().map(Vec::len), Some(3));
    let found = editor.request("workspace/symbol", json!({ "query": "send" }));
    assert_eq!((&found[0]["name"], &found[0]["containerName"]), (&json!("send"), &json!("chat")));
    assert_eq!(found[0]["location"]["uri"], json!(editor.uri("routes.wsr")));
}

#[test]
fn the_workspace_is_searched_even_when_no_file_is_open() {
    let mut editor = Editor::silent();
    editor.write("routes.wsr", "wsr 1\n/// Pings.\nmessage ping -> reply ok\ntype A = strng\n");
    let folder = json!([{ "uri": editor.uri(""), "name": "app" }]);
    editor.request(
        "initialize",
        json!({ "processId": null, "rootUri": null, "workspaceFolders": folder, "capabilities": {} }),
    );
    editor.notify("initialized", json!({}));
    assert_eq!(editor.diagnostics("routes.wsr")[0]["code"], "WSR0101");
    let found = editor.request("workspace/symbol", json!({ "query": "ping" }));
    assert_eq!(found[0]["name"], "ping");
}

#[test]
fn formatting_changes_the_lines_that_differ() {
    let mut editor = Editor::start();
    editor.open("routes.wsr", "wsr 1\n\ntype   A=u8\n\n/// Pings.\nmessage ping:A->reply ok\n");
    let edits = editor.whole("textDocument/formatting", "routes.wsr");
    assert_eq!(edits.as_array().map(Vec::len), Some(1), "{edits}");
    assert_eq!(range(&edits[0]["range"]), "2:0-6:0");
    assert_eq!(edits[0]["newText"], "type A = u8\n\n/// Pings.\nmessage ping: A -> reply ok\n");
    editor.change("routes.wsr", 2, json!([{ "text": "wsr 1\n\ntype A = u8\n" }]));
    assert_eq!(editor.whole("textDocument/formatting", "routes.wsr"), json!([]));
}

#[test]
fn semantic_tokens_are_counted_from_one_to_the_next() {
    let mut editor = Editor::start();
    editor.open("routes.wsr", "wsr 1\ntype A = string // 😀\ntype B = A\n");
    let tokens = editor.whole("textDocument/semanticTokens/full", "routes.wsr");
    let data: Vec<i64> = tokens["data"].as_array().expect("a list").iter().filter_map(Value::as_i64).collect();
    let places: Vec<&[i64]> = data.chunks(5).map(|token| &token[..3]).collect();
    let expected: [&[i64]; 10] = [
        &[0, 0, 3],
        &[0, 4, 1],
        &[1, 0, 4],
        &[0, 5, 1],
        &[0, 4, 6],
        &[0, 7, 5],
        &[1, 0, 4],
        &[0, 5, 1],
        &[0, 4, 1],
        &[0, 0, 0],
    ];
    assert_eq!(places, expected[..9]);
}

#[test]
fn folds_hints_and_lenses() {
    let (mut editor, _) = at("send {");
    let folds = editor.whole("textDocument/foldingRange", "routes.wsr");
    assert_eq!((&folds[0]["startLine"], &folds[0]["endLine"]), (&json!(4), &json!(9)));
    let hints = editor.whole("textDocument/inlayHint", "routes.wsr");
    assert_eq!((&hints[0]["label"], &hints[0]["position"]["character"]), (&json!(" => send"), &json!(31)));
    assert_eq!(hints[1]["label"], " to topic rooms/{room}");
    let lenses = editor.whole("textDocument/codeLens", "routes.wsr");
    assert_eq!(lenses[0]["command"]["title"], "1 handler");
}

#[test]
fn the_help_of_a_report_is_a_quick_fix() {
    let mut editor = Editor::start();
    editor.open("routes.wsr", "wsr 1\nmessage a { x: strng } -> reply ok\n");
    let found = editor.whole("textDocument/codeAction", "routes.wsr");
    let fix = &found[0];
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(fix["diagnostics"][0]["code"], "WSR0101");
    let edit = &fix["edit"]["changes"][editor.uri("routes.wsr")][0];
    assert_eq!((&edit["newText"], range(&edit["range"]).as_str()), (&json!("string"), "1:15-1:20"));
}

#[test]
fn handlers_are_written_into_a_new_file_beside_the_others() {
    let mut editor = Editor::start();
    editor.write("Cargo.toml", "");
    editor.open("routes.wsr", "wsr 1\nnamespace chat { message send -> reply ok }\n");
    let action = |editor: &mut Editor| {
        let uri = editor.uri("routes.wsr");
        let place = json!({ "line": 1, "character": 12 });
        let params = json!({ "textDocument": { "uri": uri }, "range": { "start": place, "end": place }, "context": { "diagnostics": [], "only": ["refactor"] } });
        let found = editor.request("textDocument/codeAction", params);
        let found = found.as_array().expect("a list").clone();
        found.into_iter().find(|action| action["title"] == "write `impl chat::Handlers for App`")
    };
    let edit = action(&mut editor).expect("it is offered")["edit"]["documentChanges"].clone();
    assert_eq!((&edit[0]["kind"], &edit[0]["uri"]), (&json!("create"), &json!(editor.uri("src/chat.rs"))));
    let text = edit[1]["edits"][0]["newText"].as_str().expect("it is text");
    assert!(text.contains("impl chat::Handlers for App {") && text.contains("async fn send(&self"), "{text}");
    // What exists is left alone.
    editor.write("src/chat.rs", "");
    let edit = action(&mut editor).expect("it is offered")["edit"]["documentChanges"].clone();
    assert_eq!(edit[0]["uri"], json!(editor.uri("src/chat_handlers.rs")));
    editor.write("src/chat_handlers.rs", "");
    assert_eq!(action(&mut editor), None);
}
