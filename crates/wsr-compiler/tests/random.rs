//! What holds of any protocol, tried on protocols made at random. `SEED=7 CASES=1000` chooses them.

#![expect(clippy::disallowed_methods, reason = "the seed comes from the environment")]

#[path = "random/protocol.rs"]
mod protocol;

use wsr_compiler::generate::{Options, generate};
use wsr_compiler::model::Model;
use wsr_compiler::source::SourceFile;
use wsr_compiler::{Analysis, analyze, format, render};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Runs a property on protocols of many seeds.
fn for_all(property: impl Fn(u64, &str)) {
    let first = number("SEED", 1);
    println!("seeds from {first}");
    for seed in first..first + number("CASES", 60) {
        property(seed, &protocol::protocol(seed));
    }
}

fn analysis(text: &str) -> Analysis {
    analyze(vec![SourceFile::new("routes.wsr", text)])
}

fn reports(analysis: &Analysis) -> String {
    analysis.diagnostics.iter().map(|report| render::cargo(analysis, report)).collect::<Vec<_>>().join("\n\n")
}

/// A model without its places: two texts that mean the same have the same.
fn meaning(model: &Model) -> String {
    let places = ["file: ", "start: ", "end: ", "line: "];
    let text = format!("{model:#?}");
    let lines = text.lines().map(str::trim_start);
    lines.filter(|line| !places.iter().any(|place| line.starts_with(place))).collect::<Vec<_>>().join("\n")
}

#[test]
fn most_are_accepted() {
    let accepted = std::cell::Cell::new(0);
    let all = std::cell::Cell::new(0);
    let shown = std::cell::Cell::new(0);
    for_all(|seed, text| {
        all.set(all.get() + 1);
        let analysis = analysis(text);
        if analysis.has_errors() {
            if shown.replace(shown.get() + 1) < 5 {
                println!("seed {seed}:\n{}\n", reports(&analysis));
            }
        } else {
            accepted.set(accepted.get() + 1);
        }
    });
    assert!(accepted.get() * 10 >= all.get() * 8, "{} of {}", accepted.get(), all.get());
}

#[test]
fn laid_out_they_mean_the_same_and_stay_as_they_are() {
    for_all(|seed, text| {
        let once = format(text).text;
        assert_eq!(format(&once).text, once, "seed {seed}");
        assert_eq!(meaning(&analysis(&once).model), meaning(&analysis(text).model), "seed {seed}");
    });
}

#[test]
fn the_same_text_gives_the_same_code() {
    for_all(|seed, text| {
        let code = || generate(&analysis(text).model, &Options::default());
        assert_eq!(code(), code(), "seed {seed}");
    });
}

#[test]
fn whatever_is_cut_out_of_them_ends_in_reports() {
    for_all(|seed, text| {
        let mut dice = protocol::Dice::new(seed);
        let signs: Vec<char> = text.chars().collect();
        let at = dice.below(signs.len());
        let length = 1 + dice.below(40);
        let cut: String = signs[..at].iter().chain(signs.iter().skip(at + length)).collect();
        let analysis = analysis(&cut);
        for report in &analysis.diagnostics {
            let line = render::line(&analysis, report);
            assert!(!line.contains("parse error") && !line.contains("kw_"), "seed {seed}: {line}");
        }
    });
}
