//! Every way to be refused, and that the connection outlives it.

use serde_json::{Value, json};
use switchboard::{Limits, MessageRate};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, start, start_limited, start_with};

async fn error(client: &mut Client, message: impl Into<Message>) -> Value {
    client.send(message).await;
    let answer = client.json().await;
    assert_eq!(answer["re"], Value::Null, "{answer}");
    answer["error"].clone()
}

#[tokio::test]
async fn what_is_not_an_envelope_is_malformed() {
    let server = start().await;
    let mut client = server.client().await;
    for text in ["", "nonsense", "[]", "{}", r#"{"name":7}"#, r#"{"name":"parlour/echo","more":1,"payload":{}}"#] {
        assert_eq!(error(&mut client, text).await["code"], "malformed", "{text}");
    }
    assert_eq!(client.ask("parlour/echo", 1, json!({})).await["re"], 1);
}

#[tokio::test]
async fn depth_is_limited() {
    let server = start().await;
    let mut client = server.client().await;
    let deep = format!(r#"{{"name":"parlour/echo","payload":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(error(&mut client, deep).await["code"], "malformed");
}

#[tokio::test]
async fn an_unknown_message_is_told_what_was_meant() {
    let server = start().await;
    let mut client = server.client().await;
    let error = client.refused("parlour/ecko", 1, json!({})).await;
    assert_eq!(error, json!({"code": "unknown_message", "name": "parlour/ecko", "nearest": "parlour/echo"}));
}

#[tokio::test]
async fn every_violation_is_told() {
    let server = start().await;
    let mut client = server.client().await;
    let error = client.refused("parlour/echo", 1, json!({"text": 1, "count": -1, "more": true})).await;
    assert_eq!(error["code"], "invalid_payload");
    let violations = error["violations"].as_array().unwrap();
    let pairs = violations.iter().map(|v| (v["at"].as_str().unwrap(), v["rule"].as_str().unwrap()));
    let mut pairs = pairs.collect::<Vec<_>>();
    pairs.sort_unstable();
    assert_eq!(pairs, [("/count", "range"), ("/more", "unknown_key"), ("/text", "type")]);
}

#[tokio::test]
async fn a_message_over_its_own_limit_is_too_large_and_no_more() {
    let server = start().await;
    let mut client = server.client().await;
    let error = client.refused("parlour/small", 1, json!({"text": "x".repeat(100)})).await;
    assert_eq!(error, json!({"code": "too_large", "limit": 100}));
    assert_eq!(client.ask("parlour/small", 2, json!({"text": "x"})).await["re"], 2);
}

#[tokio::test]
async fn a_larger_limit_is_for_its_own_message_alone() {
    let server = start().await;
    let mut client = server.client().await;
    let payload = json!({"text": "x".repeat(80_000)});
    assert_eq!(client.ask("parlour/large", 1, payload.clone()).await["re"], 1);
    let error = client.refused("parlour/echo", 2, payload).await;
    assert_eq!(error, json!({"code": "too_large", "limit": 65_536}));
}

#[tokio::test]
async fn a_message_over_every_limit_ends_the_connection() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("parlour/large", 1, json!({"text": "x".repeat(200_000)})).await;
    assert_eq!(client.close_code().await, switchboard::close::TOO_BIG);
}

#[tokio::test]
async fn binary_garbage_is_refused_and_the_connection_stays() {
    let server = start().await;
    let mut client = server.client().await;
    let binary = |bytes: &'static [u8]| Message::Binary(bytes.into());
    assert_eq!(error(&mut client, binary(b"")).await["code"], "malformed");
    let unknown = error(&mut client, binary(b"\xfegarbage")).await;
    assert_eq!(unknown, json!({"code": "unknown_message", "name": "binary 0xfe"}));
    assert_eq!(error(&mut client, binary(b"\x11")).await["violations"][0]["at"], "/data");
    assert_eq!(client.ask("parlour/echo", 1, json!({})).await["re"], 1);
}

#[tokio::test]
async fn a_flow_lets_in_what_its_state_allows() {
    let server = start().await;
    let mut client = server.client().await;
    let error = client.refused("parlour/go", 1, json!({})).await;
    let expected = json!({"code": "not_now", "flow": "visit", "state": "outside", "allowed": ["parlour/greet"]});
    assert_eq!(error, expected);
    assert_eq!(client.ask("parlour/greet", 2, json!({})).await["re"], 2);
    assert_eq!(client.refused("parlour/greet", 3, json!({})).await["state"], "inside");
}

#[tokio::test]
async fn a_flow_asks_for_roles() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("parlour/greet", 1, json!({})).await;
    let error = client.refused("parlour/serve_tea", 2, json!({})).await;
    assert_eq!(error, json!({"code": "not_allowed", "needs": ["host"]}));
    client.ask("parlour/sign_in", 3, json!({"to": "ann", "text": "host"})).await;
    assert_eq!(client.ask("parlour/serve_tea", 4, json!({})).await, json!({"re": 4, "payload": {}}));
}

#[tokio::test]
async fn a_flow_ends_with_the_connection() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("parlour/greet", 1, json!({})).await;
    assert_eq!(client.ask("parlour/go", 2, json!({})).await["re"], 2);
    assert_eq!(client.close_code().await, switchboard::close::NORMAL);
}

#[tokio::test]
async fn a_state_that_is_not_left_in_time_ends_the_connection() {
    let server = start_with::<true>(|server| server).await;
    let (mut late, mut early) = (server.client().await, server.client().await);
    early.ask("parlour/greet", 1, json!({})).await;
    assert_eq!(late.close_code().await, switchboard::close::FLOW_TIMEOUT);
    assert_eq!(early.ask("parlour/echo", 2, json!({})).await["re"], 2);
}

#[tokio::test]
async fn a_rate_is_counted_for_each_connection() {
    let server = start().await;
    let (mut client, mut other) = (server.client().await, server.client().await);
    for id in 1..=2 {
        assert_eq!(client.ask("parlour/often", id, json!({})).await["payload"], json!({}));
    }
    let error = client.refused("parlour/often", 3, json!({})).await;
    assert_eq!(error["code"], "rate_limited");
    assert!(error["retry_after_ms"].as_u64().is_some_and(|wait| (1_700_000..=1_800_000).contains(&wait)), "{error}");
    assert_eq!(other.ask("parlour/often", 4, json!({})).await["payload"], json!({}));
}

#[tokio::test]
async fn a_rate_by_address_is_counted_over_all_connections() {
    let server = start().await;
    let mut taken = 0;
    for id in 1..=4 {
        let mut client = server.client().await;
        taken += usize::from(client.ask("parlour/often_by_address", id, json!({})).await["error"].is_null());
    }
    assert_eq!(taken, 3);
}

#[tokio::test]
async fn too_many_messages_are_refused_and_far_too_many_end_the_connection() {
    let message_rate = Some(MessageRate { per_second: 1, burst: 5 });
    let server = start_limited(Limits { message_rate, ..Limits::default() }).await;
    let mut client = server.client().await;
    for id in 1..=5 {
        assert_eq!(client.ask("parlour/echo", id, json!({})).await["error"], Value::Null);
    }
    for id in 6..=10 {
        assert_eq!(client.refused("parlour/echo", id, json!({})).await["code"], "rate_limited");
    }
    client.say("parlour/echo", 11, json!({})).await;
    client.say("parlour/echo", 12, json!({})).await;
    assert_eq!(client.close_code().await, switchboard::close::POLICY);
}

#[tokio::test]
async fn garbage_counts_tenfold() {
    let message_rate = Some(MessageRate { per_second: 1, burst: 25 });
    let server = start_limited(Limits { message_rate, ..Limits::default() }).await;
    let mut client = server.client().await;
    for _ in 0..10 {
        client.send("garbage").await;
    }
    assert_eq!(client.close_code().await, switchboard::close::POLICY);
}
