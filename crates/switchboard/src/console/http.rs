//! What the console answers to requests: its page and files to everybody, the rest to who has the token.

use std::net::IpAddr;
use std::time::Duration;

use ::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use ::http::header::{REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use ::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{Either, Full};
use tokio::time::Instant;

use super::Console;
use super::guesses::{Denied, Guesses};
use super::live::{Search, view};
use crate::protocol::Protocol;
use crate::push::Switchboard;
use crate::transport::pages::{Body, text};

/// The console of a running server.
pub(crate) struct Desk {
    console: Console,
    guesses: Guesses,
    /// The path of the WebSocket endpoint.
    endpoint: String,
    /// What times are counted from.
    epoch: Instant,
}

impl Desk {
    /// Of a server with this endpoint.
    pub fn new(console: Console, endpoint: &str, epoch: Instant) -> Self {
        Self { console, guesses: Guesses::default(), endpoint: endpoint.into(), epoch }
    }

    /// Answers a request for this [path](super::path_below), from this address.
    pub async fn answer<P: Protocol, B>(
        &self,
        request: &Request<B>,
        path: &str,
        from: IpAddr,
        switchboard: &Switchboard<P>,
    ) -> Response<Body> {
        let mut response = match request.method() {
            &Method::GET | &Method::HEAD => self.read(request, path, from, switchboard).await,
            _ => {
                let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "the console is read by GET\n");
                refusal.headers_mut().insert("allow", HeaderValue::from_static("GET, HEAD"));
                refusal
            }
        };
        guard(response.headers_mut());
        response
    }

    async fn read<P: Protocol, B>(
        &self,
        request: &Request<B>,
        path: &str,
        from: IpAddr,
        switchboard: &Switchboard<P>,
    ) -> Response<Body> {
        if let Some((_, media_type, file)) = FILES.iter().find(|(name, ..)| *name == path) {
            return of_type(media_type, Bytes::from_static(file.as_bytes()));
        }
        if !matches!(path, "/schema" | "/live") {
            return text(StatusCode::NOT_FOUND, "not found\n");
        }
        if let Err(denied) = self.admit(request.headers(), from) {
            return refusal(denied);
        }
        if path == "/schema" {
            return of_type(JSON, Bytes::from_static(P::SCHEMA.as_bytes()));
        }
        let search = Search::of(request.uri().query().unwrap_or_default());
        let (switchboard, endpoint) = (switchboard.clone(), self.endpoint.clone());
        // Thousands of connections take a while, and this thread serves some of them.
        match tokio::task::spawn_blocking(move || view(&switchboard, &endpoint, &search).to_string()).await {
            Ok(view) => of_type(JSON, view.into()),
            Err(error) => {
                tracing::error!(%error, "the console could not look around");
                text(StatusCode::INTERNAL_SERVER_ERROR, "the view could not be made\n")
            }
        }
    }

    /// Whether the request has the token. One without any is no guess.
    fn admit(&self, headers: &HeaderMap, from: IpAddr) -> Result<(), Option<Denied>> {
        let given = headers.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes())).ok_or(None)?;
        let now = u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.guesses.check(self.console.token(), given, from, now).map_err(Some)
    }
}

/// The token in a header `Bearer TOKEN`.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| token.trim_ascii())
}

const SCHEME: &[u8] = b"Bearer ";

fn refusal(denied: Option<Denied>) -> Response<Body> {
    if let Some(Denied::TooOften(wait)) = denied {
        let mut response = text(StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens\n");
        let seconds = wait.saturating_add(Duration::from_millis(999)).as_secs();
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
        return response;
    }
    let mut response = text(StatusCode::UNAUTHORIZED, "the console wants its token\n");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

fn of_type(media_type: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::from(bytes)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Nothing of it is kept, framed, or fetched from elsewhere.
fn guard(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SOURCES));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

const SOURCES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                       base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const JSON: &str = "application/json";

/// The files of the page: the path of each, its media type, and what is in it.
const FILES: &[(&str, &str, &str)] = &[
    ("", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("/console.css", "text/css; charset=utf-8", include_str!("page/console.css")),
    ("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("/binary.js", SCRIPT, include_str!("page/binary.js")),
    ("/check.js", SCRIPT, include_str!("page/check.js")),
    ("/console.js", SCRIPT, include_str!("page/console.js")),
    ("/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/form.js", SCRIPT, include_str!("page/form.js")),
    ("/live.js", SCRIPT, include_str!("page/live.js")),
    ("/log.js", SCRIPT, include_str!("page/log.js")),
    ("/messages.js", SCRIPT, include_str!("page/messages.js")),
    ("/outline.js", SCRIPT, include_str!("page/outline.js")),
    ("/schema.js", SCRIPT, include_str!("page/schema.js")),
    ("/session.js", SCRIPT, include_str!("page/session.js")),
    ("/words.js", SCRIPT, include_str!("page/words.js")),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";
