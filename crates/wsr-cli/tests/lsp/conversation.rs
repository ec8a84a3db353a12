//! The handshake, the end, and what a well-behaved editor never does.

use serde_json::{Value, json};

use crate::support::Editor;

#[test]
fn the_handshake_tells_what_the_server_can_do() {
    let mut editor = Editor::silent();
    let answer = editor.request("initialize", json!({ "processId": null, "rootUri": null, "capabilities": {} }));
    assert_eq!(answer["serverInfo"]["name"], "wsr");
    let can = &answer["capabilities"];
    assert_eq!(can["positionEncoding"], "utf-16");
    for provider in [
        "hoverProvider",
        "completionProvider",
        "definitionProvider",
        "referencesProvider",
        "renameProvider",
        "documentSymbolProvider",
        "workspaceSymbolProvider",
        "documentFormattingProvider",
        "semanticTokensProvider",
        "foldingRangeProvider",
        "inlayHintProvider",
        "codeActionProvider",
        "codeLensProvider",
    ] {
        assert!(!can[provider].is_null(), "no {provider} in {can}");
    }
    editor.notify("initialized", json!({}));
    assert_eq!(editor.stop(), Some(0));
}

#[test]
fn an_exit_without_a_shutdown_is_a_failure() {
    let mut editor = Editor::start();
    editor.notify("exit", Value::Null);
    assert_eq!(editor.code(), Some(1));
    assert_eq!(Editor::start().code(), Some(1), "the pipe was closed");
}

#[test]
fn nothing_is_answered_after_the_shutdown() {
    let mut editor = Editor::start();
    editor.request("shutdown", Value::Null);
    let refused = editor.refused("workspace/symbol", json!({ "query": "" }));
    assert_eq!(refused["code"], -32600);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.code(), Some(0));
}

#[test]
fn requests_before_the_handshake_are_refused() {
    let mut editor = Editor::silent();
    let refused = editor.refused("textDocument/hover", json!({}));
    assert_eq!(refused["code"], -32002);
}

#[test]
fn odd_requests_are_refused_and_the_server_goes_on() {
    let mut editor = Editor::start();
    editor.open("routes.wsr", "wsr 1\nmessage ping -> reply ok\n");
    assert_eq!(editor.refused("no/such/method", json!({}))["code"], -32601);
    for params in [json!(null), json!([]), json!({ "textDocument": 7 }), json!("text"), json!({})] {
        assert_eq!(editor.refused("textDocument/hover", params)["code"], -32602);
    }
    editor.notify("textDocument/didChange", json!({ "textDocument": null }));
    editor.notify("no/such/notification", json!([1, 2]));
    // Positions that are nowhere, and files that are not open.
    for place in [(0, 999), (999, 0), (4_000_000_000, 4_000_000_000)] {
        editor.at("textDocument/hover", "routes.wsr", place);
        editor.at("textDocument/completion", "routes.wsr", place);
    }
    assert_eq!(editor.at("textDocument/hover", "gone.wsr", (0, 0)), Value::Null);
    // Edits that begin behind their own end, and behind the end of the text.
    let backwards = json!({ "start": { "line": 9, "character": 9 }, "end": { "line": 0, "character": 2 } });
    editor.change("routes.wsr", 2, json!([{ "range": backwards, "text": "é" }]));
    let reports = editor.diagnostics("routes.wsr");
    assert_eq!(reports[0]["code"], "WSR0002");
    assert_eq!(editor.stop(), Some(0));
}

#[test]
fn a_request_that_is_taken_back_in_time_is_answered_as_cancelled() {
    let mut editor = Editor::start();
    // The server is busy with the first message, so the rest waits together.
    let fields: String = (0..3_000).map(|n| format!("  f{n}: u8\n")).collect();
    editor.notify(
        "textDocument/didOpen",
        json!({ "textDocument": {
            "uri": editor.uri("routes.wsr"), "languageId": "wsr", "version": 1,
            "text": format!("wsr 1\nstruct S {{\n{fields}}}\nmessage m: S -> reply ok\n"),
        } }),
    );
    let params = json!({ "textDocument": { "uri": editor.uri("routes.wsr") } });
    let first = editor.ask("textDocument/documentSymbol", params.clone());
    let second = editor.ask("textDocument/documentSymbol", params);
    editor.notify("$/cancelRequest", json!({ "id": second }));
    assert!(editor.answer(first)["result"].is_array());
    let answer = editor.answer(second);
    // It may have been answered before the word came: that is the protocol's other right answer.
    assert!(answer["error"]["code"] == -32800 || answer["result"].is_array(), "{answer}");
    assert_eq!(editor.stop(), Some(0));
}
