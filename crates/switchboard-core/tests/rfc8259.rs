//! RFC 8259 by examples: what has to be taken and what has to be refused, read and skipped alike.

use serde_json::Value;
use switchboard_core::{Decode, Path, Reader};

const ACCEPTED: &[&str] = &[
    // Each type on its own.
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "\"\"",
    "\"a\"",
    "[]",
    "{}",
    // White space: exactly four characters.
    " null",
    "null ",
    "\n\r\t null\t\r\n ",
    "[ ]",
    "{ }",
    "[ 1 , 2 ]",
    "{ \"a\" : 1 , \"b\" : 2 }",
    "\r\n[\r\n]\r\n",
    // Numbers.
    "0.0",
    "0.5",
    "-0.5",
    "1.0",
    "10.01",
    "1e0",
    "1E0",
    "1e+0",
    "1e-0",
    "1e5",
    "1E-5",
    "0e0",
    "0e+1",
    "0.0e-1",
    "-0e0",
    "1.5e300",
    "123456789012345678901234567890",
    "1e308",
    "1e-400",
    "0.00000000000000000000000000000001",
    "9007199254740993",
    "18446744073709551616",
    "-9223372036854775809",
    "1e00000000000000000001",
    "-1.25E+2",
    // Strings.
    "\"abc\"",
    "\" \"",
    "\"é\"",
    "\"漢字\"",
    "\"🎧\"",
    "\"\u{7f}\"",
    "\"\u{80}\"",
    "\"\u{2028}\u{2029}\"",
    "\"\u{feff}\"",
    "\"\u{ffff}\"",
    "\"\u{10ffff}\"",
    r#""\"""#,
    r#""\\""#,
    r#""\/""#,
    r#""\b\f\n\r\t""#,
    r#""\u0000""#,
    r#""\u0041""#,
    r#""\u00E9""#,
    r#""\u00e9""#,
    r#""\uD83C\uDFA7""#,
    r#""\ud83c\udfa7""#,
    r#""\uFFFF""#,
    r#""\uDBFF\uDFFF""#,
    r#""\u005C\u005c\u0022""#,
    r#""a\u0062c\n""#,
    "\"/\"",
    "\"'\"",
    "\"<script>\"",
    "\"//not a comment\"",
    r#""\\u0000""#,
    r#""\\\"""#,
    "\"12345678\"",
    "\"1234567\\n\"",
    "\"12345678\\n12345678\\n1\"",
    // Arrays.
    "[1]",
    "[1,2]",
    "[[]]",
    "[[],[]]",
    "[null,true,0,\"\",[],{}]",
    "[[[[[[[[1]]]]]]]]",
    "[-0,0,-0.0]",
    "[\"]\"]",
    "[\"a\",\"\\\"]\"]",
    "[{}]",
    "[1\n]",
    // Objects.
    "{\"\":0}",
    "{\"a\":1}",
    "{\"a\":1,\"b\":2}",
    "{\"a\":{\"a\":{\"a\":{}}}}",
    "{\"a\":[{\"b\":[{}]}]}",
    r#"{"\u0061":1}"#,
    r#"{"\"":1}"#,
    "{\"a\\u0000b\":null}",
    "{\"__proto__\":1,\"constructor\":2}",
    "{\"}\":\"{\"}",
    "{\"é\":1}",
    "{\"a\":\"b\",\"c\":[1,2,{\"d\":null}],\"e\":{}}",
    "{\"name\":1,\"id\":2,\"payload\":3}",
];

const REFUSED: &[&str] = &[
    // Nothing, or no value.
    "",
    " ",
    "\n",
    "\u{feff}",
    "\u{feff}null",
    "\u{feff}{}",
    "a",
    "nul",
    "nulll",
    "null null",
    "NULL",
    "Null",
    "nil",
    "undefined",
    "tru",
    "truee",
    "True",
    "TRUE",
    "fals",
    "falsey",
    "NaN",
    "Infinity",
    "-Infinity",
    "inf",
    "*",
    "\\",
    ",",
    ":",
    "]",
    "}",
    "'a'",
    "`a`",
    "a\"b\"",
    "<null>",
    "\u{0}",
    "null\u{0}",
    "\u{a0}null",
    "null\u{2028}",
    "\u{b}null",
    "\u{c}null",
    // Two documents, trailing bytes, comments.
    "1 2",
    "{} {}",
    "[] []",
    "null,",
    "{},",
    "[]]",
    "{}}",
    "1;",
    "null // no",
    "/* no */ null",
    "# no\nnull",
    "null/",
    "\"a\" \"b\"",
    "\"a\"b",
    "{}\u{feff}",
    "[1]x",
    // Numbers.
    "+1",
    "-",
    "--1",
    "-+1",
    "01",
    "-01",
    "00",
    "-00",
    "007",
    "1.",
    "-1.",
    ".5",
    "-.5",
    "1.e5",
    ".e5",
    "1e",
    "1E",
    "1e+",
    "1e-",
    "1e5.5",
    "1.5.5",
    "1ee5",
    "1e+-5",
    "0x10",
    "0b1",
    "0o7",
    "1_000",
    "1,000",
    "1 000",
    "1a",
    "12n",
    "1f",
    "٣",
    "１",
    "0e",
    "- 1",
    "1e400",
    "-1e400",
    "1.0e309",
    "1e99999999999999999999",
    "-1.",
    "0.e1",
    "2.",
    "1.2.",
    "0.1.2",
    "e5",
    "1/2",
    "∞",
    "1 e5",
    "0-1",
    // Strings.
    "\"",
    "\"a",
    "\"\\\"",
    "\"a\\",
    "\"\\\\\\\"",
    "\"\n\"",
    "\"\t\"",
    "\"\r\"",
    "\"\u{0}\"",
    "\"\u{1f}\"",
    "\"a\u{1}b\"",
    "\"12345678\u{2}\"",
    "\"1234567\n",
    r#""\x41""#,
    r#""\a""#,
    r#""\'""#,
    r#""\0""#,
    r#""\v""#,
    r#""\e""#,
    r#""\U0041""#,
    r#""\u""#,
    r#""\u0""#,
    r#""\u00""#,
    r#""\u004""#,
    r#""\u004g""#,
    r#""\u+041""#,
    r#""\u 041""#,
    r#""\u00é""#,
    r#""\u{41}""#,
    "\"\\u",
    "\"\\u12",
    "\"\\",
    "\"\\é\"",
    "\"\\🎧\"",
    "\"\\\n\"",
    // Surrogates by themselves or in the wrong order.
    r#""\ud800""#,
    r#""\udbff""#,
    r#""\udc00""#,
    r#""\udfff""#,
    r#""\ud800\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud800a""#,
    r#""\ud800\n""#,
    r#""\ud800\u0041""#,
    r#""\ud800\\udc00""#,
    r#""\ud800\u""#,
    r#""\ud800\udc0""#,
    r#""\ud800 \udc00""#,
    // Arrays.
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "[1:2]",
    "[1}",
    "[\"a\" \"b\"]",
    "[1]]",
    "[[1]",
    "[1;2]",
    "[a]",
    "[1,\n",
    "[\"a\",",
    "[-]",
    "[1.]",
    "[01]",
    "[\u{b}]",
    "[null",
    "[nul]",
    "[tru]",
    "[1],",
    "[{]}",
    "[...]",
    // Objects.
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{,\"a\":1}",
    "{\"a\"}",
    "{\"a\" 1}",
    "{\"a\",1}",
    "{\"a\":}",
    "{:1}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{true:1}",
    "{[]:1}",
    "{{}:1}",
    "{\"a\"::1}",
    "{\"a\":1:2}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1;\"b\":2}",
    "{\"a\":1]",
    "{\"a\":1}}",
    "{\"a\":1,,\"b\":2}",
    "{\"a\"=1}",
    "{\"a\n\":1}",
    "{\"\\ud800\":1}",
    "{\"a\":tru}",
    "{\"a\":01}",
    "{\"a\":1}{",
    "{\"a\":'1'}",
    "{\"a\":1,\"b\"}",
    "{\"a\":1 , }",
    "{\"\\x\":1}",
    "{\"a\":1e400}",
    "[1e400]",
    "{\"a\":{\"b\":[1,{\"c\":}]}}",
];

const DEPTH: usize = 32;

fn skipped(text: &str) -> Result<(), Option<(usize, &'static str)>> {
    let mut r = Reader::new(text, DEPTH);
    let verdict = r.skip().and_then(|()| r.finish());
    assert!(r.report.is_empty(), "skipping finds no violations: {text:?}");
    verdict.map_err(|_| r.malformed())
}

fn read(text: &str) -> Option<Value> {
    let mut r = Reader::new(text, DEPTH);
    let value = Value::decode(&mut r, &Path::root()).ok()?;
    r.finish().ok()?;
    r.report.is_empty().then_some(value)
}

#[test]
fn the_table_is_large_enough_to_mean_something() {
    assert!(ACCEPTED.len() + REFUSED.len() >= 300, "{} + {}", ACCEPTED.len(), REFUSED.len());
}

#[test]
fn what_the_rfc_allows_is_taken() {
    for text in ACCEPTED {
        assert_eq!(skipped(text), Ok(()), "skipping {text:?}");
        assert!(read(text).is_some(), "reading {text:?}");
    }
}

#[test]
fn what_the_rfc_forbids_is_refused() {
    for text in REFUSED {
        assert!(skipped(text).is_err(), "skipping {text:?}");
        assert!(read(text).is_none(), "reading {text:?}");
    }
}

#[test]
fn every_refusal_says_where_and_why() {
    for text in REFUSED {
        let (position, why) = skipped(text).unwrap_err().expect("a reason");
        assert!(position <= text.len(), "{text:?}: {position}");
        assert!(why.len() > 5 && why.len() < 60, "{text:?}: {why}");
    }
}

#[test]
fn every_beginning_of_a_text_is_refused() {
    let text = r#"{"a":[1.5e3,"x\u0041\ud83c\udfa7",{"b":null}],"c":false}"#;
    assert_eq!(skipped(text), Ok(()));
    for end in 0..text.len() {
        assert!(skipped(&text[..end]).is_err(), "{}", &text[..end]);
        assert!(read(&text[..end]).is_none(), "{}", &text[..end]);
    }
}

#[test]
fn serde_json_agrees_with_the_whole_table() {
    for text in ACCEPTED {
        assert!(serde_json::from_str::<Value>(text).is_ok(), "{text:?}");
    }
    for text in REFUSED {
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text:?}");
    }
}

#[test]
fn nesting_is_taken_to_the_depth_and_refused_one_beyond() {
    for depth in [1, 31, 32, 33, 128, 1000, 100_000] {
        let lists = "[".repeat(depth) + &"]".repeat(depth);
        let objects = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        for text in [lists, objects] {
            let fits = depth <= DEPTH;
            assert_eq!(skipped(&text).is_ok(), fits, "{depth}");
            assert_eq!(read(&text).is_some(), fits, "{depth}");
        }
    }
}

#[test]
fn siblings_do_not_add_up_to_depth() {
    let text = format!("[{}]", vec!["[{\"a\":[]}]"; 1000].join(","));
    assert_eq!(skipped(&text), Ok(()));
    assert!(read(&text).is_some());
}

#[test]
fn the_greatest_depth_is_128_whatever_is_asked() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Reader::new(&nested(128), usize::MAX).skip().is_ok());
    assert!(Reader::new(&nested(129), usize::MAX).skip().is_err());
}

#[test]
fn a_key_that_comes_twice_in_a_json_value_is_a_violation() {
    let mut r = Reader::new(r#"{"a":{"b":1,"\u0062":2},"c":[{"x":1},{"x":1}]}"#, DEPTH);
    assert!(Value::decode(&mut r, &Path::root()).is_err());
    assert_eq!(r.finish(), Ok(()));
    let violations = r.report.violations();
    assert_eq!(violations.len(), 1);
    assert_eq!((violations[0].at.as_str(), violations[0].rule), ("/a/b", "duplicate_key"));
}
