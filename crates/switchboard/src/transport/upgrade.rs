//! The upgrade: is this request the beginning of a WebSocket connection that we want?
//!
//! Checked in the order of the table in [`Endpoint::check`], each with an HTTP answer of its own. hyper has parsed the
//! request by then, within its limits; tungstenite would let most of these pass.

use bytes::{Bytes, BytesMut};
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper_tungstenite::tungstenite::handshake::derive_accept_key;

use super::pages::{Body, text};

/// Where connections begin, and pages of which sites may open them.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// The path.
    pub path: String,
    /// Origins beside the server's own; `*`: any.
    pub origins: Vec<String>,
}

/// Why a request is no upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoUpgrade(pub StatusCode, pub &'static str);

impl NoUpgrade {
    /// The answer.
    pub fn response(self) -> Response<Body> {
        let mut response = text(self.0, self.1);
        let headers = response.headers_mut();
        match self.0 {
            StatusCode::METHOD_NOT_ALLOWED => drop(headers.insert("allow", HeaderValue::from_static("GET"))),
            StatusCode::UPGRADE_REQUIRED => {
                headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
                headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            StatusCode::SERVICE_UNAVAILABLE => drop(headers.insert("retry-after", HeaderValue::from_static("5"))),
            _ => {}
        }
        response
    }
}

impl Endpoint {
    /// Whether `request`, for this path, may become a connection. The path itself and the room there is are the
    /// caller's to check, before and after.
    pub fn check<B>(&self, request: &Request<B>) -> Result<(), NoUpgrade> {
        let headers = request.headers();
        let refuse = |status, text| Err(NoUpgrade(status, text));
        if request.method() != Method::GET {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "a WebSocket connection begins with GET\n");
        }
        if request.version() != Version::HTTP_11 {
            return refuse(StatusCode::HTTP_VERSION_NOT_SUPPORTED, "a WebSocket connection needs HTTP/1.1\n");
        }
        let Some(host) = only(headers, HOST) else {
            return refuse(StatusCode::BAD_REQUEST, "one Host header is needed\n");
        };
        if headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0") {
            return refuse(StatusCode::BAD_REQUEST, "a WebSocket connection begins without a body\n");
        }
        if !hyper_tungstenite::is_upgrade_request(request) {
            return refuse(StatusCode::UPGRADE_REQUIRED, "this is a WebSocket endpoint\n");
        }
        if only(headers, SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return refuse(StatusCode::UPGRADE_REQUIRED, "only version 13 of the WebSocket protocol is spoken\n");
        }
        if only(headers, SEC_WEBSOCKET_KEY).is_none_or(|key| !is_key(key.as_bytes())) {
            return refuse(StatusCode::BAD_REQUEST, "one good Sec-WebSocket-Key header is needed\n");
        }
        if headers.contains_key(ORIGIN) && !only(headers, ORIGIN).is_some_and(|origin| self.lets_in(origin, host)) {
            return refuse(StatusCode::FORBIDDEN, "pages of this origin may not open connections\n");
        }
        Ok(())
    }

    /// A page of the very host and port that is asked, or of a site that was named.
    fn lets_in(&self, origin: &HeaderValue, host: &HeaderValue) -> bool {
        let (Ok(origin), Ok(host)) = (origin.to_str(), host.to_str()) else { return false };
        let own = ["http://", "https://"]
            .iter()
            .any(|scheme| origin.strip_prefix(scheme).is_some_and(|authority| authority.eq_ignore_ascii_case(host)));
        own || self.origins.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
    }
}

/// The answer that makes a connection of a checked request.
pub(crate) fn switching(headers: &HeaderMap) -> Response<Body> {
    let key = headers.get(SEC_WEBSOCKET_KEY).map_or(&b""[..], HeaderValue::as_bytes);
    let mut response = text(StatusCode::SWITCHING_PROTOCOLS, "");
    let headers = response.headers_mut();
    headers.clear();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// The headers that a handler may want, in memory of their own: hyper's values are slices of its read buffer and would
/// keep that alive as long as the connection.
pub(crate) fn kept(headers: &HeaderMap) -> HeaderMap {
    let wanted = |(name, _): &(&HeaderName, &HeaderValue)| !HANDSHAKE.contains(name);
    let mut bytes = BytesMut::with_capacity(headers.iter().filter(wanted).map(|(_, value)| value.len()).sum());
    headers.iter().filter(wanted).for_each(|(_, value)| bytes.extend_from_slice(value.as_bytes()));
    let mut bytes = bytes.freeze();
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(wanted) {
        let copy: Bytes = bytes.split_to(value.len());
        // They were header values before.
        if let Ok(mut copy) = HeaderValue::from_maybe_shared(copy) {
            copy.set_sensitive(value.is_sensitive());
            kept.append(name, copy);
        }
    }
    kept
}

const HANDSHAKE: [HeaderName; 6] =
    [CONNECTION, UPGRADE, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL];

/// The value of a header that is there exactly once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// 16 bytes in base64.
fn is_key(key: &[u8]) -> bool {
    let Some((body, last)) = key.strip_suffix(b"==").and_then(|key| key.split_at_checked(21)) else { return false };
    let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    body.iter().all(base64) && matches!(last, [b'A' | b'Q' | b'g' | b'w'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint { path: "/ws".into(), origins: vec!["https://app.example.com".into()] }
    }

    fn request(change: impl FnOnce(&mut Request<()>)) -> Result<(), u16> {
        let mut request = Request::new(());
        for (name, value) in [
            ("host", "radio.example.com:8080"),
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        change(&mut request);
        endpoint().check(&request).map_err(|refusal| refusal.0.as_u16())
    }

    fn with(name: &'static str, value: &'static str) -> Result<(), u16> {
        request(|request| drop(request.headers_mut().insert(name, HeaderValue::from_static(value))))
    }

    fn twice(name: &'static str, value: &'static str) -> Result<(), u16> {
        request(|request| {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        })
    }

    fn without(name: &'static str) -> Result<(), u16> {
        request(|request| drop(request.headers_mut().remove(name)))
    }

    #[test]
    fn a_good_request_passes() {
        assert_eq!(request(|_| ()), Ok(()));
    }

    #[test]
    fn each_flaw_has_its_status() {
        assert_eq!(request(|request| *request.method_mut() = Method::POST), Err(405));
        assert_eq!(request(|request| *request.version_mut() = Version::HTTP_10), Err(505));
        assert_eq!(without("host"), Err(400));
        assert_eq!(twice("host", "radio.example.com:8080"), Err(400));
        assert_eq!(with("content-length", "3"), Err(400));
        assert_eq!(with("transfer-encoding", "chunked"), Err(400));
        assert_eq!(without("upgrade"), Err(426));
        assert_eq!(without("connection"), Err(426));
        assert_eq!(with("sec-websocket-version", "8"), Err(426));
        assert_eq!(twice("sec-websocket-version", "13"), Err(426));
        assert_eq!(without("sec-websocket-key"), Err(400));
        assert_eq!(twice("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="), Err(400));
        for key in ["", "abcd", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25j*Q=="] {
            assert_eq!(with("sec-websocket-key", key), Err(400), "{key}");
        }
    }

    #[test]
    fn only_own_and_named_origins_pass() {
        for origin in ["http://radio.example.com:8080", "https://Radio.Example.com:8080", "https://app.example.com"] {
            assert_eq!(with("origin", origin), Ok(()), "{origin}");
        }
        for origin in [
            "http://evil.example",
            "http://radio.example.com",
            "http://radio.example.com:8081",
            "http://radio.example.com:8080.evil.example",
            "http://evil-radio.example.com:8080",
            "http://sub.radio.example.com:8080",
            "http://user@radio.example.com:8080",
            "http://radio.example.com:8080/",
            "ftp://radio.example.com:8080",
            "http://app.example.com",
            "null",
            "",
        ] {
            assert_eq!(with("origin", origin), Err(403), "{origin}");
        }
        let two = request(|request| {
            for _ in 0..2 {
                request.headers_mut().append("origin", HeaderValue::from_static("http://radio.example.com:8080"));
            }
        });
        assert_eq!(two, Err(403));
    }

    #[test]
    fn handlers_see_all_headers_but_those_of_the_handshake() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("cookie", "a=1"), ("cookie", "b=2"), ("upgrade", "websocket"), ("x-empty", "")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let kept = kept(&headers);
        assert_eq!(kept.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(kept.get("x-empty").map(HeaderValue::len), Some(0));
        assert!(!kept.contains_key("upgrade"));
    }
}
