//! What a client sent and heard, for the message of a test that fails.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// The lines of one client. Clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Transcript {
    began: Instant,
    lines: Arc<Mutex<Vec<Line>>>,
}

#[derive(Clone, Debug)]
struct Line {
    at: Duration,
    mark: char,
    text: String,
}

impl Transcript {
    /// Without lines; times count from `began`.
    pub fn new(began: Instant) -> Self {
        Self { began, lines: Arc::default() }
    }

    /// The client sent this.
    pub fn sent(&self, text: impl Into<String>) {
        self.note('>', text.into());
    }

    /// The client heard this.
    pub fn heard(&self, text: impl Into<String>) {
        self.note('<', text.into());
    }

    /// Something happened to the client.
    pub fn happened(&self, text: impl Into<String>) {
        self.note('-', text.into());
    }

    fn note(&self, mark: char, text: String) {
        self.lines.lock().push(Line { at: self.began.elapsed(), mark, text });
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.lock();
        let omitted = lines.len().saturating_sub(LINES);
        if omitted > 0 {
            writeln!(f, "  ({omitted} earlier lines)")?;
        }
        for Line { at, mark, text } in &lines[omitted..] {
            write!(f, "  {:>9.3}s {mark} ", at.as_secs_f64())?;
            match text.char_indices().nth(WIDTH) {
                None => writeln!(f, "{text}")?,
                Some((end, _)) => writeln!(f, "{} … ({} bytes)", &text[..end], text.len())?,
            }
        }
        Ok(())
    }
}

/// Bytes as text: a few of them in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::from("0x");
    for byte in bytes.iter().take(HEX) {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    if bytes.len() > HEX {
        let _ = write!(text, " … ({} bytes)", bytes.len());
    }
    text
}

/// How many of the last lines are shown.
const LINES: usize = 60;
/// Characters of a line.
const WIDTH: usize = 400;
/// Bytes that are shown.
const HEX: usize = 24;
