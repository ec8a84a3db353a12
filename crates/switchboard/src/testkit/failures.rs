//! What handlers failed with, under the id that the client is told, so that a transcript can say more than `internal`.

use std::cell::RefCell;
use std::collections::VecDeque;

thread_local! {
    /// A test and its server share a thread.
    static FAILURES: RefCell<VecDeque<(String, String)>> = const { RefCell::new(VecDeque::new()) };
}

/// A handler has failed.
pub(crate) fn note(id: &str, handler: &str, error: &str) {
    FAILURES.with_borrow_mut(|failures| {
        failures.truncate(KEPT - 1);
        failures.push_front((id.to_owned(), format!("{handler} failed: {error}")));
    });
}

/// The failure that a refusal in this envelope is about.
pub(crate) fn told_by(envelope: &str) -> Option<String> {
    if !envelope.contains("\"internal\"") {
        return None;
    }
    FAILURES.with_borrow(|failures| failures.iter().find(|(id, _)| envelope.contains(id)).map(|(_, what)| what.clone()))
}

const KEPT: usize = 64;
