//! The cases of `@rename_all`.

use crate::generate::casing::{capitalized, words};

/// How names are written on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Camel,
    Snake,
    Kebab,
    Pascal,
    Screaming,
}

impl Case {
    pub(super) const ALL: [Self; 5] = [Self::Camel, Self::Snake, Self::Kebab, Self::Pascal, Self::Screaming];

    /// As it is written in `@rename_all`: each name shows its own case.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Camel => "camelCase",
            Self::Snake => "snake_case",
            Self::Kebab => "kebab-case",
            Self::Pascal => "PascalCase",
            Self::Screaming => "SCREAMING_SNAKE_CASE",
        }
    }

    /// A name in this case. Words end at `_`, before a capital behind a small letter or digit, and before the last
    /// capital of a run; a digit belongs to the word in front of it.
    pub(super) fn apply(self, name: &str) -> String {
        let words = words(name);
        if words.is_empty() {
            return name.to_owned();
        }
        let lower = |word: &String| word.to_lowercase();
        match self {
            Self::Camel => {
                let rest = words.iter().skip(1).map(|word| capitalized(word));
                words.iter().take(1).map(lower).chain(rest).collect()
            }
            Self::Pascal => words.iter().map(|word| capitalized(word)).collect(),
            Self::Snake => words.iter().map(lower).collect::<Vec<_>>().join("_"),
            Self::Kebab => words.iter().map(lower).collect::<Vec<_>>().join("-"),
            Self::Screaming => words.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>().join("_"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    /// A name in every case, in the order of [`Case::ALL`].
    fn all(name: &str) -> [String; 5] {
        Case::ALL.map(|case| case.apply(name))
    }

    #[test]
    fn words_end_at_underscores() {
        assert_eq!(all("user_id"), ["userId", "user_id", "user-id", "UserId", "USER_ID"]);
        assert_eq!(all("a_b_c"), ["aBC", "a_b_c", "a-b-c", "ABC", "A_B_C"]);
    }

    #[test]
    fn digits_belong_to_the_word_in_front_of_them() {
        assert_eq!(all("user_id2"), ["userId2", "user_id2", "user-id2", "UserId2", "USER_ID2"]);
        assert_eq!(all("x1_y"), ["x1Y", "x1_y", "x1-y", "X1Y", "X1_Y"]);
        assert_eq!(all("line_2_text"), ["line2Text", "line_2_text", "line-2-text", "Line2Text", "LINE_2_TEXT"]);
    }

    #[test]
    fn runs_of_capitals_are_one_word() {
        assert_eq!(all("URL"), ["url", "url", "url", "Url", "URL"]);
        assert_eq!(all("HTTPServer"), ["httpServer", "http_server", "http-server", "HttpServer", "HTTP_SERVER"]);
        assert_eq!(all("userID"), ["userId", "user_id", "user-id", "UserId", "USER_ID"]);
    }

    #[test]
    fn underscores_at_the_ends_are_left_out() {
        assert_eq!(all("_id_"), ["id", "id", "id", "Id", "ID"]);
        assert_eq!(all("__"), ["__", "__", "__", "__", "__"]);
    }
}
