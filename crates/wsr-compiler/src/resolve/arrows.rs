//! Arrows: where what a handler returns goes.

use super::Resolver;
use super::chains::Around;
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::edits;
use crate::model::{Field, NamespaceId, Outcome, Payload, Reply, Shape, Stream, Target, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{self, Arrow, ArrowKind};

impl<'t> Resolver<'t, '_, '_> {
    /// The outcomes of one handler; relays are steps of their own and not among them.
    pub(super) fn outcomes(&mut self, around: &Around<'_>, arrows: &'t [Arrow]) -> Vec<Outcome> {
        self.silent_alone(arrows);
        let mut outcomes: Vec<Outcome> = Vec::new();
        for arrow in arrows {
            let Some(outcome) = self.outcome(around, arrow) else { continue };
            let answers = |outcome: &Outcome| matches!(outcome, Outcome::Reply(_) | Outcome::Stream(_));
            let first_reply = !outcomes.iter().any(answers);
            match outcomes.iter().position(|known| same_delivery(known, &outcome)) {
                Some(first) => self.delivered_twice(arrow, arrows, first),
                None if answers(&outcome) && !first_reply => {}
                None => outcomes.push(outcome),
            }
        }
        outcomes
    }

    fn outcome(&mut self, around: &Around<'_>, arrow: &'t Arrow) -> Option<Outcome> {
        match &arrow.kind {
            ArrowKind::Silent => Some(Outcome::Silent),
            ArrowKind::Reply { ty: None, .. } if around.broken => None,
            ArrowKind::Reply { ty, error } => {
                self.reply(around.namespace, arrow.span, ty.as_ref(), error.as_ref()).map(Outcome::Reply)
            }
            ArrowKind::Stream { ty, error } => {
                let item = self.ty(around.namespace, ty);
                self.judge_limits();
                let error = error.as_ref().and_then(|name| self.error_named(around.namespace, name));
                Some(Outcome::Stream(Stream { item, error }))
            }
            ArrowKind::Pass(ty) => {
                let ty = self.ty(around.namespace, ty);
                self.judge_limits();
                Some(Outcome::Pass(ty))
            }
            ArrowKind::Join(path) => {
                self.topic_ref(around.namespace, path, around.name, around.payload).map(Outcome::Join)
            }
            ArrowKind::Leave(path) => {
                self.topic_ref(around.namespace, path, around.name, around.payload).map(Outcome::Leave)
            }
            ArrowKind::Deliver { event, optional, target } => self.deliver(around, event, *optional, target.as_ref()),
            ArrowKind::Relay(_) => None,
        }
    }

    /// What stands behind `reply`.
    pub(super) fn reply(
        &mut self,
        namespace: NamespaceId,
        span: Span,
        ty: Option<&'t tree::Type>,
        error: Option<&tree::Name>,
    ) -> Option<Reply> {
        let Some(written) = ty else {
            let report = Diagnostic::new(Code::ReplyWhat, span, "`-> reply` with what?").label("no type here");
            self.report(report.help("`reply ok` for an empty answer, or a type"));
            return None;
        };
        let acknowledges = matches!(&written.kind, tree::TypeKind::Name(name) if name == "ok");
        let ty = if acknowledges
            && written.limits.is_empty()
            && !written.nullable
            && self.find_type(namespace, "ok").is_none()
        {
            None
        } else {
            let ty = self.ty(namespace, written);
            self.judge_limits();
            Some(ty)
        };
        let error = error.and_then(|name| self.error_named(namespace, name));
        Some(Reply { ty, error })
    }

    fn deliver(
        &mut self,
        around: &Around<'_>,
        name: &tree::Name,
        optional: bool,
        written: Option<&'t tree::Target>,
    ) -> Option<Outcome> {
        // In a message that could not be read whole, `->` may stand for `=>`, and this for a handler.
        if around.broken && self.find_event(around.namespace, &name.text).is_none() {
            return None;
        }
        let event = self.event_named(around.namespace, name, written.is_some())?;
        let target = match written {
            Some(written) => Some(self.target(around.namespace, written, around.name, around.payload)?),
            None if self.written.events[event].1.target.is_none() => {
                self.no_target(name, event);
                return None;
            }
            // An event of its own target to `mailboxes` leaves their choice to the handler, so the arrow says it too.
            None => match self.model.events[event].target.clone()? {
                Target::Mailboxes => Some(Target::Mailboxes),
                _ => None,
            },
        };
        if optional && target == Some(Target::Mailboxes) {
            let report =
                Diagnostic::new(Code::TwoReplies, name.span, format!("`{}?` to mailboxes says maybe twice", name.text))
                    .label("no `?` needed");
            let report = report.help("remove the `?`: a handler that returns no addresses sends nothing");
            let sign = self.source(name.span).and_then(|source| edits::sign_behind(source, name.span, '?'));
            self.report(match sign {
                Some(sign) => report.fix(sign, ""),
                None => report,
            });
            return None;
        }
        Some(Outcome::Deliver { event, optional, target })
    }

    fn no_target(&mut self, name: &tree::Name, event: usize) {
        if self.broken {
            return;
        }
        let declared = self.model.events[event].origin.span;
        let report = Diagnostic::new(Code::NoTarget, name.span, format!("event `{}` goes to whom?", name.text))
            .label("no target here");
        let report = report.also(declared, "and none where it is declared");
        self.report(report.help(format!(
            "write it: `-> {} to all`, `to others`, `to mailbox {{field}}`, `to topic …` or `to role(…)`",
            name.text
        )));
    }

    fn silent_alone(&mut self, arrows: &[Arrow]) {
        let silent = arrows.iter().find(|arrow| matches!(arrow.kind, ArrowKind::Silent));
        let other = arrows.iter().find(|arrow| !matches!(arrow.kind, ArrowKind::Silent));
        if let (Some(silent), Some(other)) = (silent, other) {
            let report = Diagnostic::new(Code::TwoReplies, silent.span, "`silent` beside another outcome")
                .label("says that nothing comes of it");
            let report = report.also(other.span, "but this does").help("remove `-> silent`");
            let sign = self.source(silent.span).and_then(|source| {
                let arrow = edits::word_before(source, silent.span, "->")?;
                Some(edits::removal(source, Span { start: arrow.start, ..silent.span }))
            });
            self.report(match sign {
                Some(span) => report.fix(span, ""),
                None => report,
            });
        }
    }

    fn delivered_twice(&mut self, arrow: &Arrow, arrows: &[Arrow], first: usize) {
        let deliveries = arrows.iter().filter(|arrow| !matches!(arrow.kind, ArrowKind::Relay(_)));
        let first = deliveries.clone().nth(first).map_or(arrow.span, |arrow| arrow.span);
        let title = format!("`{}` twice", self.text(arrow.span));
        let report = Diagnostic::new(Code::DeliveryTwice, arrow.span, title).label("the second one");
        self.report(report.also(first, "the first one").help("remove one of them, or send it somewhere else"));
    }

    /// The path of the first secret inside a payload.
    pub(super) fn secret_in(&self, payload: &Payload) -> Option<String> {
        let mut seen = vec![false; self.model.types.len()];
        self.secret_among(self.fields_of(payload)?, &mut seen).or_else(|| match payload {
            Payload::Type(ty) => self.secret_of(ty, &mut seen),
            _ => None,
        })
    }

    fn secret_among(&self, fields: &[Field], seen: &mut [bool]) -> Option<String> {
        fields.iter().find_map(|field| {
            if field.secret {
                return Some(field.name.clone());
            }
            self.secret_of(&field.ty, seen).map(|inner| match inner.as_str() {
                "" => field.name.clone(),
                inner => format!("{}.{inner}", field.name),
            })
        })
    }

    fn secret_of(&self, ty: &crate::model::Type, seen: &mut [bool]) -> Option<String> {
        if self.is_secret(ty) {
            return Some(String::new());
        }
        match self.base(ty) {
            Shape::List(item) => self.secret_of(item, seen),
            Shape::Map(key, value) => self.secret_of(key, seen).or_else(|| self.secret_of(value, seen)),
            Shape::Named(id) if !std::mem::replace(&mut seen[*id], true) => match &self.model.types[*id].kind {
                TypeKind::Struct(fields) => self.secret_among(fields, seen),
                TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                    variants.iter().find_map(|variant| self.secret_among(&variant.fields, seen))
                }
                TypeKind::Alias(_) => None,
            },
            _ => None,
        }
    }
}

/// Whether two outcomes would do the same.
fn same_delivery(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::Deliver { event, target, .. }, Outcome::Deliver { event: other, target: to, .. }) => {
            event == other && target == to
        }
        (Outcome::Join(topic), Outcome::Join(other)) | (Outcome::Leave(topic), Outcome::Leave(other)) => topic == other,
        _ => false,
    }
}
