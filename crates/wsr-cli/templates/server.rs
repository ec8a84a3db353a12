//! The server, asked by a WebSocket client of another make.

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use {crate}::{App, serve};

/// The answer to one message, from a server of its own.
async fn answer(message: &'static str) -> String {
    let server = serve(App.into()).bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", server.local_addr());
    tokio::spawn(server.run());
    let (mut client, _) = connect_async(url).await.unwrap();
    client.send(Message::text(message)).await.unwrap();
    let answer = client.next().await.unwrap().unwrap();
    answer.to_text().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_says_hello_is_greeted_by_name() {
    let answer = answer(r#"{"name":"greet","id":1,"payload":{"name":"Ada"}}"#).await;
    assert_eq!(answer, r#"{"re":1,"payload":{"text":"Hello, Ada!"}}"#);
}

#[tokio::test]
async fn a_name_without_letters_is_refused() {
    let answer = answer(r#"{"name":"greet","id":2,"payload":{"name":""}}"#).await;
    assert!(answer.contains(r#""code":"invalid_payload""#), "{answer}");
}
