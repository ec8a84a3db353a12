//! What `docs/protocol.md` promises of order and delivery, while several threads of the server and of the tests push,
//! join and leave as fast as they can.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard::{Limits, Switchboard};
use tokio::task::JoinSet;

use crate::support::parlour::{rooms, tables};
use crate::support::{Client, Parlour, Role, Running, Said, start_with, within};

/// Four threads, and nobody is too slow or sends too much.
async fn busy() -> Running {
    let limits = Limits {
        message_rate: None,
        outbox_bytes: 256 << 20,
        outbox_frames: usize::MAX,
        connections_per_address: 1_000,
        ..Limits::default()
    };
    start_with(|server| server.limits(limits).threads(4)).await
}

/// Publishers that push numbered events on threads of their own until told to stop.
struct Storm {
    counts: Arc<[AtomicU64]>,
    over: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Storm {
    fn new(count: usize, push: impl Fn(&Said) + Clone + Send + 'static) -> Self {
        let counts: Arc<[AtomicU64]> = (0..count).map(|_| AtomicU64::new(0)).collect();
        let over = Arc::new(AtomicBool::new(false));
        let publisher = |name: usize| {
            let (counts, over, push) = (Arc::clone(&counts), Arc::clone(&over), push.clone());
            std::thread::spawn(move || {
                for number in 0.. {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    push(&Said::new(&format!("{name} {number}")));
                    counts[name].store(number + 1, Ordering::SeqCst);
                    // A pace that debug builds on two cores can follow.
                    std::thread::sleep(Duration::from_micros(300));
                }
            })
        };
        let threads = (0..count).map(publisher).collect();
        Self { counts, over, threads }
    }

    /// How many of each publisher have been pushed, at least.
    fn counts(counts: &[AtomicU64]) -> Vec<u64> {
        counts.iter().map(|count| count.load(Ordering::SeqCst)).collect()
    }

    fn stop(self) -> Vec<u64> {
        self.over.store(true, Ordering::SeqCst);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
        Self::counts(&self.counts)
    }
}

/// What one receiver has heard of each publisher: the first number and the last, nothing missing between them.
#[derive(Debug, Default)]
struct Heard(BTreeMap<usize, (u64, u64)>);

impl Heard {
    fn hear(&mut self, event: &Value) {
        let text = event["payload"]["text"].as_str().unwrap_or_else(|| panic!("no event: {event}"));
        let (name, number) = text.split_once(' ').unwrap();
        let (name, number) = (name.parse().unwrap(), number.parse().unwrap());
        let (_, last) = self.0.entry(name).and_modify(|(_, last)| *last += 1).or_insert((number, number));
        assert_eq!(*last, number, "of publisher {name}: a gap, twice, or out of order");
    }

    /// Nothing that was sent between these two moments is missing; one more may have been sent before the first.
    fn covers(&self, from: &[u64], to: &[u64]) {
        for (name, (from, to)) in from.iter().zip(to).enumerate() {
            if from + 1 < *to {
                let (first, last) = self.0.get(&name).unwrap_or_else(|| panic!("nothing of publisher {name}"));
                assert!(*first <= from + 1, "{first} of publisher {name} is the first, {from} was sent as a member");
                assert!(last + 1 >= *to, "{last} of publisher {name} is the last, {to} had been sent before it left");
            }
        }
    }
}

/// Asks, and hands every event in front of the answer to `hear`.
async fn ask(client: &mut Client, name: &str, payload: Value, mut hear: impl FnMut(&Value)) {
    client.say(name, 7, payload).await;
    loop {
        let next = client.json().await;
        if next.get("re").is_some() {
            return assert_eq!(next, json!({"re": 7, "payload": {}}));
        }
        hear(&next);
    }
}

async fn all(tasks: JoinSet<()>) {
    tokio::time::timeout(Duration::from_secs(60), tasks.join_all()).await.expect("in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_answer_to_a_join_hears_every_event_until_it_leaves_and_none_before_or_after() {
    let server = busy().await;
    let switchboard = server.switchboard.clone();
    let push = move |said: &Said| _ = switchboard.push(said.clone()).to_topic(&rooms("lobby"));
    let storm = Storm::new(3, push);
    let mut clients = JoinSet::new();
    for number in 0..8 {
        let (address, counts) = (server.address, Arc::clone(&storm.counts));
        clients.spawn(async move {
            let mut client = Client::connect(address).await;
            let nothing = |event: &Value| panic!("not a member: {event}");
            for round in 0..25 {
                let (join, leave) =
                    if (round + number) % 2 == 0 { ("join", "leave") } else { ("join_slowly", "leave_slowly") };
                ask(&mut client, &format!("parlour/{join}"), json!({"to": "lobby"}), nothing).await;
                let joined = Storm::counts(&counts);
                let mut heard = Heard::default();
                for _ in 0..10 * round {
                    heard.hear(&client.json().await);
                }
                let left = Storm::counts(&counts);
                ask(&mut client, &format!("parlour/{leave}"), json!({"to": "lobby"}), |event| heard.hear(event)).await;
                heard.covers(&joined, &left);
                ask(&mut client, "parlour/audited", json!({}), nothing).await;
            }
        });
    }
    all(clients).await;
    let sent = storm.stop();
    assert!(sent.iter().all(|sent| *sent > 100), "{sent:?}");
    assert_eq!(server.switchboard.members(&rooms("lobby")), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_hear_each_of_many_publishers_once_and_in_order_and_nobody_hears_himself() {
    const CLIENTS: usize = 8;
    const EACH: u64 = 200;
    let server = busy().await;
    let mut all_clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = server.client().await;
        ask(&mut client, "parlour/join", json!({"to": "lobby"}), |_| {}).await;
        all_clients.push(client);
    }
    let mut tasks = JoinSet::new();
    for (name, mut client) in all_clients.into_iter().enumerate() {
        tasks.spawn(async move {
            for number in 0..EACH {
                let payload = json!({"to": "lobby", "text": format!("{name} {number}")});
                client.send(json!({"name": "parlour/post_to_others", "payload": payload}).to_string()).await;
            }
            let mut heard = Heard::default();
            for _ in 0..(CLIENTS - 1) as u64 * EACH {
                heard.hear(&client.json().await);
            }
            assert!(!heard.0.contains_key(&name));
            assert!(heard.0.values().all(|heard| *heard == (0, EACH - 1)));
            ask(&mut client, "parlour/audited", json!({}), |event| panic!("once too often: {event}")).await;
        });
    }
    all(tasks).await;
}

/// Clients that do `change` again and again while numbered events go to a group that they belong to all the time.
async fn belonging(
    push: impl Fn(&Switchboard<Parlour>, &Said) + Clone + Send + 'static,
    changes: &'static [(&str, &str)],
) {
    let server = busy().await;
    let mut ready = Vec::new();
    for _ in 0..4 {
        let mut client = server.client().await;
        let payload = json!({"to": "ann", "text": changes[0].1});
        ask(&mut client, "parlour/sign_in", payload, |event| panic!("nothing yet: {event}")).await;
        ready.push(client);
    }
    let switchboard = server.switchboard.clone();
    let storm = Storm::new(2, move |said| push(&switchboard, said));
    let mut clients = JoinSet::new();
    for mut client in ready {
        let counts = Arc::clone(&storm.counts);
        clients.spawn(async move {
            let mut heard = Heard::default();
            for round in 0..60 {
                let (name, text) = changes[round % changes.len()];
                ask(&mut client, name, json!({"to": "ann", "text": text}), |event| heard.hear(event)).await;
            }
            let sent = Storm::counts(&counts);
            ask(&mut client, "parlour/audited", json!({}), |event| heard.hear(event)).await;
            heard.covers(&[0, 0], &sent);
        });
    }
    all(clients).await;
    storm.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_changes_roles_and_always_has_one_of_those_meant_misses_nothing_and_hears_nothing_twice() {
    let push = |switchboard: &Switchboard<Parlour>, said: &Said| {
        switchboard.push(said.clone()).to_roles(&[Role::Host, Role::Guest]);
    };
    let changes = &[
        ("parlour/take_roles", "host"),
        ("parlour/take_roles", "guest"),
        ("parlour/take_roles", "host guest"),
        ("parlour/sign_in", "guest"),
    ];
    belonging(push, changes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_again_as_the_same_one_misses_nothing_in_its_mailbox_and_hears_nothing_twice() {
    let push = |switchboard: &Switchboard<Parlour>, said: &Said| {
        switchboard.push(said.clone()).to_mailbox(&"ann".to_owned());
    };
    belonging(push, &[("parlour/sign_in", "host"), ("parlour/sign_in", "")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mailboxes_that_are_named_twice_get_it_once_from_every_sender() {
    let server = busy().await;
    let mut ann = server.client().await;
    ask(&mut ann, "parlour/sign_in", json!({"to": "ann"}), |_| {}).await;
    let mut senders = JoinSet::new();
    for name in 0..4 {
        let address = server.address;
        senders.spawn(async move {
            let mut client = Client::connect(address).await;
            for number in 0..100 {
                let payload = json!({"to": "ann,bob,ann,ann", "text": format!("{name} {number}")});
                ask(&mut client, "parlour/notes", payload, |_| {}).await;
            }
        });
    }
    let mut heard = Heard::default();
    for _ in 0..400 {
        heard.hear(&ann.json().await);
    }
    all(senders).await;
    ask(&mut ann, "parlour/audited", json!({}), |event| panic!("once too often: {event}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_joins_and_leaves_at_once_are_all_answered_and_leave_nothing() {
    const CLIENTS: usize = 100;
    const ROUNDS: u64 = 50;
    let server = busy().await;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let address = server.address;
        clients.spawn(async move {
            let mut client = Client::connect(address).await;
            for round in 1..=ROUNDS {
                client.say("parlour/join", 2 * round, json!({"to": "lobby"})).await;
                client.say("parlour/leave", 2 * round + 1, json!({"to": "lobby"})).await;
            }
            for id in 2..2 * ROUNDS + 2 {
                assert_eq!(client.json().await["re"], id);
            }
        });
    }
    within("a fan-out in another topic", async {
        let mut other = server.client().await;
        ask(&mut other, "parlour/join", json!({"to": "hall"}), |_| {}).await;
        assert_eq!(server.switchboard.push(Said::new("0 0")).to_topic(&rooms("hall")), 1);
        assert_eq!(other.json().await["payload"]["text"], "0 0");
    })
    .await;
    all(clients).await;
    server.until("all to be gone", |server| server.switchboard.connection_count() == 0).await;
    assert_eq!(server.switchboard.members(&rooms("lobby")), 0);
    assert_eq!(server.switchboard.members(&rooms("hall")), 0);
}

/// What a client makes of the presence of one table.
#[derive(Default)]
struct View(BTreeMap<String, Option<String>>);

impl View {
    fn hear(&mut self, event: &Value) {
        let payload = &event["payload"];
        let person = |from: &Value| {
            let state = from["state"].as_str().map(str::to_owned);
            (from["who"].as_str().unwrap().to_owned(), state)
        };
        match event["name"].as_str().unwrap().split_once('#').unwrap().1 {
            "here" => self.0 = payload["members"].as_array().unwrap().iter().map(person).collect(),
            "joined" => {
                let (who, state) = person(payload);
                assert_eq!(self.0.insert(who, state), None, "{event}");
            }
            "changed" => {
                let (who, state) = person(payload);
                assert!(self.0.insert(who, state).is_some(), "{event}");
            }
            "left" => assert!(self.0.remove(&person(payload).0).is_some(), "{event}"),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_that_follow_the_news_know_who_is_present_whatever_the_others_do() {
    let server = busy().await;
    let mut clients = JoinSet::new();
    for number in 0..9_usize {
        let address = server.address;
        clients.spawn(async move {
            let mut client = Client::connect(address).await;
            let mut view = View::default();
            for round in 0..60_usize {
                let who = ["ann", "bob", "eve"][(number + round / 7) % 3];
                let (name, payload) = match (round * 7 + number) % 5 {
                    0 | 1 => ("sit", json!({"to": "oak"})),
                    2 => ("stand", json!({"to": "oak"})),
                    3 => ("mood", json!({"to": "oak", "text": format!("{number}-{round}")})),
                    _ => ("sign_in", json!({"to": who})),
                };
                ask(&mut client, &format!("parlour/{name}"), payload, |event| view.hear(event)).await;
                if name == "sit" && round % 2 == 0 {
                    // A second one is none.
                    ask(&mut client, "parlour/sit", json!({"to": "oak"}), |event| view.hear(event)).await;
                }
            }
            ask(&mut client, "parlour/stand", json!({"to": "oak"}), |event| view.hear(event)).await;
            ask(&mut client, "parlour/sit", json!({"to": "oak"}), |_| panic!("not a member")).await;
            view.hear(&client.json().await);
            // The others are told behind that; who is answered again has told them.
            ask(&mut client, "parlour/audited", json!({}), |event| view.hear(event)).await;
            (client, view)
        });
    }
    let mut clients = tokio::time::timeout(Duration::from_secs(60), clients.join_all()).await.expect("in time");
    let present = server.switchboard.present(&tables("oak"));
    let present: BTreeMap<_, _> = present.into_iter().map(|present| (present.who, present.state)).collect();
    assert!(!present.is_empty());
    for (client, view) in &mut clients {
        ask(client, "parlour/audited", json!({}), |event| view.hear(event)).await;
        assert_eq!(view.0, present);
    }
}
