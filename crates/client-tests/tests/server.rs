//! A server of the lounge, whole, over loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use switchboard::{AskError, Error, Items, Switchboard};
use tokio::net::TcpListener;

/// As the server has it.
pub(crate) mod lounge {
    switchboard::routes!("protocols/lounge.wsr");
}

use lounge::account::{self, Account, Noted, SignInError};
use lounge::room::{self, JoinReply, RoomError, Said};
use lounge::sound::{self, Played};
use lounge::work::{self, Busy, ConfirmReply, PayReply};
use lounge::{Cx, Role, Routes};

/// Tokens are numbers of users; odd ones are hosts.
#[derive(Default)]
pub(crate) struct Lounge {
    waiting: AtomicU32,
    receipts: AtomicU32,
    kept: Mutex<Vec<u8>>,
}

struct Counted<'a>(&'a AtomicU32);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl account::Handlers for Lounge {
    async fn sign_in(&self, cx: &Cx, message: &account::SignIn) -> Result<Account, SignInError> {
        let unknown = || SignInError::UnknownToken { token: message.token.clone() };
        let user: u32 = message.token.parse().map_err(|_| unknown())?;
        let role = if user % 2 == 1 { Role::Host } else { Role::Guest };
        cx.identify(user, [role]);
        Ok(Account { user, r#as: role })
    }

    async fn sign_out(&self, cx: &Cx, _: &account::SignOut) -> Result<(), Error> {
        cx.sign_out();
        Ok(())
    }

    async fn note(&self, _: &Cx, message: &account::Note) -> Result<Noted, Error> {
        Ok(Noted { text: message.text.clone() })
    }

    async fn leave_for_good(&self, _: &Cx, _: &account::LeaveForGood) -> Result<(), Error> {
        Ok(())
    }
}

impl room::Handlers for Lounge {
    async fn join(&self, cx: &Cx, message: &room::Join) -> Result<JoinReply, RoomError> {
        if message.room.as_str() == "full" {
            return Err(RoomError::Full { limit: 3 });
        }
        cx.set_presence(&lounge::room::lines(&message.room), message.mood)?;
        Ok(JoinReply { room: message.room.clone() })
    }

    async fn leave(&self, _: &Cx, _: &room::Leave) -> Result<(), Error> {
        Ok(())
    }

    async fn say(&self, cx: &Cx, message: &room::Say) -> Result<Said, Error> {
        let by = cx.identity().ok_or_else(|| std::io::Error::other("nobody"))?;
        Ok(Said { by, text: message.text.clone(), mood: message.mood })
    }

    async fn close(&self, _: &Cx, _: &room::Close) -> Result<(), Error> {
        Ok(())
    }
}

impl work::Handlers for Lounge {
    async fn count(&self, _: &Cx, message: &work::Count, items: &Items<u32>) -> Result<(), Error> {
        for number in 1..=message.to {
            items.send(number).await?;
        }
        Ok(())
    }

    async fn wait(&self, _: &Cx, _: &work::Wait) -> Result<(), Error> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _counted = Counted(&self.waiting);
        std::future::pending().await
    }

    async fn waiting(&self, _: &Cx, _: &work::Waiting) -> Result<u32, Error> {
        Ok(self.waiting.load(Ordering::SeqCst))
    }

    async fn settle(&self, cx: &Cx, message: &work::Settle) -> Result<String, Error> {
        Ok(match cx.ask(work::Confirm { what: message.what.clone() }).await {
            Ok(ConfirmReply { sure }) => if sure { "settled" } else { "open" }.to_owned(),
            Err(AskError::Refused(Busy::Busy)) => "busy".to_owned(),
            Err(error) => error.to_string(),
        })
    }

    async fn pay(&self, _: &Cx, _: &work::Pay) -> Result<PayReply, Error> {
        Ok(PayReply { receipt: self.receipts.fetch_add(1, Ordering::SeqCst) })
    }
}

impl sound::Handlers for Lounge {
    async fn keep(&self, _: &Cx, message: &sound::Upload) -> Result<(), Error> {
        *self.kept.lock() = message.data.to_vec();
        Ok(())
    }

    async fn play(&self, _: &Cx, message: &sound::Play) -> Result<Played, Error> {
        Ok(Played { seq: message.seq, data: self.kept.lock().clone().into() })
    }
}

/// A server that runs until the test ends, and the way to push and close.
pub(crate) async fn start() -> (SocketAddr, Switchboard<Routes>) {
    let bound = lounge::serve(Arc::new(Lounge::default())).bind("127.0.0.1:0").await.unwrap();
    let (address, switchboard) = (bound.local_addr(), bound.switchboard());
    tokio::spawn(bound.run());
    (address, switchboard)
}

/// A port where nobody listens any more.
pub(crate) async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
