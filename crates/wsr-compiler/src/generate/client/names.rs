//! What the things of a protocol are called in clients: where they stand, by their names on the wire.
//!
//! A client has one place for a namespace with all that is in it, so things of different kinds may want one name. Then
//! the first keeps it, in the order namespace, message, ask, event, topic, flow; the others say what they are behind it.

use std::collections::HashSet;

use crate::model::{Model, NamespaceId};

/// Paths by the model's lists: namespaces from the outermost inwards, then the name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub namespaces: Vec<Vec<String>>,
    pub messages: Vec<Vec<String>>,
    pub asks: Vec<Vec<String>>,
    pub events: Vec<Vec<String>>,
    /// Messages that are passed on as they are come as events; by message, if they do.
    pub relayed: Vec<Option<Vec<String>>>,
    pub topics: Vec<Vec<String>>,
    /// Flows on topics, whose states are told.
    pub flows: Vec<Option<Vec<String>>>,
}

impl Names {
    /// `is_kept` says which names the language or the runtime keeps for itself, at the root (`true`) or anywhere.
    pub fn of(model: &Model, is_kept: &dyn Fn(&str, bool) -> bool) -> Self {
        let mut taken = Taken { is_kept, names: HashSet::new(), namespaces: Vec::new() };
        for namespace in &model.namespaces {
            let mut path = Vec::new();
            for name in &namespace.wire {
                // Namespaces that are one on the wire are one here.
                let name = taken.spelled(&path, name);
                path.push(name);
            }
            taken.names.insert(path.clone());
            taken.namespaces.push(path);
        }
        let last = |wire: &str| wire.rsplit('/').next().unwrap_or_default().to_owned();
        let messages = model.messages.iter().map(|m| taken.name(m.namespace, &last(&m.wire), "message")).collect();
        let asks = model.asks.iter().map(|ask| taken.name(ask.namespace, &last(&ask.wire), "ask")).collect();
        let events =
            model.events.iter().map(|event| taken.name(event.namespace, &last(&event.wire), "event")).collect();
        let relayed = model
            .messages
            .iter()
            .map(|message| is_relayed(message).then(|| taken.name(message.namespace, &last(&message.wire), "event")))
            .collect();
        let topics = model.topics.iter().map(|topic| taken.name(topic.namespace, &topic.name, "topic")).collect();
        let flows =
            model.flows.iter().map(|flow| flow.on.as_ref().map(|_| taken.name(0, &flow.name, "flow"))).collect();
        Self { namespaces: taken.namespaces, messages, asks, events, relayed, topics, flows }
    }
}

/// Whether a message is passed on as it is, so that clients hear it as an event.
pub(super) fn is_relayed(message: &crate::model::Message) -> bool {
    use crate::model::Handler;
    message.chain.iter().flatten().any(|handling| matches!(handling.handler, Handler::Relay(_)))
}

struct Taken<'a> {
    is_kept: &'a dyn Fn(&str, bool) -> bool,
    names: HashSet<Vec<String>>,
    namespaces: Vec<Vec<String>>,
}

impl Taken<'_> {
    fn spelled(&self, path: &[String], name: &str) -> String {
        if (self.is_kept)(name, path.is_empty()) { format!("{name}_") } else { name.to_owned() }
    }

    fn name(&mut self, namespace: NamespaceId, name: &str, kind: &str) -> Vec<String> {
        let mut path = self.namespaces[namespace].clone();
        let plain = self.spelled(&path, name);
        path.push(plain);
        let mut again = format!("{name}_{kind}");
        while !self.names.insert(path.clone()) {
            path.pop();
            path.push(again.clone());
            again.push('_');
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analyze, source::SourceFile};

    fn names(text: &str) -> Names {
        let analysis = analyze(vec![SourceFile::new("routes.wsr", text)]);
        let errors: Vec<_> = analysis.errors().map(|error| error.title.clone()).collect();
        assert_eq!(errors, Vec::<String>::new());
        Names::of(&analysis.model, &|name, is_root| name == "then" || is_root && name == "state")
    }

    #[test]
    fn the_first_kind_keeps_a_name_and_the_others_say_what_they_are() {
        let names = names(
            "wsr 1\nnamespace talk {\n  topic say/{room: string(len ..=9)}\n  \
             message say { room: string(len ..=9) } -> reply ok -> join say/{room}\n  \
             message pass -> relay to all\n}\nmessage talk -> reply ok\n",
        );
        assert_eq!(names.messages, [vec!["talk", "say"], vec!["talk", "pass"], vec!["talk_message"]]);
        assert_eq!(names.topics[0], ["talk", "say_topic"]);
        assert_eq!(names.relayed[1].as_deref().unwrap(), ["talk", "pass_event"]);
    }

    #[test]
    fn names_that_are_kept_get_a_line_behind_them() {
        let names = names(
            "wsr 1\nmessage state -> reply ok\nnamespace then {\n  message state -> reply ok\n  message then -> reply ok\n}\n",
        );
        assert_eq!(names.messages[0], ["state_"]);
        assert_eq!(names.messages[1], ["then_", "state"]);
        assert_eq!(names.messages[2], ["then_", "then_"]);
    }

    #[test]
    fn names_are_those_of_the_wire() {
        let names = names("wsr 1\n@wire(\"c\")\nnamespace chat {\n  @wire(\"s\")\n  message send -> reply ok\n}\n");
        assert_eq!(names.messages[0], ["c", "s"]);
    }
}
