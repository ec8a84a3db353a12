//! A protocol from one end to the other: the generated client against the generated server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use client_tests::lounge::account::{Note, SignIn, SignInError};
use client_tests::lounge::room::{Join, Mood, RoomError, Say, Wave};
use client_tests::lounge::sound::{Play, Upload};
use client_tests::lounge::work::{Busy, ConfirmReply, Count, Pay, Settle};
use client_tests::lounge::{Lounge, Role, Room, Text};
use parking_lot::Mutex;
use switchboard_client::{Address, Error, Events, NoFlow, Notice, Offline, Options, Outcome, Presence, Resumed, State};
use tokio::sync::mpsc;

use crate::server::{nobody, start};

fn connect(address: SocketAddr) -> Lounge {
    Lounge::connect(format!("ws://{address}/ws"), Options::new())
}

/// Signs in as this user on each connection.
fn connect_as(address: SocketAddr, user: u32) -> Lounge {
    let options = Options::new()
        .sign_in(move |lounge: Lounge| async move { lounge.account().sign_in(&sign_in(user)).await.map(|_| ()) });
    Lounge::connect(format!("ws://{address}/ws"), options)
}

fn sign_in(user: u32) -> SignIn {
    SignIn { token: user.to_string() }
}

fn room(name: &str) -> Room {
    Room::new(name).unwrap()
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

async fn until(notices: &mut Events<Notice>, wanted: impl Fn(&Notice) -> bool) -> Notice {
    let found = async {
        loop {
            let notice = notices.next().await.expect("the client has not closed");
            if wanted(&notice) {
                return notice;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("it comes in time")
}

async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), event).await.expect("it comes in time")
}

#[tokio::test]
async fn an_answer_a_declared_error_and_a_refusal_are_three_things() {
    let (address, _) = start().await;
    let lounge = connect(address);
    let refused = lounge.room().join(&Join { room: room("hall"), mood: Mood::Calm }).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(refusal) if refusal.code() == "not_now"), "{refused}");
    let declared = lounge.account().sign_in(&SignIn { token: "x".to_owned() }).await.unwrap_err();
    assert_eq!(declared, Error::Declared(SignInError::UnknownToken { token: "x".to_owned() }));
    let account = lounge.account().sign_in(&sign_in(7)).await.unwrap();
    assert_eq!((account.user, account.r#as), (7, Role::Host));
    let full = lounge.room().join(&Join { room: room("full"), mood: Mood::Calm }).await.unwrap_err();
    assert_eq!(full, Error::Declared(RoomError::Full { limit: 3 }));
}

#[tokio::test]
async fn what_breaks_a_limit_is_not_sent() {
    let (address, _) = start().await;
    let lounge = connect(address);
    let Error::InvalidPayload(invalid) = lounge.account().sign_in(&SignIn { token: "x".repeat(21) }).await.unwrap_err()
    else {
        panic!("it was sent")
    };
    let violation = &invalid.violations()[0];
    assert_eq!((violation.at.as_str(), violation.rule, violation.got.as_str()), ("/token", "len", "21"));
    assert!(Text::new("").is_err() && Text::new("ü".repeat(101)).is_err());
}

#[tokio::test]
async fn events_relays_and_presence_reach_the_members_of_a_topic() {
    let (address, _) = start().await;
    let (ann, bob) = (connect_as(address, 1), connect_as(address, 2));
    let hall = ann.room().lines(&room("hall")).join(Mood::Loud).await.unwrap();
    assert_eq!(hall.reply.room, room("hall"));
    let (mut said, mut waved) = (ann.room().said(), ann.room().wave_event());
    let mut who = ann.room().lines_presence();
    let theirs = bob.room().lines(&room("hall")).join(Mood::Calm).await.unwrap();
    let Some(Presence::Joined { topic, member }) = soon(who.next()).await else { panic!("somebody has joined") };
    assert_eq!((topic.as_str(), member.who, member.state), ("room/lines/hall", 2, Some(Mood::Calm)));
    assert_eq!(topic, theirs.name());
    bob.room().say(&Say { room: room("hall"), text: text("hi"), mood: Mood::Loud }).await.unwrap();
    bob.room().wave(&Wave { room: room("hall"), both_hands: true }).await.unwrap();
    let event = soon(said.next()).await.unwrap();
    assert_eq!((event.by, event.text.as_str(), event.mood), (2, "hi", Mood::Loud));
    assert!(soon(waved.next()).await.unwrap().both_hands);
    let mut there: Vec<u32> = hall.members().list().iter().map(|member| member.who).collect();
    there.sort_unstable();
    assert_eq!(there, [1, 2]);
    theirs.leave().await.unwrap();
    assert!(matches!(soon(who.next()).await, Some(Presence::Left { who: 2, .. })));
    assert_eq!(hall.members().list().len(), 1);
}

#[tokio::test]
async fn after_a_loss_topics_and_mailbox_are_heard_on_from_where_they_were() {
    let (address, switchboard) = start().await;
    let (ann, bob) = (connect_as(address, 1), connect_as(address, 2));
    let mut notices = ann.notices();
    let hall = ann.room().lines(&room("hall")).join(Mood::Loud).await.unwrap();
    let (mut said, mut noted) = (ann.room().said(), ann.account().noted());
    bob.room().lines(&room("hall")).join(Mood::Calm).await.unwrap();
    let say = |words: &str| Say { room: room("hall"), text: text(words), mood: Mood::Calm };
    bob.room().say(&say("one")).await.unwrap();
    assert_eq!(soon(said.next()).await.unwrap().text.as_str(), "one");
    bob.account().note(&Note { to: 1, text: text("first") }).await.unwrap();
    assert_eq!(soon(noted.next()).await.unwrap().text.as_str(), "first");

    assert_eq!(switchboard.close_all(&1, 1001, "retry_after_ms=300"), 1);
    until(&mut notices, |notice| matches!(notice, Notice::State(State::Waiting { code: 1001, .. }))).await;
    bob.room().say(&say("two")).await.unwrap();
    bob.account().note(&Note { to: 1, text: text("second") }).await.unwrap();
    let mailbox = until(&mut notices, |notice| matches!(notice, Notice::Resumed(Resumed::Mailbox { .. }))).await;
    assert_eq!(mailbox, Notice::Resumed(Resumed::Mailbox { outcome: Outcome::Recovered, lost: None }));
    let Notice::Resumed(Resumed::Message { message, topics, reply, .. }) =
        until(&mut notices, |notice| matches!(notice, Notice::Resumed(_))).await
    else {
        panic!("the topic was joined again")
    };
    assert_eq!(message, "room/join");
    assert_eq!(topics, [("room/lines/hall".to_owned(), Some(Outcome::Recovered))]);
    assert!(reply.is_ok());
    assert_eq!(soon(said.next()).await.unwrap().text.as_str(), "two");
    assert_eq!(soon(noted.next()).await.unwrap().text.as_str(), "second");
    bob.room().say(&say("three")).await.unwrap();
    assert_eq!(soon(said.next()).await.unwrap().text.as_str(), "three");
    assert_eq!((said.lost(), noted.lost()), (0, 0));
    let mut there: Vec<u32> = hall.members().list().iter().map(|member| member.who).collect();
    there.sort_unstable();
    assert_eq!(there, [1, 2]);
}

#[tokio::test]
async fn items_come_in_order_and_an_end() {
    let (address, _) = start().await;
    let lounge = connect(address);
    let mut items = lounge.work().count(&Count { to: 500 });
    let mut numbers = Vec::new();
    while let Some(item) = soon(items.next()).await {
        numbers.push(item.unwrap());
    }
    assert_eq!(numbers, (1..=500).collect::<Vec<_>>());
}

#[tokio::test]
async fn dropping_a_future_takes_the_message_back() {
    let (address, _) = start().await;
    let lounge = connect(address);
    let work = lounge.work();
    {
        let wait = work.wait();
        tokio::pin!(wait);
        loop {
            tokio::select! {
                _ = &mut wait => panic!("nobody answers it"),
                running = work.waiting() => if running.unwrap() == 1 { break },
            }
        }
    }
    soon(async { while work.waiting().await.unwrap() > 0 {} }).await;
    let timeout = work.within(Duration::from_millis(50)).wait().await.unwrap_err();
    assert_eq!(timeout, Error::Timeout(Duration::from_millis(50)));
    soon(async { while work.waiting().await.unwrap() > 0 {} }).await;
}

#[tokio::test]
async fn an_ask_is_answered_by_the_latest_who_does_or_not_at_all() {
    let (address, _) = start().await;
    let lounge = connect(address);
    let settle = Settle { what: text("it") };
    let first = lounge.work().on_confirm(|ask| async move { Ok(ConfirmReply { sure: ask.what.as_str() == "it" }) });
    assert_eq!(soon(lounge.work().settle(&settle)).await.unwrap(), "settled");
    let second = lounge.work().on_confirm(|_| async { Err(Busy::Busy) });
    assert_eq!(soon(lounge.work().settle(&settle)).await.unwrap(), "busy");
    drop(second);
    assert_eq!(soon(lounge.work().settle(&settle)).await.unwrap(), "settled");
    drop(first);
    let unanswered = lounge.work().within(Duration::from_millis(100)).settle(&settle).await;
    assert_eq!(unanswered, Err(Error::Timeout(Duration::from_millis(100))));
}

#[tokio::test]
async fn binary_payloads_go_both_ways() {
    let (address, _) = start().await;
    let lounge = connect(address);
    let mut played = lounge.sound().played();
    lounge.sound().upload(&Upload { seq: 1, data: vec![1, 2, 255].into() }).await.unwrap();
    lounge.sound().play(&Play { seq: 9 }).await.unwrap();
    let event = soon(played.next()).await.unwrap();
    assert_eq!((event.seq, &event.data[..]), (9, &[1, 2, 255][..]));
    let empty = lounge.sound().upload(&Upload { seq: 1, data: Vec::new().into() }).await;
    assert!(matches!(empty, Err(Error::InvalidPayload(_))), "{empty:?}");
}

#[tokio::test]
async fn callbacks_are_called_until_their_guards_are_gone_and_may_panic() {
    let (address, _) = start().await;
    let lounge = connect(address);
    lounge.account().sign_in(&sign_in(3)).await.unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    lounge.account().on_noted(|_| panic!("on purpose")).forever();
    let guard = lounge.account().on_noted(move |noted| kept.lock().push(noted.text.to_string()));
    let mut noted = lounge.account().noted();
    lounge.account().note(&Note { to: 3, text: text("a") }).await.unwrap();
    soon(noted.next()).await.unwrap();
    drop(guard);
    lounge.account().note(&Note { to: 3, text: text("b") }).await.unwrap();
    soon(noted.next()).await.unwrap();
    assert_eq!(*heard.lock(), ["a"]);
}

#[tokio::test]
async fn messages_wait_for_the_first_connection_or_fail_at_once() {
    let address = nobody().await;
    let waiting = connect(address);
    let timeout = waiting.account().within(Duration::from_millis(50)).sign_in(&sign_in(1)).await;
    assert_eq!(timeout, Err(Error::Timeout(Duration::from_millis(50))));
    let refusing = Lounge::connect(format!("ws://{address}/ws"), Options::new().offline(Offline::Refuse));
    assert_eq!(refusing.account().sign_in(&sign_in(1)).await, Err(Error::Offline));
}

#[tokio::test]
async fn the_address_is_asked_for_anew_on_each_connection() {
    let (address, switchboard) = start().await;
    let (sender, mut asked) = mpsc::unbounded_channel();
    let to = Address::asked(move || {
        sender.send(()).unwrap();
        async move { format!("ws://{address}/ws") }
    });
    let lounge = Lounge::connect(to, Options::new());
    lounge.account().sign_in(&sign_in(5)).await.unwrap();
    asked.recv().await.unwrap();
    assert!(asked.try_recv().is_err());
    switchboard.close_all(&5, 1001, "");
    soon(asked.recv()).await.unwrap();
    assert_eq!(soon(lounge.work().waiting()).await, Ok(0));
}

#[tokio::test]
async fn a_sign_in_that_fails_is_the_end() {
    let (address, _) = start().await;
    let options = Options::new().sign_in(|lounge: Lounge| async move {
        lounge.account().sign_in(&SignIn { token: "no".to_owned() }).await.map(|_| ())
    });
    let lounge = Lounge::connect(format!("ws://{address}/ws"), options);
    let mut notices = lounge.notices();
    assert_eq!(soon(lounge.work().waiting()).await, Err(Error::Offline));
    let closed = Notice::State(State::Closed { code: 1000, reason: "the sign-in failed".to_owned() });
    until(&mut notices, |notice| *notice == closed).await;
    assert_eq!(notices.next().await, None);
}

#[tokio::test]
async fn who_closes_hears_of_it_and_who_drops_is_gone_from_the_server() {
    let (address, switchboard) = start().await;
    let (closing, dropped) = (connect_as(address, 1), connect_as(address, 2));
    for lounge in [&closing, &dropped] {
        soon(lounge.work().waiting()).await.unwrap();
    }
    assert!(switchboard.is_online(&1) && switchboard.is_online(&2));
    let mut noted = closing.account().noted();
    closing.close();
    drop(dropped);
    assert_eq!(soon(noted.next()).await, None);
    assert_eq!(closing.work().waiting().await, Err(Error::Offline));
    soon(async {
        while switchboard.is_online(&1) || switchboard.is_online(&2) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_may_be_sent_twice_is_done_once() {
    let (address, _) = start().await;
    let lounge = connect_as(address, 1);
    let pay = Pay { key: "5f2f6c1e-6c0b-4d3a-9b1e-3f7d0c9a1b2c".parse().unwrap(), cents: 5 };
    let first = lounge.work().pay(&pay).await.unwrap();
    assert_eq!(lounge.work().pay(&pay).await.unwrap(), first);
}

#[tokio::test]
async fn a_flow_goes_from_state_to_state_and_stays_on_errors() {
    let (address, _) = start().await;
    let lounge = connect(address);
    soon(lounge.ready()).await.unwrap();
    let session = lounge.session().unwrap();
    assert_eq!(lounge.session().unwrap_err(), NoFlow::Begun);
    let stayed = session.account_sign_in(&SignIn { token: "x".to_owned() }).await.unwrap_err();
    assert!(matches!(stayed.error, Error::Declared(SignInError::UnknownToken { .. })));
    let (account, session) = stayed.flow.account_sign_in(&sign_in(2)).await.unwrap();
    assert_eq!(account.user, 2);
    session.room_join(&Join { room: room("hall"), mood: Mood::Calm }).await.unwrap();
    let closed = session.room_close(&client_tests::lounge::room::Close { room: room("hall") }).await.unwrap_err();
    assert!(matches!(&closed, Error::Refused(refusal) if refusal.code() == "not_allowed"), "{closed}");
    let ((), session) = session.account_sign_out().await.unwrap();
    let (_, session) = session.account_sign_in(&sign_in(3)).await.unwrap();
    let mut notices = lounge.notices();
    session.account_leave_for_good().await.unwrap();
    until(&mut notices, |notice| matches!(notice, Notice::State(State::Closed { code: 1000, .. }))).await;
    assert_eq!(lounge.ready().await.unwrap_err().code, 1000);
}

#[tokio::test]
async fn a_flow_ends_with_its_connection_and_begins_anew_while_signing_in() {
    let (address, switchboard) = start().await;
    let (sender, mut sessions) = mpsc::unbounded_channel();
    let options = Options::new().sign_in(move |lounge: Lounge| {
        let sender = sender.clone();
        async move {
            let session = lounge.session().map_err(|error| error.to_string())?;
            let (_, session) = session.account_sign_in(&sign_in(4)).await.map_err(|stayed| stayed.to_string())?;
            sender.send(session).map_err(|error| error.to_string())
        }
    });
    let lounge = Lounge::connect(format!("ws://{address}/ws"), options);
    let first = soon(sessions.recv()).await.unwrap();
    first.room_join(&Join { room: room("hall"), mood: Mood::Calm }).await.unwrap();
    switchboard.close_all(&4, 1001, "");
    let second = soon(sessions.recv()).await.unwrap();
    let join = Join { room: room("hall"), mood: Mood::Calm };
    assert_eq!(first.room_join(&join).await, Err(Error::ConnectionLost));
    assert!(second.room_join(&join).await.is_ok());
    assert_eq!(lounge.session().unwrap_err(), NoFlow::Begun);
}

#[tokio::test]
async fn a_flow_that_another_message_has_moved_is_not_given_out() {
    let (address, _) = start().await;
    let lounge = connect(address);
    assert_eq!(lounge.session().map(|_| ()), Err(NoFlow::Offline));
    lounge.account().sign_in(&sign_in(1)).await.unwrap();
    assert_eq!(lounge.session().unwrap_err(), NoFlow::Begun);
}

#[tokio::test]
async fn a_flow_that_a_message_could_not_move_is_given_out() {
    let (address, _) = start().await;
    let lounge = connect(address);
    lounge.account().sign_in(&SignIn { token: "x".to_owned() }).await.unwrap_err();
    assert!(lounge.session().is_ok());
}
