//! Files that follow other files are as new as those.

use sha2::{Digest, Sha256};

use crate::{read, repository};

/// Every keyword of the grammar of truth: `kw_all = @{ "all" ~ … }`.
pub(crate) fn keywords() -> Vec<String> {
    let truth = read(repository("crates/wsr-compiler/grammar/wsr.pest"));
    let lines = truth.lines().filter(|line| line.starts_with("kw_"));
    let found: Vec<String> = lines.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect();
    assert!(found.len() > 40, "only {found:?} in wsr.pest: are keywords written in another way?");
    found
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|found| found == word)
}

#[test]
fn the_parser_is_made_from_this_grammar() {
    let digest = Sha256::digest(read("grammar.js").as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let noted = read("src/grammar.sha256");
    assert!(
        noted.starts_with(&digest),
        "grammar.js was edited and src/ was not made anew: run editors/tree-sitter-wsr/generate"
    );
}

#[test]
fn every_editor_knows_every_keyword() {
    let grammars = [
        read("grammar.js"),
        read("queries/highlights.scm"),
        read("../vscode/syntaxes/wsr.tmLanguage.json").replace("\\\\b", " "),
        read("../vim/syntax/wsr.vim"),
    ];
    for keyword in keywords() {
        for (at, grammar) in grammars.iter().enumerate() {
            // A query names the node of a word that stands alone: (silent), (unique_limit).
            let known = has_word(grammar, &keyword) || has_word(grammar, &format!("{keyword}_limit"));
            assert!(known, "`{keyword}` of wsr.pest is unknown to the editors' grammar number {at}");
        }
    }
}
