//! What can be folded: braces, several lines of comment or docs, several imports.

use super::file_text;
use super::lexer::{Kind, Token, lex};
use crate::analysis::Analysis;
use crate::source::FileId;

/// What a fold hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// What stands between brackets.
    Block,
    /// Comments or docs.
    Comment,
    /// Imports.
    Imports,
}

/// Bytes that can be folded; they begin on one line and end on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// A byte of the line that stays.
    pub start: u32,
    /// The last byte that is hidden, or a byte of the same line.
    pub end: u32,
    /// What it hides.
    pub kind: FoldKind,
}

/// The folds of a file, by their start.
pub fn folds(analysis: &Analysis, file: FileId) -> Vec<Fold> {
    let text = file_text(analysis, file);
    let tokens = lex(text);
    let mut found = blocks(&tokens);
    found.extend(runs(text, &tokens));
    found.retain(|fold| text.get(fold.start as usize..fold.end as usize).is_some_and(|inside| inside.contains('\n')));
    found.sort_by_key(|fold| (fold.start, fold.end));
    found
}

fn blocks(tokens: &[Token<'_>]) -> Vec<Fold> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for token in tokens.iter().filter(|token| token.kind == Kind::Sign) {
        match token.text {
            "{" | "(" | "[" => open.push(token),
            "}" | ")" | "]" => {
                if let Some(opening) = open.pop() {
                    found.push(fold(opening.start, token.start, FoldKind::Block));
                }
            }
            _ => {}
        }
    }
    found
}

/// Neighbouring lines of one kind.
fn runs(text: &str, tokens: &[Token<'_>]) -> Vec<Fold> {
    let mut found: Vec<(Line, Fold)> = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.first) {
        let kind = match token.kind {
            Kind::Comment => Line::Comment,
            Kind::Doc => Line::Doc,
            Kind::Word if token.text == "import" => Line::Import,
            _ => continue,
        };
        let end = tokens[at..].iter().take_while(|other| other.start == token.start || !other.first).last();
        let end = end.map_or(token.end(), Token::end);
        match found.last_mut() {
            Some((last, run)) if *last == kind && is_next_line(text, run.end as usize, token.start) => {
                run.end = end as u32;
            }
            _ => found.push((kind, fold(token.start, end, kind.hides()))),
        }
    }
    found.into_iter().map(|(_, fold)| fold).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Comment,
    Doc,
    Import,
}

impl Line {
    fn hides(self) -> FoldKind {
        match self {
            Self::Comment | Self::Doc => FoldKind::Comment,
            Self::Import => FoldKind::Imports,
        }
    }
}

fn fold(start: usize, end: usize, kind: FoldKind) -> Fold {
    Fold { start: start as u32, end: end as u32, kind }
}

/// Whether nothing but one line break and blanks stand between two places.
fn is_next_line(text: &str, end: usize, start: usize) -> bool {
    let between = text.get(end..start).unwrap_or("-");
    between.trim().is_empty() && between.matches('\n').count() == 1
}
