//! The task of a client: the machine with a socket, a clock and chance.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error as SocketError;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::client::{Said, Shared};
use crate::events::Notice;
use crate::machine::{Machine, Output, State};
use crate::options::Address;
use crate::protocol::Protocol;

/// Begins to sign in; nothing when the client is gone.
pub(crate) type SignIn = Box<dyn Fn() -> Option<Pin<Box<dyn Future<Output = bool> + Send>>> + Send>;

/// Numbers from 0 to below 1, for waiting: they have to differ between clients, and nothing else.
pub(crate) fn random() -> impl FnMut() -> f64 + Send + 'static {
    let state = RandomState::new();
    let mut count = 0_u64;
    move || {
        count += 1;
        let mut hasher = state.build_hasher();
        hasher.write_u64(count);
        (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Serves a client until nobody has it any more.
pub(crate) async fn run<P: Protocol>(shared: Arc<Shared<P>>, to: Address, sign_in: Option<SignIn>) {
    let mut driver =
        Driver { shared, to, sign_in, wire: Wire::None, signing: None, answers: JoinSet::new(), asked: HashMap::new() };
    loop {
        driver.settle();
        if driver.shared.abandoned.load(Ordering::Acquire) {
            return driver.leave().await;
        }
        driver.turn().await;
    }
}

struct Driver<P: Protocol> {
    shared: Arc<Shared<P>>,
    to: Address,
    sign_in: Option<SignIn>,
    wire: Wire,
    signing: Option<Apart<bool>>,
    /// Answers to asks that are being made.
    answers: JoinSet<(u64, &'static str, Result<Said, switchboard_core::Invalid>)>,
    asked: HashMap<u64, AbortHandle>,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

enum Wire {
    None,
    Opening(Apart<Result<Box<Socket>, SocketError>>),
    Open(Box<Lines>),
}

/// An open socket, with what waits to be written.
struct Lines {
    socket: Socket,
    out: VecDeque<Frame>,
    /// Bytes in `out`.
    waiting: usize,
}

/// What a turn is woken by.
enum Woken {
    Time,
    Said,
    Opened(Result<Box<Socket>, SocketError>),
    Frame(Option<Result<Frame, SocketError>>),
    SignedIn(bool),
    Answered(Option<(u64, &'static str, Result<Said, switchboard_core::Invalid>)>),
}

impl<P: Protocol> Driver<P> {
    /// Waits for one thing to happen, and tells the machine.
    async fn turn(&mut self) {
        let next = self.shared.machine.lock().next_time();
        let time = next.map(|next| self.shared.instant(next));
        let woken = tokio::select! {
            () = self.shared.wake.notified() => Woken::Said,
            () = until(time) => Woken::Time,
            woken = poll_fn(|cx| self.wire.poll(cx)) => woken,
            signed_in = maybe(&mut self.signing) => Woken::SignedIn(signed_in == Some(true)),
            answered = self.answers.join_next(), if !self.answers.is_empty() => Woken::Answered(answered.and_then(Result::ok)),
        };
        let shared = Arc::clone(&self.shared);
        match woken {
            Woken::Time | Woken::Said => shared.with_quietly(|_| {}),
            Woken::Opened(opened) => self.opened(opened),
            Woken::Frame(frame) => self.frame(frame),
            Woken::SignedIn(true) => shared.with_quietly(Machine::signed_in),
            Woken::SignedIn(false) => shared.with_quietly(Machine::sign_in_failed),
            Woken::Answered(None) => {}
            Woken::Answered(Some((ask, name, said))) => {
                self.asked.remove(&ask);
                shared.with_quietly(|machine| match said {
                    Ok(Said::Reply(json)) => machine.answer(ask, &String::from_utf8_lossy(&json)),
                    Ok(Said::Error(json)) => machine.decline(ask, &String::from_utf8_lossy(&json)),
                    Err(invalid) => machine.invalid_answer(name, invalid),
                });
            }
        }
    }

    fn opened(&mut self, opened: Result<Box<Socket>, SocketError>) {
        match opened {
            Ok(socket) => {
                self.wire = Wire::Open(Box::new(Lines { socket: *socket, out: VecDeque::new(), waiting: 0 }));
                self.shared.with_quietly(Machine::opened);
            }
            Err(error) => {
                self.wire = Wire::None;
                let retry_after = retry_after(&error);
                self.shared.notices.tell(&Notice::Unreachable(error.to_string()));
                self.shared.with_quietly(|machine| machine.closed(1006, "", retry_after));
            }
        }
    }

    fn frame(&mut self, frame: Option<Result<Frame, SocketError>>) {
        let shared = Arc::clone(&self.shared);
        match frame {
            Some(Ok(Frame::Text(text))) => shared.with_quietly(|machine| machine.text(&text)),
            Some(Ok(Frame::Binary(bytes))) => shared.with_quietly(|machine| machine.binary(bytes)),
            Some(Ok(Frame::Close(close))) => {
                let (code, reason) =
                    close.map_or((1005, String::new()), |close| (close.code.into(), close.reason.as_str().to_owned()));
                // The answer to it is written by the socket itself, in the background.
                self.retire();
                shared.with_quietly(|machine| machine.closed(code, &reason, None));
            }
            Some(Ok(_)) => shared.with_quietly(Machine::alive),
            Some(Err(error)) => {
                self.wire = Wire::None;
                let code = match error {
                    SocketError::Capacity(_) => 1009,
                    SocketError::Utf8(_) => 1007,
                    SocketError::Protocol(
                        tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                    ) => 1006,
                    SocketError::Protocol(_) => 1002,
                    _ => 1006,
                };
                shared.with_quietly(|machine| machine.closed(code, "", None));
            }
            None => {
                self.wire = Wire::None;
                shared.with_quietly(|machine| machine.closed(1006, "", None));
            }
        }
    }

    /// Does all that the machine wants done.
    fn settle(&mut self) {
        loop {
            let output = self.shared.machine.lock().poll();
            let Some(output) = output else { return };
            self.act(output);
        }
    }

    fn act(&mut self, output: Output<P, Box<dyn crate::client::Waiting>>) {
        match output {
            Output::Open => self.wire = Wire::Opening(Apart::new(open::<P>(self.to.clone()))),
            Output::Send(text) => self.write(Frame::Text(Utf8Bytes::from(text))),
            Output::SendBinary(bytes) => self.write(Frame::Binary(Bytes::from(bytes))),
            Output::Shut(code) => {
                self.write(Frame::Close(Some(CloseFrame { code: code.into(), reason: Utf8Bytes::default() })));
                self.retire();
            }
            Output::Drop => self.wire = Wire::None,
            Output::State(state) => self.state(state),
            Output::SignIn => self.signing = self.sign_in.as_ref().and_then(|sign_in| sign_in()).map(Apart::new),
            Output::Ended { caller, outcome, .. } => caller.end(outcome),
            Output::Item(_) => {}
            Output::Event(event) => self.shared.events.tell(&event),
            Output::Asked(ask, payload) => self.asked(ask, payload),
            Output::AskOver(ask, _) => {
                if let Some(answering) = self.asked.remove(&ask) {
                    answering.abort();
                }
            }
            Output::Contract(contract) => self.shared.notices.tell(&Notice::Contract(contract)),
            Output::Resumed(resumed) => self.shared.notices.tell(&Notice::Resumed(resumed)),
            Output::Problem(problem) => self.shared.notices.tell(&Notice::Problem(problem)),
        }
    }

    fn state(&mut self, state: State) {
        if !matches!(state, State::Connecting) {
            self.signing = None;
        }
        let is_over = matches!(state, State::Closed { .. });
        *self.shared.state.lock() = state.clone();
        self.shared.notices.tell(&Notice::State(state));
        if is_over {
            self.shared.events.end();
            self.shared.notices.end();
        }
    }

    fn asked(&mut self, ask: u64, payload: P::Ask) {
        let shared = Arc::clone(&self.shared);
        let index = P::index_of(&payload);
        let found = shared
            .answerers
            .lock()
            .iter()
            .rev()
            .find(|answerer| answerer.ask == index)
            .map(|found| Arc::clone(&found.answer));
        // Who has nobody to answer lets the server wait: another connection of the same identity may have somebody.
        let Some(answering) = found.and_then(|answer| answer(payload)) else { return };
        let name = P::ASKS.get(usize::from(index)).map_or("", |ask| ask.name);
        let handle = self.answers.spawn(async move { (ask, name, answering.await) });
        self.asked.insert(ask, handle);
    }

    fn write(&mut self, frame: Frame) {
        if let Wire::Open(lines) = &mut self.wire {
            lines.waiting += frame.len();
            lines.out.push_back(frame);
            if lines.waiting > MOST_UNSENT {
                // Who takes nothing is as good as gone.
                self.wire = Wire::None;
                self.shared.with_quietly(|machine| machine.closed(1006, "", None));
            }
        }
    }

    /// Lets a socket end by itself, in the time that this takes at most.
    fn retire(&mut self) {
        if let Wire::Open(lines) = std::mem::replace(&mut self.wire, Wire::None) {
            tokio::spawn(lines.close());
        }
    }

    /// The last words were said by `settle`.
    async fn leave(mut self) {
        self.retire();
        self.answers.abort_all();
    }
}

impl<P: Protocol> Shared<P> {
    /// As `with`, for the driver, which sees to it anyway.
    fn with_quietly(&self, act: impl FnOnce(&mut Machine<P, Box<dyn crate::client::Waiting>>)) {
        let mut machine = self.machine.lock();
        machine.time(self.now());
        act(&mut machine);
    }
}

impl Wire {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Woken> {
        match self {
            Self::None => Poll::Pending,
            Self::Opening(opening) => {
                let given_up = || Err(SocketError::Io(std::io::Error::other("the address could not be made")));
                Pin::new(opening).poll(cx).map(|opened| Woken::Opened(opened.unwrap_or_else(given_up)))
            }
            Self::Open(lines) => lines.poll(cx).map(Woken::Frame),
        }
    }
}

impl Lines {
    /// Writes what can be written, and reads a frame.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, SocketError>>> {
        if let Poll::Ready(Err(error)) = self.poll_write(cx) {
            // What the peer has said last is worth more than how it was missed.
            return match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(frame))),
                _ => Poll::Ready(Some(Err(error))),
            };
        }
        Pin::new(&mut self.socket).poll_next(cx)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        let mut socket = Pin::new(&mut self.socket);
        while !self.out.is_empty() {
            match socket.as_mut().poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
            if let Some(frame) = self.out.pop_front() {
                self.waiting -= frame.len().min(self.waiting);
                socket.as_mut().start_send(frame)?;
            }
        }
        socket.poll_flush(cx)
    }

    /// Writes what waits, and hears the peer out, for a moment.
    async fn close(mut self: Box<Self>) {
        let over = async {
            // Whatever fails here, it is over.
            let _ = poll_fn(|cx| self.poll_write(cx)).await;
            while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut self.socket).poll_next(cx)).await {}
        };
        let _ = tokio::time::timeout(CLOSE_WITHIN, over).await;
    }
}

/// Opens a socket that speaks this protocol.
async fn open<P: Protocol>(to: Address) -> Result<Box<Socket>, SocketError> {
    let address = (to.0)().await;
    let mut request = address.into_client_request()?;
    let offered = format!("switchboard.v1, contract.{}", P::HASH);
    if let Ok(offered) = HeaderValue::from_str(&offered) {
        request.headers_mut().insert("Sec-WebSocket-Protocol", offered);
    }
    let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
    connect_async_with_config(request, Some(config), true).await.map(|(socket, _)| Box::new(socket))
}

/// A task for what the application has written: it may block or panic without harm to the connection, and ends when nobody
/// waits for it any more.
struct Apart<T>(JoinHandle<T>);

impl<T: Send + 'static> Apart<T> {
    fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(future))
    }
}

impl<T> Future for Apart<T> {
    /// `None` when it has panicked.
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

impl<T> Drop for Apart<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// `Retry-After` of an answer that was no upgrade, in seconds.
fn retry_after(error: &SocketError) -> Option<Duration> {
    let SocketError::Http(response) = error else { return None };
    let seconds = response.headers().get("Retry-After")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn until(time: Option<tokio::time::Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// A future, if there is one; it is gone once it has ended.
async fn maybe<F: Future + Unpin>(future: &mut Option<F>) -> F::Output {
    let output = match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    };
    *future = None;
    output
}

/// Bytes of a frame, or of all fragments of one message.
const LARGEST: usize = 16 << 20;
/// Bytes that may wait to be written.
const MOST_UNSENT: usize = 16 << 20;
/// How long a socket may take to end.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);
