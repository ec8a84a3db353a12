//! Handlers for the author to fill in.
//!
//! The code goes into a file of the author's, so nothing is brought into scope but modules and `Cx`: a type of the
//! protocol may be called as one of Rust's prelude.

use super::context::{Context, Scope};
use super::handlers::{Method, tuple};
use super::paths;
use crate::generate::writer::Writer;
use crate::generate::{Options, Surroundings};
use crate::model::{Model, NamespaceId};

/// Longer lines are broken as rustfmt does it.
const WIDEST: usize = 100;

/// The imports and the `impl` for a namespace; nothing if it has no handlers.
pub(crate) fn skeleton(model: &Model, namespace: NamespaceId, at: &Surroundings, options: &Options) -> String {
    let context = Context::new(model, &options.sources);
    if !context.has_handlers(namespace) {
        return String::new();
    }
    let code = Skeleton::new(&context, namespace, at);
    let methods = context.methods_of(namespace, OUTSIDE);
    let mut w = Writer::default();
    w.block(format!("impl {}Handlers for {}", code.own, at.app), |w| {
        for method in methods {
            w.blank();
            w.line(&method.mark);
            code.method(w, &method);
        }
    });
    let written = w.finish();
    code.imports(&written) + "\n" + &written
}

/// The name and the first lines of each method of a namespace, as its author writes them.
pub(crate) fn signatures(model: &Model, namespace: NamespaceId) -> Vec<(String, String)> {
    let context = Context::new(model, &[]);
    let code = Skeleton::new(&context, namespace, &Surroundings::default());
    let methods = context.methods_of(namespace, OUTSIDE).into_iter();
    // The writer puts the prelude's own path for the sign where a name of the protocol is in the way.
    methods.map(|method| (method.name.clone(), code.head(&method).replace('§', ""))).collect()
}

/// A place that is in no namespace, one level below `routes!`: paths of items begin with `super::`.
const OUTSIDE: Scope = Scope { namespace: NamespaceId::MAX, depth: 1 };

struct Skeleton {
    /// The module of the generated code, `crate::routes`.
    module: String,
    /// Its last part with `::`.
    routes: String,
    /// The namespace's path below that module, each part with `::` behind it.
    path: String,
    /// The namespace's module as it is called here, with `::`; that of `routes!` for the root.
    own: String,
}

impl Skeleton {
    fn new(context: &Context<'_>, namespace: NamespaceId, at: &Surroundings) -> Self {
        let path = match context.path(namespace) {
            [] => String::new(),
            _ => context.module_path(namespace) + "::",
        };
        let last = |path: &str| path.rsplit("::").next().unwrap_or_default().to_owned() + "::";
        let routes = last(&at.module);
        let own = last(path.trim_end_matches("::"));
        // A namespace that is called as something else here cannot be brought in beside it.
        let taken = own == routes || ["switchboard::", "std::", "core::", "alloc::"].contains(&own.as_str());
        let own = if path.is_empty() || taken { format!("{routes}{path}") } else { own };
        Self { module: at.module.clone(), routes, path, own }
    }

    fn method(&self, w: &mut Writer, method: &Method) {
        w.block(self.head(method), |w| w.line("todo!()"));
    }

    fn head(&self, method: &Method) -> String {
        let name = &method.name;
        let taken: Vec<String> = method.taken.iter().map(|(name, ty)| format!("{name}: {}", self.seen(ty))).collect();
        let carried: Vec<String> = method.carried.iter().map(|ty| self.seen(ty)).collect();
        let error = method.error.as_ref().map_or("switchboard::Error".to_owned(), |error| self.seen(error));
        let result = format!("§Result<{}, {error}>", tuple(&carried));
        let all = [&["&self".to_owned(), "cx: &Cx".to_owned()], &taken[..]].concat();
        let whole = format!("async fn {name}({}) -> {result}", all.join(", "));
        let width = |line: &str| line.replace('§', "").chars().count() + "     {".len();
        match width(&whole) > WIDEST {
            false => whole,
            true => format!("async fn {name}(\n    {},\n) -> {result}", all.join(",\n    ")),
        }
    }

    /// A type as the author writes it.
    fn seen(&self, ty: &str) -> String {
        let ty = replace_path(ty, &format!("{}::", paths::ALIAS), "switchboard::");
        let ty = replace_path(&ty, "::std::", "std::");
        let ty = ty.replace("super::", &self.routes);
        if self.path.is_empty() { ty } else { ty.replace(&format!("{}{}", self.routes, self.path), &self.own) }
    }

    /// `use crate::routes::{self, Cx, chat};` with what the code names of it.
    fn imports(&self, code: &str) -> String {
        let mut names = Vec::new();
        if self.module != "crate" && begins_path(code, &self.routes) {
            names.push("self");
        }
        names.push("Cx");
        if !self.own.starts_with(&self.routes) {
            names.push(self.path.trim_end_matches("::"));
        }
        match names.as_slice() {
            [one] => format!("use {}::{one};\n", self.module),
            names => format!("use {}::{{{}}};\n", self.module, names.join(", ")),
        }
    }
}

/// Replaces the first part of a path, `rt::`, where it stands at the beginning of one.
fn replace_path(ty: &str, first: &str, by: &str) -> String {
    let mut out = String::new();
    let mut rest = ty;
    while let Some(at) = rest.find(first) {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let begins = !out.ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric());
        out.push_str(if begins { by } else { first });
        rest = &behind[first.len()..];
    }
    out + rest
}

/// Whether a path in the code begins with this part.
fn begins_path(code: &str, first: &str) -> bool {
    let inner = |c: char| c == ':' || c == '_' || c.is_alphanumeric();
    code.match_indices(first).any(|(at, _)| !code[..at].ends_with(inner))
}
