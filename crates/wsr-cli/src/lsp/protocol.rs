//! One protocol as it is now, and places in its files.

use std::path::{Path, PathBuf};

use lsp_types::{Location, Position, Range};
use wsr_compiler::source::{FileId, ReadError, SourceFile, Span};
use wsr_compiler::{Analysis, analyze_from};

use super::lines::{Encoding, Lines};
use super::paths::{folded, uri_of};

/// A root file and all it imports.
pub struct Protocol {
    /// What is known about it.
    pub analysis: Analysis,
    /// Where its files are, by number.
    pub paths: Vec<PathBuf>,
    /// Files that were read or looked for.
    watched: Vec<PathBuf>,
    lines: Vec<Lines>,
    encoding: Encoding,
}

impl Protocol {
    /// Reads and checks the protocol of a root file; `read` gives the text of a file.
    pub fn open(
        root: &Path,
        encoding: Encoding,
        read: &dyn Fn(&Path) -> Result<String, ReadError>,
    ) -> Result<Self, ReadError> {
        // Files are called as seen from the root's folder, which is how an author would call them.
        let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = root.parent().map(Path::to_owned).unwrap_or_default();
        let path_of = |name: &str| folded(&folder.join(name));
        let text = read(root)?;
        let analysis = analyze_from(SourceFile::new(name, text), &mut |name| read(&path_of(name)));
        let mut paths: Vec<PathBuf> = analysis.files.iter().map(|file| path_of(&file.name)).collect();
        if let Some(first) = paths.first_mut() {
            *first = root.to_owned();
        }
        let watched = analysis.watched.iter().map(|name| path_of(name)).chain([root.to_owned()]).collect();
        let lines = analysis.files.iter().map(|file| Lines::of(file.text())).collect();
        Ok(Self { analysis, paths, watched, lines, encoding })
    }

    /// The number of a file.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        let found = self.paths.iter().position(|known| known == path)?;
        FileId::try_from(found).ok()
    }

    /// Whether a file matters to it.
    pub fn depends_on(&self, path: &Path) -> bool {
        self.watched.iter().any(|known| known == path)
    }

    /// The byte at a position of a file.
    pub fn offset(&self, file: FileId, position: Position) -> u32 {
        let (text, lines) = self.text(file);
        lines.map_or(0, |lines| lines.offset(text, position, self.encoding) as u32)
    }

    /// The position of a byte of a file.
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        let (text, lines) = self.text(file);
        lines.map_or(Position::default(), |lines| lines.position(text, offset as usize, self.encoding))
    }

    /// The bytes of a range of a file.
    pub fn span(&self, file: FileId, range: Range) -> Span {
        let (start, end) = (self.offset(file, range.start), self.offset(file, range.end));
        Span { file, start: start.min(end), end: end.max(start) }
    }

    /// The range of some bytes.
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.file, span.start), end: self.position(span.file, span.end) }
    }

    /// The place of some bytes, with its file; `None` when the file has no address.
    pub fn location(&self, span: Span) -> Option<Location> {
        let path = self.paths.get(usize::from(span.file))?;
        Some(Location { uri: uri_of(path)?, range: self.range(span) })
    }

    /// The columns that a piece of text takes.
    pub fn width(&self, text: &str) -> u32 {
        self.encoding.width(text)
    }

    /// The text of a file.
    pub fn source(&self, file: FileId) -> &str {
        self.text(file).0
    }

    fn text(&self, file: FileId) -> (&str, Option<&Lines>) {
        let file = usize::from(file);
        (self.analysis.files.get(file).map_or("", |file| file.text()), self.lines.get(file))
    }
}
