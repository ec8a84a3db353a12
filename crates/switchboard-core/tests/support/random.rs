//! Random JSON for tests: made from a seed, which every failure names.

#![allow(dead_code, reason = "each test binary uses a part")]

/// The seed of this run: `SEED=…` repeats one, else it is always the same.
pub fn seed() -> u64 {
    std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed_0001)
}

/// Cases of a random test; `CASES=…` for longer runs.
pub fn cases(usual: u64) -> u64 {
    std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

/// splitmix64: small, and good enough to choose from lists.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64, case: u64) -> Self {
        let mut random = Self(seed ^ case.wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }
}

/// A JSON text of a few dozen to a few hundred bytes. No key comes twice in an object.
pub fn json(random: &mut Random) -> String {
    let mut text = String::new();
    value(random, 0, &mut text);
    text
}

fn value(random: &mut Random, depth: usize, out: &mut String) {
    blank(random, out);
    match random.below(if depth > 5 { 6 } else { 9 }) {
        0 => out.push_str(random.pick(&["true", "false", "null"])),
        1 | 2 => number(random, out),
        3..=5 => string(random, "", out),
        6 => list(random, depth, out),
        _ => object(random, depth, out),
    }
    blank(random, out);
}

fn list(random: &mut Random, depth: usize, out: &mut String) {
    out.push('[');
    for index in 0..random.below(5) {
        if index > 0 {
            out.push(',');
        }
        value(random, depth + 1, out);
    }
    blank(random, out);
    out.push(']');
}

fn object(random: &mut Random, depth: usize, out: &mut String) {
    out.push('{');
    for index in 0..random.below(5) {
        if index > 0 {
            out.push(',');
        }
        blank(random, out);
        string(random, &index.to_string(), out);
        blank(random, out);
        out.push(':');
        value(random, depth + 1, out);
    }
    blank(random, out);
    out.push('}');
}

fn blank(random: &mut Random, out: &mut String) {
    if random.one_in(6) {
        out.push_str(random.pick(&[" ", "\n", "\t", "\r\n", "  "]));
    }
}

fn string(random: &mut Random, prefix: &str, out: &mut String) {
    out.push('"');
    out.push_str(prefix);
    for _ in 0..random.below(12) {
        out.push_str(random.pick(PIECES));
    }
    out.push('"');
}

const PIECES: &[&str] = &[
    "a",
    "room",
    " ",
    "é",
    "漢",
    "🎧",
    "\u{7f}",
    "\u{2028}",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\r",
    "\\t",
    "\\u0041",
    "\\u00e9",
    "\\u0000",
    "\\u001F",
    "\\uFFFF",
    "\\ud83c\\udfa7",
    "\\uD800\\uDC00",
    "'",
    "<",
    "12345678",
];

fn number(random: &mut Random, out: &mut String) {
    if random.one_in(3) {
        out.push('-');
    }
    match random.below(4) {
        0 => out.push_str(random.pick(NUMBERS)),
        1 => out.push_str(&random.next().to_string()),
        2 => out.push_str(&random.below(1000).to_string()),
        _ => out.push_str(&format!("{}.{:03}", random.below(100_000), random.below(1000))),
    }
    if random.one_in(5) && !out.ends_with(|end: char| !end.is_ascii_digit()) && !out.contains("e3") {
        out.push_str(random.pick(&["e0", "E+7", "e-12", "e20"]));
    }
}

const NUMBERS: &[&str] = &[
    "0",
    "0.0",
    "1",
    "9007199254740991",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1",
    "0.5",
    "3.141592653589793",
];

/// The text with one to three small changes, most of which break it.
pub fn mutate(random: &mut Random, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(characters.len() + 1);
        match random.below(5) {
            0 if at < characters.len() => _ = characters.remove(at),
            1 => characters.truncate(at),
            2 if at < characters.len() => characters[at] = odd(random),
            3 if at + 1 < characters.len() => characters.swap(at, at + 1),
            _ => characters.insert(at, odd(random)),
        }
    }
    characters.into_iter().collect()
}

fn odd(random: &mut Random) -> char {
    let odd: Vec<char> =
        "{}[]:,\"\\'/0123456789+-.eEtrufalsnbd \n\t\u{0}\u{b}\u{1f}\u{a0}\u{feff}é🎧".chars().collect();
    odd[random.below(odd.len())]
}
