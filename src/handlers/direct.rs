//! `direct/…`: notes from one user to another.

use switchboard::Timestamp;

use crate::routes::Cx;
use crate::routes::direct::{Handlers, Note, Send, SendError};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn send(&self, cx: &Cx, send: &Send) -> Result<Note, SendError> {
        let Member { id, username } = Member::of(cx)?;
        if !cx.switchboard().is_online(&send.to) && !self.accounts.exists(send.to).await? {
            return Err(SendError::UnknownUser);
        }
        Ok(Note { from: id, username, text: send.text.clone(), at: Timestamp::now() })
    }
}
