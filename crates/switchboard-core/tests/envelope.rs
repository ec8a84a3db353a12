//! The three forms of envelope, what is no envelope, and in which order things are asked.

use serde_json::{Value, json};
use switchboard_core::{Code, Decode, Decoded, Forms, Path, Reader, Received, Rejection, Slot, envelope};

const PLAIN: Forms = Forms { plain: true, flat: false, nested: false };
const FLAT: Forms = Forms { plain: false, flat: true, nested: false };
const NESTED: Forms = Forms { plain: false, flat: false, nested: true };
const ALL: Forms = Forms { plain: true, flat: true, nested: true };

/// Reads with a route that takes any payload; gives back name and payload.
fn receive(text: &str, forms: Forms) -> Received<(String, Value)> {
    envelope::read(text, forms, 32, |name| Ok(name.to_owned()), |name, r, at| Ok((name.clone(), Value::decode(r, at)?)))
}

#[track_caller]
fn takes(text: &str, forms: Forms, name: &str, id: Option<u64>, payload: Value) {
    let received = receive(text, forms);
    assert_eq!(received.outcome, Ok((name.to_owned(), payload)), "{text}");
    assert_eq!(received.reference, id, "{text}");
}

/// The text of the refusal, which must be `malformed`, and the id.
#[track_caller]
fn malformed(text: &str, forms: Forms) -> (String, Option<u64>) {
    let received = receive(text, forms);
    let rejection = received.outcome.expect_err(text);
    assert_eq!(rejection.code(), Code::Malformed, "{text}");
    let mut out = Vec::new();
    rejection.encode(received.reference, &mut out);
    let answer: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(answer["re"], json!(received.reference));
    (answer["error"]["message"].as_str().unwrap().to_owned(), received.reference)
}

/// All orders of three members.
fn orders<'m>(a: &'m str, b: &'m str, c: &'m str) -> [String; 6] {
    [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]
        .map(|members| format!("{{{}}}", members.join(",")))
}

#[test]
fn a_plain_envelope_is_read_in_any_order() {
    for text in orders(r#""name":"chat/send""#, r#""id":7"#, r#""payload":{"room":"lobby"}"#) {
        takes(&text, PLAIN, "chat/send", Some(7), json!({"room":"lobby"}));
        takes(&text, ALL, "chat/send", Some(7), json!({"room":"lobby"}));
    }
}

#[test]
fn a_nested_envelope_is_read_in_any_order() {
    for text in orders(r#""name":{"chat":{"name":"send"}}"#, r#""id":7"#, r#""payload":[1]"#) {
        takes(&text, NESTED, "chat/send", Some(7), json!([1]));
        takes(&text, ALL, "chat/send", Some(7), json!([1]));
    }
}

#[test]
fn a_flat_envelope_is_read_in_any_order() {
    for text in orders(r#""name":"chat/send""#, r#""id":7"#, r#""room":"lobby","tags":[{"id":1,"name":2}]"#) {
        let payload = json!({"room":"lobby","tags":[{"id":1,"name":2}]});
        takes(&text, FLAT, "chat/send", Some(7), payload.clone());
        takes(&text, ALL, "chat/send", Some(7), payload);
    }
}

#[test]
fn names_nest_to_any_depth() {
    takes(r#"{"name":{"name":"ping"}}"#, NESTED, "ping", None, json!({}));
    takes(r#"{"name":{"a":{"b":{"c":{"name":"d"}}}},"id":1}"#, NESTED, "a/b/c/d", Some(1), json!({}));
    takes(r#"{"name":{"name":{"name":"x"}}}"#, NESTED, "name/x", None, json!({}));
    takes(r#" { "name" : { "a" : { "name" : "b" } } , "payload" : 1 } "#, NESTED, "a/b", None, json!(1));
    let deep = format!(r#"{{"name":{}"x"{}}}"#, r#"{"a":"#.repeat(31), "}".repeat(31));
    assert!(malformed(&deep, NESTED).0.contains("one member a level"));
    let deeper = format!(r#"{{"name":{}"x"{}}}"#, r#"{"a":"#.repeat(32), "}".repeat(32));
    assert!(malformed(&deeper, NESTED).0.contains("nested too deep"));
}

#[test]
fn nested_names_may_stand_in_flat_envelopes_when_both_are_accepted() {
    takes(r#"{"name":{"a":{"name":"b"}},"x":1}"#, ALL, "a/b", None, json!({"x":1}));
}

#[test]
fn names_and_keys_may_have_escapes() {
    takes(r#"{"n\u0061me":"ch\u0061t\/send","\u0069d":7,"payl\u006fad":{}}"#, PLAIN, "chat/send", Some(7), json!({}));
    takes(r#"{"name":{"ch\u0061t":{"n\u0061me":"s\u0065nd"}}}"#, NESTED, "chat/send", None, json!({}));
    takes(r#"{"n\u0061me":"a","\u0069d":7,"f":1}"#, FLAT, "a", Some(7), json!({"f":1}));
}

#[test]
fn white_space_is_free() {
    takes(
        "\n{\t\"name\" :\r\n\"a\" , \"id\" : 9007199254740991 ,\"payload\": {} }\n",
        PLAIN,
        "a",
        Some((1 << 53) - 1),
        json!({}),
    );
}

#[test]
fn an_absent_payload_is_an_empty_object_in_every_form() {
    takes(r#"{"name":"presence/ping"}"#, PLAIN, "presence/ping", None, json!({}));
    takes(r#"{"id":3,"name":"presence/ping"}"#, FLAT, "presence/ping", Some(3), json!({}));
    takes(r#"{"name":{"presence":{"name":"ping"}},"id":3}"#, NESTED, "presence/ping", Some(3), json!({}));
}

#[test]
fn a_payload_may_be_of_any_type() {
    for payload in ["null", "1", "\"x\"", "[]", "true"] {
        takes(&format!(r#"{{"name":"a","payload":{payload}}}"#), PLAIN, "a", None, payload.parse().unwrap());
        takes(&format!(r#"{{"payload":{payload},"name":"a"}}"#), PLAIN, "a", None, payload.parse().unwrap());
    }
}

#[test]
fn odd_names_are_data_like_any_other() {
    for name in ["", "__proto__", "constructor", "NAME", "a b", "\u{0}", "*", "чат/send"] {
        let text = json!({"name": name}).to_string();
        takes(&text, PLAIN, name, None, json!({}));
    }
}

#[test]
fn a_form_that_is_not_accepted_says_which_are() {
    let plain = r#"{"name":"a","id":7,"payload":{}}"#;
    let flat = r#"{"name":"a","id":7,"x":1}"#;
    let nested = r#"{"name":{"b":{"name":"a"}},"id":7,"payload":{}}"#;
    let late = r#"{"payload":{},"id":7,"name":"a"}"#;
    let bare = r#"{"name":"a","id":7}"#;
    for (text, forms, accepted) in [
        (plain, FLAT, "accepted: flat {"),
        (plain, NESTED, "accepted: nested {"),
        (late, NESTED, "accepted: nested {"),
        (late, FLAT, "accepted: flat {"),
        (flat, PLAIN, "accepted: plain {"),
        (flat, NESTED, "accepted: nested {"),
        (nested, PLAIN, "accepted: plain {"),
        (nested, FLAT, "accepted: flat {"),
        (bare, NESTED, "accepted: nested {"),
        (flat, Forms { plain: true, flat: false, nested: true }, r#"}, nested {"#),
    ] {
        let (message, id) = malformed(text, forms);
        assert!(message.contains(accepted), "{text}: {message}");
        assert_eq!(id, Some(7), "{text}");
    }
}

#[test]
fn unknown_keys_in_the_envelope_are_refused_even_beside_flat() {
    for text in [
        r#"{"name":"a","id":7,"payload":{},"extra":1}"#,
        r#"{"name":"a","extra":1,"payload":{},"id":7}"#,
        r#"{"extra":1,"payload":{},"name":"a","id":7}"#,
        r#"{"name":"a","id":7,"payload":{},"NAME":"b"}"#,
    ] {
        for forms in [PLAIN, ALL] {
            let (message, id) = malformed(text, forms);
            assert!(message.contains("unknown key `"), "{message}");
            assert_eq!(id, Some(7));
        }
    }
    let long = format!(r#"{{"name":"a","{}":1}}"#, "k".repeat(30_000));
    assert!(malformed(&long, PLAIN).0.len() < 300);
}

#[test]
fn duplicate_envelope_keys_are_refused_however_they_are_spelt() {
    for (text, key) in [
        (r#"{"name":"a","name":"a","id":7}"#, "name"),
        (r#"{"name":"a","n\u0061me":"b","id":7}"#, "name"),
        (r#"{"name":"a","payload":{},"id":7,"name":"b"}"#, "name"),
        (r#"{"name":"a","id":7,"id":8,"payload":{}}"#, "id"),
        (r#"{"id":7,"payload":{},"payload":{},"name":"a"}"#, "payload"),
        (r#"{"name":"a","payload":{},"id":7,"payload":{}}"#, "payload"),
        (r#"{"name":{"b":{"name":"a"}},"name":"c","id":7}"#, "name"),
    ] {
        let (message, id) = malformed(text, ALL);
        assert_eq!(message, format!("duplicate key `{key}` in the envelope"), "{text}");
        assert_eq!(id, Some(7), "{text}");
    }
    assert!(malformed(r#"{"name":"a","x":1,"id":7,"id":7}"#, FLAT).0.contains("duplicate"));
}

#[test]
fn ids_are_positive_safe_integers() {
    for id in [
        "0",
        "-1",
        "-0",
        "1.0",
        "1e3",
        "9007199254740992",
        "18446744073709551617",
        "\"7\"",
        "null",
        "true",
        "[7]",
        "{}",
    ] {
        let (message, reference) = malformed(&format!(r#"{{"name":"a","id":{id},"payload":{{}}}}"#), PLAIN);
        assert!(message.contains("`id` is not a whole number"), "{id}: {message}");
        assert_eq!(reference, None, "{id}");
    }
    assert!(malformed(r#"{"name":"a","id":07}"#, PLAIN).0.contains("leading zero"));
    assert!(malformed(r#"{"name":"a","id":1e400}"#, PLAIN).0.contains("out of range"));
}

#[test]
fn names_are_there_and_of_a_type_that_names() {
    for (text, expected) in [
        (r#"{"id":7,"payload":{}}"#, "`name` is missing"),
        (r#"{"id":7}"#, "`name` is missing"),
        (r#"{"name":null,"id":7}"#, "neither a string nor an object"),
        (r#"{"name":1,"id":7,"payload":{}}"#, "neither a string nor an object"),
        (r#"{"name":["a"],"id":7}"#, "neither a string nor an object"),
        (r#"{"name":{},"id":7}"#, "one member a level"),
        (r#"{"name":{"a":{}},"id":7}"#, "one member a level"),
        (r#"{"name":{"a":"b"},"id":7}"#, "one member a level"),
        (r#"{"name":{"a":1},"id":7}"#, "one member a level"),
        (r#"{"name":{"name":"a","b":1},"id":7}"#, "one member a level"),
        (r#"{"name":{"a":{"name":"b"},"c":{"name":"d"}},"id":7}"#, "one member a level"),
        (r#"{"name":{"a/b":{"name":"c"}},"id":7}"#, "one member a level"),
        (r#"{"name":{"a":{"name":"b/c"}},"id":7}"#, "one member a level"),
        (r#"{"name":{"":{"name":"b"}},"id":7}"#, "one member a level"),
    ] {
        let (message, id) = malformed(text, ALL);
        assert!(message.contains(expected), "{text}: {message}");
        assert_eq!(id, Some(7), "{text}");
    }
}

#[test]
fn what_is_not_an_object_is_no_envelope() {
    for text in ["null", "[]", "1", "\"a\"", "[{\"name\":\"a\"}]"] {
        assert_eq!(malformed(text, ALL), ("the envelope is not an object".to_owned(), None), "{text}");
    }
}

#[test]
fn what_is_not_json_says_where() {
    for (text, position) in [
        ("", 0),
        ("hello", 0),
        ("\u{feff}{}", 0),
        ("{\"name\":'a'}", 8),
        (r#"{"name":"a"} x"#, 13),
        (r#"{"name":"a","payload":{"x":01}}"#, 27),
        (r#"{"name":"a",}"#, 12),
        (r#"{"name":"a"}{"name":"a"}"#, 12),
        (r#"{"name":{"a":{"name":"b"}"#, 25),
    ] {
        let (message, _) = malformed(text, ALL);
        assert!(
            message.starts_with("not JSON: ") && message.ends_with(&format!("at byte {position}")),
            "{text}: {message}"
        );
    }
}

#[test]
fn text_that_is_not_json_is_malformed_whatever_else_is_wrong_with_it() {
    let refuse = |name: &str| Err::<(), _>(Rejection::unknown_message(name, None));
    for text in [
        r#"{"name":"x","payload":{},"id":7,}"#,
        r#"{"name":"x","id":7,"payload":{"a":nul}}"#,
        r#"{"id":7,"payload":{},"name":"x"}}"#,
    ] {
        let received = envelope::read(text, PLAIN, 32, refuse, |(), r, _| r.skip());
        assert_eq!(received.outcome.unwrap_err().code(), Code::Malformed, "{text}");
        assert_eq!(received.reference, Some(7), "{text}");
    }
}

#[test]
fn a_refusal_comes_before_the_payload_is_decoded_and_the_id_is_found_behind_it() {
    for text in orders(r#""name":"x""#, r#""payload":{"a":[1,{"b":"\ud83c\udfa7"}]}"#, r#""id":7"#) {
        let received = envelope::read(
            &text,
            PLAIN,
            32,
            |name| Err::<(), _>(Rejection::unknown_message(name, None)),
            |(), _, _| -> Decoded<()> { panic!("nothing is decoded for a message that is not let in") },
        );
        assert_eq!(received.outcome.unwrap_err().code(), Code::UnknownMessage, "{text}");
        assert_eq!(received.reference, Some(7), "{text}");
    }
}

#[test]
fn nobody_is_asked_about_what_is_already_known_to_be_no_envelope() {
    for text in [
        r#"{"id":0,"name":"a","payload":{}}"#,
        r#"{"x":1,"name":"a","payload":{}}"#,
        r#"{"name":"a","name":"b","payload":{}}"#,
        r#"{"name":"a"}}"#,
    ] {
        let received = envelope::read(
            text,
            PLAIN,
            32,
            |_| -> Result<(), Rejection> { panic!("asked about {text}") },
            |(), r, _| r.skip(),
        );
        assert!(received.outcome.is_err());
    }
}

/// `{ "n": u8, "s"?: string }`, as generated code reads it.
fn small(r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<(u8, Option<String>)> {
    let (mut n, mut s) = (Slot::new(), Slot::new());
    r.object(at)?;
    while let Some(key) = r.next_key()? {
        match &*key {
            "n" => n.read(r, &at.key("n"), u8::decode)?,
            "s" => s.read(r, &at.key("s"), String::decode)?,
            key => r.unknown_key(at, key)?,
        }
    }
    let n = n.required(r, &at.key("n"));
    let s = s.optional();
    Ok((n?, s?))
}

fn small_violations(text: &str) -> Vec<(String, &'static str)> {
    let received = envelope::read(text, ALL, 32, |_| Ok(()), |(), r, at| small(r, at));
    assert_eq!(received.reference, Some(7), "{text}");
    let rejection = received.outcome.expect_err(text);
    assert_eq!(rejection.code(), Code::InvalidPayload, "{text}");
    rejection.violations().iter().map(|violation| (violation.at.clone(), violation.rule)).collect()
}

#[test]
fn all_that_is_wrong_with_a_payload_is_told_with_pointers_into_the_payload() {
    let expected = [("/s".to_owned(), "type"), ("/m~1x".to_owned(), "unknown_key"), ("/n".to_owned(), "required")];
    let members = r#""s":1,"m/x":{"n":1}"#;
    for text in [
        format!(r#"{{"name":"a","id":7,"payload":{{{members}}}}}"#),
        format!(r#"{{"name":"a","payload":{{{members}}},"id":7}}"#),
        format!(r#"{{"payload":{{{members}}},"id":7,"name":"a"}}"#),
        format!(r#"{{"name":"a",{members},"id":7}}"#),
    ] {
        assert_eq!(small_violations(&text), expected, "{text}");
    }
}

#[test]
fn a_value_with_violations_is_refused_although_it_could_be_decoded() {
    assert_eq!(small_violations(r#"{"name":"a","id":7,"payload":{"n":1,"N":2}}"#), [("/N".to_owned(), "unknown_key")]);
    assert_eq!(
        small_violations(r#"{"name":"a","id":7,"payload":{"n":1,"\u006e":1}}"#),
        [("/n".to_owned(), "duplicate_key")]
    );
    assert_eq!(small_violations(r#"{"name":"a","id":7,"n":1,"n":1}"#), [("/n".to_owned(), "duplicate_key")]);
}

#[test]
fn a_payload_of_another_type_is_a_violation_at_its_root() {
    for payload in ["null", "[]", "1"] {
        assert_eq!(
            small_violations(&format!(r#"{{"name":"a","id":7,"payload":{payload}}}"#)),
            [(String::new(), "type")]
        );
    }
    assert_eq!(small_violations(r#"{"name":"a","id":7}"#), [("/n".to_owned(), "required")]);
}

#[test]
fn depth_counts_the_envelope_in_every_order() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for depth in [31, 32] {
        for text in [
            format!(r#"{{"name":"a","payload":{}}}"#, nested(depth)),
            format!(r#"{{"payload":{},"name":"a"}}"#, nested(depth)),
            format!(r#"{{"name":"a","x":{}}}"#, nested(depth)),
        ] {
            assert_eq!(receive(&text, ALL).outcome.is_ok(), depth < 32, "{text}");
        }
    }
}

#[test]
fn keys_without_end_cost_no_more_than_reading_them() {
    let many: Vec<String> = (0..5_000).map(|index| format!(r#""k{index}":{index}"#)).collect();
    let received = envelope::read(
        &format!(r#"{{"name":"a","id":7,"payload":{{{}}}}}"#, many.join(",")),
        PLAIN,
        32,
        |_| Ok(()),
        |(), r, at| small(r, at),
    );
    let rejection = received.outcome.unwrap_err();
    assert_eq!(rejection.violations().len(), 32);
    let mut out = Vec::new();
    rejection.encode(Some(7), &mut out);
    assert!(out.len() < 4_000, "{}", out.len());
}
