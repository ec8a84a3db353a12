//! `wsr new`: the project works, and the handlers compile.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::support::{Folder, cargo, checkout};

/// A project in a folder; called as no crate of the workspace is.
fn project(folder: &Folder) -> std::path::PathBuf {
    let checkout = checkout();
    folder.wsr(&["new", "fresh-start", "--switchboard", checkout.to_str().unwrap()]).expect(0);
    folder.path().join("fresh-start")
}

/// Lines of code: no comments, nothing empty.
fn code_lines(file: &Path) -> usize {
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//")).count()
}

/// One test, since each step runs cargo on the same project.
#[test]
fn a_new_project_passes_its_tests_and_takes_the_printed_handlers() {
    let folder = Folder::new();
    let project = project(&folder);
    assert!(code_lines(&project.join("src/lib.rs")) < 10, "own code");

    let tested = cargo(&project, &["test"]);
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(tested.out.contains("3 passed"), "{tested:?}");

    folder.write("fresh-start/routes.wsr", RICH);
    let own = folder.read("fresh-start/src/lib.rs");
    let head = own.split("impl ").next().unwrap();
    let namespaces = ["routes", "chat", "chat/admin", "log", "std", "fresh"];
    let mut lib = format!("{}\n", head.replace("//! ", "// "));
    let mut mods = String::new();
    for (at, namespace) in namespaces.iter().enumerate() {
        let printed = folder.wsr_in("fresh-start", &["new", "--handlers", namespace]).expect(0);
        // Each in a file of its own, as authors have them; `App` is found in none of them yet.
        folder.write(&format!("fresh-start/src/part_{at}.rs"), format!("use crate::App;\n{printed}"));
        mods.push_str(&format!("mod part_{at};\n"));
    }
    lib.push_str(&mods);
    folder.write("fresh-start/src/lib.rs", format!("#![allow(unused_variables)]\n{lib}"));
    let checked = cargo(&project, &["check", "--lib"]);
    assert_eq!((checked.code, checked.err.contains("src/part_")), (Some(0), false), "{checked:?}");

    for at in 0..namespaces.len() {
        let file = format!("src/part_{at}.rs");
        let text = folder.read(&format!("fresh-start/{file}"));
        let formatted =
            Command::new("rustfmt").args(["--edition", "2024", "--check", &file]).current_dir(&project).output();
        let formatted = formatted.unwrap();
        assert!(formatted.status.success(), "{}\n{text}", String::from_utf8_lossy(&formatted.stdout));
    }
}

/// Every kind of handler, and names that are Rust's own.
const RICH: &str = r#"wsr 1
type UserId = string(len 1..=20)
roles editor, guest
identity UserId

struct Option { vec: [string(len ..=9)](len ..=3) }
error Error { no }
event tick { at: timestamp } to all

message ping -> silent
message greet { name: string(len ..=40) } -> reply Option or Error
message tune: Option => log::record, tune -> reply ok
message type => type_ -> reply ok

namespace log {
  /// Everything is written down.
  handler record(any)
}

namespace chat {
  @authorize
  @presence
  topic rooms/{room: UserId}/at/{cx: u8}
  error SendError { full }
  event posted { room: UserId, table: u8, text: string } to topic rooms/{room}/at/{table}
  event note { text: string }

  message send { room: UserId, text: string(len ..=90) }
    => allowed
    then keep -> reply ok or SendError -> posted -> note to mailboxes
  message enter { room: UserId, table: u8 } -> reply ok -> join rooms/{room}/at/{table} -> tick?
  message typing { room: UserId, table: u8 } -> relay to others in topic rooms/{room}/at/{table}

  @binary(0x10)
  message frame { seq: u32, data: bytes(len 1..=64) } -> silent

  namespace admin {
    message close { room: UserId, role: Role } -> reply map<UserId, u8?> or SendError
  }
}

namespace std {
  message exit -> reply uuid
}

namespace fresh {
  message Send { value: json } -> reply json
}
"#;

#[test]
fn a_new_project_is_formatted_and_has_no_findings() {
    let folder = Folder::new();
    let project = project(&folder);
    let said = folder.wsr_in("fresh-start/src", &["check", "--deny", "warnings"]).expect(0);
    assert_eq!(said, "../routes.wsr: 1 message, 0 events, no findings\n");
    let files = ["build.rs", "src/lib.rs", "src/main.rs", "tests/server.rs"];
    let formatted =
        Command::new("rustfmt").args(["--edition", "2024", "--check"]).args(files).current_dir(project).output();
    let formatted = formatted.unwrap();
    assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
}

#[test]
fn without_a_checkout_a_project_depends_on_the_version_of_the_command() {
    let folder = Folder::new();
    let said = folder.wsr(&["new", "apps/poll"]).expect(0);
    assert!(said.starts_with("made apps/poll: ") && said.contains("--switchboard PATH"), "{said}");
    let manifest = folder.read("apps/poll/Cargo.toml");
    let version = env!("CARGO_PKG_VERSION");
    assert!(manifest.contains(&format!("\nswitchboard = \"{version}\"\n")), "{manifest}");
    assert!(manifest.contains(&format!("\nswitchboard-build = \"{version}\"\n")), "{manifest}");
    assert!(
        manifest.contains("name = \"poll\"\n") && !manifest.contains('{') | manifest.contains("{ version"),
        "{manifest}"
    );
    assert!(!manifest.contains("[workspace]"), "{manifest}");
    assert_eq!(folder.read("apps/poll/.gitignore"), "/target\n");
}

#[test]
fn a_project_inside_a_workspace_is_one_of_its_own() {
    let folder = Folder::with(&[("Cargo.toml", "[workspace]\nmembers = []\n")]);
    folder.wsr(&["new", "poll"]).expect(0);
    assert!(folder.read("poll/Cargo.toml").ends_with("\n[workspace]\n"));
}

#[test]
fn nothing_is_written_where_something_is() {
    let folder = Folder::with(&[("poll/notes.txt", "mine"), ("file", "")]);
    let said = folder.wsr(&["new", "poll"]).failed();
    assert_eq!(said, "error: there is something in `poll` already\n\n  help: choose another name\n");
    assert_eq!(fs::read_dir(folder.path().join("poll")).unwrap().count(), 1);
    assert!(folder.wsr(&["new", "file"]).failed().starts_with("error: `file` is a file\n"));
    fs::create_dir(folder.path().join("empty")).unwrap();
    folder.wsr(&["new", "empty"]).expect(0);
}

#[test]
fn names_that_no_package_can_have_are_refused_with_the_reason() {
    let folder = Folder::new();
    let said = folder.wsr(&["new", "9lives"]).failed();
    assert_eq!(
        said,
        "error: a package cannot be called `9lives`: it does not begin with a letter\n\n  help: try `wsr new hello`\n"
    );
    assert!(folder.wsr(&["new", "async"]).failed().contains("a word of Rust's own"));
    assert!(folder.wsr(&["new", ".."]).failed().contains("cannot be called"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_checkout_has_to_be_one() {
    let folder = Folder::new();
    let said = folder.wsr(&["new", "poll", "--switchboard", "."]).failed();
    assert!(said.starts_with("error: `.` is no checkout of Switchboard\n"), "{said}");
    assert!(!folder.path().join("poll").exists());
}

#[test]
fn a_project_needs_a_name() {
    let said = Folder::new().wsr(&["new"]).failed();
    assert!(said.contains("<NAME>"), "{said}");
}

const CHAT: &str = "wsr 1\n\nnamespace chat {\n  /// Says it.\n  message send { text: string(len ..=9) } -> reply ok\n}\n\nnamespace quiet {\n  message typing -> relay to others\n}\n";

#[test]
fn handlers_are_printed_for_a_namespace() {
    let folder = Folder::with(&[("protocol.wsr", CHAT)]);
    let printed = folder.wsr(&["new", "--handlers", "chat", "protocol.wsr"]).expect(0);
    assert_eq!(
        printed,
        "use crate::routes::{Cx, chat};\n\nimpl chat::Handlers for App {\n    // chat/send, protocol.wsr:5\n    \
         async fn send(&self, cx: &Cx, message: &chat::Send) -> Result<(), switchboard::Error> {\n        todo!()\n    }\n}\n"
    );
}

#[test]
fn handlers_that_decide_who_may_join_are_printed_too() {
    let text = "wsr 1\n\nnamespace chat {\n  type Room = string(len ..=9)\n\n  @authorize\n  topic rooms/{room: Room}/{nick: string}\n}\n";
    let folder = Folder::with(&[("protocol.wsr", text)]);
    let printed = folder.wsr(&["new", "--handlers", "chat", "protocol.wsr"]).expect(0);
    let head = "async fn authorize_rooms( &self, cx: &Cx, room: &chat::Room, nick: &str, ) -> Result<bool, ";
    let words: Vec<&str> = printed.split_whitespace().collect();
    assert!(words.join(" ").contains(head), "{printed}");
}

#[test]
fn a_handler_of_a_stream_takes_its_items() {
    let text = "wsr 1\n\nnamespace chat {\n  struct Line { n: u8 }\n  message tail -> stream of Line\n}\n";
    let folder = Folder::with(&[("routes.wsr", text)]);
    let printed = folder.wsr(&["new", "--handlers", "chat"]).expect(0);
    let expected = "    async fn tail(\n        &self,\n        cx: &Cx,\n        message: &chat::Tail,\n        \
                    items: &switchboard::Items<chat::Line>,\n    ) -> Result<(), switchboard::Error> {\n";
    assert!(printed.contains(expected), "{printed}");
}

#[test]
fn handlers_name_the_module_and_the_type_that_the_package_has() {
    let folder = Folder::with(&[
        ("routes.wsr", CHAT),
        ("src/main.rs", "mod net;\nstruct Studio;\n\nimpl log::Handlers for Studio {\n"),
        ("src/net/wire.rs", "switchboard::routes!(\"routes.wsr\");\n"),
    ]);
    let printed = folder.wsr_in("src/net", &["new", "--handlers", "chat"]).expect(0);
    assert!(
        printed.starts_with("use crate::net::wire::{Cx, chat};\n\nimpl chat::Handlers for Studio {\n"),
        "{printed}"
    );
}

#[test]
fn handlers_of_a_namespace_that_has_none_are_an_error_with_advice() {
    let folder = Folder::with(&[("routes.wsr", CHAT)]);
    let said = folder.wsr(&["new", "--handlers", "chta"]).failed();
    assert_eq!(said, "error: namespace `chta` does not exist\n\n  help: did you mean `chat`?\n");
    let said = folder.wsr(&["new", "--handlers", "quiet"]).failed();
    assert_eq!(said, "error: namespace `quiet` needs no handlers\n\n  help: there are handlers in `chat`\n");
}

#[test]
fn handlers_of_a_broken_protocol_are_its_errors() {
    let folder = Folder::with(&[("routes.wsr", "wsr 1\nmessage a: B -> silent\n")]);
    let ran = folder.wsr(&["new", "--handlers", "routes"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("WSR0101") && ran.err.ends_with("1 error in routes.wsr\n"), "{}", ran.err);
}
