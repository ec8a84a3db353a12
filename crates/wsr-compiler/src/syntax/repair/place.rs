//! What stands around the place where reading stopped.

use crate::syntax::expected::{Stop, code_end};

/// The text around a place.
pub(super) struct Place<'t> {
    pub text: &'t str,
    pub at: usize,
    /// The end of the code before it.
    pub code: usize,
    /// The last word before it, and its start.
    pub word: &'t str,
    pub word_start: usize,
    /// The rest of the line.
    pub rest: &'t str,
}

impl<'t> Place<'t> {
    pub fn new(text: &'t str, stop: &Stop) -> Self {
        let code = code_end(text, stop.from, stop.at);
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
        let word = &text[stop.from..code];
        let word = &word[word.trim_end_matches(is_word).len()..];
        let rest = text[stop.at..].lines().next().unwrap_or("");
        Self { text, at: stop.at, code, word, word_start: code - word.len(), rest }
    }

    /// The word that stands there.
    pub fn found(&self) -> &'t str {
        let end = self.rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        &self.rest[..end.unwrap_or(self.rest.len())]
    }

    /// The quoted text that stands there, without its quotes.
    pub fn quoted(&self, open: char, close: char) -> Option<&'t str> {
        let inside = self.rest.strip_prefix(open)?;
        Some(&inside[..inside.find(close)?])
    }

    /// The end of a sign of this length with the blanks behind it.
    pub fn behind(&self, sign: usize) -> usize {
        let rest = self.rest.get(sign..).unwrap_or("");
        self.at + sign + rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    /// Whether nothing stands before it on its line.
    pub fn is_first(&self) -> bool {
        self.text[..self.gap()].ends_with('\n')
    }

    /// The line, from its first code.
    pub fn line(&self) -> &'t str {
        let start = self.text[..self.at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[start..].trim_start()
    }

    /// The line up to the place.
    pub fn before(&self) -> &'t str {
        let start = self.text[..self.at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[start..self.at].trim_start()
    }

    /// The start of the blanks in front.
    pub fn gap(&self) -> usize {
        self.text[..self.at].trim_end_matches([' ', '\t']).len()
    }
}
