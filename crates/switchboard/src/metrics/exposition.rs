//! Metrics as text for Prometheus.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::{EventMetrics, FlowMetrics, MessageMetrics, Metrics};

/// The media type of [`expose`].
pub(crate) use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

/// Everything that was counted, in the text format of Prometheus.
pub(crate) fn expose(metrics: Metrics) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(metrics));
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry)?;
    Ok(text)
}

impl Collector for Metrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        page.gauge("connections", "Connections that are open", &[([], self.connections)])?;
        page.counter("connections", "Connections that have come", &[([], self.connections_total)])?;
        let others = "Connections of clients that were made for another version of the protocol";
        page.counter("connections_of_other_contracts", others, &[([], self.other_contracts)])?;
        page.messages(&self.messages)?;
        let stray: Vec<_> = self.stray.iter().map(|(code, count)| ([("code", code.as_str())], *count)).collect();
        page.counter("stray_messages_refused", "Messages without a name that is known", &stray)?;
        page.events(&self.events)?;
        let of = |flow: &FlowMetrics| {
            let name = flow.name;
            flow.states.clone().into_iter().map(move |(state, count)| ([("flow", name), ("state", state)], count))
        };
        let states: Vec<_> = self.flows.iter().flat_map(of).collect();
        page.gauge("flow_states", "How many are in each state of a flow", &states)?;
        page.gauge("outbox_bytes", "Bytes that wait to be sent", &[([], self.outbox.bytes)])?;
        page.gauge("outbox_frames", "Frames that wait behind full sockets", &[([], self.outbox.frames)])?;
        page.gauge("outboxes_full", "Connections whose sockets are full", &[([], self.outbox.full)])?;
        page.counter("outbox_lost_bytes", "Bytes that waited when a connection broke", &[([], self.outbox.lost_bytes)])
    }
}

/// A value and what it is of.
type Sample<const N: usize> = ([(&'static str, &'static str); N], u64);

/// What is being written.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn messages(&mut self, messages: &[MessageMetrics]) -> fmt::Result {
        let each = |value: fn(&MessageMetrics) -> u64| -> Vec<_> {
            messages.iter().map(|message| ([("message", message.name)], value(message))).collect()
        };
        self.counter("messages_received", "Messages that came", &each(|message| message.received))?;
        self.counter("messages_ok", "Messages that succeeded", &each(|message| message.ok))?;
        let forgiven = each(|message| message.forgiven);
        self.counter("handlers_forgiven", "Handlers that failed behind `else continue`", &forgiven)?;
        self.gauge("messages_in_progress", "Messages being handled", &each(|message| message.in_progress))?;
        let refused: Vec<_> = messages
            .iter()
            .flat_map(|message| {
                let name = message.name;
                message.refused.iter().map(move |(code, count)| ([("message", name), ("code", code.as_str())], *count))
            })
            .collect();
        self.counter("messages_refused", "Messages that were refused", &refused)?;
        let policies: Vec<_> = messages
            .iter()
            .flat_map(|message| {
                let name = message.name;
                let counted = message.by_policy.iter();
                counted.map(move |(policy, count)| ([("message", name), ("policy", policy.as_str())], *count))
            })
            .collect();
        self.counter("policy_decisions", "Messages that an attribute decided over", &policies)
    }

    fn events(&mut self, events: &[EventMetrics]) -> fmt::Result {
        let each = |value: fn(&EventMetrics) -> u64| -> Vec<_> {
            events.iter().map(|event| ([("event", event.name)], value(event))).collect()
        };
        self.counter("events_meant", "Receivers that events were for", &each(|event| event.meant))?;
        // What has been taken may still give way, so this one is not always rising.
        self.gauge("events_taken", "Receivers that took them", &each(|event| event.taken))?;
        self.counter("events_coalesced", "Replaced by a later one of their key", &each(|event| event.coalesced))?;
        self.counter("events_dropped", "Dropped for want of room", &each(|event| event.dropped))?;
        self.counter("events_refused", "Not taken by connections that close", &each(|event| event.refused))?;
        self.counter("events_closed", "Connections closed for want of room", &each(|event| event.closed))
    }

    fn counter<const N: usize>(&mut self, name: &str, help: &str, samples: &[Sample<N>]) -> fmt::Result {
        let samples = samples.iter().map(|(labels, value)| (labels, ConstCounter::new(*value)));
        self.family(name, help, MetricType::Counter, samples)
    }

    fn gauge<const N: usize>(&mut self, name: &str, help: &str, samples: &[Sample<N>]) -> fmt::Result {
        let samples = samples.iter().map(|(labels, value)| (labels, ConstGauge::new(*value)));
        self.family(name, help, MetricType::Gauge, samples)
    }

    fn family<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        kind: MetricType,
        samples: impl Iterator<Item = (&'l [(&'static str, &'static str); N], impl EncodeMetric)>,
    ) -> fmt::Result {
        let name = format!("switchboard_{name}");
        let mut family = self.0.encode_descriptor(&name, help, None, kind)?;
        for (labels, value) in samples {
            value.encode(family.encode_family(labels)?)?;
        }
        Ok(())
    }
}
