//! `bench-server`: what the benchmark harness loads. Listens on `127.0.0.1:$PORT`, path `/ws`.
//!
//! One thread unless `THREADS` says otherwise. Limits that would refuse a benchmark's load are
//! lifted; every check of the payloads stays.

mod routes {
    //! What `routes.wsr` generates.
    switchboard::routes!("routes.wsr");
}

use std::sync::Arc;

use routes::Cx;
use routes::accounts::{self, Login, Session};
use routes::chat::{self, Join, Joined, Posted, Send};
use routes::items::{self, Item, Slot};
use switchboard::{Error, Limits};

struct Bench;

impl accounts::Handlers for Bench {
    async fn login(&self, _: &Cx, login: &Login) -> Result<Session, Error> {
        let roles = vec!["user".to_owned(), "beta".to_owned()];
        Ok(Session { username: login.username.clone(), session: 4242, roles })
    }
}

impl chat::Handlers for Bench {
    async fn join(&self, _: &Cx, join: &Join) -> Result<Joined, Error> {
        Ok(Joined { room: join.room.clone() })
    }

    async fn send(&self, _: &Cx, send: &Send) -> Result<Posted, Error> {
        Ok(Posted { room: send.room.clone(), from: "kevin42".to_owned(), text: send.text.clone() })
    }
}

impl items::Handlers for Bench {
    async fn place(&self, _: &Cx, item: &Item) -> Result<Slot, Error> {
        Ok(Slot { slot: item.slot })
    }
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let limits = Limits {
        connections: 100_000,
        connections_per_address: 100_000,
        message_rate: None,
        outbox_bytes: 64 << 20,
        ..Limits::default()
    };
    let address = ("127.0.0.1", u16::try_from(number("PORT", 9001))?);
    routes::serve(Arc::new(Bench)).limits(limits).threads(number("THREADS", 1)).bind(address).await?.run().await?;
    Ok(())
}
