//! Items, fields and variants.

use super::siblings::Wanted;
use super::{Builder, Pair, Rule, tight_end, tree};
use crate::code::Code;
use crate::diagnostic::Diagnostic;

impl Builder<'_> {
    pub(super) fn items<'i>(&mut self, pairs: impl Iterator<Item = Pair<'i>>) -> Vec<tree::Item> {
        let mut items = Vec::new();
        self.siblings(pairs, Wanted::Item, |builder, pair| {
            let start = pair.as_span().start();
            items.extend(builder.item(pair).map(|item| (start, item)));
        });
        let (broken_after, prepared) = (&self.broken_after, self.prepared);
        let finished = items.into_iter().map(|(start, mut item)| {
            if let tree::ItemKind::Message(message) = &mut item.kind {
                let inside =
                    |&&(open, _): &&(usize, usize)| (item.span.start as usize..item.span.end as usize).contains(&open);
                message.broken =
                    broken_after.contains(&start) || prepared.silenced.iter().any(|unclosed| inside(&unclosed));
            }
            item
        });
        finished.collect()
    }

    fn item(&mut self, pair: Pair<'_>) -> Option<tree::Item> {
        let span = self.tight(&pair);
        let mut lead = self.lead();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::doc => lead.docs.push(doc(&part)),
                Rule::attribute => {
                    self.behind_another(&part);
                    lead.attributes.push(self.attribute(part));
                }
                _ => {
                    let keyword = part.clone().into_inner().next().map_or(span, |keyword| self.tight(&keyword));
                    let kind = self.kind(part, &mut lead)?;
                    return Some(tree::Item { lead, span, keyword, kind });
                }
            }
        }
        None
    }

    /// Refuses an attribute that stands behind an item on its line, and would belong to the next one.
    fn behind_another(&mut self, pair: &Pair<'_>) {
        let text = &self.prepared.text;
        let (start, end) = (pair.as_span().start(), tight_end(pair));
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let before = text[line_start..start].trim();
        let last_on_line = text[end..].trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        if before.is_empty() || before.starts_with('@') || before.ends_with(['{', ',']) || !last_on_line {
            return;
        }
        let span = self.tight(pair);
        let report = Diagnostic::new(Code::Attribute, span, "an attribute behind an item")
            .label("would belong to the next item");
        self.out.push(report.help("put it on the line above the item that it is for"));
    }

    fn kind(&mut self, pair: Pair<'_>, lead: &mut tree::Lead) -> Option<tree::ItemKind> {
        let rule = pair.as_rule();
        let mut parts = pair.into_inner();
        parts.next()?;
        Some(match rule {
            Rule::protocol => {
                tree::ItemKind::Protocol { name: self.name(&parts.next()?), version: self.text(&parts.next()?) }
            }
            Rule::import => tree::ItemKind::Import(self.text(&parts.next()?)),
            Rule::identity => tree::ItemKind::Identity(self.ty(parts.next()?)),
            Rule::roles => tree::ItemKind::Roles(
                parts.filter(|part| part.as_rule() == Rule::role).filter_map(|role| self.role(role)).collect(),
            ),
            Rule::namespace => {
                let name = self.name(&parts.next()?);
                tree::ItemKind::Namespace { name, items: self.items(parts) }
            }
            Rule::alias => self.alias(parts, lead)?,
            Rule::record => {
                tree::ItemKind::Struct { name: self.name(&parts.next()?), fields: self.body(parts.next()?).0 }
            }
            Rule::enumeration | Rule::failure => {
                let name = self.name(&parts.next()?);
                let (variants, broken) = self.variants(parts.next()?);
                tree::ItemKind::Enum { name, variants, error: rule == Rule::failure, broken }
            }
            Rule::topic => tree::ItemKind::Topic(self.topic_path(parts.next()?)),
            Rule::handler => tree::ItemKind::Handler(self.name(&parts.next()?)),
            Rule::event => tree::ItemKind::Event(self.event(parts)?),
            Rule::message => tree::ItemKind::Message(self.message(parts)?),
            Rule::ask => tree::ItemKind::Ask(self.ask(parts)?),
            Rule::flow => tree::ItemKind::Flow(self.flow(parts)?),
            _ => return None,
        })
    }

    fn role(&mut self, pair: Pair<'_>) -> Option<tree::Role> {
        let mut docs = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::doc => docs.push(doc(&part)),
                _ => return Some(tree::Role { name: self.name(&part), docs }),
            }
        }
        None
    }

    fn alias<'i>(
        &mut self,
        mut parts: impl Iterator<Item = Pair<'i>>,
        lead: &mut tree::Lead,
    ) -> Option<tree::ItemKind> {
        let name = self.name(&parts.next()?);
        let ty = parts.find(|part| part.as_rule() == Rule::ty)?;
        let mut before = tight_end(&ty);
        let ty = self.ty(ty);
        for attribute in parts {
            self.trailing(lead, &attribute, &mut before);
        }
        // `type X = { … }` is another way to write `struct X { … }`.
        Some(match ty {
            tree::Type { kind: tree::TypeKind::InlineStruct(fields), limits_span: None, nullable: false, .. } => {
                tree::ItemKind::Struct { name, fields }
            }
            tree::Type {
                kind: tree::TypeKind::InlineEnum { variants, broken },
                limits_span: None,
                nullable: false,
                ..
            } => tree::ItemKind::Enum { name, variants, error: false, broken },
            ty => tree::ItemKind::Alias { name, ty },
        })
    }

    /// The fields between braces, and whether some could not be read.
    pub(super) fn body(&mut self, pair: Pair<'_>) -> (Vec<tree::Field>, bool) {
        let mut fields = Vec::new();
        let broken =
            self.siblings(pair.into_inner(), Wanted::Field, |builder, pair| fields.extend(builder.field(pair)));
        (fields, broken)
    }

    fn field(&mut self, pair: Pair<'_>) -> Option<tree::Field> {
        let mut lead = self.lead();
        let (mut name, mut optional, mut ty, mut default) = (None, false, None, None);
        let mut before = 0;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::doc => lead.docs.push(doc(&part)),
                Rule::attribute if name.is_none() => lead.attributes.push(self.attribute(part)),
                Rule::attribute => self.trailing(&mut lead, &part, &mut before),
                Rule::name => name = Some(self.name(&part)),
                Rule::optional => optional = true,
                Rule::ty => {
                    before = tight_end(&part);
                    ty = Some(self.ty(part));
                }
                Rule::value => {
                    before = tight_end(&part);
                    default = self.value(part);
                }
                _ => {}
            }
        }
        Some(tree::Field { lead, name: name?, optional, ty: ty?, default })
    }

    /// The variants between braces, and whether some could not be read.
    pub(super) fn variants(&mut self, pair: Pair<'_>) -> (Vec<tree::Variant>, bool) {
        let mut variants = Vec::new();
        let broken =
            self.siblings(pair.into_inner(), Wanted::Variant, |builder, pair| variants.extend(builder.variant(pair)));
        (variants, broken)
    }

    fn variant(&mut self, pair: Pair<'_>) -> Option<tree::Variant> {
        let mut lead = self.lead();
        let (mut name, mut fields, mut number) = (None, Vec::new(), None);
        let mut before = 0;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::doc => lead.docs.push(doc(&part)),
                Rule::attribute if name.is_none() => lead.attributes.push(self.attribute(part)),
                Rule::attribute => self.trailing(&mut lead, &part, &mut before),
                Rule::name => {
                    before = tight_end(&part);
                    name = Some(self.name(&part));
                }
                Rule::body => {
                    before = tight_end(&part);
                    fields = self.body(part).0;
                }
                Rule::variant_number => {
                    before = tight_end(&part);
                    number = Some(self.tight(&part));
                }
                _ => {}
            }
        }
        Some(tree::Variant { lead, name: name?, fields, number })
    }

    fn event<'i>(&mut self, parts: impl Iterator<Item = Pair<'i>>) -> Option<tree::Event> {
        let (mut name, mut payload, mut target) = (None, None, None);
        for part in parts {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::payload => payload = self.payload(part),
                Rule::target => target = self.target(part),
                _ => {}
            }
        }
        Some(tree::Event { name: name?, payload, target })
    }

    fn message<'i>(&mut self, parts: impl Iterator<Item = Pair<'i>>) -> Option<tree::Message> {
        let (mut name, mut payload, mut routing) = (None, None, tree::Routing::Arrows(Vec::new()));
        for part in parts {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::payload => payload = self.payload(part),
                Rule::arrows => routing = tree::Routing::Arrows(self.arrows(part)),
                Rule::chain => routing = tree::Routing::Chain(self.chain(part)),
                _ => {}
            }
        }
        Some(tree::Message { name: name?, payload, routing, broken: false })
    }

    fn ask<'i>(&mut self, parts: impl Iterator<Item = Pair<'i>>) -> Option<tree::Ask> {
        let (mut name, mut payload, mut reply) = (None, None, None);
        for part in parts {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::payload => payload = self.payload(part),
                Rule::reply => reply = Some((self.tight(&part), self.reply(part))),
                _ => {}
            }
        }
        let (span, (reply, error)) = reply?;
        Some(tree::Ask { name: name?, payload, span, reply, error })
    }

    fn payload(&mut self, pair: Pair<'_>) -> Option<tree::Payload> {
        pair.into_inner().find_map(|part| match part.as_rule() {
            Rule::body => Some(tree::Payload::Fields(self.body(part).0)),
            // `message x: { … }` is another way to write `message x { … }`.
            Rule::ty => Some(match self.ty(part) {
                tree::Type {
                    kind: tree::TypeKind::InlineStruct(fields), limits_span: None, nullable: false, ..
                } => tree::Payload::Fields(fields),
                ty => tree::Payload::Type(ty),
            }),
            _ => None,
        })
    }
}

/// The text of a doc line, without the slashes and one leading blank.
pub(super) fn doc(pair: &Pair<'_>) -> String {
    let text = pair.as_str().trim_start_matches('/');
    text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned()
}
