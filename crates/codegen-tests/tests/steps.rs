//! What stages hand to each other, and what may fail without the rest.

use std::sync::Arc;

use codegen_tests::steps::play::{
    self, Knob, Passed, PlayError, Playing, Skip, SkipPassed, Start, StartReply, Tell, Told, Track,
};
use codegen_tests::steps::{AnyMessage, Cx, Routes, serve};
use parking_lot::Mutex;
use switchboard::Error;
use switchboard::testkit::{self, Kit, json};

/// Notes what ran, in its order.
#[derive(Default)]
struct App {
    ran: Mutex<Vec<String>>,
}

impl App {
    fn ran(&self, what: impl Into<String>) {
        self.ran.lock().push(what.into());
    }

    fn all(&self) -> Vec<String> {
        std::mem::take(&mut self.ran.lock())
    }
}

impl play::Handlers for App {
    async fn look_up(&self, _: &Cx, message: &Start) -> Result<Track, PlayError> {
        tokio::task::yield_now().await;
        match message.fail.as_str() {
            "look_up" => Err(PlayError::Unknown),
            _ => Ok(Track { title: message.title.to_uppercase(), seconds: 7 }),
        }
    }

    async fn weigh(&self, _: &Cx, message: &Start) -> Result<(u8, Vec<u32>), PlayError> {
        match message.fail.as_str() {
            "weigh" => panic!("too heavy"),
            _ => Ok((3, vec![1, 2])),
        }
    }

    async fn begin(
        &self,
        _: &Cx,
        _: &Start,
        track: &Track,
        weight: &u8,
        list: &Vec<u32>,
    ) -> Result<(StartReply, Playing), PlayError> {
        self.ran(format!("begin {} {} {weight} {list:?}", track.title, track.seconds));
        Ok((StartReply { title: track.title.clone(), weight: *weight }, Playing { title: track.title.clone() }))
    }

    async fn note(&self, _: &Cx, _: &Start, _: &Track, weight: &u8, _: &Vec<u32>) -> Result<Passed, PlayError> {
        Ok(Passed { count: *weight })
    }

    async fn finish(&self, _: &Cx, _: &Start) -> Result<(), PlayError> {
        self.ran("finish");
        Ok(())
    }

    async fn find(&self, _: &Cx, message: &Skip) -> Result<(SkipPassed, Passed), Error> {
        Ok((SkipPassed { at: u16::from(message.by) * 100 }, Passed { count: 1 }))
    }

    async fn go(&self, _: &Cx, _: &Skip, found: &SkipPassed) -> Result<u16, Error> {
        Ok(found.at)
    }

    async fn knob(&self, _: &Cx, message: &Knob) -> Result<u8, Error> {
        Ok(message.value + 1)
    }

    async fn turn(&self, _: &Cx, message: &Knob, passed: &u8) -> Result<u8, Error> {
        Ok(message.value + passed)
    }

    async fn listen(&self, _: &Cx, message: &Tell) -> Result<(), PlayError> {
        self.ran("listen");
        match message.how.as_str() {
            "listen" => Err(PlayError::Broken { why: "deaf".to_owned() }),
            "panic" => panic!("deaf"),
            _ => Ok(()),
        }
    }

    async fn keep(&self, _: &Cx, message: &Tell) -> Result<(), PlayError> {
        self.ran("keep");
        if message.how == "keep" { Err(PlayError::Unknown) } else { Ok(()) }
    }

    async fn announce(&self, _: &Cx, message: &Tell) -> Result<Told, PlayError> {
        self.ran("announce");
        // Longer than an event may be, when the message is.
        Ok(Told { text: message.text.clone() })
    }

    async fn record(&self, _: &Cx, message: AnyMessage<'_>) -> Result<(), Error> {
        self.ran(format!("record {}", message.name()));
        Err(Error::msg("the disk is full"))
            .or_else(|error| if message.name() == "play/tell" { Err(error) } else { Ok(()) })
    }
}

fn kit() -> (Kit<Routes>, Arc<App>) {
    let app = Arc::new(App::default());
    (testkit::start(serve(Arc::clone(&app))), app)
}

#[tokio::test]
async fn values_are_handed_to_every_handler_of_the_next_stage_in_their_order() {
    let (kit, app) = kit();
    let mut client = kit.connect().await;
    let answer = client.ask("play/start", json!({"title": "so what"})).await.payload();
    assert_eq!(answer, json!({"title": "SO WHAT", "weight": 3}));
    assert_eq!(client.expect_event("play/playing").await["title"], "SO WHAT");
    assert_eq!(client.expect_event("play/passed").await["count"], 3);
    assert_eq!(app.all(), ["begin SO WHAT 7 3 [1, 2]", "record play/start", "finish"]);
}

#[tokio::test]
async fn what_a_failed_handler_would_have_passed_is_never_missed() {
    let (kit, app) = kit();
    let mut client = kit.connect().await;
    client.ask("play/start", json!({"title": "x", "fail": "look_up"})).await.error("unknown");
    client.ask("play/start", json!({"title": "x", "fail": "weigh"})).await.refused("internal");
    assert!(app.all().is_empty(), "the chain ended there");
    client.expect_nothing().await;
}

#[tokio::test]
async fn what_is_passed_goes_past_relays() {
    let (kit, _) = kit();
    let mut client = kit.connect().await;
    assert_eq!(client.ask("play/skip", json!({"by": 3})).await.payload(), 300);
    assert_eq!(client.expect_event("play/passed").await["count"], 1);
    assert_eq!(client.expect_event("play/skip").await["by"], 3);
}

#[tokio::test]
async fn a_handler_of_two_messages_is_handed_the_same_by_both() {
    let (kit, _) = kit();
    let mut client = kit.connect().await;
    assert_eq!(client.ask("play/louder", json!({"value": 3})).await.payload(), 7);
    assert_eq!(client.ask("play/softer", json!({"value": 4})).await.payload(), 9);
}

#[tokio::test]
async fn what_may_fail_does_so_alone() {
    let (kit, app) = kit();
    let mut client = kit.connect().await;
    for how in ["", "listen", "panic"] {
        client.ask("play/tell", json!({"text": "hi", "how": how})).await.payload();
        assert_eq!(client.expect_event("play/told").await["text"], "hi");
        assert_eq!(app.all(), ["listen", "keep", "announce", "record play/tell"], "{how}");
    }
    // Its event breaks a limit: it does not go out, and the rest does.
    client.ask("play/tell", json!({"text": "a text of more than twenty", "how": ""})).await.payload();
    client.expect_nothing().await;
    app.all();
    let metrics = kit.switchboard().metrics();
    // Each time the last stage, twice what listens, once what announces.
    assert_eq!(metrics.message("play/tell").map(|message| (message.ok, message.forgiven)), Some((4, 7)));
    // Who is not to fail still does.
    client.ask("play/tell", json!({"text": "hi", "how": "keep"})).await.error("unknown");
    assert_eq!(app.all(), ["listen", "keep"]);
}
