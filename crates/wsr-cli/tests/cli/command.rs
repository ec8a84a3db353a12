//! What all subcommands share: help, colours, pipes; and the small ones, `explain`, `expand`, `completions`.

use std::io::Read;
use std::process::Stdio;

use super::support::{Folder, ran};

const BROKEN: &str = "wsr 1\nmessage login: Nix -> silent\n";
const GOOD: &str = "wsr 1\n\n/// Is anybody there?\nmessage ping -> reply ok\n";

#[test]
fn help_tells_the_exit_codes() {
    let help = Folder::new().wsr(&["--help"]).expect(0);
    for part in ["0  nothing to complain about", "1  the files have findings", "2  the command could not do its work"] {
        assert!(help.contains(part), "{help}");
    }
    assert_eq!(Folder::new().wsr(&["help"]).expect(0).lines().next(), help.lines().next());
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(Folder::new().wsr(&["--version"]).expect(0), format!("wsr {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_end_with_code_2() {
    assert!(Folder::new().wsr(&["chek"]).failed().contains("check"));
    Folder::new().wsr(&["check", "--format", "xml"]).failed();
    assert_eq!(Folder::new().wsr(&[]).code, Some(2));
}

#[test]
fn pipes_and_files_get_no_colours_unless_they_are_asked_for() {
    let folder = Folder::with(&[("routes.wsr", BROKEN)]);
    let has_colours = |command: &mut std::process::Command| ran(command).out.contains('\u{1b}');
    assert!(!has_colours(&mut folder.command(&["check"])));
    assert!(has_colours(&mut folder.command(&["check", "--color", "always"])));
    assert!(has_colours(folder.command(&["check"]).env("CLICOLOR_FORCE", "1")));
    assert!(!has_colours(folder.command(&["check", "--color=never"]).env("CLICOLOR_FORCE", "1")));
    assert!(has_colours(folder.command(&["--color", "always", "check"]).env("NO_COLOR", "1")));
    assert!(!has_colours(&mut folder.command(&["check", "--color", "always", "--format", "json"])));
}

#[test]
fn a_locale_without_unicode_gets_plain_signs() {
    let folder = Folder::with(&[("routes.wsr", BROKEN)]);
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1"] {
        let shown = ran(folder.command(&["check"]).env("LC_ALL", locale)).out;
        assert!(!shown.contains(['×', '─', '╰', '·']) && shown.contains("x unknown type `Nix`"), "{shown}");
    }
    assert!(ran(folder.command(&["check"]).env("LC_ALL", "").env("LANG", "de_DE.UTF-8@euro")).out.contains('×'));
    assert!(ran(folder.command(&["check"]).env_remove("LC_ALL")).out.contains('×'));
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let messages: String = (0..3000).map(|n| format!("message m{n} {{ a: string(len ..=9) }} -> reply ok\n")).collect();
    let folder = Folder::with(&[("routes.wsr", &format!("wsr 1\n{messages}"))]);
    for args in [&["expand"][..], &["check", "--format", "json"]] {
        let mut child = folder.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn explain_prints_the_page_of_a_code_in_any_spelling() {
    let folder = Folder::new();
    let page = folder.wsr(&["explain", "WSR0101"]).expect(0);
    assert!(
        page.starts_with("# WSR0101: unknown type\n\n") && page.contains("\n## Right\n\n```wsr\nwsr 1\n"),
        "{page}"
    );
    for spelling in ["0101", "101", "wsr0101", "unknown-type"] {
        assert_eq!(folder.wsr(&["explain", spelling]).expect(0), page);
    }
    let bold = folder.wsr(&["explain", "101", "--color", "always"]).expect(0);
    assert!(bold.starts_with("\u{1b}[1mWSR0101: unknown type\u{1b}[0m\n") && bold.contains("\n    wsr 1\n"), "{bold}");
}

#[test]
fn explain_without_a_code_lists_all() {
    let list = Folder::new().wsr(&["explain"]).expect(0);
    assert!(list.lines().count() > 60, "{list}");
    assert!(list.lines().any(|line| line.starts_with("WSR0101  unknown-type ") && line.ends_with("  unknown type")));
}

#[test]
fn explain_of_no_code_guesses() {
    let folder = Folder::new();
    let said = folder.wsr(&["explain", "unknwon-type"]).failed();
    assert_eq!(
        said,
        "error: there is no code `unknwon-type`\n\n  help: did you mean `unknown-type`? `wsr explain` lists all codes\n"
    );
    let said = folder.wsr(&["explain", "WSR9999"]).failed();
    assert_eq!(said, "error: there is no code `WSR9999`\n\n  help: `wsr explain` lists all codes\n");
}

#[test]
fn expand_prints_the_code_that_a_build_makes() {
    let folder = Folder::with(&[
        ("app/routes.wsr", "wsr 1\nimport \"parts/chat.wsr\"\n/// x\nmessage ping -> reply ok\n"),
        (
            "app/parts/chat.wsr",
            "wsr 1\nnamespace chat {\n  /// x\n  message send { text: string(len ..=9) } -> reply ok\n}\n",
        ),
    ]);
    let code = folder.wsr_in("app/parts", &["expand"]).expect(0);
    assert!(code.starts_with("// Generated from routes.wsr by wsr-compiler "), "{code}");
    assert!(code.contains("// chat/send, parts/chat.wsr:4\n") && code.contains("// ping, routes.wsr:4\n"), "{code}");
}

#[test]
fn expand_of_a_broken_protocol_prints_its_errors_and_no_code() {
    let ran = Folder::with(&[("routes.wsr", BROKEN)]).wsr(&["expand"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("WSR0101\n") && ran.err.ends_with("\n1 error in routes.wsr\n"), "{}", ran.err);
    assert_eq!(Folder::with(&[("routes.wsr", GOOD)]).wsr(&["expand"]).code, Some(0));
}

#[test]
fn completions_know_the_subcommands_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Folder::new().wsr(&["completions", shell]).expect(0);
        assert!(script.contains("wsr") && script.contains("explain"), "{shell}");
    }
    Folder::new().wsr(&["completions", "sh"]).failed();
}

#[test]
fn contract_prints_the_protocol_as_data_and_its_fingerprints() {
    let folder = Folder::with(&[("routes.wsr", GOOD)]);
    let schema = folder.wsr(&["contract"]).expect(0);
    assert!(schema.starts_with(r#"{"schema":1,"hash":""#) && schema.ends_with("}\n"), "{schema}");
    let hashes = folder.wsr(&["contract", "--hashes"]).expect(0);
    let lines: Vec<(&str, &str)> = hashes.lines().map(|line| line.split_at(16)).collect();
    assert!(schema.contains(&format!(r#""hash":"{}""#, lines[1].0)), "{schema}");
    assert_eq!((lines.len(), lines[0].1, lines[1].1), (2, " (all)", " message ping"));
    assert_eq!(Folder::with(&[("routes.wsr", BROKEN)]).wsr(&["contract"]).code, Some(1));
}
