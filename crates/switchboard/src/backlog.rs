//! A backlog: the receivers of one event that have no room for it yet.
//!
//! Only events that are declared with `@overflow(wait)` have one. Whoever sends waits for each receiver in turn, so the
//! wait is as long as that for the slowest; meanwhile everybody else sends to the same receivers as ever.

use std::sync::Arc;

use switchboard_core::outbox::{Fate, Offer, Outcome};

use crate::connection::Connection;
use crate::metrics::{Counters, Tally};
use crate::protocol::EventInfo;
use crate::turn;

/// An event, and who is to get it still. Dropped, it is given up: these do not get it.
#[derive(Debug)]
pub(crate) struct Backlog {
    info: &'static EventInfo,
    counters: Arc<Counters>,
    /// Whom to wait for, the last one first.
    full: Vec<(Arc<Connection>, Offer)>,
}

impl Backlog {
    /// Of nobody yet.
    pub fn new(info: &'static EventInfo, counters: Arc<Counters>) -> Self {
        Self { info, counters, full: Vec::new() }
    }

    /// These are to be waited for too.
    pub fn add(&mut self, full: Vec<Arc<Connection>>, offer: impl Fn() -> Offer) {
        // In the receiver's own form, so that what is waited for is room for that.
        let offers = full.into_iter().map(|receiver| (receiver.in_own_form(offer()), receiver));
        self.full.extend(offers.filter_map(|(offer, receiver)| Some((receiver, offer?))));
    }

    /// Sends to each as soon as it has room, or takes nothing any more; how many took it.
    pub async fn clear(mut self) -> usize {
        let mut reached = 0;
        while let Some((receiver, offer)) = self.full.last() {
            let tally = Tally::of(send(receiver, offer).await);
            // That it is meant was counted when it had no room.
            self.counters.event(self.info, &Tally { meant: 0, ..tally });
            reached += tally.reached;
            self.full.pop();
        }
        reached
    }
}

async fn send(receiver: &Arc<Connection>, offer: &Offer) -> Option<Outcome> {
    loop {
        match receiver.push_again(offer) {
            Some(Outcome { fate: Fate::NoRoom, .. }) => {
                receiver.room(offer.frame.len(), receiver.limits().outbox_bytes).await;
            }
            outcome => {
                turn::settle();
                return outcome;
            }
        }
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        let given_up = Tally { dropped: self.full.len(), ..Tally::default() };
        self.counters.event(self.info, &given_up);
    }
}
