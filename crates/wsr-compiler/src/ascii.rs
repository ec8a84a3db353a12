//! What `\d`, `\w` and `\b` of a pattern mean: letters and digits of ASCII, as in JavaScript, Java, Go and JSON Schema.
//!
//! The engine that runs the patterns takes all of Unicode for them, so that a server would let pass what the same pattern
//! refuses in a client.

use regex_syntax::ast::{self, Ast, ClassPerl, ClassPerlKind, ClassSetItem};

/// The pattern with these classes written out.
pub(crate) fn spelled_out(pattern: &str) -> String {
    let Ok(tree) = ast::parse::Parser::new().parse(pattern) else { return pattern.to_owned() };
    let Ok(pieces) = ast::visit(&tree, Pieces::default());
    let mut text = pattern.to_owned();
    for (span, piece) in pieces.iter().rev() {
        text.replace_range(span.start.offset..span.end.offset, piece);
    }
    text
}

/// What stands for what, in the order of the pattern.
#[derive(Default)]
struct Pieces(Vec<(ast::Span, &'static str)>);

impl ast::Visitor for Pieces {
    type Output = Vec<(ast::Span, &'static str)>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, tree: &Ast) -> Result<(), Self::Err> {
        match tree {
            Ast::ClassPerl(class) => self.0.extend(written(class).map(|piece| (class.span, piece))),
            Ast::Assertion(assertion) => match assertion.kind {
                ast::AssertionKind::WordBoundary => self.0.push((assertion.span, r"(?-u:\b)")),
                ast::AssertionKind::NotWordBoundary => self.0.push((assertion.span, r"(?-u:\B)")),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        if let ClassSetItem::Perl(class) = item {
            self.0.extend(written(class).map(|piece| (class.span, piece)));
        }
        Ok(())
    }
}

/// A class may stand in another one. Blanks (`\s`) are the same ones in JavaScript.
fn written(class: &ClassPerl) -> Option<&'static str> {
    Some(match (&class.kind, class.negated) {
        (ClassPerlKind::Digit, false) => "[0-9]",
        (ClassPerlKind::Digit, true) => "[^0-9]",
        (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
        (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
        (ClassPerlKind::Space, _) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_written_out_wherever_they_stand() {
        assert_eq!(spelled_out(r"\d{2}[\w-]+\\d"), r"[0-9]{2}[[0-9A-Za-z_]-]+\\d");
        assert_eq!(spelled_out(r"[^\W\d]|\D"), r"[^[^0-9A-Za-z_][0-9]]|[^0-9]");
        assert_eq!(spelled_out(r"\bé\B\s"), r"(?-u:\b)é(?-u:\B)\s");
    }

    #[test]
    fn what_is_no_pattern_stays() {
        assert_eq!(spelled_out(r"(\d"), r"(\d");
    }

    #[test]
    fn what_is_written_out_is_a_pattern_again() {
        for pattern in [r"[\w-]", r"[\w.-]+", r"[a\d-]", r"[^\w\s]", r"\B\w\b", r"[\D\W]"] {
            assert!(regex_syntax::parse(&spelled_out(pattern)).is_ok(), "{pattern}");
        }
    }
}
