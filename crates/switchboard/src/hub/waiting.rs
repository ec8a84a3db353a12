//! What waits for a connection whose join or leave has not been settled.

use std::sync::Arc;

use switchboard_core::outbox::{Fate, Offer, Outcome};

use crate::connection::Connection;
use crate::metrics::{Counters, Tally};
use crate::protocol::EventInfo;

/// An event, and what an outbox is given of it; `None`: something about the topic itself.
pub(super) type Kept = (Option<&'static EventInfo>, Offer);

/// What has been sent to one topic meanwhile.
///
/// Bounded, with what waits for the same connection in other topics, as what it has not taken is: who cannot take as
/// much is a slow consumer.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    kept: Vec<Kept>,
    bytes: usize,
    /// Whose account the bytes are on.
    owner: Option<Arc<Connection>>,
    /// They were too many, and the connection is being closed for it.
    lost: bool,
}

impl Waiting {
    /// Keeps something for this connection, which is always the same.
    pub fn add(&mut self, connection: &Arc<Connection>, kept: &Kept, counters: &Counters) {
        let (limits, bytes) = (connection.limits(), kept.1.frame.len());
        let room = self.kept.len() < limits.outbox_frames.max(1);
        if !self.lost && room && connection.account().charge(bytes, limits.outbox_bytes) {
            self.bytes += bytes;
            self.owner.get_or_insert_with(|| Arc::clone(connection));
            return self.kept.push(kept.clone());
        }
        if self.lost {
            return count(counters, kept.0, None);
        }
        connection.close_slow();
        self.kept.drain(..).for_each(|(info, _)| count(counters, info, None));
        self.discharge();
        self.lost = true;
        count(counters, kept.0, Some(Outcome::OVERFLOWED));
    }

    /// Sends what has waited. Nobody can wait here for a connection without room.
    pub fn release(mut self, connection: &Arc<Connection>, counters: &Counters) {
        for (info, offer) in self.kept.drain(..) {
            let outcome = match connection.push_again(&offer) {
                Some(Outcome { fate: Fate::NoRoom, .. }) => {
                    connection.close_slow();
                    Some(Outcome::OVERFLOWED)
                }
                outcome => outcome,
            };
            count(counters, info, outcome);
        }
    }

    fn discharge(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(owner) = self.owner.take() {
            owner.account().discharge(bytes);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.discharge();
    }
}

fn count(counters: &Counters, info: Option<&'static EventInfo>, outcome: Option<Outcome>) {
    if let Some(info) = info {
        counters.event(info, &Tally::of(outcome));
    }
}
