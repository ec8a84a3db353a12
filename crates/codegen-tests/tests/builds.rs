//! Builds of a small package: what a user sees when something is wrong.
//!
//! One test, since each step is a run of cargo on the same package. It shares the target folder of this
//! build, so only our own crates are compiled once more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A workspace with one package `app` in the target folder.
struct Workspace {
    root: PathBuf,
}

impl Workspace {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("builds");
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("app/src")).unwrap();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::copy(crates.parent().unwrap().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let workspace = Self { root };
        workspace.write("Cargo.toml", WORKSPACE);
        workspace.write("app/Cargo.toml", &PACKAGE.replace("CRATES", &crates.display().to_string()));
        workspace.write("app/build.rs", "fn main() {\n    switchboard_build::compile(\"routes.wsr\");\n}\n");
        workspace.write("app/routes.wsr", ROUTES);
        workspace.write("app/src/main.rs", MAIN);
        workspace
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.root.join(file), text).unwrap();
    }

    /// What cargo prints on standard error, without colours.
    fn build(&self) -> String {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS")
            .env_remove("OUT_DIR")
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    }

    /// Builds with one file changed, and puts it back.
    fn build_with(&self, file: &str, before: &str, from: &str, to: &str) -> String {
        assert!(before.contains(from), "{from}");
        self.write(file, &before.replacen(from, to, 1));
        let printed = self.build();
        self.write(file, before);
        printed
    }
}

/// The headlines of errors, without the last one that only counts them.
fn errors(printed: &str) -> Vec<&str> {
    let lines = printed.lines().filter(|line| line.starts_with("error"));
    lines.filter(|line| !line.contains("could not compile")).collect()
}

#[test]
fn mistakes_are_shown_where_they_were_made() {
    let workspace = Workspace::new();
    let printed = workspace.build();
    assert_eq!(errors(&printed), [""; 0], "{printed}");

    broken_routes(&workspace);
    wrong_handlers(&workspace);
    wrong_calls(&workspace);
    missing_pieces(&workspace);

    let printed = workspace.build();
    assert_eq!(errors(&printed), [""; 0], "{printed}");
}

fn broken_routes(workspace: &Workspace) {
    let broken =
        ROUTES.replace("{ text: Text", "{ text: Txt").replace("reply ok or ChatError", "reply ok or ChatErrors");
    let printed = workspace.build_with("app/routes.wsr", &broken, "wsr 1", "wsr 1");
    workspace.write("app/routes.wsr", ROUTES);
    let found = errors(&printed);
    assert_eq!(found.len(), 2, "the last good code stands in, so nothing else is wrong:\n{printed}");
    assert!(found[0].starts_with("error: [WSR0101]") && found[0].contains("`Txt`"), "{printed}");
    let lines: Vec<&str> = printed.lines().collect();
    let first = lines.iter().position(|line| line.starts_with("error")).unwrap();
    assert_eq!(lines[first + 1].trim_start(), "--> app/routes.wsr:10:24", "{printed}");
    assert!(printed.contains("did you mean `Text`?"), "{printed}");
    assert!(printed.contains("--> app/src/main.rs:1:22"), "{printed}");
}

fn wrong_handlers(workspace: &Workspace) {
    let main = |from, to| workspace.build_with("app/src/main.rs", MAIN, from, to);

    let printed = main("async fn ping", "async fn pong");
    assert!(printed.contains("error[E0407]: method `pong` is not a member of trait `routes::Handlers`"), "{printed}");
    assert!(printed.contains("missing `ping` in implementation"), "{printed}");
    assert!(printed.contains("// ping, routes.wsr:8"), "the line of the trait tells where: {printed}");

    let printed = main("message: &chat::Send", "message: &chat::Posted");
    assert_eq!(errors(&printed), ["error[E0053]: method `send` has an incompatible type for trait"]);
    assert!(
        printed.contains("expected `chat::Send`, found `chat::Posted`") || printed.contains("found `Posted`"),
        "{printed}"
    );
    assert!(printed.contains("--> app/src/main.rs:13"), "{printed}");

    let printed = main("Result<chat::Posted, chat::ChatError>", "Result<(), chat::ChatError>");
    assert!(printed.contains("error[E0271]") && printed.contains("to be a future that resolves to"), "{printed}");
    assert!(printed.contains("// chat/send, routes.wsr:10"), "{printed}");
    assert!(printed.contains("--> app/src/main.rs:13"), "{printed}");

    let printed = main("impl chat::Handlers for App", "impl App");
    let wanted = "error[E0277]: no handlers for namespace `chat`: `impl chat::Handlers for App` is missing";
    assert!(errors(&printed).contains(&wanted), "{printed}");
    assert!(printed.contains("routes.wsr needs it for `chat/send`"), "{printed}");
}

fn wrong_calls(workspace: &Workspace) {
    let main = |from, to| workspace.build_with("app/src/main.rs", MAIN, from, to);

    let printed = main("routes!(\"routes.wsr\")", "routes!(routes)");
    assert!(errors(&printed)[0].starts_with("error: `routes!` takes the name of one file"), "{printed}");

    let printed = main("routes!(\"routes.wsr\")", "routes!(\"other.wsr\")");
    assert!(errors(&printed)[0].starts_with("error: build.rs has not compiled `other.wsr`"), "{printed}");
    assert!(printed.contains("switchboard_build::compile(\"other.wsr\");"), "{printed}");

    let printed = main(".to_topic(", ".to_all(");
    assert!(printed.contains("is not declared to go to all"), "{printed}");
}

fn missing_pieces(workspace: &Workspace) {
    fs::remove_file(workspace.root.join("app/routes.wsr")).unwrap();
    let printed = workspace.build();
    workspace.write("app/routes.wsr", ROUTES);
    assert_eq!(errors(&printed), ["error: [WSR0001] there is no such file"], "{printed}");
    assert!(printed.contains("--> app/routes.wsr:1:1"), "{printed}");

    fs::remove_file(workspace.root.join("app/build.rs")).unwrap();
    let printed = workspace.build();
    workspace.write("app/build.rs", "fn main() {\n    switchboard_build::compile(\"routes.wsr\");\n}\n");
    let wanted = "error: this package has no build script, so nobody has compiled `routes.wsr`";
    assert_eq!(errors(&printed).first(), Some(&wanted), "{printed}");
}

const WORKSPACE: &str = "[workspace]\nmembers = [\"app\"]\nresolver = \"3\"\n\n\
                         [profile.dev.build-override]\nopt-level = 2\n";

const PACKAGE: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                       [dependencies]\nswitchboard = { path = \"CRATES/switchboard\" }\n\n\
                       [build-dependencies]\nswitchboard-build = { path = \"CRATES/switchboard-build\" }\n";

const ROUTES: &str = "wsr 1
type Text = string(len 1..=9)
namespace chat {
  topic rooms/{room: Text}
  error ChatError { full }
  event posted { room: Text, text: Text } to topic rooms/{room}
}
message ping -> reply ok
namespace chat {
  message send { text: Text } -> reply ok or ChatError -> posted
}
";

const MAIN: &str = "switchboard::routes!(\"routes.wsr\");

struct App;

impl routes::Handlers for App {
    async fn ping(&self, _cx: &Cx, _message: &Ping) -> Result<(), switchboard::Error> {
        Ok(())
    }
}

impl chat::Handlers for App {
    // The line below is the one that is made wrong.
    async fn send(&self, _cx: &Cx, message: &chat::Send) -> Result<chat::Posted, chat::ChatError> {
        Ok(chat::Posted { room: message.text.clone(), text: message.text.clone() })
    }
}

fn main() {
    let server = serve(std::sync::Arc::new(App));
    let text = Text::new(\"a\").unwrap();
    let event = chat::Posted { room: text.clone(), text: text.clone() };
    server.switchboard().push(event).to_topic(&chat::rooms(&text));
}
";
