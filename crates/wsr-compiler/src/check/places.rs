//! Where something was reported already.

use crate::source::Span;

/// The places of reports, their labels included.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// By their beginnings.
    spans: Vec<Span>,
}

impl Places {
    pub(crate) fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable();
        Self { spans }
    }

    /// Whether exactly this was reported.
    pub(crate) fn contains(&self, span: &Span) -> bool {
        self.spans.binary_search(span).is_ok()
    }

    /// Whether a report lies within a stretch.
    pub(crate) fn any_within(&self, span: Span) -> bool {
        let first = self.spans.partition_point(|known| (known.file, known.start) < (span.file, span.start));
        let inside = self.spans[first..].iter().take_while(|known| known.file == span.file && known.start < span.end);
        inside.into_iter().any(|known| known.end <= span.end)
    }
}
