//! Messages that are taken back.

use serde_json::json;
use switchboard::Limits;
use tokio_tungstenite::tungstenite::Message;

use crate::support::workshop::{start, start_limited};

fn cancelled(id: u64) -> serde_json::Value {
    json!({"re": id, "error": {"code": "cancelled"}})
}

#[tokio::test]
async fn a_running_message_that_may_be_is_taken_back() {
    let server = start().await;
    let mut client = server.client().await;
    for (id, name) in [(1, "drop"), (2, "drop_side")] {
        client.say(name, id, json!({"text": name})).await;
        server.until(&format!("begin {name}"), 1).await;
        client.send(json!({"cancel": id}).to_string()).await;
        assert_eq!(client.json().await, cancelled(id));
        assert_eq!(server.app.count(&format!("drop {name}")), 1);
    }
    assert_eq!(client.ask("echo", 3, json!({})).await["re"], 3);
}

#[tokio::test]
async fn a_message_that_waits_is_taken_back_without_having_run() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("slow", 1, json!({"text": "a"})).await;
    client.say("drop", 2, json!({"text": "b"})).await;
    client.send(r#"{"cancel":2}"#).await;
    assert_eq!(client.json().await, cancelled(2));
    server.app.open("a");
    assert_eq!(client.json().await["re"], 1);
    assert_eq!(server.app.count("begin b"), 0);
}

#[tokio::test]
async fn what_may_not_be_taken_back_goes_on_and_nothing_is_said() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("slow", 1, json!({"text": "a"})).await;
    client.say("side", 2, json!({"text": "b"})).await;
    client.say("slow", 3, json!({"text": "c"})).await;
    server.until("begin b", 1).await;
    for id in [1, 2, 3, 99] {
        client.send(json!({"cancel": id}).to_string()).await;
    }
    client.send(Message::Ping("heard".into())).await;
    assert_eq!(client.next().await, Message::Pong("heard".into()));
    server.app.open("b");
    assert_eq!(client.json().await["re"], 2);
    ["a", "c"].iter().for_each(|text| server.app.open(text));
    assert_eq!((client.json().await["re"].clone(), client.json().await["re"].clone()), (json!(1), json!(3)));
}

#[tokio::test]
async fn a_cancel_of_what_has_been_answered_is_nothing() {
    let server = start().await;
    let mut client = server.client().await;
    assert_eq!(client.ask("echo", 1, json!({})).await["re"], 1);
    client.send(r#"{"cancel":1}"#).await;
    assert_eq!(client.ask("echo", 2, json!({})).await["re"], 2);
}

#[tokio::test]
async fn what_may_be_is_dropped_when_the_client_leaves() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("drop_side", 1, json!({"text": "a"})).await;
    client.say("drop", 2, json!({"text": "b"})).await;
    client.say("drop", 3, json!({"text": "c"})).await;
    server.until("begin b", 1).await;
    drop(client);
    server.until("gone ", 1).await;
    assert_eq!((server.app.count("drop a"), server.app.count("drop b")), (1, 1));
    assert_eq!(server.app.count("begin c"), 0);
}

#[tokio::test]
async fn a_thousand_cancels_are_heard_in_order_when_the_rate_allows_them() {
    let server = start_limited(Limits { message_rate: None, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.say("slow", 1, json!({"text": "a"})).await;
    client.say("drop", 2, json!({"text": "b"})).await;
    server.until("begin a", 1).await;
    for id in 3..=1_002 {
        client.send(json!({"cancel": id}).to_string()).await;
    }
    client.send(r#"{"cancel":2}"#).await;
    assert_eq!(client.json().await, cancelled(2));
}

#[tokio::test]
async fn a_thousand_cancels_at_the_usual_rate_are_too_many_messages() {
    let server = start().await;
    let mut client = server.client().await;
    let flood = r#"{"cancel":7}"#;
    for _ in 0..1_000 {
        if client.try_send(flood).await.is_err() {
            break;
        }
    }
    assert_eq!(client.close_code().await, switchboard::close::POLICY);
}

#[tokio::test]
async fn a_cancel_that_is_none_is_malformed() {
    let server = start().await;
    let mut client = server.client().await;
    client.send(r#"{"cancel":"7"}"#).await;
    let refusal = client.json().await;
    assert_eq!((refusal["re"].clone(), refusal["error"]["code"].clone()), (json!(null), json!("malformed")));
    client.say("slow", 1, json!({"text": "a"})).await;
    client.send(r#"{"cancel":0}"#).await;
    assert_eq!(client.json().await["error"]["code"], "malformed");
}
