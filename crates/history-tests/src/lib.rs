//! An application whose rooms and mailboxes are kept: what the tests drive, and kill.

use std::sync::Arc;

use switchboard::{Error, Limits, Server};

/// The protocol.
#[allow(missing_docs, reason = "the file says it")]
pub mod routes {
    switchboard::routes!("routes.wsr");
}

use routes::chat::{self, Came, Note, Posted, Said};
use routes::{Cx, Routes, Text, Wired};

/// Its handlers remember nothing.
#[derive(Debug, Default)]
pub struct App;

/// A server with limits that let tests be fast.
pub fn server() -> Server<Routes, Wired<App>> {
    routes::serve(Arc::new(App)).limits(limits())
}

/// These limits.
pub fn limits() -> Limits {
    Limits { message_rate: None, connections_per_address: 1_000, ..Limits::default() }
}

impl chat::Handlers for App {
    async fn sign_in(&self, cx: &Cx, message: &chat::SignIn) -> Result<(), Error> {
        cx.identify(message.name.clone(), []);
        Ok(())
    }

    async fn enter(&self, _: &Cx, _: &chat::Enter) -> Result<(), Error> {
        Ok(())
    }

    async fn arrive(&self, _: &Cx, message: &chat::Arrive) -> Result<Came, Error> {
        Ok(Came { room: message.room.clone() })
    }

    async fn slip_in(&self, _: &Cx, _: &chat::SlipIn) -> Result<(), Error> {
        Ok(())
    }

    async fn enter_small(&self, _: &Cx, _: &chat::EnterSmall) -> Result<(), Error> {
        Ok(())
    }

    async fn look(&self, _: &Cx, _: &chat::Stumble) -> Result<(), Error> {
        Ok(())
    }

    async fn fall(&self, _: &Cx, _: &chat::Stumble) -> Result<(), Error> {
        Err(Error::msg("as asked"))
    }

    async fn part(&self, _: &Cx, _: &chat::Part) -> Result<(), Error> {
        Ok(())
    }

    async fn post(&self, _: &Cx, message: &chat::Post) -> Result<Posted, Error> {
        let chat::Post { room, from, number, text } = message.clone();
        Ok(Posted { room, from, number, text })
    }

    async fn say(&self, _: &Cx, message: &chat::Say) -> Result<Said, Error> {
        Ok(Said { room: message.room.clone(), number: message.number })
    }

    async fn whisper(&self, _: &Cx, message: &chat::Whisper) -> Result<Note, Error> {
        let chat::Whisper { from, number, text, .. } = message.clone();
        Ok(Note { from, number, text })
    }

    async fn whisper_to_all(&self, _: &Cx, message: &chat::WhisperToAll) -> Result<(Vec<routes::Name>, Note), Error> {
        let note = Note { from: 0, number: message.number, text: Text::new("")? };
        Ok((message.to.clone(), note))
    }

    async fn send(&self, cx: &Cx, message: &chat::Send) -> Result<chat::SendReply, Error> {
        let note = Note { from: 0, number: message.number, text: Text::new("")? };
        let delivered = cx.switchboard().push(note).deliver_to_mailbox(&message.to).await?;
        let number = |value: u64| u32::try_from(value);
        Ok(chat::SendReply { offset: number(delivered.offset)?, reached: number(delivered.reached as u64)? })
    }
}
