//! Why the chain of a message did not succeed.

use std::time::Duration;

use switchboard_core::Rejection;

use crate::Cx;
use crate::handler::{Error, Failure};
use crate::protocol::{Protocol, Route};

/// Why a chain did not succeed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It says so.
    Refused(Rejection),
    /// It panicked outside of any handler.
    Panicked(Error),
    /// This time was over.
    TooLate(Duration),
    /// The client took it back, or has left.
    Cancelled,
    /// It is a stream, and the server is about to leave.
    Draining,
}

impl Trouble {
    /// What the client hears of it.
    pub fn tell<P: Protocol>(self, cx: &Cx<P>, declared: &Route) -> Rejection {
        match self {
            Self::Refused(rejection) => rejection,
            Self::Panicked(error) => cx.reject(Failure::Internal(error), declared.name),
            Self::TooLate(allowed) => {
                // Who declares a deadline has planned for it.
                if declared.deadline.is_none() {
                    tracing::warn!(message = declared.name, "a handler took too long and was dropped");
                }
                Rejection::timeout(allowed)
            }
            Self::Cancelled => Rejection::cancelled(),
            Self::Draining => Rejection::shutting_down(),
        }
    }
}
