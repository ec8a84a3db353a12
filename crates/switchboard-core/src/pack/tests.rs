use super::{NoPack, Packer, unpack};
use crate::frame::{Opcode, append_frame, frames};
use crate::schema::Schema;
use crate::{Decode, Path, Reader, decode_int64_text};

#[track_caller]
fn text(bytes: &[u8], json: &str) {
    assert_eq!(unpack(bytes, 32).as_deref(), Ok(json), "{bytes:x?}");
}

#[track_caller]
fn refused(bytes: &[u8], at: usize, why: &'static str) {
    assert_eq!(unpack(bytes, 4), Err(NoPack { at, why }), "{bytes:x?}");
}

#[test]
fn each_kind_of_value_becomes_its_json() {
    text(b"\xc0", "null");
    text(b"\x93\xc2\xc3\xc0", "[false,true,null]");
    text(b"\x92\x7f\xe0", "[127,-32]");
    text(
        b"\x94\xcc\xff\xcd\xff\xff\xce\xff\xff\xff\xff\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
        "[255,65535,4294967295,18446744073709551615]",
    );
    text(b"\x92\xd0\x80\xd1\x80\x00", "[-128,-32768]");
    text(b"\x92\xd2\x80\x00\x00\x00\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "[-2147483648,-9223372036854775808]");
    text(b"\xca\x3f\xc0\x00\x00", "1.5");
    text(b"\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", "1.0");
    text(b"\xa3a\"\n", r#""a\"\n""#);
    text(b"\xd9\x01x", r#""x""#);
    text(b"\xda\x00\x01x", r#""x""#);
    text(b"\xdb\x00\x00\x00\x01x", r#""x""#);
    text(b"\xc4\x03\x00\x01\xff", r#"b"AAH/""#);
    text(b"\xc5\x00\x00", r#"b"""#);
    text(b"\xc6\x00\x00\x00\x01a", r#"b"YQ==""#);
    text(b"\xdc\x00\x01\x01", "[1]");
    text(b"\xdd\x00\x00\x00\x01\x01", "[1]");
    text(b"\x82\xa1a\x01\xa1b\x80", r#"{"a":1,"b":{}}"#);
    text(b"\xde\x00\x01\xa1a\x01", r#"{"a":1}"#);
    text(b"\xdf\x00\x00\x00\x01\xa1a\x01", r#"{"a":1}"#);
}

#[test]
fn what_json_does_not_have_is_refused_with_its_place() {
    refused(b"", 0, "unexpected end");
    refused(b"\xa3ab", 1, "unexpected end");
    refused(b"\x92\x01", 2, "unexpected end");
    refused(b"\xdd\xff\xff\xff\xff\x01", 6, "unexpected end");
    refused(b"\xdf\xff\xff\xff\xff", 5, "unexpected end");
    refused(b"\xc6\xff\xff\xff\xff", 5, "unexpected end");
    refused(b"\x01\x01", 1, "bytes behind the end of the value");
    refused(b"\x81\x01\x01", 1, "a key that is no text");
    refused(b"\x81\xc4\x01a\x01", 1, "a key that is no text");
    refused(b"\x91\xc1", 1, "a byte that means nothing");
    refused(b"\x91\xd4\x01\x01", 1, "an extension type");
    refused(b"\xc7\x00\x01", 0, "an extension type");
    refused(b"\xa2a\xff", 2, "text that is no UTF-8");
    refused(b"\x81\xa1\xff\x01", 2, "text that is no UTF-8");
    // Half of a pair, as some encoders write it.
    refused(b"\xa3\xed\xa0\x80", 1, "text that is no UTF-8");
    refused(b"\xca\x7f\xc0\x00\x00", 0, "a float that is not finite");
    refused(b"\xcb\xff\xf0\x00\x00\x00\x00\x00\x00", 0, "a float that is not finite");
    refused(b"\x91\x91\x91\x91\x91\x01", 5, "nested too deep");
    text(b"\x91\x91\x91\x91\x01", "[[[[1]]]]");
}

#[test]
fn any_bytes_are_text_that_the_reader_takes_or_are_refused() {
    let mut state = 7_u64;
    let mut taken = 0;
    for _ in 0..20_000 {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        // Mostly markers of what is short, so that much of it is whole.
        let byte = |next: &mut dyn FnMut() -> usize| match next() % 3 {
            0 => [0x01, 0x80, 0x81, 0x90, 0x91, 0xa1, 0xc0, 0xc4, 0xca, 0xff][next() % 10],
            1 => b'a' + (next() % 26) as u8,
            _ => next() as u8,
        };
        let len = next() % 9;
        let bytes: Vec<u8> = (0..len).map(|_| byte(&mut next)).collect();
        let Ok(json) = unpack(&bytes, 8) else { continue };
        taken += 1;
        assert!(json.len() <= bytes.len() * 6 + 4, "{bytes:x?}: {json}");
        let mut r = Reader::packed(&json, 8);
        assert!(r.skip().is_ok() && r.finish().is_ok(), "{bytes:x?}: {json}: {:?}", r.malformed());
    }
    assert!(taken > 1_000, "{taken}");
}

fn packed<T: Decode>(bytes: &[u8]) -> Result<T, String> {
    let json = unpack(bytes, 32).map_err(|error| error.to_string())?;
    let mut r = Reader::packed(&json, 32);
    let value = T::decode(&mut r, &Path::root());
    r.finish().map_err(|_| "malformed".to_owned())?;
    value.map_err(|_| {
        r.report.violations().iter().map(|found| format!("{} {} {}", found.rule, found.want, found.got)).collect()
    })
}

#[test]
fn bytes_are_bin_and_nothing_else() {
    assert_eq!(packed::<bytes::Bytes>(b"\xc4\x02\x00\xff").as_deref(), Ok(&b"\x00\xff"[..]));
    assert_eq!(packed::<bytes::Bytes>(b"\xa4AAAA"), Err("type bytes string".to_owned()));
    assert_eq!(packed::<String>(b"\xc4\x01a"), Err("type string bytes".to_owned()));
    assert_eq!(packed::<u8>(b"\xc4\x01a"), Err("type integer bytes".to_owned()));
    assert_eq!(packed::<bool>(b"\xc4\x01a"), Err("type boolean bytes".to_owned()));
}

#[test]
fn json_has_no_bytes_of_that_kind() {
    let mut r = Reader::new(r#"b"YQ==""#, 8);
    assert!(r.skip().is_err());
    let mut r = Reader::new(r#"[b"YQ=="]"#, 8);
    assert!(bytes::Bytes::decode(&mut r, &Path::root()).is_err() && r.malformed().is_some());
}

#[test]
fn long_integers_are_integers() {
    let read = |json: &str| {
        let mut r = Reader::packed(json, 8);
        decode_int64_text::<u64>(&mut r, &Path::root()).map_err(|_| r.report.violations()[0].rule)
    };
    assert_eq!(read("18446744073709551615"), Ok(u64::MAX));
    assert_eq!(read(r#""18446744073709551615""#), Ok(u64::MAX));
    assert_eq!((read("-1"), read("1.0"), read("null")), (Err("range"), Err("type"), Err("type")));
}

fn packer() -> Packer {
    let schema = r#"{"schema":1,"identity":{"is":"u64","text":true},
        "types":[
            {"name":"Blob","is":"alias","type":{"is":"bytes","len":{"max":9}}},
            {"name":"Leaf","is":"struct","fields":[{"name":"data","type":{"is":"ref","to":0}},{"name":"next","type":{"is":"ref","to":1},"optional":true}]},
            {"name":"Any","is":"enum","tag":"kind","variants":[{"name":"one","fields":[{"name":"leaf","type":{"is":"ref","to":1}}]},{"name":"two"}]},
            {"name":"Bad","is":"error","tag":"kind","variants":[{"name":"full","fields":[{"name":"left","type":{"is":"u64","text":true}}]}]},
            {"name":"Big","is":"alias","type":{"is":"u64","text":true},"text":true}
        ],
        "topics":[{"name":"a/{b}/c","presence":{"type":{"is":"ref","to":1}}}],
        "events":[{"name":"e","hash":"","fields":[{"name":"leaves","type":{"is":"list","of":{"is":"ref","to":1}}},{"name":"by","type":{"is":"map","key":{"is":"u64","text":true},"of":{"is":"ref","to":4}}},{"name":"text","type":{"is":"string"}}]}],
        "messages":[{"name":"m","hash":"","type":{"is":"ref","to":2},"reply":{"type":{"is":"ref","to":0,"nullable":true}},"stream":{"is":"i64","text":true},"error":3}]}"#;
    Packer::new(Schema::parse(schema).unwrap())
}

/// What an envelope becomes, as the text that it is read as again.
fn sent(json: &str) -> String {
    let mut out = Vec::new();
    packer().envelope(json, Some(0), &mut out).unwrap_or_else(|error| panic!("{json}: {error}"));
    unpack(&out, 32).unwrap()
}

#[test]
fn what_the_schema_calls_bytes_goes_out_as_bytes() {
    for (json, read) in [
        (
            r#"{"name":"e","payload":{"leaves":[{"data":"YQ==","next":{"data":""}}],"by":{"1":"18446744073709551615"},"text":"YQ=="}}"#,
            r#"{"name":"e","payload":{"leaves":[{"data":b"YQ==","next":{"data":b""}}],"by":{"1":18446744073709551615},"text":"YQ=="}}"#,
        ),
        (
            r#"{"name":"m","payload":{"kind":"one","leaf":{"data":"YQ=="}}}"#,
            r#"{"name":"m","payload":{"kind":"one","leaf":{"data":b"YQ=="}}}"#,
        ),
        (
            r#"{"name":"m","payload":{"kind":"new","leaf":{"data":"YQ=="}}}"#,
            r#"{"name":"m","payload":{"kind":"new","leaf":{"data":"YQ=="}}}"#,
        ),
        (r#"{"re":7,"payload":"YQ=="}"#, r#"{"re":7,"payload":b"YQ=="}"#),
        (r#"{"re":7,"payload":null}"#, r#"{"re":7,"payload":null}"#),
        (r#"{"re":7,"item":"-5"}"#, r#"{"re":7,"item":-5}"#),
        (r#"{"re":7,"done":true}"#, r#"{"re":7,"done":true}"#),
        (
            r#"{"re":null,"error":{"code":"refused","kind":"full","left":"9"}}"#,
            r#"{"re":null,"error":{"code":"refused","kind":"full","left":9}}"#,
        ),
        (
            r##"{"name":"a/c#here","payload":{"topic":"a/x/c","members":[{"who":"7","state":{"data":"YQ=="}}],"omitted":1}}"##,
            r##"{"name":"a/c#here","payload":{"topic":"a/x/c","members":[{"who":7,"state":{"data":b"YQ=="}}],"omitted":1}}"##,
        ),
        (
            r##"{"name":"a/c#left","payload":{"topic":"a/x/c","who":"7"}}"##,
            r##"{"name":"a/c#left","payload":{"topic":"a/x/c","who":7}}"##,
        ),
        (
            r#"{"name":"?","payload":{"a":[1,-1,1.5,1e3,true,false,null,"\u00e9\ud83c\udfa7"]}}"#,
            r#"{"name":"?","payload":{"a":[1,-1,1.5,1000.0,true,false,null,"é🎧"]}}"#,
        ),
    ] {
        assert_eq!(sent(json), read);
    }
}

#[test]
fn long_lists_and_objects_get_longer_headers() {
    for count in [0, 15, 16, 65_535, 65_536] {
        let items: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let json = format!(r#"{{"list":[{}]}}"#, items.join(","));
        assert_eq!(sent(&json), json);
        let members: Vec<String> = (0..count).map(|n| format!("\"{n}\":{n}")).collect();
        let json = format!(r#"{{"map":{{{}}}}}"#, members.join(","));
        assert_eq!(sent(&json), json);
    }
}

#[test]
fn only_frames_of_text_are_turned() {
    let mut json = Vec::new();
    append_frame(&mut json, Opcode::Text, |out| out.extend_from_slice(br#"{"re":1,"payload":{}}"#));
    append_frame(&mut json, Opcode::Binary, |out| out.extend_from_slice(&[0x10, 1, 2]));
    append_frame(&mut json, Opcode::Pong, |out| out.push(b'x'));
    let mut out = Vec::new();
    packer().pack(&json, None, &mut out).unwrap();
    let found: Vec<(u8, &[u8])> = frames(&out).map(|frame| (frame.opcode, frame.payload)).collect();
    assert_eq!(found, [(2, &b"\x82\xa2re\x01\xa7payload\x80"[..]), (2, &[0x10, 1, 2][..]), (10, b"x")]);
}

#[test]
fn a_frame_that_is_no_json_leaves_nothing() {
    let mut json = Vec::new();
    append_frame(&mut json, Opcode::Text, |out| out.extend_from_slice(br#"{"re":1}"#));
    append_frame(&mut json, Opcode::Text, |out| out.extend_from_slice(br#"{"re":"#));
    let mut out = b"before".to_vec();
    assert!(packer().pack(&json, None, &mut out).is_err());
    assert_eq!(out, b"before");
}
