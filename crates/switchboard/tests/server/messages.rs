//! One connection: answers, order, handlers that wait, fail and panic.

use std::time::Duration;

use serde_json::json;
use switchboard::Limits;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::client::frame;
use crate::support::{start, start_limited, start_with, without_sockets};

#[tokio::test]
async fn an_answer_carries_the_id_of_its_message() {
    let server = start().await;
    let mut client = server.client().await;
    let answer = client.ask("parlour/echo", 7, json!({"text": "hello", "count": 3})).await;
    assert_eq!(answer, json!({"re": 7, "payload": {"text": "hello", "count": 3}}));
}

#[tokio::test]
async fn all_three_forms_of_envelope_are_understood() {
    let server = start().await;
    let mut client = server.client().await;
    for envelope in [
        r#"{"name":"parlour/echo","id":1,"payload":{"text":"a"}}"#,
        r#"{"id":1,"name":"parlour/echo","text":"a"}"#,
        r#"{"name":{"parlour":{"name":"echo"}},"id":1,"payload":{"text":"a"}}"#,
    ] {
        client.send(envelope).await;
        assert_eq!(client.json().await, json!({"re": 1, "payload": {"text": "a", "count": 0}}), "{envelope}");
    }
}

#[tokio::test]
async fn a_message_without_an_id_runs_and_is_not_answered() {
    let server = start().await;
    let mut client = server.client().await;
    client.send(r#"{"name":"parlour/echo"}"#).await;
    assert_eq!(client.ask("parlour/echo", 2, json!({})).await["re"], 2);
    assert_eq!(server.app.begun(), 2);
}

#[tokio::test]
async fn a_ping_is_answered_out_of_turn() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("parlour/wait", 1, json!({})).await;
    server.until("the handler to begin", |server| server.app.begun() == 1).await;
    client.send(r#"{"ping":7}"#).await;
    assert_eq!(client.json().await, json!({"pong": 7}));
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await, json!({"re": 1, "payload": {}}));
}

#[tokio::test]
async fn messages_are_answered_in_the_order_they_came() {
    let server = start_limited(Limits { message_rate: None, ..Limits::default() }).await;
    let mut client = server.client().await;
    let mut bytes = Vec::new();
    for id in 1..=1_000 {
        let text = json!({"name": "parlour/echo", "id": id, "payload": {"count": id}}).to_string();
        bytes.extend(frame(0x81, text.as_bytes()));
    }
    client.socket().write_all(&bytes).await.unwrap();
    for id in 1..=1_000 {
        assert_eq!(client.json().await["re"], id);
    }
}

#[tokio::test]
async fn messages_that_come_while_a_handler_runs_wait_for_it() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("parlour/wait", 1, json!({})).await;
    for id in 2..=41 {
        client.say("parlour/echo", id, json!({})).await;
    }
    server.until("the handler to begin", |server| server.app.begun() == 1).await;
    server.app.gate.add_permits(1);
    for id in 1..=41 {
        assert_eq!(client.json().await["re"], id);
    }
}

#[tokio::test]
async fn pings_are_answered_while_a_handler_runs() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("parlour/wait", 1, json!({})).await;
    server.until("the handler to begin", |server| server.app.begun() == 1).await;
    client.send(Message::Ping("are you there".into())).await;
    assert_eq!(client.next().await, Message::Pong("are you there".into()));
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await["re"], 1);
}

#[tokio::test]
async fn a_fragmented_message_is_one_message() {
    let server = start().await;
    let mut client = server.client().await;
    let bytes = [
        frame(0x01, br#"{"name":"parlour/"#),
        frame(0x89, b"between"),
        frame(0x00, br#"echo","id":4"#),
        frame(0x80, b"}"),
    ];
    client.socket().write_all(&bytes.concat()).await.unwrap();
    assert_eq!(client.next().await, Message::Pong("between".into()));
    assert_eq!(client.json().await["re"], 4);
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_a_timeout_and_the_connection_stays() {
    let server = start().await;
    let mut client = server.client().await;
    assert_eq!(client.refused("parlour/never", 5, json!({})).await, json!({"code": "timeout", "after_ms": 50}));
    assert_eq!(client.ask("parlour/echo", 6, json!({})).await["re"], 6);
}

#[tokio::test]
async fn the_general_deadline_holds_where_no_other_is_declared() {
    let (kit, _) = without_sockets::<false>(Limits::default());
    let mut client = kit.connect().await;
    let id = client.send_with_id("parlour/wait", json!({})).await;
    kit.advance(Duration::from_secs(29)).await;
    client.expect_nothing().await;
    kit.advance(Duration::from_secs(1)).await;
    client.answer(id).await.refused("timeout");
}

#[tokio::test]
async fn a_panic_costs_its_message_alone() {
    let server = start().await;
    let (mut client, mut other) = (server.client().await, server.client().await);
    for name in ["parlour/panic", "parlour/panic_outside"] {
        let error = client.refused(name, 1, json!({})).await;
        assert_eq!(error["code"], "internal", "{name}");
        assert_eq!(error["id"].as_str().map(str::len), Some(32));
    }
    assert_eq!(client.ask("parlour/echo", 2, json!({})).await["re"], 2);
    assert_eq!(other.ask("parlour/echo", 3, json!({})).await["re"], 3);
}

#[tokio::test]
async fn an_error_is_internal_and_its_text_stays_here() {
    let server = start().await;
    let mut client = server.client().await;
    let error = client.refused("parlour/fail", 1, json!({})).await;
    assert_eq!(error["code"], "internal");
    assert_eq!(error.as_object().map(|members| members.len()), Some(2), "{error}");
}

#[tokio::test]
async fn a_declared_error_is_told_with_its_fields() {
    let server = start().await;
    let mut client = server.client().await;
    let error = client.refused("parlour/refuse", 1, json!({})).await;
    assert_eq!(error, json!({"code": "refused", "kind": "no_mood", "until": 7}));
}

#[tokio::test]
async fn an_answer_that_breaks_its_own_limits_is_not_sent() {
    let server = start().await;
    let mut client = server.client().await;
    let error = client.refused("parlour/echo", 1, json!({"text": "too rude to send"})).await;
    assert_eq!(error["code"], "internal");
}

#[tokio::test]
async fn a_handler_may_close_and_its_answer_still_comes() {
    let server = start().await;
    let mut client = server.client().await;
    assert_eq!(client.ask("parlour/close", 1, json!({})).await["re"], 1);
    assert_eq!(client.close_code().await, 4_100);
    assert!(client.has_ended().await);
}

#[tokio::test]
async fn a_handler_goes_on_when_its_connection_has_gone() {
    let server = start().await;
    let (mut client, mut other) = (server.client().await, server.client().await);
    other.ask("parlour/echo", 1, json!({})).await;
    client.say("parlour/wait", 1, json!({})).await;
    server.until("the handler to begin", |server| server.app.begun() == 2).await;
    drop(client);
    server.app.gate.add_permits(1);
    server.until("the connection to go", |server| server.switchboard.connection_count() == 1).await;
    assert_eq!(server.app.gate.available_permits(), 0);
}

#[tokio::test]
async fn a_close_is_answered_and_the_server_ends_the_connection() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("parlour/sign_in", 1, json!({"to": "ann"})).await;
    client.json().await;
    client.0.close(None).await.unwrap();
    assert!(client.has_ended().await);
    server.until("the hook", |server| *server.app.closed.lock() == [Some("ann".to_owned())]).await;
    assert_eq!(server.switchboard.connection_count(), 0);
}

#[tokio::test]
async fn the_hook_for_opening_sees_each_connection_once() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("parlour/echo", 1, json!({})).await;
    assert_eq!(server.app.opened.lock().len(), 1);
}

#[tokio::test]
async fn silence_is_pinged_and_in_the_end_closed() {
    let (kit, _) = without_sockets::<false>(Limits::default());
    let mut client = kit.connect().await;
    client.ignore_pings();
    kit.advance(Duration::from_secs(74)).await;
    client.expect_nothing().await;
    kit.advance(Duration::from_secs(1)).await;
    client.expect_close(switchboard::close::UNRESPONSIVE).await;
}

#[tokio::test]
async fn who_answers_pings_stays() {
    let (kit, _) = without_sockets::<false>(Limits::default());
    let mut client = kit.connect().await;
    kit.advance(Duration::from_secs(3_600)).await;
    client.ask("parlour/echo", json!({})).await.payload();
}

#[tokio::test]
async fn one_thread_is_enough() {
    let server = start_with::<false>(|server| server.threads(1)).await;
    let (mut a, mut b) = (server.client().await, server.client().await);
    assert_eq!(a.ask("parlour/echo", 1, json!({})).await["re"], 1);
    assert_eq!(b.ask("parlour/echo", 2, json!({})).await["re"], 2);
}
