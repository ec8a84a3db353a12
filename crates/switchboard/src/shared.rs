//! What all connections of a server share.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::config::Limits;
use crate::console;
use crate::hub::Group;
use crate::once::Answers;
use crate::protocol::Protocol;
use crate::push::Switchboard;
use crate::rates::SharedBudgets;
use crate::rooms::Rooms;
use crate::transport::gate::Gate;
use crate::transport::pages::{Pages, Script};
use crate::transport::upgrade::Endpoint;
use crate::{Contract, Cx};

/// Called with each connection that comes or goes.
pub(crate) type Hook<P> = Box<dyn Fn(&Cx<P>) + Send + Sync>;

/// One running server.
pub(crate) struct Shared<P: Protocol, A> {
    /// The user's handlers.
    pub application: A,
    /// All connections.
    pub switchboard: Switchboard<P>,
    /// Their limits.
    pub limits: Arc<Limits>,
    /// What identities and addresses may send.
    pub budgets: Arc<SharedBudgets>,
    /// What messages that may come twice have been answered.
    pub answers: Answers,
    /// Where topics stand in their flows.
    pub rooms: Rooms<P>,
    /// Who may come in.
    pub gate: Arc<Gate>,
    /// Where, and from which sites.
    pub endpoint: Endpoint,
    /// The rest of the paths.
    pub pages: Option<Pages>,
    /// Clients of the protocol.
    pub scripts: Vec<Script>,
    /// The path of the metrics.
    pub metrics: Option<String>,
    /// The page that shows what goes on.
    pub console: Option<console::Desk>,
    /// A connection has come.
    pub on_open: Option<Hook<P>>,
    /// A connection has gone.
    pub on_close: Option<Hook<P>>,
    /// Who is served of those that were made for another protocol.
    pub contract: Contract,
    /// Whether the server drains.
    pub draining: watch::Sender<bool>,
    /// The largest message of any name.
    pub message_bytes: usize,
    /// When the server began.
    pub epoch: Instant,
}

impl<P: Protocol, A> Shared<P, A> {
    /// The largest `@limit`, or the general one if that is larger.
    pub fn largest_message(limits: &Limits) -> usize {
        let declared = P::ROUTES.iter().filter_map(|route| route.limit).max().unwrap_or(0);
        limits.message_bytes.max(usize::try_from(declared).unwrap_or(usize::MAX))
    }

    /// No new messages from now on, and no new connections.
    pub fn drain(&self) {
        self.draining.send_replace(true);
        self.switchboard.hub().each(Group::Everyone, |connection| connection.drain());
    }

    /// Drains, for as long as that may take; whether everybody was gone by then.
    pub async fn drained(&self) -> bool {
        self.drain();
        timeout(self.limits.drain, self.gate.emptied()).await.is_ok()
    }

    /// Whether [`Self::drain`] was called.
    pub fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }
}
