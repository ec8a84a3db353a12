//! The limits of a server: every bound on what a peer can make it hold or do, in one place.
//!
//! Each has a default that is safe on the open internet. What happens at the bound is said with it.

use std::time::Duration;

/// Bounds on everything that a peer can make grow.
///
/// ```
/// use switchboard::Limits;
///
/// let limits = Limits { connections_per_address: 2_000, ..Limits::default() };
/// assert_eq!(limits.message_bytes, 64 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// The time for the head of an HTTP request, also on a kept-alive connection; then the connection is dropped.
    /// Default: 10 s.
    pub handshake: Duration,
    /// The size of the head of an HTTP request, at least 8 KiB; beyond it: 431. Default: 16 KiB.
    pub header_bytes: usize,
    /// The number of headers of an HTTP request; beyond it: 431. Default: 64.
    pub header_count: usize,
    /// Connections in all, those that are still shaking hands included; beyond it: 503, and beyond a further 128
    /// the socket is dropped. Default: 10,000.
    pub connections: usize,
    /// The same from one IP address (from one /64 network of IPv6). Default: 100.
    pub connections_per_address: usize,
    /// The largest message, in bytes of its payload, unless a message's `@limit` in `routes.wsr` is larger; beyond
    /// it: close 1009. A message over the `@limit` of its own is refused with `too_large` instead. Default: 64 KiB.
    pub message_bytes: usize,
    /// Fragments of one message; beyond it: close 1008. Default: 1,024.
    pub fragments: u32,
    /// How deep JSON may nest; beyond it: `malformed`. Default: 32.
    pub depth: usize,
    /// How many messages one connection may send, whatever their names; `None`: any number. Default: 100 a second,
    /// 200 at once.
    pub message_rate: Option<MessageRate>,
    /// Pings and pongs a second from one connection, the double of it at once; beyond it: close 1008. Default: 20.
    pub control_frames: u32,
    /// Messages of one connection that wait while a handler runs; then it is not read any more. The bytes of these
    /// messages are bounded too, by four of the largest ones. Default: 32.
    pub inbox: usize,
    /// Messages of one connection that are handled at a time or wait for one with their key (`@concurrent`); then what
    /// comes waits in the inbox. Default: 64.
    pub in_flight: usize,
    /// Streams of one connection at a time; beyond it: `rate_limited` by `concurrent`. Default: 16.
    pub streams: usize,
    /// Asks of one connection that wait for its answer; beyond it: `AskError::TooMany`. Default: 16.
    pub asks: usize,
    /// The time for the answer to an ask, unless its `@deadline` says otherwise; then whoever asked hears
    /// `AskError::Timeout`. Default: 30 s.
    pub ask: Duration,
    /// Answers to messages marked `@idempotent` that a server remembers, of all connections; beyond it the oldest is
    /// forgotten, and a message with its key is handled again. Default: 10,000.
    pub remembered: usize,
    /// The bytes of these answers and their keys; beyond it the same. Default: 16 MiB.
    pub remembered_bytes: usize,
    /// The time for a message's whole chain, unless `@deadline` says otherwise; then the handlers are dropped and the
    /// answer is `timeout`. Default: 30 s.
    pub handler: Duration,
    /// Messages, events and asks that a hello may name; beyond it: `malformed`. Default: 2,048.
    pub hello_names: usize,
    /// Topics of one connection; beyond it: `TooManyTopics`, for `-> join` the refusal `too_many_topics`. Default: 128.
    pub subscriptions: usize,
    /// Topics of one flow that are elsewhere than at its start; beyond it: one without members is forgotten, the older
    /// ones first, and when each has members what would be one more is refused with `rate_limited`. Default: 100,000.
    pub flow_topics: usize,
    /// Identities that `#here` of a topic with `@presence` lists; beyond it, it says how many are `omitted`.
    /// Default: 256.
    pub presence: usize,
    /// Bytes pushed to a connection that it has not taken; beyond it: what the event's `@overflow` says, which is close
    /// 4000 if nothing is said. One frame is always let in, so the bound is this or the largest event, whichever is
    /// more. As much again may wait for a connection while it joins or leaves topics; beyond it: close 4000.
    /// Default: 1 MiB.
    pub outbox_bytes: usize,
    /// Frames that wait behind a full socket; beyond it: the same. Default: 8,192.
    pub outbox_frames: usize,
    /// While more than this is unsent, the connection is not read, so that who does not take answers gets no more of
    /// them. Default: 64 KiB.
    pub pause_bytes: usize,
    /// What one log of `@history` keeps, in bytes of its events; the oldest go first. Default: 1 MiB.
    pub log_bytes: usize,
    /// What all logs together hold in memory; logs that nobody listens to go first, the least used of them at once. One
    /// that is not on disk is gone then and begins anew with another epoch. Default: 64 MiB.
    pub history_bytes: usize,
    /// What all logs together have on disk, if there is a store; beyond it those are forgotten that were written to
    /// longest ago. Default: 1 GiB.
    pub store_bytes: u64,
    /// How long a write may make no progress; then the connection is dropped. Default: 5 s.
    pub write: Duration,
    /// How often a connection is pinged. Default: 25 s.
    pub ping: Duration,
    /// Pings without any sign of life, after which a connection is closed with 4001. Default: 2.
    pub missed_pings: u32,
    /// The time that running handlers have when the server shuts down. Default: 30 s.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            header_bytes: 16 * KIB,
            header_count: 64,
            connections: 10_000,
            connections_per_address: 100,
            message_bytes: 64 * KIB,
            fragments: 1_024,
            depth: 32,
            message_rate: Some(MessageRate { per_second: 100, burst: 200 }),
            control_frames: 20,
            inbox: 32,
            in_flight: 64,
            streams: 16,
            asks: 16,
            ask: Duration::from_secs(30),
            remembered: 10_000,
            remembered_bytes: 16 * 1_024 * KIB,
            handler: Duration::from_secs(30),
            hello_names: 2_048,
            subscriptions: 128,
            flow_topics: 100_000,
            presence: 256,
            outbox_bytes: 1_024 * KIB,
            outbox_frames: 8_192,
            pause_bytes: 64 * KIB,
            log_bytes: 1_024 * KIB,
            history_bytes: 64 * 1_024 * KIB,
            store_bytes: 1_024 * 1_024 * 1_024,
            write: Duration::from_secs(5),
            ping: Duration::from_secs(25),
            missed_pings: 2,
            drain: Duration::from_secs(30),
        }
    }
}

/// How many messages a connection may send.
///
/// Beyond it a message is refused with `rate_limited`. Malformed and unknown messages count tenfold. Who is refused
/// more often than this rate allows messages is closed with 1008.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRate {
    /// Messages a second in the long run.
    pub per_second: u32,
    /// Messages at once.
    pub burst: u32,
}

const KIB: usize = 1_024;

/// How long a connection that has been closed is still read, so that the close frame is not lost to a reset.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// How much of what still comes is thrown away in that time.
pub(crate) const LINGER_BYTES: usize = 1_024 * KIB;
/// Unsent bytes of a connection at which it is written to in the middle of a turn.
pub(crate) const FLUSH_BYTES: usize = 64 * KIB;
/// Capacity that an empty outbox may keep.
pub(crate) const KEEP_BYTES: usize = 16 * KIB;
/// What tungstenite reads at once. Larger buffers cost memory and are zeroed at each read.
pub(crate) const READ_BYTES: usize = 4 * KIB;
