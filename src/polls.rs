//! The open questions, one a room: who chose what.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::routes::poll::{Question, Standing};
use crate::routes::{RoomId, UserId};

/// As long as the flow of `routes.wsr` lets people vote, and a bit.
const OPEN: Duration = Duration::from_secs(6 * 60);

/// Questions by room.
#[derive(Default)]
pub struct Polls(Mutex<HashMap<RoomId, Poll>>);

struct Poll {
    opened: Instant,
    question: Question,
    votes: HashMap<UserId, usize>,
}

/// A vote for something that nobody asked about.
#[derive(Debug, PartialEq)]
pub struct NoSuchChoice;

impl Polls {
    /// A new question in place of an older one. Those that nobody may vote on any more are forgotten.
    pub fn open(&self, room: &RoomId, question: Question) {
        let mut polls = self.0.lock();
        polls.retain(|_, poll| poll.opened.elapsed() < OPEN);
        polls.insert(room.clone(), Poll { opened: Instant::now(), question, votes: HashMap::new() });
    }

    /// What may be voted on in this room.
    pub fn standing(&self, room: &RoomId) -> Option<Standing> {
        let polls = self.0.lock();
        let poll = polls.get(room).filter(|poll| poll.opened.elapsed() < OPEN)?;
        Some(Standing { question: poll.question.clone(), votes: poll.count() })
    }

    /// Counts a vote; how all of them stand.
    pub fn vote(&self, room: &RoomId, user: UserId, choice: usize) -> Result<Vec<u32>, NoSuchChoice> {
        let mut polls = self.0.lock();
        let poll = polls.get_mut(room).filter(|poll| choice < poll.question.choices.len()).ok_or(NoSuchChoice)?;
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
        let mut count = vec![0; self.question.choices.len()];
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
        let question =
            Question { text: "tea?".parse().unwrap(), choices: vec!["yes".parse().unwrap(), "no".parse().unwrap()] };
        polls.open(&room, question.clone());
        assert_eq!(polls.vote(&room, ann, 0), Ok(vec![1, 0]));
        assert_eq!(polls.vote(&room, bob, 0), Ok(vec![2, 0]));
        assert_eq!(polls.vote(&room, ann, 1), Ok(vec![1, 1]));
        assert_eq!(polls.vote(&room, ann, 2), Err(NoSuchChoice));
        assert_eq!(polls.standing(&room), Some(Standing { question, votes: vec![1, 1] }));
        assert_eq!(polls.close(&room), [1, 1]);
        assert_eq!(polls.standing(&room), None);
        assert_eq!(polls.vote(&room, ann, 0), Err(NoSuchChoice));
    }
}
