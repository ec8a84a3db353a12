//! The grammar for editors against the grammar of truth, its own cases, and its queries.

mod corpus;
mod drift;
mod golden;
mod queries;

use std::fs;
use std::path::{Path, PathBuf};

use tree_sitter::{Node, Parser, Tree};

fn parse(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_wsr::LANGUAGE.into()).expect("the versions of library and grammar fit");
    parser.parse(text, None).expect("no time limit was set")
}

/// A path below the root of the repository.
fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every node, a parent before its children, without recursion.
fn each_node<'t>(tree: &'t Tree, mut visit: impl FnMut(Node<'t>)) {
    let mut cursor = tree.walk();
    loop {
        visit(cursor.node());
        if cursor.goto_first_child() || cursor.goto_next_sibling() {
            continue;
        }
        loop {
            if !cursor.goto_parent() {
                return;
            }
            if cursor.goto_next_sibling() {
                break;
            }
        }
    }
}

/// The first place where the text does not fit the grammar, counted from 1.
fn first_error(tree: &Tree) -> Option<(usize, usize)> {
    let mut found = None;
    each_node(tree, |node| {
        if found.is_none() && (node.is_error() || node.is_missing()) {
            let start = node.start_position();
            found = Some((start.row + 1, start.column + 1));
        }
    });
    found
}
