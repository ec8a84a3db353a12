//! `Handlers`: one trait a namespace, a method a handler.

use std::collections::BTreeSet;

use super::context::{Context, Scope, fresh};
use super::literal;
use crate::generate::casing::{field_name, identifier};
use crate::generate::writer::Writer;
use crate::model::{AnyHandler, Handler, Handling, Message, NamespaceId, Outcome, Target, Topic, Type};

/// A method of the trait.
pub(super) struct Method {
    docs: Vec<String>,
    /// As Rust has it.
    pub name: String,
    /// What it takes behind `cx`, each with its type.
    pub taken: Vec<(String, String)>,
    /// What it returns when all went well, a type for each arrow that carries one.
    pub carried: Vec<String>,
    /// What it returns else, when that is declared.
    pub error: Option<String>,
    /// The comment that tells where it was declared.
    pub mark: String,
    /// Where that is.
    pub line: u32,
}

impl Method {
    fn signature(&self) -> String {
        let Self { name, taken, carried, error, .. } = self;
        let taken: String = taken.iter().map(|(name, ty)| format!(", {name}: {ty}")).collect();
        let error = error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
        format!("fn {name}(&self, cx: &Cx{taken}) -> impl rt::Reply<{}{error}>", tuple(carried))
    }
}

impl<'m> Context<'m> {
    /// The trait of a namespace that has handlers.
    pub fn handlers(&self, w: &mut Writer, scope: Scope) {
        let namespace = scope.namespace;
        if !self.has_handlers(namespace) {
            return;
        }
        let methods = self.methods_of(namespace, scope);
        w.blank();
        w.lines(self.handler_docs(namespace));
        self.on_unimplemented(w, namespace, &methods);
        w.block("pub trait Handlers: §Send + §Sync + 'static", |w| {
            for method in &methods {
                w.lines(literal::docs(&method.docs));
                w.line(format!("{}; {}", method.signature(), method.mark));
            }
        });
    }

    /// What a handler's future yields: a value for each arrow that carries one.
    pub fn carried(&self, scope: Scope, outcomes: &'m [Outcome]) -> Vec<String> {
        outcomes.iter().filter_map(|outcome| self.carried_by(scope, outcome)).collect()
    }

    fn carried_by(&self, scope: Scope, outcome: &'m Outcome) -> Option<String> {
        match outcome {
            Outcome::Silent | Outcome::Join(_) | Outcome::Leave(_) | Outcome::Stream(_) => None,
            Outcome::Pass(ty) => Some(self.rust_type(scope, ty)),
            Outcome::Reply(reply) => reply.ty.as_ref().map(|ty| self.rust_type(scope, ty)),
            Outcome::Deliver { event, optional, target } => {
                let path = self.event_path(scope, *event);
                let addressed = match is_addressed(target.as_ref().or(self.model.events[*event].target.as_ref())) {
                    true => format!("(§Vec<{}>, {path})", self.identity(scope)),
                    false => path,
                };
                Some(if *optional { format!("§Option<{addressed}>") } else { addressed })
            }
        }
    }

    /// The type of identities.
    pub fn identity(&self, scope: Scope) -> String {
        match &self.model.identity {
            Some(ty) => self.rust_type(scope, ty),
            None => "rt::NoIdentity".to_owned(),
        }
    }

    /// The methods of a namespace's trait in the order of their lines, types as they are seen from `scope`.
    pub fn methods_of(&self, wanted: NamespaceId, scope: Scope) -> Vec<Method> {
        let mut methods = Vec::new();
        for ((namespace, name), id) in &self.methods {
            if *namespace != wanted {
                continue;
            }
            let message = &self.model.messages[*id];
            let takes = |handling: &&Handling| {
                self.method(*id, &handling.handler) == Some((*namespace, identifier(name)))
                    && matches!(handling.handler, Handler::Method { .. })
            };
            let found = message.chain.iter().enumerate();
            if let Some((stage, handling)) = found
                .flat_map(|(at, stage)| stage.iter().map(move |handling| (at, handling)))
                .find(|(_, found)| takes(found))
            {
                let taken = format!("&{}", self.message_path(scope, *id));
                let mut method = self.method_of(scope, name, &taken, message, handling);
                method.taken.extend(self.passed(scope, message, stage));
                method.taken.extend(self.items_of(scope, handling));
                methods.push(method);
            }
        }
        let any = self.any_handlers(wanted).map(|id| &self.model.any_handlers[id]);
        methods.extend(any.map(|handler| self.any_method(scope, handler)));
        let asked = self.model.topics.iter().filter(|topic| topic.authorize && topic.namespace == wanted);
        methods.extend(asked.map(|topic| self.authorize_method(scope, topic)));
        methods.sort_by_key(|method| method.line);
        methods
    }

    /// What the handlers of a stage are handed by the one before.
    fn passed(&self, scope: Scope, message: &'m Message, stage: usize) -> Vec<(String, String)> {
        let mut given = BTreeSet::new();
        let passed = message.passed_to(stage).into_iter();
        passed.map(|ty| (fresh("passed", &mut given), format!("&{}", self.rust_type(scope, ty)))).collect()
    }

    fn method_of(&self, scope: Scope, name: &str, taken: &str, message: &'m Message, handling: &'m Handling) -> Method {
        let error = message.error().map(|id| self.type_path(scope, id));
        Method {
            docs: message.origin.docs.clone(),
            name: identifier(name),
            taken: vec![("message".to_owned(), taken.to_owned())],
            carried: self.carried(scope, &handling.outcomes),
            error,
            mark: self.mark(&message.wire, (handling.span.file, handling.line)),
            line: handling.line,
        }
    }

    /// Where a handler of a stream sends its items.
    fn items_of(&self, scope: Scope, handling: &'m Handling) -> Option<(String, String)> {
        let item = streamed(handling)?;
        Some(("items".to_owned(), format!("&rt::Items<{}>", self.rust_type(scope, item))))
    }

    /// A handler of every message carries the same wherever it stands; its first place tells what.
    fn any_method(&self, scope: Scope, handler: &'m AnyHandler) -> Method {
        let taken = format!("{}<'_>", self.root_item(scope, "AnyMessage"));
        let is_it = |handling: &&Handling| match handling.handler {
            Handler::Any(id) => self.model.any_handlers.get(id) == Some(handler),
            _ => false,
        };
        let first = self.model.messages.iter().flat_map(|message| message.chain.iter().flatten()).find(is_it);
        let carried = first.map(|handling| self.carried(scope, &handling.outcomes)).unwrap_or_default();
        Method {
            docs: handler.origin.docs.clone(),
            name: identifier(&field_name(&handler.name)),
            taken: vec![("message".to_owned(), taken)],
            carried,
            error: None,
            mark: self.mark(&self.full_name(handler.namespace, &handler.name), handler.origin.place()),
            line: handler.origin.line,
        }
    }

    /// `@authorize`: asked before each `-> join` takes effect.
    fn authorize_method(&self, scope: Scope, topic: &'m Topic) -> Method {
        let shown = self.topic_text(topic);
        Method {
            docs: vec![format!("Whether this connection may join the topic `{shown}`.")],
            name: authorize_name(topic),
            taken: self.topic_parameters(scope, topic).into_iter().map(beside_cx).collect(),
            carried: vec!["bool".to_owned()],
            error: None,
            mark: self.mark(&shown, topic.origin.place()),
            line: topic.origin.line,
        }
    }

    fn handler_docs(&self, namespace: NamespaceId) -> Vec<String> {
        let of = match self.path(namespace) {
            [] => "the messages that stand in no namespace".to_owned(),
            path => format!("the namespace `{}`", path.join("/")),
        };
        vec![
            format!("/// What the application does with {}.", literal::comment(&of)),
            "///".to_owned(),
            "/// Methods are plain `async fn`; `?` takes any error.".to_owned(),
        ]
    }

    /// The text that rustc shows when the application has no `impl` of it.
    fn on_unimplemented(&self, w: &mut Writer, namespace: NamespaceId, methods: &[Method]) {
        let of = match self.path(namespace) {
            [] => "what stands in no namespace".to_owned(),
            path => format!("namespace `{}`", path.join("/")),
        };
        let path = self.module_path(namespace);
        let message = format!("no handlers for {of}: `impl {path}::Handlers for {{Self}}` is missing");
        let note = format!("{} needs it for {}", self.root_source(), needed_for(methods));
        w.closed_block("#[diagnostic::on_unimplemented(", ")]", |w| {
            w.line(format!("message = {},", literal::string(&message)));
            w.line(format!("label = {},", literal::string(&format!("has no `impl {path}::Handlers`"))));
            w.line(format!("note = {}", literal::string(&note.replace('{', "(").replace('}', ")"))));
        });
    }
}

/// The method that decides who may join a topic; never a keyword.
pub(super) fn authorize_name(topic: &Topic) -> String {
    format!("authorize_{}", field_name(&topic.name))
}

/// A place may be called as what every method takes.
fn beside_cx((name, ty): (String, String)) -> (String, String) {
    if name == "cx" { ("cx_".to_owned(), ty) } else { (name, ty) }
}

/// The type of the items that a handler sends one by one, if it does.
pub(super) fn streamed(handling: &Handling) -> Option<&Type> {
    handling.outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Stream(stream) => Some(&stream.item),
        _ => None,
    })
}

/// Whether the handler says itself to whom.
pub(super) fn is_addressed(target: Option<&Target>) -> bool {
    matches!(target, Some(Target::Mailboxes))
}

/// `()`, one value, or a tuple.
pub(super) fn tuple(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// The first few messages, each once.
fn needed_for(methods: &[Method]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        let name = method.mark.trim_start_matches("// ").split(", ").next().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
