//! Messages that are handled beside others, and those that are not.

use serde_json::{Value, json};
use switchboard::Limits;
use tokio_tungstenite::tungstenite::Message;

use crate::support::Client;
use crate::support::workshop::{start, start_limited};

/// The ids of the next answers, in the order they come.
async fn answered(client: &mut Client, count: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(client.json().await["re"].clone());
    }
    ids
}

#[tokio::test]
async fn answers_of_concurrent_messages_come_when_they_are_ready() {
    let server = start().await;
    let mut client = server.client().await;
    for (id, text) in [(1, "a"), (2, "b"), (3, "c")] {
        client.say("side", id, json!({"text": text})).await;
    }
    server.until("begin c", 1).await;
    for text in ["c", "a", "b"] {
        server.app.open(text);
        server.until(&format!("end {text}"), 1).await;
    }
    assert_eq!(answered(&mut client, 3).await, [3, 1, 2]);
}

#[tokio::test]
async fn one_more_than_may_run_waits_and_so_does_what_came_behind_it() {
    let server = start().await;
    let mut client = server.client().await;
    for (id, text) in [(1, "a"), (2, "b"), (3, "c"), (4, "d")] {
        client.say("side", id, json!({"text": text})).await;
    }
    client.say("echo", 5, json!({})).await;
    client.send(Message::Ping("read".into())).await;
    assert_eq!(client.next().await, Message::Pong("read".into()));
    assert_eq!((server.app.count("begin c"), server.app.count("begin d")), (1, 0));
    server.app.open("b");
    assert_eq!(answered(&mut client, 2).await, [2, 5]);
    server.until("begin d", 1).await;
    ["d", "a", "c"].iter().for_each(|text| server.app.open(text));
    let mut last = answered(&mut client, 3).await;
    last.sort_by_key(Value::as_u64);
    assert_eq!(last, [1, 3, 4]);
}

#[tokio::test]
async fn ordinary_messages_keep_their_order_beside_concurrent_ones() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("slow", 1, json!({"text": "first"})).await;
    client.say("side", 2, json!({"text": "beside"})).await;
    client.say("slow", 3, json!({"text": "second"})).await;
    client.say("echo", 4, json!({})).await;
    server.until("begin beside", 1).await;
    server.app.open("beside");
    assert_eq!(answered(&mut client, 1).await, [2]);
    server.app.open("second");
    assert_eq!(server.app.count("begin second"), 0);
    server.app.open("first");
    assert_eq!(answered(&mut client, 3).await, [1, 3, 4]);
}

#[tokio::test]
async fn equal_keys_run_one_after_another_and_others_beside_them() {
    let server = start().await;
    let mut client = server.client().await;
    for (id, text, to) in [(1, "a1", "a"), (2, "a2", "a"), (3, "b1", "b"), (4, "a3", "a")] {
        client.say("keyed", id, json!({"text": text, "to": to})).await;
    }
    server.until("begin b1", 1).await;
    assert_eq!(server.app.count("begin a2"), 0);
    ["a3", "a2", "b1"].iter().for_each(|text| server.app.open(text));
    assert_eq!(answered(&mut client, 1).await, [3]);
    server.app.open("a1");
    assert_eq!(answered(&mut client, 3).await, [1, 2, 4]);
    let order: Vec<String> = server.app.log().into_iter().filter(|line| line.contains(" a")).collect();
    assert_eq!(order, ["begin a1", "end a1", "begin a2", "end a2", "begin a3", "end a3"]);
}

#[tokio::test]
async fn no_more_are_in_flight_than_allowed_and_none_is_lost() {
    let server = start_limited(Limits { in_flight: 2, inbox: 4, message_rate: None, ..Limits::default() }).await;
    let mut client = server.client().await;
    for id in 1..=40 {
        client.say("keyed", id, json!({"text": "x", "to": id.to_string()})).await;
    }
    server.until("begin x", 2).await;
    client.send(Message::Ping("behind a full inbox".into())).await;
    for _ in 0..40 {
        assert!(server.app.count("begin x") <= server.app.count("end x") + 2);
        server.app.open("x");
        tokio::task::yield_now().await;
    }
    let mut ids = Vec::new();
    while ids.len() < 40 {
        if let Message::Text(text) = client.next().await {
            ids.push(serde_json::from_str::<Value>(&text).unwrap()["re"].as_u64().unwrap());
        }
    }
    ids.sort_unstable();
    assert_eq!(ids, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_panic_beside_others_costs_its_own_message() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("side", 1, json!({"text": "a"})).await;
    let refusal = client.refused("panic_side", 2, json!({})).await;
    assert_eq!(refusal["code"], "internal");
    server.app.open("a");
    assert_eq!(client.json().await["re"], 1);
}

#[tokio::test]
async fn each_concurrent_message_has_a_deadline_of_its_own() {
    let handler = std::time::Duration::from_secs(1);
    let server = start_limited(Limits { handler, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.say("side", 1, json!({"text": "a"})).await;
    client.say("side", 2, json!({"text": "b"})).await;
    server.until("begin b", 1).await;
    server.app.open("b");
    assert_eq!(client.json().await["re"], 2);
    let late = client.json().await;
    assert_eq!(late, json!({"re": 1, "error": {"code": "timeout", "after_ms": 1000}}));
    assert_eq!(server.app.count("drop a"), 1);
}

#[tokio::test]
async fn pings_are_answered_while_many_run() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("side", 1, json!({"text": "a"})).await;
    client.say("slow", 2, json!({"text": "b"})).await;
    server.until("begin b", 1).await;
    client.send(Message::Ping("alive".into())).await;
    assert_eq!(client.next().await, Message::Pong("alive".into()));
}

#[tokio::test]
async fn draining_waits_for_what_runs_beside() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("side", 1, json!({"text": "a"})).await;
    server.until("begin a", 1).await;
    // Told behind the first one that the server drains, and gone by that.
    let mut idle = server.client().await;
    idle.ask("echo", 1, json!({})).await;
    let app = server.app.clone();
    let done = server.stop();
    assert_eq!(idle.close_code().await, switchboard::close::GOING_AWAY);
    assert_eq!(client.refused("echo", 2, json!({})).await["code"], "shutting_down");
    app.open("a");
    assert_eq!(client.json().await["re"], 1);
    assert_eq!(client.close_code().await, switchboard::close::GOING_AWAY);
    crate::support::within("the server to end", done).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_a_client_sent_before_it_left_is_done() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("slow", 1, json!({"text": "a"})).await;
    client.say("side", 2, json!({"text": "b"})).await;
    client.say("slow", 3, json!({"text": "c"})).await;
    server.until("begin b", 1).await;
    drop(client);
    ["a", "b", "c"].iter().for_each(|text| server.app.open(text));
    server.until("gone ", 1).await;
    let mut ends: Vec<String> = server.app.log().into_iter().filter(|line| line.starts_with("end")).collect();
    ends.sort();
    assert_eq!(ends, ["end a", "end b", "end c"]);
}
