//! Envelopes without a name, and the positions that messages bring along.

use std::borrow::Cow;

use switchboard_core::control::{self, Answer, Control, Hello};
use switchboard_core::envelope::{self, Glance};
use switchboard_core::{Code, Forms, Position, Rejection};

#[track_caller]
fn takes(text: &str, expected: Control<'_>) {
    assert_eq!(control::read(text, 32), Some(Ok(expected)), "{text}");
}

#[track_caller]
fn refuses(text: &str, why: &str) {
    let rejection = control::read(text, 32).expect(text).expect_err(text);
    assert_eq!(rejection.code(), Code::Malformed, "{text}");
    assert!(rejection.to_string().contains(why), "{text}: {rejection}");
}

#[test]
fn a_cancel_names_the_message() {
    takes(r#"{"cancel":7}"#, Control::Cancel(7));
    takes(" { \"c\\u0061ncel\" : 9007199254740991 } ", Control::Cancel((1 << 53) - 1));
    for text in [r#"{"cancel":0}"#, r#"{"cancel":"7"}"#, r#"{"cancel":7.0}"#, r#"{"cancel":null}"#] {
        refuses(text, "`cancel` is not a whole number");
    }
}

#[test]
fn a_ping_has_a_number() {
    takes(r#"{"ping":3}"#, Control::Ping(3));
    refuses(r#"{"ping":0}"#, "`ping` is not a whole number");
    refuses(r#"{"ping":true}"#, "`ping` is not a whole number");
    refuses(r#"{"ping":1,"ping":1}"#, "duplicate key `ping`");
}

#[test]
fn an_answer_has_a_payload_or_an_error_in_any_order() {
    let payload = Answer::Payload(Cow::Borrowed(r#"{"a":[1, 2]}"#));
    takes(r#"{"re":12,"payload":{"a":[1, 2]}}"#, Control::Answer(12, payload.clone()));
    takes(r#"{"payload": {"a":[1, 2]} ,"re":12}"#, Control::Answer(12, payload));
    takes(r#"{"re":1,"payload":null}"#, Control::Answer(1, Answer::Payload("null".into())));
    takes(r#"{"error":{"kind":"busy"},"re":1}"#, Control::Answer(1, Answer::Error(r#"{"kind":"busy"}"#.into())));
    refuses(r#"{"re":1}"#, "either `payload` or `error`");
    refuses(r#"{"re":1,"payload":1,"error":{}}"#, "either `payload` or `error`");
    refuses(r#"{"re":-1,"payload":1}"#, "`re` is not a whole number");
}

#[test]
fn a_hello_says_what_the_client_was_made_for() {
    let hello = Hello { contract: "9f".into(), messages: vec![("chat/send".into(), "1a".into())], ..Hello::default() };
    takes(r#"{"contract":"9f","messages":{"chat/send":"1a"}}"#, Control::Hello(hello));
    takes(r#"{"contract":"9f"}"#, Control::Hello(Hello { contract: "9f".into(), ..Hello::default() }));
    refuses(r#"{"contract":9}"#, "`contract` is not a string");
    refuses(r#"{"contract":"9f","messages":[]}"#, "`messages` is not an object of strings");
    refuses(r#"{"contract":"9f","messages":{"a":1,"b":"c"}}"#, "`messages` is not an object of strings");
}

#[test]
fn what_belongs_to_several_of_them_is_none() {
    for text in [
        r#"{"cancel":7,"re":7,"payload":1}"#,
        r#"{"cancel":7,"payload":1}"#,
        r#"{"cancel":7,"messages":{}}"#,
        r#"{"ping":7,"cancel":7}"#,
        r#"{"ping":7,"payload":{}}"#,
        r#"{"re":7,"payload":1,"contract":"9f"}"#,
        r#"{"contract":"9f","payload":{}}"#,
    ] {
        refuses(text, "`name` is missing");
    }
    refuses(r#"{"cancel":7,"id":7}"#, "unknown key `id`");
    refuses(r#"{"re":7,"payload":1,"topic":"x"}"#, "unknown key `topic`");
    refuses(r#"{"cancel":7,"cancel":8}"#, "duplicate key `cancel`");
    refuses(r#"{"re":7,"payload":1,"re":8}"#, "duplicate key `re`");
}

#[test]
fn messages_and_what_is_no_json_are_left_to_others() {
    for text in [
        r#"{"name":"a","cancel":7}"#,
        r#"{"cancel":7,"name":"a"}"#,
        r#"{"id":7}"#,
        r#"{"payload":{}}"#,
        "{}",
        "[]",
        "7",
        "",
        r#"{"cancel":7"#,
        r#"{"cancel":7}}"#,
        r#"{"re":7,"payload":{"a":01}}"#,
    ] {
        assert_eq!(control::read(text, 32), None, "{text}");
    }
    let deep = format!(r#"{{"re":7,"payload":{}{}}}"#, "[".repeat(32), "]".repeat(32));
    assert_eq!(control::read(deep.as_str(), 32), None);
}

fn since(text: &str) -> Result<Vec<Position>, Rejection> {
    let forms = Forms { plain: true, flat: true, nested: true };
    let received = envelope::read(text, forms, 32, |_| Ok(()), |(), r, _| r.skip());
    received.outcome.map(|()| received.since)
}

#[test]
fn positions_stand_anywhere_in_the_envelope() {
    let lobby = Position { topic: Some("chat/rooms/lobby".to_owned()), epoch: "9f".to_owned(), offset: 17 };
    let mailbox = Position { topic: None, epoch: "a".to_owned(), offset: 0 };
    let key =
        r#""since":[{"topic":"chat/rooms/lobby","epoch":"9f","offset":17},{"offset":0,"epoch":"a","mailbox":true}]"#;
    for text in [
        format!(r#"{{"name":"chat/enter",{key},"payload":{{}}}}"#),
        format!(r#"{{{key},"payload":{{}},"name":"chat/enter"}}"#),
        format!(r#"{{"name":"chat/enter","room":"lobby",{key}}}"#),
        format!(r#"{{"name":{{"chat":{{"name":"enter"}}}},"id":1,{key}}}"#),
    ] {
        assert_eq!(since(&text), Ok(vec![lobby.clone(), mailbox.clone()]), "{text}");
    }
    assert_eq!(since(r#"{"name":"a","since":[]}"#), Ok(Vec::new()));
}

#[test]
fn a_flat_payload_does_not_see_the_positions() {
    let forms = Forms { plain: false, flat: true, nested: false };
    let text = r#"{"since":[],"name":"a","x":1,"id":4}"#;
    let received = envelope::read(
        text,
        forms,
        32,
        |_| Ok(()),
        |(), r, at| {
            r.object(at)?;
            let mut keys = Vec::new();
            while let Some(key) = r.next_key()? {
                keys.push(key.into_owned());
                r.skip()?;
            }
            Ok(keys)
        },
    );
    assert_eq!(received.outcome, Ok(vec!["x".to_owned()]));
}

#[test]
fn bad_positions_are_told_as_such_and_never_as_the_payloads() {
    for positions in [
        r#"{}"#,
        r#"7"#,
        r#"[7]"#,
        r#"[{}]"#,
        r#"[{"topic":"a","epoch":"b"}]"#,
        r#"[{"topic":"a","epoch":"b","offset":-1}]"#,
        r#"[{"topic":"a","epoch":"b","offset":9007199254740992}]"#,
        r#"[{"topic":"a","mailbox":true,"epoch":"b","offset":1}]"#,
        r#"[{"mailbox":false,"epoch":"b","offset":1}]"#,
        r#"[{"topic":"a","epoch":"b","offset":1,"x":1}]"#,
        r#"[{"topic":"a","epoch":"b","offset":1,"offset":1}]"#,
        r#"[{"topic":7,"epoch":"b","offset":1}]"#,
    ] {
        for text in [
            format!(r#"{{"name":"a","since":{positions},"payload":{{}}}}"#),
            format!(r#"{{"name":"a","payload":{{}},"since":{positions}}}"#),
        ] {
            let rejection = since(&text).expect_err(&text);
            assert_eq!(rejection.code(), Code::Malformed, "{text}");
            assert!(rejection.to_string().contains("`since`: "), "{text}: {rejection}");
        }
    }
    let twice = since(r#"{"name":"a","since":[],"since":[]}"#).unwrap_err();
    assert!(twice.to_string().contains("duplicate key `since`"), "{twice}");
}

#[test]
fn an_envelope_has_256_positions_and_no_more() {
    let list = |count: usize| {
        let positions = vec![r#"{"topic":"a","epoch":"b","offset":1}"#; count];
        since(&format!(r#"{{"name":"a","since":[{}]}}"#, positions.join(",")))
    };
    assert_eq!(list(Position::MOST).map(|positions| positions.len()), Ok(256));
    assert!(list(Position::MOST + 1).is_err());
}

#[test]
fn a_glance_finds_name_and_id_wherever_they_stand() {
    let glance = |text| (Glance::new(text, 32).name().map(Cow::into_owned), Glance::new(text, 32).id());
    assert_eq!(glance(r#"{"name":"a/b","id":7,"payload":{}}"#), (Some("a/b".to_owned()), Some(7)));
    assert_eq!(glance(r#"{"payload":{"id":3},"id":7,"name":{"a":{"name":"b"}}}"#), (Some("a/b".to_owned()), Some(7)));
    assert_eq!(glance(r#"{"cancel":7}"#), (None, None));
    assert_eq!(glance(r#"{"id":"x","name":5}"#), (Some(String::new()), None));
    assert_eq!(glance("[]"), (None, None));
}
