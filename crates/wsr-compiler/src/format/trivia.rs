//! What stands between two tokens: blanks, newlines, commas, comments.
//!
//! Doc comments are comments here: both reach to the end of their line, and both stay where they are.

/// The stretch between two tokens.
#[derive(Debug, Default)]
pub(super) struct Gap<'a> {
    /// The comments, in order.
    pub comments: Vec<Comment<'a>>,
    /// Newlines behind the last comment, or in all of it when there is none.
    newlines: usize,
}

#[derive(Debug)]
pub(super) struct Comment<'a> {
    /// With its slashes, without blanks at the end.
    pub text: &'a str,
    /// Newlines in front of it, since the token or comment before.
    newlines: usize,
}

impl Comment<'_> {
    /// Whether it stands behind something on its line.
    pub fn is_trailing(&self) -> bool {
        self.newlines == 0
    }

    /// Whether a blank line stands above it.
    pub fn is_below_blank(&self) -> bool {
        self.newlines > 1
    }
}

impl<'a> Gap<'a> {
    /// Reads a stretch without tokens other than commas and the slashes of a topic.
    pub fn read(text: &'a str) -> Self {
        let mut gap = Gap::default();
        let mut rest = text;
        while let Some(at) = rest.find(['\n', '/']) {
            if rest[at..].starts_with("//") {
                let comment = rest[at..].lines().next().unwrap_or_default();
                let newlines = std::mem::take(&mut gap.newlines);
                gap.comments.push(Comment { text: comment.trim_end_matches([' ', '\t', '\r']), newlines });
                rest = &rest[at + comment.len()..];
            } else {
                gap.newlines += usize::from(rest[at..].starts_with('\n'));
                rest = &rest[at + 1..];
            }
        }
        gap
    }

    /// Whether what follows it begins a line.
    pub fn ends_line(&self) -> bool {
        self.newlines > 0
    }

    /// Whether a blank line stands above what follows it.
    pub fn ends_blank(&self) -> bool {
        self.newlines > 1
    }
}
