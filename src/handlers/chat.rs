//! `chat/…`: rooms.

use switchboard::{AskError, Recorded, Timestamp, Uuid, Value};

use crate::routes::chat::{
    self, ChatError, Handlers, Invitation, InvitationReply, Invite, InviteError, InviteReply, Join, Leave, Line,
    Posted, Room, Send, Typing,
};
use crate::routes::{Cx, Role, RoomId};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn authorize_rooms(&self, cx: &Cx, room: &RoomId) -> Result<bool, switchboard::Error> {
        Ok(!room.as_str().starts_with(DESK) || cx.has_role(Role::Mixer))
    }

    async fn join(&self, cx: &Cx, join: &Join) -> Result<Room, switchboard::Error> {
        let topic = chat::rooms(&join.room);
        let others = cx.switchboard().members(&topic) - usize::from(cx.is_subscribed(&topic));
        let members = u32::try_from(others + 1)?;
        let (room, lines) = (join.room.clone(), last_lines(cx, &join.room).await?);
        Ok(Room { poll: self.polls.standing(&room), room, members, lines })
    }

    async fn leave(&self, _: &Cx, _: &Leave) -> Result<(), switchboard::Error> {
        Ok(())
    }

    async fn only_members(&self, cx: &Cx, send: &Send) -> Result<(), ChatError> {
        must_be_in(cx, &send.room)
    }

    async fn keep(&self, cx: &Cx, send: &Send) -> Result<Posted, ChatError> {
        let Member { id, username } = Member::of(cx)?;
        let (room, text) = (send.room.clone(), send.text.clone());
        Ok(Posted { id: Uuid::new_v4(), room, from: id, username, text, at: Timestamp::now() })
    }

    async fn only_typing_members(&self, cx: &Cx, typing: &Typing) -> Result<(), ChatError> {
        must_be_in(cx, &typing.room)
    }

    async fn only_inviting_members(&self, cx: &Cx, invite: &Invite) -> Result<(), InviteError> {
        if cx.is_subscribed(&chat::rooms(&invite.room)) { Ok(()) } else { Err(InviteError::NotAMember) }
    }

    async fn invite(&self, cx: &Cx, invite: &Invite) -> Result<InviteReply, InviteError> {
        let Member { id, username } = Member::of(cx)?;
        let guest = self.people.latest(invite.user).ok_or(InviteError::NotHere)?;
        match guest.ask(Invitation { room: invite.room.clone(), from: id, username }).await {
            Ok(InvitationReply { coming }) => Ok(InviteReply { coming }),
            Err(AskError::Gone) => Err(InviteError::NotHere),
            Err(_) => Err(InviteError::NoAnswer),
        }
    }
}

/// What was said in a room lately, as its history has it.
async fn last_lines(cx: &Cx, room: &RoomId) -> Result<Vec<Line>, switchboard::Error> {
    let record = cx.switchboard().history(&chat::rooms(room)).await?;
    let mut lines: Vec<Line> = record.events.iter().rev().filter_map(line).take(LINES).collect();
    lines.reverse();
    Ok(lines)
}

/// A line that was posted; what else a room keeps, such as questions, is none.
fn line(event: &Recorded) -> Option<Line> {
    if event.name != "chat/posted" {
        return None;
    }
    let text = |key: &str| event.payload.get(key).and_then(Value::as_str);
    Some(Line {
        from: text("from")?.parse().ok()?,
        username: text("username")?.parse().ok()?,
        text: text("text")?.parse().ok()?,
        at: text("at")?.parse().ok()?,
    })
}

/// As many as `Room` may hold.
const LINES: usize = 50;
/// How the names of rooms begin that are for mixers alone.
const DESK: &str = "desk-";

fn must_be_in(cx: &Cx, room: &RoomId) -> Result<(), ChatError> {
    if cx.is_subscribed(&chat::rooms(room)) { Ok(()) } else { Err(ChatError::NotAMember) }
}
