//! A function a request: places in, data of `ide` out, in the protocol's forms.

use lsp_server::{ErrorCode, Request};
use lsp_types::request as lsp;
use lsp_types::{
    CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, CompletionParams, CompletionResponse,
    DocumentFormattingParams, DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, DocumentSymbolParams,
    DocumentSymbolResponse, FoldingRange, FoldingRangeParams, GotoDefinitionParams, GotoDefinitionResponse, Hover,
    HoverContents, HoverParams, InlayHint, InlayHintLabel, InlayHintParams, InlayHintTooltip, Location, MarkupContent,
    MarkupKind, PrepareRenameResponse, ReferenceParams, RenameParams, SemanticTokens, SemanticTokensParams,
    SemanticTokensResult, TextDocumentPositionParams, TextEdit, Uri, WorkspaceEdit, WorkspaceSymbol,
    WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use serde::Serialize;
use serde_json::Value;
use wsr_compiler::ide;
use wsr_compiler::source::FileId;

use super::protocol::Protocol;
use super::session::Session;
use super::{convert, edits};

/// Why a request has no answer.
pub struct Refusal {
    /// Its code.
    pub code: ErrorCode,
    /// In words that an editor may show.
    pub message: String,
}

impl Refusal {
    /// The request is fine, and cannot be done.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::RequestFailed, message: message.into() }
    }
}

type Answer<T> = Result<Option<T>, Refusal>;

/// Answers any request.
pub fn answer(session: &Session, request: Request) -> Result<Value, Refusal> {
    let Request { method, params, .. } = request;
    match method.as_str() {
        <lsp::HoverRequest as lsp::Request>::METHOD => call(session, params, hover),
        <lsp::Completion as lsp::Request>::METHOD => call(session, params, completion),
        <lsp::GotoDefinition as lsp::Request>::METHOD => call(session, params, definition),
        <lsp::References as lsp::Request>::METHOD => call(session, params, references),
        <lsp::DocumentHighlightRequest as lsp::Request>::METHOD => call(session, params, highlights),
        <lsp::PrepareRenameRequest as lsp::Request>::METHOD => call(session, params, prepare_rename),
        <lsp::Rename as lsp::Request>::METHOD => call(session, params, rename),
        <lsp::DocumentSymbolRequest as lsp::Request>::METHOD => call(session, params, document_symbols),
        <lsp::WorkspaceSymbolRequest as lsp::Request>::METHOD => call(session, params, workspace_symbols),
        <lsp::SemanticTokensFullRequest as lsp::Request>::METHOD => call(session, params, semantic_tokens),
        <lsp::FoldingRangeRequest as lsp::Request>::METHOD => call(session, params, folds),
        <lsp::InlayHintRequest as lsp::Request>::METHOD => call(session, params, hints),
        <lsp::CodeLensRequest as lsp::Request>::METHOD => call(session, params, lenses),
        <lsp::CodeActionRequest as lsp::Request>::METHOD => call(session, params, actions),
        <lsp::Formatting as lsp::Request>::METHOD => call(session, params, formatting),
        _ => Err(Refusal { code: ErrorCode::MethodNotFound, message: format!("there is no method `{method}`") }),
    }
}

/// Reads the parameters, and writes the answer.
fn call<P, T>(session: &Session, params: Value, handle: fn(&Session, P) -> Answer<T>) -> Result<Value, Refusal>
where
    P: serde::de::DeserializeOwned,
    T: Serialize,
{
    let params = serde_json::from_value(params)
        .map_err(|error| Refusal { code: ErrorCode::InvalidParams, message: error.to_string() })?;
    let answer = handle(session, params)?;
    serde_json::to_value(answer).map_err(|error| Refusal { code: ErrorCode::InternalError, message: error.to_string() })
}

/// A place in a file of a protocol.
struct At<'s> {
    protocol: &'s Protocol,
    file: FileId,
    offset: u32,
}

fn at<'s>(session: &'s Session, params: &TextDocumentPositionParams) -> Option<At<'s>> {
    let (protocol, file) = session.find(&params.text_document.uri)?;
    Some(At { protocol, file, offset: protocol.offset(file, params.position) })
}

fn hover(session: &Session, params: HoverParams) -> Answer<Hover> {
    let Some(at) = at(session, &params.text_document_position_params) else { return Ok(None) };
    let found = ide::hover(&at.protocol.analysis, at.file, at.offset);
    Ok(found.map(|found| Hover {
        contents: HoverContents::Markup(markdown(found.markdown)),
        range: Some(at.protocol.range(found.span)),
    }))
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

fn completion(session: &Session, params: CompletionParams) -> Answer<CompletionResponse> {
    let Some(at) = at(session, &params.text_document_position) else { return Ok(None) };
    let found = ide::complete(&at.protocol.analysis, at.file, at.offset);
    let items = found
        .into_iter()
        .enumerate()
        .map(|(rank, found)| convert::completion(at.protocol, found, rank, session.client.snippets));
    Ok(Some(CompletionResponse::Array(items.collect())))
}

fn definition(session: &Session, params: GotoDefinitionParams) -> Answer<GotoDefinitionResponse> {
    let Some(at) = at(session, &params.text_document_position_params) else { return Ok(None) };
    let found = ide::definition(&at.protocol.analysis, at.file, at.offset);
    let places: Vec<Location> = found.into_iter().filter_map(|span| at.protocol.location(span)).collect();
    Ok((!places.is_empty()).then_some(GotoDefinitionResponse::Array(places)))
}

fn references(session: &Session, params: ReferenceParams) -> Answer<Vec<Location>> {
    let Some(at) = at(session, &params.text_document_position) else { return Ok(None) };
    let declared = params.context.include_declaration;
    let found = ide::references(&at.protocol.analysis, at.file, at.offset, declared);
    Ok(Some(found.into_iter().filter_map(|span| at.protocol.location(span)).collect()))
}

fn highlights(session: &Session, params: DocumentHighlightParams) -> Answer<Vec<DocumentHighlight>> {
    let Some(at) = at(session, &params.text_document_position_params) else { return Ok(None) };
    let found = ide::highlights(&at.protocol.analysis, at.file, at.offset);
    let highlight = |(span, declares): (_, bool)| DocumentHighlight {
        range: at.protocol.range(span),
        kind: Some(if declares { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
    };
    Ok(Some(found.into_iter().map(highlight).collect()))
}

fn prepare_rename(session: &Session, params: TextDocumentPositionParams) -> Answer<PrepareRenameResponse> {
    let Some(at) = at(session, &params) else { return Ok(None) };
    let (span, placeholder) = ide::rename_at(&at.protocol.analysis, at.file, at.offset).map_err(Refusal::failed)?;
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range: at.protocol.range(span), placeholder }))
}

fn rename(session: &Session, params: RenameParams) -> Answer<WorkspaceEdit> {
    let Some(at) = at(session, &params.text_document_position) else { return Ok(None) };
    let found = ide::rename(&at.protocol.analysis, at.file, at.offset, &params.new_name).map_err(Refusal::failed)?;
    Ok(Some(edits::renaming(session, at.protocol, found, &params.new_name)))
}

fn document_symbols(session: &Session, params: DocumentSymbolParams) -> Answer<DocumentSymbolResponse> {
    let Some((protocol, file)) = session.find(&params.text_document.uri) else { return Ok(None) };
    let found = ide::outline(&protocol.analysis, file);
    let symbols = found.into_iter().map(|symbol| convert::symbol(protocol, symbol));
    Ok(Some(DocumentSymbolResponse::Nested(symbols.collect())))
}

fn workspace_symbols(session: &Session, params: WorkspaceSymbolParams) -> Answer<WorkspaceSymbolResponse> {
    let mut found: Vec<WorkspaceSymbol> = Vec::new();
    for protocol in session.live() {
        for (path, symbol) in ide::search(&protocol.analysis, &params.query) {
            let symbol = convert::workspace_symbol(protocol, path, symbol);
            found.extend(symbol.filter(|symbol| !found.contains(symbol)));
        }
    }
    Ok(Some(WorkspaceSymbolResponse::Nested(found)))
}

fn semantic_tokens(session: &Session, params: SemanticTokensParams) -> Answer<SemanticTokensResult> {
    let Some((protocol, file)) = session.find(&params.text_document.uri) else { return Ok(None) };
    let found = ide::tokens(&protocol.analysis, file);
    let data = convert::semantic_tokens(protocol, file, &found);
    Ok(Some(SemanticTokensResult::Tokens(SemanticTokens { result_id: None, data })))
}

fn folds(session: &Session, params: FoldingRangeParams) -> Answer<Vec<FoldingRange>> {
    let Some((protocol, file)) = session.find(&params.text_document.uri) else { return Ok(None) };
    let found = ide::folds(&protocol.analysis, file);
    Ok(Some(found.into_iter().map(|fold| convert::fold(protocol, file, fold)).collect()))
}

fn hints(session: &Session, params: InlayHintParams) -> Answer<Vec<InlayHint>> {
    let Some((protocol, file)) = session.find(&params.text_document.uri) else { return Ok(None) };
    let found = ide::hints(&protocol.analysis, protocol.span(file, params.range));
    let hint = |hint: ide::Hint| InlayHint {
        position: protocol.position(file, hint.offset),
        label: InlayHintLabel::String(hint.text),
        kind: None,
        text_edits: None,
        tooltip: Some(InlayHintTooltip::MarkupContent(markdown(hint.tooltip))),
        padding_left: None,
        padding_right: None,
        data: None,
    };
    Ok(Some(found.into_iter().map(hint).collect()))
}

fn lenses(session: &Session, params: CodeLensParams) -> Answer<Vec<CodeLens>> {
    let Some((protocol, file)) = session.find(&params.text_document.uri) else { return Ok(None) };
    let found = ide::lenses(&protocol.analysis, file);
    Ok(Some(found.into_iter().map(|lens| convert::lens(protocol, lens)).collect()))
}

fn actions(session: &Session, params: CodeActionParams) -> Answer<CodeActionResponse> {
    let Some((protocol, file)) = session.find(&params.text_document.uri) else { return Ok(None) };
    let found = ide::actions(&protocol.analysis, protocol.span(file, params.range));
    let only = params.context.only.as_deref();
    let actions = found.into_iter().filter_map(|action| edits::action(session, protocol, action));
    let wanted = actions.filter(|action| edits::is_wanted(action, only));
    Ok(Some(wanted.map(Into::into).collect()))
}

fn formatting(session: &Session, params: DocumentFormattingParams) -> Answer<Vec<TextEdit>> {
    let uri: Uri = params.text_document.uri;
    let Some((protocol, file)) = session.find(&uri) else { return Ok(None) };
    Ok(Some(edits::formatting(protocol, file)))
}
