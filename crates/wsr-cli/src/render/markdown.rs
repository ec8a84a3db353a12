//! Markdown for a terminal: bold headings, code moved in, paragraphs as wide as the screen.
//!
//! Just what the pages of `wsr explain` use; what is printed elsewhere stays Markdown, for whoever reads it there.

use crate::screen::{GLUE, Screen, glued};

/// Longer lines are hard to read, however wide the screen is.
const WIDEST: usize = 100;
/// How far code is moved in.
const CODE: &str = "    ";

/// The page as this screen shows it.
pub fn page(text: &str, screen: Screen) -> String {
    if !screen.color {
        return text.to_owned();
    }
    let mut page = Page { screen, out: String::new(), paragraph: String::new() };
    let mut code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            page.end_paragraph();
            code = !code;
            // A block may name the file that it is.
            if let Some(file) = line.split_whitespace().nth(1) {
                page.line(CODE, &format!("// {file}"));
            }
        } else if code {
            page.line(if line.is_empty() { "" } else { CODE }, line);
        } else {
            page.prose(line);
        }
    }
    page.end_paragraph();
    page.out
}

struct Page {
    screen: Screen,
    out: String,
    /// Lines that flow into one another.
    paragraph: String,
}

impl Page {
    fn prose(&mut self, line: &str) {
        if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")) {
            self.end_paragraph();
            let title = self.screen.bold(title);
            self.line("", &title);
        } else if line.is_empty() || line.starts_with('|') {
            self.end_paragraph();
            self.line("", line);
        } else {
            if line.starts_with("- ") {
                self.end_paragraph();
            }
            self.paragraph.push_str(line.trim());
            self.paragraph.push(' ');
        }
    }

    fn line(&mut self, indent: &str, line: &str) {
        self.out.push_str(indent);
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Writes the paragraph that has been collected, a list's item with its further lines moved in.
    fn end_paragraph(&mut self) {
        let text = glued(&std::mem::take(&mut self.paragraph));
        let indent = if text.starts_with("- ") { "  " } else { "" };
        let width = self.screen.width.min(WIDEST);
        let mut line = String::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                self.line("", &line.replace(GLUE, " "));
                line = indent.to_owned() + word;
            } else {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(word);
            }
        }
        if !line.is_empty() {
            self.line("", &line.replace(GLUE, " "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::screen::Screen;

    const PAGE: &str = "# A: b\n\nSome words that\nare `one two` paragraph.\n- an item that is long enough\n- two\n\n```wsr\nwsr 1\n\n  x\n```\n";

    #[test]
    fn a_terminal_gets_bold_headings_and_lines_of_its_width() {
        let screen = Screen { color: true, unicode: true, width: 20 };
        let wanted = "\u{1b}[1mA: b\u{1b}[0m\n\nSome words that are\n`one two` paragraph.\n- an item that is\n  long enough\n- two\n\n    wsr 1\n\n      x\n";
        assert_eq!(page(PAGE, screen), wanted);
    }

    #[test]
    fn a_file_gets_markdown() {
        assert_eq!(page(PAGE, Screen { color: false, unicode: true, width: 20 }), PAGE);
    }
}
