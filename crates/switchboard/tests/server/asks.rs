//! The server asks, and the client answers.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::{AskError, Limits};

use crate::support::Client;
use crate::support::parlour::Words;
use crate::support::within;
use crate::support::workshop::{Confirm, start, start_limited};

fn question(text: &str) -> Confirm {
    Confirm(Words { text: text.to_owned(), ..Words::default() })
}

/// The number of the ask that comes next.
async fn asked(client: &mut Client, text: &str) -> u64 {
    let ask = client.json().await;
    assert_eq!((&ask["name"], &ask["payload"]["text"]), (&json!("confirm"), &json!(text)), "{ask}");
    ask["ask"].as_u64().unwrap()
}

#[tokio::test]
async fn a_handler_hears_the_clients_answer() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("confirm", 1, json!({"text": "sure?"})).await;
    let ask = asked(&mut client, "sure?").await;
    client.send(json!({"re": ask, "payload": {"text": "of course"}}).to_string()).await;
    assert_eq!(client.json().await, json!({"re": 1, "payload": {"text": "yes of course", "count": 0}}));
    client.say("confirm", 2, json!({"text": "again?"})).await;
    let next = asked(&mut client, "again?").await;
    assert!(next > ask);
    client.send(json!({"re": next, "error": {"text": "busy"}}).to_string()).await;
    assert_eq!(client.json().await["payload"]["text"], "no busy");
}

#[tokio::test]
async fn a_bad_answer_is_refused_and_a_better_one_may_follow() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("confirm", 1, json!({"text": "sure?"})).await;
    let ask = asked(&mut client, "sure?").await;
    client.send(json!({"re": ask, "payload": {"count": "many"}}).to_string()).await;
    let refusal = client.json().await;
    assert_eq!((&refusal["ask"], &refusal["error"]["code"]), (&json!(ask), &json!("invalid_payload")));
    assert_eq!(refusal["error"]["violations"][0]["at"], "/count");
    client.send(json!({"re": ask, "payload": {"text": "yes"}}).to_string()).await;
    assert_eq!(client.json().await["payload"]["text"], "yes yes");
}

#[tokio::test]
async fn who_stays_silent_is_told_that_it_is_too_late() {
    let server = start_limited(Limits { ask: Duration::from_millis(100), ..Limits::default() }).await;
    let mut client = server.client().await;
    client.say("confirm", 1, json!({"text": "sure?"})).await;
    let ask = asked(&mut client, "sure?").await;
    assert_eq!(client.json().await, json!({"ask": ask, "error": {"code": "timeout", "after_ms": 100}}));
    assert_eq!(client.json().await["payload"]["text"], "the client did not answer in time");
    client.send(json!({"re": ask, "payload": {}}).to_string()).await;
    let late = client.json().await;
    assert_eq!((&late["ask"], &late["error"]["code"]), (&json!(ask), &json!("malformed")));
    assert_eq!(client.ask("echo", 2, json!({})).await["re"], 2);
}

#[tokio::test]
async fn nothing_but_bad_answers_is_told_as_such() {
    let server = start_limited(Limits { ask: Duration::from_millis(700), ..Limits::default() }).await;
    let mut client = server.client().await;
    client.ask("echo", 1, json!({})).await;
    let cx = server.app.cx();
    let asking = tokio::spawn(async move { cx.ask(question("sure?")).await });
    let ask = asked(&mut client, "sure?").await;
    client.send(json!({"re": ask, "payload": 7}).to_string()).await;
    assert_eq!(client.json().await["error"]["code"], "invalid_payload");
    let Err(AskError::Invalid(invalid)) = within("the deadline", asking).await.unwrap() else { panic!("no answer") };
    assert_eq!(invalid.violations()[0].rule, "type");
}

#[tokio::test]
async fn anybody_who_kept_the_context_may_ask() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("echo", 1, json!({})).await;
    let cx = server.app.cx();
    let asking = tokio::spawn(async move { cx.ask(question("from outside")).await });
    let ask = asked(&mut client, "from outside").await;
    client.send(json!({"re": ask, "payload": {"text": "hello"}}).to_string()).await;
    assert_eq!(within("the answer", asking).await.unwrap().unwrap().text, "hello");
}

#[tokio::test]
async fn whoever_waits_hears_that_the_client_has_left() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("confirm", 1, json!({"text": "sure?"})).await;
    asked(&mut client, "sure?").await;
    drop(client);
    server.until("heard the client has left", 1).await;
    server.until("gone ", 1).await;
    let gone = within("no answer", server.app.cx().ask(question("anybody?"))).await;
    assert!(matches!(gone, Err(AskError::Gone)));
}

#[tokio::test]
async fn who_stops_waiting_takes_the_question_back() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("echo", 1, json!({})).await;
    let cx = server.app.cx();
    let asking = tokio::spawn(async move { cx.ask(question("sure?")).await });
    let ask = asked(&mut client, "sure?").await;
    asking.abort();
    assert_eq!(client.json().await, json!({"ask": ask, "error": {"code": "cancelled"}}));
}

#[tokio::test]
async fn no_more_asks_are_open_than_allowed() {
    let server = start_limited(Limits { asks: 2, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.ask("echo", 1, json!({})).await;
    let ask = |text: &'static str| {
        let cx = server.app.cx();
        tokio::spawn(async move { cx.ask(question(text)).await })
    };
    let first = ask("one");
    let number = asked(&mut client, "one").await;
    let _second = ask("two");
    asked(&mut client, "two").await;
    assert!(matches!(within("no ask", ask("three")).await.unwrap(), Err(AskError::TooMany { limit: 2 })));
    client.send(json!({"re": number, "payload": {}}).to_string()).await;
    assert!(within("the answer", first).await.unwrap().is_ok());
    let _third = ask("three");
    asked(&mut client, "three").await;
}

#[tokio::test]
async fn what_breaks_its_own_limits_is_not_asked() {
    let server = start().await;
    let mut client = server.client().await;
    client.ask("echo", 1, json!({})).await;
    let outcome = within("no ask", server.app.cx().ask(question("too rude to send"))).await;
    assert!(matches!(outcome, Err(AskError::Invalid(_))));
    assert_eq!(client.ask("echo", 2, json!({})).await["re"], 2);
}

#[tokio::test]
async fn answers_to_nothing_are_refused_until_it_is_too_much() {
    let server = start().await;
    let mut client = server.client().await;
    client.send(r#"{"re":5,"payload":{}}"#).await;
    let refusal = client.json().await;
    assert_eq!((&refusal["ask"], &refusal["error"]["code"]), (&json!(5), &json!("malformed")));
    for number in 0..1_000 {
        if client.try_send(&json!({"re": number + 1, "payload": {}}).to_string()).await.is_err() {
            break;
        }
    }
    assert_eq!(client.close_code().await, switchboard::close::POLICY);
}

#[tokio::test]
async fn an_answer_overtakes_the_messages_that_wait() {
    let server = start().await;
    let mut client = server.client().await;
    client.say("confirm", 1, json!({"text": "sure?"})).await;
    let ask = asked(&mut client, "sure?").await;
    client.say("echo", 2, json!({})).await;
    client.send(json!({"payload": {"text": "yes"}, "re": ask}).to_string()).await;
    let answers: Vec<Value> = vec![client.json().await["re"].clone(), client.json().await["re"].clone()];
    assert_eq!(answers, [1, 2]);
}
