//! Many publishers on several threads, and clients that come and go: what each has received in all is gapless, or it
//! was told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use switchboard_redb::RedbStore;

use crate::client::{Client, as_since, at, in_memory, start};

const PUBLISHERS: u32 = 4;
const EACH: u32 = 150;
const TOTAL: u64 = (PUBLISHERS * EACH) as u64;
const FLAPPERS: u64 = 6;

async fn publish(address: SocketAddr, name: &'static str, room: &'static str, from: u32, done: Arc<AtomicUsize>) {
    let mut client = Client::connect(address).await;
    for number in 0..EACH {
        client.ask(name, json!({ "room": room, "from": from, "number": number }), &[]).await;
    }
    done.fetch_add(1, Ordering::SeqCst);
}

/// Comes, hears some events, goes in the middle of it, and comes back, until all has been published.
async fn flap(address: SocketAddr, seed: u64, done: Arc<AtomicUsize>) -> Vec<(u64, Value)> {
    let mut heard: Vec<(u64, Value)> = Vec::new();
    let mut position: Option<Value> = None;
    let mut round = seed;
    loop {
        round = round.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let last = done.load(Ordering::SeqCst) == PUBLISHERS as usize;
        let mut client = Client::connect(address).await;
        let since: Vec<Value> = position.iter().cloned().collect();
        let entered = client.ask("chat/enter", json!({ "room": "lobby" }), &since).await;
        assert!(entered.before.is_empty(), "nothing comes before the answer: {:?}", entered.before);
        let told = entered.position().clone();
        let start = match &position {
            Some(_) => {
                assert_eq!(told["recovered"], true, "{told}");
                heard.last().map_or(0, |(offset, _)| *offset)
            }
            // The first time it asks for all there was.
            None => {
                position = Some(at(&told, 0));
                continue;
            }
        };
        let end = if last { told["offset"].as_u64().expect("an offset") } else { TOTAL.min(start + (round >> 60)) };
        for expected in start + 1..=end {
            let event = client.hear().await;
            assert_eq!(event["offset"], expected, "{event}");
            heard.push((expected, event["payload"].clone()));
        }
        let offset = heard.last().map_or(0, |(offset, _)| *offset);
        position = Some(at(&told, offset));
        if last {
            return heard;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flapping_clients_under_a_storm_of_publishers_miss_nothing_and_get_nothing_twice() {
    storm(in_memory().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_with_what_is_kept_on_disk() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = RedbStore::open(folder.path().join("history.redb")).expect("the file can be opened");
    let server = history_tests::server().store(store).expect("it can be read");
    storm(start(server).await.0).await;
}

async fn storm(address: SocketAddr) {
    let done = Arc::new(AtomicUsize::new(0));
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|from| tokio::spawn(publish(address, "chat/post", "lobby", from, Arc::clone(&done))))
        .collect();
    let flappers: Vec<_> = (0..FLAPPERS).map(|seed| tokio::spawn(flap(address, seed, Arc::clone(&done)))).collect();
    for publisher in publishers {
        publisher.await.expect("publishers do not fail");
    }
    let mut all = Vec::new();
    for flapper in flappers {
        all.push(flapper.await.expect("flappers do not fail"));
    }
    for heard in &all {
        assert_eq!(heard.last().map(|(offset, _)| *offset), Some(TOTAL));
        assert_eq!(heard, &all[0], "everybody hears the same in the same order");
    }
    for from in 0..PUBLISHERS {
        let numbers = all[0].iter().filter(|(_, payload)| payload["from"] == from);
        let numbers: Vec<u64> = numbers.map(|(_, payload)| payload["number"].as_u64().expect("a number")).collect();
        assert_eq!(numbers, (0..u64::from(EACH)).collect::<Vec<u64>>(), "each publisher's events are in its order");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_history_under_a_storm_is_gapless_or_it_is_told() {
    let (address, _) = start(history_tests::server()).await;
    let done = Arc::new(AtomicUsize::new(0));
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|_| {
            let done = Arc::clone(&done);
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                for number in 0..EACH {
                    client.ask("chat/say", json!({ "room": "attic", "number": number }), &[]).await;
                }
                done.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    let (mut gaps, mut recovered) = (0, 0);
    let mut position: Option<Value> = None;
    while done.load(Ordering::SeqCst) < PUBLISHERS as usize {
        let mut client = Client::connect(address).await;
        let since: Vec<Value> = position.iter().cloned().collect();
        let entered = client.ask("chat/enter_small", json!({ "room": "attic" }), &since).await;
        let told = entered.position();
        let mut last = match told["recovered"].as_bool() {
            Some(true) => {
                recovered += 1;
                position.as_ref().and_then(|position| position["offset"].as_u64()).expect("an offset")
            }
            Some(false) => {
                gaps += 1;
                told["offset"].as_u64().expect("an offset")
            }
            None => told["offset"].as_u64().expect("an offset"),
        };
        let until = told["offset"].as_u64().expect("an offset");
        while last < until {
            last += 1;
            assert_eq!(client.hear().await["offset"], last);
        }
        position = Some(at(&as_since(told), last));
    }
    for publisher in publishers {
        publisher.await.expect("publishers do not fail");
    }
    println!("{recovered} times recovered, {gaps} gaps told");
    let mut client = Client::connect(address).await;
    let entered = client.ask("chat/enter_small", json!({ "room": "attic" }), &[]).await;
    assert_eq!(entered.position()["offset"], u64::from(PUBLISHERS * EACH));
}
