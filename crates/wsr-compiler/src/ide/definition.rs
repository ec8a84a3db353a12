//! Where something is declared.

use super::symbol_at;
use crate::analysis::Analysis;
use crate::index::Symbol;
use crate::source::{FileId, Span, join};
use crate::syntax::tree::ItemKind;

/// Where the thing named at an offset is declared: several places for a namespace that has several blocks, the start
/// of the file for the path of an `import`. The methods of handlers are declared in Rust; their first place stands in.
pub fn definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Span> {
    if let Some(imported) = imported_at(analysis, file, offset) {
        return vec![Span { file: imported, start: 0, end: 0 }];
    }
    let Some((symbol, _)) = symbol_at(analysis, file, offset) else { return Vec::new() };
    places(analysis, symbol)
}

/// Where something is declared.
pub(super) fn places(analysis: &Analysis, symbol: &Symbol) -> Vec<Span> {
    let declared: Vec<Span> =
        analysis.index.of(symbol).filter(|found| found.declares).map(|found| found.span).collect();
    if !declared.is_empty() {
        return declared;
    }
    // A handler that is not written with `=>` everywhere is the message's own.
    let message = match symbol {
        Symbol::Handler(namespace, name) => {
            analysis.model.messages.iter().find(|message| message.namespace == *namespace && message.name == *name)
        }
        _ => None,
    };
    let first = analysis.index.of(symbol).map(|found| found.span).next();
    message.map(|message| message.origin.span).or(first).into_iter().collect()
}

/// The file whose path stands at an offset.
fn imported_at(analysis: &Analysis, file: FileId, offset: u32) -> Option<FileId> {
    let (tree, source) = (analysis.trees.get(usize::from(file))?, analysis.files.get(usize::from(file))?);
    let path = tree.items.iter().find_map(|item| match &item.kind {
        ItemKind::Import(path) if path.span.start <= offset && offset <= path.span.end => Some(path),
        _ => None,
    })?;
    let name = join(&source.name, &path.text);
    let found = analysis.files.iter().position(|file| file.name == name)?;
    FileId::try_from(found).ok()
}
