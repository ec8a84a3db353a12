//! What stands in braces: payloads, which may keep to one line, and blocks, which never do.

use super::layout::{Layout, Sep};
use super::pieces::{Piece, Sound};
use crate::syntax::Pair;
use crate::syntax::grammar::Rule;

impl<'a> Layout<'a> {
    /// Items or states, each on lines of its own.
    pub(super) fn pieces(&mut self, pieces: Vec<Piece<'a>>) {
        for piece in pieces {
            match piece.sound {
                Some(Sound { pair, inner }) => self.piece(pair, inner),
                None => self.as_is(piece.range.start, piece.range.end),
            }
        }
    }

    fn piece(&mut self, pair: Pair<'a>, inner: Vec<Piece<'a>>) {
        if pair.as_rule() != Rule::item {
            return self.node(pair, Sep::Newline);
        }
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::doc => {}
                Rule::namespace | Rule::flow => return self.container(part, inner),
                _ => self.node(part, Sep::Newline),
            }
        }
    }

    /// A namespace or a flow.
    fn container(&mut self, pair: Pair<'a>, inner: Vec<Piece<'a>>) {
        let rule = pair.as_rule();
        let mut head: Vec<Pair<'a>> = pair.into_inner().collect();
        let Some(close) = head.pop() else { return };
        head.truncate(head.iter().position(|part| part.as_rule() == Rule::open_brace).map_or(0, |open| open + 1));
        self.row(rule, head, Sep::Newline);
        self.block(&close, inner.is_empty(), |layout| layout.pieces(inner));
    }

    /// `start anonymous { … }`
    pub(super) fn state(&mut self, mut parts: Vec<Pair<'a>>, sep: Sep) {
        let Some(close) = parts.pop() else { return };
        let open = parts.iter().position(|part| part.as_rule() == Rule::open_brace).map_or(0, |open| open + 1);
        let mut steps = parts.split_off(open);
        steps.retain(is_entry);
        self.row(Rule::state, parts, sep);
        self.block(&close, steps.is_empty(), |layout| {
            steps.into_iter().for_each(|step| layout.node(step, Sep::Newline));
        });
    }

    /// What follows `{`, on lines of its own, and `}`.
    fn block(&mut self, close: &Pair<'a>, empty: bool, inside: impl FnOnce(&mut Self)) {
        self.open();
        inside(self);
        self.close(close, if empty { Sep::Glue } else { Sep::Newline });
    }

    /// Fields or variants: on one line if they were written so and it is short enough.
    pub(super) fn payload(&mut self, mut parts: Vec<Pair<'a>>, sep: Sep) {
        let Some(close) = parts.pop() else { return };
        let mut parts = parts.into_iter();
        let Some(open) = parts.next() else { return };
        let entries: Vec<Pair<'a>> = parts.filter(is_entry).collect();
        self.token(&open, sep);
        let start = self.at();
        let (group, empty) = (self.begin(), entries.is_empty());
        self.open();
        for (index, entry) in entries.into_iter().enumerate() {
            self.node(entry, Sep::Break(if index == 0 { " " } else { ", " }));
        }
        self.close(&close, if empty { Sep::Glue } else { Sep::Break(" ") });
        self.end(group, self.has_newline_since(start));
    }
}

/// Commas go where the layout wants them, doc comments where the author did.
fn is_entry(part: &Pair<'_>) -> bool {
    !matches!(part.as_rule(), Rule::comma | Rule::stray_doc)
}
