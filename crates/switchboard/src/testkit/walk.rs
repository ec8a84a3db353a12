//! A random walk over a protocol, against an application's own handlers.

mod invent;
mod judge;
mod place;
mod spoil;
mod stroll;
mod whole;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use switchboard_core::schema::Schema;

use self::stroll::{Broken, Stroll};
use super::chance::Chance;
use super::{Kit, start};
use crate::protocol::{Application, Protocol};
use crate::server::Server;

/// Clients that send whatever the protocol allows, and what it nearly allows, in any order, and check each answer.
///
/// ```ignore
/// #[tokio::test]
/// async fn whatever_clients_send_is_answered_as_promised() {
///     testkit::walk(|| routes::serve(Arc::new(App::default()))).run().await;
/// }
/// ```
///
/// Messages are made from `routes.wsr`: payloads at their limits, in states of the flows that allow them; and others with
/// exactly one thing wrong: a limit broken by one, a key that is missing, unknown or there twice, another type, another
/// state, another role, no envelope at all. Checked is that
///
/// - every message is answered once, with a value of the declared type or a refusal that fits;
/// - what keeps all limits is never `invalid_payload`, and what breaks one is, with the right place;
/// - what a state or a role forbids is `not_now` or `not_allowed`, and nothing else is;
/// - no handler fails with anything but its declared errors;
/// - events and relayed messages are as declared;
/// - refusals change no state, and the connection stays open.
///
/// A failure says the seed, and the shortest walk it could find that fails in the same way. `SEED=…` repeats it.
pub struct Walk<P: Protocol> {
    make: Box<dyn Fn() -> Kit<P>>,
    seed: Option<u64>,
    steps: u64,
    clients: usize,
    hooks: Arc<Hooks>,
}

/// What the application knows better than chance.
#[derive(Default)]
struct Hooks {
    begin: Option<Box<Begin>>,
    with: Vec<Box<Change>>,
}

type Begin = dyn Fn(&mut Chance, usize) -> Vec<(String, Value)>;
type Change = dyn Fn(&mut Chance, &str, &mut Value);

/// What a walk came by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Walked {
    /// Its seed.
    pub seed: u64,
    /// Messages that were right and were answered, or needed no answer.
    pub answered: usize,
    /// Messages that were right and that a handler refused.
    pub declined: usize,
    /// Messages with one thing wrong, each refused as it should be.
    pub refused: usize,
    /// Events that clients heard.
    pub events: usize,
    /// The names of messages that were never answered: no state that allows them was reached, or no payload was found.
    pub never: Vec<String>,
}

/// Walks over the protocol of a server, from a new one each time: the application is made anew in `server`.
pub fn walk<P: Protocol, A: Application<P>>(server: impl Fn() -> Server<P, A> + 'static) -> Walk<P> {
    let make = Box::new(move || start(server().unhurried()));
    Walk { make, seed: None, steps: 400, clients: 3, hooks: Arc::default() }
}

impl<P: Protocol> Walk<P> {
    /// The seed. Default: the number in the environment variable `SEED`, or another one each time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many steps there are; most of them send one message. Default: 400.
    pub fn steps(mut self, steps: u64) -> Self {
        self.steps = steps;
        self
    }

    /// How many clients there are at a time. Default: 3.
    pub fn clients(mut self, clients: usize) -> Self {
        self.clients = clients.max(1);
        self
    }

    /// What each client sends when it has connected, told its number: to sign in, mostly.
    pub fn begin<N: Into<String>>(
        mut self,
        messages: impl Fn(&mut Chance, usize) -> Vec<(N, Value)> + 'static,
    ) -> Self {
        let begin = move |chance: &mut Chance, number: usize| {
            messages(chance, number).into_iter().map(|(name, payload)| (name.into(), payload)).collect()
        };
        if let Some(hooks) = Arc::get_mut(&mut self.hooks) {
            hooks.begin = Some(Box::new(begin));
        }
        self
    }

    /// Changes payloads before they are sent: fields that chance cannot guess.
    pub fn with(mut self, change: impl Fn(&mut Chance, &str, &mut Value) + 'static) -> Self {
        if let Some(hooks) = Arc::get_mut(&mut self.hooks) {
            hooks.with.push(Box::new(change));
        }
        self
    }

    /// Walks.
    ///
    /// # Panics
    /// When a promise is broken.
    pub async fn run(self) -> Walked {
        let schema = Schema::parse(P::SCHEMA).unwrap_or_else(|error| panic!("this protocol has no schema: {error}"));
        let seed = self.seed.unwrap_or_else(seed);
        println!("a walk with SEED={seed}");
        let steps = (0..self.steps).collect::<Vec<_>>();
        let outcome = self.stroll(&schema, seed, &steps).await;
        let broken = match outcome {
            Ok(walked) => return walked,
            Err(broken) => broken,
        };
        let shortest = self.shorten(&schema, seed, &steps[..broken.steps.min(steps.len())], broken).await;
        panic!(
            "a walk has broken a promise: {}\n  SEED={seed} repeats it; the shortest way there has {} steps\n{}",
            shortest.what, shortest.steps, shortest.transcript
        )
    }

    async fn stroll(&self, schema: &Schema, seed: u64, steps: &[u64]) -> Result<Walked, Broken> {
        let mut stroll = Stroll::begin((self.make)(), schema, &self.hooks, seed, self.clients);
        for (count, step) in steps.iter().enumerate() {
            stroll.step(*step).await.map_err(|what| stroll.broken(what, count + 1))?;
        }
        stroll.end().await.map_err(|what| stroll.broken(what, steps.len()))?;
        Ok(stroll.walked())
    }

    /// Leaves out steps, as many as possible, as long as the walk fails in the same way.
    async fn shorten(&self, schema: &Schema, seed: u64, steps: &[u64], mut broken: Broken) -> Broken {
        let (mut steps, mut tries) = (steps.to_vec(), 0);
        let mut size = steps.len().div_ceil(2);
        while size > 0 {
            let mut start = 0;
            while start < steps.len() && tries < TRIES {
                tries += 1;
                let end = (start + size).min(steps.len());
                let fewer = [&steps[..start], &steps[end..]].concat();
                match self.stroll(schema, seed, &fewer).await {
                    Err(again) if again.kind() == broken.kind() => {
                        steps = fewer[..again.steps.min(fewer.len())].to_vec();
                        broken = again;
                    }
                    _ => start = end,
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        broken
    }
}

impl<P: Protocol> fmt::Debug for Walk<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").field("steps", &self.steps).field("clients", &self.clients).finish_non_exhaustive()
    }
}

/// `SEED`, or the time.
fn seed() -> u64 {
    match std::env::var("SEED") {
        Ok(seed) => seed.parse().unwrap_or_else(|_| panic!("SEED is no number: {seed}")),
        Err(_) => std::time::UNIX_EPOCH.elapsed().map_or(1, |since| u64::from(since.subsec_nanos())),
    }
}

/// The names of all messages but these.
fn others(schema: &Schema, known: &BTreeSet<String>) -> Vec<String> {
    schema.messages.iter().map(|message| message.name.clone()).filter(|name| !known.contains(name)).collect()
}

/// Walks to find a shorter one.
const TRIES: usize = 150;
