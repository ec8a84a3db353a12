//! Items and states one by one, and which of them stay as they are.
//!
//! Broken is what the grammar caught as such, and what the parser reported because of the line it stands on. It is
//! left alone in whole lines, together with what shares a line with it.

use std::ops::Range;

use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::syntax::Pair;
use crate::syntax::brackets::Prepared;
use crate::syntax::grammar::Rule;

/// One of a list of things that each have lines of their own.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// In bytes of the author's text.
    pub range: Range<usize>,
    /// How it goes on; none when it stays as it is.
    pub sound: Option<Sound<'a>>,
}

/// A piece that was read.
#[derive(Debug)]
pub(super) struct Sound<'a> {
    /// The item or state.
    pub pair: Pair<'a>,
    /// What stands in the braces of a namespace or flow.
    pub inner: Vec<Piece<'a>>,
}

impl Piece<'_> {
    /// Whether it, or something in it, stays as it is.
    pub fn is_broken(&self) -> bool {
        self.sound.as_ref().is_none_or(|sound| sound.inner.iter().any(Piece::is_broken))
    }
}

/// The pieces of a file.
pub(super) fn of_file<'a>(file: &Pair<'a>, text: &str, prepared: &Prepared, reports: &[Diagnostic]) -> Vec<Piece<'a>> {
    let finder = Finder { text, prepared };
    let marks = finder.marks(file, reports);
    finder.pieces(file.clone().into_inner(), &marks)
}

/// A stretch of the author's text that was not understood.
type Mark = Range<usize>;

struct Finder<'t> {
    text: &'t str,
    prepared: &'t Prepared,
}

impl Finder<'_> {
    fn marks(&self, file: &Pair<'_>, reports: &[Diagnostic]) -> Vec<Mark> {
        let reported = reports.iter().filter(|report| {
            matches!(report.code, Code::Syntax | Code::Keyword | Code::BlockComment | Code::Attribute)
        });
        let reported = reported.map(|report| report.primary.span.start as usize..report.primary.span.end as usize);
        let caught = file.clone().into_inner().flatten();
        let caught = caught.filter(|pair| matches!(pair.as_rule(), Rule::bad_item | Rule::bad_line));
        let unclosed = self.prepared.silenced.iter().map(|&(open, _)| open..open + 1);
        let stray = self.prepared.stray.iter().map(|&at| at..at + 1);
        let mut marks: Vec<Mark> =
            reported.chain(caught.map(|pair| self.range(&pair))).chain(unclosed).chain(stray).collect();
        marks.sort_unstable_by_key(|mark| (mark.start, mark.end));
        marks
    }

    /// Where a pair stands in the author's text, without the blanks and comments behind its last token.
    fn range(&self, pair: &Pair<'_>) -> Range<usize> {
        let tokens = std::iter::once(pair.clone()).chain(pair.clone().into_inner().flatten()).filter(is_token);
        let ends = tokens.map(|token| token.as_span().start() + token.as_str().trim_end().len());
        let start = pair.as_span().start();
        self.prepared.original(start)..self.prepared.original(ends.fold(start, usize::max))
    }

    fn pieces<'a>(&self, pairs: impl Iterator<Item = Pair<'a>>, marks: &[Mark]) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let mut seen = 0;
        for pair in pairs.filter(|pair| matches!(pair.as_rule(), Rule::version | Rule::item | Rule::state)) {
            let mut range = self.range(&pair);
            let first = seen + marks[seen..].partition_point(|mark| mark.start < range.start);
            let last = first + marks[first..].partition_point(|mark| mark.start <= range.end);
            pieces.extend(marks[seen..first].iter().map(broken));
            let inside = &marks[first..last];
            let sound = self.sound(pair, inside);
            if sound.is_none() {
                range.end = inside.iter().map(|mark| mark.end).fold(range.end, usize::max);
            }
            pieces.push(Piece { range, sound });
            seen = last;
        }
        pieces.extend(marks[seen..].iter().map(broken));
        self.spread(pieces)
    }

    /// What stands in an item; none when it cannot be laid out.
    fn sound<'a>(&self, pair: Pair<'a>, marks: &[Mark]) -> Option<Sound<'a>> {
        if marks.is_empty() {
            let inner = self.container(&pair).map(|container| self.pieces(container.into_inner(), &[]));
            return Some(Sound { pair, inner: inner.unwrap_or_default() });
        }
        let container = self.container(&pair)?;
        let parts: Vec<Pair<'a>> = container.into_inner().collect();
        let open = parts.iter().find(|part| part.as_rule() == Rule::open_brace)?;
        let (open, close) = (self.range(open), self.range(parts.last()?));
        let inside = marks.iter().all(|mark| mark.start >= open.end && mark.end <= close.start);
        let inner = self.pieces(parts.into_iter(), marks);
        let (first, last) = (inner.first()?, inner.last()?);
        let apart = (first.sound.is_some() || self.is_parted(open.end, first.range.start))
            && (last.sound.is_some() || self.is_parted(last.range.end, close.start));
        (inside && apart).then_some(Sound { pair, inner })
    }

    /// The namespace or flow that an item is.
    fn container<'a>(&self, pair: &Pair<'a>) -> Option<Pair<'a>> {
        pair.clone().into_inner().find(|inner| matches!(inner.as_rule(), Rule::namespace | Rule::flow))
    }

    /// What shares a line with something broken, or what that goes on with further in, stays as it is too.
    fn spread<'a>(&self, pieces: Vec<Piece<'a>>) -> Vec<Piece<'a>> {
        let mut found: Vec<Piece<'a>> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let mut piece = piece;
            while let Some(before) = found.pop_if(|before| self.belong_together(before, &piece)) {
                let end = before.range.end.max(piece.range.end);
                piece = Piece { range: before.range.start..end, sound: None };
            }
            found.push(piece);
        }
        found
    }

    fn belong_together(&self, before: &Piece<'_>, piece: &Piece<'_>) -> bool {
        let (end, start) = (before.range.end, piece.range.start);
        if before.sound.is_some() && piece.sound.is_some() {
            return false;
        }
        let goes_on = before.sound.is_some()
            && self.indent(start) > self.indent(before.range.start)
            && self.text.get(end..start).is_some_and(|gap| gap.matches('\n').count() == 1);
        goes_on || !self.is_parted(end, start)
    }

    fn is_parted(&self, end: usize, start: usize) -> bool {
        self.text.get(end..start).is_some_and(|gap| gap.contains('\n'))
    }

    fn indent(&self, at: usize) -> usize {
        let line = &self.text[line_start(self.text, at)..];
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }
}

fn broken<'a>(mark: &Mark) -> Piece<'a> {
    Piece { range: mark.clone(), sound: None }
}

/// Whether a pair is one token, with no others in it.
fn is_token(pair: &Pair<'_>) -> bool {
    !pair.as_str().is_empty() && pair.clone().into_inner().next().is_none()
}

/// The beginning of the line that an offset is in.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The end of the line that an offset is in, without what ends it.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    end - usize::from(end > at && end < text.len() && text[..end].ends_with('\r'))
}
