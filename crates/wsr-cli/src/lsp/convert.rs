//! Data of `ide` in the protocol's forms.

use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLens, CodeLensOptions, Command,
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionOptions, CompletionTextEdit, DocumentSymbol,
    Documentation, FoldingRange, FoldingRangeKind, FoldingRangeProviderCapability, HoverProviderCapability,
    InsertTextFormat, MarkupContent, MarkupKind, OneOf, RenameOptions, SemanticToken, SemanticTokenModifier,
    SemanticTokenType, SemanticTokensFullOptions, SemanticTokensLegend, SemanticTokensOptions,
    SemanticTokensServerCapabilities, ServerCapabilities, SymbolKind, SymbolTag, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextEdit, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities, WorkspaceSymbol,
};
use wsr_compiler::ide::{
    Completion, CompletionKind, Fold, FoldKind, Lens, Outline, SymbolKind as Declared, TokenKind, Tokened,
};
use wsr_compiler::source::FileId;

use super::client::Client;
use super::protocol::Protocol;

/// What this server can do.
pub fn capabilities(client: Client) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(client.encoding.name()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(true.into()),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([":", "@", "{", "/", ">", "(", "[", "=", "."].map(str::to_owned).into()),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: Default::default(),
        })),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        inlay_hint_provider: Some(OneOf::Left(true)),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::REFACTOR]),
            ..CodeActionOptions::default()
        })),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: legend(),
                full: Some(SemanticTokensFullOptions::Bool(true)),
                ..SemanticTokensOptions::default()
            },
        )),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}

/// The types of semantic tokens, by our kinds: the standard one that themes know.
const TOKEN_TYPES: [(&[TokenKind], SemanticTokenType); 16] = [
    (&[TokenKind::Keyword], SemanticTokenType::KEYWORD),
    (&[TokenKind::BuiltIn, TokenKind::Type], SemanticTokenType::TYPE),
    (&[TokenKind::Enum], SemanticTokenType::ENUM),
    (&[TokenKind::Variant], SemanticTokenType::ENUM_MEMBER),
    (&[TokenKind::Field], SemanticTokenType::PROPERTY),
    (&[TokenKind::Place], SemanticTokenType::PARAMETER),
    (&[TokenKind::Namespace], SemanticTokenType::NAMESPACE),
    (&[TokenKind::Event], SemanticTokenType::EVENT),
    (&[TokenKind::Message], SemanticTokenType::FUNCTION),
    (&[TokenKind::Handler], SemanticTokenType::METHOD),
    (&[TokenKind::Topic, TokenKind::State], SemanticTokenType::VARIABLE),
    (&[TokenKind::Attribute], SemanticTokenType::DECORATOR),
    (&[TokenKind::Number], SemanticTokenType::NUMBER),
    (&[TokenKind::Text], SemanticTokenType::STRING),
    (&[TokenKind::Pattern], SemanticTokenType::REGEXP),
    (&[TokenKind::Comment, TokenKind::Doc], SemanticTokenType::COMMENT),
];

const MODIFIERS: [SemanticTokenModifier; 4] = [
    SemanticTokenModifier::DECLARATION,
    SemanticTokenModifier::DEFAULT_LIBRARY,
    SemanticTokenModifier::DEPRECATED,
    SemanticTokenModifier::DOCUMENTATION,
];

fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TOKEN_TYPES.into_iter().map(|(_, name)| name).collect(),
        token_modifiers: MODIFIERS.into(),
    }
}

/// Tokens as the protocol counts them, each from the one before.
pub fn semantic_tokens(protocol: &Protocol, file: FileId, tokens: &[Tokened]) -> Vec<SemanticToken> {
    let (mut line, mut column) = (0, 0);
    let mut found = Vec::with_capacity(tokens.len());
    for token in tokens {
        let Some(token_type) = TOKEN_TYPES.iter().position(|(kinds, _)| kinds.contains(&token.kind)) else { continue };
        let at = protocol.position(file, token.span.start);
        let text = protocol.source(file).get(token.span.start as usize..token.span.end as usize).unwrap_or_default();
        if at.line != line {
            column = 0;
        }
        let modifiers = u32::from(token.declares)
            | u32::from(token.kind == TokenKind::BuiltIn) << 1
            | u32::from(token.deprecated) << 2
            | u32::from(token.kind == TokenKind::Doc) << 3;
        found.push(SemanticToken {
            delta_line: at.line - line,
            delta_start: at.character - column,
            length: protocol.width(text),
            token_type: token_type as u32,
            token_modifiers_bitset: modifiers,
        });
        (line, column) = (at.line, at.character);
    }
    found
}

/// A completion; its rank among the others is the order in which to show them.
pub fn completion(protocol: &Protocol, found: Completion, rank: usize, snippets: bool) -> CompletionItem {
    let snippet = found.snippet.filter(|_| snippets);
    let format = if snippet.is_some() { InsertTextFormat::SNIPPET } else { InsertTextFormat::PLAIN_TEXT };
    let new_text = snippet.unwrap_or(found.text);
    CompletionItem {
        filter_text: Some(found.label.clone()),
        label: found.label,
        kind: Some(completion_kind(found.kind)),
        detail: (!found.detail.is_empty()).then_some(found.detail),
        documentation: (!found.docs.is_empty())
            .then_some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: found.docs })),
        tags: found.deprecated.then(|| vec![CompletionItemTag::DEPRECATED]),
        sort_text: Some(format!("{rank:05}")),
        insert_text_format: Some(format),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: protocol.range(found.replaces), new_text })),
        ..CompletionItem::default()
    }
}

fn completion_kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword => CompletionItemKind::KEYWORD,
        CompletionKind::Type => CompletionItemKind::STRUCT,
        CompletionKind::BuiltIn => CompletionItemKind::CLASS,
        CompletionKind::Enum => CompletionItemKind::ENUM,
        CompletionKind::Variant | CompletionKind::Role => CompletionItemKind::ENUM_MEMBER,
        CompletionKind::Field => CompletionItemKind::FIELD,
        CompletionKind::Event => CompletionItemKind::EVENT,
        CompletionKind::Message => CompletionItemKind::FUNCTION,
        CompletionKind::Handler => CompletionItemKind::METHOD,
        CompletionKind::Topic => CompletionItemKind::VARIABLE,
        CompletionKind::State => CompletionItemKind::CONSTANT,
        CompletionKind::Namespace => CompletionItemKind::MODULE,
        CompletionKind::Attribute => CompletionItemKind::PROPERTY,
        CompletionKind::Value => CompletionItemKind::VALUE,
    }
}

/// A declaration with those inside.
#[expect(deprecated, reason = "the field has to be there, if only empty")]
pub fn symbol(protocol: &Protocol, symbol: Outline) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> =
        symbol.children.into_iter().map(|child| self::symbol(protocol, child)).collect();
    DocumentSymbol {
        name: symbol.name,
        detail: (!symbol.detail.is_empty()).then_some(symbol.detail),
        kind: symbol_kind(symbol.kind),
        tags: symbol.deprecated.then(|| vec![SymbolTag::DEPRECATED]),
        deprecated: None,
        range: protocol.range(symbol.span),
        selection_range: protocol.range(symbol.name_span),
        children: (!children.is_empty()).then_some(children),
    }
}

/// A declaration with its place; `None` when its file has no address.
pub fn workspace_symbol(protocol: &Protocol, path: String, symbol: Outline) -> Option<WorkspaceSymbol> {
    Some(WorkspaceSymbol {
        name: symbol.name,
        kind: symbol_kind(symbol.kind),
        tags: symbol.deprecated.then(|| vec![SymbolTag::DEPRECATED]),
        container_name: (!path.is_empty()).then_some(path),
        location: OneOf::Left(protocol.location(symbol.name_span)?),
        data: None,
    })
}

fn symbol_kind(kind: Declared) -> SymbolKind {
    match kind {
        Declared::Protocol => SymbolKind::PACKAGE,
        Declared::Namespace => SymbolKind::NAMESPACE,
        Declared::Alias => SymbolKind::CLASS,
        Declared::Struct => SymbolKind::STRUCT,
        Declared::Enum | Declared::Error => SymbolKind::ENUM,
        Declared::Field => SymbolKind::FIELD,
        Declared::Variant | Declared::Role => SymbolKind::ENUM_MEMBER,
        Declared::Topic => SymbolKind::VARIABLE,
        Declared::Handler => SymbolKind::METHOD,
        Declared::Event => SymbolKind::EVENT,
        Declared::Message | Declared::Ask => SymbolKind::FUNCTION,
        Declared::Flow => SymbolKind::MODULE,
        Declared::State => SymbolKind::CONSTANT,
    }
}

/// A fold, by lines: the closing bracket stays in sight.
pub fn fold(protocol: &Protocol, file: FileId, fold: Fold) -> FoldingRange {
    let (start, end) = (protocol.position(file, fold.start).line, protocol.position(file, fold.end).line);
    let block = fold.kind == FoldKind::Block;
    FoldingRange {
        start_line: start,
        end_line: if block { end.saturating_sub(1).max(start) } else { end },
        kind: match fold.kind {
            FoldKind::Block => None,
            FoldKind::Comment => Some(FoldingRangeKind::Comment),
            FoldKind::Imports => Some(FoldingRangeKind::Imports),
        },
        ..FoldingRange::default()
    }
}

/// A line above something. It tells, and does nothing when clicked.
pub fn lens(protocol: &Protocol, lens: Lens) -> CodeLens {
    let command = Command { title: lens.text, command: String::new(), arguments: None };
    CodeLens { range: protocol.range(lens.span), command: Some(command), data: None }
}
