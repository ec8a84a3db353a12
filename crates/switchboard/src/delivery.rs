//! Deliveries of a handler that has succeeded: answers to the sender, events to audiences, memberships.
//!
//! Called by generated code, which has asked [`checked`] of all that a handler returned before the first of it goes out.
//! A frame is encoded once, whoever gets it.

use std::cell::Cell;
use std::fmt::Display;
use std::future::Future;

use switchboard_core::frame::{Opcode, append_frame};
use switchboard_core::{Check, Encode, Invalid, Path, Rejection, Report, write};
use uuid::Uuid;

use crate::Cx;
use crate::audit;
use crate::backlog::Backlog;
use crate::config::KEEP_BYTES;
use crate::connection::{Claim, ConnectionId};
use crate::handler::{Error, Failure};
use crate::history::{History, Opening};
use crate::hub::{Address, Group};
use crate::parcel::Parcel;
use crate::protocol::{Event, EventInfo, Protocol, Turn};
use crate::topic::Topic;

/// Who gets an event.
#[derive(Clone, Copy)]
pub enum Audience<'a> {
    /// Every connection.
    All,
    /// Every connection but the sender's.
    Others,
    /// Every connection of the identity with this text.
    Mailbox(&'a (dyn Display + Sync)),
    /// Every connection subscribed to this topic.
    Topic(Address<'a>),
    /// The same without the sender's.
    OthersInTopic(Address<'a>),
    /// Every connection with one of these roles, by bits.
    Roles(u64),
    /// The same without the sender's.
    OthersInRoles(u64),
}

/// For generated code.
#[doc(hidden)]
impl<P: Protocol> Cx<P> {
    /// Sends an event. What is kept may not have been sent when this returns: see [`Self::kept`].
    pub fn deliver<E: Event<P>>(&self, turn: &Turn, audience: Audience<'_>, event: &E) -> Result<(), Failure> {
        encoded(
            |out| event.append_frame(out),
            |frames| self.send(turn, audience, &Parcel::new(E::INFO, frames, &|key| event.append_key(key))),
        );
        audit::event(self, E::INFO);
        Ok(())
    }

    /// Sends an event to the mailboxes of these identities, once to each.
    pub fn deliver_each<E: Event<P>>(&self, turn: &Turn, identities: &[P::Identity], event: &E) -> Result<(), Failure> {
        encoded(
            |out| event.append_frame(out),
            |frames| {
                let append_key = |key: &mut Vec<u8>| event.append_key(key);
                let parcel = Parcel::new(E::INFO, frames, &append_key);
                mailboxes(identities).iter().for_each(|key| self.send(turn, Audience::Mailbox(key), &parcel));
            },
        );
        audit::event(self, E::INFO);
        Ok(())
    }

    /// The same for an event that is declared with `@overflow(wait)`: goes on when every receiver has taken it, or takes
    /// nothing any more. Who has no room for what is kept is closed instead: it can come back for it.
    pub fn deliver_waiting<E: Event<P>>(
        &self,
        turn: &Turn,
        audience: Audience<'_>,
        event: &E,
    ) -> impl Future<Output = Result<(), Failure>> + Send + use<P, E> {
        let mut backlog = self.switchboard().hub().backlog(E::INFO);
        let append_key = |key: &mut Vec<u8>| event.append_key(key);
        encoded(
            |out| event.append_frame(out),
            |frames| {
                let parcel = Parcel::new(E::INFO, frames, &append_key);
                self.route(audience, |group, history, except| match history {
                    Some(_) => self.send_to(turn, group, history, except, &parcel),
                    None => drop(self.switchboard().hub().send_or_wait(group, except, &parcel, &mut backlog)),
                });
            },
        );
        audit::event(self, E::INFO);
        cleared(backlog)
    }

    /// The same to the mailboxes of these identities.
    pub fn deliver_each_waiting<E: Event<P>>(
        &self,
        turn: &Turn,
        identities: &[P::Identity],
        event: &E,
    ) -> impl Future<Output = Result<(), Failure>> + Send + use<P, E> {
        let hub = self.switchboard().hub();
        let mut backlog = hub.backlog(E::INFO);
        let append_key = |key: &mut Vec<u8>| event.append_key(key);
        encoded(
            |out| event.append_frame(out),
            |frames| {
                let parcel = Parcel::new(E::INFO, frames, &append_key);
                for key in mailboxes(identities) {
                    match P::MAILBOX {
                        Some(_) => self.send(turn, Audience::Mailbox(&key), &parcel),
                        None => drop(hub.send_or_wait(Group::Mailbox(&key), None, &parcel, &mut backlog)),
                    }
                }
            },
        );
        audit::event(self, E::INFO);
        cleared(backlog)
    }

    /// Sends a payload under the name of its own message; `prefix` is `{"name":"…","payload":`.
    pub fn relay(
        &self,
        turn: &Turn,
        audience: Audience<'_>,
        info: &'static EventInfo,
        prefix: &[u8],
        payload: &impl Encode,
    ) -> Result<(), Failure> {
        encoded(
            |out| append_event(out, prefix, |out| payload.encode(out)),
            |frames| self.send(turn, audience, &Parcel::new(info, frames, &|_| ())),
        );
        Ok(())
    }

    /// `-> join`, which takes effect when the message has succeeded: what is sent to the topic meanwhile waits.
    pub fn join<T>(&self, turn: &Turn, topic: &Topic<T>) -> Result<(), Failure> {
        let (histories, since) = (self.switchboard().histories(), turn.heard(Some(topic.key())));
        let claim = self.connection().claim_join(histories, topic.address(), since).map_err(|error| {
            Failure::Refused(format!(r#""kind":"too_many_topics","limit":{}"#, error.limit).into_bytes())
        })?;
        claim.into_iter().for_each(|claim| turn.claim(claim));
        Ok(())
    }

    /// `-> join` of a topic with `@authorize`: whether it is allowed is asked when what is sent waits already, so that
    /// nothing is missed by who may, and a right that is taken away meanwhile is not overlooked.
    pub async fn join_if<T>(
        &self,
        turn: &Turn,
        topic: &Topic<T>,
        allowed: impl Future<Output = Result<bool, Failure>> + Send,
    ) -> Result<(), Failure> {
        self.join(turn, topic)?;
        match allowed.await? {
            true => Ok(()),
            false => Err(Failure::Barred(topic.key().to_owned())),
        }
    }

    /// Everything that the handlers of a stage have sent is kept and sent, and what they have joined is loaded.
    pub async fn kept(&self, turn: &Turn) -> Result<(), Failure> {
        for receipt in turn.take_receipts() {
            receipt.await.map_err(Error::from).map_err(Failure::Internal)?;
        }
        for opening in turn.openings().into_iter().chain(self.connection().signing_in()) {
            opening.loaded().await.map_err(Error::from).map_err(Failure::Internal)?;
        }
        Ok(())
    }

    /// `-> leave`, the same way.
    pub fn leave<T>(&self, turn: &Turn, topic: &Topic<T>) {
        let claim = self.connection().claim_leave(self.switchboard().hub(), topic.key());
        claim.into_iter().for_each(|claim| turn.claim(claim));
    }

    /// `-> reply T`; nothing when the message has no id.
    pub fn reply(&self, turn: &Turn, value: &impl Encode) -> Result<(), Failure> {
        self.answer(turn, |out| value.encode(out));
        Ok(())
    }

    /// `-> reply ok`
    pub fn reply_ok(&self, turn: &Turn) {
        self.answer(turn, |out| out.extend_from_slice(b"{}"));
    }

    /// The last of a message that has succeeded: nothing of a topic comes behind the answer by which it was left, and
    /// nothing in front of the answer by which it was joined.
    fn answer(&self, turn: &Turn, payload: impl Fn(&mut Vec<u8>)) {
        match Self::does_nothing_else(turn) {
            true => self.append_answer(turn, payload, b""),
            false => self.answer_and_settle(turn, &payload),
        }
    }

    #[cold]
    fn answer_and_settle(&self, turn: &Turn, payload: &dyn Fn(&mut Vec<u8>)) {
        let joins = self.take_effect(turn, true);
        let positions = positions(&joins);
        if turn.captures() {
            let mut bytes = Vec::new();
            payload(&mut bytes);
            let kept = turn.keep(bytes);
            self.append_answer(turn, |out| out.extend_from_slice(&kept), &positions);
        } else {
            self.append_answer(turn, payload, &positions);
        }
        if turn.reference().is_none() {
            self.tell(&positions);
        }
        joins.into_iter().for_each(|claim| self.arrive(claim));
    }

    /// Whether a message has neither joined nor left anything and nobody else waits for its answer, as most.
    #[inline]
    fn does_nothing_else(turn: &Turn) -> bool {
        turn.is_blank() && P::MAILBOX.is_none()
    }

    /// What another message with the same key has been answered.
    pub(crate) fn reply_again(&self, turn: &Turn, payload: &[u8]) {
        self.append_answer(turn, |out| out.extend_from_slice(payload), b"");
    }

    fn append_answer(&self, turn: &Turn, payload: impl FnOnce(&mut Vec<u8>), more: &[u8]) {
        if let Some(reference) = turn.reference() {
            self.connection().answer(turn.route(), |out| append_reply(out, reference, payload, more));
        }
    }

    /// The message has succeeded, or has not: what it claimed takes effect, or is undone.
    #[inline]
    pub(crate) fn end(&self, turn: &Turn, succeeded: bool) {
        if !Self::does_nothing_else(turn) {
            self.settle_all(turn, succeeded);
        }
    }

    #[cold]
    fn settle_all(&self, turn: &Turn, succeeded: bool) {
        let joins = self.take_effect(turn, succeeded);
        self.tell(&positions(&joins));
        joins.into_iter().for_each(|claim| self.arrive(claim));
        if P::MAILBOX.is_some() {
            self.connection().end_handling();
        }
    }

    /// A message is going to be handled.
    pub(crate) fn begin(&self, turn: &Turn) {
        // Only a kept mailbox asks whether a message is being handled; without one there is no lock to take.
        if P::MAILBOX.is_some() {
            self.connection().begin_handling(turn.heard(None));
        }
    }

    /// Nobody else sees to it that signing in takes effect: there is no message whose answer would tell it.
    pub(crate) fn attend_sign_in(&self) {
        let Some(opening) = self.connection().signing_in() else { return };
        let finish = |cx: &Self| {
            let joins: Vec<Claim> = cx.connection().take_sign_in().into_iter().collect();
            cx.tell(&positions(&joins));
            joins.into_iter().for_each(|claim| cx.arrive(claim));
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if opening.is_awaited() => {
                let cx = self.clone();
                drop(runtime.spawn(async move {
                    // What went wrong is in the log; the mailbox is open all the same.
                    let _ = opening.loaded().await;
                    finish(&cx);
                }));
            }
            _ => finish(self),
        }
    }

    /// What was left, or is undone, takes effect at once. What is joined is returned, also the mailbox of who has
    /// signed in: it is told first.
    fn take_effect(&self, turn: &Turn, succeeded: bool) -> Vec<Claim> {
        self.settle(turn, |claim| !claim.joins(), succeeded);
        if !succeeded {
            self.settle(turn, Claim::joins, false);
        }
        let mut joins = turn.take_claims(Claim::joins);
        if P::MAILBOX.is_some() {
            joins.extend(self.connection().take_sign_in());
        }
        joins
    }

    /// Tells where the logs of what is joined stand, when no answer does.
    fn tell(&self, positions: &[u8]) {
        let Some((_, members)) = positions.split_first() else { return };
        self.connection().answer(None, |out| {
            append_frame(out, Opcode::Text, |out| {
                out.push(b'{');
                out.extend_from_slice(members);
                out.push(b'}');
            });
        });
    }

    /// What was missed comes first.
    fn arrive(&self, claim: Claim) {
        match claim.opening().and_then(Opening::standpoint) {
            Some(standpoint) => self.connection().catch_up(claim, &standpoint),
            None => self.connection().settle(self.switchboard().hub(), &claim, true),
        }
    }

    fn settle(&self, turn: &Turn, which: impl Fn(&Claim) -> bool, succeeded: bool) {
        for claim in turn.take_claims(which) {
            self.connection().settle(self.switchboard().hub(), &claim, succeeded);
        }
    }

    /// `else continue`: what a handler has failed with is written to the log under an id, and the chain goes on. What it
    /// joined or left since `mark` is undone.
    pub fn forgive<T>(&self, turn: &Turn, mark: usize, outcome: Result<T, Failure>, route: u16, handler: &'static str) {
        let Err(failure) = outcome else { return };
        self.switchboard().hub().counters().forgiven(route);
        let message = P::ROUTES[usize::from(route)].name;
        for claim in turn.take_claims_since(mark) {
            self.connection().settle(self.switchboard().hub(), &claim, false);
        }
        let error = match &failure {
            Failure::Refused(members) => format!("refused {{{}}}", String::from_utf8_lossy(members)),
            Failure::Barred(topic) => format!("may not join {topic}"),
            Failure::Internal(error) => error.chain(),
        };
        let (id, connection) = (Uuid::new_v4().simple().to_string(), self.connection_id());
        tracing::error!(id, message, handler, %connection, error, "a handler failed, and its chain went on");
    }

    /// What the sender hears of a failure of the chain of this message. An internal one is written to the log under
    /// an id that the sender gets too.
    pub fn reject(&self, failure: Failure, message: &'static str) -> Rejection {
        let error = match failure {
            Failure::Refused(members) => return Rejection::refused(members),
            Failure::Barred(topic) => return Rejection::barred(topic),
            Failure::Internal(error) => error,
        };
        let id = Uuid::new_v4().simple().to_string();
        let (connection, handler) = (self.connection_id(), error.handler().unwrap_or(message));
        tracing::error!(id, message, handler, %connection, error = error.chain(), "a handler failed");
        #[cfg(feature = "testkit")]
        crate::testkit::failures::note(&id, handler, &error.chain());
        Rejection::internal(id)
    }

    fn send(&self, turn: &Turn, audience: Audience<'_>, parcel: &Parcel<'_>) {
        self.route(audience, |group, history, except| self.send_to(turn, group, history, except, parcel));
    }

    fn send_to(
        &self,
        turn: &Turn,
        group: Group<'_>,
        history: Option<History>,
        except: Option<ConnectionId>,
        parcel: &Parcel<'_>,
    ) {
        turn.expect(self.switchboard().send(group, history, except, parcel));
    }

    /// Lets `send` have the group that an audience is, what is kept for it, and who of it is left out.
    fn route(&self, audience: Audience<'_>, send: impl FnOnce(Group<'_>, Option<History>, Option<ConnectionId>)) {
        let me = Some(self.connection_id());
        match audience {
            Audience::All => send(Group::Everyone, None, None),
            Audience::Others => send(Group::Everyone, None, me),
            Audience::Mailbox(identity) => send(Group::Mailbox(&identity.to_string()), P::MAILBOX, None),
            Audience::Topic(Address { key, line }) => send(Group::Topic(key), line.history, None),
            Audience::OthersInTopic(Address { key, line }) => send(Group::Topic(key), line.history, me),
            Audience::Roles(mask) => send(Group::Roles(mask), None, None),
            Audience::OthersInRoles(mask) => send(Group::Roles(mask), None, me),
        }
    }
}

/// `,"positions":[…]`, or nothing.
fn positions(joins: &[Claim]) -> Vec<u8> {
    let mut out = Vec::new();
    for standpoint in joins.iter().filter_map(|claim| claim.opening()?.standpoint()) {
        out.extend_from_slice(if out.is_empty() { br#","positions":["# } else { b"," });
        standpoint.encode(&mut out);
    }
    if !out.is_empty() {
        out.push(b']');
    }
    out
}

async fn cleared(backlog: Backlog) -> Result<(), Failure> {
    backlog.clear().await;
    Ok(())
}

/// The keys of these identities' mailboxes, each once.
fn mailboxes(identities: &[impl Display]) -> Vec<String> {
    let mut keys = identities.iter().map(ToString::to_string).collect::<Vec<_>>();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Appends the frame of an event; `prefix` is `{"name":"…","payload":`.
pub fn append_event(out: &mut Vec<u8>, prefix: &[u8], payload: impl FnOnce(&mut Vec<u8>)) {
    append_frame(out, Opcode::Text, |out| {
        out.extend_from_slice(prefix);
        payload(out);
        out.push(b'}');
    });
}

/// Appends the frame of a binary event.
pub fn append_binary(out: &mut Vec<u8>, tag: u8, payload: impl FnOnce(&mut Vec<u8>)) {
    append_frame(out, Opcode::Binary, |out| {
        out.push(tag);
        payload(out);
    });
}

fn append_reply(out: &mut Vec<u8>, reference: u64, payload: impl FnOnce(&mut Vec<u8>), more: &[u8]) {
    append_event(out, b"", |out| {
        out.extend_from_slice(br#"{"re":"#);
        write::int(out, reference);
        out.extend_from_slice(br#","payload":"#);
        payload(out);
        out.extend_from_slice(more);
    });
}

/// Whether a value keeps its own limits.
pub fn checked(value: &impl Check) -> Result<(), Invalid> {
    let mut report = Report::new();
    value.check(&mut report, &Path::root());
    report.into_result()
}

/// Encodes into the thread's scratch buffer and hands over what came out.
pub(crate) fn encoded<R>(encode: impl FnOnce(&mut Vec<u8>), send: impl FnOnce(&[u8]) -> R) -> R {
    thread_local! {
        static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }
    // Taken out, so that an encoder that pushes by itself meets an empty one.
    let mut scratch = SCRATCH.take();
    scratch.clear();
    encode(&mut scratch);
    let outcome = send(&scratch);
    if scratch.capacity() <= KEEP_BYTES {
        SCRATCH.set(scratch);
    }
    outcome
}
