//! Flows on topics, driven: one instance a topic, one message of it at a time, and what members hear.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use codegen_tests::tables::table::{self, Finish, Look, Move, MoveError, Moved, Ponder, Ring, Rise, Shout, Sit, Start};
use codegen_tests::tables::{Cx, Role, Routes, TakeRoles, routes, serve};
use futures_util::{SinkExt, StreamExt};
use switchboard::testkit::{self, Client, Kit, Value, json};
use switchboard::{Error, Limits};
use tokio_tungstenite::tungstenite::Message;

/// Counts what runs at the same time.
#[derive(Default)]
struct App {
    running: AtomicU32,
    most: AtomicU32,
}

impl routes::Handlers for App {
    async fn take_roles(&self, cx: &Cx, message: &TakeRoles) -> Result<(), Error> {
        cx.set_roles(message.referee.then_some(Role::Referee));
        Ok(())
    }
}

impl table::Handlers for App {
    async fn sit(&self, _: &Cx, _: &Sit) -> Result<(), Error> {
        Ok(())
    }

    async fn rise(&self, _: &Cx, _: &Rise) -> Result<(), Error> {
        Ok(())
    }

    async fn start(&self, _: &Cx, _: &Start) -> Result<(), Error> {
        Ok(())
    }

    async fn r#move(&self, _: &Cx, message: &Move) -> Result<(u32, Moved), MoveError> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(message.takes.into())).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        match message.to {
            0 => Err(MoveError::Illegal),
            to => Ok((running, Moved { table: message.table.clone(), to })),
        }
    }

    async fn ponder(&self, _: &Cx, message: &Ponder) -> Result<(), Error> {
        tokio::time::sleep(Duration::from_millis(message.takes.into())).await;
        Ok(())
    }

    async fn shout(&self, _: &Cx, _: &Shout) -> Result<(), Error> {
        Ok(())
    }

    async fn finish(&self, _: &Cx, _: &Finish) -> Result<(), Error> {
        Ok(())
    }

    async fn look(&self, _: &Cx, _: &Look) -> Result<(), Error> {
        Ok(())
    }

    async fn ring(&self, _: &Cx, _: &Ring) -> Result<(), Error> {
        Ok(())
    }
}

fn kit() -> (Kit<Routes>, Arc<App>) {
    let app = Arc::new(App::default());
    (testkit::start(serve(Arc::clone(&app))), app)
}

async fn seated(kit: &Kit<Routes>, name: &str, table: &str) -> Client {
    let mut client = kit.connect().named(name).await;
    client.ask("table/sit", json!({"table": table})).await.payload();
    client
}

async fn hears(client: &mut Client, table: &str, state: &str) {
    let heard = client.expect_event("game#state").await;
    assert_eq!(heard, json!({"topic": format!("table/tables/{table}"), "state": state}));
}

fn at(table: &str) -> Value {
    json!({"table": table})
}

#[tokio::test]
async fn members_share_the_state_of_their_topic_and_hear_of_each_transition_behind_the_answer() {
    let (kit, _) = kit();
    let (mut ann, mut bob) = (seated(&kit, "ann", "oak").await, seated(&kit, "bob", "oak").await);
    let refused = bob.ask("table/move", json!({"table": "oak", "to": 3})).await.refused("not_now");
    assert_eq!(
        refused,
        json!({"code": "not_now", "topic": "table/tables/oak", "flow": "game", "state": "waiting", "allowed": ["table/start"]})
    );
    ann.ask("table/start", at("oak")).await.payload();
    hears(&mut ann, "oak", "playing").await;
    hears(&mut bob, "oak", "playing").await;
    // The event of the chain comes first, then the answer; the state stays.
    let moved = bob.ask("table/move", json!({"table": "oak", "to": 3})).await.payload();
    assert_eq!(moved, 1);
    assert_eq!(ann.expect_event("table/moved").await["to"], 3);
    ann.expect_nothing().await;
}

#[tokio::test]
async fn topics_do_not_share_a_state() {
    let (kit, _) = kit();
    let (mut ann, mut bob) = (seated(&kit, "ann", "oak").await, seated(&kit, "bob", "elm/x").await);
    ann.ask("table/start", at("oak")).await.payload();
    bob.ask("table/move", json!({"table": "elm/x", "to": 1})).await.refused("not_now");
    bob.ask("table/start", at("elm/x")).await.payload();
    let heard = bob.expect_event("game#state").await;
    assert_eq!(heard["topic"], "table/tables/elm%2Fx");
}

#[tokio::test]
async fn only_members_and_roles_that_the_guard_names_are_let_in() {
    let (kit, _) = kit();
    let (mut ann, mut eve) = (seated(&kit, "ann", "oak").await, kit.connect().named("eve").await);
    let refused = eve.ask("table/start", at("oak")).await.refused("not_allowed");
    assert_eq!(refused, json!({"code": "not_allowed", "topic": "table/tables/oak"}));
    ann.ask("table/start", at("oak")).await.payload();
    hears(&mut ann, "oak", "playing").await;
    let refused = ann.ask("table/finish", at("oak")).await.refused("not_allowed");
    assert_eq!(refused, json!({"code": "not_allowed", "needs": ["referee"]}));
    ann.ask("take_roles", json!({"referee": true})).await.payload();
    eve.ask("take_roles", json!({"referee": true})).await.payload();
    eve.ask("table/finish", at("oak")).await.refused("not_allowed");
    ann.ask("table/finish", at("oak")).await.payload();
    hears(&mut ann, "oak", "end").await;
    // It begins anew.
    ann.ask("table/start", at("oak")).await.payload();
    hears(&mut ann, "oak", "playing").await;
    ann.ask("table/rise", at("oak")).await.payload();
    ann.ask("table/move", json!({"table": "oak", "to": 1})).await.refused("not_allowed");
}

#[tokio::test]
async fn both_the_connection_and_the_topic_must_let_a_message_in() {
    let (kit, _) = kit();
    let mut ann = seated(&kit, "ann", "oak").await;
    ann.ask("table/start", at("oak")).await.payload();
    let mut bob = kit.connect().named("bob").await;
    let refused = bob.ask("table/move", json!({"table": "oak", "to": 1})).await.refused("not_now");
    assert_eq!((&refused["flow"], &refused["topic"]), (&json!("session"), &Value::Null));
}

#[tokio::test]
async fn messages_of_one_topic_run_one_after_another_and_those_of_others_beside_them() {
    let (kit, app) = kit();
    let mut clients = Vec::new();
    for table in ["oak", "oak", "oak", "elm"] {
        let mut client = seated(&kit, table, table).await;
        if clients.len() != 1 && clients.len() != 2 {
            client.ask("table/start", at(table)).await.payload();
        }
        clients.push(client);
    }
    let mut ids = Vec::new();
    for (number, (client, table)) in clients.iter_mut().zip(["oak", "oak", "oak", "elm"]).enumerate() {
        let payload = json!({"table": table, "to": number + 1, "takes": 100});
        ids.push(client.send_with_id("table/move", payload).await);
        kit.settle().await;
    }
    let began = kit.elapsed();
    for (client, id) in clients.iter_mut().zip(&ids) {
        assert!(client.answer(*id).await.payload().as_u64().is_some_and(|running| running <= 2));
    }
    assert!(kit.elapsed() - began >= Duration::from_millis(200), "three at one table take three times as long");
    assert_eq!(app.most.load(Ordering::SeqCst), 2, "one a table");
    // In the order they came.
    for to in 1..=3 {
        assert_eq!(clients[0].find_event("table/moved").await["to"], to);
    }
}

#[tokio::test]
async fn a_message_that_fails_changes_nothing_and_gives_the_turn_on() {
    let (kit, _) = kit();
    let (mut ann, mut bob) = (seated(&kit, "ann", "oak").await, seated(&kit, "bob", "oak").await);
    ann.ask("table/start", at("oak")).await.payload();
    hears(&mut bob, "oak", "playing").await;
    let id = ann.send_with_id("table/move", json!({"table": "oak", "to": 0, "takes": 50})).await;
    bob.ask("table/move", json!({"table": "oak", "to": 2})).await.payload();
    ann.answer(id).await.error("illegal");
}

#[tokio::test]
async fn who_leaves_while_waiting_or_running_gives_the_turn_on() {
    let (kit, _) = kit();
    let mut clients = Vec::new();
    for name in ["ann", "bob", "eve"] {
        clients.push(seated(&kit, name, "oak").await);
    }
    let [mut ann, mut bob, mut eve]: [Client; 3] = clients.try_into().map_err(drop).expect("three");
    ann.ask("table/start", at("oak")).await.payload();
    ann.send("table/move", json!({"table": "oak", "to": 1, "takes": 60_000})).await;
    kit.settle().await;
    bob.send("table/move", json!({"table": "oak", "to": 2})).await;
    kit.settle().await;
    bob.reset();
    // Its time is over after 30 s: it is dropped, and the state too is another one by then.
    let refused = eve.ask("table/start", at("oak"));
    kit.advance(Duration::from_secs(31)).await;
    refused.await.payload();
    let states = [eve.find_event("game#state").await, eve.find_event("game#state").await];
    assert_eq!(states.map(|state| state["state"].clone()), [json!("playing"), json!("paused")]);
    ann.expect_refusal("timeout").await;
}

#[tokio::test]
async fn what_is_taken_back_changes_nothing_and_gives_the_turn_on() {
    let (kit, _) = kit();
    let (mut ann, mut bob) = (seated(&kit, "ann", "oak").await, seated(&kit, "bob", "oak").await);
    ann.ask("table/start", at("oak")).await.payload();
    let id = ann.send_with_id("table/ponder", json!({"table": "oak", "takes": 20_000})).await;
    kit.settle().await;
    let waits = bob.send_with_id("table/ponder", json!({"table": "oak", "takes": 1})).await;
    kit.settle().await;
    bob.send_text(&json!({"cancel": waits}).to_string()).await;
    bob.answer(waits).await.refused("cancelled");
    ann.send_text(&json!({"cancel": id}).to_string()).await;
    ann.answer(id).await.refused("cancelled");
    // Still playing.
    bob.ask("table/move", json!({"table": "oak", "to": 1})).await.payload();
    ann.send("table/ponder", json!({"table": "oak", "takes": 20_000})).await;
    kit.settle().await;
    ann.reset();
    bob.ask("table/move", json!({"table": "oak", "to": 2})).await.payload();
    assert!(kit.elapsed() < Duration::from_secs(1), "nobody waited for it");
}

#[tokio::test]
async fn states_end_at_their_time_and_not_while_a_message_has_the_turn() {
    let (kit, _) = kit();
    let (mut ann, mut bob) = (seated(&kit, "ann", "oak").await, seated(&kit, "bob", "oak").await);
    ann.ask("table/start", at("oak")).await.payload();
    hears(&mut bob, "oak", "playing").await;
    kit.advance(Duration::from_millis(29_990)).await;
    bob.expect_nothing().await;
    // A message that began in time may be late.
    let id = bob.send_with_id("table/move", json!({"table": "oak", "to": 9, "takes": 1_000})).await;
    kit.advance(Duration::from_millis(500)).await;
    bob.expect_nothing().await;
    kit.advance(Duration::from_millis(600)).await;
    bob.answer(id).await.payload();
    assert_eq!(bob.find_event("table/moved").await["to"], 9);
    hears(&mut bob, "oak", "paused").await;
    // Begun anew by a shout, the time is whole again.
    ann.ask("table/start", at("oak")).await.payload();
    hears(&mut bob, "oak", "playing").await;
    kit.advance(Duration::from_secs(20)).await;
    ann.send("table/shout", at("oak")).await;
    hears(&mut bob, "oak", "playing").await;
    kit.advance(Duration::from_secs(20)).await;
    bob.expect_nothing().await;
    kit.advance(Duration::from_secs(10)).await;
    hears(&mut bob, "oak", "paused").await;
    kit.advance(Duration::from_secs(300)).await;
    hears(&mut bob, "oak", "end").await;
}

#[tokio::test]
async fn a_flow_on_a_topic_without_places_has_one_instance() {
    let (kit, _) = kit();
    let (mut ann, mut bob) = (kit.connect().await, kit.connect().await);
    ann.ask("table/ring", json!({})).await.payload();
    bob.ask("table/ring", json!({})).await.payload();
    kit.advance(Duration::from_secs(2)).await;
    ann.expect_nothing().await;
}

#[tokio::test]
async fn at_the_bound_topics_without_members_make_room_and_others_do_not() {
    let app = Arc::new(App::default());
    let limits = Limits { flow_topics: 2, ..Limits::default() };
    let kit = testkit::start(serve(app).limits(limits));
    let (mut ann, mut bob) = (seated(&kit, "ann", "a").await, seated(&kit, "bob", "b").await);
    ann.ask("table/start", at("a")).await.payload();
    bob.ask("table/start", at("b")).await.payload();
    let mut eve = seated(&kit, "eve", "c").await;
    eve.ask("table/start", at("c")).await.refused("rate_limited");
    bob.leave().await;
    kit.settle().await;
    eve.ask("table/start", at("c")).await.payload();
    let metrics = kit.switchboard().metrics();
    let game = metrics.flows.iter().find(|flow| flow.name == "game").expect("it is counted");
    assert_eq!(game.states, [("waiting", 0), ("playing", 2), ("paused", 0)]);
    let session = metrics.flows.iter().find(|flow| flow.name == "session").expect("it is counted");
    assert_eq!(session.states, [("fresh", 0), ("seated", 2)]);
    ann.ask("table/move", json!({"table": "a", "to": 1})).await.payload();
}

/// Sends so many messages, some of which lead to another state, the last of which is answered; all events in their order.
async fn plays(address: std::net::SocketAddr, barrier: Arc<tokio::sync::Barrier>, rounds: u64) -> Vec<String> {
    const FIRST: u64 = 1_000_000;
    const LAST: u64 = 1_000_001;
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/ws")).await.unwrap();
    let mut heard = Vec::new();
    let (mut open, mut sent) = (0, 0);
    let send = |name: &str, id: u64, payload: Value| {
        Message::text(json!({"name": name, "id": id, "payload": payload}).to_string())
    };
    socket.send(send("table/sit", FIRST, at("oak"))).await.unwrap();
    socket.next().await.unwrap().unwrap();
    barrier.wait().await;
    socket.send(send("table/start", FIRST, at("oak"))).await.unwrap();
    // Whoever is first has begun; the others are refused, or not yet.
    loop {
        while open < 4 && sent < rounds {
            sent += 1;
            let (name, payload) = match sent % 5 {
                0 => ("table/shout", at("oak")),
                _ => ("table/move", json!({"table": "oak", "to": sent % 200 + 1, "takes": u64::from(sent % 7 == 0)})),
            };
            open += u64::from(name == "table/move");
            socket.send(send(name, sent, payload)).await.unwrap();
        }
        let next =
            tokio::time::timeout(Duration::from_secs(60), socket.next()).await.expect("in time").unwrap().unwrap();
        let Message::Text(text) = next else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        match (frame["name"].as_str(), frame["re"].as_u64()) {
            (Some(name), _) => heard.push(format!("{name} {}", frame["payload"])),
            (None, Some(FIRST)) => {}
            (None, _) => {
                assert!(frame["error"].is_null(), "{frame}");
                open -= 1;
            }
        }
        if open == 0 && sent == rounds {
            break;
        }
    }
    barrier.wait().await;
    // Everything was sent before the last answer to the last of them: a last round trip brings it.
    socket.send(send("table/look", LAST, json!({}))).await.unwrap();
    loop {
        let Message::Text(text) = socket.next().await.unwrap().unwrap() else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        match frame["name"].as_str() {
            Some(name) => heard.push(format!("{name} {}", frame["payload"])),
            None if frame["re"] == LAST => break,
            None => {}
        }
    }
    barrier.wait().await;
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn over_sockets_and_threads_all_members_hear_the_same_in_the_same_order() {
    const PLAYERS: usize = 12;
    let app = Arc::new(App::default());
    let limits = Limits { message_rate: None, ..Limits::default() };
    let bound = serve(Arc::clone(&app)).limits(limits).threads(4).bind("127.0.0.1:0").await.unwrap();
    let address = bound.local_addr();
    tokio::spawn(bound.run_until(std::future::pending()));
    let barrier = Arc::new(tokio::sync::Barrier::new(PLAYERS));
    let players: Vec<_> = (0..PLAYERS).map(|_| tokio::spawn(plays(address, Arc::clone(&barrier), 99))).collect();
    let mut all = Vec::new();
    for player in players {
        all.push(player.await.unwrap());
    }
    assert_eq!(app.most.load(Ordering::SeqCst), 1, "one at a time, whatever the thread");
    assert!(all[0].len() > PLAYERS * 80, "only {} events", all[0].len());
    for (number, heard) in all.iter().enumerate() {
        let differs = heard.iter().zip(&all[0]).position(|(one, other)| one != other);
        assert_eq!((heard.len(), differs), (all[0].len(), None), "player {number}");
    }
}
