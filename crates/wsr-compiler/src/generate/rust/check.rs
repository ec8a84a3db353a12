//! Checks of outgoing values: the limits that no type keeps by itself.

use super::context::{Context, Scope, locals};
use super::decode::field_path;
use super::encode::pattern;
use super::enums::UNKNOWN;
use super::facts::keeps_objects;
use super::limits::{Around, Place, call};
use super::literal;
use super::types::{Merged, is_left_out};
use crate::generate::casing::{field_name, identifier};
use crate::generate::writer::{Writer, indented};
use crate::model::{Field, Shape, Type, TypeDef, Variant};

impl<'m> Context<'m> {
    /// Statements that check a value at `at`; empty when it cannot be wrong.
    pub fn check(&self, scope: Scope, ty: &'m Type, place: &Place, at: &str) -> Vec<String> {
        if !self.needs_check(ty) {
            return Vec::new();
        }
        if !self.has_inline_limits(ty) {
            return vec![format!("rt::Check::check({}, report, {at});", place.reference())];
        }
        if !self.is_nullable(ty) {
            return self.check_present(scope, ty, place, at);
        }
        let inside = self.check_present(scope, ty, &Place::reference_to("value"), at);
        vec![if_some(place, &inside)]
    }

    /// The same for a value that is there.
    fn check_present(&self, scope: Scope, ty: &'m Type, place: &Place, at: &str) -> Vec<String> {
        let around = Around { report: "report", at, width: 86 };
        let newtype = self.own_type(ty).is_some();
        let limits = Merged::of(&ty.limits);
        let mut statements = Vec::new();
        if !limits.is_empty() {
            let conditions = self.conditions(scope, self.base(ty), &limits, place, newtype, around);
            statements.extend(conditions.iter().map(|condition| statement(condition)));
        }
        statements.extend(self.check_inside(scope, ty, place, at));
        statements
    }

    /// The same without the limits of the type itself.
    pub fn check_inside(&self, scope: Scope, ty: &'m Type, place: &Place, at: &str) -> Vec<String> {
        match &ty.shape {
            Shape::List(item) => {
                let checks = self.check(scope, item, &Place::reference_to("item"), "at");
                let index = format!("let at = &{}.index(index);", at.trim_start_matches('&'));
                looped(&format!("for (index, item) in {}.iter().enumerate()", place.receiver()), &index, checks)
            }
            Shape::Map(key, value) => {
                let around = Around { report: "report", at: "at", width: 78 };
                let conditions = self.key_conditions(scope, key, &Place::reference_to("key"), around);
                let mut checks: Vec<String> = conditions.iter().map(|condition| statement(condition)).collect();
                checks.extend(self.check(scope, value, &Place::reference_to("value"), "at"));
                let text = format!(
                    "let text = ::std::string::ToString::to_string(key);\nlet at = &{}.key(&text);",
                    at.trim_start_matches('&')
                );
                looped(&format!("for (key, value) in {}.iter()", place.receiver()), &text, checks)
            }
            Shape::Named(id) => match self.plain_alias(*id) {
                Some(target) => self.check_present(scope, target, place, at),
                None if self.needs_check(ty) => vec![format!("rt::Check::check({}, report, {at});", place.reference())],
                None => Vec::new(),
            },
            Shape::F32 | Shape::F64 if !ty.limits.is_empty() => Vec::new(),
            Shape::F32 | Shape::F64 | Shape::Timestamp | Shape::Date | Shape::Duration => {
                vec![format!("rt::Check::check({}, report, {at});", place.reference())]
            }
            _ => Vec::new(),
        }
    }

    /// `impl Check` for a struct with these fields.
    pub fn check_struct(&self, w: &mut Writer, scope: Scope, name: &str, fields: &'m [Field]) {
        let place = |index: usize| Place::value(format!("self.{}", identifier(&field_name(&fields[index].name))));
        let statements = self.check_fields(scope, fields, &place);
        check_impl(w, name, statements.is_empty(), |w| w.lines(&statements));
    }

    /// `impl Check` for an enum, and for an error's declared variants.
    pub fn check_enum(&self, w: &mut Writer, scope: Scope, name: &str, def: &TypeDef, variants: &'m [Variant]) {
        let mut arms: Vec<(String, Vec<String>)> = variants
            .iter()
            .map(|variant| {
                let locals = locals(&variant.fields);
                let place = |index: usize| Place::reference_to(locals[index].clone());
                (pattern(self, variant), self.check_fields(scope, &variant.fields, &place))
            })
            .filter(|(_, statements)| !statements.is_empty())
            .collect();
        if keeps_objects(def) {
            let known: Vec<String> = variants.iter().map(|variant| literal::string(&variant.wire)).collect();
            let (tag, known) = (literal::string(&def.tag), format!("&[{}]", known.join(", ")));
            let asked = call("rt::check::unknown_variant", &["value", &tag, &known, "report", "at"], 80);
            arms.push((format!("Self::{UNKNOWN}(value)"), vec![format!("{asked};")]));
        }
        check_impl(w, name, arms.is_empty(), |w| {
            w.block("match self", |w| {
                for (pattern, statements) in &arms {
                    w.block(format!("{pattern} =>"), |w| w.lines(statements));
                }
                w.line("_ => {}");
            });
        });
    }

    fn check_fields(&self, scope: Scope, fields: &'m [Field], place: &dyn Fn(usize) -> Place) -> Vec<String> {
        self.kept(fields).flat_map(|(index, field)| self.check_field(scope, field, &place(index))).collect()
    }

    fn check_field(&self, scope: Scope, field: &'m Field, place: &Place) -> Vec<String> {
        let at = field_path(field);
        let check = |at: &str| {
            if !self.has_inline_limits(&field.ty) || !is_left_out(field) {
                return self.check(scope, &field.ty, place, at);
            }
            let inside = self.check(scope, &field.ty, &Place::reference_to("value"), at);
            vec![if_some(place, &inside)]
        };
        let inline = check(&at);
        let uses: usize = inline.iter().map(|code| code.matches(&at[1..]).count()).sum();
        if uses <= 1 && !inline.iter().any(|code| code.contains("let at =")) {
            return inline;
        }
        let key = literal::string(&field.wire);
        let secret = if field.secret { "\nlet at = &at.secret();" } else { "" };
        let body = format!("let at = &at.key({key});{secret}\n{}", check("at").join("\n"));
        vec![format!("{{\n{}\n}}", indented(&body))]
    }
}

/// The frame around a check's body.
pub(super) fn check_impl(w: &mut Writer, name: &str, empty: bool, body: impl FnOnce(&mut Writer)) {
    w.blank();
    w.block(format!("impl rt::Check for {name}"), |w| {
        if empty {
            w.line("fn check(&self, _: &mut rt::Report, _: &rt::Path<'_>) {}");
        } else {
            w.block("fn check(&self, report: &mut rt::Report, at: &rt::Path<'_>)", body);
        }
    });
}

fn statement(condition: &str) -> String {
    if condition.starts_with('{') { format!("let _ = {condition};") } else { format!("{condition};") }
}

fn if_some(place: &Place, inside: &[String]) -> String {
    format!("if let §Some(value) = {} {{\n{}\n}}", place.reference(), indented(&inside.join("\n")))
}

fn looped(head: &str, first: &str, checks: Vec<String>) -> Vec<String> {
    if checks.is_empty() {
        return Vec::new();
    }
    vec![format!("{head} {{\n{}\n}}", indented(&format!("{first}\n{}", checks.join("\n"))))]
}
