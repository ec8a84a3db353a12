//! Reading JSON: a pull parser that is as strict on what it skips as on what it reads.
//!
//! Strict RFC 8259 over text that is known to be UTF-8. Beyond the grammar it refuses lone surrogates,
//! nesting beyond a depth that the caller gives, and numbers that no finite `f64` is near to.
//! Duplicate keys are seen by whoever knows the keys: [`crate::Slot`], [`crate::map`], the `json` type.

mod number;
mod reader;
mod skip;
mod source;
mod string;
mod value;

pub(crate) use number::Integer;
pub use reader::{DEEPEST, Reader};
pub use source::Source;
pub(crate) use string::plain_end;
