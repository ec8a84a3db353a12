//! What a server knows of its own protocol as data, and what it learns of that of each client.
//!
//! The decisions are [`switchboard_core::contract`]'s. Here is when they are asked for, and what is said in the log.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_core::contract::{Acquaintance, Comparison, Contract, Policy, Verdict};
use switchboard_core::control::Hello;
use switchboard_core::frame::{Opcode, append_frame};
use switchboard_core::pack::Packer;
use switchboard_core::schema::Schema;
use tokio::time::timeout;

use crate::Cx;
use crate::close::{self, Farewell};
use crate::connection::Signal;
use crate::protocol::Protocol;

/// A server's protocol as data, read when it is first needed.
#[derive(Debug)]
pub(crate) struct OwnContract {
    text: &'static str,
    contract: OnceLock<Contract>,
    packer: OnceLock<Arc<Packer>>,
}

impl OwnContract {
    /// Of a protocol.
    pub fn new<P: Protocol>() -> Self {
        Self { text: P::SCHEMA, contract: OnceLock::new(), packer: OnceLock::new() }
    }

    /// The fingerprints.
    pub fn contract(&self) -> &Contract {
        self.contract.get_or_init(|| Contract::new(&self.schema()))
    }

    /// What speaks MessagePack.
    pub fn packer(&self) -> Arc<Packer> {
        Arc::clone(self.packer.get_or_init(|| Arc::new(Packer::new(self.schema()))))
    }

    fn schema(&self) -> Schema {
        // What a compiler of this version has written can be read.
        Schema::parse(self.text).unwrap_or_else(|error| {
            tracing::error!(%error, "the protocol's own schema cannot be read");
            Schema::default()
        })
    }
}

/// What is known of the protocol that a client was made for.
///
/// A client says so by offering the subprotocol `contract.<hash>` when it connects, and more precisely with a hello, the
/// envelope `{"contract":"…","messages":{…}}`; or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientContract {
    hash: Option<String>,
    is_same: Option<bool>,
    comparison: Option<Comparison>,
}

impl ClientContract {
    /// The fingerprint of that protocol, if the client has said it.
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }

    /// Whether it is the one that is served here; `None`: the client has said nothing.
    pub fn is_same(&self) -> Option<bool> {
        self.is_same
    }

    /// The messages, events and asks that the client takes for something else than they are here; `None`: it has said no
    /// hello.
    pub fn differs(&self) -> Option<&[String]> {
        self.comparison.as_ref().map(|comparison| comparison.differs.as_slice())
    }

    /// Those that the client knows and there are not here; `None`: it has said no hello.
    pub fn unknown(&self) -> Option<&[String]> {
        self.comparison.as_ref().map(|comparison| comparison.unknown.as_slice())
    }
}

/// What one connection's client has said. Most say nothing, and cost nothing.
#[derive(Debug, Default)]
pub(crate) struct Known {
    client: Mutex<Option<Box<Acquaintance>>>,
}

impl<P: Protocol> Cx<P> {
    /// What is known of the protocol that the client was made for.
    pub fn contract(&self) -> ClientContract {
        let client = self.known().client.lock();
        let Some(client) = &*client else { return ClientContract::default() };
        let ours = self.switchboard().own_contract().contract();
        ClientContract {
            is_same: client.hash().map(|hash| hash == ours.hash()),
            hash: client.hash().map(str::to_owned),
            comparison: client.comparison().cloned(),
        }
    }

    /// The client has offered this fingerprint. Whether it has to say more to be served.
    pub(crate) fn note_offered_contract(&self, offered: Option<String>, policy: Policy) -> bool {
        let Some(offered) = offered else { return false };
        let own = self.switchboard().own_contract();
        let client = Acquaintance::new(Some(offered));
        let owes = client.owes_a_hello(own.contract());
        if owes {
            self.switchboard().hub().counters().other_contract();
            if policy != Policy::Serve {
                warn(self, &client);
            }
        }
        *self.known().client.lock() = Some(Box::new(client));
        owes && policy == Policy::Refuse
    }

    /// Answers a hello. Whether the client is served: `None` when it has said hello before.
    pub(crate) fn hear_hello(&self, hello: &Hello<'_>, policy: Policy) -> Option<bool> {
        let own = self.switchboard().own_contract();
        let mut known = self.known().client.lock();
        let client = known.get_or_insert_default();
        let was_known = client.owes_a_hello(own.contract());
        let verdict = client.hear(own.contract(), hello, policy)?;
        let comparison = client.comparison()?;
        self.connection().answer(None, |out| {
            append_frame(out, Opcode::Text, |out| comparison.encode(own.contract(), out));
        });
        if !comparison.same && !was_known {
            self.switchboard().hub().counters().other_contract();
        }
        if verdict != Verdict::Serve {
            warn(self, client);
        }
        Some(verdict != Verdict::Refuse)
    }

    fn owes_a_hello(&self) -> bool {
        let ours = self.switchboard().own_contract().contract();
        self.known().client.lock().as_ref().is_some_and(|client| client.owes_a_hello(ours))
    }
}

/// Serves a connection whose client must say hello within this time, or is closed.
pub(crate) async fn with_hello_due<P: Protocol, T>(
    cx: Cx<P>,
    time: Duration,
    conversation: impl Future<Output = T>,
) -> T {
    let mut conversation = pin!(conversation);
    if let Ok(outcome) = timeout(time, conversation.as_mut()).await {
        return outcome;
    }
    if cx.owes_a_hello() {
        cx.connection().close(farewell(), Signal::Close);
    }
    drop(cx);
    conversation.await
}

/// How a client is closed that was made for another protocol.
pub(crate) fn farewell() -> Farewell {
    Farewell::new(close::CONTRACT, "this client was made for another version of the protocol")
}

fn warn<P: Protocol>(cx: &Cx<P>, client: &Acquaintance) {
    let (differs, unknown) =
        client.comparison().map_or((&[][..], &[][..]), |comparison| (&comparison.differs, &comparison.unknown));
    tracing::warn!(
        connection = %cx.connection_id(),
        contract = client.hash(),
        ?differs,
        ?unknown,
        "a client was made for another version of the protocol"
    );
}
