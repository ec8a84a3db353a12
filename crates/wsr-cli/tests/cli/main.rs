//! The command, run as people and tools run it: in folders made for the test, its output and exit code looked at.

mod check;
mod command;
mod fmt;
mod generate;
mod new;
mod support;
