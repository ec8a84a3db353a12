//! Each refusal as it is on the wire, byte for byte.

use std::time::Duration;

use serde_json::Value;
use switchboard_core::rejection::nearest;
use switchboard_core::{Code, Path, Rejection, Report};

const SECOND: Duration = Duration::from_secs(1);

fn wire(rejection: &Rejection, reference: Option<u64>) -> String {
    let mut out = b"kept".to_vec();
    rejection.encode(reference, &mut out);
    let text = String::from_utf8(out).unwrap().split_off(4);
    serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    text
}

#[test]
fn each_code_has_its_members() {
    let mut report = Report::new();
    let root = Path::root();
    let device = root.key("device");
    report.add(&device.key("version").index(2), "range", "0..=65535", 70_000);
    report.add(&root.key("password").secret(), "len", "8..=128", "hunter2");
    let none: [&str; 0] = [];
    for (rejection, expected) in [
        (Rejection::malformed("`name` is \"missing\""), r#""code":"malformed","message":"`name` is \"missing\"""#),
        (Rejection::too_large(65_536), r#""code":"too_large","limit":65536"#),
        (
            Rejection::unknown_message("chat/sned", Some("chat/send")),
            r#""code":"unknown_message","name":"chat/sned","nearest":"chat/send""#,
        ),
        (Rejection::unknown_message("x", None), r#""code":"unknown_message","name":"x""#),
        (
            Rejection::invalid_payload(report),
            concat!(
                r#""code":"invalid_payload","violations":[{"at":"/device/version/2","rule":"range","want":"0..=65535","got":"70000"},"#,
                r#"{"at":"/password","rule":"len","want":"8..=128","got":"(secret)"}]"#
            ),
        ),
        (
            Rejection::not_now("session", "anonymous", ["accounts/login", "presence/ping"]),
            r#""code":"not_now","flow":"session","state":"anonymous","allowed":["accounts/login","presence/ping"]"#,
        ),
        (Rejection::not_now("f", "s", none), r#""code":"not_now","flow":"f","state":"s","allowed":[]"#),
        (Rejection::not_allowed(["mixer"]), r#""code":"not_allowed","needs":["mixer"]"#),
        (
            Rejection::rate_limited("identity", Duration::from_millis(1500)),
            r#""code":"rate_limited","by":"identity","retry_after_ms":1500"#,
        ),
        (
            Rejection::refused(br#""kind":"locked","until":"2026-05-04T09:00:00Z""#.to_vec()),
            r#""code":"refused","kind":"locked","until":"2026-05-04T09:00:00Z""#,
        ),
        (Rejection::refused(Vec::new()), r#""code":"refused""#),
        (Rejection::timeout(SECOND), r#""code":"timeout","after_ms":1000"#),
        (Rejection::cancelled(), r#""code":"cancelled""#),
        (Rejection::internal("a1b2"), r#""code":"internal","id":"a1b2""#),
        (Rejection::shutting_down(), r#""code":"shutting_down""#),
    ] {
        assert_eq!(wire(&rejection, Some(7)), format!("{{\"re\":7,\"error\":{{{expected}}}}}"));
    }
}

#[test]
fn the_refusal_of_an_answer_names_the_ask() {
    let mut out = Vec::new();
    Rejection::timeout(SECOND).encode_for_ask(12, &mut out);
    assert_eq!(out, br#"{"ask":12,"error":{"code":"timeout","after_ms":1000}}"#);
}

#[test]
fn without_an_id_the_reference_is_null() {
    assert_eq!(wire(&Rejection::cancelled(), None), r#"{"re":null,"error":{"code":"cancelled"}}"#);
}

#[test]
fn a_name_is_cut_to_64_characters_and_escaped() {
    let text = wire(&Rejection::unknown_message(&"é\u{1}".repeat(15_000), None), None);
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["error"]["name"].as_str().unwrap(), "é\u{1}".repeat(32));
}

#[test]
fn the_wait_is_rounded_up_so_that_it_is_enough() {
    for (wait, milliseconds) in [(0, 1), (1, 1), (1_000_000, 1), (1_000_001, 2), (2_000_000_000, 2000)] {
        let text = wire(&Rejection::rate_limited("all", Duration::from_nanos(wait)), None);
        assert!(text.contains(&format!("\"retry_after_ms\":{milliseconds}}}")), "{wait}: {text}");
    }
}

#[test]
fn of_many_allowed_messages_32_are_named() {
    let names: Vec<String> = (0..40).map(|index| format!("m{index}")).collect();
    let answer: Value = serde_json::from_str(&wire(&Rejection::not_now("f", "s", &names), None)).unwrap();
    assert_eq!(answer["error"]["allowed"].as_array().unwrap().len(), 32);
    assert_eq!(answer["error"]["omitted"], 8);
}

#[test]
fn violations_beyond_the_first_32_are_counted() {
    let mut report = Report::new();
    (0..50).for_each(|index| _ = report.add(&Path::root().index(index), "type", "string", "null"));
    let answer: Value = serde_json::from_str(&wire(&Rejection::invalid_payload(report), Some(1))).unwrap();
    assert_eq!(answer["error"]["violations"].as_array().unwrap().len(), 32);
    assert_eq!(answer["error"]["omitted"], 18);
}

#[test]
fn codes_are_snake_case_and_all_different() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 12);
}

#[test]
fn each_code_says_whose_fault_it_is() {
    let ours: Vec<Code> = Code::ALL.into_iter().filter(|code| !code.peer_at_fault()).collect();
    assert_eq!(ours, [Code::Timeout, Code::Internal, Code::ShuttingDown]);
    assert!(ours.iter().all(|code| code.may_retry()), "what was our fault may work next time");
    assert!(!Code::Malformed.may_retry() && Code::RateLimited.may_retry());
}

#[test]
fn a_log_line_shows_what_the_peer_is_shown() {
    assert_eq!(Rejection::cancelled().to_string(), "cancelled");
    assert_eq!(Rejection::too_large(9).to_string(), r#"too_large "limit":9"#);
}

#[test]
fn the_nearest_name_is_near() {
    let names = ["accounts/login", "accounts/logout", "chat/send", "ping"];
    let near = |name| nearest(name, names);
    assert_eq!(near("accounts/lgoin"), Some("accounts/login"));
    assert_eq!(near("Accounts/Login"), Some("accounts/login"));
    assert_eq!(near("accounts/logoff"), Some("accounts/logout"));
    assert_eq!(near("pnig"), Some("ping"));
    assert_eq!(near("pi"), None);
    assert_eq!(near("p"), None);
    assert_eq!(near(""), None);
    assert_eq!(near("weather/today"), None);
    assert_eq!(nearest("abcdef", ["abcdxy", "abcxyz"]), Some("abcdxy"));
}

#[test]
fn long_names_are_not_compared() {
    let long = "n".repeat(65);
    assert_eq!(nearest(&long, [long.as_str()]), None);
    assert_eq!(nearest(&long[..64], [&long[..63]]), Some(&long[..63]));
}
