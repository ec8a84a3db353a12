//! One mistake, one report: signs and keywords taken out of the full protocol one at a time, or misspelt.
//!
//! `SEED=… ROUNDS=… cargo test -p wsr-compiler --test one_mistake` tries others of them.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

use std::fs;
use std::path::Path;

use wsr_compiler::source::SourceFile;
use wsr_compiler::{Analysis, analyze, render};

const SIGNS: &str = "{}()[]:,\"=/?@";
const KEYWORDS: [&str; 30] = [
    "protocol",
    "identity",
    "roles",
    "type",
    "struct",
    "enum",
    "error",
    "topic",
    "handler",
    "event",
    "message",
    "flow",
    "namespace",
    "reply",
    "silent",
    "relay",
    "join",
    "leave",
    "then",
    "to",
    "or",
    "others",
    "mailbox",
    "role",
    "covers",
    "start",
    "state",
    "extends",
    "after",
    "match",
];

#[test]
fn a_single_mistake_gives_one_report_and_hardly_ever_two() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/accept/full.wsr");
    let full = fs::read_to_string(path).expect("the full protocol is there");
    let mistakes = mistakes(&full);
    let (seed, rounds) = (from_environment("SEED", 11), from_environment("ROUNDS", 120));
    let step = (mistakes.len() / rounds.max(1)).max(1);
    let tried: Vec<&Mistake> = mistakes.iter().skip(seed % step).step_by(step).collect();
    let mut twice = Vec::new();
    for mistake in &tried {
        let mut text = full.clone();
        text.replace_range(mistake.start..mistake.end, &mistake.instead);
        let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
        let errors = analysis.errors().count();
        assert!(errors <= 2, "{mistake:?}\n{}", rendered(&analysis));
        if errors == 2 {
            twice.push(format!("{mistake:?}\n{}", rendered(&analysis)));
        }
    }
    assert!(
        twice.len() * 33 <= tried.len(),
        "{} of {} give two reports\n{}",
        twice.len(),
        tried.len(),
        twice.join("\n")
    );
}

/// One change to a file.
#[derive(Debug)]
struct Mistake {
    start: usize,
    end: usize,
    instead: String,
}

/// Every sign left out, every keyword left out or misspelt.
fn mistakes(text: &str) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split("//").next().unwrap_or("");
        for (at, letter) in code.char_indices().filter(|(_, letter)| SIGNS.contains(*letter)) {
            let start = offset + at;
            found.push(Mistake { start, end: start + letter.len_utf8(), instead: String::new() });
        }
        for word in code.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
            if !KEYWORDS.contains(&word) {
                continue;
            }
            // The word's own place in the line: both are slices of one text.
            let start = offset + word.as_ptr() as usize - line.as_ptr() as usize;
            let blank = usize::from(text[start + word.len()..].starts_with(' '));
            found.push(Mistake { start, end: start + word.len() + blank, instead: String::new() });
            // Two letters in the wrong order.
            let misspelt =
                word.get(..3).map_or(String::new(), |_| [&word[..1], &word[2..3], &word[1..2], &word[3..]].concat());
            if word.len() > 4 && misspelt != word {
                found.push(Mistake { start, end: start + word.len(), instead: misspelt });
            }
        }
        offset += line.len();
    }
    found
}

fn rendered(analysis: &Analysis) -> String {
    analysis.errors().map(|report| render::cargo(analysis, report) + "\n").collect()
}

fn from_environment(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
