//! What arrows lead to: events, handlers, topics, fields in places, states.

use super::CompletionKind;
use super::frames::{Inside, Piece, keyword};
use super::offers::Offers;
use super::snippets::escaped;
use crate::ide::lexer::Kind;
use crate::ide::text;
use crate::model::{Handler, Segment};
use crate::syntax::ITEM_KEYWORDS;

/// A field of a payload as it stands in the text, which the model may not know yet.
struct Written<'a> {
    name: &'a str,
    ty: &'a str,
    optional: bool,
}

impl<'a> Offers<'_, 'a> {
    /// What stands behind `->`.
    pub fn arrow(&mut self, path: &[String]) {
        if path.is_empty() {
            self.keywords(&["reply", "silent"]);
        }
        self.events(path);
        if path.is_empty() {
            self.keywords(&["join", "leave", "relay", "stream", "pass"]);
        }
    }

    fn events(&mut self, path: &[String]) {
        let analysis = self.scope.analysis;
        let model = &analysis.model;
        let inside = if path.is_empty() { None } else { self.scope.find_namespace(path) };
        if inside.is_none() && !path.is_empty() {
            return;
        }
        let mut events: Vec<_> = model.events.iter().collect();
        match inside {
            Some(namespace) => events.retain(|event| event.namespace == namespace),
            None => events.sort_by_key(|event| self.scope.distance(event.namespace)),
        }
        for event in events {
            let name = match inside {
                Some(_) => event.name.clone(),
                None => self.scope.named(event.namespace, &event.name, "/"),
            };
            let offer = self.declared(CompletionKind::Event, name.clone(), "event".to_owned(), &event.origin);
            if event.target.is_none() {
                Self::snippet(offer, format!("{name} to $0"));
            }
        }
        if let Some(namespace) = inside {
            self.children(namespace, "/");
        }
    }

    /// What stands behind `=>`, `then` and the commas of a chain.
    pub fn handlers(&mut self, path: &[String]) {
        let model = &self.scope.analysis.model;
        let inside = if path.is_empty() { None } else { self.scope.find_namespace(path) };
        if inside.is_none() && !path.is_empty() {
            return;
        }
        let here = inside.unwrap_or(self.scope.namespace);
        let mut methods: Vec<String> = Vec::new();
        if let (None, Some(name)) = (inside, self.item_name()) {
            methods.push(name.to_owned());
        }
        for handling in model.messages.iter().flat_map(|message| message.chain.iter().flatten()) {
            if let Handler::Method { namespace, name } = &handling.handler
                && *namespace == here
                && !methods.contains(name)
            {
                methods.push(name.clone());
            }
        }
        for name in methods {
            self.push(CompletionKind::Handler, name, "handler");
        }
        for handler in &model.any_handlers {
            let name = match inside {
                Some(namespace) if namespace != handler.namespace => continue,
                Some(_) => handler.name.clone(),
                None => self.scope.named(handler.namespace, &handler.name, "::"),
            };
            self.declared(CompletionKind::Handler, name, "takes every message".to_owned(), &handler.origin);
        }
        if inside.is_none() {
            let offer = self.push(CompletionKind::Keyword, "relay to", "");
            offer.docs = crate::ide::words::keyword("relay").unwrap_or_default().to_owned();
        }
    }

    /// What stands behind `to`.
    pub fn target(&mut self) {
        self.keywords(&["all", "others"]);
        self.topics(&[], "topic ");
        if !self.scope.analysis.model.roles.is_empty() {
            self.keywords(&["role"]);
        }
        if self.scope.analysis.model.identity.is_some() {
            let offer = self.push(CompletionKind::Keyword, "mailbox", "");
            Self::snippet(offer, "mailbox {${1}}".to_owned());
            self.keywords(&["mailboxes"]);
        }
        self.topics(&[], "others in topic ");
    }

    /// What stands behind `in`.
    pub fn audience(&mut self) {
        self.topics(&[], "topic ");
        self.keywords(&["role"]);
    }

    /// Topics with a field in each place; `word` stands in front of them.
    pub fn topics(&mut self, path: &[String], word: &str) {
        let analysis = self.scope.analysis;
        let inside = if path.is_empty() { None } else { self.scope.find_namespace(path) };
        if inside.is_none() && !path.is_empty() {
            return;
        }
        let fields: Vec<(String, String)> =
            self.fields().iter().map(|f| (f.name.to_owned(), f.ty.to_owned())).collect();
        let mut topics: Vec<_> = analysis.model.topics.iter().collect();
        match inside {
            Some(namespace) => topics.retain(|topic| topic.namespace == namespace),
            None => topics.sort_by_key(|topic| self.scope.distance(topic.namespace)),
        }
        for topic in topics {
            let (mut label, mut snippet) = (Vec::new(), Vec::new());
            for segment in &topic.segments {
                match segment {
                    Segment::Literal(word) => {
                        label.push(word.clone());
                        snippet.push(word.clone());
                    }
                    Segment::Place { name, ty } => {
                        let written = text(analysis, ty.span);
                        let same_name = fields.iter().find(|(field, _)| field == name);
                        let fitting = same_name.or_else(|| fields.iter().find(|(_, ty)| ty == written));
                        let field = fitting.map_or(name, |(field, _)| field);
                        label.push(format!("{{{field}}}"));
                        snippet.push(format!("{{${{{}:{}}}}}", snippet.len(), escaped(field)));
                    }
                }
            }
            let name = match inside {
                Some(_) => label.join("/"),
                None => self.scope.named(topic.namespace, &label.join("/"), "/"),
            };
            let front = name.strip_suffix(&label.join("/")).unwrap_or_default();
            let full = format!("{word}{front}{}", snippet.join("/"));
            let offer =
                self.declared(CompletionKind::Topic, format!("{word}{name}"), "topic".to_owned(), &topic.origin);
            Self::snippet(offer, full);
        }
    }

    /// `{field}` behind `mailbox`.
    pub fn mailbox(&mut self) {
        let identity = self.scope.analysis.model.identity.as_ref();
        let wanted = identity.map(|ty| text(self.scope.analysis, ty.span));
        let mut fields = self.fields();
        fields.sort_by_key(|field| Some(field.ty) != wanted);
        for field in fields {
            self.push(CompletionKind::Field, format!("{{{}}}", field.name), field.ty);
        }
    }

    /// The word in a place, which follows the path in front of it.
    pub fn place(&mut self, path: &[String]) {
        let Some((first, rest)) = path.split_first() else {
            for field in self.fields() {
                let detail =
                    if field.optional { format!("{} (may be left out)", field.ty) } else { field.ty.to_owned() };
                self.push(CompletionKind::Field, field.name, detail);
            }
            return;
        };
        let outer = self.fields().into_iter().find(|field| field.name == first).map(|field| field.ty);
        let name = outer.map(|ty| ty.split(['(', '?', ' ']).next().unwrap_or_default());
        let Some(id) = name.and_then(|name| self.scope.find_type(name)) else { return };
        let mut fields = self.scope.fields_of_type(id);
        for name in rest {
            let Some(field) = fields.iter().find(|field| field.name == *name) else { return };
            fields = self.scope.fields_of(&field.ty);
        }
        for field in fields {
            let ty = text(self.scope.analysis, field.ty.span).to_owned();
            self.declared(CompletionKind::Field, field.name.clone(), ty, &field.origin);
        }
    }

    /// The fields of the message below an attribute.
    pub fn fields_below(&mut self) {
        let tokens = &self.cursor.tokens[self.cursor.before..];
        let open = tokens.iter().position(|token| token.text == "{" && token.kind == Kind::Sign);
        let fields = open.map(|open| written_fields(self.cursor.text, &tokens[open + 1..])).unwrap_or_default();
        for field in fields {
            self.push(CompletionKind::Field, field.name, field.ty);
        }
    }

    /// The name of the message or event around the cursor.
    fn item_name(&self) -> Option<&'a str> {
        let mut words = self.cursor.item().iter().filter(|piece| piece.is_word());
        words.nth(1).map(Piece::text)
    }

    /// The fields of the payload around the cursor, as they are written there.
    fn fields(&self) -> Vec<Written<'a>> {
        let pieces = self.cursor.item();
        if !matches!(keyword(pieces), "message" | "event") {
            return Vec::new();
        }
        let name = pieces.iter().position(|piece| matches!(piece.text(), "message" | "event")).unwrap_or(0) + 1;
        match pieces.get(name + 1) {
            Some(Piece::Group(b'{', start, end)) => {
                let inside: Vec<_> = self
                    .cursor
                    .tokens
                    .iter()
                    .copied()
                    .filter(|token| token.start > *start && token.end() <= *end)
                    .collect();
                written_fields(self.cursor.text, &inside)
            }
            Some(colon) if colon.text() == ":" => {
                let ty = pieces[name + 2..].iter().take_while(|piece| piece.is_word() || piece.text() == "::");
                let ty: String = ty.map(Piece::text).collect();
                let Some(id) = self.scope.find_type(&ty) else { return Vec::new() };
                let fields = self.scope.fields_of_type(id).iter();
                let written = |field: &'a crate::model::Field| Written {
                    name: &field.name,
                    ty: text(self.scope.analysis, field.ty.span),
                    optional: field.optional,
                };
                fields.map(written).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What stands in flows: messages, alone or all of a namespace.
    pub fn picks(&mut self, path: &[String]) {
        let model = &self.scope.analysis.model;
        let Some(inside) = model.namespaces.iter().position(|namespace| namespace.path == path) else { return };
        if path.is_empty() {
            for message in &model.messages {
                let space = &model.namespaces[message.namespace].path;
                let name: Vec<&str> = space.iter().map(String::as_str).chain([message.name.as_str()]).collect();
                self.declared(CompletionKind::Message, name.join("/"), "message".to_owned(), &message.origin);
            }
            for namespace in model.namespaces.iter().skip(1) {
                let offer =
                    self.push(CompletionKind::Namespace, format!("{}/*", namespace.path.join("/")), "all below");
                offer.docs = namespace.docs.join("\n");
            }
        } else {
            for message in model.messages.iter().filter(|message| message.namespace == inside) {
                self.declared(CompletionKind::Message, message.name.clone(), "message".to_owned(), &message.origin);
            }
            self.children(inside, "/");
        }
        self.push(CompletionKind::Keyword, "*", if path.is_empty() { "every message" } else { "all below" });
    }

    /// The states of the flow around the cursor, read from the text: the flow may be broken.
    pub fn states(&mut self, end: bool) {
        let Some(flow) = self.cursor.frames.iter().find(|frame| frame.inside == Inside::Flow) else { return };
        let mut depth = 0;
        let mut names = Vec::new();
        let open = self.cursor.tokens.partition_point(|token| token.start < flow.start());
        for three in self.cursor.tokens[open..].windows(3) {
            let [word, name, behind] = [three[0], three[1], three[2]];
            match (word.kind, word.text) {
                (Kind::Sign, "{") => depth += 1,
                (Kind::Sign, "}") => depth -= 1,
                (Kind::Word, "state" | "start")
                    if name.kind == Kind::Word && matches!(behind.text, "{" | "extends") =>
                {
                    names.push(name.text);
                }
                // The flow's own brace may be missing.
                (Kind::Word, keyword)
                    if word.first && word.indent <= flow.indent() && ITEM_KEYWORDS.contains(&keyword) =>
                {
                    break;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        for name in names {
            if !self.found.iter().any(|known| known.label == name) {
                self.push(CompletionKind::State, name, "state");
            }
        }
        if end {
            self.keywords(&["end"]);
        }
    }
}

/// Fields from the words of a payload, up to its end.
fn written_fields<'a>(text: &'a str, tokens: &[crate::ide::lexer::Token<'a>]) -> Vec<Written<'a>> {
    let (mut depth, mut found) = (0, Vec::<Written<'a>>::new());
    for (at, token) in tokens.iter().enumerate() {
        match (token.kind, token.text) {
            (Kind::Sign, "{" | "(" | "[") => depth += 1,
            (Kind::Sign, "}" | ")" | "]") if depth == 0 => break,
            (Kind::Sign, "}" | ")" | "]") => depth -= 1,
            (Kind::Word, name) if depth == 0 => {
                let optional = tokens.get(at + 1).is_some_and(|next| next.text == "?");
                let colon = at + 1 + usize::from(optional);
                if tokens.get(colon).is_some_and(|next| next.text == ":") {
                    found.push(Written { name, ty: type_text(text, &tokens[colon + 1..]), optional });
                }
            }
            _ => {}
        }
    }
    found
}

/// The text of a type, from its first word to the end of the field.
fn type_text<'a>(text: &'a str, tokens: &[crate::ide::lexer::Token<'a>]) -> &'a str {
    let Some(first) = tokens.first() else { return "" };
    let (mut depth, mut end) = (0, first.start);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" | "<" => depth += 1,
            "}" | ")" | "]" | ">" => depth -= 1,
            "," | "=" if depth == 0 => break,
            _ if depth == 0 && token.kind == Kind::Attribute => break,
            _ if depth == 0 && at > 0 && token.kind == Kind::Word && tokens[at - 1].text != "::" => break,
            _ => {}
        }
        if depth < 0 {
            break;
        }
        end = token.end();
    }
    text.get(first.start..end).unwrap_or_default()
}
