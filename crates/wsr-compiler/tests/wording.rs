//! What holds for the words of every report, whatever the file: over the corpus, and over the full protocol damaged at
//! random.
//!
//! `SEED=… ROUNDS=… cargo test -p wsr-compiler --test wording` repeats a random run.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

#[path = "random/numbers.rs"]
mod numbers;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use numbers::Random;
use wsr_compiler::diagnostic::Diagnostic;
use wsr_compiler::source::SourceFile;
use wsr_compiler::{Analysis, analyze, render};

/// Words of machines, not of authors.
const NEVER: [&str; 8] =
    ["parse error", "parser", "grammar", "pest", "rule `", "unexpected token", "EOI", "internal error"];
/// Tokens that random damage puts into a text.
const ODD: [&str; 24] = [
    "{", "}", "(", ")", "[", "]", "<", ">", "->", "=>", ":", "::", ",", ";", "?", "=", "|", "/", "\"", "@", "..",
    "message", "to", "then",
];

#[test]
fn reports_of_the_corpus_speak_to_authors() {
    let rules = rule_names();
    for (name, text) in corpus() {
        for report in &read(&text).diagnostics {
            let problem = problem(report, &text, &rules);
            assert_eq!(problem, None, "{name}: {}", rendered(&read(&text)));
        }
    }
}

#[test]
fn reports_of_randomly_damaged_protocols_speak_to_authors() {
    let (seed, rounds) = (from_environment("SEED", 3_261), from_environment("ROUNDS", 150));
    let full = fs::read_to_string(root().join("accept/full.wsr")).expect("the full protocol is there");
    let tokens = tokens(&full);
    let rules = rule_names();
    for round in 0..rounds {
        let mut random = Random(seed.wrapping_add(round));
        let mut damaged = tokens.clone();
        for _ in 0..=random.below(3) {
            damage(&mut damaged, &mut random);
        }
        let text = damaged.concat();
        let analysis = read(&text);
        for report in &analysis.diagnostics {
            let problem = problem(report, &text, &rules);
            assert_eq!(problem, None, "SEED={} ROUNDS=1\n{}", seed.wrapping_add(round), rendered(&analysis));
        }
    }
}

/// What is wrong with the words of a report.
fn problem(report: &Diagnostic, text: &str, rules: &BTreeSet<String>) -> Option<String> {
    let labels = std::iter::once(&report.primary).chain(&report.labels).map(|label| label.text.as_str());
    let words: Vec<&str> = [report.title.as_str(), report.help.as_deref().unwrap_or("")]
        .into_iter()
        .chain(labels)
        .chain(report.fix.iter().map(|fix| fix.title.as_str()))
        .collect();
    let all = words.join("\n");
    let machine = NEVER.iter().find(|never| all.contains(**never) && !text.contains(**never));
    let rule =
        all.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').find(|word| rules.contains(*word));
    let rule = rule.filter(|rule| !text.contains(*rule));
    let capital = report.title.starts_with(|letter: char| letter.is_uppercase());
    let stop = words.iter().find(|words| words.ends_with('.') && !words.ends_with("..") || words.contains('\n'));
    let without_help = report.help.as_deref().is_none_or(|help| help.trim().is_empty());
    machine
        .map(|word| format!("says {word:?}"))
        .or_else(|| rule.map(|rule| format!("names the rule `{rule}`")))
        .or_else(|| capital.then(|| "begins with a capital".to_owned()))
        .or_else(|| stop.map(|words| format!("is more than a line or ends in a full stop: {words:?}")))
        .or_else(|| without_help.then(|| "says nothing about what to write".to_owned()))
}

/// The names of the grammar's rules that are no words of authors.
fn rule_names() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar/wsr.pest");
    let grammar = fs::read_to_string(path).expect("the grammar is there");
    let names = grammar.lines().filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()));
    let is_name =
        |name: &&str| name.contains('_') && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let names: BTreeSet<String> = names.filter(is_name).map(str::to_owned).collect();
    assert!(names.contains("kw_message") && names.contains("bad_item"), "the rules were found");
    names
}

/// Words, blanks and signs, one by one.
fn tokens(text: &str) -> Vec<String> {
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut tokens: Vec<String> = Vec::new();
    for letter in text.chars() {
        match tokens.last_mut() {
            Some(last) if word(letter) && last.ends_with(word) => last.push(letter),
            _ => tokens.push(letter.to_string()),
        }
    }
    tokens
}

fn damage(tokens: &mut Vec<String>, random: &mut Random) {
    let at = random.below(tokens.len());
    match random.below(5) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, ODD[random.below(ODD.len())].to_owned()),
        2 => tokens[at] = ODD[random.below(ODD.len())].to_owned(),
        3 => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        _ => {
            let mut letters: Vec<char> = tokens[at].chars().collect();
            let letter = random.below(letters.len());
            letters.remove(letter);
            tokens[at] = letters.into_iter().collect::<String>() + " ";
        }
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn read(text: &str) -> Analysis {
    analyze(vec![SourceFile::new("routes.wsr", text)])
}

fn rendered(analysis: &Analysis) -> String {
    analysis.diagnostics.iter().map(|report| render::cargo(analysis, report) + "\n").collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// Every case of the corpus, by its name.
fn corpus() -> Vec<(String, String)> {
    let folders = ["check", "syntax", "accept"].map(|folder| root().join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("every folder of the corpus is there"));
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let cases = paths.filter(|path| path.extension().is_some_and(|extension| extension == "wsr"));
    cases.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("cases are text"))).collect()
}
