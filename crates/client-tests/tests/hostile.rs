//! Servers that mean ill, or are broken: nothing of it ends the client, turns it in circles or makes it grow.

use std::time::Duration;

use client_tests::station::Station;
use client_tests::station::stream::Voice;
use client_tests::transcripts::Transcripts;
use client_tests::transcripts::work::Count;
use futures_util::SinkExt;
use serde_json::json;
use switchboard_client::{Address, Error, Notice, Options, Problem, State};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::scripted::{Script, listen};

#[tokio::test]
async fn frames_of_every_wrong_kind_are_problems_and_the_connection_goes_on() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    let mut script = Script::accept(&listener).await;
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wrong = [
        "".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        "{}".to_owned(),
        "\u{feff}{}".to_owned(),
        deep.clone(),
        format!("{{\"name\":\"room/said\",\"payload\":{deep}}}"),
        "{\"name\":7}".to_owned(),
        "{\"re\":1}".to_owned(),
        "{\"re\":-1,\"payload\":{}}".to_owned(),
        "{\"re\":1e400,\"payload\":{}}".to_owned(),
        "{\"re\":18446744073709551616,\"done\":true}".to_owned(),
        "{\"re\":1,\"done\":\"true\"}".to_owned(),
        "{\"re\":null,\"error\":7}".to_owned(),
        "{\"re\":null,\"error\":{\"code\":7}}".to_owned(),
        "{\"ask\":1,\"payload\":{}}".to_owned(),
        "{\"positions\":{}}".to_owned(),
        "{\"positions\":[7]}".to_owned(),
        "{\"contract\":7,\"same\":false}".to_owned(),
        "{\"same\":\"no\"}".to_owned(),
        "{\"name\":\"room/said\",\"payload\":{},\"offset\":\"x\",\"topic\":7}".to_owned(),
    ];
    for text in &wrong {
        script.0.send(Message::text(text.clone())).await.unwrap();
    }
    for text in &wrong {
        loop {
            match notices.next().await {
                Some(Notice::Problem(problem)) => {
                    assert_eq!(problem, Problem::Malformed, "{}", text.get(..60).unwrap_or(text));
                    break;
                }
                Some(Notice::State(State::Connecting | State::Open)) => {}
                other => panic!("{other:?} after {}", text.get(..60).unwrap_or(text)),
            }
        }
    }
    // Nobody asked for these.
    for passed_over in [
        json!({"re": 9, "payload": {}}),
        json!({"re": 9, "item": 1}),
        json!({"re": 9, "done": true}),
        json!({"re": 9, "error": {"code": "internal", "id": "x"}}),
        json!({"ask": 9, "error": {"code": "timeout"}}),
        json!({"pong": "what"}),
        json!({"positions": [{"topic": "x"}]}),
    ] {
        script.say(passed_over).await;
    }
    let (answer, ()) = tokio::join!(client.work().brew(), async {
        let heard = script.hear().await;
        script.say(json!({"re": heard["id"], "payload": {"from": "later"}})).await;
    });
    assert_eq!(answer, Ok(()));
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_the_connection_for_good() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    let script = Script::accept(&listener).await;
    let mut stream = script.0.into_inner();
    // The head of a text frame of 2^40 bytes.
    stream.write_all(&[0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]).await.unwrap();
    let code = loop {
        match notices.next().await {
            Some(Notice::State(State::Closed { code, .. })) => break code,
            Some(_) => {}
            None => panic!("it says so"),
        }
    };
    assert_eq!(code, 1009);
}

#[tokio::test]
async fn events_that_nobody_takes_are_bounded_and_counted() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut typed = client.room().typed();
    let mut script = Script::accept(&listener).await;
    for number in 0..3_000 {
        script.say(json!({"name": "room/typed", "payload": {"room": number.to_string()}})).await;
    }
    let (answer, ()) = tokio::join!(client.work().brew(), async {
        let heard = script.hear().await;
        script.say(json!({"re": heard["id"], "payload": {}})).await;
    });
    assert_eq!(answer, Ok(()));
    assert_eq!(typed.lost(), 3_000 - 1_024);
    assert_eq!(typed.next().await.unwrap().room, "1976");
}

#[tokio::test]
async fn asks_without_end_are_answered_up_to_a_bound() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let _never = client.work().on_confirm(|_| std::future::pending());
    let mut script = Script::accept(&listener).await;
    for number in 1..=10_000 {
        script.say(json!({"name": "work/confirm", "ask": number, "payload": {"what": "it"}})).await;
    }
    let (answer, ()) = tokio::join!(client.work().brew(), async {
        let heard = script.hear().await;
        script.say(json!({"re": heard["id"], "payload": {}})).await;
    });
    assert_eq!(answer, Ok(()));
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 1 + 64);
}

#[tokio::test]
async fn items_that_nobody_reads_end_the_stream_and_nothing_else() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut items = client.work().count(&Count { to: 1000 });
    let mut script = Script::accept(&listener).await;
    assert_eq!(script.hear().await["name"], "work/count");
    for number in 0..2_000 {
        script.say(json!({"re": 1, "item": number})).await;
    }
    assert_eq!(script.hear().await, json!({"cancel": 1}));
    for number in 0..1_024 {
        assert_eq!(items.next().await, Some(Ok(number)));
    }
    assert_eq!(items.next().await, Some(Err(Error::QueueFull)));
    assert_eq!(items.next().await, None);
    let (answer, ()) = tokio::join!(client.work().brew(), async {
        let heard = script.hear().await;
        script.say(json!({"re": heard["id"], "payload": {}})).await;
    });
    assert_eq!(answer, Ok(()));
}

#[tokio::test]
async fn items_of_the_wrong_type_end_the_stream_which_is_taken_back() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut items = client.work().count(&Count { to: 3 });
    let mut script = Script::accept(&listener).await;
    assert_eq!(script.hear().await["name"], "work/count");
    script.say(json!({"re": 1, "item": 1})).await;
    script.say(json!({"re": 1, "item": {"n": 2}})).await;
    assert_eq!(items.next().await, Some(Ok(1)));
    assert!(matches!(items.next().await, Some(Err(Error::Unreadable(_)))));
    assert_eq!(items.next().await, None);
    assert_eq!(script.hear().await, json!({"cancel": 1}));
}

#[tokio::test]
async fn whatever_code_a_close_has_the_client_waits_or_ends() {
    let seed = std::env::var("SEED").map_or(7_u64, |seed| seed.parse().expect("SEED is a number"));
    println!("SEED={seed}");
    let mut random = seed | 1;
    for round in 0..60 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let code = (random >> 33) as u16;
        let (listener, url) = listen().await;
        let client = Transcripts::connect(url, Options::new());
        let mut notices = client.notices();
        let script = Script::accept(&listener).await;
        // By hand, since no library writes them all.
        let mut stream = script.0.into_inner();
        let reason = [&b""[..], b"\xff\xfe", b"retry_after_ms=99999999999999999999"][round % 3];
        let mut frame = vec![0x88, 2 + reason.len() as u8];
        frame.extend(code.to_be_bytes());
        frame.extend(reason);
        stream.write_all(&frame).await.unwrap();
        let over = tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                match notices.next().await {
                    Some(Notice::State(State::Waiting { after, .. })) => break after <= Duration::from_secs(300),
                    Some(Notice::State(State::Closed { .. })) => break true,
                    Some(_) => {}
                    None => break false,
                }
            }
        });
        assert!(over.await.expect("it ends"), "SEED={seed}, code {code}");
    }
}

#[tokio::test]
async fn a_server_that_drops_each_connection_is_not_tried_in_circles() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    for _ in 0..8 {
        let (stream, _) = listener.accept().await.unwrap();
        drop(stream);
    }
    // 250 + 500 + 1,000 + 2,000 + 4,000 + 8,000 + 15,000 ms at least.
    assert!(began.elapsed() >= Duration::from_millis(30_000), "{:?}", began.elapsed());
    drop(client);
}

#[tokio::test]
async fn an_address_that_is_none_is_told() {
    for address in ["", "nonsense", "http://127.0.0.1", "ws://", "wss://127.0.0.1:1/ws", "ws://\u{7f}"] {
        let client = Transcripts::connect(address, Options::new());
        let mut notices = client.notices();
        loop {
            match notices.next().await {
                Some(Notice::Unreachable(why)) => break assert!(!why.is_empty(), "{address}"),
                Some(_) => {}
                None => panic!("it says so"),
            }
        }
    }
}

#[tokio::test]
async fn what_panics_in_the_application_fails_and_the_client_goes_on() {
    let (listener, url) = listen().await;
    let asked = std::sync::atomic::AtomicU32::new(0);
    let to = Address::asked(move || {
        assert!(asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0, "on purpose");
        std::future::ready(url.clone())
    });
    let client = Transcripts::connect(to, Options::new());
    let mut script = Script::accept(&listener).await;
    let _guard = client.work().on_confirm(|_| -> std::future::Ready<_> { panic!("on purpose") });
    script.say(json!({"name": "work/confirm", "ask": 1, "payload": {"what": "it"}})).await;
    let work = client.work();
    let (answer, ()) = tokio::join!(work.brew(), async {
        let heard = script.hear().await;
        script.say(json!({"re": heard["id"], "payload": {}})).await;
    });
    assert_eq!(answer, Ok(()));
    let (listener, url) = listen().await;
    let sign_in = |_| -> std::future::Ready<Result<(), ()>> { panic!("on purpose") };
    let client = Transcripts::connect(url, Options::new().sign_in(sign_in));
    let mut notices = client.notices();
    let _script = Script::accept(&listener).await;
    while let Some(notice) = notices.next().await {
        if let Notice::State(State::Closed { reason, .. }) = notice {
            return assert_eq!(reason, "the sign-in failed");
        }
    }
    panic!("it says that it has closed");
}

#[tokio::test]
async fn a_server_that_reads_nothing_is_given_up_before_too_much_waits() {
    let (listener, url) = listen().await;
    let client = Station::connect(url, Options::new());
    let mut notices = client.notices();
    let _script = Script::accept(&listener).await;
    let voice = Voice { seq: 1, data: vec![7; 4096].into() };
    let mut sent = 0;
    let lost = loop {
        client.stream().voice(&voice).await.unwrap();
        sent += 4096;
        assert!(sent < 64 << 20, "it waits for ever more");
        let told = tokio::time::timeout(Duration::ZERO, notices.next()).await;
        if let Ok(Some(Notice::State(State::Waiting { code, .. }))) = told {
            break code;
        }
    };
    assert_eq!(lost, 1006);
}

#[tokio::test]
async fn a_close_frame_of_one_byte_is_no_reason_to_panic() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    let mut script = Script::accept(&listener).await;
    script.0.send(Message::Close(None::<CloseFrame>)).await.unwrap();
    loop {
        if let Some(Notice::State(State::Waiting { code, .. })) = notices.next().await {
            assert_eq!(code, 1005);
            break;
        }
    }
    let script = Script::accept(&listener).await;
    script.0.into_inner().write_all(&[0x88, 1, 3]).await.unwrap();
    loop {
        match notices.next().await {
            Some(Notice::State(State::Closed { code, .. })) => break assert_eq!(code, 1002),
            Some(_) => {}
            None => panic!("it says so"),
        }
    }
}
