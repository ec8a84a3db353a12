//! The argument of `routes!`: one string literal, the path of a `.wsr` file.

/// The file's path, from the texts of the tokens.
pub(crate) fn file_name(tokens: &[String]) -> Result<String, String> {
    let wanted = "`routes!` takes the name of one file: `switchboard::routes!(\"routes.wsr\");`";
    let [token] = tokens else { return Err(wanted.to_owned()) };
    let text = unquoted(token).ok_or(wanted)?;
    if text.contains('\\') {
        return Err("write the path with `/`, also on Windows: `routes!(\"protocols/routes.wsr\")`".to_owned());
    }
    if stem(text).is_empty() {
        return Err(wanted.to_owned());
    }
    Ok(text.to_owned())
}

/// `protocols/routes.wsr` is `routes`.
pub(crate) fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// What stands between the quotes of a string literal, raw or not.
fn unquoted(token: &str) -> Option<&str> {
    let text = token.strip_prefix('r').unwrap_or(token);
    let text = text.trim_start_matches('#');
    text.strip_prefix('"')?.trim_end_matches('#').strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(tokens: &[&str]) -> Result<String, String> {
        file_name(&tokens.iter().map(|&token| token.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_string_is_the_name() {
        assert_eq!(name(&["\"routes.wsr\""]).as_deref(), Ok("routes.wsr"));
        assert_eq!(name(&["r#\"a/b.wsr\"#"]).as_deref(), Ok("a/b.wsr"));
        assert_eq!(stem("a/b.wsr"), "b");
    }

    #[test]
    fn anything_else_is_explained() {
        for tokens in [&[][..], &["routes"], &["1"], &["\"\""], &["\"a\"", ",", "\"b\""]] {
            assert!(name(tokens).is_err_and(|message| message.contains("takes the name of one file")), "{tokens:?}");
        }
        assert!(name(&["\"a\\\\b.wsr\""]).is_err_and(|message| message.contains("with `/`")));
    }
}
