//! Chance that can be had again.

/// Numbers that look random and are the same for the same seed.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        let mut chance = Self(seed);
        chance.number();
        chance
    }

    /// Any number (SplitMix64).
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        // Less than `end`, so it fits.
        (self.number() % end.max(1) as u64) as usize
    }

    /// From `min` to `max`, both included.
    pub fn between(&mut self, min: i128, max: i128) -> i128 {
        let span = (max - min).max(0).unsigned_abs().saturating_add(1);
        min + i128::try_from(u128::from(self.number()) % span).unwrap_or(0)
    }

    /// Once in so many times.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of these; there must be some.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A number for the `index`th part of a run, whatever the parts before it did.
    pub(crate) fn part(seed: u64, index: u64) -> Self {
        Self::new(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95))
    }
}
