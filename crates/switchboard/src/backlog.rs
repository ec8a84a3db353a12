//! A backlog: the receivers of one event that have no room for it yet.
//!
//! Only events that are declared with `@overflow(wait)` have one. Whoever sends waits for the slowest of them; each
//! has the event as soon as it has room, and meanwhile everybody else sends to them as ever.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
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
    /// Whom to wait for.
    full: Vec<(Arc<Connection>, Offer)>,
    /// How many have not got it.
    left: usize,
}

impl Backlog {
    /// Of nobody yet.
    pub fn new(info: &'static EventInfo, counters: Arc<Counters>) -> Self {
        Self { info, counters, full: Vec::new(), left: 0 }
    }

    /// These are to be waited for too.
    pub fn add(&mut self, full: Vec<Arc<Connection>>, offer: impl Fn() -> Offer) {
        self.left += full.len();
        self.full.extend(full.into_iter().map(|receiver| (receiver, offer())));
    }

    /// Sends to each as soon as it has room, or takes nothing any more; how many took it.
    pub async fn clear(mut self) -> usize {
        if self.full.is_empty() {
            return 0;
        }
        let full = std::mem::take(&mut self.full).into_iter();
        let mut sending: FuturesUnordered<_> =
            full.map(|(receiver, offer)| async move { send(&receiver, &offer).await }).collect();
        let mut reached = 0;
        while let Some(outcome) = sending.next().await {
            let tally = Tally::of(outcome);
            // That it is meant was counted when it had no room.
            self.counters.event(self.info, &Tally { meant: 0, ..tally });
            reached += tally.reached;
            self.left -= 1;
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
        let given_up = Tally { dropped: self.left, ..Tally::default() };
        self.counters.event(self.info, &given_up);
    }
}
