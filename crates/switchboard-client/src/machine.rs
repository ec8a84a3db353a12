//! The client without sockets, tasks and clocks: told what comes and what time it is, it says what to do.
//!
//! It holds what the chapter "Clients" of `docs/protocol.md` says, and the conversations in `tests/clients/transcripts`. Times
//! are milliseconds since it began. What is to be done is asked for by [`Machine::poll`] until nothing is left, after each input.

mod frame;
mod memory;
mod wait;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use switchboard_core::{Decoded, Fault, Invalid, Path, Reader, Report, write};

use self::frame::Frame;
use self::memory::{Memory, Offset};
pub use self::memory::{Outcome, Resumed};
use self::wait::Waits;
use crate::failure::{Failure, Refusal};
use crate::protocol::{MessageInfo, Outgoing, Protocol};

/// The depth to which what comes may nest.
pub const DEEPEST: usize = switchboard_core::json::DEEPEST;

/// Who waits for the answer to a message; what it reads it keeps until [`Output::Ended`] gives it back.
pub trait Caller {
    /// Reads the answer.
    fn reply(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<()>;

    /// Reads an item; false when there is no room for it.
    fn item(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<bool>;
}

/// What is to be done.
#[derive(Debug)]
pub enum Output<P: Protocol, C> {
    /// Open a socket.
    Open,
    /// Send a text frame.
    Send(String),
    /// Send a binary frame.
    SendBinary(Vec<u8>),
    /// Close the socket with this code.
    Shut(u16),
    /// Give the socket up.
    Drop,
    /// Tell the state.
    State(State),
    /// Let the application sign in.
    SignIn,
    /// Tell what is otherwise on the server.
    Contract(Contract),
    /// The message has an answer, or has failed.
    Ended {
        /// Its number, as [`Machine::call`] gave it.
        number: u64,
        /// Who waits for it.
        caller: C,
        /// What became of it.
        outcome: Result<(), Failure>,
    },
    /// An item of this message's stream was read.
    Item(u64),
    /// Hand on an event.
    Event(P::Event),
    /// Ask the application.
    Asked(u64, P::Ask),
    /// The ask is over, and nobody waits for the answer any more: the refusal, `None` with the connection.
    AskOver(u64, Option<Refusal>),
    /// What became of a topic or the mailbox on a new connection.
    Resumed(Resumed),
    /// What the application should know and cannot help.
    Problem(Problem),
}

/// The state of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A socket is being opened, or the sign-in runs.
    Connecting,
    /// Messages are sent as they are said.
    Open,
    /// The connection was lost, with this close code; another one is tried after this time.
    Waiting {
        /// From when the state is told.
        after: Duration,
        /// 1006 without a close frame.
        code: u16,
    },
    /// The end.
    Closed {
        /// The close code.
        code: u16,
        /// What the peer said, or the client itself.
        reason: String,
    },
}

/// The answer to a hello that is not the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contract {
    /// The fingerprint of the server's protocol.
    pub hash: String,
    /// Names of what looks otherwise there.
    pub differs: Vec<String>,
    /// Names of what there is not.
    pub unknown: Vec<String>,
}

/// What the application should know and cannot help.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// A frame that is no JSON, or none of the envelopes.
    Malformed,
    /// An event that this protocol does not have.
    UnknownEvent(String),
    /// An event that is not as declared.
    UnreadableEvent(&'static str, Invalid),
    /// An ask that this protocol does not have.
    UnknownAsk(String),
    /// An ask that is not as declared.
    UnreadableAsk(&'static str, Invalid),
    /// The application's answer to an ask breaks its limits, and was not sent.
    InvalidAnswer(&'static str, Invalid),
    /// A refusal of something that has no answer: the message, if it is known.
    Refused(Option<&'static str>, Refusal),
}

/// What becomes of messages while there is no connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offline {
    /// They wait; of too many the newest fails.
    #[default]
    KeepOldest,
    /// They wait; of too many the one that has waited longest fails.
    KeepNewest,
    /// They fail.
    Refuse,
}

/// How a machine behaves.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What becomes of messages while there is no connection.
    pub offline: Offline,
    /// How many of them may wait.
    pub queue: usize,
    /// The application signs in on each connection.
    pub sign_in: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { offline: Offline::KeepOldest, queue: 64, sign_in: false }
    }
}

/// A client of a protocol; `C` waits for answers.
pub struct Machine<P: Protocol, C> {
    settings: Settings,
    now: u64,
    phase: Phase,
    waits: Waits,
    random: Box<dyn FnMut() -> f64 + Send>,
    /// The last number that a message had on the wire.
    id: u64,
    /// The last number given to a call.
    number: u64,
    /// Connections that were open for frames so far.
    connections: u64,
    /// Flows that something has moved on this connection.
    moved: BTreeSet<u16>,
    /// The server has said on this connection that its protocol is another.
    contract_told: bool,
    heard: u64,
    /// When the ping that waits for a sign of life was sent.
    pinged: Option<u64>,
    pings: u64,
    queue: VecDeque<Call<C>>,
    sent: BTreeMap<u64, Sent<C>>,
    /// The latest messages without an answer, by their ids.
    unanswered: VecDeque<(u64, u16)>,
    asks: BTreeSet<u64>,
    memory: Memory,
    events: HashMap<&'static str, u16>,
    tags: HashMap<u8, u16>,
    asks_by_name: HashMap<&'static str, u16>,
    outputs: VecDeque<Output<P, C>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Until then a socket has to be open.
    Opening(u64),
    SigningIn,
    /// Since then.
    Open(u64),
    /// Until then.
    Waiting(u64),
    Closed,
}

struct Call<C> {
    number: u64,
    outgoing: Outgoing,
    caller: C,
    /// When it fails, and after how long that is.
    deadline: Option<(u64, Duration)>,
    direct: bool,
}

enum Sent<C> {
    /// Whether it said how far the mailbox was heard.
    Call(Call<C>, bool),
    /// One that is kept, said again: its number among those.
    Again(u64),
}

impl<P: Protocol, C> Debug for Machine<P, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("phase", &self.phase).field("now", &self.now).finish_non_exhaustive()
    }
}

impl<P: Protocol, C: Caller> Machine<P, C> {
    /// A client that has no connection yet; `random` gives numbers from 0 to below 1.
    pub fn new(settings: Settings, random: impl FnMut() -> f64 + Send + 'static) -> Self {
        let events = || P::EVENTS.iter().zip(0_u16..);
        Self {
            settings,
            now: 0,
            phase: Phase::Idle,
            waits: Waits::default(),
            random: Box::new(random),
            id: 0,
            number: 0,
            connections: 0,
            moved: BTreeSet::new(),
            contract_told: false,
            heard: 0,
            pinged: None,
            pings: 0,
            queue: VecDeque::new(),
            sent: BTreeMap::new(),
            unanswered: VecDeque::new(),
            asks: BTreeSet::new(),
            memory: Memory::default(),
            events: events().map(|(event, index)| (event.name, index)).collect(),
            tags: events().filter_map(|(event, index)| Some((event.binary?, index))).collect(),
            asks_by_name: P::ASKS.iter().map(|ask| ask.name).zip(0..).collect(),
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output<P, C>> {
        self.outputs.pop_front()
    }

    /// When [`Machine::time`] has to be said next.
    pub fn next_time(&self) -> Option<u64> {
        let deadlines = self.deadlines().map(|(time, _)| time).min();
        let of_phase = match self.phase {
            Phase::Opening(until) | Phase::Waiting(until) => Some(until),
            Phase::SigningIn | Phase::Open(_) => Some(self.silence()),
            Phase::Idle | Phase::Closed => None,
        };
        deadlines.into_iter().chain(of_phase).min()
    }

    /// The number of the connection that is there; it may still be signing in.
    pub fn connection(&self) -> Option<u64> {
        self.is_connected().then_some(self.connections)
    }

    /// Whether nothing has moved this flow on the connection that is there, or is about to; from now on something has.
    pub fn begin_flow(&mut self, flow: u16) -> Option<u64> {
        let connection = self.connection()?;
        let moves =
            |sent: &Sent<C>| matches!(sent, Sent::Call(call, ..) if info_of::<P>(&call.outgoing).moves == Some(flow));
        let is_free = !self.sent.values().any(moves) && self.moved.insert(flow);
        is_free.then_some(connection)
    }

    /// It is this late.
    pub fn time(&mut self, now: u64) {
        self.now = self.now.max(now);
        match self.phase {
            Phase::Opening(until) if self.now >= until => {
                self.say(Output::Drop);
                self.lose(1006, "", None);
            }
            Phase::Waiting(until) if self.now >= until => self.open(),
            Phase::SigningIn | Phase::Open(_) if self.now >= self.silence() => self.silent(),
            _ => {}
        }
        self.overdue();
    }

    /// The application wants a connection; while the client waits for the next attempt, at once.
    pub fn connect(&mut self) {
        match self.phase {
            Phase::Idle | Phase::Closed => {
                self.waits.forget();
                self.open();
            }
            Phase::Waiting(_) => self.open(),
            Phase::Opening(_) | Phase::SigningIn | Phase::Open(_) => {}
        }
    }

    /// The socket is open.
    pub fn opened(&mut self) {
        if !matches!(self.phase, Phase::Opening(_)) {
            return;
        }
        self.connections += 1;
        self.moved.clear();
        self.contract_told = false;
        self.heard = self.now;
        self.pinged = None;
        self.say(Output::Send(hello::<P>()));
        if self.settings.sign_in {
            self.phase = Phase::SigningIn;
            self.say(Output::SignIn);
        } else {
            self.begin();
        }
    }

    /// A text frame came.
    pub fn text(&mut self, text: &str) {
        if !self.is_connected() {
            return;
        }
        self.alive();
        match frame::read(text) {
            Some(frame) => self.frame(frame),
            None => self.problem(Problem::Malformed),
        }
    }

    /// A binary frame came.
    pub fn binary(&mut self, mut frame: Bytes) {
        if !self.is_connected() {
            return;
        }
        self.alive();
        let Some(&tag) = frame.first() else { return self.problem(Problem::Malformed) };
        let Some(&event) = self.tags.get(&tag) else {
            return self.problem(Problem::UnknownEvent(format!("binary {tag:#04x}")));
        };
        let mut report = Report::new();
        let read = P::decode_binary_event(event, frame.split_off(1), &mut report);
        match read {
            Ok(read) if report.is_empty() => self.say(Output::Event(read)),
            _ => self.problem(Problem::UnreadableEvent(name_of::<P>(event), report.into())),
        }
    }

    /// Something came that is a sign of life and nothing else.
    pub fn alive(&mut self) {
        self.heard = self.now;
        self.pinged = None;
    }

    /// The socket is gone, or could not be opened; `retry_after` is what the answer said that was no upgrade.
    pub fn closed(&mut self, code: u16, reason: &str, retry_after: Option<Duration>) {
        if self.is_connected() || matches!(self.phase, Phase::Opening(_)) {
            self.lose(code, reason, retry_after);
        }
    }

    /// A message of the application; gives it a number. It fails after `timeout`, or the usual time.
    pub fn call(&mut self, outgoing: Outgoing, timeout: Option<Duration>, caller: C) -> u64 {
        let call = self.new_call(outgoing, timeout, caller, false);
        let number = call.number;
        match self.phase {
            Phase::Open(_) => self.send(call),
            Phase::Closed => self.end(call, Err(Failure::Offline)),
            _ => self.keep(call),
        }
        number
    }

    /// A message of the sign-in, which waits for nothing.
    pub fn direct(&mut self, outgoing: Outgoing, timeout: Option<Duration>, caller: C) -> u64 {
        if matches!(self.phase, Phase::Open(_)) {
            return self.call(outgoing, timeout, caller);
        }
        let call = self.new_call(outgoing, timeout, caller, true);
        let number = call.number;
        match self.phase {
            Phase::SigningIn => self.send(call),
            _ => self.end(call, Err(Failure::ConnectionLost)),
        }
        number
    }

    /// A message that is meant for one connection only.
    pub fn call_on(&mut self, connection: u64, outgoing: Outgoing, timeout: Option<Duration>, caller: C) -> u64 {
        let call = self.new_call(outgoing, timeout, caller, true);
        let number = call.number;
        match self.connection() {
            Some(there) if there == connection => self.send(call),
            _ => self.end(call, Err(Failure::ConnectionLost)),
        }
        number
    }

    /// The application has signed in.
    pub fn signed_in(&mut self) {
        if self.phase == Phase::SigningIn {
            self.begin();
        }
    }

    /// The application could not sign in.
    pub fn sign_in_failed(&mut self) {
        if self.phase == Phase::SigningIn {
            self.say(Output::Shut(1000));
            self.finish(1000, "the sign-in failed");
        }
    }

    /// The application does not want the answer to this call any more.
    pub fn cancel(&mut self, number: u64) {
        self.give_up(number, Failure::Cancelled);
    }

    /// The application answers an ask with this JSON.
    pub fn answer(&mut self, ask: u64, payload: &str) {
        self.respond(ask, "payload", payload);
    }

    /// The application answers an ask with a declared error.
    pub fn decline(&mut self, ask: u64, error: &str) {
        self.respond(ask, "error", error);
    }

    /// An answer to an ask that was not sent, since it breaks its limits.
    pub fn invalid_answer(&mut self, ask: &'static str, invalid: Invalid) {
        self.problem(Problem::InvalidAnswer(ask, invalid));
    }

    /// The application is no longer interested in a topic.
    pub fn forget(&mut self, topic: &str) {
        self.memory.leave(topic);
    }

    /// The application has had enough.
    pub fn close(&mut self) {
        match self.phase {
            Phase::Closed => return,
            Phase::SigningIn | Phase::Open(_) => self.say(Output::Shut(1000)),
            Phase::Opening(_) => self.say(Output::Drop),
            Phase::Idle | Phase::Waiting(_) => {}
        }
        self.finish(1000, "");
    }

    fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::SigningIn | Phase::Open(_))
    }

    fn say(&mut self, output: Output<P, C>) {
        self.outputs.push_back(output);
    }

    fn problem(&mut self, problem: Problem) {
        self.say(Output::Problem(problem));
    }

    fn open(&mut self) {
        self.phase = Phase::Opening(self.now + OPEN_WITHIN);
        self.say(Output::State(State::Connecting));
        self.say(Output::Open);
    }

    /// Says again what has joined topics, and then what has waited.
    fn begin(&mut self) {
        self.phase = Phase::Open(self.now);
        for (key, outgoing) in self.memory.joins() {
            let since = self.memory.since(&outgoing.joins);
            self.note_move(outgoing.message);
            let id = self.write(&outgoing, &since);
            if info_of::<P>(&outgoing).reply {
                self.sent.insert(id, Sent::Again(key));
            }
        }
        self.say(Output::State(State::Open));
        for call in std::mem::take(&mut self.queue) {
            self.send(call);
        }
    }

    fn new_call(&mut self, outgoing: Outgoing, timeout: Option<Duration>, caller: C, direct: bool) -> Call<C> {
        self.number += 1;
        let info = info_of::<P>(&outgoing);
        let usual = match (info.stream, info.deadline) {
            (true, _) => None,
            (false, deadline) => Some(deadline.unwrap_or_default().saturating_add(GRACE).max(ANSWER_WITHIN)),
        };
        let deadline = timeout.or(usual).map(|time| (self.now.saturating_add(wait::millis(time)), time));
        Call { number: self.number, outgoing, caller, deadline, direct }
    }

    fn keep(&mut self, call: Call<C>) {
        match self.settings.offline {
            Offline::Refuse => self.end(call, Err(Failure::Offline)),
            _ if self.queue.len() < self.settings.queue => self.queue.push_back(call),
            Offline::KeepOldest => self.end(call, Err(Failure::QueueFull)),
            Offline::KeepNewest => match self.queue.pop_front() {
                None => self.end(call, Err(Failure::QueueFull)),
                Some(oldest) => {
                    self.end(oldest, Err(Failure::QueueFull));
                    self.queue.push_back(call);
                }
            },
        }
    }

    fn send(&mut self, call: Call<C>) {
        let info = info_of::<P>(&call.outgoing);
        if let Some(frame) = call.outgoing.binary.clone() {
            self.say(Output::SendBinary(frame));
            return self.succeed(call);
        }
        let signs_in = self.phase == Phase::SigningIn;
        let since = self.memory.mailbox().filter(|_| signs_in);
        let asked = since.is_some();
        let id = self.write(&call.outgoing, &since.into_iter().collect::<Vec<_>>());
        if info.reply || info.stream {
            self.sent.insert(id, Sent::Call(call, asked));
            return;
        }
        self.unanswered.push_back((id, call.outgoing.message));
        if self.unanswered.len() > REMEMBERED {
            self.unanswered.pop_front();
        }
        self.succeed(call);
    }

    /// A message has moved its flow, or may have: what was refused has not.
    fn note_move(&mut self, message: u16) {
        self.moved.extend(P::MESSAGES.get(usize::from(message)).and_then(|info| info.moves));
    }

    /// Sends an envelope; gives its id.
    fn write(&mut self, outgoing: &Outgoing, since: &[Offset]) -> u64 {
        self.id += 1;
        let mut out = b"{\"name\":".to_vec();
        write::string(&mut out, info_of::<P>(outgoing).name);
        out.extend_from_slice(format!(",\"id\":{}", self.id).as_bytes());
        if !outgoing.payload.is_empty() {
            out.extend_from_slice(b",\"payload\":");
            out.extend_from_slice(&outgoing.payload);
        }
        if !since.is_empty() {
            out.extend_from_slice(b",\"since\":");
            write::list(&mut out, since, |out, position| position.write(out));
        }
        out.push(b'}');
        self.say(Output::Send(String::from_utf8_lossy(&out).into_owned()));
        self.id
    }

    fn succeed(&mut self, call: Call<C>) {
        self.note_move(call.outgoing.message);
        self.memory.succeeded(&call.outgoing);
        self.end(call, Ok(()));
    }

    fn end(&mut self, call: Call<C>, outcome: Result<(), Failure>) {
        self.say(Output::Ended { number: call.number, caller: call.caller, outcome });
    }

    /// Fails a call, and takes it back if that can be done.
    fn give_up(&mut self, number: u64, failure: Failure) {
        if let Some(index) = self.queue.iter().position(|call| call.number == number) {
            let call = self.queue.remove(index);
            return call.into_iter().for_each(|call| self.end(call, Err(failure.clone())));
        }
        let is_it = |sent: &Sent<C>| matches!(sent, Sent::Call(call, ..) if call.number == number);
        let Some(id) = self.sent.iter().find(|(_, sent)| is_it(sent)).map(|(&id, _)| id) else { return };
        if let Some(Sent::Call(call, ..)) = self.sent.remove(&id) {
            self.note_move(call.outgoing.message);
            self.take_back(id, info_of::<P>(&call.outgoing));
            self.end(call, Err(failure));
        }
    }

    fn take_back(&mut self, id: u64, info: &MessageInfo) {
        if (info.cancellable || info.stream) && self.is_connected() {
            self.say(Output::Send(format!("{{\"cancel\":{id}}}")));
        }
    }

    /// When what fails by itself, with its number.
    fn deadlines(&self) -> impl Iterator<Item = (u64, u64)> {
        let of_sent = self.sent.values().filter_map(|sent| match sent {
            Sent::Call(call, ..) => Some(call),
            Sent::Again(..) => None,
        });
        self.queue.iter().chain(of_sent).filter_map(|call| Some((call.deadline?.0, call.number)))
    }

    fn overdue(&mut self) {
        let mut due: Vec<_> = self.deadlines().filter(|(time, _)| *time <= self.now).collect();
        due.sort_unstable();
        for (_, number) in due {
            if let Some(after) = self.time_of(number) {
                self.give_up(number, Failure::Timeout(after));
            }
        }
    }

    fn time_of(&self, number: u64) -> Option<Duration> {
        let of_sent = self.sent.values().filter_map(|sent| match sent {
            Sent::Call(call, ..) => Some(call),
            Sent::Again(..) => None,
        });
        let call = self.queue.iter().chain(of_sent).find(|call| call.number == number)?;
        call.deadline.map(|(_, after)| after)
    }

    /// When nothing was heard for too long.
    fn silence(&self) -> u64 {
        match self.pinged {
            None => self.heard + PING_AFTER,
            Some(pinged) => pinged + PONG_WITHIN,
        }
    }

    fn silent(&mut self) {
        if self.pinged.is_some() {
            self.say(Output::Drop);
            return self.lose(1006, "", None);
        }
        self.pings += 1;
        self.pinged = Some(self.now);
        self.say(Output::Send(format!("{{\"ping\":{}}}", self.pings)));
    }

    fn lose(&mut self, code: u16, reason: &str, retry_after: Option<Duration>) {
        if wait::is_final(code) {
            return self.finish(code, reason);
        }
        self.fail_sent(true);
        if let Phase::Open(since) = self.phase {
            self.waits.lasted(self.now - since);
        }
        let hint = retry_after.into_iter().chain(wait::hint(reason)).max();
        let wait = self.waits.next((self.random)(), hint);
        self.phase = Phase::Waiting(self.now + wait);
        self.say(Output::State(State::Waiting { after: Duration::from_millis(wait), code }));
    }

    fn finish(&mut self, code: u16, reason: &str) {
        self.fail_sent(false);
        for call in std::mem::take(&mut self.queue) {
            self.end(call, Err(Failure::Offline));
        }
        self.phase = Phase::Closed;
        self.memory.clear();
        self.say(Output::State(State::Closed { code, reason: reason.to_owned() }));
    }

    /// What was sent fails with its connection; what may be sent twice waits for another one, if there will be one.
    fn fail_sent(&mut self, comes_back: bool) {
        let mut again = VecDeque::new();
        for sent in std::mem::take(&mut self.sent).into_values() {
            match sent {
                Sent::Call(call, ..) if comes_back && call.outgoing.again && !call.direct => again.push_back(call),
                Sent::Call(call, ..) => self.end(call, Err(Failure::ConnectionLost)),
                Sent::Again(..) => {}
            }
        }
        again.append(&mut self.queue);
        self.queue = again;
        self.unanswered.clear();
        for ask in std::mem::take(&mut self.asks) {
            self.say(Output::AskOver(ask, None));
        }
    }

    fn respond(&mut self, ask: u64, key: &str, json: &str) {
        if self.is_connected() && self.asks.remove(&ask) {
            self.say(Output::Send(format!("{{\"re\":{ask},\"{key}\":{json}}}")));
        }
    }

    fn frame(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Event { name, payload, at } => self.event(&name, payload, at),
            Frame::Ask { name, ask, payload } => self.ask(&name, ask, payload),
            Frame::AskOver { ask, error } => {
                if self.asks.remove(&ask) {
                    self.say(Output::AskOver(ask, Refusal::read(error)));
                }
            }
            Frame::Answer { re, payload, positions } => self.answered(re, payload, &positions),
            Frame::Refused { re, error } => self.refused(re, error),
            Frame::Item { re, item } => self.item(re, item),
            Frame::Done { re } => {
                if matches!(self.sent.get(&re), Some(Sent::Call(call, ..)) if info_of::<P>(&call.outgoing).stream)
                    && let Some(Sent::Call(call, ..)) = self.sent.remove(&re)
                {
                    self.succeed(call);
                }
            }
            Frame::Positions(positions) => self.memory.moved(&positions, &[]),
            Frame::Contract { same: true, .. } | Frame::Pong => {}
            // A server answers a hello once.
            Frame::Contract { contract, .. } => {
                if !std::mem::replace(&mut self.contract_told, true) {
                    self.say(Output::Contract(contract));
                }
            }
        }
    }

    fn event(&mut self, name: &str, payload: &str, at: Option<Offset>) {
        let Some(&event) = self.events.get(name) else {
            return self.problem(Problem::UnknownEvent(cut(name)));
        };
        if at.is_some_and(|at| self.memory.was_heard(&at)) {
            return;
        }
        match decode(payload, |r, at| P::decode_event(event, r, at)) {
            Ok(read) => self.say(Output::Event(read)),
            Err(invalid) => self.problem(Problem::UnreadableEvent(name_of::<P>(event), invalid)),
        }
    }

    fn ask(&mut self, name: &str, ask: u64, payload: &str) {
        let Some(&index) = self.asks_by_name.get(name) else {
            return self.problem(Problem::UnknownAsk(cut(name)));
        };
        match decode(payload, |r, at| P::decode_ask(index, r, at)) {
            Err(invalid) => {
                let name = P::ASKS.get(usize::from(index)).map_or("", |ask| ask.name);
                self.problem(Problem::UnreadableAsk(name, invalid));
            }
            // Who asks more than any server does is not answered.
            Ok(read) => {
                if self.asks.len() < MOST_ASKS && self.asks.insert(ask) {
                    self.say(Output::Asked(ask, read));
                }
            }
        }
    }

    fn answered(&mut self, re: u64, payload: &str, positions: &[memory::Position]) {
        match self.sent.remove(&re) {
            None => {}
            Some(Sent::Again(key)) => {
                self.memory.moved(positions, &[]);
                let reply = decode(payload, <Value as switchboard_core::Decode>::decode);
                let resumed = self.memory.resumed::<P>(key, positions, reply.unwrap_or_default());
                resumed.into_iter().for_each(|resumed| self.say(Output::Resumed(resumed)));
            }
            Some(Sent::Call(mut call, asked)) => {
                self.memory.moved(positions, &call.outgoing.joins);
                if let Some(mailbox) = memory::of_mailbox(positions).filter(|_| asked) {
                    self.say(Output::Resumed(mailbox));
                }
                if info_of::<P>(&call.outgoing).stream {
                    let invalid = Report::new();
                    return self.unreadable(re, call, invalid.into());
                }
                match decode(payload, |r, at| call.caller.reply(r, at)) {
                    Ok(()) => self.succeed(call),
                    Err(invalid) => self.unreadable(re, call, invalid),
                }
            }
        }
    }

    fn unreadable(&mut self, re: u64, call: Call<C>, invalid: Invalid) {
        self.note_move(call.outgoing.message);
        if info_of::<P>(&call.outgoing).stream {
            self.take_back(re, info_of::<P>(&call.outgoing));
        }
        self.end(call, Err(Failure::Unreadable(invalid)));
    }

    fn refused(&mut self, re: Option<u64>, error: &str) {
        let Some(refusal) = Refusal::read(error) else { return self.problem(Problem::Malformed) };
        match re.and_then(|re| self.sent.remove(&re)) {
            Some(Sent::Call(call, ..)) => self.end(call, Err(Failure::Refused(refusal))),
            Some(Sent::Again(key)) => {
                let resumed = self.memory.not_resumed::<P>(key, refusal);
                resumed.into_iter().for_each(|resumed| self.say(Output::Resumed(resumed)));
            }
            // What nobody waits for may wait long to be taken.
            None if error.len() > LONGEST_REFUSAL => self.problem(Problem::Malformed),
            None => {
                let message = |re| self.unanswered.iter().find(|(id, _)| *id == re).map(|(_, message)| *message);
                match re.map(message) {
                    None => self.problem(Problem::Refused(None, refusal)),
                    Some(Some(message)) => {
                        let name = P::MESSAGES.get(usize::from(message)).map(|info| info.name);
                        self.problem(Problem::Refused(name, refusal));
                    }
                    Some(None) => {}
                }
            }
        }
    }

    fn item(&mut self, re: u64, item: &str) {
        let Some(Sent::Call(call, ..)) = self.sent.get_mut(&re) else { return };
        let number = call.number;
        let read = if info_of::<P>(&call.outgoing).stream {
            decode(item, |r, at| call.caller.item(r, at))
        } else {
            Err(Report::new().into())
        };
        match read {
            Ok(true) => self.say(Output::Item(number)),
            Ok(false) => self.give_up(number, Failure::QueueFull),
            Err(invalid) => {
                if let Some(Sent::Call(call, ..)) = self.sent.remove(&re) {
                    self.unreadable(re, call, invalid);
                }
            }
        }
    }
}

/// What a payload is, or all that is wrong with it.
fn decode<T>(text: &str, read: impl FnOnce(&mut Reader<'_>, &Path<'_>) -> Decoded<T>) -> Result<T, Invalid> {
    let mut reader = Reader::lenient(text, DEEPEST);
    match read(&mut reader, &Path::root()) {
        Ok(value) if reader.report.is_empty() => Ok(value),
        Err(Fault::Malformed) if reader.report.is_empty() => {
            reader.report.add(&Path::root(), "type", "JSON", "something else");
            Err(reader.report.into())
        }
        _ => Err(reader.report.into()),
    }
}

fn info_of<P: Protocol>(outgoing: &Outgoing) -> &'static MessageInfo {
    P::MESSAGES.get(usize::from(outgoing.message)).unwrap_or(&NO_MESSAGE)
}

fn name_of<P: Protocol>(event: u16) -> &'static str {
    P::EVENTS.get(usize::from(event)).map_or("", |event| event.name)
}

/// The hello with all fingerprints, or that of the whole alone when there are more than a server reads.
fn hello<P: Protocol>() -> String {
    let mut out = b"{\"contract\":".to_vec();
    write::string(&mut out, P::HASH);
    let messages: Vec<_> = P::MESSAGES.iter().map(|message| (message.name, message.hash)).collect();
    let events: Vec<_> = P::EVENTS.iter().filter_map(|event| Some((event.name, event.hash?))).collect();
    let asks: Vec<_> = P::ASKS.iter().map(|ask| (ask.name, ask.hash)).collect();
    if messages.len() + events.len() + asks.len() <= MOST_NAMES {
        for (key, names) in [("messages", messages), ("events", events), ("asks", asks)] {
            write::key(&mut out, key);
            out.push(b'{');
            for (index, (name, hash)) in names.into_iter().enumerate() {
                out.extend_from_slice(if index > 0 { b"," } else { b"" });
                write::string(&mut out, name);
                out.push(b':');
                write::string(&mut out, hash);
            }
            out.push(b'}');
        }
    }
    out.push(b'}');
    String::from_utf8_lossy(&out).into_owned()
}

/// The beginning of a name that nobody knows, which may be as long as a frame.
fn cut(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

/// Characters of a name that is not known.
const LONGEST_NAME: usize = 256;
/// Bytes of a refusal of something that has no answer.
const LONGEST_REFUSAL: usize = 64 << 10;
/// A row for what is in no table.
static NO_MESSAGE: MessageInfo = MessageInfo::named("", "");
/// Milliseconds until a socket has to be open.
const OPEN_WITHIN: u64 = 10_000;
/// Milliseconds of silence until a ping is sent …
const PING_AFTER: u64 = 20_000;
/// … and until the connection is given up then.
const PONG_WITHIN: u64 = 10_000;
/// A message may take so long …
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// … or so much more than the server takes at most.
const GRACE: Duration = Duration::from_secs(10);
/// Messages without an answer whose refusals still find their names.
const REMEMBERED: usize = 256;
/// Names that a server reads in a hello.
const MOST_NAMES: usize = 2_048;
/// Asks that may be open.
const MOST_ASKS: usize = 64;
