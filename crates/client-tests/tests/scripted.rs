//! A server by hand, frame by frame, for what ours does not do when it is asked to.

use std::time::Duration;

use client_tests::transcripts::Transcripts;
use client_tests::transcripts::room::{Join, Mood, Say};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use switchboard_client::{Error, Notice, Options, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

/// One end of a connection, behind its hello.
pub(crate) struct Script(pub(crate) WebSocketStream<TcpStream>);

impl Script {
    /// The next connection.
    #[expect(clippy::result_large_err, reason = "as the library wants it")]
    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().await.unwrap();
        let choose = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            let offered = request.headers()["sec-websocket-protocol"].to_str().unwrap();
            assert!(offered.starts_with("switchboard.v1, contract."), "{offered}");
            response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("switchboard.v1"));
            Ok(response)
        };
        let mut script = Self(tokio_tungstenite::accept_hdr_async(stream, choose).await.unwrap());
        let hello = script.hear().await;
        assert!(hello["contract"].is_string() && hello["messages"].is_object(), "{hello}");
        script
    }

    pub(crate) async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}

pub(crate) async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    (listener, url)
}

fn say() -> Say {
    Say { room: "hall".to_owned(), text: "hi".to_owned(), mood: Mood::Calm }
}

#[tokio::test]
async fn a_message_whose_connection_drops_is_lost_and_the_next_one_is_sent_on_the_next_connection() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let room = client.room();
    let server = async {
        let mut script = Script::accept(&listener).await;
        assert_eq!(script.hear().await["name"], "room/say");
        drop(script);
        let mut script = Script::accept(&listener).await;
        let said = script.hear().await;
        assert_eq!((&said["name"], &said["id"]), (&json!("room/say"), &json!(2)));
        script.say(json!({"re": 2, "payload": {}})).await;
        script
    };
    let both = async {
        assert_eq!(room.say(&say()).await, Err(Error::ConnectionLost));
        assert_eq!(room.say(&say()).await, Ok(()));
    };
    tokio::join!(server, both);
}

#[tokio::test]
async fn a_silent_connection_is_given_up_after_a_ping_that_nobody_answers() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    let mut script = Script::accept(&listener).await;
    while client.state() != State::Open {
        notices.next().await;
    }
    // From here on time passes whenever nobody has anything to do.
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    assert_eq!(script.hear().await, json!({"ping": 1}));
    assert!((19..=21).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let lost = loop {
        if let Some(Notice::State(State::Waiting { code, .. })) = notices.next().await {
            break code;
        }
    };
    assert_eq!(lost, 1006);
    assert!((29..=31).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_socket_that_never_opens_is_given_up_and_tried_again() {
    let (listener, url) = listen().await;
    tokio::time::pause();
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    // Taken, and never answered.
    let (first, _) = listener.accept().await.unwrap();
    loop {
        if let Some(Notice::State(State::Waiting { code: 1006, .. })) = notices.next().await {
            break;
        }
    }
    let _second = listener.accept().await.unwrap();
    drop(first);
}

#[tokio::test]
async fn an_answer_that_is_no_upgrade_may_say_when_to_come_back() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = [0; 2048];
    let _ = stream.read(&mut request).await.unwrap();
    let answer = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(answer.as_bytes()).await.unwrap();
    let after = loop {
        if let Some(Notice::State(State::Waiting { after, .. })) = notices.next().await {
            break after;
        }
    };
    assert_eq!(after, Duration::from_secs(7));
    client.connect_now();
    Script::accept(&listener).await;
}

#[tokio::test]
async fn a_close_that_is_final_ends_the_client() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    let mut script = Script::accept(&listener).await;
    let frame = CloseFrame { code: CloseCode::from(4100), reason: "thrown out".into() };
    script.0.send(Message::Close(Some(frame))).await.unwrap();
    let closed = loop {
        match notices.next().await {
            Some(Notice::State(State::Closed { code, reason })) => break (code, reason),
            Some(_) => {}
            None => panic!("it says so"),
        }
    };
    assert_eq!(closed, (4100, "thrown out".to_owned()));
    assert_eq!(client.room().say(&say()).await, Err(Error::Offline));
}

#[tokio::test]
async fn a_join_that_is_refused_on_the_way_back_is_told_and_forgotten() {
    let (listener, url) = listen().await;
    let client = Transcripts::connect(url, Options::new());
    let mut notices = client.notices();
    let join = Join { room: "hall".to_owned() };
    let (script, joined) = tokio::join!(
        async {
            let mut script = Script::accept(&listener).await;
            script.hear().await;
            script.say(json!({"re": 1, "payload": {"members": 1}})).await;
            script
        },
        async { client.room().join(&join).await }
    );
    assert_eq!(joined.unwrap().members, 1);
    drop(script);
    let mut script = Script::accept(&listener).await;
    assert_eq!(script.hear().await, json!({"name": "room/join", "id": 2, "payload": {"room": "hall"}}));
    script.say(json!({"re": 2, "error": {"code": "refused", "kind": "full", "limit": 3}})).await;
    loop {
        if let Some(Notice::Resumed(resumed)) = notices.next().await {
            assert!(format!("{resumed:?}").contains("full"), "{resumed:?}");
            break;
        }
    }
    drop(script);
    let mut script = Script::accept(&listener).await;
    let (said, heard) = tokio::join!(client.room().say(&say()), async {
        let heard = script.hear().await;
        script.say(json!({"re": heard["id"], "payload": {}})).await;
        heard
    });
    assert_eq!((said, &heard["name"]), (Ok(()), &json!("room/say")));
}
