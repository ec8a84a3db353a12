//! Who gets what.

use serde_json::{Value, json};
use switchboard::Limits;
use tokio_tungstenite::tungstenite::Message;

use crate::support::parlour::rooms;
use crate::support::{Client, Role, Running, Said, start, start_limited};

fn said(text: &str) -> Value {
    json!({"name": "parlour/said", "payload": {"text": text, "count": 0}})
}

fn ok(id: u64) -> Value {
    json!({"re": id, "payload": {}})
}

/// Clients that have all been seen by the server, so that they get what is sent from now on.
async fn clients<const N: usize>(server: &Running) -> [Client; N] {
    let mut clients = Vec::new();
    for _ in 0..N {
        let mut client = server.client().await;
        client.ask("parlour/echo", 1, json!({})).await;
        clients.push(client);
    }
    clients.try_into().unwrap_or_else(|_| unreachable!())
}

/// Nothing but the answer to a further message comes.
async fn nothing_else(client: &mut Client) {
    assert_eq!(client.ask("parlour/echo", 999, json!({})).await["re"], 999);
}

#[tokio::test]
async fn all_includes_the_sender_who_hears_it_before_the_answer() {
    let server = start().await;
    let [mut ann, mut bob, mut eve] = clients(&server).await;
    ann.say("parlour/shout", 2, json!({"text": "hi"})).await;
    assert_eq!(ann.json().await, said("hi"));
    assert_eq!(ann.json().await, ok(2));
    assert_eq!(bob.json().await, said("hi"));
    assert_eq!(eve.json().await, said("hi"));
}

#[tokio::test]
async fn others_are_all_but_the_sender() {
    let server = start().await;
    let [mut ann, mut bob] = clients(&server).await;
    assert_eq!(ann.ask("parlour/tell_others", 2, json!({"text": "psst"})).await, ok(2));
    let relayed = json!({"name": "parlour/tell_others", "payload": {"text": "psst", "count": 0}});
    assert_eq!(bob.json().await, relayed);
    nothing_else(&mut ann).await;
}

#[tokio::test]
async fn a_mailbox_is_every_connection_of_its_owner() {
    let server = start().await;
    let [mut phone, mut laptop, mut bob] = clients(&server).await;
    for client in [&mut phone, &mut laptop] {
        assert_eq!(client.ask("parlour/sign_in", 2, json!({"to": "ann"})).await, ok(2));
    }
    assert_eq!(bob.ask("parlour/note", 3, json!({"to": "ann", "text": "for you"})).await, ok(3));
    assert_eq!(phone.json().await, said("for you"));
    assert_eq!(laptop.json().await, said("for you"));
    nothing_else(&mut bob).await;
    assert!(server.switchboard.is_online(&"ann".into()) && !server.switchboard.is_online(&"bob".into()));
}

#[tokio::test]
async fn each_of_several_mailboxes_gets_it_once() {
    let server = start().await;
    let [mut ann, mut bob] = clients(&server).await;
    ann.ask("parlour/sign_in", 2, json!({"to": "ann"})).await;
    bob.ask("parlour/sign_in", 2, json!({"to": "bob"})).await;
    bob.say("parlour/notes", 3, json!({"to": "ann,nobody,ann,bob", "text": "team"})).await;
    assert_eq!(ann.json().await, said("team"));
    assert_eq!(bob.json().await, said("team"));
    assert_eq!(bob.json().await, ok(3));
    nothing_else(&mut ann).await;
}

#[tokio::test]
async fn roles_reach_who_has_one_of_them_once() {
    let server = start().await;
    let [mut both, mut guest, mut none] = clients(&server).await;
    both.ask("parlour/sign_in", 2, json!({"to": "ann", "text": "host guest"})).await;
    guest.ask("parlour/sign_in", 2, json!({"to": "bob", "text": "guest"})).await;
    assert_eq!(none.ask("parlour/to_hosts", 3, json!({"text": "dinner"})).await, ok(3));
    assert_eq!(both.json().await, said("dinner"));
    assert_eq!(guest.json().await, said("dinner"));
    for client in [&mut both, &mut guest, &mut none] {
        nothing_else(client).await;
    }
    assert_eq!(server.switchboard.push(Said::new("hosts")).to_role(Role::Host), 1);
    assert_eq!(server.switchboard.push(Said::new("either")).to_roles(&[Role::Host, Role::Guest]), 2);
}

#[tokio::test]
async fn roles_can_be_had_and_given_up_without_an_identity() {
    let server = start().await;
    let [mut client] = clients(&server).await;
    client.ask("parlour/take_roles", 2, json!({"text": "host"})).await;
    assert_eq!(server.switchboard.push(Said::new("hosts")).to_role(Role::Host), 1);
    assert_eq!(client.json().await, said("hosts"));
    client.ask("parlour/take_roles", 3, json!({})).await;
    assert_eq!(server.switchboard.push(Said::new("anyone?")).to_role(Role::Host), 0);
}

#[tokio::test]
async fn who_signs_in_anew_has_the_new_roles_and_mailbox_alone() {
    let server = start().await;
    let [mut client] = clients(&server).await;
    client.ask("parlour/sign_in", 2, json!({"to": "ann", "text": "host"})).await;
    client.ask("parlour/sign_in", 3, json!({"to": "bob", "text": "guest"})).await;
    let push = |text| server.switchboard.push(Said::new(text));
    assert_eq!(push("old role").to_role(Role::Host), 0);
    assert_eq!(push("new role").to_role(Role::Guest), 1);
    assert_eq!(push("old mailbox").to_mailbox(&"ann".into()), 0);
    assert_eq!(push("new mailbox").to_mailbox(&"bob".into()), 1);
}

#[tokio::test]
async fn a_topic_reaches_its_members_until_they_leave() {
    let server = start().await;
    let [mut ann, mut bob, mut eve] = clients(&server).await;
    for client in [&mut ann, &mut bob] {
        client.ask("parlour/join", 2, json!({"to": "lobby"})).await;
    }
    eve.ask("parlour/join", 2, json!({"to": "kitchen"})).await;
    ann.say("parlour/post", 3, json!({"to": "lobby", "text": "one"})).await;
    assert_eq!((ann.json().await, ann.json().await), (said("one"), ok(3)));
    assert_eq!(bob.json().await, said("one"));
    ann.ask("parlour/post_to_others", 4, json!({"to": "lobby", "text": "two"})).await;
    assert_eq!(bob.json().await, said("two"));
    assert_eq!(server.switchboard.members(&rooms("lobby")), 2);
    bob.ask("parlour/leave", 5, json!({"to": "lobby"})).await;
    ann.say("parlour/post", 6, json!({"to": "lobby", "text": "three"})).await;
    assert_eq!(ann.json().await, said("three"));
    nothing_else(&mut bob).await;
    nothing_else(&mut eve).await;
    assert_eq!(server.switchboard.members(&rooms("lobby")), 1);
}

#[tokio::test]
async fn signing_out_ends_mailbox_roles_and_topics() {
    let server = start().await;
    let [mut client] = clients(&server).await;
    client.ask("parlour/sign_in", 2, json!({"to": "ann", "text": "host"})).await;
    client.ask("parlour/join", 3, json!({"to": "lobby"})).await;
    client.ask("parlour/sign_out", 4, json!({})).await;
    let push = || server.switchboard.push(Said::new("gone?"));
    assert_eq!(push().to_mailbox(&"ann".into()), 0);
    assert_eq!(push().to_role(Role::Host), 0);
    assert_eq!(push().to_topic(&rooms("lobby")), 0);
    assert_eq!(push().to_all(), 1);
}

#[tokio::test]
async fn a_connection_that_has_gone_is_a_member_of_nothing() {
    let server = start().await;
    let [mut client] = clients(&server).await;
    client.ask("parlour/sign_in", 2, json!({"to": "ann", "text": "host"})).await;
    client.ask("parlour/join", 3, json!({"to": "lobby"})).await;
    drop(client);
    server.until("it to be gone", |server| server.switchboard.connection_count() == 0).await;
    assert_eq!(server.switchboard.members(&rooms("lobby")), 0);
    assert!(!server.switchboard.is_online(&"ann".into()));
    assert_eq!(server.switchboard.push(Said::new("anyone?")).to_role(Role::Host), 0);
}

#[tokio::test]
async fn topics_of_a_connection_are_limited() {
    let server = start_limited(Limits { subscriptions: 2, ..Limits::default() }).await;
    let [mut client] = clients(&server).await;
    for room in ["a", "b", "b"] {
        assert_eq!(client.ask("parlour/join", 2, json!({"to": room})).await, ok(2));
    }
    let error = client.refused("parlour/join", 3, json!({"to": "c"})).await;
    assert_eq!(error, json!({"code": "refused", "kind": "too_many_topics", "limit": 2}));
    client.ask("parlour/leave", 4, json!({"to": "a"})).await;
    assert_eq!(client.ask("parlour/join", 5, json!({"to": "c"})).await, ok(5));
}

#[tokio::test]
async fn one_publishers_messages_keep_their_order() {
    let server = start_limited(Limits { message_rate: None, ..Limits::default() }).await;
    let [mut ann, mut bob, mut eve] = clients(&server).await;
    for client in [&mut ann, &mut bob, &mut eve] {
        client.ask("parlour/join", 2, json!({"to": "lobby"})).await;
    }
    for number in 0..300 {
        let publisher = if number % 2 == 0 { &mut ann } else { &mut bob };
        let payload = json!({"to": "lobby", "text": number.to_string()});
        publisher.send(json!({"name": "parlour/post", "payload": payload}).to_string()).await;
    }
    let mut last = [-1, -1];
    for _ in 0..300 {
        let event = eve.json().await;
        let number: i32 = event["payload"]["text"].as_str().unwrap().parse().unwrap();
        let last = &mut last[number as usize % 2];
        assert_eq!(number, if *last < 0 { number % 2 } else { *last + 2 });
        *last = number;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_publishers_on_several_threads_lose_and_reorder_nothing() {
    const CLIENTS: usize = 16;
    const EACH: usize = 100;
    let server = start_limited(Limits { message_rate: None, ..Limits::default() }).await;
    let mut all: [Client; CLIENTS] = clients(&server).await;
    for client in &mut all {
        client.ask("parlour/join", 2, json!({"to": "lobby"})).await;
    }
    let switchboard = server.switchboard.clone();
    let server_pushes = std::thread::spawn(move || {
        let push = |number: usize| switchboard.push(Said::new(&format!("server {number}"))).to_topic(&rooms("lobby"));
        (0..EACH).map(push).sum::<usize>()
    });
    let work = all.into_iter().enumerate().map(|(name, mut client)| {
        tokio::spawn(async move {
            for number in 0..EACH {
                let payload = json!({"to": "lobby", "text": format!("{name} {number}")});
                client.send(json!({"name": "parlour/post", "payload": payload}).to_string()).await;
            }
            let mut last = std::collections::HashMap::<String, usize>::new();
            for _ in 0..(CLIENTS + 1) * EACH {
                let event = client.json().await;
                let (from, number) = event["payload"]["text"].as_str().unwrap().split_once(' ').unwrap();
                let expected = last.entry(from.to_owned()).or_default();
                assert_eq!(number, expected.to_string(), "of {from}");
                *expected += 1;
            }
        })
    });
    for done in work.collect::<Vec<_>>() {
        crate::support::within("all events", done).await.unwrap();
    }
    assert_eq!(server_pushes.join().unwrap(), CLIENTS * EACH);
}

#[tokio::test]
async fn pushes_come_from_any_thread() {
    let server = start().await;
    let [mut client] = clients(&server).await;
    let switchboard = server.switchboard.clone();
    let reached = std::thread::spawn(move || switchboard.push(Said::new("from afar")).to_all()).join().unwrap();
    assert_eq!(reached, 1);
    assert_eq!(client.json().await, said("from afar"));
}

#[tokio::test]
async fn an_event_that_breaks_its_limits_goes_to_nobody() {
    let server = start().await;
    let [mut client] = clients(&server).await;
    assert_eq!(server.switchboard.push(Said::new("too rude to send")).to_all(), 0);
    nothing_else(&mut client).await;
}

#[tokio::test]
async fn binary_messages_and_events_have_a_tag() {
    let server = start().await;
    let [mut ann, mut bob] = clients(&server).await;
    ann.send(Message::Binary(b"\x11music".as_slice().into())).await;
    assert_eq!(bob.next().await, Message::Binary(b"\x12music".as_slice().into()));
}

#[tokio::test]
async fn all_connections_of_somebody_can_be_closed() {
    let server = start().await;
    let [mut ann, mut bob] = clients(&server).await;
    ann.ask("parlour/sign_in", 2, json!({"to": "ann"})).await;
    assert_eq!(server.switchboard.close_all(&"ann".into(), 4_101, "come back later"), 1);
    assert_eq!(ann.close_code().await, 4_101);
    nothing_else(&mut bob).await;
}

#[tokio::test]
async fn who_is_closed_while_a_handler_runs_hears_it_at_once() {
    let server = start().await;
    let [mut ann] = clients(&server).await;
    ann.ask("parlour/sign_in", 2, json!({"to": "ann"})).await;
    ann.say("parlour/wait", 3, json!({})).await;
    server.until("the handler to begin", |server| server.app.begun() == 3).await;
    server.switchboard.close_all(&"ann".into(), 4_101, "now");
    assert_eq!(ann.close_code().await, 4_101);
    server.app.gate.add_permits(1);
    server.until("it to be gone", |server| server.switchboard.connection_count() == 0).await;
}
