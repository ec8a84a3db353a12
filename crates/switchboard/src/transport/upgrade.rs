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

/// What a client wants to speak, by what its request has offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offered {
    /// The subprotocol that is spoken. `None`: it has offered none that there is, and [`Format::Json`] is spoken.
    format: Option<Format>,
    /// The fingerprint of the protocol that it was made for: what stood behind `contract.`
    pub contract: Option<String>,
}

/// How envelopes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// `switchboard.v1`, and when nothing is said.
    #[default]
    Json,
    /// `switchboard.v1+msgpack`
    MessagePack,
}

impl Offered {
    /// By the headers of a request. Of the subprotocols that there are the first one is spoken, of fingerprints the first
    /// one counts; what is neither says nothing.
    pub fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
        let mut offered = Self::default();
        for name in values.flat_map(|value| value.split(',')).map(|name| name.trim_matches([' ', '\t'])) {
            if let Some(hash) = name.strip_prefix(CONTRACT) {
                // Longer ones differ from ours as much by their beginning.
                offered.contract.get_or_insert_with(|| hash.chars().take(LONGEST_HASH).collect());
            } else {
                offered.format = offered.format.or(Format::named(name));
            }
        }
        offered
    }

    /// How its envelopes are written.
    pub fn format(&self) -> Format {
        self.format.unwrap_or_default()
    }
}

impl Format {
    fn named(name: &str) -> Option<Self> {
        [Self::Json, Self::MessagePack].into_iter().find(|format| format.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "switchboard.v1",
            Self::MessagePack => "switchboard.v1+msgpack",
        }
    }
}

const CONTRACT: &str = "contract.";
const LONGEST_HASH: usize = 64;

/// The answer that makes a connection of a checked request. Only a subprotocol that was offered is named.
pub(crate) fn switching(headers: &HeaderMap, offered: &Offered) -> Response<Body> {
    let key = headers.get(SEC_WEBSOCKET_KEY).map_or(&b""[..], HeaderValue::as_bytes);
    let mut response = text(StatusCode::SWITCHING_PROTOCOLS, "");
    let headers = response.headers_mut();
    headers.clear();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(format) = offered.format {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(format.name()));
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

    fn offered(values: &[&str]) -> (Option<String>, Format, Option<String>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let offered = Offered::of(&headers);
        let response = switching(&headers, &offered);
        let named = response.headers().get(SEC_WEBSOCKET_PROTOCOL).map(|name| name.to_str().unwrap().to_owned());
        (named, offered.format(), offered.contract)
    }

    #[test]
    fn the_first_subprotocol_that_there_is_is_named_and_spoken() {
        let (v1, pack) = ("switchboard.v1", "switchboard.v1+msgpack");
        for (values, named, format) in [
            (&[][..], None, Format::Json),
            (&[""], None, Format::Json),
            (&["graphql-ws"], None, Format::Json),
            (&["contract.1234"], None, Format::Json),
            (&["switchboard.v1"], Some(v1), Format::Json),
            (&["switchboard.v1+msgpack"], Some(pack), Format::MessagePack),
            (&["mqtt, switchboard.v1+msgpack , switchboard.v1"], Some(pack), Format::MessagePack),
            (&["contract.1234,switchboard.v1,\tswitchboard.v1+msgpack"], Some(v1), Format::Json),
            (&["mqtt", "switchboard.v1+msgpack"], Some(pack), Format::MessagePack),
            (
                &["Switchboard.v1+msgpack", "switchboard.v2", "switchboard.v1+msgpack2", "switchboard.v1 +msgpack"],
                None,
                Format::Json,
            ),
            (&["ü", ",,, ,", "switchboard.v1"], Some(v1), Format::Json),
        ] {
            let (got, spoken, _) = offered(values);
            assert_eq!((got.as_deref(), spoken), (named, format), "{values:?}");
        }
    }

    #[test]
    fn the_first_fingerprint_counts_and_is_never_named() {
        let contract = |values: &[&str]| offered(values).2;
        assert_eq!(contract(&["switchboard.v1"]), None);
        assert_eq!(contract(&["contract.0123456789abcdef, switchboard.v1"]).as_deref(), Some("0123456789abcdef"));
        assert_eq!(contract(&["switchboard.v1", "contract.aa,contract.bb"]).as_deref(), Some("aa"));
        assert_eq!(contract(&["contract."]).as_deref(), Some(""));
        assert_eq!(contract(&[&format!("contract.{}", "a".repeat(9_000))]).map(|hash| hash.len()), Some(64));
    }

    #[test]
    fn a_hostile_list_is_read_once() {
        // As long as a head may be, and beyond.
        for piece in ["a,", ",", " ,", "switchboard.v1", "contract.", "contract.,", "\t"] {
            let value = piece.repeat(100_000 / piece.len());
            let begin = std::time::Instant::now();
            offered(&[&value]);
            assert!(begin.elapsed() < std::time::Duration::from_secs(1), "{piece}");
        }
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
