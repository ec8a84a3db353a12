//! The testkit: the same server without sockets, and time that stands still.

use std::sync::Arc;
use std::time::Duration;

use switchboard::testkit::{self, Kit, SlowReader, frame, json};
use switchboard::{Limits, Server};

use crate::support::parlour::rooms;
use crate::support::{App, Parlour, Said, Wired, without_sockets};

fn parlour(limits: Limits) -> Kit<Parlour> {
    without_sockets(limits).0
}

fn start() -> Kit<Parlour> {
    parlour(Limits::default())
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn clients_ask_and_hear_what_others_cause() {
    let kit = start();
    let mut ann = kit.connect().named("ann").await;
    let mut bob = kit.connect().named("bob").await;
    ann.ask("parlour/join", json!({"to": "lobby"})).await.payload();
    assert_eq!(kit.switchboard().members(&rooms("lobby")), 1);
    bob.ask("parlour/post", json!({"to": "lobby", "text": "hi"})).await.payload();
    assert_eq!(ann.expect_event("parlour/said").await["text"], "hi");
    bob.expect_nothing().await;
    bob.send("parlour/nothing", json!({})).await;
    assert_eq!(bob.expect_refusal("unknown_message").await["name"], "parlour/nothing");
    bob.ask("parlour/refuse", json!({})).await.error("no_mood");
    bob.send_binary(b"\x11music").await;
    assert_eq!(ann.expect_binary().await, &b"\x12music"[..]);
}

#[tokio::test]
async fn time_passes_only_when_a_test_says_so() {
    let kit = testkit::start(Server::<Parlour<true>, _>::new(Wired(Arc::new(App::default()))));
    let mut late = kit.connect().await;
    late.expect_nothing().await;
    kit.advance(Duration::from_millis(590)).await;
    late.expect_nothing().await;
    let mut other = kit.connect().await;
    kit.advance(Duration::from_millis(10)).await;
    assert_eq!(late.expect_close(4_002).await, "the time for this state is over");
    other.expect_nothing().await;
}

#[tokio::test]
async fn an_hour_of_pings_is_answered_and_silence_is_not_forgiven() {
    let kit = start();
    let mut ann = kit.connect().await;
    let mut bob = kit.connect().await;
    kit.advance(3_600 * SECOND).await;
    ann.expect_nothing().await;
    bob.ignore_pings();
    kit.advance(90 * SECOND).await;
    bob.expect_close(4_001).await;
    ann.ask("parlour/echo", json!({"text": "here"})).await.payload();
}

#[tokio::test]
async fn rates_recover_with_time() {
    let kit = start();
    let mut ann = kit.connect().await;
    for _ in 0..2 {
        ann.ask("parlour/often", json!({})).await.payload();
    }
    let wait = ann.ask("parlour/often", json!({})).await.refused("rate_limited")["retry_after_ms"].as_u64().unwrap();
    kit.advance(Duration::from_millis(wait)).await;
    ann.ask("parlour/often", json!({})).await.payload();
}

#[tokio::test]
async fn who_does_not_read_is_closed_and_costs_nobody_else() {
    let kit = parlour(Limits { outbox_bytes: 10_000, ..Limits::default() });
    let mut ann = kit.connect().await;
    let mut slow = kit.connect_slow(SlowReader::after(500)).buffer(1_000).named("slow").await;
    let text = "x".repeat(300);
    for number in 0..40 {
        kit.switchboard().push(Said::new(&format!("{number} {text}"))).to_all();
        ann.expect_event("parlour/said").await;
    }
    kit.settle().await;
    assert_eq!(slow.unread(), 1_000, "the pipe is full");
    slow.resume_reading();
    slow.expect_event("parlour/said").await;
    slow.find_event("parlour/said").await;
    slow.expect_close(4_000).await;
}

#[tokio::test]
async fn a_trickle_is_slow_and_yet_enough() {
    let kit = start();
    let mut slow = kit.connect_slow(SlowReader::bytes_per_second(100)).await;
    kit.switchboard().push(Said::new(&"x".repeat(950))).to_all();
    kit.advance(9 * SECOND).await;
    slow.expect_nothing().await;
    kit.advance(2 * SECOND).await;
    slow.expect_event("parlour/said").await;
}

#[tokio::test]
async fn a_client_can_read_by_the_byte() {
    let kit = start();
    let mut ann = kit.connect().await;
    ann.pause_reading();
    kit.switchboard().push(Said::new("hi")).to_all();
    kit.settle().await;
    let size = ann.unread();
    ann.read_bytes(size - 1).await;
    ann.expect_nothing().await;
    ann.read_bytes(1).await;
    ann.expect_event("parlour/said").await;
}

#[tokio::test]
async fn who_does_not_take_its_answers_is_not_read() {
    let kit = parlour(Limits { message_rate: None, ..Limits::default() });
    let mut ann = kit.connect_slow(SlowReader::paused()).buffer(2_000).await;
    let text = "x".repeat(1_000);
    for _ in 0..200 {
        ann.send_with_id("parlour/echo", json!({"text": text})).await;
    }
    kit.settle().await;
    assert!(ann.unsent() > 50_000, "{}", ann.unsent());
    ann.resume_reading();
    for id in 1..=200 {
        ann.answer(id).await.payload();
    }
    assert_eq!(ann.unsent(), 0);
}

#[tokio::test]
async fn a_client_that_vanished_is_noticed_in_time() {
    let kit = start();
    let mut ann = kit.connect().await;
    ann.vanish();
    kit.advance(50 * SECOND).await;
    assert_eq!(kit.switchboard().connection_count(), 1);
    kit.advance(30 * SECOND).await;
    assert_eq!(kit.switchboard().connection_count(), 0);
    ann.reconnect().await;
    ann.ask("parlour/echo", json!({})).await.payload();
}

#[tokio::test]
async fn clients_leave_reset_and_break_off_in_the_middle_of_a_frame() {
    let kit = start();
    let ann = kit.connect().await;
    let bob = kit.connect().await;
    let mut eve = kit.connect().await;
    let mut zoe = kit.connect().await;
    ann.leave().await;
    bob.reset();
    let message = frame(0x81, br#"{"name":"parlour/shout"}"#);
    eve.send_raw(&message[..7]).await;
    drop(eve);
    zoe.half_close();
    zoe.expect_lost().await;
    kit.settle().await;
    assert_eq!(kit.switchboard().connection_count(), 0);
}

#[tokio::test]
async fn what_is_no_websocket_is_answered_as_over_a_socket() {
    let kit = start();
    let declined = kit.connect().header("origin", "http://evil.example").declined().await;
    assert_eq!((declined.status, declined.body.as_str()), (403, "pages of this origin may not open connections\n"));
    let answer = kit.exchange(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_drain_lets_handlers_finish_and_tells_everybody() {
    let app = Arc::new(App::default());
    let kit = testkit::start(Server::<Parlour, _>::new(Wired(Arc::clone(&app))));
    let mut ann = kit.connect().await;
    let mut bob = kit.connect().await;
    let id = ann.send_with_id("parlour/wait", json!({})).await;
    kit.settle().await;
    app.gate.add_permits(1);
    assert!(kit.drain().await);
    ann.answer(id).await.payload();
    ann.expect_close(1_001).await;
    bob.expect_close(1_001).await;
    assert_eq!(kit.connect().declined().await.status, 503);
}

#[tokio::test]
async fn a_failure_shows_what_was_sent_and_heard() {
    let kit = start();
    let mut ann = kit.connect().named("ann").await;
    let line = line!() + 3;
    let failing = tokio::spawn(async move {
        ann.ask("parlour/echo", json!({"text": "hello"})).await.payload();
        ann.expect_event("parlour/said").await;
    });
    let panic = failing.await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.starts_with("ann expected the event `parlour/said`, and nothing came within 5s\n"), "{text}");
    assert!(text.contains(&format!("testkit.rs:{line}:")), "{text}");
    assert!(text.contains("s > {\"name\":\"parlour/echo\",\"id\":1,\"payload\":{\"text\":\"hello\"}}\n"), "{text}");
    assert!(text.contains("s < {\"re\":1,\"payload\":{\"text\":\"hello\",\"count\":0}}\n"), "{text}");
}
