use super::*;

/// Whether it holds, which must be the same as whether nothing is reported; with the rule and what came.
fn verdict(check: impl FnOnce(&mut Report, &Path<'_>) -> bool) -> Result<(), (&'static str, String)> {
    let mut report = Report::new();
    let holds = check(&mut report, &Path::root());
    assert_eq!(holds, report.is_empty());
    match report.violations() {
        [] => Ok(()),
        [violation] => Err((violation.rule, violation.got.clone())),
        more => panic!("{more:?}"),
    }
}

#[test]
fn lengths_include_both_bounds() {
    let check = |n| verdict(|report, at| len(report, at, n, 3, Some(5), "3..=5"));
    assert_eq!(check(2), Err(("len", "2".into())));
    assert_eq!((check(3), check(5)), (Ok(()), Ok(())));
    assert_eq!(check(6), Err(("len", "6".into())));
    assert_eq!(verdict(|report, at| len(report, at, usize::MAX, 0, None, "0..")), Ok(()));
}

#[test]
fn text_is_counted_in_characters_at_the_bound_and_one_beyond() {
    for piece in ["a", "é", "漢", "🎧", "e\u{301}"] {
        let size = piece.chars().count();
        for (count, fits) in [(7, false), (8, true), (32, true), (33, false)] {
            let text: String = piece.chars().cycle().take(count).collect();
            let result = verdict(|report, at| text_len(report, at, &text, 8, Some(32), "8..=32"));
            assert_eq!(result.is_ok(), fits, "{count} of {piece} ({size})");
        }
    }
    assert_eq!(verdict(|report, at| text_len(report, at, "éé", 3, None, "3..")), Err(("len", "2".into())));
    assert_eq!(verdict(|report, at| text_len(report, at, "", 0, Some(0), "0")), Ok(()));
}

#[test]
fn ranges_include_both_bounds() {
    let check = |value: i64| verdict(|report, at| int(report, at, value, Some(-1), Some(1), "-1..=1"));
    assert_eq!((check(-1), check(0), check(1)), (Ok(()), Ok(()), Ok(())));
    assert_eq!(check(2), Err(("range", "2".into())));
    assert_eq!(check(i64::MIN), Err(("range", i64::MIN.to_string())));
    assert_eq!(verdict(|report, at| int(report, at, u64::MAX, Some(0), None, "0..")), Ok(()));
}

#[test]
fn a_float_bound_is_of_the_floats_own_type() {
    assert_eq!(verdict(|report, at| float(report, at, 0.1_f32, None, Some(0.1), "..=0.1")), Ok(()));
    assert_eq!(verdict(|report, at| float(report, at, 0.1_f64, Some(0.1), None, "0.1..")), Ok(()));
    assert_eq!(
        verdict(|report, at| float(report, at, 12.5_f32, Some(-60.0), Some(12.0), "")),
        Err(("range", "12.5".into()))
    );
}

#[test]
fn no_float_that_is_not_finite_holds() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(verdict(|report, at| float(report, at, value, None, None, "finite")).unwrap_err().0, "range");
    }
}

#[test]
fn multiples_are_exact_for_integers_and_near_enough_for_floats() {
    assert_eq!(verdict(|report, at| multiple_of_int(report, at, 15_u8, 5, "5")), Ok(()));
    assert_eq!(verdict(|report, at| multiple_of_int(report, at, -15_i8, 5, "5")), Ok(()));
    assert_eq!(verdict(|report, at| multiple_of_int(report, at, 16_u8, 5, "5")).unwrap_err().0, "multiple_of");
    for count in 0..1000 {
        let value = f64::from(count) * 0.1;
        assert_eq!(verdict(|report, at| multiple_of_float(report, at, value, 0.1, "0.1")), Ok(()), "{value}");
        let narrow = count as f32 * 0.1;
        assert_eq!(verdict(|report, at| multiple_of_float(report, at, narrow, 0.1, "0.1")), Ok(()), "{narrow}");
        let between = value + 0.01;
        assert!(verdict(|report, at| multiple_of_float(report, at, between, 0.1, "0.1")).is_err(), "{between}");
    }
    assert!(verdict(|report, at| multiple_of_float(report, at, f64::NAN, 0.5, "0.5")).is_err());
}

#[test]
fn patterns_and_classes_are_the_rule_match() {
    static NAME: std::sync::LazyLock<Regex> = std::sync::LazyLock::new(|| Regex::new(r"\A(?:[a-z]+)\z").unwrap());
    let mut table = [false; 256];
    (b'a'..=b'z').for_each(|byte| table[usize::from(byte)] = true);
    for (text, fits) in [("abc", true), ("aBc", false), ("abc\n", false), ("é", false)] {
        let by_pattern = verdict(|report, at| pattern(report, at, text, &NAME, "/^[a-z]+$/"));
        let by_class = verdict(|report, at| class(report, at, text, &table, "/^[a-z]+$/"));
        assert_eq!(by_pattern, by_class);
        assert_eq!(by_pattern, if fits { Ok(()) } else { Err(("match", text.into())) });
    }
}

#[test]
fn equal_items_are_found_in_short_and_long_lists() {
    for length in [0_u32, 1, 2, 8, 9, 1000] {
        let mut items: Vec<u32> = (0..length).collect();
        assert_eq!(verdict(|report, at| unique(report, at, &items)), Ok(()), "{length}");
        if length > 1 {
            items[length as usize - 1] = 0;
            let again = format!("item {} again", length - 1);
            assert_eq!(verdict(|report, at| unique(report, at, &items)), Err(("unique", again)));
        }
    }
    let floats = [0.5_f64, 1.0, 0.5];
    assert!(verdict(|report, at| unique_by(report, at, &floats, |float| float.to_bits())).is_err());
}

#[test]
fn a_bound_that_is_shut_out_is_not_reached() {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let mut report = Report::new();
    let mut between = |value: f64, min, max| float_between(&mut report, &Path::root(), value, min, max, ">0");
    assert!(between(f64::MIN_POSITIVE, Excluded(0.0), Included(1.0)));
    assert!(!between(0.0, Excluded(0.0), Included(1.0)));
    assert!(!between(-0.0, Excluded(0.0), Unbounded));
    assert!(between(1.0, Excluded(0.0), Included(1.0)));
    assert!(!between(f64::INFINITY, Excluded(0.0), Unbounded));
    assert!(!between(f64::NAN, Excluded(0.0), Unbounded));
}

#[test]
fn a_number_is_one_of_those_listed() {
    let mut report = Report::new();
    assert!(one_of_int(&mut report, &Path::root(), 4_u8, &[1, 2, 4], "1 | 2 | 4"));
    assert!(one_of_float(&mut report, &Path::root(), 0.1_f32, &[0.1, 0.5], "0.1 | 0.5"));
    assert!(report.is_empty());
    assert!(!one_of_int(&mut report, &Path::root(), 3_u8, &[1, 2, 4], "1 | 2 | 4"));
    assert_eq!(report.violations()[0].rule, "one_of");
}
