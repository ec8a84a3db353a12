//! Names on the wire that are not those in the file, and what is open to what comes later.

use codegen_tests::wire::things::deeper::Loosely;
use codegen_tests::wire::things::{Changed, Grown, Put, ThingError};
use codegen_tests::wire::{Color, Holder, Kept, Level, Loose, Plain, Routes, Shape, levels, things};
use codegen_tests::{faults, frame, read, receive, write};
use serde_json::json;
use switchboard::generated::{Check, Failure, IntoFailure, Key, Protocol};

fn text<E: switchboard::generated::Event<Routes>>(event: &E) -> String {
    String::from_utf8(frame::<Routes>(event)).unwrap()
}

#[test]
fn messages_and_events_go_by_their_names_on_the_wire() {
    assert!(Routes::find("v2.things/put-thing").is_some());
    assert!(Routes::find("v2.things/deep er/look").is_some());
    assert_eq!(Routes::find("things/put"), None);
    let grown = Grown { by_cm: 3 };
    assert_eq!(text(&grown), r#"{"name":"v2.things/grown","payload":{"byCm":3}}"#);
    let changed = Changed { new_color: Color::DarkBlue, shape_now: Shape::Dot };
    let wanted = r#"{"name":"v2.things/thing-changed","payload":{"newColor":"dark-blue","shapeNow":{"type":"dot"}}}"#;
    assert_eq!(text(&changed), wanted);
}

#[test]
fn topics_begin_with_the_namespace_as_the_wire_has_it() {
    assert_eq!(things::by_color(&Color::DarkBlue).key(), "v2.things/by_color/dark-blue");
    assert_eq!(things::plain().key(), "v2.things/renamed/topic");
    assert_eq!(levels(&Level::VeryLow).key(), "levels/VERY_LOW");
}

#[test]
fn fields_and_variants_are_renamed_where_they_are_declared() {
    assert_eq!(read(r#""VERY_LOW""#), Ok(Level::VeryLow));
    assert_eq!(read(r#""Top""#), Ok(Level::High));
    assert_eq!(write(&Plain::FirstOne { a_b: 1, t_t: true }), r#"{"t":"first-one","aB":1,"tT":true}"#);
    assert_eq!(write(&Kept { one_two: 1, three_four: 2, five_six: 3 }), r#"{"one_two":1,"three_four":2,"five_six":3}"#);
    let found = read::<Holder>("{}").unwrap_err();
    let places: Vec<&str> = found.iter().map(|line| line.split(' ').next().unwrap()).collect();
    let wanted =
        ["/levelNow", "/colorsSeen", "/shapesSeen", "/byColor", "/byLevel", "/$type", "/innerPart", "/a~1b~0c"];
    assert_eq!(places, wanted);
}

#[test]
fn an_error_has_the_tag_that_it_declares() {
    let Failure::Refused(members) = ThingError::TooMany { most_ever: 3 }.into_failure() else { panic!("not refused") };
    assert_eq!(String::from_utf8(members).unwrap(), r#""reason":"too_many","mostEver":3"#);
}

#[test]
fn an_open_enum_keeps_the_name_of_what_it_does_not_know() {
    let color: Color = read(r#""very \"new\"""#).unwrap();
    assert_eq!(color, Color::Unknown("very \"new\"".to_owned()));
    assert_eq!((color.as_str(), write(&color).as_str()), ("very \"new\"", r#""very \"new\"""#));
    assert_eq!(Color::all(), [Color::Red, Color::DarkBlue]);
    let mut key = Vec::new();
    color.encode_key(&mut key);
    assert_eq!(key, br#""very \"new\"""#);
    assert_eq!(things::by_color(&Color::Unknown("a/b".to_owned())).key(), "v2.things/by_color/a%2Fb");
    assert_eq!(read::<Color>("3").unwrap_err(), [" type want string got number"]);
}

#[test]
fn an_open_enum_keeps_the_whole_object_of_what_it_does_not_know() {
    let shape: Shape = read(r#"{"sides":[1,{"b":null}],"type":"star","deep":{"x":1.5}}"#).unwrap();
    let Shape::Unknown(value) = &shape else { panic!("{shape:?}") };
    assert_eq!(*value, json!({"sides": [1, {"b": null}], "type": "star", "deep": {"x": 1.5}}));
    assert_eq!(read(&write(&shape)), Ok(shape.clone()));
    assert!(faults(&shape).is_empty());
    for (text, wanted) in [
        (r#"{"sides":1}"#, "/type required want a value got nothing"),
        (r#"{"type":1}"#, "/type type want string got number"),
        (r#"{"type":"star","a":1,"a":2}"#, "/a duplicate_key want the key once got the key again"),
    ] {
        assert_eq!(read::<Shape>(text).unwrap_err(), [wanted]);
    }
}

#[test]
fn an_unknown_variant_that_is_none_does_not_go_out() {
    for (value, wanted) in [
        (json!(3), " type"),
        (json!({}), "/type required"),
        (json!({"type": 3}), "/type type"),
        (json!({"type": "dot"}), "/type one_of"),
    ] {
        let found = faults(&Shape::Unknown(value));
        assert!(found.len() == 1 && found[0].starts_with(wanted), "{found:?}");
    }
    let changed = Changed { new_color: Color::Red, shape_now: Shape::Unknown(json!([])) };
    assert_eq!(faults(&changed).len(), 1);
}

#[test]
fn what_is_open_ignores_what_it_does_not_know() {
    let loose: Loose = read(r#"{"new":1,"knownOne":2,"new":[2]}"#).unwrap();
    assert_eq!(loose, Loose { known_one: 2, other_one: None });
    assert!(receive::<Routes>("v2.things/deep er/loosely", r#"{"looseOne":{"knownOne":1,"x":2},"y":3}"#).is_ok());
    let circle = r#"{"type":"circle","radiusCm":1.0,"color":"red","new":1}"#;
    assert_eq!(read(circle), Ok(Shape::Circle { radius_cm: 1.0, color: Color::Red }));
    assert!(read::<Kept>(r#"{"one_two":1,"three_four":2,"five_six":3,"x":1}"#).is_err());
}

/// That these are types of their own is seen by naming them.
#[allow(dead_code)]
fn names(put: &Put, loosely: &Loosely, report: &mut switchboard::generated::Report) {
    let _ = (put, loosely);
    Loose { known_one: 1, other_one: None }.check(report, &switchboard::generated::Path::root());
}
