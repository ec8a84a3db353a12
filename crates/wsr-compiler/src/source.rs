//! Source text with names and lines: what every span points into.

/// Index of a [`SourceFile`] in the list given to [`crate::analyze`].
pub type FileId = u16;

/// A piece of one file, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Which file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// Why the text of a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is no such file.
    NotFound,
    /// It is no UTF-8; the text before the first bad byte.
    NotUtf8(String),
    /// Anything else, in the system's words.
    Other(String),
}

impl ReadError {
    /// What is said about it in a title: "the file …".
    pub fn words(&self) -> String {
        match self {
            Self::NotFound => "there is no such file".to_owned(),
            Self::NotUtf8(_) => "the file is not UTF-8".to_owned(),
            Self::Other(why) => format!("the file cannot be read: {why}"),
        }
    }
}

/// The name of a file as an `import` in another one means it: joined on the folder of that file, with `/`, and
/// without `.` and, as far as they can be followed, `..`.
pub fn join(importing: &str, path: &str) -> String {
    let importing = importing.replace('\\', "/");
    let mut parts: Vec<&str> = importing.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, ".." | "" | ".")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// One file: the name reports show, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// As reports show it; usually a path.
    pub name: String,
    text: String,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// A file of this name and text. A byte order mark at the start is dropped.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect();
        Self { name: name.into(), text, line_starts }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte, both from 1; columns count Unicode scalar values.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.line_starts.partition_point(|&start| start <= offset) - 1;
        let start = self.line_starts[line] as usize;
        let before = self.text.get(start..offset as usize).unwrap_or("");
        (line as u32 + 1, before.chars().count() as u32 + 1)
    }

    /// The text of a line, from 1, without its line ending; empty past the end.
    pub fn line(&self, line: u32) -> &str {
        self.text[self.line_range(line)].trim_end_matches(['\n', '\r'])
    }

    /// The bytes of a line, from 1, with its line ending; empty past the end.
    pub fn line_range(&self, line: u32) -> std::ops::Range<usize> {
        let end = self.text.len();
        let start_of = |line: usize| self.line_starts.get(line).map_or(end, |&start| start as usize);
        start_of((line as usize).saturating_sub(1))..start_of(line as usize)
    }
}
