//! Open buffers over the disk, and which protocol each file belongs to.
//!
//! A file belongs to the nearest `routes.wsr`, in its folder or above, that is it or imports it; else to an open file
//! that imports it; else it is the root of a protocol of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use lsp_types::{TextDocumentContentChangeEvent, Uri};
use wsr_compiler::source::{FileId, ReadError};

use super::client::Client;
use super::lines::{Encoding, Lines};
use super::paths::{path_of, uri_of};
use super::protocol::Protocol;
use super::reports::Published;
use crate::workspace;

/// A buffer of the editor.
struct Document {
    uri: Uri,
    version: i32,
    text: String,
}

/// All that the server knows.
pub struct Session {
    /// What the editor can do.
    pub client: Client,
    /// What it was told last about each file.
    pub published: Published,
    documents: BTreeMap<PathBuf, Document>,
    /// Folders whose `routes.wsr` is looked at even when no file is open.
    folders: Vec<PathBuf>,
    /// By root file; those that turned out not to import an open file are kept for the next look.
    protocols: HashMap<PathBuf, Protocol>,
    /// The roots of what the editor looks at.
    live: BTreeSet<PathBuf>,
    /// The root of each open file.
    roots: HashMap<PathBuf, PathBuf>,
    /// What has changed since protocols were last looked at.
    changed: HashSet<PathBuf>,
    stale: bool,
}

impl Session {
    /// A session with nothing open.
    pub fn new(client: Client, folders: Vec<PathBuf>) -> Self {
        Self {
            client,
            published: Published::default(),
            documents: BTreeMap::new(),
            folders,
            protocols: HashMap::new(),
            live: BTreeSet::new(),
            roots: HashMap::new(),
            changed: HashSet::new(),
            stale: true,
        }
    }

    /// A buffer was opened.
    pub fn open(&mut self, uri: Uri, version: i32, text: String) {
        let path = path_of(&uri);
        self.touch(&path);
        self.documents.insert(path, Document { uri, version, text });
    }

    /// A buffer was edited. Positions in later changes count what earlier ones did.
    pub fn edit(&mut self, uri: &Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        let path = path_of(uri);
        let encoding = self.client.encoding;
        let Some(document) = self.documents.get_mut(&path) else { return };
        changes.into_iter().for_each(|change| apply(&mut document.text, change, encoding));
        document.version = version;
        self.touch(&path);
    }

    /// A buffer was closed: what is on the disk counts again.
    pub fn close(&mut self, uri: &Uri) {
        let path = path_of(uri);
        self.documents.remove(&path);
        self.touch(&path);
    }

    /// Something about a file has changed, here or on the disk.
    pub fn touch(&mut self, path: &Path) {
        self.changed.insert(path.to_owned());
        self.stale = true;
    }

    /// Folders were added or taken away.
    pub fn refold(&mut self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        self.folders.retain(|folder| !removed.contains(folder));
        self.folders.extend(added);
        self.stale = true;
    }

    /// Whether something has changed since the last look.
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// Looks again at what has changed.
    pub fn refresh(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let changed = std::mem::take(&mut self.changed);
        self.protocols.retain(|_, protocol| !changed.iter().any(|path| protocol.depends_on(path)));
        self.published.expect(changed);
        self.find_roots();
        let wanted: HashSet<PathBuf> = self.live.iter().cloned().chain(self.candidates()).collect();
        self.protocols.retain(|root, _| wanted.contains(root));
    }

    fn find_roots(&mut self) {
        (self.live, self.roots) = (BTreeSet::new(), HashMap::new());
        for folder in self.folders.clone() {
            let root = folder.join(workspace::ROOT);
            if self.protocol_of_root(&root).is_some() {
                self.live.insert(root);
            }
        }
        let open: Vec<PathBuf> = self.documents.keys().cloned().collect();
        let mut alone = Vec::new();
        for path in open {
            match self.root_above(&path) {
                Some(root) => self.belongs(path, root),
                None => alone.push(path),
            }
        }
        // An open file that another one imports is part of that one's protocol.
        for path in &alone {
            let mut importing = alone.iter().filter(|other| *other != path);
            let root = importing.find(|other| {
                let imports = |from: &Path, to: &Path, session: &mut Self| {
                    session.protocol_of_root(from).is_some_and(|protocol| protocol.file(to).is_some())
                };
                imports(other, path, self) && !(imports(path, other, self) && path < *other)
            });
            let root = root.unwrap_or(path).clone();
            if self.protocol_of_root(&root).is_some() {
                self.belongs(path.clone(), root);
            }
        }
    }

    fn belongs(&mut self, path: PathBuf, root: PathBuf) {
        self.live.insert(root.clone());
        self.roots.insert(path, root);
    }

    /// The nearest `routes.wsr` that is the file or imports it.
    fn root_above(&mut self, path: &Path) -> Option<PathBuf> {
        if path.file_name().is_some_and(|name| name == workspace::ROOT) {
            return None;
        }
        for folder in path.ancestors().skip(1).filter(|folder| folder.is_absolute()) {
            let root = folder.join(workspace::ROOT);
            let imports = self.protocol_of_root(&root).is_some_and(|protocol| protocol.file(path).is_some());
            if imports {
                return Some(root);
            }
        }
        None
    }

    /// Every `routes.wsr` above an open file, whether it imports it or not.
    fn candidates(&self) -> Vec<PathBuf> {
        let folders = self.documents.keys().flat_map(|path| path.ancestors().skip(1));
        folders.map(|folder| folder.join(workspace::ROOT)).collect()
    }

    /// The protocol of a root file, as it is now; `None` when there is no such file.
    fn protocol_of_root(&mut self, root: &Path) -> Option<&Protocol> {
        if !self.protocols.contains_key(root) {
            let exists = self.documents.contains_key(root) || root.is_file();
            if !exists {
                return None;
            }
            let protocol = Protocol::open(root, self.client.encoding, &|path| self.read(path)).ok()?;
            self.protocols.insert(root.to_owned(), protocol);
        }
        self.protocols.get(root)
    }

    /// The text of a file: its buffer, or what is on the disk.
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        match self.documents.get(path) {
            Some(document) => Ok(document.text.clone()),
            None => workspace::read(&path.to_string_lossy()),
        }
    }

    /// The protocol that a file belongs to, and its number there.
    pub fn find(&self, uri: &Uri) -> Option<(&Protocol, FileId)> {
        let path = path_of(uri);
        let own = self.roots.get(&path).into_iter();
        own.chain(&self.live).find_map(|root| {
            let protocol = self.protocols.get(root)?;
            Some((protocol, protocol.file(&path)?))
        })
    }

    /// Every protocol that the editor looks at.
    pub fn live(&self) -> impl Iterator<Item = &Protocol> {
        self.live.iter().filter_map(|root| self.protocols.get(root))
    }

    /// The address of a file as the editor writes it, and its version when it is open.
    pub fn address(&self, path: &Path) -> Option<(Uri, Option<i32>)> {
        match self.documents.get(path) {
            Some(document) => Some((document.uri.clone(), Some(document.version))),
            None => uri_of(path).map(|uri| (uri, None)),
        }
    }
}

/// Makes one change to a text.
fn apply(text: &mut String, change: TextDocumentContentChangeEvent, encoding: Encoding) {
    let Some(range) = change.range else {
        *text = change.text;
        return;
    };
    let lines = Lines::of(text);
    let (start, end) = (lines.offset(text, range.start, encoding), lines.offset(text, range.end, encoding));
    text.replace_range(start.min(end)..end.max(start), &change.text);
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Lines, TextDocumentContentChangeEvent, apply};
    use lsp_types::Range;

    /// A small generator of numbers.
    fn next(state: &mut u64) -> usize {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state as usize
    }

    #[test]
    fn edits_in_units_of_utf_16_make_the_text_that_an_editor_has() {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed_u64);
        println!("SEED={seed}");
        let mut state = seed;
        let pieces = ["", "a", "😀", "\n", "漢\r\n", "é}", "𝄞x\ny"];
        let mut text = "wsr 1\n// 😀\r\nmessage m\n".to_owned();
        for _ in 0..2000 {
            // An editor replaces some of its letters; what it sends is where they stood.
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let inside = |at: &usize| text.get(at.saturating_sub(1)..*at + 1) != Some("\r\n");
            let places: Vec<usize> = places.into_iter().filter(inside).collect();
            let (one, other) = (places[next(&mut state) % places.len()], places[next(&mut state) % places.len()]);
            let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 9));
            let end = *places.iter().rfind(|&&at| at <= end).unwrap_or(&start);
            let piece = pieces[next(&mut state) % pieces.len()];
            let mut expected = text.clone();
            expected.replace_range(start..end, piece);
            let lines = Lines::of(&text);
            let place = |at| lines.position(&text, at, Encoding::Utf16);
            let range = Some(Range { start: place(start), end: place(end) });
            let change = TextDocumentContentChangeEvent { range, range_length: None, text: piece.to_owned() };
            apply(&mut text, change, Encoding::Utf16);
            assert_eq!(text, expected);
        }
    }
}
