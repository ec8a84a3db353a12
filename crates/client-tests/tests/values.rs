//! The values of `tests/clients/values`: what a client lets out is what the server takes, and what it finds wrong is what the
//! server finds wrong, word for word.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use switchboard_client::generated::{self as rt, Message, Protocol};

include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// A message's name, with what becomes of a payload.
type Said = fn(&str) -> (&'static str, Value);

fn said<P: Protocol, M: Message<P>>(text: &str) -> (&'static str, Value) {
    let name = P::MESSAGES[usize::from(M::INDEX)].name;
    let mut reader = rt::Reader::new(text, 32);
    let read = M::decode_payload(&mut reader, &rt::Path::root());
    let verdict = match read {
        Err(rt::Fault::Malformed) => json!({"verdict": "malformed"}),
        _ if reader.finish().is_err() => json!({"verdict": "malformed"}),
        Ok(payload) if reader.report.is_empty() => match M::outgoing(&payload) {
            Ok(_) => json!({"verdict": "taken"}),
            Err(invalid) => panic!("{name}: {text} is read, and not sent: {invalid}"),
        },
        _ => {
            let violations = reader.report.violations().iter();
            let violations: Vec<Value> = violations
                .map(|found| json!({"at": found.at, "rule": found.rule, "want": found.want, "got": found.got}))
                .collect();
            match reader.report.omitted() {
                0 => json!({"verdict": "refused", "violations": violations}),
                omitted => json!({"verdict": "refused", "violations": violations, "omitted": omitted}),
            }
        }
    };
    (name, verdict)
}

#[test]
fn clients_judge_payloads_as_the_server_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/values");
    let mut count = 0;
    for (case, messages) in CASES {
        let lines = fs::read_to_string(folder.join(format!("{case}.jsonl"))).unwrap();
        for line in lines.lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let (Some(name), Some(text)) = (line["message"].as_str(), line["text"].as_str()) else { continue };
            let (name, text) = (name.to_owned(), text.to_owned());
            let (_, verdict) = messages.iter().map(|said| said(&text)).find(|(said, _)| *said == name).unwrap();
            let line = line.as_object_mut().unwrap();
            line.retain(|key, _| !matches!(key.as_str(), "message" | "text"));
            assert_eq!(verdict, Value::Object(line.clone()), "{name} of {case}: {text}");
            count += 1;
        }
    }
    assert!(count > 2_000, "only {count} payloads were judged");
}
