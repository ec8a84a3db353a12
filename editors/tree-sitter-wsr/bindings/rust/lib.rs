//! The tree-sitter grammar of `.wsr`: colours, folding, indentation and outlines for editors.
//!
//! ```
//! let mut parser = tree_sitter::Parser::new();
//! parser.set_language(&tree_sitter_wsr::LANGUAGE.into()).unwrap();
//! let tree = parser.parse("wsr 1\nmessage ping -> reply ok\n", None).unwrap();
//! assert!(!tree.root_node().has_error());
//! ```
//!
//! It reads what `wsr-compiler` reads and forgives more; whether a protocol is right is the compiler's business.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_wsr() -> *const ();
}

/// The grammar, for [`tree_sitter::Parser::set_language`](https://docs.rs/tree-sitter).
// SAFETY: the function is made by `tree-sitter generate` (src/parser.c) and returns a pointer to a constant.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_wsr) };

/// What each kind of node is, as JSON.
pub const NODE_TYPES: &str = include_str!("../../src/node-types.json");

/// Which text gets which colour.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");

/// What can be folded.
pub const FOLDS_QUERY: &str = include_str!("../../queries/folds.scm");

/// Where lines are indented.
pub const INDENTS_QUERY: &str = include_str!("../../queries/indents.scm");

/// What an outline shows.
pub const TAGS_QUERY: &str = include_str!("../../queries/tags.scm");
