//! What editors are told: a text with a cursor `$0` in it, and the plain data that comes of it.

mod actions;
mod completion;
mod hostile;
mod hover;
mod names;
mod outline;
mod support;
