//! Clients that a server gives out itself.

use crate::support::client::{exchange, status};
use crate::support::{Running, start_with};

const MODULE: &str = "export const ours = \"é\";\n";

async fn start() -> Running {
    start_with(|server| server.client("/client.js", MODULE).pages(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))).await
}

/// The answer to a request line with more headers, in small letters, and its body as it is.
async fn request(server: &Running, line: &str, headers: &str) -> (String, String) {
    let head = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", server.address);
    let answer = exchange(server.address, head.as_bytes()).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn a_module_is_served_with_its_type_and_to_be_asked_for_again() {
    let server = start().await;
    let (head, body) = request(&server, "GET /client.js", "").await;
    assert_eq!((status(&head), body.as_str()), (200, MODULE));
    assert_eq!(header(&head, "content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(header(&head, "cache-control"), Some("no-cache"));
    let tag = header(&head, "etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
}

#[tokio::test]
async fn who_has_the_same_one_is_told_so_and_sent_nothing() {
    let server = start().await;
    let (head, _) = request(&server, "GET /client.js", "").await;
    let tag = header(&head, "etag").unwrap().to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let (head, body) = request(&server, "GET /client.js", &format!("If-None-Match: {known}\r\n")).await;
        assert_eq!((status(&head), body.as_str(), header(&head, "etag")), (304, "", Some(&*tag)), "{known}");
        assert_eq!(header(&head, "cache-control"), Some("no-cache"));
    }
    for other in ["\"other\"", "", "W/\"\"", "\u{fc}"] {
        let (head, body) = request(&server, "GET /client.js", &format!("If-None-Match: {other}\r\n")).await;
        assert_eq!((status(&head), body.as_str()), (200, MODULE), "{other}");
    }
}

#[tokio::test]
async fn the_tag_is_that_of_the_text() {
    let tag = |module: &'static str| async move {
        let server = start_with(|server| server.client("/client.js", module)).await;
        header(&request(&server, "GET /client.js", "").await.0, "etag").unwrap().to_owned()
    };
    assert_eq!(tag(MODULE).await, tag(MODULE).await);
    assert_ne!(tag(MODULE).await, tag("export const ours = \"e\";\n").await);
}

#[tokio::test]
async fn its_head_can_be_had_alone_and_nothing_else_be_done_to_it() {
    let server = start().await;
    let (head, body) = request(&server, "HEAD /client.js", "").await;
    assert_eq!((status(&head), body.as_str()), (200, ""));
    assert_eq!(header(&head, "content-length"), Some(&*MODULE.len().to_string()));
    let (head, _) = request(&server, "POST /client.js", "").await;
    assert_eq!((status(&head), header(&head, "allow")), (405, Some("get, head")));
}

#[tokio::test]
async fn other_paths_are_those_of_the_pages() {
    let server = start().await;
    let (head, body) = request(&server, "GET /topic.rs", "").await;
    assert_eq!(status(&head), 200);
    assert!(body.starts_with("//! Topics"), "{body}");
    assert_eq!(status(&request(&server, "GET /client.js/", "").await.0), 404);
}
