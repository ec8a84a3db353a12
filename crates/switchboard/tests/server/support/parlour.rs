//! The protocol of the tests, as a generator might have written it, and its application.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use switchboard::generated as rt;
use switchboard::generated::{Decode, Encode, RoleName, TopicPart};
use switchboard::{ConnectionId, Cx, Error};
use tokio::sync::Semaphore;

const _: () = rt::RUNTIME_0_1;

/// With `TIMED`, a connection has a moment to say `parlour/greet`.
pub struct Parlour<const TIMED: bool = false>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Host,
    Guest,
}

impl RoleName for Role {
    fn index(self) -> u8 {
        self as u8
    }

    fn name(self) -> &'static str {
        ["host", "guest"][self as usize]
    }

    fn all() -> &'static [Self] {
        &[Self::Host, Self::Guest]
    }
}

/// The payload of every message here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    pub text: String,
    pub to: String,
    pub count: u32,
}

impl Decode for Words {
    fn decode(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self> {
        let (mut text, mut to, mut count) = (rt::Slot::new(), rt::Slot::new(), rt::Slot::new());
        r.object(at)?;
        while let Some(key) = r.next_key()? {
            match &*key {
                "text" => text.read(r, &at.key("text"), String::decode)?,
                "to" => to.read(r, &at.key("to"), String::decode)?,
                "count" => count.read(r, &at.key("count"), u32::decode)?,
                key => r.unknown_key(at, key)?,
            }
        }
        let (text, to) = (text.or_default(String::new), to.or_default(String::new));
        let count = count.or_default(|| 0);
        Ok(Self { text: text?, to: to?, count: count? })
    }
}

impl Encode for Words {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"text\":");
        rt::write::string(out, &self.text);
        out.extend_from_slice(b",\"count\":");
        rt::write::int(out, self.count);
        out.push(b'}');
    }
}

impl rt::Check for Words {
    fn check(&self, report: &mut rt::Report, at: &rt::Path<'_>) {
        if self.text == "too rude to send" {
            report.add(&at.key("text"), "match", "something polite", &self.text);
        }
    }
}

/// The event `parlour/said`, to everybody and everything.
#[derive(Clone, Debug)]
pub struct Said(pub Words);

impl Said {
    pub fn new(text: &str) -> Self {
        Self(Words { text: text.into(), ..Words::default() })
    }
}

impl rt::Check for Said {
    fn check(&self, report: &mut rt::Report, at: &rt::Path<'_>) {
        self.0.check(report, at);
    }
}

impl<const TIMED: bool> rt::Event<Parlour<TIMED>> for Said {
    const INFO: &'static rt::EventInfo = &EVENTS[0];

    fn append_frame(&self, out: &mut Vec<u8>) {
        rt::append_event(out, br#"{"name":"parlour/said","payload":"#, |out| self.0.encode(out));
    }
}

impl rt::ToAll for Said {}
impl rt::ToAll for Blob {}
impl rt::ToMailbox for Said {}
impl rt::ToRole for Said {}
impl rt::ToTopic<Rooms> for Said {}

/// The event `parlour/told`, of which the log hears.
pub struct Told;

impl rt::Check for Told {
    fn check(&self, _: &mut rt::Report, _: &rt::Path<'_>) {}
}

impl<const TIMED: bool> rt::Event<Parlour<TIMED>> for Told {
    const INFO: &'static rt::EventInfo = &EVENTS[1];

    fn append_frame(&self, out: &mut Vec<u8>) {
        rt::append_event(out, br#"{"name":"parlour/told","payload":"#, |out| out.extend_from_slice(b"{}"));
    }
}

/// The event `parlour/blob`, binary.
pub struct Blob(pub rt::Bytes);

impl rt::Check for Blob {
    fn check(&self, _: &mut rt::Report, _: &rt::Path<'_>) {}
}

impl<const TIMED: bool> rt::Event<Parlour<TIMED>> for Blob {
    const INFO: &'static rt::EventInfo = &EVENTS[2];

    fn append_frame(&self, out: &mut Vec<u8>) {
        rt::append_binary(out, 0x12, |out| out.extend_from_slice(&self.0));
    }
}

const EVENTS: [rt::EventInfo; 4] = [
    rt::EventInfo::named("parlour/said", 0),
    rt::EventInfo { audit: true, ..rt::EventInfo::named("parlour/told", 1) },
    rt::EventInfo::named("parlour/blob", 2),
    rt::EventInfo::named("parlour/tell_others", 3),
];

/// Marker of `topic rooms/{room}`.
pub struct Rooms;

pub fn rooms(room: &str) -> rt::Topic<Rooms> {
    let mut key = String::from("parlour/rooms/");
    room.append(&mut key);
    const LINE: rt::TopicInfo = rt::TopicInfo::named("parlour/rooms");
    rt::Topic::new(key, &LINE)
}

/// Marker of `@presence(string(len ..=10)) topic tables/{table}`.
pub struct Tables;

impl rt::Attended for Tables {
    type State = String;

    fn encode(state: &String, out: &mut Vec<u8>) {
        state.encode(out);
    }

    fn check(state: &String, report: &mut rt::Report, at: &rt::Path<'_>) {
        rt::limit::text_len(report, at, state, 0, Some(10), "..=10");
    }
}

impl rt::ToTopic<Tables> for Said {}

pub fn tables(table: &str) -> rt::Topic<Tables> {
    const LINE: rt::TopicInfo = rt::TopicInfo { presence: true, ..rt::TopicInfo::named("parlour/tables") };
    let mut key = String::from("parlour/tables/");
    table.append(&mut key);
    rt::Topic::new(key, &LINE)
}

const NAMES: [&str; 46] = [
    "parlour/echo",
    "parlour/shout",
    "parlour/tell_others",
    "parlour/sign_in",
    "parlour/sign_out",
    "parlour/join",
    "parlour/leave",
    "parlour/post",
    "parlour/post_to_others",
    "parlour/note",
    "parlour/to_hosts",
    "parlour/wait",
    "parlour/never",
    "parlour/panic",
    "parlour/panic_outside",
    "parlour/fail",
    "parlour/refuse",
    "parlour/often",
    "parlour/small",
    "parlour/large",
    "parlour/blob",
    "parlour/greet",
    "parlour/serve_tea",
    "parlour/go",
    "parlour/close",
    "parlour/notes",
    "parlour/often_by_address",
    "parlour/take_roles",
    "parlour/audited",
    "parlour/join_and_wait",
    "parlour/join_and_post",
    "parlour/join_and_refuse",
    "parlour/join_and_fail",
    "parlour/join_and_panic",
    "parlour/join_and_never",
    "parlour/join_both_and_wait",
    "parlour/leave_and_wait",
    "parlour/leave_and_refuse",
    "parlour/sit",
    "parlour/sit_in_mood",
    "parlour/sit_if_allowed",
    "parlour/sit_and_refuse",
    "parlour/stand",
    "parlour/mood",
    "parlour/join_slowly",
    "parlour/leave_slowly",
];

const fn route(index: usize) -> rt::Route {
    rt::Route::named(NAMES[index])
}

const fn routes() -> [rt::Route; NAMES.len()] {
    let mut routes = [route(0); NAMES.len()];
    let mut index = 0;
    while index < routes.len() {
        routes[index] = route(index);
        index += 1;
    }
    let hour = Duration::from_secs(3_600);
    routes[12].deadline = Some(Duration::from_millis(50));
    routes[17].rate = Some(rt::Rate { count: 2, per: hour, by: rt::RateBy::Connection });
    routes[18].limit = Some(100);
    routes[19].limit = Some(100 * 1_024);
    routes[21].flow = Some(0);
    routes[22].flow = Some(0);
    routes[23].flow = Some(0);
    routes[26].rate = Some(rt::Rate { count: 3, per: hour, by: rt::RateBy::Address });
    routes[28].audit = true;
    routes[34].deadline = Some(Duration::from_millis(50));
    routes
}

const fn steps(allowed: &[(usize, rt::Step)]) -> [Option<rt::Step>; NAMES.len()] {
    let mut steps = [None; NAMES.len()];
    let mut index = 0;
    while index < allowed.len() {
        steps[allowed[index].0] = Some(allowed[index].1);
        index += 1;
    }
    steps
}

static OUTSIDE: [Option<rt::Step>; NAMES.len()] = steps(&[(21, rt::Step::to(rt::Next::State(1)))]);
static INSIDE: [Option<rt::Step>; NAMES.len()] =
    steps(&[(22, rt::Step::to(rt::Next::Stay).by_roles(1)), (23, rt::Step::to(rt::Next::End))]);

const fn flow(timeout: Option<(Duration, rt::Next)>) -> rt::Flow {
    rt::Flow { name: "visit", start: 0, states: if timeout.is_some() { &TIMED_STATES } else { &STATES } }
}

const STATES: [rt::FlowState; 2] = [
    rt::FlowState { name: "outside", timeout: None, steps: &OUTSIDE },
    rt::FlowState { name: "inside", timeout: None, steps: &INSIDE },
];
const TIMED_STATES: [rt::FlowState; 2] = [
    rt::FlowState { name: "outside", timeout: SHORT, steps: &OUTSIDE },
    rt::FlowState { name: "inside", timeout: None, steps: &INSIDE },
];
const SHORT: Option<(Duration, rt::Next)> = Some((Duration::from_millis(600), rt::Next::End));

impl<const TIMED: bool> rt::Protocol for Parlour<TIMED> {
    type Identity = String;
    type Role = Role;
    type Incoming = (u16, Words);

    const FORMS: rt::Forms = rt::Forms { plain: true, flat: true, nested: true };
    const ROUTES: &'static [rt::Route] = &const { routes() };
    const FLOWS: &'static [rt::Flow] = if TIMED { &const { [flow(SHORT)] } } else { &const { [flow(None)] } };
    const EVENTS: &'static [rt::EventInfo] = &EVENTS;
    /// Of its names, three.
    const SCHEMA: &'static str = r#"{"schema":1,"hash":"00000000000000aa",
        "messages":[{"name":"parlour/echo","hash":"0000000000000001"},{"name":"parlour/shout","hash":"0000000000000002"}],
        "events":[{"name":"parlour/said","hash":"0000000000000003"}]}"#;

    fn find(name: &str) -> Option<u16> {
        NAMES.iter().position(|known| *known == name).map(|index| index as u16)
    }

    fn find_binary(tag: u8) -> Option<u16> {
        (tag == 0x11).then_some(20)
    }

    fn decode(route: u16, r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self::Incoming> {
        Words::decode(r, at).map(|words| (route, words))
    }

    fn decode_binary(route: u16, body: rt::Bytes, report: &mut rt::Report) -> rt::Decoded<Self::Incoming> {
        if body.is_empty() {
            return Err(report.add(&rt::Path::root().key("data"), "length", "at least 1 byte", 0));
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        Ok((route, Words { text, ..Words::default() }))
    }
}

/// The application's state, and what the tests look at.
pub struct App {
    /// `parlour/wait` takes one permit and goes on.
    pub gate: Semaphore,
    /// Messages whose handler has begun.
    pub begun: AtomicUsize,
    /// Connections that have come.
    pub opened: Mutex<Vec<ConnectionId>>,
    /// Whose connections have gone.
    pub closed: Mutex<Vec<Option<String>>>,
}

impl Default for App {
    fn default() -> Self {
        let (opened, closed) = (Mutex::default(), Mutex::default());
        Self { gate: Semaphore::new(0), begun: AtomicUsize::new(0), opened, closed }
    }
}

impl App {
    pub fn opened(&self, id: ConnectionId) {
        self.opened.lock().push(id);
    }

    pub fn closed(&self, identity: Option<String>) {
        self.closed.lock().push(identity);
    }

    pub fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    async fn authorize(&self, is_host: bool) -> Result<bool, Error> {
        // As in `member`: the claim is there.
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.wait().await?;
        Ok(is_host)
    }

    async fn refuse(&self) -> Result<(), Refusal> {
        Err(Refusal)
    }

    async fn wait(&self) -> Result<(), Error> {
        self.gate.acquire().await?.forget();
        Ok(())
    }

    async fn panic(&self) -> Result<(), Error> {
        tokio::task::yield_now().await;
        panic!("in a handler");
    }

    async fn fail(&self) -> Result<(), Error> {
        let number = "none".parse::<u8>()?;
        Err(Error::msg(number))
    }
}

struct Refusal;

impl rt::IntoFailure for Refusal {
    fn into_failure(self) -> rt::Failure {
        rt::Failure::Refused(br#""kind":"no_mood","until":7"#.to_vec())
    }
}

/// What generated code would wire: the chains.
pub struct Wired(pub Arc<App>);

impl<const TIMED: bool> rt::Application<Parlour<TIMED>> for Wired {
    async fn handle(
        &self,
        cx: &Cx<Parlour<TIMED>>,
        (route, words): (u16, Words),
        turn: &rt::Turn,
    ) -> Result<(), rt::Rejection> {
        let app = &*self.0;
        let name = NAMES[usize::from(route)];
        let claims = ["parlour/join_", "parlour/leave_", "parlour/sit_if_allowed"];
        if !claims.iter().any(|claim| name.starts_with(claim)) {
            app.begun.fetch_add(1, Ordering::SeqCst);
        }
        self.chain(app, cx, name, words, turn).await.map_err(|failure| cx.reject(failure, name))
    }
}

impl Wired {
    async fn chain<const TIMED: bool>(
        &self,
        app: &App,
        cx: &Cx<Parlour<TIMED>>,
        name: &'static str,
        words: Words,
        turn: &rt::Turn,
    ) -> Result<(), rt::Failure> {
        use rt::Audience;

        let room = rooms(&words.to);
        let said = Said(words.clone());
        // Generated code asks this of everything that a handler returned.
        rt::checked(&said)?;
        match name.trim_start_matches("parlour/") {
            "echo" | "small" | "large" => return cx.reply(turn, &words),
            "shout" => cx.deliver(turn, Audience::All, &said)?,
            "tell_others" => {
                let prefix = br#"{"name":"parlour/tell_others","payload":"#;
                cx.relay(turn, Audience::Others, &EVENTS[3], prefix, &words)?;
            }
            "sign_in" => {
                let roles = Role::all().iter().copied().filter(|role| words.text.contains(role.name()));
                cx.identify(words.to.clone(), roles);
            }
            "sign_out" => cx.sign_out(),
            "take_roles" => {
                cx.set_roles(Role::all().iter().copied().filter(|role| words.text.contains(role.name())));
            }
            "join" => cx.join(turn, &room)?,
            "leave" => cx.leave(turn, &room),
            "mood" => cx.set_presence(&tables(&words.to), words.text.clone())?,
            "stand" => cx.leave(turn, &tables(&words.to)),
            name if name.starts_with("sit") => self.sit(app, cx, name, &words, turn).await?,
            name if name.starts_with("join_") || name.starts_with("leave_") => {
                return self.member(app, cx, name, &words, turn).await;
            }
            "post" => cx.deliver(turn, Audience::Topic(room.address()), &said)?,
            "post_to_others" => cx.deliver(turn, Audience::OthersInTopic(room.address()), &said)?,
            "note" => cx.deliver(turn, Audience::Mailbox(&words.to), &said)?,
            "notes" => {
                let to = words.to.split(',').map(str::to_owned).collect::<Vec<_>>();
                cx.deliver_each(turn, &to, &said)?;
            }
            "to_hosts" => cx.deliver(turn, Audience::Roles(0b11), &said)?,
            "wait" => rt::guarded("parlour::wait", app.wait()).await?,
            "never" => std::future::pending::<()>().await,
            "panic" => rt::guarded("parlour::panic", app.panic()).await?,
            "panic_outside" => panic!("outside of handlers"),
            "fail" => rt::guarded("parlour::fail", app.fail()).await?,
            "refuse" => rt::guarded("parlour::refuse", app.refuse()).await?,
            "audited" if words.text == "tell" => cx.deliver(turn, Audience::Others, &Told)?,
            "blob" => cx.deliver(turn, Audience::All, &Blob(words.text.into()))?,
            "close" => cx.close(4_100, "you said so"),
            _ => {}
        }
        cx.reply_ok(turn);
        Ok(())
    }

    /// Joins a table.
    async fn sit<const TIMED: bool>(
        &self,
        app: &App,
        cx: &Cx<Parlour<TIMED>>,
        name: &str,
        words: &Words,
        turn: &rt::Turn,
    ) -> Result<(), rt::Failure> {
        let table = tables(&words.to);
        match name {
            "sit_in_mood" => cx.set_presence(&table, words.text.clone())?,
            "sit_if_allowed" => {
                let allowed = rt::guarded("parlour::authorize_tables", app.authorize(cx.has_role(Role::Host)));
                return cx.join_if(turn, &table, allowed).await;
            }
            _ => {}
        }
        cx.join(turn, &table)?;
        if name == "sit_and_refuse" {
            rt::guarded("parlour::refuse", app.refuse()).await?;
        }
        Ok(())
    }

    /// Joins or leaves, and then something else happens; what can be waited for waits.
    async fn member<const TIMED: bool>(
        &self,
        app: &App,
        cx: &Cx<Parlour<TIMED>>,
        name: &'static str,
        words: &Words,
        turn: &rt::Turn,
    ) -> Result<(), rt::Failure> {
        let room = rooms(&words.to);
        if name.starts_with("leave") {
            cx.leave(turn, &room);
        } else {
            cx.join(turn, &room)?;
        }
        if name == "join_both_and_wait" {
            cx.join(turn, &rooms(&words.text))?;
        }
        // Tests wait for this, and then send what has to find the claim.
        app.begun.fetch_add(1, Ordering::SeqCst);
        match name.rsplit('_').next() {
            Some("post") => cx.deliver(turn, rt::Audience::Topic(room.address()), &Said(words.clone()))?,
            Some("never") => std::future::pending::<()>().await,
            Some("slowly") => tokio::task::yield_now().await,
            _ => rt::guarded("parlour::wait", app.wait()).await?,
        }
        match name.rsplit('_').next() {
            Some("fail") => rt::guarded("parlour::fail", app.fail()).await?,
            Some("panic") => rt::guarded("parlour::panic", app.panic()).await?,
            Some("refuse") => rt::guarded("parlour::refuse", app.refuse()).await?,
            _ => {}
        }
        cx.reply_ok(turn);
        Ok(())
    }
}
