//! Pieces of the author's text around a place, for fixes that touch more than what is underlined.

use crate::source::{SourceFile, Span};

/// A sign behind a place, with blanks between at most.
pub(crate) fn sign_behind(source: &SourceFile, place: Span, sign: char) -> Option<Span> {
    let rest = source.text().get(place.end as usize..)?;
    let trimmed = rest.trim_start_matches([' ', '\t']);
    let start = place.end + (rest.len() - trimmed.len()) as u32;
    trimmed.starts_with(sign).then(|| Span { start, end: start + sign.len_utf8() as u32, ..place })
}

/// A word or sign in front of a place, with blanks and line ends between at most.
pub(crate) fn word_before(source: &SourceFile, place: Span, word: &str) -> Option<Span> {
    let before = source.text().get(..place.start as usize)?.trim_end();
    let start = before.strip_suffix(word)?.len() as u32;
    Some(Span { start, end: start + word.len() as u32, ..place })
}

/// What to take away so that no empty line, blanks or comma of a piece remain.
pub(crate) fn removal(source: &SourceFile, piece: Span) -> Span {
    let (text, start, end) = (source.text(), piece.start as usize, piece.end as usize);
    let (Some(before), Some(behind)) = (text.get(..start), text.get(end..)) else { return piece };
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t', '\r']).len();
    let gap = blanks(behind);
    if before[line_start..].trim().is_empty() && behind[gap..].starts_with('\n') {
        return Span { start: line_start as u32, end: (end + gap + 1) as u32, ..piece };
    }
    let next = behind[gap..].chars().next().unwrap_or('\n');
    if next == ',' && before.trim_end().ends_with(['(', '{', '[', ',']) {
        let end = end + gap + 1;
        return Span { end: (end + blanks(&text[end..])) as u32, ..piece };
    }
    if matches!(next, '\n' | ')' | ']' | '}' | ',') {
        let before = before.trim_end_matches([' ', '\t']);
        let start = before.strip_suffix(',').filter(|_| next != '\n').unwrap_or(before).len();
        return Span { start: start as u32, ..piece };
    }
    Span { end: (end + gap) as u32, ..piece }
}

#[cfg(test)]
mod tests {
    use super::{removal, sign_behind, word_before};
    use crate::source::{SourceFile, Span};

    fn without(text: &str, piece: &str) -> String {
        let start = text.find(piece).expect("it is there");
        let source = SourceFile::new("routes.wsr", text);
        let span = removal(&source, Span { file: 0, start: start as u32, end: (start + piece.len()) as u32 });
        format!("{}{}", &text[..span.start as usize], &text[span.end as usize..])
    }

    #[test]
    fn a_line_of_its_own_goes_with_its_end() {
        assert_eq!(without("a\n  -> silent\nb\n", "-> silent"), "a\nb\n");
    }

    #[test]
    fn a_member_of_a_list_goes_with_one_comma() {
        assert_eq!(without("(len 3, unique)", "unique"), "(len 3)");
        assert_eq!(without("(unique, len 3)", "unique"), "(len 3)");
        assert_eq!(without("(a, unique, b)", "unique"), "(a, b)");
        assert_eq!(without("{ a: u8, @open b: u8 }", "@open"), "{ a: u8, b: u8 }");
        assert_eq!(without("a: u8 @open\nb", "@open"), "a: u8\nb");
    }

    #[test]
    fn words_around_a_place_are_found_over_blanks() {
        let source = SourceFile::new("routes.wsr", "a -> b ?");
        let place = Span { file: 0, start: 5, end: 6 };
        assert_eq!(word_before(&source, place, "->"), Some(Span { file: 0, start: 2, end: 4 }));
        assert_eq!(sign_behind(&source, place, '?'), Some(Span { file: 0, start: 7, end: 8 }));
        assert_eq!(sign_behind(&source, place, '!'), None);
    }
}
