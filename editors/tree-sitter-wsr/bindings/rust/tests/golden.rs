//! `test/corpus/*.txt`, in the form that `tree-sitter test` reads: a name between two lines of `=`, a text, `---`, the tree.
//! `UPDATE_EXPECT=1` writes the trees anew; read them then.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use tree_sitter::{Node, TreeCursor};

use crate::{parse, read};

const BAR: &str = "==================";

struct Case {
    name: String,
    text: String,
    tree: String,
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir("test/corpus").expect("test/corpus is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.sort();
    files
}

fn cases(file: &str) -> Vec<Case> {
    let parts: Vec<&str> = file.split(&format!("{BAR}\n")).collect();
    // Nothing, then name and body in turn.
    let pairs = parts[1..].chunks_exact(2);
    pairs
        .map(|pair| {
            let (text, tree) = pair[1].split_once("\n---\n").expect("`---` parts text and tree");
            Case { name: pair[0].trim().to_owned(), text: text.to_owned(), tree: tree.trim().to_owned() }
        })
        .collect()
}

/// The named nodes, one a line, with the fields they stand in.
fn shown(node: Node<'_>) -> String {
    let mut out = String::new();
    show(&mut node.walk(), 0, &mut out);
    out
}

fn show(cursor: &mut TreeCursor<'_>, depth: usize, out: &mut String) {
    let node = cursor.node();
    if !node.is_named() {
        return;
    }
    if depth > 0 {
        write!(out, "\n{}", "  ".repeat(depth)).expect("a string takes everything");
    }
    if let Some(field) = cursor.field_name() {
        write!(out, "{field}: ").expect("a string takes everything");
    }
    out.push('(');
    out.push_str(node.kind());
    if cursor.goto_first_child() {
        loop {
            show(cursor, depth + 1, out);
            if !cursor.goto_next_sibling() {
                break;
            }
        }
        cursor.goto_parent();
    }
    out.push(')');
}

#[test]
fn each_case_has_its_tree() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    for path in files() {
        let before = read(&path);
        let mut after = String::new();
        for case in cases(&before) {
            let tree = shown(parse(&case.text).root_node());
            assert!(update || tree == case.tree, "{}: {}\n{tree}", path.display(), case.name);
            write!(after, "{BAR}\n{}\n{BAR}\n{}\n---\n\n{tree}\n\n", case.name, case.text)
                .expect("a string takes everything");
        }
        if update {
            fs::write(&path, format!("{}\n", after.trim_end())).expect("the file can be written");
        }
    }
}
