//! Binary payloads.

use codegen_tests::full::routes::Incoming;
use codegen_tests::full::{Color, Level, Line, Pulse, Role, Routes};
use codegen_tests::{faults, frame, receive, receive_binary};

fn voice(seq: u32, color: u8, level: u8, data: &[u8]) -> Vec<u8> {
    [&[0x30][..], &seq.to_le_bytes(), &[color, level], data].concat()
}

#[test]
fn fields_come_in_order_and_the_rest_is_the_last() {
    let Ok(Incoming::WorkFrame(read)) = receive_binary::<Routes>(&voice(7, 2, 31, &[1, 2, 3])) else {
        panic!("not read")
    };
    assert_eq!((read.seq, read.color, read.level.get(), &read.data[..]), (7, Color::DarkBlue, 31, &[1, 2, 3][..]));
    let Ok(Incoming::WorkEcho(read)) = receive_binary::<Routes>("1hé".as_bytes()) else { panic!("not read") };
    assert_eq!(read.text, "hé");
}

#[test]
fn each_broken_rule_is_named() {
    for (bytes, wanted) in [
        (voice(7, 3, 31, &[1]), vec!["/color range want 0..=2 got 3"]),
        (voice(7, 3, 32, &[1]), vec!["/color range want 0..=2 got 3", "/level range want 0..=31 got 32"]),
        (voice(7, 0, 0, &[]), vec!["/data len want 1..=4 got 0"]),
        (voice(7, 0, 0, &[0; 5]), vec!["/data len want 1..=4 got 5"]),
        (vec![0x30, 1, 2], vec!["/seq length want 4 bytes got 2"]),
        (vec![0x31, 0xff], vec!["/text format want UTF-8 got another byte at 0"]),
        (b"1abcdef".to_vec(), vec!["/text len want ..=5 got 6"]),
        (vec![0x99], vec!["no tag 153"]),
    ] {
        assert_eq!(receive_binary::<Routes>(&bytes).unwrap_err(), wanted, "{bytes:?}");
    }
}

#[test]
fn the_same_message_can_be_text() {
    let read = receive::<Routes>("work/frame", r#"{"seq":7,"color":"red","level":1,"data":"AAE="}"#);
    assert!(matches!(read, Ok(Incoming::WorkFrame(_))));
}

#[test]
fn events_are_written_in_the_same_order() {
    let pulse = Pulse {
        color: Color::Green,
        role: Role::ChiefKeeper,
        on: true,
        level: Level::new(9).unwrap(),
        half: 0.5,
        count: -2,
        id: switchboard::Uuid::from_u128(1),
        at: "1970-01-01T00:00:01Z".parse().unwrap(),
        wait: std::time::Duration::from_millis(1500),
        data: vec![7, 8].into(),
    };
    let mut wanted = vec![0x20, 1, 2, 1, 9];
    wanted.extend(0.5_f32.to_le_bytes());
    wanted.extend((-2_i64).to_le_bytes());
    wanted.extend(1_u128.to_be_bytes());
    wanted.extend(1000_i64.to_le_bytes());
    wanted.extend(1500_u64.to_le_bytes());
    wanted.extend([7, 8]);
    assert_eq!(frame::<Routes>(&pulse), wanted);
    assert_eq!(frame::<Routes>(&Line { seq: 258, text: "é".to_owned() }), [0x21, 2, 1, 0xc3, 0xa9]);
    assert_eq!(faults(&Line { seq: 0, text: "abcdef".to_owned() }), ["/text len want ..=5 got 6"]);
}
