use super::*;
use crate::encode::Encode;
use bytes::Bytes;

fn encoded<T: Encode + ?Sized>(value: &T) -> String {
    written(|out| value.encode(out))
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn strings_have_the_escapes_of_serde_json() {
    let text: String = (0..0x300).filter_map(char::from_u32).chain(['\u{2028}', '🎧']).collect();
    assert_eq!(encoded(&text), serde_json::to_string(&text).unwrap());
    assert_eq!(encoded("a\"b\\c\u{1}\n"), r#""a\"b\\c\u0001\n""#);
    assert_eq!(encoded(""), r#""""#);
}

#[test]
fn keys_put_their_own_commas() {
    let text = written(|out| {
        out.push(b'{');
        key(out, "a");
        string(out, "{");
        key(out, "b\"");
        out.push(b'{');
        key(out, "c");
        null(out);
        out.extend_from_slice(b"}}");
    });
    assert_eq!(text, r#"{"a":"{","b\"":{"c":null}}"#);
}

#[test]
fn numbers_are_written_in_full() {
    assert_eq!(encoded(&255_u8), "255");
    assert_eq!(encoded(&i32::MIN), "-2147483648");
    assert_eq!(written(|out| int_text(out, u64::MAX)), "\"18446744073709551615\"");
    assert_eq!(encoded(&0.1_f32), "0.1");
    assert_eq!(encoded(&0.1_f64), "0.1");
    assert_eq!(encoded(&1e21_f64), "1e21");
    assert_eq!(encoded(&-0.0_f64), "-0.0");
    assert_eq!(encoded(&f64::NAN), "null");
    assert_eq!(encoded(&f32::INFINITY), "null");
}

#[test]
fn bytes_of_any_length_are_padded() {
    for length in 0..10_u8 {
        let bytes: Bytes = (0..length).map(|index| index ^ 0xf0).collect();
        assert_eq!(encoded(&bytes), format!("\"{}\"", STANDARD.encode(&bytes)));
    }
}

#[test]
fn the_other_scalars_are_written_as_they_are_read() {
    assert_eq!(encoded(&Uuid::from_u128(0xab)), "\"00000000-0000-0000-0000-0000000000ab\"");
    assert_eq!(encoded(&Duration::from_micros(1_500_900)), "1500");
    assert_eq!(encoded(&Timestamp::from_millisecond(1_500).unwrap()), "\"1970-01-01T00:00:01.5Z\"");
    assert_eq!(encoded(&serde_json::json!({"a": [1, null]})), r#"{"a":[1,null]}"#);
    assert_eq!(encoded(&true), "true");
}

#[test]
fn lists_maps_and_options_nest() {
    let value = BTreeMap::from([("a".to_owned(), vec![Some(1_u8), None]), ("b".to_owned(), vec![])]);
    assert_eq!(encoded(&value), r#"{"a":[1,null],"b":[]}"#);
    assert_eq!(encoded(&vec![vec!["["], vec![]]), r#"[["["],[]]"#);
    assert_eq!(encoded(&BTreeMap::from([(3_u64, false)])), r#"{"3":false}"#);
    assert_eq!(encoded(&BTreeMap::<u8, u8>::new()), "{}");
}
