//! What the server has asked a client and still waits for.
//!
//! Pure: who waits is the caller's. Invariant: never more open than allowed; a number is never used twice.

use std::collections::BTreeMap;

/// The open asks of one connection, `T` being who waits for an answer.
#[derive(Debug)]
pub struct Asks<T> {
    open: BTreeMap<u64, T>,
    last: u64,
    most: usize,
    closed: bool,
}

/// Why nothing more can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAsk {
    /// Too many are open.
    Full,
    /// The client has left.
    Gone,
}

impl<T> Asks<T> {
    /// Nothing asked yet; `most` may be open at once.
    pub fn new(most: usize) -> Self {
        Self { open: BTreeMap::new(), last: 0, most, closed: false }
    }

    /// Opens one; its number.
    pub fn open(&mut self, waiting: T) -> Result<u64, NoAsk> {
        match () {
            () if self.closed => Err(NoAsk::Gone),
            () if self.open.len() >= self.most => Err(NoAsk::Full),
            () => {
                self.last += 1;
                self.open.insert(self.last, waiting);
                Ok(self.last)
            }
        }
    }

    /// Who waits for the answer to this one.
    pub fn waiting(&mut self, number: u64) -> Option<&mut T> {
        self.open.get_mut(&number)
    }

    /// Ends one: it has been answered, or nobody waits any more.
    pub fn close(&mut self, number: u64) -> Option<T> {
        self.open.remove(&number)
    }

    /// Ends all of them for good; who had waited.
    pub fn close_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        self.closed = true;
        std::mem::take(&mut self.open).into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_allowed_are_open_and_a_closed_one_makes_room() {
        let mut asks = Asks::new(2);
        assert_eq!((asks.open('a'), asks.open('b'), asks.open('c')), (Ok(1), Ok(2), Err(NoAsk::Full)));
        assert_eq!(asks.close(1), Some('a'));
        assert_eq!(asks.open('c'), Ok(3));
        assert_eq!((asks.close(1), asks.waiting(1)), (None, None));
        assert_eq!(asks.waiting(3), Some(&mut 'c'));
    }

    #[test]
    fn nobody_who_has_left_can_be_asked() {
        let mut asks = Asks::new(2);
        assert_eq!(asks.open('a'), Ok(1));
        assert_eq!(asks.close_all().collect::<Vec<_>>(), ['a']);
        assert_eq!((asks.open('b'), asks.close(1)), (Err(NoAsk::Gone), None));
    }
}
