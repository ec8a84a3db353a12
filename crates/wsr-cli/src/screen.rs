//! What the terminal can show, and printing to it.
//!
//! Whoever reads us may stop reading at any time (`wsr expand | head`); that is no error.

use std::io::{self, Write};

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

use crate::args::When;
use crate::exit::Failure;

/// Width of lines where nothing knows better.
const WIDTH: u16 = 80;
/// Narrower terminals are written to as if they had this width.
const NARROWEST: u16 = 40;

/// How text for a stream may look.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Whether escape sequences are understood and wanted.
    pub color: bool,
    /// Whether box drawing is understood.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

impl Screen {
    /// Standard output.
    pub fn stdout(color: When) -> Self {
        Self::of(&io::stdout(), color)
    }

    /// Standard error.
    pub fn stderr(color: When) -> Self {
        Self::of(&io::stderr(), color)
    }

    fn of(stream: &impl RawStream, color: When) -> Self {
        // anstream knows NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM=dumb.
        let color = match color {
            When::Always => true,
            When::Never => false,
            When::Auto => AutoStream::choice(stream) != ColorChoice::Never,
        };
        let columns = terminal_size::terminal_size().filter(|_| stream.is_terminal());
        let width = columns.map_or(WIDTH, |(width, _)| width.0.max(NARROWEST));
        Self { color, unicode: unicode(), width: width.into() }
    }

    /// The text, bold where that can be shown.
    pub fn bold(self, text: &str) -> String {
        self.styled(text, "1")
    }

    /// The text in this style, a list of numbers of an SGR sequence.
    pub fn styled(self, text: &str, style: &str) -> String {
        if self.color && !text.is_empty() { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Whether the locale is anything but one that says it has ASCII alone.
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    let Some(locale) = locale.map(|value| value.to_string_lossy().to_lowercase()) else { return true };
    let charset = locale.split_once('.').map(|(_, charset)| charset.split('@').next().unwrap_or_default());
    match charset {
        Some(charset) => matches!(charset, "utf-8" | "utf8"),
        None => !matches!(locale.as_str(), "c" | "posix"),
    }
}

/// Writes to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error; there is nowhere to say that it failed.
pub fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Stands for a blank where no line may end; nothing that has been [tamed](tame) has it.
pub const GLUE: char = '\u{e000}';

/// Text of others as it may be shown: what moves the cursor or reorders text is made visible.
///
/// Each character that is replaced keeps its length in bytes, so spans into the text still hold.
pub fn tame(text: &str) -> String {
    text.chars().map(tamed).collect()
}

fn tamed(letter: char) -> char {
    match letter {
        '\n' | '\t' | '\r' => letter,
        '\0'..='\x1f' | '\x7f' => '?',
        '\u{80}'..='\u{9f}' => '\u{b7}',
        '\u{200b}'..='\u{200f}' | GLUE | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        _ => letter,
    }
}

/// The text with its code held together: lines do not end between backticks.
pub fn glued(text: &str) -> String {
    let mut code = false;
    let glue = |letter: char| {
        code ^= letter == '`';
        if code && letter == ' ' { GLUE } else { letter }
    };
    text.chars().map(glue).collect()
}

#[cfg(test)]
mod tests {
    use super::tame;

    #[test]
    fn what_is_tamed_keeps_its_length() {
        let wild = "a\u{1b}[31m\u{9b}\u{202e}\u{feff}\t\u{7f}é\r\n";
        assert_eq!(tame(wild), "a?[31m\u{b7}\u{fffd}\u{fffd}\t?é\r\n");
        assert_eq!(tame(wild).len(), wild.len());
    }
}
