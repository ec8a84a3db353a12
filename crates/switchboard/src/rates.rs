//! Rates: how often a connection, an identity or an address may send.
//!
//! Every budget is one number, the time at which it is full again, so an unused one can be forgotten at no loss.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_core::rate::{Gcra, Quota};

use crate::config::MessageRate;
use crate::protocol::Rate;

impl From<Rate> for Quota {
    fn from(rate: Rate) -> Self {
        Self::new(rate.count, rate.per)
    }
}

impl From<MessageRate> for Quota {
    fn from(rate: MessageRate) -> Self {
        let burst = rate.burst.max(1);
        Self::new(burst, Duration::from_secs(burst.into()) / rate.per_second.max(1))
    }
}

/// Takes `cost` from a budget, or what there is of it; how long to wait if it was not enough.
pub(crate) fn take(budget: &mut Gcra, quota: Quota, cost: u32, now: u64) -> Result<(), Duration> {
    (0..cost).try_for_each(|_| budget.admit(now, quota))
}

/// The budgets of one connection, one for each message with a rate that it has sent.
#[derive(Debug, Default)]
pub(crate) struct RouteBudgets(Vec<(u16, Gcra)>);

impl RouteBudgets {
    /// The budget of this message.
    pub fn budget(&mut self, route: u16) -> &mut Gcra {
        let index = match self.0.binary_search_by_key(&route, |(route, _)| *route) {
            Ok(index) => index,
            Err(index) => {
                self.0.insert(index, (route, Gcra::new()));
                index
            }
        };
        &mut self.0[index].1
    }
}

/// Whose budget a shared rate takes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Payer {
    /// All connections of the identity with this text.
    Identity(String),
    /// All connections from this network.
    Address(IpAddr),
}

/// The budgets of identities and addresses, bounded in number.
#[derive(Debug)]
pub(crate) struct SharedBudgets {
    shards: [Mutex<Budgets>; SHARDS],
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Budgets {
    used: HashMap<(u16, Payer), Gcra>,
    /// When the unused ones were last looked for; each time costs as much as there are.
    swept: Option<u64>,
}

impl SharedBudgets {
    /// Without entries.
    pub fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }

    /// Takes one. `None`: the table is full of budgets in use, the caller counts by itself.
    pub fn admit(&self, route: u16, payer: Payer, quota: Quota, now: u64) -> Option<Result<(), Duration>> {
        let key = (route, payer);
        let shard = self.hasher.hash_one(&key) as usize % SHARDS;
        let mut budgets = self.shards[shard].lock();
        if budgets.used.len() >= ENTRIES && !budgets.used.contains_key(&key) && !budgets.make_room(now) {
            return None;
        }
        Some(budgets.used.entry(key).or_default().admit(now, quota))
    }
}

impl Budgets {
    /// Forgets the unused ones, once a second at most; whether there is room then.
    fn make_room(&mut self, now: u64) -> bool {
        if self.swept.is_some_and(|swept| now < swept.saturating_add(SWEEP_PAUSE)) {
            return false;
        }
        self.swept = Some(now);
        self.used.retain(|_, budget| !budget.is_idle(now));
        self.used.len() < ENTRIES
    }
}

/// What stands for an address where addresses are counted: one /64 of IPv6 is one household.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

const SHARDS: usize = 16;
/// Nanoseconds between two sweeps of one shard.
const SWEEP_PAUSE: u64 = 1_000_000_000;
/// Entries of one shard; some 100,000 in all.
const ENTRIES: usize = 6_250;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_passes_and_then_the_pace_is_kept() {
        let (quota, mut budget) = (Quota::from(MessageRate { per_second: 10, burst: 3 }), Gcra::new());
        assert_eq!(take(&mut budget, quota, 3, SECOND), Ok(()));
        assert_eq!(take(&mut budget, quota, 1, SECOND), Err(Duration::from_millis(100)));
        assert_eq!(take(&mut budget, quota, 1, SECOND + SECOND / 10), Ok(()));
    }

    #[test]
    fn shared_budgets_are_bounded_and_full_ones_are_forgotten() {
        let (table, quota) = (SharedBudgets::new(), Quota::new(1, Duration::from_secs(1)));
        let payer = |n: usize| Payer::Identity(n.to_string());
        let refused = (0..SHARDS * ENTRIES * 2).filter(|n| table.admit(0, payer(*n), quota, 0).is_none()).count();
        assert!(refused > 0);
        assert!(table.shards.iter().all(|shard| shard.lock().used.len() <= ENTRIES));
        assert_eq!(table.admit(0, payer(usize::MAX), quota, 2 * SECOND), Some(Ok(())));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_counted_together() {
        let [a, b, c] = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|text| text.parse().map(network));
        assert_eq!(a, b);
        assert_ne!(a, c);
    }
}
