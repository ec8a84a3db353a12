//! Messages that come twice and are handled once.

use serde_json::json;
use switchboard::Limits;

use crate::support::workshop::{start, start_limited};

#[tokio::test]
async fn the_second_one_gets_the_first_ones_answer_under_its_own_id() {
    let server = start().await;
    let mut client = server.client().await;
    server.app.open("a");
    let first = client.ask("once", 1, json!({"text": "a", "to": "x"})).await;
    assert_eq!(first, json!({"re": 1, "payload": {"text": "a", "count": 1}}));
    let second = client.ask("once", 2, json!({"to": "x", "text": "a"})).await;
    assert_eq!(second, json!({"re": 2, "payload": {"text": "a", "count": 1}}));
    assert_eq!(server.app.count("begin a"), 1);
}

#[tokio::test]
async fn one_without_an_id_runs_and_is_remembered_and_one_without_is_not_answered() {
    let server = start().await;
    let mut client = server.client().await;
    server.app.open("a");
    client.send(r#"{"name":"once","payload":{"text":"a"}}"#).await;
    assert_eq!(client.ask("once", 2, json!({"text": "a"})).await["payload"]["count"], 1);
    client.send(r#"{"name":"once","payload":{"text":"a"}}"#).await;
    assert_eq!(client.ask("echo", 3, json!({})).await["re"], 3);
    assert_eq!(server.app.count("begin a"), 1);
}

#[tokio::test]
async fn one_that_comes_while_the_first_runs_waits_for_it() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("once_side", 1, json!({"text": "a"})).await;
    client.say("once_side", 2, json!({"text": "a"})).await;
    client.say("once_side", 3, json!({"text": "b"})).await;
    server.until("begin b", 1).await;
    server.app.open("b");
    assert_eq!(client.json().await["re"], 3);
    assert_eq!(server.app.count("begin a"), 1);
    server.app.open("a");
    let mut ids = [client.json().await["re"].as_u64(), client.json().await["re"].as_u64()];
    ids.sort_unstable();
    assert_eq!(ids, [Some(1), Some(2)]);
    assert_eq!(server.app.count("begin a"), 1);
}

#[tokio::test]
async fn another_payload_under_the_same_key_is_refused() {
    let server = start().await;
    let mut client = server.client().await;
    server.app.open("a");
    client.ask("once", 1, json!({"text": "a"})).await;
    let refusal = client.refused("once", 2, json!({"text": "a", "count": 9})).await;
    assert_eq!(refusal["code"], "invalid_payload");
    assert_eq!(
        (&refusal["violations"][0]["at"], &refusal["violations"][0]["rule"]),
        (&json!("/text"), &json!("idempotent"))
    );
}

#[tokio::test]
async fn declared_errors_are_remembered_and_breakdowns_are_not() {
    let server = start().await;
    let mut client = server.client().await;
    server.app.open("a");
    for id in [1, 2] {
        let refusal = client.refused("once", id, json!({"text": "a", "to": "refuse"})).await;
        assert_eq!(refusal, json!({"code": "refused", "kind": "no"}));
    }
    assert_eq!(server.app.count("begin a"), 1);
    for id in [3, 4] {
        server.app.open("b");
        assert_eq!(client.refused("once", id, json!({"text": "b", "to": "break"})).await["code"], "internal");
    }
    assert_eq!(server.app.count("begin b"), 2);
}

#[tokio::test]
async fn when_the_first_one_breaks_the_next_one_runs() {
    let server = start().await;
    let mut client = server.client().await;
    for id in [1, 2] {
        client.say("once_side", id, json!({"text": "a", "to": "break"})).await;
    }
    server.until("begin a", 1).await;
    server.app.open("a");
    assert_eq!(client.json().await["error"]["code"], "internal");
    server.until("begin a", 2).await;
    server.app.open("a");
    assert_eq!(client.json().await["error"]["code"], "internal");
}

#[tokio::test]
async fn keys_belong_to_an_identity_over_its_connections_and_else_to_one_connection() {
    let server = start().await;
    let (mut one, mut two) = (server.client().await, server.client().await);
    for client in [&mut one, &mut two] {
        client.ask("echo", 1, json!({})).await;
        server.app.open("a");
        assert!(client.ask("once", 2, json!({"text": "a", "to": "ok"})).await["payload"].is_object());
    }
    assert_eq!(server.app.count("begin a"), 2);
    server.app.contexts.lock().iter().for_each(|cx| cx.identify("kevin".to_owned(), []));
    server.app.open("b");
    one.ask("once", 3, json!({"text": "b"})).await;
    two.ask("once", 3, json!({"text": "b"})).await;
    assert_eq!(server.app.count("begin b"), 1);
}

#[tokio::test]
async fn the_oldest_answer_is_forgotten_at_the_bound() {
    let server = start_limited(Limits { remembered: 2, ..Limits::default() }).await;
    let mut client = server.client().await;
    for (id, text) in [(1, "a"), (2, "b"), (3, "c"), (4, "c"), (5, "a")] {
        server.app.open(text);
        client.ask("once", id, json!({"text": text})).await;
    }
    assert_eq!((server.app.count("begin a"), server.app.count("begin c")), (2, 1));
}
