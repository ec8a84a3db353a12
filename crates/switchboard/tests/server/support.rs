//! A small protocol in the style of generated code, a server for it, and a client.

pub mod client;
pub mod parlour;
pub mod workshop;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use switchboard::testkit::{self, Kit};
use switchboard::{Limits, Server, ServerError, Switchboard};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use self::client::Client;
pub use self::parlour::{App, Parlour, Role, Said, Wired};

/// How long anything may take before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A server that runs in the background.
pub struct Running<const TIMED: bool = false> {
    pub address: SocketAddr,
    pub app: Arc<App>,
    pub switchboard: Switchboard<Parlour<TIMED>>,
    stop: oneshot::Sender<()>,
    done: JoinHandle<Result<(), ServerError>>,
}

pub async fn start() -> Running {
    start_with(|server| server).await
}

pub async fn start_limited(limits: Limits) -> Running {
    start_with(|server| server.limits(limits)).await
}

pub async fn start_with<const TIMED: bool>(
    configure: impl FnOnce(Server<Parlour<TIMED>, Wired>) -> Server<Parlour<TIMED>, Wired>,
) -> Running<TIMED> {
    let app = Arc::new(App::default());
    let (opened, closed) = (app.clone(), app.clone());
    let server = Server::new(Wired(app.clone()))
        .threads(2)
        .on_open(move |cx| opened.opened(cx.connection_id()))
        .on_close(move |cx| closed.closed(cx.identity()));
    let bound = configure(server).bind("127.0.0.1:0").await.unwrap();
    let (address, switchboard) = (bound.local_addr(), bound.switchboard());
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(bound.run_until(async { drop(stopped.await) }));
    Running { address, app, switchboard, stop, done }
}

/// The same without sockets, where time waits for the test; and the application.
pub fn without_sockets<const TIMED: bool>(limits: Limits) -> (Kit<Parlour<TIMED>>, Arc<App>) {
    let app = Arc::new(App::default());
    (testkit::start(Server::new(Wired(Arc::clone(&app))).limits(limits)), app)
}

impl<const TIMED: bool> Running<TIMED> {
    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Asks the server to stop; what it returns with.
    pub fn stop(self) -> JoinHandle<Result<(), ServerError>> {
        let _ = self.stop.send(());
        self.done
    }

    /// Waits until `holds`, looking again whenever other tasks have run.
    pub async fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let wait = async {
            while !holds(self) {
                tokio::task::yield_now().await;
            }
        };
        within(what, wait).await;
    }
}

/// The output of `future`, or a failed test.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("timed out: {what}"))
}
