//! One run: a server, a few clients, and chance that decides who does what when.

use std::sync::Arc;
use std::time::Duration;

use codegen_tests::simulation::chat::{self, Noted, Posted};
use codegen_tests::simulation::{Origin, RoomId, Routes, UserId, serve};
use switchboard::testkit::{self, Client, Kit, Received, Value, json};
use switchboard::{Limits, Metrics};
use tokio::task::yield_now;

use super::app::App;
use super::history::{Ask, End, History, Letter, Place, What};
use crate::reference::random::Random;

const ROOMS: [&str; 3] = ["a", "b", "c"];
const USERS: [&str; 3] = ["ann", "bob", "eve"];

/// A run with this seed.
pub fn run(seed: u64) -> History {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without input and output").block_on(async {
        let mut world = World::new(seed);
        for _ in 0..world.steps {
            world.step().await;
        }
        world.end().await
    })
}

struct World {
    kit: Kit<Routes>,
    random: Random,
    history: History,
    actors: Vec<Option<Actor>>,
    steps: usize,
    sessions: u32,
    /// What the server's own hand has sent.
    pushed: u32,
    buffer: usize,
}

/// A client that is connected, as far as it knows.
struct Actor {
    client: Client,
    session: u32,
    seq: u32,
    paused: bool,
    /// The stream that it asked for last.
    counting: Option<u64>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, 0);
        let limits = Limits {
            message_rate: None,
            outbox_bytes: [1_500, 5_000, 100_000][random.below(3)],
            pause_bytes: [200, 2_000, 64_000][random.below(3)],
            inbox: 1 + random.below(6),
            ..Limits::default()
        };
        let kit = testkit::start(serve(Arc::new(App::new(seed))).limits(limits));
        let (clients, steps, buffer) =
            (2 + random.below(4), 20 + random.below(100), [64, 700, 20_000][random.below(3)]);
        let actors = (0..clients).map(|_| None).collect();
        Self { kit, random, history: History::default(), actors, steps, sessions: 0, pushed: 0, buffer }
    }

    async fn step(&mut self) {
        let index = self.random.below(self.actors.len());
        match self.actors[index].take() {
            None => self.actors[index] = Some(self.arrive().await),
            Some(actor) => self.actors[index] = self.act(actor).await,
        }
        match self.random.below(24) {
            0..=2 => self.push(),
            3..=5 => self.kit.settle().await,
            6 => self.kit.advance(Duration::from_millis(self.random.below(2_000) as u64)).await,
            7 if self.random.one_in(4) => self.kit.advance(Duration::from_secs(30)).await,
            rounds => {
                for _ in 0..rounds % 5 {
                    yield_now().await;
                }
            }
        }
        self.listen().await;
    }

    async fn arrive(&mut self) -> Actor {
        self.sessions += 1;
        let client = self.kit.connect().buffer(self.buffer).await;
        Actor { client, session: self.sessions, seq: 0, paused: false, counting: None }
    }

    /// What a client does next; none: it is gone.
    async fn act(&mut self, mut actor: Actor) -> Option<Actor> {
        match self.random.below(52) {
            0..=11 => self.post(&mut actor).await,
            40..=44 => self.shout(&mut actor).await,
            45..=47 => self.count(&mut actor).await,
            48..=49 => {
                if let Some(id) = actor.counting.take() {
                    actor.client.send_text(&json!({"cancel": id}).to_string()).await;
                }
            }
            50..=51 => {
                let n = self.random.below(100) as u64;
                self.ask(&mut actor, "chat/quiz", json!({"n": n}), Ask::Quiz(n)).await;
            }
            12..=15 => self.note(&mut actor).await,
            16..=21 => {
                let room = self.random.pick(&ROOMS);
                self.ask(&mut actor, "chat/enter", json!({"room": room}), Ask::Enter(room.into())).await;
            }
            22..=24 => {
                let room = self.random.pick(&ROOMS);
                self.ask(&mut actor, "chat/part", json!({"room": room}), Ask::Part(room.into())).await;
            }
            25..=27 => {
                let user = self.random.pick(&USERS);
                self.ask(&mut actor, "chat/sign_in", json!({"as": user}), Ask::SignIn(user.into())).await;
            }
            28..=30 => {
                let payload = json!({"text": "x".repeat(self.random.below(300)), "naps": self.random.below(9)});
                self.ask(&mut actor, "chat/echo", payload, Ask::Echo).await;
            }
            31..=34 => {
                actor.paused = !actor.paused;
                if actor.paused { actor.client.pause_reading() } else { actor.client.resume_reading() }
            }
            35 if actor.paused => actor.client.read_bytes(self.random.below(500)).await,
            36 if self.random.one_in(3) => return self.go(actor, "vanished").await,
            37 if self.random.one_in(3) => return self.go(actor, "reset").await,
            38 if self.random.one_in(3) => return self.go(actor, "dropped").await,
            39 if self.random.one_in(3) => return self.go(actor, "broke off in a frame").await,
            _ => {}
        }
        Some(actor)
    }

    async fn post(&mut self, actor: &mut Actor) {
        let (room, pad) = (self.random.pick(&ROOMS), self.random.below(400));
        actor.seq += 1;
        let letter = Letter { from: actor.session, seq: actor.seq, to: Place::Room(room.into()), pad, lossy: false };
        let origin = json!({"from": actor.session, "seq": actor.seq});
        let payload = json!({"origin": origin, "room": room, "pad": "x".repeat(pad)});
        self.ask(actor, "chat/post", payload, Ask::Send(letter)).await;
    }

    async fn shout(&mut self, actor: &mut Actor) {
        let (room, pad) = (self.random.pick(&ROOMS), self.random.below(400));
        actor.seq += 1;
        let letter = Letter { from: actor.session, seq: actor.seq, to: Place::Room(room.into()), pad, lossy: true };
        let origin = json!({"from": actor.session, "seq": actor.seq});
        let payload = json!({"origin": origin, "room": room, "pad": "x".repeat(pad)});
        self.ask(actor, "chat/shout", payload, Ask::Send(letter)).await;
    }

    async fn count(&mut self, actor: &mut Actor) {
        let to = self.random.below(30) as u64;
        let payload = json!({"to": to, "naps": self.random.below(4)});
        let id = self.ask(actor, "chat/count", payload, Ask::Count(to)).await;
        actor.counting = Some(id);
    }

    async fn note(&mut self, actor: &mut Actor) {
        let (user, pad) = (self.random.pick(&USERS), self.random.below(400));
        actor.seq += 1;
        let letter = Letter { from: actor.session, seq: actor.seq, to: Place::Mailbox(user.into()), pad, lossy: false };
        let origin = json!({"from": actor.session, "seq": actor.seq});
        let payload = json!({"origin": origin, "to": user, "pad": "x".repeat(pad)});
        self.ask(actor, "chat/note", payload, Ask::Send(letter)).await;
    }

    async fn ask(&mut self, actor: &mut Actor, name: &str, payload: Value, ask: Ask) -> u64 {
        let id = actor.client.send_with_id(name, payload).await;
        self.history.add(actor.session, What::Sent(id, ask));
        id
    }

    /// The server's own hand.
    fn push(&mut self) {
        self.pushed += 1;
        let (origin, pad) = (Origin { from: 0, seq: self.pushed }, self.random.below(300));
        let text = "x".repeat(pad);
        let to = if self.random.one_in(2) {
            let room = self.random.pick(&ROOMS);
            let event = Posted { origin, room: RoomId::new(room).expect("short"), pad: text };
            let topic = chat::rooms(&event.room);
            self.kit.switchboard().push(event).to_topic(&topic);
            Place::Room(room.into())
        } else {
            let user = self.random.pick(&USERS);
            let event = Noted { origin, to: UserId::new(user).expect("short"), pad: text };
            let owner = event.to.clone();
            self.kit.switchboard().push(event).to_mailbox(&owner);
            Place::Mailbox(user.into())
        };
        self.history.add(0, What::Pushed(Letter { from: 0, seq: self.pushed, to, pad, lossy: false }));
    }

    async fn go(&mut self, mut actor: Actor, how: &'static str) -> Option<Actor> {
        if self.hear(&mut actor).await {
            return None;
        }
        self.history.add(actor.session, What::Ended(End::Went(how)));
        match how {
            "vanished" => {
                // Kept from being dropped, which would tell the server.
                let mut client = actor.client;
                client.vanish();
                let asleep = self.kit.settle();
                asleep.await;
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(1_000)).await;
                    drop(client);
                });
            }
            "reset" => actor.client.reset(),
            "broke off in a frame" => {
                let frame = testkit::frame(0x81, br#"{"name":"chat/post"}"#);
                actor.client.send_raw(&frame[..1 + self.random.below(frame.len() - 1)]).await;
            }
            _ => {}
        }
        None
    }

    /// Writes down what everybody has heard.
    async fn listen(&mut self) {
        let mut actors = std::mem::take(&mut self.actors);
        for place in &mut actors {
            if let Some(mut actor) = place.take()
                && !self.hear(&mut actor).await
            {
                *place = Some(actor);
            }
        }
        self.actors = actors;
    }

    /// Writes down what one has heard; whether its connection has ended.
    async fn hear(&mut self, actor: &mut Actor) -> bool {
        for received in actor.client.arrived() {
            let what = match received {
                Received::Answer(answer) => {
                    let id = answer.envelope()["re"].as_u64().expect("everything has an id");
                    What::Answered(id, answer.result().map(drop).map_err(|error| error["code"].to_string()))
                }
                Received::Event(event) => What::Heard(letter(&event.name, &event.payload)),
                Received::Closed { code, .. } => What::Ended(End::Closed(code)),
                Received::Lost => What::Ended(End::Lost),
                Received::Other(value) => match self.other(actor, &value).await {
                    Some(what) => what,
                    None => continue,
                },
                other => panic!("nothing like this is sent: {other:?}"),
            };
            let is_end = matches!(what, What::Ended(_));
            self.history.add(actor.session, what);
            if is_end {
                return true;
            }
        }
        false
    }

    /// Items and ends of streams are heard; what is asked is answered, rightly in most cases.
    async fn other(&mut self, actor: &mut Actor, value: &Value) -> Option<What> {
        if let Some(id) = value["re"].as_u64() {
            return Some(match value["item"].as_u64() {
                Some(item) => What::Item(id, item),
                None => What::Answered(id, Ok(())),
            });
        }
        let (Some(ask), Some(n)) = (value["ask"].as_u64(), value["payload"]["n"].as_u64()) else {
            // The end of a question that nobody has answered.
            return None;
        };
        let answer = match self.random.below(8) {
            0 => return None,
            1 => json!({"re": ask, "payload": "what?"}),
            2 => json!({"re": ask, "payload": n}),
            _ => json!({"re": ask, "payload": n + 1}),
        };
        actor.client.send_text(&answer.to_string()).await;
        None
    }

    /// Everybody reads what there is to read; then everybody leaves, and nothing is left of them.
    async fn end(mut self) -> History {
        for actor in self.actors.iter_mut().flatten() {
            actor.client.resume_reading();
        }
        // Until nothing more is said for a while: one answer may be another question, and that has a deadline.
        let mut quiet = 0;
        for _ in 0..100 {
            if quiet == 4 {
                break;
            }
            let before = self.history.0.len();
            self.kit.advance(Duration::from_secs(3)).await;
            self.listen().await;
            quiet = if self.history.0.len() == before { quiet + 1 } else { 0 };
        }
        self.account(&self.kit.switchboard().metrics());
        for actor in self.actors.iter().flatten() {
            self.history.add(actor.session, What::Settled);
        }
        self.actors.clear();
        self.kit.advance(Duration::from_secs(200)).await;
        let switchboard = self.kit.switchboard();
        assert_eq!(switchboard.connection_count(), 0, "connections are left");
        for room in ROOMS {
            let members = switchboard.members(&chat::rooms(&RoomId::new(room).expect("short")));
            assert_eq!(members, 0, "members are left in {room}");
        }
        self.history
    }
}

impl World {
    /// Everything that was meant for somebody is counted as what became of it, and nobody heard more than was taken.
    fn account(&self, metrics: &Metrics) {
        let nobody_left = !self.history.0.iter().any(|entry| matches!(entry.what, What::Ended(_)));
        for event in &metrics.events {
            let known = event.taken + event.coalesced + event.dropped + event.refused;
            assert_eq!(event.meant, known, "{event:?}");
            let is_one = |what: &What| matches!(what, What::Heard(letter) if name_of(letter) == event.name);
            let heard = self.history.0.iter().filter(|entry| is_one(&entry.what)).count() as u64;
            assert!(heard <= event.taken, "{heard} were heard of {event:?}");
            assert!(heard == event.taken || !nobody_left, "{heard} were heard, by everybody there is, of {event:?}");
        }
        for message in &metrics.messages {
            let refused = message.refused.iter().map(|(_, count)| count).sum::<u64>();
            let unfinished = message.received - message.ok - refused - message.in_progress;
            assert!(unfinished == 0 || !nobody_left, "{message:?}");
            let sent = |ask: &Ask| message_of(ask) == message.name;
            let sent =
                self.history.0.iter().filter(|entry| matches!(&entry.what, What::Sent(_, ask) if sent(ask))).count();
            assert!(message.received <= sent as u64, "{sent} were sent of {message:?}");
        }
    }
}

fn name_of(letter: &Letter) -> &'static str {
    match letter {
        Letter { lossy: true, .. } => "chat/shouted",
        Letter { to: Place::Room(_), .. } => "chat/posted",
        Letter { to: Place::Mailbox(_), .. } => "chat/noted",
    }
}

fn message_of(ask: &Ask) -> &'static str {
    match ask {
        Ask::SignIn(_) => "chat/sign_in",
        Ask::Enter(_) => "chat/enter",
        Ask::Part(_) => "chat/part",
        Ask::Send(Letter { lossy: true, .. }) => "chat/shout",
        Ask::Send(Letter { to: Place::Room(_), .. }) => "chat/post",
        Ask::Send(Letter { to: Place::Mailbox(_), .. }) => "chat/note",
        Ask::Echo => "chat/echo",
        Ask::Count(_) => "chat/count",
        Ask::Quiz(_) => "chat/quiz",
    }
}

fn letter(name: &str, payload: &Value) -> Letter {
    let number = |value: &Value| u32::try_from(value.as_u64().expect("a number")).expect("a small one");
    let text = |key: &str| payload[key].as_str().expect("a text").to_owned();
    let to = match name {
        "chat/posted" | "chat/shouted" => Place::Room(text("room")),
        "chat/noted" => Place::Mailbox(text("to")),
        other => panic!("no such event: {other}"),
    };
    let origin = &payload["origin"];
    Letter {
        from: number(&origin["from"]),
        seq: number(&origin["seq"]),
        to,
        pad: text("pad").len(),
        lossy: name == "chat/shouted",
    }
}
