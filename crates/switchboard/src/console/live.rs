//! What there is at this moment, as JSON: the connections, and what has been counted.
//!
//! The list of connections is copied first and looked at then, each for itself, so that nobody who comes, goes or sends
//! waits for all of them.

use std::cmp::Reverse;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::watched::{Refusal, Watched};
use crate::connection::Connection;
use crate::hub::{Group, Hub};
use crate::metrics::{EventMetrics, FlowMetrics, MessageMetrics, Metrics, OutboxMetrics};
use crate::protocol::{Protocol, RoleName, role_mask};
use crate::push::Switchboard;

/// What somebody wants to see.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    /// Connections with this number or tag, or with this in their identity; empty: all.
    find: String,
    /// The tag of the connection that comes first.
    own: String,
}

impl Search {
    /// By the query of a request, `find=…&own=…`.
    pub fn of(query: &str) -> Self {
        let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let value = |name: &str| {
            let value = pairs.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
            percent_decode_str(value).decode_utf8_lossy().into_owned()
        };
        Self { find: value("find").to_lowercase(), own: value("own") }
    }

    fn is_own(&self, watched: &Watched) -> bool {
        watched.tag.as_deref().is_some_and(|tag| tag == self.own)
    }

    fn meets(&self, connection: &Connection, watched: &Watched) -> bool {
        self.find.is_empty() || connection.id().to_string() == self.find || {
            let tag = watched.tag.as_deref().is_some_and(|tag| tag == self.find);
            tag || connection
                .who()
                .is_some_and(|who| String::from_utf8_lossy(who.json()).to_lowercase().contains(&self.find))
        }
    }
}

/// The whole view.
pub(super) fn view<P: Protocol>(switchboard: &Switchboard<P>, endpoint: &str, search: &Search) -> Value {
    let now = Instant::now();
    let (mut connections, mut outbox) = (Vec::new(), OutboxMetrics::default());
    switchboard.hub().each(Group::Everyone, |connection| connections.push(Arc::clone(connection)));
    connections.iter().for_each(|connection| connection.measure(&mut outbox));
    let metrics = Metrics::of::<P>(switchboard.hub().counters(), connections.len(), outbox);
    let (shown, omitted) = chosen(&connections, search);
    let shown = shown.into_iter().map(|(connection, watched)| {
        let mut told = connection_view::<P>(switchboard.hub(), connection, watched, now);
        told["own"] = search.is_own(watched).into();
        told
    });
    json!({
        "endpoint": endpoint,
        "open": metrics.connections,
        "total": metrics.connections_total,
        "other_contracts": metrics.other_contracts,
        "connections": shown.collect::<Vec<_>>(),
        "omitted": omitted,
        "messages": metrics.messages.iter().map(message).collect::<Vec<_>>(),
        "events": metrics.events.iter().map(event).collect::<Vec<_>>(),
        "flows": metrics.flows.iter().map(flow).collect::<Vec<_>>(),
        "stray": counts(metrics.stray.iter().map(|(code, count)| (code.as_str(), *count))),
        "outbox": {
            "bytes": metrics.outbox.bytes,
            "frames": metrics.outbox.frames,
            "full": metrics.outbox.full,
            "lost_bytes": metrics.outbox.lost_bytes,
        },
    })
}

/// Those that are listed, the own one and then the newest first, and how many more there are.
fn chosen<'c>(connections: &'c [Arc<Connection>], search: &Search) -> (Vec<(&'c Connection, &'c Watched)>, usize) {
    let watched = connections.iter().filter_map(|connection| Some((&**connection, &**connection.watched()?)));
    let mut found: Vec<_> =
        watched.filter(|(connection, watched)| search.is_own(watched) || search.meets(connection, watched)).collect();
    found.sort_unstable_by_key(|(connection, watched)| (!search.is_own(watched), Reverse(connection.id())));
    let omitted = found.len().saturating_sub(MOST_CONNECTIONS);
    found.truncate(MOST_CONNECTIONS);
    (found, omitted)
}

fn connection_view<P: Protocol>(hub: &Hub, connection: &Connection, watched: &Watched, now: Instant) -> Value {
    let (mut outbox, roles) = (OutboxMetrics::default(), hub.roles_of(connection.id()));
    connection.measure(&mut outbox);
    let who = connection.who();
    let identity = who.and_then(|who| serde_json::from_slice(who.json()).ok()).unwrap_or(Value::Null);
    let held = P::Role::all().iter().filter(|role| roles & role_mask([**role]) != 0);
    let mut topics = connection.topics();
    topics.sort_unstable();
    let more_topics = topics.len().saturating_sub(MOST_TOPICS);
    topics.truncate(MOST_TOPICS);
    let flows = watched.flows::<P>().map(|(flow, state)| (flow.name.to_owned(), state.into()));
    json!({
        "id": connection.id().to_string(),
        "peer": watched.peer.to_string(),
        "age_ms": millis(watched.since, now),
        "identity": identity,
        "roles": held.map(|role| role.name()).collect::<Vec<_>>(),
        "flows": flows.collect::<Map<_, _>>(),
        "topics": topics,
        "more_topics": more_topics,
        "outbox": { "bytes": outbox.bytes, "frames": outbox.frames, "full": outbox.full > 0 },
        "refused": watched.last_refusal().map(|refusal| refused(&refusal, now)),
    })
}

fn refused(refusal: &Refusal, now: Instant) -> Value {
    json!({ "message": refusal.message, "code": refusal.code.as_str(), "ago_ms": millis(refusal.at, now) })
}

fn message(message: &MessageMetrics) -> Value {
    json!({
        "name": message.name,
        "received": message.received,
        "ok": message.ok,
        "in_progress": message.in_progress,
        "forgiven": message.forgiven,
        "refused": counts(message.refused.iter().map(|(code, count)| (code.as_str(), *count))),
        "policies": counts(message.by_policy.iter().map(|(policy, count)| (policy.as_str(), *count))),
    })
}

fn event(event: &EventMetrics) -> Value {
    json!({
        "name": event.name,
        "meant": event.meant,
        "taken": event.taken,
        "coalesced": event.coalesced,
        "dropped": event.dropped,
        "refused": event.refused,
        "closed": event.closed,
    })
}

fn flow(flow: &FlowMetrics) -> Value {
    json!({ "name": flow.name, "states": counts(flow.states.iter().copied()) })
}

fn counts<'n>(counted: impl Iterator<Item = (&'n str, u64)>) -> Value {
    counted.map(|(name, count)| (name.to_owned(), count.into())).collect::<Map<_, _>>().into()
}

fn millis(since: Instant, now: Instant) -> u64 {
    u64::try_from(now.saturating_duration_since(since).as_millis()).unwrap_or(u64::MAX)
}

/// Connections in one view.
const MOST_CONNECTIONS: usize = 500;
/// Topics of one of them.
const MOST_TOPICS: usize = 32;

#[cfg(all(test, feature = "testkit"))]
mod tests {
    use crate::ConnectionId;
    use crate::config::Limits;
    use crate::flow::tests::House;
    use crate::transport::memory;
    use crate::transport::socket::Socket;

    use super::*;

    #[test]
    fn a_view_has_a_bound_and_says_what_it_leaves_out() {
        let switchboard = Switchboard::<House>::new();
        let peer = ([10, 0, 0, 1], 1).into();
        for id in 1..=502 {
            let (_, socket) = Socket::Memory(memory::pair(1, 1).0).into_split();
            let watched = Watched::new::<House>(peer, (id == 1).then_some("a=b&console=me"));
            let limits = Arc::new(Limits::default());
            switchboard.hub().enter(&Connection::new(ConnectionId(id), socket, limits, None, Some(watched)));
        }
        let view = view(&switchboard, "/ws", &Search { find: String::new(), own: "me".into() });
        let shown = view["connections"].as_array().unwrap();
        assert_eq!((shown.len(), &view["omitted"], &view["open"]), (500, &json!(2), &json!(502)));
        assert_eq!((&shown[0]["id"], &shown[1]["id"], &shown[499]["id"]), (&json!("1"), &json!("502"), &json!("4")));
    }

    #[test]
    fn a_search_is_read_from_any_query() {
        let search = |find: &str, own: &str| Search { find: find.into(), own: own.into() };
        assert_eq!(Search::of(""), Search::default());
        assert_eq!(Search::of("find=Kevin&own=a-1"), search("kevin", "a-1"));
        assert_eq!(Search::of("own=%41%2&find=%C3%BC%25%ff&find=second&x"), search("ü%\u{fffd}", "A%2"));
        assert_eq!(Search::of("find=%+1%"), search("%+1%", ""));
    }
}
