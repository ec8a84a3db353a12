//! Fields beside a tag of the wire: `kind` in enums with fields, `kind` and `code` in errors.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::TypeKind;
use crate::resolve::Resolved;

/// Refuses fields that would overwrite the tag they stand beside.
pub(super) fn tags_have_no_rivals(resolved: &Resolved<'_>, out: &mut Diagnostics) {
    for def in &resolved.model.types {
        let (variants, what, reserved): (_, _, &[&str]) = match &def.kind {
            TypeKind::Enum(variants) => (variants, "enum", &["kind"]),
            TypeKind::Error(variants) => (variants, "error", &["code", "kind"]),
            _ => continue,
        };
        for field in
            variants.iter().flat_map(|variant| &variant.fields).filter(|field| reserved.contains(&field.wire.as_str()))
        {
            let wire = &field.wire;
            let title = format!("on the wire `{wire}` is beside the fields of every variant of {what} `{}`", def.name);
            let report = Diagnostic::new(Code::Taken, field.origin.span, title).label("taken by the tag");
            let says = if what == "error" { "`code` and `kind` on the wire say" } else { "`kind` on the wire says" };
            out.push(report.help(format!("rename it: {says} which variant it is")));
        }
    }
}
