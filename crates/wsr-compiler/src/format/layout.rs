//! Tokens with what parts them.
//!
//! Everything that no other module knows better is a row: tokens with one blank between, or none around brackets
//! and in front of `:`, `?` and `,`. A list in brackets that was written over several lines has one entry a line;
//! one without brackets keeps its line ends.

use super::page::{Op, STEP};
use super::pieces::{Piece, line_end, line_start};
use super::trivia::Gap;
use crate::syntax::Pair;
use crate::syntax::brackets::Prepared;
use crate::syntax::grammar::Rule;

/// What stands in front of a token, as long as no comment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sep {
    /// Nothing.
    Glue,
    /// A blank.
    Space,
    /// A blank, or the newline that was there.
    Kept,
    /// A newline if the group is broken, else this.
    Break(&'static str),
    /// A newline.
    Newline,
}

impl Sep {
    /// Whether a newline that a comment needs here breaks something that belongs on one line.
    fn goes_on(self) -> bool {
        matches!(self, Sep::Glue | Sep::Space | Sep::Kept)
    }
}

/// Collects what the page is made of, from the first token to the last.
pub(super) struct Layout<'a> {
    text: &'a str,
    prepared: &'a Prepared,
    /// Everything before this byte of the author's text has been laid out.
    at: usize,
    /// Whether nothing stands in the current block yet, so that no blank line may.
    fresh: bool,
    /// Whether the current row has been broken by a comment or a kept line end, so that it goes on further in.
    further: bool,
    ops: Vec<Op<'a>>,
}

impl<'a> Layout<'a> {
    pub fn new(text: &'a str, prepared: &'a Prepared) -> Self {
        Self { text, prepared, at: 0, fresh: true, further: false, ops: Vec::new() }
    }

    /// The whole file.
    pub fn file(mut self, pieces: Vec<Piece<'a>>) -> Vec<Op<'a>> {
        self.pieces(pieces);
        let gap = Gap::read(self.text.get(self.at..).unwrap_or_default());
        self.comments(&gap);
        self.ops
    }

    /// Anything, by its rule.
    pub(super) fn node(&mut self, pair: Pair<'a>, sep: Sep) {
        let rule = pair.as_rule();
        if matches!(rule, Rule::place_path) {
            return self.token(&pair, sep);
        }
        let parts: Vec<Pair<'a>> = pair.clone().into_inner().collect();
        match rule {
            _ if parts.is_empty() => self.token(&pair, sep),
            Rule::ty_name => self.token(&parts[0], sep),
            Rule::body | Rule::variants => self.payload(parts, sep),
            Rule::state => self.state(parts, sep),
            Rule::message => self.message(parts, sep),
            Rule::topic_path => self.topic(parts, sep),
            _ => self.row(rule, parts, sep),
        }
    }

    /// One token, with the comments in front of it.
    pub(super) fn token(&mut self, pair: &Pair<'a>, sep: Sep) {
        let text = pair.as_str().trim_end();
        if text.is_empty() {
            return;
        }
        let start = self.prepared.original(pair.as_span().start());
        self.gap(start, sep);
        self.ops.push(Op::Text(text));
        self.at = start + text.len();
    }

    /// Lines that stay as they are.
    pub(super) fn as_is(&mut self, start: usize, end: usize) {
        let (start, end) = (line_start(self.text, start).max(self.at), line_end(self.text, end));
        self.gap(start, Sep::Newline);
        self.ops.push(Op::AsIs(&self.text[start..end]));
        self.at = end;
    }

    /// Everything up to the next token: comments, and what parts that token from the one before.
    fn gap(&mut self, start: usize, sep: Sep) {
        let gap = self.read_gap(start);
        let ends_line = !gap.comments.is_empty() || sep == Sep::Kept && gap.ends_line();
        if ends_line && sep.goes_on() && !std::mem::replace(&mut self.further, true) {
            self.indent(STEP);
        }
        self.comments(&gap);
        let fresh = std::mem::take(&mut self.fresh);
        let blank = gap.ends_blank() && !fresh;
        self.ops.push(match sep {
            _ if ends_line => Op::Newline { blank },
            Sep::Glue => return,
            Sep::Space | Sep::Kept => Op::Text(" "),
            Sep::Break(flat) => Op::Break { flat, blank },
            Sep::Newline => Op::Newline { blank },
        });
    }

    /// Lays out what belongs together: once a comment has broken it, the rest of it stands further in.
    pub(super) fn together(&mut self, inside: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.further);
        inside(self);
        if std::mem::replace(&mut self.further, outer) {
            self.dedent();
        }
    }

    fn read_gap(&self, start: usize) -> Gap<'a> {
        Gap::read(self.text.get(self.at..start).unwrap_or_default())
    }

    fn comments(&mut self, gap: &Gap<'a>) {
        for comment in &gap.comments {
            if comment.is_trailing() && !self.ops.is_empty() {
                self.ops.push(Op::Trailing(comment.text));
            } else {
                let fresh = std::mem::take(&mut self.fresh);
                let blank = comment.is_below_blank() && !fresh;
                self.ops.extend([Op::Newline { blank }, Op::Text(comment.text)]);
            }
        }
    }

    /// What closes a block or list: the comments in front of it belong inside, blank lines do not.
    pub(super) fn close(&mut self, pair: &Pair<'a>, sep: Sep) {
        let start = self.prepared.original(pair.as_span().start());
        let gap = self.read_gap(start);
        self.comments(&gap);
        self.fresh = false;
        self.dedent();
        self.at = start;
        let sep = if gap.comments.is_empty() { sep } else { Sep::Newline };
        self.token(pair, sep);
    }

    /// Whether a newline stands in the author's text between an offset and what is laid out next.
    pub(super) fn has_newline_since(&self, start: usize) -> bool {
        self.text.get(start..self.at).is_some_and(|text| text.contains('\n'))
    }

    /// Whether comments or newlines stand in front of a token.
    fn has_newline_before(&self, pair: &Pair<'a>) -> bool {
        let start = self.prepared.original(pair.as_span().start());
        self.text.get(self.at..start).is_some_and(|gap| gap.contains('\n'))
    }

    /// Whether comments stand in front of a token.
    pub(super) fn has_comment_before(&self, pair: &Pair<'a>) -> bool {
        !self.read_gap(self.prepared.original(pair.as_span().start())).comments.is_empty()
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn word(&mut self, text: &'static str) {
        self.ops.push(Op::Text(text));
    }

    pub(super) fn indent(&mut self, blanks: usize) {
        self.ops.push(Op::Indent(blanks));
    }

    /// Behind what opens a block or list.
    pub(super) fn open(&mut self) {
        self.indent(STEP);
        self.fresh = true;
    }

    pub(super) fn indent_if_broken(&mut self) {
        self.ops.push(Op::IndentIfBroken(STEP));
    }

    pub(super) fn dedent(&mut self) {
        self.ops.push(Op::Dedent);
    }

    /// Begins a group; what [`Layout::end`] needs to know of it.
    pub(super) fn begin(&mut self) -> usize {
        self.ops.push(Op::Begin { broken: false });
        self.ops.len() - 1
    }

    /// Ends a group: one that was written over several lines is broken.
    pub(super) fn end(&mut self, group: usize, broken: bool) {
        self.ops[group] = Op::Begin { broken };
        self.ops.push(Op::End);
    }

    /// Tokens on one line.
    pub(super) fn row(&mut self, rule: Rule, parts: Vec<Pair<'a>>, sep: Sep) {
        let mut row = Row { rule, sep, before: None, comma: false, list: None, lead: true, parted: false };
        let closer = parts.last().cloned();
        self.together(|layout| {
            for part in parts {
                match part.as_rule() {
                    Rule::doc | Rule::stray_doc => {}
                    Rule::comma => row.comma = true,
                    Rule::close_paren | Rule::close_bracket if row.list == Some(true) => {
                        layout.close(&part, Sep::Newline);
                    }
                    _ => layout.part_of_row(&mut row, part, closer.as_ref()),
                }
            }
        });
    }

    fn part_of_row(&mut self, row: &mut Row, part: Pair<'a>, closer: Option<&Pair<'a>>) {
        let rule = head(&part);
        let sep = self.sep_in_row(row, &part, rule);
        if std::mem::take(&mut row.comma) && !is_closer(rule) {
            self.word(",");
        }
        let opens = rule == Rule::open_paren || rule == Rule::open_bracket && row.rule == Rule::list_value;
        row.lead &= rule == Rule::attribute;
        row.before = Some(rule);
        self.node(part, sep);
        if let Some(closer) = closer.filter(|_| opens) {
            let broken = self.is_list_broken(closer);
            row.list = Some(broken);
            if broken {
                self.open();
            }
        }
    }

    fn sep_in_row(&self, row: &mut Row, part: &Pair<'a>, rule: Rule) -> Sep {
        let Some(before) = row.before else { return row.sep };
        if is_closer(rule) {
            return Sep::Glue;
        }
        if row.list == Some(true) {
            return Sep::Newline;
        }
        if row.comma {
            return if row.list.is_some() { Sep::Space } else { Sep::Kept };
        }
        if rule == Rule::attribute && !row.lead {
            // A newline in front of an attribute says that it belongs to what follows.
            row.parted |= self.has_newline_before(part);
            return if row.parted { Sep::Newline } else { Sep::Space };
        }
        match row.lead {
            true => Sep::Break(" "),
            false => between(row.rule, before, rule),
        }
    }

    /// Whether the list that has just been opened has one entry a line.
    fn is_list_broken(&self, closer: &Pair<'a>) -> bool {
        let end = self.prepared.original(closer.as_span().start());
        let inside = self.text.get(self.at..end).unwrap_or_default();
        inside.contains('\n') && !inside.trim().is_empty()
    }

    /// `rooms/{room: RoomId}`
    fn topic(&mut self, parts: Vec<Pair<'a>>, sep: Sep) {
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                self.word("/");
            }
            self.node(part, if index > 0 { Sep::Glue } else { sep });
        }
    }
}

/// How far a row has come.
struct Row {
    rule: Rule,
    /// In front of its first token.
    sep: Sep,
    /// The token before, or the rule that it is in.
    before: Option<Rule>,
    /// Whether a comma stands behind that.
    comma: bool,
    /// Whether a list in brackets is open, and if so whether it has one entry a line.
    list: Option<bool>,
    /// Whether there were attributes only: those stand above what they are for.
    lead: bool,
    /// Whether an attribute stood on a line of its own behind all others.
    parted: bool,
}

/// The rule that says what the first token of a part is.
fn head(part: &Pair<'_>) -> Rule {
    match part.as_rule() {
        Rule::payload => part.clone().into_inner().next().map_or(Rule::payload, |first| first.as_rule()),
        rule => rule,
    }
}

fn is_closer(rule: Rule) -> bool {
    matches!(rule, Rule::close_brace | Rule::close_paren | Rule::close_bracket | Rule::greater)
}

fn between(parent: Rule, before: Rule, after: Rule) -> Sep {
    let glued = matches!(parent, Rule::range | Rule::exclusive)
        || matches!(before, Rule::open_brace | Rule::open_paren | Rule::open_bracket | Rule::less)
        || matches!(after, Rule::colon | Rule::optional | Rule::limits | Rule::open_paren | Rule::less);
    if glued { Sep::Glue } else { Sep::Space }
}
