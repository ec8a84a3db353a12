//! What the console tells of a connection and nobody else needs: kept only where there is a console.
//!
//! Written when a flow moves or something is refused, never for a message that goes well.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use parking_lot::Mutex;
use switchboard_core::Code;
use tokio::time::Instant;

use crate::protocol::{Flow, Protocol};

/// One connection, watched.
#[derive(Debug)]
pub(crate) struct Watched {
    /// The other end.
    pub peer: SocketAddr,
    /// When it came.
    pub since: Instant,
    /// What its client calls itself: the page finds its own connection by that.
    pub tag: Option<Box<str>>,
    states: Box<[AtomicU8]>,
    refusal: Mutex<Option<Refusal>>,
}

/// Something that was refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    /// The message, if it had a name that is known.
    pub message: Option<&'static str>,
    /// Why.
    pub code: Code,
    /// When.
    pub at: Instant,
}

impl Watched {
    /// A new connection, whose request had this query: its `console=TAG` is the tag.
    pub fn new<P: Protocol>(peer: SocketAddr, query: Option<&str>) -> Arc<Self> {
        let mut pairs = query.unwrap_or_default().split('&');
        let tag = pairs.find_map(|pair| pair.strip_prefix("console=")).filter(|tag| tag.len() <= LONGEST_TAG);
        Arc::new(Self {
            peer,
            since: Instant::now(),
            tag: tag.map(Box::from),
            states: P::FLOWS.iter().map(|flow| AtomicU8::new(flow.start)).collect(),
            refusal: Mutex::default(),
        })
    }

    /// A flow is in another state.
    pub fn moved(&self, flow: u8, state: u8) {
        if let Some(known) = self.states.get(usize::from(flow)) {
            known.store(state, Ordering::Relaxed);
        }
    }

    /// Something was refused.
    pub fn refused(&self, message: Option<&'static str>, code: Code) {
        *self.refusal.lock() = Some(Refusal { message, code, at: Instant::now() });
    }

    /// Each flow with the state it is in.
    pub fn flows<P: Protocol>(&self) -> impl Iterator<Item = (&'static Flow, &'static str)> {
        let name = |(flow, state): (&'static Flow, &AtomicU8)| {
            let state = flow.states.get(usize::from(state.load(Ordering::Relaxed)))?;
            Some((flow, state.name))
        };
        P::FLOWS.iter().zip(&self.states).filter_map(name)
    }

    /// What was refused last.
    pub fn last_refusal(&self) -> Option<Refusal> {
        *self.refusal.lock()
    }
}

const LONGEST_TAG: usize = 36;
