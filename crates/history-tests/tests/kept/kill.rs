//! A server that is killed under load, again and again: no offset is given twice, nothing that was seen or promised is
//! lost, and who comes back misses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::{Client, at};

const PUBLISHERS: u32 = 3;

/// How often it is killed; `KILLS=…` for more.
fn kills() -> u32 {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// The process and where it listens.
async fn start(path: &Path) -> (Child, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kept-server"));
    command.arg(path).stdout(Stdio::piped()).stdin(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().expect("the server can be started");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    out.read_line(&mut line).await.expect("it says where it listens");
    (child, line.trim().parse().unwrap_or_else(|_| panic!("no address: {line:?}")))
}

/// What all have seen of one log: each offset is one event, for ever.
#[derive(Default)]
struct Ledger {
    epoch: Option<Value>,
    events: BTreeMap<u64, (u64, u64)>,
}

impl Ledger {
    fn saw(&mut self, event: &Value) -> u64 {
        let offset = event["offset"].as_u64().unwrap_or_else(|| panic!("no offset: {event}"));
        let number = |key: &str| event["payload"][key].as_u64().unwrap_or_else(|| panic!("no {key}: {event}"));
        let seen = (number("from"), number("number"));
        let known = self.events.insert(offset, seen);
        assert!(known.is_none_or(|known| known == seen), "offset {offset} was given to {known:?} and to {seen:?}");
        offset
    }

    fn told(&mut self, position: &Value) {
        let known = self.epoch.get_or_insert_with(|| position["epoch"].clone());
        assert_eq!(*known, position["epoch"], "the epoch survives");
    }

    fn numbers(&self) -> BTreeSet<(u64, u64)> {
        let numbers: BTreeSet<(u64, u64)> = self.events.values().copied().collect();
        assert_eq!(numbers.len(), self.events.len(), "no event was kept twice");
        numbers
    }
}

/// Somebody who resumes by position, over all lives of the server.
struct Reader {
    join: (&'static str, Value),
    position: Option<Value>,
    ledger: Ledger,
}

impl Reader {
    fn new(name: &'static str, payload: Value) -> Self {
        Self { join: (name, payload), position: None, ledger: Ledger::default() }
    }

    /// Reads what is left.
    async fn finish(&mut self, address: SocketAddr) {
        let mut client = Client::connect(address).await;
        let since: Vec<Value> = self.position.iter().cloned().collect();
        let entered = client.ask(self.join.0, self.join.1.clone(), &since).await;
        assert_eq!(entered.position()["recovered"], true);
        let last = since[0]["offset"].as_u64().expect("an offset");
        let end = entered.position()["offset"].as_u64().expect("an offset");
        for expected in last + 1..=end {
            assert_eq!(self.ledger.saw(&client.hear().await), expected);
        }
    }

    /// Reads until the server is gone.
    async fn read(mut self, address: SocketAddr) -> Self {
        let Some(mut client) = Client::try_connect(address).await else { return self };
        let since: Vec<Value> = self.position.iter().cloned().collect();
        let Some(entered) = client.try_ask(self.join.0, self.join.1.clone(), &since).await else { return self };
        let told = entered.position().clone();
        self.ledger.told(&told);
        let mut last = match &self.position {
            Some(position) => {
                assert_eq!(told["recovered"], true, "since {position}: {told}");
                position["offset"].as_u64()
            }
            // The first one comes before anything is published.
            None => told["offset"].as_u64(),
        }
        .expect("an offset");
        self.position = Some(at(&told, last));
        while let Some(event) = client.try_hear().await {
            let offset = self.ledger.saw(&event);
            assert_eq!(offset, last + 1, "no gap: {event}");
            last = offset;
            self.position = Some(at(&told, last));
        }
        self
    }
}

/// Somebody who never says where it is: it may get things twice, under the same offset.
async fn read_blindly(address: SocketAddr, mut ledger: Ledger) -> Ledger {
    let Some(mut client) = Client::try_connect(address).await else { return ledger };
    let Some(signed) = client.try_ask("chat/sign_in", json!({ "name": "cid" }), &[]).await else { return ledger };
    assert!(signed.position().get("lost").is_none(), "{}", signed.answer);
    ledger.told(signed.position());
    while let Some(event) = client.try_hear().await {
        ledger.saw(&event);
    }
    ledger
}

/// Writes to the room and to both mailboxes in turn until the server is gone; what has been answered.
async fn publish(address: SocketAddr, from: u32, first: u32, answered: Arc<AtomicUsize>) -> (u32, Vec<u32>) {
    let (mut number, mut promised) = (first, Vec::new());
    let Some(mut client) = Client::try_connect(address).await else { return (number, promised) };
    loop {
        number += 1;
        let (name, payload) = match number % 3 {
            0 => ("chat/post", json!({ "room": "lobby", "from": from, "number": number })),
            1 => ("chat/whisper", json!({ "to": "bob", "from": from, "number": number })),
            _ => ("chat/whisper", json!({ "to": "cid", "from": from, "number": number })),
        };
        match client.try_ask(name, payload, &[]).await {
            Some(answer) => {
                assert_eq!(answer.answer["payload"], json!({}), "{}", answer.answer);
                promised.push(number);
                answered.fetch_add(1, Ordering::SeqCst);
            }
            None => return (number, promised),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_given_twice_when_the_server_is_killed() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("history.redb");
    let mut room = Reader::new("chat/enter", json!({ "room": "lobby" }));
    let mut owner = Reader::new("chat/sign_in", json!({ "name": "bob" }));
    let mut blind = Ledger::default();
    let mut next = [0; PUBLISHERS as usize];
    let mut promised: BTreeSet<(u64, u64)> = BTreeSet::new();
    for life in 0..kills() {
        let (mut server, address) = start(&path).await;
        if life == 0 {
            // Positions before there is anything.
            let mut client = Client::connect(address).await;
            for reader in [&mut room, &mut owner] {
                let entered = client.ask(reader.join.0, reader.join.1.clone(), &[]).await;
                reader.position = Some(entered.since());
            }
        }
        let answered = Arc::new(AtomicUsize::new(0));
        let readers = (tokio::spawn(room.read(address)), tokio::spawn(owner.read(address)));
        let blindly = tokio::spawn(read_blindly(address, blind));
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|from| tokio::spawn(publish(address, from, next[from as usize], Arc::clone(&answered))))
            .collect();
        let enough = 5 + (life as usize * 7) % 40;
        while answered.load(Ordering::SeqCst) < enough {
            tokio::task::yield_now().await;
        }
        server.kill().await.expect("it can be killed");
        for (from, publisher) in publishers.into_iter().enumerate() {
            let (last, answered) = publisher.await.expect("publishers do not fail");
            next[from] = last;
            promised.extend(answered.into_iter().map(|number| (from as u64, u64::from(number))));
        }
        room = readers.0.await.expect("readers do not fail");
        owner = readers.1.await.expect("readers do not fail");
        blind = blindly.await.expect("readers do not fail");
    }
    let (_server, address) = start(&path).await;
    room.finish(address).await;
    owner.finish(address).await;
    let mut client = Client::connect(address).await;
    client.ask("chat/sign_in", json!({ "name": "cid" }), &[]).await;
    // What was missed comes before anything else is handled.
    let rest = client.ask("chat/part", json!({ "room": "nowhere" }), &[]).await;
    for event in &rest.before {
        blind.saw(event);
    }
    println!("{} events promised over {} kills", promised.len(), kills());
    for (rest, ledger) in [(0, &room.ledger), (1, &owner.ledger), (2, &blind)] {
        let kept = ledger.numbers();
        let missing: Vec<_> =
            promised.iter().filter(|(_, number)| number % 3 == rest).filter(|it| !kept.contains(it)).collect();
        assert!(missing.is_empty(), "{rest}: promised and lost: {missing:?}");
    }
}
