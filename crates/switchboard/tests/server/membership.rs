//! Joining and leaving by a message: the answer first, nothing missed, and nothing of a message that fails.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::{Bytes, Limits};
use tokio_tungstenite::tungstenite::Message;

use crate::support::parlour::rooms;
use crate::support::{Client, Running, Said, start, start_limited};

fn said(text: &str) -> Value {
    json!({"name": "parlour/said", "payload": {"text": text, "count": 0}})
}

fn ok(id: u64) -> Value {
    json!({"re": id, "payload": {}})
}

/// Connected, known to the server, and a message of this name is on hold behind its join or leave.
async fn on_hold(server: &Running, name: &str, payload: Value) -> Client {
    let mut client = server.client().await;
    client.ask("parlour/echo", 1, json!({})).await;
    let begun = server.app.begun();
    client.say(name, 2, payload).await;
    server.until("the handler to begin", |server| server.app.begun() > begun).await;
    client
}

fn post(server: &Running, text: &str) -> usize {
    server.switchboard.push(Said::new(text)).to_topic(&rooms("lobby"))
}

#[tokio::test]
async fn the_answer_to_a_join_comes_before_the_first_event_and_no_event_is_missed() {
    let server = start().await;
    let mut client = on_hold(&server, "parlour/join_and_wait", json!({"to": "lobby"})).await;
    assert_eq!(server.switchboard.members(&rooms("lobby")), 0);
    post(&server, "one");
    post(&server, "two");
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await, ok(2));
    assert_eq!(client.json().await, said("one"));
    assert_eq!(client.json().await, said("two"));
    assert_eq!(server.switchboard.members(&rooms("lobby")), 1);
    post(&server, "three");
    assert_eq!(client.json().await, said("three"));
}

#[tokio::test]
async fn an_event_of_the_joining_message_itself_comes_behind_its_answer() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("parlour/join_and_post", 1, json!({"to": "lobby", "text": "here I am"})).await;
    assert_eq!(client.json().await, ok(1));
    assert_eq!(client.json().await, said("here I am"));
}

#[tokio::test]
async fn a_join_is_undone_when_its_message_is_refused_in_the_end() {
    let server = start_limited(Limits { subscriptions: 1, ..Limits::default() }).await;
    for (text, code) in [("refuse", "refused"), ("fail", "internal"), ("panic", "internal"), ("never", "timeout")] {
        let name = format!("parlour/join_and_{text}");
        let mut client = on_hold(&server, &name, json!({"to": "lobby"})).await;
        post(&server, "nobody hears this");
        server.app.gate.add_permits(1);
        assert_eq!(client.json().await["error"]["code"], code);
        assert_eq!(post(&server, "nor this"), 0);
        assert_eq!(server.switchboard.members(&rooms("lobby")), 0);
        // It does not count against the limit either.
        assert_eq!(client.ask("parlour/join", 3, json!({"to": "hall"})).await, ok(3));
    }
}

#[tokio::test]
async fn who_is_a_member_stays_one_when_a_second_join_is_refused() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("parlour/join", 1, json!({"to": "lobby"})).await;
    client.say("parlour/join_and_refuse", 2, json!({"to": "lobby"})).await;
    server.until("the second to begin", |server| server.app.begun() == 2).await;
    assert_eq!(post(&server, "still here"), 1);
    assert_eq!(client.json().await, said("still here"));
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await["error"]["kind"], "no_mood");
    assert_eq!(post(&server, "and on"), 1);
    assert_eq!(client.json().await, said("and on"));
}

#[tokio::test]
async fn a_join_without_an_id_takes_effect_when_its_message_succeeds() {
    let server = start().await;
    let mut client = server.client().await;
    client.send(json!({"name": "parlour/join_and_wait", "payload": {"to": "lobby"}}).to_string()).await;
    server.until("the handler to begin", |server| server.app.begun() == 1).await;
    post(&server, "one");
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await, said("one"));
}

#[tokio::test]
async fn one_message_may_join_several_topics() {
    let server = start().await;
    let mut client = on_hold(&server, "parlour/join_both_and_wait", json!({"to": "lobby", "text": "hall"})).await;
    post(&server, "in the lobby");
    server.switchboard.push(Said::new("in the hall")).to_topic(&rooms("hall"));
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await, ok(2));
    assert_eq!(client.json().await, said("in the lobby"));
    assert_eq!(client.json().await, said("in the hall"));
}

#[tokio::test]
async fn nothing_of_a_topic_comes_behind_the_answer_by_which_it_was_left() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("parlour/join", 1, json!({"to": "lobby"})).await;
    client.say("parlour/leave_and_wait", 2, json!({"to": "lobby"})).await;
    server.until("the leave to begin", |server| server.app.begun() == 2).await;
    post(&server, "too late");
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await, ok(2));
    assert_eq!(post(&server, "gone"), 0);
    assert_eq!(client.ask("parlour/echo", 3, json!({})).await["re"], 3);
}

#[tokio::test]
async fn who_could_not_leave_has_missed_nothing() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("parlour/join", 1, json!({"to": "lobby"})).await;
    client.say("parlour/leave_and_refuse", 2, json!({"to": "lobby"})).await;
    server.until("the leave to begin", |server| server.app.begun() == 2).await;
    post(&server, "one");
    server.app.gate.add_permits(1);
    assert_eq!(client.json().await, said("one"));
    assert_eq!(client.json().await["error"]["kind"], "no_mood");
    post(&server, "two");
    assert_eq!(client.json().await, said("two"));
}

#[tokio::test]
async fn who_goes_while_it_joins_leaves_nothing_behind() {
    let server = start().await;
    let client = on_hold(&server, "parlour/join_and_wait", json!({"to": "lobby"})).await;
    drop(client);
    // The handler runs to its end, and the join with it.
    server.app.gate.add_permits(1);
    server.until("it to be gone", |server| server.switchboard.connection_count() == 0).await;
    assert_eq!(server.switchboard.members(&rooms("lobby")), 0);
}

#[tokio::test]
async fn what_waits_is_bounded_for_all_topics_of_a_connection_together() {
    let frame = |text: &str| said(text).to_string().len() + 4;
    let text = "x".repeat(400);
    let limits = Limits { outbox_bytes: 2 * frame(&text), ..Limits::default() };
    let server = start_limited(limits).await;
    let mut client = on_hold(&server, "parlour/join_both_and_wait", json!({"to": "lobby", "text": "hall"})).await;
    post(&server, &text);
    server.switchboard.push(Said::new(&text)).to_topic(&rooms("hall"));
    client.send(Message::Ping(Bytes::new())).await;
    assert!(matches!(client.next().await, Message::Pong(_)), "two are within the bound");
    post(&server, &text);
    assert_eq!(client.close_code().await, 4_000);
    server.app.gate.add_permits(1);
    server.until("it to be gone", |server| server.switchboard.connection_count() == 0).await;
}

#[tokio::test]
async fn who_takes_too_long_to_join_a_busy_topic_is_a_slow_consumer() {
    let server =
        start_limited(Limits { outbox_bytes: 1_000, handler: Duration::from_secs(60), ..Limits::default() }).await;
    let mut client = on_hold(&server, "parlour/join_and_wait", json!({"to": "lobby"})).await;
    let text = "x".repeat(400);
    for _ in 0..3 {
        post(&server, &text);
    }
    assert_eq!(client.close_code().await, 4_000);
    server.app.gate.add_permits(1);
    server.until("it to be gone", |server| server.switchboard.connection_count() == 0).await;
}
