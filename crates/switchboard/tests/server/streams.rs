//! Streamed answers.

use std::time::Duration;

use serde_json::json;
use switchboard::Limits;

use crate::support::within;
use crate::support::workshop::{start, start_limited};

#[tokio::test]
async fn items_come_in_order_and_then_the_end() {
    let server = start().await;
    let mut client = server.client().await;
    server.app.open("a");
    client.say("tail", 7, json!({"text": "a", "to": "x", "count": 3})).await;
    for count in 0..3 {
        assert_eq!(client.json().await, json!({"re": 7, "item": {"text": "x", "count": count}}));
    }
    assert_eq!(client.json().await, json!({"re": 7, "done": true}));
}

#[tokio::test]
async fn other_messages_are_handled_while_a_stream_goes_on() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("tail", 1, json!({"text": "a"})).await;
    client.say("tail", 2, json!({"text": "b"})).await;
    assert_eq!(client.ask("echo", 3, json!({})).await["re"], 3);
    server.app.open("b");
    assert_eq!(client.json().await, json!({"re": 2, "done": true}));
    server.app.open("a");
    assert_eq!(client.json().await, json!({"re": 1, "done": true}));
}

#[tokio::test]
async fn the_client_ends_a_stream() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("tail", 1, json!({"text": "a", "count": 1})).await;
    assert_eq!(client.json().await["item"]["count"], 0);
    client.send(r#"{"cancel":1}"#).await;
    assert_eq!(client.json().await, json!({"re": 1, "error": {"code": "cancelled"}}));
    assert_eq!(server.app.count("drop a"), 1);
}

#[tokio::test]
async fn a_stream_without_an_id_has_nobody_to_answer() {
    let server = start().await;
    let mut client = server.client().await;
    client.send(r#"{"name":"tail","payload":{"text":"a"}}"#).await;
    let refusal = client.json().await;
    assert_eq!((refusal["re"].clone(), refusal["error"]["code"].clone()), (json!(null), json!("malformed")));
    assert!(refusal["error"]["message"].as_str().unwrap().contains("needs an `id`"), "{refusal}");
    assert_eq!(server.app.count("begin a"), 0);
}

#[tokio::test]
async fn one_more_stream_than_allowed_is_refused_and_keeps_nobody_waiting() {
    let server = start_limited(Limits { streams: 5, ..Limits::default() }).await;
    let mut client = server.client().await;
    let too_many = json!({"code": "rate_limited", "by": "concurrent"});
    for id in 1..=3 {
        client.say("tail", id, json!({"text": "a"})).await;
    }
    assert_eq!(client.refused("tail", 4, json!({"text": "a"})).await, too_many, "three of this message");
    client.say("flood", 5, json!({"text": "a"})).await;
    client.say("flood", 6, json!({"text": "a"})).await;
    assert_eq!(client.refused("flood", 7, json!({"text": "a"})).await, too_many, "five of all");
    assert_eq!(client.ask("echo", 8, json!({})).await["re"], 8);
    server.app.open("a");
    assert_eq!(client.json().await["done"], true);
    server.app.open("a");
    assert_eq!(client.json().await["done"], true);
}

#[tokio::test]
async fn a_stream_has_no_time_but_the_one_it_declares() {
    let handler = Duration::from_millis(50);
    let server = start_limited(Limits { handler, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.say("tail", 1, json!({"text": "long"})).await;
    client.say("short_tail", 2, json!({"text": "short", "count": 1})).await;
    assert_eq!(client.json().await["item"]["count"], 0);
    assert_eq!(client.json().await, json!({"re": 2, "error": {"code": "timeout", "after_ms": 50}}));
    assert_eq!(client.refused("slow", 3, json!({"text": "slow"})).await["code"], "timeout");
    server.app.open("long");
    assert_eq!(client.json().await, json!({"re": 1, "done": true}));
}

#[tokio::test]
async fn an_item_that_breaks_its_limits_breaks_the_stream() {
    let server = start().await;
    let mut client = server.client().await;
    let refusal = client.refused("tail", 1, json!({"text": "a", "to": "too rude to send", "count": 1})).await;
    assert_eq!(refusal["code"], "internal");
}

#[tokio::test]
async fn a_stream_waits_for_a_client_that_does_not_read_and_dies_with_it() {
    let write = Duration::from_millis(500);
    let server = start_limited(Limits { write, ..Limits::default() }).await;
    let mut client = server.client().await;
    // Large items, so that the kernel's buffers are full soon.
    let loud = format!("loud{}", "x".repeat(16_000));
    client.say("flood", 1, json!({"text": "a", "to": loud, "count": 4_000_000})).await;
    server.until("sent a", 1).await;
    server.until("gone ", 1).await;
    assert_eq!(server.app.count("drop a"), 1);
    assert!(server.app.count("sent a") < 4_000_000, "it waited");
}

#[tokio::test]
async fn a_slow_reader_gets_all_of_a_long_stream() {
    let server = start_limited(Limits { pause_bytes: 2_048, ..Limits::default() }).await;
    let mut client = server.client().await;
    server.app.open("a");
    client.say("tail", 1, json!({"text": "a", "to": "x".repeat(200), "count": 20_000})).await;
    for count in 0..20_000 {
        assert_eq!(client.json().await["item"]["count"], count);
    }
    assert_eq!(client.json().await["done"], true);
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_streams_along() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("tail", 1, json!({"text": "a", "count": 1})).await;
    client.json().await;
    drop(client);
    server.until("gone ", 1).await;
    assert_eq!(server.app.count("drop a"), 1);
}

#[tokio::test]
async fn streams_do_not_keep_a_server_that_leaves() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("tail", 1, json!({"text": "a", "count": 1})).await;
    client.json().await;
    let done = server.stop();
    assert_eq!(client.json().await, json!({"re": 1, "error": {"code": "shutting_down"}}));
    assert_eq!(client.close_code().await, switchboard::close::GOING_AWAY);
    within("the server to end", done).await.unwrap().unwrap();
}
