//! An editor, as far as the server can tell.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any answer takes, so that a test which hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server and its editor, in a folder of their own.
pub struct Editor {
    pub folder: TempDir,
    child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<Value>,
    /// Came in while something else was waited for.
    held: VecDeque<Value>,
    next_id: i64,
}

impl Editor {
    /// An editor that can do what most can.
    pub fn start() -> Self {
        Self::start_with(json!({
            "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
            "workspace": { "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] } },
        }))
    }

    /// An editor that says that it can do this; the handshake is done.
    pub fn start_with(capabilities: Value) -> Self {
        let mut editor = Self::silent();
        let answer =
            editor.request("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        assert!(answer["capabilities"].is_object(), "{answer}");
        editor.notify("initialized", json!({}));
        editor
    }

    /// An editor that has said nothing yet.
    pub fn silent() -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        let mut child = Command::new(env!("CARGO_BIN_EXE_wsr"))
            .arg("lsp")
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("wsr starts");
        let (sender, incoming) = mpsc::channel();
        let stdout = child.stdout.take().expect("it has an output");
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(message) = read(&mut stdout) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let stdin = child.stdin.take();
        Self { folder, child, stdin, incoming, held: VecDeque::new(), next_id: 1 }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    /// Puts a file on the disk.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("folders can be made");
        fs::write(path, text).expect("files can be written");
    }

    /// Writes bytes to the server as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("the input is open");
        stdin.write_all(bytes).expect("the server reads");
        stdin.flush().expect("the server reads");
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request, and gives its number.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The whole answer to a request.
    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(&format!("an answer to {id}"), |message| message["id"] == json!(id) && message["method"].is_null())
    }

    /// What a request results in; it must not be refused.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The error that a request ends in.
    pub fn refused(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer["error"].is_object(), "{method}: {answer}");
        answer["error"].clone()
    }

    /// The next message that is like this.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.held.iter().position(&wanted) {
            return self.held.remove(at).expect("it is there");
        }
        loop {
            let message = self.incoming.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no {what}: {error}"));
            if wanted(&message) {
                return message;
            }
            self.held.push_back(message);
        }
    }

    /// Opens a buffer, and gives what is reported about it.
    pub fn open(&mut self, name: &str, text: &str) -> Vec<Value> {
        let uri = self.uri(name);
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": "wsr", "version": 1, "text": text } }),
        );
        self.diagnostics(name)
    }

    /// Changes a buffer: each change has a `range` and a `text`, or a `text` alone.
    pub fn change(&mut self, name: &str, version: i64, changes: Value) {
        let uri = self.uri(name);
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": changes }),
        );
    }

    /// The next reports about a file.
    pub fn diagnostics(&mut self, name: &str) -> Vec<Value> {
        let uri = json!(self.uri(name));
        let message = self.wait(&format!("reports about {name}"), |message| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
        });
        message["params"]["diagnostics"].as_array().expect("reports are a list").clone()
    }

    /// A request about a place of a file.
    pub fn at(&mut self, method: &str, name: &str, (line, character): (u32, u32)) -> Value {
        let uri = self.uri(name);
        let params = json!({
            "textDocument": { "uri": uri },
            "position": { "line": line, "character": character },
            "context": { "includeDeclaration": true, "triggerKind": 1 },
        });
        self.request(method, params)
    }

    /// A request about a whole file.
    pub fn whole(&mut self, method: &str, name: &str) -> Value {
        let uri = self.uri(name);
        let params = json!({
            "textDocument": { "uri": uri },
            "options": { "tabSize": 2, "insertSpaces": true },
            "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 9999, "character": 0 } },
            "context": { "diagnostics": [] },
        });
        self.request(method, params)
    }

    /// Says goodbye as the protocol wants it, and gives the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.code()
    }

    /// Closes the pipe, and gives the exit code.
    pub fn code(mut self) -> Option<i32> {
        self.stdin = None;
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // Of a test that failed in the middle; it may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(stdout: &mut BufReader<impl Read>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = value.parse().ok()?;
                }
            }
        }
    }
    let mut bytes = vec![0; length];
    stdout.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A text without its mark `$0`, and the line and column (in units of UTF-16) where it stood.
pub fn marked(text: &str) -> (String, (u32, u32)) {
    let at = text.find("$0").expect("the text has a mark");
    let before = &text[..at];
    let line = before.matches('\n').count() as u32;
    let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() as u32;
    (text.replacen("$0", "", 1), (line, column))
}

/// `line:column-line:column`, from 0 as in the protocol.
pub fn range(value: &Value) -> String {
    let place = |at: &Value| format!("{}:{}", at["line"], at["character"]);
    format!("{}-{}", place(&value["start"]), place(&value["end"]))
}
