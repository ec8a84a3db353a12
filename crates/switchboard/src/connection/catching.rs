//! What a connection gets of logs beside what is live: what it has missed, as fast as it takes it; and for its mailbox,
//! the pings whose pongs tell what it has received.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_core::frame::Opcode;
use switchboard_core::log::Position;

use super::{Claim, Connection, Signal};
use crate::close::{self, Farewell};
use crate::config::FLUSH_BYTES;
use crate::history::{CatchUp, Histories, History, Opening, Progress, Slot, Standpoint};

/// Of one connection.
#[derive(Debug, Default)]
pub(super) struct Catching {
    /// What it is given before its joins take effect, one after the other.
    behind: Mutex<VecDeque<Behind>>,
    mailbox: Mutex<Option<Mailbox>>,
    signing: Mutex<Signing>,
}

/// Signing in with a kept mailbox, which takes effect like a join when the message that did it has been answered.
#[derive(Debug, Default)]
struct Signing {
    /// Messages that are being handled.
    handling: usize,
    /// How far the client has heard its mailbox.
    since: Option<Position>,
    claim: Option<Claim>,
}

/// A join that takes effect when the connection has been given what it missed.
#[derive(Debug)]
struct Behind {
    claim: Claim,
    histories: Arc<Histories>,
    missed: CatchUp,
}

/// The kept mailbox of the connection's owner.
#[derive(Debug)]
struct Mailbox {
    histories: Arc<Histories>,
    slot: Arc<Slot>,
    /// Everything up to here has been sent.
    sent: u64,
    /// A ping stands behind everything up to here.
    asked: Option<u64>,
}

/// Signing in.
impl Connection {
    /// A message is going to be handled.
    pub fn begin_handling(&self, heard: Option<Position>) {
        let mut signing = self.catching.signing.lock();
        signing.handling += 1;
        signing.since = heard.or(signing.since);
    }

    /// It has been.
    pub fn end_handling(&self) {
        let mut signing = self.catching.signing.lock();
        signing.handling = signing.handling.saturating_sub(1);
        if signing.handling == 0 {
            signing.since = None;
        }
    }

    /// The connection belongs to the owner of a kept mailbox. Whether somebody has to see to it that this takes effect.
    pub fn sign_in(self: &Arc<Self>, histories: &Arc<Histories>, key: &str, history: History) -> bool {
        let mut signing = self.catching.signing.lock();
        let claim = self.claim_mailbox(histories, key, history, signing.since);
        self.own(claim.opening().map(Opening::log));
        if let Some(before) = signing.claim.replace(claim) {
            self.settle(histories.hub(), &before, false);
        }
        signing.handling == 0
    }

    /// The log of the mailbox whose owner is signing in.
    pub fn signing_in(&self) -> Option<Opening> {
        self.catching.signing.lock().claim.as_ref().and_then(Claim::opening).cloned()
    }

    /// What is to take effect.
    pub fn take_sign_in(&self) -> Option<Claim> {
        self.catching.signing.lock().claim.take()
    }
}

/// Catching up.
impl Connection {
    /// The message that joined has been answered: what was missed follows, and then what is live.
    pub fn catch_up(self: &Arc<Self>, claim: Claim, standpoint: &Standpoint) {
        let missed = CatchUp::new(standpoint);
        let histories = Arc::clone(&standpoint.histories);
        let mut behind = self.catching.behind.lock();
        // Who leaves behind this look gives up what stands in the list.
        if self.has_left(&claim) {
            return;
        }
        behind.push_back(Behind { claim, histories, missed });
        let first = behind.len() == 1;
        drop(behind);
        // With little or nothing to make good it is a member before its answer leaves.
        self.give(first);
    }

    /// Whether there is still something to be given before live events.
    pub fn is_catching_up(&self) -> bool {
        self.signals.has(Signal::CatchUp)
    }

    /// Gives what was missed until the socket is full or all is given.
    pub fn pump(self: &Arc<Self>) {
        self.give(false);
    }

    /// `at_once`: the first piece does not wait for what is unsent.
    fn give(self: &Arc<Self>, mut at_once: bool) {
        let mut behind = self.catching.behind.lock();
        while let Some(first) = behind.front_mut() {
            if !std::mem::take(&mut at_once) && !self.has_sent_all() {
                self.wait_to_catch_up();
                return;
            }
            let mut frames = Vec::new();
            let progress = first.missed.next(&mut frames, FLUSH_BYTES);
            self.answer(None, |out| out.extend_from_slice(&frames));
            match progress {
                Progress::More => {}
                Progress::Done => {
                    if let Some(done) = behind.pop_front() {
                        self.arrive(&done);
                    }
                }
                Progress::Lost => {
                    let farewell = Farewell::new(close::SLOW_CONSUMER, "reads too slowly to catch up");
                    self.close(farewell, Signal::Close);
                    behind.clear();
                }
            }
        }
        self.signals.lower(Signal::CatchUp);
    }

    fn has_sent_all(&self) -> bool {
        if self.backlog().0 > 0 {
            self.flush();
        }
        self.backlog().0 == 0
    }

    fn arrive(self: &Arc<Self>, done: &Behind) {
        self.settle(done.histories.hub(), &done.claim, true);
        if let Some(slot) = done.missed.mailbox() {
            slot.with_head(|head| self.kept(head));
        }
    }

    /// Of these nothing more is given: what they joined has been left meanwhile.
    pub fn give_up(&self, left: impl Fn(&Claim) -> bool) {
        self.catching.behind.lock().retain(|behind| !left(&behind.claim));
    }

    /// Nothing is given any more.
    pub fn stop_catching_up(&self) {
        self.catching.behind.lock().clear();
        *self.catching.mailbox.lock() = None;
    }

    /// The connection belongs to the owner of this mailbox, or to nobody.
    pub fn own(&self, mailbox: Option<(Arc<Histories>, Arc<Slot>)>) {
        let mailbox = mailbox.map(|(histories, slot)| Mailbox { histories, slot, sent: 0, asked: None });
        *self.catching.mailbox.lock() = mailbox;
    }

    /// Everything of its mailbox up to this offset has been sent. Only under the log's lock.
    pub fn kept(self: &Arc<Self>, offset: u64) {
        let mut mailbox = self.catching.mailbox.lock();
        let Some(mailbox) = &mut *mailbox else { return };
        mailbox.sent = mailbox.sent.max(offset);
        if mailbox.asked.is_none() {
            mailbox.ask(self);
        }
    }

    /// A pong has come; whether it is one that was asked for.
    pub fn pong(self: &Arc<Self>, payload: &[u8]) -> bool {
        let confirmed = {
            let mut mailbox = self.catching.mailbox.lock();
            let Some(mailbox) = &mut *mailbox else { return false };
            let Some(asked) = mailbox.asked.filter(|asked| *payload == ping(*asked)) else { return false };
            mailbox.asked = None;
            if mailbox.sent > asked {
                mailbox.ask(self);
            }
            (Arc::clone(&mailbox.histories), Arc::clone(&mailbox.slot), asked)
        };
        let (histories, slot, asked) = confirmed;
        histories.confirm(&slot, asked);
        true
    }
}

impl Mailbox {
    fn ask(&mut self, connection: &Arc<Connection>) {
        self.asked = Some(self.sent);
        let payload = ping(self.sent);
        connection.control(Opcode::Ping, &payload);
    }
}

/// The payload of a ping behind everything up to this offset.
fn ping(offset: u64) -> [u8; 12] {
    let mut payload = *b"kept\0\0\0\0\0\0\0\0";
    payload[4..].copy_from_slice(&offset.to_be_bytes());
    payload
}
