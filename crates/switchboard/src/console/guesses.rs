//! How often an address may be wrong about the token.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use parking_lot::Mutex;
use subtle::ConstantTimeEq;
use switchboard_core::rate::{Gcra, Quota};

use crate::rates::network;

/// The token, and who has been wrong about it.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    wrong: Mutex<HashMap<IpAddr, Gcra>>,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// It is not the token.
    Wrong,
    /// The address has been wrong too often and waits this long; the token was not looked at.
    TooOften(Duration),
}

impl Guesses {
    /// Whether `given` is the token, from this address at this time in nanoseconds.
    pub fn check(&self, token: &str, given: &[u8], from: IpAddr, now: u64) -> Result<(), Denied> {
        let mut wrong = self.wrong.lock();
        let from = wrong.place_of(network(from), now);
        let mut budget = wrong.get(&from).copied().unwrap_or_default();
        budget.admit(now, QUOTA).map_err(Denied::TooOften)?;
        if token.as_bytes().ct_eq(given).into() {
            return Ok(());
        }
        wrong.insert(from, budget);
        Err(Denied::Wrong)
    }
}

trait Places {
    /// Under which address this one is counted: when there are too many, under a common one.
    fn place_of(&mut self, from: IpAddr, now: u64) -> IpAddr;
}

impl Places for HashMap<IpAddr, Gcra> {
    fn place_of(&mut self, from: IpAddr, now: u64) -> IpAddr {
        if self.len() >= ADDRESSES && !self.contains_key(&from) {
            self.retain(|_, budget| !budget.is_idle(now));
        }
        let has_room = self.len() < ADDRESSES || self.contains_key(&from);
        if has_room { from } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) }
    }
}

/// Ten at once, then one every six seconds.
const QUOTA: Quota = Quota::new(10, Duration::from_secs(60));
/// Addresses that are counted each by itself.
const ADDRESSES: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";
    const SECOND: u64 = 1_000_000_000;

    fn address(last: u32) -> IpAddr {
        Ipv4Addr::from(0x0a00_0000 + last).into()
    }

    #[test]
    fn nothing_but_the_token_is_right() {
        let guesses = Guesses::default();
        assert_eq!(guesses.check(TOKEN, TOKEN.as_bytes(), address(1), 0), Ok(()));
        for (n, wrong) in (2..).zip(["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF"]) {
            assert_eq!(guesses.check(TOKEN, wrong.as_bytes(), address(n), 0), Err(Denied::Wrong), "{wrong}");
        }
    }

    #[test]
    fn who_guesses_waits_also_with_the_right_one_and_nobody_else_does() {
        let guesses = Guesses::default();
        let at = |from, given: &str, now| guesses.check(TOKEN, given.as_bytes(), address(from), now);
        assert!((0..10).all(|_| at(1, "wrong", 0) == Err(Denied::Wrong)));
        assert_eq!(at(1, "wrong", 0), Err(Denied::TooOften(Duration::from_secs(6))));
        assert_eq!(at(1, TOKEN, 0), Err(Denied::TooOften(Duration::from_secs(6))));
        assert_eq!(at(2, TOKEN, 0), Ok(()));
        assert_eq!(at(1, TOKEN, 6 * SECOND), Ok(()));
        assert!((0..1_000).all(|_| at(2, TOKEN, 0) == Ok(())), "being right costs nothing");
    }

    #[test]
    fn addresses_are_counted_up_to_a_bound() {
        let guesses = Guesses::default();
        for n in 0..ADDRESSES as u32 * 2 {
            let _ = guesses.check(TOKEN, b"wrong", address(n), 0);
        }
        assert_eq!(guesses.wrong.lock().len(), ADDRESSES + 1);
        let next = address(u32::from(u16::MAX));
        assert!(matches!(guesses.check(TOKEN, b"wrong", next, 0), Err(Denied::TooOften(_))), "they share one budget");
        assert_eq!(guesses.check(TOKEN, b"wrong", next, 60 * 60 * SECOND), Err(Denied::Wrong));
        assert_eq!(guesses.wrong.lock().len(), 1);
    }
}
