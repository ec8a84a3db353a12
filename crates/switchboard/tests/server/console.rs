//! The console: who may see it, and what it shows.

use serde_json::{Value, json};
use switchboard::{Console, Server};

use crate::support::client::{Client, exchange, status};
use crate::support::parlour::{Parlour, Wired};
use crate::support::{Running, start, start_with, within};

const TOKEN: &str = "a-token-of-32-characters-or-more";

async fn start_console() -> Running {
    start_with(|server| server.console(Console::new(TOKEN).unwrap())).await
}

/// The answer to a request line, with one more header.
async fn request(server: &Running, line: &str, header: &str) -> String {
    let head = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{header}\r\n", server.address);
    exchange(server.address, head.as_bytes()).await
}

async fn get(server: &Running, path: &str, token: Option<&str>) -> (u16, String) {
    let header = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let answer = request(server, &format!("GET {path}"), &header).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status(&answer), body.to_owned())
}

async fn live(server: &Running, query: &str) -> Value {
    let (status, body) = get(server, &format!("/_switchboard/live{query}"), Some(TOKEN)).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// The number of the connection that came last.
fn newest(server: &Running) -> String {
    server.app.opened.lock().last().unwrap().to_string()
}

#[tokio::test]
async fn there_is_none_unless_it_is_asked_for() {
    let server = start().await;
    for path in ["/_switchboard", "/_switchboard/live", "/_switchboard/schema"] {
        assert_eq!(get(&server, path, Some(TOKEN)).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_page_is_for_everybody_and_fetches_nothing_from_elsewhere() {
    let server = start_console().await;
    for (path, media_type) in [
        ("", "text/html"),
        ("/console.css", "text/css"),
        ("/console.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
    ] {
        let answer = request(&server, &format!("GET /_switchboard{path}"), "").await.to_lowercase();
        assert_eq!(status(&answer), 200, "{path}");
        assert!(answer.contains(&format!("content-type: {media_type}")), "{path}: {answer}");
        assert!(answer.contains("content-security-policy: default-src 'none'; script-src 'self';"), "{answer}");
        assert!(answer.contains("frame-ancestors 'none'"), "{answer}");
        assert!(answer.contains("cache-control: no-store"), "{answer}");
        assert!(answer.contains("x-content-type-options: nosniff"), "{answer}");
    }
    assert_eq!(get(&server, "/_switchboard/console.rs", None).await.0, 404);
    assert_eq!(status(&request(&server, "POST /_switchboard", "").await), 405);
}

#[tokio::test]
async fn what_it_shows_wants_the_token() {
    let server = start_console().await;
    for path in ["/_switchboard/schema", "/_switchboard/live"] {
        for token in [None, Some(""), Some("a-token"), Some("a-token-of-32-characters-or-mora")] {
            assert_eq!(get(&server, path, token).await.0, 401, "{path} {token:?}");
        }
        let basic = format!("Authorization: Basic {TOKEN}\r\n");
        assert_eq!(status(&request(&server, &format!("GET {path}"), &basic).await), 401);
        let in_the_query = get(&server, &format!("{path}?token={TOKEN}"), None).await;
        assert_eq!(in_the_query.0, 401, "it would be in logs");
        assert_eq!(get(&server, path, Some(TOKEN)).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn who_guesses_is_not_heard_any_more() {
    let server = start_console().await;
    for n in 0..10 {
        assert_eq!(get(&server, "/_switchboard/live", Some("a-token-that-is-wrong")).await.0, 401, "{n}");
    }
    for token in ["a-token-that-is-wrong", TOKEN] {
        let header = format!("Authorization: Bearer {token}\r\n");
        let answer = request(&server, "GET /_switchboard/live", &header).await;
        assert_eq!(status(&answer), 429, "{token}");
        assert!(answer.to_lowercase().contains("retry-after: 6"), "{answer}");
    }
}

#[tokio::test]
async fn the_protocol_is_told_as_the_compiler_wrote_it() {
    let server = start_console().await;
    let (_, schema) = get(&server, "/_switchboard/schema", Some(TOKEN)).await;
    assert_eq!(schema, <Parlour as switchboard::generated::Protocol>::SCHEMA);
}

#[tokio::test]
async fn a_connection_is_shown_as_it_stands() {
    let server = start_console().await;
    let mut client = server.client().await;
    client.ask("parlour/greet", 1, json!({})).await;
    client.ask("parlour/sign_in", 2, json!({"to": "kevin", "text": "host"})).await;
    client.ask("parlour/join", 3, json!({"to": "hall"})).await;
    client.refused("parlour/greet", 4, json!({})).await;

    let view = live(&server, "").await;
    assert_eq!((&view["open"], &view["endpoint"]), (&json!(1), &json!("/ws")));
    let shown = &view["connections"][0];
    assert_eq!(shown["id"], newest(&server));
    assert_eq!(shown["identity"], "kevin");
    assert_eq!(shown["roles"], json!(["host"]));
    assert_eq!(shown["flows"], json!({"visit": "inside"}));
    assert_eq!(shown["topics"], json!(["parlour/rooms/hall"]));
    assert_eq!(shown["outbox"], json!({"bytes": 0, "frames": 0, "full": false}));
    assert_eq!(shown["refused"]["message"], "parlour/greet");
    assert_eq!(shown["refused"]["code"], "not_now");
    assert!(shown["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{shown}");
    assert!(shown["age_ms"].as_u64() >= shown["refused"]["ago_ms"].as_u64(), "{shown}");
}

#[tokio::test]
async fn what_was_counted_is_shown() {
    let server = start_console().await;
    let mut client = server.client().await;
    client.ask("parlour/echo", 1, json!({"text": "hello"})).await;
    client.refused("parlour/echo", 2, json!({"txt": "hello"})).await;
    client.refused("parlour/ecko", 3, json!({})).await;
    let view = live(&server, "").await;
    let echo = view["messages"].as_array().unwrap().iter().find(|message| message["name"] == "parlour/echo").unwrap();
    assert_eq!((&echo["received"], &echo["ok"]), (&json!(2), &json!(1)));
    assert_eq!(echo["refused"], json!({"invalid_payload": 1}));
    assert_eq!(view["stray"], json!({"unknown_message": 1}));
    assert_eq!(view["flows"], json!([{"name": "visit", "states": {"outside": 1, "inside": 0}}]));
    assert!(view["events"].as_array().unwrap().iter().any(|event| event["name"] == "parlour/said"));
}

#[tokio::test]
async fn connections_are_found_by_identity_number_and_tag() {
    let server = start_console().await;
    let mut ann = server.client().await;
    ann.ask("parlour/sign_in", 1, json!({"to": "Ann", "text": "guest"})).await;
    let ann_is = newest(&server);
    let url = format!("ws://{}/ws?console=my-tag", server.address);
    let (own, _) = within("connecting", tokio_tungstenite::connect_async(url)).await.unwrap();
    let mut own = Client(own);
    own.ask("parlour/sign_in", 1, json!({"to": "kevin", "text": "host"})).await;
    let (own_is, _kim) = (newest(&server), server.client().await);

    let ids = |view: &Value| -> Vec<String> {
        let shown = view["connections"].as_array().unwrap();
        shown.iter().map(|connection| connection["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&live(&server, "?find=aNN").await), std::slice::from_ref(&ann_is));
    assert_eq!(ids(&live(&server, &format!("?find={ann_is}")).await), std::slice::from_ref(&ann_is));
    assert_eq!(ids(&live(&server, "?find=nobody").await), [""; 0]);
    assert_eq!(ids(&live(&server, "?find=ann&own=my-tag").await), [own_is.clone(), ann_is], "the own one, always");
    let view = live(&server, "?own=my-tag").await;
    assert_eq!(ids(&view)[0], own_is);
    assert_eq!(view["connections"][0]["own"], true);
    assert_eq!(view["connections"][1]["own"], false);
}

#[tokio::test]
async fn a_random_token_is_served_on_loopback_addresses_alone() {
    let bind = |address| {
        let server = Server::<Parlour, Wired>::new(Wired(Default::default()));
        server.console(Console::random()).bind(address)
    };
    assert!(bind("127.0.0.1:0").await.is_ok());
    let error = bind("0.0.0.0:0").await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("a console with a random token is for loopback addresses"), "{error}");
}
