//! What the generated code does with thousands of values, right and wrong, against a validator written for nothing
//! else: it takes what the reference takes, writes what the reference writes, and finds wrong what the reference finds.
//!
//! `SEED=n` repeats a run, `CASES=n` sets the values of each type (400 when nothing is said: the tests are not optimised).

mod corpus;
mod invent;
mod json;
mod judge;
mod numbers;
mod packed;
mod pattern;
pub(crate) mod random;
mod texts;
mod types;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use switchboard::generated as rt;
use wsr_compiler::source::{ReadError, SourceFile};

use self::invent::Inventor;
use self::json::Json;
use self::judge::{Faults, Judge, Verdict};
use self::random::Random;

/// A case and how its types are read.
struct Case {
    file: &'static str,
    types: &'static [(&'static str, Probe)],
    message: fn(&str, &str) -> Outcome,
}

type Probe = fn(&str) -> Outcome;

/// What generated code made of a text.
#[derive(Debug)]
enum Outcome {
    /// It was taken and, where it can be, written again.
    Taken(Option<String>),
    /// With the number of faults beyond those kept.
    Refused(Faults, usize),
    Malformed,
}

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// Reads, asks whether the value keeps its own limits, writes, and does it again.
fn probe<T: rt::Decode + rt::Encode + rt::Check + PartialEq + Debug>(text: &str) -> Outcome {
    let value = match read(text, T::decode) {
        Ok(value) => value,
        Err(outcome) => return outcome,
    };
    let mut report = rt::Report::new();
    value.check(&mut report, &rt::Path::root());
    assert!(report.is_empty(), "{text} is taken, and refused on its way out: {report:?}");
    let mut out = Vec::new();
    value.encode(&mut out);
    let written = String::from_utf8(out).expect("JSON is UTF-8");
    let again = read(&written, T::decode).unwrap_or_else(|outcome| panic!("{written} was written: {outcome:?}"));
    assert!(again == value, "{value:?} comes back as {again:?}");
    Outcome::Taken(Some(written))
}

/// A message is read as the server does it.
fn message<P: rt::Protocol>(name: &str, text: &str) -> Outcome {
    let route = P::find(name).expect("each message has a number");
    match read(text, |r, at| P::decode(route, r, at)) {
        Ok(_) => Outcome::Taken(None),
        Err(outcome) => outcome,
    }
}

thread_local! {
    /// The next text that is read was MessagePack.
    static PACKED: Cell<bool> = const { Cell::new(false) };
}

fn read<T>(text: &str, read: impl FnOnce(&mut rt::Reader<'_>, &rt::Path<'_>) -> rt::Decoded<T>) -> Result<T, Outcome> {
    let mut reader = rt::Source::of(text, PACKED.take()).reader(64);
    match read(&mut reader, &rt::Path::root()) {
        Err(rt::Fault::Malformed) => Err(Outcome::Malformed),
        _ if reader.finish().is_err() => Err(Outcome::Malformed),
        Ok(value) if reader.report.is_empty() => Ok(value),
        _ => {
            let violations = reader.report.violations().iter();
            let faults = violations.map(|found| (found.at.clone(), found.rule)).collect();
            Err(Outcome::Refused(faults, reader.report.omitted()))
        }
    }
}

fn analyze(file: &str) -> wsr_compiler::Analysis {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let text = |name: &str| std::fs::read_to_string(cases.join(name));
    let root = SourceFile::new(file, text(file).expect("the case is there"));
    wsr_compiler::analyze_from(root, &mut |name| text(name).map_err(|_| ReadError::NotFound))
}

/// Whether the two say the same. Of very many faults only some are kept.
fn agree(outcome: &Outcome, verdict: &Verdict) -> bool {
    match (outcome, verdict) {
        (Outcome::Taken(None), Verdict::Taken(_)) | (Outcome::Malformed, Verdict::Malformed) => true,
        (Outcome::Taken(Some(written)), Verdict::Taken(wanted)) => Json::read(written).is_like(wanted),
        (Outcome::Refused(found, 0), Verdict::Refused(wanted)) => found == wanted,
        (Outcome::Refused(found, _), Verdict::Refused(wanted)) => found.is_subset(wanted),
        _ => false,
    }
}

/// How many of a kind of value were taken, refused, and no JSON.
#[derive(Default)]
struct Count([usize; 3]);

impl Count {
    fn add(&mut self, verdict: &Verdict) {
        self.0[match verdict {
            Verdict::Taken(_) => 0,
            Verdict::Refused(_) => 1,
            Verdict::Malformed => 2,
        }] += 1;
    }
}

/// Puts `cases` values through both; `judge` and `probe` are those of one type.
fn compare(
    what: &str,
    (seed, cases): (u64, u64),
    mut invent: impl FnMut(&mut Random, usize) -> Json,
    judge: impl Fn(&Json) -> Verdict,
    probe: impl Fn(&str) -> Outcome,
    packed: &packed::Way,
) {
    let mut count = Count::default();
    let mut both = 0;
    let mut rules = BTreeSet::new();
    for case in 0..cases {
        let mut random = Random::new(seed, case);
        let wrong = [0, 0, 40, 12, 5][(case % 5) as usize];
        let json = invent(&mut random, wrong);
        let mut text = String::new();
        json.write(&mut random, &mut text);
        let verdict = judge(&json);
        let outcome = probe(&text);
        count.add(&verdict);
        if let Verdict::Refused(faults) = &verdict {
            rules.extend(faults.iter().map(|(_, rule)| *rule));
        }
        assert!(
            agree(&outcome, &verdict),
            "SEED={seed}, value {case} of {what}\n{text}\ngenerated: {outcome:?}\nreference: {verdict:?}"
        );
        if let Some(text) = packed.text(&json) {
            both += 1;
            PACKED.set(true);
            let outcome = probe(&text);
            assert!(
                agree(&outcome, &verdict),
                "SEED={seed}, value {case} of {what}, packed\n{text}\ngenerated: {outcome:?}\nreference: {verdict:?}"
            );
        }
        if let Outcome::Taken(Some(written)) = &outcome {
            PACKED.set(true);
            let again = probe(&packed.sent(written));
            assert!(
                matches!(&again, Outcome::Taken(Some(again)) if again == written),
                "SEED={seed}, value {case} of {what}, sent packed\n{written}\n{again:?}"
            );
        }
    }
    let [taken, refused, malformed] = count.0;
    println!("{what}: taken {taken}, refused {refused}, no JSON {malformed}, also packed {both}, rules {rules:?}");
    assert!(count.0[0] > 0, "SEED={seed}: no value of {what} was right, so little has been seen");
}

#[test]
fn generated_code_agrees_with_the_reference() {
    let seed = random::seed();
    println!("SEED={seed}");
    for case in CASES {
        let analysis = analyze(case.file);
        let model = &analysis.model;
        let each = (seed, random::cases(400));
        for (name, probe) in case.types {
            let id = model.types.iter().position(|def| model.full_name(def.namespace, &def.name) == *name);
            let id = id.expect("the table is made from the same model");
            let what = format!("{name} in {}", case.file);
            let invent = |random: &mut Random, wrong| Inventor { model, random, wrong }.of_type(id);
            let packed = packed::Way::of_type(model, id);
            compare(&what, each, invent, |json| Judge::of_type(model, id, json), probe, &packed);
        }
        for declared in &model.messages {
            let what = format!("message {} in {}", declared.wire, case.file);
            let invent = |random: &mut Random, wrong| Inventor { model, random, wrong }.of_message(declared);
            let probe = |text: &str| (case.message)(&declared.wire, text);
            let packed = packed::Way::of_message(model, declared);
            compare(&what, each, invent, |json| Judge::of_message(model, declared, json), probe, &packed);
        }
    }
}
