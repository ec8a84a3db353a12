//! `routes!`: includes what `switchboard_build::compile` has made of a `.wsr` file, and shows what is
//! wrong with that file as errors of the compiler, on the line where `routes!` stands.
//!
//! Without dependencies, so that it costs no build time. It reads two files from `OUT_DIR`: the
//! generated code, which is included, and the reports, of which each becomes one `compile_error!`.
//! The second line of a report is ` --> app/routes.wsr:4:15`, by which editors find the place.

mod argument;
mod report;

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// Brings in the protocol of a `.wsr` file that build.rs has compiled.
///
/// ```ignore
/// switchboard::routes!("routes.wsr");
/// ```
///
/// In comes a module a namespace with its types and its `Handlers` trait, the items that stand in no
/// namespace, and `Cx`, `Role`, `AnyMessage`, `Routes`, `Wired` and `serve`.
#[proc_macro]
pub fn routes(input: TokenStream) -> TokenStream {
    let span = input.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
    let texts: Vec<String> = input.into_iter().map(|token| token.to_string()).collect();
    match argument::file_name(&texts) {
        Ok(name) => expand(&name, span),
        Err(message) => compile_error(&message, span),
    }
}

fn expand(name: &str, span: Span) -> TokenStream {
    let stem = argument::stem(name);
    let Some(out) = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from) else {
        return compile_error(&no_build_script(name), span);
    };
    let here = std::env::current_dir().unwrap_or_default();
    let reports = std::fs::read_to_string(out.join(format!("{stem}.report"))).unwrap_or_default();
    let mut tokens: TokenStream =
        report::split(&reports, &here).iter().flat_map(|report| compile_error(report, span)).collect();
    let generated = format!("{stem}.rs");
    if out.join(&generated).is_file() {
        tokens.extend(include(&generated, span));
    } else if tokens.is_empty() {
        tokens.extend(compile_error(&not_compiled(name), span));
    }
    tokens
}

/// `::core::compile_error! { "message" }`
fn compile_error(message: &str, span: Span) -> TokenStream {
    call("compile_error", Delimiter::Brace, [literal(message, span)].into_iter().collect(), span)
}

/// `::core::include! { ::core::concat!(::core::env!("OUT_DIR"), "/routes.rs") }`
fn include(file: &str, span: Span) -> TokenStream {
    let variable = [literal("OUT_DIR", span)].into_iter().collect();
    let mut parts = call("env", Delimiter::Parenthesis, variable, span);
    parts.extend([punct(',', Spacing::Alone, span), literal(&format!("/{file}"), span)]);
    let path = call("concat", Delimiter::Parenthesis, parts, span);
    call("include", Delimiter::Brace, path, span)
}

/// `::core::name!(arguments)`
fn call(name: &str, delimiter: Delimiter, arguments: TokenStream, span: Span) -> TokenStream {
    let mut group = Group::new(delimiter, arguments);
    group.set_span(span);
    let colons = || [punct(':', Spacing::Joint, span), punct(':', Spacing::Alone, span)];
    let mut tokens = TokenStream::from_iter(colons());
    tokens.extend([TokenTree::from(Ident::new("core", span))]);
    tokens.extend(colons());
    tokens.extend([Ident::new(name, span).into(), punct('!', Spacing::Alone, span), group.into()]);
    tokens
}

fn literal(text: &str, span: Span) -> TokenTree {
    let mut literal = Literal::string(text);
    literal.set_span(span);
    literal.into()
}

fn punct(sign: char, spacing: Spacing, span: Span) -> TokenTree {
    let mut punct = Punct::new(sign, spacing);
    punct.set_span(span);
    punct.into()
}

fn no_build_script(name: &str) -> String {
    format!(
        "this package has no build script, so nobody has compiled `{name}`\n\
         help: add a file build.rs beside Cargo.toml:\n\
         \n    fn main() {{\n        switchboard_build::compile(\"{name}\");\n    }}\n\n\
         and `switchboard-build` to [build-dependencies] in Cargo.toml"
    )
}

fn not_compiled(name: &str) -> String {
    format!(
        "build.rs has not compiled `{name}`\n\
         help: add this line to `main` in build.rs:\n\
         \n    switchboard_build::compile(\"{name}\");\n"
    )
}
