//! The one place that knows where the runtime is.

/// What generated code may name of the runtime, and nothing else.
pub(super) const RUNTIME: &str = "::switchboard::generated";

/// The same for generated clients.
pub(super) const CLIENT_RUNTIME: &str = "::switchboard_client::generated";

/// The constant that only a client of the same version has.
pub(super) const CLIENT_VERSION: &str = "CLIENT_0_1";

/// The name of [`RUNTIME`] inside generated modules. What stands behind it in the templates beside
/// this file is the contract with the crate `switchboard`.
pub(super) const ALIAS: &str = "rt";

/// The constant that only a runtime of the same version has.
pub(super) const VERSION: &str = "RUNTIME_0_1";

/// Where the generated perfect hash finds its runtime.
pub(super) const PHF: &str = "rt::phf";

/// The name of the module of what stands in no namespace.
pub(super) const ROOT: &str = "routes";

/// Names that the root module has of its own, beside those that `routes.wsr` brings.
pub(super) const ROOT_NAMES: [&str; 6] = ["AnyMessage", "Cx", "Role", "Routes", "Wired", "serve"];

/// What the user's lints must not say about code that the user did not write.
pub(super) const ALLOW: &str = "#[allow(
    warnings, unused, deprecated, nonstandard_style, missing_docs, missing_debug_implementations,
    missing_copy_implementations, unreachable_pub, unused_lifetimes, unused_qualifications,
    unused_results, single_use_lifetimes, trivial_casts, trivial_numeric_casts,
    variant_size_differences, elided_lifetimes_in_paths, let_underscore_drop, rustdoc::all,
    clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
)]";
