//! Topics with a history: positions, resume, gaps.

use serde_json::json;

use history_tests::routes::chat;
use history_tests::server;

use crate::client::{Client, as_since, at, in_memory, post, start};

const LOBBY: &str = "chat/rooms/lobby";

#[tokio::test]
async fn a_join_tells_where_the_topic_stands_and_events_carry_offsets() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    post(&mut ann, "lobby", 0..2).await;
    let entered = bob.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    let position = entered.position();
    assert_eq!((&position["topic"], &position["offset"]), (&json!(LOBBY), &json!(2)));
    assert!(position.get("recovered").is_none(), "{position}");
    assert_eq!(position["epoch"].as_str().map(str::len), Some(16));
    post(&mut ann, "lobby", [7]).await;
    let event = bob.hear().await;
    assert_eq!((&event["name"], &event["topic"], &event["offset"]), (&json!("chat/posted"), &json!(LOBBY), &json!(3)));
    assert_eq!(event["payload"]["number"], 7);
}

#[tokio::test]
async fn who_has_the_answer_is_a_member_for_everybody() {
    let (address, switchboard) = start(server()).await;
    let room = "lobby".parse().expect("a room");
    let mut there = Vec::new();
    for count in 1..=50 {
        let mut client = Client::connect(address).await;
        client.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
        assert_eq!(switchboard.members(&chat::rooms(&room)), count);
        there.push(client);
    }
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_behind_the_answer_and_then_what_is_live() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    let entered = bob.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    bob.leave().await;
    post(&mut ann, "lobby", 0..5).await;
    let mut bob = Client::connect(address).await;
    let back = bob.ask("chat/enter", json!({ "room": "lobby" }), &[entered.since()]).await;
    assert_eq!((&back.position()["recovered"], &back.position()["offset"]), (&json!(true), &json!(5)));
    assert!(back.before.is_empty());
    assert_eq!(bob.offsets(5).await, [1, 2, 3, 4, 5]);
    post(&mut ann, "lobby", [9]).await;
    assert_eq!(bob.offsets(1).await, [6]);
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_position_that_cannot_be_made_good_says_so_and_nothing_is_replayed() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    let entered = bob.ask("chat/enter_small", json!({ "room": "attic" }), &[]).await;
    bob.leave().await;
    for number in 0..4 {
        ann.ask("chat/say", json!({ "room": "attic", "number": number }), &[]).await;
    }
    let foreign = json!({ "topic": "chat/small/attic", "epoch": "0123456789abcdef", "offset": 3 });
    let wrong = json!({ "topic": "chat/small/attic", "epoch": "x", "offset": 3 });
    for since in [entered.since(), foreign, wrong, at(entered.position(), 5)] {
        let mut bob = Client::connect(address).await;
        let back = bob.ask("chat/enter_small", json!({ "room": "attic" }), std::slice::from_ref(&since)).await;
        assert_eq!(back.position()["recovered"], false, "{since}");
        assert_eq!(back.position()["offset"], 4, "{since}");
        bob.hears_nothing().await;
    }
    let mut bob = Client::connect(address).await;
    let back = bob.ask("chat/enter_small", json!({ "room": "attic" }), &[at(entered.position(), 1)]).await;
    assert_eq!(back.position()["recovered"], true);
    assert_eq!(bob.offsets(3).await, [2, 3, 4]);
}

#[tokio::test]
async fn others_do_not_hear_it_from_the_history_either() {
    let address = in_memory().await;
    let mut ann = Client::connect(address).await;
    ann.ask("chat/arrive", json!({ "room": "lobby" }), &[]).await;
    ann.hears_nothing().await;
    let mut bob = Client::connect(address).await;
    bob.ask("chat/arrive", json!({ "room": "lobby" }), &[]).await;
    assert_eq!(ann.offsets(1).await, [2]);
    bob.hears_nothing().await;
    ann.send("chat/shout", json!({ "room": "lobby", "number": 1 }), &[]).await;
    let heard = bob.hear().await;
    assert_eq!((&heard["name"], &heard["offset"]), (&json!("chat/shout"), &json!(3)));
    ann.hears_nothing().await;
}

#[tokio::test]
async fn without_an_answer_the_position_comes_by_itself() {
    let address = in_memory().await;
    let mut ann = Client::connect(address).await;
    ann.send("chat/slip_in", json!({ "room": "lobby" }), &[]).await;
    let told = ann.hear().await;
    assert_eq!(told["positions"][0]["topic"], LOBBY);
    post(&mut ann, "lobby", []).await;
}

#[tokio::test]
async fn a_member_that_enters_again_with_a_position_is_given_what_is_behind_it() {
    let address = in_memory().await;
    let mut ann = Client::connect(address).await;
    let entered = ann.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    for number in 0..3 {
        let posted = ann.ask("chat/post", json!({ "room": "lobby", "from": 0, "number": number }), &[]).await;
        assert_eq!(posted.before.len(), 1);
    }
    let again = ann.ask("chat/enter", json!({ "room": "lobby" }), &[at(entered.position(), 1)]).await;
    assert_eq!(again.position()["recovered"], true);
    assert_eq!(ann.offsets(2).await, [2, 3]);
    let again = ann.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    assert_eq!(again.position()["offset"], 3);
    ann.hears_nothing().await;
}

#[tokio::test]
async fn a_join_that_is_refused_in_the_end_tells_and_replays_nothing() {
    let address = in_memory().await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    let entered = bob.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    bob.leave().await;
    post(&mut ann, "lobby", [1]).await;
    let mut bob = Client::connect(address).await;
    let refused =
        bob.try_ask("chat/stumble", json!({ "room": "lobby" }), &[entered.since()]).await.expect("it is open");
    assert_eq!(refused.answer["error"]["code"], "internal");
    assert!(refused.before.is_empty() && refused.answer.get("positions").is_none());
    post(&mut ann, "lobby", [2]).await;
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_room_that_memory_had_no_room_for_begins_anew_and_says_so() {
    let limits = switchboard::Limits { history_bytes: 40_000, ..history_tests::limits() };
    let (address, _) = crate::client::start(history_tests::server().limits(limits)).await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    let entered = bob.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    bob.leave().await;
    let mut cid = Client::connect(address).await;
    cid.ask("chat/enter", json!({ "room": "attic" }), &[]).await;
    let text = "x".repeat(10_000);
    for room in ["lobby", "attic", "a", "b", "c", "d", "attic"] {
        ann.ask("chat/post", json!({ "room": room, "from": 0, "number": 0, "text": text }), &[]).await;
    }
    // Somebody listens in the attic: it may lose events, and goes on counting.
    assert_eq!(cid.offsets(2).await, [1, 2]);
    let mut bob = Client::connect(address).await;
    let back = bob.ask("chat/enter", json!({ "room": "lobby" }), &[entered.since()]).await;
    assert_eq!((&back.position()["recovered"], &back.position()["offset"]), (&json!(false), &json!(0)));
    bob.hears_nothing().await;
}

#[tokio::test]
async fn a_history_that_is_larger_than_an_outbox_is_given_as_fast_as_it_is_taken() {
    let limits = switchboard::Limits { outbox_bytes: 64 * 1_024, ..history_tests::limits() };
    let (address, _) = crate::client::start(history_tests::server().limits(limits)).await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    let entered = bob.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    bob.leave().await;
    let text = "x".repeat(15_000);
    for number in 0..60 {
        ann.ask("chat/post", json!({ "room": "lobby", "from": 0, "number": number, "text": text }), &[]).await;
    }
    let mut bob = Client::connect(address).await;
    let back = bob.ask("chat/enter", json!({ "room": "lobby" }), &[as_since(entered.position())]).await;
    assert_eq!(back.position()["recovered"], true);
    assert_eq!(bob.offsets(60).await, (1..=60).collect::<Vec<u64>>());
    post(&mut ann, "lobby", [9]).await;
    assert_eq!(bob.offsets(1).await, [61]);
}
