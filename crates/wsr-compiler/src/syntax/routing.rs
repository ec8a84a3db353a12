//! Chains, arrows, targets, topics and flows.

use super::siblings::Wanted;
use super::{Builder, Pair, Rule, items, tree};
use tree::{ArrowKind, TargetKind};

impl Builder<'_> {
    pub(super) fn chain(&mut self, pair: Pair<'_>) -> Vec<Vec<tree::Handling>> {
        let stages = pair.into_inner().filter(|part| part.as_rule() == Rule::stage);
        stages
            .map(|stage| {
                stage
                    .into_inner()
                    .filter(|part| part.as_rule() == Rule::handling)
                    .filter_map(|part| self.handling(part))
                    .collect()
            })
            .collect()
    }

    fn handling(&mut self, pair: Pair<'_>) -> Option<tree::Handling> {
        let mut parts = pair.into_inner();
        let first = parts.next()?;
        if first.as_rule() == Rule::relay {
            return self.relay(first).map(tree::Handling::Relay);
        }
        let name = self.name(&first);
        let arrows = parts.next().map(|arrows| self.arrows(arrows)).unwrap_or_default();
        let fallback = parts.next().map(|fallback| self.tight(&fallback));
        Some(tree::Handling::Handler { name, arrows, fallback })
    }

    pub(super) fn arrows(&mut self, pair: Pair<'_>) -> Vec<tree::Arrow> {
        pair.into_inner().filter(|part| part.as_rule() != Rule::arrow).filter_map(|part| self.arrow(part)).collect()
    }

    fn arrow(&mut self, pair: Pair<'_>) -> Option<tree::Arrow> {
        let span = self.tight(&pair);
        let kind = match pair.as_rule() {
            Rule::silent => ArrowKind::Silent,
            Rule::reply => {
                let (ty, error) = self.reply(pair);
                ArrowKind::Reply { ty, error }
            }
            Rule::stream => {
                let (ty, error) = self.reply(pair);
                ArrowKind::Stream { ty: ty?, error }
            }
            Rule::pass => ArrowKind::Pass(self.reply(pair).0?),
            Rule::membership => {
                let mut parts = pair.into_inner();
                let leaves = parts.next()?.as_rule() == Rule::kw_leave;
                let path = self.topic_path(parts.next()?);
                if leaves { ArrowKind::Leave(path) } else { ArrowKind::Join(path) }
            }
            Rule::relay => ArrowKind::Relay(self.relay(pair)?),
            Rule::delivery => self.delivery(pair)?,
            _ => return None,
        };
        Some(tree::Arrow { span, kind })
    }

    /// The type and the error that stand behind `reply`, `stream of` or `pass`.
    pub(super) fn reply(&mut self, pair: Pair<'_>) -> (Option<tree::Type>, Option<tree::Name>) {
        let (mut ty, mut error) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::ty => ty = Some(self.ty(part)),
                Rule::error_name => error = Some(self.name(&part)),
                _ => {}
            }
        }
        (ty, error)
    }

    fn delivery(&mut self, pair: Pair<'_>) -> Option<ArrowKind> {
        let (mut event, mut optional, mut target) = (None, false, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::event_name => event = Some(self.name(&part)),
                Rule::optional => optional = true,
                Rule::target => target = self.target(part),
                _ => {}
            }
        }
        Some(ArrowKind::Deliver { event: event?, optional, target })
    }

    fn relay(&mut self, pair: Pair<'_>) -> Option<tree::Relay> {
        let span = self.tight(&pair);
        let target = pair.into_inner().find(|part| part.as_rule() == Rule::target)?;
        Some(tree::Relay { target: self.target(target)?, span })
    }

    pub(super) fn target(&mut self, pair: Pair<'_>) -> Option<tree::Target> {
        let span = self.tight(&pair);
        let part = pair.into_inner().next()?;
        let kind = match part.as_rule() {
            Rule::all => TargetKind::All,
            Rule::mailboxes => TargetKind::Mailboxes,
            Rule::mailbox => {
                TargetKind::Mailbox(self.place(part.into_inner().find(|part| part.as_rule() == Rule::place)?)?)
            }
            Rule::others => {
                match part.into_inner().find(|part| matches!(part.as_rule(), Rule::to_topic | Rule::to_role)) {
                    Some(audience) => self.audience(audience, true)?,
                    None => TargetKind::Others,
                }
            }
            _ => self.audience(part, false)?,
        };
        Some(tree::Target { span, kind })
    }

    fn audience(&mut self, pair: Pair<'_>, others: bool) -> Option<TargetKind> {
        if pair.as_rule() == Rule::to_role {
            return Some(TargetKind::Roles { roles: self.roles(pair), others });
        }
        let path = pair.into_inner().find(|part| part.as_rule() == Rule::topic_path)?;
        Some(TargetKind::Topic { path: self.topic_path(path), others })
    }

    fn roles(&self, pair: Pair<'_>) -> Vec<tree::Name> {
        pair.into_inner().filter(|part| part.as_rule() == Rule::name).map(|part| self.name(&part)).collect()
    }

    pub(super) fn topic_path(&mut self, pair: Pair<'_>) -> tree::TopicPath {
        let span = self.tight(&pair);
        let parts = pair.into_inner().filter_map(|part| {
            let part = part.into_inner().next()?;
            match part.as_rule() {
                Rule::topic_word => Some(tree::TopicPart::Literal(self.name(&part))),
                _ => self.place(part).map(tree::TopicPart::Place),
            }
        });
        tree::TopicPath { parts: parts.collect(), span }
    }

    fn place(&mut self, pair: Pair<'_>) -> Option<tree::Place> {
        let span = self.tight(&pair);
        let (mut path, mut path_span, mut ty) = (Vec::new(), span, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::place_path => {
                    path_span = self.tight(&part);
                    path = part.into_inner().map(|word| word.as_str().to_owned()).collect();
                }
                Rule::ty => ty = Some(self.ty(part)),
                _ => {}
            }
        }
        (!path.is_empty()).then_some(tree::Place { path, path_span, ty, span })
    }

    pub(super) fn flow<'i>(&mut self, mut parts: impl Iterator<Item = Pair<'i>>) -> Option<tree::Flow> {
        let name = self.name(&parts.next()?);
        let (mut on, mut covers) = (None, Vec::new());
        for part in parts.by_ref() {
            match part.as_rule() {
                Rule::on_topic => {
                    let path = part.into_inner().find(|part| part.as_rule() == Rule::topic_path);
                    on = path.map(|path| self.topic_path(path));
                }
                Rule::pick => covers.push(self.name(&part)),
                Rule::open_brace => break,
                _ => {}
            }
        }
        let mut states = Vec::new();
        self.siblings(parts, Wanted::State, |builder, pair| states.extend(builder.state(pair)));
        Some(tree::Flow { name, on, covers, states })
    }

    fn state(&mut self, pair: Pair<'_>) -> Option<tree::State> {
        let mut lead = self.lead();
        let (mut name, mut start, mut extends) = (None, false, None);
        let mut parts = pair.into_inner();
        for part in parts.by_ref() {
            match part.as_rule() {
                Rule::doc => lead.docs.push(items::doc(&part)),
                Rule::attribute => lead.attributes.push(self.attribute(part)),
                Rule::kw_start => start = true,
                Rule::name => name = Some(self.name(&part)),
                Rule::extends => {
                    extends = part.into_inner().find(|part| part.as_rule() == Rule::name).map(|part| self.name(&part))
                }
                Rule::open_brace => break,
                _ => {}
            }
        }
        let (mut steps, mut timeouts) = (Vec::new(), Vec::new());
        self.siblings(parts, Wanted::Step, |builder, pair| match pair.as_rule() {
            Rule::timeout => timeouts.extend(builder.timeout(pair)),
            _ => steps.push(builder.step(pair)),
        });
        Some(tree::State { lead, name: name?, start, extends, timeouts, steps })
    }

    fn timeout(&mut self, pair: Pair<'_>) -> Option<tree::Timeout> {
        let span = self.tight(&pair);
        let (mut after, mut to) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::duration => after = Some(self.duration(&part)),
                Rule::state_name => to = Some(self.name(&part)),
                _ => {}
            }
        }
        Some(tree::Timeout { after: after?, to: to?, span })
    }

    fn step(&mut self, pair: Pair<'_>) -> tree::Step {
        let mut step = tree::Step { picks: Vec::new(), guard: Vec::new(), member: None, to: None };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::pick => step.picks.push(self.name(&part)),
                Rule::guard => self.guard(part, &mut step),
                Rule::state_name => step.to = Some(self.name(&part)),
                _ => {}
            }
        }
        step
    }

    fn guard(&mut self, pair: Pair<'_>, step: &mut tree::Step) {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::member => step.member = Some(self.tight(&part)),
                Rule::to_role => step.guard = self.roles(part),
                _ => {}
            }
        }
    }
}
