//! What formatting would change, in the form that everybody knows.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::summary::counted;
use crate::screen::{Screen, tame};

/// More lines are counted, not shown.
const MOST: usize = 40;
/// Lines around a change.
const CONTEXT: usize = 1;
/// After so long a rougher diff has to do.
const PATIENCE: Duration = Duration::from_millis(500);

/// The first lines in which two texts of one file differ.
pub fn of(name: &str, before: &str, after: &str, screen: Screen) -> String {
    let lines = changes(before, after, screen);
    let mut text = screen.bold(&format!("--- {name}")) + "\n" + &screen.bold(&format!("+++ {name}, formatted")) + "\n";
    for line in lines.iter().take(MOST) {
        text.push_str(line);
        text.push('\n');
    }
    if let Some(more @ 1..) = lines.len().checked_sub(MOST) {
        text.push_str(&format!("and {}\n", counted(more, "more line")));
    }
    text + "\n"
}

fn changes(before: &str, after: &str, screen: Screen) -> Vec<String> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
    let mut lines = Vec::new();
    for place in diff.grouped_ops(CONTEXT) {
        let line = place.first().map_or(0, |first| first.old_range().start) + 1;
        lines.push(screen.styled(&format!("@@ line {line} @@"), "36"));
        for change in place.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = tame(change.value().trim_end_matches(['\r', '\n']));
            lines.push(match change.tag() {
                ChangeTag::Delete => screen.styled(&format!("-{line}"), "31"),
                ChangeTag::Insert => screen.styled(&format!("+{line}"), "32"),
                ChangeTag::Equal => format!(" {line}"),
            });
        }
    }
    lines
}
