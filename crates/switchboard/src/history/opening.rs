//! Somebody who comes to a log: where it stood at that moment, known now or once it is loaded.

use std::sync::{Arc, OnceLock};

use switchboard_core::log::{Position, Welcome};
use tokio::sync::Notify;

use super::receipt::NotKept;
use super::slot::{Greeting, Waiter};
use super::{Histories, LogKey, Slot, append_log};

type Told = Result<Greeting, NotKept>;

/// A connection on its way into a topic or a mailbox. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    histories: Arc<Histories>,
    slot: Arc<Slot>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    told: OnceLock<Told>,
    notify: Notify,
}

/// Where the log stood, and what follows.
#[derive(Clone, Debug)]
pub(crate) struct Standpoint {
    /// All logs.
    pub histories: Arc<Histories>,
    /// The log.
    pub slot: Arc<Slot>,
    /// What the client is told, and given.
    pub greeting: Greeting,
}

impl Opening {
    pub(super) fn now(histories: &Arc<Histories>, slot: &Arc<Slot>, told: Told) -> Self {
        let shared = Shared { told: OnceLock::from(told), notify: Notify::new() };
        Self { histories: Arc::clone(histories), slot: Arc::clone(slot), shared: Arc::new(shared) }
    }

    /// And what is to be called when the log is there.
    pub(super) fn later(histories: &Arc<Histories>, slot: &Arc<Slot>, since: Option<Position>) -> (Self, Waiter) {
        let shared = Arc::new(Shared::default());
        let waiting = Arc::clone(&shared);
        let waiter: Waiter = Box::new(move |key, warm| {
            let told = warm.map_err(NotKept::clone).map(|warm| warm.greet(key, since));
            // It is called once.
            let _ = waiting.told.set(told);
            waiting.notify.notify_waiters();
        });
        (Self { histories: Arc::clone(histories), slot: Arc::clone(slot), shared }, waiter)
    }

    /// The log.
    pub fn log(&self) -> (Arc<Histories>, Arc<Slot>) {
        (Arc::clone(&self.histories), Arc::clone(&self.slot))
    }

    /// Whether the log has to be loaded first.
    pub fn is_awaited(&self) -> bool {
        self.shared.told.get().is_none()
    }

    /// Waits until it is known.
    pub async fn loaded(&self) -> Result<(), NotKept> {
        loop {
            let notified = self.shared.notify.notified();
            match self.shared.told.get() {
                Some(told) => return told.clone().map(drop),
                None => notified.await,
            }
        }
    }

    /// What is known; `None` when it is not, or the log could not be loaded.
    pub fn standpoint(&self) -> Option<Standpoint> {
        let greeting = self.shared.told.get()?.as_ref().ok()?.clone();
        Some(Standpoint { histories: Arc::clone(&self.histories), slot: Arc::clone(&self.slot), greeting })
    }
}

impl Standpoint {
    /// Appends it as one of `positions`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let Welcome { position, recovered, lost, .. } = self.greeting.welcome;
        let start = out.len();
        append_log(out, LogKey::of(&self.slot.key));
        // What comes first has no comma.
        out[start] = b'{';
        out.extend_from_slice(br#","epoch":""#);
        out.extend_from_slice(position.epoch.to_string().as_bytes());
        out.extend_from_slice(br#"","offset":"#);
        switchboard_core::write::int(out, position.offset);
        match recovered {
            Some(true) => out.extend_from_slice(br#","recovered":true"#),
            Some(false) => out.extend_from_slice(br#","recovered":false"#),
            None => {}
        }
        if self.greeting.unsure {
            out.extend_from_slice(br#","lost":null"#);
        } else if lost > 0 {
            out.extend_from_slice(br#","lost":"#);
            switchboard_core::write::int(out, lost);
        }
        out.push(b'}');
    }
}
