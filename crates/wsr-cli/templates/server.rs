//! The server and its clients, without a socket: connections are in memory, and time waits for the test.

use switchboard::testkit::{self, json};

use {crate}::{App, serve};

#[tokio::test]
async fn whoever_says_hello_is_greeted_by_name() {
    let kit = testkit::start(serve(App.into()));
    let mut ada = kit.connect().await;
    let greeting = ada.ask("greet", json!({"name": "Ada"})).await.payload();
    assert_eq!(greeting["text"], "Hello, Ada!");
}

#[tokio::test]
async fn a_name_without_letters_is_refused() {
    let kit = testkit::start(serve(App.into()));
    let mut nobody = kit.connect().await;
    let answer = nobody.ask("greet", json!({"name": ""})).await;
    let refusal = answer.refused("invalid_payload");
    assert_eq!(refusal["violations"][0]["at"], "/name");
}

/// Hundreds of messages that `routes.wsr` allows, or nearly allows.
#[tokio::test]
async fn whatever_clients_send_is_answered_as_declared() {
    testkit::walk(|| serve(App.into())).run().await;
}
