//! Newtypes: none can be made with a bad value.

use std::collections::{BTreeMap, HashMap};

use codegen_tests::full::{Anywhere, Blob, Code, Countable, Even, Huge, Level, Names, Ratio, Scores, ShortCode, Step};
use codegen_tests::{faults, read, write};

#[test]
fn text_is_checked_and_then_handy() {
    let code = Code::new("AB1").unwrap();
    assert_eq!((code.as_str(), code.len(), code.to_string()), ("AB1", 3, "AB1".to_owned()));
    assert_eq!("AB1".parse::<Code>().unwrap(), code);
    assert_eq!(Code::try_from("AB1".to_owned()).unwrap(), code);
    assert_eq!(String::from(code.clone()), "AB1");
    let error = Code::new("a").unwrap_err();
    assert_eq!(error.to_string(), "len: want 2..=8, got 1; match: want /[A-Z][A-Z0-9]*/, got a");
    let map = HashMap::from([(code, 1)]);
    assert_eq!(map.get("AB1"), Some(&1));
}

#[test]
fn an_alias_of_an_alias_keeps_both_limits() {
    assert!(ShortCode::new("ABC").is_ok());
    assert!(ShortCode::new("ABCD").is_err());
    assert!(ShortCode::new("A").is_err(), "the lower bound of the inner alias still holds");
    assert!(ShortCode::new("abc").is_err());
}

#[test]
fn numbers_are_checked() {
    assert_eq!(Level::new(31).unwrap().get(), 31);
    assert!(Level::try_from(32).is_err());
    assert!(Even::new(3).is_err() && Even::new(-10).is_ok());
    assert!(Ratio::new(f32::NAN).is_err() && Ratio::new(1.5).is_err());
    assert!(Step::new(0.3).is_ok() && Step::new(0.30001).is_err());
    assert_eq!(Level::new(3).unwrap().to_string(), "3");
}

#[test]
fn big_integers_travel_as_text_unless_their_limits_are_safe() {
    let _: Anywhere = 1_u64;
    assert_eq!(write(&Countable::new(7).unwrap()), "7");
    assert_eq!(write(&Huge::new(7).unwrap()), r#""7""#);
    assert_eq!(read(r#""7""#), Ok(Huge::new(7).unwrap()));
    assert_eq!(read::<Huge>("7").unwrap_err(), [" type want string got number"]);
    assert_eq!(read::<Huge>(r#""0""#).unwrap_err(), [" range want 1.. got 0"]);
}

#[test]
fn lists_maps_and_bytes_are_checked() {
    let names = Names::new(vec!["a".to_owned(), "b".to_owned()]).unwrap();
    assert_eq!((names.len(), names.first().map(String::as_str)), (2, Some("a")));
    assert!(Names::new(vec!["a".to_owned(), "a".to_owned()]).is_err());
    assert!(Names::new(vec!["a".to_owned(); 4]).is_err());
    let names = Names::new(vec![String::new()]);
    assert_eq!(names.unwrap_err().violations()[0].at, "/0");
    assert!(Blob::new(vec![0; 16].into()).is_ok() && Blob::new(vec![0; 17].into()).is_err());
    let code = |text| Code::new(text).unwrap();
    let scores = Scores::new(BTreeMap::from([(code("AB"), vec![1, 2])])).unwrap();
    assert_eq!(write(&scores), r#"{"AB":[1,2]}"#);
    assert!(faults(&scores).is_empty());
    assert!(Scores::new(BTreeMap::from([(code("AB"), vec![1, 2, 3])])).is_err());
    assert!(Scores::new(BTreeMap::from([(code("AB"), vec![101])])).is_err());
}
