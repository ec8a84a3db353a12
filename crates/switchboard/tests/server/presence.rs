//! Who is here: told to who comes, and to all who are there when it changes.

use serde_json::{Value, json};
use switchboard::{Limits, Present};

use crate::support::parlour::tables;
use crate::support::{Client, Running, Said, start, start_limited};

/// Signed in, and nowhere yet.
async fn guest(server: &Running, name: &str) -> Client {
    let mut client = server.client().await;
    client.ask("parlour/sign_in", 1, json!({"to": name})).await;
    client
}

/// Signed in and at the table `oak`; what it was told of who is there.
async fn sitting(server: &Running, name: &str) -> (Client, Value) {
    let mut client = guest(server, name).await;
    let here = sit(&mut client).await;
    (client, here)
}

async fn sit(client: &mut Client) -> Value {
    client.ask("parlour/sit", 2, json!({"to": "oak"})).await;
    client.json().await
}

fn here(members: &Value) -> Value {
    json!({"name": "parlour/tables#here", "payload": {"topic": "parlour/tables/oak", "members": members}})
}

fn news(kind: &str, who: &str) -> Value {
    json!({"name": format!("parlour/tables#{kind}"), "payload": {"topic": "parlour/tables/oak", "who": who}})
}

fn mood(kind: &str, who: &str, state: &str) -> Value {
    let payload = json!({"topic": "parlour/tables/oak", "who": who, "state": state});
    json!({"name": format!("parlour/tables#{kind}"), "payload": payload})
}

fn present(server: &Running) -> Vec<(String, Option<String>)> {
    let mut present = server.switchboard.present(&tables("oak"));
    present.sort_by(|a, b| a.who.cmp(&b.who));
    present.into_iter().map(|Present { who, state }| (who, state)).collect()
}

#[tokio::test]
async fn who_comes_is_told_who_is_here_and_the_others_are_told_who_comes() {
    let server = start().await;
    let (mut ann, told) = sitting(&server, "ann").await;
    assert_eq!(told, here(&json!([{"who": "ann"}])));
    let (_bob, told) = sitting(&server, "bob").await;
    assert_eq!(told, here(&json!([{"who": "ann"}, {"who": "bob"}])));
    assert_eq!(ann.json().await, news("joined", "bob"));
    assert_eq!(present(&server), [("ann".into(), None), ("bob".into(), None)]);
}

#[tokio::test]
async fn several_connections_of_one_user_are_one() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let (mut first, _) = sitting(&server, "bob").await;
    let (second, told) = sitting(&server, "bob").await;
    assert_eq!(told, here(&json!([{"who": "ann"}, {"who": "bob"}])));
    assert_eq!(ann.json().await, news("joined", "bob"));
    drop(second);
    server.until("one to be gone", |server| server.switchboard.connection_count() == 2).await;
    first.ask("parlour/stand", 3, json!({"to": "oak"})).await;
    assert_eq!(ann.json().await, news("left", "bob"));
}

#[tokio::test]
async fn a_connection_that_drops_has_left() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let (bob, _) = sitting(&server, "bob").await;
    assert_eq!(ann.json().await, news("joined", "bob"));
    drop(bob);
    assert_eq!(ann.json().await, news("left", "bob"));
    assert_eq!(present(&server), [("ann".into(), None)]);
}

#[tokio::test]
async fn what_somebody_says_of_himself_is_told_to_all_members() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let (mut bob, _) = sitting(&server, "bob").await;
    assert_eq!(ann.json().await, news("joined", "bob"));
    bob.say("parlour/mood", 3, json!({"to": "oak", "text": "merry"})).await;
    assert_eq!(bob.json().await, mood("changed", "bob", "merry"));
    assert_eq!(bob.json().await["re"], 3);
    assert_eq!(ann.json().await, mood("changed", "bob", "merry"));
    let (_eve, told) = sitting(&server, "eve").await;
    assert_eq!(told, here(&json!([{"who": "ann"}, {"who": "bob", "state": "merry"}, {"who": "eve"}])));
    assert_eq!(present(&server)[1], ("bob".into(), Some("merry".into())));
}

#[tokio::test]
async fn what_is_said_before_the_join_comes_with_it() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let mut bob = guest(&server, "bob").await;
    bob.ask("parlour/sit_in_mood", 2, json!({"to": "oak", "text": "tired"})).await;
    assert_eq!(bob.json().await, here(&json!([{"who": "ann"}, {"who": "bob", "state": "tired"}])));
    assert_eq!(ann.json().await, mood("joined", "bob", "tired"));
    // It was said once, for that time.
    bob.ask("parlour/stand", 3, json!({"to": "oak"})).await;
    assert_eq!(ann.json().await, news("left", "bob"));
    assert_eq!(sit(&mut bob).await, here(&json!([{"who": "ann"}, {"who": "bob"}])));
}

#[tokio::test]
async fn a_state_that_breaks_its_limits_is_not_said() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let error = ann.refused("parlour/mood", 3, json!({"to": "oak", "text": "indescribable"})).await;
    assert_eq!(error["code"], "internal");
    assert_eq!(present(&server), [("ann".into(), None)]);
}

#[tokio::test]
async fn who_has_no_identity_is_a_member_and_not_present() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let mut nobody = server.client().await;
    assert_eq!(sit(&mut nobody).await, here(&json!([{"who": "ann"}])));
    assert_eq!(server.switchboard.members(&tables("oak")), 2);
    nobody.ask("parlour/mood", 3, json!({"to": "oak", "text": "unseen"})).await;
    // Signing in makes it somebody.
    nobody.say("parlour/sign_in", 4, json!({"to": "bob"})).await;
    assert_eq!(nobody.json().await, news("joined", "bob"));
    assert_eq!(ann.json().await, news("joined", "bob"));
}

#[tokio::test]
async fn who_signs_in_as_somebody_else_leaves_and_joins() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let (mut bob, _) = sitting(&server, "bob").await;
    assert_eq!(ann.json().await, news("joined", "bob"));
    bob.say("parlour/sign_in", 3, json!({"to": "eve"})).await;
    for client in [&mut ann, &mut bob] {
        assert_eq!(client.json().await, news("left", "bob"));
        assert_eq!(client.json().await, news("joined", "eve"));
    }
    assert_eq!(bob.json().await["re"], 3);
}

#[tokio::test]
async fn who_signs_out_is_neither_a_member_nor_present() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let (mut bob, _) = sitting(&server, "bob").await;
    assert_eq!(ann.json().await, news("joined", "bob"));
    assert_eq!(bob.ask("parlour/sign_out", 3, json!({})).await["re"], 3);
    assert_eq!(ann.json().await, news("left", "bob"));
    assert_eq!(server.switchboard.members(&tables("oak")), 1);
}

#[tokio::test]
async fn a_join_that_is_refused_in_the_end_is_not_announced() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let mut bob = guest(&server, "bob").await;
    let error = bob.refused("parlour/sit_and_refuse", 2, json!({"to": "oak"})).await;
    assert_eq!(error["kind"], "no_mood");
    server.switchboard.push(Said::new("quiet here")).to_topic(&tables("oak"));
    assert_eq!(ann.json().await["name"], "parlour/said");
    assert_eq!(present(&server), [("ann".into(), None)]);
}

#[tokio::test]
async fn a_list_that_is_too_long_says_how_many_are_left_out() {
    let server = start_limited(Limits { presence: 2, ..Limits::default() }).await;
    let (mut ann, told) = sitting(&server, "ann").await;
    assert_eq!(told["payload"].get("omitted"), None);
    let (_bob, told) = sitting(&server, "bob").await;
    assert_eq!(told["payload"].get("omitted"), None);
    let (_eve, told) = sitting(&server, "eve").await;
    assert_eq!(told["payload"]["members"].as_array().map(Vec::len), Some(2));
    assert_eq!(told["payload"]["omitted"], 1);
    assert_eq!(ann.json().await, news("joined", "bob"));
    assert_eq!(ann.json().await, news("joined", "eve"));
}

#[tokio::test]
async fn events_that_waited_for_a_join_come_behind_the_list_and_news_does_not_wait() {
    let server = start().await;
    let mut bob = server.client().await;
    bob.ask("parlour/sign_in", 1, json!({"to": "bob", "text": "host"})).await;
    bob.say("parlour/sit_if_allowed", 2, json!({"to": "oak"})).await;
    server.until("the question to be asked", |server| server.app.begun() == 2).await;
    server.switchboard.push(Said::new("meanwhile")).to_topic(&tables("oak"));
    let (_ann, told) = sitting(&server, "ann").await;
    assert_eq!(told, here(&json!([{"who": "ann"}])));
    server.app.gate.add_permits(1);
    assert_eq!(bob.json().await["re"], 2);
    assert_eq!(bob.json().await, here(&json!([{"who": "ann"}, {"who": "bob"}])));
    assert_eq!(bob.json().await["payload"]["text"], "meanwhile");
    server.switchboard.push(Said::new("and on")).to_topic(&tables("oak"));
    assert_eq!(bob.json().await["payload"]["text"], "and on");
}

#[tokio::test]
async fn who_may_not_join_is_told_the_topic_and_hears_nothing_of_it() {
    let server = start().await;
    let mut bob = guest(&server, "bob").await;
    bob.say("parlour/sit_if_allowed", 2, json!({"to": "oak"})).await;
    server.until("the question to be asked", |server| server.app.begun() == 2).await;
    server.switchboard.push(Said::new("secret")).to_topic(&tables("oak"));
    server.app.gate.add_permits(1);
    let refusal = json!({"re": 2, "error": {"code": "not_allowed", "topic": "parlour/tables/oak"}});
    assert_eq!(bob.json().await, refusal);
    assert_eq!(server.switchboard.members(&tables("oak")), 0);
    assert_eq!(bob.ask("parlour/echo", 3, json!({})).await["re"], 3);
}

#[tokio::test]
async fn rights_that_are_taken_away_end_all_memberships_of_an_identity() {
    let server = start().await;
    let (mut ann, _) = sitting(&server, "ann").await;
    let (mut first, _) = sitting(&server, "bob").await;
    let (_second, _) = sitting(&server, "bob").await;
    assert_eq!(ann.json().await, news("joined", "bob"));
    assert_eq!(server.switchboard.revoke(&tables("oak"), &"bob".into()), 2);
    assert_eq!(ann.json().await, news("left", "bob"));
    assert_eq!(server.switchboard.push(Said::new("among us")).to_topic(&tables("oak")), 1);
    assert_eq!(first.ask("parlour/echo", 3, json!({})).await["re"], 3);
}

#[tokio::test]
async fn rights_that_are_taken_away_end_a_join_that_is_under_way() {
    let server = start().await;
    let mut bob = server.client().await;
    bob.ask("parlour/sign_in", 1, json!({"to": "bob", "text": "host"})).await;
    bob.say("parlour/sit_if_allowed", 2, json!({"to": "oak"})).await;
    server.until("the question to be asked", |server| server.app.begun() == 2).await;
    assert_eq!(server.switchboard.revoke(&tables("oak"), &"bob".into()), 1);
    server.app.gate.add_permits(1);
    assert_eq!(bob.json().await["re"], 2);
    assert_eq!(server.switchboard.push(Said::new("among us")).to_topic(&tables("oak")), 0);
}
