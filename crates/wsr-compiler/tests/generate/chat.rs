// Generated from routes.wsr by wsr-compiler 0.1.0.
// Changes are lost with the next build: change routes.wsr instead.

#[allow(
    warnings, unused, deprecated, nonstandard_style, missing_docs, missing_debug_implementations,
    missing_copy_implementations, unreachable_pub, unused_lifetimes, unused_qualifications,
    unused_results, single_use_lifetimes, trivial_casts, trivial_numeric_casts,
    variant_size_differences, elided_lifetimes_in_paths, let_underscore_drop, rustdoc::all,
    clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
)]
pub use routes::{
    AnyMessage,
    Cx,
    Role,
    RoomId,
    Routes,
    Wired,
    serve,
};

#[allow(
    warnings, unused, deprecated, nonstandard_style, missing_docs, missing_debug_implementations,
    missing_copy_implementations, unreachable_pub, unused_lifetimes, unused_qualifications,
    unused_results, single_use_lifetimes, trivial_casts, trivial_numeric_casts,
    variant_size_differences, elided_lifetimes_in_paths, let_underscore_drop, rustdoc::all,
    clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
)]
pub mod routes {
    use ::switchboard::generated as rt;

    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub struct RoomId(String); // RoomId, routes.wsr:10

    impl RoomId {
        /// Takes text that keeps the limits.
        pub fn new(value: impl ::std::convert::Into<String>) -> Result<Self, rt::Invalid> {
            let mut report = rt::Report::new();
            let value: String = value.into();
            Self::checked(value, &mut report, &rt::Path::root()).map_err(|_| report.into())
        }

        /// The text.
        pub fn as_str(&self) -> &str {
            &self.0
        }

        /// The value, without its promise.
        pub fn into_inner(self) -> String {
            self.0
        }

        /// For generated code.
        #[doc(hidden)]
        pub fn checked(
            value: impl ::std::convert::AsRef<str> + ::std::convert::Into<String>,
            report: &mut rt::Report,
            at: &rt::Path<'_>,
        ) -> rt::Decoded<Self> {
            let text: &str = value.as_ref();
            let ok = {
                let bytes = text.as_bytes();
                let holds = (1..=40).contains(&bytes.len())
                    && bytes.iter().all(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'a'..=b'z'));
                if !holds {
                    report.add(at, "match", "/^[a-z0-9-]{1,40}$/", text);
                }
                holds
            };
            if ok { Ok(Self(value.into())) } else { Err(rt::Fault::Invalid) }
        }
    }

    impl rt::Decode for RoomId {
        fn decode(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self> {
            let value = r.string(at)?;
            Self::checked(value, &mut r.report, at)
        }
    }

    impl rt::Encode for RoomId {
        fn encode(&self, out: &mut Vec<u8>) {
            rt::Encode::encode(&self.0, out);
        }
    }

    impl rt::Check for RoomId {
        fn check(&self, _: &mut rt::Report, _: &rt::Path<'_>) {}
    }

    impl ::std::convert::From<RoomId> for String {
        fn from(value: RoomId) -> Self {
            value.into_inner()
        }
    }

    impl ::std::convert::TryFrom<String> for RoomId {
        type Error = rt::Invalid;

        fn try_from(value: String) -> Result<Self, rt::Invalid> {
            Self::new(value)
        }
    }

    impl ::std::convert::TryFrom<&str> for RoomId {
        type Error = rt::Invalid;

        fn try_from(value: &str) -> Result<Self, rt::Invalid> {
            Self::new(value)
        }
    }

    impl ::std::str::FromStr for RoomId {
        type Err = rt::Invalid;

        fn from_str(text: &str) -> Result<Self, rt::Invalid> {
            Self::new(text)
        }
    }

    impl ::std::convert::AsRef<str> for RoomId {
        fn as_ref(&self) -> &str {
            &self.0
        }
    }

    impl ::std::borrow::Borrow<str> for RoomId {
        fn borrow(&self) -> &str {
            &self.0
        }
    }

    impl ::std::ops::Deref for RoomId {
        type Target = str;

        fn deref(&self) -> &str {
            &self.0
        }
    }

    impl ::std::fmt::Display for RoomId {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            ::std::fmt::Display::fmt(&self.0, f)
        }
    }

    impl rt::Key for RoomId {
        fn decode_key(text: &str, report: &mut rt::Report, at: &rt::Path<'_>) -> rt::Decoded<Self> {
            Self::checked(text, report, at)
        }

        fn encode_key(&self, out: &mut Vec<u8>) {
            rt::Key::encode_key(&self.0, out);
        }
    }

    impl rt::TopicPart for RoomId {
        fn append(&self, key: &mut String) {
            rt::TopicPart::append(&self.0, key);
        }
    }

    /// What handlers are given beside the message: who is asking, and what can be done about it.
    pub type Cx = rt::Cx<Routes>;

    /// This protocol, as a type.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Routes;

    /// The kinds of client; a connection may have several.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Role { // roles, routes.wsr:3
        Listener,
    }

    impl Role {
        /// All that are declared, in that order.
        pub fn all() -> &'static [Self] {
            &[Self::Listener]
        }

        /// The name on the wire.
        pub fn as_str(&self) -> &'static str {
            match *self {
                Self::Listener => "listener",
            }
        }
    }

    impl ::std::fmt::Display for Role {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.pad(self.as_str())
        }
    }

    impl rt::Decode for Role {
        fn decode(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self> {
            let text = r.string(at)?;
            rt::Key::decode_key(&text, &mut r.report, at)
        }
    }

    impl rt::Key for Role {
        fn decode_key(text: &str, report: &mut rt::Report, at: &rt::Path<'_>) -> rt::Decoded<Self> {
            match text {
                "listener" => Ok(Self::Listener),
                other => Err(report.add(at, "one_of", "listener", other)),
            }
        }

        fn encode_key(&self, out: &mut Vec<u8>) {
            rt::Encode::encode(self, out);
        }
    }

    impl rt::Encode for Role {
        fn encode(&self, out: &mut Vec<u8>) {
            out.extend_from_slice(match *self {
                Self::Listener => b"\"listener\"",
            });
        }
    }

    impl rt::Check for Role {
        fn check(&self, _: &mut rt::Report, _: &rt::Path<'_>) {}
    }

    impl rt::TopicPart for Role {
        fn append(&self, key: &mut String) {
            rt::TopicPart::append(self.as_str(), key);
        }
    }

    impl rt::RoleName for Role {
        fn index(self) -> u8 {
            self as u8
        }

        fn name(self) -> &'static str {
            self.as_str()
        }

        fn all() -> &'static [Self] {
            Self::all()
        }
    }

    /// Any message, by reference: what a handler declared with `(any)` takes.
    #[derive(Clone, Copy, Debug)]
    pub enum AnyMessage<'a> {
        /// `chat/send`
        ChatSend(&'a super::chat::Send),
        /// `chat/typing`
        ChatTyping(&'a super::chat::Typing),
    }

    impl AnyMessage<'_> {
        /// The full name on the wire.
        pub fn name(&self) -> &'static str {
            match self {
                Self::ChatSend(_) => "chat/send",
                Self::ChatTyping(_) => "chat/typing",
            }
        }
    }

    /// Any message, decoded: holding one proves that it keeps its limits.
    #[derive(Debug)]
    pub enum Incoming {
        /// `chat/send`
        ChatSend(super::chat::Send),
        /// `chat/typing`
        ChatTyping(super::chat::Typing),
    }

    /// A server of this protocol, not yet listening, whose handlers are those of `app`.
    pub fn serve<App_>(app: ::std::sync::Arc<App_>) -> rt::Server<Routes, Wired<App_>>
    where
        App_: super::chat::Handlers,
    {
        rt::Server::new(Wired { app })
    }

    /// An application with its handlers wired to the messages.
    #[derive(Debug)]
    pub struct Wired<App_> {
        app: ::std::sync::Arc<App_>,
    }

    impl<App_> Wired<App_> {
        /// The application.
        pub fn app(&self) -> &::std::sync::Arc<App_> {
            &self.app
        }
    }

    impl<App_> ::std::clone::Clone for Wired<App_> {
        fn clone(&self) -> Self {
            Self { app: ::std::sync::Arc::clone(&self.app) }
        }
    }

    impl<App_> ::std::ops::Deref for Wired<App_> {
        type Target = App_;

        fn deref(&self) -> &App_ {
            &self.app
        }
    }

    impl rt::Protocol for Routes {
        type Identity = rt::Uuid;
        type Role = Role;
        type Incoming = Incoming;

        const FORMS: rt::Forms = rt::Forms { plain: true, flat: true, nested: false };

        const ROUTES: &'static [rt::Route] = &[
            rt::Route {
                rate: Some(rt::Rate {
                    count: 20,
                    per: ::std::time::Duration::from_secs(10),
                    by: rt::RateBy::Connection,
                }),
                flow: Some(0),
                ..rt::Route::named("chat/send")
            },
            rt::Route::named("chat/typing"),
        ];

        const FLOWS: &'static [rt::Flow] = {
            const fn allowed(steps: &[(usize, rt::Step)]) -> [Option<rt::Step>; 2] {
                let mut slots = [None; 2];
                let mut index = 0;
                while index < steps.len() {
                    slots[steps[index].0] = Some(steps[index].1);
                    index += 1;
                }
                slots
            }

            &[
                rt::Flow { // flow session, routes.wsr:60
                    name: "session",
                    start: 0,
                    states: &[
                        rt::FlowState { // state open, routes.wsr:61
                            name: "open",
                            timeout: Some((::std::time::Duration::from_secs(30), rt::Next::End)),
                            steps: &allowed(&[
                                (0, rt::Step::to(rt::Next::Stay).by_roles(0b1)), // chat/send
                            ]),
                        },
                    ],
                },
            ]
        };

        const EVENTS: &'static [rt::EventInfo] = &[
            rt::EventInfo::named("chat/posted", 0),
            rt::EventInfo::named("chat/typing", 1),
        ];

        const SCHEMA: &'static str = ::std::concat!(
            "{\"schema\":1,\"hash\":\"f34784b642e853b8\",\"forms\":{\"plain\":true,",
            "\"flat\":true},\"identity\":{\"is\":\"uuid\"},\"roles\":[{\"name\":\"list",
            "ener\"}],\"types\":[{\"name\":\"RoomId\",\"is\":\"alias\",\"type\":{\"is\":",
            "\"string\",\"match\":\"^[a-z0-9-]{1,40}$\"}},{\"name\":\"chat/Room\",\"",
            "is\":\"struct\",\"fields\":[{\"name\":\"title\",\"type\":{\"is\":\"string\"",
            ",\"len\":{\"min\":1,\"max\":80}}},{\"name\":\"topic\",\"type\":{\"is\":\"st",
            "ring\"},\"optional\":true}]},{\"name\":\"chat/ChatError\",\"is\":\"err",
            "or\",\"tag\":\"kind\",\"variants\":[{\"name\":\"no_such_room\"},{\"name\"",
            ":\"locked\",\"fields\":[{\"name\":\"until\",\"type\":{\"is\":\"timestamp\"",
            "}}]}]}],\"topics\":[{\"name\":\"chat/rooms/{room}\",\"places\":[{\"na",
            "me\":\"room\",\"type\":{\"is\":\"ref\",\"to\":0}}]}],\"events\":[{\"name\":",
            "\"chat/posted\",\"hash\":\"41e3ffee353d75df\",\"fields\":[{\"name\":\"r",
            "oom\",\"type\":{\"is\":\"ref\",\"to\":0}},{\"name\":\"text\",\"type\":{\"is\"",
            ":\"string\",\"len\":{\"min\":1,\"max\":2000}}},{\"name\":\"at\",\"type\":{",
            "\"is\":\"timestamp\"}}]}],\"messages\":[{\"name\":\"chat/send\",\"hash\"",
            ":\"0bd67384f3abbd33\",\"fields\":[{\"name\":\"room\",\"type\":{\"is\":\"r",
            "ef\",\"to\":0}},{\"name\":\"text\",\"type\":{\"is\":\"string\",\"len\":{\"mi",
            "n\":1,\"max\":2000}}}],\"reply\":{},\"error\":2,\"rate\":{\"count\":20,",
            "\"per_ms\":10000,\"by\":\"connection\"},\"sends\":[{\"event\":0,\"to\":{",
            "\"is\":\"topic\",\"topic\":0,\"places\":[[\"room\"]]}}],\"docs\":[\"Post ",
            "to a room.\"]},{\"name\":\"chat/typing\",\"hash\":\"0c8c1725a135b315",
            "\",\"fields\":[{\"name\":\"room\",\"type\":{\"is\":\"ref\",\"to\":0}}],\"rel",
            "ays\":[{\"is\":\"topic\",\"topic\":0,\"places\":[[\"room\"]],\"others\":t",
            "rue}]}],\"flows\":[{\"name\":\"session\",\"covers\":[0],\"start\":0,\"s",
            "tates\":[{\"name\":\"open\",\"after\":{\"ms\":30000,\"end\":true},\"step",
            "s\":[{\"message\":0,\"roles\":[\"listener\"]}]}]}]}",
        );

        fn find(name: &str) -> Option<u16> {
            static NAMES: rt::phf::Map<&str, u16> = rt::phf::Map {
                key: 16263683158343804936,
                disps: &[
                    (0, 0),
                ],
                entries: &[
                    ("chat/send", 0),
                    ("chat/typing", 1),
                ],
            };
            NAMES.get(name).copied()
        }

        fn find_binary(tag: u8) -> Option<u16> {
            match tag {
                _ => None,
            }
        }

        fn encode_identity(identity: &rt::Uuid, out: &mut Vec<u8>) {
            rt::Encode::encode(identity, out);
        }

        fn decode(
            route: u16,
            r: &mut rt::Reader<'_>,
            at: &rt::Path<'_>,
        ) -> rt::Decoded<Incoming> {
            match route {
                0 => rt::Decode::decode(r, at).map(Incoming::ChatSend),
                1 => rt::Decode::decode(r, at).map(Incoming::ChatTyping),
                // No name leads here.
                _ => Err(rt::Fault::Invalid),
            }
        }

        fn decode_binary(
            route: u16,
            body: rt::Bytes,
            report: &mut rt::Report,
        ) -> rt::Decoded<Incoming> {
            match route {
                // No tag leads here.
                _ => Err(rt::Fault::Invalid),
            }
        }
    }

    impl<App_> rt::Application<Routes> for Wired<App_>
    where
        App_: super::chat::Handlers,
    {
        async fn handle(
            &self,
            cx: &Cx,
            incoming: Incoming,
            turn: &rt::Turn,
        ) -> Result<(), rt::Rejection> {
            match incoming {
                Incoming::ChatSend(message) => self.run_chat_send(cx, &message, turn).await,
                Incoming::ChatTyping(message) => self.run_chat_typing(cx, &message, turn).await,
            }
        }
    }

    /// The chains, one a message.
    impl<App_> Wired<App_>
    where
        App_: super::chat::Handlers,
    {
        async fn run_chat_send( // chat/send, routes.wsr:40
            &self,
            cx: &Cx,
            message: &super::chat::Send,
            turn: &rt::Turn,
        ) -> Result<(), rt::Rejection> {
            let app = &*self.app;
            let failed = |failure| cx.reject(failure, "chat/send");

            let censor = rt::guarded(
                "chat::censor",
                super::chat::Handlers::censor(app, cx, message),
            ).await;
            censor.map_err(failed)?;

            let (store, index) = rt::join!(
                rt::guarded(
                    "chat::store",
                    super::chat::Handlers::store(app, cx, message),
                ),
                rt::guarded(
                    "chat::index",
                    super::chat::Handlers::index(app, cx, message),
                ),
            );
            let store = store.and_then(|posted| {
                rt::checked(&posted)?;
                let topic = super::chat::rooms(&message.room);
                cx.deliver(turn, rt::Audience::Topic(topic.address()), &posted)?;
                Ok(())
            }).map_err(failed);
            let index = index.map_err(failed);
            store?;
            index?;

            cx.reply_ok(turn);
            Ok(())
        }

        async fn run_chat_typing( // chat/typing, routes.wsr:50
            &self,
            cx: &Cx,
            message: &super::chat::Typing,
            turn: &rt::Turn,
        ) -> Result<(), rt::Rejection> {
            let app = &*self.app;
            let failed = |failure| cx.reject(failure, "chat/typing");

            let relayed = {
                const INFO: &'static rt::EventInfo = &<Routes as rt::Protocol>::EVENTS[1];
                const PREFIX: &[u8] = b"{\"name\":\"chat/typing\",\"payload\":";
                let topic = super::chat::rooms(&message.room);
                cx.relay(turn, rt::Audience::OthersInTopic(topic.address()), INFO, PREFIX, message)
            };
            relayed.map_err(failed)?;
            Ok(())
        }
    }

    // A runtime of another version does not have this constant: use the same version of
    // `switchboard` and `switchboard-build`.
    const _: () = rt::RUNTIME_0_1;
}

#[allow(
    warnings, unused, deprecated, nonstandard_style, missing_docs, missing_debug_implementations,
    missing_copy_implementations, unreachable_pub, unused_lifetimes, unused_qualifications,
    unused_results, single_use_lifetimes, trivial_casts, trivial_numeric_casts,
    variant_size_differences, elided_lifetimes_in_paths, let_underscore_drop, rustdoc::all,
    clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
)]
/// People talk.
pub mod chat {
    use ::switchboard::generated as rt;

    use super::Cx;

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub struct Room { // chat/Room, routes.wsr:10
        pub title: String,
        pub topic: Option<String>,
    }

    impl rt::Decode for Room {
        fn decode(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self> {
            r.object(at)?;
            let mut title = rt::Slot::<String>::new();
            let mut topic_ = rt::Slot::<String>::new();
            while let Some(key) = r.next_key()? {
                match &*key {
                    "title" => title.read(r, &at.key("title"), |r, at| {
                        let text = r.string(at)?;
                        let ok = rt::limit::text_len(
                            &mut r.report,
                            at,
                            &text,
                            1,
                            Some(80),
                            "1..=80",
                        );
                        if ok { Ok(text.into_owned()) } else { Err(rt::Fault::Invalid) }
                    })?,
                    "topic" => topic_.read(r, &at.key("topic"), rt::Decode::decode)?,
                    key => r.unknown_key(at, key)?,
                }
            }
            let title = title.required(r, &at.key("title"));
            let topic_ = topic_.optional();
            Ok(Self { title: title?, topic: topic_? })
        }
    }

    impl rt::Encode for Room {
        fn encode(&self, out: &mut Vec<u8>) {
            out.extend_from_slice(b"{\"title\":");
            rt::Encode::encode(&self.title, out);
            if let Some(value) = &self.topic {
                out.extend_from_slice(b",\"topic\":");
                rt::Encode::encode(value, out);
            }
            out.push(b'}');
        }
    }

    impl rt::Check for Room {
        fn check(&self, report: &mut rt::Report, at: &rt::Path<'_>) {
            rt::limit::text_len(report, &at.key("title"), &self.title, 1, Some(80), "1..=80");
        }
    }

    #[derive(Debug)]
    pub enum ChatError { // chat/ChatError, routes.wsr:10
        NoSuchRoom,
        Locked {
            until: rt::Timestamp,
        },
        /// Anything else: logged with its causes; the peer hears `internal` and an id.
        Internal(rt::Error),
    }

    /// What `?` does with any other error.
    impl<E_: ::std::convert::Into<rt::Error>> ::std::convert::From<E_> for ChatError {
        fn from(error: E_) -> Self {
            Self::Internal(error.into())
        }
    }

    impl rt::Check for ChatError {
        fn check(&self, report: &mut rt::Report, at: &rt::Path<'_>) {
            match self {
                Self::Locked { until } => {
                    rt::Check::check(until, report, &at.key("until"));
                }
                _ => {}
            }
        }
    }

    impl rt::IntoFailure for ChatError {
        fn into_failure(self) -> rt::Failure {
            let mut report = rt::Report::new();
            rt::Check::check(&self, &mut report, &rt::Path::root());
            if !report.is_empty() {
                return rt::Invalid::from(report).into();
            }
            let mut bytes = Vec::new();
            let out = &mut bytes;
            match self {
                Self::NoSuchRoom => {
                    out.extend_from_slice(b"\"kind\":\"no_such_room\"");
                }
                Self::Locked { until } => {
                    out.extend_from_slice(b"\"kind\":\"locked\",\"until\":");
                    rt::Encode::encode(&until, out);
                }
                Self::Internal(error) => return rt::Failure::Internal(error),
            }
            rt::Failure::Refused(bytes)
        }
    }

    /// Stands for the topics `chat/rooms/{room}`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Rooms; // chat/rooms/{room}, routes.wsr:20

    /// The topic `chat/rooms/{room}`.
    pub fn rooms(room: &super::RoomId) -> rt::Topic<Rooms> { // chat/rooms/{room}, routes.wsr:20
        const LINE: rt::TopicInfo = rt::TopicInfo::named("chat/rooms");
        let mut topic_name = String::from("chat/rooms/");
        rt::TopicPart::append(room, &mut topic_name);
        rt::Topic::new(topic_name, &LINE)
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub struct Posted { // chat/posted, routes.wsr:30
        pub room: super::RoomId,
        pub text: String,
        pub at: rt::Timestamp,
    }

    impl rt::Encode for Posted {
        fn encode(&self, out: &mut Vec<u8>) {
            out.extend_from_slice(b"{\"room\":");
            rt::Encode::encode(&self.room, out);
            out.extend_from_slice(b",\"text\":");
            rt::Encode::encode(&self.text, out);
            out.extend_from_slice(b",\"at\":");
            rt::Encode::encode(&self.at, out);
            out.push(b'}');
        }
    }

    impl rt::Check for Posted {
        fn check(&self, report: &mut rt::Report, at: &rt::Path<'_>) {
            rt::limit::text_len(report, &at.key("text"), &self.text, 1, Some(2000), "1..=2000");
            rt::Check::check(&self.at, report, &at.key("at"));
        }
    }

    impl rt::Event<super::Routes> for Posted {
        const INFO: &'static rt::EventInfo = &<super::Routes as rt::Protocol>::EVENTS[0];

        fn append_frame(&self, out: &mut Vec<u8>) {
            const PREFIX: &[u8] = b"{\"name\":\"chat/posted\",\"payload\":";
            rt::append_event(out, PREFIX, |out| rt::Encode::encode(self, out));
        }
    }

    impl rt::ToTopic<Rooms> for Posted {}

    /// Post to a room.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub struct Send { // chat/send, routes.wsr:40
        pub room: super::RoomId,
        pub text: String,
    }

    impl rt::Decode for Send {
        fn decode(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self> {
            r.object(at)?;
            let mut room = rt::Slot::<super::RoomId>::new();
            let mut text = rt::Slot::<String>::new();
            while let Some(key) = r.next_key()? {
                match &*key {
                    "room" => room.read(r, &at.key("room"), rt::Decode::decode)?,
                    "text" => text.read(r, &at.key("text"), |r, at| {
                        let text = r.string(at)?;
                        let ok = rt::limit::text_len(
                            &mut r.report,
                            at,
                            &text,
                            1,
                            Some(2000),
                            "1..=2000",
                        );
                        if ok { Ok(text.into_owned()) } else { Err(rt::Fault::Invalid) }
                    })?,
                    key => r.unknown_key(at, key)?,
                }
            }
            let room = room.required(r, &at.key("room"));
            let text = text.required(r, &at.key("text"));
            Ok(Self { room: room?, text: text? })
        }
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub struct Typing { // chat/typing, routes.wsr:50
        pub room: super::RoomId,
    }

    impl rt::Decode for Typing {
        fn decode(r: &mut rt::Reader<'_>, at: &rt::Path<'_>) -> rt::Decoded<Self> {
            r.object(at)?;
            let mut room = rt::Slot::<super::RoomId>::new();
            while let Some(key) = r.next_key()? {
                match &*key {
                    "room" => room.read(r, &at.key("room"), rt::Decode::decode)?,
                    key => r.unknown_key(at, key)?,
                }
            }
            let room = room.required(r, &at.key("room"));
            Ok(Self { room: room? })
        }
    }

    impl rt::Encode for Typing {
        fn encode(&self, out: &mut Vec<u8>) {
            out.extend_from_slice(b"{\"room\":");
            rt::Encode::encode(&self.room, out);
            out.push(b'}');
        }
    }

    /// What the application does with the namespace `chat`.
    ///
    /// Methods are plain `async fn`; `?` takes any error.
    #[diagnostic::on_unimplemented(
        message = "no handlers for namespace `chat`: `impl chat::Handlers for {Self}` is missing",
        label = "has no `impl chat::Handlers`",
        note = "routes.wsr needs it for `chat/send`"
    )]
    pub trait Handlers: ::std::marker::Send + Sync + 'static {
        /// Post to a room.
        fn censor(&self, cx: &Cx, message: &Send) -> impl rt::Reply<(), ChatError>; // chat/send, routes.wsr:41
        /// Post to a room.
        fn store(&self, cx: &Cx, message: &Send) -> impl rt::Reply<Posted, ChatError>; // chat/send, routes.wsr:42
        /// Post to a room.
        fn index(&self, cx: &Cx, message: &Send) -> impl rt::Reply<(), ChatError>; // chat/send, routes.wsr:43
    }
}
