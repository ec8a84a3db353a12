//! A client that knows envelopes and positions, and nothing else.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use history_tests::routes::{Routes, Wired};
use history_tests::{App, server};
use serde_json::{Value, json};
use switchboard::{Server, Switchboard};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// The time for anything that is to happen.
pub const SOON: Duration = Duration::from_secs(20);

pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
}

/// An answer, and what came before it.
pub struct Answer {
    pub before: Vec<Value>,
    pub answer: Value,
}

impl Answer {
    /// The one position that it tells.
    pub fn position(&self) -> &Value {
        let positions = self.answer["positions"].as_array().unwrap_or_else(|| panic!("no positions: {}", self.answer));
        assert_eq!(positions.len(), 1, "{}", self.answer);
        &positions[0]
    }

    /// The same without what belongs to this answer, to be sent as `since`.
    pub fn since(&self) -> Value {
        as_since(self.position())
    }
}

/// A position as a client sends it.
pub fn as_since(position: &Value) -> Value {
    let mut since = position.clone();
    let members = since.as_object_mut().expect("a position is an object");
    members.remove("recovered");
    members.remove("lost");
    since
}

/// The same with another offset.
pub fn at(position: &Value, offset: u64) -> Value {
    let mut since = as_since(position);
    since["offset"] = offset.into();
    since
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).await.expect("the server lets clients in")
    }

    pub async fn try_connect(address: SocketAddr) -> Option<Self> {
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/ws")).await.ok()?;
        Some(Self { socket, last_id: 0 })
    }

    /// Sends a message without waiting; its id.
    pub async fn send(&mut self, name: &str, payload: Value, since: &[Value]) -> Option<u64> {
        self.last_id += 1;
        let mut envelope = json!({ "name": name, "id": self.last_id, "payload": payload });
        if !since.is_empty() {
            envelope["since"] = since.into();
        }
        self.socket.send(Message::text(envelope.to_string())).await.ok()?;
        Some(self.last_id)
    }

    /// The next frame that is no ping; `None` when the connection is over.
    pub async fn try_hear(&mut self) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(SOON, self.socket.next()).await.expect("something comes");
            match next?.ok()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).expect("frames are JSON")),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    pub async fn hear(&mut self) -> Value {
        self.try_hear().await.expect("the connection is open")
    }

    /// Sends a message and hears up to its answer.
    pub async fn try_ask(&mut self, name: &str, payload: Value, since: &[Value]) -> Option<Answer> {
        let id = self.send(name, payload, since).await?;
        let mut before = Vec::new();
        loop {
            let frame = self.try_hear().await?;
            if frame["re"] == id {
                return Some(Answer { before, answer: frame });
            }
            before.push(frame);
        }
    }

    pub async fn ask(&mut self, name: &str, payload: Value, since: &[Value]) -> Answer {
        let answer = self.try_ask(name, payload, since).await.expect("the connection is open");
        assert!(answer.answer.get("error").is_none(), "{}", answer.answer);
        answer
    }

    /// The offsets of the next events, which nothing else comes between.
    pub async fn offsets(&mut self, count: usize) -> Vec<u64> {
        let mut offsets = Vec::new();
        for _ in 0..count {
            let event = self.hear().await;
            offsets.push(event["offset"].as_u64().unwrap_or_else(|| panic!("no offset: {event}")));
        }
        offsets
    }

    /// Nothing has come but the answer to a message that is sent now.
    pub async fn hears_nothing(&mut self) {
        let answer = self.ask("chat/part", json!({ "room": "nowhere" }), &[]).await;
        assert_eq!(answer.before, Vec::<Value>::new());
    }

    /// Closes the connection, and waits until the server has noticed.
    pub async fn leave(mut self) {
        let _ = self.socket.close(None).await;
        while self.try_hear().await.is_some() {}
    }
}

/// A server that runs until the test ends.
pub async fn start(server: Server<Routes, Wired<App>>) -> (SocketAddr, Switchboard<Routes>) {
    let bound = server.threads(2).bind("127.0.0.1:0").await.expect("there is a port");
    let (address, switchboard) = (bound.local_addr(), bound.switchboard());
    tokio::spawn(bound.run_until(std::future::pending()));
    (address, switchboard)
}

/// A server whose histories are in memory.
pub async fn in_memory() -> SocketAddr {
    start(server()).await.0
}

/// Writes numbers in a room, one after the other.
pub async fn post(client: &mut Client, room: &str, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        client.ask("chat/post", json!({ "room": room, "from": 0, "number": number }), &[]).await;
    }
}
