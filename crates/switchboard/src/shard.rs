//! A shard: one thread with a runtime and connections of its own.
//!
//! Everything of a connection, handlers included, runs on its shard. The first shard accepts sockets and deals them out
//! in turn. A socket is all that crosses threads, except for frames that somebody else appends to a connection's outbox.

use std::io;
use std::net::{SocketAddr, TcpListener as StdTcpListener, TcpStream as StdTcpStream};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::protocol::{Application, Protocol};
use crate::shared::Shared;
use crate::transport::accept::http;
use crate::transport::gate::Permit;
use crate::transport::socket::Socket;
use crate::turn;

/// All shards of a server. When they are dropped, they end, whatever their connections do.
pub(crate) struct Shards {
    shards: Vec<Shard>,
    accepting: JoinHandle<()>,
}

struct Shard {
    sockets: UnboundedSender<Accepted>,
    runtime: Handle,
    /// Resolves when the thread ends, however it does.
    ended: oneshot::Receiver<()>,
}

/// A socket on its way to its shard.
struct Accepted {
    /// Registered with no runtime.
    socket: StdTcpStream,
    peer: SocketAddr,
    /// Its place among the counted, which also bounds the channel.
    permit: Permit,
}

impl Shards {
    /// Starts `count` threads, of which the first accepts what comes to `listener`.
    pub fn start<P: Protocol, A: Application<P>>(
        count: usize,
        listener: StdTcpListener,
        shared: &Arc<Shared<P, A>>,
    ) -> io::Result<Self> {
        let first = Shard::start(0, Arc::clone(shared))?;
        let others = (1..count).map(|number| Shard::start(number, Arc::clone(shared)));
        let others = others.collect::<io::Result<Vec<_>>>()?;
        let listener = {
            let _runtime = first.runtime.enter();
            TcpListener::from_std(listener)?
        };
        let dealt = others.iter().map(|shard| shard.sockets.clone()).collect();
        let accepting = first.runtime.spawn(accept(listener, Arc::clone(shared), dealt));
        Ok(Self { shards: [first].into_iter().chain(others).collect(), accepting })
    }

    /// Accepts no more sockets.
    pub async fn close(&mut self) {
        self.accepting.abort();
        // Told that it is gone: so is the listener.
        let _ = (&mut self.accepting).await;
    }

    /// Ends the threads and waits for them, but not for those that a handler blocks.
    pub async fn stop(self) {
        for Shard { sockets, ended, .. } in self.shards {
            drop(sockets);
            if timeout(STOP, ended).await.is_err() {
                tracing::error!("a handler blocks its thread, which is left behind");
            }
        }
    }
}

impl Shard {
    fn start<P: Protocol, A: Application<P>>(number: usize, shared: Arc<Shared<P, A>>) -> io::Result<Self> {
        let (sockets, received) = unbounded_channel();
        let (end, ended) = oneshot::channel::<()>();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let thread = std::thread::Builder::new().name(format!("switchboard-{number}"));
        thread.spawn(move || {
            run(runtime, received, shared);
            drop(end);
        })?;
        Ok(Self { sockets, runtime: handle, ended })
    }
}

fn run<P: Protocol, A: Application<P>>(
    runtime: Runtime,
    mut received: UnboundedReceiver<Accepted>,
    shared: Arc<Shared<P, A>>,
) {
    runtime.block_on(async {
        tokio::spawn(turn::flusher());
        while let Some(Accepted { socket, peer, permit }) = received.recv().await {
            match TcpStream::from_std(socket) {
                Ok(socket) => drop(tokio::spawn(http(Arc::clone(&shared), Socket::Tcp(socket), peer, permit))),
                Err(error) => tracing::error!(%error, "a socket could not be registered"),
            }
        }
    });
    // What still runs on blocking threads has nobody left to answer to.
    runtime.shutdown_background();
}

/// Accepts for ever; every socket goes to the next of this shard and the `others`.
async fn accept<P: Protocol, A: Application<P>>(
    listener: TcpListener,
    shared: Arc<Shared<P, A>>,
    others: Vec<UnboundedSender<Accepted>>,
) {
    let mut next = (0..=others.len()).cycle();
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                let Some(permit) = shared.gate.admit(peer.ip()) else { continue };
                match next.next().and_then(|turn| others.get(turn)) {
                    None => drop(tokio::spawn(http(Arc::clone(&shared), Socket::Tcp(socket), peer, permit))),
                    Some(other) => hand_over(other, socket, peer, permit),
                }
            }
            Err(error) if concerns_one_socket(&error) => {}
            Err(error) => {
                // Most likely out of descriptors: trying again at once would spin.
                tracing::error!(%error, "no connection could be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn hand_over(shard: &UnboundedSender<Accepted>, socket: TcpStream, peer: SocketAddr, permit: Permit) {
    let sent = socket.into_std().map(|socket| shard.send(Accepted { socket, peer, permit }).is_ok());
    if !sent.is_ok_and(|sent| sent) {
        tracing::error!("a socket was lost on its way to its thread");
    }
}

fn concerns_one_socket(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// A thread that is not blocked needs next to nothing of this.
const STOP: Duration = Duration::from_secs(1);
