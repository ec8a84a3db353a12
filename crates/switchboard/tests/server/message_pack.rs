//! Clients that speak MessagePack, beside those that speak JSON.

use rmpv::Value as Pack;
use serde_json::{Value, json};
use switchboard::Limits;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::support::parlour::{Blob, rooms};
use crate::support::{Client, Running, Said, start, start_limited};

const MESSAGE_PACK: &str = "switchboard.v1+msgpack";

/// A client whose envelopes are MessagePack.
struct Packed(Client);

impl Packed {
    async fn connect(server: &Running) -> Self {
        let (client, chosen) = Client::offering(server.address, MESSAGE_PACK).await;
        assert_eq!(chosen.as_deref(), Some(MESSAGE_PACK));
        Self(client)
    }

    async fn send(&mut self, value: &Pack) {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, value).unwrap();
        self.send_bytes(&bytes).await;
    }

    async fn send_bytes(&mut self, bytes: &[u8]) {
        self.0.send(Message::binary(bytes.to_vec())).await;
    }

    async fn say(&mut self, name: &str, id: u64, payload: Value) {
        self.send(&pack(&json!({"name": name, "id": id, "payload": payload}))).await;
    }

    /// The next message, which must be MessagePack, as JSON.
    async fn next(&mut self) -> Value {
        let Message::Binary(bytes) = self.0.next().await else { panic!("not binary") };
        let mut rest = &bytes[..];
        let value = rmpv::decode::read_value(&mut rest).unwrap();
        assert!(rest.is_empty(), "{bytes:x?}");
        unpack(&value)
    }

    async fn ask(&mut self, name: &str, id: u64, payload: Value) -> Value {
        self.say(name, id, payload).await;
        self.next().await
    }
}

fn pack(value: &Value) -> Pack {
    match value {
        Value::Null => Pack::Nil,
        Value::Bool(value) => Pack::Boolean(*value),
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => number.into(),
            (_, Some(number), _) => number.into(),
            (.., number) => number.unwrap().into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => Pack::Array(items.iter().map(pack).collect()),
        Value::Object(members) => {
            Pack::Map(members.iter().map(|(key, value)| (key.as_str().into(), pack(value))).collect())
        }
    }
}

fn unpack(value: &Pack) -> Value {
    match value {
        Pack::Array(items) => items.iter().map(unpack).collect(),
        Pack::Map(members) => members
            .iter()
            .map(|(key, value)| (key.as_str().unwrap().to_owned(), unpack(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Pack::String(text) => text.as_str().unwrap().into(),
        Pack::Boolean(value) => (*value).into(),
        Pack::Nil => Value::Null,
        Pack::F64(value) => (*value).into(),
        Pack::Integer(number) => number.as_u64().map_or_else(|| number.as_i64().into(), Value::from),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn messages_and_answers_are_maps() {
    let server = start().await;
    let mut client = Packed::connect(&server).await;
    let answer = client.ask("parlour/echo", 7, json!({"text": "é\n"})).await;
    assert_eq!((&answer["re"], &answer["payload"]["text"]), (&json!(7), &json!("é\n")));
    let answer = client.ask("parlour/nothing", 8, json!({})).await;
    assert_eq!((&answer["re"], &answer["error"]["code"]), (&json!(8), &json!("unknown_message")));
    let answer = client.ask("parlour/echo", 9, json!({"text": 5})).await;
    assert_eq!(answer["error"]["violations"][0]["at"], "/text");
}

#[tokio::test]
async fn both_kinds_of_clients_are_in_one_room() {
    let server = start().await;
    let (mut json, mut packed) = (server.client().await, Packed::connect(&server).await);
    json.ask("parlour/join", 1, json!({"to": "den"})).await;
    packed.ask("parlour/join", 1, json!({"to": "den"})).await;
    server.switchboard.push(Said::new("to all")).to_topic(&rooms("den"));
    let heard = json.json().await;
    assert_eq!(heard["name"], "parlour/said");
    assert_eq!(packed.next().await, heard);
    // What one says the other hears, whichever it is.
    packed.say("parlour/shout", 2, json!({"text": "one"})).await;
    json.say("parlour/shout", 2, json!({"text": "two"})).await;
    let mut heard = [Vec::new(), Vec::new()];
    while heard[0].len() < 2 {
        let next = json.json().await;
        heard[0].extend((next["name"] == "parlour/said").then_some(next));
    }
    while heard[1].len() < 2 {
        let next = packed.next().await;
        heard[1].extend((next["name"] == "parlour/said").then_some(next));
    }
    for heard in &mut heard {
        heard.sort_by_key(Value::to_string);
    }
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
async fn binary_messages_and_events_keep_their_own_form() {
    let server = start().await;
    let mut client = Packed::connect(&server).await;
    client.ask("parlour/join", 1, json!({"to": "den"})).await;
    server.switchboard.push(Blob(Bytes::from_static(b"\x80raw"))).to_all();
    assert_eq!(client.0.next().await, Message::binary(&b"\x12\x80raw"[..]));
    client.send_bytes(b"\x11").await;
    assert_eq!(client.next().await["error"]["violations"][0]["rule"], "length");
    client.send_bytes(b"\x77").await;
    assert_eq!(client.next().await["error"]["name"], "binary 0x77");
    client.send_bytes(b"").await;
    assert_eq!(client.next().await["error"]["code"], "malformed");
}

#[tokio::test]
async fn what_is_no_envelope_is_malformed_and_the_connection_goes_on() {
    let server = start().await;
    let mut client = Packed::connect(&server).await;
    let deep = [&[0x81, 0xa1, b'a'][..], &[0x91; 40], &[1]].concat();
    for (bytes, why) in [
        (&b"\x80"[..], "`name` is missing"),
        (b"\x81\xa4name", "not MessagePack: unexpected end at byte 6"),
        (b"\x80\x80", "not MessagePack: bytes behind the end of the value at byte 1"),
        (b"\x81\x01\x01", "not MessagePack: a key that is no text at byte 1"),
        (b"\x81\xa1a\xd4\x01\x01", "not MessagePack: an extension type at byte 3"),
        (b"\x81\xa1a\xa1\xff", "not MessagePack: text that is no UTF-8 at byte 4"),
        (b"\x81\xa1a\xcb\x7f\xf8\0\0\0\0\0\0", "not MessagePack: a float that is not finite at byte 3"),
        (b"\xdf\xff\xff\xff\xff", "not MessagePack: unexpected end at byte 5"),
        (&deep, "not MessagePack: nested too deep at byte 35"),
    ] {
        client.send_bytes(bytes).await;
        let answer = client.next().await;
        assert_eq!((&answer["re"], &answer["error"]["code"]), (&Value::Null, &json!("malformed")), "{bytes:x?}");
        let said = answer["error"]["message"].as_str().unwrap();
        assert!(said.starts_with(why), "{bytes:x?}: {said}");
    }
    client.0.send(Message::text(r#"{"name":"parlour/echo","id":1,"payload":{"text":"x"}}"#)).await;
    assert_eq!(client.next().await["error"]["code"], "malformed");
    assert_eq!(client.ask("parlour/echo", 1, json!({"text": "x"})).await["re"], 1);
}

#[tokio::test]
async fn keys_that_come_twice_and_unknown_ones_are_found_as_in_json() {
    let server = start().await;
    let mut client = Packed::connect(&server).await;
    let key = |text: &str| Pack::from(text);
    let payload = Pack::Map(vec![(key("text"), key("a")), (key("text"), key("b")), (key("other"), key("c"))]);
    client
        .send(&Pack::Map(vec![(key("payload"), payload), (key("id"), 4.into()), (key("name"), key("parlour/echo"))]))
        .await;
    let answer = client.next().await;
    let rules: Vec<&Value> =
        answer["error"]["violations"].as_array().unwrap().iter().map(|found| &found["rule"]).collect();
    assert_eq!((&answer["re"], rules), (&json!(4), vec![&json!("duplicate_key"), &json!("unknown_key")]));
}

#[tokio::test]
async fn limits_count_the_bytes_of_the_frame() {
    let server = start().await;
    let mut client = Packed::connect(&server).await;
    let envelope =
        |len: usize| pack(&json!({"name": "parlour/small", "id": 1, "payload": {"text": "\u{1}".repeat(len)}}));
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &envelope(40)).unwrap();
    let spare = 100 - bytes.len();
    // As JSON it would be six times as long.
    client.send(&envelope(40 + spare)).await;
    assert!(client.next().await["error"].is_null());
    client.send(&envelope(41 + spare)).await;
    assert_eq!(client.next().await["error"]["code"], "too_large");
}

#[tokio::test]
async fn a_message_beyond_every_limit_closes() {
    let server = start_limited(Limits { message_bytes: 1_000, ..Limits::default() }).await;
    let mut client = Packed::connect(&server).await;
    client.say("parlour/echo", 1, json!({"text": "x".repeat(200_000)})).await;
    assert_eq!(client.0.close_code().await, 1009);
}

#[tokio::test]
async fn hellos_are_spoken_too() {
    let server = start().await;
    let mut client = Packed::connect(&server).await;
    client.send(&pack(&json!({"contract": "bb", "messages": {"parlour/old": "00"}}))).await;
    assert_eq!(client.next().await["unknown"], json!(["parlour/old"]));
}
