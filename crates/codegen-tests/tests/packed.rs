//! MessagePack through a whole server: bytes are `bin`, integers are integers, whatever they stand in.

use std::sync::Arc;

use codegen_tests::packed::files::{
    self, Badge, Chunk, Consult, Enter, FileError, Raw, Share, Shared, Sign, Tail, Visit,
};
use codegen_tests::packed::{Blob, Count, Cx, File, Holder, Routes, serve};
use rmpv::Value as Pack;
use switchboard::testkit::{self, Client, Kit, json};
use switchboard::{AskError, Error, Items};

struct App;

impl files::Handlers for App {
    async fn enter(&self, _: &Cx, _: &Enter) -> Result<(), Error> {
        Ok(())
    }

    async fn share(&self, _: &Cx, message: &Share) -> Result<(File, Shared), FileError> {
        if message.file.name == "big" {
            let most = message.file.size;
            return Err(FileError::TooBig { most, sample: b"\0\xff".as_slice().into() });
        }
        let Share { room, file } = message.clone();
        Ok((file.clone(), Shared { room, file }))
    }

    async fn hold(&self, _: &Cx, message: &Holder) -> Result<Holder, Error> {
        Ok(message.clone())
    }

    async fn visit(&self, cx: &Cx, message: &Visit) -> Result<(), Error> {
        cx.identify(message.user, []);
        let badge = Badge { icon: message.icon.clone(), rank: Count::new(u64::MAX)? };
        Ok(cx.set_presence(&files::halls(&message.hall), badge)?)
    }

    async fn tail(&self, _: &Cx, message: &Tail, items: &Items<File>) -> Result<(), FileError> {
        for _ in 0..message.count {
            items.send(&message.file).await?;
        }
        match message.count {
            0 => Err(FileError::TooBig { most: message.file.size, sample: b"s".as_slice().into() }),
            _ => Ok(()),
        }
    }

    async fn consult(&self, cx: &Cx, message: &Consult) -> Result<Blob, FileError> {
        match cx.ask(Sign { data: message.data.clone() }).await {
            Ok(reply) if reply.at == Count::new(u64::MAX)? => Ok(reply.data),
            Ok(_) => Err(FileError::Gone),
            Err(AskError::Refused(error)) => Err(error),
            Err(error) => Err(error)?,
        }
    }

    async fn chunk(&self, _: &Cx, message: &Chunk) -> Result<Raw, Error> {
        Ok(Raw { seq: message.seq, data: message.data.clone() })
    }
}

/// A client whose envelopes are MessagePack.
struct Packed(Client);

impl Packed {
    async fn enter(kit: &Kit<Routes>) -> Self {
        let mut client = Self(kit.connect().subprotocol("switchboard.v1+msgpack").await);
        assert_eq!(client.0.headers()["sec-websocket-protocol"], "switchboard.v1+msgpack");
        client.ask("files/enter", map(&[("room", "den".into())])).await;
        client
    }

    async fn send(&mut self, envelope: &Pack) {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, envelope).unwrap();
        self.0.send_binary(&bytes).await;
    }

    async fn next(&mut self) -> Pack {
        let bytes = self.0.expect_binary().await;
        rmpv::decode::read_value(&mut &bytes[..]).unwrap()
    }

    async fn ask(&mut self, name: &str, payload: Pack) -> Pack {
        self.send(&map(&[("name", name.into()), ("id", 1.into()), ("payload", payload)])).await;
        self.next().await
    }
}

fn map(members: &[(&str, Pack)]) -> Pack {
    Pack::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

fn blob(bytes: &[u8]) -> Pack {
    Pack::Binary(bytes.to_vec())
}

/// A file with one of each in it.
fn file(name: &str) -> Pack {
    let inner = map(&[
        ("name", "inner".into()),
        ("data", blob(b"")),
        ("size", 1.into()),
        ("delta", i64::MIN.into()),
        ("small", 100.into()),
        ("parts", Pack::Array(vec![])),
        ("marks", map(&[])),
        ("thumb", Pack::Nil),
    ]);
    map(&[
        ("name", name.into()),
        ("data", blob(&[0, 0xff, 0x80, 0xc1])),
        ("size", u64::MAX.into()),
        ("delta", (-1).into()),
        ("small", 0.into()),
        ("parts", Pack::Array(vec![blob(b"a"), blob(b"")])),
        ("marks", map(&[("x", 7.into())])),
        ("thumb", blob(b"t")),
        ("more", Pack::Array(vec![inner])),
        ("any", map(&[("a", Pack::Array(vec![1.5.into(), Pack::Nil, "AAAA".into()]))])),
    ])
}

/// The value under these keys.
fn at<'p>(pack: &'p Pack, keys: &[&str]) -> &'p Pack {
    keys.iter().fold(pack, |pack, key| match key.parse::<usize>() {
        Ok(index) => &pack[index],
        Err(_) => &pack[*key],
    })
}

#[tokio::test]
async fn bytes_are_bin_and_integers_are_integers_in_both_directions() {
    let kit = testkit::start(serve(Arc::new(App)));
    let (mut ann, mut bob) = (Packed::enter(&kit).await, Packed::enter(&kit).await);
    let sent = map(&[("room", "den".into()), ("file", file("it"))]);
    // The event comes first, then the answer.
    let event = ann.ask("files/share", sent.clone()).await;
    assert_eq!(event, map(&[("name", "files/shared".into()), ("payload", sent)]));
    assert_eq!(ann.next().await, map(&[("re", 1.into()), ("payload", file("it"))]));
    assert_eq!(bob.next().await, event);
}

#[tokio::test]
async fn a_client_of_json_hears_the_same_as_base64_and_decimal_text() {
    let kit = testkit::start(serve(Arc::new(App)));
    let mut ann = Packed::enter(&kit).await;
    let mut bob = kit.connect().await;
    bob.ask("files/enter", json!({"room": "den"})).await.payload();
    ann.ask("files/share", map(&[("room", "den".into()), ("file", file("it"))])).await;
    let heard = bob.expect_event("files/shared").await;
    assert_eq!(heard["file"]["data"], "AP+AwQ==");
    assert_eq!((&heard["file"]["size"], &heard["file"]["small"]), (&json!("18446744073709551615"), &json!(0)));
    // And back.
    bob.send("files/share", heard).await;
    ann.next().await;
    assert_eq!(at(&ann.next().await, &["payload", "file"]), &file("it"));
}

#[tokio::test]
async fn relays_and_declared_errors_have_them_too() {
    let kit = testkit::start(serve(Arc::new(App)));
    let mut ann = Packed::enter(&kit).await;
    for piece in [
        map(&[("kind", "slice".into()), ("data", blob(b"x")), ("at", u64::MAX.into())]),
        map(&[("kind", "whole".into()), ("file", file("it"))]),
        map(&[("kind", "hole".into())]),
    ] {
        let sent = map(&[("room", "den".into()), ("piece", piece)]);
        let heard = ann.ask("files/pass", sent.clone()).await;
        assert_eq!(heard, map(&[("name", "files/pass".into()), ("payload", sent)]));
    }
    let refused = ann.ask("files/share", map(&[("room", "den".into()), ("file", file("big"))])).await;
    let error = [
        ("code", "refused".into()),
        ("kind", "too_big".into()),
        ("most", u64::MAX.into()),
        ("sample", blob(b"\0\xff")),
    ];
    assert_eq!(refused, map(&[("re", 1.into()), ("error", map(&error))]));
}

#[tokio::test]
async fn bytes_that_are_text_and_text_that_is_bytes_are_refused() {
    let kit = testkit::start(serve(Arc::new(App)));
    let mut ann = Packed::enter(&kit).await;
    let wrong = map(&[
        ("name", blob(b"x")),
        ("data", "AAAA".into()),
        ("size", 0.into()),
        ("delta", u64::MAX.into()),
        ("small", "5".into()),
        ("marks", map(&[])),
        ("thumb", Pack::Nil),
        ("any", blob(b"x")),
    ]);
    let refused = ann.ask("files/share", map(&[("room", "den".into()), ("file", wrong)])).await;
    let violations = at(&refused, &["error", "violations"]).as_array().unwrap();
    let found: Vec<String> = violations
        .iter()
        .map(|found| ["at", "rule", "want", "got"].map(|key| found[key].as_str().unwrap_or_default()).join(" "))
        .collect();
    assert_eq!(
        found,
        [
            "/file/name type string bytes",
            "/file/data type bytes string",
            "/file/size range 1.. 0",
            "/file/delta range -9223372036854775808..=9223372036854775807 18446744073709551615",
            "/file/small type integer string",
            "/file/any type a value bytes",
        ]
    );
}

#[tokio::test]
async fn flat_and_nested_envelopes_are_read_in_any_order() {
    let kit = testkit::start(serve(Arc::new(App)));
    let mut ann = Packed::enter(&kit).await;
    let name = map(&[("files", map(&[("name", "share".into())]))]);
    let payload = map(&[("file", file("it")), ("room", "hut".into())]);
    let flat = [("file", file("it")), ("room", "hut".into()), ("id", 5.into()), ("name", "files/share".into())];
    for envelope in [map(&[("payload", payload), ("name", name), ("id", 5.into())]), map(&flat)] {
        ann.send(&envelope).await;
        assert_eq!(ann.next().await, map(&[("re", 5.into()), ("payload", file("it"))]));
    }
}

#[tokio::test]
async fn binary_messages_stand_beside_it() {
    let kit = testkit::start(serve(Arc::new(App)));
    let mut ann = Packed::enter(&kit).await;
    ann.0.send_binary(b"\x11\x01\0\0\0\x80\x81").await;
    assert_eq!(&ann.0.expect_binary().await[..], b"\x10\x01\0\0\0\x80\x81");
    // As an envelope its bytes are bin as everywhere.
    let chunk = map(&[("seq", 2.into()), ("data", blob(b"y"))]);
    ann.send(&map(&[("name", "files/chunk".into()), ("payload", chunk)])).await;
    assert_eq!(&ann.0.expect_binary().await[..], b"\x10\x02\0\0\0y");
}

#[tokio::test]
async fn large_bytes_pass() {
    let kit = testkit::start(
        serve(Arc::new(App)).limits(switchboard::Limits { message_bytes: 100_000, ..switchboard::Limits::default() }),
    );
    let mut ann = Packed::enter(&kit).await;
    let data: Vec<u8> = (0..65_536_u32).map(|n| n as u8).collect();
    let Pack::Map(mut members) = file("it") else { unreachable!() };
    members[1].1 = blob(&data);
    let holder = map(&[
        ("piece", map(&[("file", Pack::Map(members)), ("kind", "whole".into())])),
        ("keys", Pack::Array(vec![blob(b"\0\x01\x02\x03")])),
        ("blobs", map(&[("18446744073709551615", blob(b"k"))])),
    ]);
    let answer = ann.ask("files/hold", holder).await;
    assert_eq!(at(&answer, &["payload", "piece", "file", "data"]), &blob(&data));
    assert_eq!(at(&answer, &["payload", "keys", "0"]), &blob(b"\0\x01\x02\x03"));
    assert_eq!(&at(&answer, &["payload", "blobs"])["18446744073709551615"], &blob(b"k"));
}

#[tokio::test]
async fn items_of_a_stream_have_them_too() {
    let kit = testkit::start(serve(Arc::new(App)));
    let mut ann = Packed::enter(&kit).await;
    let first = ann.ask("files/tail", map(&[("file", file("it")), ("count", 2.into())])).await;
    let item = map(&[("re", 1.into()), ("item", file("it"))]);
    assert_eq!([first, ann.next().await], [item.clone(), item]);
    assert_eq!(ann.next().await, map(&[("re", 1.into()), ("done", true.into())]));
    let refused = ann.ask("files/tail", map(&[("file", file("it")), ("count", 0.into())])).await;
    assert_eq!(at(&refused, &["error", "sample"]), &blob(b"s"));
}

#[tokio::test]
async fn what_a_client_is_asked_and_answers_has_them_too() {
    let kit = testkit::start(serve(Arc::new(App)));
    let mut ann = Packed::enter(&kit).await;
    let asked = ann.ask("files/consult", map(&[("data", blob(b"\xff"))])).await;
    let number = asked["ask"].clone();
    assert_eq!(
        asked,
        map(&[("name", "files/sign".into()), ("ask", number.clone()), ("payload", map(&[("data", blob(b"\xff"))]))])
    );
    // Text is no bytes, here as elsewhere; a better answer may come.
    let wrong = map(&[("data", "AAAA".into()), ("at", 1.into())]);
    ann.send(&map(&[("re", number.clone()), ("payload", wrong)])).await;
    let refused = ann.next().await;
    assert_eq!((&refused["ask"], at(&refused, &["error", "violations", "0", "want"])), (&number, &"bytes".into()));
    let right = map(&[("data", blob(b"signed")), ("at", u64::MAX.into())]);
    ann.send(&map(&[("re", number), ("payload", right)])).await;
    assert_eq!(ann.next().await, map(&[("re", 1.into()), ("payload", blob(b"signed"))]));
    // A declared error comes in and goes out.
    let asked = ann.ask("files/consult", map(&[("data", blob(b""))])).await;
    let error = [("kind", "too_big".into()), ("most", u64::MAX.into()), ("sample", blob(b"x"))];
    ann.send(&map(&[("re", asked["ask"].clone()), ("error", map(&error))])).await;
    let refused = ann.next().await;
    assert_eq!(at(&refused, &["error", "sample"]), &blob(b"x"));
    assert_eq!(at(&refused, &["error", "most"]), &u64::MAX.into());
}

#[tokio::test]
async fn who_is_here_and_what_they_say_of_themselves_has_them_too() {
    let kit = testkit::start(serve(Arc::new(App)));
    let (mut ann, mut bob) = (Packed::enter(&kit).await, Packed::enter(&kit).await);
    let visit = |user: u64| map(&[("hall", "a".into()), ("user", user.into()), ("icon", blob(b"\x80"))]);
    let person = |user: u64| {
        let state = map(&[("icon", blob(b"\x80")), ("rank", u64::MAX.into())]);
        vec![("who", Pack::from(user)), ("state", state)]
    };
    ann.ask("files/visit", visit(7)).await;
    let here = ann.next().await;
    assert_eq!(here["name"], "files/halls#here".into());
    assert_eq!(at(&here, &["payload", "members", "0"]), &map(&person(7)));
    bob.ask("files/visit", visit(u64::MAX)).await;
    let joined = [vec![("topic", "files/halls/a".into())], person(u64::MAX)].concat();
    assert_eq!(ann.next().await, map(&[("name", "files/halls#joined".into()), ("payload", map(&joined))]));
}
