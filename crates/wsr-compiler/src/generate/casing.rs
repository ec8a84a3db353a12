//! How names of `routes.wsr` are spelled in Rust.
//!
//! The checks use the same functions to find two names that meet in Rust, so what passes them
//! has distinct names here.

/// The name of a type or variant: `login_error` and `LOGIN_ERROR` become `LoginError`, while
/// `LoginError` and `HTTP` stay as they are.
///
/// ```
/// use wsr_compiler::generate::casing::type_name;
/// assert_eq!(type_name("wrong_password"), "WrongPassword");
/// assert_eq!(type_name("UserID"), "UserID");
/// ```
pub fn type_name(name: &str) -> String {
    let starts_upper = name.starts_with(|first: char| first.is_uppercase());
    if starts_upper && name.chars().all(char::is_alphanumeric) {
        return name.to_owned();
    }
    let joined: String = words(name).iter().map(|word| capitalized(word)).collect();
    starting_with_a_letter(joined, "T")
}

/// The name of a field, function or module, without the `r#` of keywords: `userId` becomes
/// `user_id`.
///
/// ```
/// use wsr_compiler::generate::casing::field_name;
/// assert_eq!(field_name("userId"), "user_id");
/// assert_eq!(field_name("HTTPServer"), "http_server");
/// ```
pub fn field_name(name: &str) -> String {
    let plain = |c: char| c == '_' || c.is_ascii_digit() || c.is_lowercase();
    if !name.is_empty() && name.chars().all(plain) && name.chars().any(|c| c != '_') {
        return starting_with_a_letter(name.to_owned(), "_");
    }
    let lower: Vec<String> = words(name).iter().map(|word| word.to_lowercase()).collect();
    starting_with_a_letter(lower.join("_"), "_")
}

/// The name of a namespace's module, without the `r#` of keywords.
pub fn module_name(name: &str) -> String {
    field_name(name)
}

/// A name as Rust code has it: keywords become raw, `type` is `r#type`.
///
/// ```
/// use wsr_compiler::generate::casing::identifier;
/// assert_eq!(identifier("type"), "r#type");
/// assert_eq!(identifier("room"), "room");
/// ```
pub fn identifier(name: &str) -> String {
    if UNNAMEABLE.contains(&name) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

/// Splits at every sign that is no letter or digit, before a capital behind a small letter or
/// digit, and before the last capital of a run (`HTTPServer` is `HTTP` and `Server`).
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let signs: Vec<char> = name.chars().collect();
    for (at, &sign) in signs.iter().enumerate() {
        if !sign.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).map(|before| signs[before]);
        let behind = signs.get(at + 1);
        let after_small = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        let ends_run = before.is_some_and(char::is_uppercase) && behind.is_some_and(|c| c.is_lowercase());
        if sign.is_uppercase() && (after_small || ends_run) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(sign);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

pub(crate) fn capitalized(word: &str) -> String {
    let mut signs = word.chars();
    match signs.next() {
        Some(first) => first.to_uppercase().chain(signs.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

fn starting_with_a_letter(name: String, prefix: &str) -> String {
    match name.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => name,
        _ => format!("{prefix}{name}"),
    }
}

/// Words that not even `r#` makes a name.
const UNNAMEABLE: [&str; 5] = ["self", "Self", "super", "crate", "_"];

/// The keywords of every edition, strict and reserved.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_are_camel_case() {
        for (name, wanted) in [
            ("login", "Login"),
            ("wrong_password", "WrongPassword"),
            ("LOGIN_ERROR", "LoginError"),
            ("HTTP", "HTTP"),
            ("userId", "UserId"),
            ("x2y", "X2y"),
            ("_private", "Private"),
            ("_2fa", "T2fa"),
        ] {
            assert_eq!(type_name(name), wanted, "{name}");
        }
    }

    #[test]
    fn field_names_are_snake_case() {
        for (name, wanted) in [
            ("room", "room"),
            ("reply_to", "reply_to"),
            ("userId", "user_id"),
            ("HTTPServer", "http_server"),
            ("v2Name", "v2_name"),
            ("_", "_"),
            ("_2Fa", "_2_fa"),
        ] {
            assert_eq!(field_name(name), wanted, "{name}");
        }
    }

    #[test]
    fn keywords_become_raw_and_the_unnameable_get_a_tail() {
        assert_eq!(identifier("match"), "r#match");
        assert_eq!(identifier("gen"), "r#gen");
        assert_eq!(identifier("self"), "self_");
        assert_eq!(identifier("name"), "name");
    }
}
