//! Text that nobody means well with: the compiler ends, soon, and neither it nor its reports break.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from files")]

#[path = "random/numbers.rs"]
mod numbers;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use numbers::Random;
use wsr_compiler::generate::{Options, generate};
use wsr_compiler::source::{SourceFile, Span};
use wsr_compiler::{Analysis, analyze, render};

/// Far more than any of these texts needs, even unoptimised on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The protocol of the corpus that uses everything.
fn full() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/accept/full.wsr");
    fs::read_to_string(path).expect("the full protocol is there")
}

/// Analyses a text, and checks what must hold for every text.
fn survive(text: impl Into<String>) -> Analysis {
    let started = Instant::now();
    let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
    for report in &analysis.diagnostics {
        let places = std::iter::once(&report.primary).chain(&report.labels);
        places.for_each(|label| lies_in_its_file(&analysis, label.span));
        assert!(!report.title.is_empty() && !report.title.contains('\n'), "a title is one line: {:?}", report.title);
        let shown = render::cargo(&analysis, report);
        assert!(shown.len() < 20_000, "a report of {} bytes", shown.len());
        assert!(!render::line(&analysis, report).contains('\n'));
    }
    // Code is made of broken protocols too, from their sound parts.
    assert!(!generate(&analysis.model, &Options::default()).is_empty());
    assert!(started.elapsed() < PATIENCE, "took {:?}", started.elapsed());
    analysis
}

fn lies_in_its_file(analysis: &Analysis, span: Span) {
    let text = analysis.files[usize::from(span.file)].text();
    let piece = text.get(span.start as usize..span.end as usize);
    assert!(piece.is_some(), "{span:?} is no piece of a file of {} bytes", text.len());
}

fn refused(text: impl Into<String>) {
    assert!(survive(text).has_errors());
}

#[test]
fn brackets_inside_each_other_without_end_are_refused() {
    for bracket in ["[", "{", "(", "<", "map<string,", "enum {", "{ a: ", "namespace a {\n", "[(", ")(", "}{"] {
        let nested = bracket.repeat(100_000);
        refused(format!("wsr 1\nmessage a {{ b: {nested} }} -> reply ok\n"));
        refused(format!("wsr 1\n{nested}"));
        refused(nested);
    }
}

#[test]
fn closing_brackets_without_end_are_refused() {
    for bracket in ["}", ")", "]", ">", "}\n", "}/"] {
        refused(format!("wsr 1\n{}", bracket.repeat((1 << 20) / bracket.len())));
    }
}

#[test]
fn one_token_of_two_mebibytes_is_refused() {
    for token in ["a", "1", "\"", "/", "é", "🎵", "a::"] {
        let long = token.repeat((2 << 20) / token.len());
        refused(format!("wsr 1\nmessage a {{ b: {long} }} -> reply ok"));
    }
}

#[test]
fn one_token_just_short_enough_is_read() {
    for token in
        ["a", "1", "@", "_", "é", "-", ".", ",", "=", "?", "🎵", "\\", "a::", "a/", "*", "a b ", "a,", "(", "/*", "///"]
    {
        let long = token.repeat(16_000 / token.len());
        survive(format!(
            "wsr 1\n{long}\nmessage a {{ b: {long} }} -> {long}\nmessage {long} -> reply {long}\n@rate({long})"
        ));
        survive(format!(
            "wsr 1\nmessage a {{ b: u8 = {long} }} -> reply u8({long})\nflow {long} covers {long} {{\n {long}\n}}"
        ));
    }
}

#[test]
fn many_broken_lines_take_time_by_their_number_only() {
    let lines = [
        "mesage a -> reply ok\n",
        "a b c\n\n",
        "message a {\n",
        "@\n",
        "\"\n",
        "type A = \n",
        "/* \n",
        "message a { b c }\n",
        "}{\n",
    ];
    for line in lines {
        refused(format!("wsr 1\n{}", line.repeat(20_000 / line.len())));
    }
    survive(format!("wsr 1\n{}", "///\n".repeat(20_000)));
}

#[test]
fn a_brace_behind_an_attribute_that_is_never_closed_is_refused() {
    refused("wsr 1\n\n@accepts{plain, flat)\nprotocol studio \"1.0.0\"\n\nmessage ping -> reply ok\n");
    refused("@a{\n@b{\nmessage c {\n  -> reply ok\n");
    refused("wsr 1\n@open {");
}

#[test]
fn characters_that_nobody_types_are_refused() {
    refused("\0".repeat(100_000));
    refused(format!("wsr 1\n{}", "\0\u{1}\u{7f}\u{85}\u{2028}\u{202e}\u{feff}\u{10ffff}\r".repeat(1_000)));
    survive("wsr 1\rmessage ping -> reply ok\r");
    refused("wsr 1\nmessage p\0ing -> reply ok\n");
    refused("wsr 1\nmessage ping { a: string = \"\u{202e}\0\" b } -> reply ok\n");
    survive("");
    survive("\u{feff}");
    survive("\r\n\r\n\r\n");
    survive("wsr 1");
}

#[test]
fn patterns_that_would_eat_time_or_memory_are_refused_or_cheap() {
    let bombs = [
        r"(\w{1000}){1000}",
        r"((((a{100}){100}){100}){100}){100}",
        r"(a*)*b",
        r"(a|aa)+$",
        r"[\w\W]{4000000000}",
        r"\p{L}{65535}",
        r"((a?){300}){300}",
        r"(?:x{5}){2147483647}",
        r"a{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}",
        r"(?i)ſK(?x: a )",
    ];
    for bomb in bombs {
        let default = "a".repeat(2_000);
        survive(format!("wsr 1\nmessage a {{ b: string(len ..=4000, match /{bomb}/) = \"{default}\" }} -> reply ok\n"));
    }
    let nested = format!("{}a{}", "(".repeat(4_000), ")*".repeat(4_000));
    refused(format!("wsr 1\nmessage a {{ b: string(match /{nested}/) }} -> reply ok\n"));
    let wide = "a|".repeat(7_000);
    survive(format!("wsr 1\nmessage a {{ b: string(match /{wide}/) = \"b\" }} -> reply ok\n"));
}

#[test]
fn numbers_at_every_edge_are_read_or_refused() {
    let numbers = [
        "0",
        "-0",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "0xffffffffffffffffffff",
        "1.",
        "1.0",
        "-1.5e",
        "1e999",
        "9999999999999999999999999999999999999999999999",
        "1_0",
        "0x",
        "340282346638528859811704183484516925440.0",
        "9223372036854775808s",
        "18446744073709551615d",
        "1KiB",
        "99999999999999MiB",
        "0.1",
        "1e9",
        "1e400",
        "-1e-400",
        "1.5e-3",
        "1e99999999999999999999999999999",
        "0e99999999999999999999999999999",
        "9007199254740993",
    ];
    for low in numbers {
        for ty in ["u8", "i64", "u64", "f32", "f64", "duration", "string", "bool"] {
            survive(format!(
                "wsr 1\n@rate({low} per {low})\n@limit({low})\n@deadline({low})\n@binary({low})\nmessage a {{ b: {ty}({low}..={low}, multiple_of {low}) = {low} }} -> reply ok"
            ));
            survive(format!(
                "wsr 1\ntype A = {ty}(>{low}, <={low})\ntype B = {ty}({low} | 1 | {low})\nmessage a {{ b: A(<{low}) = {low}, c: B(>={low}, {low} | 2), d: {low} = {low}, e: [{low}](len >{low}) }} -> reply {low}({low})"
            ));
            survive(format!(
                "wsr 1\nmessage a {{ b: {ty}({low}..) = {low}, c: {ty}(len {low}..={low}), d: {ty}(..={low}, multiple_of 3) = 2 }} -> reply ok"
            ));
        }
    }
}

#[test]
fn every_beginning_of_a_file_is_survived() {
    let text = full();
    let ends = (0..text.len()).step_by(7).filter(|&end| text.is_char_boundary(end));
    ends.for_each(|end| drop(survive(&text[..end])));
}

#[test]
fn every_rest_of_a_file_is_survived() {
    let text = full();
    let starts = (0..text.len()).step_by(61).filter(|&start| text.is_char_boundary(start));
    starts.for_each(|start| drop(survive(format!("wsr 1\n{}", &text[start..]))));
}

#[test]
fn five_thousand_messages_are_read() {
    let mut text = String::from("wsr 1\nnamespace big {\ntopic rooms/{room: string}\n");
    for number in 0..5_000 {
        let _ = writeln!(text, "struct S{number} {{ id: u32, next?: S{number} }}");
        let _ = writeln!(text, "event e{number} {{ room: string, s: S{number} }} to topic rooms/{{room}}");
        let _ = writeln!(
            text,
            "message m{number} {{ room: string(len 1..=40), s: S{number} }} => h{number} -> reply ok -> e{number}, i{number}"
        );
    }
    text.push_str("}\nflow all covers * {\n start first {\n  big/* -> second\n }\n state second {\n");
    for number in 0..5_000 {
        let _ = writeln!(text, "  big/m{number} -> first");
    }
    text.push_str(" }\n}\n");
    let analysis = survive(text);
    assert_eq!(analysis.model.messages.len(), 5_000);
    assert_eq!(analysis.errors().next(), None);
}

#[test]
fn five_thousand_types_in_a_row_or_a_ring_are_read() {
    let mut aliases = String::from("wsr 1\ntype T0 = string\n");
    for number in 1..5_000 {
        let _ = writeln!(aliases, "type T{number} = T{}", number - 1);
    }
    survive(format!("{aliases}message a {{ b: T4999(len 1..=3) = \"a\" }} -> reply T2500\n"));
    survive(aliases.replace("T0 = string", "T0 = T4999"));
    let mut structs = String::from("wsr 1\n");
    for number in 0..2_000 {
        let _ = writeln!(structs, "struct S{number} {{ next: S{} }}", (number + 1) % 2_000);
    }
    refused(format!("{structs}message a -> reply S0\n"));
    let namespaces = "namespace a {\n".repeat(60) + "message m -> silent\n" + &"}\n".repeat(60);
    survive(format!("wsr 1\n{namespaces}"));
}

#[test]
fn inline_types_inside_each_other_without_end_are_refused() {
    for (open, close) in [("{ a: ", " }"), ("enum { a { b: ", " } }"), ("[{ a: ", " }]"), ("map<string, { a: ", " }>")]
    {
        for count in [1_000, 10_000] {
            let nested = format!("{}u8{}", open.repeat(count), close.repeat(count));
            let lines =
                format!("{}u8{}", open.replace(' ', "\n").repeat(count), close.replace(' ', "\n").repeat(count));
            for text in [format!("wsr 1\nmessage a {nested} -> reply ok\n"), format!("wsr 1\ntype A = {lines}\n")] {
                refused(text);
            }
        }
    }
}

#[test]
fn inline_types_as_deep_as_allowed_are_read() {
    let nested = format!("{}u8{}", "{ a: ".repeat(60), " }".repeat(60));
    let analysis = survive(format!("wsr 1\nmessage deep {nested} -> reply {nested}\n"));
    assert_eq!(analysis.errors().next(), None);
    assert_eq!(analysis.model.types.len(), 59 + 60);
}

#[test]
fn many_inline_types_take_time_by_their_number_only() {
    let mut fields = String::new();
    for number in 0..2_500 {
        let _ =
            writeln!(fields, "f{number}: {{ a: [enum {{ b, c }}], d: map<string, {{ e: u8 }}>, of?: {{ a: S? }} }}");
    }
    let analysis = survive(format!("wsr 1\nstruct S {{\n{fields}}}\nmessage a {{\n{fields}}} -> reply S\n"));
    assert_eq!(analysis.errors().next(), None);
    // Each of these would repeat a path of a hundred thousand letters.
    let long = "a".repeat(1_500);
    let path = format!("{{ {long}: ").repeat(50);
    let leaves: String = (0..5_000).map(|number| format!("l{number}: {{ a: u8 }}\n")).collect();
    survive(format!("wsr 1\nmessage a {path} {{\n{leaves}}} {} -> reply ok\n", "}".repeat(50)));
}

#[test]
fn sets_of_many_numbers_take_time_by_their_number_only() {
    let numbers = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>().join(" |\n");
    refused(format!("wsr 1\nmessage a {{ b: u32({}) }} -> reply ok\n", numbers(100_000)));
    let set = numbers(1_000);
    let list = (0..20_000).map(|number| (number % 1_000).to_string()).collect::<Vec<_>>().join(",\n");
    let analysis = survive(format!(
        "wsr 1\ntype N = u32({set})\ntype M = N({set})\nmessage a {{ b: [M(multiple_of 1)] = [{list}], c: M({set}) }} -> reply ok\n"
    ));
    assert_eq!(analysis.errors().next(), None);
    refused(format!("wsr 1\nmessage a {{ b: u8({}) }} -> reply ok\n", ["1"; 1_000].join(" |\n")));
}

#[test]
fn limits_on_long_chains_of_aliases_are_judged() {
    let mut text = String::from("wsr 1\ntype T0 = f64(>0, <=10000)\n");
    for number in 1..3_000 {
        let _ = writeln!(text, "type T{number} = T{}(>{number}, <=10000)", number - 1);
    }
    let analysis = survive(format!("{text}message a {{ b: T2999 = 9999 }} -> reply ok\n"));
    assert_eq!(analysis.errors().next(), None);
}

/// Words, runs of white space, and every other character by itself.
fn tokens(text: &str) -> Vec<String> {
    let class = |letter: char| match letter {
        letter if letter.is_alphanumeric() || letter == '_' => 1,
        letter if letter.is_whitespace() => 2,
        _ => 0,
    };
    let mut tokens: Vec<String> = Vec::new();
    let mut last = 0;
    for letter in text.chars() {
        match tokens.last_mut() {
            Some(token) if class(letter) == last && last != 0 => token.push(letter),
            _ => tokens.push(letter.to_string()),
        }
        last = class(letter);
    }
    tokens
}

fn mutate(tokens: &mut Vec<String>, pool: &[String], random: &mut Random) {
    let at = random.below(tokens.len());
    let other = random.below(tokens.len());
    match random.below(6) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at].clone()),
        2 => tokens.swap(at, other),
        3 => tokens.insert(at, pool[random.below(pool.len())].clone()),
        4 => drop(tokens.drain(at..(at + random.below(12)).min(tokens.len()))),
        _ => tokens[at].clone_from(&pool[random.below(pool.len())]),
    }
}

/// `SEED` and `ROUNDS` in the environment choose other texts.
fn number_from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn randomly_damaged_protocols_are_survived() {
    let text = full();
    let whole = tokens(&text);
    let extra = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "\"",
        "/",
        "//",
        "///",
        "/*",
        "*/",
        "@",
        "->",
        "=>",
        "..=",
        "..",
        "?",
        "map<",
        "\n\n",
        "\u{feff}",
        "é",
        "0x",
        "flow",
        "state",
        "enum {",
        "{ a: u8 }",
        "|",
        ">0",
        "<=",
        "1e9",
        "date",
        "\"a\"",
        "true",
    ];
    let pool: Vec<String> = whole.iter().cloned().chain(extra.map(str::to_owned)).collect();
    let (seed, rounds) = (number_from_environment("SEED", 20_261_122), number_from_environment("ROUNDS", 300));
    for round in 0..rounds {
        println!("SEED={} ROUNDS=1 repeats this round", seed + round);
        let mut random = Random(seed + round);
        let mut damaged = whole.clone();
        for _ in 0..=random.below(12) {
            mutate(&mut damaged, &pool, &mut random);
        }
        survive(damaged.concat());
    }
}
