//! The formatter: golden cases, and what must hold for every text.
//!
//! A golden case is `corpus/format/NAME.wsr` with `NAME.formatted` beside it; `UPDATE_EXPECT=1` writes that anew.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

#[path = "random/numbers.rs"]
mod numbers;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use numbers::Random;
use wsr_compiler::diagnostic::Diagnostics;
use wsr_compiler::source::SourceFile;
use wsr_compiler::syntax::parse;
use wsr_compiler::{Formatted, format};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The `.wsr` files of these folders, in the order of their names.
fn files(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(root().join(folder)).expect("every folder of cases is there");
        let paths = entries.map(|entry| entry.expect("the folder can be read").path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|extension| extension == "wsr")));
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The protocols of these folders of the compiler's corpus, and all others of this repository.
fn texts(corpus: &[&str]) -> Vec<(String, String)> {
    let mut folders: Vec<String> =
        corpus.iter().map(|folder| format!("crates/wsr-compiler/tests/corpus/{folder}")).collect();
    folders.push("crates/codegen-tests/cases".to_owned());
    let mut paths = files(&folders.iter().map(String::as_str).collect::<Vec<_>>());
    paths.extend(["routes.wsr", "crates/bench/routes.wsr"].map(|path| root().join(path)));
    paths.iter().map(|path| (path.display().to_string(), read(path))).collect()
}

/// Every protocol that is at hand.
fn all_texts() -> Vec<(String, String)> {
    texts(&["check", "syntax", "accept", "format"])
}

/// Writes a golden file anew, or compares it.
fn golden(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, actual).expect("golden files can be written");
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(expected == actual, "{} differs; UPDATE_EXPECT=1 writes it anew\n{actual}", path.display());
}

/// What must hold for every text, broken or not.
fn laid_out(name: &str, text: &str) -> Formatted {
    let formatted = format(text);
    let show = || format!("{name}\n--- before\n{text}\n--- after\n{}", formatted.text);
    assert_eq!(formatted.changed, formatted.text != text, "{}", show());
    let again = format(&formatted.text);
    assert!(!again.changed, "not settled: {}\n--- again\n{}", show(), again.text);
    assert_eq!(comments(text), comments(&formatted.text), "comments differ: {}", show());
    let (before, after) = (outline(text), outline(&formatted.text));
    if !formatted.broken && before.tree != after.tree {
        let same = before.tree.bytes().zip(after.tree.bytes()).take_while(|(a, b)| a == b).count();
        let excerpt =
            |tree: &str| tree.get(same.saturating_sub(200)..(same + 200).min(tree.len())).unwrap_or("").to_owned();
        panic!("another tree:\n{}\n{}\n{}", excerpt(&before.tree), excerpt(&after.tree), show());
    }
    assert_eq!(before.sound, after.sound, "reports appeared or went: {}", show());
    if !formatted.broken {
        let blank_ends = formatted.text.lines().any(|line| line.ends_with([' ', '\t']));
        assert!(!blank_ends, "blanks at the end of a line: {}", show());
    }
    assert!(formatted.broken || text.trim().is_empty() || formatted.text.ends_with('\n'), "{}", show());
    formatted
}

/// What a text says, wherever it says it.
struct Outline {
    tree: String,
    /// Whether the parser found nothing to report.
    sound: bool,
}

fn outline(text: &str) -> Outline {
    let mut reports = Diagnostics::default();
    let tree = parse(&SourceFile::new("routes.wsr", text), 0, &mut reports);
    Outline { tree: without_spans(&format!("{:?}", tree.items)), sound: !reports.has_errors() }
}

/// The debug form without `Span { file: 0, start: 1, end: 2 }`.
fn without_spans(debug: &str) -> String {
    let mut parts = debug.split("Span { file: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "Span" + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// The comments of a text in order, as a reader who knows strings and patterns finds them.
fn comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let bytes = line.as_bytes();
        let (mut at, mut quote) = (0, None);
        while at < bytes.len() {
            match (quote, bytes[at]) {
                (Some(_), b'\\') => at += 1,
                (Some(end), byte) if byte == end => quote = None,
                (Some(_), _) => {}
                (None, b'"') if closes(&bytes[at + 1..], b'"') => quote = Some(b'"'),
                (None, b'/') if bytes.get(at + 1) == Some(&b'/') => {
                    found.push(line[at..].trim_end().to_owned());
                    break;
                }
                (None, b'/') if line[..at].trim_end().ends_with("match") && closes(&bytes[at + 1..], b'/') => {
                    quote = Some(b'/');
                }
                (None, _) => {}
            }
            at += 1;
        }
    }
    found
}

fn closes(rest: &[u8], quote: u8) -> bool {
    let mut at = 0;
    while let Some(&byte) = rest.get(at) {
        if byte == quote {
            return true;
        }
        at += 1 + usize::from(byte == b'\\');
    }
    false
}

#[test]
fn golden_cases_come_out_as_written_beside_them() {
    for path in files(&["crates/wsr-compiler/tests/corpus/format"]) {
        let formatted = laid_out(&path.display().to_string(), &read(&path));
        golden(&path.with_extension("formatted"), &formatted.text);
    }
}

#[test]
fn the_protocols_of_this_repository_are_formatted() {
    let mut paths = files(&["crates/codegen-tests/cases"]);
    paths.extend(["routes.wsr", "crates/bench/routes.wsr"].map(|path| root().join(path)));
    for path in paths {
        let formatted = laid_out(&path.display().to_string(), &read(&path));
        assert!(!formatted.broken, "{} cannot be read", path.display());
        golden(&path, &formatted.text);
    }
}

#[test]
fn every_protocol_keeps_its_meaning_and_its_comments() {
    for (name, text) in all_texts() {
        laid_out(&name, &text);
        laid_out(&name, &text.replace('\r', "").replace('\n', "\r\n"));
    }
}

#[test]
fn any_layout_of_a_protocol_ends_in_the_same_tokens() {
    for (name, text) in texts(&["accept", "format"]) {
        // No newlines but those that comments need, then as many as possible.
        let broken = format(&text).broken;
        for between in [" ", "\n", "\n\n\n"] {
            let loose = relaid(&text, between);
            let formatted = laid_out(&name, &loose);
            assert!(broken || between == " " || !formatted.broken, "{name} with {between:?} between tokens\n{loose}");
        }
    }
}

/// The same tokens with this between them where blanks may stand; comments and version lines keep their lines.
fn relaid(text: &str, between: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let code = line.find("//").map_or(line, |at| &line[..at]);
        if line.trim_start_matches(['\u{feff}', ' ']).starts_with("wsr") || code.contains(['"', '/', '@']) {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let words: Vec<&str> = code.split_whitespace().collect();
        out.push_str(&words.join(between));
        out.push_str(if code.len() < line.len() { " " } else { between });
        out.push_str(&line[code.len()..]);
        if code.len() < line.len() {
            out.push('\n');
        }
    }
    out
}

#[test]
fn line_ends_stay_what_most_of_them_were() {
    let text = "wsr 1\r\nmessage  a -> reply ok\r\nmessage b->reply ok\n";
    assert_eq!(format(text).text, "wsr 1\r\nmessage a -> reply ok\r\nmessage b -> reply ok\r\n");
    let text = "wsr 1\nmessage  a -> reply ok\r\nmessage b->reply ok\n";
    assert_eq!(format(text).text, "wsr 1\nmessage a -> reply ok\nmessage b -> reply ok\n");
}

#[test]
fn a_byte_order_mark_is_dropped_and_the_last_line_ended() {
    assert_eq!(format("\u{feff}wsr 1\n\n\n").text, "wsr 1\n");
    assert_eq!(format("\n\n  wsr 1  ").text, "wsr 1\n");
    let empty = format("");
    assert_eq!((empty.text.as_str(), empty.changed, empty.broken), ("", false, false));
    assert_eq!(format(" \n\n").text, "");
}

#[test]
fn what_cannot_be_told_apart_stays_as_it_is() {
    for text in ["wsr 1\nmessage a { b: [[[[".to_owned() + &"[".repeat(100) + "\n", "a".repeat(1 << 20)] {
        let formatted = format(&text);
        assert!(formatted.broken && !formatted.changed && formatted.text == text);
    }
}

#[test]
fn picks_next_to_comments_and_others_next_to_topics_stay_what_they_are() {
    let text = "wsr 1\nflow f covers chat/*\n{ // */\n  start s {\n    chat/*\n    if role(a) // */\n  }\n}\n";
    let formatted = laid_out("picks", text);
    assert_eq!(
        formatted.text,
        "wsr 1\nflow f covers chat/* { // */\n  start s {\n    chat/* if role(a) // */\n  }\n}\n"
    );
    let text = "wsr 1\nevent a to others\ntopic b/{c: u8}\nmessage d -> relay to others topic b/{c}\n";
    assert!(laid_out("others", text).broken);
}

#[test]
fn deep_nesting_up_to_the_limit_is_laid_out() {
    let lists = format!("wsr 1\nstruct A {{ a: {}u8{} }}\n", "[".repeat(60), "]".repeat(60));
    let inline = format!("wsr 1\nstruct A {}u8{}\n", "{a:".repeat(60), "}".repeat(60));
    let namespaces = format!("wsr 1\n{}{}\n", "namespace a{".repeat(60), "}".repeat(60));
    for text in [lists, inline, namespaces] {
        assert!(!laid_out("deep", &text).broken, "{text}");
    }
}

#[test]
fn a_long_file_is_laid_out_in_one_pass() {
    let mut text = String::from("wsr 1\n");
    for number in 0..2_000 {
        let _ = writeln!(text, "struct S{number} {{ a: string(len 1..=40),b?:[u8] }} // {number}");
        let _ = writeln!(text, "message m{number}:S{number} =>check then store->reply ok,tell");
    }
    let formatted = laid_out("long", &text);
    assert!(
        !formatted.broken && formatted.text.contains("message m1999: S1999 => check then store -> reply ok, tell\n")
    );
}

/// Words, strings, comments, runs of blanks, and every other character by itself.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |class: fn(char) -> bool| rest.find(|letter| !class(letter)).unwrap_or(rest.len());
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => rest[1..].find('"').map_or(1, |end| end + 2),
            letter if letter.is_alphanumeric() || letter == '_' => {
                run(|letter| letter.is_alphanumeric() || letter == '_')
            }
            ' ' => run(|letter| letter == ' '),
            letter => letter.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    tokens
}

/// Changes that leave most texts readable: comments, newlines and blanks between tokens.
fn loosen(tokens: &mut Vec<String>, random: &mut Random) {
    let at = random.below(tokens.len());
    let new = ["\n", "\n\n\n", " ", "\t", " // c\n", "\n// own\n", "\n\n// a\n\n\n// b\n\n"];
    match random.below(12) {
        0 => tokens.iter_mut().skip(at).take(6).filter(|token| *token == "\n").for_each(|token| " ".clone_into(token)),
        1 => tokens.iter_mut().skip(at).take(12).filter(|token| *token == " ").for_each(|token| "\n".clone_into(token)),
        kind => tokens.insert(at, new[kind % new.len()].to_owned()),
    }
}

/// Changes that break most texts.
fn damage(tokens: &mut Vec<String>, random: &mut Random) {
    let (at, other) = (random.below(tokens.len()), random.below(tokens.len()));
    let new =
        ["{", "}", "(", ")", "[", "]", "->", "=>", "@open", "then", "/* c */", "/*", "\"", "message", ":", "?", "flow"];
    match random.below(6) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at].clone()),
        2 => tokens.swap(at, other),
        3 => drop(tokens.drain(at..(at + random.below(12)).min(tokens.len()))),
        4 => tokens[at] = tokens[other].clone(),
        _ => tokens.insert(at, new[random.below(new.len())].to_owned()),
    }
}

/// `SEED` and `ROUNDS` in the environment choose other texts.
fn number_from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn rounds(texts: &[String], change: fn(&mut Vec<String>, &mut Random)) -> (u32, u32) {
    let (seed, rounds) = (number_from_environment("SEED", 20_261_122), number_from_environment("ROUNDS", 300));
    let (mut sound, mut broken) = (0, 0);
    for round in 0..rounds {
        println!("SEED={} ROUNDS=1 repeats this round", seed + round);
        let mut random = Random(seed + round);
        let mut changed = tokens(&texts[random.below(texts.len())]);
        for _ in 0..=random.below(10) {
            if !changed.is_empty() {
                change(&mut changed, &mut random);
            }
        }
        match laid_out("random", &changed.concat()).broken {
            true => broken += 1,
            false => sound += 1,
        }
    }
    (sound, broken)
}

#[test]
fn comments_and_newlines_between_any_tokens_are_survived() {
    let texts: Vec<String> =
        all_texts().into_iter().map(|(_, text)| text).filter(|text| !format(text).broken).collect();
    let (sound, broken) = rounds(&texts, loosen);
    assert!(sound >= broken || broken < 10, "{sound} texts could still be read, {broken} could not");
}

#[test]
fn randomly_damaged_protocols_are_survived() {
    let texts: Vec<String> = all_texts().into_iter().map(|(_, text)| text).collect();
    let (sound, broken) = rounds(&texts, damage);
    assert!(broken > 0 || sound < 10, "nothing was damaged");
}

#[test]
fn broken_items_stay_as_they_are_between_others() {
    let text = "wsr 1\nmessage  a->reply ok\n\n\n   mesage   b { x:u8 }  // as it is \nstruct  C{a:u8,\nb:u8}\n";
    let formatted = laid_out("broken", text);
    assert!(formatted.broken);
    assert_eq!(
        formatted.text,
        "wsr 1\nmessage a -> reply ok\n\n   mesage   b { x:u8 }  // as it is \nstruct C {\n  a: u8\n  b: u8\n}\n"
    );
}
