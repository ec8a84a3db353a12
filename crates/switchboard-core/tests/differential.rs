//! Random texts, sound and broken: our verdict and our values against those of serde_json.
//!
//! Where the two may differ: keys that come twice (refused here by whoever knows them), depth (the texts
//! stay within both limits) and the last digit of a float, which serde_json by default does not round.

#[path = "support/random.rs"]
mod random;

use random::{Random, cases, json, mutate, seed};
use serde_json::Value;
use switchboard_core::{Decode, Encode, Fault, Path, Reader, write};

const DEPTH: usize = 64;

fn skipped(text: &str) -> bool {
    let mut r = Reader::new(text, DEPTH);
    r.skip().and_then(|()| r.finish()).is_ok()
}

/// The value, or whether at least the text was JSON.
fn read(text: &str) -> Result<Value, Fault> {
    let mut r = Reader::new(text, DEPTH);
    let value = Value::decode(&mut r, &Path::root());
    if value == Err(Fault::Malformed) {
        return value;
    }
    r.finish()?;
    value
}

fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            a.is_sign_negative() == b.is_sign_negative() && (a - b).abs() <= a.abs() * 1e-15
        }
        _ => ours == theirs,
    }
}

#[test]
fn random_texts_read_the_same() {
    let seed = seed();
    for case in 0..cases(20_000) {
        let text = json(&mut Random::new(seed, case));
        let theirs = serde_json::from_str::<Value>(&text);
        match (read(&text), &theirs) {
            (Ok(ours), Ok(theirs)) => assert!(alike(&ours, theirs), "SEED={seed}, case {case}: {text}"),
            (ours, theirs) => panic!("SEED={seed}, case {case}: {ours:?}, serde_json {theirs:?}: {text}"),
        }
        assert!(skipped(&text), "SEED={seed}, case {case}: {text}");
    }
}

#[test]
fn broken_texts_get_the_same_verdict() {
    let seed = seed();
    let (mut taken, mut refused) = (0, 0);
    for case in 0..cases(60_000) {
        let mut random = Random::new(seed, case | 1 << 40);
        let text = json(&mut random);
        let text = mutate(&mut random, &text);
        let theirs = serde_json::from_str::<Value>(&text);
        assert_eq!(skipped(&text), theirs.is_ok(), "SEED={seed}, case {case}: {theirs:?}: {text:?}");
        match (read(&text), &theirs) {
            (Ok(ours), Ok(theirs)) => assert!(alike(&ours, theirs), "SEED={seed}, case {case}: {text:?}"),
            // A change may have made two keys equal, or a number too large.
            (Err(Fault::Invalid), _) | (Err(Fault::Malformed), Err(_)) => {}
            (ours, theirs) => panic!("SEED={seed}, case {case}: {ours:?}, serde_json {theirs:?}: {text:?}"),
        }
        *if theirs.is_ok() { &mut taken } else { &mut refused } += 1;
    }
    assert!(taken > 100 && refused > 100, "both kinds have to come: {taken}, {refused}");
}

#[test]
fn strings_are_unescaped_alike() {
    let seed = seed();
    for case in 0..cases(20_000) {
        let mut random = Random::new(seed, case | 2 << 40);
        let text = loop {
            let text = json(&mut random);
            if text.trim_start().starts_with('"') {
                break text;
            }
        };
        let theirs: String = serde_json::from_str(&text).unwrap();
        let mut r = Reader::new(&text, DEPTH);
        let ours = r.string(&Path::root()).unwrap();
        assert_eq!(ours, theirs, "SEED={seed}, case {case}: {text}");
        let escaped = text.contains('\\');
        assert_eq!(matches!(ours, std::borrow::Cow::Borrowed(_)), !escaped, "borrowed unless escaped: {text}");
    }
}

#[test]
fn numbers_are_the_nearest_float() {
    let seed = seed();
    for case in 0..cases(20_000) {
        let bits = Random::new(seed, case | 3 << 40).next();
        let value = f64::from_bits(bits);
        if !value.is_finite() {
            continue;
        }
        for text in [format!("{value:e}"), format!("{value:?}"), format!("{value:.20e}")] {
            let ours = f64::decode(&mut Reader::new(&text, 1), &Path::root()).unwrap();
            assert_eq!(ours.to_bits(), text.parse::<f64>().unwrap().to_bits(), "SEED={seed}, case {case}: {text}");
        }
        let mut out = Vec::new();
        value.encode(&mut out);
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written.parse(), Ok(value), "SEED={seed}, case {case}: {written}");
        assert!(skipped(&written), "SEED={seed}, case {case}: {written}");
    }
}

#[test]
fn whole_numbers_are_read_exactly() {
    let seed = seed();
    for case in 0..cases(20_000) {
        let mut random = Random::new(seed, case | 4 << 40);
        let value = random.next() >> random.below(64);
        let text = format!("{}{value}", random.pick(&["", "-"]));
        let theirs: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read(&text), Ok(theirs), "SEED={seed}, case {case}: {text}");
        let narrow = i32::decode(&mut Reader::new(&text, 1), &Path::root()).ok();
        assert_eq!(narrow, text.parse::<i32>().ok(), "SEED={seed}, case {case}: {text}");
    }
}

#[test]
fn written_strings_are_read_back_by_serde_json() {
    let seed = seed();
    for case in 0..cases(20_000) {
        let mut random = Random::new(seed, case | 5 << 40);
        let text: String = (0..random.below(40)).filter_map(|_| character(&mut random)).collect();
        let mut ours = Vec::new();
        write::string(&mut ours, &text);
        assert_eq!(serde_json::from_slice::<String>(&ours).unwrap(), text, "SEED={seed}, case {case}");
        assert_eq!(ours, serde_json::to_vec(&text).unwrap(), "SEED={seed}, case {case}");
    }
}

fn character(random: &mut Random) -> Option<char> {
    let highest = [0x20, 0x80, 0x800, 0x11_0000][random.below(4)];
    char::from_u32(random.below(highest) as u32)
}

#[test]
fn written_values_are_read_back_by_us() {
    let seed = seed();
    for case in 0..cases(10_000) {
        let value = read(&json(&mut Random::new(seed, case | 6 << 40))).unwrap();
        let mut out = Vec::new();
        value.encode(&mut out);
        assert_eq!(read(&String::from_utf8(out).unwrap()), Ok(value), "SEED={seed}, case {case}");
    }
}
