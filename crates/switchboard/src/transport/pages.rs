//! Pages: a folder of files beside the endpoint, and modules that are part of the program.

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use tower_http::services::ServeDir;
use tower_http::services::fs::ServeFileSystemResponseBody;

use crate::metrics::{CONTENT_TYPE, Metrics, expose};

/// What answers carry: text of ours, or a file.
pub(crate) type Body = Either<Full<Bytes>, ServeFileSystemResponseBody>;

/// The files of one folder.
#[derive(Clone, Debug)]
pub(crate) struct Pages(ServeDir);

impl Pages {
    /// Of this folder; `index.html` stands for the folder itself.
    pub fn new(folder: PathBuf) -> Self {
        Self(ServeDir::new(folder))
    }

    /// The file that is asked for.
    pub async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        match self.0.clone().try_call(request).await {
            Ok(response) => response.map(Either::Right),
            Err(error) if error.kind() == io::ErrorKind::NotFound => text(StatusCode::NOT_FOUND, "not found\n"),
            Err(error) => {
                tracing::error!(%error, "a page could not be read");
                text(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be read\n")
            }
        }
    }
}

/// A module of JavaScript that is part of the program.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// Where it is served.
    pub path: String,
    text: &'static str,
    etag: String,
}

impl Script {
    /// This text at this path.
    pub fn new(path: String, text: &'static str) -> Self {
        Self { path, text, etag: format!("\"{:x}-{:016x}\"", text.len(), fnv(text.as_bytes())) }
    }

    /// The module, or that what the client has is still the same.
    pub fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return not_allowed("modules are read by GET\n", "GET, HEAD");
        }
        let is_known = request.headers().get_all("if-none-match").iter().any(|value| self.is_among(value));
        let mut response = Response::new(Either::Left(Full::from(if is_known { "" } else { self.text })));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert("etag", etag);
        }
        headers.insert("cache-control", HeaderValue::from_static("no-cache"));
        headers.insert("content-type", HeaderValue::from_static("text/javascript; charset=utf-8"));
        response
    }

    /// Whether a list of tags has ours, also as a weak one: what is asked is only whether to send it again.
    fn is_among(&self, tags: &HeaderValue) -> bool {
        let Ok(tags) = tags.to_str() else { return false };
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag)
    }
}

/// FNV-1a: the text is the program's own, so nobody looks for two that meet.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What has been counted.
pub(crate) fn metrics(method: &Method, metrics: Metrics) -> Response<Body> {
    if method != Method::GET {
        return not_allowed("metrics are read by GET\n", "GET");
    }
    let Ok(page) = expose(metrics) else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics could not be written\n");
    };
    let mut response = Response::new(Either::Left(Full::from(page)));
    response.headers_mut().insert("content-type", HeaderValue::from_static(CONTENT_TYPE));
    response
}

fn not_allowed(why: &'static str, allowed: &'static str) -> Response<Body> {
    let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, why);
    refusal.headers_mut().insert("allow", HeaderValue::from_static(allowed));
    refusal
}

/// A short answer of ours.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
