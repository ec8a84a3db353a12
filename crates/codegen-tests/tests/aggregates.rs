//! Structs and enums: what may be left out or null, defaults, variants, recursion.

use codegen_tests::full::{Color, Defaults, Lead, Loose, Optional, Role, Shape, Tree};
use codegen_tests::{read, write};

#[test]
fn left_out_null_and_both_are_three_things() {
    let least = r#"{"nullable":null,"text_number":null,"maybe":null,"always":1}"#;
    let value: Optional = read(least).unwrap();
    assert_eq!(write(&value), least);
    let full = r#"{"left_out":"a","nullable":"b","both":3,"boxed":{"nullable":null,"text_number":null,"maybe":null,"always":2},"items":[1,null],"number":5,"text_number":"7","maybe":"c","always":1,"last":2}"#;
    let value: Optional = read(full).unwrap();
    assert_eq!(write(&value), full);
    assert_eq!(value.items, Some(vec![Some(1), None]));
    let found = |text: &str| read::<Optional>(text).unwrap_err();
    assert_eq!(
        found(&least.replace("\"always\":1", "\"always\":1,\"left_out\":null"))[0],
        "/left_out type want string got null"
    );
    for (json, both) in [("", None), (",\"both\":null", Some(None)), (",\"both\":3", Some(Some(3)))] {
        let text = least.replace(",\"text_number\"", &format!("{json},\"text_number\""));
        let value: Optional = read(&text).unwrap();
        assert_eq!((value.both, write(&value)), (both, text));
    }
    assert_eq!(
        found(r#"{"text_number":null,"maybe":null,"always":1}"#)[0],
        "/nullable required want a value got nothing"
    );
}

#[test]
fn commas_stand_right_however_much_is_left_out() {
    for (a, b, wanted) in [
        (None, None, "{}"),
        (Some(1), None, r#"{"a":1}"#),
        (None, Some(2), r#"{"b":2}"#),
        (Some(1), Some(2), r#"{"a":1,"b":2}"#),
    ] {
        assert_eq!(write(&Lead { a, b }), wanted);
        assert_eq!(read(wanted), Ok(Lead { a, b }));
    }
}

#[test]
fn defaults_stand_in_for_what_is_left_out() {
    let value: Defaults = read("{}").unwrap();
    assert!(value.flag);
    assert_eq!((value.number, value.big, value.half), (-7, u64::MAX, 1.5));
    assert_eq!(value.ratio.get(), 0.5);
    assert_eq!(value.text, "a \"quote\" and § ü");
    assert_eq!(&*value.code, "AB");
    assert_eq!((value.color, value.role), (Color::DarkBlue, Role::ChiefKeeper));
    assert_eq!(value.wait.as_millis(), 1500);
    assert_eq!((value.none.len(), &value.some[..], value.nullable), (0, &[1, 2][..], Some(3)));
    assert_eq!(value.id.as_u128(), 1);
    let other: Defaults = read(r#"{"number":1,"nullable":null}"#).unwrap();
    assert_eq!((other.number, other.nullable), (1, None));
    assert_eq!(read::<Defaults>(r#"{"flag":null}"#).unwrap_err()[0], "/flag type want boolean got null");
}

#[test]
fn enums_without_fields_are_text() {
    assert_eq!(read(r#""dark-blue""#), Ok(Color::DarkBlue));
    assert_eq!(write(&Color::DarkBlue), r#""dark-blue""#);
    assert_eq!(read::<Color>(r#""DarkBlue""#).unwrap_err(), [" one_of want red | green | dark-blue got DarkBlue"]);
    assert_eq!(read::<Color>("1").unwrap_err(), [" type want string got number"]);
    assert_eq!(Color::all(), [Color::Red, Color::Green, Color::DarkBlue]);
    assert_eq!(Color::Green.to_string(), "green");
}

#[test]
fn enums_with_fields_have_a_tag_anywhere() {
    for text in [
        r#"{"kind":"dot"}"#,
        r#"{"kind":"circle","radius":0.5}"#,
        r#"{"kind":"circle","radius":0.5,"fill":"red"}"#,
        r#"{"kind":"poly","corners":[{"x":0.0,"y":1.0},{"x":1.0,"y":0.0},{"x":0.5,"y":0.5}],"kindOf":"a"}"#,
        r#"{"kind":"group","members":[{"kind":"dot"},{"kind":"group","members":[]}]}"#,
    ] {
        let value: Shape = read(text).unwrap();
        assert_eq!(write(&value), text);
    }
    let late = r#"{"members":[{"members":[],"kind":"group"}],"kind":"group"}"#;
    assert_eq!(read(late), Ok(Shape::Group { members: vec![Shape::Group { members: vec![] }] }));
}

#[test]
fn a_bad_tag_is_one_violation() {
    for (text, wanted) in [
        (r#"{"radius":1}"#, "/kind required want a value got nothing"),
        (r#"{"kind":1,"radius":1}"#, "/kind type want string got number"),
        (r#"{"radius":1,"kind":"disc"}"#, "/kind one_of want dot | circle | poly | group got disc"),
        (r#"{"kind":"dot","kind":"dot"}"#, "/kind duplicate_key want the key once got the key again"),
        (r#"{"kind":"dot","radius":1}"#, "/radius unknown_key want a known key got radius"),
        ("3", " type want object got number"),
    ] {
        assert_eq!(read::<Shape>(text), Err(vec![wanted.to_owned()]), "{text}");
    }
    let found = read::<Shape>(r#"{"kind":"circle","radius":2,"fill":"grey"}"#).unwrap_err();
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn recursive_values_go_as_deep_as_the_reader_allows() {
    let leaf = r#"{"name":"b","right":null,"children":[],"named":{}}"#;
    let text =
        format!(r#"{{"name":"a","left":{leaf},"right":{leaf},"children":[{leaf},{leaf}],"named":{{"x":{leaf}}}}}"#);
    let value: Tree = read(&text).unwrap();
    assert_eq!(write(&value), text);
    let bad = text.replacen(r#""x":{"name":"b""#, r#""x":{"name":"""#, 1);
    assert_eq!(read::<Tree>(&bad).unwrap_err(), ["/named/x/name len want 1..=10 got 0"]);
    let mut deep = leaf.to_owned();
    for _ in 0..40 {
        deep = format!(r#"{{"name":"a","right":{deep},"named":{{}}}}"#);
    }
    assert_eq!(read::<Tree>(&deep), Err(vec!["malformed".to_owned()]));
}

#[test]
fn an_open_struct_skips_what_it_does_not_know() {
    let value: Loose = read(r#"{"x":{"y":[1,"z"]},"a":1,"b":"c"}"#).unwrap();
    assert_eq!(value, Loose { a: 1, b: Some("c".to_owned()) });
    assert_eq!(read::<Loose>(r#"{"a":1,"a":2}"#).unwrap_err().len(), 1);
    assert_eq!(read::<Loose>(r#"{"x":tru,"a":1}"#), Err(vec!["malformed".to_owned()]));
}
