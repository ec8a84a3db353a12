//! Trees to model: every name is looked up, every type, chain and flow lowered.
//!
//! Four passes, so that each finds what it needs: names are collected, aliases resolved, then the other types and
//! topics, at last events, messages and flows. What cannot be resolved is reported and left out, or becomes
//! [`Shape::Unknown`](crate::model::Shape::Unknown), so every index in the model is valid.

mod arguments;
mod arrows;
mod attributes;
mod chains;
mod collect;
mod effects;
mod fields;
mod flows;
mod inline;
mod judge;
mod limits;
mod mentions;
mod names;
mod pattern;
mod payloads;
mod rename;
mod sets;
mod steps;
mod targets;
mod texts;
mod topics;
mod types;
mod values;
mod wire;

use std::collections::{HashMap, HashSet};

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Edit};
use crate::index::Index;
use crate::model::{self, Model, NamespaceId};
use crate::source::{SourceFile, Span};
use crate::syntax::tree;
pub(crate) use attributes::attributes_of;
pub(crate) use pattern::longest_match;
pub(crate) use types::{BUILT_IN, base, built_in};

/// The model with the nodes it was made from, for checks that point at more than the model knows.
#[derive(Debug)]
pub struct Resolved<'t> {
    /// The protocol.
    pub model: Model,
    /// Where its things are named.
    pub index: Index,
    /// The files themselves.
    pub sources: &'t [SourceFile],
    /// The items behind its arenas, index by index.
    pub written: Written<'t>,
    /// Whether parts of the text could not be read: what is missing from the model may stand there.
    pub broken: bool,
    /// Whether namespaces may end elsewhere than their author meant.
    pub torn: bool,
    /// Whether a declaration of a handler is among those parts.
    pub broken_handlers: bool,
}

impl Resolved<'_> {
    /// What the author wrote at a place.
    pub(crate) fn text(&self, span: Span) -> Option<&str> {
        self.sources.get(usize::from(span.file))?.text().get(span.start as usize..span.end as usize)
    }
}

/// The items behind the arenas of a model.
#[derive(Debug, Default)]
pub struct Written<'t> {
    /// Aliases, structs, enums and errors.
    pub types: Vec<WrittenType<'t>>,
    /// Topics with what stands above them.
    pub topics: Vec<(&'t tree::Lead, &'t tree::TopicPath)>,
    /// Events with what stands above them.
    pub events: Vec<(&'t tree::Lead, &'t tree::Event)>,
    /// Messages with what stands above them.
    pub messages: Vec<(&'t tree::Lead, &'t tree::Message)>,
    /// What is asked, with what stands above it.
    pub asks: Vec<(&'t tree::Lead, &'t tree::Ask)>,
    /// Flows.
    pub flows: Vec<&'t tree::Flow>,
    /// Names of namespaces where they were first written; none for the root.
    pub namespaces: Vec<Option<Span>>,
}

/// What a type of the model was made from: an item, or an inline type.
#[derive(Clone, Copy, Debug)]
pub struct WrittenType<'t> {
    /// What stands above it; above the item around it, when it is inline.
    pub lead: &'t tree::Lead,
    /// What it says.
    pub node: TypeNode<'t>,
    /// Its name, or all of an inline type.
    pub span: Span,
    /// The declared type that an inline one is a part of, when it stands in one.
    pub owner: Option<model::TypeId>,
}

/// What a type says.
#[derive(Clone, Copy, Debug)]
pub enum TypeNode<'t> {
    /// `type X = …`
    Alias(&'t tree::Type),
    /// A struct by its fields.
    Struct(&'t [tree::Field]),
    /// An enum or error.
    Enum {
        /// Its variants.
        variants: &'t [tree::Variant],
        /// Whether a stretch inside could not be read.
        broken: bool,
    },
}

/// Makes the model of some files, which together are one protocol.
pub fn resolve<'t>(files: &'t [tree::File], sources: &'t [SourceFile], out: &mut Diagnostics) -> Resolved<'t> {
    let mut resolver = Resolver {
        sources,
        out,
        model: Model { namespaces: vec![model::Namespace::default()], ..Model::default() },
        written: Written { namespaces: vec![None], ..Written::default() },
        tables: Tables::default(),
        identity: None,
        ghosts: files.iter().flat_map(|file| &file.ghosts).map(String::as_str).collect(),
        broken: files.iter().any(|file| file.broken),
        broken_kinds: files.iter().flat_map(|file| &file.broken_kinds).copied().collect(),
        nameless_kinds: files.iter().flat_map(|file| &file.nameless_kinds).copied().collect(),
        limits: Vec::new(),
        contested: Vec::new(),
        covers_unknown: false,
        misused: targets::Misused::default(),
        inline: HashMap::new(),
        protocol_case: None,
        case: None,
        message_names: Vec::new(),
        type_cases: HashMap::new(),
        namespace_wires: HashMap::new(),
    };
    for file in files {
        resolver.collect(&file.items, 0);
    }
    resolver.namespaces_on_the_wire();
    resolver.case = resolver.protocol_case;
    resolver.aliases();
    resolver.other_types();
    resolver.topics();
    resolver.identity();
    resolver.events();
    resolver.messages();
    resolver.asks();
    resolver.messages_meet_nowhere();
    resolver.flows();
    resolver.misused_topics();
    if resolver.out.has_errors() {
        resolver.drop_dangling_defaults();
    }
    let broken_handlers = resolver.broken_kinds.contains("handler");
    let torn = files.iter().any(|file| file.torn);
    let index = resolver.index(files);
    Resolved {
        model: resolver.model,
        index,
        sources,
        written: resolver.written,
        broken: resolver.broken,
        torn,
        broken_handlers,
    }
}

/// Where things are found by name.
#[derive(Debug, Default)]
struct Tables {
    namespaces: HashMap<Vec<String>, NamespaceId>,
    types: HashMap<(NamespaceId, String), model::TypeId>,
    events: HashMap<(NamespaceId, String), model::EventId>,
    messages: HashMap<(NamespaceId, String), model::MessageId>,
    asks: HashMap<(NamespaceId, String), model::AskId>,
    handlers: HashMap<(NamespaceId, String), model::HandlerId>,
    roles: HashMap<String, model::RoleId>,
    flows: HashMap<String, usize>,
}

struct Resolver<'t, 's, 'o> {
    sources: &'s [SourceFile],
    out: &'o mut Diagnostics,
    model: Model,
    written: Written<'t>,
    tables: Tables,
    identity: Option<(&'t tree::Type, Span)>,
    /// Words in stretches that could not be read: a name among them may well be declared there.
    ghosts: HashSet<&'t str>,
    broken: bool,
    /// The keywords with which such stretches begin.
    broken_kinds: HashSet<&'static str>,
    /// Those of them without a name.
    nameless_kinds: HashSet<&'static str>,
    /// Types whose limits wait to be judged until all aliases are known.
    limits: Vec<(model::Type, &'t tree::Type)>,
    /// Messages that the flow at hand covers, but an earlier one has.
    contested: Vec<model::MessageId>,
    /// Whether that flow names something behind `covers` that does not exist.
    covers_unknown: bool,
    misused: targets::Misused,
    /// Inline types by the place where they are written.
    inline: HashMap<Span, model::TypeId>,
    /// `@rename_all` of the protocol.
    protocol_case: Option<rename::Case>,
    /// The one that holds for the fields at hand: of the item they stand in, else of the protocol.
    case: Option<rename::Case>,
    /// The full names of messages, by index; known when flows are made.
    message_names: Vec<String>,
    /// `@rename_all` of types.
    type_cases: HashMap<model::TypeId, rename::Case>,
    /// `@wire` of namespaces.
    namespace_wires: HashMap<NamespaceId, wire::Said>,
}

impl Resolver<'_, '_, '_> {
    /// Takes a report.
    fn report(&mut self, report: Diagnostic) {
        self.out.push(report);
    }

    /// `routes.wsr:98:11`
    fn place(&self, span: Span) -> String {
        let Some(source) = self.sources.get(span.file as usize) else { return String::new() };
        let (line, column) = source.line_column(span.start);
        format!("{}:{line}:{column}", source.name)
    }

    /// A report whose way out is to take a piece away.
    fn without(&self, report: Diagnostic, piece: Span) -> Diagnostic {
        match self.source(piece) {
            Some(source) => {
                let edit = Edit { span: crate::edits::removal(source, piece), text: String::new() };
                report.fix_with("remove it", vec![edit])
            }
            None => report,
        }
    }

    /// The file a place is in.
    fn source(&self, span: Span) -> Option<&SourceFile> {
        self.sources.get(usize::from(span.file))
    }

    /// What the author wrote there, for titles.
    fn text(&self, span: Span) -> String {
        let text = self
            .sources
            .get(span.file as usize)
            .and_then(|source| source.text().get(span.start as usize..span.end as usize));
        crate::guess::clip(text.unwrap_or(""))
    }

    /// A type as the author wrote it, for titles: what stands inside braces is left out.
    fn type_text(&self, ty: &model::Type) -> String {
        let source = self.sources.get(usize::from(ty.span.file));
        let text = source.and_then(|source| source.text().get(ty.span.start as usize..ty.span.end as usize));
        let text = text.unwrap_or("");
        let (Some(open), Some(close)) = (text.find('{'), text.rfind('}')) else { return crate::guess::clip(text) };
        crate::guess::clip(&format!("{}{{ … {}", &text[..open], &text[close..]))
    }

    fn origin(&self, name: &tree::Name, docs: &[String]) -> model::Origin {
        let source = self.sources.get(name.span.file as usize);
        model::Origin {
            span: name.span,
            line: source.map_or(0, |source| source.line_column(name.span.start).0),
            docs: docs.to_vec(),
            ..model::Origin::default()
        }
    }

    /// The full name on the wire of what is called so within its namespace.
    fn wire(&self, namespace: NamespaceId, name: &str) -> String {
        let mut parts = self.model.namespaces[namespace].wire.clone();
        parts.push(name.to_owned());
        parts.join("/")
    }

    /// Whether a name may be declared in a stretch that could not be read.
    fn is_ghost(&self, name: &str) -> bool {
        name.split([':', '/']).any(|word| self.ghosts.contains(word))
    }

    /// Whether an item of one of these kinds was written whose name could not be read.
    fn is_nameless(&self, kinds: &[&str]) -> bool {
        kinds.iter().any(|kind| self.nameless_kinds.contains(kind))
    }

    /// The report of a second declaration.
    fn declared_twice(&mut self, what: &str, second: Span, first: Span) {
        let advice =
            if what.starts_with("the ") || what == "`roles`" { "keep one of them" } else { "rename one of them" };
        let help = format!("the first one is at {}; {advice}", self.place(first));
        let report = Diagnostic::new(Code::Duplicate, second, format!("{what} is declared twice"));
        self.report(report.label("the second one").also(first, "the first one").help(help));
    }
}
