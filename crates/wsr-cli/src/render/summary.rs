//! The last line of a check.

use wsr_compiler::Analysis;

use crate::screen::Screen;

/// `2 errors, 1 warning in routes.wsr`, or what was checked when there is nothing to say.
pub fn line(analysis: &Analysis, screen: Screen) -> String {
    if analysis.diagnostics.is_empty() {
        let messages = counted(analysis.model.messages.len(), "message");
        let events = counted(analysis.model.events.len(), "event");
        return format!("{}: {messages}, {events}, no findings\n", name(analysis));
    }
    found(analysis, analysis.errors().count(), analysis.warnings().count(), screen)
}

/// `2 errors in routes.wsr`, where warnings are not of interest.
pub fn errors(analysis: &Analysis, screen: Screen) -> String {
    found(analysis, analysis.errors().count(), 0, screen)
}

fn found(analysis: &Analysis, errors: usize, warnings: usize, screen: Screen) -> String {
    let mut found = Vec::new();
    if errors > 0 {
        found.push(screen.styled(&counted(errors, "error"), "1;31"));
    }
    if warnings > 0 {
        found.push(screen.styled(&counted(warnings, "warning"), "1;33"));
    }
    format!("{} in {}{}\n", found.join(", "), name(analysis), others(analysis))
}

fn name(analysis: &Analysis) -> &str {
    analysis.files.first().map_or("", |file| file.name.as_str())
}

/// ` and 2 files it imports`
fn others(analysis: &Analysis) -> String {
    match analysis.files.len() {
        0 | 1 => String::new(),
        2 => " and the file it imports".to_owned(),
        more => format!(" and the {} files it imports", more - 1),
    }
}

/// `1 error`, `2 errors`
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
