//! Built-in types: what is read, what is written, what is refused.

use codegen_tests::full::Scalars;
use codegen_tests::{read, write};
use serde_json::{Value, json};

fn valid() -> Value {
    json!({
        "flag": true, "tiny": -128, "small": 65535, "medium": -2_147_483_648_i64, "large": 4_294_967_295_u32,
        "text_number": "18446744073709551615", "number": 9_007_199_254_740_991_u64, "negative": "-9223372036854775808",
        "half": 0.5, "whole": -1.25, "text": "ü \"x\" \n", "data": "AAEC/w==",
        "id": "00000000-0000-0000-0000-00000000000a", "at": "2026-05-04T09:00:00.25Z", "wait": 1500,
        "any": {"b": [1, null, "x"]}, "role": "chief_keeper",
    })
}

fn with(key: &str, value: Value) -> Vec<String> {
    let mut object = valid();
    object[key] = value;
    read::<Scalars>(&object.to_string()).err().unwrap_or_default()
}

#[test]
fn every_type_comes_back_as_it_went_in() {
    let value: Scalars = read(&valid().to_string()).unwrap();
    assert_eq!(value.text_number, u64::MAX);
    assert_eq!(value.negative, i64::MIN);
    assert_eq!(&value.data[..], [0, 1, 2, 255]);
    assert_eq!(value.wait.as_millis(), 1500);
    let written: Value = serde_json::from_str(&write(&value)).unwrap();
    assert_eq!(written, valid());
    assert_eq!(read::<Scalars>(&write(&value)), Ok(value));
}

#[test]
fn fields_may_come_in_any_order() {
    let forwards = valid();
    let members: Vec<String> =
        forwards.as_object().unwrap().iter().rev().map(|(key, value)| format!("{key:?}:{value}")).collect();
    let backwards = format!("{{{}}}", members.join(" , "));
    assert_eq!(read::<Scalars>(&backwards), read(&forwards.to_string()));
}

#[test]
fn each_wrong_type_is_named() {
    for (key, value, wanted) in [
        ("flag", json!(1), "/flag type want bool"),
        ("tiny", json!(128), "/tiny range want -128..=127 got 128"),
        ("small", json!(-1), "/small range want 0..=65535 got -1"),
        ("small", json!(1.0), "/small type want integer"),
        ("medium", json!("1"), "/medium type want"),
        ("large", json!(4_294_967_296_u64), "/large range want 0..=4294967295 got 4294967296"),
        ("text_number", json!(1), "/text_number type want string"),
        ("text_number", json!("18446744073709551616"), "/text_number range want"),
        ("text_number", json!("01"), "/text_number format want"),
        ("number", json!(9_007_199_254_740_992_u64), "/number range want"),
        ("negative", json!("x"), "/negative format want"),
        ("half", json!("0.5"), "/half type want number"),
        ("text", json!(null), "/text type want string got null"),
        ("data", json!("AA"), "/data format want padded base64"),
        ("id", json!("0000000000000000000000000000000a"), "/id format want a hyphenated UUID"),
        ("at", json!("2026-05-04T09:00:00+02:00"), "/at format want RFC 3339"),
        ("wait", json!(-1), "/wait range want"),
        ("role", json!("boss"), "/role one_of want guest | keeper | chief_keeper got boss"),
    ] {
        let found = with(key, value.clone());
        assert_eq!(found.len(), 1, "{key} {value}: {found:?}");
        assert!(found[0].starts_with(wanted), "{key} {value}: {found:?}");
    }
}

#[test]
fn all_violations_come_at_once() {
    let found = read::<Scalars>(r#"{"flag":1,"tiny":true,"extra":{"x":[1]},"flag":false,"large":-1}"#).unwrap_err();
    let begins = |start: &str| found.iter().any(|line| line.starts_with(start));
    for start in
        ["/flag type", "/tiny type", "/extra unknown_key", "/flag duplicate_key", "/large range", "/small required"]
    {
        assert!(begins(start), "{start}: {found:#?}");
    }
    assert_eq!(found.iter().filter(|line| line.contains(" required ")).count(), 14, "{found:#?}");
}

#[test]
fn what_is_no_json_is_malformed() {
    for text in ["", "{", "{\"flag\":}", "{\"flag\":true,}", "{} x", "{'flag':true}", "\u{feff}{}"] {
        assert_eq!(read::<Scalars>(text), Err(vec!["malformed".to_owned()]), "{text}");
    }
}

#[test]
fn another_type_than_an_object_is_one_violation() {
    assert_eq!(read::<Scalars>("[1,{}]"), Err(vec![" type want object got array".to_owned()]));
}
