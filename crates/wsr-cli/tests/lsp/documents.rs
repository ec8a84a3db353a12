//! Buffers, files and what is reported about them.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Editor, range};

#[test]
fn reports_carry_code_link_help_and_labels() {
    let mut editor = Editor::start();
    let reports = editor.open("routes.wsr", "wsr 1\nmessage a { x: strng } -> reply ok\nmessage a -> reply ok\n");
    assert_eq!(reports.len(), 2, "{reports:#?}");
    let unknown = &reports[0];
    assert_eq!(unknown["code"], "WSR0101");
    assert_eq!(unknown["source"], "wsr");
    assert_eq!(unknown["severity"], 1);
    assert_eq!(range(&unknown["range"]), "1:15-1:20");
    assert_eq!(unknown["message"], "unknown type `strng`: no type of this name\nhelp: did you mean `string`?");
    let twice = &reports[1];
    assert_eq!(twice["code"], "WSR0104");
    assert_eq!(range(&twice["relatedInformation"][0]["location"]["range"]), "1:8-1:9");
    let link = unknown["codeDescription"]["href"].as_str().expect("the code has a link");
    assert!(link.ends_with("WSR0101.md"), "{link}");
    if let Some(path) = link.strip_prefix("file://") {
        let page = fs::read_to_string(path).expect("the page is there");
        assert!(page.starts_with("# WSR0101"), "{page}");
    }
}

#[test]
fn what_is_unused_may_be_shown_faded() {
    let mut editor = Editor::start();
    let reports = editor.open("routes.wsr", "wsr 1\n/// Pings.\nmessage ping -> reply ok\ntype Colour = u8\n");
    let unused = reports.iter().find(|report| report["code"] == "WSR0801").expect("it is unused");
    assert_eq!((&unused["severity"], &unused["tags"]), (&json!(2), &json!([1])));
}

#[test]
fn edits_are_taken_piece_by_piece_in_units_of_utf_16() {
    let mut editor = Editor::start();
    let text = "wsr 1\n// 😀漢\n/* 😀 */ message ping -> reply ok\n";
    assert_eq!(editor.open("routes.wsr", text)[0]["code"], "WSR0006");
    // The comment is two units longer in UTF-16 than it has letters, and it goes in two pieces.
    let piece = |line: u32, from: u32, to: u32, text: &str| json!({ "range": { "start": { "line": line, "character": from }, "end": { "line": line, "character": to } }, "text": text });
    editor.change("routes.wsr", 2, json!([piece(2, 0, 3, ""), piece(2, 0, 6, ""), piece(1, 5, 6, "é")]));
    let reports = editor.diagnostics("routes.wsr");
    assert!(reports.iter().all(|report| report["severity"] != 1), "{reports:#?}");
}

#[test]
fn columns_are_bytes_when_the_editor_offers_that() {
    let mut editor = Editor::silent();
    let answer = editor.request(
        "initialize",
        json!({ "processId": null, "rootUri": null, "capabilities": { "general": { "positionEncodings": ["utf-16", "utf-8"] } } }),
    );
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-8");
    editor.notify("initialized", json!({}));
    let text = "wsr 1\n/// 😀\nmessage a { x: string = \"😀\", y: strng } -> reply ok\n";
    let reports = editor.open("routes.wsr", text);
    assert_eq!(range(&reports[0]["range"]), "2:35-2:40");
    let mut editor = Editor::start();
    assert_eq!(range(&editor.open("routes.wsr", text)[0]["range"]), "2:33-2:38");
}

#[test]
fn a_burst_of_edits_ends_in_the_reports_of_the_last_one() {
    let mut editor = Editor::start();
    editor.open("routes.wsr", "wsr 1\n");
    for version in 2..40 {
        let text = format!("wsr 1\n/// Pings.\nmessage ping{version}: Nope{version} -> reply ok\n");
        editor.change("routes.wsr", version, json!([{ "text": text }]));
    }
    let last = editor.wait("the last reports", |message| message["params"]["version"] == 39);
    assert!(last["params"]["diagnostics"][0]["message"].as_str().is_some_and(|text| text.contains("Nope39")), "{last}");
}

#[test]
fn a_file_that_is_imported_is_part_of_the_protocol_that_imports_it() {
    let mut editor = Editor::start();
    editor.write("app/routes.wsr", "wsr 1\nimport \"parts/chat.wsr\"\n/// Says.\nmessage say: Line -> reply ok\n");
    editor.write("app/parts/chat.wsr", "wsr 1\ntype Line = string(len 1..=9)\n");
    // The part alone would be an unused type; here it is used.
    assert_eq!(editor.open("app/parts/chat.wsr", "wsr 1\ntype Line = string(len 1..=9)\n"), Vec::<Value>::new());
    let found = editor.at("textDocument/references", "app/parts/chat.wsr", (1, 6));
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
    assert_eq!(found[0]["uri"], json!(editor.uri("app/routes.wsr")));
    // What is typed in the part counts for the root, saved or not.
    editor.change("app/parts/chat.wsr", 2, json!([{ "text": "wsr 1\ntype Lin = string(len 1..=9)\n" }]));
    let reports = editor.diagnostics("app/routes.wsr");
    assert_eq!(reports[0]["code"], "WSR0101");
    // And when it is closed, what is on the disk.
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": editor.uri("app/parts/chat.wsr") } }));
    assert_eq!(editor.diagnostics("app/routes.wsr"), Vec::<Value>::new());
}

#[test]
fn reports_are_taken_back_when_a_file_leaves_the_protocol() {
    let mut editor = Editor::start();
    editor.write("part.wsr", "wsr 1\ntype A = strng\n");
    editor.open("routes.wsr", "wsr 1\nimport \"part.wsr\"\n");
    assert_eq!(editor.diagnostics("part.wsr")[0]["code"], "WSR0101");
    editor.change("routes.wsr", 2, json!([{ "text": "wsr 1\n" }]));
    assert_eq!(editor.diagnostics("part.wsr"), Vec::<Value>::new());
}

#[test]
fn a_file_that_changes_on_the_disk_is_looked_at_again() {
    let mut editor = Editor::start();
    let missing = editor.open("routes.wsr", "wsr 1\nimport \"part.wsr\"\n/// Says.\nmessage m: A -> reply ok\n");
    assert_eq!(missing[0]["code"], "WSR0008");
    editor.write("part.wsr", "wsr 1\ntype A = u8\n");
    let change = json!({ "changes": [{ "uri": editor.uri("part.wsr"), "type": 1 }] });
    editor.notify("workspace/didChangeWatchedFiles", change);
    assert_eq!(editor.diagnostics("routes.wsr"), Vec::<Value>::new());
}

#[test]
fn an_editor_that_watches_files_is_asked_to() {
    let mut editor = Editor::start_with(json!({
        "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
    }));
    let asked = editor.wait("the registration", |message| message["method"] == "client/registerCapability");
    let registration = &asked["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(registration["registerOptions"]["watchers"][0]["globPattern"], "**/*.wsr");
    editor.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": null }));
    assert_eq!(editor.stop(), Some(0));
}

#[test]
fn a_buffer_that_is_no_file_is_a_protocol_of_its_own() {
    let mut editor = Editor::start();
    let params = json!({ "textDocument": { "uri": "untitled:Untitled-1", "languageId": "wsr", "version": 1, "text": "wsr 2\n" } });
    editor.notify("textDocument/didOpen", params);
    let reports = editor.wait("reports", |message| message["params"]["uri"] == "untitled:Untitled-1");
    assert_eq!(reports["params"]["diagnostics"][0]["code"], "WSR0002");
}
