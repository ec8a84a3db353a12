//! Clients that were made for this protocol and for others: hellos, and what the server does about them.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::{Contract, Limits};

use crate::support::{Client, Running, start, start_limited, start_with};

const OURS: &str = "00000000000000aa";

/// One that knows a message as it is, one that differs, an event as it is, and one that is gone.
fn other() -> Value {
    json!({
        "contract": "00000000000000bb",
        "messages": {"parlour/echo": "0000000000000001", "parlour/shout": "ffffffffffffffff", "parlour/old": "0000000000000001"},
        "events": {"parlour/said": "0000000000000003", "parlour/gone": "0000000000000003"},
        "asks": {"parlour/sure": "0000000000000003"},
    })
}

fn compared() -> Value {
    json!({
        "contract": OURS, "same": false,
        "differs": ["parlour/shout"],
        "unknown": ["parlour/gone", "parlour/old", "parlour/sure"],
    })
}

async fn hello(client: &mut Client, hello: &Value) -> Value {
    client.send(hello.to_string()).await;
    client.json().await
}

async fn is_served(client: &mut Client) {
    assert_eq!(client.ask("parlour/echo", 1, json!({"text": "x"})).await["payload"]["text"], "x");
}

async fn refusing(limits: Limits) -> Running {
    start_with(|server| server.contract(Contract::Refuse).limits(limits)).await
}

/// Time to say hello in that is over at once, and one that never is.
fn at_once() -> Limits {
    Limits { handshake: Duration::from_millis(200), ..Limits::default() }
}

#[tokio::test]
async fn a_hello_is_answered_with_what_differs() {
    let server = start().await;
    let mut client = server.client().await;
    assert_eq!(hello(&mut client, &other()).await, compared());
    is_served(&mut client).await;
    assert_eq!(server.switchboard.metrics().other_contracts, 1);
}

#[tokio::test]
async fn a_client_of_this_protocol_hears_that_it_is() {
    let server = refusing(at_once()).await;
    let (mut client, chosen) = Client::offering(server.address, &format!("switchboard.v1, contract.{OURS}")).await;
    assert_eq!(chosen.as_deref(), Some("switchboard.v1"));
    let answer = hello(&mut client, &json!({"contract": OURS})).await;
    assert_eq!(answer, json!({"contract": OURS, "same": true, "differs": [], "unknown": []}));
    is_served(&mut client).await;
    assert_eq!((server.switchboard.metrics().other_contracts, server.switchboard.contract_hash()), (0, OURS));
}

#[tokio::test]
async fn there_is_one_hello_a_connection() {
    let server = start().await;
    let mut client = server.client().await;
    hello(&mut client, &other()).await;
    let second = hello(&mut client, &json!({"contract": OURS})).await;
    assert_eq!(second["error"]["code"], "malformed");
    assert_eq!(server.switchboard.metrics().other_contracts, 1);
}

#[tokio::test]
async fn a_hello_has_a_bounded_number_of_names() {
    let server = start_limited(Limits { hello_names: 3, ..Limits::default() }).await;
    let names = |count: usize| (0..count).map(|n| (n.to_string(), json!("00"))).collect::<serde_json::Map<_, _>>();
    for (messages, events, is_good) in [(3, 0, true), (2, 1, true), (4, 0, false), (2, 2, false)] {
        let mut client = server.client().await;
        let answer =
            hello(&mut client, &json!({"contract": "bb", "messages": names(messages), "events": names(events)})).await;
        assert_eq!(answer["error"]["code"] == "malformed", !is_good, "{answer}");
        // What was refused was none: a shorter one may come.
        if !is_good {
            assert_eq!(hello(&mut client, &json!({"contract": OURS})).await["same"], true);
        }
    }
}

#[tokio::test]
async fn a_hello_larger_than_any_message_closes_the_connection() {
    let server = start_limited(Limits { message_bytes: 1_000, ..Limits::default() }).await;
    let mut client = server.client().await;
    client.send(json!({"contract": "b".repeat(200_000)}).to_string()).await;
    assert_eq!(client.close_code().await, 1009);
}

#[tokio::test]
async fn hellos_count_as_messages() {
    let rate = switchboard::MessageRate { per_second: 1, burst: 5 };
    let server = start_limited(Limits { message_rate: Some(rate), ..Limits::default() }).await;
    let mut client = server.client().await;
    for _ in 0..50 {
        if client.try_send(r#"{"contract":"bb"}"#).await.is_err() {
            break;
        }
    }
    assert_eq!(client.close_code().await, 1008);
}

#[tokio::test]
async fn a_client_of_another_protocol_is_warned_about_and_served() {
    let server = start_with::<false>(|server| server.contract(Contract::Warn)).await;
    let (mut client, _) = Client::offering(server.address, "switchboard.v1, contract.bb").await;
    assert_eq!(hello(&mut client, &other()).await, compared());
    is_served(&mut client).await;
    // It has said so twice, and is one client.
    assert_eq!(server.switchboard.metrics().other_contracts, 1);
}

#[tokio::test]
async fn a_client_of_another_protocol_hears_why_it_is_refused() {
    let server = refusing(Limits::default()).await;
    let mut client = server.client().await;
    assert_eq!(hello(&mut client, &other()).await, compared());
    assert_eq!(client.close_code().await, 4003);
}

#[tokio::test]
async fn one_that_says_no_more_than_that_it_is_another_is_refused() {
    let server = refusing(at_once()).await;
    let mut client = server.client().await;
    assert_eq!(hello(&mut client, &json!({"contract": "bb"})).await["same"], false);
    assert_eq!(client.close_code().await, 4003);
    let (mut client, chosen) = Client::offering(server.address, "switchboard.v1,contract.bb").await;
    assert_eq!(chosen.as_deref(), Some("switchboard.v1"));
    is_served(&mut client).await;
    assert_eq!(client.close_code().await, 4003);
}

#[tokio::test]
async fn a_client_that_knows_less_is_no_other() {
    let server = refusing(at_once()).await;
    let (mut client, _) = Client::offering(server.address, "switchboard.v1, contract.bb").await;
    let less = json!({"contract": "bb", "messages": {"parlour/echo": "0000000000000001"}});
    assert_eq!(hello(&mut client, &less).await["differs"], json!([]));
    tokio::time::timeout(at_once().handshake * 2, client.next()).await.expect_err("it is served on");
    is_served(&mut client).await;
}

#[tokio::test]
async fn a_client_that_offers_nothing_is_let_in() {
    let server = refusing(at_once()).await;
    let mut client = server.client().await;
    tokio::time::timeout(at_once().handshake * 2, client.next()).await.expect_err("it is served on");
    is_served(&mut client).await;
}

#[tokio::test]
async fn only_what_was_offered_is_chosen() {
    let server = start().await;
    for (offered, chosen) in [("switchboard.v1", "switchboard.v1"), ("mqtt, switchboard.v1", "switchboard.v1")] {
        let (mut client, named) = Client::offering(server.address, offered).await;
        assert_eq!(named.as_deref(), Some(chosen), "{offered}");
        is_served(&mut client).await;
    }
}

#[tokio::test]
async fn handlers_hear_what_is_known() {
    let (told, heard) = std::sync::mpsc::channel();
    let server =
        start_with::<false>(|server| server.on_close(move |cx| told.send(cx.contract()).unwrap_or_default())).await;
    let known = |client: Client| {
        drop(client);
        heard.recv_timeout(crate::support::PATIENCE).unwrap()
    };
    let silent = known(server.client().await);
    assert_eq!((silent.hash(), silent.is_same(), silent.differs()), (None, None, None));
    let offered = known(Client::offering(server.address, "switchboard.v1, contract.bb").await.0);
    assert_eq!((offered.hash(), offered.is_same(), offered.differs()), (Some("bb"), Some(false), None));
    let mut client = server.client().await;
    hello(&mut client, &other()).await;
    let told = known(client);
    assert_eq!((told.hash(), told.is_same()), (Some("00000000000000bb"), Some(false)));
    let lists = [told.differs().unwrap(), told.unknown().unwrap()];
    assert_eq!(lists, [&["parlour/shout"][..], &["parlour/gone", "parlour/old", "parlour/sure"]]);
    let mut client = server.client().await;
    hello(&mut client, &json!({"contract": OURS})).await;
    assert_eq!(known(client).is_same(), Some(true));
}
