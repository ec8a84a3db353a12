//! Texts that match a pattern, or nearly.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::random::Random;
use super::texts;

/// A text that matches, as long as the pattern does not ask for something odd, such as a word's end.
pub fn text(pattern: &str, random: &mut Random) -> String {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Hir>> = RefCell::default();
    }
    // Of several the last is the narrowest, mostly.
    let pattern = pattern.rsplit(texts::AND).next().unwrap_or(pattern);
    KNOWN.with_borrow_mut(|known| {
        let parse = || regex_syntax::parse(&texts::ascii(pattern)).expect("checked by the compiler");
        let mut text = String::new();
        push(known.entry(pattern.to_owned()).or_insert_with(parse), random, &mut text);
        text
    })
}

fn push(hir: &Hir, random: &mut Random, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            let range = class.ranges()[random.below(class.ranges().len())];
            let (start, end) = (u32::from(range.start()), u32::from(range.end()).min(u32::from(range.start()) + 99));
            let sign = start + random.below((end - start + 1) as usize) as u32;
            out.extend(char::from_u32(sign));
        }
        HirKind::Class(Class::Bytes(_)) => {}
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min + 6).min(repetition.min + 40);
            let count = repetition.min as usize + random.below((most - repetition.min + 1) as usize);
            (0..count).for_each(|_| push(&repetition.sub, random, out));
        }
        HirKind::Capture(capture) => push(&capture.sub, random, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| push(part, random, out)),
        HirKind::Alternation(parts) => push(&parts[random.below(parts.len())], random, out),
    }
}
