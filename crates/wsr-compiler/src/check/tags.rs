//! Fields beside a tag of the wire: `kind`, or what `@tag` says, in enums with fields and errors; `code` in errors.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::casing::type_name;
use crate::model::{Field, TypeDef, TypeKind};
use crate::resolve::Resolved;
use crate::source::Span;

/// The key of an answer that says `refused`, beside the fields of an error.
const CODE: &str = "code";
/// The variant of an `@open` enum that holds what it does not know.
const UNKNOWN: &str = "Unknown";

/// Refuses fields that would overwrite the tag they stand beside, and variants that would clash with the unknown one.
pub(super) fn tags_have_no_rivals(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    for (def, item) in resolved.model.types.iter().zip(&resolved.written.types) {
        let (variants, is_error) = match &def.kind {
            TypeKind::Enum(variants) => (variants, false),
            TypeKind::Error(variants) => (variants, true),
            _ => continue,
        };
        let said = item.lead.attributes.iter().find(|attribute| attribute.name.text == "tag" && !def.inline);
        for field in variants.iter().flat_map(|variant| &variant.fields) {
            if field.wire == def.tag {
                out.push(rival(def, is_error, field, said.map(|attribute| attribute.span)));
            } else if is_error && field.wire == CODE {
                let title =
                    format!("on the wire `{CODE}` is beside the fields of every variant of error `{}`", def.name);
                let report = Diagnostic::new(Code::Taken, field.origin.span, title).label("taken by the answer");
                out.push(report.help(format!("rename it: `{CODE}` on the wire says that it is a refusal")));
            }
        }
        for variant in variants.iter().filter(|variant| def.open && type_name(&variant.name) == UNKNOWN) {
            let title = format!("variant `{}` of an `@open` enum becomes `{UNKNOWN}` in Rust", variant.name);
            let report =
                Diagnostic::new(Code::Taken, variant.origin.span, title).label("stands for all that is unknown");
            out.push(report.help(format!("rename it; `@wire(\"{}\")` keeps the old name on the wire", variant.wire)));
        }
    }
}

/// A field with the key of the tag; `said` is where the author named that key.
fn rival(def: &TypeDef, is_error: bool, field: &Field, said: Option<Span>) -> Diagnostic {
    let (what, tag) = (if is_error { "error" } else { "enum" }, &def.tag);
    let title = format!("on the wire `{tag}` is beside the fields of every variant of {what} `{}`", def.name);
    match said {
        Some(said) => Diagnostic::new(Code::DuplicateField, field.origin.span, title)
            .label("taken by the tag")
            .also(said, "named here")
            .help("rename one of them"),
        None => Diagnostic::new(Code::Taken, field.origin.span, title)
            .label("taken by the tag")
            .help(format!("rename it: `{tag}` on the wire says which variant it is; `@tag(\"…\")` names another key")),
    }
}
