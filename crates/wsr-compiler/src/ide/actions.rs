//! What can be done about a place: the help of reports as edits, and a few things one would write anyway.

use super::{file_text, nodes, origin, symbol_at};
use crate::analysis::Analysis;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Edit, Severity};
use crate::index::Symbol;
use crate::model::{Handler, NamespaceId, Topic};
use crate::source::Span;

/// What an action is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Makes a report go away by mending what it is about.
    Fix,
    /// Lets a warning be, from now on.
    Allow,
    /// Adds something.
    Add,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does, in a few words.
    pub title: String,
    /// What it is for.
    pub kind: ActionKind,
    /// The change; empty for a skeleton, which goes into another file.
    pub edits: Vec<Edit>,
    /// The report that it answers, by its place in `Analysis::diagnostics`.
    pub report: Option<usize>,
    /// The namespace whose handlers it would write, see [`crate::generate::skeleton`].
    pub skeleton: Option<NamespaceId>,
}

/// What can be done about a piece of text; an empty one is the cursor.
pub fn actions(analysis: &Analysis, span: Span) -> Vec<Action> {
    let mut found = Vec::new();
    for (at, report) in analysis.diagnostics.iter().enumerate() {
        if touches(report.primary.span, span) {
            found.extend(fix(report, at));
        }
    }
    for (at, report) in analysis.diagnostics.iter().enumerate() {
        if touches(report.primary.span, span) {
            found.extend(allow(analysis, report, at));
        }
    }
    if let Some((symbol, name)) = symbol_at(analysis, span.file, span.start) {
        let declared = origin(analysis, symbol).is_some_and(|origin| origin.span == name);
        if declared || matches!(symbol, Symbol::Topic(_)) {
            found.extend(add_docs(analysis, symbol));
            found.extend(keep_on_the_wire(analysis, symbol));
        }
        found.extend(skeleton(analysis, symbol));
    }
    found
}

fn touches(one: Span, other: Span) -> bool {
    one.file == other.file && one.start <= other.end && other.start <= one.end
}

/// The help of a report, when it is an edit.
fn fix(report: &Diagnostic, at: usize) -> Option<Action> {
    let fix = report.fix.as_ref()?;
    let action = Action {
        title: fix.title.clone(),
        kind: ActionKind::Fix,
        edits: fix.edits.clone(),
        report: Some(at),
        skeleton: None,
    };
    Some(action)
}

/// `@allow(unused)` above what a warning is about.
fn allow(analysis: &Analysis, report: &Diagnostic, at: usize) -> Option<Action> {
    if report.severity != Severity::Warning || !may_be_allowed(report.code) {
        return None;
    }
    let node = innermost(analysis, report.primary.span)?;
    let text = format!("@allow({})", report.code.slug());
    Some(Action {
        title: format!("allow it here: `{text}`"),
        kind: ActionKind::Allow,
        edits: vec![above(analysis, node, &text)],
        report: Some(at),
        skeleton: None,
    })
}

/// Whether there is something that the attribute could stand above.
fn may_be_allowed(code: Code) -> bool {
    !matches!(code, Code::StrayDoc | Code::StaleAllow)
}

/// The innermost declaration around a place.
fn innermost(analysis: &Analysis, span: Span) -> Option<nodes::Node<'_>> {
    let mut found = None;
    nodes::each(analysis, span.file, &mut |node| {
        let extent = nodes::extent(analysis, node);
        if extent.start <= span.start && span.end <= extent.end {
            found = Some(node);
        }
    });
    found
}

/// A line of its own above a declaration and below its docs, as deep as it; in front of it when it shares its line.
fn above(analysis: &Analysis, node: nodes::Node<'_>, line: &str) -> Edit {
    let span = nodes::begin(analysis, node);
    let text = file_text(analysis, span.file);
    let before = text.get(..span.start as usize).unwrap_or_default();
    let indent = before.rsplit('\n').next().unwrap_or_default();
    match indent.trim().is_empty() {
        true => Edit { span, text: format!("{line}\n{indent}") },
        false => Edit { span, text: format!("{line} ") },
    }
}

/// `/// ` above something without docs.
fn add_docs(analysis: &Analysis, symbol: &Symbol) -> Option<Action> {
    let origin = origin(analysis, symbol).filter(|origin| origin.docs.is_empty())?;
    if matches!(symbol, Symbol::Role(_)) {
        return None;
    }
    let node = nodes::declared_at(analysis, origin.span)?;
    let edit = above(analysis, node, "/// ");
    // A doc comment takes the rest of its line.
    if !edit.text.contains('\n') {
        return None;
    }
    Some(Action {
        title: "add a doc comment".to_owned(),
        kind: ActionKind::Add,
        edits: vec![edit],
        report: None,
        skeleton: None,
    })
}

/// `@wire("name")`, so that a new name in the file changes nothing for clients.
fn keep_on_the_wire(analysis: &Analysis, symbol: &Symbol) -> Option<Action> {
    if !matches!(symbol, Symbol::Field(..) | Symbol::Variant(..) | Symbol::Message(_) | Symbol::Event(_)) {
        return None;
    }
    let wire = super::rename::wire(analysis, symbol)?;
    let name = wire.rsplit('/').next()?;
    let node = nodes::declared_at(analysis, origin(analysis, symbol)?.span)?;
    if node.lead().attributes.iter().any(|attribute| attribute.name.text == "wire") {
        return None;
    }
    let line = format!("@wire(\"{name}\")");
    let edit = match node {
        nodes::Node::Field(_) | nodes::Node::Variant(_) => {
            let extent = nodes::extent(analysis, node);
            Edit { span: Span { start: extent.end, ..extent }, text: format!(" {line}") }
        }
        node => above(analysis, node, &line),
    };
    Some(Action {
        title: format!("keep its name on the wire: `{line}`"),
        kind: ActionKind::Add,
        edits: vec![edit],
        report: None,
        skeleton: None,
    })
}

/// The `impl` of the handlers of a namespace.
fn skeleton(analysis: &Analysis, symbol: &Symbol) -> Option<Action> {
    let namespace = match symbol {
        &Symbol::Namespace(id) => id,
        &Symbol::Message(id) => analysis.model.messages.get(id)?.namespace,
        &Symbol::AnyHandler(id) => analysis.model.any_handlers.get(id)?.namespace,
        Symbol::Handler(namespace, _) => *namespace,
        _ => return None,
    };
    if !has_handlers(analysis, namespace) {
        return None;
    }
    Some(Action {
        title: format!("write `impl {} for App`", super::hover::path(analysis, namespace, "Handlers")),
        kind: ActionKind::Add,
        edits: Vec::new(),
        report: None,
        skeleton: Some(namespace),
    })
}

fn has_handlers(analysis: &Analysis, namespace: NamespaceId) -> bool {
    let model = &analysis.model;
    let method = |handler: &Handler| matches!(handler, Handler::Method { namespace: of, .. } if *of == namespace);
    let called = || model.messages.iter().flat_map(|message| message.chain.iter().flatten());
    let asked = |topic: &Topic| topic.authorize && topic.namespace == namespace;
    model.topics.iter().any(asked)
        || model.any_handlers.iter().any(|handler| handler.namespace == namespace)
        || called().any(|handling| method(&handling.handler))
}
