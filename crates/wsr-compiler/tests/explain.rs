//! The pages of `wsr explain`: every code has one, and its examples do what it says.
//!
//! A page is `errors/WSR0101.md`: a title, a paragraph, then the sections Why, Wrong and Right. Each of the last two holds
//! one block of the language, a whole file; further blocks, marked with a name (` ```wsr chat.wsr `), are files beside it.

#![expect(clippy::disallowed_methods, reason = "tests list the pages")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use wsr_compiler::code::Code;
use wsr_compiler::source::SourceFile;
use wsr_compiler::{Analysis, analyze, explain, render};

/// Codes that no text alone can bring about; their wrong side is a `text` block.
const NOT_SHOWN_BY_A_TEXT: &[(Code, &str)] = &[(Code::Unreadable, "the compiler is given text that was read already")];
/// The checks of the design; 0110 is a hint of editors and no check.
const DESIGNED: &str = "0001 0002 0003 0004 0005 0006 0007 0008 0009 0010
    0101 0102 0103 0104 0105 0106 0107 0108 0109 0111 0112
    0201 0202 0203 0204 0205 0206 0207 0208 0209 0210 0211 0212 0213 0214 0216
    0301 0302 0303 0304 0305 0306 0307 0308 0309 0310
    0401 0402 0403 0404 0405 0406 0407 0408
    0501 0502 0503 0504 0505 0506 0507 0508 0509
    0601 0602 0603
    0801 0802 0803 0805 0807";
const HEADINGS: [&str; 3] = ["## Why", "## Wrong", "## Right"];
/// Terminals cut or wrap longer lines.
const MAX_COLUMNS: usize = 130;
const LINES: std::ops::RangeInclusive<usize> = 15..=45;

#[test]
fn every_page_belongs_to_a_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("errors");
    let pages: BTreeSet<String> = fs::read_dir(root)
        .expect("the pages are there")
        .map(|entry| entry.expect("the folder can be read").file_name().to_string_lossy().into_owned())
        .collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    assert_eq!(pages, codes);
}

#[test]
fn every_check_that_the_language_was_designed_with_has_its_code() {
    let registered: BTreeSet<&str> = Code::ALL.iter().map(|code| &code.as_str()["WSR".len()..]).collect();
    let missing: Vec<&str> = DESIGNED.split_whitespace().filter(|code| !registered.contains(code)).collect();
    assert!(missing.is_empty(), "no code for {}", missing.join(", "));
}

#[test]
fn every_page_has_the_same_form() {
    for &code in Code::ALL {
        let page = explain(code);
        assert_eq!(page.lines().next(), Some(format!("# {code}: {}", code.summary()).as_str()));
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("##")).collect();
        assert_eq!(headings, HEADINGS, "{code}");
        let intro = page.split("## Why").next().unwrap_or("").lines().skip(1).collect::<String>();
        assert!(!intro.trim().is_empty(), "{code} says what it is");
        let lines = page.lines().count();
        assert!(LINES.contains(&lines), "{code} has {lines} lines");
        let long = page.lines().find(|line| line.chars().count() > MAX_COLUMNS && !line.starts_with("type Deep"));
        assert_eq!(long, None, "{code}");
        assert!(page.ends_with("```\n"), "{code} ends with its right example");
    }
}

#[test]
fn the_wrong_example_of_a_page_gives_its_code_and_no_other() {
    let mut surprises = Vec::new();
    for &code in Code::ALL {
        let section = section(code, "## Wrong");
        let why = NOT_SHOWN_BY_A_TEXT.iter().find(|(known, _)| *known == code);
        let blocks = blocks(section, "wsr");
        assert_eq!(blocks.is_empty(), why.is_some(), "{code}: {}", why.map_or("shows its code", |(_, why)| why));
        if blocks.is_empty() {
            assert!(section.contains("```text\n"), "{code} tells what is wrong");
            continue;
        }
        let analysis = analyze(blocks);
        let found: Vec<Code> = analysis.diagnostics.iter().map(|report| report.code).collect();
        if found != [code] {
            surprises.push(format!("{code} gives\n{}", rendered(&analysis)));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn the_right_example_of_a_page_gives_no_report() {
    let mut surprises = Vec::new();
    for &code in Code::ALL {
        let blocks = blocks(section(code, "## Right"), "wsr");
        assert!(!blocks.is_empty(), "{code} shows how it is right");
        let analysis = analyze(blocks);
        if !analysis.diagnostics.is_empty() {
            surprises.push(format!("{code} gives\n{}", rendered(&analysis)));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn codes_that_pages_mention_exist() {
    for &code in Code::ALL {
        for (at, _) in explain(code).match_indices("WSR") {
            let mentioned: String = explain(code)[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(Code::parse(&mentioned).is_some(), "{code} mentions {mentioned}");
        }
    }
}

/// The lines below a heading, up to the next one.
fn section(code: Code, heading: &str) -> &'static str {
    let behind = explain(code).split_once(heading).map_or("", |(_, behind)| behind);
    behind.split("\n## ").next().unwrap_or(behind)
}

/// The fenced blocks of a language as files; the first one is the root.
fn blocks(section: &str, language: &str) -> Vec<SourceFile> {
    let fenced = section.split("```").skip(1).step_by(2);
    let parted = fenced.filter_map(|block| block.split_once('\n'));
    let ours = parted.filter(|(mark, _)| mark.split(' ').next() == Some(language));
    ours.map(|(mark, text)| SourceFile::new(mark.split_once(' ').map_or("routes.wsr", |(_, name)| name), text))
        .collect()
}

fn rendered(analysis: &Analysis) -> String {
    analysis.diagnostics.iter().map(|report| render::cargo(analysis, report) + "\n").collect()
}
