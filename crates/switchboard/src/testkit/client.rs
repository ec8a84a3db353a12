//! A client of a test.

use std::collections::VecDeque;
use std::fmt;
use std::panic::Location;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::connect::Connect;
use super::frame::frame;
use super::received::{Answer, Event, Received};
use super::transcript::{Transcript, hex};
use super::{PATIENCE, settle};
use crate::transport::peer::Peer;

/// A connected client.
///
/// What it receives waits, in order, until a test asks for it. A method that begins with `expect` takes what it expects
/// and fails the test, with all that this client sent and heard, when something else came or nothing does. Answers are
/// found by the id of their message, so events may come before them and wait.
///
/// It answers pings and close frames by itself. When it is dropped, its connection is gone without a word, as when a
/// browser crashes.
pub struct Client {
    connect: Connect,
    peer: Peer,
    headers: HeaderMap,
    transcript: Transcript,
    inbox: VecDeque<Received>,
    over: bool,
    next_id: u64,
}

/// Sending.
impl Client {
    /// Sends a message without an id: nothing answers it when it succeeds.
    pub async fn send(&mut self, name: &str, payload: Value) {
        self.send_text(&format!("{{\"name\":{},\"payload\":{payload}}}", Value::from(name))).await;
    }

    /// Sends a message with an id of its own and returns that, for [`Self::answer`].
    pub async fn send_with_id(&mut self, name: &str, payload: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send_text(&format!("{{\"name\":{},\"id\":{id},\"payload\":{payload}}}", Value::from(name))).await;
        id
    }

    /// Sends a message and waits for its answer, or its refusal.
    #[track_caller]
    pub fn ask(&mut self, name: &str, payload: Value) -> impl Future<Output = Answer> {
        let at = Location::caller();
        async move {
            let id = self.send_with_id(name, payload).await;
            self.find(&format!("an answer to `{name}`"), at, |inbox| answer_to(inbox, id)).await
        }
    }

    /// Sends a text, whatever it is.
    pub async fn send_text(&mut self, text: &str) {
        self.transcript.sent(text);
        self.peer.send(&frame(0x81, text.as_bytes()));
    }

    /// Sends a binary message: its tag and what belongs to it.
    pub async fn send_binary(&mut self, message: &[u8]) {
        self.transcript.sent(hex(message));
        self.peer.send(&frame(0x82, message));
    }

    /// Sends bytes as they are; see [`frame`](super::frame).
    pub async fn send_raw(&mut self, bytes: &[u8]) {
        self.transcript.sent(format!("raw {}", hex(bytes)));
        self.peer.send(bytes);
    }

    /// How many bytes of what was sent still wait, because the server does not read.
    pub fn unsent(&self) -> usize {
        self.peer.unsent()
    }
}

/// Expecting.
impl Client {
    /// The answer to the message with this id, or its refusal.
    #[track_caller]
    pub fn answer(&mut self, id: u64) -> impl Future<Output = Answer> {
        let (at, wanted) = (Location::caller(), format!("the answer to {id}"));
        async move { self.find(&wanted, at, |inbox| answer_to(inbox, id)).await }
    }

    /// The payload of the next event, which has this name. Answers that came before it are left where they are.
    #[track_caller]
    pub fn expect_event(&mut self, name: &str) -> impl Future<Output = Value> {
        let at = Location::caller();
        async move {
            let wanted = format!("the event `{name}`");
            let event = self.find(&wanted, at, |inbox| {
                let place =
                    inbox.iter().position(|received| matches!(received, Received::Event(_) | Received::Binary(_)))?;
                match inbox.remove(place) {
                    Some(Received::Event(event)) if event.name == name => Some(Ok(event.payload)),
                    other => Some(Err(other.map_or_else(String::new, |other| other.summary()))),
                }
            });
            event.await
        }
    }

    /// The payload of the first event with this name; others that came before it are left where they are.
    #[track_caller]
    pub fn find_event(&mut self, name: &str) -> impl Future<Output = Value> {
        let at = Location::caller();
        async move {
            let wanted = format!("the event `{name}`");
            let event = self.find(&wanted, at, |inbox| {
                let is_it = |received: &Received| matches!(received, Received::Event(event) if event.name == name);
                match inbox.remove(inbox.iter().position(is_it)?) {
                    Some(Received::Event(Event { payload, .. })) => Some(Ok(payload)),
                    _ => None,
                }
            });
            event.await
        }
    }

    /// The next event, which is binary: its tag and what belongs to it.
    #[track_caller]
    pub fn expect_binary(&mut self) -> impl Future<Output = Bytes> {
        let at = Location::caller();
        async move {
            let event = self.find("a binary event", at, |inbox| {
                let place =
                    inbox.iter().position(|received| matches!(received, Received::Event(_) | Received::Binary(_)))?;
                match inbox.remove(place) {
                    Some(Received::Binary(bytes)) => Some(Ok(bytes)),
                    other => Some(Err(other.map_or_else(String::new, |other| other.summary()))),
                }
            });
            event.await
        }
    }

    /// The next refusal, of whatever message, which has this code: for messages without an id. See [`Answer::refused`]
    /// for others.
    #[track_caller]
    pub fn expect_refusal(&mut self, code: &str) -> impl Future<Output = Value> {
        let at = Location::caller();
        async move {
            let wanted = format!("the refusal `{code}`");
            let refusal = self.find(&wanted, at, |inbox| {
                let is_one =
                    |received: &Received| matches!(received, Received::Answer(answer) if answer.result().is_err());
                let refusal = inbox.remove(inbox.iter().position(is_one)?)?;
                match &refusal {
                    Received::Answer(answer) => match answer.result() {
                        Err(error) if error["code"] == code => Some(Ok(error.clone())),
                        _ => Some(Err(refusal.summary())),
                    },
                    _ => None,
                }
            });
            refusal.await
        }
    }

    /// The reason with which the server closes the connection, with this code.
    #[track_caller]
    pub fn expect_close(&mut self, code: u16) -> impl Future<Output = String> {
        let at = Location::caller();
        async move {
            let wanted = format!("the connection to be closed with {code}");
            let reason = self.find(&wanted, at, |inbox| {
                let is_end = |received: &Received| matches!(received, Received::Closed { .. } | Received::Lost);
                match inbox.remove(inbox.iter().position(is_end)?) {
                    Some(Received::Closed { code: came, reason }) if came == code => Some(Ok(reason)),
                    other => Some(Err(other.map_or_else(String::new, |other| other.summary()))),
                }
            });
            reason.await
        }
    }

    /// The end of the connection without a close frame.
    #[track_caller]
    pub fn expect_lost(&mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let lost = self.find("the connection to be lost", at, |inbox| {
                let is_end = |received: &Received| matches!(received, Received::Closed { .. } | Received::Lost);
                match inbox.remove(inbox.iter().position(is_end)?) {
                    Some(Received::Lost) => Some(Ok(())),
                    other => Some(Err(other.map_or_else(String::new, |other| other.summary()))),
                }
            });
            lost.await;
        }
    }

    /// Nothing has come, and nothing will unless time goes on or somebody does something.
    #[track_caller]
    pub fn expect_nothing(&mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            settle().await;
            self.collect();
            if let Some(first) = self.inbox.front() {
                let first = first.summary();
                self.fail(&format!("nothing more, and got {first}"), at);
            }
        }
    }

    /// Whatever comes next.
    #[track_caller]
    #[expect(clippy::should_implement_trait, reason = "it is awaited, as the next of a stream is")]
    pub fn next(&mut self) -> impl Future<Output = Received> {
        let at = Location::caller();
        async move { self.find("something", at, |inbox| inbox.pop_front().map(Ok)).await }
    }

    /// Everything that has come by now and that nobody has asked for; without waiting.
    pub fn arrived(&mut self) -> Vec<Received> {
        self.collect();
        self.inbox.drain(..).collect()
    }

    /// Everything that has come, once nothing more does, and that nobody has asked for.
    pub async fn received(&mut self) -> Vec<Received> {
        settle().await;
        self.collect();
        self.inbox.drain(..).collect()
    }
}

/// Reading slowly.
impl Client {
    /// Reads nothing from now on.
    pub fn pause_reading(&mut self) {
        self.transcript.happened("stops reading");
        self.peer.set_pace(super::pace::Pace::pause);
    }

    /// Reads everything from now on.
    pub fn resume_reading(&mut self) {
        self.transcript.happened("reads again");
        self.peer.set_pace(super::pace::Pace::resume);
    }

    /// Reads so many bytes more, of those that it would leave unread, as far as they come without time going on.
    pub async fn read_bytes(&mut self, count: usize) {
        self.transcript.happened(format!("reads {count} bytes"));
        self.peer.set_pace(|pace| pace.allow(count));
        settle().await;
    }

    /// How many bytes have come and are not read.
    pub fn unread(&self) -> usize {
        self.peer.unread()
    }
}

/// Leaving, in better and worse ways.
impl Client {
    /// Says goodbye with 1000, and waits for the server's.
    #[track_caller]
    pub fn leave(mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            self.transcript.happened("leaves");
            self.peer.send(&frame(0x88, &1_000_u16.to_be_bytes()));
            let end = self.find("an answer to its close frame", at, |inbox| {
                let is_end = |received: &Received| matches!(received, Received::Closed { .. } | Received::Lost);
                inbox.iter().any(is_end).then_some(Ok(()))
            });
            end.await;
        }
    }

    /// Is gone without a word, and what it sent last may be lost: the server sees a reset.
    pub fn reset(self) {
        self.transcript.happened("resets the connection");
        self.peer.reset();
    }

    /// Neither reads nor sends nor ends any more, as when a cable is cut: nobody tells the server.
    pub fn vanish(&mut self) {
        self.transcript.happened("vanishes");
        self.peer.set_habits(|habits| habits.present = false);
    }

    /// Is there again after [`Self::vanish`], with the same connection.
    pub fn reappear(&mut self) {
        self.transcript.happened("is back");
        self.peer.set_habits(|habits| habits.present = true);
    }

    /// Answers neither pings nor close frames from now on.
    pub fn ignore_pings(&mut self) {
        self.transcript.happened("answers no pings any more");
        self.peer.set_habits(|habits| habits.polite = false);
    }

    /// Says that nothing comes from it any more, and still reads.
    pub fn half_close(&mut self) {
        self.transcript.happened("closes its half");
        self.peer.half_close();
    }

    /// Drops the connection, if there still is one, and connects anew, in the same way as before. What had come and was
    /// not asked for is forgotten.
    #[track_caller]
    pub fn reconnect(&mut self) -> impl Future<Output = ()> {
        let connect = self.connect.again();
        async move {
            let transcript = self.transcript.clone();
            // The old connection goes first.
            self.peer.hang_up();
            settle().await;
            *self = connect.client(Some(transcript)).await;
        }
    }
}

/// About it.
impl Client {
    /// What it is called.
    pub fn name(&self) -> &str {
        self.connect.name()
    }

    /// The headers of the answer that opened the connection.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// What it sent and heard so far, as tests print it when they fail.
    pub fn transcript(&self) -> String {
        self.transcript.to_string()
    }

    pub(super) fn lines(&self) -> (&str, &Transcript) {
        (self.name(), &self.transcript)
    }

    pub(super) fn new(connect: Connect, peer: Peer, headers: HeaderMap, transcript: Transcript) -> Self {
        Self { connect, peer, headers, transcript, inbox: VecDeque::new(), over: false, next_id: 1 }
    }

    /// Waits for what `pick` takes out of the inbox, or fails with what it says came instead.
    async fn find<T>(
        &mut self,
        wanted: &str,
        at: &'static Location<'static>,
        mut pick: impl FnMut(&mut VecDeque<Received>) -> Option<Result<T, String>>,
    ) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.collect();
            match pick(&mut self.inbox) {
                Some(Ok(found)) => return found,
                Some(Err(other)) => self.fail(&format!("{wanted}, and got {other}"), at),
                None if self.over => self.fail(&format!("{wanted}, and the connection has ended"), at),
                None => {}
            }
            if timeout_at(deadline, self.peer.news()).await.is_err() {
                self.fail(&format!("{wanted}, and nothing came within {PATIENCE:?}"), at);
            }
        }
    }

    fn collect(&mut self) {
        for arrived in self.peer.take() {
            let received = Received::new(arrived, self.connect.name(), &self.transcript);
            self.over |= matches!(received, Received::Closed { .. } | Received::Lost);
            self.inbox.push_back(received);
        }
    }

    fn fail(&self, what: &str, at: &Location<'_>) -> ! {
        let (name, transcript) = (self.name(), &self.transcript);
        panic!("{name} expected {what}\n  at {at}\nwhat {name} sent and heard:\n{transcript}")
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("name", &self.name()).finish_non_exhaustive()
    }
}

fn answer_to(inbox: &mut VecDeque<Received>, id: u64) -> Option<Result<Answer, String>> {
    let is_it =
        |received: &Received| matches!(received, Received::Answer(answer) if answer.reference() == Some(&id.into()));
    match inbox.remove(inbox.iter().position(is_it)?) {
        Some(Received::Answer(answer)) => Some(Ok(answer)),
        _ => None,
    }
}
