//! `@allow(unused, "why")`: warnings that their author has read and keeps.
//!
//! It silences one kind of warning within what it stands above; above the `protocol` line, in every file. The innermost
//! one counts. One that silenced nothing is reported itself, but only where nothing else is wrong: an error hides warnings.

use std::collections::HashMap;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Help, Severity};
use crate::edits;
use crate::guess;
use crate::leads::leads;
use crate::source::{SourceFile, Span};
use crate::syntax::tree::{Argument, Attribute, File, Value, ValueKind};

/// The attributes of a protocol that allow something.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    /// By code: where they hold, ordered by their beginnings; those of the protocol first.
    by_code: HashMap<Code, Vec<Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// Where it holds; everywhere when none.
    within: Option<Span>,
    /// The attribute.
    attribute: Span,
    used: bool,
}

/// Reads and judges every `@allow`.
pub(crate) fn read(files: &[File], out: &mut Diagnostics) -> Allowed {
    let mut allowed = Allowed::default();
    for owned in leads(files) {
        let mut known: Vec<(Code, Span)> = Vec::new();
        for attribute in owned.lead.attributes.iter().filter(|attribute| attribute.name.text == "allow") {
            let code = match code(attribute) {
                Ok(code) => code,
                Err(report) => {
                    out.push(*report);
                    continue;
                }
            };
            if let Some((_, first)) = known.iter().find(|(known, _)| *known == code) {
                let title = format!("`{}` is allowed twice", code.slug());
                let report = Diagnostic::new(Code::Attribute, attribute.span, title).label("the second one");
                out.push(report.also(*first, "the first one").help("keep one of them"));
                continue;
            }
            known.push((code, attribute.span));
            let within = (!owned.protocol).then_some(owned.span);
            allowed.by_code.entry(code).or_default().push(Entry { within, attribute: attribute.span, used: false });
        }
    }
    allowed.by_code.values_mut().for_each(|entries| entries.sort_by_key(|entry| entry.within));
    allowed
}

/// The reports that nobody allowed, and one for each attribute that allowed none.
pub(crate) fn silence(mut allowed: Allowed, reports: Vec<Diagnostic>, files: &[SourceFile]) -> Vec<Diagnostic> {
    let has_errors = reports.iter().any(|report| report.severity == Severity::Error);
    let mut kept: Vec<Diagnostic> = reports.into_iter().filter(|report| !allowed.takes(report)).collect();
    if has_errors {
        return kept;
    }
    // First what is allowed for nothing, but for this very warning; then those that were to silence it.
    for last in [false, true] {
        let mut stale: Vec<Diagnostic> = Vec::new();
        for (&code, entries) in &allowed.by_code {
            let unused = entries.iter().filter(|entry| !entry.used && (code == Code::StaleAllow) == last);
            stale.extend(unused.map(|entry| stale_report(code, entry.attribute, files)));
        }
        kept.extend(stale.into_iter().filter(|report| last || !allowed.takes(report)));
    }
    kept.sort_by_key(|report| (report.primary.span, report.code));
    kept
}

impl Allowed {
    /// Whether a report is allowed, by the innermost attribute around it.
    fn takes(&mut self, report: &Diagnostic) -> bool {
        if report.severity == Severity::Error {
            return false;
        }
        let Some(entries) = self.by_code.get_mut(&report.code) else { return false };
        let place = report.primary.span;
        let behind = entries.partition_point(|entry| {
            entry.within.is_none_or(|within| (within.file, within.start) <= (place.file, place.start))
        });
        let around =
            |entry: &&mut Entry| entry.within.is_none_or(|within| within.file == place.file && place.end <= within.end);
        match entries[..behind].iter_mut().rev().find(around) {
            Some(entry) => {
                entry.used = true;
                true
            }
            None => false,
        }
    }
}

fn stale_report(code: Code, attribute: Span, files: &[SourceFile]) -> Diagnostic {
    let title = format!("`@allow({})` allows nothing", code.slug());
    let report = Diagnostic::new(Code::StaleAllow, attribute, title).label("no such warning here");
    let report = report.help("remove it");
    match files.get(usize::from(attribute.file)) {
        Some(source) => report.fix(edits::removal(source, attribute), ""),
        None => report,
    }
}

/// The warning that an attribute names.
fn code(attribute: &Attribute) -> Result<Code, Box<Diagnostic>> {
    let wrong = |span: Span, label: &str, help: Help| {
        let report = Diagnostic::new(Code::Attribute, span, "wrong arguments of `@allow`").label(label);
        Err(Box::new(report.help(help)))
    };
    let form = || Help::from("it is written `@allow(unused)` or `@allow(unused, \"why\")`");
    let (named, span) = match attribute.arguments.first() {
        None => return wrong(attribute.span, "allows what?", form()),
        Some(Argument::Value(Value { kind: ValueKind::Name(name), span })) => (name, *span),
        Some(Argument::Value(Value { kind: ValueKind::Number(number), span })) => (&number.text, *span),
        Some(Argument::Value(Value { kind: ValueKind::Text(text), span })) if Code::parse(text).is_some() => {
            let help = Help::instead(format!("write it without quotes: `{text}`"), text);
            return wrong(*span, "in quotes", help);
        }
        Some(other) => return wrong(place(other), "needs the name of a warning", form()),
    };
    match &attribute.arguments[1..] {
        [] | [Argument::Value(Value { kind: ValueKind::Text(_), .. })] => {}
        [Argument::Value(Value { kind: ValueKind::Text(_), .. }), extra, ..] => {
            return wrong(place(extra), "one argument too many", form());
        }
        [reason, ..] => {
            let help = "give one `@allow` for each warning; behind its name stands the reason, in quotes";
            return wrong(place(reason), "needs the reason in quotes", help.into());
        }
    }
    let Some(code) = Code::parse(named) else { return Err(Box::new(unknown(named, span))) };
    if code.severity() == Severity::Error {
        let title = format!("`{named}` is an error, which cannot be allowed");
        let report = Diagnostic::new(Code::Attribute, span, title).label("no warning");
        return Err(Box::new(report.help(format!("mend it; what can be allowed is {}", warnings()))));
    }
    Ok(code)
}

fn unknown(named: &str, span: Span) -> Diagnostic {
    let codes = || Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    let title = format!("unknown warning `{}`", guess::clip(named));
    let report = Diagnostic::new(Code::UnknownName, span, title).label("no warning of this name");
    let near = guess::did_you_mean(named, codes().map(|code| code.slug()));
    report.help(near.unwrap_or_else(|| format!("what can be allowed is {}", warnings()).into()))
}

/// The names of all warnings.
fn warnings() -> String {
    let warnings = Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    warnings.map(|code| format!("`{}`", code.slug())).collect::<Vec<_>>().join(", ")
}

fn place(argument: &Argument) -> Span {
    match argument {
        Argument::Named(name, value) => Span { end: value.span.end, ..name.span },
        Argument::Rate { span, .. } => *span,
        Argument::Value(value) => value.span,
    }
}
