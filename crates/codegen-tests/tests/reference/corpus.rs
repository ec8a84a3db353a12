//! The corpus of values in `tests/clients/values`: texts with what the server says to them, word for word, so that
//! clients in other languages can be held to it. `UPDATE_EXPECT=1` writes it anew; the same values come each time.
//!
//! A line of a file: `type` or `message` by its full name, `text` (JSON as it came) or `binary` (a frame in hex, tag
//! first), and `verdict`: `taken`, for types with what is `written` of it; `refused` with `violations`, and how many more
//! are `omitted`; `malformed`. The first line names the protocol.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use switchboard::generated as rt;
use wsr_compiler::model::{Message, Model};

use super::invent::Inventor;
use super::json::Json;
use super::random::Random;

/// A case and how its types are read.
struct Case {
    file: &'static str,
    types: &'static [(&'static str, Probe)],
    message: fn(&str, &str) -> Value,
}

type Probe = fn(&str) -> Value;

include!(concat!(env!("OUT_DIR"), "/table.rs"));

fn probe<T: rt::Decode + rt::Encode>(text: &str) -> Value {
    match read(text, T::decode) {
        Err(verdict) => verdict,
        Ok(value) => {
            let mut out = Vec::new();
            value.encode(&mut out);
            json!({"verdict": "taken", "written": String::from_utf8(out).expect("JSON is UTF-8")})
        }
    }
}

fn message<P: rt::Protocol>(name: &str, text: &str) -> Value {
    let route = P::find(name).expect("each message has a number");
    read(text, |r, at| P::decode(route, r, at)).map_or_else(|verdict| verdict, |_| json!({"verdict": "taken"}))
}

fn read<T>(text: &str, read: impl FnOnce(&mut rt::Reader<'_>, &rt::Path<'_>) -> rt::Decoded<T>) -> Result<T, Value> {
    let mut reader = rt::Reader::new(text, 32);
    match read(&mut reader, &rt::Path::root()) {
        Err(rt::Fault::Malformed) => Err(json!({"verdict": "malformed"})),
        _ if reader.finish().is_err() => Err(json!({"verdict": "malformed"})),
        Ok(value) if reader.report.is_empty() => Ok(value),
        _ => Err(refused(&reader.report)),
    }
}

fn binary<P: rt::Protocol>(frame: &[u8]) -> Value {
    let (tag, body) = frame.split_first().expect("a frame has a tag");
    let route = P::find_binary(*tag).expect("each tag has a number");
    let mut report = rt::Report::new();
    match P::decode_binary(route, rt::Bytes::copy_from_slice(body), &mut report) {
        Ok(_) => json!({"verdict": "taken"}),
        Err(_) => refused(&report),
    }
}

fn refused(report: &rt::Report) -> Value {
    let violations = report.violations().iter();
    let violations: Vec<Value> = violations
        .map(|found| json!({"at": found.at, "rule": found.rule, "want": found.want, "got": found.got}))
        .collect();
    match report.omitted() {
        0 => json!({"verdict": "refused", "violations": violations}),
        omitted => json!({"verdict": "refused", "violations": violations, "omitted": omitted}),
    }
}

#[test]
fn the_corpus_of_values_is_what_the_server_says() {
    for case in CASES {
        let text = corpus(case);
        let file = case.file.replace(".wsr", ".jsonl");
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/values").join(&file);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &text).expect("the folder is there");
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "tests/clients/values/{file} is stale; UPDATE_EXPECT=1 writes it anew");
    }
}

fn corpus(case: &Case) -> String {
    let analysis = super::analyze(case.file);
    let model = &analysis.model;
    let mut lines = format!("{}\n", json!({"wsr": format!("crates/codegen-tests/cases/{}", case.file)}));
    let each = (LINES / (case.types.len() + model.messages.len()).max(1)).clamp(10, 120) as u64;
    for (name, probe) in case.types {
        let id = model.types.iter().position(|def| model.full_name(def.namespace, &def.name) == *name);
        let id = id.expect("the table is made from the same model");
        let texts = texts(name, each, |random, wrong| Inventor { model, random, wrong }.of_type(id));
        texts.iter().for_each(|text| line(&mut lines, json!({"type": name, "text": text}), probe(text)));
    }
    for declared in &model.messages {
        let name = &declared.wire;
        let texts = texts(name, each, |random, wrong| Inventor { model, random, wrong }.of_message(declared));
        let judge = |text: &String| (case.message)(name, text);
        texts.iter().for_each(|text| line(&mut lines, json!({"message": name, "text": text}), judge(text)));
    }
    frames(case, model, &mut lines);
    lines
}

/// What is odd for most types, and then what is invented for this one: right, and wrong in few or many places.
fn texts(name: &str, count: u64, mut invent: impl FnMut(&mut Random, usize) -> Json) -> Vec<String> {
    let mut odd = ODD.to_vec();
    Random::new(seed(name), 0).shuffle(&mut odd);
    let mut texts: Vec<String> = odd.iter().take(6).map(|text| (*text).to_owned()).collect();
    for case in 1..=count {
        let mut random = Random::new(seed(name), case);
        let json = invent(&mut random, [0, 30, 12, 5][(case % 4) as usize]);
        let mut text = String::new();
        json.write(&mut random, &mut text);
        if text.len() <= LONGEST && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Of binary messages: bytes as chance has them, of every length up to one that is too long for most.
fn frames(case: &Case, model: &Model, lines: &mut String) {
    let binary_of: fn(&[u8]) -> Value = match case.file {
        "full.wsr" => binary::<codegen_tests::full::Routes>,
        "packed.wsr" => binary::<codegen_tests::packed::Routes>,
        "roots.wsr" => binary::<codegen_tests::roots::Routes>,
        "station.wsr" => binary::<codegen_tests::station::Routes>,
        "deprecated.wsr" => binary::<codegen_tests::deprecated::Routes>,
        file => {
            assert!(model.messages.iter().all(|message| message.binary.is_none()), "{file} has binary messages");
            return;
        }
    };
    let tagged = |message: &'_ Message| message.binary.map(|tag| (message.wire.clone(), tag));
    for (name, tag) in model.messages.iter().filter_map(tagged) {
        for length in 0..48 {
            let mut random = Random::new(seed(&name), length);
            let mut frame = vec![tag];
            frame.extend((0..length).map(|_| [0, 1, 2, 0x41, 0xff, random.next() as u8][random.below(6)]));
            let hex = frame.iter().fold(String::new(), |mut hex, byte| {
                // Writing into a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            line(lines, json!({"message": name, "binary": hex}), binary_of(&frame));
        }
    }
}

/// One object of the two.
fn line(lines: &mut String, mut what: Value, verdict: Value) {
    if let (Value::Object(what), Value::Object(verdict)) = (&mut what, verdict) {
        what.extend(verdict);
    }
    lines.push_str(&format!("{what}\n"));
}

/// Not by the order of things, so that a new type leaves the values of the others as they are.
fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// About so many of a case.
const LINES: usize = 600;
/// Longer ones say nothing more.
const LONGEST: usize = 700;
const ODD: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "1e2",
    "0.5",
    "01",
    "1e400",
    "9007199254740991",
    "9007199254740992",
    "18446744073709551616",
    "\"\"",
    "\"1\"",
    "\"-0\"",
    "\"é\"",
    "\"\\ud83c\\udfa7\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "[]",
    "[null]",
    "[1,1]",
    "{}",
    "{\"\":0}",
    "{\"a\":1,\"\\u0061\":1}",
    "{} x",
];
