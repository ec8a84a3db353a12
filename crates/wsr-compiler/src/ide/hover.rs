//! What is shown about the name or word under the pointer.

mod facts;

pub(super) use facts::{audience, states_of};

use super::lexer::{self, Kind, Token};
use super::{file_text, nodes, origin, symbol_at, text, words};
use crate::analysis::Analysis;
use crate::code::{Code, explain};
use crate::index::Symbol;
use crate::source::{FileId, Span};

/// What is shown, and for which piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name or word it is about.
    pub span: Span,
    /// Markdown.
    pub markdown: String,
}

/// Lines of a declaration that are shown; the rest is left out.
const MOST_LINES: usize = 30;

/// What is known about the name, keyword, limit or attribute at an offset.
pub fn hover(analysis: &Analysis, file: FileId, offset: u32) -> Option<Hover> {
    if let Some((symbol, span)) = symbol_at(analysis, file, offset) {
        return Some(Hover { span, markdown: about(analysis, symbol) });
    }
    word(analysis, file, offset)
}

/// What is known about something declared: its text, its docs, and what follows from it.
pub(super) fn about(analysis: &Analysis, symbol: &Symbol) -> String {
    let mut parts = vec![code(&declaration(analysis, symbol))];
    let docs = docs(analysis, symbol);
    if !docs.is_empty() {
        parts.push(docs.join("\n"));
    }
    parts.extend(facts::facts(analysis, symbol));
    parts.join("\n\n---\n\n")
}

/// The docs of something.
pub(super) fn docs<'a>(analysis: &'a Analysis, symbol: &Symbol) -> &'a [String] {
    match symbol {
        &Symbol::Namespace(id) => analysis.model.namespaces.get(id).map_or(&[], |namespace| &namespace.docs),
        symbol => origin(analysis, symbol).map_or(&[], |origin| origin.docs.as_slice()),
    }
}

fn code(text: &str) -> String {
    format!("```wsr\n{text}\n```")
}

/// The text that declares something; of what has no text of its own, the words that would.
pub(super) fn declaration(analysis: &Analysis, symbol: &Symbol) -> String {
    let model = &analysis.model;
    match symbol {
        &Symbol::Namespace(id) => format!("namespace {}", model.namespaces[id].path.join("/")),
        Symbol::Handler(namespace, name) => format!("=> {}", path(analysis, *namespace, name)),
        &Symbol::Role(id) => format!("role {}", model.roles[id].name),
        &Symbol::Flow(id) => header(analysis, symbol, &format!("flow {}", model.flows[id].name)),
        symbol => written(analysis, symbol),
    }
}

/// `audit::record`
pub(super) fn path(analysis: &Analysis, namespace: usize, name: &str) -> String {
    let path = analysis.model.namespaces.get(namespace).map_or(&[][..], |namespace| namespace.path.as_slice());
    path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("::")
}

/// A declaration up to its opening brace.
fn header(analysis: &Analysis, symbol: &Symbol, otherwise: &str) -> String {
    let whole = written(analysis, symbol);
    whole.split_once(" {").map_or_else(|| otherwise.to_owned(), |(header, _)| header.to_owned())
}

/// The text of a declaration without its docs and without the indentation it stands in.
fn written(analysis: &Analysis, symbol: &Symbol) -> String {
    let Some(origin) = origin(analysis, symbol) else { return String::new() };
    let Some(node) = nodes::declared_at(analysis, origin.span) else { return text(analysis, origin.span).to_owned() };
    let span = nodes::extent(analysis, node);
    dedent(analysis, span)
}

fn dedent(analysis: &Analysis, span: Span) -> String {
    let whole = text(analysis, span).trim_end();
    let source = file_text(analysis, span.file);
    let before = source.get(..span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    let lines = whole.lines().filter(|line| !line.trim_start().starts_with("///"));
    let mut lines: Vec<&str> =
        lines.map(|line| line.get(indent..).filter(|_| line[..indent].trim().is_empty()).unwrap_or(line)).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("…");
    }
    lines.join("\n")
}

/// What a word of the language means here.
fn word(analysis: &Analysis, file: FileId, offset: u32) -> Option<Hover> {
    let source = file_text(analysis, file);
    let tokens = lexer::lex(source);
    let offset = offset as usize;
    let at = tokens.iter().position(|token| token.start <= offset && offset < token.end())?;
    let token = &tokens[at];
    if let Some(hover) = allowed_code(source, file, &tokens, at) {
        return Some(hover);
    }
    let line = help(&tokens, at)?;
    let span = Span { file, start: token.start as u32, end: token.end() as u32 };
    Some(Hover { span, markdown: format!("`{}`\n\n{}", token.text, sentence(line)) })
}

/// The page about the warning that an `@allow` names.
fn allowed_code(source: &str, file: FileId, tokens: &[Token<'_>], at: usize) -> Option<Hover> {
    let first = tokens[..=at].iter().rposition(|token| token.is("("))?;
    let attribute = tokens.get(first.checked_sub(1)?)?;
    if attribute.text != "@allow" || first == at {
        return None;
    }
    // A slug such as `secret-event` is several words here.
    let start = tokens.get(first + 1)?.start;
    let end = start + source[start..].find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')?;
    let code = Code::parse(&source[start..end])?;
    let span = Span { file, start: start as u32, end: end as u32 };
    (tokens[at].start < end).then(|| Hover { span, markdown: explain(code).to_owned() })
}

fn help(tokens: &[Token<'_>], at: usize) -> Option<&'static str> {
    let token = &tokens[at];
    let before = at.checked_sub(1).map_or("", |before| tokens[before].text);
    match token.kind {
        Kind::Attribute => words::attribute(&token.text[1..]),
        Kind::Word if matches!(before, "(" | ",") => words::limit(token.text).or_else(|| any_word(token.text)),
        Kind::Word => any_word(token.text),
        _ => None,
    }
}

fn any_word(word: &str) -> Option<&'static str> {
    words::keyword(word).or_else(|| words::built_in(word))
}

/// The help as a sentence.
fn sentence(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
