//! A limit on how often: the generic cell rate algorithm, over instants that the caller gives.

use std::time::Duration;

/// So many in a time; all of them may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Nanoseconds in which one is earned.
    interval: u64,
    /// How far ahead of its time one may come: all but one of the count.
    tolerance: u64,
}

impl Quota {
    /// `count` in each `per`. A count of 0 is taken as 1; intervals are at least a nanosecond.
    pub const fn new(count: u32, per: Duration) -> Self {
        let count = if count == 0 { 1 } else { count as u128 };
        let per = per.as_nanos();
        // A few centuries are as good as for ever, and two of them can be added.
        let per = if per > LONGEST { LONGEST } else { per };
        let interval = if per < count { 1 } else { per / count };
        Self { interval: interval as u64, tolerance: (interval * (count - 1)) as u64 }
    }
}

/// What one sender has used of its quota: a single number.
///
/// ```
/// use std::time::Duration;
/// use switchboard_core::rate::{Gcra, Quota};
///
/// let quota = Quota::new(2, Duration::from_secs(1));
/// let mut sender = Gcra::new();
/// assert_eq!(sender.admit(0, quota), Ok(()));
/// assert_eq!(sender.admit(0, quota), Ok(()));
/// assert_eq!(sender.admit(0, quota), Err(Duration::from_millis(500)));
/// assert_eq!(sender.admit(500_000_000, quota), Ok(()));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gcra {
    /// When the next one would come if they all came evenly, in the caller's nanoseconds.
    due: u64,
}

impl Gcra {
    /// Nothing used yet.
    pub const fn new() -> Self {
        Self { due: 0 }
    }

    /// Whether one more may come at `now`, in nanoseconds since an instant of the caller's; if not, how
    /// long to wait. What is refused does not count. An instant before an earlier one does no harm.
    #[inline]
    pub fn admit(&mut self, now: u64, quota: Quota) -> Result<(), Duration> {
        let earliest = self.due.saturating_sub(quota.tolerance);
        if now < earliest {
            return Err(Duration::from_nanos(earliest - now));
        }
        self.due = self.due.max(now).saturating_add(quota.interval);
        Ok(())
    }

    /// Whether the whole quota is there again, so that this sender may as well be forgotten.
    #[inline]
    pub fn is_idle(&self, now: u64) -> bool {
        self.due <= now
    }
}

const LONGEST: u128 = (u64::MAX / 4) as u128;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_of_the_whole_count_passes_and_one_more_does_not() {
        let quota = Quota::new(5, Duration::from_secs(60));
        let mut sender = Gcra::new();
        for _ in 0..5 {
            assert_eq!(sender.admit(SECOND, quota), Ok(()));
        }
        assert_eq!(sender.admit(SECOND, quota), Err(Duration::from_secs(12)));
    }

    #[test]
    fn waiting_as_long_as_told_is_enough_and_any_less_is_not() {
        let quota = Quota::new(3, Duration::from_secs(1));
        let mut sender = Gcra::new();
        while sender.admit(7, quota).is_ok() {}
        let wait = sender.admit(7, quota).unwrap_err().as_nanos() as u64;
        assert!(sender.admit(7 + wait - 1, quota).is_err());
        assert_eq!(sender.admit(7 + wait, quota), Ok(()));
    }

    #[test]
    fn one_of_one_waits_the_whole_time() {
        let quota = Quota::new(1, Duration::from_secs(3600));
        let mut sender = Gcra::new();
        assert_eq!(sender.admit(0, quota), Ok(()));
        assert_eq!(sender.admit(SECOND, quota), Err(Duration::from_secs(3599)));
    }

    #[test]
    fn the_long_run_keeps_to_the_rate() {
        let quota = Quota::new(20, Duration::from_secs(10));
        let mut sender = Gcra::new();
        let passed = (0..100_000).filter(|tick| sender.admit(tick * SECOND / 1000, quota).is_ok()).count();
        assert!((219..=220).contains(&passed), "{passed} in 100 s, the burst of 20 included");
    }

    #[test]
    fn what_is_unused_does_not_pile_up() {
        let quota = Quota::new(2, Duration::from_secs(1));
        let mut sender = Gcra::new();
        assert!(sender.admit(0, quota).is_ok());
        assert!(!sender.is_idle(0));
        assert!(sender.is_idle(1000 * SECOND));
        let passed = (0..10).filter(|_| sender.admit(1000 * SECOND, quota).is_ok()).count();
        assert_eq!(passed, 2);
    }

    #[test]
    fn extremes_neither_overflow_nor_lock_out() {
        for (count, seconds) in [(0, 0), (u32::MAX, 0), (1, u64::MAX), (u32::MAX, u64::MAX), (1_000, 1)] {
            let quota = Quota::new(count, Duration::from_secs(seconds));
            let mut sender = Gcra::new();
            for now in [0, u64::MAX / 3, u64::MAX / 3 * 2, u64::MAX] {
                assert_eq!(sender.admit(now, quota), Ok(()), "{count} per {seconds} s at {now}");
            }
        }
    }
}
