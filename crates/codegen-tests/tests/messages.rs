//! Messages: found by name, read, and seen through `AnyMessage`.

use codegen_tests::full::routes::Incoming;
use codegen_tests::full::{AnyMessage, Routes, work};
use codegen_tests::{many, receive, roots, station};
use switchboard::generated::Protocol;

#[test]
fn messages_are_found_by_their_full_name() {
    for (index, route) in Routes::ROUTES.iter().enumerate() {
        assert_eq!(Routes::find(route.name).map(usize::from), Some(index), "{}", route.name);
    }
    for name in ["", "pin", "pingg", "work", "work/", "start", "work/inner", "inner/nested", "/ping", "Ping"] {
        assert_eq!(Routes::find(name), None, "{name}");
    }
}

#[test]
fn five_hundred_names_are_all_found() {
    assert_eq!(many::Routes::ROUTES.len(), 500);
    for (index, route) in many::Routes::ROUTES.iter().enumerate() {
        assert_eq!(many::Routes::find(route.name).map(usize::from), Some(index));
        assert!(many::Routes::decode_fits(route.name));
    }
    assert_eq!(many::Routes::find("space_20/call_0"), None);
}

/// Whether the route's own decoder reads `{"n":1}`.
trait DecodeFits {
    fn decode_fits(name: &str) -> bool;
}

impl<P: Protocol> DecodeFits for P {
    fn decode_fits(name: &str) -> bool {
        receive::<P>(name, r#"{"n":1}"#).is_ok() && receive::<P>(name, r#"{"n":256}"#).is_err()
    }
}

#[test]
fn payloads_become_the_right_variant() {
    assert!(matches!(receive::<Routes>("ping", "{}"), Ok(Incoming::Ping(_))));
    assert_eq!(receive::<Routes>("ping", r#"{"x":1}"#).unwrap_err(), ["/x unknown_key want a known key got x"]);
    assert!(matches!(receive::<Routes>("open", r#"{"a":1,"x":[]}"#), Ok(Incoming::Open(open)) if open.a == 1));
    assert!(matches!(receive::<Routes>("list", "[1,5]"), Ok(Incoming::List(list)) if list == [1, 5]));
    let found = receive::<Routes>("list", "[6,1,1]").unwrap_err();
    assert_eq!(found, ["/0 range want ..=5 got 6", " len want ..=2 got 3"]);
    assert_eq!(receive::<Routes>("list", "[1,1,1]").unwrap_err(), [" len want ..=2 got 3"]);
    assert!(matches!(receive::<Routes>("defaults", "{}"), Ok(Incoming::Defaults(_))));
    let start = r#"{"code":"AB","device":{"code":"CD","kind":"red"},"to":"00000000-0000-0000-0000-000000000001"}"#;
    let Ok(Incoming::WorkStart(start)) = receive::<Routes>("work/start", start) else { panic!("not read") };
    assert_eq!(start.device.code.as_str(), "CD");
}

#[test]
fn any_message_tells_its_name() {
    let stop = work::Stop { code: "AB".parse().unwrap() };
    let any = AnyMessage::WorkStop(&stop);
    let copy = any;
    assert_eq!((any.name(), copy.name()), ("work/stop", "work/stop"));
    assert!(format!("{any:?}").contains("AB"));
}

#[test]
fn what_stands_in_no_namespace_is_in_routes() {
    assert!(matches!(receive::<roots::Routes>("echo", r#"{"text":"x"}"#), Ok(roots::routes::Incoming::Echo(_))));
    assert_eq!(roots::Role::all().len(), 0);
}

#[test]
fn the_documented_protocol_is_read() {
    let login = r#"{"username":"ann","password":"correct horse","remember":true}"#;
    assert!(matches!(
        receive::<station::Routes>("accounts/login", login),
        Ok(station::routes::Incoming::AccountsLogin(_))
    ));
    let found = receive::<station::Routes>("accounts/login", r#"{"username":"A","password":"short"}"#).unwrap_err();
    assert_eq!(
        found,
        [
            "/username len want 3..=32 got 1",
            "/username match want /^[a-z][a-z0-9_]*$/ got A",
            "/password len want 12..=128 got (secret)",
        ]
    );
    let step = receive::<station::Routes>("mixer/volume_up", r#"{"channel":3}"#).unwrap();
    assert!(matches!(step, station::routes::Incoming::MixerVolumeUp(up) if up.step == 1.0));
    let found = receive::<station::Routes>("mixer/volume_up", r#"{"channel":32,"step":0.7}"#).unwrap_err();
    assert_eq!(found, ["/channel range want 0..=31 got 32", "/step multiple_of want 0.5 got 0.7"]);
}
