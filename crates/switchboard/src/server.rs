//! The server: settings, the socket it listens on, and its life from the first connection to the last.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use switchboard_core::store::{Store, StoreError};
use tokio::net::{TcpListener, ToSocketAddrs, lookup_host};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::Limits;
use crate::console::{self, Console};
use crate::flow;
use crate::once::Answers;
use crate::protocol::{Application, Protocol};
use crate::push::Switchboard;
use crate::rates::SharedBudgets;
use crate::rooms::Rooms;
use crate::shard::Shards;
use crate::shared::{Hook, Shared};
use crate::shutdown;
use crate::transport::gate::Gate;
use crate::transport::pages::{Pages, Script};
use crate::transport::upgrade::Endpoint;
use crate::{Contract, Cx};

/// A server that does not listen yet: made by the generated `serve`, then told its settings, then bound.
///
/// ```ignore
/// serve(app).pages("web").bind("127.0.0.1:8080").await?.run().await?;
/// ```
#[must_use = "a server does nothing until it is bound and run"]
pub struct Server<P: Protocol, A> {
    application: A,
    switchboard: Switchboard<P>,
    endpoint: Endpoint,
    pages: Option<PathBuf>,
    scripts: Vec<Script>,
    metrics: Option<String>,
    console: Option<Console>,
    limits: Limits,
    threads: Option<usize>,
    on_open: Option<Hook<P>>,
    on_close: Option<Hook<P>>,
    contract: Contract,
}

impl<P: Protocol, A: Application<P>> Server<P, A> {
    /// For generated code: `application` runs the chains of `P`.
    pub fn new(application: A) -> Self {
        Self {
            application,
            switchboard: Switchboard::new(),
            endpoint: Endpoint { path: "/ws".into(), origins: Vec::new() },
            pages: None,
            scripts: Vec::new(),
            metrics: None,
            console: None,
            limits: Limits::default(),
            threads: None,
            on_open: None,
            on_close: None,
            contract: Contract::default(),
        }
    }

    /// The path of the WebSocket endpoint. Default: `/ws`.
    pub fn endpoint(mut self, path: impl Into<String>) -> Self {
        self.endpoint.path = path.into();
        self
    }

    /// Serves the files of a folder on all other paths; `/healthz` stays the server's own. Default: none.
    pub fn pages(mut self, folder: impl Into<PathBuf>) -> Self {
        self.pages = Some(folder.into());
        self
    }

    /// Serves a client of this protocol at this path, such as `/client.js`: what `wsr generate typescript` or build.rs
    /// wrote, taken into the program so that both are of one version. Browsers keep it and ask each time whether it is
    /// still the same, by its `ETag`. It stands above a page of the same path. Default: nowhere.
    ///
    /// ```ignore
    /// serve(app).client("/client.js", include_str!("../web/client.js"))
    /// ```
    pub fn client(mut self, path: impl Into<String>, module: &'static str) -> Self {
        self.scripts.push(Script::new(path.into(), module));
        self
    }

    /// Serves what has been counted at this path, in the text format of Prometheus, to whoever asks: keep the path from
    /// the public where the names of messages and how often they are sent are nobody's business. Default: nowhere.
    pub fn metrics(mut self, path: impl Into<String>) -> Self {
        self.metrics = Some(path.into());
        self
    }

    /// Serves the [console](Console) at `/_switchboard`: the protocol, forms to try it with, and who is connected, for
    /// those who have its token. Default: nowhere.
    pub fn console(mut self, console: Console) -> Self {
        self.console = Some(console);
        self
    }

    /// Bounds on everything that a peer can make grow. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What is done with clients that were made for another version of the protocol, as their offer of the subprotocol
    /// `contract.<hash>` or their hello says; those that say nothing are served. Default: [`Contract::Serve`].
    ///
    /// With [`Contract::Refuse`] a client of which something differs, or that offers another hash and says no hello within
    /// [`Limits::handshake`], is closed with 4003. Until then it is served.
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contract = contract;
        self
    }

    /// Keeps what `@history` promises in this store, so that it is there after a restart, however the process ended. An
    /// event is committed before anybody gets it and before its sender is answered. Default: in memory.
    ///
    /// # Errors
    /// The store cannot be read, or the server has one already.
    pub fn store(self, store: impl Store) -> Result<Self, StoreError> {
        self.switchboard.histories().attach(Box::new(store))?;
        Ok(self)
    }

    /// The number of threads that serve connections. Default: one for each core.
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = Some(count.max(1));
        self
    }

    /// Lets pages of this origin (`https://app.example.com`) open connections, beside pages of the server itself; `*`
    /// lets in all. Clients that are no browsers send no origin and are always let in. May be called several times.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.endpoint.origins.push(origin.into());
        self
    }

    /// Calls `hook` with each connection that opens, before its first message. It must not block.
    pub fn on_open(mut self, hook: impl Fn(&Cx<P>) + Send + Sync + 'static) -> Self {
        self.on_open = Some(Box::new(hook));
        self
    }

    /// Calls `hook` with each connection that has gone, once it has left its mailbox, roles and topics. Whom it
    /// belonged to and its own values are still there. It must not block.
    pub fn on_close(mut self, hook: impl Fn(&Cx<P>) + Send + Sync + 'static) -> Self {
        self.on_close = Some(Box::new(hook));
        self
    }

    /// The handle for pushing from anywhere.
    pub fn switchboard(&self) -> Switchboard<P> {
        self.switchboard.clone()
    }

    /// Listens. Connections wait until the server runs.
    ///
    /// # Errors
    /// What the system says, with the address: most often that something else listens there. Or the address is not a
    /// loopback one, and the console has a [random](Console::random) token.
    pub async fn bind(self, address: impl ToSocketAddrs + fmt::Debug) -> io::Result<Bound<P, A>> {
        let wanted = format!("{address:?}");
        let failed = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {wanted}: {error}"));
        let addresses: Vec<SocketAddr> = lookup_host(address).await.map_err(failed)?.collect();
        if let Some(console) = &self.console {
            console.allow(&addresses).map_err(failed)?;
        }
        let listener = TcpListener::bind(&addresses[..]).await.map_err(failed)?;
        let address = listener.local_addr()?;
        let threads = match self.threads {
            Some(count) => count,
            None => std::thread::available_parallelism().map_or(1, usize::from),
        };
        Ok(Bound { listener, address, threads, shared: Arc::new(self.into_shared()) })
    }

    /// Without a bound on how many messages a connection may send.
    #[cfg(feature = "testkit")]
    pub(crate) fn unhurried(mut self) -> Self {
        self.limits.message_rate = None;
        self
    }

    pub(crate) fn into_shared(self) -> Shared<P, A> {
        let (limits, epoch) = (Arc::new(self.limits), Instant::now());
        self.switchboard.histories().set_limits(&limits);
        Shared {
            rooms: Rooms::new(&self.switchboard, limits.flow_topics, epoch),
            application: self.application,
            switchboard: self.switchboard,
            budgets: Arc::new(SharedBudgets::new()),
            answers: Answers::new(&limits, epoch),
            gate: Gate::new(&limits),
            pages: self.pages.map(Pages::new),
            scripts: self.scripts,
            metrics: self.metrics,
            console: self.console.map(|console| console::Desk::new(console, &self.endpoint.path, epoch)),
            endpoint: self.endpoint,
            on_open: self.on_open,
            on_close: self.on_close,
            contract: self.contract,
            draining: watch::Sender::new(false),
            message_bytes: Shared::<P, A>::largest_message(&limits),
            epoch,
            limits,
        }
    }
}

impl<P: Protocol, A> fmt::Debug for Server<P, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("endpoint", &self.endpoint.path).finish_non_exhaustive()
    }
}

/// A server that listens.
#[must_use = "a server does nothing until it runs"]
pub struct Bound<P: Protocol, A> {
    listener: TcpListener,
    address: SocketAddr,
    threads: usize,
    shared: Arc<Shared<P, A>>,
}

impl<P: Protocol, A: Application<P>> Bound<P, A> {
    /// Where it listens; with port 0 asked for, the port that was given.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The handle for pushing from anywhere.
    pub fn switchboard(&self) -> Switchboard<P> {
        self.shared.switchboard.clone()
    }

    /// What runs the chains.
    pub fn app(&self) -> &A {
        &self.shared.application
    }

    /// Serves until Ctrl-C or SIGTERM, then as [`Self::run_until`].
    pub async fn run(self) -> Result<(), ServerError> {
        let signal = shutdown::signal().map_err(|cause| ServerError::new("signals cannot be waited for", cause))?;
        self.run_until(signal).await
    }

    /// Serves until `shutdown` resolves, then drains: no new connections; new messages are refused with
    /// `shutting_down`; handlers that run finish, within [`Limits::drain`]; what is left is sent; every connection is
    /// closed with 1001.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> Result<(), ServerError> {
        tracing::info!("listening on {}", self.address);
        flow::describe::<P>();
        let shards = self.listener.into_std().and_then(|listener| Shards::start(self.threads, listener, &self.shared));
        let mut shards = shards.map_err(|cause| ServerError::new("the threads could not be started", cause))?;
        shutdown.await;
        shards.close().await;
        if !self.shared.drained().await {
            let most = self.shared.limits.drain;
            tracing::warn!(?most, "connections were cut off: their handlers did not end in time");
        }
        self.shared.switchboard.histories().flush().await;
        shards.stop().await;
        Ok(())
    }
}

impl<P: Protocol, A> fmt::Debug for Bound<P, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Why a server could not run. Never the fault of a peer.
#[derive(Debug)]
pub struct ServerError {
    what: &'static str,
    cause: io::Error,
}

impl ServerError {
    fn new(what: &'static str, cause: io::Error) -> Self {
        Self { what, cause }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl std::error::Error for ServerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
