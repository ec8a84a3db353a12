//! Binary payloads: what is written is read back, and what is not right is named.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use switchboard_core::{BinaryReader, BinaryWriter, Fault, Path, Report};
use uuid::Uuid;

fn written(write: impl FnOnce(&mut BinaryWriter<'_>)) -> Bytes {
    let mut out = Vec::new();
    write(&mut BinaryWriter::new(&mut out));
    out.into()
}

/// The rule and place of the only violation of what `read` finds in `bytes`.
fn violation<T: std::fmt::Debug>(
    bytes: impl Into<Bytes>,
    read: impl FnOnce(&mut BinaryReader<'_>, &Path<'_>) -> Result<T, Fault>,
) -> (&'static str, String) {
    let mut report = Report::new();
    let mut r = BinaryReader::new(bytes.into(), &mut report);
    assert_eq!(read(&mut r, &Path::root().key("field")).unwrap_err(), Fault::Invalid);
    let [violation] = report.violations() else { panic!("{report:?}") };
    (violation.rule, violation.at.clone())
}

#[test]
fn every_kind_of_field_comes_back() {
    let uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    let at = Timestamp::from_millisecond(-1).unwrap();
    let bytes = written(|w| {
        w.u8(1);
        w.u16(0x0203);
        w.u32(0x0405_0607);
        w.u64(u64::MAX);
        w.i8(-1);
        w.i16(-2);
        w.i32(-3);
        w.i64(i64::MIN);
        w.f32(1.5);
        w.f64(-0.0);
        w.boolean(true);
        w.index(2);
        w.uuid(&uuid);
        w.timestamp(&at);
        w.duration(&Duration::from_millis(1500));
        w.rest("é");
    });
    assert_eq!(&bytes[..7], [1, 3, 2, 7, 6, 5, 4], "little-endian, without padding");
    let mut report = Report::new();
    let mut r = BinaryReader::new(bytes, &mut report);
    let p = Path::root();
    assert_eq!((r.u8(&p), r.u16(&p), r.u32(&p), r.u64(&p)), (Ok(1), Ok(0x0203), Ok(0x0405_0607), Ok(u64::MAX)));
    assert_eq!((r.i8(&p), r.i16(&p), r.i32(&p), r.i64(&p)), (Ok(-1), Ok(-2), Ok(-3), Ok(i64::MIN)));
    assert_eq!((r.f32(&p), r.f64(&p)), (Ok(1.5), Ok(-0.0)));
    assert_eq!((r.boolean(&p), r.index(&p, 3), r.uuid(&p)), (Ok(true), Ok(2), Ok(uuid)));
    assert_eq!((r.timestamp(&p), r.duration(&p)), (Ok(at), Ok(Duration::from_millis(1500))));
    assert_eq!(r.rest_text(&p), Ok("é".to_owned()));
    assert_eq!(r.finish(), Ok(()));
    assert!(report.is_empty());
}

#[test]
fn the_rest_is_shared_and_not_copied() {
    let bytes = Bytes::from_static(b"\x07frame of music");
    let mut report = Report::new();
    let mut r = BinaryReader::new(bytes.clone(), &mut report);
    assert_eq!(r.u8(&Path::root()), Ok(7));
    let rest = r.rest_bytes(&Path::root()).unwrap();
    assert_eq!(rest.as_ptr(), bytes[1..].as_ptr());
    assert_eq!(r.finish(), Ok(()));
}

#[test]
fn every_cut_of_a_payload_is_one_violation_at_the_field_that_is_cut() {
    let bytes = written(|w| {
        w.u8(1);
        w.u32(2);
        w.f64(3.0);
    });
    for end in 0..bytes.len() {
        let mut report = Report::new();
        let mut r = BinaryReader::new(bytes.slice(..end), &mut report);
        let p = Path::root();
        let read = (r.u8(&p.key("a")), r.u32(&p.key("b")), r.f64(&p.key("c")));
        assert_eq!(read.2, Err(Fault::Invalid));
        assert_eq!(r.rest_bytes(&p), Err(Fault::Invalid));
        assert_eq!(r.finish(), Err(Fault::Invalid));
        let [violation] = report.violations() else { panic!("{end}: {report:?}") };
        let field = if end < 1 {
            "/a"
        } else if end < 5 {
            "/b"
        } else {
            "/c"
        };
        assert_eq!((violation.rule, violation.at.as_str()), ("length", field), "{end}");
    }
}

#[test]
fn bytes_behind_the_last_field_are_refused() {
    let mut report = Report::new();
    let mut r = BinaryReader::new(Bytes::from_static(&[1, 2, 3]), &mut report);
    assert_eq!(r.u8(&Path::root()), Ok(1));
    assert_eq!(r.finish(), Err(Fault::Invalid));
    assert_eq!((report.violations()[0].rule, report.violations()[0].got.as_str()), ("length", "2"));
}

#[test]
fn values_that_no_field_may_have_are_refused() {
    let field = "/field".to_owned();
    assert_eq!(violation(vec![2], |r, at| r.boolean(at)), ("type", field.clone()));
    assert_eq!(violation(vec![3], |r, at| r.index(at, 3)), ("range", field.clone()));
    assert_eq!(violation(vec![0], |r, at| r.index(at, 0)), ("range", field.clone()));
    for float in [f32::NAN, f32::INFINITY] {
        assert_eq!(violation(float.to_le_bytes().to_vec(), |r, at| r.f32(at)), ("range", field.clone()));
    }
    assert_eq!(violation(f64::NEG_INFINITY.to_le_bytes().to_vec(), |r, at| r.f64(at)), ("range", field.clone()));
    for time in [i64::MIN, i64::MAX, -62_167_219_200_001] {
        assert_eq!(violation(time.to_le_bytes().to_vec(), |r, at| r.timestamp(at)), ("range", field.clone()));
    }
    assert_eq!(violation((1_u64 << 53).to_le_bytes().to_vec(), |r, at| r.duration(at)), ("range", field.clone()));
    assert_eq!(violation(vec![b'a', 0xff], |r, at| r.rest_text(at)), ("format", field));
}

#[test]
fn a_violation_of_a_value_does_not_hide_the_fields_behind_it() {
    let mut report = Report::new();
    let mut r = BinaryReader::new(Bytes::from_static(&[9, 7, 8]), &mut report);
    let p = Path::root();
    assert!(r.boolean(&p.key("a")).is_err());
    assert_eq!(r.u8(&p.key("b")), Ok(7));
    assert!(r.boolean(&p.key("c")).is_err());
    assert_eq!(r.finish(), Ok(()));
    assert_eq!(report.violations().len(), 2);
}
