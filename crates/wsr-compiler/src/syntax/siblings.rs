//! Lists of things of which some could not be read.

use super::{Builder, Pair, Rule, expected, tight_end, tree, wording};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Edit};

/// What the broken stretches of a list should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Item,
    State,
    Field,
    Variant,
    Step,
}

impl Wanted {
    /// The rule that reads one alone.
    pub(super) fn rule(self) -> Rule {
        match self {
            Wanted::Item => Rule::only_item,
            Wanted::State => Rule::only_state,
            Wanted::Field => Rule::only_field,
            Wanted::Variant => Rule::only_variant,
            Wanted::Step => Rule::only_step,
        }
    }
}

/// How a list stands while it is walked.
#[derive(Default)]
struct Walk {
    /// Start of the sibling right before, when it could be read.
    previous: Option<usize>,
    /// The indentation of the sibling right before, when it could not be read.
    after_bad: Option<usize>,
    /// End of the sibling right before, when no comma follows it.
    end: Option<usize>,
}

impl Builder<'_> {
    /// Builds each sibling that could be read, reports the others; true when there were others.
    pub(super) fn siblings<'i>(
        &mut self,
        pairs: impl Iterator<Item = Pair<'i>>,
        wanted: Wanted,
        mut build: impl FnMut(&mut Self, Pair<'i>),
    ) -> bool {
        let outer = std::mem::take(&mut self.pending);
        let mut walk = Walk::default();
        let mut broken = false;
        for pair in pairs {
            match pair.as_rule() {
                Rule::bad_item | Rule::bad_line => {
                    broken = true;
                    self.pending.clear();
                    walk = self.bad(&pair, wanted, &walk);
                }
                Rule::comma => (walk.previous, walk.end) = (None, None),
                Rule::stray_doc => self.stray_doc(&pair),
                Rule::open_brace | Rule::close_brace | Rule::EOI => {}
                // `chat/send to member`: a word behind a step on its line is no other step, unless a comma says so.
                Rule::step if is_bare(&pair) && self.same_line(walk.end, pair.as_span().start()) => {
                    broken = true;
                    let reported = walk.after_bad.is_some();
                    let after = match reported {
                        true => walk,
                        false => self.bad(&pair, wanted, &walk),
                    };
                    self.ghosts(pair.as_str());
                    walk = Walk { end: Some(tight_end(&pair)), ..after };
                }
                // `-> posted topic rooms/{room}`: a forgotten word, and no topic declared behind an arrow.
                Rule::item if is_topic(&pair) && self.same_line(walk.end, pair.as_span().start()) => {
                    broken = true;
                    walk = self.bad(&pair, wanted, &walk);
                }
                _ => {
                    walk =
                        Walk { previous: Some(pair.as_span().start()), after_bad: None, end: Some(tight_end(&pair)) };
                    build(self, pair);
                }
            }
        }
        self.attributes_of_nothing();
        self.pending = outer;
        broken
    }

    fn stray_doc(&mut self, pair: &Pair<'_>) {
        let span = self.first_line(pair);
        let edits = pair.clone().into_inner().map(|doc| {
            let start = doc.as_span().start();
            Edit { span: self.span(start, start + "///".len()), text: "//".to_owned() }
        });
        self.out.push(
            Diagnostic::new(Code::StrayDoc, span, "a doc comment with nothing after it")
                .label("describes nothing")
                .help("begin it with `//`, or put it above what it describes")
                .fix_with("begin it with `//`", edits.collect()),
        );
    }

    fn attributes_of_nothing(&mut self) {
        for attribute in std::mem::take(&mut self.pending) {
            let title = format!("`@{}` belongs to nothing", attribute.name.text);
            self.out.push(
                Diagnostic::new(Code::Attribute, attribute.span, title)
                    .label("nothing follows")
                    .help("an attribute stands above its item, or behind it on the same line"),
            );
        }
    }

    fn same_line(&self, end: Option<usize>, start: usize) -> bool {
        end.and_then(|end| self.prepared.text.get(end..start)).is_some_and(|gap| !gap.contains('\n'))
    }

    /// Reports one broken stretch, unless it is the rest of one that has been reported.
    fn bad(&mut self, pair: &Pair<'_>, wanted: Wanted, walk: &Walk) -> Walk {
        let text = pair.as_str();
        self.ghosts(text);
        self.tree.broken = true;
        if let Some((kind, named)) = wording::kind(text, wanted) {
            self.tree.broken_kinds.insert(kind);
            if !named {
                self.tree.nameless_kinds.insert(kind);
            }
        }
        if wanted == Wanted::Field && !text.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
            self.tree.nameless_kinds.insert("field");
        }
        self.broken_after.extend(walk.previous);
        let before = walk.previous.and_then(|previous| self.prepared.text.get(previous..pair.as_span().start()));
        if before.and_then(|text| wording::kind(text, wanted)).is_some_and(|(kind, _)| kind == "roles") {
            self.tree.broken_kinds.insert("roles");
        }
        let start = pair.as_span().start();
        // What follows a sibling on its line is no further in than that one.
        let places = [Some(start), walk.previous].into_iter().flatten();
        let indent = places.map(|at| expected::indent_of(&self.prepared.text, at)).min().unwrap_or(0);
        let is_apart = wanted == Wanted::Item
            && text.starts_with(|letter: char| letter.is_alphabetic())
            && ends_in_blank_line(&self.prepared.text[..start]);
        let anew = is_apart || begins_anew(text, wanted);
        let goes_on = walk.after_bad.is_some_and(|first| indent > first && wanted == Wanted::Item || !anew);
        let after = Walk { previous: None, after_bad: walk.after_bad.filter(|_| goes_on).or(Some(indent)), end: None };
        let rest_of_variant = wanted == Wanted::Variant
            && text.starts_with([':', '?'])
            && self
                .prepared
                .text
                .get(self.read_until..start)
                .is_some_and(|gap| self.read_until > 0 && !gap.contains('\n'));
        if start < self.read_until
            || goes_on
            || rest_of_variant
            || self.prepared.is_silenced(self.prepared.original(start))
        {
            return after;
        }
        let mut previous = walk.previous;
        for (from, to) in self.pieces(start, text, wanted) {
            let end = self.whole_end(from, to);
            self.read_until = end;
            self.syntax_errors += 1;
            let report = expected::report(self, &expected::Broken { previous, start: from, end, wanted });
            let read_from = self.prepared.original(previous.unwrap_or(from));
            let at = report.primary.span.start as usize;
            if !self.prepared.is_unclosed_within(read_from, at) && self.is_first_of_torn_line(at) {
                self.out.push(report);
            }
            previous = None;
        }
        after
    }

    /// Whether braces add up on the line of a place, or nothing was said about that line so far: where a `{` is missing,
    /// whatever else stands on the line is read wrongly.
    fn is_first_of_torn_line(&mut self, at: usize) -> bool {
        let text = self.source.text();
        let start = text[..at.min(text.len())].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let is_torn = self.prepared.stray_within(start, end).is_some();
        !is_torn || self.torn_lines.insert(start)
    }

    /// A broken stretch by the items that seem to be in it: each begins on a line no further in, outside brackets.
    fn pieces(&self, start: usize, text: &str, wanted: Wanted) -> Vec<(usize, usize)> {
        let whole = vec![(start, start + code_length(text))];
        if wanted != Wanted::Item {
            return whole;
        }
        let line_start = self.prepared.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let own_indent = start - line_start;
        let mut starts = vec![0];
        let (mut depth, mut at, mut seen_code) = (0_i32, 0, false);
        for line in text.split_inclusive('\n') {
            let code = line.trim_start();
            let indent = line.len() - code.len();
            if at > 0 && seen_code && depth == 0 && indent <= own_indent && begins_anew(code, wanted) {
                starts.push(at + indent);
            }
            seen_code |= !code.is_empty() && !code.starts_with("//") && !code.starts_with('@');
            depth += line
                .chars()
                .map(|letter| {
                    i32::from(matches!(letter, '{' | '(' | '[')) - i32::from(matches!(letter, '}' | ')' | ']'))
                })
                .sum::<i32>();
            at += line.len();
        }
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        starts.iter().zip(ends).map(|(&from, to)| (start + from, start + from + code_length(&text[from..to]))).collect()
    }

    /// The words of a broken stretch may be names that others use.
    pub(super) fn ghosts(&mut self, text: &str) {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        self.tree.ghosts.extend(words.filter(|word| !word.is_empty() && word.len() <= 64).map(str::to_owned));
    }

    /// The end of a broken stretch with what stands in parentheses that it opens.
    fn whole_end(&self, start: usize, end: usize) -> usize {
        let opened = |&&(open, _): &&(usize, usize)| (start..end).contains(&open);
        let inside = self.prepared.pairs.iter().filter(opened).map(|&(_, close)| close + 1).max();
        inside.map_or(end, |close| close.max(end)).min(self.prepared.text.len())
    }

    /// The attributes and doc lines above something, with those that stood behind its sibling.
    pub(super) fn lead(&mut self) -> tree::Lead {
        tree::Lead { docs: Vec::new(), attributes: std::mem::take(&mut self.pending) }
    }

    /// Takes an attribute behind something, or keeps it for the next sibling when a newline parts them.
    pub(super) fn trailing(&mut self, lead: &mut tree::Lead, pair: &Pair<'_>, before: &mut usize) {
        let attribute = self.attribute(pair.clone());
        let start = pair.as_span().start();
        let parted = self.prepared.text.get(*before..start).is_some_and(|gap| gap.contains('\n'));
        if parted || !self.pending.is_empty() {
            self.pending.push(attribute);
        } else {
            lead.attributes.push(attribute);
            *before = super::tight_end(pair);
        }
    }
}

fn ends_in_blank_line(text: &str) -> bool {
    let line_end = text.trim_end_matches([' ', '\t', '\r']).strip_suffix('\n');
    line_end.is_some_and(|text| text.trim_end_matches([' ', '\t', '\r']).ends_with('\n'))
}

fn is_topic(pair: &Pair<'_>) -> bool {
    pair.clone().into_inner().next().is_some_and(|item| item.as_rule() == Rule::topic)
}

/// Whether a step begins with a word alone, without a `/`.
fn is_bare(pair: &Pair<'_>) -> bool {
    pair.clone().into_inner().next().is_some_and(|pick| !pick.as_str().contains('/') && pick.as_str() != "after")
}

/// The length of a stretch without the lines of blanks at its end.
fn code_length(text: &str) -> usize {
    let code = text.trim_end();
    if text[code.len()..].contains('\n') { code.len() } else { text.len() }
}

/// Whether a broken stretch right behind another one is a mistake of its own: it begins like a sibling.
fn begins_anew(text: &str, wanted: Wanted) -> bool {
    if text.starts_with('@') || text.starts_with("///") {
        return true;
    }
    let line = text.lines().map(str::trim).find(|line| !line.starts_with("//") && !line.starts_with('@')).unwrap_or("");
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
    if rest.len() == line.len() {
        return false;
    }
    let next = rest.trim_start().chars().next();
    if ["then", "to", "or", "in", "if", "on", "covers", "extends", "relay", "else"]
        .contains(&&line[..line.len() - rest.len()])
        && wanted == Wanted::Item
    {
        return false;
    }
    match wanted {
        Wanted::Item if wording::is_item_word(&line[..line.len() - rest.len()]) => true,
        Wanted::Item | Wanted::State => {
            rest.starts_with(' ') && next.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
        }
        Wanted::Field => {
            next.is_none_or(|letter| letter.is_alphanumeric() || matches!(letter, ':' | '?' | '=' | '[' | '_'))
        }
        Wanted::Variant | Wanted::Step => true,
    }
}
