//! "Did you mean": the nearest of the names that would be legal.

use strsim::osa_distance;

use crate::diagnostic::Help;

/// Names longer than this are not compared: nobody misspelt them, and it would cost time.
const LONGEST: usize = 64;

/// The nearest legal names: equal but for case first, else a small edit distance; one, or two on a tie.
pub fn nearest<'a>(wrong: &str, legal: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if wrong.is_empty() || wrong.len() > LONGEST {
        return Vec::new();
    }
    let allowed = (wrong.chars().count() / 3).max(1);
    let mut best = allowed + 1;
    let mut found: Vec<&str> = Vec::new();
    for name in legal {
        if name == wrong || name.is_empty() || name.len() > LONGEST {
            continue;
        }
        let distance = if name.eq_ignore_ascii_case(wrong) { 0 } else { osa_distance(wrong, name) };
        if distance < best {
            best = distance;
            found.clear();
        }
        if distance == best && distance <= allowed && distance < name.chars().count() && !found.contains(&name) {
            found.push(name);
        }
    }
    found.truncate(2);
    found
}

/// "did you mean `a`?" or "did you mean `a` or `b`?", if anything is near.
pub fn did_you_mean<'a>(wrong: &str, legal: impl IntoIterator<Item = &'a str>) -> Option<Help> {
    match nearest(wrong, legal).as_slice() {
        [] => None,
        [one] => Some(Help::did_you_mean(*one)),
        [one, two, ..] => Some(format!("did you mean `{one}` or `{two}`?").into()),
    }
}

/// The names as one list in backticks, cut after a few; for help when nothing is near.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 6;
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{}`", clip(name))).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

/// A piece of source as titles quote it: at most 48 characters, control characters made visible.
pub fn clip(text: &str) -> String {
    const SHOWN: usize = 48;
    let mut out: String = text.chars().take(SHOWN).flat_map(visible).collect();
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

/// Control characters and invisible marks as their number.
fn visible(letter: char) -> Vec<char> {
    let hidden = letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    if hidden { format!("U+{:04X}", letter as u32).chars().collect() } else { vec![letter] }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn another_case_wins_over_a_smaller_distance() {
        assert_eq!(nearest("STRING", ["strings", "string"]), ["string"]);
    }

    #[test]
    fn a_tie_gives_two_names_and_never_more() {
        assert_eq!(nearest("rot", ["rat", "rod", "rob"]), ["rat", "rod"]);
    }

    #[test]
    fn far_names_are_not_offered() {
        assert!(nearest("volume", ["listen", "quality"]).is_empty());
    }
}
