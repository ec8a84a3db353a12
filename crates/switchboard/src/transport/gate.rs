//! The gate: how many connections there are, from where, and whether more may come.
//!
//! A socket is counted from the moment it is accepted, so half-open ones count too.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::config::Limits;
use crate::rates::network;

/// Counts connections.
#[derive(Debug)]
pub(crate) struct Gate {
    most: usize,
    most_of_one: usize,
    inside: Mutex<Inside>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Inside {
    count: usize,
    turned_away: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A counted socket; it stops counting when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    /// The address it was counted under; none: there was no room.
    address: Option<IpAddr>,
}

impl Permit {
    /// Whether the socket is only here to be told that there is no room.
    pub fn is_turned_away(&self) -> bool {
        self.address.is_none()
    }
}

impl Gate {
    /// Without connections.
    pub fn new(limits: &Limits) -> Arc<Self> {
        let (most, most_of_one) = (limits.connections, limits.connections_per_address);
        Arc::new(Self { most, most_of_one, inside: Mutex::default(), count: watch::Sender::new(0) })
    }

    /// Counts a socket from `address`; `None`: drop it, not even a refusal can be said to so many.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Permit> {
        let address = network(address);
        let mut inside = self.inside.lock();
        let of_one = inside.by_address.get(&address).copied().unwrap_or(0);
        let fits = inside.count < self.most && of_one < self.most_of_one;
        if fits {
            *inside.by_address.entry(address).or_default() += 1;
            inside.count += 1;
        } else if inside.turned_away < MOST_TURNED_AWAY {
            inside.turned_away += 1;
        } else {
            return None;
        }
        self.tell(&inside);
        Some(Permit { gate: Arc::clone(self), address: fits.then_some(address) })
    }

    /// Waits until nobody is inside.
    pub async fn emptied(&self) {
        let mut count = self.count.subscribe();
        // The sender lives as long as this reference.
        let _ = count.wait_for(|count| *count == 0).await;
    }

    fn tell(&self, inside: &Inside) {
        let count = inside.count + inside.turned_away;
        // Only somebody who waits for the end is interested.
        self.count.send_if_modified(|told| std::mem::replace(told, count) != count && count == 0);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock();
        match self.address {
            None => inside.turned_away -= 1,
            Some(address) => {
                inside.count -= 1;
                if let Some(of_one) = inside.by_address.get_mut(&address) {
                    *of_one -= 1;
                    if *of_one == 0 {
                        inside.by_address.remove(&address);
                    }
                }
            }
        }
        self.gate.tell(&inside);
    }
}

/// Sockets beyond the limit that are still told so.
const MOST_TURNED_AWAY: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(connections: usize, connections_per_address: usize) -> Arc<Gate> {
        Gate::new(&Limits { connections, connections_per_address, ..Limits::default() })
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    #[test]
    fn one_address_has_its_own_limit() {
        let gate = gate(10, 2);
        let permits = [1, 1, 1, 2].map(|last| gate.admit(address(last)));
        let turned_away = permits.each_ref().map(|permit| permit.as_ref().map(Permit::is_turned_away));
        assert_eq!(turned_away, [Some(false), Some(false), Some(true), Some(false)]);
    }

    #[test]
    fn who_leaves_makes_room() {
        let gate = gate(1, 1);
        let first = gate.admit(address(1));
        assert_eq!(gate.admit(address(2)).map(|permit| permit.is_turned_away()), Some(true));
        drop(first);
        assert_eq!(gate.admit(address(2)).map(|permit| permit.is_turned_away()), Some(false));
        assert_eq!(gate.inside.lock().by_address.len(), 0);
    }

    #[test]
    fn only_so_many_are_told_that_there_is_no_room() {
        let gate = gate(0, 1);
        let told = (0..MOST_TURNED_AWAY + 5).map(|_| gate.admit(address(1))).collect::<Vec<_>>();
        assert_eq!(told.iter().flatten().count(), MOST_TURNED_AWAY);
    }
}
