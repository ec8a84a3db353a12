//! Limits: each in its place, alone and together.

use codegen_tests::full::Limited;
use codegen_tests::{read, write};
use serde_json::{Value, json};

fn valid() -> Value {
    json!({
        "code": "AB1", "narrow": "ABC", "slug": "a-b2-c", "text": "abc", "level": 31, "low": 7, "even": -10,
        "ratio": 1.0, "step": 0.3, "pause": 60000, "names": ["a", "b", "c"], "few": ["a", "b"], "blob": "AAA=",
        "scores": {"AB": [1, 100], "CD": []}, "tags": ["x", "y"], "matrix": [[1, 9], [2, 3]],
        "wide": 20, "big": "10", "roles": ["guest", "keeper"],
        "keys": {"ab": 9}, "numbered": {"3": true}, "narrowed": {"ABC": false},
    })
}

fn with(key: &str, value: Value) -> Vec<String> {
    let mut object = valid();
    object[key] = value;
    read::<Limited>(&object.to_string()).err().unwrap_or_default()
}

#[test]
fn what_keeps_all_limits_is_taken_and_written_back() {
    let value: Limited = read(&valid().to_string()).unwrap();
    let written: Value = serde_json::from_str(&write(&value)).unwrap();
    assert_eq!(written["scores"], valid()["scores"]);
    assert_eq!(written["big"], "10");
    assert_eq!(written["wide"], 20);
    assert_eq!(read::<Limited>(&written.to_string()), Ok(value));
    assert_eq!(codegen_tests::faults(&read::<Limited>(&valid().to_string()).unwrap()), [""; 0]);
}

#[test]
fn each_broken_limit_is_named_with_its_place() {
    for (key, value, wanted) in [
        ("code", json!("A"), "/code len want 2..=8 got 1"),
        ("code", json!("1A"), "/code match want /[A-Z][A-Z0-9]*/ got 1A"),
        ("code", json!("ABé"), "/code match want /[A-Z][A-Z0-9]*/ got ABé"),
        ("code", json!("AB\n"), "/code match want /[A-Z][A-Z0-9]*/ got AB\n"),
        ("narrow", json!("AB"), "/narrow len want 3..=4 got 2"),
        ("slug", json!("-a"), "/slug match want /^[a-z0-9]+(-[a-z0-9]+)*$/ got -a"),
        ("slug", json!("a\n"), "/slug match want"),
        ("text", json!("éé"), "/text match want /[a-z]+/ got éé"),
        ("text", json!("abcde"), "/text len want 2..=4 got 5"),
        ("level", json!(32), "/level range want 0..=31 got 32"),
        ("low", json!(8), "/low range want ..=7 got 8"),
        ("even", json!(-12), "/even range want -10..=10 got -12"),
        ("even", json!(3), "/even multiple_of want 2 got 3"),
        ("ratio", json!(1.01), "/ratio range want 0.0..=1.0 got 1.01"),
        ("step", json!(0.35), "/step multiple_of want 0.1 got 0.35"),
        ("step", json!(6.5), "/step range want 0.1..=6.4 got 6.5"),
        ("pause", json!(9), "/pause range want 10..=60000 got 9"),
        ("names", json!(["a", "b", "c", "d"]), "/names len want ..=3 got 4"),
        ("names", json!(["a", "b", "a"]), "/names unique want"),
        ("names", json!(["a", ""]), "/names/1 len want 1..=10 got 0"),
        ("few", json!(["a", "b", "c"]), "/few len want ..=2 got 3"),
        ("blob", json!(""), "/blob len want 1..=16 got 0"),
        ("scores", json!({"a": []}), "/scores/a len want 2..=8 got 1"),
        ("scores", json!({"AB": [1, 2, 3]}), "/scores/AB len want ..=2 got 3"),
        ("scores", json!({"AB": [101]}), "/scores/AB/0 range want ..=100 got 101"),
        ("scores", json!({"AA": [], "AB": [], "AC": [], "AD": []}), "/scores len want ..=3 got 4"),
        ("tags", json!([]), "/tags len want 1..=2 got 0"),
        ("tags", json!(["x", "x"]), "/tags unique want"),
        ("matrix", json!([[1, 2], [3, 0]]), "/matrix/1/1 range want 1..=9 got 0"),
        ("matrix", json!([[1, 2], [3]]), "/matrix/1 len want 2 got 1"),
        ("wide", json!(9), "/wide range want 10..=20 got 9"),
        ("big", json!("9"), "/big range want 10.. got 9"),
        ("roles", json!(["guest", "guest"]), "/roles unique want"),
        ("keys", json!({"abc": 1}), "/keys/abc len want 1..=2 got 3"),
        ("keys", json!({"": 1}), "/keys/ len want 1..=2 got 0"),
        ("keys", json!({"A": 1}), "/keys/A match want /[a-z]+/ got A"),
        ("keys", json!({"a": 10}), "/keys/a range want ..=9 got 10"),
        ("keys", json!({"a": 1, "b": 1, "c": 1}), "/keys len want ..=2 got 3"),
        ("numbered", json!({"4": true}), "/numbered/4 range want 1..=3 got 4"),
        ("numbered", json!({"01": true}), "/numbered/01 format want"),
        ("narrowed", json!({"ABCD": true}), "/narrowed/ABCD len want ..=3 got 4"),
    ] {
        let found = with(key, value.clone());
        assert!(found.iter().any(|line| line.starts_with(wanted)), "{key} {value}: {found:?}");
    }
}

#[test]
fn a_value_may_break_several_limits() {
    assert_eq!(with("text", json!("A")).len(), 2);
    assert_eq!(with("even", json!(13)).len(), 2);
}

#[test]
fn lengths_are_checked_also_when_an_item_is_wrong() {
    for (key, value, wanted) in [
        ("names", json!(["", "a", "b", "c"]), "/names len want ..=3 got 4"),
        ("tags", json!(["", "a", "b"]), "/tags len want 1..=2 got 3"),
        ("keys", json!({"a": 10, "b": 1, "c": 1}), "/keys len want ..=2 got 3"),
        ("scores", json!({"AA": 1, "AB": [], "AC": [], "AD": []}), "/scores len want ..=3 got 4"),
    ] {
        let found = with(key, value);
        assert!(found.len() == 2 && found.iter().any(|line| line.starts_with(wanted)), "{key}: {found:?}");
    }
    assert_eq!(with("names", json!(3)), ["/names type want array got number"], "one cause, one report");
}

#[test]
fn characters_are_counted_not_bytes() {
    let mut object = valid();
    object["names"] = json!(["üüüüüüüüüü"]);
    assert!(read::<Limited>(&object.to_string()).is_ok());
}

#[test]
fn a_map_takes_each_key_once() {
    let text = valid().to_string().replace(r#""AB":[1,100]"#, r#""CD":[1],"CD":[2]"#);
    let found = read::<Limited>(&text).unwrap_err();
    assert!(found[0].starts_with("/scores/CD duplicate_key"), "{found:?}");
}
