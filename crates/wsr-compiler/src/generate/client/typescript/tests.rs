use super::*;
use crate::{analyze, source::SourceFile};

fn client(text: &str) -> Files {
    let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
    let errors: Vec<_> = analysis.errors().map(|error| error.title.clone()).collect();
    assert_eq!(errors, Vec::<String>::new());
    files(&analysis.model)
}

fn file(files: &Files, name: &str) -> String {
    files.iter().find(|(path, _)| *path == name).map(|(_, text)| text.to_owned()).unwrap()
}

#[test]
fn one_module_exports_what_applications_use_and_imports_nothing() {
    let files = client("wsr 1\nmessage ping -> reply ok\n");
    for name in ["client.js", "client.ts"] {
        let text = file(&files, name);
        assert!(!text.lines().any(|line| line.starts_with("import ")), "{name}");
        let exported: Vec<&str> =
            text.lines().filter(|line| line.starts_with("export ") && line.contains("function")).collect();
        assert!(exported.iter().all(|line| line.contains("isRefused") || line.contains("connect(")), "{exported:?}");
    }
}

#[test]
fn docs_cannot_end_their_comment() {
    let text = file(&client("wsr 1\n/// a */ export const evil = 1; /*\nmessage ping -> reply ok\n"), "client.d.ts");
    assert!(text.contains("/** a *\\/ export const evil = 1; /* */"), "{text}");
}

#[test]
fn a_type_with_defaults_may_be_sent_without_them() {
    let text = "wsr 1\nstruct Turn { by: u8, step: u8 = 1 }\nmessage turn: Turn -> reply Turn\n";
    let text = file(&client(text), "client.d.ts");
    assert!(text.contains("export interface Turn {\n  readonly by: number;\n  readonly step: number;\n}"), "{text}");
    assert!(
        text.contains("export interface TurnInput {\n  readonly by: number;\n  readonly step?: number | undefined;\n}")
    );
    assert!(text.contains("readonly turn: Call<TurnInput, Turn, Failure>;"));
}

#[test]
fn types_called_as_what_the_runtime_has_get_a_line_behind_their_name() {
    let text = "wsr 1\nstruct Event { a: u8 }\nstruct Promise { a: u8 }\nmessage say: Event -> reply Promise\n";
    let text = file(&client(text), "client.d.ts");
    assert!(text.contains("export interface Event_ {") && text.contains("Call<Event_, Promise_, Failure>"), "{text}");
}
