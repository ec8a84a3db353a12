//! What editors are told: a text with a cursor `$0` in it, and the plain data that comes of it.

#![expect(clippy::disallowed_methods, reason = "hostile texts are made of the cases in files; a seed may be given")]

mod actions;
mod completion;
mod hostile;
mod hover;
mod names;
mod outline;
mod support;
