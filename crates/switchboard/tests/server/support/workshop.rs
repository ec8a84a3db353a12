//! A protocol of messages that run side by side, are taken back, stream, ask and come twice.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchboard::generated as rt;
use switchboard::generated::{Decode, Encode};
use switchboard::{AskError, Cx, Error, Items, Limits, Server, ServerError};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::client::Client;
use super::parlour::Words;
use super::within;

pub struct Workshop;

const NAMES: [&str; 13] = [
    "echo",
    "slow",
    "side",
    "keyed",
    "drop",
    "drop_side",
    "tail",
    "flood",
    "short_tail",
    "once",
    "once_side",
    "confirm",
    "panic_side",
];

const fn routes() -> [rt::Route; NAMES.len()] {
    let mut routes = [rt::Route::named(""); NAMES.len()];
    let mut index = 0;
    while index < NAMES.len() {
        routes[index] = rt::Route::named(NAMES[index]);
        index += 1;
    }
    let once = Some(rt::Once { at: &["text"], keep: Duration::from_secs(60) });
    routes[2].concurrent = Some(3);
    routes[3].concurrent = Some(4);
    routes[4].cancellable = true;
    (routes[5].cancellable, routes[5].concurrent) = (true, Some(2));
    (routes[6].stream, routes[6].concurrent) = (true, Some(3));
    routes[7].stream = true;
    (routes[8].stream, routes[8].deadline) = (true, Some(Duration::from_millis(50)));
    routes[9].idempotent = once;
    (routes[10].idempotent, routes[10].concurrent) = (once, Some(8));
    routes[12].concurrent = Some(8);
    routes
}

impl rt::Protocol for Workshop {
    type Identity = String;
    type Role = rt::NoRole;
    type Incoming = (u16, Words);

    const FORMS: rt::Forms = rt::Forms { plain: true, flat: false, nested: false };
    const ROUTES: &'static [rt::Route] = &const { routes() };
    const FLOWS: &'static [rt::Flow] = &[];
    const EVENTS: &'static [rt::EventInfo] = &[];

    fn find(name: &str) -> Option<u16> {
        NAMES.iter().position(|known| *known == name).map(|index| index as u16)
    }

    fn find_binary(_: u8) -> Option<u16> {
        None
    }

    fn decode(route: u16, r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self::Incoming> {
        Words::decode(r, at).map(|words| (route, words))
    }

    fn decode_binary(_: u16, _: rt::Bytes, _: &mut rt::Report) -> rt::Decoded<Self::Incoming> {
        Err(rt::Fault::Invalid)
    }

    fn append_lane_key((route, words): &Self::Incoming, out: &mut Vec<u8>) -> bool {
        words.to.encode(out);
        *route == 3
    }

    fn append_once_key((_, words): &Self::Incoming, key: &mut Vec<u8>, payload: &mut Vec<u8>) {
        words.text.encode(key);
        words.encode(payload);
    }
}

/// The ask `confirm`.
pub struct Confirm(pub Words);

impl rt::Check for Confirm {
    fn check(&self, report: &mut rt::Report, at: &rt::Path<'_>) {
        self.0.check(report, at);
    }
}

impl rt::Ask<Workshop> for Confirm {
    type Reply = Words;
    type Error = Words;

    const NAME: &'static str = "confirm";
    const DEADLINE: Option<Duration> = None;

    fn append_payload(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode_reply(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Words> {
        Words::decode(r, at)
    }

    fn decode_error(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Words> {
        Words::decode(r, at)
    }
}

/// What happened, and the gates behind which handlers wait.
#[derive(Default)]
pub struct App {
    log: Mutex<Vec<String>>,
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    /// Contexts of connections that have come.
    pub contexts: Mutex<Vec<Cx<Workshop>>>,
}

impl App {
    /// What has begun and ended so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().clone()
    }

    /// How often this has happened.
    pub fn count(&self, what: &str) -> usize {
        self.log.lock().iter().filter(|line| *line == what).count()
    }

    /// Lets one handler of this text go on.
    pub fn open(&self, text: &str) {
        self.gate(text).add_permits(1);
    }

    /// The context of the only connection.
    pub fn cx(&self) -> Cx<Workshop> {
        self.contexts.lock().last().unwrap().clone()
    }

    fn gate(&self, text: &str) -> Arc<Semaphore> {
        let mut gates = self.gates.lock();
        gates.entry(text.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0))).clone()
    }

    fn note(&self, what: &str, text: &str) {
        self.log.lock().push(format!("{what} {text}"));
    }

    async fn wait(&self, text: &str) -> Result<(), Error> {
        let mut running = Running { app: self, text, ended: false };
        self.note("begin", text);
        self.gate(text).acquire().await?.forget();
        running.ended = true;
        Ok(())
    }
}

/// A handler that is not yet at its end; tells whether it got there.
struct Running<'a> {
    app: &'a App,
    text: &'a str,
    ended: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.app.note(if self.ended { "end" } else { "drop" }, self.text);
    }
}

pub struct Wired(pub Arc<App>);

impl rt::Application<Workshop> for Wired {
    async fn handle(
        &self,
        cx: &Cx<Workshop>,
        (route, words): (u16, Words),
        turn: &rt::Turn,
    ) -> Result<(), rt::Rejection> {
        let name = NAMES[usize::from(route)];
        self.chain(cx, name, words, turn).await.map_err(|failure| cx.reject(failure, name))
    }
}

impl Wired {
    async fn chain(
        &self,
        cx: &Cx<Workshop>,
        name: &'static str,
        words: Words,
        turn: &rt::Turn,
    ) -> Result<(), rt::Failure> {
        let app = &*self.0;
        match name {
            "slow" | "side" | "keyed" | "drop" | "drop_side" => {
                rt::guarded("wait", app.wait(&words.text)).await?;
                cx.reply(turn, &words)
            }
            "tail" | "flood" | "short_tail" => {
                let items = cx.items(turn, Words::encode, rt::Check::check);
                rt::guarded("stream", stream(app, &words, &items)).await?;
                cx.done(turn);
                Ok(())
            }
            "once" | "once_side" => {
                rt::guarded("once", app.wait(&words.text)).await?;
                match &*words.to {
                    "refuse" => return Err(rt::Failure::Refused(br#""kind":"no""#.to_vec())),
                    "break" => return Err(rt::Failure::Internal(Error::msg("broken"))),
                    "ok" => {
                        cx.reply_ok(turn);
                        return Ok(());
                    }
                    _ => {}
                }
                let count = app.count(&format!("begin {}", words.text)) as u32;
                cx.reply(turn, &Words { count, ..words })
            }
            "confirm" => {
                let text = match cx.ask(Confirm(words)).await {
                    Ok(words) => format!("yes {}", words.text),
                    Err(AskError::Refused(words)) => format!("no {}", words.text),
                    Err(error) => error.to_string(),
                };
                app.note("heard", &text);
                cx.reply(turn, &Words { text, ..Words::default() })
            }
            "panic_side" => {
                tokio::task::yield_now().await;
                panic!("beside others");
            }
            _ => cx.reply(turn, &words),
        }
    }
}

async fn stream(app: &App, words: &Words, items: &Items<Words>) -> Result<(), Error> {
    let mut running = Running { app, text: &words.text, ended: false };
    app.note("begin", &words.text);
    let item = |count| Words { text: words.to.clone(), count, ..Words::default() };
    for count in 0..words.count {
        items.send(item(count)).await?;
        if words.to.starts_with("loud") {
            app.note("sent", &words.text);
        }
    }
    app.gate(&words.text).acquire().await?.forget();
    running.ended = true;
    Ok(())
}

/// A server that runs in the background.
pub struct Served {
    pub address: SocketAddr,
    pub app: Arc<App>,
    stop: oneshot::Sender<()>,
    done: JoinHandle<Result<(), ServerError>>,
}

pub async fn start() -> Served {
    start_limited(Limits::default()).await
}

pub async fn start_limited(limits: Limits) -> Served {
    let app = Arc::new(App::default());
    let (opened, closed) = (app.clone(), app.clone());
    let server = Server::new(Wired(app.clone()))
        .threads(2)
        .limits(limits)
        .on_open(move |cx| opened.contexts.lock().push(cx.clone()))
        .on_close(move |_| closed.note("gone", ""));
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let address = bound.local_addr();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(bound.run_until(async { drop(stopped.await) }));
    Served { address, app, stop, done }
}

impl Served {
    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Asks the server to stop; what it returns with.
    pub fn stop(self) -> JoinHandle<Result<(), ServerError>> {
        let _ = self.stop.send(());
        self.done
    }

    /// Waits until this has happened so often.
    pub async fn until(&self, what: &str, count: usize) {
        let wait = async {
            while self.app.count(what) < count {
                tokio::task::yield_now().await;
            }
        };
        within(what, wait).await;
    }
}
