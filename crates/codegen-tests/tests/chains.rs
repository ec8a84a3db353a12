//! Chains, run by a server over loopback: what is delivered when, and what is not when something fails.

use std::sync::Arc;
use std::time::Duration;

use codegen_tests::chains::chat::{self, Answer, First, Second, Several, Stages, Trouble};
use codegen_tests::chains::{Cx, Routes, serve};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use switchboard::Switchboard;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

struct App;

impl App {
    fn run(name: &str, stages: &Stages) -> Result<(), Trouble> {
        match stages.fail.split_once(':') {
            Some((failing, "panic")) if failing == name => panic!("as asked"),
            Some((failing, "error")) if failing == name => Err(switchboard::Error::msg("as asked"))?,
            Some((failing, "long")) if failing == name => Err(Trouble::Refused { by: "x".repeat(10) }),
            Some((failing, _)) if failing == name => Err(Trouble::Refused { by: name.to_owned() }),
            _ => Ok(()),
        }
    }
}

impl chat::Handlers for App {
    async fn ping(&self, _: &Cx, _: &chat::Ping) -> Result<(), switchboard::Error> {
        Ok(())
    }

    async fn several(&self, _: &Cx, message: &Several) -> Result<(Answer, First, Second), Trouble> {
        let Several { answer, first, second, .. } = message.clone();
        Ok((Answer { text: answer }, First { text: first }, Second { text: second }))
    }

    async fn check(&self, _: &Cx, message: &Stages) -> Result<(), Trouble> {
        App::run("check", message)
    }

    async fn left(&self, _: &Cx, message: &Stages) -> Result<(Answer, First), Trouble> {
        App::run("left", message)?;
        Ok((Answer { text: "yes".to_owned() }, First { text: "l".to_owned() }))
    }

    async fn right(&self, _: &Cx, message: &Stages) -> Result<Second, Trouble> {
        App::run("right", message)?;
        Ok(Second { text: "r".to_owned() })
    }

    async fn last(&self, _: &Cx, message: &Stages) -> Result<First, Trouble> {
        App::run("last", message)?;
        Ok(First { text: "end".to_owned() })
    }
}

/// A client whose last message has the id that the next answer must have.
struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    /// Sends a message and returns what comes, up to its answer, in short: `first r`, `re yes`, `refused left`.
    async fn ask(&mut self, name: &str, payload: Value) -> Vec<String> {
        let text = json!({"name": name, "id": 7, "payload": payload}).to_string();
        self.socket.send(Message::text(text)).await.unwrap();
        let mut heard = Vec::new();
        loop {
            let frame = self.hear().await;
            heard.push(frame.clone());
            if !frame.starts_with("chat/") {
                return heard;
            }
        }
    }

    async fn hear(&mut self) -> String {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next()).await;
            let Message::Text(text) = next.expect("an answer in time").unwrap().unwrap() else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            return match (&frame["name"], &frame["error"]["code"]) {
                (Value::String(name), _) => format!("{name} {}", frame["payload"]),
                (_, Value::String(code)) => format!("{code} {}", frame["error"]["by"].as_str().unwrap_or_default()),
                _ => format!("re {}", frame["payload"]["text"].as_str().unwrap_or_default()),
            };
        }
    }
}

/// Two clients of one server, and the server's own hand.
async fn served<F: Future<Output = ()>>(test: impl FnOnce(Client, Client, Switchboard<Routes>) -> F) {
    let bound = serve(Arc::new(App)).bind("127.0.0.1:0").await.unwrap();
    let (address, switchboard) = (bound.local_addr(), bound.switchboard());
    let connect = || async {
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/ws")).await.unwrap();
        let mut client = Client { socket };
        // Whoever has been answered is known to the server.
        assert_eq!(client.ask("chat/ping", json!({})).await, ["re "]);
        client
    };
    let clients = async {
        let (first, second) = (connect().await, connect().await);
        test(first, second, switchboard).await;
    };
    let (done, finished) = tokio::sync::oneshot::channel::<()>();
    let server = bound.run_until(async { drop(finished.await) });
    let (served, ()) = tokio::join!(server, async {
        clients.await;
        drop(done);
    });
    served.unwrap();
}

fn several(answer: &str, first: &str, second: &str) -> Value {
    json!({"room": "r", "answer": answer, "first": first, "second": second})
}

const FIRST: &str = r#"chat/first {"text":"l"}"#;
const SECOND: &str = r#"chat/second {"text":"r"}"#;
const LAST: &str = r#"chat/first {"text":"end"}"#;

#[tokio::test]
async fn one_handler_joins_then_answers_then_hears_what_it_told() {
    served(|mut client, _other, switchboard| async move {
        let heard = client.ask("chat/several", several("yes", "l", "r")).await;
        assert_eq!(heard, ["re yes"], "what goes to a topic that it joins comes behind");
        assert_eq!([client.hear().await, client.hear().await], [FIRST, SECOND]);
        assert_eq!(switchboard.members(&chat::rooms("r")), 1);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_a_handler_with_a_bad_value_goes_out() {
    served(|mut client, _other, switchboard| async move {
        for (answer, first, second) in [("yes", "l", "long"), ("yes", "long", "r"), ("long", "l", "r")] {
            let heard = client.ask("chat/several", several(answer, first, second)).await;
            assert_eq!(heard, ["internal "], "{answer} {first} {second}");
            assert_eq!(switchboard.members(&chat::rooms("r")), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn stages_run_in_order_and_the_answer_is_last() {
    served(|mut client, mut other, _| async move {
        let heard = client.ask("chat/stages", json!({"fail": ""})).await;
        assert_eq!(heard, [FIRST, SECOND, LAST, "re yes"]);
        let relayed = r#"chat/stages {"fail":""}"#;
        for wanted in [FIRST, SECOND, relayed, LAST] {
            assert_eq!(other.hear().await, wanted);
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_handler_stops_later_stages_but_not_its_neighbours() {
    served(|mut client, mut other, _| async move {
        for (fail, wanted) in [
            ("check:refused", vec!["refused check"]),
            ("left:refused", vec![SECOND, "refused left"]),
            ("right:refused", vec![FIRST, "refused right"]),
            ("last:refused", vec![FIRST, SECOND, "refused last"]),
            ("left:error", vec![SECOND, "internal "]),
            ("right:panic", vec![FIRST, "internal "]),
            ("last:long", vec![FIRST, SECOND, "internal "]),
        ] {
            assert_eq!(client.ask("chat/stages", json!({"fail": fail})).await, wanted, "{fail}");
        }
        let relayed = |fail: &str| format!(r#"chat/stages {{"fail":"{fail}"}}"#);
        assert_eq!(other.hear().await, SECOND);
        assert_eq!(other.hear().await, relayed("left:refused"), "the first stage failed before the relay's");
    })
    .await;
}
