//! A block writer: lines with their indentation.
//!
//! Names of Rust's prelude are written with a sigil, `§Option<u8>`. Where a type of the protocol
//! has the same name, they come out as full paths, else as they are. `§§` is one `§`.

use std::collections::BTreeSet;

/// Collects lines; each is indented by the depth of the blocks around it.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
    shadowed: BTreeSet<String>,
    trims: bool,
}

impl Writer {
    /// A writer whose lines have no space at their ends.
    pub fn trimming() -> Self {
        Self { trims: true, ..Self::default() }
    }

    /// Names that now mean something else than in Rust's prelude; returns those of before.
    pub fn shadow(&mut self, names: BTreeSet<String>) -> BTreeSet<String> {
        std::mem::replace(&mut self.shadowed, names)
    }

    /// A line, or several: further lines keep their own indentation on top.
    pub fn line(&mut self, code: impl AsRef<str>) {
        for line in code.as_ref().split('\n') {
            let line = if self.trims { line.trim_end() } else { line };
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n("    ", self.depth));
                self.push_resolved(line);
            }
            self.text.push('\n');
        }
    }

    /// Every line of a list.
    pub fn lines<S: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = S>) {
        for line in lines {
            self.line(line);
        }
    }

    /// An empty line, unless one stands there or a block has just begun.
    pub fn blank(&mut self) {
        let begun = self.text.is_empty() || self.text.ends_with("\n\n") || self.text.ends_with("{\n");
        if !begun {
            self.text.push('\n');
        }
    }

    /// `head {`, the body one step further in, `}`.
    pub fn block(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Self)) {
        self.closed_block(&format!("{} {{", head.as_ref()), "}", body);
    }

    /// A block whose first line carries a comment.
    pub fn marked_block(&mut self, head: impl AsRef<str>, mark: &str, body: impl FnOnce(&mut Self)) {
        self.closed_block(&format!("{} {{ {mark}", head.as_ref()), "}", body);
    }

    /// A block with its own first and last line.
    pub fn closed_block(&mut self, first: &str, last: &str, body: impl FnOnce(&mut Self)) {
        self.line(first);
        self.depth += 1;
        body(self);
        self.depth -= 1;
        while self.text.ends_with("\n\n") {
            self.text.pop();
        }
        self.line(last);
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }

    fn push_resolved(&mut self, line: &str) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('§') {
            self.text.push_str(before);
            if let Some(behind) = after.strip_prefix('§') {
                self.text.push('§');
                rest = behind;
                continue;
            }
            let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
            let (name, behind) = after.split_at(end);
            let path = PRELUDE.iter().find(|(known, _)| *known == name && self.shadowed.contains(name));
            self.text.push_str(path.map_or(name, |(_, path)| path));
            rest = behind;
        }
        self.text.push_str(rest);
    }
}

/// Code one step further in, every line.
pub(super) fn indented(code: &str) -> String {
    let lines = code.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("    {line}") });
    lines.collect::<Vec<_>>().join("\n")
}

/// The names of the prelude that generated code uses, with their full paths.
const PRELUDE: [(&str, &str); 11] = [
    ("Box", "::std::boxed::Box"),
    ("Err", "::std::result::Result::Err"),
    ("None", "::std::option::Option::None"),
    ("Ok", "::std::result::Result::Ok"),
    ("Option", "::std::option::Option"),
    ("Result", "::std::result::Result"),
    ("Send", "::std::marker::Send"),
    ("Some", "::std::option::Option::Some"),
    ("String", "::std::string::String"),
    ("Sync", "::std::marker::Sync"),
    ("Vec", "::std::vec::Vec"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_indent_and_end_without_an_empty_line() {
        let mut writer = Writer::default();
        writer.block("mod a", |w| {
            w.blank();
            w.block("fn f()", |w| w.line("if x {\n    y();\n}"));
            w.blank();
        });
        let wanted = "mod a {\n    fn f() {\n        if x {\n            y();\n        }\n    }\n}\n";
        assert_eq!(writer.finish(), wanted);
    }

    #[test]
    fn shadowed_names_come_out_as_paths() {
        let mut writer = Writer::default();
        writer.line("§Option<§Vec<u8>> // §§1");
        writer.shadow(["Option".to_owned()].into());
        writer.line("§Option<§Vec<u8>>");
        assert_eq!(writer.finish(), "Option<Vec<u8>> // §1\n::std::option::Option<Vec<u8>>\n");
    }
}
