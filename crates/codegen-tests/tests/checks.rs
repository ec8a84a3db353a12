//! Outgoing values: limits that stand in a field are checked before anybody hears of it.

use codegen_tests::full::{
    Color, InTopic, Limited, Listed, Optional, Point, Scalars, Shape, Told, Tree, Wrapped, work,
};
use codegen_tests::{faults, read};
use switchboard::generated as rt;

#[test]
fn each_field_is_checked_where_it_stands() {
    assert_eq!(faults(&Told { text: String::new(), color: Color::Red }), ["/text len want 1..=5 got 0"]);
    assert!(faults(&Told { text: "abc".to_owned(), color: Color::Red }).is_empty());
    assert!(faults(&InTopic { color: Color::Red, note: None }).is_empty());
    assert_eq!(faults(&Listed(vec![1, 6, 2])), [" len want ..=2 got 3", "/1 range want ..=5 got 6"]);
}

#[test]
fn checks_reach_into_lists_maps_and_what_may_be_missing() {
    let leaf = r#"{"name":"b","right":null,"named":{}}"#;
    let mut tree: Tree = read(&format!(r#"{{"name":"a","right":{leaf},"named":{{"x":{leaf}}}}}"#)).unwrap();
    tree.left = Some(Box::new(read(leaf).unwrap()));
    assert!(faults(&tree).is_empty());
    tree.left.as_mut().unwrap().name.clear();
    tree.named.get_mut("x").unwrap().children = vec![read(leaf).unwrap(); 4];
    let found = faults(&tree);
    assert_eq!(found, ["/left/name len want 1..=10 got 0", "/named/x/children len want ..=3 got 4"]);
}

#[test]
fn options_with_limits_are_checked_when_they_are_there() {
    let mut value: Optional = read(r#"{"nullable":null,"text_number":null,"maybe":null,"always":1}"#).unwrap();
    assert!(faults(&value).is_empty());
    value.left_out = Some("abcd".to_owned());
    value.nullable = Some("abcd".to_owned());
    value.both = Some(Some(10));
    value.items = Some(vec![None, None, None]);
    value.number = Some(6);
    assert_eq!(faults(&value).len(), 5);
}

#[test]
fn variants_are_checked() {
    let shape = Shape::Group {
        members: vec![Shape::Polygon { corners: vec![Point { x: 0.0, y: f64::NAN }], kind_of: "abcdef".to_owned() }],
    };
    let found = faults(&shape);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|line| line.starts_with("/members/0/")));
}

#[test]
fn a_number_that_json_cannot_write_is_found() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scalars.json")).unwrap();
    let mut value: Scalars = read(&text).unwrap();
    assert!(faults(&value).is_empty());
    value.half = f32::INFINITY;
    assert_eq!(faults(&value), ["/half range want a finite number got inf"]);
}

#[test]
fn what_was_read_needs_no_check() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/limited.json")).unwrap();
    let value: Limited = read(&text).unwrap();
    assert!(faults(&Wrapped(value)).is_empty());
}

#[test]
fn keys_of_maps_are_checked() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/limited.json")).unwrap();
    let mut value: Limited = read(&text).unwrap();
    value.keys = [("ABC".to_owned(), 10)].into();
    value.numbered = [(4, true)].into();
    let found = faults(&value);
    let starts = ["/keys/ABC len", "/keys/ABC match", "/keys/ABC range", "/numbered/4 range"];
    assert_eq!(found.len(), starts.len(), "{found:?}");
    assert!(starts.iter().zip(&found).all(|(start, line)| line.starts_with(start)), "{found:?}");
}

#[test]
fn a_declared_error_is_members_of_the_refusal() {
    let refused = |error: work::Trouble| match rt::IntoFailure::into_failure(error) {
        rt::Failure::Refused(members) => String::from_utf8(members).unwrap(),
        rt::Failure::Internal(error) => format!("internal: {error}"),
        rt::Failure::Barred(topic) => format!("barred: {topic}"),
    };
    assert_eq!(refused(work::Trouble::NoneLeft), r#""kind":"none_left""#);
    let wait = |word: &str| work::Trouble::Wait {
        until: "2026-05-04T09:00:00Z".parse().unwrap(),
        level: None,
        names: codegen_tests::full::Names::new(vec!["x".to_owned()]).unwrap(),
        word: word.to_owned(),
    };
    assert_eq!(refused(wait("ab")), r#""kind":"wait","until":"2026-05-04T09:00:00Z","names":["x"],"word":"ab""#);
    assert_eq!(refused(wait("abcde")), "internal: /word: len: want ..=4, got 5");
}

#[test]
fn any_error_becomes_a_declared_one() {
    let parse = |text: &str| -> Result<u8, work::Trouble> { Ok(text.parse::<u8>()?) };
    assert!(matches!(parse("x"), Err(work::Trouble::Internal(_))));
    let own = || -> Result<(), work::Trouble> { Err(switchboard::Error::msg("disk full"))? };
    assert!(matches!(own(), Err(work::Trouble::Internal(error)) if error.to_string() == "disk full"));
}
