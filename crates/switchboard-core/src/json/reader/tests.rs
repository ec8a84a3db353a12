use super::*;
use crate::report::Violation;

fn violations(r: &Reader<'_>) -> Vec<(String, &'static str, String, String)> {
    let show = |v: &Violation| (v.at.clone(), v.rule, v.want.to_string(), v.got.clone());
    r.report.violations().iter().map(show).collect()
}

#[test]
fn a_value_of_another_type_is_skipped_and_reading_goes_on() {
    let mut r = Reader::new(r#"[{"a":[1]}, [2,3], "x", 4, true, null]"#, 8);
    let at = Path::root();
    r.array(&at).unwrap();
    let mut index = 0;
    while r.next_item().unwrap() {
        let at = at.index(index);
        let fault = if index == 2 { r.array(&at).unwrap_err() } else { r.string(&at).unwrap_err() };
        assert_eq!(fault, Fault::Invalid);
        index += 1;
    }
    r.finish().unwrap();
    let got: Vec<String> = violations(&r).into_iter().map(|(_, _, _, got)| got).collect();
    assert_eq!(got, ["object", "array", "string", "number", "boolean", "null"]);
    assert_eq!(violations(&r)[2], ("/2".into(), "type", "array".into(), "string".into()));
}

#[test]
fn something_that_is_no_value_is_malformed_even_where_a_type_was_wanted() {
    for text in ["x", "", "]", "nul", "tru", "{\"a\"}", "\"\\q\""] {
        let mut r = Reader::new(text, 8);
        assert_eq!(r.array(&Path::root()), Err(Fault::Malformed), "{text}");
        assert!(r.malformed().is_some());
        assert!(r.report.is_empty());
    }
}

#[test]
fn malformed_says_where_in_bytes_and_why() {
    let mut r = Reader::new("[1,\"é\" 2]", 8);
    assert_eq!(r.skip(), Err(Fault::Malformed));
    assert_eq!(r.malformed(), Some((8, "expected `,` or `]`")));
}

#[test]
fn the_first_reason_stands() {
    let mut r = Reader::new("[01]", 8);
    assert!(r.skip().is_err());
    let first = r.malformed();
    assert!(r.finish().is_err());
    assert_eq!(r.malformed(), first);
}

#[test]
fn null_is_eaten_only_if_it_is_there() {
    let mut r = Reader::new("[null,nul]", 8);
    r.array(&Path::root()).unwrap();
    assert!(r.next_item().unwrap() && r.null());
    assert!(r.next_item().unwrap() && !r.null());
    assert_eq!(r.string(&Path::root()), Err(Fault::Malformed));
}

#[test]
fn a_tag_is_found_wherever_it_stands_and_nothing_moves() {
    for text in [r#"{"kind":"a","n":[1]}"#, r#"{ "n" : [1,{"kind":"b"}] , "\u006bind":"\u0061" }"#] {
        let mut r = Reader::new(text, 8);
        let at = Path::root();
        r.object(&at).unwrap();
        let position = r.position();
        assert_eq!(r.peek_tag("kind").unwrap().as_deref(), Some("a"));
        assert_eq!(r.position(), position);
        let mut keys = Vec::new();
        while let Some(key) = r.next_key().unwrap() {
            keys.push(key.into_owned());
            r.skip().unwrap();
        }
        keys.sort();
        assert_eq!(keys, ["kind", "n"]);
        r.finish().unwrap();
    }
}

#[test]
fn a_missing_tag_is_none_and_a_broken_text_is_malformed() {
    for text in ["{}", r#"{"kind":1}"#, r#"{"sort":"a"}"#] {
        let mut r = Reader::new(text, 8);
        r.object(&Path::root()).unwrap();
        assert_eq!(r.peek_tag("kind"), Ok(None), "{text}");
        while r.next_key().unwrap().is_some() {
            r.skip().unwrap();
        }
        r.finish().unwrap();
    }
    let mut r = Reader::new(r#"{"a":1,}"#, 8);
    r.object(&Path::root()).unwrap();
    assert_eq!(r.peek_tag("kind"), Err(Fault::Malformed));
}

#[test]
fn an_unknown_key_is_named_and_its_value_checked() {
    let mut r = Reader::new("[1] [1,]", 8);
    let at = Path::root();
    r.unknown_key(&at.key("a"), "~b").unwrap();
    assert_eq!(violations(&r), [("/a/~0b".into(), "unknown_key", "a known key".into(), "~b".into())]);
    assert_eq!(r.unknown_key(&at, "c"), Err(Fault::Malformed));
}

#[test]
fn an_unknown_key_is_cut_to_64_characters() {
    let mut r = Reader::new("1", 8);
    r.unknown_key(&Path::root(), &"k".repeat(30_000)).unwrap();
    assert_eq!(r.report.violations()[0].got, "k".repeat(64));
    assert_eq!(r.report.violations()[0].at.len(), 65);
}

#[test]
fn the_envelope_can_be_hidden_at_the_outermost_level_only() {
    let mut r = Reader::new(r#"{"name":"x","a":{"id":1},"n\u0061me":2,"id":{"b":[]},"b":2}"#, 8);
    r.hide_envelope();
    let at = Path::root();
    r.object(&at).unwrap();
    assert_eq!(r.next_key().unwrap().as_deref(), Some("a"));
    r.object(&at).unwrap();
    assert_eq!(r.next_key().unwrap().as_deref(), Some("id"));
    r.skip().unwrap();
    assert_eq!(r.next_key().unwrap(), None);
    assert_eq!(r.next_key().unwrap().as_deref(), Some("b"));
    r.skip().unwrap();
    assert_eq!(r.next_key().unwrap(), None);
    r.finish().unwrap();
}

#[test]
fn misuse_neither_panics_nor_loops() {
    let mut r = Reader::new("}", 0);
    assert_eq!(r.next_key(), Ok(None));
    assert_eq!(r.next_key(), Err(Fault::Malformed));
    assert_eq!(Reader::new("{}", 0).object(&Path::root()), Err(Fault::Malformed));
}
