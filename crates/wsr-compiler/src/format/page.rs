//! From a stream of texts and possible line ends to lines.

use super::MAX_COLUMNS;

/// What a page is made of.
#[derive(Debug)]
pub(super) enum Op<'a> {
    /// One token, or a blank.
    Text(&'a str),
    /// A comment behind something; a newline follows it.
    Trailing(&'a str),
    /// Whole lines as they are, with their indentation.
    AsIs(&'a str),
    /// The end of a line, perhaps with a blank line below it.
    Newline { blank: bool },
    /// The end of a line when the group around it is broken, else this text.
    Break { flat: &'static str, blank: bool },
    /// The beginning of a group; broken for sure, or when it does not fit.
    Begin { broken: bool },
    /// The end of a group.
    End,
    /// Lines from here on begin further in by so many blanks.
    Indent(usize),
    /// The same in a broken group, nothing in another.
    IndentIfBroken(usize),
    /// The end of the last indentation.
    Dedent,
}

/// Blanks of one step further in.
pub(super) const STEP: usize = 2;

const BLANKS: &str = "                                                                ";

/// The text of a page, with a newline at its end unless it is empty.
pub(super) fn print(ops: &[Op<'_>], newline: &str) -> String {
    let mut page = Page { ops, newline, out: String::new(), column: 0, indents: Vec::new(), groups: Vec::new() };
    for at in 0..ops.len() {
        page.op(at);
    }
    if !page.out.is_empty() && !page.out.ends_with('\n') {
        page.out.push_str(newline);
    }
    page.out
}

struct Page<'a> {
    ops: &'a [Op<'a>],
    newline: &'a str,
    out: String,
    column: usize,
    /// The indentations around the current place, each in all.
    indents: Vec<usize>,
    /// Whether the groups around the current place are broken.
    groups: Vec<bool>,
}

impl Page<'_> {
    fn op(&mut self, at: usize) {
        match self.ops[at] {
            Op::Text(text) => self.text(text),
            Op::Trailing(comment) => {
                self.text(" ");
                self.text(comment);
            }
            Op::AsIs(text) => self.out.push_str(text),
            Op::Newline { blank } => self.newline(blank),
            Op::Break { blank, .. } if self.is_broken() => self.newline(blank),
            Op::Break { flat, .. } => self.text(flat),
            Op::Begin { broken } => self.groups.push(self.is_broken() && (broken || !self.fits(at))),
            Op::End => drop(self.groups.pop()),
            Op::Indent(blanks) => self.indents.push(self.indent() + blanks),
            Op::IndentIfBroken(blanks) => {
                let blanks = if self.is_broken() { blanks } else { 0 };
                self.indents.push(self.indent() + blanks);
            }
            Op::Dedent => drop(self.indents.pop()),
        }
    }

    /// Outside all groups every break is a newline.
    fn is_broken(&self) -> bool {
        self.groups.last().copied().unwrap_or(true)
    }

    fn indent(&self) -> usize {
        self.indents.last().copied().unwrap_or(0)
    }

    /// Writes a token; at the beginning of a line, its indentation first.
    fn text(&mut self, text: &str) {
        if self.out.is_empty() || self.out.ends_with('\n') {
            let mut blanks = self.column;
            while blanks > 0 {
                let run = blanks.min(BLANKS.len());
                self.out.push_str(&BLANKS[..run]);
                blanks -= run;
            }
        }
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn newline(&mut self, blank: bool) {
        if self.out.is_empty() {
            return;
        }
        for _ in 0..=usize::from(blank) {
            self.out.push_str(self.newline);
        }
        self.column = self.indent();
    }

    /// Whether the group that begins here, and what follows it up to the next possible end of the line, fits.
    /// Ends after as many steps as a line has columns.
    fn fits(&self, begin: usize) -> bool {
        let mut column = self.column;
        let (mut depth, mut inside) = (0_usize, true);
        for op in &self.ops[begin..] {
            match op {
                Op::Text(text) => column += text.chars().count(),
                Op::Break { flat, .. } if inside => column += flat.len(),
                Op::Begin { .. } => depth += 1,
                Op::End => {
                    depth = depth.saturating_sub(1);
                    inside &= depth > 0;
                }
                Op::Indent(_) | Op::IndentIfBroken(_) | Op::Dedent => {}
                Op::Break { .. } | Op::Newline { .. } | Op::Trailing(_) | Op::AsIs(_) => return true,
            }
            if column > MAX_COLUMNS {
                return false;
            }
        }
        true
    }
}
