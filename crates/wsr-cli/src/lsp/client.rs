//! What the editor at the other end can do.

use lsp_types::{InitializeParams, PositionEncodingKind, ResourceOperationKind};

use super::lines::Encoding;

/// What of the editor's abilities matters here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client {
    /// What columns count.
    pub encoding: Encoding,
    /// Completions may have places to jump through.
    pub snippets: bool,
    /// Edits may create files.
    pub creates_files: bool,
    /// Edits may say what they change besides text.
    pub annotations: bool,
    /// It watches files when it is asked to.
    pub watches: bool,
}

impl Client {
    /// What the handshake says.
    pub fn of(params: &InitializeParams) -> Self {
        let capabilities = &params.capabilities;
        let encodings = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
        let utf8 = encodings.is_some_and(|encodings| encodings.contains(&PositionEncodingKind::UTF8));
        let workspace = capabilities.workspace.as_ref();
        let edit = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let operations = edit.and_then(|edit| edit.resource_operations.as_ref());
        let document = capabilities.text_document.as_ref();
        let completion = document.and_then(|document| document.completion.as_ref());
        let item = completion.and_then(|completion| completion.completion_item.as_ref());
        let watch = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        Self {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
            creates_files: edit.is_some_and(|edit| edit.document_changes == Some(true))
                && operations.is_some_and(|operations| operations.contains(&ResourceOperationKind::Create)),
            annotations: edit
                .is_some_and(|edit| edit.document_changes == Some(true) && edit.change_annotation_support.is_some()),
            watches: watch.and_then(|watch| watch.dynamic_registration).unwrap_or(false),
        }
    }
}
