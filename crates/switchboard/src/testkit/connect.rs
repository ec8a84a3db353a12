//! A client on its way in.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::ReadBuf;
use tokio::time::timeout;

use super::client::Client;
use super::pace::{Pace, SlowReader};
use super::transcript::Transcript;
use super::{Door, PATIENCE, settle};
use crate::transport::memory::{self, Stream};
use crate::transport::peer::{Habits, Peer};
use crate::transport::socket::Socket;

/// A client that is about to connect: tell it how, then `.await` it.
///
/// ```ignore
/// let mut ann = kit.connect().named("ann").header("cookie", "session=1").await;
/// ```
#[derive(Clone)]
#[must_use = "a client connects when this is awaited"]
pub struct Connect {
    door: Arc<dyn Door>,
    name: String,
    address: SocketAddr,
    headers: Vec<(String, String)>,
    subprotocols: Vec<String>,
    slow: Option<SlowReader>,
    buffer: usize,
    at: &'static Location<'static>,
}

/// How the server declined to open a connection.
#[derive(Clone, Debug)]
pub struct Declined {
    /// The status of its HTTP answer.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The rest.
    pub body: String,
}

impl Connect {
    #[track_caller]
    pub(super) fn new(door: Arc<dyn Door>, number: u16) -> Self {
        let [high, low] = number.to_be_bytes();
        Self {
            door,
            name: format!("client {number}"),
            // Each from an address of its own, so that what is counted by address does not get in the way.
            address: SocketAddr::from((Ipv4Addr::new(10, 0, high, low), 50_000)),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            slow: None,
            buffer: BUFFER,
            at: Location::caller(),
        }
    }

    /// What it is called when a test fails. Default: its number.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Where it comes from. Default: an address that no other client has.
    pub fn address(mut self, address: impl Into<IpAddr>) -> Self {
        self.address.set_ip(address.into());
        self
    }

    /// Sends this header with its request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Offers this subprotocol.
    pub fn subprotocol(mut self, name: impl Into<String>) -> Self {
        self.subprotocols.push(name.into());
        self
    }

    /// Reads slowly.
    pub fn slow(mut self, slow: SlowReader) -> Self {
        self.slow = Some(slow);
        self
    }

    /// How many bytes the connection holds, each way, that nobody has read: what the kernel's buffers are to sockets.
    /// Default: 64 KiB.
    pub fn buffer(mut self, bytes: usize) -> Self {
        self.buffer = bytes;
        self
    }

    /// Connects, and is declined.
    ///
    /// # Panics
    /// When the server opens the connection.
    pub async fn declined(self) -> Declined {
        let (name, at) = (self.name.clone(), self.at);
        let transcript = Transcript::new(self.door.began());
        match self.open(&transcript).await {
            Err(declined) => declined,
            Ok(_) => panic!("{name} expected to be declined, and is connected\n  at {at}"),
        }
    }

    /// Connects, with the transcript of an earlier time or a new one.
    pub(super) async fn client(self, transcript: Option<Transcript>) -> Client {
        let transcript = transcript.unwrap_or_else(|| Transcript::new(self.door.began()));
        match self.open(&transcript).await {
            Ok((peer, head)) => {
                settle().await;
                Client::new(self, peer, head.headers, transcript)
            }
            Err(Declined { status, body, .. }) => {
                panic!("{} could not connect: {status} {body}\n  at {}", self.name, self.at)
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The same client once more, from here.
    #[track_caller]
    pub(super) fn again(&self) -> Self {
        Self { at: Location::caller(), ..self.clone() }
    }

    async fn open(&self, transcript: &Transcript) -> Result<(Peer, Declined), Declined> {
        let (here, there) = memory::pair(self.buffer, self.buffer);
        self.door.enter(Socket::Memory(there), self.address);
        transcript.happened(format!("connects from {}", self.address.ip()));
        let shaking = async {
            write(&here, self.request().as_bytes()).await;
            Head::read(&here).await
        };
        let head = timeout(PATIENCE, shaking).await.ok().flatten();
        let Some((head, rest)) = head else {
            return Err(Declined { status: 0, headers: HeaderMap::new(), body: "no answer to the request".into() });
        };
        if head.status != 101 {
            let body = head.body(&here, rest).await;
            return Err(Declined { status: head.status, headers: head.headers, body });
        }
        let habits = Habits { polite: true, present: true };
        let peer = Peer::start(here, rest, self.slow.map(Pace::from).unwrap_or_default(), habits, transcript.clone());
        Ok((peer, Declined { status: 101, headers: head.headers, body: String::new() }))
    }

    fn request(&self) -> String {
        let mut request = format!(
            "GET {} HTTP/1.1\r\nHost: testkit\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            self.door.path()
        );
        if !self.subprotocols.is_empty() {
            request += &format!("Sec-WebSocket-Protocol: {}\r\n", self.subprotocols.join(", "));
        }
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        request + "\r\n"
    }
}

impl IntoFuture for Connect {
    type Output = Client;
    type IntoFuture = Pin<Box<dyn Future<Output = Client> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.client(None))
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").field("name", &self.name).field("address", &self.address).finish_non_exhaustive()
    }
}

/// The head of an HTTP answer.
struct Head {
    status: u16,
    headers: HeaderMap,
}

impl Head {
    /// The head, and what was read behind it.
    async fn read(stream: &Stream) -> Option<(Self, Vec<u8>)> {
        let mut bytes = Vec::new();
        loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = bytes.split_off(end + 4);
                return Self::parse(std::str::from_utf8(&bytes).ok()?).map(|head| (head, rest));
            }
            let more = read(stream).await?;
            bytes.extend(more);
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.trim_end().lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            headers.append(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?);
        }
        Some(Self { status, headers })
    }

    async fn body(&self, stream: &Stream, mut bytes: Vec<u8>) -> String {
        let length = self.headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
        while bytes.len() < length.unwrap_or(0) {
            let Some(more) = read(stream).await else { break };
            bytes.extend(more);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// What comes next; none: nothing does.
pub(super) async fn read(stream: &Stream) -> Option<Vec<u8>> {
    let mut bytes = [0; 1_024];
    let mut buffer = ReadBuf::new(&mut bytes);
    poll_fn(|task| stream.receiver.poll_read(task, &mut buffer)).await.ok()?;
    Some(buffer.filled().to_vec()).filter(|bytes| !bytes.is_empty())
}

/// Writes everything, or as much as the other side wants.
pub(super) async fn write(stream: &Stream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match poll_fn(|task| stream.sender.poll_write(task, bytes)).await {
            Ok(count) => bytes = &bytes[count..],
            Err(_) => return,
        }
    }
}

const BUFFER: usize = 64 * 1_024;
