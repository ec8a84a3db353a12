//! `wsr check`: finding the file, each format, exit codes.

use serde_json::{Value, json};

use super::support::{Folder, checkout};

const GOOD: &str = "wsr 1\n\n/// Is anybody there?\nmessage ping -> reply ok\n\n/// Somebody is.\nevent pong to all\n\n/// Answers everybody.\nmessage all -> pong\n";
const BROKEN: &str = "wsr 1\n\nmessage login { name: strng(len 3..=32) } -> reply ok\n";
/// Its only finding is a warning.
const UNUSED: &str = "wsr 1\n\nstruct Colour { red: u8 }\n\n/// Is anybody there?\nmessage ping -> reply ok\n";

fn report(folder: &Folder, file: &str) -> Value {
    let ran = folder.wsr(&["check", file, "--format", "json"]);
    assert_eq!(ran.err, "");
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_protocol_without_findings_is_summed_up() {
    let folder = Folder::with(&[("routes.wsr", GOOD)]);
    assert_eq!(folder.wsr(&["check"]).expect(0), "routes.wsr: 2 messages, 1 event, no findings\n");
}

#[test]
fn findings_are_shown_with_their_source() {
    let folder = Folder::with(&[("routes.wsr", BROKEN)]);
    let wanted = "\
WSR0101

  × unknown type `strng`
   ╭─[routes.wsr:3:23]
 2 │ 
 3 │ message login { name: strng(len 3..=32) } -> reply ok
   ·                       ──┬──
   ·                         ╰── no type of this name
   ╰────
  help: did you mean `string`?

1 error in routes.wsr
";
    let shown = folder.wsr(&["check", "--deny", "warnings"]).expect(1);
    assert!(shown.starts_with(wanted.split("\n1 error").next().unwrap()), "{shown}");
    assert!(shown.contains("1 error") && shown.ends_with(" in routes.wsr\n"), "{shown}");
}

#[test]
fn the_file_is_looked_for_here_and_above() {
    let folder = Folder::with(&[("app/routes.wsr", BROKEN), ("app/src/net/x.rs", ""), ("other.wsr", GOOD)]);
    let said = folder.wsr_in("app/src/net", &["check", "--format", "short"]).expect(1);
    assert!(said.starts_with("../../routes.wsr:3:23: error[WSR0101]: unknown type `strng`\n"), "{said}");
    assert_eq!(folder.wsr(&["check", "./other.wsr"]).expect(0), "other.wsr: 2 messages, 1 event, no findings\n");
    let said = folder.wsr(&["check"]).failed();
    assert!(said.starts_with("error: there is no `routes.wsr` here, nor in any folder above\n"), "{said}");
}

#[test]
fn warnings_fail_only_when_they_are_denied() {
    let folder = Folder::with(&[("routes.wsr", UNUSED)]);
    assert!(folder.wsr(&["check"]).expect(0).ends_with("\n1 warning in routes.wsr\n"));
    assert!(folder.wsr(&["check", "--deny", "warnings"]).expect(1).contains("⚠ struct `Colour` is never used"));
    let short = folder.wsr(&["check", "--format", "short"]).expect(0);
    assert_eq!(short, "routes.wsr:3:8: warning[WSR0801]: struct `Colour` is never used\n");
}

#[test]
fn json_has_all_that_is_known_of_a_report() {
    let folder = Folder::with(&[(
        "routes.wsr",
        "wsr 1\nmessage a { b: u8, c: u8, b: u8 } -> silent\nevent e { t: string(len 9..=3) } to all\nmessage f -> e\n",
    )]);
    let reports = report(&folder, "routes.wsr");
    let errors: Vec<&Value> = reports.as_array().unwrap().iter().filter(|one| one["severity"] == "error").collect();
    assert_eq!(errors.len(), 2, "{reports:#}");
    let twice = errors[0];
    assert_eq!(twice["code"], "WSR0105");
    assert_eq!(twice["file"], "routes.wsr");
    assert_eq!((&twice["line"], &twice["column"]), (&json!(2), &json!(27)));
    assert_eq!((&twice["end_line"], &twice["end_column"]), (&json!(2), &json!(28)));
    let first = &twice["labels"][0];
    assert_eq!((&first["line"], &first["column"], &first["end_column"]), (&json!(2), &json!(13), &json!(14)));
    let range = errors[1];
    assert_eq!(range["message"], "no value is in the range `9..=3`");
    assert_eq!(range["help"], "swap the bounds: `len 3..=9`");
    assert_eq!((&range["line"], &range["column"], &range["end_column"]), (&json!(3), &json!(25), &json!(30)));
    let keys: Vec<&String> = range.as_object().unwrap().keys().collect();
    let mut wanted = [
        "code",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "label",
        "help",
        "labels",
        "fix",
    ];
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
}

#[test]
fn json_of_a_protocol_without_findings_is_an_empty_array() {
    let folder = Folder::with(&[("routes.wsr", GOOD)]);
    assert_eq!(folder.wsr(&["check", "--format", "json"]).expect(0), "[]\n");
    assert_eq!(folder.wsr(&["check", "--format", "short"]).expect(0), "");
}

#[test]
fn a_fix_makes_its_report_go_away() {
    let text = "wsr 1\nimport \"chat\"\n";
    let folder = Folder::with(&[("routes.wsr", text), ("chat.wsr", "wsr 1\n")]);
    let reports = report(&folder, "routes.wsr");
    let edit = &reports[0]["fix"]["edits"][0];
    assert_eq!(reports[0]["fix"]["title"], "write `import \"chat.wsr\"`", "{reports:#}");
    assert_eq!((&edit["file"], &edit["line"], &edit["end_line"]), (&json!("routes.wsr"), &json!(2), &json!(2)));
    let column = |key: &str| edit[key].as_u64().unwrap() as usize - 1 + "wsr 1\n".len();
    let mut fixed = text.to_owned();
    fixed.replace_range(column("column")..column("end_column"), edit["text"].as_str().unwrap());
    folder.write("routes.wsr", fixed);
    assert_eq!(report(&folder, "routes.wsr"), json!([]));
}

#[test]
fn columns_count_characters_whatever_their_bytes_and_width() {
    let line = "message m { a: string = \"日本é\u{1f600}\", bad: Nix } -> silent";
    let column = 1 + line.chars().position(|letter| letter == 'N').unwrap() as u64;
    for text in [format!("wsr 1\n{line}\n"), format!("\u{feff}wsr 1\r\n{line}\r\n")] {
        let folder = Folder::with(&[("routes.wsr", &text)]);
        let reports = report(&folder, "routes.wsr");
        let found = reports.as_array().unwrap().iter().find(|report| report["code"] == "WSR0101").unwrap();
        assert_eq!((&found["line"], &found["column"]), (&json!(2), &json!(column)), "{text:?}");
        assert_eq!(found["end_column"], column + 3);
        let shown = folder.wsr(&["check"]).expect(1);
        assert!(shown.contains(&format!("╭─[routes.wsr:2:{column}]")), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let source = lines.iter().position(|line| line.contains("bad: Nix")).unwrap();
        assert!(!lines[source].contains('\r'));
        assert!(lines[source + 1].contains("─┬─"), "{shown}");
    }
}

#[test]
fn tabs_are_one_column_and_shown_as_blanks() {
    let folder = Folder::with(&[("routes.wsr", "wsr 1\nstruct A {\n\tb: Nix\n}\nmessage m: A -> silent\n")]);
    let reports = report(&folder, "routes.wsr");
    assert_eq!((&reports[0]["line"], &reports[0]["column"]), (&json!(3), &json!(5)));
    let shown = folder.wsr(&["check"]).expect(1);
    let lines: Vec<&str> = shown.lines().collect();
    let at = lines.iter().position(|line| line.ends_with("b: Nix")).unwrap();
    let offset = |line: &str, mark: char| line.chars().position(|letter| letter == mark);
    assert_eq!(offset(lines[at], 'N'), offset(lines[at + 1], '─'), "{shown}");
}

#[test]
fn sarif_names_rules_and_places() {
    let folder =
        Folder::with(&[("my app/routes.wsr", "wsr 1\nimport \"chat\"\nstruct A { b: Nix }\nmessage m: A -> silent\n")]);
    let log: Value =
        serde_json::from_str(&folder.wsr(&["check", "my app/routes.wsr", "--format", "sarif"]).expect(1)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let result = run["results"].as_array().unwrap().iter().find(|result| result["ruleId"] == "WSR0101").unwrap();
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((&rule["id"], &rule["name"]), (&json!("WSR0101"), &json!("UnknownType")));
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Wrong"));
    assert!(rule["fullDescription"]["text"].as_str().unwrap().starts_with("A name stands where a type belongs"));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20app/routes.wsr");
    assert_eq!(place["region"], json!({ "startLine": 3, "startColumn": 15, "endLine": 3, "endColumn": 18 }));
    let fixed = run["results"].as_array().unwrap().iter().find(|result| result["ruleId"] == "WSR0008").unwrap();
    let replaced = &fixed["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replaced["insertedContent"]["text"], "\"chat.wsr\"");
    assert_eq!(replaced["deletedRegion"]["startLine"], 2);
}

#[test]
fn reports_in_imported_files_name_those() {
    let folder = Folder::with(&[
        ("app/routes.wsr", "wsr 1\nimport \"parts/chat.wsr\"\nstruct A { a: u8 }\nmessage m: A -> silent\n"),
        ("app/parts/chat.wsr", "wsr 1\nimport \"../../shared.wsr\"\nmessage n: Nix -> silent\n"),
        ("shared.wsr", "wsr 1\nstruct A { b: u8 }\n"),
    ]);
    let errors =
        |said: String| said.lines().filter(|line| line.contains("error")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        errors(folder.wsr_in("app/parts", &["check", "--format", "short"]).expect(1)),
        [
            "chat.wsr:3:12: error[WSR0101]: unknown type `Nix`",
            "../../shared.wsr:2:8: error[WSR0104]: type `A` is declared twice"
        ]
        .map(|line| line.replace("chat.wsr:", "../parts/chat.wsr:"))
    );
    let shown = folder.wsr(&["check", "app/routes.wsr"]).expect(1);
    assert!(shown.contains("[shared.wsr:2:8]") && shown.contains("app/routes.wsr:3:8"), "{shown}");
    assert!(shown.contains(" in app/routes.wsr and the 2 files it imports\n"), "{shown}");
}

#[test]
fn an_import_that_is_no_text_is_reported_where_it_is_imported() {
    let folder = Folder::with(&[("routes.wsr", "wsr 1\nimport \"a.wsr\"\nimport \"b.wsr\"\n")]);
    folder.write("a.wsr", b"wsr 1\n\xff");
    std::fs::create_dir(folder.path().join("b.wsr")).unwrap();
    assert_eq!(
        folder.wsr(&["check", "--format", "short"]).expect(1),
        "routes.wsr:2:8: error[WSR0008]: cannot import `a.wsr`: the file is not UTF-8\n\
         routes.wsr:3:8: error[WSR0008]: cannot import `b.wsr`: the file cannot be read: it is a folder\n"
    );
}

#[test]
fn a_file_that_is_no_text_is_a_finding_at_the_first_bad_byte() {
    let folder = Folder::new();
    folder.write("routes.wsr", b"\xef\xbb\xbfwsr 1\n\n// \xe6\x97\xa5 \xff\xfe\n");
    let reports = report(&folder, "routes.wsr");
    assert_eq!(reports.as_array().unwrap().len(), 1);
    assert_eq!((&reports[0]["code"], &reports[0]["message"]), (&json!("WSR0001"), &json!("the file is not UTF-8")));
    assert_eq!(
        (&reports[0]["line"], &reports[0]["column"], &reports[0]["end_column"]),
        (&json!(3), &json!(6), &json!(7))
    );
    assert!(folder.wsr(&["check"]).expect(1).contains("help: save it as UTF-8\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_no_finding() {
    let folder = Folder::with(&[("app/routes.wsr", GOOD)]);
    assert_eq!(folder.wsr(&["check", "nix.wsr"]).failed(), "error: cannot read `nix.wsr`: there is no such file\n");
    let said = folder.wsr(&["check", "app/"]).failed();
    assert_eq!(said, "error: cannot read `app`: it is a folder\n\n  help: did you mean `app/routes.wsr`?\n");
}

fn many_errors(count: usize) -> String {
    (1..=count).map(|number| format!("message m{number} {{ a: u8(9..=3) }} -> silent\n")).collect()
}

#[test]
fn twenty_findings_are_shown_and_the_rest_counted() {
    let text = "wsr 1\n".to_owned() + &many_errors(34) + "/// Of nothing.\n";
    let folder = Folder::with(&[("routes.wsr", &text)]);
    let shown = folder.wsr(&["check"]).expect(1);
    assert_eq!(shown.matches("WSR0201\n").count(), 20, "errors take the room of warnings");
    assert!(!shown.contains("WSR0009"));
    let rest = shown.lines().rev().nth(2).unwrap();
    let more: usize = rest.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(more >= 15 && rest == format!("and {more} more findings (`--all` shows them)"), "{rest}");
    let all = folder.wsr(&["check", "--all"]).expect(1);
    assert_eq!(all.matches("WSR0201\n").count(), 34);
    assert!(all.contains("WSR0009\n") && !all.contains("more findings"));
    let short = folder.wsr(&["check", "--format", "short"]).expect(1);
    assert_eq!(short.matches("error[WSR0201]").count(), 34);
}

#[test]
fn a_line_as_long_as_a_file_is_cut_around_the_mistake() {
    let long = format!("wsr 1\nmessage m {{ a: string = \"{}\", b: Nix }} -> silent\n", "x".repeat(10_000));
    let folder = Folder::with(&[("routes.wsr", &long)]);
    let shown = folder.wsr(&["check"]).expect(1);
    assert!(shown.len() < 5_000 && shown.contains("WSR0101") && shown.contains("b: Nix"), "{}", shown.len());
}

#[test]
fn what_would_move_the_cursor_is_made_visible() {
    let folder =
        Folder::with(&[("routes.wsr", "wsr 1\nmessage m { a: string = \"\u{1b}[2J\u{202e}\", b: Nix } -> silent\n")]);
    let shown = folder.wsr(&["check"]).expect(1);
    assert!(shown.contains("?[2J") && !shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
}

#[test]
fn the_readme_shows_what_is_shown() {
    let read = |file: &str| std::fs::read_to_string(checkout().join(file)).unwrap();
    let routes = read("routes.wsr").replace("posted to topic rooms/{room}", "posted to topic rooms/{rom}");
    let shown = Folder::with(&[("routes.wsr", &routes)]).wsr(&["check"]).expect(1);
    assert!(read("README.md").contains(&format!("$ wsr check\n{shown}```\n")), "README.md should have:\n{shown}");
}
