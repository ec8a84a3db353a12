//! The close codes a server of ours sends, and what each tells the client to do.
//!
//! Below 4000 they mean what RFC 6455 says. The codes from 4000 on are Switchboard's own; applications that close
//! connections themselves ([`Cx::close`](crate::Cx::close)) may use 4100 to 4999 freely. Generated clients come back by
//! themselves where it says yes; elsewhere that is for their application to say.
//!
//! | code | when | coming back |
//! |---|---|---|
//! | [`NORMAL`] 1000 | the client closed, a flow reached its `end`, or the application said so | as the user likes |
//! | [`GOING_AWAY`] 1001 | the server is shutting down | yes, after a moment |
//! | [`PROTOCOL`] 1002 | frames that break RFC 6455 | no: the client is broken |
//! | [`BAD_TEXT`] 1007 | text that is not UTF-8 | no: the client is broken |
//! | [`POLICY`] 1008 | far more messages, control frames or fragments than allowed | as the user likes, later and slower |
//! | [`TOO_BIG`] 1009 | a message beyond every limit of the protocol | as the user likes, without that message |
//! | [`INTERNAL`] 1011 | never by itself: for applications that cannot go on with this connection | yes |
//! | [`SLOW_CONSUMER`] 4000 | pushed faster than the client reads, beyond `Limits::outbox_bytes` | yes |
//! | [`UNRESPONSIVE`] 4001 | pings were not answered | yes |
//! | [`FLOW_TIMEOUT`] 4002 | a flow's `after … -> end` ran out, such as the time to sign in | as the user likes |
//! | [`CONTRACT`] 4003 | the client was made for another protocol, and [`Server::contract`](crate::Server::contract) refuses such | no: the client is too old, or too new |

use std::borrow::Cow;

/// All is done.
pub const NORMAL: u16 = 1000;
/// The server is shutting down.
pub const GOING_AWAY: u16 = 1001;
/// The peer's frames break RFC 6455.
pub const PROTOCOL: u16 = 1002;
/// A text message was not UTF-8.
pub const BAD_TEXT: u16 = 1007;
/// The peer sends far more than it may.
pub const POLICY: u16 = 1008;
/// A message was larger than any message may be.
pub const TOO_BIG: u16 = 1009;
/// The application cannot go on.
pub const INTERNAL: u16 = 1011;
/// The peer reads more slowly than it is pushed to.
pub const SLOW_CONSUMER: u16 = 4000;
/// The peer left pings unanswered.
pub const UNRESPONSIVE: u16 = 4001;
/// A state of a flow was not left in time.
pub const FLOW_TIMEOUT: u16 = 4002;
/// The client was made for another protocol.
pub const CONTRACT: u16 = 4003;

/// What a close frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Farewell {
    /// The close code.
    pub code: u16,
    /// Text for a person; cut to what a close frame can hold when it is sent.
    pub reason: Cow<'static, str>,
}

impl Farewell {
    /// A code and its reason.
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code, reason: reason.into() }
    }
}

/// What a connection hears when the server shuts down: `returning` of them will come back, each at a time of its own, some 200 a
/// second, so that the next server is not met by all at once. The numbers of connections follow one another, which multiples of the
/// golden ratio spread evenly.
pub(crate) fn going_away(connection: u64, returning: usize) -> Farewell {
    let window = 1_000 + 5 * u64::try_from(returning).unwrap_or(u64::MAX).min(60_000);
    let share = connection.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let after = 500 + ((share * window) >> 32);
    Farewell::new(GOING_AWAY, format!("the server is shutting down; retry_after_ms={after}"))
}

/// Whether an application may send this code.
pub(crate) fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_never_travel_are_not_sent() {
        assert!(may_be_sent(NORMAL) && may_be_sent(4321));
        assert!(!may_be_sent(1005) && !may_be_sent(1006) && !may_be_sent(1015) && !may_be_sent(999));
    }

    #[test]
    fn those_that_come_back_are_spread_over_the_time() {
        let after = |id| -> u64 {
            let reason = going_away(id, 2_000).reason;
            reason.rsplit('=').next().and_then(|text| text.parse().ok()).expect("a number")
        };
        let mut tenths = [0; 10];
        for id in 1..=2_000 {
            tenths[usize::try_from((after(id) - 500) / 1_100).expect("a tenth")] += 1;
        }
        assert!(tenths.iter().all(|count| (180..=220).contains(count)), "{tenths:?}");
    }
}
