//! HTTP: what is answered to requests, and which become connections.

use std::sync::Arc;

use switchboard::{Limits, Server};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::client::{exchange, frame, status};
use crate::support::parlour::{Parlour, Wired};
use crate::support::{Running, start, start_limited, start_with};

const GOOD: [&str; 6] = [
    "Host: {host}",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Connection: close",
];

async fn request(server: &Running, line: &str, without: &str, with: &[&str]) -> String {
    let kept = GOOD.iter().filter(|header| without.is_empty() || !header.starts_with(without));
    let headers = kept.chain(with).map(|header| format!("{header}\r\n")).collect::<String>();
    let headers = headers.replace("{host}", &server.address.to_string());
    exchange(server.address, format!("{line}\r\n{headers}\r\n").as_bytes()).await
}

const GET: &str = "GET /ws HTTP/1.1";

#[tokio::test]
async fn health_is_told() {
    let server = start().await;
    let answer = request(&server, "GET /healthz HTTP/1.1", "", &[]).await;
    assert_eq!(status(&answer), 200);
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
}

#[tokio::test]
async fn bad_upgrades_get_http_answers() {
    let server = start().await;
    for (line, without, with, expected) in [
        ("GET /elsewhere HTTP/1.1", "", [].as_slice(), 404),
        ("POST /ws HTTP/1.1", "", &[], 405),
        ("HEAD /ws HTTP/1.1", "", &[], 405),
        ("GET /ws HTTP/1.0", "", &[], 505),
        (GET, "Host", &[], 400),
        (GET, "Host", &["Host: a", "Host: b"], 400),
        (GET, "", &["Content-Length: 5", "", "hello"], 400),
        (GET, "Upgrade", &[], 426),
        (GET, "Sec-WebSocket-Version", &["Sec-WebSocket-Version: 8"], 426),
        (GET, "Sec-WebSocket-Key", &["Sec-WebSocket-Key: abcd"], 400),
        (GET, "Sec-WebSocket-Key", &[], 400),
        (GET, "", &["Origin: https://evil.example"], 403),
        (GET, "", &["Origin: null"], 403),
    ] {
        let answer = request(&server, line, without, with).await;
        assert_eq!(status(&answer), expected, "{line} without {without:?} with {with:?}: {answer}");
    }
    let answer = request(&server, GET, "Sec-WebSocket-Version", &[]).await.to_lowercase();
    assert!(answer.contains("sec-websocket-version: 13"), "{answer}");
    assert_eq!(server.switchboard.connection_count(), 0);
}

#[tokio::test]
async fn too_much_of_a_head_is_refused() {
    let server = start().await;
    let many = (0..100).map(|n| format!("X-{n}: x")).collect::<Vec<_>>();
    let many = many.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(status(&request(&server, GET, "", &many).await), 431);
    let long = format!("X-Long: {}", "x".repeat(20_000));
    assert_eq!(status(&request(&server, GET, "", &[&long]).await), 431);
}

#[tokio::test]
async fn own_and_named_origins_are_let_in() {
    let server = start_with::<false>(|server| server.allow_origin("https://app.example.com")).await;
    for origin in [format!("http://{}", server.address), "https://app.example.com".to_owned()] {
        let mut request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        assert!(tokio_tungstenite::connect_async(request).await.is_ok(), "{origin}");
    }
}

#[tokio::test]
async fn the_endpoint_can_be_elsewhere() {
    let server = start_with::<false>(|server| server.endpoint("/live")).await;
    assert!(tokio_tungstenite::connect_async(format!("ws://{}/live", server.address)).await.is_ok());
    assert!(tokio_tungstenite::connect_async(format!("ws://{}/ws", server.address)).await.is_err());
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let first = start().await;
    let second = Server::<Parlour, Wired>::new(Wired(Arc::default())).bind(first.address).await;
    let Err(error) = second else { panic!("two servers listen on one address") };
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&first.address.to_string()), "{error}");
}

#[tokio::test]
async fn pages_are_served_beside_it() {
    let folder = std::env::temp_dir().join(format!("switchboard-pages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("index.html"), "<p>hello").unwrap();
    let pages = folder.clone();
    let server = start_with::<false>(|server| server.pages(pages)).await;
    let answer = request(&server, "GET / HTTP/1.1", "Upgrade", &[]).await;
    assert_eq!(status(&answer), 200);
    assert!(answer.ends_with("<p>hello"), "{answer}");
    assert_eq!(status(&request(&server, "GET /none HTTP/1.1", "Upgrade", &[]).await), 404);
    assert_eq!(status(&request(&server, "GET /../Cargo.toml HTTP/1.1", "Upgrade", &[]).await), 404);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn who_says_nothing_is_dropped() {
    let limits = Limits { handshake: std::time::Duration::from_millis(100), ..Limits::default() };
    let server = start_limited(limits).await;
    exchange(server.address, b"").await;
    exchange(server.address, b"GET /ws HT").await;
}

#[tokio::test]
async fn what_is_sent_behind_the_request_is_not_lost() {
    let server = start().await;
    let head = GOOD.iter().filter(|header| **header != "Connection: close").map(|header| format!("{header}\r\n"));
    let head = head.collect::<String>().replace("{host}", &server.address.to_string());
    let frame = frame(0x81, br#"{"name":"parlour/close","id":1}"#);
    let request = [format!("{GET}\r\n{head}\r\n").into_bytes(), frame].concat();
    let answer = exchange(server.address, &request).await;
    assert_eq!(status(&answer), 101);
    assert!(answer.contains(r#"{"re":1,"payload":{}}"#), "{answer}");
}
