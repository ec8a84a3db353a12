//! What is left out in the text, and true anyway.

use std::collections::HashMap;

use super::hover::{audience, path};
use crate::analysis::Analysis;
use crate::index::Symbol;
use crate::source::Span;
use crate::syntax::tree::{Arrow, ArrowKind, Handling, Item, ItemKind, Message, Routing};

/// Words to show between those that are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Where.
    pub offset: u32,
    /// What, with the blanks it needs.
    pub text: String,
    /// What it means.
    pub tooltip: String,
}

/// The hints of a piece of text: the handler that `=>` would name, and where an event goes by itself.
pub fn hints(analysis: &Analysis, span: Span) -> Vec<Hint> {
    let items = analysis.trees.get(usize::from(span.file)).map_or(&[][..], |tree| &tree.items);
    let mut walk = Walk { analysis, targets: HashMap::new(), found: Vec::new() };
    for tree in &analysis.trees {
        walk.declared(&tree.items);
    }
    walk.items(items);
    walk.found.retain(|hint| span.start <= hint.offset && hint.offset <= span.end);
    walk.found
}

struct Walk<'a> {
    analysis: &'a Analysis,
    /// By the place of an event's name: its target as written.
    targets: HashMap<Span, &'a str>,
    found: Vec<Hint>,
}

impl<'a> Walk<'a> {
    fn declared(&mut self, items: &'a [Item]) {
        for item in items {
            match &item.kind {
                ItemKind::Namespace { items, .. } => self.declared(items),
                ItemKind::Event(event) => {
                    let target = event.target.as_ref().map(|target| super::text(self.analysis, target.span));
                    self.targets.extend(target.map(|target| (event.name.span, target)));
                }
                _ => {}
            }
        }
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match &item.kind {
                ItemKind::Namespace { items, .. } => self.items(items),
                ItemKind::Message(message) => self.message(message),
                _ => {}
            }
        }
    }

    fn message(&mut self, message: &Message) {
        match &message.routing {
            Routing::Arrows(arrows) => {
                let hint = self.own_handler(message, arrows);
                self.found.extend(hint);
                self.arrows(arrows);
            }
            Routing::Chain(stages) => {
                for handling in stages.iter().flatten() {
                    if let Handling::Handler { arrows, .. } = handling {
                        self.arrows(arrows);
                    }
                }
            }
        }
    }

    /// ` => login`, in front of the first arrow.
    fn own_handler(&self, message: &Message, arrows: &[Arrow]) -> Option<Hint> {
        let first = arrows.first()?;
        if arrows.iter().all(|arrow| matches!(arrow.kind, ArrowKind::Relay(_))) {
            return None;
        }
        let name = message.name.span;
        let before = super::file_text(self.analysis, name.file).get(..first.span.start as usize)?.trim_end();
        let head = before.strip_suffix("->").unwrap_or(before).trim_end();
        let Some(&Symbol::Message(id)) = self.named_at(name) else { return None };
        let method = path(self.analysis, self.analysis.model.messages[id].namespace, &message.name.text);
        Some(Hint {
            offset: head.len() as u32,
            text: format!(" => {}", message.name.text),
            tooltip: format!("Handled by `{method}`, a method of the trait `Handlers`."),
        })
    }

    /// ` to …`, behind an event that is sent to its own target.
    fn arrows(&mut self, arrows: &[Arrow]) {
        for arrow in arrows {
            let ArrowKind::Deliver { event, target: None, .. } = &arrow.kind else { continue };
            let name = Span { start: event.span.end.saturating_sub(1), ..event.span };
            let Some(&Symbol::Event(id)) = self.named_at(name) else { continue };
            let declared = &self.analysis.model.events[id];
            let (Some(target), Some(written)) = (&declared.target, self.targets.get(&declared.origin.span)) else {
                continue;
            };
            self.found.push(Hint {
                offset: arrow.span.end,
                text: format!(" to {written}"),
                tooltip: format!("`{}` goes by itself to {}.", declared.wire, audience(self.analysis, target)),
            });
        }
    }

    fn named_at(&self, span: Span) -> Option<&'a Symbol> {
        self.analysis.index.at(span.file, span.start).map(|found| &found.of)
    }
}
