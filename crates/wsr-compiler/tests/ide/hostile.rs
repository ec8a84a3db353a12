//! Nothing that can be asked about any text makes anything panic, and what comes back lies in the text.

use std::fs;
use std::path::Path;

use wsr_compiler::Analysis;
use wsr_compiler::ide;
use wsr_compiler::source::Span;

use crate::support::of;

/// A small generator of numbers; good enough to cut texts with.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

fn corpus() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<_> =
            fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read").path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "wsr")
                && let Ok(text) = fs::read_to_string(&path)
                && text.len() < 20_000
            {
                found.push(text);
            }
        }
    }
    assert!(found.len() > 100, "the corpus is elsewhere");
    found
}

fn inside(analysis: &Analysis, span: Span) {
    let text = analysis.files[usize::from(span.file)].text();
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} is not in\n{text}");
}

/// Asks everything about a place.
fn ask(analysis: &Analysis, offset: u32) {
    if let Some(hover) = ide::hover(analysis, 0, offset) {
        inside(analysis, hover.span);
    }
    ide::complete(analysis, 0, offset).iter().for_each(|offer| inside(analysis, offer.replaces));
    ide::definition(analysis, 0, offset).into_iter().for_each(|span| inside(analysis, span));
    ide::references(analysis, 0, offset, true).into_iter().for_each(|span| inside(analysis, span));
    if let Ok(renaming) = ide::rename(analysis, 0, offset, "other_name") {
        renaming.edits.iter().for_each(|edit| inside(analysis, edit.span));
    }
    for action in ide::actions(analysis, Span { file: 0, start: offset, end: offset }) {
        action.edits.iter().for_each(|edit| inside(analysis, edit.span));
    }
}

/// Asks everything about a file.
fn ask_about_all(analysis: &Analysis) {
    let end = analysis.files[0].text().len() as u32;
    let mut last = 0;
    for token in ide::tokens(analysis, 0) {
        inside(analysis, token.span);
        assert!(last <= token.span.start, "tokens overlap");
        last = token.span.end;
    }
    ide::hints(analysis, Span { file: 0, start: 0, end }).iter().for_each(|hint| assert!(hint.offset <= end));
    ide::folds(analysis, 0).iter().for_each(|fold| assert!(fold.start <= fold.end && fold.end <= end));
    ide::outline(analysis, 0).iter().for_each(|one| inside(analysis, one.span));
    ide::lenses(analysis, 0).iter().for_each(|lens| inside(analysis, lens.span));
    ide::search(analysis, "a");
}

#[test]
fn everything_can_be_asked_about_every_text() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed_1234);
    println!("SEED={seed}");
    let mut random = Random(seed);
    for text in corpus() {
        for round in 0..3 {
            let mut text = text.clone();
            // Whole, cut off, and with a piece missing.
            let (from, to) = (random.below(text.len()), random.below(text.len()));
            match round {
                0 => {}
                1 => text = text.chars().take(from).collect(),
                _ => {
                    let letters: Vec<char> = text.chars().collect();
                    let (from, to) = (from.min(to).min(letters.len()), to.max(from).min(letters.len()).min(from + 30));
                    text = letters[..from].iter().chain(&letters[to.max(from)..]).collect();
                }
            }
            let analysis = of(&text);
            ask_about_all(&analysis);
            for _ in 0..8 {
                ask(&analysis, random.below(text.len() + 2) as u32);
            }
        }
    }
}
