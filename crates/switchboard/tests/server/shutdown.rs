//! Leaving: nobody is left without a word.

use std::time::Duration;

use serde_json::json;
use switchboard::Limits;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{start, start_limited, within};

#[tokio::test]
async fn the_idle_are_told_and_the_busy_finish_first() {
    let server = start().await;
    let (app, address) = (server.app.clone(), server.address);
    let (mut busy, mut idle) = (server.client().await, server.client().await);
    idle.ask("parlour/echo", 1, json!({})).await;
    busy.say("parlour/wait", 1, json!({})).await;
    server.until("the handler to begin", |server| server.app.begun() == 2).await;
    let done = server.stop();
    assert_eq!(idle.close_code().await, switchboard::close::GOING_AWAY);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    busy.say("parlour/echo", 2, json!({})).await;
    busy.send(Message::Ping("has it been read?".into())).await;
    assert_eq!(busy.next().await, Message::Pong("has it been read?".into()));
    app.gate.add_permits(1);
    assert_eq!(busy.json().await, json!({"re": 1, "payload": {}}));
    assert_eq!(busy.json().await, json!({"re": 2, "error": {"code": "shutting_down"}}));
    assert_eq!(busy.close_code().await, switchboard::close::GOING_AWAY);
    within("the server to end", done).await.unwrap().unwrap();
    assert_eq!(app.begun(), 2);
}

#[tokio::test]
async fn a_handler_that_does_not_end_does_not_keep_the_server() {
    let server = start_limited(Limits { drain: Duration::from_millis(100), ..Limits::default() }).await;
    let mut client = server.client().await;
    client.say("parlour/wait", 1, json!({})).await;
    server.until("the handler to begin", |server| server.app.begun() == 1).await;
    within("the server to end", server.stop()).await.unwrap().unwrap();
    assert!(client.has_ended().await);
}

#[tokio::test]
async fn a_half_open_connection_does_not_keep_the_server() {
    let server = start().await;
    let _silent = tokio::net::TcpStream::connect(server.address).await.unwrap();
    server.client().await.ask("parlour/echo", 1, json!({})).await;
    within("the server to end", server.stop()).await.unwrap().unwrap();
}

#[tokio::test]
async fn many_are_told_at_once() {
    let server = start().await;
    let mut clients = Vec::new();
    for id in 1..=50 {
        let mut client = server.client().await;
        client.ask("parlour/echo", id, json!({})).await;
        clients.push(client);
    }
    let done = server.stop();
    let mut times = std::collections::BTreeSet::new();
    for client in &mut clients {
        let (code, reason) = client.farewell().await;
        assert_eq!(code, switchboard::close::GOING_AWAY);
        let (_, after) = reason.split_once("retry_after_ms=").expect(&reason);
        times.insert(after.parse::<u64>().unwrap());
    }
    assert!(times.len() > 40, "each has a time of its own to come back: {times:?}");
    within("the server to end", done).await.unwrap().unwrap();
}
