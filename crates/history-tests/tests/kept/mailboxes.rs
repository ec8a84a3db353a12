//! Kept mailboxes: what was not received is there when the owner comes.

use serde_json::{Value, json};

use crate::client::{Answer, Client, at, in_memory};

async fn sign_in(client: &mut Client, name: &str, since: &[Value]) -> Answer {
    client.ask("chat/sign_in", json!({ "name": name }), since).await
}

async fn whisper(client: &mut Client, to: &str, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        client.ask("chat/whisper", json!({ "to": to, "from": 0, "number": number }), &[]).await;
    }
}

/// Pings are answered while it listens, so everything before this is received.
async fn take_all(client: &mut Client) {
    client.hears_nothing().await;
    client.hears_nothing().await;
}

#[tokio::test]
async fn what_came_while_nobody_was_there_follows_the_answer_of_the_sign_in() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    whisper(&mut ann, "bob", 0..3).await;
    let signed = sign_in(&mut bob, "bob", &[]).await;
    assert!(signed.before.is_empty());
    let position = signed.position();
    assert_eq!((&position["mailbox"], &position["offset"]), (&json!(true), &json!(3)));
    assert!(position.get("recovered").is_none() && position.get("lost").is_none(), "{position}");
    let first = bob.hear().await;
    assert_eq!((&first["name"], &first["mailbox"], &first["offset"]), (&json!("chat/note"), &json!(true), &json!(1)));
    assert_eq!(bob.offsets(2).await, [2, 3]);
    whisper(&mut ann, "bob", [3]).await;
    assert_eq!(bob.offsets(1).await, [4]);
    bob.hears_nothing().await;
}

#[tokio::test]
async fn what_one_connection_has_received_is_not_given_to_the_next_unless_it_says_where_it_is() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    whisper(&mut ann, "bob", 0..2).await;
    let signed = sign_in(&mut bob, "bob", &[]).await;
    assert_eq!(bob.offsets(2).await, [1, 2]);
    take_all(&mut bob).await;
    let mut phone = Client::connect(address).await;
    let second = sign_in(&mut phone, "bob", &[]).await;
    assert_eq!(second.position()["offset"], 2);
    phone.hears_nothing().await;
    whisper(&mut ann, "bob", [2]).await;
    assert_eq!((bob.offsets(1).await, phone.offsets(1).await), (vec![3], vec![3]));
    let mut tablet = Client::connect(address).await;
    let third = sign_in(&mut tablet, "bob", &[at(signed.position(), 1)]).await;
    assert_eq!(third.position()["recovered"], true);
    assert_eq!(tablet.offsets(2).await, [2, 3]);
}

#[tokio::test]
async fn what_falls_out_before_it_was_received_is_counted_and_told() {
    let address = in_memory().await;
    let mut ann = Client::connect(address).await;
    whisper(&mut ann, "bob", 0..205).await;
    let mut bob = Client::connect(address).await;
    let signed = sign_in(&mut bob, "bob", &[]).await;
    assert_eq!((&signed.position()["offset"], &signed.position()["lost"]), (&json!(205), &json!(5)));
    assert_eq!(bob.offsets(200).await, (6..=205).collect::<Vec<u64>>());
    let mut late = Client::connect(address).await;
    let back = sign_in(&mut late, "bob", &[at(signed.position(), 2)]).await;
    assert_eq!((&back.position()["recovered"], &back.position()["lost"]), (&json!(false), &json!(3)));
    assert_eq!(late.offsets(200).await.first(), Some(&6));
    take_all(&mut bob).await;
    let mut third = Client::connect(address).await;
    let again = sign_in(&mut third, "bob", &[]).await;
    assert!(again.position().get("lost").is_none(), "it is told once: {}", again.answer);
    third.hears_nothing().await;
}

#[tokio::test]
async fn the_sender_can_learn_whether_it_was_kept_and_whom_it_reached() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    let kept = ann.ask("chat/send", json!({ "to": "bob", "number": 0 }), &[]).await;
    assert_eq!(kept.answer["payload"], json!({ "offset": 1, "reached": 0 }));
    sign_in(&mut bob, "bob", &[]).await;
    assert_eq!(bob.offsets(1).await, [1]);
    let kept = ann.ask("chat/send", json!({ "to": "bob", "number": 1 }), &[]).await;
    assert_eq!(kept.answer["payload"], json!({ "offset": 2, "reached": 1 }));
}

#[tokio::test]
async fn each_of_several_mailboxes_has_its_own_offsets() {
    let address = in_memory().await;
    let mut ann = Client::connect(address).await;
    whisper(&mut ann, "bob", [0]).await;
    ann.ask("chat/whisper_to_all", json!({ "to": ["bob", "cid", "bob"], "number": 1 }), &[]).await;
    for (name, offsets) in [("bob", vec![1, 2]), ("cid", vec![1])] {
        let mut client = Client::connect(address).await;
        sign_in(&mut client, name, &[]).await;
        assert_eq!(client.offsets(offsets.len()).await, offsets);
        client.hears_nothing().await;
    }
}

#[tokio::test]
async fn signing_in_as_somebody_else_leaves_the_first_mailbox() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    sign_in(&mut bob, "bob", &[]).await;
    sign_in(&mut bob, "cid", &[]).await;
    whisper(&mut ann, "bob", [0]).await;
    whisper(&mut ann, "cid", [1]).await;
    assert_eq!(bob.hear().await["payload"]["number"], 1);
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_mailbox_that_memory_had_no_room_for_does_not_pretend() {
    let limits = switchboard::Limits { history_bytes: 40_000, ..history_tests::limits() };
    let (address, _) = crate::client::start(history_tests::server().limits(limits)).await;
    let mut ann = Client::connect(address).await;
    let text = "x".repeat(10_000);
    for name in ["bob", "cid", "dan", "eve", "fay", "gus"] {
        ann.ask("chat/whisper", json!({ "to": name, "from": 0, "number": 0, "text": text }), &[]).await;
    }
    let mut bob = Client::connect(address).await;
    let signed = sign_in(&mut bob, "bob", &[]).await;
    let position = signed.position();
    assert_eq!((&position["offset"], position.get("lost")), (&json!(0), Some(&Value::Null)));
    let mut gus = Client::connect(address).await;
    let signed = sign_in(&mut gus, "gus", &[]).await;
    assert_eq!(signed.position()["offset"], 1);
    assert_eq!(gus.offsets(1).await, [1]);
}
