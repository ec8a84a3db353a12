//! Reports as build.rs leaves them: text, one behind the other.

use std::path::{MAIN_SEPARATOR, Path};

/// What stands between two reports.
const SEPARATOR: char = '\u{1e}';

/// The reports, with paths relative to where the compiler runs: editors resolve them from there.
pub(crate) fn split(reports: &str, here: &Path) -> Vec<String> {
    let here = format!("{}{MAIN_SEPARATOR}", here.display());
    let reports = reports.split(SEPARATOR).map(|report| report.trim_end());
    reports.filter(|report| !report.is_empty()).map(|report| relative(report, &here)).collect()
}

fn relative(report: &str, here: &str) -> String {
    if here.len() > 1 { report.replace(here, "") } else { report.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_where_the_compiler_runs() {
        let reports = "a\n --> /w/app/routes.wsr:1:2\n\u{1e}b\n --> /w/app/routes.wsr:3:4\n\u{1e}";
        let wanted = ["a\n --> app/routes.wsr:1:2", "b\n --> app/routes.wsr:3:4"];
        assert_eq!(split(reports, Path::new("/w")), wanted);
        assert!(split("", Path::new("/w")).is_empty());
    }

    #[test]
    fn a_compiler_at_the_top_leaves_them_as_they_are() {
        assert_eq!(split("a\n --> /w/r.wsr:1:1", Path::new("/")), ["a\n --> /w/r.wsr:1:1"]);
    }
}
