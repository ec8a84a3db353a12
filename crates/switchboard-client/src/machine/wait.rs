//! How long is waited before another connection is tried, and after which codes none is.

use std::time::Duration;

/// The row of losses.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits {
    losses: u32,
}

impl Waits {
    pub(super) fn forget(&mut self) {
        self.losses = 0;
    }

    /// A connection was open for so many milliseconds.
    pub(super) fn lasted(&mut self, millis: u64) {
        if millis >= LASTS {
            self.losses = 0;
        }
    }

    /// The milliseconds to wait now; `random` is from 0 to below 1.
    pub(super) fn next(&mut self, random: f64, hint: Option<Duration>) -> u64 {
        let ceiling = (FIRST << self.losses.min(16)).min(LONGEST);
        self.losses = self.losses.saturating_add(1);
        let half = ceiling / 2;
        let wait = half + (random * half as f64) as u64;
        wait.max(hint.map_or(0, millis).min(LONGEST_HINT))
    }
}

/// Whether another connection would only end in the same way.
pub(super) fn is_final(code: u16) -> bool {
    matches!(code, 1000 | 1002 | 1003 | 1007..=1010 | 4002 | 4003 | 4100..=4999)
}

/// `retry_after_ms=1500` somewhere in the reason of a close.
pub(super) fn hint(reason: &str) -> Option<Duration> {
    let behind = reason.split_once("retry_after_ms=")?.1;
    let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    behind[..digits].parse().ok().map(Duration::from_millis)
}

/// A time in whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

const FIRST: u64 = 500;
const LONGEST: u64 = 30_000;
const LONGEST_HINT: u64 = 300_000;
/// A connection that was open for so long ends the row.
const LASTS: u64 = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_thirty_seconds_whatever_chance_says() {
        let mut waits = Waits::default();
        assert_eq!([0.0, 0.999, 0.5, 0.5].map(|random| waits.next(random, None)), [250, 999, 1500, 3000]);
        for _ in 0..100 {
            let wait = waits.next(0.999_999, None);
            assert!(wait < 30_000, "{wait}");
        }
    }

    #[test]
    fn a_hint_is_found_in_any_reason_and_never_overflows() {
        assert_eq!(hint("shutting down; retry_after_ms=4000."), Some(Duration::from_secs(4)));
        assert_eq!(hint("retry_after_ms=99999999999999999999"), None);
        assert_eq!(hint("retry_after_ms="), None);
        assert_eq!(hint(""), None);
    }
}
