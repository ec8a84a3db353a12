//! `chat/…`: rooms.

use switchboard::{Timestamp, Uuid};

use crate::routes::chat::{self, ChatError, Handlers, Join, Leave, Line, Posted, Room, Send, Typing};
use crate::routes::{Cx, RoomId};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn join(&self, cx: &Cx, join: &Join) -> Result<Room, switchboard::Error> {
        let topic = chat::rooms(&join.room);
        let others = cx.switchboard().members(&topic) - usize::from(cx.is_subscribed(&topic));
        let members = u32::try_from(others + 1)?;
        Ok(Room { room: join.room.clone(), members, lines: self.rooms.lines(&join.room) })
    }

    async fn leave(&self, _: &Cx, _: &Leave) -> Result<(), switchboard::Error> {
        Ok(())
    }

    async fn only_members(&self, cx: &Cx, send: &Send) -> Result<(), ChatError> {
        must_be_in(cx, &send.room)
    }

    async fn keep(&self, cx: &Cx, send: &Send) -> Result<Posted, ChatError> {
        let Member { id, username } = Member::of(cx)?;
        let (text, at) = (send.text.clone(), Timestamp::now());
        self.rooms.keep(&send.room, Line { from: id, username: username.clone(), text: text.clone(), at });
        Ok(Posted { id: Uuid::new_v4(), room: send.room.clone(), from: id, username, text, at })
    }

    async fn only_typing_members(&self, cx: &Cx, typing: &Typing) -> Result<(), ChatError> {
        must_be_in(cx, &typing.room)
    }
}

fn must_be_in(cx: &Cx, room: &RoomId) -> Result<(), ChatError> {
    if cx.is_subscribed(&chat::rooms(room)) { Ok(()) } else { Err(ChatError::NotAMember) }
}
