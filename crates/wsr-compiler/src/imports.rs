//! Following imports: from one file to all that together are a protocol.
//!
//! A protocol is one scope: every file sees what the others declare. A file is read once, however often it is imported.

use std::collections::HashMap;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, ReadError, SourceFile, Span, join};
use crate::syntax::{self, tree};

/// Files of one protocol; larger numbers are no accident.
const MAX_FILES: usize = 1000;

/// The files of a protocol as they are found.
pub(crate) struct Imports<'r> {
    read: &'r mut dyn FnMut(&str) -> Result<String, ReadError>,
    pub files: Vec<SourceFile>,
    pub trees: Vec<tree::File>,
    /// Every file that was read or tried, by name.
    pub watched: Vec<String>,
    /// By name: which file it is; none when it cannot be read.
    known: HashMap<String, Option<FileId>>,
    /// The files whose imports are being followed, outermost first.
    open: Vec<FileId>,
}

/// Reads the root's imports, theirs, and so on, depth first.
pub(crate) fn follow<'r>(
    root: SourceFile,
    read: &'r mut dyn FnMut(&str) -> Result<String, ReadError>,
    out: &mut Diagnostics,
) -> Imports<'r> {
    let name = join(&root.name, root.name.rsplit(['/', '\\']).next().unwrap_or(""));
    let mut imports = Imports {
        read,
        files: Vec::new(),
        trees: Vec::new(),
        watched: Vec::new(),
        known: HashMap::new(),
        open: Vec::new(),
    };
    imports.file(name, root, out);
    imports
}

impl Imports<'_> {
    /// Takes a file, then what it imports.
    fn file(&mut self, name: String, source: SourceFile, out: &mut Diagnostics) {
        let Ok(id) = FileId::try_from(self.files.len()) else { return };
        self.watched.push(source.name.clone());
        self.known.insert(name, Some(id));
        let tree = syntax::parse(&source, id, out);
        let imported: Vec<tree::Name> = imported(&tree).cloned().collect();
        self.files.push(source);
        self.trees.push(tree);
        self.open.push(id);
        for path in imported {
            self.import(id, &path, out);
        }
        self.open.pop();
    }

    fn import(&mut self, importing: FileId, path: &tree::Name, out: &mut Diagnostics) {
        if let Some(report) = misformed(path) {
            return out.push(report);
        }
        let name = join(&self.files[usize::from(importing)].name, &path.text);
        match self.known.get(&name) {
            Some(Some(known)) if self.open.contains(known) => out.push(self.circle(*known, importing, path.span)),
            Some(Some(_)) => {}
            Some(None) => out.push(unfollowed(path, "the file cannot be read")),
            None if self.files.len() >= MAX_FILES => {
                out.push(unfollowed(path, &format!("a protocol has at most {MAX_FILES} files")));
            }
            None => self.open(name, path, out),
        }
    }

    fn open(&mut self, name: String, path: &tree::Name, out: &mut Diagnostics) {
        match (self.read)(&name) {
            Ok(text) => self.file(name.clone(), SourceFile::new(name, text), out),
            Err(why) => {
                self.watched.push(name.clone());
                self.known.insert(name, None);
                out.push(unfollowed(path, &why.words()));
            }
        }
    }

    /// The report of an import that leads back to a file whose imports are being followed.
    fn circle(&self, back_to: FileId, importing: FileId, span: Span) -> Diagnostic {
        let report = |title: String| Diagnostic::new(Code::Import, span, title);
        if back_to == importing {
            return report("the file imports itself".to_owned()).label("this very file").help("remove this line");
        }
        let from = self.open.iter().position(|&id| id == back_to).unwrap_or(0);
        let round = self.open[from..].iter().chain([&back_to]).map(|&id| short(&self.files[usize::from(id)].name));
        report(format!("imports in a circle: {}", round.collect::<Vec<_>>().join(" → ")))
            .label("closes the circle")
            .help("remove this line: every file of a protocol sees all others already")
    }
}

/// The paths behind `import`, in the order written.
fn imported(tree: &tree::File) -> impl Iterator<Item = &tree::Name> {
    tree.items.iter().filter_map(|item| match &item.kind {
        tree::ItemKind::Import(path) => Some(path),
        _ => None,
    })
}

/// The report of a path that is none.
fn misformed(path: &tree::Name) -> Option<Diagnostic> {
    let text = path.text.as_str();
    let report = |title: String| Diagnostic::new(Code::Import, path.span, title);
    if text.is_empty() {
        return Some(
            report("an import without a file".to_owned()).label("empty").help("name it: `import \"chat.wsr\"`"),
        );
    }
    if text.contains('\\') {
        let help = format!("write `import \"{}\"`", text.replace('\\', "/"));
        let report = report("folders are parted by `/`".to_owned()).label("has a `\\`").help(help);
        return Some(report.fix(path.span, format!("\"{}\"", text.replace('\\', "/"))));
    }
    if text.starts_with('/') || text.contains(':') {
        let help = "write it as seen from this file: `import \"shared/types.wsr\"`";
        return Some(report("an import is no absolute path".to_owned()).label("starts at the root").help(help));
    }
    if !text.ends_with(".wsr") {
        let folder = text.rfind('/').map_or(0, |slash| slash + 1);
        let stem = text[folder..].rfind('.').filter(|&dot| dot > 0).map_or(text, |dot| &text[..folder + dot]);
        let help = format!("write `import \"{}.wsr\"`", crate::guess::clip(stem));
        let report = report("an imported file ends in `.wsr`".to_owned()).label("does not").help(help);
        return Some(report.fix(path.span, format!("\"{stem}.wsr\"")));
    }
    None
}

fn unfollowed(path: &tree::Name, why: &str) -> Diagnostic {
    let title = format!("cannot import `{}`: {why}", crate::guess::clip(&path.text));
    Diagnostic::new(Code::Import, path.span, title)
        .label("looked for beside this file")
        .help("correct the path, or create the file; it begins with `wsr 1`")
}

/// The last part of a path.
fn short(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}
