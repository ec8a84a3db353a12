//! `poll/…`: a question to a room. The flow of the room sees to it that there is one at a time.

use crate::polls::NoSuchChoice;
use crate::routes::Cx;
use crate::routes::poll::{Close, Counted, Handlers, Open, Opened, PollError, Vote};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn open(&self, _: &Cx, open: &Open) -> Result<Opened, switchboard::Error> {
        self.polls.open(&open.room, open.question.clone());
        Ok(Opened { room: open.room.clone(), question: open.question.clone() })
    }

    async fn vote(&self, cx: &Cx, vote: &Vote) -> Result<Counted, PollError> {
        let voted = self.polls.vote(&vote.room, Member::of(cx)?.id, usize::from(vote.choice));
        let votes = voted.map_err(|NoSuchChoice| PollError::NoSuchChoice)?;
        Ok(Counted { room: vote.room.clone(), votes })
    }

    async fn close(&self, _: &Cx, close: &Close) -> Result<Vec<u32>, switchboard::Error> {
        Ok(self.polls.close(&close.room))
    }
}
