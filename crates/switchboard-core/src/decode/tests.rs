use super::*;
use crate::encode::Encode;
use serde_json::{Value, json};

/// The value, or the rule and what is wanted of the only violation.
fn decoded<T: Decode>(text: &str) -> Result<T, (&'static str, String)> {
    read_with(text, T::decode)
}

fn read_with<T>(
    text: &str,
    read: impl FnOnce(&mut Reader<'_>, &Path<'_>) -> Decoded<T>,
) -> Result<T, (&'static str, String)> {
    let mut r = Reader::new(text, 16);
    let value = read(&mut r, &Path::root());
    assert_ne!(value.as_ref().err(), Some(&Fault::Malformed), "{text}: {:?}", r.malformed());
    assert_eq!(r.finish(), Ok(()), "{text}: the reader stands behind the value");
    value.map_err(|_| {
        let [violation] = r.report.violations() else { panic!("{text}: {:?}", r.report) };
        (violation.rule, violation.want.to_string())
    })
}

fn rule<T: Decode + std::fmt::Debug>(text: &str) -> &'static str {
    decoded::<T>(text).unwrap_err().0
}

#[test]
fn integers_are_taken_to_their_bounds_and_no_further() {
    assert_eq!(decoded::<u8>("255"), Ok(255));
    assert_eq!(decoded::<u8>("256"), Err(("range", "0..=255".into())));
    assert_eq!(rule::<u8>("-1"), "range");
    assert_eq!(decoded::<i8>("-128"), Ok(-128));
    assert_eq!(rule::<i8>("-129"), "range");
    assert_eq!(rule::<i8>("128"), "range");
    assert_eq!(decoded::<u16>("65535"), Ok(65535));
    assert_eq!(rule::<u16>("65536"), "range");
    assert_eq!(decoded::<i16>("-32768"), Ok(-32768));
    assert_eq!(decoded::<u32>("4294967295"), Ok(u32::MAX));
    assert_eq!(rule::<u32>("4294967296"), "range");
    assert_eq!(decoded::<i32>("-2147483648"), Ok(i32::MIN));
    assert_eq!(rule::<i32>("2147483648"), "range");
}

#[test]
fn an_integer_far_out_of_range_is_neither_wrapped_nor_rounded() {
    for text in ["18446744073709551616", "18446744073709551871", "-18446744073709551617", &"9".repeat(5000)] {
        assert_eq!(rule::<u8>(text), "range", "{text}");
        assert_eq!(rule::<i32>(text), "range", "{text}");
    }
}

#[test]
fn minus_zero_is_zero() {
    assert_eq!(decoded::<u8>("-0"), Ok(0));
    assert_eq!(decoded::<i32>("-0"), Ok(0));
    assert_eq!(read_with("-0", decode_int64_number::<u64>), Ok(0));
}

#[test]
fn a_number_with_point_or_exponent_is_no_integer() {
    for text in ["1.0", "5e0", "1E2", "-0.0"] {
        assert_eq!(decoded::<u8>(text), Err(("type", "integer".into())), "{text}");
    }
    assert_eq!(decoded::<u8>("1e400"), Err(("range", "a finite number".into())));
}

#[test]
fn another_type_names_what_is_wanted() {
    assert_eq!(decoded::<u8>("\"1\""), Err(("type", "integer".into())));
    assert_eq!(decoded::<f64>("[1]"), Err(("type", "number".into())));
    assert_eq!(decoded::<bool>("1"), Err(("type", "boolean".into())));
    assert_eq!(decoded::<String>("null"), Err(("type", "string".into())));
    assert_eq!(decoded::<Uuid>("{}"), Err(("type", "string".into())));
    assert_eq!(decoded::<Vec<u8>>("{}"), Err(("type", "array".into())));
    assert_eq!(decoded::<Duration>("\"1s\""), Err(("type", "integer".into())));
}

#[test]
fn floats_are_finite_after_reading() {
    assert_eq!(decoded::<f32>("1.5"), Ok(1.5));
    assert_eq!(decoded::<f64>("1"), Ok(1.0));
    assert_eq!(decoded::<f64>("1e-400"), Ok(0.0));
    assert_eq!(decoded::<f32>("1e39"), Err(("range", "a finite f32".into())));
    assert_eq!(decoded::<f64>("1e39"), Ok(1e39));
    assert_eq!(decoded::<f64>("-1e400"), Err(("range", "a finite f64".into())));
}

#[test]
fn an_f32_is_rounded_once() {
    // Halfway between two f32 once rounded to f64, above halfway as written.
    let text = "1.00000017881393432617187499";
    assert_eq!(decoded::<f32>(text), Ok(text.parse().unwrap()));
}

#[test]
fn int64_numbers_stay_in_the_safe_range() {
    const EDGE: &str = "9007199254740991";
    assert_eq!(read_with(EDGE, decode_int64_number::<u64>), Ok(SAFE_INTEGER));
    assert_eq!(read_with(&format!("-{EDGE}"), decode_int64_number::<i64>), Ok(-(SAFE_INTEGER as i64)));
    assert_eq!(read_with("9007199254740992", decode_int64_number::<u64>), Err(("range", u64::SAFE.into())));
    assert_eq!(read_with("-9007199254740992", decode_int64_number::<i64>), Err(("range", i64::SAFE.into())));
    assert_eq!(read_with("-1", decode_int64_number::<u64>), Err(("range", u64::SAFE.into())));
}

#[test]
fn int64_texts_are_canonical_and_use_the_whole_range() {
    assert_eq!(read_with("\"18446744073709551615\"", decode_int64_text::<u64>), Ok(u64::MAX));
    assert_eq!(read_with("\"-9223372036854775808\"", decode_int64_text::<i64>), Ok(i64::MIN));
    assert_eq!(read_with("\"0\"", decode_int64_text::<i64>), Ok(0));
    for text in ["", "-", "+1", "01", "-0", "00", " 1", "1 ", "1.0", "1e3", "0x1", "١", "1_0"] {
        let quoted = format!("\"{text}\"");
        assert_eq!(read_with(&quoted, decode_int64_text::<i64>).unwrap_err().0, "format", "{text:?}");
    }
    assert_eq!(read_with("\"18446744073709551616\"", decode_int64_text::<u64>).unwrap_err().0, "range");
    assert_eq!(read_with("\"-1\"", decode_int64_text::<u64>).unwrap_err().0, "range");
    assert_eq!(read_with("1", decode_int64_text::<u64>).unwrap_err().0, "type");
}

#[test]
fn uuids_are_hyphenated() {
    let uuid = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    assert_eq!(decoded("\"01234567-89ab-cdef-0123-456789abcdef\""), Ok(uuid));
    assert_eq!(decoded("\"01234567-89AB-CDEF-0123-456789ABCDEF\""), Ok(uuid));
    for text in [
        "",
        "0123456789abcdef0123456789abcdef",
        "{01234567-89ab-cdef-0123-456789abcdef}",
        "urn:uuid:01234567-89ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123-456789abcdeg",
        "012345678-9ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123-456789abcdé",
        "0123456789abcdef0123456789abcdef    ",
    ] {
        assert_eq!(rule::<Uuid>(&format!("\"{text}\"")), "format", "{text}");
    }
}

#[test]
fn timestamps_are_rfc_3339_in_utc() {
    for text in [
        "1970-01-01T00:00:00Z",
        "2026-02-28T23:59:59.9Z",
        "2024-02-29T00:00:00.123456789Z",
        "0000-01-01T00:00:00Z",
        "9999-12-30T21:59:59Z",
    ] {
        let timestamp: Timestamp = text.parse().unwrap();
        assert_eq!(decoded(&format!("\"{text}\"")), Ok(timestamp), "{text}");
        let mut out = Vec::new();
        timestamp.encode(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("\"{text}\""));
    }
}

#[test]
fn what_is_not_quite_a_timestamp_is_refused() {
    for text in [
        "",
        "now",
        "2026-05-04",
        "2026-05-04T09:00Z",
        "2026-05-04T09:00:00",
        "2026-05-04T09:00:00z",
        "2026-05-04t09:00:00Z",
        "2026-05-04 09:00:00Z",
        "2026-05-04T09:00:00+00:00",
        "2026-05-04T09:00:00+02:00",
        "2026-05-04T09:00:00.Z",
        "2026-05-04T09:00:00,5Z",
        "2026-05-04T09:00:00.1234567891Z",
        "2026-05-04T24:00:00Z",
        "2026-05-04T09:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-05-04T09:00:00Z[UTC]",
        "2026-05-04T09:00:00ZZ",
        "+002026-05-04T09:00:00Z",
        "20260504T090000Z",
        "２026-05-04T09:00:00Z",
    ] {
        assert_eq!(rule::<Timestamp>(&format!("\"{text}\"")), "format", "{text}");
    }
}

#[test]
fn durations_are_whole_milliseconds() {
    assert_eq!(decoded("1500"), Ok(Duration::from_millis(1500)));
    assert_eq!(decoded("9007199254740991"), Ok(Duration::from_millis(SAFE_INTEGER)));
    assert_eq!(rule::<Duration>("9007199254740992"), "range");
    assert_eq!(rule::<Duration>("-1"), "range");
    assert_eq!(rule::<Duration>("1.5"), "type");
}

#[test]
fn bytes_are_padded_standard_base64() {
    assert_eq!(decoded("\"\""), Ok(Bytes::new()));
    assert_eq!(decoded("\"+/8=\""), Ok(Bytes::from_static(&[0xfb, 0xff])));
    assert_eq!(decoded(r#""\u002b\/8=""#), Ok(Bytes::from_static(&[0xfb, 0xff])));
    for text in ["A", "AA", "AAA", "-_8=", "AB==", "AA=", "AA==\\n", "AA == ", "AAAA=", "AAAA====", "é"] {
        assert_eq!(rule::<Bytes>(&format!("\"{text}\"")), "format", "{text}");
    }
}

#[test]
fn json_is_any_value() {
    let text = r#" {"a":[1,-2,2.5,18446744073709551615,"x\n",true,null,{}],"b":{"c":[]}} "#;
    let value = json!({"a":[1,-2,2.5,18446744073709551615_u64,"x\n",true,null,{}],"b":{"c":[]}});
    assert_eq!(decoded::<Value>(text), Ok(value));
    assert_eq!(decoded::<Value>("[1e400]"), Err(("range", "a finite number".into())));
}

#[test]
fn a_list_collects_all_that_is_wrong_in_it() {
    let mut r = Reader::new(r#"[1,"2",3,400,[]]"#, 8);
    assert_eq!(Vec::<u8>::decode(&mut r, &Path::root().key("list")), Err(Fault::Invalid));
    r.finish().unwrap();
    let at: Vec<&str> = r.report.violations().iter().map(|violation| &*violation.at).collect();
    assert_eq!(at, ["/list/1", "/list/3", "/list/4"]);
}

#[test]
fn a_map_reads_its_keys() {
    let read = |r: &mut Reader<'_>, at: &Path<'_>| map(r, at, u16::decode_key, bool::decode);
    assert_eq!(read_with(r#"{"7":true,"0":false}"#, read), Ok(BTreeMap::from([(0, false), (7, true)])));
    assert_eq!(read_with(r#"{"07":true}"#, read).unwrap_err().0, "format");
    assert_eq!(read_with(r#"{"65536":true}"#, read).unwrap_err().0, "range");
    assert_eq!(read_with(r#"{"7":true,"7":false}"#, read).unwrap_err().0, "duplicate_key");
    assert_eq!(read_with("{}", read), Ok(BTreeMap::new()));
}

#[test]
fn a_map_collects_violations_of_keys_and_values() {
    let mut r = Reader::new(r#"{"x":1,"a/b":2,"3":"c"}"#, 8);
    assert!(map(&mut r, &Path::root(), u8::decode_key, bool::decode).is_err());
    r.finish().unwrap();
    let found: Vec<_> = r.report.violations().iter().map(|violation| (&*violation.at, violation.rule)).collect();
    let expected = [("/x", "format"), ("/x", "type"), ("/a~1b", "format"), ("/a~1b", "type"), ("/3", "type")];
    assert_eq!(found, expected);
}

#[test]
fn keys_that_differ_only_in_their_escapes_are_one() {
    let read = |r: &mut Reader<'_>, at: &Path<'_>| map(r, at, String::decode_key, u8::decode);
    assert_eq!(read_with(r#"{"a":1,"\u0061":2}"#, read).unwrap_err().0, "duplicate_key");
}

#[test]
fn keys_are_written_as_they_are_read() {
    fn round_trip<K: Key + std::fmt::Debug>(key: K) {
        let map_of_one = BTreeMap::from([(key, 1_u8)]);
        let mut out = Vec::new();
        map_of_one.encode(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(read_with(&text, |r, at| map(r, at, K::decode_key, u8::decode)), Ok(map_of_one), "{text}");
    }
    round_trip("a\"\n🎧".to_owned());
    round_trip(u64::MAX);
    round_trip(i64::MIN);
    round_trip(0_u8);
    round_trip(-7_i8);
    round_trip(Uuid::from_u128(7));
    round_trip(Timestamp::UNIX_EPOCH);
}

#[test]
fn null_is_none_where_it_may_be() {
    assert_eq!(read_with("null", |r, at| nullable(r, at, u8::decode)), Ok(None));
    assert_eq!(read_with("1", |r, at| nullable(r, at, u8::decode)), Ok(Some(1)));
    assert_eq!(read_with("\"\"", |r, at| nullable(r, at, u8::decode)).unwrap_err().0, "type");
}

#[test]
fn dates_are_full_dates_of_the_calendar() {
    for text in ["2026-05-04", "2024-02-29", "0000-01-01", "9999-12-31"] {
        let date: jiff::civil::Date = decoded(&format!("\"{text}\"")).unwrap();
        let mut out = Vec::new();
        date.encode(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("\"{text}\""));
    }
    for text in [
        "",
        "2026-5-4",
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "20260504",
        "2026-05-04Z",
        "2026-05-04T00:00:00Z",
        "-2026-05-04",
        "+002026-05",
        "2026/05/04",
        "２026-05-04",
        "202é-05-4",
    ] {
        assert_eq!(rule::<jiff::civil::Date>(&format!("\"{text}\"")), "format", "{text}");
    }
}

#[test]
fn addresses_are_of_either_version() {
    for (text, written) in [
        ("192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
    ] {
        let address: std::net::IpAddr = decoded(&format!("\"{text}\"")).unwrap();
        let mut out = Vec::new();
        address.encode(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("\"{written}\""));
    }
    for text in ["", "192.0.2", "192.0.02.1", "256.0.0.1", "1.2.3.4.5", "fe80::1%eth0", "[::1]", "::1/128", ":", "1"] {
        assert_eq!(rule::<std::net::IpAddr>(&format!("\"{text}\"")), "format", "{text}");
    }
}

#[test]
fn what_stands_before_a_tag_may_have_numbers_of_any_size() {
    let mut r = Reader::new(r#"{"a":1e400,"kind":"x"}"#, 8);
    r.object(&Path::root()).unwrap();
    assert_eq!(r.peek_tag("kind").unwrap().as_deref(), Some("x"));
    assert_eq!(r.next_key().unwrap().as_deref(), Some("a"));
    assert!(f64::decode(&mut r, &Path::root()).is_err());
    assert_eq!(r.report.violations()[0].rule, "range");
}
