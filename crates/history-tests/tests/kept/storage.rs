//! With a store: what is there after a restart, and what happens when the store fails.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use history_tests::routes::{Routes, chat};
use history_tests::server;
use serde_json::json;
use switchboard::Switchboard;
use switchboard::store::{Change, Era, Listed, Store, StoreError, StoredLog};
use switchboard_redb::RedbStore;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::{Client, post, start};

/// A server on this file, and what ends it.
struct Run {
    address: std::net::SocketAddr,
    switchboard: Switchboard<Routes>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Run {
    async fn on(path: &Path) -> Self {
        let store = RedbStore::open(path).expect("the file can be opened");
        let bound =
            server().store(store).expect("it can be read").threads(2).bind("127.0.0.1:0").await.expect("a port");
        let (stop, stopped) = oneshot::channel();
        let (address, switchboard) = (bound.local_addr(), bound.switchboard());
        let ended = tokio::spawn(async move {
            bound.run_until(async { drop(stopped.await) }).await.expect("it runs");
        });
        Self { address, switchboard, stop, ended }
    }

    async fn end(self) {
        // It keeps the file open.
        drop(self.switchboard);
        self.stop.send(()).expect("it runs");
        self.ended.await.expect("it ends");
    }
}

/// The file is closed a moment after the server has ended, by a thread of its own.
async fn restarted(path: &Path) -> Run {
    loop {
        match RedbStore::open(path) {
            Ok(store) => {
                drop(store);
                return Run::on(path).await;
            }
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn rooms_and_mailboxes_go_on_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("history.redb");
    let run = Run::on(&path).await;
    let (mut ann, mut bob) = (Client::connect(run.address).await, Client::connect(run.address).await);
    let entered = bob.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    let signed = bob.ask("chat/sign_in", json!({ "name": "bob" }), &[]).await;
    bob.leave().await;
    post(&mut ann, "lobby", 0..3).await;
    for number in 0..2 {
        ann.ask("chat/whisper", json!({ "to": "bob", "from": 0, "number": number }), &[]).await;
    }
    drop(ann);
    run.end().await;

    let run = restarted(&path).await;
    let mut bob = Client::connect(run.address).await;
    let back = bob.ask("chat/enter", json!({ "room": "lobby" }), &[entered.since()]).await;
    assert_eq!((&back.position()["recovered"], &back.position()["offset"]), (&json!(true), &json!(3)));
    assert_eq!(bob.offsets(3).await, [1, 2, 3]);
    let back = bob.ask("chat/sign_in", json!({ "name": "bob" }), &[signed.since()]).await;
    assert_eq!(back.position()["recovered"], true);
    assert_eq!(bob.offsets(2).await, [1, 2]);
    let mut ann = Client::connect(run.address).await;
    post(&mut ann, "lobby", [3]).await;
    assert_eq!(bob.offsets(1).await, [4]);
    drop((ann, bob));
    run.end().await;
}

/// A store that fails when it is told to.
struct Moody {
    inner: RedbStore,
    fails: Arc<AtomicBool>,
}

impl Moody {
    fn ask(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::SeqCst) { Err("no space left on device".into()) } else { Ok(()) }
    }
}

impl Store for Moody {
    fn era(&mut self) -> Result<Option<Era>, StoreError> {
        self.inner.era()
    }

    fn load(&mut self, key: &str) -> Result<Option<StoredLog>, StoreError> {
        self.ask()?;
        self.inner.load(key)
    }

    fn commit(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        self.ask()?;
        self.inner.commit(changes)
    }

    fn list(&mut self, after: Option<&str>, count: usize) -> Result<Vec<Listed>, StoreError> {
        self.inner.list(after, count)
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_and_heard_by_nobody() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let fails = Arc::new(AtomicBool::new(false));
    let inner = RedbStore::open(folder.path().join("history.redb")).expect("the file can be opened");
    let store = Moody { inner, fails: Arc::clone(&fails) };
    let (address, _) = start(server().store(store).expect("it can be read")).await;
    let (mut ann, mut bob) = (Client::connect(address).await, Client::connect(address).await);
    bob.ask("chat/enter", json!({ "room": "lobby" }), &[]).await;
    post(&mut ann, "lobby", [0]).await;
    assert_eq!(bob.offsets(1).await, [1]);

    fails.store(true, Ordering::SeqCst);
    let payload = json!({ "room": "lobby", "from": 0, "number": 1 });
    let refused = ann.try_ask("chat/post", payload, &[]).await.expect("it is open");
    assert_eq!(refused.answer["error"]["code"], "internal");
    let refused = ann.try_ask("chat/enter", json!({ "room": "attic" }), &[]).await.expect("it is open");
    assert_eq!(refused.answer["error"]["code"], "internal", "a log that cannot be loaded");
    bob.hears_nothing().await;

    fails.store(false, Ordering::SeqCst);
    post(&mut ann, "lobby", [2]).await;
    let event = bob.hear().await;
    assert_eq!((&event["offset"], &event["payload"]["number"]), (&json!(2), &json!(2)));
    ann.ask("chat/enter", json!({ "room": "attic" }), &[]).await;
}

#[tokio::test]
async fn an_application_can_read_what_is_kept_also_what_is_only_on_disk() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("history.redb");
    let run = Run::on(&path).await;
    let mut ann = Client::connect(run.address).await;
    post(&mut ann, "lobby", 5..7).await;
    drop(ann);
    run.end().await;
    let run = restarted(&path).await;
    let room = "lobby".parse().expect("a name");
    let record = run.switchboard.history(&chat::rooms(&room)).await.expect("it can be read");
    assert_eq!((record.offset, record.events.len()), (2, 2));
    let last = &record.events[1];
    assert_eq!((last.offset, &*last.name, &last.payload["number"]), (2, "chat/posted", &json!(6)));
    let empty = run.switchboard.mailbox(&room).await.expect("it can be read");
    assert_eq!((empty.offset, empty.events), (0, Vec::new()));
    run.end().await;
}

#[tokio::test]
async fn a_store_that_is_full_forgets_what_was_written_longest_ago_and_does_not_pretend() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("history.redb");
    let run = Run::on(&path).await;
    let mut ann = Client::connect(run.address).await;
    let entered = ann.ask("chat/enter", json!({ "room": "first" }), &[]).await;
    ann.ask("chat/part", json!({ "room": "first" }), &[]).await;
    let text = "x".repeat(10_000);
    for room in ["first", "second", "third", "fourth"] {
        ann.ask("chat/post", json!({ "room": room, "from": 0, "number": 0, "text": text }), &[]).await;
    }
    drop(ann);
    run.end().await;
    let limits = switchboard::Limits { store_bytes: 35_000, ..history_tests::limits() };
    let store = loop {
        match RedbStore::open(&path) {
            Ok(store) => break store,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let (address, _) = start(server().limits(limits).store(store).expect("it can be read")).await;
    let mut ann = Client::connect(address).await;
    // With the first thing that is stored it is noticed.
    post(&mut ann, "fifth", 0..2).await;
    let back = ann.ask("chat/enter", json!({ "room": "first" }), &[entered.since()]).await;
    assert_eq!((&back.position()["recovered"], &back.position()["offset"]), (&json!(false), &json!(0)));
    let kept = ann.ask("chat/enter", json!({ "room": "fourth" }), &[]).await;
    assert_eq!(kept.position()["offset"], 1);
}
