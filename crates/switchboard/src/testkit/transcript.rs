//! What a client sent and heard, for the message of a test that fails.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::failures;

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
        let text = text.into();
        let failure = failures::told_by(&text);
        self.note('<', text);
        failure.into_iter().for_each(|failure| self.happened(failure));
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
        lines[omitted..].iter().try_for_each(|line| line.write("", f))
    }
}

impl Line {
    fn write(&self, who: &str, out: &mut impl Write) -> fmt::Result {
        let Self { at, mark, text } = self;
        write!(out, "  {:>9.3}s {who}{mark} ", at.as_secs_f64())?;
        match text.char_indices().nth(WIDTH) {
            None => writeln!(out, "{text}"),
            Some((end, _)) => writeln!(out, "{} … ({} bytes)", &text[..end], text.len()),
        }
    }
}

/// The last lines of several clients, in the order in which they happened.
pub(crate) fn merged<'a>(clients: impl Iterator<Item = (&'a str, &'a Transcript)>) -> String {
    let mut lines = Vec::new();
    for (name, transcript) in clients {
        lines.extend(transcript.lines.lock().iter().map(|line| (format!("{name} "), line.clone())));
    }
    lines.sort_by_key(|(_, line)| line.at);
    let omitted = lines.len().saturating_sub(LINES);
    let mut text = if omitted > 0 { format!("  ({omitted} earlier lines)\n") } else { String::new() };
    for (name, line) in &lines[omitted..] {
        // Writing into a String cannot fail.
        let _ = line.write(name, &mut text);
    }
    text
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
