//! A client of tokio-tungstenite, and bare sockets for what it would not send.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::within;

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let (stream, _) = within("connecting", connect_async(format!("ws://{address}/ws"))).await.unwrap();
        Self(stream)
    }

    /// Offers subprotocols; the client, and the one that the server has chosen.
    pub async fn offering(address: SocketAddr, subprotocols: &str) -> (Self, Option<String>) {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", subprotocols.parse().unwrap());
        let (stream, response) = within("connecting", connect_async(request)).await.unwrap();
        let chosen = response.headers().get("sec-websocket-protocol");
        (Self(stream), chosen.map(|chosen| chosen.to_str().unwrap().to_owned()))
    }

    pub async fn send(&mut self, message: impl Into<Message>) {
        within("sending", self.0.send(message.into())).await.unwrap();
    }

    /// Sends, unless the connection has ended.
    pub async fn try_send(&mut self, text: &str) -> Result<(), Error> {
        within("sending", self.0.send(Message::text(text))).await
    }

    /// Sends an envelope with this id.
    pub async fn say(&mut self, name: &str, id: u64, payload: Value) {
        self.send(json!({"name": name, "id": id, "payload": payload}).to_string()).await;
    }

    /// The next message of any kind.
    pub async fn next(&mut self) -> Message {
        within("a message", self.0.next()).await.expect("the connection has ended").unwrap()
    }

    /// The next text, as JSON.
    pub async fn json(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("not a text: {other:?}"),
        }
    }

    /// Sends, and takes the next text for the answer.
    pub async fn ask(&mut self, name: &str, id: u64, payload: Value) -> Value {
        self.say(name, id, payload).await;
        self.json().await
    }

    /// Sends, and takes the next text for a refusal: its code, after a check of its reference.
    pub async fn refused(&mut self, name: &str, id: u64, payload: Value) -> Value {
        let answer = self.ask(name, id, payload).await;
        assert_eq!(answer["re"], id, "{answer}");
        answer["error"].clone()
    }

    /// The code of the close frame that comes after whatever else still comes.
    pub async fn close_code(&mut self) -> u16 {
        self.farewell().await.0
    }

    /// The same with its reason.
    pub async fn farewell(&mut self) -> (u16, String) {
        let wait = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                    Some(Ok(Message::Close(None))) => return (1005, String::new()),
                    Some(Ok(_)) => {}
                    None | Some(Err(_)) => return (1006, String::new()),
                }
            }
        };
        within("a close frame", wait).await
    }

    /// Whether the connection has ended, the TCP one included.
    pub async fn has_ended(&mut self) -> bool {
        let wait = async { while let Some(Ok(_)) = self.0.next().await {} };
        within("the end", wait).await;
        matches!(self.0.next().await, None | Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)))
    }

    /// The bare socket, to send what no client would.
    pub fn socket(&mut self) -> &mut TcpStream {
        match self.0.get_mut() {
            MaybeTlsStream::Plain(socket) => socket,
            _ => panic!("no TLS here"),
        }
    }
}

/// A masked frame of a client.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        middle @ 126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend((middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    // A mask of zeros changes nothing.
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// Sends bytes over a new socket; all that comes back until the other side closes.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let exchange = async {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    within("an HTTP exchange", exchange).await
}

/// The status in an HTTP answer.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}
