//! The application of the simulation: it does what it is told, after naps of random length.

use codegen_tests::simulation::chat::{self, EchoReply, Full, Guess, Noted, Posted, Shouted, Wrong};
use codegen_tests::simulation::{Cx, UserId};
use parking_lot::Mutex;
use switchboard::{Error, Items};
use tokio::task::yield_now;

use crate::reference::random::Random;

pub struct App {
    random: Mutex<Random>,
}

impl App {
    pub fn new(seed: u64) -> Self {
        Self { random: Mutex::new(Random::new(seed, 1)) }
    }

    fn below(&self, end: usize) -> usize {
        self.random.lock().below(end)
    }

    async fn nap(&self, most: usize) {
        for _ in 0..self.below(most) {
            yield_now().await;
        }
    }
}

impl chat::Handlers for App {
    async fn sign_in(&self, cx: &Cx, message: &chat::SignIn) -> Result<(), Error> {
        cx.identify(UserId::clone(&message.r#as), []);
        Ok(())
    }

    async fn enter(&self, _: &Cx, _: &chat::Enter) -> Result<(), Error> {
        self.nap(3).await;
        Ok(())
    }

    async fn part(&self, _: &Cx, _: &chat::Part) -> Result<(), Error> {
        Ok(())
    }

    async fn dawdle(&self, _: &Cx, _: &chat::Post) -> Result<(), Full> {
        self.nap(4).await;
        Ok(())
    }

    async fn publish(&self, _: &Cx, message: &chat::Post) -> Result<Posted, Full> {
        self.nap(2).await;
        if self.below(20) == 0 {
            return Err(Full::Full);
        }
        let chat::Post { origin, room, pad } = message.clone();
        Ok(Posted { origin, room, pad })
    }

    async fn note(&self, _: &Cx, message: &chat::Note) -> Result<Noted, Error> {
        let chat::Note { origin, to, pad } = message.clone();
        Ok(Noted { origin, to, pad })
    }

    async fn shout(&self, _: &Cx, message: &chat::Shout) -> Result<Shouted, Error> {
        let chat::Shout { origin, room, pad } = message.clone();
        Ok(Shouted { origin, room, pad })
    }

    async fn count(&self, _: &Cx, message: &chat::Count, items: &Items<u8>) -> Result<(), Error> {
        for number in 1..=message.to {
            self.nap(message.naps.into()).await;
            items.send(number).await?;
        }
        Ok(())
    }

    async fn quiz(&self, cx: &Cx, message: &chat::Quiz) -> Result<u32, Wrong> {
        let guess = cx.ask(Guess { n: message.n }).await;
        guess.ok().filter(|guess| *guess == message.n + 1).ok_or(Wrong::Wrong)
    }

    async fn echo(&self, _: &Cx, message: &chat::Echo) -> Result<EchoReply, Error> {
        for _ in 0..message.naps {
            yield_now().await;
        }
        Ok(EchoReply { text: message.text.clone() })
    }
}
