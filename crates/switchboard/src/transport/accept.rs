//! A socket that has been accepted: HTTP, and the task that takes over when it is upgraded.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::gate::Permit;
use super::pages::{self, Body, text};
use super::socket::Socket;
use super::upgrade::{self, NoUpgrade, Offered};
use crate::connection::task::{Arrival, serve};
use crate::console::{self, Watched};
use crate::protocol::{Application, Protocol};
use crate::shared::Shared;

/// Speaks HTTP over a socket until it is closed or upgraded.
pub(crate) async fn http<P: Protocol, A: Application<P>>(
    shared: Arc<Shared<P, A>>,
    socket: Socket,
    peer: SocketAddr,
    permit: Permit,
) {
    // Without it, answers wait for acknowledgements; a socket that refuses it is about to break anyway.
    let _ = socket.set_nodelay();
    let limits = &shared.limits;
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.handshake)
        .max_buf_size(limits.header_bytes.max(SMALLEST_BUFFER))
        .max_headers(limits.header_count);
    let visit = Visit { shared: Arc::clone(&shared), peer, permit: Arc::new(permit) };
    let service = service_fn(move |request| {
        let visit = visit.clone();
        async move { Ok::<_, Infallible>(visit.answer(request).await) }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(socket), service).with_upgrades());
    let mut draining = shared.draining.subscribe();
    let drained = async { draining.wait_for(|draining| *draining).await.is_ok() };
    let outcome = tokio::select! {
        // What was asked before is still answered, and tests do the same each time.
        biased;
        outcome = connection.as_mut() => outcome,
        _ = drained => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%peer, %error, "HTTP ended");
    }
}

/// hyper asserts that a buffer is not smaller.
const SMALLEST_BUFFER: usize = 8_192;

/// One client's requests.
struct Visit<P: Protocol, A> {
    shared: Arc<Shared<P, A>>,
    peer: SocketAddr,
    permit: Arc<Permit>,
}

impl<P: Protocol, A> Clone for Visit<P, A> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), peer: self.peer, permit: Arc::clone(&self.permit) }
    }
}

impl<P: Protocol, A: Application<P>> Visit<P, A> {
    async fn answer(self, request: Request<Incoming>) -> Response<Body> {
        if request.uri().path() == self.shared.endpoint.path {
            return self.upgrade(request).unwrap_or_else(NoUpgrade::response);
        }
        if self.permit.is_turned_away() {
            return FULL.response();
        }
        if let Some(script) = self.shared.scripts.iter().find(|script| script.path == request.uri().path()) {
            return script.answer(&request);
        }
        if self.shared.metrics.as_deref() == Some(request.uri().path()) {
            return pages::metrics(request.method(), self.shared.switchboard.metrics());
        }
        if let Some(desk) = &self.shared.console
            && let Some(path) = console::path_below(request.uri().path())
        {
            return desk.answer(&request, path, self.peer.ip(), &self.shared.switchboard).await;
        }
        match (request.uri().path(), &self.shared.pages) {
            ("/healthz", _) => text(StatusCode::OK, "ok"),
            (_, Some(pages)) => pages.answer(request).await,
            (_, None) => text(StatusCode::NOT_FOUND, "not found\n"),
        }
    }

    fn upgrade(self, mut request: Request<Incoming>) -> Result<Response<Body>, NoUpgrade> {
        self.shared.endpoint.check(&request)?;
        if self.permit.is_turned_away() || self.shared.is_draining() {
            return Err(FULL);
        }
        let upgraded = hyper::upgrade::on(&mut request);
        let offered = Offered::of(request.headers());
        let response = upgrade::switching(request.headers(), &offered);
        let headers = upgrade::kept(request.headers());
        let watched = self.shared.console.as_ref().map(|_| Watched::new::<P>(self.peer, request.uri().query()));
        tokio::spawn(async move {
            let Self { shared, peer, permit } = self;
            // An error is a client that left before the answer.
            let Ok(upgraded) = upgraded.await else { return };
            // Nothing but this type was ever served.
            let Ok(parts) = upgraded.downcast::<TokioIo<Socket>>() else { return };
            // hyper's read buffer would live as long as what it still holds.
            let early = parts.read_buf.to_vec();
            drop(parts.read_buf);
            serve(shared, Arrival { socket: parts.io.into_inner(), early, peer, headers, offered, watched, permit })
                .await;
        });
        Ok(response)
    }
}

const FULL: NoUpgrade = NoUpgrade(StatusCode::SERVICE_UNAVAILABLE, "there is no room now\n");
