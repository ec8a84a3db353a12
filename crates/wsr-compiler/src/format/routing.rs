//! What comes of a message.
//!
//! One `->` stands behind the payload if there is room; several have lines of their own, one step further in than the
//! message. A `=>` keeps to the line of the message if it was written so and all of it fits; so does a chain to one
//! line, each of its stages, and each handler with its arrows. The handlers of a stage over several lines stand below
//! each other: how far in depends on the keyword alone, never on a name.

use super::layout::{Layout, Sep};
use super::page::STEP;
use crate::syntax::Pair;
use crate::syntax::grammar::Rule;

impl<'a> Layout<'a> {
    /// `message send { … } -> reply ok`
    pub(super) fn message(&mut self, mut parts: Vec<Pair<'a>>, sep: Sep) {
        let Some(routing) = parts.pop() else { return };
        let fat_arrow = parts.pop_if(|part| part.as_rule() == Rule::fat_arrow);
        self.row(Rule::message, parts, sep);
        match fat_arrow {
            Some(fat_arrow) => {
                let start = self.at();
                let group = self.begin();
                self.indent_if_broken();
                self.token(&fat_arrow, Sep::Break(" "));
                self.chain(routing);
                self.dedent();
                self.end(group, self.has_newline_since(start));
            }
            None => self.outcomes(&routing.into_inner().collect::<Vec<_>>()),
        }
    }

    /// Arrows, each with what it leads to.
    fn outcomes(&mut self, parts: &[Pair<'a>]) {
        if let [arrow, outcome] = parts {
            let broken = self.has_comment_before(arrow);
            let group = self.begin();
            self.indent_if_broken();
            self.token(arrow, Sep::Break(" "));
            self.end(group, broken);
            self.node(outcome.clone(), Sep::Space);
        } else {
            self.indent(STEP);
            self.arrows(parts, Sep::Newline);
        }
        self.dedent();
    }

    fn arrows(&mut self, parts: &[Pair<'a>], sep: Sep) {
        for part in parts {
            match part.as_rule() {
                Rule::arrow => self.token(part, sep),
                _ => self.node(part.clone(), Sep::Space),
            }
        }
    }

    /// `a, b then c`
    fn chain(&mut self, pair: Pair<'a>) {
        let start = self.at();
        let group = self.begin();
        let mut hang = "=> ".len();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_then => {
                    self.token(&part, Sep::Break(" "));
                    hang = "then ".len();
                }
                _ => {
                    self.indent(hang);
                    self.stage(part);
                    self.dedent();
                }
            }
        }
        self.end(group, self.has_newline_since(start));
    }

    fn stage(&mut self, pair: Pair<'a>) {
        let start = self.at();
        let group = self.begin();
        let handlings = pair.into_inner().filter(|part| part.as_rule() == Rule::handling);
        for (index, handling) in handlings.enumerate() {
            let sep = match index {
                0 if self.has_comment_before(&handling) => Sep::Newline,
                0 => Sep::Space,
                _ => Sep::Break(" "),
            };
            if index > 0 {
                self.word(",");
            }
            self.together(|layout| layout.handling(handling, sep));
        }
        self.end(group, self.has_newline_since(start));
    }

    /// `store -> reply ok`
    fn handling(&mut self, pair: Pair<'a>, sep: Sep) {
        let mut parts = pair.into_inner();
        let Some(handler) = parts.next() else { return };
        self.node(handler, sep);
        let start = self.at();
        let group = self.begin();
        self.indent(STEP);
        for part in parts {
            match part.as_rule() {
                // Behind what may fail, on the line of its last arrow.
                Rule::fallback => self.node(part, Sep::Space),
                _ => self.arrows(&part.into_inner().collect::<Vec<_>>(), Sep::Break(" ")),
            }
        }
        self.dedent();
        self.end(group, self.has_newline_since(start));
    }
}
