//! Messages side by side, repeated, taken back and streamed, and what the server asks: generated code on a server over
//! loopback.

use std::collections::HashMap;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codegen_tests::requests::desk::{self, Choice, ConfirmError, Order, PickReply, Seat};
use codegen_tests::requests::{Cx, Text, Trouble, serve};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use switchboard::{AskError, Error, Items};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

#[derive(Default)]
struct App {
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    runs: Mutex<Vec<String>>,
}

impl App {
    fn gate(&self, name: &str) -> Arc<Semaphore> {
        let mut gates = self.gates.lock().unwrap();
        gates.entry(name.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0))).clone()
    }

    fn open(&self, name: &str) {
        self.gate(name).add_permits(1);
    }

    async fn wait(&self, name: &Text) -> Result<(), Trouble> {
        self.runs.lock().unwrap().push(name.to_string());
        if name.as_str() == "refuse" {
            return Err(Trouble::Refused { by: name.clone(), level: 3 });
        }
        self.gate(name.as_str()).acquire().await?.forget();
        Ok(())
    }

    fn runs(&self, name: &str) -> usize {
        self.runs.lock().unwrap().iter().filter(|run| *run == name).count()
    }
}

fn seat(table: u32, name: &str) -> Seat {
    Seat { table, name: name.parse().unwrap() }
}

impl desk::Handlers for App {
    async fn side(&self, _: &Cx, message: &desk::Side) -> Result<Seat, Trouble> {
        self.wait(&message.gate).await?;
        Ok(seat(1, message.gate.as_str()))
    }

    async fn sit(&self, _: &Cx, message: &desk::Sit) -> Result<Seat, Trouble> {
        self.wait(&message.gate).await?;
        Ok(seat(message.table, message.gate.as_str()))
    }

    async fn search(&self, _: &Cx, message: &desk::Search) -> Result<(), Error> {
        self.runs.lock().unwrap().push(message.gate.to_string());
        pending().await
    }

    async fn pay(&self, _: &Cx, message: &desk::Pay) -> Result<Seat, Trouble> {
        self.runs.lock().unwrap().push("pay".to_owned());
        if let Some(gate) = &message.gate {
            self.wait(gate).await?;
        }
        Ok(seat(message.amount, "paid"))
    }

    async fn order(&self, _: &Cx, _: &Order) -> Result<(), Error> {
        self.runs.lock().unwrap().push("order".to_owned());
        Ok(())
    }

    async fn tail(&self, _: &Cx, message: &desk::Tail, items: &Items<Seat>) -> Result<(), Trouble> {
        for table in message.from..message.from + message.count {
            items.send(seat(table, "x")).await?;
        }
        self.wait(&message.gate).await
    }

    async fn words(&self, _: &Cx, message: &desk::Words, items: &Items<String>) -> Result<(), Error> {
        for _ in 0..message.count {
            items.send(&message.text).await?;
        }
        Ok(())
    }

    async fn check(&self, _: &Cx, _: &desk::Numbers) -> Result<(), Error> {
        Ok(())
    }

    async fn count_up(&self, _: &Cx, message: &desk::Numbers, items: &Items<u64>) -> Result<(), Error> {
        for number in 0..message.count {
            items.send(u64::MAX - u64::from(number)).await?;
        }
        pending().await
    }

    async fn consult(&self, cx: &Cx, message: &desk::Consult) -> Result<String, Error> {
        Ok(match message.what.as_str() {
            "confirm" => match cx.ask(desk::Confirm { text: "sure?".parse()? }).await {
                Ok(Choice::Later { minutes }) => format!("in {minutes} minutes"),
                Ok(choice) => format!("{choice:?}"),
                Err(AskError::Refused(ConfirmError::TooBusy { until })) => format!("busy until {}", until.as_str()),
                Err(AskError::Refused(error)) => format!("refused: {error:?}"),
                Err(error) => error.to_string(),
            },
            "wake" => match cx.ask(desk::Wake).await {
                Ok(()) => "awake".to_owned(),
                Err(error) => error.to_string(),
            },
            _ => {
                let PickReply { index, why } = cx.ask(desk::Pick(vec!["a".parse()?, "b".parse()?])).await?;
                format!("{index} {}", why.map_or(String::new(), |why| why.to_string()))
            }
        })
    }
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn send(&mut self, text: Value) {
        self.0.send(Message::text(text.to_string())).await.unwrap();
    }

    async fn say(&mut self, name: &str, id: u64, payload: Value) {
        self.send(json!({"name": format!("desk/{name}"), "id": id, "payload": payload})).await;
    }

    async fn next(&mut self) -> Value {
        let wait = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                    Some(Ok(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect("a message")
    }

    /// The number of the ask that comes next.
    async fn asked(&mut self, name: &str, payload: Value) -> Value {
        let ask = self.next().await;
        assert_eq!((&ask["name"], &ask["payload"]), (&json!(format!("desk/{name}")), &payload), "{ask}");
        ask["ask"].clone()
    }
}

async fn serve_requests() -> (Arc<App>, SocketAddr) {
    let app = Arc::new(App::default());
    let bound = serve(app.clone()).threads(1).bind("127.0.0.1:0").await.unwrap();
    let address = bound.local_addr();
    tokio::spawn(bound.run_until(pending()));
    (app, address)
}

async fn start() -> (Arc<App>, Client) {
    let (app, address) = serve_requests().await;
    let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/ws")).await.unwrap();
    (app, Client(socket))
}

#[tokio::test]
async fn concurrent_messages_are_answered_when_they_are_ready() {
    let (app, mut client) = start().await;
    client.say("side", 1, json!({"gate": "a"})).await;
    client.say("side", 2, json!({"gate": "b"})).await;
    app.open("b");
    assert_eq!(client.next().await, json!({"re": 2, "payload": {"table": 1, "name": "b"}}));
    app.open("a");
    assert_eq!(client.next().await["re"], 1);
}

#[tokio::test]
async fn messages_of_one_key_keep_their_order() {
    let (app, mut client) = start().await;
    for (id, table, gate) in [(1, 7, "a"), (2, 7, "b"), (3, 8, "c")] {
        client.say("sit", id, json!({"table": table, "gate": gate})).await;
    }
    app.open("c");
    assert_eq!(client.next().await["re"], 3);
    app.open("b");
    assert_eq!(app.runs("b"), 0);
    app.open("a");
    assert_eq!((client.next().await["re"].clone(), client.next().await["re"].clone()), (json!(1), json!(2)));
}

#[tokio::test]
async fn a_cancellable_message_is_taken_back() {
    let (_, mut client) = start().await;
    client.say("search", 4, json!({"gate": "a"})).await;
    client.send(json!({"cancel": 4})).await;
    assert_eq!(client.next().await, json!({"re": 4, "error": {"code": "cancelled"}}));
}

#[tokio::test]
async fn what_comes_twice_is_done_once() {
    let (app, mut client) = start().await;
    let pay = |amount: u32, gate: &str| json!({"request": "0e37df36-f698-11e6-8dd4-cb9ced3df976", "amount": amount, "gate": gate});
    client.say("pay", 1, pay(3, "a")).await;
    client.say("pay", 2, pay(3, "a")).await;
    app.open("a");
    for _ in 0..2 {
        assert_eq!(client.next().await["payload"], json!({"table": 3, "name": "paid"}));
    }
    client.say("pay", 3, pay(4, "a")).await;
    let refusal = client.next().await;
    assert_eq!(refusal["error"]["violations"][0]["rule"], "idempotent");
    assert_eq!(refusal["error"]["violations"][0]["at"], "/request");
    assert_eq!(app.runs("pay"), 1);
}

#[tokio::test]
async fn a_declared_error_is_remembered() {
    let (app, mut client) = start().await;
    let pay = json!({"request": "0e37df36-f698-11e6-8dd4-cb9ced3df976", "amount": 1, "gate": "refuse"});
    for id in [1, 2] {
        client.say("pay", id, pay.clone()).await;
        let refused = json!({"code": "refused", "kind": "refused", "by": "refuse", "level": 3});
        assert_eq!(client.next().await, json!({"re": id, "error": refused}));
    }
    assert_eq!(app.runs("refuse"), 1);
}

#[tokio::test]
async fn payloads_are_compared_by_what_they_mean() {
    let (app, mut client) = start().await;
    client.say("order", 1, json!({"order-key": "5"})).await;
    client.say("order", 2, json!({"share": 0.5, "order-key": "5"})).await;
    client.say("order", 3, json!({"share": 0.25, "order-key": "5"})).await;
    assert_eq!(client.next().await, json!({"re": 1, "payload": {}}));
    assert_eq!(client.next().await, json!({"re": 2, "payload": {}}));
    assert_eq!(client.next().await["error"]["violations"][0]["at"], "/order-key");
    assert_eq!(app.runs("order"), 1);
}

#[tokio::test]
async fn items_are_streamed_and_an_error_may_end_them() {
    let (app, mut client) = start().await;
    app.open("a");
    client.say("tail", 1, json!({"from": 5, "count": 2, "gate": "a"})).await;
    for table in [5, 6] {
        assert_eq!(client.next().await, json!({"re": 1, "item": {"table": table, "name": "x"}}));
    }
    assert_eq!(client.next().await, json!({"re": 1, "done": true}));
    client.say("tail", 2, json!({"from": 0, "count": 0, "gate": "refuse"})).await;
    assert_eq!(client.next().await["error"]["kind"], "refused");
}

#[tokio::test]
async fn items_of_any_type_keep_the_limits_that_stand_at_the_arrow() {
    let (_, mut client) = start().await;
    client.say("words", 1, json!({"text": "hello", "count": 1})).await;
    assert_eq!(client.next().await, json!({"re": 1, "item": "hello"}));
    assert_eq!(client.next().await["done"], true);
    client.say("words", 2, json!({"text": "longer than ten", "count": 1})).await;
    assert_eq!(client.next().await["error"]["code"], "internal");
    client.say("numbers", 3, json!({"count": 2})).await;
    assert_eq!(client.next().await["item"], "18446744073709551615");
    assert_eq!(client.next().await["item"], "18446744073709551614");
    assert_eq!(client.next().await["error"], json!({"code": "timeout", "after_ms": 300}));
}

#[tokio::test]
async fn a_client_is_asked_and_its_answers_are_typed() {
    let (_, mut client) = start().await;
    for (id, answer, heard) in [
        (1, json!({"payload": {"kind": "later", "minutes": 5}}), "in 5 minutes"),
        (2, json!({"payload": {"kind": "no"}}), "No"),
        (3, json!({"error": {"type": "too-busy", "until": "noon"}}), "busy until noon"),
        (4, json!({"error": {"type": "not-now"}}), "refused: NotNow"),
    ] {
        client.say("consult", id, json!({"what": "confirm"})).await;
        let mut reply = answer;
        reply["re"] = client.asked("confirm", json!({"text": "sure?"})).await;
        client.send(reply).await;
        assert_eq!(client.next().await, json!({"re": id, "payload": heard}));
    }
}

#[tokio::test]
async fn bad_answers_are_refused_with_what_is_wrong() {
    let (_, mut client) = start().await;
    client.say("consult", 1, json!({"what": "confirm"})).await;
    let ask = client.asked("confirm", json!({"text": "sure?"})).await;
    for (answer, at, rule) in [
        (json!({"payload": {"kind": "later", "minutes": 0}}), "/minutes", "range"),
        (json!({"payload": {"kind": "perhaps"}}), "/kind", "one_of"),
        (json!({"error": {"type": "internal"}}), "/type", "one_of"),
        (json!({"error": {"type": "too-busy"}}), "/until", "required"),
    ] {
        let mut reply = answer;
        reply["re"] = ask.clone();
        client.send(reply).await;
        let refusal = client.next().await;
        assert_eq!((&refusal["ask"], &refusal["error"]["code"]), (&ask, &json!("invalid_payload")));
        let violation = &refusal["error"]["violations"][0];
        assert_eq!((&violation["at"], &violation["rule"]), (&json!(at), &json!(rule)));
    }
    client.send(json!({"re": ask, "payload": {"kind": "yes"}})).await;
    assert_eq!(client.next().await["payload"], "Yes");
}

#[tokio::test]
async fn asks_without_a_payload_or_of_a_type_and_their_deadline() {
    let (_, mut client) = start().await;
    client.say("consult", 1, json!({"what": "wake"})).await;
    let ask = client.asked("wake", json!({})).await;
    client.send(json!({"re": ask, "error": {"kind": "no"}})).await;
    assert_eq!(client.next().await["error"]["code"], "invalid_payload", "no error is declared");
    client.send(json!({"re": ask, "payload": {}})).await;
    assert_eq!(client.next().await["payload"], "awake");
    client.say("consult", 2, json!({"what": "pick"})).await;
    let ask = client.asked("pick", json!(["a", "b"])).await;
    client.send(json!({"re": ask, "payload": {"index": 1, "why": "nice"}})).await;
    assert_eq!(client.next().await["payload"], "1 nice");
    client.say("consult", 3, json!({"what": "wake"})).await;
    let ask = client.asked("wake", json!({})).await;
    assert_eq!(client.next().await, json!({"ask": ask, "error": {"code": "timeout", "after_ms": 1000}}));
    assert_eq!(client.next().await["payload"], "the client did not answer in time");
}

/// A client that has asked for MessagePack.
struct Packed(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Packed {
    async fn connect(address: SocketAddr) -> Self {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        let asked = HeaderValue::from_static("switchboard.v1+msgpack");
        request.headers_mut().insert("sec-websocket-protocol", asked);
        Self(tokio_tungstenite::connect_async(request).await.unwrap().0)
    }

    async fn send(&mut self, envelope: &Value) {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &packed(envelope)).unwrap();
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        let next = tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.expect("a message");
        let Some(Ok(Message::Binary(bytes))) = next else { panic!("{next:?}") };
        unpacked(&rmpv::decode::read_value(&mut &bytes[..]).unwrap())
    }
}

fn packed(value: &Value) -> rmpv::Value {
    match value {
        Value::Null => rmpv::Value::Nil,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.as_u64().unwrap().into(),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(packed).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            rmpv::Value::Map(members.iter().map(|(key, value)| (key.as_str().into(), packed(value))).collect())
        }
    }
}

fn unpacked(value: &rmpv::Value) -> Value {
    match value {
        rmpv::Value::Nil => Value::Null,
        rmpv::Value::Boolean(value) => (*value).into(),
        rmpv::Value::Integer(number) => number.as_u64().into(),
        rmpv::Value::String(text) => text.as_str().into(),
        rmpv::Value::Array(items) => items.iter().map(unpacked).collect(),
        rmpv::Value::Map(members) => {
            members.iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), unpacked(value))).collect()
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn asks_streams_and_cancels_are_the_same_in_message_pack() {
    let (app, address) = serve_requests().await;
    let mut client = Packed::connect(address).await;
    client.send(&json!({"name": "desk/consult", "id": 1, "payload": {"what": "confirm"}})).await;
    let ask = client.next().await;
    assert_eq!((&ask["name"], &ask["payload"]), (&json!("desk/confirm"), &json!({"text": "sure?"})));
    client.send(&json!({"re": ask["ask"], "payload": {"kind": "later", "minutes": 0}})).await;
    assert_eq!(client.next().await["error"]["code"], "invalid_payload");
    client.send(&json!({"re": ask["ask"], "payload": {"kind": "later", "minutes": 9}})).await;
    assert_eq!(client.next().await, json!({"re": 1, "payload": "in 9 minutes"}));
    client.send(&json!({"name": "desk/tail", "id": 2, "payload": {"from": 1, "count": 1, "gate": "a"}})).await;
    assert_eq!(client.next().await, json!({"re": 2, "item": {"table": 1, "name": "x"}}));
    client.send(&json!({"cancel": 2})).await;
    assert_eq!(client.next().await, json!({"re": 2, "error": {"code": "cancelled"}}));
    let pay = json!({"request": "0e37df36-f698-11e6-8dd4-cb9ced3df976", "amount": 3});
    for id in [3, 4] {
        client.send(&json!({"name": "desk/pay", "id": id, "payload": pay})).await;
        assert_eq!(client.next().await, json!({"re": id, "payload": {"table": 3, "name": "paid"}}));
    }
    assert_eq!(app.runs("pay"), 1);
}
