//! `wsr fmt`: which files, in place or not, and what is said about it.

use super::support::Folder;

const WILD: &str = "wsr 1\nstruct   A { a : u8 ,b:u8 }\n\n\n\nmessage m: A ->silent\n";
const TIDY: &str = "wsr 1\nstruct A { a: u8, b: u8 }\n\nmessage m: A -> silent\n";

#[test]
fn a_file_is_formatted_in_place() {
    let folder = Folder::with(&[("a.wsr", WILD), ("b.wsr", WILD)]);
    assert_eq!(folder.wsr(&["fmt", "a.wsr"]).expect(0), "1 file changed\n");
    assert_eq!((folder.read("a.wsr").as_str(), folder.read("b.wsr").as_str()), (TIDY, WILD));
    assert_eq!(folder.wsr(&["fmt", "a.wsr"]).expect(0), "1 file formatted already\n");
}

#[test]
fn without_a_name_the_whole_protocol_is_formatted() {
    let import = "wsr 1\nimport   \"parts/b.wsr\"\n";
    let folder = Folder::with(&[("routes.wsr", import), ("parts/b.wsr", WILD), ("parts/c.wsr", WILD)]);
    assert_eq!(folder.wsr_in("parts", &["fmt"]).expect(0), "2 files changed\n");
    assert_eq!(folder.read("routes.wsr"), "wsr 1\nimport \"parts/b.wsr\"\n");
    assert_eq!((folder.read("parts/b.wsr").as_str(), folder.read("parts/c.wsr").as_str()), (TIDY, WILD));
}

#[test]
fn a_folder_stands_for_the_files_in_it() {
    let folder = Folder::with(&[
        ("a.wsr", WILD),
        ("deep/b.wsr", WILD),
        ("deep/c.wsr", TIDY),
        ("target/d.wsr", WILD),
        (".git/e.wsr", WILD),
        ("note.txt", WILD),
    ]);
    assert_eq!(folder.wsr(&["fmt", "."]).expect(0), "2 files changed, 1 as they should be\n");
    assert_eq!((folder.read("a.wsr").as_str(), folder.read("deep/b.wsr").as_str()), (TIDY, TIDY));
    for untouched in ["target/d.wsr", ".git/e.wsr", "note.txt"] {
        assert_eq!(folder.read(untouched), WILD);
    }
    assert_eq!(folder.wsr(&["fmt", ".git/.."]).expect(0), "3 files formatted already\n");
    std::fs::create_dir(folder.path().join("none")).unwrap();
    assert_eq!(folder.wsr(&["fmt", "none"]).failed(), "error: there is no `.wsr` file in `none`\n");
}

#[test]
fn check_shows_what_would_change_and_changes_nothing() {
    let folder = Folder::with(&[("a.wsr", WILD), ("b.wsr", TIDY)]);
    let said = folder.wsr(&["fmt", "--check", "a.wsr", "b.wsr"]).expect(1);
    let wanted = "\
--- a.wsr
+++ a.wsr, formatted
@@ line 1 @@
 wsr 1
-struct   A { a : u8 ,b:u8 }
+struct A { a: u8, b: u8 }
 
-
-
-message m: A ->silent
+message m: A -> silent

1 file of 2 is not formatted: `wsr fmt` does it
";
    assert_eq!(said, wanted);
    assert_eq!(folder.read("a.wsr"), WILD);
    assert_eq!(folder.wsr(&["fmt", "--check", "b.wsr"]).expect(0), "1 file formatted already\n");
}

#[test]
fn a_long_diff_is_cut() {
    let text: String = (0..40).map(|n| format!("struct A{n} {{ a:u8 }}\n\n\n\n/// b\n\n\n")).collect();
    let folder = Folder::with(&[("a.wsr", &format!("wsr 1\n{text}"))]);
    let said = folder.wsr(&["fmt", "--check", "a.wsr"]).expect(1);
    assert!(said.lines().count() < 50 && said.contains("\nand "), "{said}");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::with(&[("routes.wsr", WILD)]);
    for args in [&["fmt", "-"], &["fmt", "--stdin"]] {
        assert_eq!(folder.wsr_fed(args, WILD).expect(0), TIDY);
        assert_eq!(folder.wsr_fed(args, TIDY).expect(0), TIDY);
    }
    assert_eq!(folder.wsr_fed(&["fmt", "-"], "").expect(0), "");
    let said = folder.wsr_fed(&["fmt", "-", "--check"], WILD).expect(1);
    assert!(said.starts_with("--- standard input\n"), "{said}");
    assert_eq!(folder.wsr_fed(&["fmt", "-", "--check"], TIDY).expect(0), "");
    assert_eq!(folder.read("routes.wsr"), WILD);
    assert!(folder.wsr_fed(&["fmt", "-", "routes.wsr"], WILD).failed().starts_with("error: standard input and files"));
}

#[test]
fn what_cannot_be_read_stays_and_is_told() {
    let broken = "wsr 1\nstruct   A { a : u8 }\n\nmesage   m  {\n";
    let folder = Folder::with(&[("a.wsr", broken)]);
    let ran = folder.wsr(&["fmt", "a.wsr"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.err, "a.wsr: what cannot be read stays as it is; `wsr check` tells why\n");
    assert!(folder.read("a.wsr").contains("mesage   m  {"));
    assert_eq!(folder.wsr(&["fmt", "--check", "a.wsr"]).code, Some(1));
    let filtered = folder.wsr_fed(&["fmt", "-"], broken).expect(0);
    assert!(filtered.contains("mesage   m  {"), "{filtered}");
}

#[test]
fn files_that_cannot_be_read_or_are_no_text_are_no_findings() {
    let folder = Folder::new();
    folder.write("a.wsr", b"wsr 1\n\xff");
    assert_eq!(folder.wsr(&["fmt", "a.wsr"]).failed(), "error: cannot format `a.wsr`: it is not UTF-8\n");
    assert_eq!(folder.wsr(&["fmt", "b.wsr"]).failed(), "error: cannot read `b.wsr`: there is no such file\n");
}

#[test]
fn lines_keep_their_kind_of_end() {
    let folder = Folder::new();
    folder.write("a.wsr", WILD.replace('\n', "\r\n"));
    folder.wsr(&["fmt", "a.wsr"]).expect(0);
    assert_eq!(folder.read("a.wsr"), TIDY.replace('\n', "\r\n"));
}
