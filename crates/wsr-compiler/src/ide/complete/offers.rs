//! What fits a context: words of the language, and what the model has by that name.

use super::context::Context;
use super::frames::Cursor;
use super::scope::{Based, Scope, Written};
use super::snippets;
use super::{Completion, CompletionKind};
use crate::ide::{text, words};
use crate::model::{NamespaceId, Origin, Shape, TypeDef, TypeKind};
use crate::source::Span;

/// Collects what may be written at the cursor.
pub(super) struct Offers<'c, 'a> {
    pub scope: Scope<'a>,
    pub cursor: &'c Cursor<'a>,
    /// The word at the cursor.
    pub replaces: Span,
    pub found: Vec<Completion>,
}

impl Offers<'_, '_> {
    /// Offers all that fits.
    pub fn of(&mut self, context: &Context) {
        match context {
            Context::Nothing => {}
            Context::Item { inner, goes_on } => {
                self.keywords(goes_on);
                self.items(*inner);
            }
            Context::Words(words) => self.keywords(words),
            Context::Type { path, keys, reply } => self.types(path, *keys, *reply),
            Context::Error(path) => self.errors(path),
            Context::Arrow(path) => self.arrow(path),
            Context::Handler(path) => self.handlers(path),
            Context::Target => self.target(),
            Context::Audience => self.audience(),
            Context::Topic(path) => self.topics(path, ""),
            Context::Mailbox => self.mailbox(),
            Context::Place(path) => self.place(path),
            Context::Role => self.roles(),
            Context::Pick(path) => self.picks(path),
            Context::State { end } => self.states(*end),
            Context::Step => {
                self.picks(&[]);
                self.keywords(&["after"]);
            }
            Context::Limit(ty) => self.limits(ty),
            Context::Value(ty) => self.values(ty),
            Context::Attribute(of) => self.attributes(of),
            Context::Argument(name, before) => self.arguments(name, before),
        }
    }

    /// One more, without docs of its own.
    pub fn push(
        &mut self,
        kind: CompletionKind,
        label: impl Into<String>,
        detail: impl Into<String>,
    ) -> &mut Completion {
        let label = label.into();
        let offer = Completion {
            text: label.clone(),
            label,
            kind,
            detail: detail.into(),
            docs: String::new(),
            snippet: None,
            replaces: self.replaces,
            deprecated: false,
        };
        self.found.push(offer);
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// One more that is declared somewhere.
    pub fn declared(
        &mut self,
        kind: CompletionKind,
        label: String,
        detail: String,
        origin: &Origin,
    ) -> &mut Completion {
        let offer = self.push(kind, label, detail);
        offer.docs = origin.docs.join("\n");
        offer.deprecated = origin.deprecated.is_some();
        offer
    }

    /// Puts a snippet in place of the label.
    pub fn snippet(offer: &mut Completion, snippet: String) {
        offer.text = snippets::plain(&snippet);
        offer.snippet = Some(snippet).filter(|snippet| snippet.contains('$'));
    }

    pub fn keywords(&mut self, words: &[&'static str]) {
        for word in words {
            let offer = self.push(CompletionKind::Keyword, *word, "");
            offer.docs = words::keyword(word).unwrap_or_default().to_owned();
            if let Some(snippet) = snippets::word(word) {
                Self::snippet(offer, snippet.to_owned());
            }
        }
    }

    fn items(&mut self, inner: bool) {
        let empty = self.cursor.text.trim().is_empty();
        if empty || !inner && self.cursor.before == 0 {
            self.push(CompletionKind::Keyword, "wsr 1", "");
        }
        for (keyword, everywhere) in snippets::ITEMS {
            if inner && !everywhere {
                continue;
            }
            let offer = self.push(CompletionKind::Keyword, keyword, "");
            offer.docs = words::keyword(keyword).unwrap_or_default().to_owned();
            Self::snippet(offer, snippets::item(keyword).to_owned());
        }
    }

    fn types(&mut self, path: &[String], keys: bool, reply: bool) {
        if reply && path.is_empty() {
            self.built_in("ok");
        }
        self.type_defs(path, |scope, def| !matches!(def.kind, TypeKind::Error(_)) && (!keys || scope.is_key(def)));
        if !path.is_empty() {
            return;
        }
        for (name, _) in words::BUILT_IN {
            let fits = match *name {
                "ok" => false,
                "Role" => !self.scope.analysis.model.roles.is_empty(),
                name => !keys || is_key_type(name),
            };
            if fits {
                self.built_in(name);
            }
        }
    }

    fn built_in(&mut self, name: &str) {
        let offer = self.push(CompletionKind::BuiltIn, name, "");
        offer.docs = words::built_in(name).unwrap_or_default().to_owned();
        if name == "map" {
            Self::snippet(offer, "map<${1:string}, ${2:string}>".to_owned());
        }
    }

    fn errors(&mut self, path: &[String]) {
        self.type_defs(path, |_, def| matches!(def.kind, TypeKind::Error(_)));
    }

    /// Declared types that fit, near ones first; behind a path those of that namespace alone.
    fn type_defs(&mut self, path: &[String], fits: impl Fn(&Scope<'_>, &TypeDef) -> bool) {
        let model = &self.scope.analysis.model;
        let inside = if path.is_empty() { None } else { self.scope.find_namespace(path) };
        if inside.is_none() && !path.is_empty() {
            return;
        }
        let mut defs: Vec<&TypeDef> = model.types.iter().filter(|def| !def.inline && fits(&self.scope, def)).collect();
        match inside {
            Some(namespace) => defs.retain(|def| def.namespace == namespace),
            None => defs.sort_by_key(|def| self.scope.distance(def.namespace)),
        }
        for def in defs {
            let name = match inside {
                Some(_) => def.name.clone(),
                None => self.scope.named(def.namespace, &def.name, "::"),
            };
            let (kind, detail) = match &def.kind {
                TypeKind::Alias(ty) => (CompletionKind::Type, text(self.scope.analysis, ty.span).to_owned()),
                TypeKind::Struct(_) => (CompletionKind::Type, "struct".to_owned()),
                TypeKind::Enum(_) => (CompletionKind::Enum, "enum".to_owned()),
                TypeKind::Error(_) => (CompletionKind::Enum, "error".to_owned()),
            };
            self.declared(kind, name, detail, &def.origin);
        }
        if let Some(namespace) = inside {
            self.children(namespace, "::");
        }
    }

    /// The namespaces inside another.
    pub fn children(&mut self, of: NamespaceId, sign: &str) {
        let model = &self.scope.analysis.model;
        for namespace in model.namespaces.iter().filter(|namespace| namespace.parent == Some(of)) {
            let name = namespace.path.last().cloned().unwrap_or_default();
            let offer = self.push(CompletionKind::Namespace, format!("{name}{sign}"), "namespace");
            offer.docs = namespace.docs.join("\n");
        }
    }

    pub fn roles(&mut self) {
        for role in &self.scope.analysis.model.roles {
            self.declared(CompletionKind::Role, role.name.clone(), "role".to_owned(), &role.origin);
        }
    }

    fn limits(&mut self, ty: &str) {
        let shape = match self.scope.shape(ty) {
            Some(Written::List) => &["len", "unique"][..],
            Some(Written::Map) => &["len"],
            Some(Written::BuiltIn(shape)) => limits_of(&shape),
            Some(Written::Shape(Based::Shape(shape))) => limits_of(shape),
            Some(Written::Shape(Based::Def(_))) => &[],
            None => &["len", "match", "unique", "multiple_of", "1..=10"],
        };
        for word in shape {
            let snippet = match *word {
                "len" => "len ${1:1..=40}",
                "match" => "match /${1:[a-z]+}/",
                "multiple_of" => "multiple_of ${1:0.5}",
                "1..=10" => "${1:1}..=${2:10}",
                "1s..=1m" => "${1:1s}..=${2:1m}",
                word => word,
            };
            let offer = self.push(CompletionKind::Keyword, *word, "");
            offer.docs = words::limit(word).unwrap_or("bounds, both included").to_owned();
            Self::snippet(offer, snippet.to_owned());
        }
    }

    fn values(&mut self, ty: &str) {
        match self.scope.shape(ty) {
            Some(Written::List) => {
                let offer = self.push(CompletionKind::Value, "[]", "");
                Self::snippet(offer, "[$1]".to_owned());
            }
            Some(Written::BuiltIn(shape)) => self.values_of(&shape),
            Some(Written::Shape(Based::Shape(shape))) => self.values_of(shape),
            Some(Written::Shape(Based::Def(def))) => {
                let TypeKind::Enum(variants) = &def.kind else { return };
                for variant in variants.iter().filter(|variant| variant.fields.is_empty()) {
                    self.declared(CompletionKind::Variant, variant.name.clone(), def.name.clone(), &variant.origin);
                }
            }
            Some(Written::Map) | None => {}
        }
    }

    fn values_of(&mut self, shape: &Shape) {
        match shape {
            Shape::Bool => {
                self.push(CompletionKind::Value, "false", "bool");
                self.push(CompletionKind::Value, "true", "bool");
            }
            Shape::Role => self.roles(),
            Shape::List(_) => {
                let offer = self.push(CompletionKind::Value, "[]", "");
                Self::snippet(offer, "[$1]".to_owned());
            }
            Shape::String => {
                let offer = self.push(CompletionKind::Value, "\"\"", "string");
                Self::snippet(offer, "\"$1\"".to_owned());
            }
            _ => {}
        }
    }

    fn attributes(&mut self, of: &str) {
        let written: Vec<String> = self.attributes_above().into_iter().map(str::to_owned).collect();
        for (name, form) in crate::resolve::attributes_of(of) {
            if written.iter().any(|known| known == name) && name != "allow" {
                continue;
            }
            let offer = self.push(CompletionKind::Attribute, format!("@{name}"), form);
            offer.docs = words::attribute(name).unwrap_or_default().to_owned();
            if let Some(snippet) = snippets::attribute(form) {
                Self::snippet(offer, snippet);
            }
        }
    }

    /// Attributes that stand there already.
    fn attributes_above(&self) -> Vec<&str> {
        let pieces = self.cursor.frame().pieces.iter();
        pieces.filter_map(|piece| piece.text().strip_prefix('@')).collect()
    }

    fn arguments(&mut self, name: &str, before: &str) {
        let words: &[&str] = match (name, before) {
            ("accepts", _) => &["plain", "flat", "nested"],
            ("rename_all", _) => &["camelCase", "snake_case", "kebab-case", "PascalCase", "SCREAMING_SNAKE_CASE"],
            ("rate", "by") => &["connection", "identity", "address"],
            ("rate", "") => &["by: "],
            ("rate", _) => &["per"],
            ("overflow", "") => &["drop_oldest", "keep_latest", "close", "wait", "by: "],
            _ => &[],
        };
        for word in words {
            self.push(CompletionKind::Value, *word, "");
        }
        if matches!((name, before), ("overflow", "by") | ("idempotent", "")) {
            self.fields_below();
        }
        if name == "allow" && before.is_empty() {
            let warnings = crate::code::Code::ALL.iter();
            for code in warnings.filter(|code| code.severity() == crate::diagnostic::Severity::Warning) {
                let offer = self.push(CompletionKind::Value, code.slug(), code.as_str());
                offer.docs = code.summary().to_owned();
            }
        }
    }
}

/// What a type of this shape can be limited by.
fn limits_of(shape: &Shape) -> &'static [&'static str] {
    match shape {
        Shape::String => &["len", "match"],
        Shape::Bytes | Shape::Map(..) => &["len"],
        Shape::List(_) => &["len", "unique"],
        Shape::Int(_) | Shape::F32 | Shape::F64 => &["1..=10", "multiple_of"],
        Shape::Duration => &["1s..=1m"],
        _ => &[],
    }
}

/// Whether a built-in type can be a key.
fn is_key_type(name: &str) -> bool {
    let integer = name.len() > 1 && name.starts_with(['u', 'i']) && name[1..].bytes().all(|byte| byte.is_ascii_digit());
    integer || matches!(name, "string" | "uuid" | "Role")
}
