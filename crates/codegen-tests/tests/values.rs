//! Constants, sets, bounds that are shut out, dates and addresses: what they are in Rust, and what is said of them.

use std::net::IpAddr;

use codegen_tests::values::{
    Bounds, Constants, Contact, Defaults, Device, DeviceKind, DeviceScreen, Fixed, Half, Home, Hushed, Kilo, Mood,
    Node, Patterns, Power, Ratio, Routes, Sets, Share, Shorter, Texts, There, Tree, Trouble, TroubleWrongWhy,
};
use codegen_tests::{faults, read, receive, write};
use switchboard::generated::{Failure, IntoFailure};
use switchboard::{Date, Email, Uri};

#[test]
fn constants_that_are_always_there_have_no_place_in_rust() {
    let value =
        Constants { kind: None, nothing: None, both: Some(None), list: vec![()], map: [("a".into(), ())].into() };
    let text = concat!(
        r#"{"type":"constants","version":2,"live":true,"ratio":1.5,"beat":"beat","quote":"a \"b\" \\ ü","#,
        r#""nothing":null,"both":null,"always":3,"list":["x"],"map":{"a":5}}"#
    );
    assert_eq!(write(&value), text);
    assert_eq!(read(text).as_ref(), Ok(&value));
    assert_eq!(read(&text.replace(r#""always":3,"#, "")).as_ref(), Ok(&value), "it has a default");
    assert_eq!(write(&Fixed), r#"{"a":1,"b":"b"}"#);
    for (from, to, wanted) in [
        ("\"version\":2", "\"version\":2.0", "/version const want 2 got 2.0"),
        ("\"version\":2", "\"version\":\"2\"", "/version const want 2 got string"),
        ("\"live\":true", "\"live\":false", "/live const want true got false"),
        ("\"live\":true,", "", "/live required want a value got nothing"),
        ("\"beat\":\"beat\"", "\"beat\":\"bean\"", "/beat const want \"beat\" got bean"),
        ("\"always\":3", "\"always\":null", "/always const want 3 got null"),
        ("[\"x\"]", "[\"x\",\"y\"]", "/list/1 const want \"x\" got y"),
    ] {
        assert_eq!(read::<Constants>(&text.replace(from, to)).unwrap_err(), [wanted]);
    }
    assert_eq!(write(&Node::Marked { n: 1 }), r#"{"kind":"marked","type":"marked","beat":"beat","n":1}"#);
    assert_eq!(write(&Node::Fixed), r#"{"kind":"fixed","one":1}"#);
}

#[test]
fn sets_of_numbers_are_kept_by_newtypes_and_by_fields() {
    assert_eq!(Power::new(4).map(|power| power.get()), Ok(4));
    assert_eq!(Power::new(3).unwrap_err().to_string(), "one_of: want 1 | 2 | 4, got 3");
    let text = concat!(
        r#"{"power":4,"narrow":2,"inline":-1,"wide":"18446744073709551615","few":5,"here":"9007199254740993","#,
        r#""small":2,"tenth":0.1,"real":2.5,"wait":100,"pause":1,"some":[1],"default":4}"#
    );
    let mut value: Sets = read(text).unwrap();
    assert_eq!(write(&value), text);
    value.inline = 2;
    value.tenth = 0.3;
    value.some = vec![3];
    let found = faults(&value);
    let wanted = [
        "/inline one_of want -1 | 10 | 1000 got 2",
        "/tenth one_of want 0.1 | 0.2 got 0.3",
        "/some/0 one_of want 1 | 2 got 3",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_bound_that_is_shut_out_says_so() {
    assert!(Share::new(1.0).is_ok() && Share::new(f64::MIN_POSITIVE).is_ok());
    assert_eq!(Share::new(0.0).unwrap_err().to_string(), "range: want >0, <=1, got 0");
    assert_eq!(Half::new(0.5).unwrap_err().to_string(), "range: want >0.5, got 0.5");
    assert!(Ratio::new(1.0).is_err() && Ratio::new(0.0).is_err() && Ratio::new(0.5).is_ok());
    assert!(Kilo::new(9).is_err() && Kilo::new(1000).is_ok() && Kilo::new(1001).is_err());
    let found = read::<Bounds>(r#"{"count":3,"here":1.5,"wait":1000}"#).unwrap_err();
    for wanted in ["/count range want 4..=8 got 3", "/here range want >=-1.5, <1.5 got 1.5", "/wait range want "] {
        assert!(found.iter().any(|line| line.starts_with(wanted)), "{wanted}: {found:?}");
    }
}

#[test]
fn dates_and_addresses_are_values_of_rust() {
    let text = concat!(
        r#"{"day":"2026-11-22","holiday":"2024-02-29","mail":"a@b.c","contact":"a@b.c","short":"a@b.c","page":"a:b","#,
        r#""home":"https://x","link":"urn:x","host":"::1","machine":null,"when":"2026-05-04T09:00:00Z","days":[],"mails":[]}"#
    );
    let mut value: Texts = read(text).unwrap();
    assert_eq!(write(&value), text);
    assert_eq!((value.day, value.host), (Date::constant(2026, 11, 22), "::1".parse::<IpAddr>().unwrap()));
    assert_eq!((value.mail.as_str(), value.page.as_str()), ("a@b.c", "a:b"));
    assert_eq!(value.contact, Contact::new(Email::new("a@b.c").unwrap()).unwrap());
    assert!(Home::new(Uri::new("http://x").unwrap()).is_err(), "it does not match");
    value.day = Date::MIN;
    assert_eq!(faults(&value), ["/day range want a year from 0 to 9999 got -009999-01-01"]);
    assert_eq!(
        read::<Texts>(&text.replace("2026-11-22", "2026-11-31")).unwrap_err(),
        ["/day format want RFC 3339 full-date got 2026-11-31"]
    );
}

#[test]
fn left_out_and_null_are_two_things() {
    let least = r#"{"required":1,"nullable":null}"#;
    let value: There = read(least).unwrap();
    assert_eq!((value.both, value.defaulted, value.defaulted_null, value.limited.clone()), (None, 3, Some(4), None));
    let text = r#"{"required":1,"nullable":null,"both":null,"defaulted":3,"defaulted_null":null,"limited":null,"list":null,"boxed":null,"mood":"bad"}"#;
    let value: There = read(text).unwrap();
    assert_eq!((value.both, value.defaulted_null, value.boxed.clone()), (Some(None), None, Some(None)));
    assert_eq!((value.mood, value.list.clone()), (Some(Some(Mood::Bad)), Some(None)));
    assert_eq!(write(&value), text);
    let with = There { limited: Some(Some("abc".into())), list: Some(Some(vec![])), ..value };
    assert_eq!(faults(&with), ["/limited len want 1..=2 got 3", "/list len want 1..=2 got 0"]);
}

#[test]
fn inline_types_are_types_with_names() {
    let text = concat!(
        r#"{"kind":"mobile","version":[1,2,3],"screen":{"width":1,"height":2,"parts":[{"name":"a","on":true}]},"#,
        r#""state":{"kind":"on","since":"2026-05-04T09:00:00Z","by":{"mail":"a@b.c"}},"tags":{"a":{"weight":0.5}},"#,
        r#""deeper":{"deeper":{"deepest":null}}}"#
    );
    let device: Device = read(text).unwrap();
    assert_eq!(device.kind, DeviceKind::Mobile);
    assert!(matches!(device.screen, Some(DeviceScreen { width: 1, .. })));
    assert_eq!(write(&device), text);
    let refused = Trouble::Wrong { day: Date::constant(2026, 1, 2), why: TroubleWrongWhy { text: "late".into() } };
    let Failure::Refused(members) = refused.into_failure() else { panic!("not refused") };
    let wanted = r#""kind":"wrong","day":"2026-01-02","why":{"text":"late"}"#;
    assert_eq!(String::from_utf8(members).unwrap(), wanted);
}

#[test]
fn what_contains_itself_is_read_as_deep_as_the_reader_goes() {
    let leaf = r#"{"name":"a","children":[],"shape":{"kind":"leaf"}}"#;
    let mut text = leaf.to_owned();
    for _ in 0..7 {
        text = leaf.replace("[]", &format!(r#"[{{"tree":{text}}}]"#));
    }
    let tree: Tree = read(&text).unwrap();
    assert_eq!(write(&tree), text);
    let deep = format!("{}null{}", r#"{"kind":"pair","left":"#.repeat(32), "}".repeat(32));
    assert!(read::<Node>(&deep).is_ok());
    let deeper = format!(r#"{{"kind":"pair","left":{deep}}}"#);
    assert_eq!(read::<Node>(&deeper).unwrap_err(), ["malformed"]);
}

#[test]
fn patterns_are_about_the_whole_text_and_take_no_time() {
    let found = |field: &str, text: &str| {
        let object = serde_json::json!({ field: text }).to_string();
        let found = read::<Patterns>(&object).unwrap_err();
        found.iter().any(|line| line.starts_with(&format!("/{field} match")))
    };
    for (field, text) in [
        ("slug", "a-b"),
        ("anchored", "ab"),
        ("either", "a"),
        ("either", "ab"),
        ("either", "abc"),
        ("letters", "äé"),
        ("digits", "123"),
        ("any", ""),
    ] {
        assert!(!found(field, text), "{field} {text}");
    }
    for (field, text) in [
        ("slug", "a-b\n"),
        ("slug", "-a-b"),
        ("anchored", "abb"),
        ("anchored", "ab\n"),
        ("anchored", "xab"),
        ("either", "abcd"),
        ("letters", "ä1"),
        ("digits", "1234"),
        ("digits", "١٢٣"),
        ("any", "a\nb"),
    ] {
        assert!(found(field, text), "{field} {text}");
    }
    // Backtracking would take longer than there is time.
    assert!(found("evil", &format!("{}c", "a".repeat(50_000))));
}

#[test]
fn numbers_are_taken_by_one_rule() {
    let read = |field: &str, raw: &str| {
        let found = read::<codegen_tests::values::Numbers>(&format!(r#"{{"{field}":{raw}}}"#)).unwrap_err();
        found
            .into_iter()
            .find(|line| line.starts_with(&format!("/{field} ")))
            .map(|line| line.split(' ').nth(1).unwrap().to_owned())
    };
    for (field, raw) in [
        ("a", "255"),
        ("a", "-0"),
        ("d", "\"18446744073709551615\""),
        ("d", "\"0\""),
        ("h", "\"-9223372036854775808\""),
        ("i", "3.4e38"),
        ("i", "1"),
        ("j", "1E+2"),
        ("j", "-0.0"),
        ("k", "9007199254740991"),
        ("n", "\"9007199254740992\""),
        ("m", "0"),
    ] {
        assert_eq!(read(field, raw), None, "{field} {raw}");
    }
    for (field, raw, rule) in [
        ("a", "1.0", "type"),
        ("a", "1e2", "type"),
        ("a", "256", "range"),
        ("a", "1e400", "range"),
        ("a", "\"1\"", "type"),
        ("d", "1", "type"),
        ("d", "\"01\"", "format"),
        ("d", "\"-0\"", "format"),
        ("d", "\"+1\"", "format"),
        ("d", "\"1e2\"", "format"),
        ("d", "\"18446744073709551616\"", "range"),
        ("i", "3.5e38", "range"),
        ("j", "1e400", "range"),
        ("j", "null", "type"),
        ("k", "9007199254740992", "range"),
        ("k", "\"1\"", "type"),
        ("n", "1", "type"),
        ("m", "1.5", "type"),
    ] {
        assert_eq!(read(field, raw).as_deref(), Some(rule), "{field} {raw}");
    }
    for raw in ["01", "+1", ".5", "1.", "0x1", "NaN", "Infinity", "1e", "--1"] {
        let found = codegen_tests::read::<codegen_tests::values::Numbers>(&format!(r#"{{"a":{raw}}}"#)).unwrap_err();
        assert_eq!(found, ["malformed"], "{raw}");
    }
}

#[test]
fn what_stands_for_a_secret_is_one() {
    let shorter = Shorter::new("ab").unwrap();
    assert_eq!((format!("{shorter:?}"), shorter.to_string()), ("(secret)".to_owned(), "(secret)".to_owned()));
    assert_eq!(format!("{:?}", Hushed::new(vec![1]).unwrap()), "(secret)");
    let text = r#"{"hushed":[10],"by_word":{"abc":1},"by_few":{"a":[300]}}"#;
    let found = read::<codegen_tests::values::Hidden>(text).unwrap_err();
    for wanted in [
        "/hushed range want ..=9 got (secret)",
        "/by_word len want ..=2 got (secret)",
        "/by_few range want 0..=255 got (secret)",
    ] {
        assert!(found.iter().any(|line| line == wanted), "{wanted}: {found:?}");
    }
}

#[test]
fn defaults_are_of_every_type_that_has_some() {
    let value: Defaults = read("{}").unwrap();
    let text = write(&value);
    assert_eq!(read(&text).as_ref(), Ok(&value));
    assert!(
        text.starts_with(r#"{"day":"2024-02-29","mail":"ann@example.com","contact":"a@b.c","page":"a:b","host":"::1""#)
    );
}

#[test]
fn a_message_may_be_a_constant_or_a_date() {
    assert!(receive::<Routes>("beat", r#""beat""#).is_ok());
    assert_eq!(receive::<Routes>("beat", r#""beet""#).unwrap_err(), [" const want \"beat\" got beet"]);
    assert!(receive::<Routes>("day", r#""2026-05-04""#).is_ok());
    assert!(receive::<Routes>("maybe", "null").is_ok());
}
