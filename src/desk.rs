//! The mixing desk: 32 faders that people move and that the music listens to.
//!
//! A move is claimed first and applied after. Claims are handed out under one lock, so two
//! people who push the same fader at once get two different levels, and none is lost.

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::routes::mixer::{Channel, Level, Volume};

/// Faders of the desk, as `mixer::Channel` allows.
pub const CHANNELS: usize = 32;
/// Where a fader stands when the studio opens, and the ends of its slot.
const START: f32 = 50.0;
const SLOT: std::ops::RangeInclusive<f32> = 0.0..=100.0;

/// The faders.
pub struct Desk {
    claimed: Mutex<[f32; CHANNELS]>,
    applied: watch::Sender<[f32; CHANNELS]>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { claimed: Mutex::new([START; CHANNELS]), applied: watch::Sender::new([START; CHANNELS]) }
    }
}

impl Desk {
    /// Claims a move by `step` percent, which is not audible yet. `Err` is where the fader stands, when it cannot move
    /// that far.
    pub fn claim(&self, channel: Channel, step: f32) -> Result<Level, Volume> {
        let mut claimed = self.claimed.lock();
        let fader = &mut claimed[usize::from(channel.get())];
        let wanted = *fader + step;
        if !SLOT.contains(&wanted) {
            return Err(volume(*fader));
        }
        *fader = wanted;
        Ok(Level { channel, level: volume(wanted) })
    }

    /// Makes a claimed move audible.
    pub fn apply(&self, claim: &Level) -> Level {
        self.applied.send_modify(|levels| levels[usize::from(claim.channel.get())] = claim.level.get());
        claim.clone()
    }

    /// All faders, in the order of their channels.
    pub fn levels(&self) -> [f32; CHANNELS] {
        *self.applied.borrow()
    }

    /// The level of this fader as soon as it is another than now.
    pub async fn next_change(&self, channel: Channel) -> Level {
        let mut levels = self.applied.subscribe();
        let index = usize::from(channel.get());
        let before = levels.borrow_and_update()[index];
        // The sender lives as long as the desk, so waiting cannot fail while we are borrowed from it.
        let now = levels.wait_for(|levels| levels[index] != before).await.map_or(before, |levels| levels[index]);
        Level { channel, level: volume(now) }
    }
}

/// A fader's level as a checked value. Levels never leave the slot; should rounding ever try, it is cut.
pub fn volume(level: f32) -> Volume {
    let inside = level.clamp(*SLOT.start(), *SLOT.end());
    Volume::new(inside).expect("the slot's ends are the limits of mixer::Volume")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(n: u8) -> Channel {
        Channel::new(n).unwrap()
    }

    #[test]
    fn two_claims_of_one_fader_get_two_levels() {
        let desk = Desk::default();
        let first = desk.claim(channel(3), 1.0).unwrap();
        let second = desk.claim(channel(3), 1.0).unwrap();
        assert_eq!((first.level.get(), second.level.get()), (51.0, 52.0));
    }

    #[test]
    fn a_fader_does_not_leave_its_slot() {
        let desk = Desk::default();
        assert_eq!(desk.claim(channel(0), 50.5).unwrap_err().get(), 50.0);
        assert_eq!(desk.claim(channel(0), 50.0).unwrap().level.get(), 100.0);
        assert_eq!(desk.claim(channel(0), -100.0).unwrap().level.get(), 0.0);
    }

    #[test]
    fn a_claimed_move_is_audible_only_when_applied() {
        let desk = Desk::default();
        let claim = desk.claim(channel(7), 2.0).unwrap();
        assert_eq!(desk.levels()[7], 50.0);
        desk.apply(&claim);
        assert_eq!(desk.levels()[7], 52.0);
    }

    #[tokio::test]
    async fn whoever_waits_for_a_change_gets_the_new_level() {
        let desk = Desk::default();
        let move_it = async { desk.apply(&desk.claim(channel(1), -4.0).unwrap()) };
        let (seen, applied) = tokio::join!(desk.next_change(channel(1)), move_it);
        assert_eq!(seen, applied);
    }
}
