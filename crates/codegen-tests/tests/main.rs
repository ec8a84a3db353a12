//! Drives what the compiler has generated from the cases.

mod aggregates;
mod binary;
mod builds;
mod chains;
mod checks;
mod limits;
mod messages;
mod newtypes;
mod packed;
mod protocol;
mod reference;
mod requests;
mod rooms;
mod scalars;
mod schema;
mod secrets;
mod simulation;
mod slow;
mod steps;
mod topics;
mod values;
mod walk;
mod wire;
