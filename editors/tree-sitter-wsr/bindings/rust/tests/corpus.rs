//! What the compiler reads, the editor reads.

use std::fs;
use std::path::{Path, PathBuf};

use wsr_compiler::analyze;
use wsr_compiler::source::SourceFile;

use crate::{each_node, first_error, parse, read, repository};

/// The codes of texts that do not fit the grammar of truth.
const SYNTAX: [&str; 7] = ["WSR0001", "WSR0002", "WSR0003", "WSR0004", "WSR0005", "WSR0006", "WSR0010"];

/// Every `.wsr` file of the repository, in order.
fn protocols() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["crates", "editors", "src", "tests", "docs"] {
        collect(&repository(folder), &mut found);
    }
    found.push(repository("routes.wsr"));
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            let skipped = path.file_name().is_some_and(|name| name == "node_modules" || name == "target");
            if !skipped {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "wsr") {
            found.push(path);
        }
    }
}

fn fits_the_grammar_of_truth(text: &str) -> bool {
    let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
    !analysis.diagnostics.iter().any(|report| SYNTAX.contains(&report.code.as_str()))
}

/// The text of every file that is UTF-8; the others are no texts.
fn texts() -> Vec<(PathBuf, String)> {
    let texts = protocols().into_iter().filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text)));
    texts.collect()
}

#[test]
fn what_the_compiler_reads_has_no_error_node() {
    let mut wrong = Vec::new();
    let mut right = 0;
    for (path, text) in texts() {
        if !fits_the_grammar_of_truth(&text) {
            continue;
        }
        match first_error(&parse(&text)) {
            Some((line, column)) => wrong.push(format!("{}:{line}:{column}", path.display())),
            None => right += 1,
        }
    }
    assert!(wrong.is_empty(), "not read by the grammar for editors:\n{}", wrong.join("\n"));
    assert!(right > 200, "only {right} files were compared: were they moved?");
}

#[test]
fn blocks_of_the_documentation_that_the_compiler_reads_have_no_error_node() {
    let mut pages = vec![repository("docs/language.md"), repository("README.md")];
    if let Ok(entries) = fs::read_dir(repository("crates/wsr-compiler/errors")) {
        pages.extend(entries.map(|entry| entry.expect("the folder can be listed").path()));
    }
    for page in pages {
        let text = read(&page);
        for block in text.split("```wsr\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            // A block may be a piece of a file: the compiler wants the version, this grammar does not.
            let whole = if block.starts_with("wsr 1") { block.to_owned() } else { format!("wsr 1\n{block}") };
            if fits_the_grammar_of_truth(&whole) {
                assert_eq!(first_error(&parse(&whole)), None, "{}:\n{block}", page.display());
            }
        }
    }
}

#[test]
fn one_mistake_does_not_hide_the_items_around_it() {
    let folder = repository("crates/wsr-compiler/tests/corpus/syntax");
    let mut items = 0;
    let mut lost = Vec::new();
    for (path, text) in texts().into_iter().filter(|(path, _)| path.starts_with(&folder)) {
        let tree = parse(&text);
        let mut found = 0;
        each_node(&tree, |node| found += usize::from(node.kind().ends_with("_declaration")));
        items += found;
        if found == 0 && text.lines().filter(|line| line.starts_with("message ")).count() > 1 {
            lost.push(path);
        }
    }
    assert!(lost.is_empty(), "no item was found in {lost:?}");
    assert!(items > 200, "only {items} items were found in broken files");
}

#[test]
fn a_truncated_file_is_read_to_its_end() {
    let text = read(repository("routes.wsr"));
    for end in (0..text.len()).step_by(97).filter(|&end| text.is_char_boundary(end)) {
        let tree = parse(&text[..end]);
        assert!(tree.root_node().end_byte() <= end, "a node ends behind the text");
    }
}

#[test]
fn hostile_texts_are_read_to_their_end() {
    let texts = [
        format!("wsr 1\ntype A = {}u8{}", "[".repeat(20_000), "]".repeat(20_000)),
        format!("wsr 1\n{}", "namespace a {".repeat(20_000)),
        format!("wsr 1\n{}", "}".repeat(20_000)),
        format!("wsr 1\ntype {} = u8", "a".repeat(1 << 20)),
        format!("wsr 1\ntype A = string(match /{})", "a".repeat(1 << 20)),
        "\0".repeat(10_000),
        "wsr 1\r\r\n@".repeat(1_000),
    ];
    for text in texts {
        let tree = parse(&text);
        assert!(tree.root_node().end_byte() <= text.len());
    }
}

/// A small generator, so that a failure can be had again from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % end
    }
}

/// Where the words of a text stand.
fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = letter.is_ascii_alphanumeric() || letter == '_';
        match start {
            None if inside => start = Some(at),
            Some(from) if !inside => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// One small change of a text: a word for a keyword, or what parts two words for something else that parts them.
fn mutated(text: &str, random: &mut Random, keywords: &[String]) -> Option<String> {
    let words = words(text);
    let place = words[random.below(words.len())].clone();
    let mut changed = text.to_owned();
    match random.below(4) {
        0 | 1 => {
            let keyword = &keywords[random.below(keywords.len())];
            // Not told from a timeout, see grammar.js.
            if keyword == "after" && text[..place.start].ends_with(", ") {
                return None;
            }
            changed.replace_range(place, keyword);
        }
        2 => {
            let between = [" ", "\n", "\r\n", " // aside\n", "\t/// docs\n", ",", "\n\n"];
            changed.insert_str(place.start, between[random.below(between.len())]);
        }
        _ => {
            let blanks = text[place.end..].find(|letter: char| !letter.is_whitespace()).unwrap_or(0);
            let between = ["", " ", "\n", "// aside\n", ", "];
            changed.replace_range(place.end..place.end + blanks, between[random.below(between.len())]);
        }
    }
    Some(changed)
}

#[test]
fn texts_changed_in_one_place_are_read_alike() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let mut random = Random(seed);
    let keywords = crate::drift::keywords();
    let mut compared = 0;
    let mut wrong = Vec::new();
    let folder = repository("crates/wsr-compiler/tests/corpus/accept");
    // One that is not read as it is has its own report.
    let read = |text: &str| first_error(&parse(text)).is_none();
    let files: Vec<_> = texts().into_iter().filter(|(path, text)| path.starts_with(&folder) && read(text)).collect();
    for _ in 0..rounds {
        for (path, text) in &files {
            for changed in (0..10).filter_map(|_| mutated(text, &mut random, &keywords)) {
                if fits_the_grammar_of_truth(&changed) {
                    compared += 1;
                    if let Some((line, column)) = first_error(&parse(&changed)) {
                        let shown = changed.lines().nth(line - 1).unwrap_or_default();
                        wrong.push(format!("{}:{line}:{column}: {shown}", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "seed {seed}, not read by the grammar for editors:\n{}", wrong.join("\n"));
    assert!(compared > 20 * rounds, "seed {seed}: only {compared} texts were compared");
}
