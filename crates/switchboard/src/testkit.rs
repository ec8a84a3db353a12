//! Testing without sockets: the whole server, its clients and the time, in one test.
//!
//! Everything is as in production (the HTTP upgrade, frames, limits, handlers, deliveries, closing) but for two
//! things: connections are pipes in memory, and time stands still until the test says otherwise. So tests need no port,
//! never sleep, and do the same each time.
//!
//! ```toml
//! [dev-dependencies]
//! switchboard = { version = "0.1", features = ["testkit"] }
//! ```
//!
//! ```ignore
//! use switchboard::testkit::{self, json};
//!
//! #[tokio::test]
//! async fn who_is_in_a_room_hears_what_is_said_there() {
//!     let kit = testkit::start(routes::serve(App::new()));
//!     let mut ann = kit.connect().named("ann").await;
//!     let mut bob = kit.connect().named("bob").await;
//!     ann.ask("chat/join", json!({"room": "lobby"})).await.payload();
//!
//!     bob.ask("chat/send", json!({"room": "lobby", "text": "hi"})).await.error("not_a_member");
//!     ann.expect_nothing().await;
//!
//!     bob.ask("chat/join", json!({"room": "lobby"})).await.payload();
//!     bob.ask("chat/send", json!({"room": "lobby", "text": "hi"})).await.payload();
//!     assert_eq!(ann.expect_event("chat/posted").await["text"], "hi");
//! }
//! ```
//!
//! # Time
//!
//! [`Kit::advance`] lets time go by: pings are sent, flows time out, rates recover, handlers that sleep wake up, each at
//! its moment. While a test waits for something that is to come, time goes on too, by five seconds at most, so a
//! handler that sleeps for a moment needs no special care. [`Client::expect_nothing`] and [`Kit::settle`] wait until no
//! task has anything to do; that takes up to a millisecond.
//!
//! This is tokio's own paused clock, so it holds for whatever the application does with [`tokio::time`], and not for the
//! clock on the wall. Tests need tokio's current-thread runtime, which is what `#[tokio::test]` gives them.
//!
//! # Everything that clients may send
//!
//! One line sends an application hundreds of messages that its protocol allows or nearly allows, in all states of its
//! flows, and checks every answer; see [`walk`].
//!
//! ```ignore
//! testkit::walk(|| routes::serve(App::new())).run().await;
//! ```
//!
//! # Slow, broken and hostile clients
//!
//! [`Kit::connect_slow`], [`Client::pause_reading`], [`Client::read_bytes`] do to the server's outbox what a bad network
//! does; [`Client::vanish`] is a cut cable, [`Client::reset`] a crash; [`Client::send_raw`] and [`frame`] send what no client
//! would.

mod chance;
mod client;
mod connect;
pub(crate) mod failures;
mod frame;
pub(crate) mod pace;
mod received;
pub(crate) mod transcript;
mod walk;

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::{Instant, sleep, timeout};

pub use self::chance::Chance;
pub use self::client::Client;
pub use self::connect::{Connect, Declined};
pub use self::frame::frame;
pub use self::pace::SlowReader;
pub use self::received::{Answer, Event, Received};
pub use self::walk::{Walk, Walked, walk};
pub use serde_json::{Value, json};

use crate::protocol::{Application, Protocol};
use crate::push::Switchboard;
use crate::server::Server;
use crate::shared::Shared;
use crate::transport::accept::http;
use crate::transport::memory;
use crate::transport::socket::Socket;
use crate::turn;

/// Runs a server, with its settings, on the runtime of this test, and stops the clock.
///
/// # Panics
/// Outside of a current-thread runtime of tokio.
pub fn start<P: Protocol, A: Application<P>>(server: Server<P, A>) -> Kit<P> {
    stop_the_clock();
    tokio::spawn(turn::flusher());
    let shared = Arc::new(server.into_shared());
    let switchboard = shared.switchboard.clone();
    Kit { switchboard, door: Arc::new(Doorway(shared)), clients: AtomicU16::new(0) }
}

/// A running server and the time of its test.
pub struct Kit<P: Protocol> {
    switchboard: Switchboard<P>,
    door: Arc<dyn Door>,
    clients: AtomicU16,
}

impl<P: Protocol> Kit<P> {
    /// A client: `kit.connect().await`, or say first who it is.
    #[track_caller]
    pub fn connect(&self) -> Connect {
        let number = self.clients.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Connect::new(Arc::clone(&self.door), number)
    }

    /// A client that reads slowly.
    #[track_caller]
    pub fn connect_slow(&self, slow: SlowReader) -> Connect {
        self.connect().slow(slow)
    }

    /// Sends bytes over a new connection; all that comes back until the server closes it, or for as long as a test waits.
    /// For what is no WebSocket, or not yet.
    pub async fn exchange(&self, bytes: &[u8]) -> String {
        let (here, there) = memory::pair(bytes.len().max(1), 64 * 1_024);
        let number = self.clients.fetch_add(1, Ordering::Relaxed);
        let [high, low] = number.to_be_bytes();
        self.door.enter(Socket::Memory(there), SocketAddr::from(([10, 1, high, low], 50_000)));
        connect::write(&here, bytes).await;
        let mut answer = Vec::new();
        let reading = async {
            while let Some(more) = connect::read(&here).await {
                answer.extend(more);
            }
        };
        let _ = timeout(PATIENCE, reading).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Lets so much time go by. All that is to happen in it has happened then, each thing at its moment.
    pub async fn advance(&self, time: Duration) {
        sleep(time).await;
        settle().await;
    }

    /// Waits until no task has anything to do before time goes on.
    pub async fn settle(&self) {
        settle().await;
    }

    /// How long the server has been running.
    pub fn elapsed(&self) -> Duration {
        self.door.began().elapsed()
    }

    /// The handle for pushing, as applications have it.
    pub fn switchboard(&self) -> &Switchboard<P> {
        &self.switchboard
    }

    /// Shuts the server down as a signal does: running handlers finish, clients are told 1001. Whether all of them were
    /// gone in time.
    pub async fn drain(&self) -> bool {
        let drained = Arc::clone(&self.door).drain().await;
        settle().await;
        drained
    }
}

impl<P: Protocol> fmt::Debug for Kit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit").field("switchboard", &self.switchboard).finish_non_exhaustive()
    }
}

/// Where clients come in, of whatever application.
pub(crate) trait Door: Send + Sync {
    /// Takes a connection, as a listener would.
    fn enter(&self, socket: Socket, peer: SocketAddr);
    /// The path of the endpoint.
    fn path(&self) -> &str;
    /// When the server began.
    fn began(&self) -> Instant;
    /// How long a handler may take that declares no deadline.
    fn handler_limit(&self) -> Duration;
    /// Shuts down; whether everybody was gone in time.
    fn drain(self: Arc<Self>) -> Pin<Box<dyn Future<Output = bool> + Send>>;
}

struct Doorway<P: Protocol, A>(Arc<Shared<P, A>>);

impl<P: Protocol, A: Application<P>> Door for Doorway<P, A> {
    fn enter(&self, socket: Socket, peer: SocketAddr) {
        if let Some(permit) = self.0.gate.admit(peer.ip()) {
            tokio::spawn(http(Arc::clone(&self.0), socket, peer, permit));
        }
    }

    fn path(&self) -> &str {
        &self.0.endpoint.path
    }

    fn began(&self) -> Instant {
        self.0.epoch
    }

    fn handler_limit(&self) -> Duration {
        self.0.limits.handler
    }

    fn drain(self: Arc<Self>) -> Pin<Box<dyn Future<Output = bool> + Send>> {
        Box::pin(async move { self.0.drained().await })
    }
}

/// Waits until no task has anything to do. With a stopped clock a timer rings only then: the clock jumps to it.
async fn settle() {
    sleep(Duration::from_nanos(1)).await;
}

fn stop_the_clock() {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    assert!(
        matches!(flavor, Ok(RuntimeFlavor::CurrentThread)),
        "the testkit needs a current-thread runtime: #[tokio::test] without a flavor"
    );
    if !is_stopped() {
        tokio::time::pause();
    }
}

/// Nobody tells whether tokio's clock stands still, so it is looked at until the one on the wall has moved.
fn is_stopped() -> bool {
    let (wall, clock) = (std::time::Instant::now(), Instant::now());
    while wall.elapsed().is_zero() {
        std::hint::spin_loop();
    }
    clock.elapsed().is_zero()
}

/// How long a test waits for what is to come.
const PATIENCE: Duration = Duration::from_secs(5);
