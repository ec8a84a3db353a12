//! Chains: who runs when.

use super::Resolver;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{Handler, Handling, MessageId, NamespaceId, Outcome, Payload, Target};
use crate::source::Span;
use crate::syntax::tree::{self, ArrowKind, Routing};

/// What a chain is lowered for.
pub(super) struct Around<'a> {
    /// Where the message stands.
    pub namespace: NamespaceId,
    /// Its full name, as written.
    pub name: &'a str,
    /// What it carries.
    pub payload: &'a Payload,
    /// Whether a part of the message could not be read.
    pub broken: bool,
}

impl<'t> Resolver<'t, '_, '_> {
    pub(super) fn chain_of(&mut self, id: MessageId, written: &'t tree::Message) -> Vec<Vec<Handling>> {
        let message = &self.model.messages[id];
        let (namespace, payload) = (message.namespace, message.payload.clone());
        let name = self.model.full_name(namespace, &message.name);
        let around = Around { namespace, name: &name, payload: &payload, broken: written.broken };
        let chain = match &written.routing {
            Routing::Arrows(arrows) if arrows.is_empty() => {
                if !written.broken {
                    self.no_outcome(&name, written.name.span);
                }
                Vec::new()
            }
            Routing::Arrows(arrows) => self.own_handler(&around, &written.name, arrows),
            Routing::Chain(stages) => stages.iter().flat_map(|stage| self.stage(&around, stage)).collect(),
        };
        self.replies_once(written);
        chain
    }

    fn no_outcome(&mut self, name: &str, span: Span) {
        let report = Diagnostic::new(Code::NoOutcome, span, format!("what comes of `{name}`?")).label("no `->` here");
        self.report(
            report.help("`-> silent` for nothing, `-> reply ok` for an acknowledgement, `-> reply T` for a value"),
        );
    }

    /// Without `=>`: the handler with the message's name, then relays in a stage of their own.
    fn own_handler(
        &mut self,
        around: &Around<'_>,
        name: &'t tree::Name,
        arrows: &'t [tree::Arrow],
    ) -> Vec<Vec<Handling>> {
        let relays = self.relays(around, arrows);
        let only_relays = arrows.iter().all(|arrow| matches!(arrow.kind, ArrowKind::Relay(_)));
        let mut stages = Vec::new();
        if !only_relays {
            let handler = self.handler(around.namespace, name);
            stages.extend(handler.map(|handler| vec![self.handling(around, handler, name.span, arrows, None)]));
        }
        if !relays.is_empty() {
            stages.push(relays);
        }
        stages
    }

    /// One stage, and a second one behind it for relays among its arrows.
    fn stage(&mut self, around: &Around<'_>, written: &'t [tree::Handling]) -> Vec<Vec<Handling>> {
        let (mut stage, mut behind) = (Vec::new(), Vec::new());
        for handling in written {
            match handling {
                tree::Handling::Relay(relay) => stage.extend(self.relay(around, relay)),
                tree::Handling::Handler { name, arrows, fallback } => {
                    if let Some(handler) = self.handler(around.namespace, name) {
                        stage.push(self.handling(around, handler, name.span, arrows, *fallback));
                    }
                    behind.extend(self.relays(around, arrows));
                }
            }
        }
        [stage, behind].into_iter().filter(|stage| !stage.is_empty()).collect()
    }

    fn relays(&mut self, around: &Around<'_>, arrows: &'t [tree::Arrow]) -> Vec<Handling> {
        let relays = arrows.iter().filter_map(|arrow| match &arrow.kind {
            ArrowKind::Relay(relay) => Some(relay),
            _ => None,
        });
        relays.filter_map(|relay| self.relay(around, relay)).collect()
    }

    fn relay(&mut self, around: &Around<'_>, written: &'t tree::Relay) -> Option<Handling> {
        let target = self.target(around.namespace, &written.target, around.name, around.payload)?;
        if target == Target::Mailboxes {
            let report = Diagnostic::new(
                Code::NoTarget,
                written.target.span,
                "a relay has no handler that could name mailboxes",
            )
            .label("named by whom?");
            self.report(report.help(
                "name the address by a field, `relay to mailbox {field}`, or send an event: `-> event to mailboxes`",
            ));
            return None;
        }
        if let Some(secret) = self.secret_in(around.payload) {
            let title = format!("`{}` is passed on with its secret `{secret}`", around.name);
            let report = Diagnostic::new(Code::RelaySecret, written.span, title).label("shows it to others");
            self.report(report.help("send an event without it: `-> event to …`"));
        }
        Some(Handling {
            handler: Handler::Relay(target),
            outcomes: Vec::new(),
            lenient: false,
            span: written.span,
            line: self.line(written.span),
        })
    }

    fn handling(
        &mut self,
        around: &Around<'_>,
        handler: Handler,
        span: Span,
        arrows: &'t [tree::Arrow],
        fallback: Option<Span>,
    ) -> Handling {
        let outcomes = self.outcomes(around, arrows);
        self.answers_nothing(&handler, &outcomes, arrows);
        if let Some(fallback) = fallback {
            self.nothing_is_missed(&outcomes, fallback, arrows);
        }
        Handling { handler, outcomes, lenient: fallback.is_some(), span, line: self.line(span) }
    }

    /// What may fail is nothing that somebody waits for.
    fn nothing_is_missed(&mut self, outcomes: &[Outcome], fallback: Span, arrows: &[tree::Arrow]) {
        let what = match outcomes {
            _ if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Pass(_))) => "passes something on",
            _ if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Reply(_) | Outcome::Stream(_))) => "replies",
            _ => return,
        };
        let missed = |arrow: &&tree::Arrow| {
            matches!(arrow.kind, ArrowKind::Reply { .. } | ArrowKind::Stream { .. } | ArrowKind::Pass(_))
        };
        let span = arrows.iter().find(missed).map_or(fallback, |arrow| arrow.span);
        let title = format!("`else continue` behind a handler that {what}");
        let report = Diagnostic::new(Code::ElseAnswers, fallback, title).label("what if it fails?");
        self.report(
            report
                .also(span, "this would be missing")
                .help("remove `else continue`, or let another handler do what may fail"),
        );
    }

    /// A handler for every message has one Rust signature, so it returns nothing.
    fn answers_nothing(&mut self, handler: &Handler, outcomes: &[Outcome], arrows: &[tree::Arrow]) {
        let Handler::Any(id) = handler else { return };
        let carries = |outcome: &Outcome| match outcome {
            Outcome::Deliver { .. } | Outcome::Stream(_) | Outcome::Pass(_) => true,
            Outcome::Reply(reply) => reply.ty.is_some(),
            _ => false,
        };
        if !outcomes.iter().any(carries) {
            return;
        }
        let returns = |arrow: &&tree::Arrow| {
            matches!(
                arrow.kind,
                ArrowKind::Reply { .. } | ArrowKind::Stream { .. } | ArrowKind::Pass(_) | ArrowKind::Deliver { .. }
            )
        };
        let span = arrows.iter().find(returns).map_or(Span::default(), |arrow| arrow.span);
        let (name, declared) = (self.model.any_handlers[*id].name.clone(), self.model.any_handlers[*id].origin.span);
        let report = Diagnostic::new(
            Code::AnyAnswers,
            span,
            format!("`{name}` takes every message, so it cannot return a value for this one"),
        )
        .label("would be returned by it");
        self.report(report.also(declared, "declared here").help("let another handler of the chain return it"));
    }

    pub(super) fn line(&self, span: Span) -> u32 {
        self.sources.get(span.file as usize).map_or(0, |source| source.line_column(span.start).0)
    }

    /// `store` here, or `audit::record` elsewhere.
    fn handler(&mut self, from: NamespaceId, written: &tree::Name) -> Option<Handler> {
        let found = self.find_handler(from, &written.text);
        if let (None, Some((path, name))) = (&found, written.text.rsplit_once("::")) {
            self.unknown_namespace(written, path, name);
        }
        found
    }

    /// The handler that a name means here; `None` when its namespace is unknown.
    pub(super) fn find_handler(&self, from: NamespaceId, name: &str) -> Option<Handler> {
        let parts: Vec<&str> = name.split("::").collect();
        let (name, path) = parts.split_last()?;
        let method = |namespace| Handler::Method { namespace, name: (*name).to_owned() };
        if path.is_empty() {
            let declared =
                self.outwards(from).into_iter().find_map(|namespace| self.any_handler_named(namespace, name));
            return Some(declared.unwrap_or_else(|| method(from)));
        }
        let namespace = self.find_namespace(from, path)?;
        Some(self.any_handler_named(namespace, name).unwrap_or_else(|| method(namespace)))
    }

    fn any_handler_named(&self, namespace: NamespaceId, name: &str) -> Option<Handler> {
        self.tables.handlers.get(&(namespace, name.to_owned())).map(|&id| Handler::Any(id))
    }

    fn unknown_namespace(&mut self, written: &tree::Name, path: &str, name: &str) {
        if self.is_ghost(path) || self.is_nameless(&["namespace"]) {
            return;
        }
        let span = Span { end: written.span.start + path.len() as u32, ..written.span };
        let known: Vec<String> =
            self.model.namespaces.iter().skip(1).map(|namespace| namespace.path.join("::")).collect();
        let help = guess::nearest(path, known.iter().map(String::as_str)).first().map_or_else(
            || format!("declare it, `namespace {path} {{ … }}`, or name a handler here: `{name}`").into(),
            |near| Help::instead(format!("did you mean `{near}::{name}`?"), *near),
        );
        let report =
            Diagnostic::new(Code::UnknownNamespace, span, format!("unknown namespace `{}`", guess::clip(path)));
        self.report(report.label("no namespace of this name").help(help));
    }

    /// One reply a message at most.
    fn replies_once(&mut self, written: &'t tree::Message) {
        let arrows: Vec<&tree::Arrow> = match &written.routing {
            Routing::Arrows(arrows) => arrows.iter().collect(),
            Routing::Chain(stages) => stages
                .iter()
                .flatten()
                .flat_map(|handling| match handling {
                    tree::Handling::Handler { arrows, .. } => arrows.as_slice(),
                    tree::Handling::Relay(_) => &[],
                })
                .collect(),
        };
        let mut replies =
            arrows.iter().filter(|arrow| matches!(arrow.kind, ArrowKind::Reply { .. } | ArrowKind::Stream { .. }));
        let Some(first) = replies.next() else { return };
        for second in replies {
            let report =
                Diagnostic::new(Code::TwoReplies, second.span, format!("`{}` replies twice", written.name.text))
                    .label("the second reply");
            self.report(
                report
                    .also(first.span, "the first reply")
                    .help("a message has one answer: keep one, or send the other as an event"),
            );
        }
    }
}
