//! Errors: what a handler may refuse with.

use super::context::{Context, Scope, locals};
use super::encode::pattern;
use super::items::{Head, debug_impl};
use super::limits::Place;
use super::literal;
use crate::generate::writer::Writer;
use crate::model::{TypeDef, Variant};

impl<'m> Context<'m> {
    /// An error: its variants, and one for everything else that may go wrong.
    pub fn error(&self, w: &mut Writer, scope: Scope, head: &Head, def: &TypeDef, variants: &'m [Variant]) {
        let name = &head.name;
        let hides = variants.iter().any(|variant| self.hides_fields(&variant.fields));
        w.blank();
        w.lines(&head.above);
        if !hides {
            w.line("#[derive(Debug)]");
        }
        w.marked_block(format!("pub enum {name}"), &head.mark, |w| {
            self.variants(w, scope, variants);
            w.line("/// Anything else: logged with its causes; the peer hears `internal` and an id.");
            w.line("Internal(rt::Error),");
        });
        if hides {
            debug_impl(w, name, |w| {
                w.block("match self", |w| {
                    variants.iter().for_each(|variant| self.debug_variant(w, variant));
                    w.line("Self::Internal(error) => f.debug_tuple(\"Internal\").field(error).finish(),");
                });
            });
        }
        w.blank();
        w.line("/// What `?` does with any other error.");
        w.block(format!("impl<E_: ::std::convert::Into<rt::Error>> ::std::convert::From<E_> for {name}"), |w| {
            w.block("fn from(error: E_) -> Self", |w| w.line("Self::Internal(error.into())"));
        });
        self.check_enum(w, scope, name, def, variants);
        w.blank();
        w.block(format!("impl rt::IntoFailure for {name}"), |w| {
            w.block("fn into_failure(self) -> rt::Failure", |w| self.failure_body(w, scope, &def.tag, variants));
        });
    }

    fn failure_body(&self, w: &mut Writer, scope: Scope, tag: &str, variants: &'m [Variant]) {
        w.line("let mut report = rt::Report::new();");
        w.line("rt::Check::check(&self, &mut report, &rt::Path::root());");
        w.block("if !report.is_empty()", |w| w.line("return rt::Invalid::from(report).into();"));
        w.line("let mut bytes = §Vec::new();");
        w.line("let out = &mut bytes;");
        w.block("match self", |w| {
            for variant in variants {
                w.block(format!("{} =>", pattern(self, variant)), |w| {
                    let locals = locals(&variant.fields);
                    let open = format!("{}:{}", literal::json(tag), literal::json(&variant.wire));
                    let place = |index: usize| Place::value(locals[index].clone());
                    self.encode_members(w, scope, &open, true, &variant.fields, &place, "");
                });
            }
            w.line("Self::Internal(error) => return rt::Failure::Internal(error),");
        });
        w.line("rt::Failure::Refused(bytes)");
    }
}
