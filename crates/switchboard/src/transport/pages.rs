//! Pages: a folder of files beside the endpoint.

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
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

/// What has been counted.
pub(crate) fn metrics(method: &Method, metrics: Metrics) -> Response<Body> {
    if method != Method::GET {
        let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "metrics are read by GET\n");
        refusal.headers_mut().insert("allow", http::HeaderValue::from_static("GET"));
        return refusal;
    }
    let Ok(page) = expose(metrics) else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics could not be written\n");
    };
    let mut response = Response::new(Either::Left(Full::from(page)));
    response.headers_mut().insert("content-type", http::HeaderValue::from_static(CONTENT_TYPE));
    response
}

/// A short answer of ours.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
