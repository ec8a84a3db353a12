//! Secrets: not in `Debug`, not in `Display`, not in what a peer is told.

use codegen_tests::full::routes::Incoming;
use codegen_tests::full::{Inner, Key, Pin, Routes, SecretTold, Secrets, work};
use codegen_tests::{faults, read, receive, write};

const VALID: &str = r#"{"name":"ann","pin":"1234","key":"AAAAAA==","token":"abcd","inner":{"word":"hush"}}"#;

#[test]
fn debug_and_display_hide_them() {
    let value: Secrets = read(VALID).unwrap();
    let shown = format!("{value:?}");
    for secret in ["1234", "AAAA", "abcd", "hush", "[0"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("ann") && shown.contains("(secret)"), "{shown}");
    assert_eq!(Pin::new("1234").unwrap().to_string(), "(secret)");
    assert_eq!(format!("{:?}", Key::new(vec![7; 4].into()).unwrap()), "(secret)");
    assert!(!format!("{:?}", SecretTold { word: "hush".to_owned() }).contains("hush"));
    assert!(!format!("{:?}", work::Trouble::Hidden { word: "hush".to_owned() }).contains("hush"));
    let message: Incoming = receive::<Routes>("secrets", VALID).unwrap();
    assert!(!format!("{message:?}").contains("1234"));
}

#[test]
fn they_are_there_for_the_application_and_on_the_wire() {
    let value: Secrets = read(VALID).unwrap();
    assert_eq!((value.pin.as_str(), value.token.as_str()), ("1234", "abcd"));
    assert_eq!(write(&value), VALID);
}

#[test]
fn refusals_do_not_echo_them() {
    let text = VALID.replace("1234", "123").replace("abcd", "abc").replace("AAAAAA==", "AAA=");
    let found = read::<Secrets>(&text).unwrap_err();
    assert_eq!(
        found,
        ["/pin len want 4..=12 got (secret)", "/key len want 4 got (secret)", "/token len want 4..=8 got (secret)",]
    );
    assert_eq!(Pin::new("123").unwrap_err().to_string(), "len: want 4..=12, got (secret)");
    let mut value: Secrets = read(VALID).unwrap();
    value.token = "x".to_owned();
    value.inner = Inner { word: String::new() };
    assert_eq!(faults(&value), ["/token len want 4..=8 got (secret)"]);
}
