//! Texts, lists, maps and bytes from clients: how much of them there may be.
//!
//! The size of a frame bounds them all, but says nothing about one of them: a bound makes a handler's work foreseeable.
//! A message with a `@limit` of its own has said how much it takes. `json` has no limits, and is taken as it is.

use super::places::Places;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Edit};
use crate::model::{Model, Payload, Shape, Type, TypeId, TypeKind};
use crate::resolve::{Resolved, longest_match};
use crate::source::Span;

/// Bounds that helps propose.
const TEXT: u64 = 200;
const ADDRESS: u64 = 2000;
const BYTES: u64 = 65_536;
const ITEMS: u64 = 100;

/// Warns of payloads of messages that may hold any number of things.
pub(super) fn clients_cannot_send_without_end(resolved: &Resolved<'_>, places: &Places, out: &mut Diagnostics) {
    let model = &resolved.model;
    let mut walk = Walk { resolved, places, out, seen: vec![[false; 2]; model.types.len()], open: Vec::new() };
    for (id, message) in model.messages.iter().enumerate().filter(|(_, message)| message.limit.is_none()) {
        match &message.payload {
            Payload::None => {}
            Payload::Fields(fields) => fields.iter().for_each(|field| walk.whole(&field.name, &field.ty, false)),
            Payload::Type(ty) => walk.whole(&model.message_name(id), ty, false),
        }
        walk.declared();
    }
}

struct Walk<'a, 't> {
    resolved: &'a Resolved<'t>,
    places: &'a Places,
    out: &'a mut Diagnostics,
    /// Types that were looked into: where nothing bounds them from outside, and where something does.
    seen: Vec<[bool; 2]>,
    /// Those still to be looked into.
    open: Vec<(TypeId, bool)>,
}

impl<'a> Walk<'a, '_> {
    /// The types that were named so far, and all that they name.
    fn declared(&mut self) {
        let model: &'a Model = &self.resolved.model;
        while let Some((id, bounded)) = self.open.pop() {
            if std::mem::replace(&mut self.seen[id][usize::from(bounded)], true) {
                continue;
            }
            match &model.types[id].kind {
                TypeKind::Alias(ty) => self.whole(&model.types[id].name, ty, bounded),
                TypeKind::Struct(fields) => fields.iter().for_each(|field| self.whole(&field.name, &field.ty, false)),
                TypeKind::Enum(variants) | TypeKind::Error(variants) => {
                    let fields = variants.iter().flat_map(|variant| &variant.fields);
                    fields.for_each(|field| self.whole(&field.name, &field.ty, false));
                }
            }
        }
    }

    /// The type of a field or an alias, in one report; `bounded` when what names the alias has a bound.
    fn whole(&mut self, name: &str, ty: &'a Type, bounded: bool) {
        let mut endless: Vec<&Type> = Vec::new();
        let mut inside = vec![(ty, bounded)];
        while let Some((ty, bounded)) = inside.pop() {
            let bounded = bounded || is_bounded(ty);
            match &ty.shape {
                Shape::String | Shape::Bytes | Shape::Uri if !bounded => endless.push(ty),
                Shape::List(item) => {
                    endless.extend((!bounded).then_some(ty));
                    inside.push((item, false));
                }
                Shape::Map(key, value) => {
                    endless.extend((!bounded).then_some(ty));
                    inside.extend([(&**value, false), (&**key, false)]);
                }
                Shape::Named(id) => self.open.push((*id, bounded)),
                _ => {}
            }
        }
        endless.sort_by_key(|ty| (ty.span.start, std::cmp::Reverse(ty.span.end)));
        if !self.places.any_within(ty.span) {
            self.report(name, ty, &endless);
        }
    }

    fn report(&mut self, name: &str, whole: &Type, endless: &[&Type]) {
        let Some((first, others)) = endless.split_first() else { return };
        let what = match first.shape {
            Shape::List(_) => "may hold any number of items",
            Shape::Map(..) => "may hold any number of entries",
            _ => "may be of any length",
        };
        let mut report =
            Diagnostic::new(Code::Unbounded, first.span, format!("`{name}` {what}")).label("no upper bound");
        for other in others {
            report = report.also(other.span, "nor here");
        }
        let edits: Option<Vec<Edit>> = endless.iter().map(|ty| self.edit(ty)).collect();
        let shown = edits.as_ref().and_then(|edits| edited(self.resolved.text(whole.span)?, whole.span, edits));
        let report = match (shown, edits) {
            (Some(shown), Some(edits)) if shown.lines().count() == 1 => {
                let help = format!("give it one: `{shown}`");
                report.help(help.as_str()).fix_with(help, edits)
            }
            _ => report.help(format!("give it one: `len ..={}` in parentheses", proposed(first))),
        };
        self.out.push(report);
    }

    /// A bound written into a type.
    fn edit(&self, ty: &Type) -> Option<Edit> {
        let text = self.resolved.text(ty.span)?;
        let text = if ty.nullable { text.strip_suffix('?')?.trim_end() } else { text };
        let base = ty.span.start;
        let place = |at: usize| Span { start: base + at as u32, end: base + at as u32, ..ty.span };
        let bound = proposed(ty);
        if ty.limits.len.is_some() {
            return Some(Edit { span: place(open_end(text)?), text: format!("={bound}") });
        }
        let len = format!("len ..={bound}");
        if ty.limits.is_empty() {
            return Some(Edit { span: place(text.len()), text: format!("({len})") });
        }
        let paren = match ty.shape {
            Shape::List(_) | Shape::Map(..) => text.rfind('(')?,
            _ => text.find('(')?,
        };
        Some(Edit { span: place(paren + 1), text: format!("{len}, ") })
    }
}

/// Whether a type says how much there may be, or its pattern does.
fn is_bounded(ty: &Type) -> bool {
    let by_pattern = || ty.limits.pattern.as_deref().is_some_and(|pattern| longest_match(pattern).is_some());
    ty.limits.len.is_some_and(|len| len.max.is_some()) || by_pattern()
}

fn proposed(ty: &Type) -> u64 {
    let usual = match ty.shape {
        Shape::Bytes => BYTES,
        Shape::Uri => ADDRESS,
        Shape::List(_) | Shape::Map(..) => ITEMS,
        _ => TEXT,
    };
    ty.limits.len.map_or(usual, |len| usual.max(len.min))
}

/// The place behind the dots of `len 1..`.
fn open_end(text: &str) -> Option<usize> {
    text.match_indices("len").find_map(|(at, word)| {
        let from = at + word.len();
        let dots = text[from..].find("..")?;
        let number = |letter: char| letter.is_ascii_digit() || letter == '_' || letter == ' ';
        text[from..from + dots].chars().all(number).then_some(from + dots + "..".len())
    })
}

/// A piece of text with some insertions, which lie in it.
fn edited(text: &str, span: Span, edits: &[Edit]) -> Option<String> {
    let mut out = text.to_owned();
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in sorted {
        let at = edit.span.start.checked_sub(span.start)? as usize;
        if !out.is_char_boundary(at) {
            return None;
        }
        out.insert_str(at, &edit.text);
    }
    Some(out)
}
