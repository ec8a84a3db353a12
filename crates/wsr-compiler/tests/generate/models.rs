//! Models made by hand.

use std::time::Duration;

use wsr_compiler::model::*;
use wsr_compiler::source::Span;

/// Two rooms' worth of chat: every kind of item once.
pub fn chat() -> Model {
    let room_limits = Limits { pattern: Some("^[a-z0-9-]{1,40}$".to_owned()), ..Limits::default() };
    let room = || ty(Shape::Named(0));
    Model {
        protocol: None,
        accepts: Accepts { plain: true, flat: true, nested: false },
        identity: Some(ty(Shape::Uuid)),
        mailbox_history: None,
        roles: vec![Role { name: "listener".to_owned(), origin: origin(3) }],
        namespaces: vec![
            Namespace::default(),
            Namespace {
                path: vec!["chat".to_owned()],
                wire: vec!["chat".to_owned()],
                parent: Some(0),
                docs: vec!["People talk.".to_owned()],
            },
        ],
        types: vec![
            alias("RoomId", limited(Shape::String, room_limits)),
            def(
                "Room",
                TypeKind::Struct(vec![
                    field("title", limited(Shape::String, len(1, 80))),
                    Field { optional: true, ..field("topic", ty(Shape::String)) },
                ]),
            ),
            def(
                "ChatError",
                TypeKind::Error(vec![
                    variant("no_such_room", Vec::new()),
                    variant("locked", vec![field("until", ty(Shape::Timestamp))]),
                ]),
            ),
        ],
        topics: vec![Topic {
            name: "rooms".to_owned(),
            namespace: 1,
            segments: vec![
                Segment::Literal("rooms".to_owned()),
                Segment::Place { name: "room".to_owned(), ty: room() },
            ],
            history: None,
            authorize: false,
            presence: None,
            origin: origin(20),
        }],
        events: vec![Event {
            name: "posted".to_owned(),
            wire: "chat/posted".to_owned(),
            namespace: 1,
            payload: Payload::Fields(vec![
                field("room", room()),
                field("text", limited(Shape::String, len(1, 2000))),
                field("at", ty(Shape::Timestamp)),
            ]),
            binary: None,
            target: None,
            open: false,
            audit: false,
            overflow: None,
            origin: origin(30),
        }],
        messages: vec![send(room()), typing(room())],
        asks: Vec::new(),
        any_handlers: Vec::new(),
        flows: vec![Flow {
            name: "session".to_owned(),
            on: None,
            covers: vec![0],
            states: vec![State {
                name: "open".to_owned(),
                timeout: Some((Duration::from_secs(30), Next::End)),
                steps: vec![Step { message: 0, roles: vec![0], member: false, next: Next::Stay }],
                origin: origin(61),
            }],
            start: 0,
            origin: origin(60),
        }],
    }
}

fn send(room: Type) -> Message {
    let topic = TopicRef { topic: 0, places: vec![vec!["room".to_owned()]] };
    let reply = Outcome::Reply(Reply { ty: None, error: Some(2) });
    let posted = Outcome::Deliver { event: 0, optional: false, target: Some(Target::Topic(topic)) };
    let fields = vec![field("room", room), field("text", limited(Shape::String, len(1, 2000)))];
    let chain = vec![
        vec![handler("censor", 41, Vec::new())],
        vec![handler("store", 42, vec![reply, posted]), handler("index", 43, Vec::new())],
    ];
    let mut message = message("send", 40, fields, chain);
    message.origin.docs = vec!["Post to a room.".to_owned()];
    message.rate = Some(Rate { count: 20, per: Duration::from_secs(10), by: RateBy::Connection });
    message
}

fn typing(room: Type) -> Message {
    let topic = TopicRef { topic: 0, places: vec![vec!["room".to_owned()]] };
    let relay = Handling {
        handler: Handler::Relay(Target::OthersInTopic(topic)),
        outcomes: Vec::new(),
        lenient: false,
        span: Span::default(),
        line: 50,
    };
    message("typing", 50, vec![field("room", room)], vec![vec![relay]])
}

fn message(name: &str, line: u32, fields: Vec<Field>, chain: Vec<Vec<Handling>>) -> Message {
    Message {
        name: name.to_owned(),
        wire: format!("chat/{name}"),
        namespace: 1,
        payload: Payload::Fields(fields),
        open: false,
        binary: None,
        rate: None,
        limit: None,
        deadline: None,
        audit: false,
        concurrent: None,
        cancellable: false,
        idempotent: None,
        chain,
        origin: origin(line),
    }
}

fn handler(name: &str, line: u32, outcomes: Vec<Outcome>) -> Handling {
    let handler = Handler::Method { namespace: 1, name: name.to_owned() };
    Handling { handler, outcomes, lenient: false, span: Span::default(), line }
}

/// An alias in the root.
pub fn alias(name: &str, ty: Type) -> TypeDef {
    TypeDef { namespace: 0, ..def(name, TypeKind::Alias(ty)) }
}

fn def(name: &str, kind: TypeKind) -> TypeDef {
    TypeDef {
        name: name.to_owned(),
        namespace: 1,
        kind,
        secret: false,
        open: false,
        tag: TypeDef::TAG.to_owned(),
        inline: false,
        origin: origin(10),
    }
}

fn variant(name: &str, fields: Vec<Field>) -> Variant {
    Variant { name: name.to_owned(), wire: name.to_owned(), fields, origin: origin(11) }
}

fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        wire: name.to_owned(),
        ty,
        optional: false,
        default: None,
        secret: false,
        boxed: false,
        origin: origin(12),
    }
}

/// A type without limits.
pub fn ty(shape: Shape) -> Type {
    limited(shape, Limits::default())
}

/// A type with limits.
pub fn limited(shape: Shape, limits: Limits) -> Type {
    Type { shape, limits, nullable: false, span: Span::default() }
}

fn len(min: u64, max: u64) -> Limits {
    Limits { len: Some(Bounds { min, max: Some(max) }), ..Limits::default() }
}

fn origin(line: u32) -> Origin {
    Origin { line, ..Origin::default() }
}
