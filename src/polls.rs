//! The open questions, one a room: who chose what.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::routes::{RoomId, UserId};

/// As long as the flow of `routes.wsr` lets people vote, and a bit.
const OPEN: Duration = Duration::from_secs(6 * 60);

/// Questions by room.
#[derive(Default)]
pub struct Polls(Mutex<HashMap<RoomId, Poll>>);

struct Poll {
    opened: Instant,
    choice_count: usize,
    votes: HashMap<UserId, usize>,
}

/// A vote for something that nobody asked about.
#[derive(Debug, PartialEq)]
pub struct NoSuchChoice;

impl Polls {
    /// A new question in place of an older one. Those that nobody may vote on any more are forgotten.
    pub fn open(&self, room: &RoomId, choice_count: usize) {
        let mut polls = self.0.lock();
        polls.retain(|_, poll| poll.opened.elapsed() < OPEN);
        polls.insert(room.clone(), Poll { opened: Instant::now(), choice_count, votes: HashMap::new() });
    }

    /// Counts a vote; how all of them stand.
    pub fn vote(&self, room: &RoomId, user: UserId, choice: usize) -> Result<Vec<u32>, NoSuchChoice> {
        let mut polls = self.0.lock();
        let poll = polls.get_mut(room).filter(|poll| choice < poll.choice_count).ok_or(NoSuchChoice)?;
        poll.votes.insert(user, choice);
        Ok(poll.count())
    }

    /// Forgets the question; how the votes stood.
    pub fn close(&self, room: &RoomId) -> Vec<u32> {
        self.0.lock().remove(room).map(|poll| poll.count()).unwrap_or_default()
    }
}

impl Poll {
    fn count(&self) -> Vec<u32> {
        let mut count = vec![0; self.choice_count];
        self.votes.values().for_each(|choice| count[*choice] += 1);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::Uuid;

    #[test]
    fn everybody_has_one_vote_and_may_change_it() {
        let (polls, room) = (Polls::default(), "lobby".parse().unwrap());
        let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        polls.open(&room, 2);
        assert_eq!(polls.vote(&room, ann, 0), Ok(vec![1, 0]));
        assert_eq!(polls.vote(&room, bob, 0), Ok(vec![2, 0]));
        assert_eq!(polls.vote(&room, ann, 1), Ok(vec![1, 1]));
        assert_eq!(polls.vote(&room, ann, 2), Err(NoSuchChoice));
        assert_eq!(polls.close(&room), [1, 1]);
        assert_eq!(polls.vote(&room, ann, 0), Err(NoSuchChoice));
    }
}
