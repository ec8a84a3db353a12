//! Looking names up, from the inner namespace outwards.

use super::Resolver;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{EventId, NamespaceId, RoleId, TypeId, TypeKind};
use crate::syntax::tree::Name;

/// The namespace of Rust in which root messages have their handlers.
const ROOT_IN_RUST: &str = "routes";

impl Resolver<'_, '_, '_> {
    /// A namespace and those around it, inner ones first.
    pub(super) fn outwards(&self, namespace: NamespaceId) -> Vec<NamespaceId> {
        let mut found = vec![namespace];
        let mut inner = namespace;
        while let Some(parent) = self.model.namespaces[inner].parent {
            found.push(parent);
            inner = parent;
        }
        found
    }

    /// The namespace that a path means here.
    pub(super) fn find_namespace(&self, from: NamespaceId, path: &[&str]) -> Option<NamespaceId> {
        if path == [ROOT_IN_RUST] && !self.tables.namespaces.contains_key([ROOT_IN_RUST.to_owned()].as_slice()) {
            return Some(0);
        }
        self.outwards(from).into_iter().find_map(|base| {
            let mut full = self.model.namespaces[base].path.clone();
            full.extend(path.iter().map(|part| (*part).to_owned()));
            self.tables.namespaces.get(&full).copied()
        })
    }

    pub(super) fn find_type(&self, from: NamespaceId, name: &str) -> Option<TypeId> {
        self.find(from, name, |namespace, short| self.tables.types.get(&(namespace, short.to_owned())).copied())
    }

    pub(super) fn find_event(&self, from: NamespaceId, name: &str) -> Option<EventId> {
        self.find(from, name, |namespace, short| self.tables.events.get(&(namespace, short.to_owned())).copied())
    }

    fn find<T>(&self, from: NamespaceId, name: &str, lookup: impl Fn(NamespaceId, &str) -> Option<T>) -> Option<T> {
        let parts: Vec<&str> = name.split([':', '/']).filter(|part| !part.is_empty()).collect();
        let (short, path) = parts.split_last()?;
        if path.is_empty() {
            return self.outwards(from).into_iter().find_map(|namespace| lookup(namespace, short));
        }
        lookup(self.find_namespace(from, path)?, short)
    }

    /// `audit::record`
    pub(super) fn rust_path(&self, namespace: NamespaceId, name: &str) -> String {
        let mut parts = self.model.namespaces[namespace].path.clone();
        parts.push(name.to_owned());
        parts.join("::")
    }

    pub(super) fn role(&mut self, name: &Name) -> Option<RoleId> {
        if let Some(&role) = self.tables.roles.get(&name.text) {
            return Some(role);
        }
        if self.is_ghost(&name.text) || self.broken_kinds.contains("roles") {
            return None;
        }
        let report =
            Diagnostic::new(Code::UnknownName, name.span, format!("unknown role `{}`", guess::clip(&name.text)))
                .label("no role of this name");
        let known = self.model.roles.iter().map(|role| role.name.as_str());
        let help = match self.model.roles.is_empty() {
            true => format!("declare it: `roles {}`", guess::clip(&name.text)).into(),
            false => guess::did_you_mean(&name.text, known.clone())
                .unwrap_or_else(|| format!("the roles are {}", guess::list(known)).into()),
        };
        self.report(report.help(help));
        None
    }

    /// The event of a delivery; `targeted` when a `to …` stands behind it.
    pub(super) fn event_named(&mut self, from: NamespaceId, name: &Name, targeted: bool) -> Option<EventId> {
        if let Some(event) = self.find_event(from, &name.text) {
            return Some(event);
        }
        if self.is_ghost(&name.text) || self.is_nameless(&["event"]) {
            return None;
        }
        if let Some(keyword) = self.keyword_near(from, &name.text, targeted) {
            let report =
                Diagnostic::new(Code::Keyword, name.span, format!("unknown keyword `{}`", guess::clip(&name.text)));
            self.report(report.label("no keyword or event of this name").help(Help::did_you_mean(keyword)));
            return None;
        }
        let report =
            Diagnostic::new(Code::UnknownName, name.span, format!("unknown event `{}`", guess::clip(&name.text)))
                .label("no event of this name");
        let help = self.help_for_event(from, &name.text, targeted);
        self.report(report.help(help));
        None
    }

    fn visible_events(&self, from: NamespaceId) -> Vec<&str> {
        let scope = self.outwards(from);
        self.model
            .events
            .iter()
            .filter(|event| scope.contains(&event.namespace))
            .map(|event| event.name.as_str())
            .collect()
    }

    /// The word of the language that was meant instead of an event, if it is nearer than any event.
    fn keyword_near(&self, from: NamespaceId, name: &str, targeted: bool) -> Option<&'static str> {
        let words: &[&'static str] = if targeted { &["relay"] } else { &["silent", "reply"] };
        let events = self.visible_events(from);
        let near = guess::nearest(name, events.iter().copied().chain(words.iter().copied()));
        near.first().and_then(|near| words.iter().copied().find(|word| word == near))
    }

    fn help_for_event(&self, from: NamespaceId, name: &str, targeted: bool) -> Help {
        let visible = self.visible_events(from);
        if name.contains("::") {
            return format!("did you mean the handler? `=> {name}`; an event of another namespace is named with `/`")
                .into();
        }
        if name == "ok" || self.find_type(from, name).is_some() || super::types::built_in(name).is_some() {
            let help = format!("did you mean `-> reply {name}`?");
            return if targeted { help.into() } else { Help::instead(help, format!("reply {name}")) };
        }
        let elsewhere = self.model.events.iter().find(|event| event.name == name);
        if let Some(event) = elsewhere {
            return Help::did_you_mean(self.model.full_name(event.namespace, &event.name));
        }
        if self.find(from, name, |namespace, short| self.tables.messages.get(&(namespace, short.to_owned()))).is_some()
        {
            return format!(
                "`{name}` is a message, which clients send; declare an event, or pass the message on: `-> relay to …`"
            )
            .into();
        }
        let with_path = self.model.events.iter().filter(|_| name.contains('/'));
        let full: Vec<String> = with_path.map(|event| self.model.full_name(event.namespace, &event.name)).collect();
        if let Some(help) = guess::did_you_mean(name, visible.iter().copied().chain(full.iter().map(String::as_str))) {
            return help;
        }
        match visible.is_empty() {
            true => format!("declare it: `event {} {{ … }}`", guess::clip(name)).into(),
            false => format!("events here are {}", guess::list(visible)).into(),
        }
    }

    /// The error type behind `or`.
    pub(super) fn error_named(&mut self, from: NamespaceId, name: &Name) -> Option<TypeId> {
        let Some(id) = self.find_type(from, &name.text) else {
            self.unknown_error(from, name);
            return None;
        };
        if matches!(self.model.types[id].kind, TypeKind::Error(_)) {
            return Some(id);
        }
        let first = self.model.types[id].origin.span;
        let report = Diagnostic::new(Code::NotAnError, name.span, format!("`{}` is no error", name.text))
            .label("only an `error` may stand behind `or`");
        self.report(
            report.also(first, "declared here").help(format!("declare it as one: `error {} {{ … }}`", name.text)),
        );
        None
    }

    fn unknown_error(&mut self, from: NamespaceId, name: &Name) {
        if self.is_ghost(&name.text) || self.is_nameless(&["error"]) {
            return;
        }
        let scope = self.outwards(from);
        let is_error = |id: &TypeId| matches!(self.model.types[*id].kind, TypeKind::Error(_));
        let errors: Vec<TypeId> = (0..self.model.types.len()).filter(is_error).collect();
        let elsewhere = errors.iter().map(|&id| &self.model.types[id]).find(|def| def.name == name.text);
        let visible = errors
            .iter()
            .map(|&id| &self.model.types[id])
            .filter(|def| scope.contains(&def.namespace))
            .map(|def| def.name.as_str());
        let help = match elsewhere {
            Some(def) => Help::did_you_mean(self.rust_path(def.namespace, &def.name)),
            None => guess::did_you_mean(&name.text, visible)
                .unwrap_or_else(|| format!("declare it: `error {} {{ … }}`", guess::clip(&name.text)).into()),
        };
        let report =
            Diagnostic::new(Code::UnknownType, name.span, format!("unknown error `{}`", guess::clip(&name.text)));
        self.report(report.label("no error of this name").help(help));
    }
}
