//! What a peer cannot make grow, and what becomes of peers that try.

use std::time::Duration;

use serde_json::json;
use switchboard::Limits;
use switchboard::testkit::SlowReader;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::client::frame;
use crate::support::{Said, start, start_limited, without_sockets};

#[tokio::test]
async fn who_does_not_take_answers_is_not_read_any_more() {
    let server =
        start_limited(Limits { message_rate: None, write: Duration::from_secs(60), ..Limits::default() }).await;
    let mut client = server.client().await;
    let text = "x".repeat(32 * 1_024);
    let one = frame(0x81, json!({"name": "parlour/echo", "id": 1, "payload": {"text": text}}).to_string().as_bytes());
    let count = 2_000;
    let mut sent = 0;
    let all = one.repeat(count);
    // The sockets' buffers take a few megabytes, the server no more than its limits.
    while let Ok(written) = tokio::time::timeout(Duration::from_millis(500), client.socket().write(&all[sent..])).await
    {
        sent += written.unwrap();
    }
    assert!(sent < all.len() / 2, "{sent} bytes were taken");
    let mut answered = 0;
    while answered < count {
        if sent < all.len()
            && let Ok(written) = client.socket().try_write(&all[sent..])
        {
            sent += written;
        }
        if let Ok(answer) = tokio::time::timeout(Duration::from_millis(5), client.next()).await {
            assert!(answer.into_text().is_ok_and(|answer| answer.len() > text.len()));
            answered += 1;
        }
    }
}

#[tokio::test]
async fn who_does_not_take_pushes_is_closed_as_a_slow_consumer() {
    let server = start_limited(Limits { outbox_bytes: 256 * 1_024, ..Limits::default() }).await;
    let (mut slow, mut quick) = (server.client().await, server.client().await);
    for client in [&mut slow, &mut quick] {
        client.ask("parlour/sign_in", 1, json!({"to": "ann"})).await;
    }
    let text = "x".repeat(64 * 1_024);
    let (mut pushed, mut taken) = (0, 0);
    while server.switchboard.push(Said::new(&text)).to_all() == 2 {
        pushed += 1;
        assert!(pushed < 1_000, "it was never too much");
        quick.json().await;
        taken += 1;
    }
    assert_eq!(quick.json().await["payload"]["text"].as_str().map(str::len), Some(text.len()));
    assert_eq!(taken, pushed);
    // All that was accepted still comes, in front of the reason.
    for _ in 0..pushed {
        assert_eq!(slow.json().await["payload"]["text"].as_str().map(str::len), Some(text.len()));
    }
    assert_eq!(slow.close_code().await, switchboard::close::SLOW_CONSUMER);
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_dropped_after_the_time_for_a_write() {
    let (kit, _) = without_sockets::<false>(Limits::default());
    let _client = kit.connect_slow(SlowReader::paused()).await;
    kit.switchboard().push(Said::new(&"x".repeat(200_000))).to_all();
    kit.advance(Duration::from_secs(4)).await;
    assert_eq!(kit.switchboard().connection_count(), 1);
    kit.advance(Duration::from_secs(1)).await;
    assert_eq!(kit.switchboard().connection_count(), 0);
}

#[tokio::test]
async fn many_pings_end_the_connection() {
    let server = start().await;
    let mut client = server.client().await;
    let pings = frame(0x89, b"x").repeat(100);
    client.socket().write_all(&pings).await.unwrap();
    assert_eq!(client.close_code().await, switchboard::close::POLICY);
}

#[tokio::test]
async fn many_fragments_end_the_connection() {
    let server = start_limited(Limits { fragments: 10, ..Limits::default() }).await;
    let mut client = server.client().await;
    let bytes = [frame(0x01, b"{"), frame(0x00, b"").repeat(20)].concat();
    client.socket().write_all(&bytes).await.unwrap();
    assert_eq!(client.close_code().await, switchboard::close::POLICY);
}

#[tokio::test]
async fn bad_frames_have_their_close_codes() {
    let server = start().await;
    for (bytes, code) in [
        (frame(0x81, b"\xff"), 1007),
        (frame(0x83, b""), 1002),
        (frame(0xc1, b""), 1002),
        (frame(0x80, b""), 1002),
        (frame(0x89, &[0; 126]), 1002),
        (b"\x81\x01x".to_vec(), 1002),
        (b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask".to_vec(), 1009),
    ] {
        let mut client = server.client().await;
        client.socket().write_all(&bytes).await.unwrap();
        assert_eq!(client.close_code().await, code, "{bytes:x?}");
        assert!(client.has_ended().await);
    }
}

#[tokio::test]
async fn what_comes_in_front_of_a_bad_frame_is_still_answered() {
    let server = start().await;
    let mut client = server.client().await;
    let bytes = [frame(0x81, br#"{"name":"parlour/echo","id":1}"#), frame(0xf1, b"")].concat();
    client.socket().write_all(&bytes).await.unwrap();
    assert_eq!(client.json().await["re"], 1);
    assert_eq!(client.close_code().await, 1002);
}

#[tokio::test]
async fn who_is_closed_while_it_sends_still_hears_why() {
    let server = start().await;
    let mut client = server.client().await;
    let bytes = [frame(0xf1, b""), frame(0x81, &[b'x'; 60_000]).repeat(8)].concat();
    client.socket().write_all(&bytes).await.unwrap();
    assert_eq!(client.close_code().await, 1002);
}

#[tokio::test]
async fn connections_of_one_address_are_limited() {
    let server = start_limited(Limits { connections_per_address: 2, ..Limits::default() }).await;
    let first = server.client().await;
    let _second = server.client().await;
    let url = format!("ws://{}/ws", server.address);
    let refused = tokio_tungstenite::connect_async(&url).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(response)) = refused else { panic!("{refused:?}") };
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    drop(first);
    server.until("room", |server| server.switchboard.connection_count() == 1).await;
    crate::support::within("a place", async {
        // The place is free once the connection's task has ended, a moment after it has left the hub.
        while tokio_tungstenite::connect_async(&url).await.is_err() {}
    })
    .await;
}

#[tokio::test]
async fn a_hundred_connections_come_and_go() {
    let server = start().await;
    for round in 0..100 {
        let mut client = server.client().await;
        if round % 2 == 0 {
            client.say("parlour/join", 1, json!({"to": "lobby"})).await;
            client.send(Message::Ping("".into())).await;
        } else {
            let half = frame(0x81, br#"{"name":"parlour/echo"}"#);
            client.socket().write_all(&half[..10]).await.unwrap();
        }
    }
    server.until("all to be gone", |server| server.app.closed.lock().len() == 100).await;
    assert_eq!(server.switchboard.connection_count(), 0);
}
