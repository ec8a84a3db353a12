//! Lines of Python with their indentation.

/// Collects lines, each as deep as the blocks around it.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    depth: usize,
}

impl Lines {
    /// A line, or several.
    pub fn line(&mut self, code: impl AsRef<str>) {
        for line in code.as_ref().split('\n') {
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n("    ", self.depth));
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
    }

    /// So many empty lines, unless a block has just begun.
    pub fn blank(&mut self, count: usize) {
        if !self.text.is_empty() && !self.text.ends_with(":\n") && !self.text.ends_with("\n\n") {
            self.text.extend(std::iter::repeat_n('\n', count));
        }
    }

    /// `head`, then the body one step further in; `pass` when it is empty.
    pub fn block(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Self)) {
        self.line(head);
        let before = self.text.len();
        self.depth += 1;
        body(self);
        if self.text.len() == before {
            self.line("pass");
        }
        self.depth -= 1;
    }

    /// Text of an author as a docstring; nothing when there is none.
    pub fn doc(&mut self, lines: &[String]) {
        let text = lines.join("\n");
        if text.trim().is_empty() {
            return;
        }
        let text = text.trim_end();
        match lines.len() {
            1 => self.line(format!("\"\"\"{text}\"\"\"")),
            _ => self.line(format!("\"\"\"{text}\n\"\"\"")),
        }
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }
}
