//! Changes to files: fixes, new names, the formatted text, a file of handlers.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use lsp_types::{
    AnnotatedTextEdit, ChangeAnnotation, CodeAction, CodeActionKind, CreateFile, CreateFileOptions,
    DocumentChangeOperation, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, Range, ResourceOp,
    TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};
use wsr_compiler::diagnostic::Edit;
use wsr_compiler::ide::{Action, ActionKind, Renaming};
use wsr_compiler::source::FileId;

use super::paths::uri_of;
use super::protocol::Protocol;
use super::reports;
use super::session::Session;

/// The name of the note that a new name reaches clients.
const ON_THE_WIRE: &str = "on-the-wire";

/// An action in the form of the protocol; `None` when this editor cannot do it.
pub fn action(session: &Session, protocol: &Protocol, action: Action) -> Option<CodeAction> {
    let edit = match action.skeleton {
        Some(namespace) => skeleton(session, protocol, namespace)?,
        None => changes(session, protocol, &action.edits),
    };
    let report = action.report.and_then(|at| protocol.analysis.diagnostics.get(at));
    Some(CodeAction {
        title: action.title,
        kind: Some(match action.kind {
            ActionKind::Fix | ActionKind::Allow => CodeActionKind::QUICKFIX,
            ActionKind::Add => CodeActionKind::REFACTOR,
        }),
        diagnostics: report.map(|report| vec![reports::diagnostic(protocol, report, None)]),
        edit: Some(edit),
        is_preferred: (action.kind == ActionKind::Fix).then_some(true),
        ..CodeAction::default()
    })
}

/// Whether the editor asked for actions of this kind.
pub fn is_wanted(action: &CodeAction, only: Option<&[CodeActionKind]>) -> bool {
    let Some(only) = only else { return true };
    let kind = action.kind.as_ref().map_or("", CodeActionKind::as_str);
    only.iter().any(|wanted| {
        let wanted = wanted.as_str();
        wanted.is_empty() || kind == wanted || kind.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
    })
}

/// Edits by file, in the oldest form, which every editor takes.
#[expect(clippy::mutable_key_type, reason = "the form of lsp-types; nothing changes the keys")]
fn changes(session: &Session, protocol: &Protocol, edits: &[Edit]) -> WorkspaceEdit {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for (path, edits) in by_file(protocol, edits) {
        if let Some((uri, _)) = session.address(&path) {
            changes.insert(uri, edits);
        }
    }
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

fn by_file(protocol: &Protocol, edits: &[Edit]) -> BTreeMap<PathBuf, Vec<TextEdit>> {
    let mut found: BTreeMap<PathBuf, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        let Some(path) = protocol.paths.get(usize::from(edit.span.file)) else { continue };
        let edit = TextEdit { range: protocol.range(edit.span), new_text: edit.text.clone() };
        found.entry(path.clone()).or_default().push(edit);
    }
    found
}

/// A new name in all files; where the editor can show it, with the note that clients see it too.
pub fn renaming(session: &Session, protocol: &Protocol, renaming: Renaming, new: &str) -> WorkspaceEdit {
    let Some(old) = renaming.changes_wire.filter(|_| session.client.annotations) else {
        return changes(session, protocol, &renaming.edits);
    };
    let mut documents = Vec::new();
    for (path, edits) in by_file(protocol, &renaming.edits) {
        let Some((uri, version)) = session.address(&path) else { continue };
        let annotated = |edit| AnnotatedTextEdit { text_edit: edit, annotation_id: ON_THE_WIRE.to_owned() };
        documents.push(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
            edits: edits.into_iter().map(annotated).map(OneOf::Right).collect(),
        });
    }
    let note = ChangeAnnotation {
        label: format!("`{old}` gets another name on the wire"),
        needs_confirmation: Some(false),
        description: Some(format!("Clients have to say `{new}` too, unless `@wire` keeps the old name.")),
    };
    WorkspaceEdit {
        document_changes: Some(DocumentChanges::Edits(documents)),
        change_annotations: Some(HashMap::from([(ON_THE_WIRE.to_owned(), note)])),
        ..WorkspaceEdit::default()
    }
}

/// The formatted text, as the smallest run of lines that differ.
pub fn formatting(protocol: &Protocol, file: FileId) -> Vec<TextEdit> {
    let old = protocol.source(file);
    replaced(protocol, file, old, &wsr_compiler::format(old).text)
}

fn replaced(protocol: &Protocol, file: FileId, old: &str, new: &str) -> Vec<TextEdit> {
    if old == new {
        return Vec::new();
    }
    let same = |one: &mut dyn Iterator<Item = &str>, other: &mut dyn Iterator<Item = &str>| {
        one.zip(other).take_while(|(one, other)| one == other).map(|(line, _)| line.len()).sum::<usize>()
    };
    let start = same(&mut old.split_inclusive('\n'), &mut new.split_inclusive('\n'));
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = same(&mut old_rest.split_inclusive('\n').rev(), &mut new_rest.split_inclusive('\n').rev());
    let range =
        Range { start: protocol.position(file, start as u32), end: protocol.position(file, (old.len() - end) as u32) };
    vec![TextEdit { range, new_text: new_rest[..new_rest.len() - end].to_owned() }]
}

/// A new file with the handlers of a namespace, beside the others of the package.
fn skeleton(session: &Session, protocol: &Protocol, namespace: usize) -> Option<WorkspaceEdit> {
    if !session.client.creates_files || protocol.analysis.has_errors() {
        return None;
    }
    let root = protocol.paths.first()?;
    let at = crate::commands::surroundings(&root.to_string_lossy());
    let options = crate::workspace::options(&protocol.analysis);
    let text = wsr_compiler::generate::skeleton(&protocol.analysis.model, namespace, &at, &options);
    let uri = uri_of(&free_file(root.parent()?, &protocol.analysis.model.namespaces.get(namespace)?.path)?)?;
    let create = CreateFile {
        uri: uri.clone(),
        options: Some(CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) }),
        annotation_id: None,
    };
    let write = TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version: None },
        edits: vec![OneOf::Left(TextEdit { range: Range::default(), new_text: text })],
    };
    Some(WorkspaceEdit {
        document_changes: Some(DocumentChanges::Operations(vec![
            DocumentChangeOperation::Op(ResourceOp::Create(create)),
            DocumentChangeOperation::Edit(write),
        ])),
        ..WorkspaceEdit::default()
    })
}

/// `src/chat.rs`, or `src/chat_handlers.rs` when that is taken; nothing is ever written into a file that exists.
fn free_file(package: &Path, namespace: &[String]) -> Option<PathBuf> {
    let name = if namespace.is_empty() { "handlers".to_owned() } else { namespace.join("_").to_lowercase() };
    let names = [format!("{name}.rs"), format!("{name}_handlers.rs")];
    let mut files = names.iter().map(|name| package.join("src").join(name));
    files.find(|file| !file.exists())
}
