//! Topics, served over loopback: who may join, who is here, and that generated code joins as the runtime promises.

use std::sync::Arc;
use std::time::Duration;

use codegen_tests::topics::chat::{self, Enter, Feel, Mood, Peek, Ride, Said, Trouble, Walk, Weather};
use codegen_tests::topics::{Cx, Routes, routes, serve};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use switchboard::{Error, NoState, Present, Switchboard};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

struct App;

impl routes::Handlers for App {
    async fn descend(&self, _: &Cx, _: &routes::Descend) -> Result<(), Error> {
        Ok(())
    }

    async fn sign_in(&self, cx: &Cx, message: &routes::SignIn) -> Result<(), Error> {
        cx.identify(message.user, []);
        Ok(())
    }

    async fn authorize_cellar(&self, cx: &Cx) -> Result<bool, Error> {
        Ok(cx.identity() == Some(2))
    }
}

impl chat::Handlers for App {
    async fn let_in(&self, cx: &Cx, message: &Enter) -> Result<Said, Trouble> {
        if let Some(mood) = &message.mood {
            cx.set_presence(&chat::rooms_on(&message.room, &message.floor), mood.clone()).map_err(Error::from)?;
        }
        Ok(Said { text: "hello".to_owned() })
    }

    async fn note(&self, _: &Cx, _: &Enter) -> Result<(), Trouble> {
        Ok(())
    }

    async fn count(&self, cx: &Cx, message: &Enter) -> Result<(), Trouble> {
        assert!(!cx.is_member(&chat::rooms_on(&message.room, &message.floor)), "before its answer");
        if message.full { Err(Trouble::Full) } else { Ok(()) }
    }

    async fn feel(&self, cx: &Cx, message: &Feel) -> Result<(), Error> {
        cx.set_presence(&chat::rooms_on(&message.room, &message.floor), message.mood.clone())?;
        Ok(())
    }

    async fn walk(&self, _: &Cx, _: &Walk) -> Result<(), Error> {
        Ok(())
    }

    async fn look(&self, _: &Cx, _: &Peek) -> Result<(), Error> {
        Ok(())
    }

    async fn slip_in(&self, _: &Cx, _: &Peek) -> Result<(), Error> {
        Ok(())
    }

    async fn tell(&self, _: &Cx, _: &Peek) -> Result<(), Error> {
        Ok(())
    }

    async fn ride(&self, cx: &Cx, message: &Ride) -> Result<(), Error> {
        cx.set_presence(&chat::lifts(&message.lift), message.level)?;
        Ok(())
    }

    async fn authorize_rooms_on(&self, _: &Cx, room: &str, floor: &u8) -> Result<bool, Error> {
        match room {
            "broken" => Err(Error::msg("nobody knows")),
            room => Ok(room != "locked" && *floor < 10),
        }
    }
}

/// A client, and all that the server has told it.
struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    /// Sends a message; what comes first.
    async fn ask(&mut self, name: &str, payload: Value) -> Value {
        let text = json!({"name": name, "id": 7, "payload": payload}).to_string();
        self.socket.send(Message::text(text)).await.unwrap();
        self.hear().await
    }

    async fn hear(&mut self) -> Value {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next()).await;
            let Message::Text(text) = next.expect("a frame in time").unwrap().unwrap() else { continue };
            return serde_json::from_str(&text).unwrap();
        }
    }

    async fn enter(&mut self, payload: Value) -> Value {
        self.ask("chat/enter", payload).await
    }
}

/// Two clients of one server, the users 1 and 2, and the server's own hand.
async fn served<F: Future<Output = ()>>(test: impl FnOnce(Client, Client, Switchboard<Routes>) -> F) {
    let bound = serve(Arc::new(App)).bind("127.0.0.1:0").await.unwrap();
    let (address, switchboard) = (bound.local_addr(), bound.switchboard());
    let connect = |user: u32| async move {
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/ws")).await.unwrap();
        let mut client = Client { socket };
        assert_eq!(client.ask("sign_in", json!({"user": user})).await, yes());
        client
    };
    let clients = async {
        let (first, second) = (connect(1).await, connect(2).await);
        test(first, second, switchboard).await;
    };
    let (done, finished) = tokio::sync::oneshot::channel::<()>();
    let server = bound.run_until(async { drop(finished.await) });
    let (served, ()) = tokio::join!(server, async {
        clients.await;
        drop(done);
    });
    served.unwrap();
}

fn yes() -> Value {
    json!({"re": 7, "payload": {}})
}

/// What members of the attic hear of who is there.
fn attic(kind: &str, payload: Value) -> Value {
    let mut all = json!({"topic": "chat/rooms/attic/on/3"});
    all.as_object_mut().unwrap().extend(payload.as_object().unwrap().clone());
    json!({"name": format!("chat/rooms/on#{kind}"), "payload": all})
}

#[tokio::test]
async fn who_is_let_in_hears_the_answer_then_who_is_here_then_events() {
    served(|mut first, mut second, switchboard| async move {
        let stormy = json!({"weather": "stormy", "share": 0.5});
        assert_eq!(first.enter(json!({"room": "attic", "floor": 3})).await, yes());
        assert_eq!(first.hear().await, attic("here", json!({"members": [{"who": 1}]})));
        assert_eq!(first.hear().await["name"], "chat/said");
        assert_eq!(second.enter(json!({"room": "attic", "floor": 3, "mood": {"weather": "stormy"}})).await, yes());
        let members = json!([{"who": 1}, {"who": 2, "state": stormy}]);
        assert_eq!(second.hear().await, attic("here", json!({"members": members})));
        assert_eq!(second.hear().await["name"], "chat/said");
        assert_eq!(first.hear().await["name"], "chat/said");
        assert_eq!(first.hear().await, attic("joined", json!({"who": 2, "state": stormy})));
        let present = switchboard.present(&chat::rooms_on("attic", &3));
        assert_eq!(present[1], Present { who: 2, state: Some(Mood { weather: Weather::Stormy, share: 0.5 }) });
    })
    .await;
}

#[tokio::test]
async fn who_says_another_thing_of_himself_is_heard_if_it_keeps_its_limits() {
    served(|mut first, _, switchboard| async move {
        first.enter(json!({"room": "attic", "floor": 3})).await;
        first.hear().await;
        first.hear().await;
        let calm = json!({"weather": "calm", "share": 1.0});
        let changed = first.ask("chat/feel", json!({"room": "attic", "floor": 3, "mood": calm})).await;
        assert_eq!(changed, attic("changed", json!({"who": 1, "state": calm})));
        assert_eq!(first.hear().await, yes());
        assert_eq!(switchboard.revoke(&chat::rooms_on("attic", &3), &1), 1);
        assert_eq!(switchboard.present(&chat::rooms_on("attic", &3)), []);
    })
    .await;
}

#[tokio::test]
async fn who_is_not_let_in_is_told_where_and_is_no_member() {
    served(|mut first, _, switchboard| async move {
        let refused = first.enter(json!({"room": "locked", "floor": 3})).await;
        let error = json!({"code": "not_allowed", "topic": "chat/rooms/locked/on/3"});
        assert_eq!(refused, json!({"re": 7, "error": error}));
        let refused = first.enter(json!({"room": "attic", "floor": 10})).await;
        assert_eq!(refused["error"]["topic"], "chat/rooms/attic/on/10");
        assert_eq!(first.enter(json!({"room": "broken", "floor": 3})).await["error"]["code"], "internal");
        assert_eq!(switchboard.members(&chat::rooms_on("locked", &3)), 0);
        assert_eq!(switchboard.members(&chat::rooms_on("broken", &3)), 0);
    })
    .await;
}

#[tokio::test]
async fn a_later_stage_that_fails_undoes_the_join() {
    served(|mut first, mut second, switchboard| async move {
        first.enter(json!({"room": "attic", "floor": 3})).await;
        first.hear().await;
        first.hear().await;
        let refused = second.enter(json!({"room": "attic", "floor": 3, "full": true})).await;
        assert_eq!(refused["error"]["kind"], "full");
        assert_eq!(first.hear().await["name"], "chat/said", "what its handler said went out");
        assert_eq!(switchboard.members(&chat::rooms_on("attic", &3)), 1);
    })
    .await;
}

#[tokio::test]
async fn what_stands_in_no_namespace_is_asked_about_too() {
    served(|mut first, mut second, _| async move {
        assert_eq!(first.ask("descend", json!({})).await["error"]["topic"], "cellar");
        assert_eq!(second.ask("descend", json!({})).await, yes());
    })
    .await;
}

#[tokio::test]
async fn a_message_may_leave_one_topic_and_join_another() {
    served(|mut first, mut second, switchboard| async move {
        for client in [&mut first, &mut second] {
            assert_eq!(client.ask("chat/walk", json!({"from": "", "to": "north"})).await, yes());
            assert_eq!(client.hear().await["name"], "chat/halls#here");
        }
        assert_eq!(first.hear().await["name"], "chat/halls#joined");
        assert_eq!(second.ask("chat/walk", json!({"from": "north", "to": "south"})).await, yes());
        let left = json!({"topic": "chat/halls/north", "who": 2});
        assert_eq!(first.hear().await, json!({"name": "chat/halls#left", "payload": left}));
        let present: Vec<Present<u32, NoState>> = switchboard.present(&chat::halls("south"));
        assert_eq!(present, [Present { who: 2, state: None }]);
    })
    .await;
}

#[tokio::test]
async fn what_a_handler_has_joined_is_undone_when_it_fails_and_the_chain_goes_on() {
    served(|mut first, _, switchboard| async move {
        assert_eq!(first.ask("chat/peek", json!({"room": "attic", "hall": "north"})).await, yes());
        let members = ["attic", "north"].map(|hall| switchboard.members(&chat::halls(hall)));
        assert_eq!((members, switchboard.members(&routes::cellar())), ([0, 1], 0));
    })
    .await;
}

#[tokio::test]
async fn a_state_is_written_as_its_type_is_anywhere() {
    served(|mut first, _, switchboard| async move {
        assert_eq!(first.ask("chat/ride", json!({"lift": 4, "level": "9007199254740993"})).await, yes());
        let members = json!([{"who": 1, "state": "9007199254740993"}]);
        assert_eq!(first.hear().await["payload"]["members"], members);
        assert_eq!(switchboard.present(&chat::lifts(&4))[0].state, Some(9_007_199_254_740_993));
    })
    .await;
}
