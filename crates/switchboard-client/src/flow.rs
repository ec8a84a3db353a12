//! Flows of connections: what the types of their states stand on.

use std::fmt;

use crate::client::Client;
use crate::failure::Error;
use crate::items::Items;
use crate::protocol::{Message, Protocol};

/// A client, but only as long as this connection lasts: what was agreed on it is not agreed on the next one.
pub struct OneConnection<P: Protocol> {
    client: Client<P>,
    connection: u64,
}

impl<P: Protocol> fmt::Debug for OneConnection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OneConnection").field(&self.connection).finish()
    }
}

impl<P: Protocol> OneConnection<P> {
    pub(crate) fn new(client: Client<P>, connection: u64) -> Self {
        Self { client, connection }
    }

    /// For generated code: sends a message on this connection.
    ///
    /// # Errors
    /// `ConnectionLost` once it is gone.
    #[doc(hidden)]
    pub fn call<M: Message<P>>(
        &self,
        payload: &M::Payload,
    ) -> impl Future<Output = Result<M::Reply, Error<M::Error>>> + Send + 'static + use<P, M> {
        self.client.on_connection(self.connection).call::<M>(payload)
    }

    /// For generated code: the same for a message that is answered by items.
    #[doc(hidden)]
    pub fn stream<M: Message<P>>(&self, payload: &M::Payload) -> Items<M::Reply, M::Error> {
        self.client.on_connection(self.connection).stream::<M>(payload)
    }
}

/// A message that would have moved a flow has failed: the flow is where it was.
#[derive(Debug)]
pub struct Stayed<E, F> {
    /// Why.
    pub error: Error<E>,
    /// The flow, in the state that it was in. After `ConnectionLost` all of its messages fail.
    pub flow: F,
}

impl<E, F> From<Stayed<E, F>> for Error<E> {
    fn from(stayed: Stayed<E, F>) -> Self {
        stayed.error
    }
}

impl<E: fmt::Debug, F> fmt::Display for Stayed<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<E: fmt::Debug, F: fmt::Debug> std::error::Error for Stayed<E, F> {}

/// Why a flow cannot be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFlow {
    /// There is no connection.
    Offline,
    /// On this connection it was begun before, or a message has moved it, or is under way that may.
    Begun,
}

impl fmt::Display for NoFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offline => "there is no connection",
            Self::Begun => "the flow has left its first state on this connection",
        })
    }
}

impl std::error::Error for NoFlow {}
