//! Slow receivers: what becomes of each event, and that all of it is accounted for, to the unit.
//!
//! Most of it over pipes in memory, whose sizes are known; the rest over sockets, where nobody knows how much the system
//! takes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use codegen_tests::slow::feed::{
    self, Alarm, Gauge, Headline, Letter, Level, Meter, Page, Sample, Side, Tell, TellWhatItem, Turn, TurnReply,
};
use codegen_tests::slow::{Cx, Pad, Routes, UserId, serve};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use switchboard::testkit::{self, Client, Kit, Received, SlowReader};
use switchboard::{Code, Error, EventMetrics, Limits, Metrics, Policy, Switchboard, close};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

struct App;

impl feed::Handlers for App {
    async fn sign_in(&self, cx: &Cx, message: &feed::SignIn) -> Result<(), Error> {
        cx.identify(message.r#as.clone(), []);
        Ok(())
    }

    async fn enter(&self, _: &Cx, _: &feed::Enter) -> Result<(), Error> {
        Ok(())
    }

    async fn tell(
        &self,
        _: &Cx,
        message: &Tell,
    ) -> Result<(Option<Level>, Option<Headline>, Option<Sample>, Option<Alarm>), Error> {
        let has = |what| message.what.contains(&what);
        let (value, length) = (message.value, message.pad.len());
        Ok((
            has(TellWhatItem::Level).then(|| level("all", value, length)),
            has(TellWhatItem::Headline).then(|| headline(value, length)),
            has(TellWhatItem::Sample).then(|| sample(value, length)),
            has(TellWhatItem::Alarm).then(|| alarm(value, length)),
        ))
    }

    async fn turn_page(&self, _: &Cx, message: &Turn) -> Result<(Page, TurnReply), Error> {
        Ok((Page { room: message.room, ..page(message.value, message.pad.len()) }, TurnReply { value: message.value }))
    }

    async fn write(&self, _: &Cx, message: &Turn) -> Result<(Vec<UserId>, Letter), Error> {
        Ok((message.to.clone(), Letter { value: message.value, pad: message.pad.clone() }))
    }
}

fn pad(length: usize) -> Pad {
    Pad::new("x".repeat(length)).unwrap()
}

fn level(channel: &str, value: u32, length: usize) -> Level {
    Level { room: 1, channel: channel.to_owned(), value, pad: pad(length) }
}

fn headline(value: u32, length: usize) -> Headline {
    Headline { room: 1, value, pad: pad(length) }
}

fn sample(value: u32, length: usize) -> Sample {
    Sample { room: 1, value, data: vec![0; length].into() }
}

fn alarm(value: u32, length: usize) -> Alarm {
    Alarm { room: 1, value, pad: pad(length) }
}

fn page(value: u32, length: usize) -> Page {
    Page { room: 1, value, pad: pad(length) }
}

fn gauge(value: u32) -> Gauge {
    let side = Side::all()[value as usize % 3];
    Gauge(Meter { side, value, pad: pad(0) })
}

/// A server with small outboxes, over which nobody loses patience.
fn kit() -> Kit<Routes> {
    let limits = Limits {
        outbox_bytes: 20_000,
        outbox_frames: 100,
        message_rate: None,
        ping: Duration::from_secs(3_600),
        ..Limits::default()
    };
    testkit::start(serve(Arc::new(App)).limits(limits))
}

async fn member(kit: &Kit<Routes>) -> Client {
    let mut client = kit.connect().buffer(1_000).await;
    client.ask("feed/enter", json!({"room": 1})).await.payload();
    client
}

/// Stops reading, with a first headline half sent: from now on whatever comes for it is queued.
async fn stuck(kit: &Kit<Routes>, client: &mut Client) {
    client.pause_reading();
    kit.switchboard().push(headline(0, 5_000)).to_topic(&feed::rooms(&1));
    kit.settle().await;
    assert_eq!(kit.switchboard().metrics().outbox.full, 1);
}

/// Names and values of all events that have come.
async fn heard(client: &mut Client) -> Vec<(String, u64)> {
    let one = |received: Received| match received {
        Received::Event(event) => (event.name, event.payload["value"].as_u64().unwrap()),
        Received::Binary(bytes) => {
            (format!("{:#x}", bytes[0]), u32::from_le_bytes(bytes[5..9].try_into().unwrap()).into())
        }
        other => panic!("{other:?}"),
    };
    client.received().await.into_iter().map(one).collect()
}

/// Every receiver that was meant is counted once.
fn is_balanced(metrics: &Metrics) {
    for event in &metrics.events {
        let EventMetrics { meant, taken, coalesced, dropped, refused, .. } = *event;
        assert_eq!(meant, taken + coalesced + dropped + refused, "{event:?}");
    }
}

fn event(kit: &Kit<Routes>, name: &str) -> EventMetrics {
    let metrics = kit.switchboard().metrics();
    is_balanced(&metrics);
    metrics.event(name).unwrap().clone()
}

fn said(name: &str, values: impl IntoIterator<Item = u64>) -> Vec<(String, u64)> {
    values.into_iter().map(|value| (name.to_owned(), value)).collect()
}

#[tokio::test]
async fn of_each_key_the_latest_arrives_and_in_the_order_they_were_sent() {
    let kit = kit();
    let mut slow = member(&kit).await;
    stuck(&kit, &mut slow).await;
    for value in 1..=500 {
        for channel in ["left", "right"] {
            assert_eq!(kit.switchboard().push(level(channel, value, 10)).to_topic(&feed::rooms(&1)), 1);
        }
    }
    kit.switchboard().push(level("left", 501, 10)).to_topic(&feed::rooms(&1));
    assert_eq!(kit.switchboard().metrics().outbox.frames, 2);
    slow.resume_reading();
    let expected = [said("feed/headline", [0]), said("feed/level", [500, 501])].concat();
    assert_eq!(heard(&mut slow).await, expected);
    let level = event(&kit, "feed/level");
    assert_eq!((level.meant, level.taken, level.coalesced), (1_001, 2, 999));
}

#[tokio::test]
async fn the_key_may_stand_in_a_type_that_is_declared_elsewhere() {
    let kit = kit();
    let mut slow = member(&kit).await;
    stuck(&kit, &mut slow).await;
    for value in 1..=50 {
        kit.switchboard().push(gauge(value)).to_all();
    }
    slow.resume_reading();
    assert_eq!(heard(&mut slow).await[1..], said("feed/gauge", [48, 49, 50]));
}

#[tokio::test]
async fn without_a_key_there_is_one_for_each_topic() {
    let kit = kit();
    let mut slow = member(&kit).await;
    slow.ask("feed/enter", json!({"room": 2})).await.payload();
    stuck(&kit, &mut slow).await;
    for value in 1..=50 {
        for room in [1, 2] {
            let headline = Headline { room, value: value * 10 + room, pad: pad(10) };
            kit.switchboard().push(headline).to_topic(&feed::rooms(&room));
        }
    }
    slow.resume_reading();
    assert_eq!(heard(&mut slow).await, said("feed/headline", [0, 501, 502]));
}

#[tokio::test]
async fn who_reads_misses_nothing_of_what_others_lose() {
    let kit = kit();
    let (mut slow, mut quick) = (member(&kit).await, member(&kit).await);
    slow.pause_reading();
    let mut all = Vec::new();
    for value in 0..300 {
        kit.switchboard().push(level("left", value, 200)).to_topic(&feed::rooms(&1));
        kit.switchboard().push(sample(value, 200)).to_topic(&feed::rooms(&1));
        all.extend([("feed/level".to_owned(), u64::from(value)), ("0x20".to_owned(), u64::from(value))]);
        kit.settle().await;
    }
    assert_eq!(heard(&mut quick).await, all);
    let waiting = kit.switchboard().metrics().outbox;
    assert!(waiting.bytes <= 20_000 && waiting.full == 1, "{waiting:?}");
    assert!(event(&kit, "feed/level").coalesced > 200);
}

#[tokio::test]
async fn the_oldest_give_way_and_what_is_left_is_whole() {
    let kit = kit();
    let mut slow = member(&kit).await;
    stuck(&kit, &mut slow).await;
    for value in 1..=1_000 {
        assert_eq!(kit.switchboard().push(sample(value, 50)).to_topic(&feed::rooms(&1)), 1);
    }
    slow.resume_reading();
    let heard = heard(&mut slow).await;
    let sample = event(&kit, "feed/sample");
    assert_eq!(sample.taken, 100, "as many as Limits::outbox_frames");
    assert_eq!(heard[1..], said("0x20", 901..=1_000));
    assert_eq!((sample.meant, sample.dropped), (1_000, 900));
}

#[tokio::test]
async fn an_event_without_an_older_one_to_give_way_is_dropped_alone() {
    let kit = kit();
    let mut slow = member(&kit).await;
    stuck(&kit, &mut slow).await;
    let full = async {
        for value in 0.. {
            if kit.switchboard().push(page(value, 1_000)).waiting().to_topic(&feed::rooms(&1)).now_or_never().is_none()
            {
                return value;
            }
        }
        unreachable!()
    };
    let pages = full.await;
    assert_eq!(kit.switchboard().push(sample(1, 1_500)).to_topic(&feed::rooms(&1)), 0);
    slow.resume_reading();
    let expected = [said("feed/headline", [0]), said("feed/page", 0..pages.into())].concat();
    assert_eq!(heard(&mut slow).await, expected);
    assert_eq!(event(&kit, "feed/sample").dropped, 1);
    assert_eq!(event(&kit, "feed/page").dropped, 1, "the one that was given up");
}

#[tokio::test]
async fn who_cannot_keep_up_with_what_must_not_be_lost_is_closed() {
    let kit = kit();
    let (mut slow, mut quick) = (member(&kit).await, member(&kit).await);
    stuck(&kit, &mut slow).await;
    let mut values = 0;
    while kit.switchboard().push(alarm(values, 1_000)).to_topic(&feed::rooms(&1)) == 2 {
        values += 1;
        kit.settle().await;
    }
    slow.resume_reading();
    slow.expect_close(close::SLOW_CONSUMER).await;
    assert_eq!(heard(&mut quick).await.len() as u32, values + 2);
    let alarm = event(&kit, "feed/alarm");
    assert_eq!((alarm.refused, alarm.closed), (1, 1));
}

#[tokio::test]
async fn a_push_that_waits_goes_on_when_the_slowest_has_room() {
    let kit = kit();
    let (mut slow, mut quick) = (member(&kit).await, member(&kit).await);
    stuck(&kit, &mut slow).await;
    let switchboard = kit.switchboard().clone();
    let turning = tokio::spawn(async move {
        for value in 0..100 {
            assert_eq!(switchboard.push(page(value, 1_000)).waiting().to_topic(&feed::rooms(&1)).await, 2);
        }
    });
    kit.settle().await;
    let first = heard(&mut quick).await.len();
    assert!((10..30).contains(&first), "{first} pages until the slow one is full");
    assert!(kit.switchboard().metrics().outbox.bytes <= 20_000);
    // Others are not waited for by anybody else.
    assert_eq!(kit.switchboard().push(level("left", 7, 1_000)).to_topic(&feed::rooms(&1)), 1);
    assert_eq!(heard(&mut quick).await, said("feed/level", [7]));
    slow.resume_reading();
    turning.await.unwrap();
    let pages =
        |heard: Vec<(String, u64)>| heard.into_iter().filter(|(name, _)| name == "feed/page").collect::<Vec<_>>();
    assert_eq!(pages(heard(&mut slow).await), said("feed/page", 0..100));
    assert_eq!(event(&kit, "feed/page").taken, 200);
}

#[tokio::test]
async fn nobody_waits_for_an_event_longer_than_for_its_own_room() {
    let kit = kit();
    let (mut stuck_one, mut slow) = (member(&kit).await, member(&kit).await);
    stuck_one.pause_reading();
    slow.pause_reading();
    kit.switchboard().push(headline(0, 5_000)).to_topic(&feed::rooms(&1));
    kit.settle().await;
    fill(&kit);
    let switchboard = kit.switchboard().clone();
    let turning =
        tokio::spawn(async move { switchboard.push(page(7, 1_000)).waiting().to_topic(&feed::rooms(&1)).await });
    kit.settle().await;
    slow.resume_reading();
    assert_eq!(heard(&mut slow).await.last(), Some(&("feed/page".to_owned(), 7)));
    assert!(!turning.is_finished());
    stuck_one.reset();
    assert_eq!(turning.await.unwrap(), 1);
    let page = event(&kit, "feed/page");
    assert_eq!(page.refused, 1);
}

#[tokio::test]
async fn a_push_that_does_not_wait_closes_who_has_no_room() {
    let kit = kit();
    let mut slow = member(&kit).await;
    stuck(&kit, &mut slow).await;
    while kit.switchboard().push(page(0, 1_000)).to_topic(&feed::rooms(&1)) == 1 {}
    slow.resume_reading();
    slow.expect_close(close::SLOW_CONSUMER).await;
    assert_eq!(event(&kit, "feed/page").closed, 1);
}

/// Fills the outbox with pages up to its bound.
fn fill(kit: &Kit<Routes>) {
    while kit.switchboard().push(page(0, 1_000)).waiting().to_topic(&feed::rooms(&1)).now_or_never().is_some() {}
}

#[tokio::test]
async fn a_handler_that_waits_slows_nobody_but_its_sender() {
    let kit = kit();
    let (mut slow, mut sender, mut other) = (member(&kit).await, member(&kit).await, member(&kit).await);
    stuck(&kit, &mut slow).await;
    fill(&kit);
    sender.received().await;
    other.received().await;
    let turn = json!({"room": 1, "to": [], "value": 77, "pad": "x".repeat(1_000)});
    let id = sender.send_with_id("feed/turn", turn).await;
    assert_eq!(heard(&mut sender).await, said("feed/page", [77]), "and no answer yet");
    let tell = json!({"room": 1, "what": ["level"], "value": 5, "pad": ""});
    other.ask("feed/tell", tell).await.payload();
    assert_eq!(heard(&mut other).await, [said("feed/page", [77]), said("feed/level", [5])].concat());
    slow.resume_reading();
    assert_eq!(sender.answer(id).await.payload()["value"], 77);
    assert_eq!(heard(&mut slow).await.last(), Some(&("feed/page".to_owned(), 77)));
    assert_eq!(kit.switchboard().metrics().message("feed/turn").unwrap().ok, 1);
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_is_waited_for_no_longer_than_a_write_may_take() {
    let kit = kit();
    let (mut slow, mut sender) = (member(&kit).await, member(&kit).await);
    stuck(&kit, &mut slow).await;
    fill(&kit);
    let turn = json!({"room": 1, "to": [], "value": 77, "pad": "x".repeat(1_000)});
    let id = sender.send_with_id("feed/turn", turn).await;
    kit.advance(Limits::default().write).await;
    sender.answer(id).await.payload();
    let page = event(&kit, "feed/page");
    assert_eq!(page.refused, 1);
    assert!(kit.switchboard().metrics().outbox.lost_bytes > 10_000);
}

#[tokio::test]
async fn a_receiver_that_takes_a_little_at_a_time_is_waited_for_until_the_deadline() {
    let kit = kit();
    let mut slow = kit.connect_slow(SlowReader::bytes_per_second(20)).buffer(100).await;
    slow.send("feed/enter", json!({"room": 1})).await;
    let mut sender = member(&kit).await;
    kit.settle().await;
    kit.switchboard().push(headline(0, 5_000)).to_topic(&feed::rooms(&1));
    kit.settle().await;
    fill(&kit);
    let given_up = event(&kit, "feed/page").dropped;
    let turn = json!({"room": 1, "to": [], "value": 77, "pad": "x".repeat(5_000)});
    let id = sender.send_with_id("feed/turn", turn).await;
    kit.advance(Duration::from_secs(10)).await;
    let refusal = sender.answer(id).await;
    assert_eq!(refusal.refused("timeout")["after_ms"], 10_000);
    assert_eq!(event(&kit, "feed/page").dropped, given_up + 1);
    let metrics = kit.switchboard().metrics();
    let turn = metrics.message("feed/turn").unwrap();
    assert_eq!((turn.refused_with(Code::Timeout), turn.by(Policy::Deadline), turn.in_progress), (1, 1, 0));
}

#[tokio::test]
async fn somebody_is_written_to_at_the_pace_of_each_connection() {
    let kit = kit();
    let (mut slow, mut sender) = (member(&kit).await, member(&kit).await);
    slow.ask("feed/sign_in", json!({"as": "ann"})).await.payload();
    stuck(&kit, &mut slow).await;
    fill(&kit);
    sender.received().await;
    let turn = json!({"room": 2, "to": ["ann", "bob"], "value": 9, "pad": "x".repeat(1_000)});
    let id = sender.send_with_id("feed/turn", turn).await;
    sender.expect_nothing().await;
    slow.resume_reading();
    sender.answer(id).await.payload();
    assert_eq!(heard(&mut slow).await.last(), Some(&("feed/letter".to_owned(), 9)));
}

#[tokio::test]
async fn messages_are_counted_by_what_became_of_them() {
    let kit = kit();
    let mut client = member(&kit).await;
    client.ask("feed/tell", json!({"room": 1, "what": [], "value": 1, "pad": ""})).await.payload();
    client.ask("feed/tell", json!({"room": 1})).await.refused("invalid_payload");
    client.ask("feed/tells", json!({})).await.refused("unknown_message");
    client.send_text("no envelope").await;
    client.expect_refusal("malformed").await;
    let metrics = kit.switchboard().metrics();
    let tell = metrics.message("feed/tell").unwrap();
    assert_eq!((tell.received, tell.ok, tell.in_progress), (2, 1, 0));
    assert_eq!(tell.refused, [(Code::InvalidPayload, 1)]);
    assert_eq!(metrics.stray, [(Code::Malformed, 1), (Code::UnknownMessage, 1)]);
    assert_eq!((metrics.connections, metrics.connections_total), (1, 1));
    drop(client);
    kit.settle().await;
    assert_eq!(kit.switchboard().metrics().connections, 0);
}

#[tokio::test]
async fn metrics_are_served_where_the_application_says() {
    let kit = testkit::start(serve(Arc::new(App)).metrics("/metrics"));
    let mut client = kit.connect().await;
    client.ask("feed/enter", json!({"room": 1})).await.payload();
    kit.switchboard().push(level("left", 1, 10)).to_topic(&feed::rooms(&1));
    let page = kit.exchange(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("content-type: text/plain; version=0.0.4"), "{page}");
    for line in [
        "# TYPE switchboard_connections gauge",
        "switchboard_connections 1",
        "switchboard_messages_received_total{message=\"feed/enter\"} 1",
        "switchboard_messages_ok_total{message=\"feed/enter\"} 1",
        "switchboard_events_taken{event=\"feed/level\"} 1",
        "switchboard_events_dropped_total{event=\"feed/sample\"} 0",
    ] {
        assert!(page.contains(&format!("{line}\n")), "{line} is missing in {page}");
    }
    let elsewhere = testkit::start(serve(Arc::new(App)));
    let page = elsewhere.exchange(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 404"), "{page}");
}

/// A server over loopback, and room 1 with so many members that do not read yet.
async fn served<F: Future<Output = ()>>(
    limits: Limits,
    members: usize,
    test: impl FnOnce(Switchboard<Routes>, Vec<Socket>) -> F,
) {
    let server = serve(Arc::new(App)).threads(2).limits(Limits { message_rate: None, ..limits });
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let (address, switchboard) = (bound.local_addr(), bound.switchboard());
    let (done, finished) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(bound.run_until(async { drop(finished.await) }));
    let mut sockets = Vec::new();
    for _ in 0..members {
        let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/ws")).await.unwrap();
        let enter = json!({"name": "feed/enter", "id": 1, "payload": {"room": 1}}).to_string();
        socket.send(Message::text(enter)).await.unwrap();
        assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))));
        sockets.push(socket);
    }
    timeout(Duration::from_secs(60), test(switchboard, sockets)).await.expect("in time");
    drop(done);
    server.await.unwrap().unwrap();
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The name and value of the next event.
async fn next(socket: &mut Socket) -> (String, u32) {
    match socket.next().await.expect("the connection has ended").unwrap() {
        Message::Text(text) => {
            let event: Value = serde_json::from_str(&text).unwrap();
            (event["name"].as_str().unwrap().to_owned(), event["payload"]["value"].as_u64().unwrap() as u32)
        }
        Message::Binary(bytes) => ("feed/sample".to_owned(), u32::from_le_bytes(bytes[5..9].try_into().unwrap())),
        _ => ("other".to_owned(), 0),
    }
}

#[tokio::test]
async fn one_that_never_reads_costs_its_bounded_outbox_and_nothing_else() {
    const BOUND: usize = 256 * 1_024;
    let limits = Limits { outbox_bytes: BOUND, write: Duration::from_secs(60), ..Limits::default() };
    served(limits, 4, |switchboard, mut sockets| async move {
        let stuck = sockets.pop().unwrap();
        let mut value = 0;
        // The sockets' buffers take a few megabytes, each with another number of samples in them.
        while switchboard.metrics().event("feed/sample").unwrap().dropped < 200 {
            value += 1;
            assert!(value < 20_000, "it was never too much");
            switchboard.push(sample(value, 16_384)).to_topic(&feed::rooms(&1));
            for socket in &mut sockets {
                assert_eq!(next(socket).await, ("feed/sample".to_owned(), value));
            }
            let outbox = switchboard.metrics().outbox;
            assert!(outbox.bytes <= BOUND as u64, "{outbox:?}");
        }
        let metrics = switchboard.metrics();
        is_balanced(&metrics);
        assert_eq!((metrics.connections, metrics.outbox.full), (4, 1));
        drop(stuck);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_tasks_publish_to_outboxes_that_are_full_and_nothing_is_lost_uncounted() {
    const TASKS: u32 = 8;
    const EACH: u32 = 400;
    const MEMBERS: usize = 3;
    let limits = Limits { outbox_bytes: 128 * 1_024, write: Duration::from_secs(60), ..Limits::default() };
    served(limits, MEMBERS, |switchboard, sockets| async move {
        let tasks = (0..TASKS).map(|task| {
            let switchboard = switchboard.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let (value, room) = (task * 10_000 + number, feed::rooms(&1));
                    switchboard.push(level(&task.to_string(), value, 3_000)).to_topic(&room);
                    switchboard.push(sample(value, 3_000)).to_topic(&room);
                    switchboard.push(page(value, 3_000)).waiting().to_topic(&room).await;
                }
            })
        });
        let tasks = tasks.collect::<Vec<_>>();
        // Whoever is to be slow begins to read when everybody is stuck.
        while switchboard.metrics().outbox.full < MEMBERS as u64 {
            tokio::task::yield_now().await;
        }
        let readers = sockets.into_iter().map(|mut socket| {
            tokio::spawn(async move {
                let (mut last, mut counts) = (HashMap::new(), HashMap::<String, u64>::new());
                loop {
                    let (name, value) = next(&mut socket).await;
                    if name == "feed/alarm" {
                        return counts;
                    }
                    let before = last.insert((name.clone(), value / 10_000), value);
                    assert!(before.is_none_or(|before| before < value), "{name} {value} behind {before:?}");
                    *counts.entry(name).or_default() += 1;
                }
            })
        });
        let readers = readers.collect::<Vec<_>>();
        for task in tasks {
            task.await.unwrap();
        }
        while switchboard.metrics().outbox.bytes > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(switchboard.push(alarm(0, 0)).to_topic(&feed::rooms(&1)), MEMBERS);
        let mut arrived = HashMap::<String, u64>::new();
        for reader in readers {
            for (name, count) in reader.await.unwrap() {
                *arrived.entry(name).or_default() += count;
            }
        }
        let metrics = switchboard.metrics();
        is_balanced(&metrics);
        for name in ["feed/level", "feed/sample", "feed/page"] {
            let event = metrics.event(name).unwrap();
            assert_eq!(event.meant, u64::from(TASKS * EACH) * MEMBERS as u64, "{event:?}");
            assert_eq!(arrived.get(name), Some(&event.taken), "{event:?}");
        }
        let page = metrics.event("feed/page").unwrap();
        assert_eq!((page.taken, page.closed), (page.meant, 0));
        assert!(
            metrics.event("feed/level").unwrap().coalesced > 0 && metrics.event("feed/sample").unwrap().dropped > 0
        );
    })
    .await;
}
