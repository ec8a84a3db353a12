//! What a package may be called.

/// Names that cargo or Rust has for itself, and those of what a project depends on.
const TAKEN: [&str; 18] = [
    "alloc",
    "build",
    "core",
    "crate",
    "deps",
    "examples",
    "incremental",
    "proc-macro",
    "proc_macro",
    "self",
    "std",
    "super",
    "switchboard",
    "switchboard-build",
    "test",
    "tokio",
    "tracing-subscriber",
    "switchboard_build",
];

/// Words that Rust has kept.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names of devices that Windows makes no folders for.
const DEVICES: [&str; 6] = ["aux", "con", "nul", "prn", "com1", "lpt1"];

/// Why a package cannot be called so; nothing if it can.
pub fn complaint(name: &str) -> Option<&'static str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let lower = name.to_ascii_lowercase();
    if name.is_empty() {
        Some("it is empty")
    } else if !name.chars().all(plain) {
        Some("only letters from a to z, digits, `-` and `_` may be in it")
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        Some("it does not begin with a letter")
    } else if KEYWORDS.contains(&lower.as_str()) {
        Some("it is a word of Rust's own")
    } else if TAKEN.contains(&lower.as_str()) {
        Some("Rust, cargo or a dependency of the project is called so")
    } else if DEVICES.contains(&lower.as_str()) {
        Some("Windows has no folders of this name")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn what_cargo_takes_is_taken() {
        for name in ["hello", "a", "my-app", "my_app2", "Poll", "chat-build"] {
            assert_eq!(complaint(name), None, "{name}");
        }
    }

    #[test]
    fn what_cargo_refuses_is_refused_with_the_reason() {
        for (name, why) in [
            ("", "empty"),
            ("9lives", "begin with a letter"),
            ("-x", "begin with a letter"),
            ("a b", "only letters"),
            ("größe", "only letters"),
            ("async", "word of Rust"),
            ("switchboard", "called so"),
            ("test", "called so"),
            ("NUL", "Windows"),
        ] {
            assert!(complaint(name).is_some_and(|reason| reason.contains(why)), "{name}: {:?}", complaint(name));
        }
    }
}
